//! Link scanners, as a foreign app sees them.

use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use lostkey::ServeClock;
use lostkey::wire::http_server::HttpServer;
use serde_json::{Value, json};

use super::Rig;
use super::mail::{send, with_link};

/// The requests that an app got, each with the number of emails that had arrived by then.
#[derive(Clone, Default)]
struct Seen {
    requests: Arc<Mutex<Vec<String>>>,
    mailbox: Arc<OnceLock<String>>,
}

impl Seen {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

/// An app whose links lead over a redirect to a page with one form.
fn app() -> (HttpServer, Seen) {
    let seen = Seen::default();
    (HttpServer::open(Router::new().fallback(answer).with_state(seen.clone())).unwrap(), seen)
}

async fn answer(
    State(seen): State<Seen>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    assert!(!headers.contains_key("cookie"));
    let url = format!("{}/api/v1/messages", seen.mailbox.get().unwrap());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let listed = client.get(url).send().await.unwrap().text().await.unwrap();
    let mails = serde_json::from_str::<Value>(&listed).unwrap()["total"].to_string();
    seen.requests
        .lock()
        .unwrap()
        .push(format!("{method} {} {body}", uri.path()).trim_end().to_owned() + "; " + &mails);
    match uri.path() {
        "/link" => ([("set-cookie", "seen=1")], Redirect::to("/page")).into_response(),
        "/page" => Html("<form method=post action=/confirm><input type=hidden name=t value=7><button>Confirm</button></form>")
            .into_response(),
        _ => "confirmed".into_response(),
    }
}

#[tokio::test]
async fn each_rung_of_the_ladder_is_seen_at_each_moment() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (app, seen) = app();
    seen.mailbox.set(rig.server.ports().http.clone()).unwrap();
    let link = format!("http://{}/link?token=5eCr3t", app.address());
    for (rung, sent) in [
        (None, &["HEAD /link", "GET /link"][..]),
        (Some("head"), &["HEAD /link"]),
        (Some("get"), &["GET /link"]),
        (Some("redirects"), &["GET /link", "GET /page"]),
        (Some("form"), &["GET /link", "GET /page", "POST /confirm t=7"]),
    ] {
        for (when, mails) in [(None, 0), (Some("before"), 0), (Some("with"), 1), (Some("after"), 1)] {
            rig.post("/reset", Value::Null).await;
            let mut fields = json!({});
            fields.as_object_mut().unwrap().extend(rung.map(|rung| ("rung".to_owned(), json!(rung))));
            fields.as_object_mut().unwrap().extend(when.map(|when| ("when".to_owned(), json!(when))));
            let does =
                if fields == json!({}) { json!("mail-scanned") } else { json!({ "mail-scanned": fields }) };
            let (status, body) = rig.control("PUT", "/faults", &json!([{ "does": does }])).await;
            assert_eq!((status, &body["faults"][0]["does"]), (200, &does), "{body}");
            send(&rig, with_link("ana@example.com", &link)).await;
            rig.advance("20s").await;
            let found = rig.get("/messages/wait?to=ana@example.com&since=0&timeout=0").await;
            assert_eq!(found["links"][0]["url"], link);
            if when == Some("after") {
                assert_eq!(seen.take(), [""; 0], "the reader has the mail before the scanner comes");
                rig.advance("10s").await;
            }
            let wanted: Vec<String> = sent.iter().map(|sent| format!("{sent}; {mails}")).collect();
            assert_eq!(seen.take(), wanted, "{rung:?} {when:?}");
        }
    }
    let log = rig.get("/mail/log").await;
    let says = log["entries"][19]["says"].as_str().unwrap();
    assert!(says.ends_with("(form): GET 303, GET 200, POST 200") && !says.contains("5eCr3t"), "{says}");
}

#[tokio::test]
async fn a_link_to_another_machine_is_skipped_unless_the_test_gives_its_host_an_address() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (app, seen) = app();
    seen.mailbox.set(rig.server.ports().http.clone()).unwrap();
    let faults = json!([{ "does": { "mail-scanned": { "rung": "get" } } }]);
    assert_eq!(rig.control("PUT", "/faults", &faults).await.0, 200);
    let message = || with_link("ana@example.com", "https://app.test/link?token=1");
    send(&rig, message()).await;
    rig.advance("20s").await;
    let log = rig.get("/mail/log").await;
    let says = log["entries"][0]["says"].as_str().unwrap();
    assert!(says.contains("skipped https://app.test/…: it is not on this machine"), "{says}");
    let (status, body) = rig.control("PUT", "/mail/hosts", &json!({ "app.test": "10.0.0.1:80" })).await;
    assert_eq!((status, body["error"].as_str().unwrap().contains("loopback")), (400, true), "{body}");
    let (status, body) =
        rig.control("PUT", "/mail/hosts", &json!({ "app.test": app.address().to_string() })).await;
    assert_eq!((status, &body["hosts"]["app.test"]), (200, &json!(app.address().to_string())));
    send(&rig, message()).await;
    rig.advance("20s").await;
    assert_eq!(seen.take(), ["GET /link; 1"]);
    assert_eq!(rig.control("DELETE", "/mail/hosts", &Value::Null).await.1, json!({ "hosts": {} }));
}
