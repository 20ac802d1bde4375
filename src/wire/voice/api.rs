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
use std::sync::MutexGuard;
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
use crate::crossing::CallReply;
use crate::crossing::Sid;
use crate::event::AnsweredBy;
use crate::event::CallStatus;
use crate::voice::ApiError;
use crate::wire::console::server::SharedWorld;
use crate::wire::console::server::deliver;
use crate::wire::form::Form;
use crate::wire::voice::ACCOUNT_SID;
use crate::wire::voice::AUTH_TOKEN;
use crate::wire::voice::order;
use crate::wire::voice::webhook;
use crate::world::Delivery;
use crate::world::World;

/// Ours comes last, so that a user's mock with any priority comes first.
const LAST: u8 = u8::MAX;

/// Where the accounts are.
const ACCOUNTS: &str = "/2010-04-01/Accounts/";

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
pub fn respond(world: &SharedWorld, request: &RestRequest<'_>) -> Option<RestResponse> {
    let account = request.path.strip_prefix(ACCOUNTS).and_then(|rest| rest.strip_prefix(ACCOUNT_SID));
    let Some(resource) = account else { return Some(error(404, 20_404)) };
    if !is_authorized(request.authorization) {
        return Some(error(401, 20_003));
    }
    match (request.method, resource) {
        ("POST", "/Calls.json") => create(world, request),
        ("POST", _) => update(world, request, sid_of(resource)),
        ("GET", _) => Some(fetch(world, sid_of(resource))),
        _ => Some(error(404, 20_404)),
    }
}

/// Creates a call.
fn create(world: &SharedWorld, request: &RestRequest<'_>) -> Option<RestResponse> {
    let order = order::order(&Form::read(request.body), lock(world).papers_mut());
    match order {
        Ok(order) => answer(world, 201, Delivery::Call(order)),
        Err(code) => Some(error(ApiError::of(code).http, code)),
    }
}

/// Cancels, completes or redirects a call.
fn update(world: &SharedWorld, request: &RestRequest<'_>, sid: Option<Sid>) -> Option<RestResponse> {
    let known = sid.filter(|sid| lock(world).call_of_sid(*sid).is_some());
    let Some(sid) = known else { return Some(error(404, 20_404)) };
    let update = order::update(&Form::read(request.body), lock(world).papers_mut());
    match update {
        Ok(update) => answer(world, 200, Delivery::Update(sid, update)),
        Err(code) => Some(error(ApiError::of(code).http, code)),
    }
}

/// What the phone company answers, with this status where it does what is asked.
fn answer(world: &SharedWorld, status: u16, delivery: Delivery) -> Option<RestResponse> {
    match deliver(world, delivery)? {
        Answer::Call(CallReply::Created { sid }) => Some(RestResponse { status, body: look_up(world, sid)? }),
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
fn fetch(world: &SharedWorld, sid: Option<Sid>) -> RestResponse {
    let body = sid.and_then(|sid| look_up(world, sid));
    body.map_or_else(|| error(404, 20_404), |body| RestResponse { status: 200, body })
}

/// The call that a resource is about.
fn sid_of(resource: &str) -> Option<Sid> {
    resource.strip_prefix("/Calls/").and_then(|rest| rest.strip_suffix(".json")).and_then(Sid::read)
}

fn lock(world: &SharedWorld) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
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

/// What the API says of a call as it stands (TW-call).
fn look_up(world: &SharedWorld, sid: Sid) -> Option<Value> {
    let world = lock(world);
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
    /// Starts the provider on a free port of loopback.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(world: SharedWorld) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let server = MockServer::builder().listener(listener).disable_request_recording().start().await;
        let answer = Arc::new(Mutex::new(None));
        let asked = Asked { world, answer: Arc::clone(&answer) };
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
    world: SharedWorld,
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
        let response = respond(&self.world, &seen);
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
