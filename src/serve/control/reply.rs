//! Answers of the control API, and the reading of its requests.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::base::time::{Span, Time};

/// A JSON answer.
pub(in crate::serve) fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    let (status, text) = match serde_json::to_string(body) {
        Ok(text) => (status, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, json!({ "error": error.to_string() }).to_string()),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A refusal, with its reason.
#[derive(Debug)]
pub(in crate::serve) struct Refused {
    status: StatusCode,
    body: Value,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        answer(self.status, &self.body)
    }
}

/// A refusal, with its reason.
pub(in crate::serve) fn refused(status: StatusCode, error: impl Into<String>) -> Refused {
    refused_with(status, json!({ "error": error.into() }))
}

/// A refusal whose body has more than the reason.
pub(in crate::serve) const fn refused_with(status: StatusCode, body: Value) -> Refused {
    Refused { status, body }
}

/// Reads the JSON body of a request. An empty body is an empty object.
pub(in crate::serve) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| refused(StatusCode::BAD_REQUEST, format!("the body is not understood: {error}")))
}

/// Reads a duration as stories have it: `30s`, `1h 30m`.
pub(in crate::serve) fn span(text: &str) -> Result<Span, Refused> {
    text.parse()
        .map_err(|error| refused(StatusCode::BAD_REQUEST, format!("`{text}` is not a duration: {error}")))
}

/// A story time in an answer: milliseconds since the start.
pub(in crate::serve) const fn millis(at: Time) -> u64 {
    at.as_millis()
}
