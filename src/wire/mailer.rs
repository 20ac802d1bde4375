//! The service's mailer: sends one email to the mail provider over real SMTP, with [`lettre`].
//!
//! Each email gets its own connection: a pooled one would keep a socket open across virtual time.
//! The provider is an address, so there is no name lookup and no proxy.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::event::NoReply;
use crate::message::MailReply;
use crate::wire::mime::SENDER;

/// The service's name in EHLO.
pub const CLIENT_NAME: &str = "console.test";

/// Longest real time for sending one email; lettre itself has no overall timeout.
pub const WATCHDOG: Duration = Duration::from_secs(10);

/// Why an email could not be sent, for a reason outside the story.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailerError {
    /// The recipient is not an address.
    #[error("`{0}` is not an email address")]
    BadAddress(String),
    /// The connection failed for a reason other than refusal.
    #[error("could not connect to the mail provider at {provider}")]
    Connect {
        /// The provider's address.
        provider: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The peer does not speak SMTP, or does not offer what the email needs.
    #[error("the connection to the mail provider at {provider} failed")]
    Smtp {
        /// The provider's address.
        provider: SocketAddr,
        /// The cause.
        source: lettre::transport::smtp::Error,
    },
    /// The provider did not answer in time.
    #[error("the mail provider at {provider} did not answer within {} ms", .after.as_millis())]
    TimedOut {
        /// The provider's address.
        provider: SocketAddr,
        /// The time limit.
        after: Duration,
    },
}

/// A mailer for one provider.
#[derive(Clone, Copy, Debug)]
pub struct Mailer {
    provider: SocketAddr,
    watchdog: Duration,
}

impl Mailer {
    /// Creates a mailer for the provider at this address.
    #[must_use]
    pub const fn new(provider: SocketAddr) -> Self {
        Self { provider, watchdog: WATCHDOG }
    }

    /// Sets another time limit.
    #[must_use]
    pub const fn with_watchdog(self, watchdog: Duration) -> Self {
        Self { watchdog, ..self }
    }

    /// Sends the message `raw` to the address `to` and returns the provider's answer.
    ///
    /// The inner result is a fact of the story: [`NoReply::Down`] if the connection is refused,
    /// [`NoReply::Cut`] if it ends before the answer, whether or not the provider has the email.
    ///
    /// # Errors
    /// If the story cannot continue: a timeout, a machine out of sockets, or a peer that is not an
    /// SMTP server.
    pub async fn hand_over(&self, to: &str, raw: &[u8]) -> Result<Result<MailReply, NoReply>, MailerError> {
        let bad = || MailerError::BadAddress(to.to_owned());
        let recipient = to.parse::<Address>().map_err(|_| bad())?;
        let sender = SENDER.parse::<Address>().map_err(|_| bad())?;
        let envelope = Envelope::new(Some(sender), vec![recipient]).map_err(|_| bad())?;
        let (provider, after) = (self.provider, self.watchdog);
        let timed_out = MailerError::TimedOut { provider, after };
        timeout(after, self.connect_and_send(&envelope, raw)).await.map_err(|_| timed_out)?
    }

    async fn connect_and_send(
        &self,
        envelope: &Envelope,
        raw: &[u8],
    ) -> Result<Result<MailReply, NoReply>, MailerError> {
        let provider = self.provider;
        let stream = match TcpStream::connect(provider).await {
            Ok(stream) => stream,
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(Err(NoReply::Down)),
            Err(source) => return Err(MailerError::Connect { provider, source }),
        };
        // lettre writes the message and its final dot separately. With Nagle's algorithm the dot
        // would wait for the provider's acknowledgement; a delayed one costs 40 ms per email.
        stream.set_nodelay(true).map_err(|source| MailerError::Connect { provider, source })?;
        let ended = Arc::new(AtomicBool::new(false));
        let stream = Box::new(Watched { stream, ended: Arc::clone(&ended) });
        match talk(stream, envelope, raw).await {
            Ok(()) => Ok(Ok(MailReply::Taken)),
            Err(error) => match error.status() {
                Some(code) => Ok(Ok(MailReply::Refused { code: code.into() })),
                None if ended.load(Ordering::Relaxed) => Ok(Err(NoReply::Cut)),
                None => Err(MailerError::Smtp { provider, source: error }),
            },
        }
    }
}

async fn talk(
    stream: Box<dyn AsyncTokioStream>,
    envelope: &Envelope,
    raw: &[u8],
) -> Result<(), lettre::transport::smtp::Error> {
    let name = ClientId::Domain(CLIENT_NAME.to_owned());
    let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &name).await?;
    // lettre appends the final CRLF itself, and sends QUIT itself after a refusal.
    connection.send(envelope, raw.strip_suffix(b"\r\n").unwrap_or(raw)).await?;
    // The provider has accepted the email; the result of QUIT does not matter.
    let _ = connection.quit().await;
    Ok(())
}

/// A socket that records whether the peer closed the connection: lettre distinguishes this case
/// from a malformed reply only by an error's text.
#[derive(Debug)]
struct Watched {
    stream: TcpStream,
    ended: Arc<AtomicBool>,
}

impl Watched {
    /// Records a closed connection from the result of a read or write.
    fn note<T>(&self, result: &Poll<io::Result<T>>) {
        if let Poll::Ready(Err(error)) = result {
            let gone = [
                io::ErrorKind::BrokenPipe,
                io::ErrorKind::ConnectionAborted,
                io::ErrorKind::ConnectionReset,
                io::ErrorKind::NotConnected,
            ];
            if gone.contains(&error.kind()) {
                self.ended.store(true, Ordering::Relaxed);
            }
        }
    }
}

impl AsyncTokioStream for Watched {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (buffer.filled().len(), buffer.remaining() > 0);
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.note(&result);
        if matches!(result, Poll::Ready(Ok(()))) && room && buffer.filled().len() == before {
            self.ended.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(&result);
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::wire::smtp::testing::run;

    /// What a provider does when it has to reply.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Turn {
        Says(&'static str),
        Cuts,
        WaitsForEver,
    }

    use Turn::{Cuts, Says, WaitsForEver};

    const TAKES: [Turn; 6] = [
        Says("220 p.test\r\n"),
        Says("250 p.test\r\n"),
        Says("250 ok\r\n"),
        Says("250 ok\r\n"),
        Says("354 go\r\n"),
        Says("250 ok\r\n"),
    ];
    const STAGES: [&str; 6] = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"];

    /// Sends an email to a provider that accepts every stage, except that it does `turn` at
    /// `stage`.
    fn hand_over(stage: usize, turn: Turn) -> Result<Result<MailReply, NoReply>, MailerError> {
        let mut turns = TAKES;
        turns[stage] = turn;
        run(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mailer = Mailer::new(listener.local_addr().unwrap()).with_watchdog(WATCHDOG);
            let mailer =
                if turn == WaitsForEver { mailer.with_watchdog(Duration::from_millis(20)) } else { mailer };
            let client = mailer.hand_over("ben@b.test", b"Subject: Hi\r\n\r\n.\r\n");
            tokio::select! {
                result = client => result,
                () = provide(&listener, &turns) => unreachable!("the client is done before the provider"),
            }
        })
    }

    async fn provide(listener: &TcpListener, turns: &[Turn]) {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = Some(BufReader::new(stream));
        for (stage, turn) in turns.iter().enumerate() {
            let Some(open) = &mut stream else { break };
            if stage > 0 {
                read_saying(open, stage == 5).await;
            }
            match turn {
                Says(text) => open.write_all(text.as_bytes()).await.unwrap(),
                Cuts => stream = None,
                WaitsForEver => break,
            }
            if matches!(turn, Says(text) if !text.starts_with(['2', '3'])) {
                break;
            }
        }
        if let Some(open) = &mut stream
            && !turns.contains(&WaitsForEver)
        {
            read_saying(open, false).await;
            open.write_all(b"221 bye\r\n").await.unwrap();
        }
        std::future::pending().await
    }

    /// Reads a command, or a message up to its final dot.
    async fn read_saying(stream: &mut BufReader<TcpStream>, message: bool) {
        loop {
            let mut line = String::new();
            let count = stream.read_line(&mut line).await.unwrap();
            if count == 0 || !message || line == ".\r\n" {
                return;
            }
        }
    }

    #[test]
    fn a_mail_that_is_taken_is_taken() {
        assert_eq!(hand_over(5, TAKES[5]).unwrap(), Ok(MailReply::Taken));
        assert_eq!(
            hand_over(1, Says("250-p.test\r\n250-SIZE 1\r\n250 HELP\r\n")).unwrap(),
            Ok(MailReply::Taken)
        );
    }

    #[test]
    fn a_refusal_at_any_stage_is_told_with_its_code() {
        for (stage, name) in STAGES.iter().enumerate() {
            for (text, code) in
                [("421 later\r\n", 421), ("450-wait\r\n450 4.7.1 wait\r\n", 450), ("554 no\r\n", 554)]
            {
                let reply = hand_over(stage, Says(text)).unwrap();
                assert_eq!(reply, Ok(MailReply::Refused { code }), "{name}");
            }
        }
    }

    #[test]
    fn a_cut_at_any_stage_is_a_cut() {
        for (stage, name) in STAGES.iter().enumerate() {
            assert_eq!(hand_over(stage, Cuts).unwrap(), Err(NoReply::Cut), "{name}");
        }
    }

    #[test]
    fn a_provider_that_says_nothing_meets_the_watchdog() {
        for (stage, name) in STAGES.iter().enumerate() {
            let error = hand_over(stage, WaitsForEver).unwrap_err();
            assert!(matches!(error, MailerError::TimedOut { .. }), "{name}: {error}");
            assert!(error.to_string().ends_with("did not answer within 20 ms"), "{error}");
        }
    }

    #[test]
    fn nonsense_is_no_fact_of_the_story() {
        let error = hand_over(0, Says("HTTP/1.1 400 Bad Request\r\n")).unwrap_err();
        assert!(matches!(error, MailerError::Smtp { .. }), "{error}");
    }

    #[test]
    fn nobody_there_is_down() {
        run(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mailer = Mailer::new(listener.local_addr().unwrap());
            drop(listener);
            assert_eq!(mailer.hand_over("ben@b.test", b"").await.unwrap(), Err(NoReply::Down));
            let error = mailer.hand_over("ben", b"").await.unwrap_err();
            assert!(matches!(error, MailerError::BadAddress(_)), "{error}");
        });
    }
}
