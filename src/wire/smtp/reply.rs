//! SMTP replies: reply code, enhanced status code, and text.

use std::fmt;

/// Longest line of a reply, in octets with its CRLF (RFC 5321 section 4.5.3.1.5).
const LINE_MAX: usize = 512;

/// A reply (RFC 5321 section 4.2), with its enhanced status code (RFC 2034, RFC 3463).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpReply {
    code: u16,
    /// Subject and detail; the class is the code's first digit, as RFC 2034 section 4 requires.
    status: Option<(u16, u16)>,
    text: String,
}

impl SmtpReply {
    /// A reply with this code and text, and the usual enhanced code for it.
    ///
    /// A line feed in `text` starts a new line of the reply; characters other than printable ASCII
    /// become question marks. Only final codes can be sent: 2xx, 4xx or 5xx, with a second digit of
    /// at most 5 (RFC 5321 section 4.2). Any other code is replaced by 554 with a text that names it.
    #[must_use]
    pub fn new(code: u16, text: &str) -> Self {
        if !is_final(code) {
            return Self::instead_of(code);
        }
        Self { code, status: Some(usual_status(code)), text: printable(text) }
    }

    /// A refusal with this code and the text of RFC 5321 section 4.2.3. A code that is not a
    /// refusal is replaced as in [`SmtpReply::new`].
    #[must_use]
    pub fn refused(code: u16) -> Self {
        let text = match code {
            421 => "service not available, closing the connection",
            450 => "mailbox busy or greylisted, try again later",
            451 => "local error in processing, try again later",
            452 => "mailbox full or insufficient storage, try again later",
            455 => "cannot accept these parameters now",
            550 => "no such mailbox here",
            551 => "user not local",
            552 => "mailbox full",
            553 => "mailbox name not allowed",
            554 => "transaction failed",
            400..=499 => "not now, try again later",
            500..=599 => "refused",
            _ => return Self::instead_of(code),
        };
        Self::new(code, text)
    }

    fn instead_of(code: u16) -> Self {
        Self::new(554, &format!("the mailroom tried to answer {code}, which is not a valid reply"))
    }

    /// Sets the enhanced code, for example `(1, 1)` for 5.1.1.
    #[must_use]
    pub fn with_status(self, subject: u16, detail: u16) -> Self {
        Self { status: Some((subject, detail)), ..self }
    }

    /// A reply without enhanced code: the greeting, EHLO's, and 354 (RFC 2034 section 4).
    pub(super) fn bare(code: u16, text: &str) -> Self {
        Self { code, status: None, text: printable(text) }
    }

    /// The reply code.
    #[must_use]
    pub const fn code(&self) -> u16 {
        self.code
    }

    /// Whether the code is 2xx.
    #[must_use]
    pub const fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// Whether the connection closes after it: 221 and 421.
    pub(super) const fn closes(&self) -> bool {
        matches!(self.code, 221 | 421)
    }

    /// Appends its lines to `out`, each truncated to the length that RFC 5321 allows.
    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        let status = self.status.map(|(subject, detail)| format!("{}.{subject}.{detail} ", self.code / 100));
        let status = status.unwrap_or_default();
        let mut lines = self.text.split('\n').peekable();
        while let Some(text) = lines.next() {
            let mark = if lines.peek().is_some() { '-' } else { ' ' };
            let line = format!("{}{mark}{status}{text}", self.code);
            let kept = line.len().min(LINE_MAX - 2);
            out.extend_from_slice(&line.as_bytes()[..kept]);
            out.extend_from_slice(b"\r\n");
        }
    }
}

impl fmt::Display for SmtpReply {
    /// The code and the text on one line, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text.replace('\n', " "))
    }
}

/// Whether a code is valid by RFC 5321 section 4.2 and final.
const fn is_final(code: u16) -> bool {
    matches!(code / 100, 2 | 4 | 5) && code / 10 % 10 <= 5
}

/// Subject and detail of the enhanced code that RFC 5248's registry lists for `code`, or 0.0.
const fn usual_status(code: u16) -> (u16, u16) {
    match code {
        421 => (3, 2),
        450 => (2, 1),
        452 | 552 => (2, 2),
        550 => (1, 1),
        551 => (1, 6),
        553 => (1, 3),
        451 => (3, 0),
        500 | 502 | 503 => (5, 1),
        501 | 504 | 555 => (5, 4),
        _ => (0, 0),
    }
}

fn printable(text: &str) -> String {
    let one = |sign| if sign == '\n' || matches!(sign, ' '..='~') { sign } else { '?' };
    text.chars().filter(|sign| *sign != '\r').map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(reply: &SmtpReply) -> String {
        let mut out = Vec::new();
        reply.write_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_reply_is_written_with_its_enhanced_code() {
        assert_eq!(wire(&SmtpReply::new(250, "taken")), "250 2.0.0 taken\r\n");
        assert_eq!(wire(&SmtpReply::refused(550)), "550 5.1.1 no such mailbox here\r\n");
        assert_eq!(wire(&SmtpReply::new(450, "wait").with_status(7, 1)), "450 4.7.1 wait\r\n");
        assert_eq!(wire(&SmtpReply::bare(354, "go on")), "354 go on\r\n");
        assert_eq!(wire(&SmtpReply::new(214, "a\nb\nc")), "214-2.0.0 a\r\n214-2.0.0 b\r\n214 2.0.0 c\r\n");
    }

    #[test]
    fn nobody_can_write_a_second_reply_into_the_first() {
        let reply = SmtpReply::new(550, "no\r\n250 yes\u{1b}é");
        assert_eq!(wire(&reply), "550-5.1.1 no\r\n550 5.1.1 250 yes??\r\n");
    }

    #[test]
    fn a_code_that_smtp_does_not_have_is_named() {
        for code in [0, 99, 199, 354, 571, 600, u16::MAX] {
            for reply in [SmtpReply::new(code, ""), SmtpReply::refused(code)] {
                assert_eq!(reply.code(), 554);
                assert!(reply.to_string().contains(&code.to_string()), "{reply}");
            }
        }
        assert_eq!(SmtpReply::refused(250).code(), 554, "250 refuses nothing");
    }

    #[test]
    fn lines_keep_to_the_length_of_the_rfc() {
        assert_eq!(wire(&SmtpReply::new(250, &"x".repeat(2_000))).len(), LINE_MAX);
    }
}
