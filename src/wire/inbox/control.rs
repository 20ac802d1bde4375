//! The control API of messages: waiting, cursors, and what a test extracts from a message.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::wire::contract::{Operation, Routes, Segment};
use crate::wire::form::Form;
use crate::wire::inbox::mailpit::Item;
use crate::wire::inbox::message::StoredMessage;
use crate::wire::inbox::respond::{error, json as answer, off_thread};
use crate::wire::inbox::routes::Api;
use crate::wire::inbox::shown::{
    Code, Codes, Cursor, Deleted, Link, Links, ListQuery, Messages, Missed, NearMiss, TranscriptOf,
    WAIT_PARAMETERS, WaitQuery, Waited, WantedMessage,
};
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

/// A message in a path.
const MESSAGE: Segment = Segment {
    name: "id",
    says: "The id of a message, or `latest`.",
    pattern: "^[A-Za-z0-9]+$",
    example: "latest",
};

pub(super) fn routes() -> Routes<Api> {
    let bad = "a parameter is unknown, or is not what it should be";
    let about = |path: &str, says| {
        Operation::get(path, says).segment(MESSAGE).refuses(404, "there is no message with this id")
    };
    Routes::new()
        .on(
            Operation::get("/messages", "The emails so far that match, the first 1,000")
                .query::<ListQuery>()
                .answers::<Messages<'_>>(200, "The emails, the oldest first.")
                .refuses(400, bad),
            list,
        )
        .on(
            Operation::delete("/messages", "Deletes the emails that match")
                .query::<ListQuery>()
                .answers::<Deleted>(200, "How many were deleted.")
                .refuses(400, bad),
            delete,
        )
        .on(
            Operation::get("/messages/wait", "Waits for an email; answers with its links and codes")
                .query::<WaitQuery>()
                .answers::<Waited<'_>>(200, "The email.")
                .refuses(400, bad)
                .answers::<Missed<'_>>(408, "There was no such email in time.")
                .refuses(503, "too many concurrent waits; try again later"),
            wait,
        )
        .on(
            Operation::get("/messages/cursor", "The cursor that waits for later emails")
                .answers::<Cursor>(200, "The cursor."),
            cursor,
        )
        .on(about("/messages/{id}/links", "The links in an email").answers::<Links>(200, "The links."), links)
        .on(about("/messages/{id}/codes", "The codes in an email").answers::<Codes>(200, "The codes."), codes)
        .on(
            about("/messages/{id}/transcript", "The SMTP session that brought an email")
                .answers::<TranscriptOf<'_>>(200, "The session."),
            transcript,
        )
}

async fn cursor(State(api): State<Api>) -> Response {
    answer(StatusCode::OK, &Cursor { cursor: api.inbox().cursor() })
}

/// `GET /messages` with the parameters of a wait: the messages so far that match, the oldest first.
async fn list(State(api): State<Api>, RawQuery(query): RawQuery) -> Response {
    off_thread(move || match found(&api, query.as_deref()) {
        Ok(found) => {
            let messages: Vec<Item<'_>> =
                found.iter().take(LISTED_MAX).map(|message| Item::of(message)).collect();
            let cursor = messages.len().checked_sub(1).map(|last| found[last].sequence());
            answer(StatusCode::OK, &Messages { messages, count: found.len(), cursor })
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
            answer(StatusCode::OK, &Deleted { deleted })
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
                answer(StatusCode::OK, &Waited { message: Item::of(&message), links, codes, cursor })
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
fn near_misses<'a>(wanted: &'a Wanted, limit: Duration, missed: &'a NoMessage) -> Missed<'a> {
    let arrived = missed.arrived.iter().rev().take(ARRIVED_MAX).rev();
    let arrived = arrived.map(|message| NearMiss {
        id: message.id(),
        to: message.to(),
        subject: &message.summary().subject,
        cursor: message.sequence(),
    });
    let Wanted { to, subject, contains, tag } = wanted;
    Missed {
        error: format!("no message matched within {} s", limit.as_secs_f64()),
        wanted: WantedMessage { to, subject, contains, tag },
        arrived: arrived.collect(),
        arrived_count: missed.arrived.len(),
        some_were_dropped: missed.some_were_dropped,
        cursor: missed.cursor,
    }
}

/// What to wait for, the cursor if there is one, and how long.
fn parameters(form: &Form) -> Result<(Wanted, Option<u64>, Duration), String> {
    let known = WAIT_PARAMETERS.map(|(name, _)| name);
    if let Some((name, _)) = form.fields().iter().find(|(name, _)| !known.contains(&name.as_ref())) {
        return Err(format!("unknown parameter {name:?}; a wait has {}", known.join(", ")));
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
    with_message(&api, &id, |message| answer(StatusCode::OK, &Links { links: extracted(message).0 })).await
}

async fn codes(State(api): State<Api>, Path(id): Path<String>) -> Response {
    with_message(&api, &id, |message| answer(StatusCode::OK, &Codes { codes: extracted(message).1 })).await
}

async fn transcript(State(api): State<Api>, Path(id): Path<String>) -> Response {
    with_message(&api, &id, |message| {
        let body = TranscriptOf {
            from: message.from(),
            to: message.to(),
            user: message.user(),
            encrypted: message.is_encrypted(),
            transcript: message.transcript(),
        };
        answer(StatusCode::OK, &body)
    })
    .await
}

async fn with_message(
    api: &Api,
    id: &str,
    show: impl FnOnce(&StoredMessage) -> Response + Send + 'static,
) -> Response {
    match api.inbox().get(id) {
        Some(message) => off_thread(move || show(&message)).await,
        None => error(StatusCode::NOT_FOUND, "there is no message with this id"),
    }
}

/// The links and the codes of a message, the most likely one first, each with its reason.
fn extracted(message: &StoredMessage) -> (Vec<Link>, Vec<Code>) {
    let Ok(read) = mime::read_any(message.raw()) else { return (Vec::new(), Vec::new()) };
    let links = read.links.iter().map(|link| Link { url: link.url.clone(), reason: link.why.label() });
    let codes = read.codes.iter().map(|code| Code { code: code.code.clone(), reason: code.why.label() });
    (links.collect(), codes.collect())
}
