//! Waiting for a message that has not arrived yet.
//!
//! A wait looks only at messages that are newer than its cursor, so it never returns a message of an earlier
//! step of a test. It names the recipient, so that tests that run in parallel do not take each other's.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::wire::inbox::Inbox;
use crate::wire::inbox::filter::searched_text;
use crate::wire::inbox::message::StoredMessage;

/// How much is parsed at once among other connections, in bytes.
const PARSED_MAX: usize = 64 * 1_024;

/// What a wait waits for. All fields that are given must match; case does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// An address of the envelope.
    pub to: Option<String>,
    /// A part of the subject.
    pub subject: Option<String>,
    /// A part of the contacts, the subject, the text or the names of attachments.
    pub contains: Option<String>,
    /// A tag, such as that of a test.
    pub tag: Option<String>,
}

/// No message matched in time.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no message matched in time")]
pub struct NoMessage {
    /// The messages that arrived meanwhile, the oldest first.
    pub arrived: Vec<Arc<StoredMessage>>,
    /// Whether messages that are newer than the cursor were dropped because of a limit of the inbox.
    pub some_were_dropped: bool,
    /// The cursor of the newest message.
    pub cursor: u64,
}

impl Wanted {
    /// Whether a message matches.
    pub fn matches(&self, message: &StoredMessage) -> bool {
        let subject =
            |wanted: &String| message.summary().subject.to_lowercase().contains(&wanted.to_lowercase());
        let contains = |wanted: &String| searched_text(message).contains(&wanted.to_lowercase());
        self.is_for(message)
            && self.subject.as_ref().is_none_or(subject)
            && self.contains.as_ref().is_none_or(contains)
    }

    /// Whether a message has the recipient and the tag, for which it need not be parsed.
    fn is_for(&self, message: &StoredMessage) -> bool {
        let to = |wanted: &String| message.to().iter().any(|to| to.eq_ignore_ascii_case(wanted));
        self.to.as_ref().is_none_or(to) && self.tag.as_ref().is_none_or(|tag| message.has_tag(tag))
    }
}

impl Inbox {
    /// Waits for the oldest matching message that is newer than `cursor`, at most for `limit` of real time.
    ///
    /// # Errors
    /// [`NoMessage`] if none arrives in time.
    pub async fn wait(
        &self,
        wanted: &Wanted,
        cursor: u64,
        limit: Duration,
    ) -> Result<Arc<StoredMessage>, NoMessage> {
        let mut arrivals = self.arrivals();
        arrivals.borrow_and_update();
        let so_far = self.after(cursor);
        let mut seen = so_far.last().map_or(cursor, |last| last.sequence());
        // Not under the limit, so that a wait without time finds what is there, however long that takes.
        if let Some(message) = self.first(wanted, so_far).await {
            return Ok(message);
        }
        let search = async {
            loop {
                if arrivals.changed().await.is_err() {
                    // This cannot happen while the inbox is borrowed; the time limit ends it in any case.
                    std::future::pending::<()>().await;
                }
                let news = self.after(seen);
                seen = news.last().map_or(seen, |last| last.sequence());
                if let Some(message) = self.first(wanted, news).await {
                    return message;
                }
            }
        };
        timeout(limit, search).await.map_err(|_elapsed| NoMessage {
            arrived: self.after(cursor),
            some_were_dropped: self.counts().dropped_up_to > cursor,
            cursor: self.cursor(),
        })
    }

    /// The first of these messages that matches. Parsing many bytes takes long, and is done where it does not
    /// hold up other connections.
    async fn first(
        &self,
        wanted: &Wanted,
        mut messages: Vec<Arc<StoredMessage>>,
    ) -> Option<Arc<StoredMessage>> {
        messages.retain(|message| wanted.is_for(message));
        let bytes: usize = messages.iter().map(|message| message.raw().len()).sum();
        let is_parsed = wanted.subject.is_some() || wanted.contains.is_some();
        if !is_parsed || bytes <= PARSED_MAX {
            return messages.into_iter().find(|message| wanted.matches(message));
        }
        // The semaphore is never closed.
        let permit = self.searches().acquire_owned().await.ok()?;
        let wanted = wanted.clone();
        let search = spawn_blocking(move || {
            let found = messages.into_iter().find(|message| wanted.matches(message));
            drop(permit);
            found
        });
        search.await.ok().flatten()
    }
}
