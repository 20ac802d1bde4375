//! Tests of the mailbox over real sockets: SMTP in, HTTP out.

mod delivery;
mod mailpit;
mod waiting;
mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;

use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::wire::inbox::{Accepts, Inbox, InboxLimits, Mailbox, RouterSettings, router};
use crate::wire::smtp::testing::{codes, run};
use crate::wire::smtp::{Auth, Limits, Settings, SmtpSink};

/// 2026-08-01T12:00:00Z in milliseconds.
const NOON: u64 = 1_785_585_600_000;

/// A mailbox with its servers.
struct Serving {
    mailbox: Arc<Mailbox>,
    smtp: SmtpSink,
    http: SocketAddr,
    client: Client,
    _site: JoinSet<()>,
}

impl Serving {
    async fn open() -> Self {
        let inbox = Inbox::new(InboxLimits::default(), 1);
        let mailbox = Mailbox::new(inbox, Accepts::Anyone, Arc::new(|| NOON));
        Self::of(mailbox, &RouterSettings::default()).await
    }

    async fn of(mailbox: Mailbox, settings: &RouterSettings) -> Self {
        let mailbox = Arc::new(mailbox);
        let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let offers = Settings { limits: Limits::MAILBOX, auth: Some(Auth::default()), ..Settings::default() };
        let smtp = mailbox.serve(smtp, offers).unwrap();
        let http = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = http.local_addr().unwrap();
        let routes = router(Arc::clone(&mailbox), settings);
        let mut site = JoinSet::new();
        site.spawn(async move { axum::serve(http, routes).await.unwrap() });
        let client = Client::builder().no_proxy().build().unwrap();
        Self { mailbox, smtp, http: address, client, _site: site }
    }

    /// The status, the content type and the bytes of an answer.
    async fn ask(&self, method: Method, path: &str, body: &str) -> (StatusCode, String, Vec<u8>) {
        let url = format!("http://{}{path}", self.http);
        let response = self.client.request(method, url).body(body.to_owned()).send().await.unwrap();
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        (response.status(), content_type, response.bytes().await.unwrap().to_vec())
    }

    /// The status and the text of an answer.
    async fn text(&self, method: Method, path: &str, body: &str) -> (u16, String) {
        let (status, _, bytes) = self.ask(method, path, body).await;
        (status.as_u16(), String::from_utf8(bytes).unwrap())
    }

    /// The JSON of a successful answer.
    async fn json(&self, path: &str) -> Value {
        let (status, text) = self.text(Method::GET, path, "").await;
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Sends bytes in one SMTP session, and returns the reply codes.
    async fn smtp(&self, bytes: &[u8]) -> Vec<u16> {
        let mut stream = TcpStream::connect(self.smtp.local_addr()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut replies = String::new();
        stream.read_to_string(&mut replies).await.unwrap();
        codes(&replies)
    }

    /// Sends a message with this subject and text to one recipient.
    async fn send(&self, to: &str, subject: &str, text: &str) {
        let message = Message::builder()
            .from("App <app@app.test>".parse().unwrap())
            .to(to.parse().unwrap())
            .subject(subject)
            .body(text.to_owned())
            .unwrap();
        self.transport().send(message).await.unwrap();
    }

    fn transport(&self) -> AsyncSmtpTransport<Tokio1Executor> {
        let port = self.smtp.local_addr().port();
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(port).build()
    }

    /// The subjects that a list or a search gives.
    async fn subjects(&self, path: &str) -> Vec<String> {
        let page = self.json(path).await;
        let messages = page["messages"].as_array().unwrap();
        messages.iter().map(|message| message["Subject"].as_str().unwrap().to_owned()).collect()
    }
}
