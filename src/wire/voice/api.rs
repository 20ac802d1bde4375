//! The voice provider's REST API: orders come in over HTTP, and the phone company answers.
//!
//! wiremock serves it, so that Rust users can mount mocks of their own in front of ours; what is
//! answered is decided by [`respond`], which knows no transport. A connection that is to be closed
//! without an answer takes wiremock two mocks: one that matches such requests, and fails.

use std::io;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use wiremock::Match;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::Respond;
use wiremock::ResponseTemplate;
use wiremock::matchers;

use crate::crossing::Answer;
use crate::crossing::CallCreate;
use crate::crossing::CallReply;
use crate::crossing::Sid;
use crate::event::AnsweredBy;
use crate::event::CallStatus;
use crate::number::Number;
use crate::time::Span;
use crate::voice::ApiError;
use crate::wire::console::paths;
use crate::wire::console::server::deliver;
use crate::wire::door::Door;
use crate::wire::form::Form;
use crate::wire::voice::ACCOUNT_SID;
use crate::wire::voice::AUTH_TOKEN;
use crate::wire::voice::webhook;
use crate::world::Delivery;
use crate::world::World;

/// Ours comes last, so that a user's mock with any priority comes first.
const LAST: u8 = u8::MAX;

/// Where the accounts are.
const ACCOUNTS: &str = "/2010-04-01/Accounts/";

/// How long a call may ring at the most, in seconds (voice.md section 1.1).
const RING_MAX: u64 = 600;

/// A request, as any server sees it.
#[derive(Clone, Copy, Debug)]
pub struct RestRequest<'a> {
    /// `POST`, `GET`, …
    pub method: &'a str,
    /// The path, without query.
    pub path: &'a str,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// A response, as any server can send it.
#[derive(Clone, Debug, PartialEq)]
pub struct RestResponse {
    /// HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
}

/// Answers a request; `None` if the connection is to be closed without an answer.
pub fn respond(door: &Door, request: &RestRequest<'_>) -> Option<RestResponse> {
    let account = request.path.strip_prefix(ACCOUNTS).and_then(|rest| rest.strip_prefix(ACCOUNT_SID));
    let Some(resource) = account else { return Some(error(404, 20_404)) };
    if !is_authorized(request.authorization) {
        return Some(error(401, 20_003));
    }
    match (request.method, resource) {
        ("POST", "/Calls.json") => create(door, request),
        ("GET", _) => Some(fetch(door, resource)),
        _ => Some(error(404, 20_404)),
    }
}

/// Creates a call.
fn create(door: &Door, request: &RestRequest<'_>) -> Option<RestResponse> {
    let order = match order(&Form::read(request.body)) {
        Ok(order) => order,
        Err(code) => return Some(error(400, code)),
    };
    match deliver(door, Delivery::Call(order))? {
        Answer::Call(CallReply::Created { sid }) => {
            Some(RestResponse { status: 201, body: look_up(door, sid)? })
        }
        Answer::Call(CallReply::Refused { http, code }) => Some(error(http, code)),
        Answer::Call(CallReply::Failed { http }) => {
            Some(error(http, if http == 503 { 20_503 } else { 20_500 }))
        }
        Answer::Page(_)
        | Answer::Mail(_)
        | Answer::Webhook(_)
        | Answer::Ticket(_)
        | Answer::Reset(_)
        | Answer::Lost(_) => None,
    }
}

/// Fetches a call.
fn fetch(door: &Door, resource: &str) -> RestResponse {
    let sid =
        resource.strip_prefix("/Calls/").and_then(|rest| rest.strip_suffix(".json")).and_then(Sid::read);
    let body = sid.and_then(|sid| look_up(door, sid));
    body.map_or_else(|| error(404, 20_404), |body| RestResponse { status: 200, body })
}

fn is_authorized(header: Option<&str>) -> bool {
    let shown =
        header.and_then(|value| value.strip_prefix("Basic ")).and_then(|text| STANDARD.decode(text).ok());
    let wanted = format!("{ACCOUNT_SID}:{AUTH_TOKEN}");
    shown.is_some_and(|shown| subtle::ConstantTimeEq::ct_eq(shown.as_slice(), wanted.as_bytes()).into())
}

/// The order that a form makes; Twilio's error code if it makes none.
fn order(form: &Form) -> Result<CallCreate, u32> {
    let to = Number::read(form.get("To").ok_or(21_201_u32)?).map_err(|_| 21_211_u32)?;
    form.get("From").ok_or(21_213_u32)?;
    let url = form.get("Url").ok_or(21_205_u32)?;
    let rest = url.strip_prefix(paths::ORIGIN).and_then(|rest| rest.strip_prefix(paths::VOICE));
    let reference = rest.and_then(|rest| rest.split('/').next()).and_then(webhook::reference);
    let timeout = form.get("Timeout").map_or(Ok(60), str::parse::<u64>).map_err(|_| 21_208_u32)?;
    Ok(CallCreate {
        to,
        reference: reference.ok_or(21_205_u32)?,
        ring_timeout: Span::from_secs(timeout.min(RING_MAX)),
        machine_detection: form.get("MachineDetection").is_some(),
    })
}

fn error(status: u16, code: u32) -> RestResponse {
    let known = ApiError::of(code);
    let body = json!({
        "code": code,
        "message": known.message,
        "more_info": known.more_info(),
        "status": status,
    });
    RestResponse { status, body }
}

/// What the API says of a call as it stands (voice.md section 1.2).
fn look_up(door: &Door, sid: Sid) -> Option<Value> {
    door.enter(|world| describe(world, sid))
}

fn describe(world: &World, sid: Sid) -> Option<Value> {
    let call = world.call_of_sid(sid)?;
    let epoch = world.story().epoch;
    let since = |test: fn(CallStatus) -> bool| {
        call.log()
            .iter()
            .find(|(_, status)| test(*status))
            .map(|(at, _)| webhook::stamp(epoch.unix_secs(*at)))
    };
    let to = call.number().to_string();
    let updated = call.log().last().map(|(at, _)| webhook::stamp(epoch.unix_secs(*at)));
    Some(json!({
        "sid": sid.to_string(),
        "account_sid": ACCOUNT_SID,
        "to": to,
        "to_formatted": to,
        "from": super::FROM,
        "from_formatted": super::FROM,
        "status": call.rest_status().label(),
        "direction": "outbound-api",
        "api_version": "2010-04-01",
        "answered_by": call.answered_by().map(AnsweredBy::label),
        "duration": call.duration().map(|seconds| seconds.to_string()),
        "date_created": since(|status| status == CallStatus::Queued),
        "date_updated": updated,
        "start_time": since(|status| status == CallStatus::Initiated),
        "end_time": since(CallStatus::is_terminal),
        "price": null,
        "price_unit": "USD",
        "uri": format!("{ACCOUNTS}{ACCOUNT_SID}/Calls/{sid}.json"),
    }))
}

/// The provider's server.
#[derive(Debug)]
pub struct VoiceApi {
    server: MockServer,
}

impl VoiceApi {
    /// Starts the provider on a free port of loopback.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(door: Arc<Door>) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let server = MockServer::builder().listener(listener).disable_request_recording().start().await;
        let answer = Arc::new(Mutex::new(None));
        let asked = Asked { door, answer: Arc::clone(&answer) };
        let closes = |_: &Request| io::Error::from(io::ErrorKind::ConnectionAborted);
        Mock::given(asked).respond_with_err(closes).with_priority(LAST - 1).mount(&server).await;
        Mock::given(matchers::any())
            .respond_with(Answered { answer })
            .with_priority(LAST)
            .mount(&server)
            .await;
        Ok(Self { server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        *self.server.address()
    }

    /// The server, for mounting mocks in front of ours.
    pub const fn server(&self) -> &MockServer {
        &self.server
    }
}

/// Asks the world, and matches if the connection is to be closed.
struct Asked {
    door: Arc<Door>,
    answer: Arc<Mutex<Option<RestResponse>>>,
}

impl Match for Asked {
    fn matches(&self, request: &Request) -> bool {
        let authorization = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        let seen = RestRequest {
            method: request.method.as_str(),
            path: request.url.path(),
            authorization,
            body: &request.body,
        };
        let response = respond(&self.door, &seen);
        let closes = response.is_none();
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = response;
        closes
    }
}

/// Says what the world has answered.
struct Answered {
    answer: Arc<Mutex<Option<RestResponse>>>,
}

impl Respond for Answered {
    fn respond(&self, _request: &Request) -> ResponseTemplate {
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        answer.map_or_else(
            || ResponseTemplate::new(500),
            |response| ResponseTemplate::new(response.status).set_body_json(response.body),
        )
    }
}
