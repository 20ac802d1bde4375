//! What one sink and one session may take: named, and generous where RFC 5321 gives a minimum.

use std::time::Duration;

/// The limits of a sink. The defaults suit mails of recovery flows: small ones, to few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest command line, in octets with its CRLF. RFC 5321 section 4.5.3.1.4 says 512, and
    /// extensions add to it.
    pub command_line: usize,
    /// Longest line of a message, in octets with its CRLF. RFC 5321 section 4.5.3.1.6 says 1,000;
    /// many senders do not care.
    pub text_line: usize,
    /// Largest message, in octets as RFC 1870 section 5 counts them; announced in EHLO.
    pub message: usize,
    /// Most recipients of one message. RFC 5321 section 4.5.3.1.8 asks for 100 at least.
    pub recipients: usize,
    /// Most mail transactions in one session.
    pub transactions: u32,
    /// Most commands in a row that bring no message nearer: errors, NOOP, RSET and the like.
    pub idle_commands: u32,
    /// Most sessions at a time.
    pub sessions: usize,
    /// How long a client may be silent, or not read what it is told, in real time. RFC 5321
    /// section 4.5.3.2.7 asks for 5 minutes at least.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            command_line: 2_048,
            text_line: 64 * 1_024,
            message: 1_024 * 1_024,
            recipients: 100,
            transactions: 1_000,
            idle_commands: 100,
            sessions: 1_000,
            idle: Duration::from_secs(5 * 60),
        }
    }
}
