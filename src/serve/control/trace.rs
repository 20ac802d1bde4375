//! What happened so far, and a new start.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::serve::control::Control;
use crate::serve::control::reply::{Refused, answer, read, refused};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    seed: Option<u64>,
}

/// `GET /trace`: all events, in order.
pub(super) async fn show(State(control): State<Control>) -> Result<Response, Refused> {
    let trace = control.door.enter(|world| serde_json::to_value(world.trace()));
    match trace {
        Ok(trace) => Ok(answer(StatusCode::OK, &trace)),
        Err(error) => Err(refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    }
}

/// `POST /reset`: the world begins again with the same story, even after an error. Calls, emails, faults
/// and scripts are gone, and webhooks under way are dropped.
pub(super) async fn reset(State(control): State<Control>, body: Bytes) -> Result<Response, Refused> {
    let asked: Reset = read(&body)?;
    let seed = asked.seed.unwrap_or_else(|| control.door.world().seed());
    control.door.begin_again(Arc::clone(&control.story), seed);
    control.accounts.forget_calls();
    control.mailbox.inbox().clear();
    Ok(answer(StatusCode::OK, &json!({ "seed": seed })))
}
