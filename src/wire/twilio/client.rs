//! The service's client of the voice provider; orders calls as Twilio's SDKs do.

use std::net::SocketAddr;

use reqwest::{Client, header};
use serde::Deserialize;

use crate::message::{CallCreate, CallReply, Hook, Opening, Sid};
use crate::wire::descriptors::TooFew;
use crate::wire::form::Form;
use crate::wire::http_client::{REAL_TIMEOUT, direct_client};
use crate::wire::twilio::{ACCOUNT_SID, AUTH_TOKEN, address};

/// Orders calls.
#[derive(Debug)]
pub struct VoiceClient {
    client: Client,
    provider: SocketAddr,
}

/// The relevant fields of the provider's answer: a call, or an error.
#[derive(Debug, Deserialize)]
struct Body {
    sid: Option<String>,
    code: Option<u32>,
}

impl VoiceClient {
    /// Creates a client for the provider at `provider`.
    ///
    /// # Errors
    /// If the client cannot be set up.
    pub fn new(provider: SocketAddr) -> reqwest::Result<Self> {
        let client = direct_client(REAL_TIMEOUT).build()?;
        Ok(Self { client, provider })
    }

    /// Orders a call; `None` if no answer arrives.
    ///
    /// # Errors
    /// [`TooFew`] if the process may not open another socket.
    pub async fn order(&self, order: &CallCreate) -> Result<Option<CallReply>, TooFew> {
        let url = format!("http://{}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json", self.provider);
        let request = self
            .client
            .post(url)
            .basic_auth(ACCOUNT_SID, Some(AUTH_TOKEN))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(order).body());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return TooFew::of(&error).map_or(Ok(None), Err),
        };
        let http = response.status().as_u16();
        let body: Option<Body> =
            response.bytes().await.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Some(reply(http, body.as_ref())))
    }
}

/// The form of an order (TW-order). Hooks of other services are left out.
fn form(order: &CallCreate) -> Form {
    let mut form = Form::new().with("To", order.to.to_string()).with("From", order.from.to_string());
    if let Opening::Fetch(hook) = order.opening {
        form = with_hook(form, "Url", "Method", hook);
    }
    if let Some(hook) = order.fallback {
        form = with_hook(form, "FallbackUrl", "FallbackMethod", hook);
    }
    if let Some((hook, events)) = order.status {
        form = with_hook(form, "StatusCallback", "StatusCallbackMethod", hook);
        form = events.names().fold(form, |form, event| form.with("StatusCallbackEvent", event));
    }
    if let Some(limit) = order.time_limit {
        form = form.with("TimeLimit", limit.as_secs().to_string());
    }
    form = form.with("Timeout", order.ring_timeout.as_secs().to_string());
    if order.machine_detection { form.with("MachineDetection", "Enable") } else { form }
}

fn with_hook(form: Form, url: &str, method: &str, hook: Hook) -> Form {
    match address::console_url(hook) {
        Some(address) => form.with(url, address).with(method, hook.method.name()),
        None => form,
    }
}

fn reply(http: u16, body: Option<&Body>) -> CallReply {
    let sid = body.and_then(|body| body.sid.as_deref()).and_then(Sid::read);
    match (http, sid, body.and_then(|body| body.code)) {
        (200..=299, Some(sid), _) => CallReply::Created { sid },
        (400..=499, _, Some(code)) => CallReply::Refused { http, code },
        _ => CallReply::Failed { http },
    }
}
