//! Answers of an app to webhooks: kept for a recording, and read from one.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use reqwest::Url;

use crate::base::id::CrossingId;
use crate::event::NoReply;
use crate::message::{Answer, Crossing, Hook};
use crate::story::AppReply;
use crate::wire::door::Door;
use crate::wire::twilio::messages::webhook as texts;
use crate::wire::twilio::{address, webhook};
use crate::world::World;

/// Keeps an answer for a recording; of one whose body does not matter, the head alone.
pub(super) fn hear(
    door: &Door,
    id: CrossingId,
    (status, headers, body): (StatusCode, &HeaderMap, &[u8]),
    has_body: bool,
) {
    let Some(logbook) = door.logbook() else { return };
    let text =
        |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    logbook.heard(id, || {
        let is_redirect = status.is_redirection();
        let matters = has_body && status.is_success() && !body.is_empty();
        AppReply::Answered {
            status: status.as_u16(),
            kind: if matters { text(header::CONTENT_TYPE) } else { None },
            location: if is_redirect { text(header::LOCATION) } else { None },
            // It is decoded in this way whatever the content type says.
            body: if matters { String::from_utf8_lossy(body).into_owned() } else { String::new() },
        }
    });
}

/// The parts of an HTTP answer.
pub(crate) fn parts(reply: &AppReply) -> Option<(StatusCode, HeaderMap, &[u8])> {
    let AppReply::Answered { status, kind, location, body } = reply else { return None };
    let mut headers = HeaderMap::new();
    for (name, value) in [(header::CONTENT_TYPE, kind), (header::LOCATION, location)] {
        if let Some(value) = value.as_ref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    Some((StatusCode::from_u16(*status).ok()?, headers, body.as_bytes()))
}

/// What an answer means to the sender of a webhook to a foreign address.
pub(crate) fn read(world: &mut World, crossing: &Crossing, reply: &AppReply) -> Answer {
    let lost = match reply {
        AppReply::Lost(lost) => *lost,
        AppReply::Answered { .. } | AppReply::Pending => NoReply::Cut,
    };
    let url = |hook: Hook, world: &World| Url::parse(&address::url_of(hook, world.papers())?).ok();
    let Some((status, headers, body)) = parts(reply) else { return Answer::Lost(lost) };
    match crossing {
        Crossing::Webhook(webhook) => {
            let Some(mut url) = url(webhook.hook, world) else { return Answer::Lost(lost) };
            url.set_fragment(None);
            let parts = (status, &headers, body);
            Answer::Webhook(webhook::reply(webhook, &url, parts, (world.papers_mut(), &mut Vec::new())))
        }
        Crossing::Text(webhook) => {
            let Some(mut url) = url(webhook.hook, world) else { return Answer::Lost(lost) };
            url.set_fragment(None);
            Answer::Text(texts::reply(webhook, &url, (status, &headers, body), world.papers_mut()))
        }
        _ => Answer::Lost(lost),
    }
}
