//! Responses of the HTTP API.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

/// Keeps a browser from running what a message contains with the rights of the API.
const NO_SCRIPTS: &str =
    "default-src 'none'; img-src * data:; style-src * 'unsafe-inline'; font-src *; media-src *; sandbox";

/// A JSON response.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => with_type(status, "application/json", bytes),
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

/// A text response.
pub(super) fn plain(status: StatusCode, text: impl Into<String>) -> Response {
    with_type(status, "text/plain; charset=utf-8", text.into())
}

/// Mailpit's answer to a change.
pub(super) fn ok() -> Response {
    plain(StatusCode::OK, "ok")
}

/// Mailpit's answer to a request that it cannot carry out.
pub(super) fn bad_request(error: impl std::fmt::Display) -> Response {
    plain(StatusCode::BAD_REQUEST, format!("Error: {error}"))
}

/// Mailpit's answer to an id that it does not have.
pub(super) fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, "404 page not found")
}

/// An error of the control API.
pub(super) fn error(status: StatusCode, text: impl std::fmt::Display) -> Response {
    json(status, &json!({ "error": text.to_string() }))
}

/// Content of a message, which may be anything.
pub(super) fn content(content_type: &str, body: impl Into<Body>) -> Response {
    let mut response = with_type(StatusCode::OK, content_type, body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(NO_SCRIPTS));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn with_type(status: StatusCode, content_type: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    // A message can declare a type that no header can hold.
    let content_type = HeaderValue::from_str(content_type)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

/// Runs work that may parse large messages where it does not hold up other connections.
pub(super) async fn off_thread(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the request could not be carried out"))
}
