//! A server beyond loopback: each port lets in those who show the token, and nobody else.
//!
//! It listens at this machine's address on its network, or on loopback where the machine has none.

#[path = "remote/command.rs"]
mod command;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use lostkey::serve::Listen;
use lostkey::wire::form::Form;
use lostkey::wire::token::Token;
use lostkey::{ServeClock, Server};
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{ACCOUNT, PHONE, order};

const TOKEN: &str = "a-token-of-this-lab-0123456789";

/// As long as the token, and wrong at its end.
const WRONG: &str = "a-token-of-this-lab-012345678x";

/// Longest real time for anything that a server does; it is never waited for in full.
const PATIENCE: Duration = Duration::from_secs(30);

/// The address of this machine on its network. Connecting a datagram socket sends nothing.
fn address() -> IpAddr {
    let found = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("198.51.100.1:9")?;
        socket.local_addr()
    });
    found.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |found| found.ip())
}

/// Free ports at an address.
fn listen(ip: IpAddr) -> Listen {
    let any = SocketAddr::from((ip, 0));
    Listen { smtp: any, smtps: any, http: any, twilio: any, proxy: any, console: any }
}

struct Remote {
    server: Server,
    client: reqwest::Client,
}

impl Remote {
    async fn start() -> Self {
        Self::at(address()).await
    }

    async fn at(ip: IpAddr) -> Self {
        let token = Token::new(TOKEN).unwrap();
        let builder = Server::builder().clock(ServeClock::Manual).listen(listen(ip)).token(token);
        let client = reqwest::Client::builder().no_proxy().redirect(Policy::none());
        Self { server: builder.start().await.unwrap(), client: client.build().unwrap() }
    }

    /// The status of a GET request with these headers.
    async fn get(&self, url: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap) {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let response = self.client.get(url).headers(all).send().await.unwrap();
        (response.status().as_u16(), response.headers().clone())
    }

    /// A request of the control API with the token.
    async fn control(&self, path: &str) -> Value {
        let url = format!("{}/control/v1{path}", self.server.ports().http);
        let text = self.client.get(url).bearer_auth(TOKEN).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    async fn tcp(&self, port: &str) -> TcpStream {
        TcpStream::connect(port.trim_start_matches("http://")).await.unwrap()
    }

    /// TLS with a server that the authority of this run has certified for this name.
    async fn tls(&self, stream: TcpStream, name: ServerName<'static>) -> TlsStream<TcpStream> {
        let pem = std::fs::read(&self.server.ports().ca).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }
}

/// Sends bytes, and reads all that comes up to the end of the connection.
async fn dialogue(mut stream: impl AsyncRead + AsyncWrite + Unpin, sent: &str) -> String {
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let _reset = timeout(PATIENCE, stream.read_to_end(&mut heard)).await.unwrap();
    String::from_utf8_lossy(&heard).into_owned()
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

#[tokio::test]
async fn the_control_api_mailpits_api_and_the_metrics_need_the_token() {
    let remote = Remote::start().await;
    let http = &remote.server.ports().http;
    assert!(!http.contains("127.0.0.1") || address().is_loopback(), "{http}");
    let bearer = |token: &str| format!("Bearer {token}");
    for path in [
        "/control/v1",
        "/control/v1/clock",
        "/control/v1/openapi.json",
        "/control/v1/sandboxes",
        "/metrics",
        "/control/v1/trace/events",
        "/api/v1/messages",
        "/control/v1/nothing",
        "/view/latest.html",
    ] {
        let url = format!("{http}{path}");
        for headers in [
            vec![],
            vec![("authorization", bearer(WRONG))],
            vec![("authorization", basic("ana", WRONG))],
            vec![("authorization", basic(TOKEN, WRONG))],
            vec![("x-lostkey-token", WRONG.to_owned())],
            vec![("cookie", format!("lostkey-token={TOKEN}"))],
        ] {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let (status, answer) = remote.get(&url, &headers).await;
            assert_eq!(
                (status, answer["www-authenticate"].to_str().unwrap()),
                (401, "Basic realm=\"lostkey\""),
                "{path} {headers:?}"
            );
            assert_eq!(answer["content-type"], "application/json");
        }
        let expected = if path.ends_with("nothing") || path.starts_with("/view") { 404 } else { 200 };
        for (name, value) in [
            ("authorization", bearer(TOKEN)),
            ("authorization", basic("ana", TOKEN)),
            ("authorization", basic(TOKEN, "")),
            ("x-lostkey-token", TOKEN.to_owned()),
        ] {
            assert_eq!(remote.get(&url, &[(name, &value)]).await.0, expected, "{path} {name}");
        }
    }
    // What changes something is refused before it is read.
    let reset = remote.client.post(format!("{http}/control/v1/reset")).send().await.unwrap();
    assert_eq!(reset.status(), 401);
    assert!(reset.text().await.unwrap().contains("Authorization: Bearer TOKEN"));
    for path in ["/ready", "/readyz", "/livez"] {
        assert_eq!(remote.get(&format!("{http}{path}"), &[]).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn a_browser_gets_a_cookie_that_other_sites_cannot_use() {
    let remote = Remote::start().await;
    let ports = remote.server.ports().clone();
    for (server, path) in [(&ports.http, "/metrics"), (&ports.console, "/")] {
        let (status, answer) = remote.get(&format!("{server}{path}?a=b&token={TOKEN}"), &[]).await;
        assert_eq!(
            (status, answer["location"].to_str().unwrap()),
            (303, format!("{path}?a=b").as_str()),
            "{server}"
        );
        let cookie = answer["set-cookie"].to_str().unwrap();
        assert!(
            cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict") && !cookie.contains(TOKEN),
            "{cookie}"
        );
        let cookie = cookie.split(';').next().unwrap();
        assert_eq!(remote.get(&format!("{server}{path}"), &[("cookie", cookie)]).await.0, 200, "{server}");
        let own = ("origin", server.as_str());
        assert_eq!(
            remote.get(&format!("{server}{path}"), &[("cookie", cookie), own]).await.0,
            200,
            "{server}"
        );
        let evil = ("origin", "https://evil.test");
        assert_eq!(
            remote.get(&format!("{server}{path}"), &[("cookie", cookie), evil]).await.0,
            401,
            "{server}"
        );
        assert_eq!(remote.get(&format!("{server}{path}?token={WRONG}"), &[]).await.0, 401);
    }
    let posted =
        remote.client.post(format!("{}/control/v1/reset?token={TOKEN}", ports.http)).send().await.unwrap();
    assert_eq!(posted.status(), 401, "an address is not a secret, so it changes nothing");
}

#[tokio::test]
async fn the_pages_of_the_reference_service_need_the_token() {
    let remote = Remote::start().await;
    let console = &remote.server.ports().console;
    for path in ["/", "/sign-in", "/voice/x/y"] {
        let (status, answer) = remote.get(&format!("{console}{path}"), &[]).await;
        assert_eq!((status, answer["www-authenticate"].to_str().unwrap()), (401, "Basic realm=\"lostkey\""));
    }
    let page = remote.client.get(console).header("authorization", basic("ana", TOKEN)).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("<form"));
}

#[tokio::test]
async fn an_sdk_shows_the_token_as_its_auth_token() {
    let remote = Remote::start().await;
    let api = &remote.server.ports().twilio;
    let calls = format!("{api}/2010-04-01/Accounts/{ACCOUNT}/Calls.json");
    let service = "VA00000000000000000000000000000007";
    let verifications = format!("{api}/v2/Services/{service}/Verifications");
    let call = order().with("Twiml", "<Response/>");
    let verification = Form::new().with("To", PHONE).with("Channel", "sms");
    for (url, form) in [(&calls, &call), (&verifications, &verification)] {
        let post = |headers: Vec<(&'static str, String)>| {
            let request = remote.client.post(url).body(form.body());
            headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)).send()
        };
        for headers in [
            vec![],
            vec![("authorization", basic(ACCOUNT, WRONG))],
            vec![("authorization", format!("Bearer {WRONG}"))],
        ] {
            let refused = post(headers).await.unwrap();
            assert_eq!(refused.status(), 401, "{url}");
            let body: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
            assert_eq!((&body["code"], &body["status"]), (&json!(20_003), &json!(401)));
        }
        for headers in [
            vec![("authorization", basic(ACCOUNT, TOKEN))],
            vec![("authorization", basic("SK00000000000000000000000000000001", TOKEN))],
            // The app keeps its own token.
            vec![("authorization", basic(ACCOUNT, "its own")), ("x-lostkey-token", TOKEN.to_owned())],
        ] {
            assert_eq!(post(headers).await.unwrap().status(), 201, "{url}");
        }
    }
    let texts = remote.control(&format!("/phones/{PHONE}/texts?since=0")).await;
    assert_eq!(texts["cursor"], 0, "the clock stands still");
}

/// A session with this line of AUTH, which the server answers with 235 or 535.
fn session(auth: &str) -> String {
    format!(
        "EHLO a.test\r\n{auth}MAIL FROM:<app@a.test>\r\nRCPT TO:<zoe@b.test>\r\nDATA\r\nSubject: x\r\n\r\nHi\r\n.\r\nQUIT\r\n"
    )
}

fn plain(password: &str) -> String {
    use base64::Engine;
    let shown = base64::engine::general_purpose::STANDARD.encode(format!("\0ana\0{password}"));
    format!("AUTH PLAIN {shown}\r\n")
}

#[tokio::test]
async fn smtp_takes_the_token_as_a_password() {
    let remote = Remote::start().await;
    let ports = remote.server.ports().clone();
    let ip = ports.smtps.parse::<SocketAddr>().unwrap().ip();
    for is_encrypted in [false, true] {
        for (auth, reply, taken) in [
            (String::new(), "530 5.7.0 authenticate first", false),
            (plain(WRONG), "535 5.7.8 wrong user or password", false),
            (plain(TOKEN), "235 2.7.0 authenticated", true),
        ] {
            let heard = if is_encrypted {
                let stream = remote.tls(remote.tcp(&ports.smtps).await, ServerName::from(ip)).await;
                dialogue(stream, &session(&auth)).await
            } else {
                dialogue(remote.tcp(&ports.smtp).await, &session(&auth)).await
            };
            assert!(heard.contains(reply), "{reply}: {heard}");
            assert_eq!(heard.contains("250 2.0.0 taken"), taken, "{heard}");
        }
    }
    assert_eq!(remote.control("/messages?to=zoe@b.test").await["count"], 2);
}

#[tokio::test]
async fn the_proxy_takes_the_token_and_leaves_the_sdk_as_it_is() {
    let remote = Remote::start().await;
    let ports = remote.server.ports().clone();
    let connect = |credentials: &str| {
        format!("CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com\r\n{credentials}\r\n")
    };
    for credentials in [
        String::new(),
        format!("Proxy-Authorization: {}\r\n", basic("lostkey", WRONG)),
        format!("Authorization: {}\r\n", basic("lostkey", TOKEN)),
    ] {
        let heard = dialogue(remote.tcp(&ports.proxy).await, &connect(&credentials)).await;
        assert!(
            heard.starts_with("HTTP/1.1 407 ") && heard.contains("\r\nProxy-Authenticate: Basic realm="),
            "{heard}"
        );
    }
    let mut stream = remote.tcp(&ports.proxy).await;
    let shown = format!("Proxy-Authorization: {}\r\n", basic("lostkey", TOKEN));
    stream.write_all(connect(&shown).as_bytes()).await.unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap()));
    }
    assert_eq!(head, "HTTP/1.1 200 Connection established\r\n\r\n");
    let stream = remote.tls(stream, ServerName::try_from("api.twilio.com").unwrap()).await;
    // The app's own auth token.
    let body = order().with("Twiml", "<Response/>").body();
    let request = format!(
        "POST /2010-04-01/Accounts/{ACCOUNT}/Calls.json HTTP/1.1\r\nHost: api.twilio.com\r\nAuthorization: {}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        basic(ACCOUNT, "its own"),
        body.len()
    );
    let heard = dialogue(stream, &request).await;
    assert!(heard.starts_with("HTTP/1.1 201 "), "{heard}");
    assert!(
        remote.server.environment().contains("=http://lostkey:TOKEN@"),
        "{}",
        remote.server.environment()
    );
}

#[tokio::test]
async fn loopback_needs_no_token_and_other_addresses_do() {
    let remote = Remote::at(IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
    let clock = format!("{}/control/v1/clock", remote.server.ports().http);
    assert_eq!(remote.get(&clock, &[]).await.0, 401, "the token was asked for");
    let bearer = format!("Bearer {TOKEN}");
    let rebound = [("authorization", bearer.as_str()), ("host", "evil.test")];
    assert_eq!(
        remote.get(&clock, &rebound).await.0,
        403,
        "a server on loopback has names of this machine only"
    );
    let unspecified = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let refused = Server::builder().listen(listen(unspecified)).start().await.unwrap_err().to_string();
    assert!(refused.contains("must show a token"), "{refused}");
}
