//! What lists and searches show of a message: header fields, tags, and a snippet of the text.

use std::borrow::Cow;
use std::fmt;

use mail_parser::{Address, Message};
use schemars::JsonSchema;
use serde::Serialize;

use crate::wire::inbox::message::{TAG_LEN_MAX, TAGS_MAX};
use crate::wire::inbox::part;
use crate::wire::mime;

/// Longest snippet, in characters.
const SNIPPET_MAX: usize = 250;

/// The header that declares tags, as in Mailpit.
const TAGS_HEADER: &str = "X-Tags";

/// The header that names the test to which a message belongs.
const NAMESPACE_HEADER: &str = "X-Lostkey-Tag";

/// The maximum number of contacts that a summary has of one header field. A summary is not part of the limit of
/// an inbox, so it must be small.
const CONTACTS_MAX: usize = 1_000;

/// How far the headers of a message are searched for tags, in bytes.
const HEADERS_MAX: usize = 64 * 1_024;

/// A person or a group in a header field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Contact {
    /// The display name; empty if there is none.
    pub name: String,
    /// The address.
    pub address: String,
}

impl Contact {
    /// Whether the name or the address contains this text, which is in lower case.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.name.to_lowercase().contains(text) || self.address.to_lowercase().contains(text)
    }
}

/// The summary of a message.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The `Message-ID`, without brackets.
    pub message_id: String,
    /// The first author.
    pub from: Option<Contact>,
    /// The recipients in `To`.
    pub to: Vec<Contact>,
    /// The recipients in `Cc`.
    pub cc: Vec<Contact>,
    /// The recipients in `Bcc`, and those of the envelope that no header names.
    pub bcc: Vec<Contact>,
    /// Where replies go.
    pub reply_to: Vec<Contact>,
    /// The subject, decoded.
    pub subject: String,
    /// The beginning of the text.
    pub snippet: String,
    /// How many attachments there are.
    pub attachments: usize,
    /// How many parts are shown within the text, such as pictures.
    pub inlines: usize,
}

impl fmt::Debug for Summary {
    /// Leaves out the subject and the text, which hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Summary")
            .field("message_id", &self.message_id)
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

impl Summary {
    /// Reads a message that was delivered to these recipients. Bytes that are not an email give a summary
    /// with the recipients alone.
    pub(super) fn read(raw: &[u8], envelope: &[String]) -> Self {
        let flat = mime::flat(raw);
        let parsed = mime::message_of(&flat);
        let mut summary = parsed.map(|message| Self::of(&message)).unwrap_or_default();
        for to in envelope {
            let named = summary.to.iter().chain(&summary.cc).chain(&summary.bcc);
            if !named.into_iter().any(|contact| contact.address.eq_ignore_ascii_case(to)) {
                summary.bcc.push(Contact { name: String::new(), address: to.clone() });
            }
        }
        summary
    }

    fn of(message: &Message<'_>) -> Self {
        let parts = part::files(message);
        // Each word has at least one character, so more words than this are not needed.
        let text = mime::shown_text(message);
        let words: Vec<&str> = text.split_whitespace().take(SNIPPET_MAX).collect();
        Self {
            message_id: message.message_id().unwrap_or_default().to_owned(),
            from: contacts(message.from()).into_iter().next(),
            to: contacts(message.to()),
            cc: contacts(message.cc()),
            bcc: contacts(message.bcc()),
            reply_to: contacts(message.reply_to()),
            subject: message.subject().unwrap_or_default().trim().to_owned(),
            snippet: words.join(" ").chars().take(SNIPPET_MAX).collect(),
            attachments: parts.iter().filter(|part| !part.is_inline).count(),
            inlines: parts.iter().filter(|part| part.is_inline).count(),
        }
    }
}

/// The contacts of a header field; those of groups stand for themselves.
fn contacts(field: Option<&Address<'_>>) -> Vec<Contact> {
    let addresses = field.into_iter().flat_map(Address::iter);
    let contact = |one: &mail_parser::Addr<'_>| {
        let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
        Contact { name: text(one.name()), address: text(one.address()) }
    };
    let contacts = addresses.map(contact).filter(|one| !one.address.is_empty() || !one.name.is_empty());
    contacts.take(CONTACTS_MAX).collect()
}

/// The tags that a message declares in its `X-Tags` header, separated by commas.
pub(super) fn declared_tags(raw: &[u8]) -> Vec<String> {
    listed(&head(raw), TAGS_HEADER)
}

/// The namespaces of a message: those in its `X-Lostkey-Tag` header, and the tags in the addresses of its
/// recipients (`ana+TAG@a.test`).
pub(super) fn namespaces(raw: &[u8], envelope: &[String]) -> Vec<String> {
    let mut tags = listed(&head(raw), NAMESPACE_HEADER);
    let of_address = |to: &String| {
        let (local, _domain) = to.rsplit_once('@')?;
        local.split_once('+').map(|(_, tag)| tag.to_owned())
    };
    tags.extend(envelope.iter().filter_map(of_address));
    clean_tags(tags.iter().map(String::as_str))
}

/// The beginning of the header of a message.
fn head(raw: &[u8]) -> Cow<'_, str> {
    let head = &raw[..raw.len().min(HEADERS_MAX)];
    let end = head.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(head.len());
    String::from_utf8_lossy(&head[..end])
}

/// The list in the first header field of this name.
fn listed(head: &str, name: &str) -> Vec<String> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let field = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
    clean_tags(field.map_or("", |(_, tags)| tags).split(','))
}

/// The tags without spaces around them, in order, without duplicates, and within the limits.
pub(super) fn clean_tags<'a>(tags: impl Iterator<Item = &'a str>) -> Vec<String> {
    let tags = tags.map(str::trim).filter(|tag| !tag.is_empty()).take(TAGS_MAX);
    let mut tags: Vec<String> = tags.map(|tag| tag.chars().take(TAG_LEN_MAX).collect()).collect();
    tags.sort();
    tags.dedup();
    tags
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(contacts: &[Contact]) -> Vec<String> {
        contacts.iter().map(|one| format!("{} <{}>", one.name, one.address)).collect()
    }

    #[test]
    fn a_summary_shows_headers_and_text() {
        let raw = "From: App <app@app.test>\r\nTo: Ana <ana@a.test>, team: ben@b.test;\r\nCc: cas@c.test\r\n\
                   Reply-To: help@app.test\r\nMessage-ID: <1@app.test>\r\nSubject: =?utf-8?Q?C=C3=B3digo?=\r\n\
                   X-Tags: b, a,,b\r\n\r\nYour code\r\n is  123456\r\n";
        let summary = Summary::read(raw.as_bytes(), &["ANA@a.test".to_owned(), "dan@d.test".to_owned()]);
        assert_eq!(summary.message_id, "1@app.test");
        assert_eq!(names(summary.from.as_slice()), ["App <app@app.test>"]);
        assert_eq!(names(&summary.to), ["Ana <ana@a.test>", " <ben@b.test>"]);
        assert_eq!(names(&summary.cc), [" <cas@c.test>"]);
        assert_eq!(names(&summary.bcc), [" <dan@d.test>"], "no header names this recipient");
        assert_eq!(names(&summary.reply_to), [" <help@app.test>"]);
        assert_eq!((summary.subject.as_str(), summary.snippet.as_str()), ("Código", "Your code is 123456"));
        assert_eq!(declared_tags(raw.as_bytes()), ["a", "b"]);
    }

    #[test]
    fn what_is_no_email_has_a_summary() {
        for raw in ["", "\r\n", "just text"] {
            let summary = Summary::read(raw.as_bytes(), &["ana@a.test".to_owned()]);
            assert_eq!(names(&summary.bcc), [" <ana@a.test>"], "{raw:?}");
        }
    }

    #[test]
    fn a_namespace_is_in_the_header_or_in_an_address() {
        for (head, to, tags) in [
            ("", &["ana@a.test"][..], &[][..]),
            ("", &["ana+t1@a.test", "ben+t2@a.test", "ana+t1@b.test"], &["t1", "t2"]),
            ("", &["a+b+c@a.test", "x+@a.test", "+@a.test", "no+at"], &["b+c"]),
            ("X-Lostkey-Tag: t3, t1\r\n", &["ana+t1@a.test"], &["t1", "t3"]),
            ("x-LOSTKEY-tag:  run 7 \r\n", &[], &["run 7"]),
        ] {
            let to: Vec<String> = to.iter().map(|to| (*to).to_owned()).collect();
            let raw = format!("Subject: x\r\n{head}\r\nX-Lostkey-Tag: text\r\n");
            assert_eq!(namespaces(raw.as_bytes(), &to), tags, "{head:?} {to:?}");
        }
    }

    #[test]
    fn tags_are_limited() {
        let many: String = (0..TAGS_MAX * 2).map(|n| format!("{n:0200},")).collect();
        let tags = clean_tags(many.split(','));
        assert!(tags.len() <= TAGS_MAX && tags.iter().all(|tag| tag.len() == TAG_LEN_MAX));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_summary_panic(
            text in r#"(To: |Bcc: |From: |X-Tags: |[a-z<>,;:@"é\n]|Content-Type: multipart/mixed; boundary=b\n|--b\n|\n\n){0,40}"#,
        ) {
            let raw = text.replace('\n', "\r\n");
            let _ = Summary::read(raw.as_bytes(), &[]);
            let _ = declared_tags(raw.as_bytes());
            let _ = namespaces(raw.as_bytes(), &[text]);
        }
    }
}
