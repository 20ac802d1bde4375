//! Lists of messages: reading, searching, marking and deleting.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::wire::form::Form;
use crate::wire::inbox::Inbox;
use crate::wire::inbox::mailpit::json::{Item, Page};
use crate::wire::inbox::mailpit::read_body;
use crate::wire::inbox::message::StoredMessage;
use crate::wire::inbox::query::{BadQuery, Query, millis};
use crate::wire::inbox::respond::{bad_request, json, off_thread, ok};
use crate::wire::inbox::routes::Api;

/// Default number of messages of a page.
const PAGE: usize = 50;

/// The messages that a request names.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Selection {
    #[serde(rename = "IDs")]
    ids: Option<Vec<String>>,
    read: bool,
    search: String,
}

pub(super) async fn list(State(api): State<Api>, RawQuery(query): RawQuery) -> Response {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    off_thread(move || {
        let messages = api.inbox().newest_first();
        page(&messages, &messages, &form).unwrap_or_else(bad_request)
    })
    .await
}

pub(super) async fn search(State(api): State<Api>, RawQuery(query): RawQuery) -> Response {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    off_thread(move || {
        let query = match Query::parse(form.get("query").unwrap_or_default()) {
            Ok(query) => query,
            Err(error) => return bad_request(error),
        };
        let inbox = api.inbox();
        page(&inbox.newest_first(), &inbox.search(&query), &form).unwrap_or_else(bad_request)
    })
    .await
}

pub(super) async fn delete(State(api): State<Api>, body: Bytes) -> Response {
    let selection: Selection = match read_body(&body) {
        Ok(selection) => selection,
        Err(response) => return *response,
    };
    let inbox = api.inbox();
    match selection.ids.filter(|ids| !ids.is_empty()) {
        Some(ids) => {
            inbox.delete(ids.iter().map(String::as_str));
        }
        None => inbox.clear(),
    }
    ok()
}

pub(super) async fn delete_found(State(api): State<Api>, RawQuery(query): RawQuery) -> Response {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    off_thread(move || {
        let inbox = api.inbox();
        match found(inbox, form.get("query").unwrap_or_default()) {
            Ok(found) => {
                inbox.delete(found.iter().map(|message| message.id()));
                ok()
            }
            Err(error) => bad_request(error),
        }
    })
    .await
}

/// Marks messages as read or unread: those with the given ids, those that a query finds, or all.
pub(super) async fn mark(State(api): State<Api>, body: Bytes) -> Response {
    let selection: Selection = match read_body(&body) {
        Ok(selection) => selection,
        Err(response) => return *response,
    };
    off_thread(move || {
        let inbox = api.inbox();
        let ids = selection.ids.unwrap_or_default();
        let messages = match (ids.is_empty(), selection.search.is_empty()) {
            (false, false) => return bad_request("give either IDs or Search"),
            (false, true) => ids.iter().filter_map(|id| inbox.get(id)).collect(),
            (true, false) => match found(inbox, &selection.search) {
                Ok(found) => found,
                Err(error) => return bad_request(error),
            },
            (true, true) => inbox.newest_first(),
        };
        for message in messages {
            message.mark_read(selection.read);
        }
        ok()
    })
    .await
}

fn found(inbox: &Inbox, query: &str) -> Result<Vec<Arc<StoredMessage>>, BadQuery> {
    Ok(inbox.search(&Query::parse(query)?))
}

/// A page of `listed`, which is a part of `all`.
fn page(all: &[Arc<StoredMessage>], listed: &[Arc<StoredMessage>], form: &Form) -> Result<Response, String> {
    let start = number(form, "start", 0)?;
    let limit = number(form, "limit", PAGE)?;
    let before = match form.get("before").filter(|value| !value.is_empty()) {
        None => None,
        Some(value) => {
            Some(millis(&value.to_uppercase()).ok_or_else(|| format!("cannot read the date {value:?}"))?)
        }
    };
    let is_before = |message: &&Arc<StoredMessage>| {
        before.is_none_or(|before| i64::try_from(message.received()).is_ok_and(|received| received < before))
    };
    let tag = form.get("tag").filter(|tag| !tag.is_empty());
    let is_tagged = |message: &&Arc<StoredMessage>| tag.is_none_or(|tag| message.has_tag(tag));
    let listed: Vec<_> = listed.iter().filter(is_before).filter(is_tagged).collect();
    let unread = |message: &&&Arc<StoredMessage>| !message.is_read();
    let messages: Vec<Item<'_>> =
        listed.iter().skip(start).take(limit).map(|message| Item::of(message)).collect();
    let mut tags: Vec<String> = all.iter().flat_map(|message| message.tags()).collect();
    tags.sort();
    tags.dedup();
    let page = Page {
        total: all.len(),
        unread: all.iter().filter(|message| !message.is_read()).count(),
        count: messages.len(),
        messages_count: listed.len(),
        messages_unread: listed.iter().filter(unread).count(),
        start,
        tags,
        messages,
    };
    Ok(json(StatusCode::OK, &page))
}

fn number(form: &Form, name: &str, otherwise: usize) -> Result<usize, String> {
    let value = form.get(name).filter(|value| !value.is_empty());
    value.map_or(Ok(otherwise), |value| value.parse().map_err(|_| format!("{name} must be a number")))
}
