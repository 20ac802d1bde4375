//! The JSON of messages, in the spelling of Mailpit.

use jiff::Timestamp;
use mail_parser::{HeaderName, Message};
use md5::Md5;
use schemars::JsonSchema;
use serde::Serialize;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::wire::contract::complete;
use crate::wire::inbox::content::{Contact, Summary};
use crate::wire::inbox::message::StoredMessage;
use crate::wire::inbox::part::{self, File};
use crate::wire::mime;

/// A message in a list.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[schemars(rename = "Message", transform = complete)]
pub(in crate::wire::inbox) struct Item<'a> {
    #[serde(rename = "ID")]
    id: &'a str,
    #[serde(rename = "MessageID")]
    message_id: &'a str,
    read: bool,
    from: Option<&'a Contact>,
    to: &'a [Contact],
    cc: &'a [Contact],
    bcc: &'a [Contact],
    reply_to: &'a [Contact],
    subject: &'a str,
    created: String,
    username: &'a str,
    tags: Vec<String>,
    size: usize,
    attachments: usize,
    snippet: &'a str,
}

impl<'a> Item<'a> {
    /// The JSON of a message.
    pub(in crate::wire::inbox) fn of(message: &'a StoredMessage) -> Self {
        let Summary { message_id, from, to, cc, bcc, reply_to, subject, snippet, attachments, .. } =
            message.summary();
        Self {
            id: message.id(),
            message_id,
            read: message.is_read(),
            from: from.as_ref(),
            to,
            cc,
            bcc,
            reply_to,
            subject,
            created: rfc3339(message.received()),
            username: message.user().unwrap_or_default(),
            tags: message.tags(),
            size: message.raw().len(),
            attachments: *attachments,
            snippet,
        }
    }
}

/// A page of a list.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    pub(super) total: usize,
    pub(super) unread: usize,
    pub(super) count: usize,
    pub(super) messages_count: usize,
    pub(super) messages_unread: usize,
    pub(super) start: usize,
    pub(super) tags: Vec<String>,
    pub(super) messages: Vec<Item<'a>>,
}

/// A whole message.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Whole<'a> {
    #[serde(rename = "ID")]
    id: &'a str,
    #[serde(rename = "MessageID")]
    message_id: &'a str,
    from: Option<&'a Contact>,
    to: &'a [Contact],
    cc: &'a [Contact],
    bcc: &'a [Contact],
    reply_to: &'a [Contact],
    return_path: &'a str,
    subject: &'a str,
    list_unsubscribe: ListUnsubscribe,
    date: String,
    tags: Vec<String>,
    username: &'a str,
    text: String,
    #[serde(rename = "HTML")]
    html: String,
    size: usize,
    inline: Vec<Attachment>,
    attachments: Vec<Attachment>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListUnsubscribe {
    header: String,
    links: Vec<String>,
    errors: String,
    header_post: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attachment {
    #[serde(rename = "PartID")]
    part_id: String,
    file_name: String,
    content_type: String,
    #[serde(rename = "ContentID")]
    content_id: String,
    size: usize,
    checksums: Checksums,
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
struct Checksums {
    md5: String,
    sha1: String,
    sha256: String,
}

impl<'a> Whole<'a> {
    /// The JSON of a message.
    pub(super) fn of(message: &'a StoredMessage) -> Self {
        let flat = mime::flat(message.raw());
        let parsed = mime::any_message_of(&flat);
        let Summary { message_id, from, to, cc, bcc, reply_to, subject, .. } = message.summary();
        let (inline, attachments): (Vec<_>, Vec<_>) =
            part::files(&parsed).into_iter().partition(|file| file.is_inline);
        let declared = parsed.date().filter(|date| date.is_valid());
        Self {
            id: message.id(),
            message_id,
            from: from.as_ref(),
            to,
            cc,
            bcc,
            reply_to,
            return_path: message.from().unwrap_or_default(),
            subject,
            list_unsubscribe: ListUnsubscribe::of(&parsed),
            date: declared.map_or_else(|| rfc3339(message.received()), |date| date.to_rfc3339()),
            tags: message.tags(),
            username: message.user().unwrap_or_default(),
            text: part::text(&parsed),
            html: part::html(&parsed),
            size: message.raw().len(),
            inline: inline.iter().map(Attachment::of).collect(),
            attachments: attachments.iter().map(Attachment::of).collect(),
        }
    }
}

impl ListUnsubscribe {
    fn of(message: &Message<'_>) -> Self {
        let text = |name: HeaderName<'static>| {
            let raw = message.header_raw(name).unwrap_or_default();
            raw.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let header = text(HeaderName::ListUnsubscribe);
        let urls = header.split('<').skip(1).filter_map(|rest| rest.split('>').next());
        let links = urls.map(|url| url.split_whitespace().collect()).collect();
        let header_post = text(HeaderName::ListUnsubscribePost);
        Self { header, links, errors: String::new(), header_post }
    }
}

impl Attachment {
    fn of(file: &File<'_>) -> Self {
        let bytes = file.part.contents();
        Self {
            part_id: file.id.clone(),
            file_name: file.name().to_owned(),
            content_type: file.content_type(),
            content_id: file.content_id().to_owned(),
            size: bytes.len(),
            checksums: Checksums {
                md5: hex(&Md5::digest(bytes)),
                sha1: hex(&Sha1::digest(bytes)),
                sha256: hex(&Sha256::digest(bytes)),
            },
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A time as Mailpit writes it; the far end of the calendar becomes its beginning.
fn rfc3339(millis: u64) -> String {
    let millis = i64::try_from(millis).unwrap_or_default();
    Timestamp::from_millisecond(millis).unwrap_or_default().to_string()
}
