//! Phones that a test controls: wait for a call, answer, listen, press keys, hang up.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::id::CallId;
use crate::base::number::Number;
use crate::base::time::Span;
use crate::message::Digits;
use crate::serve::control::calls::{State, Told, after, told};
use crate::serve::control::reply::{Refused, answer, read, refused, refused_with, span};
use crate::serve::control::{Control, wait};
use crate::story::{PhoneAct, Recorded};
use crate::wire::contract::{Operation, Routes, Segment, complete};
use crate::world::{NotPossible, World};

/// Default time between two keys.
const GAP_USUAL: Span = Span::from_millis(200);

/// A handset in a path.
pub(super) const NUMBER: Segment = Segment {
    name: "number",
    says: "A telephone number in E.164; the plus sign may be missing.",
    pattern: r"^\+?[1-9][0-9]{7,14}$",
    example: "34600000001",
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wait {
    /// The cursor after which the call is. Without one, it is the current call, or else the next.
    since: Option<usize>,
    /// `ordered`, `ringing` (the default), `answered` or `ended`.
    #[schemars(extend("enum" = ["ordered", "ringing", "answered", "ended", null]))]
    state: Option<String>,
    /// Words that the call has said.
    contains: Option<String>,
    /// Seconds of real time, 60 at most; 10 by default.
    timeout: Option<u64>,
}

/// Keys to press.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Press {
    /// 0 to 9, `*`, `#` and A to D.
    #[schemars(regex(pattern = "^[0-9A-D*#]{1,32}$"))]
    keys: String,
    /// How long to wait before: `1s`.
    #[schemars(with = "Option<Span>")]
    after: Option<String>,
    /// The time between two keys: `200ms`.
    #[schemars(with = "Option<Span>")]
    gap: Option<String>,
}

/// A phone with its current call.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Phone {
    /// The number.
    number: String,
    /// The call that is not over, or else the newest one.
    call: Option<Told>,
    /// The cursor that waits for later calls.
    cursor: usize,
}

/// No such call came in time.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct NoCall {
    /// What was waited for, and what would help.
    error: String,
    /// The current call.
    call: Option<Told>,
    /// The cursor for the next attempt.
    cursor: usize,
}

/// Something that cannot be done with a call.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct NotDone {
    /// Why not.
    error: String,
    /// The call.
    call: Option<Told>,
}

pub(super) fn routes() -> Routes<Control> {
    let bad = "it is not a phone number in E.164, for example `+34600000001`";
    let does = |path: &str, says| {
        Operation::post(path, says)
            .segment(NUMBER)
            .answers::<Told>(200, "The call afterwards.")
            .refuses(400, bad)
            .refuses(404, "nobody has called this number yet")
            .answers::<NotDone>(409, "The call is in another state.")
    };
    let press = does("/phones/{number}/press", "Presses keys");
    let press = press.body::<Press>(json!({ "keys": "123456#", "after": "1s", "gap": "200ms" }));
    Routes::new()
        .on(
            Operation::get("/phones/{number}", "The current call: status, log, what it said, the code in it")
                .segment(NUMBER)
                .answers::<Phone>(200, "The phone.")
                .refuses(400, bad),
            show,
        )
        .on(
            Operation::get("/phones/{number}/wait", "Waits for a call in a state that has said these words")
                .segment(NUMBER)
                .query::<Wait>()
                .answers::<Told>(200, "The call.")
                .refuses(400, "a state is one of: ordered, ringing, answered, ended")
                .answers::<NoCall>(408, "There was no such call in time."),
            wait,
        )
        .on(does("/phones/{number}/answer", "Answers the call that rings"), answer_call)
        .on(does("/phones/{number}/hangup", "Ends an answered call, or declines a ringing one"), hang_up)
        .on(does("/phones/{number}/reject", "Declines a ringing call"), reject)
        .on(press, press_keys)
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
async fn show(Shared(control): Shared<Control>, Path(text): Path<String>) -> Result<Response, Refused> {
    let number = number(&text)?;
    let body = control.door.enter(|world| {
        let call = world.current_call(number).map(|call| told(world, call));
        Phone { number: number.to_string(), call, cursor: world.calls().len() }
    });
    Ok(answer(StatusCode::OK, &body))
}

/// `GET /phones/{number}/wait?state=ringing&since=0&contains=code&timeout=10`: waits for a call after the
/// cursor, in real time. By default it is the current call, if that is not over, or else the next.
async fn wait(
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
    let find = |world: &mut World| -> Option<Told> {
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
    let body = NoCall { error: says, call, cursor: since };
    Err(refused_with(StatusCode::REQUEST_TIMEOUT, json!(body)))
}

/// `POST /phones/{number}/answer`.
async fn answer_call(
    Shared(control): Shared<Control>,
    Path(text): Path<String>,
    _drained: Bytes,
) -> Result<Response, Refused> {
    act(&control, &text, || PhoneAct::Answers, World::answer_by_hand)
}

/// `POST /phones/{number}/hangup`: ends an answered call, or declines a ringing one.
async fn hang_up(
    Shared(control): Shared<Control>,
    Path(text): Path<String>,
    _drained: Bytes,
) -> Result<Response, Refused> {
    act(&control, &text, || PhoneAct::HangsUp, World::hang_up_by_hand)
}

/// `POST /phones/{number}/reject`: declines a ringing call.
async fn reject(
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
async fn press_keys(
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
            Ok(()) => Ok(answer(StatusCode::OK, &shown)),
            Err(error) => {
                let body = NotDone { error: error.to_string(), call: shown };
                Err(refused_with(StatusCode::CONFLICT, json!(body)))
            }
        }
    })
}
