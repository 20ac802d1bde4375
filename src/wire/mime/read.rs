//! Parses an email: its kind, and the link that a reader would click.

use mail_parser::PartType;

use crate::base::secret::Token;
use crate::event::MailKind;
use crate::wire::mime::link::Found;
use crate::wire::mime::words::SUPPORT_PATH;
use crate::wire::mime::{link, message_of, nested};

/// An email of the service, as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedMail {
    /// The kind of email, from its subject.
    pub kind: MailKind,
    /// The link that a reader would click. Mail clients prefer the HTML part (RFC 2046 section 5.1.4: the
    /// last part is the best choice), so this is the plain part's link only if the HTML part is missing
    /// or contains no address.
    pub link: Option<Token>,
    /// What is wrong with the link, if anything.
    pub doubt: Option<Doubt>,
}

/// How an email differs from those that the service sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The address that a reader would click is not a verification link of this service.
    Malformed,
    /// The two parts do not contain the same link.
    PartsDisagree,
    /// The email contains more than one link.
    Several,
    /// A verification email without a link.
    Missing,
}

/// Why bytes are not an email of the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadMail {
    /// The bytes are not an email.
    #[error("the message has no headers (RFC 5322 section 2.1)")]
    Unreadable,
    /// There is no subject.
    #[error("the message has no `Subject` header")]
    NoSubject,
    /// The subject is not one that the service uses.
    #[error("the subject `{0}` is unknown")]
    UnknownSubject(String),
}

/// Parses the bytes `raw` of an email; `origin` is the service's scheme and host.
///
/// A link that was altered in transit yields a different link, or none and a [`Doubt`].
///
/// # Errors
/// If the bytes are not an email of the service.
pub fn parse(raw: &[u8], origin: &str) -> Result<ParsedMail, BadMail> {
    let flat = nested::flat(raw);
    let message = message_of(&flat).ok_or(BadMail::Unreadable)?;
    let subject = message.subject().ok_or(BadMail::NoSubject)?.trim();
    let kind = kind_of(subject).ok_or_else(|| BadMail::UnknownSubject(subject.to_owned()))?;
    let support = format!("{origin}{SUPPORT_PATH}");
    let mut html = None;
    let mut text = None;
    for part in &message.parts {
        if let PartType::Html(body) = &part.body {
            html.get_or_insert_with(|| link::in_html(body, origin, &support));
        } else if let PartType::Text(body) = &part.body {
            text.get_or_insert_with(|| link::in_text(body, origin, &support));
        }
    }
    let (link, doubt) = clicked(html, text);
    let missing = kind == MailKind::Verification && link.is_none();
    Ok(ParsedMail { kind, link, doubt: doubt.or(missing.then_some(Doubt::Missing)) })
}

/// The kind of email with this subject. Gateways and mail clients put marks around a subject, such as
/// `[EXTERNAL]`, `***SPAM***` or `Fwd:`, and nobody takes the email for another one.
fn kind_of(subject: &str) -> Option<MailKind> {
    let is_mark_before = |mark: &str| mark.is_empty() || mark.ends_with([']', ')', '}', '*', ':', '|']);
    let is_mark_behind = |mark: &str| mark.is_empty() || mark.starts_with(['[', '(', '{', '*', '|']);
    MailKind::ALL.iter().copied().find(|kind| {
        subject.split_once(kind.label()).is_some_and(|(before, behind)| {
            is_mark_before(before.trim_end()) && is_mark_behind(behind.trim_start())
        })
    })
}

/// The link that a reader would click, given the contents of each part; `None` for a missing part.
fn clicked(html: Option<Found>, text: Option<Found>) -> (Option<Token>, Option<Doubt>) {
    let (click, other) = match (html, text) {
        (Some(Found::Nothing) | None, Some(text)) => (text, html),
        (Some(html), text) => (html, text),
        (None, None) => (Found::Nothing, None),
    };
    let disagree = other.filter(|other| *other != click).map(|_| Doubt::PartsDisagree);
    match click {
        Found::Nothing => (None, disagree),
        Found::Malformed => (None, Some(Doubt::Malformed)),
        Found::Link(token) => (Some(token), disagree),
        Found::Several(token) => (Some(token), Some(disagree.unwrap_or(Doubt::Several))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_html_part_is_clicked_where_it_can_be() {
        let (one, two) = (Token::new(1), Token::new(2));
        let disagree = Some(Doubt::PartsDisagree);
        for (html, text, result) in [
            (None, None, (None, None)),
            (None, Some(Found::Link(one)), (Some(one), None)),
            (Some(Found::Link(one)), None, (Some(one), None)),
            (Some(Found::Link(one)), Some(Found::Link(one)), (Some(one), None)),
            (Some(Found::Link(one)), Some(Found::Link(two)), (Some(one), disagree)),
            (Some(Found::Link(one)), Some(Found::Nothing), (Some(one), disagree)),
            (Some(Found::Link(one)), Some(Found::Malformed), (Some(one), disagree)),
            (Some(Found::Nothing), Some(Found::Link(one)), (Some(one), disagree)),
            (Some(Found::Nothing), Some(Found::Nothing), (None, None)),
            (Some(Found::Malformed), Some(Found::Link(one)), (None, Some(Doubt::Malformed))),
            (Some(Found::Several(one)), Some(Found::Several(one)), (Some(one), Some(Doubt::Several))),
        ] {
            assert_eq!(clicked(html, text), result, "{html:?} {text:?}");
        }
    }

    #[test]
    fn marks_of_gateways_do_not_change_what_a_mail_is() {
        for kind in MailKind::ALL.iter().copied() {
            let label = kind.label();
            for subject in [
                label.to_owned(),
                format!("[EXTERNAL] {label}"),
                format!("[EXT][Bulk]{label}"),
                format!("EXTERNAL: Fwd: {label}"),
                format!("***SPAM*** {label}"),
                format!("{label} [EXTERNAL]"),
                format!("{label} (external)"),
            ] {
                assert_eq!(kind_of(&subject), Some(kind), "{subject}");
            }
            for subject in [format!("Do not {label}"), format!("{label} now"), format!("{label}s")] {
                assert_eq!(kind_of(&subject), None, "{subject}");
            }
        }
    }

    #[test]
    fn charsets_and_encodings_are_undone() {
        let url = "http://console.test/verify/00000000000000000000000000000001";
        let split = url.replace("verify", "ver=\r\nif=79");
        let raw = format!(
            "Subject: =?utf-8?B?VmVyaWZ5IHlvdXIgZW1haWwgYWRkcmVzcw==?=\r\n\
             Content-Type: text/plain; charset=iso-8859-1\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\n=A1Hola! {split}\r\n"
        );
        let read = parse(raw.as_bytes(), "http://console.test").unwrap();
        let wanted = ParsedMail { kind: MailKind::Verification, link: Some(Token::new(1)), doubt: None };
        assert_eq!(read, wanted);
    }
}
