//! The control API of the mailbox as a whole: its limits, its log, its webhook, and the hosts in links.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use crate::wire::form::Form;
use crate::wire::inbox::respond::{error, json as answer};
use crate::wire::inbox::routes::Api;

pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/mail", get(info))
        .route("/mail/log", get(log))
        .route("/mail/webhook", get(webhook).put(set_webhook).delete(forget_webhook))
        .route("/mail/hosts", get(hosts).put(set_hosts).delete(forget_hosts))
}

/// The address that is called for each message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Called {
    url: String,
}

/// `GET /mail`: how much is kept, and what was dropped.
async fn info(State(api): State<Api>) -> Response {
    let inbox = api.inbox();
    let (limits, counts) = (inbox.limits(), inbox.counts());
    let body = json!({
        "limits": { "messages": limits.messages, "bytes": limits.bytes },
        "messages": counts.messages,
        "bytes": counts.bytes,
        "accepted": counts.accepted,
        "refused": counts.refused,
        "deleted": counts.deleted,
        // The oldest messages go first, when a limit is reached.
        "dropped": counts.dropped,
        "dropped_up_to": counts.dropped_up_to,
        "cursor": inbox.cursor(),
    });
    answer(StatusCode::OK, &body)
}

async fn webhook(State(api): State<Api>) -> Response {
    let (url, delivered, failed) = api.mailbox.webhook().told();
    answer(StatusCode::OK, &json!({ "url": url, "delivered": delivered, "failed": failed }))
}

/// `PUT /mail/webhook {"url": "http://127.0.0.1:3000/mail"}`.
async fn set_webhook(State(api): State<Api>, body: Bytes) -> Response {
    let called: Called = match serde_json::from_slice(&body) {
        Ok(called) => called,
        Err(why) => {
            let says = format!("send {{\"url\": \"http://127.0.0.1:3000/mail\"}}: {why}");
            return error(StatusCode::BAD_REQUEST, says);
        }
    };
    let inbox = api.inbox();
    match api.mailbox.webhook().call(&called.url, inbox, api.mailbox.log()) {
        Ok(()) => webhook(State(api)).await,
        Err(why) => error(StatusCode::BAD_REQUEST, why),
    }
}

async fn forget_webhook(State(api): State<Api>, _drained: Bytes) -> Response {
    api.mailbox.webhook().forget();
    webhook(State(api)).await
}

/// `GET /mail/log?since=CURSOR`.
async fn log(State(api): State<Api>, RawQuery(query): RawQuery) -> Response {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    match form.get("since").map_or(Ok(0), str::parse) {
        Ok(since) => answer(StatusCode::OK, &json!({ "entries": api.mailbox.log().after(since) })),
        Err(_) => error(StatusCode::BAD_REQUEST, "since must be the cursor of an entry"),
    }
}

async fn hosts(State(api): State<Api>) -> Response {
    answer(StatusCode::OK, &json!({ "hosts": api.hosts.all() }))
}

/// `PUT /mail/hosts {"app.test": "127.0.0.1:3000"}`.
async fn set_hosts(State(api): State<Api>, body: Bytes) -> Response {
    let given: BTreeMap<String, SocketAddr> = match serde_json::from_slice(&body) {
        Ok(given) => given,
        Err(why) => {
            let says = format!("send addresses by host, as {{\"app.test\": \"127.0.0.1:3000\"}}: {why}");
            return error(StatusCode::BAD_REQUEST, says);
        }
    };
    match api.hosts.replace(given) {
        Ok(()) => hosts(State(api)).await,
        Err(why) => error(StatusCode::BAD_REQUEST, why),
    }
}

async fn forget_hosts(State(api): State<Api>, _drained: Bytes) -> Response {
    // No hosts are never too many.
    let _replaced = api.hosts.replace(BTreeMap::new());
    hosts(State(api)).await
}
