//! Many at once: idle connections, long-polls, and calls under way.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use lostkey::ServeClock;
use lostkey::wire::form::Form;
use lostkey::wire::http_server::HttpServer;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{PHONE, Rig, order};

/// How many there are of each kind.
const CROWD: usize = 200;

/// Longest real time until what must happen; it is never waited for in full.
const PATIENCE: Duration = Duration::from_secs(60);

/// An SMTP session with line by line replies.
struct Session(BufReader<TcpStream>);

impl Session {
    /// Connects, and hears the greeting.
    async fn begin(rig: &Rig) -> Self {
        let stream = TcpStream::connect(&rig.server.ports().smtp).await.unwrap();
        let mut session = Self(BufReader::new(stream));
        assert_eq!(session.hears().await, "220 mail.test ESMTP\r\n");
        session
    }

    async fn hears(&mut self) -> String {
        let mut line = String::new();
        timeout(PATIENCE, self.0.read_line(&mut line)).await.unwrap().unwrap();
        line
    }

    async fn asks(&mut self, line: &str) -> String {
        self.0.get_mut().write_all(line.as_bytes()).await.unwrap();
        self.hears().await
    }

    /// Sends an email.
    async fn sends(mut self, to: &str, text: &str) {
        for line in ["HELO app.test\r\n", "MAIL FROM:<app@app.test>\r\n", &format!("RCPT TO:<{to}>\r\n")] {
            let heard = self.asks(line).await;
            assert!(heard.starts_with("250"), "{line}: {heard}");
        }
        assert!(self.asks("DATA\r\n").await.starts_with("354"));
        assert_eq!(self.asks(&format!("Subject: Hi\r\n\r\n{text}\r\n.\r\n")).await, "250 2.0.0 taken\r\n");
        assert!(self.asks("QUIT\r\n").await.starts_with("221"));
    }
}

impl Rig {
    /// How many requests wait for a call, a text or an email.
    async fn waits(&self) -> usize {
        let url = format!("{}/metrics", self.server.ports().http);
        let page = self.client.get(url).send().await.unwrap().text().await.unwrap();
        let line = page.lines().find_map(|line| line.strip_prefix("lostkey_waits ")).unwrap();
        line.parse().unwrap()
    }

    /// A long-poll that goes on beside the test.
    fn waits_beside(&self, polls: &mut JoinSet<(u16, Value)>, path: &str) {
        let url = format!("{}/control/v1{path}", self.server.ports().http);
        let request = self.client.get(url);
        polls.spawn(super::send(request));
    }
}

#[tokio::test]
async fn idle_connections_and_long_polls_keep_nobody_waiting() {
    let rig = Rig::start(ServeClock::Manual).await;
    let mut idle = Vec::new();
    for _ in 0..CROWD {
        idle.push(Session::begin(&rig).await);
    }
    let mut polls = JoinSet::new();
    for nth in 0..CROWD {
        let path = match nth % 2 {
            0 => "/messages/wait?to=late@a.test&since=0&timeout=60".to_owned(),
            _ => format!("/phones/{PHONE}/texts/wait?since=0&contains=late&timeout=60"),
        };
        rig.waits_beside(&mut polls, &path);
    }
    let all_wait = async { while rig.waits().await < CROWD {} };
    timeout(PATIENCE, all_wait).await.unwrap();

    // Others are served from the begin to the end meanwhile.
    Session::begin(&rig).await.sends("zoe@a.test", "Hello").await;
    let found = rig.get("/messages/wait?to=zoe@a.test&since=0&timeout=60").await;
    assert_eq!(found["message"]["Subject"], "Hi");
    let (status, call) = rig.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await;
    assert_eq!(status, 201, "{call}");
    rig.advance("10s").await;
    rig.post(&format!("/phones/{PHONE}/answer"), Value::Null).await;
    rig.advance("1m").await;
    assert_eq!(rig.get(&format!("/phones/{PHONE}")).await["call"]["status"], "completed");
    let text = Form::new().with("To", PHONE).with("From", "+15005550006").with("Body", "an early one");
    assert_eq!(rig.rest("POST", "Messages.json", &text).await.0, 201);
    rig.advance("10s").await;
    assert_eq!(rig.get(&format!("/phones/{PHONE}/texts")).await["texts"][0]["body"], "an early one");

    // All of the crowd is still there, and each gets what it waited for.
    assert_eq!((rig.waits().await, polls.try_join_next().is_none()), (CROWD, true));
    for session in &mut idle {
        assert_eq!(session.asks("NOOP\r\n").await, "250 2.0.0 nothing done\r\n");
    }
    Session::begin(&rig).await.sends("late@a.test", "At last").await;
    let text = Form::new().with("To", PHONE).with("From", "+15005550006").with("Body", "a late one");
    assert_eq!(rig.rest("POST", "Messages.json", &text).await.0, 201);
    rig.advance("10s").await;
    while let Some(ended) = timeout(PATIENCE, polls.join_next()).await.unwrap() {
        let (status, body) = ended.unwrap();
        assert!(status == 200 && (body["message"].is_object() || body["body"] == "a late one"), "{body}");
    }
    assert_eq!(rig.waits().await, 0);
}

/// Answers no document before all calls have asked for theirs.
async fn together(State(all): State<Arc<Barrier>>, uri: Uri) -> Response {
    assert_eq!(uri.path(), "/together");
    all.wait().await;
    ([(header::CONTENT_TYPE, "text/xml")], "<Response><Say>Hello.</Say></Response>").into_response()
}

#[tokio::test]
async fn two_hundred_calls_are_under_way_at_once() {
    let rig = Rig::start(ServeClock::Real(std::num::NonZeroU32::new(20).unwrap())).await;
    let all = Arc::new(Barrier::new(CROWD));
    let app = HttpServer::open(Router::new().fallback(together).with_state(all)).unwrap();
    let url = format!("http://{}/together", app.address());
    let numbers: Vec<String> = (0..CROWD).map(|nth| format!("+1415555{nth:04}")).collect();
    for number in &numbers {
        let script = json!({ "answer_after": "0s" });
        let (status, body) = rig.control("PUT", &format!("/phones/{number}/script"), &script).await;
        assert_eq!(status, 200, "{body}");
    }
    for number in &numbers {
        let call =
            Form::new().with("To", number.as_str()).with("From", "+15005550006").with("Url", url.as_str());
        let (status, body) = rig.rest("POST", "Calls.json", &call).await;
        assert_eq!(status, 201, "{body}");
    }
    for number in numbers {
        let path = format!("/phones/{number}/wait?state=ended&since=0&timeout=60");
        assert_eq!(rig.get(&path).await["heard"][0]["text"], "Hello.", "{number}");
    }
}
