//! An SMTP server that accepts email on behalf of a world or a test.
//!
//! The sink implements RFC 5321 with PIPELINING, SIZE, 8BITMIME, SMTPUTF8 and ENHANCEDSTATUSCODES,
//! and takes its answers from a [`SmtpHandler`], which gets a message's bytes exactly as they were
//! sent. In reading order: [`SmtpHandler`] decides, [`SmtpReply`] is its answer, [`Session`] is the
//! protocol without I/O, [`converse`] runs a session on a stream, [`SmtpSink`] serves a listener.
//!
//! [`Settings::tls`] adds TLS from the start or after STARTTLS, and [`Settings::auth`] adds AUTH PLAIN
//! and AUTH LOGIN.
//!
//! ```
//! use lostkey::wire::smtp::{Disposition, Envelope, SmtpHandler, Session, Settings, SmtpReply};
//!
//! struct Full;
//!
//! impl SmtpHandler for Full {
//!     fn message(&mut self, _: &Envelope, _: &[u8]) -> Disposition {
//!         Disposition::Reply(SmtpReply::refused(452))
//!     }
//! }
//!
//! let mut session = Session::new(1, &Settings::default(), Full);
//! session.receive(b"HELO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<b@c.test>\r\nDATA\r\nHi\r\n.\r\n");
//! let mut replies = Vec::new();
//! while session.poll_step(&mut replies).is_some() {}
//! assert!(replies.ends_with(b"452 4.2.2 mailbox full or insufficient storage, try again later\r\n"));
//! ```

mod auth;
mod budget;
mod command;
mod desk;
mod limits;
mod line;
mod mailroom;
mod path;
mod reply;
mod session;
mod sink;
mod talk;
mod tls;

#[cfg(test)]
mod authenticated;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod floods;
#[cfg(test)]
mod sockets;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod transcripts;

use std::fmt;
use std::sync::Arc;

pub use self::auth::{Account, Admits, Auth};
pub use self::budget::Budget;
pub use self::limits::Limits;
pub use self::mailroom::{Addresses, Body, Disposition, Envelope, SmtpHandler};
pub use self::reply::SmtpReply;
pub use self::session::{Session, Then};
pub use self::sink::{Caller, Served, SmtpSink};
pub use self::talk::{End, converse};
pub use self::tls::{Tls, TlsStart};

/// Default name of a sink.
pub const SERVER_NAME: &str = "mail.test";

/// Settings of a sink.
#[derive(Clone)]
pub struct Settings {
    /// Host name, for the greeting and EHLO.
    pub name: String,
    /// Limits of the sink and its sessions.
    pub limits: Limits,
    /// Memory for messages that are being received, which all sessions share.
    pub budget: Budget,
    /// AUTH, unless it is not offered.
    pub auth: Option<Auth>,
    /// TLS, unless it is not offered.
    pub tls: Option<Tls>,
    /// Called with each line of each session.
    pub log: Option<WireLog>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: SERVER_NAME.to_owned(),
            limits: Limits::default(),
            budget: Budget::default(),
            auth: None,
            tls: None,
            log: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let log = if self.log.is_some() { "on" } else { "off" };
        f.debug_struct("Settings")
            .field("name", &self.name)
            .field("limits", &self.limits)
            .field("budget", &self.budget)
            .field("auth", &self.auth)
            .field("tls", &self.tls)
            .field("log", &log)
            .finish()
    }
}

/// Called with each line as it is acted on or decided, in order. The call is made from within the
/// session and must not block. Lines of a message contain its secrets.
pub type WireLog = Arc<dyn Fn(&WireLine<'_>) + Send + Sync>;

/// One line of a session. Lines over the length limit are not reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireLine<'a> {
    /// The session's number.
    pub session: u64,
    /// Who sent it.
    pub direction: Direction,
    /// The line, including its line ending.
    pub line: &'a [u8],
}

/// The direction of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Sent by the client.
    FromClient,
    /// Sent by the sink.
    ToClient,
}
