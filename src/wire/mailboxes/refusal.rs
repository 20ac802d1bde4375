//! The words in which mail providers refuse an email.
//!
//! Large providers have reply codes and enhanced status codes (RFC 3463) of their own habit, which libraries
//! and bounce handlers tell apart. The codes are those that senders meet; the texts are ours.

use crate::fault::{MailHost, Refusal};
use crate::wire::smtp::SmtpReply;

/// How a provider answers with a code: subject and detail of the enhanced status code, and the text.
type Habit = (MailHost, u16, (u16, u16), &'static str);

const HABITS: &[Habit] = &[
    (MailHost::Google, 421, (7, 28), "Unusual rate of mail from this server; it is limited for now - gsmtp"),
    (MailHost::Google, 450, (2, 1), "This mailbox receives mail too fast; send again later - gsmtp"),
    (MailHost::Google, 451, (3, 0), "The mail server had a problem; try again later - gsmtp"),
    (MailHost::Google, 452, (2, 2), "This inbox is out of storage space; try again later - gsmtp"),
    (
        MailHost::Google,
        550,
        (1, 1),
        "This email account does not exist; check the\nrecipient for typing errors - gsmtp",
    ),
    (MailHost::Google, 552, (2, 2), "This inbox is out of storage space - gsmtp"),
    (MailHost::Google, 554, (7, 0), "Too many unauthenticated commands - gsmtp"),
    (MailHost::Microsoft, 421, (3, 2), "The server is shutting down this connection [protection.test]"),
    (MailHost::Microsoft, 450, (7, 0), "This sender is greylisted; retry in a few minutes [S775]"),
    (MailHost::Microsoft, 451, (7, 500), "The server is busy; retry later [S77714]"),
    (MailHost::Microsoft, 452, (5, 3), "Too many recipients in this session"),
    (MailHost::Microsoft, 550, (4, 1), "The recipient address is rejected: access denied [protection.test]"),
    (MailHost::Microsoft, 552, (2, 2), "The quota of this mailbox is used up"),
    (MailHost::Microsoft, 554, (2, 2), "The mailbox is full; STOREDRV.Deliver rejected it"),
    (MailHost::Yahoo, 421, (7, 0), "[TSS04] Mail from this address is deferred because of complaints"),
    (MailHost::Yahoo, 451, (3, 2), "[TSS09] Resources are short for now; retry later"),
    (MailHost::Yahoo, 452, (2, 2), "This mailbox is over its quota"),
    (MailHost::Yahoo, 550, (1, 1), "dd This user does not have an account here"),
    (MailHost::Yahoo, 552, (2, 2), "This mailbox is over its quota"),
    (MailHost::Yahoo, 553, (7, 1), "[BL21] Connections from this network are not accepted"),
    (MailHost::Yahoo, 554, (7, 9), "The message is not accepted for reasons of policy"),
];

/// The reply of a refusal. A code that a provider does not use has the words of the RFC.
pub(super) fn reply(refusal: Refusal) -> SmtpReply {
    let Refusal { code, like, taken_after, .. } = refusal;
    let habit = HABITS.iter().find(|(host, of, ..)| Some(*host) == like && *of == code);
    match habit {
        Some((.., (subject, detail), text)) => SmtpReply::new(code, text).with_status(*subject, *detail),
        // Greylisting is a matter of policy (RFC 6647 section 2.1 shows 4.7.1).
        None if taken_after.is_some() => {
            SmtpReply::new(code, "greylisted, try again later").with_status(7, 1)
        }
        None => SmtpReply::refused(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_habit_is_a_refusal_with_a_status() {
        for (host, code, (subject, detail), text) in HABITS.iter().copied() {
            let refusal = Refusal { code, like: Some(host), taken_after: None, taken: false };
            let reply = reply(refusal);
            assert_eq!(reply.code(), code, "{text}");
            assert!((400..600).contains(&code) && subject <= 7 && detail <= 999, "{text}");
            assert!(reply.to_string().contains(text.split('\n').next().unwrap()), "{reply}");
        }
    }

    #[test]
    fn a_provider_without_a_habit_uses_the_words_of_the_rfc() {
        let plain = Refusal { code: 459, like: Some(MailHost::Google), taken_after: None, taken: false };
        assert_eq!(reply(plain), SmtpReply::refused(459));
        let grey = Refusal { code: 450, like: None, taken_after: Some(Default::default()), taken: false };
        assert_eq!(reply(grey).to_string(), "450 greylisted, try again later");
    }
}
