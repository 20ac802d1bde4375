//! The wire format of the service's emails: renders an email as MIME and parses it back.
//!
//! [`render`] writes `multipart/alternative` with a plain and an HTML part (RFC 2046 section 5.1.4). Both
//! parts contain the same link, the subject is the [`MailKind`]'s label, and no header contains a secret.
//! The same arguments give the same bytes: the date comes from the story's clock, the `Message-ID` and
//! the MIME boundary come from the outbox.
//!
//! [`parse`] reads the bytes as the mail provider receives them, without trusting them. It decodes
//! quoted-printable, base64 and charsets, looks for the link in both parts, and reports a [`Doubt`] if
//! the email differs from what the service sends. The module has no sockets or mailboxes.
//!
//! ```
//! use lostkey::wire::mime;
//! use lostkey::event::MailKind;
//! use lostkey::base::secret::Token;
//!
//! let link = Some(Token::new(42));
//! let kind = MailKind::Verification;
//! let raw = mime::render(kind, link, "ana@example.test", 1_785_585_600, "http://console.test", 7)?;
//! let read = mime::parse(&raw, "http://console.test")?;
//! assert_eq!((read.kind, read.link, read.doubt), (kind, link, None));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`MailKind`]: crate::event::MailKind

mod bounce;
mod code;
mod foreign;
mod link;
mod message;
mod nested;
mod page;
mod read;
mod render;
mod words;

pub use self::bounce::{Bounced, report};
pub use self::code::{CodeReason, FoundCode, codes_of_text};
pub(in crate::wire) use self::foreign::shown_text;
pub use self::foreign::{ForeignMail, FoundLink, LinkReason, NoMail, read_any};
pub use self::link::links_of_text;
pub(in crate::wire) use self::message::{any_message_of, message_of};
pub(in crate::wire) use self::nested::{flat, original_subtype};
pub use self::read::{BadMail, Doubt, ParsedMail, parse};
pub use self::render::{BadAddress, SENDER, render};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::secret::Token;
    use crate::event::MailKind;

    const ORIGIN: &str = "http://console.test";
    const NOON: u64 = 1_785_585_600;

    /// The contents of an email of the reference service.
    #[derive(Clone, Copy, Debug)]
    struct Mail {
        kind: MailKind,
        link: Option<Token>,
    }

    fn verification(bits: u128) -> Mail {
        Mail { kind: MailKind::Verification, link: Some(Token::new(bits)) }
    }

    fn wire(mail: &Mail) -> String {
        String::from_utf8(render(mail.kind, mail.link, "ana@example.test", NOON, ORIGIN, 7).unwrap()).unwrap()
    }

    /// The result of parsing a verification email in which `from` was replaced by `to` in transit.
    fn altered(from: &str, to: &str) -> ParsedMail {
        let raw = wire(&verification(0xabc));
        assert!(raw.contains(from), "{from:?} is not in the email:\n{raw}");
        parse(raw.replace(from, to).as_bytes(), ORIGIN).unwrap()
    }

    #[test]
    fn the_same_mail_has_the_same_bytes() {
        assert_eq!(wire(&verification(1)), wire(&verification(1)));
        insta::assert_snapshot!(wire(&verification(0x0123_4567)).replace('\r', ""));
    }

    #[test]
    fn a_notice_says_what_when_and_what_to_do() {
        let mail = Mail { kind: MailKind::RecoveryNotice, link: None };
        let raw = wire(&mail);
        assert!(raw.contains("Subject: Your account was recovered using alternative factors\r\n"), "{raw}");
        assert!(raw.contains("Auto-Submitted: auto-generated\r\n"), "{raw}");
        assert!(raw.contains("When: 2026-08-01 12:00:00 UTC"), "{raw}");
        assert!(raw.contains("\r\nhttp://console.test/support\r\n"), "{raw}");
        assert_eq!(parse(raw.as_bytes(), ORIGIN).unwrap().doubt, None);
    }

    #[test]
    fn no_header_holds_the_secret() {
        let raw = wire(&verification(0xfeed));
        let (headers, _) = raw.split_once("\r\n\r\n").unwrap();
        assert!(!headers.contains("feed"), "{headers}");
    }

    #[test]
    fn lines_are_short_and_seven_bit() {
        for kind in MailKind::ALL {
            let raw = wire(&Mail { kind: *kind, link: Some(Token::new(u128::MAX)) });
            assert!(raw.is_ascii());
            assert!(raw.split("\r\n").all(|line| line.len() <= 78), "RFC 5322 section 2.1.1:\n{raw}");
        }
    }

    #[test]
    fn a_link_altered_in_both_parts_is_another_link() {
        let read = altered("abc", "abd");
        assert_eq!((read.link, read.doubt), (Some(Token::new(0xabd)), None));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_no_link() {
        for (from, to) in
            [("abc", "ab"), ("abc", "abcd"), ("abc", "ABC"), ("abc", "xyz"), ("/verify/", "/v/")]
        {
            let read = altered(from, to);
            assert_eq!((read.link, read.doubt), (None, Some(Doubt::Malformed)), "{from} became {to}");
        }
        let read = altered("console.test/verify", "evil.test/verify");
        assert_eq!((read.link, read.doubt), (None, Some(Doubt::Malformed)));
    }

    #[test]
    fn where_the_parts_disagree_the_html_part_is_clicked() {
        let raw = wire(&verification(0xabc));
        let text = raw.find("abc").unwrap();
        let html = raw.rfind("abc").unwrap();
        assert_ne!(text, html);
        for (place, link) in [(text, 0xabc), (html, 0xabd)] {
            let mut raw = raw.clone().into_bytes();
            raw[place + 2] = b'd';
            let read = parse(&raw, ORIGIN).unwrap();
            assert_eq!((read.link, read.doubt), (Some(Token::new(link)), Some(Doubt::PartsDisagree)));
        }
    }

    #[test]
    fn a_mail_that_is_not_the_consoles_is_said_to_be_so() {
        assert_eq!(parse(b"", ORIGIN), Err(BadMail::Unreadable));
        assert_eq!(parse(b"To: ana@example.test\r\n\r\nHello\r\n", ORIGIN), Err(BadMail::NoSubject));
        let lunch = parse(b"Subject: Lunch?\r\n\r\nHello\r\n", ORIGIN);
        assert_eq!(lunch, Err(BadMail::UnknownSubject("Lunch?".to_owned())));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "ana", "ana@", "@example.test", "ana@example.test\r\nBcc: eve@example.test"] {
            let result = render(MailKind::Verification, Some(Token::new(1)), text, NOON, ORIGIN, 7);
            assert_eq!(result, Err(BadAddress(text.to_owned())));
        }
    }

    #[test]
    fn the_far_end_of_the_calendar_is_no_panic() {
        for secs in [0, u64::from(u32::MAX), u64::MAX] {
            assert!(
                render(
                    MailKind::Verification,
                    Some(Token::new(1)),
                    "ana@example.test",
                    secs,
                    ORIGIN,
                    u64::MAX
                )
                .is_ok()
            );
        }
    }

    fn any_mail() -> impl Strategy<Value = Mail> {
        let kind = prop::sample::select(MailKind::ALL);
        let link = prop::option::of(any::<u128>().prop_map(Token::new));
        (kind, link).prop_map(|(kind, link)| Mail { kind, link })
    }

    /// A fragment of an email, or a few arbitrary bytes.
    fn any_piece() -> impl Strategy<Value = Vec<u8>> {
        let pieces = [
            "Subject: Verify your email address\r\n",
            "Subject: =?utf-8?Q?=FF=00?=\r\n",
            "Content-Type: multipart/alternative; boundary=\"b\"\r\n",
            "Content-Type: message/rfc822\r\n",
            "Content-Type: text/html; charset=utf-16\r\n",
            "Content-Type: text/plain; charset=\"é\"\r\n",
            "Content-Transfer-Encoding: base64\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n",
            "\r\n",
            "\n",
            "--b\r\n",
            "--b--\r\n",
            "<a href=\"http://console.test/verify/00000000000000000000000000000001\">",
            "http://console.test/verify/",
            "=E2=82",
            "4oK=",
            "<template><svg><p><b><a><a>",
        ];
        let piece = prop::sample::select(pieces.map(|piece| piece.as_bytes().to_vec()).to_vec());
        prop_oneof![3 => piece, 1 => prop::collection::vec(any::<u8>(), 0..20)]
    }

    proptest! {
        #[test]
        fn a_mail_reads_back_as_it_was_written(
            mail in any_mail(),
            secs in any::<u64>(),
            sequence in any::<u64>(),
        ) {
            for origin in [ORIGIN, "https://console.a-rather-long-host-name.example.test:8443"] {
                let raw = render(mail.kind, mail.link, "ana+mfa@example.test", secs, origin, sequence).unwrap();
                let read = parse(&raw, origin).unwrap();
                prop_assert_eq!((read.kind, read.link), (mail.kind, mail.link));
                let missing = mail.kind == MailKind::Verification && mail.link.is_none();
                prop_assert_eq!(read.doubt, missing.then_some(Doubt::Missing));
            }
        }

        #[test]
        fn no_bytes_make_parse_panic(raw in prop::collection::vec(any_piece(), 0..60)) {
            let _ = parse(&raw.concat(), ORIGIN);
        }

        #[test]
        fn damage_is_never_silent(
            bits in any::<u128>(),
            place in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let mail = verification(bits);
            let mut raw = render(mail.kind, mail.link, "ana@example.test", NOON, ORIGIN, 7).unwrap();
            let place = place.index(raw.len());
            raw[place] = byte;
            if let Ok(read) = parse(&raw, ORIGIN) {
                prop_assert!(read.link.is_some() || read.doubt.is_some() || read.kind != mail.kind);
                prop_assert!(read.link == mail.link || read.doubt.is_some());
            }
        }

        #[test]
        fn a_mail_cut_short_is_never_silent(bits in any::<u128>(), keep in any::<prop::sample::Index>()) {
            let raw = render(MailKind::Verification, Some(Token::new(bits)), "ana@example.test", NOON, ORIGIN, 7).unwrap();
            if let Ok(read) = parse(&raw[..keep.index(raw.len())], ORIGIN) {
                prop_assert!(read.link.is_some() || read.doubt.is_some());
            }
        }
    }
}
