//! Webhook requests of a call over HTTP: form, signature and answer, on both sides.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::Url;

use crate::base::id::CrossingId;
use crate::base::number::Number;
use crate::event::{AnsweredBy, CallStatus, NoReply, WebhookKind};
use crate::message::{
    Authenticity, Body, Digits, Hook, HookReply, Method, Papers, Place, Recorded, RecordingEnd, Sid,
    StatusReport, Webhook, WebhookBody,
};
use crate::providers::phone::twiml;
use crate::wire::door::Door;
use crate::wire::form::Form;
use crate::wire::http_exchange::{HttpExchange, NotAnswered};
use crate::wire::reference::paths;
use crate::wire::twilio::accounts::Accounts;
use crate::wire::twilio::debugger::Finding;
use crate::wire::twilio::request::Prepared;
use crate::wire::twilio::rest::ACCOUNTS;
use crate::wire::twilio::{AUTH_TOKEN, address, answers, idempotency, lint, signature};

/// Error page of a proxy in front of the app.
const ERROR_PAGE: &str = "<!DOCTYPE html><html><head><title>Something went wrong</title></head>\
                          <body><h1>Something went wrong</h1></body></html>";

/// A malformed XML body.
const UNREADABLE: &str = "<Response><Say>The rest of this document is miss";

/// Twilio's debugger code for an unsupported content type.
const BAD_CONTENT_TYPE: u32 = 12_300;

/// The phone company's webhook client.
#[derive(Debug)]
pub struct Webhooks {
    client: HttpExchange,
    console: SocketAddr,
    accounts: Arc<Accounts>,
    /// Where requests to foreign addresses go, if not there.
    app: Option<SocketAddr>,
}

impl Webhooks {
    /// Creates a client that resolves the service to `console`. It closes each connection, because an idle
    /// one starves an app with a single worker, unless `keeps_connections`.
    pub fn new(console: SocketAddr, accounts: Arc<Accounts>, keeps_connections: bool) -> Self {
        Self { client: HttpExchange::new(keeps_connections), console, accounts, app: None }
    }

    /// Sends requests to foreign addresses to this one, which learns the other from `Host`.
    #[must_use]
    pub fn to_app_at(self, app: Option<SocketAddr>) -> Self {
        Self { app, ..self }
    }

    pub(super) fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// A request with its parameters, its signature by `key`, and its idempotency token.
    pub(super) fn prepare(
        &self,
        url: &mut Url,
        (method, form): (Method, Form),
        key: Option<&str>,
        attempt_of: Option<u128>,
    ) -> Option<Prepared> {
        let (body, signed) = match method {
            Method::Post => (Some(form.body()), form),
            Method::Get => {
                url.query_pairs_mut().extend_pairs(form.fields());
                (None, Form::new())
            }
        };
        let is_console = url.host_str() == Some(paths::HOST);
        let moved = if is_console { Some(self.console) } else { self.app };
        let mut prepared = Prepared::new(url, body, moved)?;
        if let Some(key) = key {
            let signature = signature::sign(key, &signature::signed_url(url), &signed);
            prepared = prepared.with(signature::HEADER, &signature);
        }
        Some(match attempt_of {
            Some(token) => prepared.with(idempotency::HEADER, &idempotency::as_uuid(token)),
            None => prepared,
        })
    }

    /// Sends a request, and reads the answer until its body is longer than `body_max`.
    ///
    /// # Errors
    /// [`NoReply`] if no answer comes: [`NoReply::Down`] if no connection can be made. If that is because this
    /// process may open no more sockets, a play ends, but not a server.
    pub(super) async fn exchange(
        &self,
        door: &Door,
        prepared: Option<Prepared>,
        body_max: usize,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), NoReply> {
        let Prepared { peer, request } = prepared.ok_or(NoReply::Down)?;
        match self.client.send(&peer, request, body_max).await {
            Ok(answered) => Ok((answered.status, answered.headers, answered.body)),
            Err(NotAnswered::NotConnected) => Err(NoReply::Down),
            Err(NotAnswered::NoSocket(too_few)) => {
                // A server goes on: the next webhook may find a socket again.
                if !door.has_guests() {
                    door.fail(too_few.into());
                }
                Err(NoReply::Down)
            }
            Err(NotAnswered::Cut) => Err(NoReply::Cut),
        }
    }

    /// Sends a request of a call.
    ///
    /// # Errors
    /// [`NoReply`] if no answer arrives: [`NoReply::Down`] if an external app cannot be connected to.
    pub async fn send(&self, door: &Door, id: CrossingId, webhook: &Webhook) -> Result<HookReply, NoReply> {
        let attempt_of = door.world().idempotency_token(id);
        let url = address::url_of(webhook.hook, door.world().papers()).ok_or(NoReply::Cut)?;
        let mut url = Url::parse(&url).map_err(|_| NoReply::Cut)?;
        // A fragment is for Twilio, which neither sends nor signs it (TW-webhook).
        url.set_fragment(None);
        let (account, token) = self.accounts.of_call(webhook.sid);
        let form = encode(webhook, &account);
        let is_external = matches!(webhook.hook.at, Place::Url(_));
        let key = match webhook.signature {
            Authenticity::Valid => Some(token.as_str()),
            Authenticity::Wrong => Some("another token"),
            Authenticity::Missing => None,
        };
        let attempt_of = attempt_of.filter(|_| is_external);
        let request = self.prepare(&mut url, (webhook.hook.method, form), key, attempt_of);
        let note = |findings: Vec<Finding>| {
            if is_external {
                self.accounts.debugger().note(door.world().now(), Some(webhook.sid), findings);
            }
        };
        let answered = self.exchange(door, request, twiml::BODY_MAX).await.map_err(|lost| {
            // A crashed reference service closes its connections, and refuses new ones.
            let lost = if is_external { lost } else { NoReply::Cut };
            note(vec![lint::of_loss(&url, lost)]);
            lost
        });
        let (status, headers, body) = answered?;
        let parts = (status, &headers, body.as_slice());
        let is_callback = webhook.body.kind() == WebhookKind::Status;
        if is_external {
            answers::hear(door, id, parts, !is_callback);
        }
        let mut findings = Vec::new();
        let reply = reply(webhook, &url, parts, (door.world().papers_mut(), &mut findings));
        note(findings);
        Ok(reply)
    }
}

/// Notes that an external app has not answered a webhook in time, about a call or about a text.
pub fn note_timeout(accounts: &Accounts, door: &Door, hook: Hook, call: Option<Sid>) {
    let (now, url) = {
        let world = door.world();
        (world.now(), address::url_of(hook, world.papers()))
    };
    if let Some(url) = url.and_then(|url| Url::parse(&url).ok()) {
        accounts.debugger().note(now, call, [lint::of_loss(&url, NoReply::TimedOut)]);
    }
}

/// The places of the two ends of a call, each by two names.
#[rustfmt::skip]
const PLACES: [&str; 16] = [
    "FromCity", "FromState", "FromZip", "FromCountry",
    "ToCity", "ToState", "ToZip", "ToCountry",
    "CallerCity", "CallerState", "CallerZip", "CallerCountry",
    "CalledCity", "CalledState", "CalledZip", "CalledCountry",
];

/// The form of a webhook request (TW-callbacks).
fn encode(webhook: &Webhook, account: &str) -> Form {
    if let WebhookBody::Detected(millis) = webhook.body {
        let answered_by = webhook.answered_by.map_or("unknown", AnsweredBy::label);
        return Form::new()
            .field("CallSid", webhook.sid.to_string())
            .field("AccountSid", account)
            .field("AnsweredBy", answered_by)
            .field("MachineDetectionDuration", millis.to_string());
    }
    let (to, from) = (webhook.to.to_string(), webhook.from.to_string());
    let mut form = Form::new()
        .field("CallSid", webhook.sid.to_string())
        .field("AccountSid", account)
        .field("From", &from)
        .field("To", &to)
        .field("Caller", &from)
        .field("Called", &to)
        .field("CallStatus", webhook.status.label())
        .field("ApiVersion", "2010-04-01")
        .field("Direction", "outbound-api");
    if let Some(answered_by) = webhook.answered_by {
        form = form.field("AnsweredBy", answered_by.label());
    }
    if let Place::Url(_) = webhook.hook.at {
        // Twilio sends the places of both numbers, empty where it knows none (TW-callbacks).
        form = PLACES.into_iter().fold(form, |form, name| form.field(name, ""));
    }
    match &webhook.body {
        WebhookBody::Fetch | WebhookBody::Detected(_) => form,
        WebhookBody::Recorded(recorded) => with_recording(form, recorded, account),
        WebhookBody::Action(digits) => form.field("Digits", digits.reveal()),
        WebhookBody::Status(report) => {
            form = form
                .field("Timestamp", stamp(report.unix_secs))
                .field("CallbackSource", "call-progress-events")
                .field("SequenceNumber", report.sequence.to_string());
            if let Some(duration) = report.duration {
                // `Duration` is in billed minutes, `CallDuration` in seconds.
                form = form
                    .field("CallDuration", duration.to_string())
                    .field("Duration", duration.div_ceil(60).to_string());
            }
            if let Some(sip) = report.sip {
                form = form.field("SipResponseCode", sip.to_string());
            }
            form
        }
    }
}

/// The parameters of a recording. Nothing can be fetched at its URL, because it holds no sound.
fn with_recording(form: Form, recorded: &Recorded, account: &str) -> Form {
    let sid = format!("RE{:032x}", { recorded.sid.0 });
    let form = form
        .field("RecordingUrl", format!("https://api.twilio.com{ACCOUNTS}{account}/Recordings/{sid}"))
        .field("RecordingSid", sid)
        .field("RecordingDuration", recorded.secs.to_string());
    match recorded.ended_by {
        RecordingEnd::Key(key) => form.field("Digits", key.sign()),
        RecordingEnd::HangUp => form.field("Digits", "hangup"),
        RecordingEnd::Time => form,
    }
}

/// A time in Twilio's format: `Tue, 31 Aug 2010 20:36:28 +0000` (RFC 2822).
pub(super) fn stamp(unix_secs: u64) -> String {
    let seconds = i64::try_from(unix_secs).unwrap_or(i64::MAX);
    let stamp = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    // RFC 2822 reserves `-0000` for an unknown zone; Twilio's times are in UTC.
    stamp.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// Interprets the service's answer, which came from `url`.
pub(super) fn reply(
    webhook: &Webhook,
    url: &Url,
    (status, headers, body): (StatusCode, &HeaderMap, &[u8]),
    (papers, findings): (&mut Papers, &mut Vec<Finding>),
) -> HookReply {
    let http = status.as_u16();
    let is_callback = webhook.body.kind() == WebhookKind::Status;
    findings.extend(lint::of_status(url, is_callback, http));
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let (301..=303 | 307 | 308, Some(to)) = (http, text(header::LOCATION)) {
        // As in browsers, only 307 and 308 keep the method (RFC 9110 section 15.4).
        let method = if http < 307 { Method::Get } else { webhook.hook.method };
        return match address::resolve(url.as_str(), to, method, papers) {
            Some(hook) => HookReply::Redirected(hook),
            None => HookReply::bare(http),
        };
    }
    let wants_document = !is_callback;
    if !status.is_success() || body.is_empty() || !wants_document {
        return HookReply::bare(http);
    }
    let dialect = match webhook.hook.at {
        Place::Console(..) => twiml::Dialect::Strict,
        Place::Url(_) => twiml::Dialect::Lenient,
    };
    if !text(header::CONTENT_TYPE).is_none_or(is_xml_or_text) {
        let says = format!("{} answered with a content type that holds no TwiML", lint::shown(url));
        findings.push(Finding::error(BAD_CONTENT_TYPE, says));
        return HookReply::Answered { http, body: Body::NotTwiml(BAD_CONTENT_TYPE) };
    }
    // Decoded as UTF-8, regardless of the content type's charset.
    let text = String::from_utf8_lossy(body);
    let mut resolve = |to: &str, method: Method| address::resolve(url.as_str(), to, method, papers);
    let read = twiml::read(&text, dialect, &mut resolve);
    findings.extend(lint::of_document(&read));
    let body = match read {
        Ok(reading) => Body::Document(reading.document),
        Err(error) => Body::NotTwiml(error.code()),
    };
    HookReply::Answered { http, body }
}

/// Whether Twilio reads an answer of this content type as a document (TW-webhook).
pub(super) fn is_xml_or_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "text/xml" | "application/xml" | "text/html" | "text/plain")
}

/// Decodes a webhook request to the service; `None` if the path does not exist.
pub fn decode(
    reference_text: &str,
    which: &str,
    uri: &Uri,
    headers: &HeaderMap,
    form: &Form,
) -> Option<Webhook> {
    let kind = address::kind_named(which)?;
    let body = match kind {
        WebhookKind::Fetch => WebhookBody::Fetch,
        WebhookKind::Action => {
            WebhookBody::Action(form.get("Digits").and_then(Digits::read).unwrap_or(Digits::EMPTY))
        }
        WebhookKind::Status => WebhookBody::Status(report(form)),
    };
    let signed = format!("{}{}", paths::ORIGIN, uri.path_and_query().map_or("", |path| path.as_str()));
    let shown = headers.get(signature::HEADER).and_then(|value| value.to_str().ok());
    Some(Webhook {
        hook: Hook::post(Place::Console(address::reference(reference_text)?, kind)),
        from: Number::read(form.get("From").unwrap_or_default()).unwrap_or(Number::NONE),
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

/// Encodes the service's answer to a webhook request.
pub fn response(reply: &HookReply) -> Response {
    let (http, body) = match reply {
        HookReply::Answered { http, body: Body::Document(document) } => {
            (*http, twiml::write_with(document, &mut address::console_path))
        }
        HookReply::Answered { http, body: Body::Empty } => (*http, String::new()),
        HookReply::Answered { http, body: Body::NotTwiml(12_102) } => (*http, ERROR_PAGE.to_owned()),
        HookReply::Answered { http, body: Body::NotTwiml(_) } => (*http, UNREADABLE.to_owned()),
        HookReply::Redirected(hook) => match hook.method {
            Method::Post => (307, String::new()),
            Method::Get => (303, String::new()),
        },
    };
    let mut response = Response::new(axum::body::Body::from(body));
    *response.status_mut() = StatusCode::from_u16(http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    if let HookReply::Redirected(hook) = reply
        && let Some(to) = address::console_path(*hook).and_then(|path| HeaderValue::from_str(&path).ok())
    {
        headers.insert(header::LOCATION, to);
    }
    response
}
