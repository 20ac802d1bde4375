//! Limits of a sink and its sessions; generous where RFC 5321 sets a minimum.

use std::time::Duration;

/// The limits of a sink. The defaults suit recovery flows: small messages to few recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest command line, in octets with its CRLF. RFC 5321 section 4.5.3.1.4 requires 512, and
    /// extensions add to it.
    pub command_line: usize,
    /// Longest line of a message, in octets with its CRLF. RFC 5321 section 4.5.3.1.6 sets 1,000,
    /// which many senders exceed.
    pub text_line: usize,
    /// Largest message, in octets as RFC 1870 section 5 counts them; announced in EHLO.
    pub message: usize,
    /// Maximum number of recipients of one message. RFC 5321 section 4.5.3.1.8 requires at least 100.
    pub recipients: usize,
    /// Maximum number of mail transactions in one session.
    pub transactions: u32,
    /// Maximum number of consecutive commands that do not advance a mail transaction: errors, NOOP, RSET
    /// and similar.
    pub idle_commands: u32,
    /// Maximum number of concurrent sessions.
    pub sessions: usize,
    /// How long a client may send nothing or not read its replies, in real time. RFC 5321 section
    /// 4.5.3.2.7 requires at least 5 minutes.
    pub idle: Duration,
}

impl Limits {
    /// The limits of a mailbox for foreign apps, which send attachments and keep connections open.
    pub const MAILBOX: Self = Self {
        // RFC 4954 section 4.3 sets 12,288 octets for the lines of AUTH.
        command_line: 12_288,
        text_line: 256 * 1_024,
        message: 50 * 1_024 * 1_024,
        recipients: 1_000,
        transactions: 1_000_000,
        idle_commands: 1_000,
        sessions: 1_000,
        idle: Duration::from_secs(5 * 60),
    };
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
