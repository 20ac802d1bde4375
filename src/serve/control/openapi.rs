//! The OpenAPI document, and the list of requests: both are made of the descriptions of the routes.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;

use crate::serve::control::{PREFIX, at_the_root, routes};
use crate::serve::sandbox::requests::{SANDBOX, outer_routes};
use crate::wire::contract::{Info, Operation, below, document, example_line};
use crate::wire::inbox;

const INFO: Info = Info {
    title: "lostkey: control API",
    version: env!("CARGO_PKG_VERSION"),
    description: "What a test does with the phones, the mailbox, the clock and the faults of `lostkey serve`. \
                  Durations are written as in stories (`30s`, `1h 30m`); story times are milliseconds since the \
                  story began. Each request is about the world of the sandbox `default`; the header \
                  `X-Lostkey-Sandbox`, or a path below `/control/v1/sandboxes/{name}`, chooses another one, and \
                  gets 404 if there is none. Mailpit's API, at `/api/v1` and in sandboxes, is Mailpit's to describe.",
};

/// Refusals that any request can get.
const ANY: &[(u16, &str)] = &[
    (401, "the server needs its token: Authorization: Bearer TOKEN"),
    (403, "Host and Origin must be localhost or a loopback address"),
];

/// The same for requests in a sandbox.
const IN_A_SANDBOX: &[(u16, &str)] =
    &[(400, "the path and the header name different sandboxes"), (404, "there is no sandbox of this name")];

/// The refusal of a body that is too large.
const TOO_LARGE: (u16, &str) = (413, "the body is too large: it may have 64 KiB, and a new sandbox 1 MiB");

/// `GET /control/v1/openapi.json`.
pub(super) async fn show() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| document(&INFO, &operations()).to_string());
    let mut response = Response::new(Body::from(text.as_str()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The requests in a line each, those in a sandbox in one line together.
pub(super) fn lines() -> Vec<String> {
    let all = own().into_iter().chain(outer_routes().into_operations());
    let below = all
        .map(|operation| operation.without(PREFIX))
        .filter(|operation| !["", "/ready", "/metrics"].contains(&operation.path()));
    let lines = below.map(|operation| example_line(&operation)).collect::<Vec<_>>().into_iter();
    lines.chain(["GET /sandboxes/{name}/clock, and all other requests below it".to_owned()]).collect()
}

/// The requests about one world, with full paths.
fn own() -> Vec<Operation> {
    let inner = routes().into_operations().into_iter().chain(inbox::operations()).collect();
    at_the_root().into_operations().into_iter().chain(below(PREFIX, None, &[], inner)).collect()
}

fn operations() -> Vec<Operation> {
    let own = own();
    let inner = own.iter().filter(|operation| operation.path() != PREFIX).cloned();
    let inner = inner.map(|operation| operation.without(PREFIX)).collect();
    let prefix = format!("{PREFIX}/sandboxes/{{name}}");
    let in_a_sandbox = below(&prefix, Some(SANDBOX), IN_A_SANDBOX, inner);
    let all = own.into_iter().chain(outer_routes().into_operations()).chain(in_a_sandbox).collect();
    let all = below("", None, ANY, all).into_iter();
    all.map(
        |operation| if operation.is_read() { operation } else { operation.refuses(TOO_LARGE.0, TOO_LARGE.1) },
    )
    .collect()
}
