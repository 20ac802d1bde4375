//! Calls as the control API shows them.

use serde_json::{Value, json};

use crate::base::number::Number;
use crate::event::CallStatus;
use crate::providers::phone::Call;
use crate::serve::control::reply::millis;
use crate::world::{Hand, World};

/// A call, with the cursor that waits for later ones.
pub(super) fn told(world: &World, call: &Call) -> Value {
    let hand = world.call_in_hand(call.id());
    json!({
        "sid": call.sid().to_string(),
        "cursor": call.id().index() + 1,
        "to": call.number().to_string(),
        "from": call.from().to_string(),
        "status": call.status().label(),
        "ringing": call.rings(),
        "in_hand": hand.is_some() && !call.is_over(),
        "listens": hand.and_then(Hand::listens).map(|keys| json!({ "digits": keys.num_digits })),
        "log": call.log().iter().map(|(at, status)| json!({ "at_ms": millis(*at), "status": status.label() }))
            .collect::<Vec<_>>(),
        "heard": hand.map(heard).unwrap_or_default(),
        "code": hand.and_then(code),
    })
}

/// What a call has said.
pub(super) fn heard(hand: &Hand) -> Vec<Value> {
    hand.heard().iter().map(|heard| json!({ "at_ms": millis(heard.at), "text": heard.text })).collect()
}

/// The newest code that a call has spoken: the last run of four to ten digits, said in one sentence or one
/// digit a sentence.
pub(super) fn code(hand: &Hand) -> Option<String> {
    let mut runs = vec![String::new()];
    for sentence in hand.heard() {
        for word in sentence.text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | ';' | ':')) {
            let digits = !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
            match runs.last_mut() {
                Some(run) if digits => run.push_str(word),
                Some(run) if !word.is_empty() && !run.is_empty() => runs.push(String::new()),
                Some(_) | None => {}
            }
        }
    }
    runs.into_iter().rev().find(|run| (4..=10).contains(&run.len()))
}

/// The newest call to a number that is not over, or else the newest of all.
pub(super) fn current(world: &World, number: Number) -> Option<&Call> {
    let mut calls = world.calls().iter().rev().filter(|call| call.number() == number);
    let newest = calls.clone().next();
    calls.find(|call| !call.is_over()).or(newest)
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
