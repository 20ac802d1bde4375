//! The mailroom decides how the sink answers each command.

use crate::wire::smtp::{Direction, SmtpReply};

/// Accepts or refuses email on behalf of the application behind the sink.
///
/// Each session has its own mailroom. Its methods run while the client waits, and return at once: a
/// world behind a mutex is locked and unlocked within one call, so that the lock is never held
/// across an `await`. A panic ends only the session that made the call.
pub trait SmtpHandler: Send {
    /// The client is now this user; `None` once the server has forgotten it, as after STARTTLS.
    fn authenticated(&mut self, user: Option<&str>) {
        let _ = user;
    }

    /// A client begins a mail transaction from `from`; `None` is the null reverse-path `<>` of bounces.
    fn mail(&mut self, from: Option<&str>) -> Disposition {
        let _ = from;
        Disposition::Reply(SmtpReply::new(250, "sender noted").with_status(1, 0))
    }

    /// A client names the recipient `to`, as written, without brackets.
    fn rcpt(&mut self, to: &str) -> Disposition {
        let _ = to;
        Disposition::Reply(SmtpReply::new(250, "recipient noted").with_status(1, 5))
    }

    /// A client has sent DATA for the accepted recipients; `None` lets it send the message.
    fn data(&mut self, envelope: &Envelope) -> Option<Disposition> {
        let _ = envelope;
        None
    }

    /// The first line of the message has arrived; `None` lets the client go on.
    fn text(&mut self, envelope: &Envelope) -> Option<Disposition> {
        let _ = envelope;
        None
    }

    /// The message is complete: `raw` is as the client sent it, with dots unstuffed, lines ended by
    /// CRLF, and nothing added.
    fn message(&mut self, envelope: &Envelope, raw: &[u8]) -> Disposition;

    /// A command line or a line of a reply has passed, with its line ending. The text of messages is left
    /// out, and credentials are replaced by dots, so the lines can be shown.
    fn hear(&mut self, direction: Direction, line: &[u8]) {
        let _ = (direction, line);
    }
}

/// How the sink answers a client's command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Replies; 421 also ends the session.
    Reply(SmtpReply),
    /// Closes the connection without a reply to this command.
    CutBefore,
    /// Replies, and closes the connection.
    CutAfter(SmtpReply),
}

/// What the client declared about a message before sending it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The client's name (RFC 5321 section 4.1.1.1).
    pub hello: String,
    /// The user that has authenticated (RFC 4954).
    pub user: Option<String>,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// The reverse-path; `None` is `<>`.
    pub from: Option<String>,
    /// The accepted forward-paths, in order.
    pub to: Vec<String>,
    /// `SIZE=`, in octets (RFC 1870).
    pub declared_size: Option<u64>,
    /// `BODY=` (RFC 6152).
    pub body: Body,
    /// `SMTPUTF8` (RFC 6531).
    pub addresses: Addresses,
}

/// The declared encoding of a message's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// No declaration, or `BODY=7BIT`.
    #[default]
    SevenBit,
    /// `BODY=8BITMIME`.
    EightBitMime,
}

/// The declared encoding of a message's addresses and headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// No declaration: ASCII.
    #[default]
    Ascii,
    /// `SMTPUTF8`: UTF-8 is allowed.
    Utf8,
}
