//! What a person makes of a foreign call: digits that are read out, and prompts that want keys.
//!
//! The reference service's sentences are known by their meaning. Of any other service's words a
//! person knows two things: which of them are digits, and whether the line listens while they are
//! said.

use crate::crossing::Digits;
use crate::crossing::Key;
use crate::crossing::KeysWanted;
use crate::draw::Draw;
use crate::event::EventKind;
use crate::event::Typed;
use crate::id::CallId;
use crate::person::Person;
use crate::person::SpokenChoice;
use crate::person::hands::Doing;
use crate::person::telephone::Keying;
use crate::secret::Code;
use crate::time::Span;
use crate::time::Time;

/// How many digits a spoken code has at least: fewer are a number in a sentence.
const CODE_MIN: usize = 4;
/// How many digits it has at the most: more are a telephone number.
const CODE_MAX: usize = 8;

/// Which key is pressed where any will do.
const ANY_KEY: &str = "1";

/// The words of the call that is listened to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    /// What the line listens for.
    wants: Option<KeysWanted>,
    /// Foreign words were heard in this call.
    is_foreign: bool,
    /// A foreign prompt waits for keys, and none was pressed for it.
    asks: bool,
    /// The digits that were just read out, and whether more came than anybody keeps.
    digits: Option<Digits>,
    too_many: bool,
}

impl Line {
    /// Whether a foreign prompt waits for keys.
    pub(super) const fn asks(&self) -> bool {
        self.asks
    }

    /// Keys are pressed for the prompt.
    pub(super) const fn answered(&mut self) {
        self.asks = false;
    }

    fn hear_digit(&mut self, digit: u8) {
        let digits = self.digits.get_or_insert(Digits::EMPTY);
        if !digits.push(Key::digit(digit)) {
            self.too_many = true;
        }
    }

    /// Something else than a digit follows: the code that the digits were, if they were one.
    pub(super) fn end_of_digits(&mut self) -> Option<Code> {
        let too_many = std::mem::take(&mut self.too_many);
        let digits = self.digits.take().filter(|_| !too_many)?;
        code_of(digits.reveal())
    }
}

impl Person {
    /// The line begins to listen, or listens no more.
    pub(super) fn on_listens(&mut self, now: Time, draw: &mut Draw, call: CallId, keys: Option<KeysWanted>) {
        if self.telephone.talking() != Some(call) {
            return;
        }
        let line = &mut self.telephone.line;
        line.wants = keys;
        line.asks = false;
        // What it wants was said before it fell silent.
        if line.is_foreign && keys.is_some_and(|keys| !keys.prompted) {
            self.on_foreign_prompt(now, draw, call);
        }
    }

    /// Words of a foreign call: digits are put together, and a prompt is answered.
    pub(super) fn on_words(&mut self, now: Time, draw: &mut Draw, call: CallId, text: &str) {
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

    /// What was read out is over: if it was a code, whoever waits for one types it.
    pub(super) fn after_digits(&mut self, draw: &mut Draw, call: CallId) {
        let Some(code) = self.telephone.line.end_of_digits() else { return };
        self.telephone.hear_code(call, code);
        if let Doing::Hearing = self.doing {
            self.type_spoken(draw, SpokenChoice::Heard);
        }
    }

    /// A foreign prompt wants keys: any key where one is enough, otherwise the code on the screen.
    /// It is answered once, however much more is said.
    fn on_foreign_prompt(&mut self, now: Time, draw: &mut Draw, call: CallId) {
        let Some(keys) = self.telephone.line.wants.take() else { return };
        if keys.num_digits == Some(1) {
            let any = Digits::read(ANY_KEY).unwrap_or(Digits::EMPTY);
            let wait = self.time_to_first_key(draw);
            self.fact(EventKind::KeyedIn { call, typed: Typed::Nothing });
            self.telephone.press_later(Keying::new(any, now + wait, Span::ZERO));
            return;
        }
        self.telephone.line.asks = true;
        if let Doing::Listening(keys) = self.doing {
            self.press(now, keys);
        } else if self.brain.is_on() {
            self.key_in_by_habit(now, draw, call);
        }
    }
}

/// The digits that a word says, if it says nothing else.
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

/// The code that a run of digits is: said once, or several times in a row.
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
