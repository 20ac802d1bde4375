//! The trace as a stream of events.

use std::time::Duration;

use lostkey::ServeClock;
use reqwest::Response;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{PHONE, Rig, order};

/// Longest real time until something that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of server-sent events (HTML, section 9.2.6).
struct Stream {
    response: Response,
    text: String,
}

/// An event as a client gets it.
#[derive(Debug, PartialEq)]
struct Got {
    name: String,
    id: String,
    data: Value,
}

impl Stream {
    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Got> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let got = parse(block);
                self.text = rest.to_owned();
                if let Some(got) = got {
                    return Some(got);
                }
                continue;
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.unwrap().unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn take(&mut self, count: usize) -> Vec<Got> {
        let mut got = Vec::new();
        for _ in 0..count {
            got.push(self.next().await.unwrap());
        }
        got
    }
}

/// An event; `None` for a comment.
fn parse(block: &str) -> Option<Got> {
    let mut got = Got { name: "message".to_owned(), id: "-".to_owned(), data: Value::Null };
    for line in block.lines().filter(|line| !line.starts_with(':')) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => got.name = value.to_owned(),
            "id" => got.id = value.to_owned(),
            "data" => got.data = serde_json::from_str(value).unwrap(),
            other => panic!("{other}: {block}"),
        }
    }
    (got.data != Value::Null).then_some(got)
}

impl Rig {
    /// Opens a stream of the default sandbox, or of the one below a path.
    async fn stream(&self, below: &str, query: &str, last: Option<&str>) -> Stream {
        let url = format!("{}/control/v1{below}/trace/events{query}", self.server.ports().http);
        let mut request = self.client.get(url).header("Accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream { response, text: String::new() }
    }

    async fn call(&self) {
        assert_eq!(self.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await.0, 201);
    }

    /// The events of the trace as a stream shows them.
    async fn trace(&self) -> Vec<Got> {
        let trace = self.get("/trace").await;
        let events = trace["events"].as_array().unwrap().iter().enumerate();
        let got = |(id, data): (usize, &Value)| Got {
            name: "message".to_owned(),
            id: id.to_string(),
            data: data.clone(),
        };
        events.map(got).collect()
    }
}

#[tokio::test]
async fn a_stream_tells_the_trace_as_it_happens() {
    let rig = Rig::start(ServeClock::Manual).await;
    rig.call().await;
    let mut stream = rig.stream("", "", None).await;
    let before = rig.trace().await;
    assert_eq!(stream.take(before.len()).await, before);
    rig.advance("5m").await;
    rig.call().await;
    let after = rig.trace().await;
    assert!(after.len() > before.len() + 2, "{after:?}");
    assert_eq!(stream.take(after.len() - before.len()).await, after[before.len()..]);
    for (query, last, first) in [
        ("?since=0", None, 0),
        ("?since=2", None, 2),
        ("", Some("0"), 1),
        ("", Some(""), 0),
        // A client that connects again keeps its URL.
        ("?since=1", Some("2"), 3),
    ] {
        let mut stream = rig.stream("", query, last).await;
        assert_eq!(stream.next().await.unwrap(), after[first], "{query} {last:?}");
    }
}

#[tokio::test]
async fn a_reset_ends_a_stream_and_sends_its_client_to_the_beginning() {
    let rig = Rig::start(ServeClock::Manual).await;
    rig.call().await;
    let mut stream = rig.stream("", "", None).await;
    let count = rig.trace().await.len();
    stream.take(count).await;
    rig.post("/reset", Value::Null).await;
    let last = stream.next().await.unwrap();
    assert_eq!((last.name.as_str(), last.id.as_str()), ("reset", ""), "{last:?}");
    assert_eq!(stream.next().await, None);
    // One that was away during the reset hears of it too.
    for (query, last) in [("", Some("57")), ("?since=57", None)] {
        let mut late = rig.stream("", query, last).await;
        assert_eq!(late.next().await.unwrap().name, "reset", "{query} {last:?}");
        assert_eq!(late.next().await, None);
    }
    let mut again = rig.stream("", "", Some("")).await;
    rig.call().await;
    assert_eq!(again.take(1).await, rig.trace().await[..1]);
}

#[tokio::test]
async fn the_end_of_a_sandbox_ends_its_streams_and_no_others() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (status, body) = rig.control("POST", "/sandboxes", &json!({ "name": "t1" })).await;
    assert_eq!(status, 201, "{body}");
    let mut other = rig.stream("", "", None).await;
    let mut stream = rig.stream("/sandboxes/t1", "", None).await;
    // A library user may keep the world; its streams end nevertheless.
    let _door = rig.server.sandbox("t1").unwrap();
    rig.server.end_sandbox("t1").unwrap();
    assert_eq!(stream.next().await.unwrap().name, "ended");
    assert_eq!(stream.next().await, None);
    rig.call().await;
    assert_eq!(other.next().await.unwrap(), rig.trace().await[0]);
}

#[tokio::test]
async fn streams_that_nobody_reads_keep_nobody_waiting_and_are_limited() {
    let rig = Rig::start(ServeClock::Manual).await;
    let mut unread = Vec::new();
    for _ in 0..256 {
        unread.push(rig.stream("", "", None).await);
    }
    let (status, refusal) = rig.control("GET", "/trace/events", &Value::Null).await;
    assert_eq!(status, 503, "{refusal}");
    for _ in 0..20 {
        rig.call().await;
        rig.advance("5m").await;
    }
    assert_eq!(rig.get(&format!("/phones/{PHONE}")).await["cursor"], 20);
    let trace = rig.trace().await;
    for stream in &mut unread {
        assert_eq!(stream.take(trace.len()).await, trace);
    }
    drop(unread);
    let metrics = format!("{}/metrics", rig.server.ports().http);
    let open = async || rig.client.get(&metrics).send().await.unwrap().text().await.unwrap();
    while !open().await.contains("lostkey_event_streams 0\n") {}
    rig.stream("", "", None).await;
}

#[tokio::test]
async fn bad_cursors_are_refused() {
    let rig = Rig::start(ServeClock::Manual).await;
    for query in ["?since=x", "?since=-1", "?from=1"] {
        let (status, refusal) = rig.control("GET", &format!("/trace/events{query}"), &Value::Null).await;
        assert_eq!((status, refusal["error"].is_string()), (400, true), "{query}: {refusal}");
    }
    let url = format!("{}/control/v1/trace/events", rig.server.ports().http);
    let response = rig.client.get(url).header("Last-Event-ID", "x").send().await.unwrap();
    assert_eq!(response.status(), 400);
}
