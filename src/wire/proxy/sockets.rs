//! Tests of the proxy on real sockets: real TLS clients, refusals, hostile clients, and shutdown.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;

use crate::wire::http_server::HttpServer;
use crate::wire::proxy::tunnel::TOO_LONG;
use crate::wire::proxy::{Proxy, ProxyEnd, ProxyLimits, ProxySettings, Refusal};
use crate::wire::smtp::testing::run;
use crate::wire::tls::Authority;
use crate::wire::tls::tests::connect_as;

const API: &str = "api.twilio.com";

/// Short enough for a test to wait for.
const SHORT: Duration = Duration::from_millis(200);

/// A proxy, what its clients trust, and how its connections ended.
struct Served {
    proxy: Proxy,
    authority: Authority,
    ends: mpsc::UnboundedReceiver<ProxyEnd>,
}

async fn serve(upstream: SocketAddr, limits: ProxyLimits) -> Served {
    let (log, ends) = mpsc::unbounded_channel();
    let log = move |_, end: &ProxyEnd| {
        // A test may drop the receiver.
        let _ = log.send(end.clone());
    };
    let settings = ProxySettings { limits, log: Some(Arc::new(log)), ..ProxySettings::default() };
    let authority = Authority::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::serve(listener, &authority, upstream, settings).unwrap();
    Served { proxy, authority, ends }
}

impl Served {
    /// A connection that has sent `head`.
    async fn sent(&self, head: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.proxy.local_addr()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    /// A connection whose tunnel to `host` is established.
    async fn tunnel(&self, host: &str) -> TcpStream {
        let head = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n");
        let mut stream = self.sent(&head).await;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
        stream
    }

    /// A TLS connection through the proxy, as an SDK makes it.
    async fn connect(&self, host: &str) -> TlsStream<TcpStream> {
        connect_as(self.tunnel(host).await, &self.authority, host, &["h2", "http/1.1"]).await.unwrap()
    }

    /// How the next connection ended.
    async fn end(&mut self) -> ProxyEnd {
        self.ends.recv().await.unwrap()
    }
}

/// Sends `request` and reads everything up to the end of the connection.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(stream).await
}

/// Everything up to the end of the connection, which may be a reset.
async fn rest(mut stream: impl AsyncRead + Unpin) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

/// A REST server that repeats what it was asked.
fn parrot() -> HttpServer {
    let repeat = |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let host = headers.get("host").map(|host| host.to_str().unwrap().to_owned());
        format!("{method} {uri} at {} with {}", host.unwrap(), String::from_utf8_lossy(&body))
    };
    HttpServer::open(Router::new().fallback(repeat)).unwrap()
}

/// A server that sends back each byte.
async fn echo() -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.spawn(async move {
                let (mut read, mut write) = stream.into_split();
                let _ = copy(&mut read, &mut write).await;
            });
        }
    });
    (address, tasks)
}

#[test]
fn requests_get_through_with_their_host_and_body() {
    run(async {
        let api = parrot();
        let mut served = serve(api.address(), ProxyLimits::default()).await;
        for host in [API, "verify.twilio.com", "api.dublin.ie1.twilio.com"] {
            let mut stream = served.connect(host).await;
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
            // In two parts, as urllib3 sends it.
            let head = format!("POST /Calls.json HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(b"To=1").await.unwrap();
            let first = format!("POST /Calls.json at {host} with To=1");
            let mut text = String::new();
            while !text.ends_with(&first) {
                text.push(stream.read_u8().await.unwrap().into());
            }
            let again = format!("GET /Calls/CA1.json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let text = answer(stream, &again).await;
            assert!(text.ends_with(&format!("GET /Calls/CA1.json at {host} with ")), "{text}");
            assert_eq!(served.end().await, ProxyEnd::Served(host.to_owned()));
        }
        assert_eq!(served.proxy.shutdown().await.served, 3);
    });
}

#[test]
fn other_requests_are_refused_in_words() {
    run(async {
        let mut served = serve(parrot().address(), ProxyLimits::default()).await;
        for (head, line) in [
            (
                "CONNECT pypi.org:443 HTTP/1.1\r\n\r\n",
                "HTTP/1.1 403 lostkey's proxy serves Twilio's hosts only; add pypi.org to NO_PROXY\r\n",
            ),
            (
                "POST http://app.test:5000/hook HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi",
                "HTTP/1.1 403 lostkey's proxy serves HTTPS only; add app.test to NO_PROXY\r\n",
            ),
            (
                "CONNECT api.twilio.com:8443 HTTP/1.1\r\n\r\n",
                "HTTP/1.1 403 lostkey's proxy serves port 443 only, not 8443\r\n",
            ),
            ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 lostkey's proxy serves CONNECT only\r\n"),
            ("\x16\x03\x01", "HTTP/1.1 400 Bad request: it does not begin with a method\r\n"),
        ] {
            let text = rest(served.sent(head).await).await;
            assert!(text.starts_with(line), "{text}");
            assert!(text.contains("api.twilio.com, verify.twilio.com"), "{text}");
            assert!(matches!(served.end().await, ProxyEnd::Refused(_)), "{head}");
        }
        assert_eq!(served.proxy.shutdown().await.failed, 5);
    });
}

#[test]
fn a_client_without_trust_is_told_apart() {
    run(async {
        let (address, _echo) = echo().await;
        let mut served = serve(address, ProxyLimits::default()).await;
        let stranger = Authority::new().unwrap();
        let stream = served.tunnel(API).await;
        assert!(connect_as(stream, &stranger, API, &[]).await.is_err());
        assert_eq!(served.end().await, ProxyEnd::Untrusted(API.to_owned()));
        // The certificate is that of the host that CONNECT names.
        let stream = served.tunnel(API).await;
        assert!(connect_as(stream, &served.authority, "verify.dublin.ie1.twilio.com", &[]).await.is_err());
        assert_eq!(served.end().await, ProxyEnd::Untrusted(API.to_owned()));
        let stream = served.tunnel(API).await;
        assert!(connect_as(stream, &served.authority, API, &["h2"]).await.is_err());
        assert!(matches!(served.end().await, ProxyEnd::NoTls { .. }));
    });
}

#[test]
fn half_a_head_times_out_and_others_are_served() {
    run(async {
        let (address, _echo) = echo().await;
        let mut served = serve(address, ProxyLimits { head: SHORT, ..ProxyLimits::default() }).await;
        let half = served.sent("CONNECT api.twilio.com:443 HTTP/1.1\r\nHo").await;
        let silent = served.sent("").await;
        let mut other = served.connect(API).await;
        assert!(rest(half).await.starts_with("HTTP/1.1 408 "));
        assert!(rest(silent).await.starts_with("HTTP/1.1 408 "));
        other.write_all(b"hi").await.unwrap();
        assert_eq!(other.read_u16().await.unwrap().to_be_bytes(), *b"hi");
        for _ in 0..2 {
            assert_eq!(served.end().await, ProxyEnd::Refused(Refusal::Slow));
        }
        drop(served.sent("CONNECT").await);
        assert_eq!(served.end().await, ProxyEnd::Left);
    });
}

#[test]
fn a_client_that_sends_without_end_is_cut_off() {
    run(async {
        let (address, _echo) = echo().await;
        let mut served = serve(address, ProxyLimits::default()).await;
        for head in ["", "CONNECT api.twilio.com:443 HTTP/1.1\r\nA: "] {
            let mut stream = served.sent(head).await;
            // The proxy reads a bounded part of it, and then closes.
            while stream.write_all(&[b'A'; 16 * 1_024]).await.is_ok() {}
            assert!(matches!(served.end().await, ProxyEnd::Refused(Refusal::TooLong(_))));
        }
    });
}

#[test]
fn garbage_and_silence_instead_of_tls_end_alone() {
    run(async {
        let (address, _echo) = echo().await;
        let mut served = serve(address, ProxyLimits { handshake: SHORT, ..ProxyLimits::default() }).await;
        let mut other = served.connect(API).await;
        // Garbage after the answer, and garbage that arrives with the head.
        let mut late = served.tunnel(API).await;
        late.write_all(&[0; 4_096]).await.unwrap();
        rest(late).await;
        assert!(matches!(served.end().await, ProxyEnd::NoTls { .. }));
        rest(served.sent("CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n").await).await;
        assert!(matches!(served.end().await, ProxyEnd::NoTls { .. }));
        let silent = served.tunnel(API).await;
        let end = ProxyEnd::NoTls { host: API.to_owned(), why: TOO_LONG.to_owned() };
        assert_eq!((served.end().await, rest(silent).await), (end, String::new()));
        other.write_all(b"hi").await.unwrap();
        assert_eq!(other.read_u16().await.unwrap().to_be_bytes(), *b"hi");
    });
}

#[test]
fn a_client_that_does_not_read_ends_by_the_idle_limit() {
    run(async {
        let (address, _echo) = echo().await;
        let mut served = serve(address, ProxyLimits { idle: SHORT, ..ProxyLimits::default() }).await;
        let mut stream = served.connect(API).await;
        // The echo fills all buffers, and then nothing moves until the proxy closes.
        let chunk = [7; 16 * 1_024];
        while stream.write_all(&chunk).await.is_ok() {}
        assert_eq!(served.end().await, ProxyEnd::Idle(API.to_owned()));
        let _quiet = served.connect(API).await;
        assert_eq!(served.end().await, ProxyEnd::Idle(API.to_owned()));
    });
}

#[test]
fn a_hundred_connections_are_open_at_once() {
    run(async {
        let (address, _echo) = echo().await;
        let served = serve(address, ProxyLimits::default()).await;
        let connecting = (0..100_u8).map(|number| {
            let host = if number % 2 == 0 { API } else { "verify.dublin.ie1.twilio.com" };
            served.connect(host)
        });
        let mut streams = futures::future::join_all(connecting).await;
        for (stream, number) in streams.iter_mut().zip(0..) {
            stream.write_u8(number).await.unwrap();
        }
        for (stream, number) in streams.iter_mut().zip(0..) {
            assert_eq!(stream.read_u8().await.unwrap(), number);
        }
        drop(streams);
        let mut ends = served.ends;
        for _ in 0..100 {
            assert!(matches!(ends.recv().await, Some(ProxyEnd::Served(_))));
        }
        assert_eq!(served.proxy.shutdown().await.served, 100);
    });
}

#[test]
fn one_connection_too_many_is_told_so_until_another_ends() {
    run(async {
        let (address, _echo) = echo().await;
        let mut served = serve(address, ProxyLimits { connections: 1, ..ProxyLimits::default() }).await;
        let first = served.connect(API).await;
        let text = rest(served.sent("CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n").await).await;
        assert!(text.starts_with("HTTP/1.1 503 "), "{text}");
        assert_eq!(served.end().await, ProxyEnd::Refused(Refusal::Busy));
        drop(first);
        assert_eq!(served.end().await, ProxyEnd::Served(API.to_owned()));
        drop(served.connect(API).await);
        assert_eq!(served.end().await, ProxyEnd::Served(API.to_owned()));
        assert_eq!(served.proxy.shutdown().await.turned_away, 1);
    });
}

#[test]
fn a_server_that_is_down_is_said_before_tls() {
    run(async {
        let mut api = parrot();
        let mut served = serve(api.address(), ProxyLimits::default()).await;
        let kept = served.connect(API).await;
        api.close().await;
        assert_eq!(rest(kept).await, "");
        assert_eq!(served.end().await, ProxyEnd::Served(API.to_owned()));
        let text = rest(served.sent("CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n").await).await;
        assert!(text.starts_with("HTTP/1.1 502 "), "{text}");
        assert_eq!(served.end().await, ProxyEnd::Refused(Refusal::Unavailable));
    });
}

#[test]
fn shutdown_ends_all_connections_and_frees_the_port() {
    run(async {
        let (address, _echo) = echo().await;
        let served = serve(address, ProxyLimits::default()).await;
        let at = served.proxy.local_addr();
        let (idle, half) = (served.connect(API).await, served.sent("CONN").await);
        served.proxy.shutdown().await;
        assert_eq!((rest(idle).await, rest(half).await), (String::new(), String::new()));
        assert_eq!(TcpStream::connect(at).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        TcpListener::bind(at).await.unwrap();
    });
}

#[test]
fn dropping_the_proxy_ends_it_too() {
    run(async {
        let (address, _echo) = echo().await;
        let served = serve(address, ProxyLimits::default()).await;
        let idle = served.connect(API).await;
        drop(served.proxy);
        assert_eq!(rest(idle).await, "");
    });
}
