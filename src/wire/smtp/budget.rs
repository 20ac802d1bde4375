//! The memory that all sessions of a sink may use for messages that are being received.
//!
//! The limits of one session do not bound a sink: many clients can each send a large message and stop
//! before its end. Beyond the budget a message is refused with 452, and the client tries again later.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Default budget, in bytes.
const BUDGET: usize = 256 * 1_024 * 1_024;

/// How much is taken from the budget at once, in bytes.
const STEP: usize = 64 * 1_024;

/// A number of bytes that sessions share. Clones share it too.
#[derive(Clone, Debug)]
pub struct Budget {
    limit: usize,
    used: Arc<AtomicUsize>,
}

impl Budget {
    /// A budget of this number of bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, used: Arc::default() }
    }

    fn take(&self, bytes: usize) -> bool {
        let add = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(BUDGET)
    }
}

/// The text of a message, as far as it has been received.
#[derive(Debug)]
pub(super) struct Text {
    bytes: Vec<u8>,
    budget: Budget,
    /// How much of the budget this text holds.
    taken: usize,
}

impl Text {
    pub(super) const fn new(budget: Budget) -> Self {
        Self { bytes: Vec::new(), budget, taken: 0 }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends a line, unless the budget is used up.
    #[must_use]
    pub(super) fn push(&mut self, line: &[u8]) -> bool {
        let missing = (self.bytes.len() + line.len()).saturating_sub(self.taken);
        if missing > 0 {
            let wanted = missing.max(STEP);
            if !self.budget.take(wanted) {
                return false;
            }
            self.taken += wanted;
        }
        self.bytes.extend_from_slice(line);
        true
    }

    pub(super) fn clear(&mut self) {
        self.bytes = Vec::new();
        self.budget.give_back(std::mem::take(&mut self.taken));
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::smtp::testing::{Shelf, codes};
    use crate::wire::smtp::{Session, Settings};

    #[test]
    fn a_session_that_stops_in_its_message_uses_the_budget_until_it_ends() {
        let settings = Settings { budget: Budget::new(STEP), ..Settings::default() };
        let start = b"HELO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nHi\r\n";
        let mut sessions = [1, 2].map(|number| Session::new(number, &settings, Shelf::default()));
        let mut replies = [Vec::new(), Vec::new()];
        for (session, replies) in sessions.iter_mut().zip(&mut replies) {
            session.receive(start);
            while session.poll_step(replies).is_some() {}
        }
        let [mut first, mut second] = sessions;
        let end = |session: &mut Session<Shelf>| {
            session.receive(b".\r\n");
            let mut replies = Vec::new();
            while session.poll_step(&mut replies).is_some() {}
            codes(&String::from_utf8(replies).unwrap())
        };
        assert_eq!((end(&mut second), end(&mut first)), (vec![452], vec![250]));
        second.receive(&start[b"HELO a.test\r\n".len()..]);
        while second.poll_step(&mut Vec::new()).is_some() {}
        assert_eq!(end(&mut second), [250], "the first has given back its part");
        drop((first, second));
        assert_eq!(settings.budget.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_text_takes_what_it_needs() {
        let budget = Budget::new(3 * STEP);
        let mut text = Text::new(budget.clone());
        assert!(text.push(&[0; STEP]) && text.push(&[0; 10]));
        assert_eq!(budget.used.load(Ordering::Relaxed), 2 * STEP);
        assert!(!text.push(&[0; 3 * STEP]));
        assert_eq!(text.bytes().len(), STEP + 10);
        text.clear();
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }
}
