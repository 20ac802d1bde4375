//! Tells an app or a test of each message that arrives, as Mailpit's webhook does: a POST with its summary.
//!
//! One request at a time, in the order of arrival. The messages that wait are those of the inbox, up to a
//! limit; what is left out is said in the log.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;

use crate::wire::http_client::direct_client;
use crate::wire::inbox::Inbox;
use crate::wire::inbox::mailpit::Item;
use crate::wire::inbox::message::StoredMessage;
use crate::wire::mail_log::{MailLog, origin};
use crate::wire::scanner::{LOCALHOST, is_here};

/// The maximum number of messages that wait for the webhook; the oldest ones are skipped.
pub(super) const QUEUE_MAX: usize = 1_000;

/// How often a request is sent until it is given up.
const ATTEMPTS: usize = 3;

/// The real time before the second attempt; it doubles with each.
const PAUSE: Duration = Duration::from_millis(100);

/// The real time that a request may take.
const REQUEST_MAX: Duration = Duration::from_secs(5);

/// A webhook that is not called unless it has a URL.
#[derive(Debug, Default)]
pub(super) struct Webhook(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    url: Option<Url>,
    counts: Arc<Counts>,
    /// The task that calls the URL.
    _task: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Counts {
    delivered: AtomicU64,
    failed: AtomicU64,
}

/// Why a URL cannot be called.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotCalled {
    /// It is not a URL of this machine.
    #[error("{0:?} is not an http URL of this machine, such as http://127.0.0.1:3000/mail")]
    Elsewhere(String),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

impl Webhook {
    /// Calls this URL for each message that arrives from now on, and none other.
    ///
    /// Must be called within a tokio runtime.
    pub(super) fn call(&self, text: &str, inbox: &Inbox, log: &MailLog) -> Result<(), NotCalled> {
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && is_here(url));
        let url = url.ok_or_else(|| NotCalled::Elsewhere(text.to_owned()))?;
        let client = direct_client(REQUEST_MAX).resolve_to_addrs("localhost", &LOCALHOST).build()?;
        let counts = Arc::new(Counts::default());
        let caller = Caller {
            client,
            url: url.clone(),
            inbox: inbox.clone(),
            log: log.clone(),
            counts: Arc::clone(&counts),
            // Read now, so that a message that arrives before the task runs is not missed.
            seen: inbox.cursor(),
        };
        let mut task = JoinSet::new();
        task.spawn(caller.run());
        // The task before ends with its set.
        *self.state() = State { url: Some(url), counts, _task: task };
        Ok(())
    }

    /// Calls nothing any more. A request under way is dropped.
    pub(super) fn forget(&self) {
        *self.state() = State::default();
    }

    /// The URL, and how many messages it was told of, and not told of.
    pub(super) fn told(&self) -> (Option<String>, u64, u64) {
        let state = self.state();
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let url = state.url.as_ref().map(Url::to_string);
        (url, count(&state.counts.delivered), count(&state.counts.failed))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the task needs.
struct Caller {
    client: Client,
    url: Url,
    inbox: Inbox,
    log: MailLog,
    counts: Arc<Counts>,
    /// The cursor of the last message that was seen.
    seen: u64,
}

impl Caller {
    /// Runs until it is cancelled.
    async fn run(mut self) {
        let mut arrivals = self.inbox.arrivals();
        loop {
            arrivals.borrow_and_update();
            for message in self.next_messages() {
                self.seen = message.sequence();
                self.tell(message).await;
            }
            if self.inbox.cursor() == self.seen && arrivals.changed().await.is_err() {
                return;
            }
        }
    }

    /// The messages since the last one, as many as may wait.
    fn next_messages(&mut self) -> Vec<Arc<StoredMessage>> {
        // Read first, so that a message that arrives meanwhile is newer.
        let newest = self.inbox.cursor();
        let mut news = self.inbox.after(self.seen);
        if news.is_empty() {
            // Messages that were deleted meanwhile are not told.
            self.seen = self.seen.max(newest);
        }
        let skipped = news.len().saturating_sub(QUEUE_MAX);
        news.drain(..skipped);
        if skipped > 0 {
            self.counts.failed.fetch_add(skipped as u64, Ordering::Relaxed);
            let says =
                format!("{}: skipped {skipped} messages, more than {QUEUE_MAX} waited", origin(&self.url));
            self.log.write("webhook", says);
        }
        news
    }

    async fn tell(&self, message: Arc<StoredMessage>) {
        // A summary parses the message, which can be large.
        let body = spawn_blocking(move || serde_json::to_vec(&Item::of(&message)).unwrap_or_default());
        let body = body.await.unwrap_or_default();
        let mut pause = PAUSE;
        let mut error = String::new();
        for attempt in 1..=ATTEMPTS {
            let request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
            match request.body(body.clone()).send().await {
                Ok(response) if response.status().is_success() => {
                    self.counts.delivered.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Ok(response) => error = format!("it answered {}", response.status().as_u16()),
                Err(failed) => error = failed.without_url().to_string(),
            }
            if attempt < ATTEMPTS {
                let _elapsed = timeout(pause, std::future::pending::<()>()).await;
                pause *= 2;
            }
        }
        self.counts.failed.fetch_add(1, Ordering::Relaxed);
        self.log
            .write("webhook", format!("{}: gave up after {ATTEMPTS} attempts: {error}", origin(&self.url)));
    }
}
