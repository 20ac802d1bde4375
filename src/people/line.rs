//! A person's understanding of foreign calls: spoken digits, and prompts for keys.
//!
//! The reference service's sentences are known by meaning. In any other service's text, a person recognizes
//! only digits, and whether the line listens while the text is spoken.

use crate::base::id::CallId;
use crate::base::rng::Rng;
use crate::base::secret::Code;
use crate::base::time::{Span, Time};
use crate::event::{EventKind, Typed};
use crate::message::{Digits, Key, KeysWanted};
use crate::people::tasks::Task;
use crate::people::telephone::Keying;
use crate::people::{Person, SpokenChoice};

/// Minimum length of a spoken code; shorter numbers are part of a sentence.
const CODE_MIN: usize = 4;
/// Maximum length of a spoken code; longer ones are telephone numbers.
const CODE_MAX: usize = 8;

/// The key to press if any key is accepted.
const ANY_KEY: &str = "1";

/// The state of the current call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    /// The keys that the line listens for.
    wants: Option<KeysWanted>,
    /// Whether the call has spoken foreign text.
    is_foreign: bool,
    /// Whether a foreign prompt waits for keys and none was pressed yet.
    asks: bool,
    /// The digits spoken last, and whether they exceeded the maximum.
    digits: Option<Digits>,
    too_many: bool,
}

impl Line {
    pub(super) const fn asks(&self) -> bool {
        self.asks
    }

    /// Records that keys are being pressed for the prompt.
    pub(super) const fn answered(&mut self) {
        self.asks = false;
    }

    fn hear_digit(&mut self, digit: u8) {
        let digits = self.digits.get_or_insert(Digits::EMPTY);
        if !digits.push(Key::digit(digit)) {
            self.too_many = true;
        }
    }

    /// Ends a run of digits and returns the code that it forms, if any.
    pub(super) fn end_of_digits(&mut self) -> Option<Code> {
        let too_many = std::mem::take(&mut self.too_many);
        let digits = self.digits.take().filter(|_| !too_many)?;
        code_of(digits.reveal())
    }
}

impl Person {
    pub(super) fn on_listens(&mut self, now: Time, draw: &mut Rng, call: CallId, keys: Option<KeysWanted>) {
        if self.telephone.talking() != Some(call) {
            return;
        }
        let line = &mut self.telephone.line;
        line.wants = keys;
        line.asks = false;
        // The prompt was spoken before the line started to listen.
        if line.is_foreign && keys.is_some_and(|keys| !keys.prompted) {
            self.on_foreign_prompt(now, draw, call);
        }
    }

    /// Handles foreign text: collects digits, and answers a prompt.
    pub(super) fn on_words(&mut self, now: Time, draw: &mut Rng, call: CallId, text: &str) {
        self.telephone.line.is_foreign = true;
        for word in text.split_whitespace() {
            match digits_of(word) {
                Some(digits) => digits.for_each(|digit| self.telephone.line.hear_digit(digit)),
                None => self.after_digits(draw, call),
            }
        }
        if self.telephone.line.wants.is_some_and(|keys| keys.prompted) {
            self.on_foreign_prompt(now, draw, call);
        }
    }

    /// Ends a run of digits. If it was a code and the person is waiting for one, types it.
    pub(super) fn after_digits(&mut self, draw: &mut Rng, call: CallId) {
        let Some(code) = self.telephone.line.end_of_digits() else { return };
        self.telephone.hear_code(call, code);
        if let Task::Hearing = self.doing {
            self.type_spoken(draw, SpokenChoice::Heard);
        }
    }

    /// Answers a foreign prompt once: with any key if one is enough, otherwise with the code on the screen.
    /// Later text is not another prompt.
    fn on_foreign_prompt(&mut self, now: Time, draw: &mut Rng, call: CallId) {
        let Some(keys) = self.telephone.line.wants.take() else { return };
        if keys.num_digits == Some(1) {
            let any = Digits::read(ANY_KEY).unwrap_or(Digits::EMPTY);
            let wait = self.time_to_first_key(draw);
            self.fact(EventKind::KeyedIn { call, typed: Typed::Nothing });
            self.telephone.press_later(Keying::new(any, now + wait, Span::ZERO));
            return;
        }
        self.telephone.line.asks = true;
        if let Task::Listening(keys) = self.doing {
            self.press(now, keys);
        } else if self.brain.is_on() {
            self.key_in_by_habit(now, draw, call);
        }
    }
}

/// The digits in a word; `None` if the word contains anything else.
fn digits_of(word: &str) -> Option<impl Iterator<Item = u8>> {
    const NAMES: [&str; 10] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let word =
        word.trim_matches(|c: char| matches!(c, ',' | '.' | ':' | ';' | '!' | '?' | '"' | '\'' | '(' | ')'));
    let named = NAMES.iter().position(|name| name.eq_ignore_ascii_case(word));
    let shown = !word.is_empty()
        && word.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        && word.bytes().any(|b| b.is_ascii_digit());
    if named.is_none() && !shown {
        return None;
    }
    let signs: Vec<u8> = word.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    Some(named.map(|digit| digit as u8).into_iter().chain(signs))
}

/// The code formed by a run of digits, spoken once or several times in a row.
fn code_of(digits: &str) -> Option<Code> {
    let said_over_and_over = |len: &usize| {
        let once = digits.as_bytes().get(..*len);
        once.is_some_and(|once| digits.as_bytes().chunks(*len).all(|again| again == once))
    };
    let len = (CODE_MIN..=CODE_MAX).find(said_over_and_over)?;
    Code::read(digits.get(..len)?)
}

#[cfg(test)]
mod tests;
