//! What the server is, and whether it is there.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::wire::inbox::respond::{json as answer, ok, plain};
use crate::wire::inbox::routes::Api;

/// The name and the version of this program, where Mailpit gives its own version.
const VERSION: &str = concat!("lostkey-", env!("CARGO_PKG_VERSION"));

pub(super) async fn info(State(api): State<Api>) -> Response {
    let inbox = api.inbox();
    let (counts, messages) = (inbox.counts(), inbox.newest_first());
    let mut tags: BTreeMap<String, u64> = BTreeMap::new();
    for tag in messages.iter().flat_map(|message| message.tags()) {
        *tags.entry(tag).or_default() += 1;
    }
    let body = json!({
        "Version": VERSION,
        "LatestVersion": VERSION,
        "Database": "memory",
        "DatabaseSize": counts.bytes,
        "Messages": counts.messages,
        "Unread": messages.iter().filter(|message| !message.is_read()).count(),
        "Tags": tags,
        "RuntimeStats": {
            "Uptime": api.mailbox.now().saturating_sub(api.started) / 1_000,
            "Memory": counts.bytes,
            "MessagesDeleted": counts.deleted + counts.dropped,
            "SMTPAccepted": counts.accepted,
            "SMTPAcceptedSize": counts.accepted_bytes,
            "SMTPRejected": counts.refused,
            "SMTPIgnored": 0,
        },
    });
    answer(StatusCode::OK, &body)
}

/// What Mailpit's web interface and its clients ask for: nothing optional is on.
pub(super) async fn web_ui() -> Response {
    let relay = json!({
        "Enabled": false,
        "SMTPServer": "",
        "ReturnPath": "",
        "AllowedRecipients": "",
        "BlockedRecipients": "",
        "OverrideFrom": "",
        "PreserveMessageIDs": false,
        "RecipientAllowlist": "",
    });
    let body = json!({
        "Label": "lostkey",
        "MessageRelay": relay,
        "SpamAssassin": false,
        "ChaosEnabled": false,
        "DuplicatesIgnored": false,
        "HideDeleteAllButton": false,
    });
    answer(StatusCode::OK, &body)
}

/// Faults have an API of their own.
pub(super) async fn chaos() -> Response {
    plain(StatusCode::BAD_REQUEST, "Chaos is not enabled")
}

pub(super) async fn live() -> Response {
    ok()
}
