//! What happened to emails besides their delivery: scans of links, webhooks, and what was left out.
//!
//! Tests read it, so that nothing is skipped in silence. Entries hold no secrets: of a URL, they name the
//! origin only.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::Url;
use schemars::JsonSchema;
use serde::Serialize;

/// The number of entries that are kept; the oldest one is dropped first.
const ENTRIES_MAX: usize = 1_000;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MailLogEntry {
    /// Its number, from 1.
    pub cursor: u64,
    /// The part that wrote it: `scanner`, `webhook` or `mailbox`.
    pub by: &'static str,
    /// What happened.
    pub says: String,
}

/// A log. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MailLog(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<MailLogEntry>,
    written: u64,
}

impl MailLog {
    /// Adds an entry.
    pub fn write(&self, by: &'static str, says: String) {
        let mut entries = self.entries();
        entries.written += 1;
        let cursor = entries.written;
        entries.kept.push_back(MailLogEntry { cursor, by, says });
        if entries.kept.len() > ENTRIES_MAX {
            entries.kept.pop_front();
        }
    }

    /// The entries after this cursor, the oldest first.
    pub fn after(&self, cursor: u64) -> Vec<MailLogEntry> {
        self.entries().kept.iter().filter(|entry| entry.cursor > cursor).cloned().collect()
    }

    /// Removes all entries. Their numbers go on.
    pub fn clear(&self) {
        self.entries().kept.clear();
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The scheme and the host of a URL, with dots for the rest, which may hold a secret.
pub(crate) fn origin(url: &Url) -> String {
    format!("{}/…", url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_are_dropped() {
        let log = MailLog::default();
        for n in 0..=ENTRIES_MAX {
            log.write("mailbox", n.to_string());
        }
        let kept = log.after(0);
        assert_eq!((kept.len(), kept[0].cursor), (ENTRIES_MAX, 2));
        assert_eq!(log.after(ENTRIES_MAX as u64)[0].says, ENTRIES_MAX.to_string());
        log.clear();
        log.write("mailbox", "more".to_owned());
        assert_eq!(log.after(0)[0].cursor, ENTRIES_MAX as u64 + 2);
    }

    #[test]
    fn a_url_is_shown_without_its_secret() {
        let url = Url::parse("http://ana:pw@127.0.0.1:3000/reset/5eCr3t?token=5eCr3t#5eCr3t").unwrap();
        assert_eq!(origin(&url), "http://127.0.0.1:3000/…");
    }
}
