//! Tests of TLS: STARTTLS, implicit TLS, and what must not survive the handshake.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::wire::smtp::testing::{Shelf, codes, run};
use crate::wire::smtp::{Auth, Session, Settings, SmtpSink, Then, Tls, TlsStart};

/// A self-signed certificate of `mail.test`, made for these tests; valid from 2020 to 2120.
const CERTIFICATE: &str = "MIIBXTCCAQSgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAltYWlsLnRlc3QwIBcNMjAwMTAxMDAwMDAwWhgP\
     MjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCW1haWwudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLeaNQHx\
     4yc3kgwQDMdjBg1BKBcFnHv9k5vLtGOou0r9q64zJt74PKJlsdN276cGEWEmMJyBlGIuX8itGPCVa9KjRTBDMBQGA1Ud\
     EQQNMAuCCW1haWwudGVzdDAMBgNVHRMBAf8EAjAAMB0GA1UdDgQWBBTYmZs3b/dEaHiqTCqnE7QJUr7l6zAKBggqhkjO\
     PQQDAgNHADBEAiAIjyT0YUVbgMMAiBOJH9mR+5wW9ymJ+JdR15MGOmHiJwIgKunAcK7zRfVT6ZWBddj0WgsySQuNCv5x\
     KdOb9ykiXt4=";

/// Its private key, which protects nothing.
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLJjpvYYHIZzRlfpkqYN709vxm5FW63mLKFxxE9eEdOmh\
     RANCAAS3mjUB8eMnN5IMEAzHYwYNQSgXBZx7/ZOby7RjqLtK/auuMybe+DyiZbHTdu+nBhFhJjCcgZRiLl/IrRjwlWvS";

fn certificate() -> CertificateDer<'static> {
    STANDARD.decode(CERTIFICATE).unwrap().into()
}

fn settings(start: TlsStart) -> Settings {
    let key = PrivateKeyDer::try_from(STANDARD.decode(KEY).unwrap()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Settings { tls: Some(Tls { acceptor, start }), auth: Some(Auth::default()), ..Settings::default() }
}

async fn serve(start: TlsStart) -> (SmtpSink, Shelf) {
    let shelf = Shelf::default();
    let rooms = shelf.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (SmtpSink::serve(listener, settings(start), move |_| rooms.clone()).unwrap(), shelf)
}

async fn handshake(stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(ServerName::try_from("mail.test").unwrap(), stream).await
}

/// The next replies, as many as `count`; fewer if the connection ends.
async fn replies<S: AsyncRead + Unpin>(stream: &mut S, count: usize) -> String {
    let mut stream = BufReader::new(stream);
    let mut heard = String::new();
    let mut complete = 0;
    while complete < count {
        let start = heard.len();
        if stream.read_line(&mut heard).await.unwrap() == 0 {
            break;
        }
        complete += usize::from(heard.as_bytes().get(start + 3) == Some(&b' '));
    }
    heard
}

/// Sends lines one by one, and returns their replies.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, lines: &[&str]) -> String {
    let mut heard = String::new();
    for line in lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        heard += &replies(stream, 1).await;
    }
    heard
}

/// The lines of a message, from EHLO on.
const MESSAGE: [&str; 5] =
    ["EHLO a.test", "MAIL FROM:<ana@a.test>", "RCPT TO:<ben@b.test>", "DATA", "Subject: Hi\r\n\r\nHi\r\n."];

async fn greeted(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert_eq!(codes(&replies(&mut stream, 1).await), [220]);
    stream
}

#[test]
fn a_message_is_taken_after_starttls() {
    run(async {
        let (sink, shelf) = serve(TlsStart::Command).await;
        let mut stream = greeted(sink.local_addr()).await;
        let heard = talk(&mut stream, &["EHLO a.test", "STARTTLS"]).await;
        assert!(heard.contains("250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n220 2.0.0 "), "{heard}");
        let mut stream = handshake(stream).await.unwrap();
        let heard = talk(&mut stream, &MESSAGE).await;
        assert_eq!(codes(&heard), [250, 250, 250, 354, 250], "{heard}");
        assert!(!heard.contains("STARTTLS"), "it is not offered twice: {heard}");
        assert!(shelf.mails()[0].envelope.is_encrypted);
        assert_eq!(codes(&talk(&mut stream, &["STARTTLS", "QUIT"]).await), [502, 221]);
    });
}

#[test]
fn a_message_is_taken_over_implicit_tls() {
    run(async {
        let (sink, shelf) = serve(TlsStart::Implicit).await;
        let mut stream = handshake(TcpStream::connect(sink.local_addr()).await.unwrap()).await.unwrap();
        assert_eq!(codes(&replies(&mut stream, 1).await), [220]);
        let heard = talk(&mut stream, &MESSAGE).await;
        assert_eq!(codes(&heard), [250, 250, 250, 354, 250], "{heard}");
        assert!(!heard.contains("STARTTLS"), "{heard}");
        assert!(shelf.mails()[0].envelope.is_encrypted);
    });
}

#[test]
fn plaintext_after_starttls_is_dropped() {
    let shelf = Shelf::default();
    let mut session = Session::new(1, &settings(TlsStart::Command), shelf.clone());
    let mut replies = Vec::new();
    session.receive(
        b"EHLO a.test\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<a@a.test>\r\nSTARTTLS\r\nRCPT TO:<eve@e.test>\r\nRSET\r\n",
    );
    let mut last = None;
    while let Some(then) = session.poll_step(&mut replies) {
        last = Some(then);
    }
    assert_eq!(last, Some(Then::StartTls));
    session.encrypt();
    // The engine, the user and the name of the client are as in a new session.
    session
        .receive(b"RCPT TO:<ben@b.test>\r\nMAIL FROM:<a@a.test>\r\nAUTH PLAIN AGEAYg==\r\nEHLO a.test\r\n");
    session.receive(b"MAIL FROM:<a@a.test>\r\nRCPT TO:<ben@b.test>\r\nDATA\r\n.\r\n");
    while session.poll_step(&mut replies).is_some() {}
    let replies = String::from_utf8(replies).unwrap();
    let expected = [250, 235, 250, 220, 503, 503, 503, 250, 250, 250, 354, 250];
    assert_eq!(codes(&replies), expected, "{replies}");
    let envelope = &shelf.mails()[0].envelope;
    assert_eq!((envelope.to.as_slice(), &envelope.user), (&["ben@b.test".to_owned()][..], &None));
}

#[test]
fn a_connection_with_plaintext_after_starttls_never_sees_its_effect() {
    run(async {
        let (sink, shelf) = serve(TlsStart::Command).await;
        let mut stream = greeted(sink.local_addr()).await;
        let injected = "EHLO a.test\r\nSTARTTLS\r\nMAIL FROM:<eve@e.test>\r\nRCPT TO:<eve@e.test>\r\n";
        stream.write_all(injected.as_bytes()).await.unwrap();
        assert_eq!(codes(&replies(&mut stream, 2).await), [250, 220]);
        let mut stream = handshake(stream).await.unwrap();
        let heard = talk(&mut stream, &MESSAGE).await;
        assert_eq!(codes(&heard), [250, 250, 250, 354, 250], "{heard}");
        assert_eq!(shelf.mails()[0].envelope.to, ["ben@b.test"]);
    });
}

#[test]
fn garbage_in_place_of_a_handshake_ends_one_connection() {
    run(async {
        let (sink, _) = serve(TlsStart::Implicit).await;
        let mut stream = TcpStream::connect(sink.local_addr()).await.unwrap();
        stream.write_all(b"EHLO a.test\r\nQUIT\r\nEHLO a.test\r\nQUIT\r\n").await.unwrap();
        let mut rest = Vec::new();
        // The connection is closed or reset.
        let _ = stream.read_to_end(&mut rest).await;
        assert!(!String::from_utf8_lossy(&rest).contains("220"), "{rest:?}");
        let mut next = handshake(TcpStream::connect(sink.local_addr()).await.unwrap()).await.unwrap();
        assert_eq!(codes(&replies(&mut next, 1).await), [220]);
        assert_eq!(sink.shutdown().await.panicked, 0);
    });
}
