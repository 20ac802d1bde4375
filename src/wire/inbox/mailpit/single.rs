//! One message: whole, its headers, its bytes, its parts, and how it looks.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::wire::form::Form;
use crate::wire::inbox::mailpit::json::Whole;
use crate::wire::inbox::message::StoredMessage;
use crate::wire::inbox::part;
use crate::wire::inbox::query::Query;
use crate::wire::inbox::respond::{bad_request, content, json, not_found, off_thread, plain};
use crate::wire::inbox::routes::Api;
use crate::wire::mime;

pub(super) async fn message(
    State(api): State<Api>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let message = match find(&api, &id, query.as_deref()) {
        Ok(message) => message,
        Err(response) => return *response,
    };
    message.mark_read(true);
    off_thread(move || json(StatusCode::OK, &Whole::of(&message))).await
}

pub(super) async fn headers(State(api): State<Api>, Path(id): Path<String>) -> Response {
    let message = match find(&api, &id, None) {
        Ok(message) => message,
        Err(response) => return *response,
    };
    let flat = mime::flat(message.raw());
    let parsed = mime::any_message_of(&flat);
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for field in parsed.parts.first().into_iter().flat_map(|part| &part.headers) {
        let bytes = message.raw().get(field.offset_start as usize..field.offset_end as usize);
        let value = String::from_utf8_lossy(bytes.unwrap_or_default());
        // RFC 5322 section 2.2.3: a folded value is unfolded by removing the line ends.
        let value = value.replace(['\r', '\n'], "").trim().to_owned();
        headers.entry(canonical(field.name.as_str())).or_default().push(value);
    }
    json(StatusCode::OK, &headers)
}

pub(super) async fn raw(
    State(api): State<Api>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let message = match find(&api, &id, None) {
        Ok(message) => message,
        Err(response) => return *response,
    };
    let mut response = content("text/plain; charset=utf-8", message.raw().clone());
    let wants_file = Form::read(query.unwrap_or_default().as_bytes()).get("dl") == Some("1");
    let name = format!("attachment; filename=\"{}.eml\"", message.id());
    if let (true, Ok(value)) = (wants_file, HeaderValue::from_str(&name)) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

pub(super) async fn part(State(api): State<Api>, Path((id, part)): Path<(String, String)>) -> Response {
    let message = match find(&api, &id, None) {
        Ok(message) => message,
        Err(response) => return *response,
    };
    let flat = mime::flat(message.raw());
    let parsed = mime::any_message_of(&flat);
    part::find(&parsed, &part).map_or_else(not_found, |(content_type, bytes)| content(&content_type, bytes))
}

/// `ID.txt` or `ID.html`.
pub(super) async fn view(
    State(api): State<Api>,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some((id, kind)) = file.rsplit_once('.') else { return not_found() };
    let message = match find(&api, id, query.as_deref()) {
        Ok(message) => message,
        Err(response) => return *response,
    };
    let flat = mime::flat(message.raw());
    let parsed = mime::any_message_of(&flat);
    match kind {
        "txt" => {
            message.mark_read(true);
            content("text/plain; charset=utf-8", part::text(&parsed))
        }
        "html" => {
            let html = part::html(&parsed);
            if html.is_empty() {
                return plain(StatusCode::NOT_FOUND, "This message does not contain an HTML part");
            }
            message.mark_read(true);
            let url_of = |part: &str| format!("/api/v1/message/{}/part/{part}", message.id());
            let html = part::with_urls(&html, &part::files(&parsed), url_of);
            content("text/html; charset=utf-8", html)
        }
        _ => not_found(),
    }
}

/// The message with this id; `latest` may have a query.
fn find(api: &Api, id: &str, query: Option<&str>) -> Result<Arc<StoredMessage>, Box<Response>> {
    let inbox = api.inbox();
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let wanted = form.get("query").filter(|text| id == "latest" && !text.trim().is_empty());
    let found = match wanted.map(Query::parse) {
        None => inbox.get(id),
        Some(Ok(query)) => inbox.newest_first().into_iter().find(|message| query.finds(message)),
        Some(Err(error)) => return Err(Box::new(bad_request(error))),
    };
    found.ok_or_else(|| {
        let is_latest = id == "latest";
        Box::new(if is_latest { plain(StatusCode::NOT_FOUND, "Message not found") } else { not_found() })
    })
}

/// A header name as Go's MIME reader writes it, which Mailpit uses: `Message-Id`.
fn canonical(name: &str) -> String {
    let mut begins = true;
    let capital = |sign: char| {
        let written = if begins { sign.to_ascii_uppercase() } else { sign.to_ascii_lowercase() };
        begins = sign == '-';
        written
    };
    name.chars().map(capital).collect()
}
