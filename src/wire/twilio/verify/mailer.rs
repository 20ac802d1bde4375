//! Emails with codes, which go to lostkey's own mailbox.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::message::SinglePart;

use crate::message::CodeLetter;
use crate::wire::inbox::Mailbox;

/// The sender. Twilio takes that of the account's email integration.
const FROM: &str = "verify@lostkey.invalid";

/// Puts emails into a mailbox.
#[derive(Clone)]
pub(super) struct Mailer {
    mailbox: Arc<Mailbox>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}

impl Mailer {
    pub(super) const fn new(mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox }
    }

    /// Sends an email. As with Twilio, the app does not learn whether the recipient's server refuses it.
    pub(super) fn send(&self, letter: &CodeLetter) {
        let (now, cursor) = (self.mailbox.now(), self.mailbox.inbox().cursor());
        if let Some(raw) = compose(letter, now, cursor) {
            let _either_way = self.mailbox.deliver(FROM, &letter.to, &raw);
        }
    }
}

/// The bytes of an email; `None` if the address of its recipient is none for a mail server.
fn compose(letter: &CodeLetter, now: u64, cursor: u64) -> Option<Vec<u8>> {
    let date = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(now))?;
    let message = Message::builder()
        .from(FROM.parse().ok()?)
        .to(letter.to.parse().ok()?)
        .subject(letter.subject.as_str())
        .date(date)
        .message_id(Some(format!("<{now}.{cursor}@lostkey.invalid>")))
        .singlepart(SinglePart::plain(letter.text.clone()))
        .ok()?;
    Some(message.formatted())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_has_one_recipient_and_its_text() {
        let letter = |to: &str| CodeLetter {
            to: to.into(),
            subject: "App verification code".to_owned(),
            text: "Your App verification code is: 012345\r\n".to_owned(),
        };
        let raw = String::from_utf8(compose(&letter("ana@example.com"), 0, 7).unwrap()).unwrap();
        assert!(raw.contains("To: ana@example.com\r\n") && raw.contains("012345"), "{raw}");
        assert_eq!(compose(&letter("ana"), 0, 7), None);
    }
}
