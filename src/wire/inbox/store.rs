//! The store of messages: limited by number and bytes, the oldest message dropped first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};

use crate::wire::inbox::id::{IdKey, message_id};
use crate::wire::inbox::message::{Receipt, StoredMessage};

/// Default number of messages that an inbox keeps.
pub const MESSAGES_MAX: usize = 10_000;

/// Default size of the messages that an inbox keeps, in bytes.
pub const BYTES_MAX: usize = 256 * 1_024 * 1_024;

/// The maximum number of waits that search in many or large messages at once.
const SEARCHES_MAX: usize = 2;

/// How much an inbox keeps. The newest message is kept in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxLimits {
    /// The maximum number of messages.
    pub messages: usize,
    /// The maximum size of all messages, in bytes.
    pub bytes: usize,
}

impl Default for InboxLimits {
    fn default() -> Self {
        Self { messages: MESSAGES_MAX, bytes: BYTES_MAX }
    }
}

/// What has happened to an inbox so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that have arrived.
    pub accepted: u64,
    /// Their size, in bytes.
    pub accepted_bytes: u64,
    /// Messages that were dropped because of a limit.
    pub dropped: u64,
    /// The highest sequence number that was dropped because of a limit, or 0.
    pub dropped_up_to: u64,
    /// Messages that were deleted on request.
    pub deleted: u64,
    /// Recipients and messages that were refused.
    pub refused: u64,
    /// Messages in the inbox.
    pub messages: usize,
    /// Their size, in bytes.
    pub bytes: usize,
}

/// A store of messages. Clones share it.
#[derive(Clone, Debug)]
pub struct Inbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: InboxLimits,
    seed: u64,
    shelf: Mutex<Shelf>,
    /// The sequence number of the newest message.
    arrivals: watch::Sender<u64>,
    /// One permit for each search in many or large messages.
    searches: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Shelf {
    messages: BTreeMap<u64, Arc<StoredMessage>>,
    by_id: BTreeMap<IdKey, u64>,
    /// The highest sequence number so far.
    newest: u64,
    counts: Counts,
}

impl Inbox {
    /// An empty inbox. Equal seeds give equal ids of messages.
    pub fn new(limits: InboxLimits, seed: u64) -> Self {
        let (arrivals, _) = watch::channel(0);
        let searches = Arc::new(Semaphore::new(SEARCHES_MAX));
        Self(Arc::new(Shared { limits, seed, shelf: Mutex::default(), arrivals, searches }))
    }

    /// Stores a message, and drops the oldest ones that exceed a limit.
    pub fn add(&self, receipt: Receipt) -> Arc<StoredMessage> {
        let mut shelf = self.shelf();
        shelf.newest += 1;
        let sequence = shelf.newest;
        let id = message_id(self.0.seed, sequence);
        let message = Arc::new(StoredMessage::new(id.clone(), sequence, receipt));
        shelf.counts.accepted += 1;
        shelf.counts.accepted_bytes += message.raw().len() as u64;
        shelf.counts.messages += 1;
        shelf.counts.bytes += message.weight();
        if let Some(key) = IdKey::of(&id) {
            shelf.by_id.insert(key, sequence);
        }
        shelf.messages.insert(sequence, Arc::clone(&message));
        shelf.make_room(self.0.limits);
        // Sent under the lock, so that the numbers that waiters see never go back.
        self.0.arrivals.send_replace(sequence);
        message
    }

    /// The message with this id, or the newest one for `latest`.
    pub fn get(&self, id: &str) -> Option<Arc<StoredMessage>> {
        let shelf = self.shelf();
        let sequence = shelf.sequence_of(id);
        let newest = (id == "latest").then(|| shelf.messages.last_key_value()).flatten();
        newest.map(|(_, message)| message).or_else(|| shelf.messages.get(&sequence?)).map(Arc::clone)
    }

    /// All messages, the newest first.
    pub fn newest_first(&self) -> Vec<Arc<StoredMessage>> {
        self.shelf().messages.values().rev().map(Arc::clone).collect()
    }

    /// The messages that are newer than `cursor`, the oldest first.
    pub fn after(&self, cursor: u64) -> Vec<Arc<StoredMessage>> {
        let Some(first) = cursor.checked_add(1) else { return Vec::new() };
        self.shelf().messages.range(first..).map(|(_, message)| Arc::clone(message)).collect()
    }

    /// The sequence number of the newest message that has arrived, or 0. It survives deletion.
    pub fn cursor(&self) -> u64 {
        self.shelf().newest
    }

    /// Subscribes to arrivals; the value is [`Inbox::cursor`].
    pub fn arrivals(&self) -> watch::Receiver<u64> {
        self.0.arrivals.subscribe()
    }

    /// Deletes the messages with these ids; returns how many there were.
    pub fn delete<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> usize {
        let mut shelf = self.shelf();
        let mut deleted = 0;
        for id in ids {
            if let Some(sequence) = shelf.sequence_of(id) {
                shelf.remove(sequence);
                deleted += 1;
            }
        }
        shelf.counts.deleted += deleted as u64;
        deleted
    }

    /// Deletes all messages. Sequence numbers go on.
    pub fn clear(&self) {
        let mut shelf = self.shelf();
        shelf.counts.deleted += shelf.messages.len() as u64;
        shelf.messages.clear();
        shelf.by_id.clear();
        (shelf.counts.messages, shelf.counts.bytes) = (0, 0);
    }

    /// All tags, in alphabetical order.
    pub fn tags(&self) -> Vec<String> {
        let messages = self.newest_first();
        let tags: BTreeSet<String> = messages.iter().flat_map(|message| message.tags()).collect();
        tags.into_iter().collect()
    }

    /// Whether `other` shares this store.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// How much is kept.
    pub fn limits(&self) -> InboxLimits {
        self.0.limits
    }

    /// What has happened so far.
    pub fn counts(&self) -> Counts {
        self.shelf().counts
    }

    /// One permit for each search in many or large messages.
    pub(super) fn searches(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.searches)
    }

    /// Counts a refused recipient or message.
    pub(super) fn count_refusal(&self) {
        self.shelf().counts.refused += 1;
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn sequence_of(&self, id: &str) -> Option<u64> {
        self.by_id.get(&IdKey::of(id)?).copied()
    }

    fn make_room(&mut self, limits: InboxLimits) {
        while self.counts.messages > limits.messages.max(1)
            || (self.counts.bytes > limits.bytes && self.counts.messages > 1)
        {
            let Some((oldest, _)) = self.messages.first_key_value() else { return };
            let oldest = *oldest;
            self.remove(oldest);
            self.counts.dropped += 1;
            self.counts.dropped_up_to = oldest;
        }
    }

    fn remove(&mut self, sequence: u64) {
        let Some(message) = self.messages.remove(&sequence) else { return };
        if let Some(key) = IdKey::of(message.id()) {
            self.by_id.remove(&key);
        }
        self.counts.messages -= 1;
        self.counts.bytes -= message.weight();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(text: &str) -> Receipt {
        Receipt {
            raw: text.as_bytes().to_vec().into(),
            to: vec!["ana@a.test".to_owned()],
            ..Receipt::default()
        }
    }

    fn texts(inbox: &Inbox) -> Vec<String> {
        let text = |message: &Arc<StoredMessage>| String::from_utf8_lossy(message.raw()).into_owned();
        inbox.newest_first().iter().map(text).collect()
    }

    #[test]
    fn the_oldest_messages_are_dropped_first_and_counted() {
        let inbox = Inbox::new(InboxLimits { messages: 2, ..InboxLimits::default() }, 1);
        for text in ["a", "b", "c", "d"] {
            inbox.add(mail(text));
        }
        assert_eq!(texts(&inbox), ["d", "c"]);
        let counts = inbox.counts();
        assert_eq!((counts.accepted, counts.dropped, counts.dropped_up_to, counts.messages), (4, 2, 2, 2));
    }

    #[test]
    fn bytes_are_limited_too_but_the_newest_message_stays() {
        let inbox = Inbox::new(InboxLimits { bytes: 10_000, ..InboxLimits::default() }, 1);
        for _ in 0..3 {
            inbox.add(mail(&"x".repeat(4_000)));
        }
        assert_eq!(inbox.counts().messages, 1, "{:?}", inbox.counts());
        inbox.add(mail(&"y".repeat(20_000)));
        assert_eq!((inbox.counts().messages, inbox.counts().dropped), (1, 3));
        inbox.add(mail("z"));
        assert_eq!(texts(&inbox), ["z"]);
    }

    #[test]
    fn sequence_numbers_go_on_after_deletion() {
        let inbox = Inbox::new(InboxLimits::default(), 1);
        let (first, second) = (inbox.add(mail("a")), inbox.add(mail("b")));
        assert_eq!(inbox.get("latest").unwrap().id(), second.id());
        assert_eq!(inbox.delete([second.id(), "nothing"]), 1);
        assert_eq!(inbox.get("latest").unwrap().id(), first.id());
        inbox.clear();
        assert!(inbox.get("latest").is_none() && inbox.get(first.id()).is_none());
        assert_eq!((inbox.cursor(), inbox.counts().bytes, inbox.counts().deleted), (2, 0, 2));
        assert_eq!(inbox.add(mail("c")).sequence(), 3);
        assert_eq!(inbox.after(2).len(), 1);
        assert!(inbox.after(u64::MAX).is_empty());
    }

    #[test]
    fn each_arrival_is_announced() {
        let inbox = Inbox::new(InboxLimits::default(), 1);
        let mut arrivals = inbox.arrivals();
        assert!(!arrivals.has_changed().unwrap());
        inbox.add(mail("a"));
        assert!(arrivals.has_changed().unwrap());
        assert_eq!(*arrivals.borrow_and_update(), 1);
    }
}
