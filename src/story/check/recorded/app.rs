//! Checks what an app did: its orders, its answers, its emails, and requests of browsers.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::event::NoReply;
use crate::message::Method;
use crate::story::check::recorded::{account, bad, few, fields, long, path, request, short, time};
use crate::story::check::{at, missing};
use crate::story::error::Checked;
use crate::story::outline::Outline;
use crate::story::raw::{RawInput, RawLoss, RawMailStage, Text};
use crate::story::{
    AppAnswer, AppMail, AppReply, MailStage, OrderBody, PageVisit, Recorded, RestOrder, limit,
};

pub(super) fn order(text: &Text, raw: &RawInput, outline: &Outline<'_>) -> Checked<Recorded> {
    let (method, address) = request(text, &["POST", "DELETE"])?;
    let form = fields(raw);
    let body = match &raw.json {
        None => OrderBody::Form(form),
        Some(json) if form.is_empty() => OrderBody::Json(long(Some(json))?),
        Some(json) => {
            let help = "write either the fields of a form or a JSON document";
            return Err(bad("this order has two bodies", help, outline.whole(at(json))));
        }
    };
    Ok(Recorded::Order(RestOrder {
        method: method.to_owned(),
        path: path(address, text)?,
        account: raw.account.as_ref().map(account).transpose()?,
        body,
    }))
}

pub(super) fn webhook(
    text: &Text,
    raw: &RawInput,
    outline: &Outline<'_>,
    place: Range<usize>,
) -> Checked<Recorded> {
    let (method, address) = request(text, &["POST", "GET"])?;
    let method = if method == "GET" { Method::Get } else { Method::Post };
    let reply = match (raw.lost, &raw.status) {
        (Some(RawLoss::Down), None) => AppReply::Lost(NoReply::Down),
        (Some(RawLoss::Cut), None) => AppReply::Lost(NoReply::Cut),
        (Some(RawLoss::TimedOut), None) => AppReply::Lost(NoReply::TimedOut),
        (Some(RawLoss::NotYet), None) => AppReply::Pending,
        (None, Some(status)) if (200..=599).contains(&status.value) => AppReply::Answered {
            status: status.value,
            kind: raw.content_type.as_ref().map(header).transpose()?,
            location: raw.location.as_ref().map(header).transpose()?,
            body: long(raw.body.as_ref())?,
        },
        (None, Some(status)) => {
            let message = format!("`status` is {}: an HTTP answer is 200 to 599", status.value);
            return Err(bad(&message, "write for example `status: 204`", at(status)));
        }
        (None, None) => {
            let help = "write the answer, `status: 204`, or why there was none, `lost: down`";
            return Err(missing("status", "this webhook", place, help));
        }
        (Some(_), Some(status)) => {
            let help = "remove `status` or `lost`";
            return Err(bad("an answer that was lost has no status", help, outline.whole(at(status))));
        }
    };
    let asked = raw.asked.as_ref().map(time).transpose()?;
    Ok(Recorded::Webhook(AppAnswer { method, url: absolute(address, text)?, asked, reply }))
}

/// The value of a header.
fn header(text: &Text) -> Checked<String> {
    let value = short(text, 1, limit::URL_MAX)?;
    if value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return Ok(value);
    }
    Err(bad("this is not the value of an HTTP header", "write one line of ASCII characters", at(text)))
}

pub(super) fn url(text: &Text) -> Checked<String> {
    absolute(&text.value, text)
}

fn absolute(url: &str, text: &Text) -> Checked<String> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let is_url = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && url.len() <= limit::URL_MAX
        && !url.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_url {
        return Ok(url.to_owned());
    }
    let help = "write it with scheme and host: `http://127.0.0.1:3000/voice`";
    Err(bad("this is not the URL of a webhook", help, at(text)))
}

pub(super) fn mail(from: &Text, raw: &RawInput, place: Range<usize>) -> Checked<Recorded> {
    let recipients = raw.recipients.as_deref().unwrap_or_default();
    few(recipients)?;
    if recipients.is_empty() {
        let help = "add the recipients: `recipients: [ana@example.com]`";
        return Err(missing("recipients", "this email", place, help));
    }
    let to = recipients.iter().map(address).collect::<Checked<Vec<String>>>()?;
    let from = if from.value.is_empty() { String::new() } else { address(from)? };
    let reaches = match raw.ends_at {
        None => MailStage::Message,
        Some(RawMailStage::Recipient) => MailStage::Recipient,
        Some(RawMailStage::Data) => MailStage::Data,
        Some(RawMailStage::Text) => MailStage::Text,
    };
    let message = match (&raw.message, &raw.base64) {
        // Mail has CRLF line ends (RFC 5322 section 2.1); YAML has LF.
        (Some(text), None) => long(Some(text))?.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes(),
        (None, Some(text)) => {
            let plain: String = text.value.chars().filter(|c| !c.is_whitespace()).collect();
            let help = "write the bytes of the message in base64, or its text under `message`";
            STANDARD.decode(plain).map_err(|_| bad("this is not base64", help, at(text)))?
        }
        (None, None) if reaches == MailStage::Message => {
            let help = "write the headers, an empty line and the text: `message: |`";
            return Err(missing("message", "this email", place, help));
        }
        (None, None) => Vec::new(),
        (Some(_), Some(text)) => {
            return Err(bad("this email has two messages", "remove `message` or `base64`", at(text)));
        }
    };
    Ok(Recorded::Mail(AppMail { from, to, reaches, message }))
}

fn address(text: &Text) -> Checked<String> {
    let address = short(text, 1, limit::ADDRESS_MAX)?;
    if address.chars().any(|c| c.is_control() || matches!(c, '<' | '>')) {
        let message = format!("`{address}` is not an email address");
        return Err(bad(&message, "write for example `ana@example.com`", at(text)));
    }
    Ok(address)
}

pub(super) fn page(text: &Text, raw: &RawInput) -> Checked<Recorded> {
    let (method, address) = request(text, &["GET", "HEAD", "POST"])?;
    let browser = raw.browser.unwrap_or(1);
    if !(1..=limit::BROWSERS_MAX).contains(&browser) {
        let help = format!("browsers are numbered from 1 to {}", limit::BROWSERS_MAX);
        return Err(bad(&format!("there is no browser {browser}"), &help, at(text)));
    }
    let (method, path) = (method.to_owned(), path(address, text)?);
    Ok(Recorded::Page(PageVisit { browser, method, path, form: fields(raw) }))
}
