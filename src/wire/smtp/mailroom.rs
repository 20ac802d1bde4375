//! Who decides: the sink speaks SMTP, and asks a mailroom what to answer.

use crate::wire::smtp::SmtpReply;

/// Takes mails or does not, on behalf of whatever stands behind the sink.
///
/// Each session has a mailroom of its own. It is asked while the client waits, and answers at once:
/// a world behind a mutex is locked, asked and unlocked again in one call, so that the lock is
/// never held across an `await`. A panic ends the session that asked, and no other.
pub trait Mailroom: Send {
    /// A client begins a mail from `from`; `None` is the null reverse-path `<>` of bounces.
    fn mail(&mut self, from: Option<&str>) -> Disposition {
        let _ = from;
        Disposition::Reply(SmtpReply::new(250, "sender noted").with_status(1, 0))
    }

    /// A client names the recipient `to`, as it wrote it, without brackets.
    fn rcpt(&mut self, to: &str) -> Disposition {
        let _ = to;
        Disposition::Reply(SmtpReply::new(250, "recipient noted").with_status(1, 5))
    }

    /// The whole message has come: `raw` is as the client sent it, dots unstuffed, lines ended by
    /// CRLF, nothing added.
    fn message(&mut self, envelope: &Envelope, raw: &[u8]) -> Disposition;
}

/// What the sink does with a client's command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Answers; 421 also ends the session.
    Reply(SmtpReply),
    /// Closes the connection without an answer to this command.
    CutBefore,
    /// Answers, and closes the connection.
    CutAfter(SmtpReply),
}

/// What was said about a message before it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What the client calls itself (RFC 5321 section 4.1.1.1).
    pub hello: String,
    /// The reverse-path; `None` is `<>`.
    pub from: Option<String>,
    /// The forward-paths that were taken, in order.
    pub to: Vec<String>,
    /// `SIZE=`, in octets (RFC 1870).
    pub declared_size: Option<u64>,
    /// `BODY=` (RFC 6152).
    pub body: Body,
    /// `SMTPUTF8` (RFC 6531).
    pub addresses: Addresses,
}

/// What a client says about the bytes of its message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// Nothing, or `BODY=7BIT`.
    #[default]
    SevenBit,
    /// `BODY=8BITMIME`.
    EightBitMime,
}

/// What a client says about its addresses and headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// Nothing: they are ASCII.
    #[default]
    Ascii,
    /// `SMTPUTF8`: they may be UTF-8.
    Utf8,
}
