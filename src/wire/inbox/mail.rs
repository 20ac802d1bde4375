//! The control API of the mailbox as a whole: its limits, its log, its webhook, and the hosts in links.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::wire::contract::{Operation, Routes, complete};
use crate::wire::form::Form;
use crate::wire::inbox::respond::{error, json as answer};
use crate::wire::inbox::routes::Api;
use crate::wire::mail_log::MailLogEntry;

pub(super) fn routes() -> Routes<Api> {
    let hooked = "The webhook.";
    let given = "The hosts.";
    Routes::new()
        .on(
            Operation::get(
                "/mail",
                "How many emails are kept, the limits, and what was dropped because of them",
            )
            .answers::<Kept>(200, "The mailbox."),
            info,
        )
        .on(
            Operation::get(
                "/mail/log",
                "What happened to emails besides delivery: scans of links, and what was skipped",
            )
            .query::<Since>()
            .answers::<Log>(200, "The entries after the cursor.")
            .refuses(400, "since must be the cursor of an entry"),
            log,
        )
        .on(
            Operation::get("/mail/webhook", "The URL that gets the summary of each email")
                .answers::<Hooked>(200, hooked),
            webhook,
        )
        .on(
            Operation::put(
                "/mail/webhook",
                "Sends the summary of each email to a URL of this machine, three times at most",
            )
            .body::<Called>(json!({ "url": "http://127.0.0.1:3000/mail" }))
            .answers::<Hooked>(200, hooked)
            .refuses(400, "send {\"url\": \"http://127.0.0.1:3000/mail\"}"),
            set_webhook,
        )
        .on(
            Operation::delete("/mail/webhook", "No URL gets summaries any more")
                .answers::<Hooked>(200, hooked),
            forget_webhook,
        )
        .on(
            Operation::get("/mail/hosts", "Where a link scanner finds the hosts in links")
                .answers::<Hosts>(200, given),
            hosts,
        )
        .on(
            Operation::put("/mail/hosts", "Tells a link scanner where the hosts in links are; loopback only")
                .body::<BTreeMap<String, Address>>(json!({ "app.test": "127.0.0.1:3000" }))
                .answers::<Hosts>(200, given)
                .refuses(400, "send addresses by host, as {\"app.test\": \"127.0.0.1:3000\"}"),
            set_hosts,
        )
        .on(
            Operation::delete("/mail/hosts", "The scanner knows no hosts").answers::<Hosts>(200, given),
            forget_hosts,
        )
}

/// The address that is called for each message.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MailHook")]
struct Called {
    /// A URL of this machine.
    url: String,
}

/// The address that is called for each message, and how often it worked.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailHookState", transform = complete)]
struct Hooked {
    /// The URL.
    url: Option<String>,
    /// How many messages it was told of.
    delivered: u64,
    /// How many it could not be told of.
    failed: u64,
}

/// How much a mailbox keeps, and what has become of the rest.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Mailbox", transform = complete)]
struct Kept {
    /// What it may keep. The oldest messages go first.
    limits: MailLimits,
    /// Messages that are kept.
    messages: usize,
    /// Their size in bytes.
    bytes: usize,
    /// Messages that arrived.
    accepted: u64,
    /// Recipients and messages that were refused.
    refused: u64,
    /// Messages that were deleted on request.
    deleted: u64,
    /// Messages that were dropped because of a limit.
    dropped: u64,
    /// The highest cursor of these, or 0.
    dropped_up_to: u64,
    /// The cursor that waits for later messages.
    cursor: u64,
}

/// The limits of a mailbox.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct MailLimits {
    /// The number of messages.
    messages: usize,
    /// Their size in bytes.
    bytes: usize,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "it describes a query, which is read as a form")]
struct Since {
    /// The cursor after which the entries are.
    since: Option<u64>,
}

/// The log of a mailbox.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailLog", transform = complete)]
struct Log {
    /// The entries, the oldest first.
    entries: Vec<MailLogEntry>,
}

/// The hosts that a link scanner knows.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailHosts", transform = complete)]
struct Hosts {
    /// Their addresses.
    #[schemars(with = "BTreeMap<String, Address>")]
    hosts: BTreeMap<String, SocketAddr>,
}

/// The schema of an address on loopback.
struct Address;

impl JsonSchema for Address {
    fn schema_name() -> Cow<'static, str> {
        "LoopbackAddress".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An address on loopback with a port.",
            "type": "string",
            "pattern": r"^(127\.0\.0\.1|\[::1\]):[0-9]{1,5}$",
        })
    }
}

/// `GET /mail`: how much is kept, and what was dropped.
async fn info(State(api): State<Api>) -> Response {
    let inbox = api.inbox();
    let (limits, counts) = (inbox.limits(), inbox.counts());
    let body = Kept {
        limits: MailLimits { messages: limits.messages, bytes: limits.bytes },
        messages: counts.messages,
        bytes: counts.bytes,
        accepted: counts.accepted,
        refused: counts.refused,
        deleted: counts.deleted,
        dropped: counts.dropped,
        dropped_up_to: counts.dropped_up_to,
        cursor: inbox.cursor(),
    };
    answer(StatusCode::OK, &body)
}

async fn webhook(State(api): State<Api>) -> Response {
    let (url, delivered, failed) = api.mailbox.webhook().told();
    answer(StatusCode::OK, &Hooked { url, delivered, failed })
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
        Ok(since) => answer(StatusCode::OK, &Log { entries: api.mailbox.log().after(since) }),
        Err(_) => error(StatusCode::BAD_REQUEST, "since must be the cursor of an entry"),
    }
}

async fn hosts(State(api): State<Api>) -> Response {
    answer(StatusCode::OK, &Hosts { hosts: api.hosts.all() })
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
