//! A small app that orders calls and answers their webhooks.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use lostkey::message::Authenticity;
use lostkey::wire::form::Form;
use lostkey::wire::http_server::HttpServer;
use lostkey::wire::twilio::signature;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{ACCOUNT, TOKEN, order};

/// Longest real time until a request that must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// An app on a free port.
pub(super) struct App {
    server: HttpServer,
    asked: Asked,
}

#[derive(Clone, Default)]
struct Asked {
    lines: Arc<Mutex<Vec<String>>>,
    /// The path and the parameters of each request so far.
    forms: Arc<Mutex<Vec<(String, Form)>>>,
    hangs: Arc<Notify>,
    /// The path and the idempotency token of each request so far.
    tokens: Arc<Mutex<Vec<(String, String)>>>,
    /// Where the app orders calls from inside a handler.
    api: Arc<OnceLock<String>>,
}

impl App {
    pub(super) fn start() -> Self {
        let asked = Asked::default();
        let router = Router::new().fallback(answer).with_state(asked.clone());
        Self { server: HttpServer::open(router).unwrap(), asked }
    }

    /// The URL of a path.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// The requests so far, one line each.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lines.lock().unwrap().clone()
    }

    /// The parameters of the requests to a path so far.
    pub(super) fn forms(&self, path: &str) -> Vec<Form> {
        let forms = self.asked.forms.lock().unwrap();
        forms.iter().filter(|(at, _)| at == path).map(|(_, form)| form.clone()).collect()
    }

    /// The idempotency tokens of the requests to a path.
    pub(super) fn tokens(&self, path: &str) -> Vec<String> {
        let tokens = self.asked.tokens.lock().unwrap();
        tokens.iter().filter(|(at, _)| at == path).map(|(_, token)| token.clone()).collect()
    }

    /// Tells the app where it can order calls.
    pub(super) fn orders_at(&self, api: &str) {
        self.asked.api.set(api.to_owned()).unwrap();
    }

    /// Waits until a request hangs; fails if none comes.
    pub(super) async fn hangs(&self) {
        timeout(PATIENCE, self.asked.hangs.notified()).await.unwrap();
    }
}

async fn answer(State(asked): State<Asked>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::read(&body);
    let url = format!("http://{}{uri}", headers[header::HOST].to_str().unwrap());
    let shown = headers.get(signature::HEADER).map(|value| value.to_str().unwrap());
    assert_eq!(signature::check(TOKEN, &url, &form, shown), Authenticity::Valid, "{uri}");
    assert_eq!(form.get("AccountSid"), Some(ACCOUNT));
    let digits = form.get("Digits").map(|digits| format!(" [{digits}]")).unwrap_or_default();
    let status = form.get("CallStatus").or_else(|| form.get("MessageStatus")).or_else(|| form.get("Body"));
    let error = form.get("ErrorCode").map(|code| format!(" {code}")).unwrap_or_default();
    let line = format!("{}{digits} {}{error}", uri.path(), status.unwrap_or("-"));
    asked.lines.lock().unwrap().push(line);
    let token = headers["I-Twilio-Idempotency-Token"].to_str().unwrap().to_owned();
    assert_eq!(token.len(), 36, "{token}");
    asked.tokens.lock().unwrap().push((uri.path().to_owned(), token));
    asked.forms.lock().unwrap().push((uri.path().to_owned(), form.clone()));
    let says = |verbs: &str| {
        ([(header::CONTENT_TYPE, "text/xml")], format!("<Response>{verbs}</Response>")).into_response()
    };
    match uri.path() {
        "/asks" => says(
            "<Gather numDigits='6' action='/digits'><Say>Please key in your code.</Say></Gather><Say>Bye.</Say>",
        ),
        "/orders" => {
            let url = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", asked.api.get().unwrap());
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let order = order().with("Twiml", "<Response/>").body();
            let post = client.post(url).basic_auth(ACCOUNT, Some(TOKEN)).body(order);
            assert_eq!(post.send().await.unwrap().status(), 201);
            says("<Say>Another call is on its way.</Say>")
        }
        "/hangs" => {
            asked.hangs.notify_one();
            std::future::pending().await
        }
        "/sms" => says("<Message>You wrote: <Body>thanks</Body></Message><Message>Bye.</Message>"),
        "/flaky" if asked.tokens.lock().unwrap().len() < 3 => StatusCode::BAD_GATEWAY.into_response(),
        "/flaky" => says("<Say>Here I am.</Say>"),
        "/moved" => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/digits")]).into_response(),
        "/records" => says("<Record action='/recorded' maxLength='30' finishOnKey='#'/>"),
        "/broken" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "/html" => ([(header::CONTENT_TYPE, "text/html")], "<html>Oops</html>").into_response(),
        "/unspaced" => says("<Dial/><Say>Your code is 123456.</Say>"),
        "/sorry" => says("<Say>Sorry.</Say>"),
        "/digits" => says("<Say>Thank you.</Say>"),
        "/speaks" => says("<Say>Your code is 0 4 2 1 3 7.</Say><Pause length='60'/>"),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}
