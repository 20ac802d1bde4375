//! The metrics of a server.

use std::collections::BTreeMap;

use lostkey::wire::form::Form;
use lostkey::{ServeClock, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::app::App;
use super::verify::to;
use super::{PHONE, Rig, order};

/// The values of a page, by metric and label. Checks the form of the page (Prometheus' text format 0.0.4).
fn read(page: &str) -> BTreeMap<String, f64> {
    let mut values = BTreeMap::new();
    let mut metric = String::new();
    let mut kind = String::new();
    for line in page.lines() {
        if let Some(head) = line.strip_prefix("# HELP ") {
            let (name, help) = head.split_once(' ').unwrap();
            assert!(!help.is_empty(), "{line}");
            name.clone_into(&mut metric);
        } else if let Some(head) = line.strip_prefix("# TYPE ") {
            let (name, told) = head.split_once(' ').unwrap();
            assert_eq!(name, metric, "{line}");
            told.clone_into(&mut kind);
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            assert_eq!(series.split('{').next().unwrap(), metric, "{line}");
            assert_eq!(kind == "counter", metric.ends_with("_total"), "{line}");
            let before = values.insert(series.to_owned(), value.parse().unwrap());
            assert_eq!(before, None, "{line}");
        }
    }
    values
}

impl Rig {
    async fn metrics(&self) -> BTreeMap<String, f64> {
        let url = format!("{}/metrics", self.server.ports().http);
        let response = self.client.get(url).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        read(&response.text().await.unwrap())
    }

    /// What has changed since `before`, without the uptime, one line each.
    async fn changed(&self, before: &BTreeMap<String, f64>) -> Vec<String> {
        let after = self.metrics().await;
        assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
        let same = |name: &str, value: f64| name == "lostkey_uptime_seconds" || value == before[name];
        let changed = after.iter().filter(|(name, value)| !same(name, **value));
        changed.map(|(name, value)| format!("{name} {}", value - before[name])).collect()
    }

    async fn tell_smtp(&self, said: &str) {
        let mut stream = TcpStream::connect(&self.server.ports().smtp).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.unwrap();
        assert!(heard.ends_with("goodbye\r\n"), "{heard}");
    }

    /// A request that ends well.
    async fn done(&self, method: &str, path: &str, body: Value) {
        let (status, answer) = self.control(method, path, &body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
    }
}

const MAIL: &str =
    "MAIL FROM:<app@app.test>\r\nRCPT TO:<eve@else.test>\r\nDATA\r\nSubject: Hi\r\n\r\nHi\r\n.\r\n";

#[tokio::test]
async fn each_request_changes_what_it_should_and_nothing_else() {
    let app = App::start();
    let rig = Rig::start(ServeClock::Manual).await;
    let before = rig.metrics().await;
    assert!(
        before.iter().all(|(name, value)| *value == 0.0 || name == "lostkey_uptime_seconds"),
        "{before:?}"
    );
    assert_eq!(rig.changed(&before).await, [""; 0]);

    rig.done("PUT", &format!("/phones/{PHONE}/script"), json!({ "answer_after": "1s" })).await;
    let call = order().with("Url", app.url("/speaks")).with("StatusCallback", app.url("/broken"));
    assert_eq!(rig.rest("POST", "Calls.json", &call).await.0, 201);
    let told = [
        "lostkey_calls_alive 1",
        r#"lostkey_calls_total{result="taken"} 1"#,
        r#"lostkey_rest_requests_total{status="2xx"} 1"#,
    ];
    assert_eq!(rig.changed(&before).await, told);
    rig.advance("5m").await;
    let told = [
        r#"lostkey_calls_total{result="taken"} 1"#,
        r#"lostkey_rest_requests_total{status="2xx"} 1"#,
        r#"lostkey_webhooks_total{result="2xx"} 1"#,
        r#"lostkey_webhooks_total{result="5xx"} 1"#,
    ];
    assert_eq!(rig.changed(&before).await, told);

    let before = rig.metrics().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = order().with("Body", "Hi").with("StatusCallback", format!("http://{closed}/"));
    assert_eq!(rig.rest("POST", "Messages.json", &text).await.0, 201);
    assert_eq!(rig.rest("POST", "Messages.json", &Form::new().with("To", "x")).await.0, 400);
    rig.advance("1m").await;
    let changed = rig.changed(&before).await;
    let lost = changed.iter().find(|line| line.contains("\"lost\"")).unwrap();
    assert!(!lost.ends_with(" 0"), "{changed:?}");
    let others: Vec<&String> = changed.iter().filter(|line| *line != lost).collect();
    let told = [
        r#"lostkey_rest_requests_total{status="2xx"} 1"#,
        r#"lostkey_rest_requests_total{status="4xx"} 1"#,
        r#"lostkey_texts_total{result="taken"} 1"#,
    ];
    assert_eq!(others, told);
}

#[tokio::test]
async fn faults_and_refusals_are_counted() {
    let rig = Rig::start(ServeClock::Manual).await;
    let before = rig.metrics().await;
    let faults = json!([
        { "does": { "call-refused": { "code": 20429 } } },
        { "does": { "mail-refused": { "code": 550 } }, "to": "*@else.test", "on": 1 },
    ]);
    rig.done("PUT", "/faults", faults).await;
    assert_eq!(rig.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await.0, 429);
    rig.tell_smtp(&format!("EHLO a\r\n{MAIL}QUIT\r\n")).await;
    let told = [
        r#"lostkey_calls_total{result="refused"} 1"#,
        r#"lostkey_emails_total{result="refused"} 1"#,
        "lostkey_faults_struck_total 2",
        r#"lostkey_rest_requests_total{status="4xx"} 1"#,
        "lostkey_smtp_sessions_total 1",
    ];
    assert_eq!(rig.changed(&before).await, told);
}

#[tokio::test]
async fn verifications_are_counted_and_their_refusals_by_code() {
    let rig = Rig::start(ServeClock::Manual).await;
    let before = rig.metrics().await;
    let own = async |before: &BTreeMap<String, f64>| {
        let all = rig.changed(before).await;
        all.into_iter().filter(|line| line.starts_with("lostkey_verif")).collect::<Vec<_>>()
    };
    let first = rig.start_verifying(&to(PHONE, "sms")).await;
    let code = rig.texted(PHONE).await;
    assert_eq!(rig.check(PHONE, &code).await.1["status"], "approved");
    assert_eq!(rig.check(PHONE, &code).await.0, 404);
    // What is refused before it reaches a verification counts as well.
    assert_eq!(rig.check(PHONE, "1").await.0, 400);
    assert_eq!(rig.verify("GET", &format!("/Verifications/{PHONE}"), &Form::new()).await.0, 404);
    let told = [
        r#"lostkey_verifications_refused_total{code="20404"} 1"#,
        r#"lostkey_verifications_refused_total{code="60200"} 1"#,
        r#"lostkey_verifications_total{result="approved"} 1"#,
        r#"lostkey_verifications_total{result="started"} 1"#,
    ];
    assert_eq!(own(&before).await, told);

    let before = rig.metrics().await;
    for _ in 0..6 {
        let (_, answer) = rig.verify("POST", "/Verifications", &to(PHONE, "sms")).await;
        assert_ne!(answer["sid"], first["sid"], "another verification");
    }
    let code = rig.texted(PHONE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..6 {
        rig.check(PHONE, wrong).await;
    }
    rig.done("PUT", "/faults", json!([{ "does": { "verify-refused": { "code": 60999 } }, "on": 1 }])).await;
    rig.verify("POST", "/Verifications", &to("+14155550100", "sms")).await;
    let told = [
        r#"lostkey_verifications_refused_total{code="60202"} 1"#,
        r#"lostkey_verifications_refused_total{code="60203"} 1"#,
        r#"lostkey_verifications_refused_total{code="other"} 1"#,
        r#"lostkey_verifications_total{result="max_attempts_reached"} 1"#,
        r#"lostkey_verifications_total{result="started"} 1"#,
    ];
    assert_eq!(own(&before).await, told);
}

#[tokio::test]
async fn counters_survive_resets_and_the_end_of_a_sandbox() {
    let rig = Rig::start(ServeClock::Manual).await;
    let before = rig.metrics().await;
    rig.done("POST", "/sandboxes", json!({ "name": "t1", "tag": "t1" })).await;
    rig.tell_smtp(&format!("EHLO a\r\n{}{MAIL}QUIT\r\n", MAIL.replace("eve@", "eve+t1@"))).await;
    let (size, text) = ("lostkey_emails_kept_bytes", r#"lostkey_emails_total{result="taken"} 2"#);
    let changed = rig.changed(&before).await;
    assert!(changed.iter().any(|line| line.starts_with(size)), "{changed:?}");
    let others: Vec<&String> = changed.iter().filter(|line| !line.starts_with(size)).collect();
    assert_eq!(
        others,
        ["lostkey_emails_kept 2", text, "lostkey_sandboxes 1", "lostkey_smtp_sessions_total 1"]
    );
    rig.done("DELETE", "/sandboxes/t1", Value::Null).await;
    assert!(rig.changed(&before).await.contains(&"lostkey_emails_kept 1".to_owned()));
    assert_eq!(rig.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await.0, 201);
    rig.done("POST", "/reset", Value::Null).await;
    let told = [
        r#"lostkey_calls_total{result="taken"} 1"#,
        text,
        "lostkey_resets_total 1",
        r#"lostkey_rest_requests_total{status="2xx"} 1"#,
        "lostkey_smtp_sessions_total 1",
    ];
    assert_eq!(rig.changed(&before).await, told);
}

#[tokio::test]
async fn a_wait_is_seen_while_it_waits() {
    let rig = Rig {
        server: Server::builder().start().await.unwrap(),
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
    };
    let before = rig.metrics().await;
    let path = format!("/phones/{PHONE}/wait?state=ordered&timeout=60");
    let wait = rig.get(&path);
    let look = async {
        // The wait has been sent before, but may not have arrived.
        while rig.changed(&before).await != ["lostkey_waits 1"] {}
        assert_eq!(rig.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await.0, 201);
    };
    let (call, ()) = tokio::join!(wait, look);
    assert_eq!(call["to"], PHONE);
    assert_eq!(rig.metrics().await["lostkey_waits"], 0.0);
}
