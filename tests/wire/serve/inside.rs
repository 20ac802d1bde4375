//! An app that sends texts, and starts and checks verifications, from inside the handlers of its pages and of its
//! webhooks, and waits there for the answers; also an app that serves one request at a time.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::future::join_all;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use lostkey::ServeClock;
use lostkey::wire::form::Form;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::{ACCOUNT, Rig, TOKEN, send};

/// How many requests run side by side.
const AT_ONCE: usize = 50;

/// The number of the app.
const SENDER: &str = "+15005550006";

/// The service of the app.
const SERVICE: &str = "/v2/Services/VA00000000000000000000000000000007";

/// How an app serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Workers {
    /// Each connection has a task.
    Many,
    /// One connection after the other.
    One,
}

/// An app with its server.
struct App {
    address: SocketAddr,
    state: Inner,
    _tasks: JoinSet<()>,
}

/// What the handlers share.
#[derive(Clone)]
struct Inner {
    /// The provider's address.
    api: Arc<str>,
    /// The app's own address.
    own: Arc<str>,
    client: reqwest::Client,
    /// How many status callbacks came.
    callbacks: Arc<AtomicUsize>,
}

impl Inner {
    /// A request to the provider, whose answer the handler waits for.
    async fn ask(&self, path: &str, form: &Form) -> (u16, Value) {
        let url = format!("{}{path}", self.api);
        send(self.client.post(url).basic_auth(ACCOUNT, Some(TOKEN)).body(form.body())).await
    }

    async fn text(&self, form: &Form) -> StatusCode {
        let path = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
        let (status, body) = self.ask(&path, &form.clone().with("From", SENDER)).await;
        assert_eq!(status, 201, "{body}");
        StatusCode::OK
    }

    async fn start_verifying(&self, number: &str) -> StatusCode {
        let form = Form::new().with("To", number).with("Channel", "sms");
        let (status, body) = self.ask(&format!("{SERVICE}/Verifications"), &form).await;
        assert_eq!(status, 201, "{body}");
        StatusCode::OK
    }

    /// Checks a code; the status of the verification, or nothing if there is none.
    async fn check(&self, number: &str, code: &str) -> String {
        let form = Form::new().with("To", number).with("Code", code);
        let (_, body) = self.ask(&format!("{SERVICE}/VerificationCheck"), &form).await;
        body["status"].as_str().unwrap_or("unknown").to_owned()
    }
}

impl App {
    async fn start(rig: &Rig, workers: Workers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Inner {
            api: rig.server.ports().twilio.as_str().into(),
            own: format!("http://{address}").into(),
            client: reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap(),
            callbacks: Arc::default(),
        };
        let router = Router::new()
            .route("/pages/text/{number}", post(page_that_texts))
            .route("/pages/start/{number}", post(page_that_starts))
            .route("/pages/check/{number}", post(page_that_checks))
            .route("/status", post(status))
            .route("/inbound", post(inbound))
            .with_state(state.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, router, workers));
        Self { address, state, _tasks: tasks }
    }

    /// Asks for the same page for each number at once.
    async fn pages(&self, page: &str, numbers: &[String], bodies: &[String]) -> Vec<String> {
        let asked = numbers.iter().zip(bodies).map(|(number, body)| async move {
            let url = format!("http://{}/pages/{page}/{number}", self.address);
            let response = self.state.client.post(url).body(body.clone()).send().await.unwrap();
            assert_eq!(response.status(), 200);
            response.text().await.unwrap()
        });
        join_all(asked).await
    }
}

async fn serve(listener: TcpListener, router: Router, workers: Workers) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let router = router.clone();
        let connection = async move {
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                router.clone().oneshot(request.map(Body::new))
            });
            // The client may leave.
            let _left =
                http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service).await;
        };
        match workers {
            Workers::Many => drop(connections.spawn(connection)),
            Workers::One => connection.await,
        }
    }
}

async fn page_that_texts(State(app): State<Inner>, Path(number): Path<String>) -> StatusCode {
    let callback = format!("{}/status", app.own);
    app.text(&Form::new().with("To", number).with("Body", "first").with("StatusCallback", callback)).await
}

async fn page_that_starts(State(app): State<Inner>, Path(number): Path<String>) -> StatusCode {
    app.start_verifying(&number).await
}

async fn page_that_checks(State(app): State<Inner>, Path(number): Path<String>, code: String) -> String {
    app.check(&number, &code).await
}

/// The status callback of the first text sends a second one.
async fn status(State(app): State<Inner>, body: Bytes) -> StatusCode {
    let form = Form::read(&body);
    app.callbacks.fetch_add(1, Ordering::Relaxed);
    if form.get("MessageStatus") == Some("delivered") {
        app.text(&Form::new().with("To", form.get("To").unwrap()).with("Body", "second")).await;
    }
    StatusCode::NO_CONTENT
}

/// A text from a handset starts a verification, or checks the code that it brings.
async fn inbound(State(app): State<Inner>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let (number, says) = (form.get("From").unwrap(), form.get("Body").unwrap());
    if says == "verify me" {
        return app.start_verifying(number).await.into_response();
    }
    let status = app.check(number, says).await;
    let reply = format!("<Response><Message>You are {status}.</Message></Response>");
    ([(header::CONTENT_TYPE, "text/xml")], reply).into_response()
}

/// The numbers of the users of an app.
fn numbers() -> Vec<String> {
    (0..AT_ONCE).map(|nth| format!("+346000030{nth:02}")).collect()
}

impl Rig {
    /// Moves a manual clock.
    async fn pass(&self, clock: ServeClock, by: &str) {
        if clock == ServeClock::Manual {
            self.advance(by).await;
        }
    }

    /// The first text with these words at each number.
    async fn arrived(&self, numbers: &[String], words: &str) -> Vec<Value> {
        let waits = numbers.iter().map(|number| async move {
            let words = words.replace(' ', "%20");
            self.get(&format!("/phones/{number}/texts/wait?since=0&contains={words}&timeout=60")).await
        });
        join_all(waits).await
    }

    /// The verification code at each number.
    async fn codes(&self, numbers: &[String]) -> Vec<String> {
        let arrived = self.arrived(numbers, "verification code").await;
        arrived.iter().map(|text| text["codes"][0]["code"].as_str().unwrap().to_owned()).collect()
    }

    /// A text from each number to the app.
    async fn write(&self, numbers: &[String], bodies: &[String]) {
        let sent = numbers.iter().zip(bodies).map(|(number, body)| async move {
            let text = json!({ "to": SENDER, "body": body });
            let (status, body) = self.control("POST", &format!("/phones/{number}/texts"), &text).await;
            assert_eq!(status, 201, "{body}");
        });
        join_all(sent).await;
    }
}

/// The clocks and the apps of each test.
fn variants() -> impl Iterator<Item = (ServeClock, Workers)> {
    let fast = ServeClock::Real(NonZeroU32::new(50).unwrap());
    [ServeClock::Manual, fast].into_iter().flat_map(|clock| [(clock, Workers::Many), (clock, Workers::One)])
}

fn same(body: &str) -> Vec<String> {
    vec![body.to_owned(); AT_ONCE]
}

#[tokio::test]
async fn pages_and_callbacks_send_texts_and_wait_for_the_answers() {
    for (clock, workers) in variants() {
        let rig = Rig::start(clock).await;
        let (app, numbers) = (App::start(&rig, workers).await, numbers());
        app.pages("text", &numbers, &same("")).await;
        rig.pass(clock, "1m").await;
        rig.arrived(&numbers, "first").await;
        rig.arrived(&numbers, "second").await;
        assert_eq!(app.state.callbacks.load(Ordering::Relaxed), 2 * AT_ONCE, "{clock} {workers:?}");
        let (_, page) = rig.rest("GET", "Messages.json?PageSize=1000", &Form::new()).await;
        assert_eq!(page["messages"].as_array().unwrap().len(), 2 * AT_ONCE);
    }
}

#[tokio::test]
async fn pages_start_and_check_verifications_and_wait_for_the_answers() {
    for (clock, workers) in variants() {
        let rig = Rig::start(clock).await;
        let (app, numbers) = (App::start(&rig, workers).await, numbers());
        app.pages("start", &numbers, &same("")).await;
        rig.pass(clock, "1m").await;
        let codes = rig.codes(&numbers).await;
        let checked = app.pages("check", &numbers, &codes).await;
        assert_eq!(checked, same("approved"), "{clock} {workers:?}");
        assert_eq!(app.pages("check", &numbers, &codes).await, same("unknown"), "a code is spent");
    }
}

#[tokio::test]
async fn webhooks_start_and_check_verifications_and_wait_for_the_answers() {
    for (clock, workers) in variants() {
        let rig = Rig::start(clock).await;
        let (app, numbers) = (App::start(&rig, workers).await, numbers());
        let hook = json!({ "sms": format!("http://{}/inbound", app.address), "account": ACCOUNT });
        assert_eq!(rig.control("PUT", &format!("/senders/{SENDER}"), &hook).await.0, 200);
        rig.write(&numbers, &same("verify me")).await;
        rig.pass(clock, "1m").await;
        let codes = rig.codes(&numbers).await;
        rig.write(&numbers, &codes).await;
        rig.pass(clock, "1m").await;
        let replies = rig.arrived(&numbers, "You are").await;
        assert!(replies.iter().all(|reply| reply["body"] == "You are approved."), "{clock} {workers:?}");
    }
}
