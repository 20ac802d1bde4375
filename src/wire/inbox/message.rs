//! A stored message: its bytes, its envelope, and what a test has marked it with.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use axum::body::Bytes;

use crate::wire::inbox::content::{self, Summary};
use crate::wire::inbox::transcript::Transcript;

/// What a stored message takes besides its texts, in bytes; an estimate.
const OVERHEAD: usize = 1_024;

/// The maximum number of tags of one message.
pub(super) const TAGS_MAX: usize = 100;

/// The longest tag, in characters.
pub(super) const TAG_LEN_MAX: usize = 100;

/// A message as it arrives.
#[derive(Clone, Default)]
pub struct Receipt {
    /// The bytes as the client sent them.
    pub raw: Bytes,
    /// The reverse-path; `None` is the null reverse-path `<>`.
    pub from: Option<String>,
    /// The forward-paths to which this copy was delivered.
    pub to: Vec<String>,
    /// The user that has authenticated.
    pub user: Option<String>,
    /// Whether the connection was encrypted.
    pub is_encrypted: bool,
    /// The Unix time of arrival, in milliseconds.
    pub received: u64,
    /// The transcript of the SMTP session.
    pub transcript: Transcript,
}

impl fmt::Debug for Receipt {
    /// Shows the envelope and the size, because messages hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("from", &self.from)
            .field("to", &self.to)
            .field("bytes", &self.raw.len())
            .finish_non_exhaustive()
    }
}

/// A message in an inbox.
pub struct StoredMessage {
    id: String,
    sequence: u64,
    receipt: Receipt,
    weight: usize,
    is_read: AtomicBool,
    tags: Mutex<Vec<String>>,
    /// The tests to which the message belongs; these tags stay whatever a client sets.
    namespaces: Vec<String>,
    /// Made when it is first needed, because most messages are never listed.
    summary: OnceLock<Summary>,
}

impl fmt::Debug for StoredMessage {
    /// Shows the envelope and the size, because messages hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredMessage")
            .field("id", &self.id)
            .field("sequence", &self.sequence)
            .field("receipt", &self.receipt)
            .finish_non_exhaustive()
    }
}

impl StoredMessage {
    pub(super) fn new(id: String, sequence: u64, receipt: Receipt) -> Self {
        let namespaces = content::namespaces(&receipt.raw, &receipt.to);
        let declared = content::declared_tags(&receipt.raw);
        let tags = content::clean_tags(declared.iter().chain(&namespaces).map(String::as_str));
        let tags = Mutex::new(tags);
        let paths = receipt.to.iter().chain(&receipt.from).map(String::len).sum::<usize>();
        let weight = receipt.raw.len() + paths + receipt.transcript.len() + OVERHEAD;
        let is_read = AtomicBool::new(false);
        Self { id, sequence, receipt, weight, is_read, tags, namespaces, summary: OnceLock::new() }
    }

    /// The id in Mailpit's shape.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The sequence number, which is the cursor of this message.
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The bytes as the client sent them.
    pub const fn raw(&self) -> &Bytes {
        &self.receipt.raw
    }

    /// The reverse-path; `None` is the null reverse-path `<>`.
    pub fn from(&self) -> Option<&str> {
        self.receipt.from.as_deref()
    }

    /// The forward-paths to which this copy was delivered.
    pub fn to(&self) -> &[String] {
        &self.receipt.to
    }

    /// The user that has authenticated.
    pub fn user(&self) -> Option<&str> {
        self.receipt.user.as_deref()
    }

    /// Whether the connection was encrypted.
    pub const fn is_encrypted(&self) -> bool {
        self.receipt.is_encrypted
    }

    /// The Unix time of arrival, in milliseconds.
    pub const fn received(&self) -> u64 {
        self.receipt.received
    }

    /// The SMTP transcript.
    pub fn transcript(&self) -> String {
        self.receipt.transcript.text()
    }

    /// Whether the message is marked as read.
    pub fn is_read(&self) -> bool {
        self.is_read.load(Ordering::Relaxed)
    }

    /// Marks the message as read or unread.
    pub fn mark_read(&self, is_read: bool) {
        self.is_read.store(is_read, Ordering::Relaxed);
    }

    /// The tags, in alphabetical order.
    pub fn tags(&self) -> Vec<String> {
        self.locked_tags().clone()
    }

    /// Whether the message has a tag, or belongs to a test of this name; case does not matter.
    pub fn has_tag(&self, tag: &str) -> bool {
        let is_it = |known: &String| known.to_lowercase() == tag.to_lowercase();
        self.namespaces.iter().any(is_it) || self.locked_tags().iter().any(is_it)
    }

    /// Replaces the tags. Tags beyond the limits, empty ones and duplicates are left out.
    pub fn set_tags(&self, tags: &[String]) {
        *self.locked_tags() = content::clean_tags(tags.iter().map(String::as_str));
    }

    /// Header fields and a snippet of the text.
    pub fn summary(&self) -> &Summary {
        self.summary.get_or_init(|| Summary::read(self.raw(), self.to()))
    }

    /// How much the message counts towards the limit of an inbox, in bytes.
    pub(super) const fn weight(&self) -> usize {
        self.weight
    }

    fn locked_tags(&self) -> MutexGuard<'_, Vec<String>> {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
