//! Sending a message by HTTP, without SMTP.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::Message;
use lettre::address::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use serde::Deserialize;
use serde_json::json;

use crate::wire::inbox::respond::json as answer;
use crate::wire::inbox::routes::Api;
use crate::wire::smtp::Limits;

/// What to send.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Order {
    from: Person,
    #[serde(default)]
    to: Vec<Person>,
    #[serde(default)]
    cc: Vec<Person>,
    #[serde(default)]
    bcc: Vec<String>,
    #[serde(default)]
    reply_to: Vec<Person>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    #[serde(default, rename = "HTML")]
    html: String,
    #[serde(default)]
    attachments: Vec<File>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Person {
    email: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    /// In base64.
    content: String,
    filename: String,
    #[serde(default)]
    content_type: String,
    #[serde(default, rename = "ContentID")]
    content_id: String,
}

pub(super) async fn send(State(api): State<Api>, body: Bytes) -> Response {
    let sent = serde_json::from_slice(&body).map_err(|error| error.to_string()).and_then(|order: Order| {
        let raw = compose(&order, api.mailbox.now(), api.inbox().cursor())?;
        let people = order.to.iter().chain(&order.cc).map(|person| person.email.clone());
        let to: Vec<String> = people.chain(order.bcc).collect();
        if to.len() > Limits::MAILBOX.recipients {
            return Err(format!("a message may have at most {} recipients", Limits::MAILBOX.recipients));
        }
        api.mailbox.intake().submit(&order.from.email, &to, &raw).map_err(|reply| reply.to_string())
    });
    match sent {
        Ok(id) => answer(StatusCode::OK, &json!({ "ID": id.unwrap_or_default() })),
        Err(error) => answer(StatusCode::BAD_REQUEST, &json!({ "Error": error })),
    }
}

/// The bytes of a message; `cursor` makes its `Message-ID` differ from those before.
fn compose(order: &Order, now: u64, cursor: u64) -> Result<Vec<u8>, String> {
    let date =
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(now)).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut message = Message::builder()
        .from(mailbox(&order.from)?)
        .subject(order.subject.as_str())
        .date(date)
        .message_id(Some(format!("<{now}.{cursor}@lostkey.invalid>")));
    for to in &order.to {
        message = message.to(mailbox(to)?);
    }
    for cc in &order.cc {
        message = message.cc(mailbox(cc)?);
    }
    for bcc in &order.bcc {
        message = message.bcc(Mailbox::new(None, address(bcc)?));
    }
    for reply_to in &order.reply_to {
        message = message.reply_to(mailbox(reply_to)?);
    }
    for (name, value) in &order.headers {
        message = message.raw_header(header(name, value)?);
    }
    if !order.tags.is_empty() {
        message = message.raw_header(header("X-Tags", &order.tags.join(", "))?);
    }
    let plain = SinglePart::plain(order.text.clone());
    let text = match (order.text.is_empty(), order.html.is_empty()) {
        (_, true) => MultiPart::mixed().singlepart(plain),
        (true, false) => MultiPart::mixed().singlepart(SinglePart::html(order.html.clone())),
        (false, false) => MultiPart::alternative_plain_html(order.text.clone(), order.html.clone()),
    };
    let body = if order.attachments.is_empty() { text } else { with_files(text, &order.attachments)? };
    let message = message.multipart(body).map_err(|error| error.to_string())?;
    Ok(message.formatted())
}

fn with_files(text: MultiPart, files: &[File]) -> Result<MultiPart, String> {
    let mut body = MultiPart::mixed().multipart(text);
    for file in files {
        let bytes = STANDARD.decode(&file.content).map_err(|error| format!("{}: {error}", file.filename))?;
        let declared =
            if file.content_type.is_empty() { "application/octet-stream" } else { &file.content_type };
        let content_type =
            ContentType::parse(declared).map_err(|error| format!("{}: {error}", file.filename))?;
        let part = match file.content_id.as_str() {
            "" => Attachment::new(file.filename.clone()),
            id => Attachment::new_inline_with_name(id.to_owned(), file.filename.clone()),
        };
        body = body.singlepart(part.body(bytes, content_type));
    }
    Ok(body)
}

fn mailbox(person: &Person) -> Result<Mailbox, String> {
    let name = Some(person.name.clone()).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address(&person.email)?))
}

fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|error| format!("{text:?} is not an address: {error}"))
}

fn header(name: &str, value: &str) -> Result<HeaderValue, String> {
    let header =
        HeaderName::new_from_ascii(name.to_owned()).map_err(|_| format!("{name:?} is not a header"))?;
    if value.contains(['\r', '\n']) {
        return Err(format!("the header {name:?} must have one line"));
    }
    Ok(HeaderValue::new(header, value.to_owned()))
}
