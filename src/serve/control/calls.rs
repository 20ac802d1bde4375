//! Calls as the control API shows them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::number::Number;
use crate::event::CallStatus;
use crate::providers::phone::Call;
use crate::serve::control::reply::millis;
use crate::wire::contract::complete;
use crate::world::{Hand, World};

/// A call at a phone. Times are milliseconds since the story began.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Call", transform = complete)]
pub(super) struct Told {
    /// Its SID in the provider's API.
    sid: String,
    /// The cursor that waits for later calls.
    cursor: usize,
    /// The number called.
    to: String,
    /// The caller's number.
    from: String,
    /// The status as the provider names it.
    status: &'static str,
    /// Whether it rings.
    ringing: bool,
    /// Whether the test holds the phone.
    in_hand: bool,
    /// The keys that it waits for.
    listens: Option<Listens>,
    /// Its statuses so far.
    log: Vec<Logged>,
    /// What it said so far.
    heard: Vec<Heard>,
    /// The newest code that it spoke.
    code: Option<String>,
}

/// What a call waits for.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Listens {
    /// The number of keys, if it is fixed.
    digits: Option<u8>,
}

/// A status of a call.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CallStatusAt", transform = complete)]
struct Logged {
    /// When it began.
    at_ms: u64,
    /// The status as the provider names it.
    status: &'static str,
}

/// A sentence that a call has spoken.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Heard {
    /// When it was spoken.
    at_ms: u64,
    /// Its words.
    text: String,
}

/// A call, with the cursor that waits for later ones.
pub(super) fn told(world: &World, call: &Call) -> Told {
    let hand = world.call_in_hand(call.id());
    let logged = |(at, status): &(_, CallStatus)| Logged { at_ms: millis(*at), status: status.label() };
    Told {
        sid: call.sid().to_string(),
        cursor: call.id().index() + 1,
        to: call.number().to_string(),
        from: call.from().to_string(),
        status: call.status().label(),
        ringing: call.rings(),
        in_hand: hand.is_some() && !call.is_over(),
        listens: hand.and_then(Hand::listens).map(|keys| Listens { digits: keys.num_digits }),
        log: call.log().iter().map(logged).collect(),
        heard: hand.map(heard).unwrap_or_default(),
        code: hand.and_then(code),
    }
}

/// What a call has said.
fn heard(hand: &Hand) -> Vec<Heard> {
    hand.heard().iter().map(|heard| Heard { at_ms: millis(heard.at), text: heard.text.clone() }).collect()
}

/// The newest code that a call has spoken: the last run of four to eight digits, said in one word or one
/// digit a word, also with dashes (`123-456`) and behind a letter (`G-123456`).
pub(super) fn code(hand: &Hand) -> Option<String> {
    code_in(hand.heard().iter().map(|heard| heard.text.as_str()))
}

fn code_in<'a>(sentences: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut runs = vec![String::new()];
    for word in sentences.flat_map(str::split_whitespace) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let digits = match bare.split_once('-') {
            Some((letter, rest)) if letter.len() == 1 && letter.chars().all(char::is_alphabetic) => rest,
            _ => bare,
        };
        let digits = digits.replace(['-', ','], "");
        let several = digits.len() > 1;
        if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) {
            if let Some(run) = runs.last_mut() {
                // Several digits in one word start a new code; single digits extend the current one.
                if several && !run.is_empty() {
                    runs.push(digits);
                } else {
                    run.push_str(&digits);
                }
            }
        } else if !bare.is_empty() && runs.last().is_some_and(|run| !run.is_empty()) {
            runs.push(String::new());
        }
        // A full stop ends a number.
        if several && word.ends_with(['.', ';', '!', '?']) {
            runs.push(String::new());
        }
    }
    runs.into_iter().rev().find(|run| (4..=8).contains(&run.len()))
}

/// The first call to a number after this cursor that has come to a state.
pub(super) fn after(world: &World, number: Number, cursor: usize, state: State) -> Option<&Call> {
    let later = world.calls().get(cursor..).unwrap_or_default();
    later.iter().find(|call| call.number() == number && state.holds(call))
}

/// A state of a call that a test waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It has been ordered.
    Ordered,
    /// It rings, or has rung.
    Ringing,
    /// It has been answered.
    Answered,
    /// It has ended.
    Ended,
}

impl State {
    /// The state of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ordered" => Self::Ordered,
            "ringing" => Self::Ringing,
            "answered" => Self::Answered,
            "ended" => Self::Ended,
            _ => return None,
        })
    }

    fn holds(self, call: &Call) -> bool {
        let was = |wanted: CallStatus| call.log().iter().any(|(_, status)| *status == wanted);
        match self {
            Self::Ordered => true,
            Self::Ringing => was(CallStatus::Ringing),
            Self::Answered => was(CallStatus::InProgress),
            Self::Ended => call.is_over(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_heard_however_it_is_spoken() {
        for (says, code) in [
            ("Your code is 0 4 2 1 3 7.", Some("042137")),
            ("Your code is 0, 4, 2, 1, 3, 7. Again: 0, 4, 2, 1, 3, 7.", Some("042137")),
            (
                "Your token is: | 0 | 4 | 2 | 1 | 3 | 7 | Repeat: | 0 | 4 | 2 | 1 | 3 | 7 | Good bye.",
                Some("042137"),
            ),
            ("Your code is 123456!", Some("123456")),
            ("The code is \"123456\".", Some("123456")),
            ("(123456)", Some("123456")),
            ("123-456", Some("123456")),
            ("1-2-3-4-5-6", Some("123456")),
            ("G-123456 is your code", Some("123456")),
            ("Your code is 1234. Call 5551234567 for help.", Some("1234")),
            ("Hi, this is 127.0.0.1:18820 calling.", None),
            ("Press 1 to go on.", None),
            ("", None),
        ] {
            assert_eq!(code_in(says.split('|')).as_deref(), code, "{says}");
        }
    }
}
