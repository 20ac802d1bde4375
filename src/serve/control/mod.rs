//! The control API, for tests: `/control/v1`.
//!
//! Requests and answers are JSON. A refusal is `{"error": …}`, and says what would work.
//!
//! Handlers read the body even if they ignore it (`_drained`). Otherwise hyper closes the connection after
//! the answer, and the next request of a client that keeps connections alive fails.

mod calls;
mod clock;
mod devices;
pub(super) mod events;
mod faults;
mod log;
pub(super) mod mistaken;
mod openapi;
mod people;
mod phones;
pub(super) mod reply;
pub(super) mod save;
mod script;
mod texts;
mod trace;
mod wait;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use self::events::Streams;
use self::reply::{Refused, answer, refused};
use self::save::Saves;
use crate::story::Story;
use crate::wire::Door;
use crate::wire::contract::{Operation, Routes, complete};
use crate::wire::inbox::Mailbox;
use crate::wire::twilio::accounts::Accounts;

/// Longest body of a request, in bytes.
const BODY_MAX: usize = 64 * 1_024;

/// Where the API is.
pub(super) const PREFIX: &str = "/control/v1";

/// The requests that there are.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Index {
    /// Method, path, names of the query and an example of the body.
    requests: Vec<String>,
}

/// Whether the world goes on.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Ready {
    /// Always true.
    ready: bool,
}

/// What the handlers share.
#[derive(Clone)]
pub(super) struct Control {
    door: Arc<Door>,
    accounts: Arc<Accounts>,
    /// The story as it was at the start.
    story: Arc<Story>,
    mailbox: Arc<Mailbox>,
    streams: Streams,
    saves: Saves,
}

/// The requests below [`PREFIX`].
pub(super) fn routes() -> Routes<Control> {
    clock::routes()
        .merge(phones::routes())
        .merge(script::routes())
        .merge(texts::routes())
        .merge(people::routes())
        .merge(devices::routes())
        .merge(faults::routes())
        .merge(log::routes())
        .merge(trace::routes())
        .merge(save::routes())
        .merge(events::routes())
}

/// The others.
pub(super) fn at_the_root() -> Routes<Control> {
    Routes::new()
        .on(
            Operation::get(PREFIX, "The requests that there are").answers::<Index>(200, "One line each."),
            index,
        )
        .on(
            Operation::get("/control/v1/openapi.json", "This document")
                .answers::<serde_json::Map<String, Value>>(200, "OpenAPI 3.1."),
            openapi::show,
        )
        .on(
            Operation::get("/ready", "Whether the world goes on")
                .answers::<Ready>(200, "It does.")
                .refuses(503, "an error has ended the play; POST /control/v1/reset starts a new one"),
            ready,
        )
}

/// All routes of the control API.
pub(super) fn router(
    door: Arc<Door>,
    accounts: Arc<Accounts>,
    story: Arc<Story>,
    (mailbox, streams, saves): (Arc<Mailbox>, Streams, Saves),
) -> Router {
    Router::new()
        .nest(PREFIX, routes().into_router())
        .merge(at_the_root().into_router())
        .fallback(nothing)
        .method_not_allowed_fallback(another_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(Control { door, accounts, story, mailbox, streams, saves })
}

/// `GET /ready`: 503 once an error has ended the play.
async fn ready(State(control): State<Control>) -> Result<Response, Refused> {
    control.lives()?;
    Ok(answer(StatusCode::OK, &Ready { ready: true }))
}

async fn another_method(_drained: Bytes) -> Refused {
    refused(StatusCode::METHOD_NOT_ALLOWED, "this path has other methods; GET /control/v1 lists them")
}

/// `GET /control/v1`: the requests that there are.
async fn index() -> Response {
    answer(StatusCode::OK, &Index { requests: openapi::lines() })
}

impl Control {
    /// Refuses if an error has ended the play.
    fn lives(&self) -> Result<(), Refused> {
        if self.door.is_over() {
            let says = "an error has ended the play; POST /control/v1/reset starts a new one";
            return Err(refused(StatusCode::SERVICE_UNAVAILABLE, says));
        }
        Ok(())
    }
}

async fn nothing(_drained: Bytes) -> Refused {
    refused(StatusCode::NOT_FOUND, "there is nothing here; GET /control/v1 lists the requests")
}
