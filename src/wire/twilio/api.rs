//! The voice provider's REST API: orders arrive over HTTP, and the phone company answers.
//!
//! It is served by wiremock, so that Rust users can mount their own mocks in front. [`respond`]
//! computes the answers and is independent of the transport. Closing a connection without an answer
//! takes two mocks in wiremock: one matches the requests to close and fails, the other answers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wiremock::{Match, Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use crate::event::{AnsweredBy, CallStatus};
use crate::message::{Answer, CallReply, Sid};
use crate::providers::phone::ApiError;
use crate::wire::door::Door;
use crate::wire::form::Form;
use crate::wire::reference::server::deliver;
use crate::wire::twilio::{ACCOUNT_SID, AUTH_TOKEN, order, webhook};
use crate::world::{Delivery, World};

/// Lowest precedence, so that a user's mock with any other priority is tried first.
const LAST: u8 = u8::MAX;

/// Path prefix of accounts.
const ACCOUNTS: &str = "/2010-04-01/Accounts/";

/// A request, independent of the HTTP server.
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

/// A response, independent of the HTTP server.
#[derive(Clone, Debug, PartialEq)]
pub struct RestResponse {
    /// HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
}

/// Answers a request; `None` if the connection must be closed without an answer.
pub fn respond(door: &Door, request: &RestRequest<'_>) -> Option<RestResponse> {
    let account = request.path.strip_prefix(ACCOUNTS).and_then(|rest| rest.strip_prefix(ACCOUNT_SID));
    let Some(resource) = account else { return Some(error(404, 20_404)) };
    if !is_authorized(request.authorization) {
        return Some(error(401, 20_003));
    }
    match (request.method, resource) {
        ("POST", "/Calls.json") => create(door, request),
        ("POST", _) => update(door, request, sid_of(resource)),
        ("GET", _) => Some(fetch(door, sid_of(resource))),
        _ => Some(error(404, 20_404)),
    }
}

/// Creates a call.
fn create(door: &Door, request: &RestRequest<'_>) -> Option<RestResponse> {
    let order = order::order(&Form::read(request.body), door.world().papers_mut());
    match order {
        Ok(order) => answer(door, 201, Delivery::Call(order)),
        Err(code) => Some(error(ApiError::of(code).http, code)),
    }
}

/// Cancels, completes or redirects a call.
fn update(door: &Door, request: &RestRequest<'_>, sid: Option<Sid>) -> Option<RestResponse> {
    let known = sid.filter(|sid| door.world().call_of_sid(*sid).is_some());
    let Some(sid) = known else { return Some(error(404, 20_404)) };
    let update = order::update(&Form::read(request.body), door.world().papers_mut());
    match update {
        Ok(update) => answer(door, 200, Delivery::Update(sid, update)),
        Err(code) => Some(error(ApiError::of(code).http, code)),
    }
}

/// Delivers a request to the phone company; `status` is the HTTP status of a success.
fn answer(door: &Door, status: u16, delivery: Delivery) -> Option<RestResponse> {
    match deliver(door, delivery)? {
        Answer::Call(CallReply::Created { sid }) => Some(RestResponse { status, body: look_up(door, sid)? }),
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
fn fetch(door: &Door, sid: Option<Sid>) -> RestResponse {
    let body = sid.and_then(|sid| look_up(door, sid));
    body.map_or_else(|| error(404, 20_404), |body| RestResponse { status: 200, body })
}

/// The call that a resource path names.
fn sid_of(resource: &str) -> Option<Sid> {
    resource.strip_prefix("/Calls/").and_then(|rest| rest.strip_suffix(".json")).and_then(Sid::read)
}

fn is_authorized(header: Option<&str>) -> bool {
    let shown =
        header.and_then(|value| value.strip_prefix("Basic ")).and_then(|text| STANDARD.decode(text).ok());
    let wanted = format!("{ACCOUNT_SID}:{AUTH_TOKEN}");
    shown.is_some_and(|shown| subtle::ConstantTimeEq::ct_eq(shown.as_slice(), wanted.as_bytes()).into())
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

/// The API's representation of a call in its current state (TW-call).
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
    let (to, from) = (call.number().to_string(), call.from().to_string());
    let updated = call.log().last().map(|(at, _)| webhook::stamp(epoch.unix_secs(*at)));
    Some(json!({
        "sid": sid.to_string(),
        "account_sid": ACCOUNT_SID,
        "to": to,
        "to_formatted": to,
        "from": from,
        "from_formatted": from,
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
    /// Starts the provider on a free loopback port.
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

    /// The provider's address.
    pub fn address(&self) -> SocketAddr {
        *self.server.address()
    }

    /// The server, for mounting mocks in front of the built-in ones.
    pub const fn server(&self) -> &MockServer {
        &self.server
    }
}

/// Computes the answer, and matches if the connection must be closed.
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

/// Returns the computed answer.
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
