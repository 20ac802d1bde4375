//! Requests about texts to the app: status callbacks, and texts from handsets.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use reqwest::Url;

use crate::base::id::CrossingId;
use crate::base::time::Epoch;
use crate::event::NoReply;
use crate::message::{Method, Papers, TextHookReply, TextWebhook, TextWebhookBody};
use crate::providers::messaging::{Text, twiml};
use crate::wire::door::Door;
use crate::wire::form::Form;
use crate::wire::twilio::debugger::Finding;
use crate::wire::twilio::webhook::{Webhooks, is_xml_or_text};
use crate::wire::twilio::{address, answers, lint};

/// Twilio debugger code: the content type is not supported.
const BAD_CONTENT_TYPE: u32 = 12_300;

/// Sends a request about a text.
///
/// # Errors
/// [`NoReply`] if no answer arrives: [`NoReply::Down`] if the app cannot be connected to.
pub async fn send(
    webhooks: &Webhooks,
    door: &Door,
    (id, webhook): (CrossingId, &TextWebhook),
) -> Result<TextHookReply, NoReply> {
    let (url, form, token, attempt_of) = {
        let world = door.world();
        let text = world.text(webhook.text).ok_or(NoReply::Down)?;
        let (account, token) = webhooks.accounts().of_text(text);
        let url = address::url_of(webhook.hook, world.papers()).ok_or(NoReply::Down)?;
        let form = encode(webhook, text, &account, world.story().epoch);
        (url, form, token, world.idempotency_token(id))
    };
    let mut url = Url::parse(&url).map_err(|_| NoReply::Down)?;
    url.set_fragment(None);
    let request = webhooks.prepare(&mut url, (webhook.hook.method, form), Some(&token), attempt_of);
    let request = request.map(|request| request.with("user-agent", "TwilioProxy/1.1"));
    let replied = webhooks.exchange(door, request, twiml::BODY_MAX).await.map(|(status, headers, body)| {
        let parts = (status, &headers, body.as_slice());
        answers::hear(door, id, parts, matches!(webhook.body, TextWebhookBody::Inbound));
        reply(webhook, &url, parts, door.world().papers_mut())
    });
    let is_status = matches!(webhook.body, TextWebhookBody::Status { .. });
    let found = match &replied {
        Ok(TextHookReply::Answered { body: Err(code), .. }) => {
            let says = format!("{} answered with what is no messaging TwiML", lint::shown(&url));
            Some(Finding::error(*code, says))
        }
        Ok(TextHookReply::Answered { http, .. }) => lint::of_status(&url, is_status, *http),
        Ok(TextHookReply::Redirected(_)) => None,
        Err(lost) => Some(lint::of_loss(&url, *lost)),
    };
    webhooks.accounts().debugger().note(door.world().now(), None, found);
    replied
}

/// Interprets an answer, which came from `url`.
pub(in crate::wire::twilio) fn reply(
    webhook: &TextWebhook,
    url: &Url,
    (status, headers, body): (StatusCode, &HeaderMap, &[u8]),
    papers: &mut Papers,
) -> TextHookReply {
    let text =
        |name: header::HeaderName| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let http = status.as_u16();
    if let (301..=303 | 307 | 308, Some(to)) = (http, text(header::LOCATION)) {
        // As in browsers, only 307 and 308 keep the method (RFC 9110 section 15.4).
        let method = if http < 307 { Method::Get } else { webhook.hook.method };
        let hook = address::resolve(url.as_str(), to, method, papers);
        return hook.map_or_else(|| TextHookReply::bare(http), TextHookReply::Redirected);
    }
    let is_inbound = matches!(webhook.body, TextWebhookBody::Inbound);
    if !is_inbound || !status.is_success() || body.is_empty() {
        return TextHookReply::bare(http);
    }
    if !text(header::CONTENT_TYPE).is_none_or(is_xml_or_text) {
        return TextHookReply::Answered { http, body: Err(BAD_CONTENT_TYPE) };
    }
    let document = String::from_utf8_lossy(body);
    let mut resolve = |to: &str, method: Method| address::resolve(url.as_str(), to, method, papers);
    let body = twiml::read(&document, &mut resolve).map(Box::new);
    TextHookReply::Answered { http, body }
}

/// The form of a request (TW-message).
fn encode(webhook: &TextWebhook, text: &Text, account: &str, epoch: Epoch) -> Form {
    let (sid, handset) = (text.sid().to_string(), text.handset().to_string());
    let sender = text.sender().map(ToString::to_string).unwrap_or_default();
    match webhook.body {
        TextWebhookBody::Status { status, error, done } => {
            let mut form = Form::new();
            if let Some(done) = done {
                form = form.field("RawDlrDoneDate", receipt_stamp(epoch.unix_secs(done)));
            }
            if let Some(error) = error {
                form = form.field("ErrorCode", error.to_string());
            }
            form = form
                .field("SmsSid", &sid)
                .field("SmsStatus", status.label())
                .field("MessageStatus", status.label())
                .field("To", handset);
            if let Some(service) = text.service() {
                form = form.field("MessagingServiceSid", service.to_string());
            }
            form.field("MessageSid", sid)
                .field("AccountSid", account)
                .field("From", sender)
                .field("ApiVersion", "2010-04-01")
        }
        TextWebhookBody::Inbound => Form::new()
            .field("ToCountry", "")
            .field("ToState", "")
            .field("SmsMessageSid", &sid)
            .field("NumMedia", text.media().len().to_string())
            .field("ToCity", "")
            .field("FromZip", "")
            .field("SmsSid", &sid)
            .field("FromState", "")
            .field("SmsStatus", "received")
            .field("FromCity", "")
            .field("Body", text.body())
            .field("FromCountry", "")
            .field("To", sender)
            .field("ToZip", "")
            .field("NumSegments", text.segments().to_string())
            .field("MessageSid", sid)
            .field("AccountSid", account)
            .field("From", handset)
            .field("ApiVersion", "2010-04-01"),
    }
}

/// The time of a delivery receipt: `YYMMDDhhmm`, without a zone (TW-message).
fn receipt_stamp(unix_secs: u64) -> String {
    let seconds = i64::try_from(unix_secs).unwrap_or(i64::MAX);
    let stamp = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    stamp.strftime("%y%m%d%H%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::twilio::signature;

    #[test]
    fn the_signature_is_twilios() {
        let (account, sid) = (format!("AC{}", "0".repeat(32)), format!("SM{}", "0".repeat(32)));
        let form = Form::new()
            .with("ErrorCode", "30003")
            .with("SmsSid", &sid)
            .with("SmsStatus", "undelivered")
            .with("MessageStatus", "undelivered")
            .with("To", "+15551234567")
            .with("MessageSid", &sid)
            .with("AccountSid", account)
            .with("From", "+15550001111")
            .with("ApiVersion", "2010-04-01");
        let url = "http://app.test:8080/sms/status?x=1";
        assert_eq!(signature::sign("12345", url, &form), "t3dFNTxBLF1jy4y9Gv8lSLIY3CA=");
    }

    #[test]
    fn receipts_have_a_short_date() {
        assert_eq!(receipt_stamp(1_767_312_061), "2601020001");
    }
}
