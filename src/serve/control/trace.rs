//! What happened so far, and a new start.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::event::Trace;
use crate::serve::control::Control;
use crate::serve::control::reply::{Refused, answer, read};
use crate::wire::contract::{Operation, Routes, complete};

/// How to begin again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reset {
    /// The seed; the same as before by default.
    seed: Option<u64>,
}

/// A world that has begun again.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Begun {
    /// Its seed.
    seed: u64,
}

pub(super) fn routes() -> Routes<Control> {
    Routes::new()
        .on(Operation::get("/trace", "All events, in order").answers::<Trace>(200, "The trace."), show)
        .on(
            Operation::post("/reset", "A new start with the same story, even after an error")
                .optional_body::<Reset>(json!({ "seed": 2 }))
                .answers::<Begun>(200, "The world has begun again.")
                .refuses(400, "the body is not understood"),
            reset,
        )
}

/// `GET /trace`: all events, in order.
async fn show(State(control): State<Control>) -> Response {
    control.door.enter(|world| answer(StatusCode::OK, world.trace()))
}

/// `POST /reset`: the world begins again with the same story, even after an error. Calls, emails, faults
/// and scripts are gone, and webhooks under way are dropped.
async fn reset(State(control): State<Control>, body: Bytes) -> Result<Response, Refused> {
    let asked: Reset = read(&body)?;
    let seed = asked.seed.unwrap_or_else(|| control.door.world().seed());
    control.door.begin_again(Arc::clone(&control.story), seed);
    control.accounts.forget_calls();
    control.mailbox.inbox().clear();
    Ok(answer(StatusCode::OK, &Begun { seed }))
}
