//! The core of Mailpit's HTTP API, version 1, so that its clients work unchanged.
//!
//! Differences: lists are in the order of arrival, not of timestamps; raw messages are not altered; a body
//! that is not JSON is an error, while Mailpit deletes all messages on it. There is no websocket, no relay,
//! no chaos, and no check of HTML, links or spam.

mod info;
mod json;
mod listing;
mod send;
mod single;
mod tags;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::{get, post, put};
use serde::de::DeserializeOwned;

pub(super) use self::json::Item;
use crate::wire::inbox::respond::bad_request;
use crate::wire::inbox::routes::Api;

/// Longest body of a request, in bytes.
const BODY_MAX: usize = 5 * 1_024 * 1_024;

/// Longest body of a request that sends a message, in bytes: 50 MiB of attachments in base64.
const SEND_MAX: usize = 70 * 1_024 * 1_024;

pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/api/v1/info", get(info::info))
        .route("/api/v1/webui", get(info::web_ui))
        .route("/api/v1/chaos", get(info::chaos).put(info::chaos))
        .route("/livez", get(info::live))
        .route("/readyz", get(info::live))
        .route("/api/v1/messages", get(listing::list).put(listing::mark).delete(listing::delete))
        .route("/api/v1/search", get(listing::search).delete(listing::delete_found))
        .route("/api/v1/tags", get(tags::list).put(tags::set))
        .route("/api/v1/tags/{tag}", put(tags::rename).delete(tags::delete))
        .route("/api/v1/message/{id}", get(single::message))
        .route("/api/v1/message/{id}/headers", get(single::headers))
        .route("/api/v1/message/{id}/raw", get(single::raw))
        .route("/api/v1/message/{id}/part/{part}", get(single::part))
        .route("/view/{file}", get(single::view))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .merge(Router::new().route("/api/v1/send", post(send::send)).layer(DefaultBodyLimit::max(SEND_MAX)))
}

/// The JSON of a body, or the defaults for an empty one.
fn read_body<T: DeserializeOwned + Default>(body: &Bytes) -> Result<T, Box<Response>> {
    if body.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| Box::new(bad_request(error)))
}
