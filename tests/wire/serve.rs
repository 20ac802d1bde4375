//! `lostkey serve` from outside: an app that orders calls, and a test that has the phones in its hand.

#[path = "serve/app.rs"]
mod app;
#[path = "serve/below.rs"]
mod below;
#[path = "serve/crowd.rs"]
mod crowd;
#[path = "serve/devices.rs"]
mod devices;
#[path = "serve/document.rs"]
mod document;
#[path = "serve/events.rs"]
mod events;
#[path = "serve/faults.rs"]
mod faults;
#[path = "serve/gateway.rs"]
mod gateway;
#[path = "serve/inside.rs"]
mod inside;
#[path = "serve/kill.rs"]
mod kill;
#[path = "serve/log.rs"]
mod log;
#[path = "serve/mail.rs"]
mod mail;
#[path = "serve/mail_faults.rs"]
mod mail_faults;
#[path = "serve/metrics.rs"]
mod metrics;
#[path = "serve/mistakes.rs"]
mod mistakes;
#[path = "serve/openapi.rs"]
mod openapi;
#[path = "serve/overrides.rs"]
mod overrides;
#[path = "serve/pages.rs"]
mod pages;
#[path = "serve/parameters.rs"]
mod parameters;
#[path = "serve/phones.rs"]
mod phones;
#[path = "serve/provider.rs"]
mod provider;
#[path = "serve/remote.rs"]
mod remote;
#[path = "serve/rest.rs"]
mod rest;
#[path = "serve/sandboxes.rs"]
mod sandboxes;
#[path = "serve/save.rs"]
mod save;
#[path = "serve/scans.rs"]
mod scans;
#[path = "serve/silence.rs"]
mod silence;
#[path = "serve/text_faults.rs"]
mod text_faults;
#[path = "serve/texts.rs"]
mod texts;
#[path = "serve/verify.rs"]
mod verify;
#[path = "serve/verify_faults.rs"]
mod verify_faults;

use std::time::Duration;

use lostkey::wire::form::Form;
use lostkey::{ServeClock, Server};
use serde_json::{Value, json};

/// The account of the app.
const ACCOUNT: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// Its auth token.
const TOKEN: &str = "the-app's-token";
/// A phone that the test has in its hand.
const PHONE: &str = "+34600000001";

/// A server, and the clients of the app and of the test.
struct Rig {
    server: Server,
    client: reqwest::Client,
}

impl Rig {
    async fn start(clock: ServeClock) -> Self {
        let server = Server::builder().clock(clock).start().await.unwrap();
        Self { server, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// A request of the app to the REST API: HTTP status and body.
    async fn rest(&self, method: &str, resource: &str, form: &Form) -> (u16, Value) {
        let path = if resource.starts_with('/') {
            resource.to_owned()
        } else {
            format!("/2010-04-01/Accounts/{ACCOUNT}/{resource}")
        };
        let url = format!("{}{path}", self.server.ports().twilio);
        let request = self.client.request(method.parse().unwrap(), url).basic_auth(ACCOUNT, Some(TOKEN));
        let (status, body) = send(request.body(form.body())).await;
        openapi::check(method, resource, status, &body);
        (status, body)
    }

    /// A request of the test to the control API: HTTP status and body.
    async fn control(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/control/v1{path}", self.server.ports().http);
        let request = self.client.request(method.parse().unwrap(), url);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(request.body(body)).await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.control("GET", path, &Value::Null).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.control("POST", path, &body).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    async fn advance(&self, by: &str) {
        self.post("/clock/advance", json!({ "by": by })).await;
    }
}

/// The client of an app that gives up after a second: a fault may leave its order without an answer.
fn impatient() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(1)).build().unwrap()
}

async fn send(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
}

/// An order of a call to [`PHONE`].
fn order() -> Form {
    Form::new().with("To", PHONE).with("From", "+15005550006")
}
