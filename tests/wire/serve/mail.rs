//! The mailbox of `lostkey serve`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use lostkey::wire::http_server::HttpServer;
use lostkey::wire::inbox::InboxLimits;
use lostkey::{ServeClock, Server};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::Rig;

pub(super) fn code_for(to: &str, code: &str) -> Message {
    Message::builder()
        .from("App <app@example.com>".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("Your code")
        .header(ContentType::TEXT_PLAIN)
        .body(format!("Your verification code is {code}.\r\nhttp://app.test/verify?token={code}\r\n"))
        .unwrap()
}

/// An email with this link.
pub(super) fn with_link(to: &str, link: &str) -> Message {
    Message::builder()
        .from("App <app@example.com>".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("Verify your address")
        .header(ContentType::TEXT_PLAIN)
        .body(format!("Verify: {link}\r\n"))
        .unwrap()
}

pub(super) async fn send(rig: &Rig, message: Message) {
    try_send(rig, message).await.unwrap();
}

/// Sends an email; says whether the server took it.
pub(super) async fn try_send(rig: &Rig, message: Message) -> Result<(), lettre::transport::smtp::Error> {
    let (host, port) = rig.server.ports().smtp.rsplit_once(':').unwrap();
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host);
    transport.port(port.parse().unwrap()).build().send(message).await.map(drop)
}

#[tokio::test]
async fn an_email_is_waited_for_and_its_code_and_link_are_found() {
    let rig = Rig::start(ServeClock::Manual).await;
    // An old email is not what the test waits for.
    send(&rig, code_for("zoe@example.com", "111111")).await;
    let cursor = rig.get("/messages/cursor").await["cursor"].as_u64().unwrap();
    let wait = format!("/messages/wait?to=zoe@example.com&since={cursor}&timeout=30");
    let (found, ()) = tokio::join!(rig.get(&wait), send(&rig, code_for("zoe@example.com", "042137")));
    assert_eq!(found["codes"][0]["code"], "042137", "{found}");
    assert_eq!(found["links"][0]["url"], "http://app.test/verify?token=042137", "{found}");
    let url = format!("{}/api/v1/search?query=to:zoe@example.com", rig.server.ports().http);
    let listed = rig.client.get(url).send().await.unwrap().text().await.unwrap();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["messages_count"], 2, "{listed}");
}

#[tokio::test]
async fn an_email_to_a_person_of_the_story_meets_the_faults_of_the_story() {
    let rig = Rig::start(ServeClock::Manual).await;
    let faults = json!([{ "does": { "mail-late": { "by": "20m" } } }]);
    let (status, body) = rig.control("PUT", "/faults", &faults).await;
    assert_eq!(status, 200, "{body}");
    send(&rig, code_for("ana@example.com", "042137")).await;
    let (status, _) =
        rig.control("GET", "/messages/wait?to=ana@example.com&since=0&timeout=0", &Value::Null).await;
    assert_eq!(status, 408, "it has not arrived yet");
    rig.advance("30m").await;
    let found = rig.get("/messages/wait?to=ana@example.com&since=0&timeout=30").await;
    assert_eq!(found["codes"][0]["code"], "042137");
}

#[tokio::test]
async fn tests_side_by_side_see_their_own_emails() {
    let rig = Rig::start(ServeClock::Manual).await;
    for (to, code) in [("zoe+t1@example.com", "111111"), ("zoe+t2@example.com", "222222")] {
        send(&rig, code_for(to, code)).await;
    }
    let mut message = code_for("yan@example.com", "333333");
    message.headers_mut().insert_raw(lettre::message::header::HeaderValue::new(
        lettre::message::header::HeaderName::new_from_ascii_str("X-Lostkey-Tag"),
        "T1".to_owned(),
    ));
    send(&rig, message).await;
    for (tag, codes) in [("t1", &["111111", "333333"][..]), ("T2", &["222222"]), ("t3", &[])] {
        let mut cursor = 0;
        for code in codes {
            let wait = format!("/messages/wait?tag={tag}&since={cursor}&timeout=0");
            let found = rig.get(&wait).await;
            assert_eq!(found["codes"][0]["code"], *code, "{tag}");
            cursor = found["cursor"].as_u64().unwrap();
        }
        let wait = format!("/messages/wait?tag={tag}&since={cursor}&timeout=0");
        assert_eq!(rig.control("GET", &wait, &Value::Null).await.0, 408);
        let listed = rig.get(&format!("/messages?tag={tag}")).await;
        assert_eq!(listed["count"], codes.len(), "{listed}");
        for path in [
            format!("messages?tag={tag}"),
            format!("search?query=code&tag={tag}"),
            format!("search?query=tag:{tag}"),
        ] {
            let url = format!("{}/api/v1/{path}", rig.server.ports().http);
            let text = rig.client.get(url).send().await.unwrap().text().await.unwrap();
            let page: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(page["messages_count"], codes.len(), "{path}: {page}");
        }
    }
    // A client that sets tags cannot move a message to another test.
    let url = format!("{}/api/v1/tags", rig.server.ports().http);
    let id = rig.get("/messages?tag=t2").await["messages"][0]["ID"].clone();
    let body = json!({ "IDs": [id], "Tags": ["t1"] });
    rig.client.put(url).body(body.to_string()).send().await.unwrap();
    assert_eq!(rig.get("/messages?tag=t2").await["count"], 1);
    let (status, body) = rig.control("DELETE", "/messages?tag=t2", &Value::Null).await;
    assert_eq!((status, body["deleted"].as_u64()), (200, Some(1)));
    assert_eq!(rig.get("/messages").await["count"], 2);
}

/// What a webhook has got, and how it answers.
#[derive(Clone, Default)]
struct Told {
    bodies: Arc<Mutex<Vec<Value>>>,
    came: Arc<Notify>,
}

async fn told(State(told): State<Told>, body: String) -> StatusCode {
    let summary: Value = serde_json::from_str(&body).unwrap();
    let mut bodies = told.bodies.lock().unwrap();
    bodies.push(summary.clone());
    told.came.notify_one();
    let times = bodies.iter().filter(|body| **body == summary).count();
    match summary["Subject"].as_str().unwrap() {
        "fails once" if times == 1 => StatusCode::BAD_GATEWAY,
        "fails always" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::NO_CONTENT,
    }
}

fn about(subject: &str) -> Message {
    let message = Message::builder().from("app@example.com".parse().unwrap()).subject(subject);
    message.to("zoe@example.com".parse().unwrap()).body("Hi".to_owned()).unwrap()
}

#[tokio::test]
async fn each_email_is_told_to_a_webhook_in_order() {
    let rig = Rig::start(ServeClock::Manual).await;
    let seen = Told::default();
    let app = HttpServer::open(Router::new().route("/mail", post(told)).with_state(seen.clone())).unwrap();
    send(&rig, about("before")).await;
    let url = format!("http://{}/mail", app.address());
    let (status, body) = rig.control("PUT", "/mail/webhook", &json!({ "url": url })).await;
    assert_eq!((status, body), (200, json!({ "url": url, "delivered": 0, "failed": 0 })));
    for subject in ["fails always", "fails once", "last"] {
        send(&rig, about(subject)).await;
    }
    let all = async {
        while seen.bodies.lock().unwrap().last().is_none_or(|body| body["Subject"] != "last") {
            seen.came.notified().await;
        }
        // The count follows the answer.
        while rig.get("/mail/webhook").await["delivered"] != 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), all).await.unwrap();
    let bodies = std::mem::take(&mut *seen.bodies.lock().unwrap());
    let subjects: Vec<&str> = bodies.iter().map(|body| body["Subject"].as_str().unwrap()).collect();
    let (always, once) = ("fails always", "fails once");
    assert_eq!(subjects, [always, always, always, once, once, "last"]);
    assert_eq!(bodies[0]["To"][0]["Address"], "zoe@example.com", "the shape is Mailpit's: {}", bodies[0]);
    assert_eq!(rig.get("/mail/webhook").await["failed"], 1);
    let log = rig.get("/mail/log").await;
    let says = log["entries"][0]["says"].as_str().unwrap();
    assert!(says.ends_with("/…: gave up after 3 attempts: it answered 500"), "{log}");
    let (_, body) = rig.control("DELETE", "/mail/webhook", &Value::Null).await;
    assert_eq!(body["url"], Value::Null);
    send(&rig, about("after")).await;
    for url in ["http://evil.test/", "https://127.0.0.1/", "ftp://127.0.0.1/", "127.0.0.1:80", ""] {
        let (status, body) = rig.control("PUT", "/mail/webhook", &json!({ "url": url })).await;
        assert_eq!(status, 400, "{url}: {body}");
    }
    assert_eq!(rig.control("PUT", "/mail/webhook", &json!({})).await.0, 400);
    assert!(seen.bodies.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_oldest_emails_are_dropped_and_the_api_says_so() {
    let limits = InboxLimits { messages: 3, ..InboxLimits::default() };
    let server = Server::builder().clock(ServeClock::Manual).inbox(limits).start().await.unwrap();
    let rig = Rig { server, client: reqwest::Client::builder().no_proxy().build().unwrap() };
    for n in 1..=5 {
        send(&rig, about(&n.to_string())).await;
    }
    let info = rig.get("/mail").await;
    for (name, value) in
        [("messages", 3), ("accepted", 5), ("dropped", 2), ("dropped_up_to", 2), ("cursor", 5)]
    {
        assert_eq!(info[name], value, "{name}: {info}");
    }
    assert_eq!(info["limits"]["messages"], 3);
    assert_eq!(rig.get("/messages").await["messages"][0]["Subject"], "3");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_in_json() {
    let rig = Rig::start(ServeClock::Manual).await;
    let large = Value::String("x".repeat(6 * 1_024 * 1_024));
    for (method, path) in [("PUT", "/faults"), ("PUT", "/mail/webhook"), ("POST", "/reset")] {
        let (status, body) = rig.control(method, path, &large).await;
        assert_eq!((status, body["error"].is_string()), (413, true), "{path}: {body}");
    }
    let url = format!("{}/api/v1/messages", rig.server.ports().http);
    let (status, body) = super::send(rig.client.put(url).body(large.to_string())).await;
    assert_eq!((status, body["error"].is_string()), (413, true), "{body}");
}

#[tokio::test]
async fn a_search_in_a_large_email_holds_up_nobody() {
    let rig = Rig::start(ServeClock::Manual).await;
    let line = "0123456789 abcdefghij ".repeat(40) + "\r\n";
    let text = line.repeat(4 * 1_024 * 1_024 / line.len()) + "needle\r\n";
    let message = Message::builder()
        .from("app@example.com".parse().unwrap())
        .to("zoe@example.com".parse().unwrap())
        .subject("Large")
        .body(text)
        .unwrap();
    send(&rig, message).await;
    // On the test's only thread, the short request is answered while the search is under way.
    let search = rig.get("/messages/wait?contains=needle&since=0&timeout=0");
    let short = rig.get("/clock");
    tokio::pin!(search, short);
    tokio::select! {
        biased;
        found = &mut search => panic!("the search came first: {found}"),
        _ = &mut short => {}
    }
    assert_eq!(search.await["message"]["Subject"], "Large");
}
