//! The requests of a call to the console, on the wire: form, signature, answer; both directions.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::Response;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::Client;
use reqwest::redirect;

use crate::crossing::CallRef;
use crate::crossing::Digits;
use crate::crossing::Proof;
use crate::crossing::Sid;
use crate::crossing::StatusReport;
use crate::crossing::Webhook;
use crate::crossing::WebhookBody;
use crate::crossing::WebhookReply;
use crate::event::AnsweredBy;
use crate::event::CallStatus;
use crate::number::Number;
use crate::voice::twiml;
use crate::wire::console::paths;
use crate::wire::form::Form;
use crate::wire::voice::ACCOUNT_SID;
use crate::wire::voice::AUTH_TOKEN;
use crate::wire::voice::FROM;
use crate::wire::voice::signature;

/// The error page of a proxy before the app.
const ERROR_PAGE: &str = "<!DOCTYPE html><html><head><title>Something went wrong</title></head>\
                          <body><h1>Something went wrong</h1></body></html>";

/// A body that is no XML, for an app that answers with none.
const UNREADABLE: &str = "<Response><Say>The rest of this document is miss";

/// How long the provider waits in real time: the stage's own watchdog is shorter.
const REAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Which of a call's requests goes to which path.
const fn path_of(body: &WebhookBody) -> &'static str {
    match body {
        WebhookBody::Fetch => "document",
        WebhookBody::Action(_) => "digits",
        WebhookBody::Status(_) => "status",
    }
}

/// The URL of a call's request at the console.
pub fn url(reference: CallRef, which: &str) -> String {
    format!("{}{}{:016x}/{which}", paths::ORIGIN, paths::VOICE, reference.0)
}

/// The console's reference in a path or URL.
pub fn reference(text: &str) -> Option<CallRef> {
    (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok())?.map(CallRef)
}

/// The phone company's side of the wire.
#[derive(Debug)]
pub struct Webhooks {
    client: Client,
}

impl Webhooks {
    /// Requests that find the console at `console`.
    ///
    /// # Errors
    /// If the client cannot be set up.
    pub fn new(console: SocketAddr) -> reqwest::Result<Self> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .resolve(paths::HOST, console)
            .tcp_nodelay(true)
            .timeout(REAL_TIMEOUT)
            .build()?;
        Ok(Self { client })
    }

    /// Sends a request of a call; `None` if no answer comes.
    pub async fn send(&self, webhook: &Webhook) -> Option<WebhookReply> {
        let url = url(webhook.reference, path_of(&webhook.body));
        let form = encode(webhook);
        let kind = "application/x-www-form-urlencoded";
        let mut request = self.client.post(&url).header(header::CONTENT_TYPE, kind).body(form.body());
        match webhook.signature {
            Proof::Valid => {
                request = request.header(signature::HEADER, signature::sign(AUTH_TOKEN, &url, &form));
            }
            Proof::Wrong => {
                request = request.header(signature::HEADER, signature::sign("another token", &url, &form));
            }
            Proof::Missing => {}
        }
        let response = request.send().await.ok()?;
        let status = response.status();
        let body = response.text().await.ok()?;
        Some(reply(status, &body))
    }
}

/// The form that a request of a call carries (TW-webhook).
fn encode(webhook: &Webhook) -> Form {
    let to = webhook.to.to_string();
    let mut form = Form::new()
        .with("CallSid", webhook.sid.to_string())
        .with("AccountSid", ACCOUNT_SID)
        .with("From", FROM)
        .with("To", &to)
        .with("Caller", FROM)
        .with("Called", &to)
        .with("CallStatus", webhook.status.label())
        .with("ApiVersion", "2010-04-01")
        .with("Direction", "outbound-api");
    if let Some(answered_by) = webhook.answered_by {
        form = form.with("AnsweredBy", answered_by.label());
    }
    match &webhook.body {
        WebhookBody::Fetch => form,
        WebhookBody::Action(digits) => form.with("Digits", digits.reveal()),
        WebhookBody::Status(report) => {
            form = form
                .with("Timestamp", stamp(report.unix_secs))
                .with("CallbackSource", "call-progress-events")
                .with("SequenceNumber", report.sequence.to_string());
            if let Some(duration) = report.duration {
                // `Duration` is billed by the minute, `CallDuration` is not.
                form = form
                    .with("CallDuration", duration.to_string())
                    .with("Duration", duration.div_ceil(60).to_string());
            }
            if let Some(sip) = report.sip {
                form = form.with("SipResponseCode", sip.to_string());
            }
            form
        }
    }
}

/// A moment as Twilio writes it: `Tue, 31 Aug 2010 20:36:28 +0000` (RFC 2822).
pub(super) fn stamp(unix_secs: u64) -> String {
    let seconds = i64::try_from(unix_secs).unwrap_or(i64::MAX);
    let stamp = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    // RFC 2822 has `-0000` for a time without a zone; Twilio's are in UTC.
    stamp.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// What the console's answer says.
fn reply(status: StatusCode, body: &str) -> WebhookReply {
    match status.as_u16() {
        204 => WebhookReply::Heard,
        200..=299 => match twiml::parse(body) {
            Ok(document) => WebhookReply::Document(document),
            Err(error) => WebhookReply::Unreadable { error: error.code() },
        },
        300..=399 => WebhookReply::Redirected,
        403 => WebhookReply::Forbidden,
        404 => WebhookReply::NotFound,
        http => WebhookReply::Failed { http },
    }
}

/// What a request at the console says; `None` if there is nothing at that path.
pub fn decode(
    reference_text: &str,
    which: &str,
    uri: &Uri,
    headers: &HeaderMap,
    form: &Form,
) -> Option<Webhook> {
    let body = match which {
        "document" => WebhookBody::Fetch,
        "digits" => WebhookBody::Action(form.get("Digits").and_then(Digits::read).unwrap_or(Digits::EMPTY)),
        "status" => WebhookBody::Status(report(form)),
        _ => return None,
    };
    let signed = format!("{}{}", paths::ORIGIN, uri.path_and_query().map_or("", |path| path.as_str()));
    let shown = headers.get(signature::HEADER).and_then(|value| value.to_str().ok());
    Some(Webhook {
        reference: reference(reference_text)?,
        sid: form.get("CallSid").and_then(Sid::read).unwrap_or(Sid(0)),
        to: Number::read(form.get("To").unwrap_or_default()).unwrap_or(Number::NONE),
        signature: signature::check(AUTH_TOKEN, &signed, form, shown),
        status: form.get("CallStatus").and_then(CallStatus::from_label).unwrap_or(CallStatus::Queued),
        answered_by: form.get("AnsweredBy").and_then(AnsweredBy::from_label),
        body,
    })
}

fn report(form: &Form) -> StatusReport {
    let stamp = form.get("Timestamp").and_then(|text| rfc2822::parse(text).ok());
    let seconds = stamp.map_or(0, |stamp| stamp.timestamp().as_second());
    StatusReport {
        sequence: form.get("SequenceNumber").and_then(|text| text.parse().ok()).unwrap_or(0),
        unix_secs: u64::try_from(seconds).unwrap_or(0),
        duration: form.get("CallDuration").and_then(|text| text.parse().ok()),
        sip: form.get("SipResponseCode").and_then(|text| text.parse().ok()),
    }
}

/// The console's answer to a request of a call.
pub fn response(reply: &WebhookReply) -> Response {
    let (status, body) = match reply {
        WebhookReply::Document(document) => (StatusCode::OK, twiml::write(document)),
        WebhookReply::Heard => (StatusCode::NO_CONTENT, String::new()),
        WebhookReply::Forbidden => (StatusCode::FORBIDDEN, String::new()),
        WebhookReply::NotFound => (StatusCode::NOT_FOUND, String::new()),
        WebhookReply::Failed { http } => {
            (StatusCode::from_u16(*http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), String::new())
        }
        WebhookReply::Unreadable { error: 12_102 } => (StatusCode::OK, ERROR_PAGE.to_owned()),
        WebhookReply::Unreadable { .. } => (StatusCode::OK, UNREADABLE.to_owned()),
        WebhookReply::Redirected => (StatusCode::TEMPORARY_REDIRECT, String::new()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let xml = HeaderValue::from_static("text/xml; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, xml);
    response
}
