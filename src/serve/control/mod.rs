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
use axum::routing::{get, post, put};
use serde_json::json;

use self::events::Streams;
use self::reply::{Refused, answer, refused};
use self::save::Saves;
use crate::story::Story;
use crate::wire::Door;
use crate::wire::inbox::Mailbox;
use crate::wire::twilio::accounts::Accounts;

/// Longest body of a request, in bytes.
const BODY_MAX: usize = 64 * 1_024;

/// The requests, as `GET /control/v1` lists them; a test compares them with the routes.
const REQUESTS: &[&str] = &[
    "GET /clock",
    "POST /clock/advance {\"by\": \"30s\"} or {\"to\": \"next\"}",
    "GET /phones/{number}",
    "GET /phones/{number}/wait?state=ordered|ringing|answered|ended&since=&contains=&timeout=",
    "POST /phones/{number}/answer",
    "POST /phones/{number}/hangup",
    "POST /phones/{number}/reject",
    "POST /phones/{number}/press {\"keys\": \"123456#\", \"after\": \"1s\", \"gap\": \"200ms\"}",
    "PUT /phones/{number}/script {\"answer_after\": \"4s\", \"then\": [{\"hears\": \"code\", \"press\": \"123456\"}]}",
    "PUT /phones/{number}/script {\"line\": \"busy|voicemail|unreachable|ring\"} or {\"reject_after\": \"2s\"}",
    "DELETE /phones/{number}/script",
    "GET /phones/{number}/texts?since=&from=&contains=",
    "GET /phones/{number}/texts/wait?since=&from=&contains=&timeout=",
    "POST /phones/{number}/texts {\"to\": \"+15005550006\", \"body\": \"STOP\"}",
    "PUT /senders/{number} {\"sms\": \"http://localhost:3000/sms\", \"method\": \"POST\", \"fallback\": \"…\", \"account\": \"AC…\"}",
    "DELETE /senders/{number}",
    "POST /people/{name}/code {\"device\": \"phone-app\"}",
    "PUT /people/{name}/devices/{device} {\"otpauth\": \"otpauth://totp/…\"} or {\"secret\": \"BASE32\", \"clock_off\": \"90s\", \"on\": \"phone\"}",
    "PUT /people/{name}/phone {\"state\": \"lost\"} or {\"state\": \"works\"}",
    "GET /faults",
    "PUT /faults [{\"does\": \"call-busy\", \"on\": 1}]",
    "DELETE /faults",
    "GET /messages?to=&subject=&contains=&tag=&since=",
    "DELETE /messages?to=&subject=&contains=&tag=&since=",
    "GET /messages/wait?to=&subject=&contains=&tag=&since=&timeout=",
    "GET /messages/cursor",
    "GET /messages/{id}/links, /codes, /transcript",
    "GET /log?since=",
    "GET /mail",
    "GET /mail/log?since=",
    "GET /mail/webhook",
    "PUT /mail/webhook {\"url\": \"http://127.0.0.1:3000/mail\"}",
    "DELETE /mail/webhook",
    "GET /mail/hosts",
    "PUT /mail/hosts {\"app.test\": \"127.0.0.1:3000\"}",
    "DELETE /mail/hosts",
    "GET /trace",
    "GET /trace/events?since=",
    "POST /reset {\"seed\": 2}",
    "POST /save {\"name\": \"sign-up\"}",
    "GET /sandboxes",
    "POST /sandboxes {\"name\": \"t1\", \"account\": \"AC…\", \"tag\": \"t1\", \"user\": \"t1\", \"story\": \"\", \"seed\": 1, \"clock\": \"manual\"}",
    "GET /sandboxes/{name}",
    "DELETE /sandboxes/{name}",
    "GET /sandboxes/{name}/clock, and all other requests below it",
];

/// What the handlers share.
#[derive(Clone)]
struct Control {
    door: Arc<Door>,
    accounts: Arc<Accounts>,
    /// The story as it was at the start.
    story: Arc<Story>,
    mailbox: Arc<Mailbox>,
    streams: Streams,
    saves: Saves,
}

/// All routes of the control API.
pub(super) fn router(
    door: Arc<Door>,
    accounts: Arc<Accounts>,
    story: Arc<Story>,
    (mailbox, streams, saves): (Arc<Mailbox>, Streams, Saves),
) -> Router {
    let api = Router::new()
        .route("/clock", get(clock::show))
        .route("/clock/advance", post(clock::advance))
        .route("/phones/{number}", get(phones::show))
        .route("/phones/{number}/wait", get(phones::wait))
        .route("/phones/{number}/answer", post(phones::answer_call))
        .route("/phones/{number}/hangup", post(phones::hang_up))
        .route("/phones/{number}/reject", post(phones::reject))
        .route("/phones/{number}/press", post(phones::press))
        .route("/phones/{number}/script", put(script::set).delete(script::remove))
        .route("/phones/{number}/texts", get(texts::list).post(texts::send))
        .route("/phones/{number}/texts/wait", get(texts::wait))
        .route("/senders/{number}", put(texts::configure).delete(texts::unconfigure))
        .route("/people/{who}/code", post(people::code))
        .route("/people/{who}/devices/{device}", put(devices::enrol))
        .route("/people/{who}/phone", put(devices::phone))
        .route("/faults", get(faults::show).put(faults::set).delete(faults::clear))
        .route("/log", get(log::show))
        .route("/trace", get(trace::show))
        .route("/trace/events", get(events::stream))
        .route("/reset", post(trace::reset))
        .route("/save", post(save::save));
    Router::new()
        .nest("/control/v1", api)
        .route("/control/v1", get(index))
        .route("/ready", get(ready))
        .fallback(nothing)
        .method_not_allowed_fallback(another_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(Control { door, accounts, story, mailbox, streams, saves })
}

/// `GET /ready`: 503 once an error has ended the play.
async fn ready(State(control): State<Control>) -> Result<Response, Refused> {
    control.lives()?;
    Ok(answer(StatusCode::OK, &json!({ "ready": true })))
}

async fn another_method(_drained: Bytes) -> Refused {
    refused(StatusCode::METHOD_NOT_ALLOWED, "this path has other methods; GET /control/v1 lists them")
}

/// `GET /control/v1`: the requests that there are.
async fn index() -> Response {
    answer(StatusCode::OK, &json!({ "requests": REQUESTS }))
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
