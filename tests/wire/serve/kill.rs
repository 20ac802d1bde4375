//! Attacks on the ports of `lostkey serve`, one subject per file: after each, the server answers at once, serves
//! a call, a text and an email, and has not grown by what it was sent.
//!
//! The server is a process of its own, so that its memory is its own, and so that it can die.

#[path = "kill/app.rs"]
mod app;
#[path = "kill/bodies.rs"]
mod bodies;
#[path = "kill/http.rs"]
mod http;
#[path = "kill/messages.rs"]
mod messages;
#[path = "kill/proxy.rs"]
mod proxy;
#[path = "kill/sandboxes.rs"]
mod sandboxes;
#[path = "kill/smtp.rs"]
mod smtp;
#[path = "kill/tls.rs"]
mod tls;
#[path = "kill/verify.rs"]
mod verify;

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use std::{env, fs, io};

use lostkey::wire::form::Form;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{ACCOUNT, PHONE, TOKEN, order, send};

/// Longest real time for anything that a server does; it is never waited for in full.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest real time until a server under attack says that it is ready.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Bytes of a mebibyte.
const MIB: u64 = 1_024 * 1_024;

/// Tells the files of the servers of one process apart.
static SERVERS: AtomicU32 = AtomicU32::new(0);

/// Tells the texts and emails of one process apart.
static PROBES: AtomicU64 = AtomicU64::new(0);

/// A running `lostkey serve`, which is killed when it is dropped.
struct Victim {
    child: Child,
    ports: Value,
    ports_file: PathBuf,
    client: reqwest::Client,
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped = self.child.wait();
        // A process that is killed leaves its files.
        let _none = fs::remove_file(self.ports["ca"].as_str().unwrap_or_default());
        let _none = fs::remove_file(&self.ports_file);
    }
}

impl Victim {
    /// Starts a server with a manual clock on free ports.
    fn start() -> Self {
        let nth = SERVERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("lostkey-kill-{}-{nth}.json", std::process::id());
        let ports_file = env::temp_dir().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_lostkey"));
        command.args(["serve", "--clock", "manual", "--ports-file"]).arg(&ports_file);
        for port in ["--smtp", "--smtps", "--http", "--twilio", "--proxy", "--console"] {
            command.args([port, "127.0.0.1:0"]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!({ lines }.any(|line| line.starts_with("ready")), "it has not started");
        let ports = serde_json::from_slice(&fs::read(&ports_file).unwrap()).unwrap();
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { child, ports, ports_file, client }
    }

    /// The host and port of a server.
    fn at(&self, port: &str) -> &str {
        self.ports[port].as_str().unwrap().trim_start_matches("http://")
    }

    /// A connection to a port.
    async fn connect(&self, port: &str) -> TcpStream {
        TcpStream::connect(self.at(port)).await.unwrap()
    }

    /// All that a port answers to these bytes.
    async fn says(&self, port: &str, bytes: &[u8]) -> String {
        let mut stream = self.connect(port).await;
        pour(&mut stream, bytes).await;
        rest(stream).await
    }

    /// A request to the HTTP server: HTTP status and body.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("http://{}{path}", self.at("http"));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = self.client.request(method.parse().unwrap(), url).body(body).send().await.unwrap();
        let (status, text) = (response.status().as_u16(), response.text().await.unwrap());
        // Mailpit's API refuses in plain text.
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.ask("POST", path, &body).await;
        assert!((200..202).contains(&status), "{path}: {status} {body}");
        body
    }

    async fn advance(&self, by: &str) {
        self.post("/control/v1/clock/advance", json!({ "by": by })).await;
    }

    /// Creates a resource of the voice API.
    async fn create(&self, resource: &str, form: &Form) -> Value {
        let url = format!("http://{}/2010-04-01/Accounts/{ACCOUNT}/{resource}", self.at("twilio"));
        let request = self.client.post(url).basic_auth(ACCOUNT, Some(TOKEN)).body(form.body());
        let (status, body) = send(request).await;
        assert_eq!(status, 201, "{resource}: {body}");
        body
    }

    /// The codes in the provider's log so far.
    async fn log(&self) -> Vec<u64> {
        let log = self.get("/control/v1/log").await;
        log["notes"].as_array().unwrap().iter().filter_map(|note| note["code"].as_u64()).collect()
    }

    /// The most memory that the process has used so far, in bytes; `None` where the system does not tell.
    fn peak(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        Some(kib * 1_024)
    }

    /// Fails if the process has needed more than this number of bytes above `before`.
    #[track_caller]
    fn assert_grew_less(&self, before: Option<u64>, most: u64) {
        if let (Some(before), Some(now)) = (before, self.peak()) {
            let grown = now.saturating_sub(before);
            assert!(grown < most, "the server grew by {} MiB, of {}", grown / MIB, most / MIB);
        }
    }

    /// Whether it answers at once.
    async fn is_ready(&self) {
        let ready = timeout(AT_ONCE, self.get("/ready")).await;
        assert_eq!(ready.ok(), Some(json!({ "ready": true })), "it does not answer at once");
    }

    /// Fails unless the server is ready, and serves a call, a text and an email.
    async fn lives(&mut self) {
        self.is_ready().await;
        let nth = PROBES.fetch_add(1, Ordering::Relaxed);
        self.is_called(nth).await;
        let phone = format!("/control/v1/phones/{PHONE}/texts");
        let since = self.get(&phone).await["cursor"].clone();
        let text = Form::new().with("To", PHONE).with("From", "+15005550006");
        self.create("Messages.json", &text.with("Body", format!("probe {nth}."))).await;
        self.advance("10s").await;
        let arrived = self.get(&format!("{phone}/wait?since={since}&contains=probe%20{nth}.")).await;
        assert_eq!(arrived["body"], format!("probe {nth}."));
        let email = mail("probe@a.test", &format!("Subject: {nth}\r\n\r\nHi\r\n"));
        let heard = self.says("smtp", email.as_bytes()).await;
        assert!(heard.ends_with("250 2.0.0 taken\r\n221 2.0.0 goodbye\r\n"));
        let path = format!("/control/v1/messages/wait?to=probe@a.test&subject={nth}&since=0");
        assert_eq!(self.get(&path).await["message"]["Subject"], nth.to_string());
        assert!(self.child.try_wait().unwrap().is_none(), "the process has ended");
    }

    /// Orders a call, answers it, and hears it to its end.
    async fn is_called(&self, nth: u64) {
        let twiml = format!("<Response><Say>Probe {nth}.</Say></Response>");
        let call = self.create("Calls.json", &order().with("Twiml", twiml)).await;
        self.advance("5s").await;
        self.post(&format!("/control/v1/phones/{PHONE}/answer"), Value::Null).await;
        self.advance("1m").await;
        let shown = self.get(&format!("/control/v1/phones/{PHONE}")).await["call"].clone();
        assert_eq!((&shown["sid"], &shown["status"]), (&call["sid"], &json!("completed")), "{shown}");
        assert_eq!(shown["heard"][0]["text"], format!("Probe {nth}."));
    }
}

/// An SMTP session with one email.
fn mail(to: &str, message: &str) -> String {
    format!(
        "EHLO app.test\r\nMAIL FROM:<app@app.test>\r\nRCPT TO:<{to}>\r\nDATA\r\n{message}\r\n.\r\nQUIT\r\n"
    )
}

/// Sends bytes; a server may close before it has read them all, and fails the test if it does neither.
async fn pour(stream: &mut (impl tokio::io::AsyncWrite + Unpin), bytes: &[u8]) {
    let _closed = timeout(PATIENCE, stream.write_all(bytes)).await.unwrap();
}

/// Sends a chunk again and again; returns how many times, if the server closes before.
async fn flood(stream: &mut (impl tokio::io::AsyncWrite + Unpin), chunk: &[u8], times: usize) -> usize {
    let sending = async {
        for nth in 0..times {
            if stream.write_all(chunk).await.is_err() {
                return nth;
            }
        }
        times
    };
    timeout(PATIENCE, sending).await.unwrap()
}

/// Tells the server that nothing more comes.
async fn end_of_sending(stream: &mut TcpStream) {
    let _closed_already = timeout(PATIENCE, stream.shutdown()).await.unwrap();
}

/// Everything up to the end of a connection, which may be a reset.
async fn rest(mut stream: impl tokio::io::AsyncRead + Unpin) -> String {
    let mut heard = Vec::new();
    let _reset = timeout(PATIENCE, stream.read_to_end(&mut heard)).await.unwrap();
    String::from_utf8_lossy(&heard).into_owned()
}

/// Sends bytes until the buffers on the way are full, without reading; returns how many.
fn clog(stream: &TcpStream, chunk: &[u8]) -> usize {
    let mut sent = 0;
    loop {
        match stream.try_write(chunk) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return sent,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Ends the process as a user does, and fails unless it exits without an error.
#[tokio::test]
async fn a_server_that_was_attacked_stops_cleanly() {
    let mut victim = Victim::start();
    let open = victim.connect("smtp").await;
    victim.lives().await;
    let mut kill = Command::new("sh").stdin(Stdio::piped()).spawn().unwrap();
    writeln!(kill.stdin.take().unwrap(), "kill -TERM {}", victim.child.id()).unwrap();
    assert!(kill.wait().unwrap().success());
    // The server closes its connections at its end.
    rest(open).await;
    assert!(victim.child.wait().unwrap().success());
}
