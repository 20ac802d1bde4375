//! Apps that misbehave: they hang, answer without an end, answer garbage, close in the middle, redirect for ever,
//! die, or answer with documents that are meant to hurt.

use axum::Router;
use axum::http::header;
use axum::routing::post;
use lostkey::wire::http_server::HttpServer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{ACCOUNT, MIB, PHONE, Victim, order};

/// The provider's number that the app has.
const SENDER: &str = "+15005550006";

/// Longest document of TwiML, in bytes.
const DOCUMENT_MAX: usize = 64 * 1_024;

/// An app whose answers depend on the path alone, and are bytes.
struct Rogue {
    address: std::net::SocketAddr,
    _task: JoinSet<()>,
}

impl Rogue {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, _task: task }
    }

    /// The URL of a path; a request to it may take 300 ms.
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}#rt=300", self.address)
    }
}

async fn serve(mut stream: TcpStream) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut chunk = [0; 4_096];
        match stream.read(&mut chunk).await {
            Ok(count @ 1..) => head.extend_from_slice(&chunk[..count]),
            Ok(0) | Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    // The provider may close at any time.
    let _closed = answer(&mut stream, path).await;
}

/// Twilio's document with this content.
fn response(verbs: &str) -> String {
    document(&format!("<Response>{verbs}</Response>"))
}

fn document(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// As many copies as a document may have.
fn full(open: &str, close: &str) -> String {
    let depth = (DOCUMENT_MAX - 100) / (open.len() + close.len());
    response(&format!("{}{}", open.repeat(depth), close.repeat(depth)))
}

async fn answer(stream: &mut TcpStream, path: &str) -> std::io::Result<()> {
    let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n";
    let moved = |to: &str| format!("HTTP/1.1 307 Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    let bomb = (1..20).fold("<!ENTITY e0 'ha'>".to_owned(), |all, nth| {
        all + &format!("<!ENTITY e{nth} '{}'>", format!("&e{};", nth - 1).repeat(10))
    });
    let (sent, endless) = match path.split('?').next().unwrap_or_default() {
        "/hangs" => return std::future::pending().await,
        "/drips" => (format!("{ok}Content-Length: 1000\r\n\r\n<"), None),
        "/huge" => (format!("{ok}Content-Length: 104857600\r\n\r\n<Response>"), Some(" ".repeat(65_536))),
        "/chunks" => (format!("{ok}Transfer-Encoding: chunked\r\n\r\n"), Some("1\r\n \r\n".repeat(10_000))),
        "/headers" => ("HTTP/1.1 200 OK\r\n".to_owned(), Some("X-Header: value\r\n".repeat(4_096))),
        "/garbage" => ("\0\0\u{1}garbage\r\n\r\n".to_owned(), None),
        "/other-protocol" => ("220 mail.test ESMTP\r\n".to_owned(), None),
        "/no-answer" => (String::new(), None),
        "/half-head" => ("HTTP/1.1 200 OK\r\nContent-Ty".to_owned(), None),
        "/half-body" => (format!("{ok}Content-Length: 1000\r\n\r\n<Response><Sa"), None),
        "/bad-chunk" => (format!("{ok}Transfer-Encoding: chunked\r\n\r\nzz\r\n"), None),
        "/loop" => (moved("/loop"), None),
        "/grows" => (moved(&format!("{path}?{}", "x".repeat(1_000))), None),
        "/nowhere" => (moved("http://[::"), None),
        "/too-long" => (response(&" ".repeat(DOCUMENT_MAX)), None),
        "/deep-gather" => (full("<Gather>", "</Gather>"), None),
        "/deep-say" => (full("<Say>", "</Say>"), None),
        "/deep-message" => (full("<Message>", "</Message>"), None),
        "/deep-body" => (full("<Body>", "</Body>"), None),
        "/open" => (response(&"<Say>".repeat(10_000)), None),
        "/verbs" => (full("<Say>x</Say>", ""), None),
        "/messages" => (full("<Message>x</Message>", ""), None),
        "/attributes" => (response(&format!("<Say {}>x</Say>", "a='1' ".repeat(9_000))), None),
        "/bomb" => (document(&format!("<!DOCTYPE r [{bomb}]><Response><Say>&e19;</Say></Response>")), None),
        "/bomb-message" => {
            (document(&format!("<!DOCTYPE r [{bomb}]><Response><Message>&e19;</Message></Response>")), None)
        }
        "/file" => (
            document(
                "<!DOCTYPE r [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><Response><Say>&f;</Say></Response>",
            ),
            None,
        ),
        "/again" => (response("<Redirect/>"), None),
        "/speaks-for-ever" => (response("<Say loop='0'>Hello.</Say>"), None),
        "/pauses" => (response("<Pause length='4294967295'/>"), None),
        "/gathers" => (response("<Gather timeout='999999999'/><Redirect/>"), None),
        other => panic!("the app has no {other}"),
    };
    stream.write_all(sent.as_bytes()).await?;
    for _ in 0..endless.as_ref().map_or(0, |chunk| 104_857_600 / chunk.len()) {
        stream.write_all(endless.as_deref().unwrap_or_default().as_bytes()).await?;
    }
    if path == "/drips" {
        return std::future::pending().await;
    }
    stream.shutdown().await
}

/// What the provider's log says of each answer to a request for the document of a call.
///
/// `/chunks` is either too large or too slow, whichever comes first.
const CALLS: [(&str, Option<u64>); 25] = [
    ("/hangs", Some(11_200)),
    ("/drips", Some(11_200)),
    ("/huge", Some(11_750)),
    ("/chunks", None),
    ("/headers", Some(11_200)),
    ("/garbage", Some(11_200)),
    ("/other-protocol", Some(11_200)),
    ("/no-answer", Some(11_200)),
    ("/half-head", Some(11_200)),
    ("/half-body", Some(11_200)),
    ("/bad-chunk", Some(11_200)),
    ("/loop", None),
    ("/grows", None),
    ("/nowhere", None),
    ("/too-long", Some(11_750)),
    ("/deep-gather", Some(12_200)),
    ("/deep-say", Some(12_200)),
    ("/open", Some(12_200)),
    ("/verbs", Some(12_200)),
    ("/attributes", Some(12_100)),
    ("/bomb", Some(12_100)),
    ("/file", Some(12_100)),
    ("/again", None),
    ("/speaks-for-ever", None),
    ("/pauses", None),
];

#[tokio::test]
async fn a_call_to_an_app_that_misbehaves_ends_and_the_log_says_why() {
    let (mut victim, app) = (Victim::start(), Rogue::start().await);
    victim.lives().await;
    let before = victim.peak();
    let mut wrong = Vec::new();
    for (path, code) in CALLS.into_iter().chain([("/gathers", None)]) {
        let told = victim.log().await.len();
        let call = victim.create("Calls.json", &order().with("Url", app.url(path))).await;
        victim.advance("5s").await;
        victim.post(&format!("/control/v1/phones/{PHONE}/answer"), Value::Null).await;
        victim.advance("5h").await;
        let shown = victim.get(&format!("/control/v1/phones/{PHONE}")).await["call"].clone();
        assert_eq!(shown["sid"], call["sid"]);
        let log = victim.log().await.split_off(told);
        if code.is_some_and(|code| !log.contains(&code)) || shown["status"] != "completed" {
            wrong.push(format!("{path}: {} {log:?}", shown["status"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    victim.assert_grew_less(before, 64 * MIB);
    victim.lives().await;
}

/// The same for the answers to a text of a handset.
const TEXTS: [(&str, Option<u64>); 20] = [
    ("/hangs", Some(11_200)),
    ("/drips", Some(11_200)),
    ("/huge", Some(11_750)),
    ("/headers", Some(11_200)),
    ("/garbage", Some(11_200)),
    ("/other-protocol", Some(11_200)),
    ("/no-answer", Some(11_200)),
    ("/half-head", Some(11_200)),
    ("/half-body", Some(11_200)),
    ("/bad-chunk", Some(11_200)),
    ("/loop", None),
    ("/grows", None),
    ("/nowhere", None),
    ("/too-long", Some(11_750)),
    ("/deep-message", Some(14_110)),
    ("/deep-body", Some(14_110)),
    ("/open", Some(14_110)),
    ("/messages", None),
    ("/bomb-message", Some(12_100)),
    ("/again", None),
];

#[tokio::test]
async fn a_text_to_an_app_that_misbehaves_arrives_and_the_log_says_why() {
    let (mut victim, app) = (Victim::start(), Rogue::start().await);
    victim.lives().await;
    let before = victim.peak();
    let mut wrong = Vec::new();
    for (path, code) in TEXTS {
        let told = victim.log().await.len();
        let hook = json!({ "sms": app.url(path), "account": ACCOUNT });
        let (status, body) = victim.ask("PUT", &format!("/control/v1/senders/{SENDER}"), &hook).await;
        assert_eq!(status, 200, "{body}");
        let text = json!({ "to": SENDER, "body": "hi" });
        let sent = victim.post(&format!("/control/v1/phones/{PHONE}/texts"), text).await;
        victim.advance("1h").await;
        assert!(sent["sid"].is_string(), "{sent}");
        let log = victim.log().await.split_off(told);
        if code.is_some_and(|code| !log.contains(&code)) {
            wrong.push(format!("{path}: {log:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    victim.assert_grew_less(before, 64 * MIB);
    victim.ask("DELETE", &format!("/control/v1/senders/{SENDER}"), &Value::Null).await;
    victim.lives().await;
}

#[tokio::test]
async fn an_app_that_dies_between_two_webhooks_is_missed_and_comes_back() {
    let mut victim = Victim::start();
    let says = |verbs: &'static str| {
        let body = format!("<Response>{verbs}</Response>");
        post(move || async move { ([(header::CONTENT_TYPE, "text/xml")], body) })
    };
    let router = Router::new()
        .route("/asks", says("<Gather numDigits='1' action='/thanks'><Say>Press a key.</Say></Gather>"))
        .route("/thanks", says("<Say>Thank you.</Say>"));
    let mut app = HttpServer::open(router).unwrap();
    let phone = format!("/control/v1/phones/{PHONE}");
    for dies in [false, true, false] {
        let url = format!("http://{}/asks", app.address());
        victim.create("Calls.json", &order().with("Url", url)).await;
        victim.advance("5s").await;
        victim.post(&format!("{phone}/answer"), Value::Null).await;
        victim.advance("1s").await;
        if dies {
            app.close().await;
        }
        victim.post(&format!("{phone}/press"), json!({ "keys": "1" })).await;
        victim.advance("1m").await;
        let call = victim.get(&phone).await["call"].clone();
        let heard = call["heard"].as_array().unwrap().last().unwrap()["text"].clone();
        assert_eq!((&call["status"], heard == "Thank you."), (&json!("completed"), !dies), "{call}");
        assert_eq!(victim.log().await.contains(&11_205), dies);
        if dies {
            victim.lives().await;
            victim.post("/control/v1/reset", Value::Null).await;
            app.reopen().unwrap();
        }
    }
    victim.lives().await;
}
