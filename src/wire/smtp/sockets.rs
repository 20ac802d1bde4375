//! Tests of the sink on real sockets: real clients, concurrency, panics, and shutdown.

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::base::secret::Token;
use crate::event::{MailKind, NoReply};
use crate::message::MailReply;
use crate::wire::mailer::Mailer;
use crate::wire::mime;
use crate::wire::smtp::testing::{Shelf, run};
use crate::wire::smtp::{Direction, Settings, SmtpSink, WireLine};

async fn serve(settings: Settings) -> (SmtpSink, Shelf) {
    let shelf = Shelf::default();
    let rooms = shelf.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sink = SmtpSink::serve(listener, settings, move |_| rooms.clone()).unwrap();
    (sink, shelf)
}

/// A client that has read the greeting.
async fn greeted(address: SocketAddr) -> BufReader<TcpStream> {
    let mut client = BufReader::new(TcpStream::connect(address).await.unwrap());
    assert_eq!(read_line(&mut client).await, "220 mail.test ESMTP\r\n");
    client
}

async fn read_line(client: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    // A reset connection has no more lines either.
    let _ = client.read_line(&mut line).await;
    line
}

/// Sends one email as most Rust programs do: lettre's own transport, with Nagle's algorithm on.
async fn send_with_lettre(address: SocketAddr, to: &str) {
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(address.port());
    let message = Message::builder()
        .from("Ana <ana@a.test>".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("¡Hola!")
        .body("A line\n.\n..and two dots\n".to_owned())
        .unwrap();
    transport.build().send(message).await.unwrap();
}

#[test]
fn lettre_delivers_a_mail() {
    run(async {
        let (sink, shelf) = serve(Settings::default()).await;
        send_with_lettre(sink.local_addr(), "ben@b.test").await;
        let mails = shelf.mails();
        assert_eq!(mails[0].envelope.from.as_deref(), Some("ana@a.test"));
        assert_eq!(mails[0].envelope.to, ["ben@b.test"]);
        let raw = String::from_utf8(mails[0].raw.clone()).unwrap();
        assert!(raw.contains("\r\n\r\nA line\r\n.\r\n..and two dots\r\n"), "{raw}");
    });
}

#[test]
fn the_consoles_mail_arrives_byte_for_byte() {
    let (kind, link) = (MailKind::Verification, Some(Token::new(7)));
    let raw = mime::render(kind, link, "ben@b.test", 0, "http://console.test", 1).unwrap();
    run(async {
        let (sink, shelf) = serve(Settings::default()).await;
        let reply = Mailer::new(sink.local_addr()).hand_over("ben@b.test", &raw).await.unwrap();
        assert_eq!(reply, Ok(MailReply::Taken));
        let mails = shelf.mails();
        assert_eq!(mails[0].envelope.hello, "console.test");
        assert_eq!(mails[0].envelope.from.as_deref(), Some(mime::SENDER));
        assert_eq!(String::from_utf8_lossy(&mails[0].raw), String::from_utf8_lossy(&raw));
    });
}

#[test]
fn every_refusal_that_a_story_can_name_comes_back_with_its_code() {
    run(async {
        let (sink, _) = serve(Settings::default()).await;
        let mailer = Mailer::new(sink.local_addr());
        for code in (400..460).chain(500..560) {
            let reply = mailer.hand_over(&format!("{code}@b.test"), b"Hi\r\n").await.unwrap();
            assert_eq!(reply, Ok(MailReply::Refused { code }));
        }
    });
}

#[test]
fn no_mail_waits_for_a_delayed_acknowledgement() {
    run(async {
        let (sink, shelf) = serve(Settings::default()).await;
        let mailer = Mailer::new(sink.local_addr());
        // A delayed acknowledgement takes 40 ms and would affect each message. Taking the fastest
        // of ten tolerates a busy machine.
        let (mut lettre, mut ours) = (Duration::MAX, Duration::MAX);
        for _ in 0..10 {
            lettre = lettre.min(took(send_with_lettre(sink.local_addr(), "ben@b.test")).await);
            ours = ours.min(
                took(async {
                    mailer.hand_over("ben@b.test", b"Hi\r\n").await.unwrap().unwrap();
                })
                .await,
            );
        }
        assert_eq!(shelf.mails().len(), 20);
        assert!(
            lettre < Duration::from_millis(20) && ours < Duration::from_millis(20),
            "{lettre:?} {ours:?}"
        );
    });
}

async fn took(work: impl Future<Output = ()>) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "what is measured is the network of this machine")]
    let begin = std::time::Instant::now();
    work.await;
    begin.elapsed()
}

#[test]
fn fifty_idle_clients_do_not_starve_the_next() {
    run(async {
        let (sink, shelf) = serve(Settings::default()).await;
        let mut idle = Vec::new();
        for _ in 0..50 {
            idle.push(greeted(sink.local_addr()).await);
        }
        send_with_lettre(sink.local_addr(), "ben@b.test").await;
        assert_eq!(shelf.mails().len(), 1);
        assert_eq!(sink.shutdown().await.sessions, 51);
    });
}

#[test]
fn one_session_too_many_is_turned_away_until_another_ends() {
    let mut settings = Settings::default();
    settings.limits.sessions = 1;
    run(async {
        let (sink, _) = serve(settings).await;
        let mut first = greeted(sink.local_addr()).await;
        let mut second = BufReader::new(TcpStream::connect(sink.local_addr()).await.unwrap());
        assert_eq!(read_line(&mut second).await, "421 4.3.2 too many sessions, try again later\r\n");
        first.write_all(b"QUIT\r\n").await.unwrap();
        assert_eq!(read_line(&mut first).await, "221 2.0.0 goodbye\r\n");
        assert_eq!(read_line(&mut first).await, "");
        greeted(sink.local_addr()).await;
        let served = sink.shutdown().await;
        assert_eq!((served.sessions, served.turned_away), (2, 1));
    });
}

#[test]
fn a_panic_ends_one_session_and_no_other() {
    run(async {
        let (sink, shelf) = serve(Settings::default()).await;
        let mut other = greeted(sink.local_addr()).await;
        let mailer = Mailer::new(sink.local_addr());
        assert_eq!(mailer.hand_over("panic@b.test", b"Hi\r\n").await.unwrap(), Err(NoReply::Cut));
        other.write_all(b"NOOP\r\n").await.unwrap();
        assert_eq!(read_line(&mut other).await, "250 2.0.0 nothing done\r\n");
        assert_eq!(mailer.hand_over("ben@b.test", b"Hi\r\n").await.unwrap(), Ok(MailReply::Taken));
        assert_eq!(shelf.mails().len(), 1);
        assert_eq!(sink.shutdown().await.panicked, 1);
    });
}

#[test]
fn shutdown_ends_all_sessions_and_frees_the_port() {
    run(async {
        let (sink, shelf) = serve(Settings::default()).await;
        let address = sink.local_addr();
        let mut idle = greeted(address).await;
        let mut busy = greeted(address).await;
        busy.write_all(b"HELO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nhalf a mess")
            .await
            .unwrap();
        while !read_line(&mut busy).await.starts_with("354") {}
        sink.shutdown().await;
        assert_eq!((read_line(&mut idle).await, read_line(&mut busy).await), (String::new(), String::new()));
        assert!(shelf.mails().is_empty());
        assert_eq!(Mailer::new(address).hand_over("ben@b.test", b"").await.unwrap(), Err(NoReply::Down));
        // A rebooted service listens on its previous port again.
        let listener = TcpListener::bind(address).await.unwrap();
        let rooms = shelf.clone();
        let again = SmtpSink::serve(listener, Settings::default(), move |_| rooms.clone()).unwrap();
        assert_eq!(Mailer::new(address).hand_over("ben@b.test", b"").await.unwrap(), Ok(MailReply::Taken));
        assert_eq!(again.shutdown().await.sessions, 1);
    });
}

#[test]
fn a_listener_that_is_broken_can_still_be_shut_down() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let same = std::net::TcpStream::from(listener.as_fd().try_clone_to_owned().unwrap());
        let sink = SmtpSink::serve(listener, Settings::default(), |_| Shelf::default()).unwrap();
        let mut client = greeted(sink.local_addr()).await;
        // From now on each accept fails at once.
        same.shutdown(std::net::Shutdown::Both).unwrap();
        client.write_all(b"NOOP\r\n").await.unwrap();
        assert_eq!(read_line(&mut client).await, "250 2.0.0 nothing done\r\n");
        assert_eq!(sink.shutdown().await.sessions, 1);
    });
}

#[test]
fn dropping_the_sink_ends_it_too() {
    run(async {
        let (sink, shelf) = serve(Settings::default()).await;
        let address = sink.local_addr();
        let mut idle = greeted(address).await;
        drop(sink);
        let mut rest = Vec::new();
        let _ = idle.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
        assert_eq!(Mailer::new(address).hand_over("ben@b.test", b"").await.unwrap(), Err(NoReply::Down));
        assert!(shelf.mails().is_empty());
    });
}

#[test]
fn the_wire_log_hears_both_sides_in_order() {
    let heard = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&heard);
    let hear = move |line: &WireLine<'_>| {
        let who = match line.direction {
            Direction::FromClient => "C",
            Direction::ToClient => "S",
        };
        let text = String::from_utf8_lossy(line.line);
        *log.lock().unwrap() += &format!("{}{who}: {}\n", line.session, text.trim_end());
    };
    let settings = Settings { log: Some(Arc::new(hear)), ..Settings::default() };
    run(async {
        let (sink, _) = serve(settings).await;
        Mailer::new(sink.local_addr()).hand_over("450@b.test", b"Hi\r\n").await.unwrap().unwrap();
        sink.shutdown().await;
    });
    let heard = heard.lock().unwrap().clone();
    insta::assert_snapshot!(heard, @r"
    1S: 220 mail.test ESMTP
    1C: EHLO console.test
    1S: 250-mail.test
    1S: 250-PIPELINING
    1S: 250-SIZE 1048576
    1S: 250-8BITMIME
    1S: 250-SMTPUTF8
    1S: 250 ENHANCEDSTATUSCODES
    1C: MAIL FROM:<no-reply@console.test>
    1S: 250 2.0.0 ok
    1C: RCPT TO:<450@b.test>
    1S: 250 2.0.0 ok
    1C: DATA
    1S: 354 send the message; a dot alone on a line ends it
    1C: Hi
    1C: .
    1S: 450 4.2.1 mailbox busy or greylisted, try again later
    1C: QUIT
    1S: 221 2.0.0 goodbye
    ");
}
