//! Scripts: how a phone answers by itself.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::base::number::Number;
use crate::base::time::Span;
use crate::event::AnsweredBy;
use crate::message::{Digits, Manner, Script, ScriptAct, ScriptStep};
use crate::serve::control::Control;
use crate::serve::control::phones::number;
use crate::serve::control::reply::{Refused, answer, read, refused, span};
use crate::story::{PhoneAct, Recorded};
use crate::world::World;

/// A script as JSON: `{"answer_after": "4s", "then": [{"hears": "code", "press": "123456#"}]}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    answer_after: Option<String>,
    reject_after: Option<String>,
    /// `ring`, `busy`, `voicemail` or `unreachable`.
    line: Option<String>,
    #[serde(default)]
    then: Vec<WrittenStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStep {
    hears: Option<String>,
    after: Option<String>,
    press: Option<String>,
    gap: Option<String>,
    #[serde(default)]
    hang_up: bool,
}

/// `PUT /phones/{number}/script`.
pub(super) async fn set(
    State(control): State<Control>,
    Path(text): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    keep(&control, number(&text)?, Some(script(read(&body)?)?))
}

/// `DELETE /phones/{number}/script`.
pub(super) async fn remove(
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
    Ok(answer(StatusCode::OK, &json!({ "number": number.to_string() })))
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
