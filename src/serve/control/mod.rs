//! The control API, for tests: `/control/v1`.
//!
//! Requests and answers are JSON. A refusal is `{"error": …}`, and says what would work.

mod calls;
mod clock;
mod faults;
mod people;
mod phones;
mod reply;
mod script;
mod trace;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post, put};
use serde_json::json;

use self::reply::{Refused, answer, refused};
use crate::story::Story;
use crate::wire::Door;
use crate::wire::twilio::accounts::Accounts;

/// Longest body of a request, in bytes.
const BODY_MAX: usize = 64 * 1_024;

/// What the handlers share.
#[derive(Clone)]
struct Control {
    door: Arc<Door>,
    accounts: Arc<Accounts>,
    /// The story as it was at the start.
    story: Arc<Story>,
}

/// All routes of the control API.
pub(super) fn router(door: Arc<Door>, accounts: Arc<Accounts>, story: Arc<Story>) -> Router {
    let api = Router::new()
        .route("/clock", get(clock::show))
        .route("/clock/advance", post(clock::advance))
        .route("/phones/{number}", get(phones::show))
        .route("/phones/{number}/wait", get(phones::wait))
        .route("/phones/{number}/heard", get(phones::heard))
        .route("/phones/{number}/answer", post(phones::answer_call))
        .route("/phones/{number}/hangup", post(phones::hang_up))
        .route("/phones/{number}/reject", post(phones::reject))
        .route("/phones/{number}/press", post(phones::press))
        .route("/phones/{number}/script", put(script::set).delete(script::remove))
        .route("/people/{who}/code", post(people::code))
        .route("/faults", get(faults::show).put(faults::set).delete(faults::clear))
        .route("/trace", get(trace::show))
        .route("/reset", post(trace::reset));
    Router::new()
        .nest("/control/v1", api)
        .route("/ready", get(ready))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(Control { door, accounts, story })
}

async fn ready() -> Response {
    answer(StatusCode::OK, &json!({ "ready": true }))
}

async fn nothing() -> Refused {
    refused(StatusCode::NOT_FOUND, "there is nothing here; the control API begins at /control/v1")
}
