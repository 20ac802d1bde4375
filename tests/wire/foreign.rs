//! Tests with a foreign service that orders calls by the REST API.
//!
//! Its documents, digits and callbacks go to a small HTTP server of the test.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use lostkey::base::time::{Span, Time};
use lostkey::message::{Authenticity, Sid};
use lostkey::people::Act;
use lostkey::stage::WirePlay;
use lostkey::wire::form::Form;
use lostkey::wire::twilio::{ACCOUNT_SID, AUTH_TOKEN, signature};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::story;

/// The requests to the server, one line each: method, path, digits, status.
type Asked = Arc<Mutex<Vec<String>>>;

struct App {
    address: SocketAddr,
    asked: Asked,
    /// Stops the server when the app is dropped.
    _serving: JoinSet<std::io::Result<()>>,
}

impl App {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Asked::default();
        let router = Router::new().fallback(answer).with_state((address, Arc::clone(&asked)));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await });
        Self { address, asked, _serving: serving }
    }
}

async fn answer(
    State((address, asked)): State<(SocketAddr, Asked)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (query, form) = (Form::read(uri.query().unwrap_or_default().as_bytes()), Form::read(&body));
    // The parameters of a GET are signed as part of its URL.
    let url = format!("http://{address}{}", uri.path_and_query().unwrap());
    let shown = headers.get(signature::HEADER).map(|value| value.to_str().unwrap());
    assert_eq!(signature::check(AUTH_TOKEN, &url, &form, shown), Authenticity::Valid, "{method} {uri}");
    let fields = if method == Method::GET { &query } else { &form };
    assert_eq!((fields.get("From"), fields.get("AccountSid")), (Some("+15005550007"), Some(ACCOUNT_SID)));
    let digits = fields.get("Digits").map(|digits| format!(" [{digits}]")).unwrap_or_default();
    let line = format!("{method} {}{digits} {}", uri.path(), fields.get("CallStatus").unwrap());
    asked.lock().unwrap().push(line);
    let twiml = |verbs: &str| {
        ([(header::CONTENT_TYPE, "text/xml")], format!("<Response>{verbs}</Response>")).into_response()
    };
    match uri.path() {
        "/call/one" => twiml(
            "<Play>jingle.mp3</Play><Gather numDigits='1' action='two?step=2' method='GET' hints='one'>\
             <Say>Press any key to continue.</Say></Gather>",
        ),
        "/call/two" => {
            assert_eq!(query.get("step"), Some("2"), "{uri}");
            (StatusCode::FOUND, [(header::LOCATION, "/call/three")]).into_response()
        }
        "/call/three" => twiml(
            "<Say>Your code is 1 2 3 4 5 6.</Say><Gather numDigits='1' timeout='1'/>\
                                <Redirect>http://127.0.0.1:9/</Redirect>",
        ),
        "/sorry" => twiml("<Hangup/>"),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

/// Posts a form to the API; returns HTTP status and body.
async fn post(play: &WirePlay, resource: &str, form: Form) -> (u16, Value) {
    let url = format!("http://{}/2010-04-01/Accounts/{ACCOUNT_SID}/{resource}", play.addresses().voice);
    let request = reqwest::Client::builder().no_proxy().build().unwrap().post(url);
    let request = request.basic_auth(ACCOUNT_SID, Some(AUTH_TOKEN)).body(form.body());
    let response = request.send().await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

fn order() -> Form {
    Form::new().with("To", "+34600000001").with("From", "+15005550007")
}

async fn start() -> WirePlay {
    let story = story("lost-device");
    WirePlay::start(Arc::clone(&story), story.seed).await.unwrap()
}

#[tokio::test]
async fn a_foreign_call_fetches_gathers_follows_and_reports() {
    let (app, mut play) = (App::start().await, start().await);
    let at = |path: &str| format!("http://{}{path}", app.address);
    let ana = play.world().story().person("ana").unwrap();
    let form = order()
        .with("Url", at("/call/one#rc=2"))
        .with("Method", "GET")
        .with("FallbackUrl", at("/sorry"))
        .with("StatusCallback", at("/status"))
        .with("StatusCallbackEvent", "ringing")
        .with("StatusCallbackEvent", "completed");
    let (http, call) = post(&play, "Calls.json", form).await;
    assert_eq!((http, &call["status"], &call["from"]), (201, &"queued".into(), &"+15005550007".into()));
    let sid = Sid::read(call["sid"].as_str().unwrap()).unwrap();
    let deadline = Time::ZERO + Span::HOUR;
    assert!(play.until(deadline, |_| !app.asked.lock().unwrap().is_empty()).await.unwrap());
    play.world().order(ana, Act::PickUp);
    let over = |world: &lostkey::world::World| world.call_of_sid(sid).unwrap().is_over();
    assert!(play.until(deadline, over).await.unwrap());
    play.settle().await.unwrap();
    assert_eq!(
        app.asked.lock().unwrap().join("\n"),
        "POST /status ringing\n\
         GET /call/one in-progress\n\
         GET /call/two [1] in-progress\n\
         GET /call/three in-progress\n\
         POST /sorry in-progress\n\
         POST /status completed"
    );
    let trace = serde_json::to_string(&play.trace()).unwrap();
    assert!(!trace.contains("/call/") && !trace.contains(&app.address.to_string()), "{trace}");
}

#[tokio::test]
async fn a_call_is_changed_by_the_api() {
    let play = start().await;
    let form = order().with("Twiml", "<Response><Say>Hello.</Say></Response>");
    let (http, call) = post(&play, "Calls.json", form).await;
    assert_eq!(http, 201);
    let resource = format!("Calls/{}.json", call["sid"].as_str().unwrap());
    let change = |name: &str, value: &str| post(&play, &resource, Form::new().with(name, value));
    for (name, value, http, told) in [
        ("Twiml", "<Response/>", 400, "21220"),
        ("Url", "nowhere", 400, "21205"),
        ("Status", "ringing", 400, "21220"),
        ("Status", "canceled", 200, "canceled"),
        ("Status", "completed", 400, "21220"),
    ] {
        let (status, body) = change(name, value).await;
        let said = body.get("status").filter(|_| http == 200).or(body.get("code")).unwrap().to_string();
        assert_eq!((status, said.trim_matches('"')), (http, told), "{name}={value}: {body}");
    }
    let unknown = format!("Calls/{}.json", Sid(7));
    let (status, body) = post(&play, &unknown, Form::new().with("Status", "canceled")).await;
    assert_eq!((status, &body["code"]), (404, &20_404.into()));
}
