//! The provider's log: warnings, lints and errors about orders and answers of the app.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::serve::control::Control;
use crate::serve::control::reply::{Refused, answer, millis, refused};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Since {
    #[serde(default)]
    since: u64,
}

/// `GET /log?since=0`: the notes from this number on, and the cursor for later ones. `lost` counts those
/// that are no longer kept.
pub(super) async fn show(
    State(control): State<Control>,
    asked: Result<Query<Since>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(asked) = asked.map_err(|rejection| refused(StatusCode::BAD_REQUEST, rejection.body_text()))?;
    let (notes, cursor) = control.accounts.debugger().since(asked.since);
    let lost = notes.first().map_or(cursor, |note| note.number).saturating_sub(asked.since);
    let notes = notes.iter().map(|note| {
        let finding = &note.finding;
        json!({
            "number": note.number,
            "at_ms": millis(note.at),
            "level": if finding.is_error { "error" } else { "warning" },
            "code": finding.code,
            "more_info": finding.code.map(|code| format!("https://www.twilio.com/docs/errors/{code}")),
            "call": note.call.map(|sid| sid.to_string()),
            "says": finding.says,
        })
    });
    let body = json!({ "notes": notes.collect::<Vec<_>>(), "cursor": cursor, "lost": lost });
    Ok(answer(StatusCode::OK, &body))
}
