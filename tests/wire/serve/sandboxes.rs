//! Sandboxes: one world per test, on the same ports.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lostkey::serve::{SandboxError, SandboxLimits, SandboxSettings};
use lostkey::wire::form::Form;
use lostkey::{ServeClock, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;

use super::app::App;
use super::{PHONE, Rig, TOKEN, order, send};

/// Longest real time until something that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// An account of its own for each number.
fn account(nth: usize) -> String {
    format!("ACf{nth:031}")
}

fn inline() -> Form {
    order().with("Twiml", "<Response><Say>Hello.</Say></Response>")
}

impl Rig {
    async fn limited(limits: SandboxLimits) -> Self {
        let server = Server::builder().clock(ServeClock::Manual).sandbox_limits(limits).start();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { server: server.await.unwrap(), client }
    }

    /// Creates a sandbox; HTTP status and answer.
    async fn create(&self, settings: Value) -> (u16, Value) {
        self.control("POST", "/sandboxes", &settings).await
    }

    /// A sandbox with this number in its name, its account, its tag and its user.
    async fn sandbox(&self, nth: usize) -> String {
        let name = format!("test-{nth}");
        let settings =
            json!({ "name": name, "account": account(nth), "tag": name, "user": format!("user-{nth}") });
        let (status, body) = self.create(settings).await;
        assert_eq!(status, 201, "{body}");
        name
    }

    /// A request to the REST API as this account: HTTP status and body.
    async fn rest_as(&self, account: &str, method: &str, resource: &str, form: &Form) -> (u16, Value) {
        let url = format!("{}/2010-04-01/Accounts/{account}/{resource}", self.server.ports().twilio);
        let request = self.client.request(method.parse().unwrap(), url).basic_auth(account, Some(TOKEN));
        send(request.body(form.body())).await
    }

    /// A request to the control API or Mailpit's with the header that names a sandbox.
    async fn with_header(&self, sandbox: &str, path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.server.ports().http);
        send(self.client.get(url).header("X-Lostkey-Sandbox", sandbox)).await
    }

    /// The calls of an account.
    async fn calls(&self, account: &str) -> usize {
        let (status, page) = self.rest_as(account, "GET", "Calls.json", &Form::new()).await;
        assert_eq!(status, 200, "{page}");
        page["calls"].as_array().unwrap().len()
    }

    /// The subjects of the emails of a sandbox, the newest first.
    async fn subjects(&self, sandbox: &str) -> Vec<String> {
        let (status, page) = self.with_header(sandbox, "/api/v1/messages").await;
        assert_eq!(status, 200, "{page}");
        let subject = |message: &Value| message["Subject"].as_str().unwrap().to_owned();
        page["messages"].as_array().unwrap().iter().map(subject).collect()
    }

    /// What an SMTP session hears.
    async fn smtp(&self, said: &str) -> String {
        let mut stream = TcpStream::connect(&self.server.ports().smtp).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut heard = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut heard)).await.unwrap().unwrap();
        heard
    }

    /// Delivers an email in a session of its own.
    async fn deliver(&self, user: Option<&str>, to: &[&str], subject: &str) {
        let heard = self.smtp(&session(user, &mail(to, subject))).await;
        assert!(heard.ends_with("221 2.0.0 goodbye\r\n") && heard.contains("taken"), "{heard}");
    }
}

/// The commands that send one email.
fn mail(to: &[&str], subject: &str) -> String {
    let recipients: String = to.iter().map(|to| format!("RCPT TO:<{to}>\r\n")).collect();
    format!("MAIL FROM:<app@app.test>\r\n{recipients}DATA\r\nSubject: {subject}\r\n\r\nHi\r\n.\r\n")
}

/// A whole session.
fn session(user: Option<&str>, mails: &str) -> String {
    let auth = user.map(|user| format!("AUTH PLAIN {}\r\n", STANDARD.encode(format!("\0{user}\0secret"))));
    format!("EHLO app.test\r\n{}{mails}QUIT\r\n", auth.unwrap_or_default())
}

#[tokio::test]
async fn two_sandboxes_and_the_default_one_see_only_their_own_calls() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (one, two) = (rig.sandbox(1).await, rig.sandbox(2).await);
    for (nth, calls) in [(1, 1), (2, 2), (3, 3)] {
        for _ in 0..calls {
            let (status, body) = rig.rest_as(&account(nth), "POST", "Calls.json", &inline()).await;
            assert_eq!(status, 201, "{body}");
        }
    }
    let (_, page) = rig.rest_as(&account(1), "GET", "Calls.json", &Form::new()).await;
    let path = format!("Calls/{}.json", page["calls"][0]["sid"].as_str().unwrap());
    assert_eq!(rig.rest_as(&account(1), "GET", &path, &Form::new()).await.0, 200);
    assert_eq!(rig.rest_as(&account(2), "GET", &path, &Form::new()).await.0, 404);
    assert_eq!(rig.rest_as(&account(3), "GET", &path, &Form::new()).await.0, 404);
    for (sandbox, calls) in [("test-1", 1), ("test-2", 2), ("default", 3)] {
        let phone = rig.get(&format!("/sandboxes/{sandbox}/phones/{PHONE}")).await;
        assert_eq!(phone["cursor"], calls, "{sandbox}: {phone}");
        let (_, phone) = rig.with_header(sandbox, &format!("/control/v1/phones/{PHONE}")).await;
        assert_eq!(phone["cursor"], calls, "{sandbox} by its header: {phone}");
    }
    assert_eq!(rig.get(&format!("/phones/{PHONE}")).await["cursor"], 3);
    let taken = |trace: &Value| trace.to_string().matches("call-taken").count();
    let of = |name: String| format!("/sandboxes/{name}/trace");
    let traces = (rig.get(&of(one)).await, rig.get(&of(two)).await, rig.get("/trace").await);
    assert_eq!((taken(&traces.0), taken(&traces.1), taken(&traces.2)), (1, 2, 3), "{}", traces.0);
}

#[tokio::test]
async fn emails_belong_to_the_sandbox_of_their_tag_or_their_user() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (one, two) = (rig.sandbox(1).await, rig.sandbox(2).await);
    rig.deliver(None, &["zoe+test-1@example.com"], "tag 1").await;
    rig.deliver(None, &["zoe+TEST-2@example.com"], "tag 2").await;
    rig.deliver(Some("user-1"), &["zoe@example.com"], "user 1").await;
    rig.deliver(Some("user-1"), &["zoe+test-2@example.com"], "the tag goes first").await;
    rig.deliver(Some("else"), &["zoe@example.com", "zoe+else@example.com"], "nobody's").await;
    rig.deliver(None, &["a+test-1@a.test", "b+test-2@a.test", "c@a.test"], "everybody's").await;
    assert_eq!(rig.subjects(&one).await, ["everybody's", "user 1", "tag 1"]);
    assert_eq!(rig.subjects(&two).await, ["everybody's", "the tag goes first", "tag 2"]);
    assert_eq!(rig.subjects("default").await, ["everybody's", "nobody's"]);
    // By path, as a client of Mailpit's API has it in its base URL.
    let path = format!("/sandboxes/{one}/api/v1/search?query=subject:everybody");
    let found = rig.get(&path).await;
    assert_eq!(found["messages_count"], 1, "{found}");
    // Each sandbox got its own recipient only.
    for (sandbox, to) in [(&one[..], "a+test-1@a.test"), (&two, "b+test-2@a.test"), ("default", "c@a.test")] {
        let (_, told) = rig.with_header(sandbox, "/control/v1/messages/latest/transcript").await;
        assert_eq!(told["to"], json!([to]), "{told}");
        let text = told["transcript"].as_str().unwrap();
        assert!(text.starts_with("S: 220") && text.contains("C: EHLO app.test\n"), "{text}");
        assert!(text.contains(&format!("C: RCPT TO:<{to}>\nS: 250")) && text.contains("taken"), "{text}");
    }
}

#[tokio::test]
async fn a_session_sends_to_one_sandbox_after_another() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (one, two) = (rig.sandbox(1).await, rig.sandbox(2).await);
    let twice = "MAIL FROM:<again@app.test>\r\n";
    let mails = [
        mail(&["a+test-1@a.test"], "first"),
        format!("{twice}{twice}RCPT TO:<b+test-2@a.test>\r\nRSET\r\n"),
        mail(&["b+test-2@a.test"], "second"),
        mail(&["c+test-1@a.test"], "third"),
    ];
    rig.smtp(&session(None, &mails.concat())).await;
    assert_eq!(
        (rig.subjects(&one).await, rig.subjects(&two).await),
        (vec!["third".to_owned(), "first".to_owned()], vec!["second".to_owned()],)
    );
    let transcript = |sandbox: String| {
        let rig = &rig;
        async move {
            let (_, told) = rig.with_header(&sandbox, "/control/v1/messages/latest/transcript").await;
            told["transcript"].as_str().unwrap().to_owned()
        }
    };
    let (third, second) = (transcript(one).await, transcript(two).await);
    assert!(third.contains("c+test-1") && !third.contains("b+test-2"), "{third}");
    assert!(second.contains("b+test-2") && !second.contains("+test-1"), "{second}");
    // The transaction that was given up, with a MAIL that was refused, is told where it belongs.
    let again = |text: &str| text.matches("again@app.test").count();
    assert_eq!((again(&third), again(&second)), (0, 2), "{third}\n{second}");
}

#[tokio::test]
async fn a_person_of_a_sandbox_has_her_mailbox_with_its_tag_and_its_faults() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (one, two) = (rig.sandbox(1).await, rig.sandbox(2).await);
    let faults = json!([{ "does": "mail-lost" }]);
    let (status, body) = rig.control("PUT", &format!("/sandboxes/{one}/faults"), &faults).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(rig.get("/faults").await["faults"], json!([]), "the default sandbox has none");
    for name in [&one, &two] {
        rig.deliver(None, &[&format!("ana+{name}@example.com")], "code").await;
        assert_eq!(rig.subjects(name).await.len(), 0, "it is on its way to Ana");
        rig.post(&format!("/sandboxes/{name}/clock/advance"), json!({ "by": "1h" })).await;
    }
    assert_eq!((rig.subjects(&one).await.len(), rig.subjects(&two).await.len()), (0, 1));
    // Each has its own people: a code that is given in one can be given in the other.
    let mut codes = Vec::new();
    for name in [&one, &two] {
        codes.push(
            rig.post(&format!("/sandboxes/{name}/people/ana/code"), Value::Null).await["wait_ms"].clone(),
        );
    }
    assert_eq!(codes[0], codes[1], "no code of the other has been given");
}

#[tokio::test]
async fn a_reset_and_a_manual_clock_leave_the_others_alone() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (one, two) = (rig.sandbox(1).await, rig.sandbox(2).await);
    for nth in [1, 2, 3] {
        rig.rest_as(&account(nth), "POST", "Calls.json", &inline()).await;
    }
    rig.deliver(None, &["zoe+test-1@example.com", "zoe+test-2@example.com"], "hi").await;
    rig.post(&format!("/sandboxes/{one}/clock/advance"), json!({ "by": "30m" })).await;
    let now = async |path: &str| rig.get(path).await["now_ms"].as_u64().unwrap();
    assert_eq!(now(&format!("/sandboxes/{one}/clock")).await, 1_800_000);
    assert_eq!((now(&format!("/sandboxes/{two}/clock")).await, now("/clock").await), (0, 0));
    rig.post(&format!("/sandboxes/{one}/reset"), Value::Null).await;
    assert_eq!((rig.calls(&account(1)).await, rig.subjects(&one).await.len()), (0, 0));
    assert_eq!((rig.calls(&account(2)).await, rig.subjects(&two).await.len()), (1, 1));
    assert_eq!((rig.calls(&account(3)).await, now(&format!("/sandboxes/{one}/clock")).await), (1, 0));
}

#[tokio::test]
async fn a_sandbox_has_a_story_a_seed_and_a_clock_of_its_own() {
    let rig = Rig::start(ServeClock::Manual).await;
    let story = "about: Zoe alone.\naccounts:\n  zoe:\n    user: zoe@example.com\n    \
                 password: correct horse battery staple\n    number: 1234 5678 9012\n    \
                 devices:\n      key: {}\n";
    let (status, told) = rig.create(json!({ "name": "z", "story": story, "seed": 7, "clock": "x20" })).await;
    assert_eq!(status, 201, "{told}");
    assert_eq!(
        (&told["seed"], &told["clock"], &told["story"], &told["control"]),
        (&json!(7), &json!("x20"), &json!("Zoe alone."), &json!("/control/v1/sandboxes/z"))
    );
    assert_eq!(rig.get("/sandboxes/z/clock").await["clock"], "real");
    assert_eq!(rig.get("/clock").await["clock"], "manual");
    rig.post("/sandboxes/z/people/zoe/code", Value::Null).await;
    let (status, refusal) = rig.control("POST", "/sandboxes/z/people/ana/code", &Value::Null).await;
    assert_eq!((status, refusal["error"].as_str().unwrap()), (404, "nobody is called `ana`; people: zoe"));
    let listed = rig.get("/sandboxes").await;
    let names: Vec<&Value> = listed["sandboxes"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!((names, &listed["limits"]["sandboxes"]), (vec![&json!("z")], &json!(256)));
    assert_eq!(rig.get("/sandboxes/z").await["seed"], 7);
}

#[tokio::test]
async fn a_sandbox_with_a_real_clock_goes_on_by_itself() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let settings = json!({ "name": "fast", "account": super::ACCOUNT, "clock": "x50" });
    assert_eq!(rig.create(settings).await.0, 201);
    let script =
        json!({ "answer_after": "4s", "then": [{ "hears": "code", "after": "1s", "press": "123456" }] });
    let path = format!("/sandboxes/fast/phones/{PHONE}");
    assert_eq!(rig.control("PUT", &format!("{path}/script"), &script).await.0, 200);
    let form = order().with("Url", app.url("/asks"));
    assert_eq!(rig.rest_as(super::ACCOUNT, "POST", "Calls.json", &form).await.0, 201);
    let ended = rig.get(&format!("{path}/wait?since=0&state=ended&timeout=60")).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    assert_eq!(app.asked(), ["/asks in-progress", "/digits [123456] in-progress"]);
    assert_eq!(rig.get("/clock").await["now_ms"], 0);
}

#[tokio::test]
async fn people_of_a_sandbox_use_its_own_reference_service() {
    let rig = Rig::start(ServeClock::Manual).await;
    let story = include_str!("../../../src/serve/default.yaml");
    let moves = "moves:\n  - 00:00:05 ana goes to \"Your Security Credentials\"\n";
    let settings = json!({ "name": "own", "story": format!("{}\n{moves}", story.trim_end()) });
    let (status, told) = rig.create(settings).await;
    assert_eq!(status, 201, "{told}");
    rig.post("/sandboxes/own/clock/advance", json!({ "by": "1m" })).await;
    let trace = rig.get("/sandboxes/own/trace").await.to_string();
    assert!(trace.contains("\"saw\""), "{trace}");
    assert!(!rig.get("/trace").await.to_string().contains("requested"));
}

/// A verification by call in a sandbox, with half an hour of waiting before; returns the trace.
async fn verified(rig: &Rig, app: &App, name: &str, account: &str) -> Value {
    let below = format!("/sandboxes/{name}");
    rig.post(&format!("{below}/clock/advance"), json!({ "by": "30m" })).await;
    let form = order().with("Url", app.url("/asks")).with("StatusCallback", app.url("/status"));
    let (status, body) = rig.rest_as(account, "POST", "Calls.json", &form).await;
    assert_eq!(status, 201, "{body}");
    rig.deliver(None, &[&format!("ana+{name}@example.com")], "code").await;
    rig.post(&format!("{below}/clock/advance"), json!({ "by": "10s" })).await;
    rig.get(&format!("{below}/phones/{PHONE}/wait?state=ringing")).await;
    rig.post(&format!("{below}/phones/{PHONE}/answer"), Value::Null).await;
    rig.get(&format!("{below}/phones/{PHONE}/wait?state=answered&contains=key%20in&timeout=30")).await;
    rig.post(&format!("{below}/phones/{PHONE}/press"), json!({ "keys": "123456" })).await;
    rig.post(&format!("{below}/clock/advance"), json!({ "by": "10m" })).await;
    let ended = rig.get(&format!("{below}/phones/{PHONE}")).await;
    assert_eq!(ended["call"]["status"], "completed", "{ended}");
    assert_eq!(ended["call"]["heard"][1]["text"], "Thank you.");
    assert_eq!(rig.subjects(name).await, ["code"]);
    rig.get(&format!("{below}/trace")).await
}

#[tokio::test]
async fn five_sandboxes_with_the_same_requests_tell_one_trace() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let mut traces = Vec::new();
    for nth in 0..5 {
        // Webhooks of the app are of this account; it moves from one sandbox to the next.
        let (name, account) = (format!("run-{nth}"), super::ACCOUNT);
        let settings = json!({ "name": name, "account": account, "tag": name, "seed": 5 });
        assert_eq!(rig.create(settings).await.0, 201);
        traces.push(verified(&rig, &app, &name, account).await.to_string());
        assert_eq!(rig.control("DELETE", &format!("/sandboxes/{name}"), &Value::Null).await.0, 200);
    }
    assert!(traces[0].contains("call-taken") && traces[0].contains("mail-delivered"), "{}", traces[0]);
    assert!(traces.iter().all(|trace| *trace == traces[0]));
    // A name has one seed, and another name another one.
    let mut seeds = Vec::new();
    for name in ["a", "a", "b"] {
        seeds.push(rig.create(json!({ "name": name })).await.1["seed"].clone());
        rig.control("DELETE", &format!("/sandboxes/{name}"), &Value::Null).await;
    }
    assert!(seeds[0] == seeds[1] && seeds[0] != seeds[2], "{seeds:?}");
}

#[tokio::test]
async fn ten_tests_in_parallel_do_not_mix() {
    let rig = Arc::new(Rig::start(ServeClock::Manual).await);
    let mut tests = JoinSet::new();
    for nth in 0..10 {
        let rig = Arc::clone(&rig);
        tests.spawn(async move {
            let name = rig.sandbox(nth).await;
            let below = format!("/sandboxes/{name}");
            let says = format!("<Response><Say>I am number {nth}.</Say></Response>");
            for _ in 0..=nth {
                let form = order().with("Twiml", &says);
                assert_eq!(rig.rest_as(&account(nth), "POST", "Calls.json", &form).await.0, 201);
                rig.deliver(None, &[&format!("zoe+{name}@example.com")], &name).await;
            }
            rig.post(&format!("{below}/clock/advance"), json!({ "by": "10s" })).await;
            rig.post(&format!("{below}/phones/{PHONE}/answer"), Value::Null).await;
            let wait = format!("{below}/phones/{PHONE}/wait?state=answered&contains=number&timeout=30");
            assert_eq!(rig.get(&wait).await["heard"][0]["text"], format!("I am number {nth}."));
            assert_eq!(rig.calls(&account(nth)).await, nth + 1);
            assert_eq!(rig.subjects(&name).await, vec![name.clone(); nth + 1]);
            rig.server.end_sandbox(&name).unwrap();
        });
    }
    while let Some(ended) = tests.join_next().await {
        ended.unwrap();
    }
    assert_eq!((rig.calls(&account(0)).await, rig.subjects("default").await.len()), (0, 0));
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let rig = Rig::start(ServeClock::Manual).await;
    rig.sandbox(1).await;
    for (settings, status, says) in [
        (json!({}), 400, "missing field `name`"),
        (json!({ "name": "a", "colour": 1 }), 400, "unknown field `colour`"),
        (json!({ "name": "" }), 400, "cannot be the name of a sandbox: it has 1 to 64"),
        (json!({ "name": "default" }), 400, "this is the world of all that belongs to no sandbox"),
        (json!({ "name": "a", "tag": "x@y" }), 400, "`x@y` cannot be the tag"),
        (json!({ "name": "a", "account": "nobody" }), 400, "an account SID is `AC`"),
        (json!({ "name": "a", "user": "" }), 400, "cannot be the user"),
        (json!({ "name": "a", "clock": "fast" }), 400, "`fast` is not a clock"),
        (json!({ "name": "a", "story": "accounts: [" }), 400, "story"),
        (json!({ "name": "test-1" }), 409, "the name `test-1` belongs to the sandbox `test-1`"),
        (json!({ "name": "a", "account": account(1) }), 409, "belongs to the sandbox `test-1`"),
        (json!({ "name": "a", "tag": "TEST-1" }), 409, "the tag `test-1` belongs to"),
        (json!({ "name": "a", "user": "user-1" }), 409, "the user `user-1` belongs to"),
    ] {
        let (found, body) = rig.create(settings.clone()).await;
        let error = body["error"].as_str().unwrap();
        assert!(found == status && error.contains(says), "{settings}: {found} {error}");
    }
    assert_eq!(rig.get("/sandboxes").await["sandboxes"].as_array().unwrap().len(), 1, "none was created");
    for (method, path, status, says) in [
        ("GET", "/sandboxes/b", 404, "there is no sandbox `b`; there are test-1; POST"),
        ("GET", "/sandboxes/b/trace", 404, "there is no sandbox `b`"),
        ("DELETE", "/sandboxes/b", 404, "there is no sandbox `b`"),
        ("DELETE", "/sandboxes/default", 409, "`default` ends with the server"),
        ("PUT", "/sandboxes", 405, "sandboxes have GET, POST"),
        ("GET", "/sandboxes/test-1/nothing", 404, "there is nothing here"),
        ("POST", "/sandboxes/test-1/sandboxes", 404, "there is nothing here"),
    ] {
        let (found, body) = rig.control(method, path, &Value::Null).await;
        let error = body["error"].as_str().unwrap();
        assert!(found == status && error.contains(says), "{method} {path}: {found} {error}");
    }
    let (status, body) = rig.with_header("b", "/api/v1/messages").await;
    assert_eq!((status, body["error"].as_str().unwrap().contains("no sandbox `b`")), (404, true));
    let (status, body) = rig.with_header("b", "/control/v1/sandboxes/test-1/clock").await;
    assert_eq!((status, body["error"].as_str().unwrap().contains("the header `b`")), (400, true));
}

#[tokio::test]
async fn an_ended_sandbox_is_gone_and_its_memory_is_free() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let settings = json!({ "name": "t", "account": super::ACCOUNT, "tag": "t" });
    assert_eq!(rig.create(settings.clone()).await.0, 201);
    let world = Arc::downgrade(&rig.server.sandbox("t").unwrap());
    // An SMTP session that stays open, a wait, and a webhook that hangs.
    let mut smtp = TcpStream::connect(&rig.server.ports().smtp).await.unwrap();
    smtp.write_all(b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a+t@a.test>\r\n").await.unwrap();
    let mut heard = String::new();
    while !heard.contains("recipient noted") {
        let mut bytes = [0; 512];
        let read = timeout(PATIENCE, smtp.read(&mut bytes)).await.unwrap().unwrap();
        assert_ne!(read, 0, "{heard}");
        heard.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    let hangs = order().with("Url", "http://127.0.0.1:1/").with("StatusCallback", app.url("/hangs"));
    let hangs = hangs.with("StatusCallbackEvent", "initiated");
    assert_eq!(rig.rest_as(super::ACCOUNT, "POST", "Calls.json", &hangs).await.0, 201);
    let minute = json!({ "by": "1m" });
    tokio::select! {
        moved = rig.control("POST", "/sandboxes/t/clock/advance", &minute) => panic!("{moved:?}"),
        () = app.hangs() => {}
    }
    assert_eq!(rig.server.under_way(), 1);
    let wait = rig.with_header("t", "/control/v1/messages/wait?timeout=60");
    let end = async {
        let door = rig.server.sandbox("t").unwrap();
        let mut changes = door.changes();
        drop(door);
        // The wait has been answered or waits; either way the end is noticed.
        yield_now().await;
        let (status, body) = rig.control("DELETE", "/sandboxes/t", &Value::Null).await;
        assert_eq!((status, &body["webhooks_dropped"]), (200, &json!(1)), "{body}");
        while changes.changed().await.is_ok() {}
    };
    let (waited, ()) = timeout(PATIENCE, async { tokio::join!(wait, end) }).await.unwrap();
    assert_eq!(waited.0, 404, "{}", waited.1);
    assert_eq!(world.strong_count(), 0, "the world is still held");
    assert_eq!(rig.server.under_way(), 0);
    for path in ["/sandboxes/t", "/sandboxes/t/trace"] {
        let (status, body) = rig.control("GET", path, &Value::Null).await;
        assert_eq!(
            (status, body["error"].as_str().unwrap()),
            (404, "the sandbox `t` has ended: it was deleted")
        );
    }
    // What matches no sandbox any more belongs to the default one.
    smtp.write_all(b"DATA\r\nSubject: x\r\n\r\nHi\r\n.\r\nQUIT\r\n").await.unwrap();
    let mut heard = String::new();
    timeout(PATIENCE, smtp.read_to_string(&mut heard)).await.unwrap().unwrap();
    assert!(heard.contains("550 5.1.1 the sandbox of this recipient has ended"), "{heard}");
    rig.deliver(None, &["a+t@a.test"], "late").await;
    assert_eq!(rig.subjects("default").await, ["late"]);
    assert_eq!(rig.calls(super::ACCOUNT).await, 0);
    // The name is free again, and its new world is empty.
    assert_eq!(rig.create(settings).await.0, 201);
    assert_eq!((rig.calls(super::ACCOUNT).await, rig.subjects("t").await.len()), (0, 0));
}

#[tokio::test]
async fn number_age_and_bytes_are_limited() {
    let rig = Rig::limited(SandboxLimits { count: 2, ..SandboxLimits::default() }).await;
    rig.sandbox(1).await;
    rig.sandbox(2).await;
    let (status, body) = rig.create(json!({ "name": "three" })).await;
    let error = body["error"].as_str().unwrap();
    assert!(status == 507 && error.contains("2 sandboxes, the most that there may be"), "{status} {error}");
    rig.server.end_sandbox("test-1").unwrap();
    assert_eq!(rig.create(json!({ "name": "three" })).await.0, 201);

    let rig = Rig::limited(SandboxLimits { age: Duration::ZERO, ..SandboxLimits::default() }).await;
    rig.server.create_sandbox(SandboxSettings::named("old")).unwrap();
    let ended = async {
        loop {
            match rig.server.sandbox("old") {
                Ok(_) => yield_now().await,
                Err(error) => return error,
            }
        }
    };
    let error = timeout(PATIENCE, ended).await.unwrap().to_string();
    assert_eq!(error, "the sandbox `old` has ended: it reached the highest age of a sandbox, 0 s");

    let rig = Rig::limited(SandboxLimits { bytes: 20_000, ..SandboxLimits::default() }).await;
    let name = rig.sandbox(1).await;
    let large = "x".repeat(30_000);
    let (lines, to) = (format!("{}\r\n", &large[..900]).repeat(30), "zoe+test-1@example.com");
    let said = mail(&[to], "large").replace("Hi\r\n", &lines);
    let heard = rig.smtp(&session(None, &[said, mail(&[to], "one more")].concat())).await;
    assert!(heard.contains("452 4.3.1 the sandbox `test-1` holds"), "{heard}");
    let (status, body) = rig.rest_as(&account(1), "POST", "Calls.json", &inline()).await;
    let says = body["message"].as_str().unwrap();
    assert!(status == 503 && body["code"] == 20503 && says.contains("and 20000 are the most"), "{body}");
    // Without an account in the path, the user of Basic authentication decides.
    let url = format!("{}/v2/Services", rig.server.ports().twilio);
    for (account, status) in [(account(1), 503), (account(2), 400)] {
        let request = rig.client.post(&url).basic_auth(&account, Some(TOKEN));
        assert_eq!(send(request).await.0, status, "{account}");
    }
    let url = format!("{}/control/v1/sandboxes/{name}/api/v1/send", rig.server.ports().http);
    assert_eq!(rig.client.post(url).body("{}").send().await.unwrap().status(), 507);
    let told = rig.get(&format!("/sandboxes/{name}")).await;
    assert!(told["bytes"].as_u64().unwrap() > 20_000 && told["bytes_max"] == 20_000, "{told}");
    rig.post(&format!("/sandboxes/{name}/reset"), Value::Null).await;
    assert_eq!(rig.rest_as(&account(1), "POST", "Calls.json", &inline()).await.0, 201);
    rig.deliver(None, &[to], "after the reset").await;
}

#[tokio::test]
async fn a_rust_test_has_sandboxes_too() {
    let server = Server::builder().clock(ServeClock::Manual).start().await.unwrap();
    let settings = || SandboxSettings { account: Some(account(1)), ..SandboxSettings::named("mine") };
    let door = server.create_sandbox(settings()).unwrap();
    assert!(!Arc::ptr_eq(&door, server.door()) && Arc::ptr_eq(&door, &server.sandbox("mine").unwrap()));
    assert!(matches!(server.create_sandbox(settings()), Err(SandboxError::Taken { field: "name", .. })));
    assert!(matches!(server.end_sandbox("default"), Err(SandboxError::Default)));
    server.end_sandbox("mine").unwrap();
    assert!(matches!(server.sandbox("mine"), Err(SandboxError::Ended { .. })));
    assert!(Arc::ptr_eq(&server.sandbox("default").unwrap(), server.door()));
}
