//! Differential test: the same sessions against this sink and against mailin-embedded's own server.
//!
//! Both use the same engine. Well-behaved sessions must store the same messages and get the same
//! codes; the table at the end lists the intended differences.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use mailin_embedded::{Handler, Response, Server, response};
use proptest::prelude::*;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::wire::smtp::testing::{Kept, Shelf, run};
use crate::wire::smtp::{Settings, SmtpSink};

/// A stored message: sender, recipients, bytes.
type Message = (String, Vec<String>, Vec<u8>);

/// A handler for mailin-embedded that behaves like [`Shelf`], except that it never refuses a
/// message at the final dot: that would leave the reference's session out of step for good.
#[derive(Clone, Default)]
struct Reference {
    messages: Arc<Mutex<Vec<Message>>>,
    message: Message,
}

impl Handler for Reference {
    fn rcpt(&mut self, to: &str) -> Response {
        match to.strip_suffix("@rcpt.test").and_then(|code| code.parse().ok()) {
            Some(code) => Response::custom(code, "no".to_owned()),
            None => response::OK,
        }
    }

    fn data_start(&mut self, _domain: &str, from: &str, _is8bit: bool, to: &[String]) -> Response {
        self.message = (from.to_owned(), to.to_vec(), Vec::new());
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.message.2.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.messages.lock().unwrap().push(std::mem::take(&mut self.message));
        response::OK
    }

    fn helo(&mut self, _ip: IpAddr, _domain: &str) -> Response {
        response::OK
    }
}

/// The reference server. It cannot be stopped, so all tests of this process share one.
fn reference() -> (SocketAddr, Arc<Mutex<Vec<Message>>>) {
    static SERVER: OnceLock<(SocketAddr, Arc<Mutex<Vec<Message>>>)> = OnceLock::new();
    let (address, messages) = SERVER.get_or_init(|| {
        let handler = Reference::default();
        let messages = Arc::clone(&handler.messages);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = Server::new(handler);
        server.with_name("mail.test").with_tcp_listener(listener);
        #[expect(clippy::disallowed_methods, reason = "the reference blocks its thread and never returns")]
        std::thread::spawn(move || server.serve().unwrap());
        (address, messages)
    });
    (*address, Arc::clone(messages))
}

/// Runs a session in which each of `sayings` is sent whole and answered once; returns the codes.
async fn converse_with(server: SocketAddr, sayings: &[Vec<u8>]) -> Vec<u16> {
    let mut stream = BufReader::new(TcpStream::connect(server).await.unwrap());
    stream.get_ref().set_nodelay(true).unwrap();
    let mut codes = Vec::new();
    for saying in [&Vec::new()].into_iter().chain(sayings) {
        stream.write_all(saying).await.unwrap();
        codes.push(read_code(&mut stream).await);
    }
    stream.write_all(b"QUIT\r\n").await.unwrap();
    codes.push(read_code(&mut stream).await);
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "more was said than was asked");
    codes
}

async fn read_code(stream: &mut BufReader<TcpStream>) -> u16 {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.len() > 3, "the connection ended after {line:?}");
        if line.as_bytes()[3] != b'-' {
            return line[..3].parse().unwrap();
        }
    }
}

/// Codes and messages of a session with this sink.
fn ours(sayings: &[Vec<u8>]) -> (Vec<u16>, Vec<Message>) {
    let shelf = Shelf::default();
    let rooms = shelf.clone();
    let codes = run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = SmtpSink::serve(listener, Settings::default(), move |_| rooms.clone()).unwrap();
        let codes = converse_with(sink.local_addr(), sayings).await;
        sink.shutdown().await;
        codes
    });
    let kept = shelf.mails().into_iter();
    let message = |mail: Kept| (mail.envelope.from.unwrap_or_default(), mail.envelope.to, mail.raw);
    (codes, kept.map(message).collect())
}

/// Codes and messages of a session with mailin-embedded.
fn theirs(sayings: &[Vec<u8>]) -> (Vec<u16>, Vec<Message>) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (address, messages) = reference();
    let codes = run(converse_with(address, sayings));
    (codes, std::mem::take(&mut *messages.lock().unwrap()))
}

fn lines(commands: &[&str]) -> Vec<Vec<u8>> {
    commands.iter().map(|command| format!("{command}\r\n").into_bytes()).collect()
}

/// One email: its recipients, some of which are refused, and the lines of its text.
fn any_mail() -> impl Strategy<Value = Vec<Vec<u8>>> {
    // None of these addresses controls the test mailroom: see [`Shelf`].
    let address = "u[a-z0-9+]{0,10}(\\.[a-z0-9]{1,5})?@[a-z]{1,8}\\.test";
    let recipient = prop_oneof![4 => address, 1 => "(450|550|553)@rcpt\\.test"];
    let byte = any::<u8>().prop_filter("an end of line", |byte| !matches!(byte, b'\r' | b'\n'));
    let line = prop_oneof![
        4 => prop::collection::vec(byte, 0..100),
        2 => "\\.{1,3}[a-z]{0,3}".prop_map(String::into_bytes),
        1 => (900_usize..5_000).prop_map(|length| vec![b'x'; length]),
    ];
    let lines = prop::collection::vec(line, 0..20);
    let eight_bit = prop::sample::select(vec!["", " BODY=8BITMIME", " body=7bit"]);
    let parts = (address, prop::collection::vec(recipient, 1..6), lines, eight_bit);
    parts.prop_map(|(from, recipients, lines, parameter)| {
        let mut sayings = vec![format!("MAIL FROM:<{from}>{parameter}\r\n").into_bytes()];
        sayings.extend(recipients.iter().map(|to| format!("RCPT TO:<{to}>\r\n").into_bytes()));
        if recipients.iter().all(|to| to.ends_with("@rcpt.test")) {
            sayings.push(b"DATA\r\n".to_vec());
            sayings.push(b"RSET\r\n".to_vec());
            return sayings;
        }
        sayings.push(b"DATA\r\n".to_vec());
        let mut text = Vec::new();
        for line in lines {
            if line.starts_with(b".") {
                text.push(b'.');
            }
            text.extend_from_slice(&line);
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(b".\r\n");
        sayings.push(text);
        sayings
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn well_behaved_sessions_are_the_same(mails in prop::collection::vec(any_mail(), 1..4)) {
        let mut sayings = vec![b"EHLO client.test\r\n".to_vec()];
        sayings.extend(mails.into_iter().flatten());
        prop_assert_eq!(ours(&sayings), theirs(&sayings));
    }
}

#[test]
fn we_differ_where_we_mean_to() {
    let mail = "MAIL FROM:<ana@a.test>";
    for (commands, our_code, their_code, why) in [
        (vec!["NOOP x"], 250, 500, "RFC 5321 section 4.1.1.9: the argument is ignored"),
        (vec!["HELP"], 214, 500, "RFC 5321 section 4.1.1.8"),
        (vec!["VRFY", "VRFY ben"], 252, 252, "the same while no mail transaction is open"),
        (vec![mail, "VRFY ben"], 252, 503, "RFC 5321 section 4.1.4: at any time"),
        (vec!["MAIL FROM:<>"], 250, 500, "RFC 5321 section 4.5.5: bounces"),
        (vec!["MAIL FROM:<ana@a.test> SIZE=1"], 250, 500, "RFC 1870"),
        (vec!["MAIL FROM:<ana@a.test> SMTPUTF8"], 250, 500, "RFC 6531"),
        (vec!["MAIL FROM:<\"a b\"@a.test>"], 250, 500, "RFC 5321 section 4.1.2: quoted strings"),
        (vec!["MAIL FROM:<@r.test:ana@a.test>"], 250, 250, "they keep the route, we drop it"),
        (vec!["MAIL FROM:<ana>"], 501, 250, "RFC 5321 section 4.1.2: a mailbox has a domain"),
        (vec!["MAIL FROM:<ana@a.test> RET=FULL"], 555, 500, "RFC 5321 section 4.1.1.11"),
        (vec![mail, "RCPT TO:<ben@b.test> NOTIFY=NEVER"], 555, 500, "RFC 5321 section 4.1.1.11"),
        (vec!["EHLO"], 501, 500, "known, and wrongly written"),
        (vec!["EXPN list"], 502, 500, "known, and not offered"),
    ] {
        let sayings = [lines(&["EHLO client.test"]), lines(&commands)].concat();
        let last = sayings.len();
        let codes = (ours(&sayings).0[last], theirs(&sayings).0[last]);
        assert_eq!(codes, (our_code, their_code), "{commands:?}: {why}");
    }
}

#[test]
fn they_can_be_made_to_see_two_mails_and_we_cannot() {
    let begin = lines(&["EHLO client.test", "MAIL FROM:<ana@a.test>", "RCPT TO:<ben@b.test>", "DATA"]);
    let (codes, mails) = theirs(&[&begin[..], &lines(&["first\n."])].concat());
    assert_eq!((codes[5], mails.len()), (250, 1), "a dot after a bare line feed ended the message");
    // Here the same bytes do not end the message. The next dot does, and the message is refused.
    let (codes, mails) = ours(&[&begin[..], &lines(&["first\n.\r\n."])].concat());
    assert_eq!((codes[5], mails.len()), (554, 0));
}
