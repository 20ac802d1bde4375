//! The provider's debugger: what is wrong or doubtful in the orders and answers of apps, as Twilio's console
//! shows it (TW-debugger).

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::time::Time;
use crate::message::Sid;

/// Most notes that are kept; the oldest go first.
pub const NOTES_MAX: usize = 1_000;

/// What is wrong or doubtful. The text holds no secret: addresses are shortened, and their values are dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it changes the call; otherwise it is a warning.
    pub is_error: bool,
    /// Twilio's code; `None` for a lint of lostkey's own.
    pub code: Option<u32>,
    /// A sentence.
    pub says: String,
}

impl Finding {
    /// A finding of Twilio's debugger that changes the call.
    pub(super) const fn error(code: u32, says: String) -> Self {
        Self { is_error: true, code: Some(code), says }
    }

    /// A finding of Twilio's debugger without consequence.
    pub(super) const fn warning(code: u32, says: String) -> Self {
        Self { is_error: false, code: Some(code), says }
    }

    /// A lint of lostkey's own.
    pub(super) const fn lint(says: String) -> Self {
        Self { is_error: false, code: None, says }
    }
}

/// A finding in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its number, from 0.
    pub number: u64,
    /// When it was found.
    pub at: Time,
    /// The call; `None` for an order that became none.
    pub call: Option<Sid>,
    /// The finding.
    pub finding: Finding,
}

/// The log of one provider.
#[derive(Debug, Default)]
pub struct Debugger {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    notes: VecDeque<Note>,
    next: u64,
}

impl Debugger {
    /// Notes findings about a call.
    pub fn note(&self, at: Time, call: Option<Sid>, findings: impl IntoIterator<Item = Finding>) {
        let mut kept = self.kept();
        for finding in findings {
            let number = kept.next;
            kept.next += 1;
            if kept.notes.len() == NOTES_MAX {
                kept.notes.pop_front();
            }
            kept.notes.push_back(Note { number, at, call, finding });
        }
    }

    /// The notes from this number on that are still kept, and the number of the next one.
    pub fn since(&self, number: u64) -> (Vec<Note>, u64) {
        let kept = self.kept();
        (kept.notes.iter().filter(|note| note.number >= number).cloned().collect(), kept.next)
    }

    /// Forgets all notes; numbers start again from 0.
    pub fn clear(&self) {
        *self.kept() = Kept::default();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_notes_go_first_and_numbers_go_on() {
        let debugger = Debugger::default();
        for n in 0..NOTES_MAX + 2 {
            debugger.note(Time::ZERO, None, [Finding::lint(n.to_string())]);
        }
        let (notes, next) = debugger.since(0);
        assert_eq!((notes.len(), notes[0].number, next), (NOTES_MAX, 2, NOTES_MAX as u64 + 2));
        assert_eq!(debugger.since(next - 1).0[0].finding.says, (next - 1).to_string());
        debugger.clear();
        assert_eq!(debugger.since(0), (vec![], 0));
    }
}
