//! Benchmark of the SMTP servers: messages a second of the mailbox and of mailin-embedded's server, in one run.
//!
//! Both get the same bytes from the same clients: 20 threads, each with a connection that is kept, or a new one
//! for each message. A message is sent as clients do that know no pipelining: a command, its reply, the next
//! command. mailin-embedded keeps nothing, whereas the mailbox stores each message with its transcript. Compare
//! figures of one run only; the last column is their ratio.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock, and its clients are threads")]

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use lostkey::wire::inbox::{Accepts, Inbox, InboxLimits, Mailbox};
use lostkey::wire::smtp::{Limits, Settings};
use mailin_embedded::{Handler, Server, SslConfig, response};

/// The number of clients at once.
const SESSIONS: usize = 20;

/// How often each case is measured; the median counts.
const ROUNDS: usize = 3;

/// A case: what it is, the size of a message in bytes, whether connections are kept, and how many messages each
/// client sends.
type Case = (&'static str, usize, bool, usize);

const CASES: [Case; 3] = [
    ("4 KiB, connections kept", 4 * 1_024, true, 250),
    ("4 KiB, a connection each", 4 * 1_024, false, 100),
    ("100 KiB, connections kept", 100 * 1_024, true, 25),
];

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (ours, address) = runtime.block_on(mailbox())?;
    // The server runs on its own thread, as in the command.
    thread::spawn(move || {
        runtime.block_on(std::future::pending::<()>());
        drop(ours);
    });
    let peer = peer()?;
    let mut out = io::stdout().lock();
    writeln!(out, "messages/s, median of {ROUNDS}, {SESSIONS} sessions\n")?;
    writeln!(out, "{:28} {:>9} {:>16} {:>7}", "", "mailbox", "mailin-embedded", "ratio")?;
    for case in CASES {
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            mine.push(rate(address, case)?);
            theirs.push(rate(peer, case)?);
        }
        let (mine, theirs) = (median(mine), median(theirs));
        writeln!(out, "{:28} {mine:>9.0} {theirs:>16.0} {:>7.2}", case.0, mine / theirs)?;
    }
    Ok(())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// The mailbox of `serve`, without a world.
async fn mailbox() -> io::Result<(impl Sized, SocketAddr)> {
    let mailbox = Mailbox::new(Inbox::new(InboxLimits::default(), 1), Accepts::Anyone, Arc::new(|| 0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let settings = Settings { limits: Limits::MAILBOX, ..Settings::default() };
    let sink = mailbox.serve(listener, settings)?;
    let address = sink.local_addr();
    Ok(((mailbox, sink), address))
}

/// Takes everything and keeps nothing.
#[derive(Clone)]
struct Discards;

impl Handler for Discards {
    fn data(&mut self, _line: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn data_end(&mut self) -> mailin_embedded::Response {
        response::OK
    }
}

/// mailin-embedded's server, with a thread for each session.
fn peer() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let mut server = Server::new(Discards);
    server.with_name("mail.test").with_tcp_listener(listener).with_num_threads(SESSIONS as u32);
    server.with_ssl(SslConfig::None).map_err(|error| io::Error::other(error.to_string()))?;
    thread::spawn(move || server.serve().is_ok());
    Ok(address)
}

/// Messages a second in a case.
fn rate(address: SocketAddr, (_, size, kept, count): Case) -> io::Result<f64> {
    let text = Arc::new(message(size));
    let begin = Instant::now();
    let clients: Vec<_> = (0..SESSIONS)
        .map(|_| {
            let text = Arc::clone(&text);
            thread::spawn(move || -> io::Result<()> {
                let mut kept_client = None;
                for _ in 0..count {
                    let mut client = match kept_client.take() {
                        Some(client) => client,
                        None => Client::connect(address)?,
                    };
                    client.send(&text)?;
                    if kept {
                        kept_client = Some(client);
                    } else {
                        client.ask(b"QUIT\r\n")?;
                    }
                }
                Ok(())
            })
        })
        .collect();
    for client in clients {
        client.join().map_err(|_panic| io::Error::other("a client has panicked"))??;
    }
    Ok((SESSIONS * count) as f64 / begin.elapsed().as_secs_f64())
}

/// A message of about this size, up to its final dot.
fn message(size: usize) -> Vec<u8> {
    let mut text = b"From: <app@app.test>\r\nTo: <ana@a.test>\r\nSubject: Benchmark\r\n\r\n".to_vec();
    while text.len() < size {
        text.extend_from_slice(
            b"The quick brown fox jumps over the lazy dog, and does it again and again.\r\n",
        );
    }
    text.extend_from_slice(b".\r\n");
    text
}

struct Client {
    replies: BufReader<TcpStream>,
}

impl Client {
    fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut client = Self { replies: BufReader::new(stream) };
        client.reply()?;
        client.ask(b"HELO app.test\r\n")?;
        Ok(client)
    }

    fn send(&mut self, text: &[u8]) -> io::Result<()> {
        self.ask(b"MAIL FROM:<app@app.test>\r\n")?;
        self.ask(b"RCPT TO:<ana@a.test>\r\n")?;
        self.ask(b"DATA\r\n")?;
        self.ask(text)
    }

    fn ask(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.replies.get_mut().write_all(bytes)?;
        self.reply()
    }

    fn reply(&mut self) -> io::Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            self.replies.read_line(&mut line)?;
            match line.as_bytes() {
                [b'2' | b'3', _, _, b'-', ..] => {}
                [b'2' | b'3', ..] => return Ok(()),
                _ => return Err(io::Error::other(format!("the server answered {line:?}"))),
            }
        }
    }
}
