//! The provider's log: warnings, lints and errors about orders and answers of the app.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::serve::control::Control;
use crate::serve::control::reply::{Refused, answer, millis, refused};
use crate::wire::contract::{Operation, Routes, complete};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Since {
    /// The number of the first note to show.
    #[serde(default)]
    since: u64,
}

/// The notes from a number on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Log", transform = complete)]
struct Told {
    /// The notes, the oldest first.
    notes: Vec<Note>,
    /// The cursor for later ones.
    cursor: u64,
    /// How many are no longer kept.
    lost: u64,
}

/// A warning or an error about an order or an answer of the app.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Note {
    /// Its number, from zero.
    number: u64,
    /// When, in milliseconds since the story began.
    at_ms: u64,
    /// `error` or `warning`.
    level: &'static str,
    /// Twilio's code.
    code: Option<u32>,
    /// Twilio's page about the code.
    more_info: Option<String>,
    /// The SID of the call that it is about.
    call: Option<String>,
    /// What is wrong.
    says: String,
}

pub(super) fn routes() -> Routes<Control> {
    let operation = Operation::get(
        "/log",
        "Warnings and errors about orders and answers of the app; the newest 1,000 are kept",
    )
    .query::<Since>()
    .answers::<Told>(200, "The notes.")
    .refuses(400, "since is a number");
    Routes::new().on(operation, show)
}

/// `GET /log?since=0`: the notes from this number on, and the cursor for later ones. `lost` counts those
/// that are no longer kept.
async fn show(
    State(control): State<Control>,
    asked: Result<Query<Since>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(asked) = asked.map_err(|rejection| refused(StatusCode::BAD_REQUEST, rejection.body_text()))?;
    let (notes, cursor) = control.accounts.debugger().since(asked.since);
    let lost = notes.first().map_or(cursor, |note| note.number).saturating_sub(asked.since);
    let notes = notes.iter().map(|note| {
        let finding = &note.finding;
        Note {
            number: note.number,
            at_ms: millis(note.at),
            level: if finding.is_error { "error" } else { "warning" },
            code: finding.code,
            more_info: finding.code.map(|code| format!("https://www.twilio.com/docs/errors/{code}")),
            call: note.call.map(|sid| sid.to_string()),
            says: finding.says.to_string(),
        }
    });
    Ok(answer(StatusCode::OK, &Told { notes: notes.collect(), cursor, lost }))
}
