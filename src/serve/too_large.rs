//! Says in JSON that the body of a request is too large; the framework says it in plain text.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The answer in place of a plain 413.
const SAYS: &str = "{\"error\": \"the body is too large: requests of the control API may have 64 KiB, those that \
                    send a message 70 MiB, and others of Mailpit's API 5 MiB\"}";

/// Replaces a refusal of the framework; other answers pass.
pub(super) async fn in_json(response: Response) -> Response {
    if response.status() != StatusCode::PAYLOAD_TOO_LARGE {
        return response;
    }
    (StatusCode::PAYLOAD_TOO_LARGE, [(header::CONTENT_TYPE, "application/json")], SAYS).into_response()
}
