//! Carries each outgoing crossing in a task; crossings of the same lane stay in order.
//!
//! A task that has carried its crossing enters the world with the answer. An error ends the play
//! through the door. Dropping the carrier aborts its tasks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use crate::base::id::{BrowserId, CrossingId, TextId};
use crate::message::{Answer, CookieTheft, Crossing, Sid, WebhookBody};
use crate::stage::courier::name;
use crate::wire::door::Door;
use crate::wire::error::{WATCHDOG, WireError};
use crate::world::Carry;

/// The longest time that a status callback waits for the previous one. It bounds the delay that a slow
/// handler causes.
pub const CALLBACK_GRACE: Duration = Duration::from_millis(250);

/// Crossings of one lane are carried in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    /// Page requests of one browser or tab.
    Browser(BrowserId),
    /// Document fetches and digit submissions of one call.
    Documents(Sid),
    /// Status callbacks of one call.
    Callbacks(Sid),
    /// Webhooks of one text message.
    Texts(TextId),
    /// All crossings, under a clock that does not advance on its own.
    All,
}

/// Carries crossings with `carry`, which may run concurrently many times.
///
/// Each task and lane belongs to a crossing that is under way, so the door's limit also bounds their number.
#[derive(Debug)]
pub struct Carrier<F> {
    door: Arc<Door>,
    carry: Arc<F>,
    /// Longest time that a callback waits for the previous one.
    grace: Duration,
    /// Longest time of one carry.
    watchdog: Duration,
    /// The last carry of each lane.
    lanes: BTreeMap<Lane, Tail>,
    tasks: JoinSet<Ended>,
}

/// The last carry of a lane.
#[derive(Debug)]
struct Tail {
    id: CrossingId,
    /// Resolves when the carry has ended.
    ended: oneshot::Receiver<()>,
}

/// A carry that has ended.
#[derive(Clone, Copy, Debug)]
struct Ended {
    id: CrossingId,
    lane: Option<Lane>,
}

impl<F, Fut> Carrier<F>
where
    F: Fn(CrossingId, Crossing) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Answer, WireError>> + Send + 'static,
{
    /// Creates a carrier that delivers answers through `door`.
    pub fn new(door: Arc<Door>, carry: F) -> Self {
        let carry = Arc::new(carry);
        let (lanes, tasks) = (BTreeMap::new(), JoinSet::new());
        Self { door, carry, grace: CALLBACK_GRACE, watchdog: WATCHDOG, lanes, tasks }
    }

    /// Sets the grace period for callbacks.
    #[must_use]
    pub fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Sets the longest real time of one carry, after which the play ends with an error.
    #[must_use]
    pub fn with_watchdog(self, watchdog: Duration) -> Self {
        Self { watchdog, ..self }
    }

    /// Carries crossings until the sending side of `carries` is closed.
    pub async fn run(mut self, mut carries: UnboundedReceiver<Carry>) {
        let mut resets = self.door.resets();
        loop {
            tokio::select! {
                biased;
                Ok(()) = resets.changed() => self.drop_all(&mut carries).await,
                next = carries.recv() => match next {
                    Some(carry) => self.begin(carry),
                    None => return,
                },
                Some(ended) = self.tasks.join_next() => self.end(ended),
            }
        }
    }

    fn begin(&mut self, Carry { id, crossing }: Carry) {
        let lane = self.lane(&crossing);
        let (done, ended) = oneshot::channel();
        let before = lane.and_then(|lane| self.lanes.insert(lane, Tail { id, ended }));
        let grace = matches!(lane, Some(Lane::Callbacks(_) | Lane::Texts(_))).then_some(self.grace);
        let (door, carry, watchdog) = (Arc::clone(&self.door), Arc::clone(&self.carry), self.watchdog);
        self.tasks.spawn(async move {
            if let Some(before) = before {
                in_turn(before, grace).await;
            }
            let name = name(&crossing);
            let carried = timeout(watchdog, carry(id, crossing)).await;
            match carried.unwrap_or(Err(WireError::Watchdog(name))) {
                // The panic may have left the world inconsistent, so do not touch it again.
                _ if door.is_poisoned() => door.fail(WireError::Panicked(name)),
                Ok(answer) => door.answer(id, answer),
                Err(error) => door.fail(error),
            }
            let _nobody_waits = done.send(());
            Ended { id, lane }
        });
    }

    /// Aborts the carries of the world before a restart, and starts those of the new world that have
    /// arrived meanwhile.
    async fn drop_all(&mut self, carries: &mut UnboundedReceiver<Carry>) {
        self.lanes.clear();
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
        // Crossings of the old world are no longer in flight.
        while let Ok(carry) = carries.try_recv() {
            let in_flight = self.door.world().is_in_flight(carry.id);
            if in_flight {
                self.begin(carry);
            }
        }
    }

    /// Removes a lane once its last carry has ended; a panicked task ends the play.
    fn end(&mut self, ended: Result<Ended, JoinError>) {
        match ended {
            Ok(Ended { id, lane }) => {
                if let Some(lane) = lane.filter(|lane| self.lanes.get(lane).is_some_and(|tail| tail.id == id))
                {
                    self.lanes.remove(&lane);
                }
            }
            Err(_panicked) => self.door.fail(WireError::Panicked("an answer")),
        }
    }

    /// The lane that orders a crossing; `None` if it can be carried at any time.
    fn lane(&self, crossing: &Crossing) -> Option<Lane> {
        if !self.door.clock().is_real() {
            return Some(Lane::All);
        }
        match crossing {
            Crossing::Page { browser, .. }
            | Crossing::Cookie(
                CookieTheft::Copied { by: browser, .. } | CookieTheft::PutIn { by: browser },
            ) => Some(Lane::Browser(*browser)),
            Crossing::Webhook(webhook) => Some(match webhook.body {
                WebhookBody::Fetch | WebhookBody::Action(_) | WebhookBody::Recorded(_) => {
                    Lane::Documents(webhook.sid)
                }
                WebhookBody::Status(_) | WebhookBody::Detected(_) => Lane::Callbacks(webhook.sid),
            }),
            Crossing::Text(webhook) => Some(Lane::Texts(webhook.text)),
            Crossing::Mail(_)
            | Crossing::Call(_)
            | Crossing::Ticket(_)
            | Crossing::Reset(_)
            | Crossing::Scan { .. } => None,
        }
    }
}

/// Waits until the previous carry has ended, with or without success, or until `grace` has passed.
async fn in_turn(before: Tail, grace: Option<Duration>) {
    match grace {
        Some(grace) => {
            let _either_way = timeout(grace, before.ended).await;
        }
        None => {
            let _either_way = before.ended.await;
        }
    }
}

#[cfg(test)]
mod tests;
