//! Phones that a test controls: wait for a call, answer, listen, press keys, hang up.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::base::id::CallId;
use crate::base::number::Number;
use crate::base::time::Span;
use crate::message::Digits;
use crate::serve::control::calls::{State, after, told};
use crate::serve::control::reply::{Refused, answer, read, refused, refused_with, span};
use crate::serve::control::{Control, wait};
use crate::story::{PhoneAct, Recorded};
use crate::world::{NotPossible, World};

/// Default time between two keys.
const GAP_USUAL: Span = Span::from_millis(200);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wait {
    since: Option<usize>,
    state: Option<String>,
    contains: Option<String>,
    timeout: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Press {
    keys: String,
    after: Option<String>,
    gap: Option<String>,
}

/// Reads a number from a path; the plus sign may be missing.
pub(super) fn number(text: &str) -> Result<Number, Refused> {
    let text = if text.trim_start().starts_with('+') { text.to_owned() } else { format!("+{text}") };
    Number::read(&text).ok().filter(|number| number.is_e164()).ok_or_else(|| {
        let says = format!("`{text}` is not a phone number in E.164, for example `+34600000001`");
        refused(StatusCode::BAD_REQUEST, says)
    })
}

/// `GET /phones/{number}`: the current call, and the cursor for waits.
pub(super) async fn show(
    Shared(control): Shared<Control>,
    Path(text): Path<String>,
) -> Result<Response, Refused> {
    let number = number(&text)?;
    let body = control.door.enter(|world| {
        let call = world.current_call(number).map(|call| told(world, call));
        json!({ "number": number.to_string(), "call": call, "cursor": world.calls().len() })
    });
    Ok(answer(StatusCode::OK, &body))
}

/// `GET /phones/{number}/wait?state=ringing&since=0&contains=code&timeout=10`: waits for a call after the
/// cursor, in real time. By default it is the current call, if that is not over, or else the next.
pub(super) async fn wait(
    Shared(control): Shared<Control>,
    Path(text): Path<String>,
    asked: Result<Query<Wait>, QueryRejection>,
) -> Result<Response, Refused> {
    let number = number(&text)?;
    let Query(asked) = asked.map_err(|rejection| refused(StatusCode::BAD_REQUEST, rejection.body_text()))?;
    let Some(state) = State::named(asked.state.as_deref().unwrap_or("ringing")) else {
        let says = "a state is one of: ordered, ringing, answered, ended";
        return Err(refused(StatusCode::BAD_REQUEST, says));
    };
    let contains = asked.contains.as_ref().map(|words| words.to_lowercase());
    let since = asked.since.unwrap_or_else(|| {
        control.door.enter(|world| match world.current_call(number).filter(|call| !call.is_over()) {
            Some(call) => call.id().index(),
            None => world.calls().len(),
        })
    });
    let find = |world: &mut World| -> Option<Value> {
        let call = after(world, number, since, state)?;
        let said = world.call_in_hand(call.id()).map(|hand| hand.heard()).unwrap_or_default();
        let fits = |words: &String| said.iter().any(|heard| heard.text.to_lowercase().contains(words));
        contains.as_ref().is_none_or(fits).then(|| told(world, call))
    };
    let most = wait::most(asked.timeout);
    if let Some(call) = wait::until(&control, most, find).await {
        return Ok(answer(StatusCode::OK, &call));
    }
    let says = wait::in_vain(&control, &format!("call to {number}"), most);
    let world = control.door.world();
    let call = world.current_call(number).map(|call| told(&world, call));
    let body = json!({ "error": says, "call": call, "cursor": since });
    Err(refused_with(StatusCode::REQUEST_TIMEOUT, body))
}

/// `POST /phones/{number}/answer`.
pub(super) async fn answer_call(
    Shared(control): Shared<Control>,
    Path(text): Path<String>,
    _drained: Bytes,
) -> Result<Response, Refused> {
    act(&control, &text, || PhoneAct::Answers, World::answer_by_hand)
}

/// `POST /phones/{number}/hangup`: ends an answered call, or declines a ringing one.
pub(super) async fn hang_up(
    Shared(control): Shared<Control>,
    Path(text): Path<String>,
    _drained: Bytes,
) -> Result<Response, Refused> {
    act(&control, &text, || PhoneAct::HangsUp, World::hang_up_by_hand)
}

/// `POST /phones/{number}/reject`: declines a ringing call.
pub(super) async fn reject(
    Shared(control): Shared<Control>,
    Path(text): Path<String>,
    _drained: Bytes,
) -> Result<Response, Refused> {
    act(
        &control,
        &text,
        || PhoneAct::HangsUp,
        |world, call| {
            if !world.call(call).is_some_and(|call| call.rings()) {
                return Err(NotPossible::DoesNotRing);
            }
            world.hang_up_by_hand(call)
        },
    )
}

/// `POST /phones/{number}/press` with `{"keys": "123456#", "after": "1s", "gap": "200ms"}`.
pub(super) async fn press(
    Shared(control): Shared<Control>,
    Path(text): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let asked: Press = read(&body)?;
    let after = asked.after.as_deref().map(span).transpose()?.unwrap_or(Span::ZERO);
    // Under a clock that stands still, the keys are pressed at once.
    let usual = if control.door.clock().is_real() { GAP_USUAL } else { Span::ZERO };
    let gap = asked.gap.as_deref().map(span).transpose()?.unwrap_or(usual);
    let Some(keys) = Digits::read(&asked.keys).filter(|keys| !keys.is_empty()) else {
        let says = format!("keys are 0 to 9, *, #, A to D, at most {}", Digits::MAX);
        return Err(refused(StatusCode::BAD_REQUEST, says));
    };
    let presses = || PhoneAct::Presses { keys, after, gap };
    act(&control, &text, presses, |world, call| world.press_by_hand(call, keys, after, gap))
}

/// Does something with the current call of a phone.
fn act(
    control: &Control,
    text: &str,
    act: impl FnOnce() -> PhoneAct,
    does: impl FnOnce(&mut World, CallId) -> Result<(), NotPossible>,
) -> Result<Response, Refused> {
    let number = number(text)?;
    control.door.enter(|world| {
        let call = world.current_call(number).map(|call| call.id());
        let call =
            call.ok_or_else(|| refused(StatusCode::NOT_FOUND, format!("nobody has called {number} yet")))?;
        let input = || Recorded::Phone(number, act());
        let done = control.door.noting(world, input, |world| does(world, call));
        let shown = world.call(call).map(|call| told(world, call));
        match done {
            Ok(()) => Ok(answer(StatusCode::OK, &json!(shown))),
            Err(error) => {
                let body = json!({ "error": error.to_string(), "call": shown });
                Err(refused_with(StatusCode::CONFLICT, body))
            }
        }
    })
}
