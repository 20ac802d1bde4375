//! Checks generic SMS gateways.

use std::ops::Range;

use serde_yaml::Spanned;

use crate::story::check::{at, at_most, missing, text};
use crate::story::error::{Checked, Found};
use crate::story::gateway::{FieldPath, Gateway, GatewayAnswer};
use crate::story::limit;
use crate::story::mistake::Mistake;
use crate::story::outline::Outline;
use crate::story::raw::{RawAnswer, RawGateway, Text};

/// The prefixes of Twilio's own paths.
const TAKEN: [&str; 2] = ["/2010-04-01/", "/v2/"];

/// Checks all gateways.
pub(super) fn gateways(raw: Vec<Spanned<RawGateway>>, outline: &Outline<'_>) -> Checked<Vec<Gateway>> {
    at_most(&raw, limit::GATEWAYS_MAX, "the story", "gateways")?;
    let mut gateways: Vec<Gateway> = Vec::new();
    for raw in &raw {
        let whole = outline.whole(at(raw));
        let path = raw.value.path.as_ref();
        let path = path.ok_or_else(|| lacks("path", "`path: /sms/send`", whole.clone()))?;
        let gateway = gateway(&raw.value, path, whole)?;
        if gateways.iter().any(|other| other.path == gateway.path) {
            let message = format!("another gateway has the path `{}`", gateway.path);
            return Err(bad(message, "give each gateway a path of its own", path));
        }
        gateways.push(gateway);
    }
    Ok(gateways)
}

fn gateway(raw: &RawGateway, at_path: &Text, whole: Range<usize>) -> Checked<Gateway> {
    let path = text(at_path)?;
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#'));
    if !path.starts_with('/') || !plain {
        let message = format!("`{path}` is not the path of a URL");
        return Err(bad(message, "write a path without host and query: `path: /sms/send`", at_path));
    }
    if TAKEN.iter().any(|taken| path.starts_with(taken)) {
        let message = format!("`{path}` is a path of Twilio's API");
        return Err(bad(message, "choose another path, for example `/sms/send`", at_path));
    }
    let field = |given: &Option<Text>, name: &str, example: &str| {
        let given = given.as_ref().ok_or_else(|| lacks(name, example, whole.clone()))?;
        field(given)
    };
    Ok(Gateway {
        path,
        to: field(&raw.to, "to", "`to: recipient.phone`")?,
        text: field(&raw.text, "text", "`text: message`")?,
        from: raw.from.as_ref().map(self::field).transpose()?,
        answer: raw.answer.as_ref().map(answer).transpose()?.unwrap_or_default(),
    })
}

fn field(given: &Text) -> Checked<FieldPath> {
    let path = text(given)?;
    FieldPath::read(&path).ok_or_else(|| {
        let help = "join names and list indices by dots: `messages.0.to`";
        bad(format!("`{path}` is not a path to a field"), help, given)
    })
}

fn answer(raw: &RawAnswer) -> Checked<GatewayAnswer> {
    let usual = GatewayAnswer::default();
    let status = match &raw.status {
        None => usual.status,
        Some(status) if (200..=599).contains(&status.value) => status.value,
        Some(status) => {
            let message = format!("`status` is {}: an HTTP answer is 200 to 599", status.value);
            let help = "write for example `status: 202`".to_owned();
            return Err(Found::new(Mistake::BadValue { message, help }, at(status)));
        }
    };
    let kind = match &raw.content_type {
        None => usual.kind,
        Some(kind) => {
            let text = text(kind)?;
            if !text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
                let message = format!("`{text}` is not a content type");
                return Err(bad(message, "write for example `content-type: text/plain`", kind));
            }
            text
        }
    };
    let body = raw
        .body
        .as_ref()
        .map_or(Ok(usual.body), |body| if body.value.is_empty() { Ok(String::new()) } else { text(body) })?;
    Ok(GatewayAnswer { status, body, kind })
}

fn lacks(name: &str, example: &str, whole: Range<usize>) -> Box<Found> {
    missing(name, "this gateway", whole, &format!("write for example {example}"))
}

fn bad(message: String, help: &str, place: &Text) -> Box<Found> {
    Found::new(Mistake::BadValue { message, help: help.to_owned() }, at(place))
}
