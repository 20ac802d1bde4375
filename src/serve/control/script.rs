//! Scripts: how a phone answers by itself.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::number::Number;
use crate::base::time::Span;
use crate::event::AnsweredBy;
use crate::message::{Digits, Manner, Script, ScriptAct, ScriptStep};
use crate::serve::control::Control;
use crate::serve::control::phones::{NUMBER, number};
use crate::serve::control::reply::{Refused, answer, read, refused, span};
use crate::story::{PhoneAct, Recorded};
use crate::wire::contract::{Operation, Routes, complete};
use crate::world::World;

/// How a phone answers by itself: one of `answer_after`, `reject_after` and `line`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Script")]
struct Written {
    /// It rings this long, and is answered.
    #[schemars(with = "Option<Span>")]
    answer_after: Option<String>,
    /// It rings this long, and the call is declined.
    #[schemars(with = "Option<Span>")]
    reject_after: Option<String>,
    /// `ring`, `busy`, `voicemail` or `unreachable`.
    #[schemars(extend("enum" = ["ring", "busy", "voicemail", "unreachable", null]))]
    line: Option<String>,
    /// What happens in an answered call, in order.
    #[serde(default)]
    then: Vec<WrittenStep>,
}

/// A step of a script: either `press` or `hang_up`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ScriptStep")]
struct WrittenStep {
    /// Words that the call must have said.
    hears: Option<String>,
    /// How long to wait after that.
    #[schemars(with = "Option<Span>")]
    after: Option<String>,
    /// Keys to press.
    #[schemars(regex(pattern = "^[0-9A-D*#]{1,32}$"))]
    press: Option<String>,
    /// The time between two keys.
    #[schemars(with = "Option<Span>")]
    gap: Option<String>,
    /// Hangs up.
    #[serde(default)]
    hang_up: bool,
}

/// A phone whose script was changed.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Scripted {
    /// Its number.
    number: String,
}

pub(super) fn routes() -> Routes<Control> {
    let example = json!({ "answer_after": "4s", "then": [{ "hears": "code", "press": "123456#" }] });
    let on = |operation: Operation| {
        operation
            .segment(NUMBER)
            .answers::<Scripted>(200, "The phone.")
            .refuses(400, "say one of: \"answer_after\", \"reject_after\", or \"line\"")
            .refuses(507, "there are too many scripts, or steps of this one")
    };
    Routes::new()
        .on(
            on(Operation::put("/phones/{number}/script", "Lets a phone answer by itself"))
                .optional_body::<Written>(example),
            set,
        )
        .on(
            on(Operation::delete("/phones/{number}/script", "The phone is in the hand of the test again")),
            remove,
        )
}

/// `PUT /phones/{number}/script`.
async fn set(
    State(control): State<Control>,
    Path(text): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    keep(&control, number(&text)?, Some(script(read(&body)?)?))
}

/// `DELETE /phones/{number}/script`.
async fn remove(
    State(control): State<Control>,
    Path(text): Path<String>,
    _drained: Bytes,
) -> Result<Response, Refused> {
    keep(&control, number(&text)?, None)
}

fn keep(control: &Control, number: Number, script: Option<Script>) -> Result<Response, Refused> {
    let door = &control.door;
    let input = || Recorded::Phone(number, PhoneAct::Follows(script.clone()));
    let set = |world: &mut World| world.script_phone(number, script.clone());
    let kept = door.enter(|world| door.noting(world, input, set));
    kept.map_err(|error| refused(StatusCode::INSUFFICIENT_STORAGE, error.to_string()))?;
    Ok(answer(StatusCode::OK, &Scripted { number: number.to_string() }))
}

fn script(written: Written) -> Result<Script, Refused> {
    let manner = match (written.answer_after, written.reject_after, written.line.as_deref()) {
        (Some(after), None, None) => Manner::AnswersAfter(span(&after)?),
        (None, Some(after), None) => Manner::RejectsAfter(span(&after)?),
        (None, None, None | Some("ring")) => Manner::Rings,
        (None, None, Some("busy")) => Manner::Busy,
        (None, None, Some("voicemail")) => Manner::Voicemail(AnsweredBy::MachineStart),
        (None, None, Some("unreachable")) => Manner::Unreachable,
        _ => {
            let says = "say one of: \"answer_after\", \"reject_after\", or \"line\" with ring, busy, \
                        voicemail or unreachable";
            return Err(refused(StatusCode::BAD_REQUEST, says));
        }
    };
    let steps = written.then.into_iter().map(step).collect::<Result<_, _>>()?;
    Ok(Script { manner, steps })
}

fn step(written: WrittenStep) -> Result<ScriptStep, Refused> {
    let bad = |says: &str| refused(StatusCode::BAD_REQUEST, says);
    let does = match (written.press, written.hang_up) {
        (Some(keys), false) => {
            let keys = Digits::read(&keys).filter(|keys| !keys.is_empty());
            let gap = written.gap.as_deref().map(span).transpose()?.unwrap_or(Span::ZERO);
            ScriptAct::Press {
                keys: keys.ok_or_else(|| bad("keys are 0 to 9, *, #, A to D, at most 32"))?,
                gap,
            }
        }
        (None, true) => ScriptAct::HangUp,
        _ => return Err(bad("a step has either \"press\" or \"hang_up\": true")),
    };
    let after = written.after.as_deref().map(span).transpose()?.unwrap_or(Span::ZERO);
    Ok(ScriptStep { hears: written.hears.map(Arc::from), after, does })
}
