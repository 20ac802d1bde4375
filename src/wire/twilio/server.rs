//! The HTTP server of the voice provider's REST API, for external apps.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use tokio::time::timeout;

use crate::base::id::TextId;
use crate::story::Gateway;
use crate::wire::door::Door;
use crate::wire::form::FORM_MAX;
use crate::wire::gateway;
use crate::wire::http_server::CloseConnection;
use crate::wire::twilio::accounts::Accounts;
use crate::wire::twilio::rest::{RestRequest, RestResponse, respond};

/// Longest time that an answer waits for a status callback, by a fault.
const HOLD_MAX: Duration = Duration::from_secs(5);

/// Response extension: the error code of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode(pub u32);

/// The routes of the provider's REST API.
pub fn router(door: Arc<Door>, accounts: Arc<Accounts>) -> Router {
    routes(Provider { door, accounts, holds: true })
}

/// The same for a replay, whose time stands still until a request is answered: no answer waits for a callback.
pub fn router_of_replay(door: Arc<Door>, accounts: Arc<Accounts>) -> Router {
    routes(Provider { door, accounts, holds: false })
}

fn routes(provider: Provider) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(FORM_MAX)).with_state(provider)
}

#[derive(Clone)]
struct Provider {
    door: Arc<Door>,
    accounts: Arc<Accounts>,
    /// Whether an answer can wait for a status callback, by a fault.
    holds: bool,
}

impl Provider {
    /// Waits until the first status callback of a text has been answered, or for a limited time.
    async fn after_first_receipt(&self, text: TextId) {
        let mut changes = self.door.changes();
        let reported =
            async { while self.door.world().reports_text(text) && changes.changed().await.is_ok() {} };
        let _either_way = timeout(HOLD_MAX, reported).await;
    }
}

async fn answer(
    State(provider): State<Provider>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let story = Arc::clone(provider.door.world().story());
    if let Some(gateway) = story.gateways.iter().find(|gateway| gateway.path == uri.path()) {
        return through(&provider.door, gateway, (&method, &headers, &body));
    }
    let request = request(&method, &uri, &headers, &body);
    let answer = respond(&provider.door, &provider.accounts, &request);
    if let Some(text) = answer.as_ref().and_then(|answer| answer.holds).filter(|_| provider.holds) {
        provider.after_first_receipt(text).await;
    }
    written(answer)
}

/// A request of the REST API.
pub(super) fn request<'a>(
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: &'a [u8],
) -> RestRequest<'a> {
    RestRequest {
        method: method.as_str(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        authorization: headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()),
        body,
    }
}

/// An answer as an HTTP response; without one, the connection is closed.
pub(super) fn written(answer: Option<RestResponse>) -> Response {
    let Some(answer) = answer else { return closed() };
    let code = answer.body.as_ref().filter(|_| answer.status >= 400).and_then(|body| body["code"].as_u64());
    // A JSON value always has a text.
    let text = answer.body.and_then(|body| serde_json::to_vec(&body).ok()).unwrap_or_default();
    let mut response = Response::new(Body::from(text));
    if let Some(code) = code.and_then(|code| u32::try_from(code).ok()) {
        response.extensions_mut().insert(ErrorCode(code));
    }
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if answer.status == 401 {
        let realm = HeaderValue::from_static("Basic realm=\"Twilio API\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
    }
    if answer.status != 204 {
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

/// Answers a request to a generic SMS gateway.
fn through(
    door: &Door,
    gateway: &Gateway,
    (method, headers, body): (&Method, &HeaderMap, &[u8]),
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_json = kind.contains("json") || (kind.is_empty() && body.starts_with(b"{"));
    let Some(answer) = gateway::respond(door, gateway, method.as_str(), is_json, body) else {
        return closed();
    };
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(kind) = HeaderValue::from_str(&answer.kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

/// A response that closes the connection without an answer.
fn closed() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseConnection);
    response
}
