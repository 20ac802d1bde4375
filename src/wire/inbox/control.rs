//! The control API of messages: waiting, cursors, and what a test extracts from a message.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use crate::wire::form::Form;
use crate::wire::inbox::mailpit::Item;
use crate::wire::inbox::message::StoredMessage;
use crate::wire::inbox::respond::{error, json as answer, off_thread};
use crate::wire::inbox::routes::Api;
use crate::wire::inbox::wait::{NoMessage, Wanted};
use crate::wire::mime;

/// Default length of a wait, in seconds.
const TIMEOUT_SECS: f64 = 30.0;

/// Longest wait, in seconds.
const TIMEOUT_SECS_MAX: f64 = 60.0;

/// How many of the messages that did not match an unsuccessful wait lists; the newest ones.
const ARRIVED_MAX: usize = 20;

/// The maximum number of messages in a list; the cursor of the last one is where the next list begins.
const LISTED_MAX: usize = 1_000;

/// The parameters of a wait.
const WAIT_PARAMETERS: [&str; 6] = ["to", "subject", "contains", "tag", "since", "timeout"];

pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/messages", get(list).delete(delete))
        .route("/messages/wait", get(wait))
        .route("/messages/cursor", get(cursor))
        .route("/messages/{id}/links", get(links))
        .route("/messages/{id}/codes", get(codes))
        .route("/messages/{id}/transcript", get(transcript))
}

async fn cursor(State(api): State<Api>) -> Response {
    answer(StatusCode::OK, &json!({ "cursor": api.inbox().cursor() }))
}

/// `GET /messages` with the parameters of a wait: the messages so far that match, the oldest first.
async fn list(State(api): State<Api>, RawQuery(query): RawQuery) -> Response {
    off_thread(move || match found(&api, query.as_deref()) {
        Ok(found) => {
            let items: Vec<Item<'_>> =
                found.iter().take(LISTED_MAX).map(|message| Item::of(message)).collect();
            let cursor = items.len().checked_sub(1).map(|last| found[last].sequence());
            let body = json!({ "messages": items, "count": found.len(), "cursor": cursor });
            answer(StatusCode::OK, &body)
        }
        Err(text) => error(StatusCode::BAD_REQUEST, text),
    })
    .await
}

/// `DELETE /messages` with the parameters of a wait: deletes the messages that match.
async fn delete(State(api): State<Api>, RawQuery(query): RawQuery, _drained: Bytes) -> Response {
    off_thread(move || match found(&api, query.as_deref()) {
        Ok(found) => {
            let deleted = api.inbox().delete(found.iter().map(|message| message.id()));
            answer(StatusCode::OK, &json!({ "deleted": deleted }))
        }
        Err(text) => error(StatusCode::BAD_REQUEST, text),
    })
    .await
}

/// The messages so far that match a query.
fn found(api: &Api, query: Option<&str>) -> Result<Vec<Arc<StoredMessage>>, String> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    if form.get("timeout").is_some() {
        return Err("only a wait has a timeout".to_owned());
    }
    let (wanted, since, _) = parameters(&form)?;
    let messages = api.inbox().after(since.unwrap_or(0)).into_iter();
    Ok(messages.filter(|message| wanted.matches(message)).collect())
}

async fn wait(State(api): State<Api>, RawQuery(query): RawQuery) -> Response {
    let inbox = api.inbox().clone();
    // Read first, so that a message that arrives from now on is newer.
    let newest = inbox.cursor();
    let (wanted, since, limit) = match parameters(&Form::read(query.unwrap_or_default().as_bytes())) {
        Ok(parameters) => parameters,
        Err(text) => return error(StatusCode::BAD_REQUEST, text),
    };
    let Ok(_permit) = api.waits.try_acquire() else {
        let mut response =
            error(StatusCode::SERVICE_UNAVAILABLE, "too many concurrent waits; try again later");
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    };
    match inbox.wait(&wanted, since.unwrap_or(newest), limit).await {
        Ok(message) => {
            let show = move || {
                let (links, codes) = extracted(&message);
                let cursor = message.sequence();
                let item = Item::of(&message);
                let body = json!({ "message": item, "links": links, "codes": codes, "cursor": cursor });
                answer(StatusCode::OK, &body)
            };
            off_thread(show).await
        }
        Err(missed) => {
            // It shows subjects, so it parses messages.
            let show = move || answer(StatusCode::REQUEST_TIMEOUT, &near_misses(&wanted, limit, &missed));
            off_thread(show).await
        }
    }
}

/// What arrived instead of what a wait waited for.
fn near_misses(wanted: &Wanted, limit: Duration, missed: &NoMessage) -> Value {
    let arrived = missed.arrived.iter().rev().take(ARRIVED_MAX).rev();
    let arrived: Vec<Value> = arrived
        .map(|message| {
            let subject = &message.summary().subject;
            json!({ "id": message.id(), "to": message.to(), "subject": subject, "cursor": message.sequence() })
        })
        .collect();
    json!({
        "error": format!("no message matched within {} s", limit.as_secs_f64()),
        "wanted": { "to": wanted.to, "subject": wanted.subject, "contains": wanted.contains, "tag": wanted.tag },
        "arrived": arrived,
        "arrived_count": missed.arrived.len(),
        "some_were_dropped": missed.some_were_dropped,
        "cursor": missed.cursor,
    })
}

/// What to wait for, the cursor if there is one, and how long.
fn parameters(form: &Form) -> Result<(Wanted, Option<u64>, Duration), String> {
    if let Some((name, _)) = form.fields().iter().find(|(name, _)| !WAIT_PARAMETERS.contains(&name.as_ref()))
    {
        return Err(format!("unknown parameter {name:?}; a wait has {}", WAIT_PARAMETERS.join(", ")));
    }
    let text = |name: &str| form.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
    // A plus sign in a query means a space, which no address has, so `ana+1@a.test` needs no escape.
    let to = text("to").map(|to| to.replace(' ', "+"));
    let wanted = Wanted { to, subject: text("subject"), contains: text("contains"), tag: text("tag") };
    let since = match form.get("since") {
        None => None,
        Some(value) => Some(value.parse().map_err(|_| format!("since must be a cursor, not {value:?}"))?),
    };
    let seconds = form.get("timeout").map_or(Ok(TIMEOUT_SECS), str::parse);
    let limit = seconds.ok().filter(|seconds| (0.0..=TIMEOUT_SECS_MAX).contains(seconds));
    let limit = limit.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let limit = limit.ok_or_else(|| format!("timeout must be between 0 and {TIMEOUT_SECS_MAX} seconds"))?;
    Ok((wanted, since, limit))
}

async fn links(State(api): State<Api>, Path(id): Path<String>) -> Response {
    with_message(&api, &id, |message| json!({ "links": extracted(message).0 })).await
}

async fn codes(State(api): State<Api>, Path(id): Path<String>) -> Response {
    with_message(&api, &id, |message| json!({ "codes": extracted(message).1 })).await
}

async fn transcript(State(api): State<Api>, Path(id): Path<String>) -> Response {
    with_message(&api, &id, |message| {
        json!({
            "from": message.from(),
            "to": message.to(),
            "user": message.user(),
            "encrypted": message.is_encrypted(),
            "transcript": message.transcript(),
        })
    })
    .await
}

async fn with_message(
    api: &Api,
    id: &str,
    show: impl FnOnce(&StoredMessage) -> Value + Send + 'static,
) -> Response {
    match api.inbox().get(id) {
        Some(message) => off_thread(move || answer(StatusCode::OK, &show(&message))).await,
        None => error(StatusCode::NOT_FOUND, "there is no message with this id"),
    }
}

/// The links and the codes of a message, the most likely one first, each with its reason.
fn extracted(message: &StoredMessage) -> (Vec<Value>, Vec<Value>) {
    let Ok(read) = mime::read_any(message.raw()) else { return (Vec::new(), Vec::new()) };
    let links = read.links.iter().map(|link| json!({ "url": link.url, "reason": link.why.label() }));
    let codes = read.codes.iter().map(|code| json!({ "code": code.code, "reason": code.why.label() }));
    (links.collect(), codes.collect())
}
