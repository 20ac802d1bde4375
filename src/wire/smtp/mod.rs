//! An SMTP server that takes mails for whatever stands behind it: a world, or a test.
//!
//! The sink speaks RFC 5321 with PIPELINING, SIZE, 8BITMIME, SMTPUTF8 and ENHANCEDSTATUSCODES, and
//! asks a [`Mailroom`] what to answer; a message's bytes reach it as they were sent. In reading
//! order: [`Mailroom`] decides, [`SmtpReply`] is what it says, [`Session`] is the protocol without
//! I/O, [`converse`] holds a session on a stream, [`SmtpSink`] serves a listener.
//!
//! There is no STARTTLS and no AUTH. So there is no plaintext that was buffered before a handshake
//! to be thrown away, and no authentication for RSET to lose; whoever adds them must see to both.
//!
//! ```
//! use lostkey::wire::smtp::{Disposition, Envelope, Mailroom, Session, Settings, SmtpReply};
//!
//! struct Full;
//!
//! impl Mailroom for Full {
//!     fn message(&mut self, _: &Envelope, _: &[u8]) -> Disposition {
//!         Disposition::Reply(SmtpReply::refused(452))
//!     }
//! }
//!
//! let mut session = Session::new(1, &Settings::default(), Full);
//! session.receive(b"HELO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<b@c.test>\r\nDATA\r\nHi\r\n.\r\n");
//! let mut replies = Vec::new();
//! while session.poll_step(&mut replies).is_some() {}
//! assert!(replies.ends_with(b"452 4.2.2 mailbox full or storage short, try again later\r\n"));
//! ```

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

#[cfg(test)]
mod differential;
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

pub use self::limits::Limits;
pub use self::mailroom::Addresses;
pub use self::mailroom::Body;
pub use self::mailroom::Disposition;
pub use self::mailroom::Envelope;
pub use self::mailroom::Mailroom;
pub use self::reply::SmtpReply;
pub use self::session::Session;
pub use self::session::Then;
pub use self::sink::Caller;
pub use self::sink::Served;
pub use self::sink::SmtpSink;
pub use self::talk::End;
pub use self::talk::converse;

/// The name that a sink has unless it is given another.
pub const SERVER_NAME: &str = "mail.test";

/// How a sink is set up.
#[derive(Clone)]
pub struct Settings {
    /// Its host name, for the greeting and EHLO.
    pub name: String,
    /// What it takes.
    pub limits: Limits,
    /// Who hears each line of each session.
    pub log: Option<WireLog>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { name: SERVER_NAME.to_owned(), limits: Limits::default(), log: None }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let log = if self.log.is_some() { "on" } else { "off" };
        f.debug_struct("Settings")
            .field("name", &self.name)
            .field("limits", &self.limits)
            .field("log", &log)
            .finish()
    }
}

/// Hears each line as it is acted on or decided, in order; it is called from within the session
/// and must not block. Lines of a message hold its secrets, as the wire does.
pub type WireLog = Arc<dyn Fn(&WireLine<'_>) + Send + Sync>;

/// One line of a session. A line that was too long is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireLine<'a> {
    /// The number of the session.
    pub session: u64,
    /// Who said it.
    pub direction: Direction,
    /// The line, with its end.
    pub line: &'a [u8],
}

/// Which way a line went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The client said it.
    FromClient,
    /// The sink said it.
    ToClient,
}
