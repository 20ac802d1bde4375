//! The parts of a message: attachments and inline parts with their ids, and the text and HTML bodies.
//!
//! Ids are those of Mailpit: `0` is a message with a single part, `1` and `2` are the parts of a multipart
//! message, and `1.2` is the second part within the first.

use std::collections::BTreeMap;

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use crate::wire::mime;

/// The maximum number of parts of a message that have an id; further parts are left out.
const PARTS_MAX: usize = 1_000;

/// A part that is not the text.
#[derive(Debug)]
pub(super) struct File<'a> {
    /// The id within the message.
    pub(super) id: String,
    /// The part.
    pub(super) part: &'a MessagePart<'a>,
    /// Whether it is shown within the text.
    pub(super) is_inline: bool,
}

impl File<'_> {
    /// The content type without parameters.
    pub(super) fn content_type(&self) -> String {
        content_type(self.part)
    }

    /// The file name; empty if there is none.
    pub(super) fn name(&self) -> &str {
        self.part.attachment_name().unwrap_or_default()
    }

    /// The `Content-ID`, without brackets; empty if there is none.
    pub(super) fn content_id(&self) -> &str {
        self.part.content_id().unwrap_or_default()
    }
}

/// The attachments and inline parts of a message.
pub(super) fn files<'a>(message: &'a Message<'a>) -> Vec<File<'a>> {
    let ids = ids(message).into_iter();
    // The parser lists attachments in the order of the parts.
    let file = |(id, index): (String, u32)| {
        let part =
            message.attachments.binary_search(&index).is_ok().then(|| message.part(index)).flatten()?;
        Some(File { id, part, is_inline: is_inline(part) })
    };
    ids.filter_map(file).collect()
}

/// The part with this id: its content type and its decoded bytes.
pub(super) fn find(message: &Message<'_>, id: &str) -> Option<(String, Vec<u8>)> {
    let (_, index) = ids(message).into_iter().find(|(known, _)| known == id)?;
    let part = message.part(index).filter(|part| !part.is_multipart())?;
    let mut content_type = content_type(part);
    // The parser has decoded the charset of texts.
    if part.is_text() || part.is_text_html() {
        content_type += "; charset=utf-8";
    }
    Some((content_type, part.contents().to_vec()))
}

/// The plain text of a message, decoded.
pub(super) fn text(message: &Message<'_>) -> String {
    bodies(message, &message.text_body, false)
}

/// HTML in which each `cid:` URL of a part is replaced by the URL that `url_of` gives for the part's id.
pub(super) fn with_urls(html: &str, files: &[File<'_>], url_of: impl Fn(&str) -> String) -> String {
    let named = files.iter().filter(|file| !file.content_id().is_empty());
    let ids: BTreeMap<&str, &str> = named.map(|file| (file.content_id(), file.id.as_str())).collect();
    let mut pieces = html.split("cid:");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(['"', '\'', '>', ')', ' ', '\n']).unwrap_or(piece.len());
        match ids.get(&piece[..end]) {
            Some(id) => out.extend([url_of(id).as_str(), &piece[end..]]),
            None => out.extend(["cid:", piece]),
        }
    }
    out
}

/// The HTML of a message, decoded.
pub(super) fn html(message: &Message<'_>) -> String {
    bodies(message, &message.html_body, true)
}

fn bodies(message: &Message<'_>, parts: &[u32], wants_html: bool) -> String {
    let texts = parts.iter().filter_map(|index| match &message.part(*index)?.body {
        PartType::Text(text) if !wants_html => Some(text.as_ref()),
        PartType::Html(html) if wants_html => Some(html.as_ref()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn content_type(part: &MessagePart<'_>) -> String {
    let Some(declared) = part.content_type() else {
        return "text/plain".to_owned();
    };
    let subtype = mime::original_subtype(declared.subtype().unwrap_or("octet-stream"));
    format!("{}/{subtype}", declared.ctype())
}

/// Whether a part is shown within the text: by its disposition (RFC 2183), or because the text can name it.
fn is_inline(part: &MessagePart<'_>) -> bool {
    match part.content_disposition() {
        Some(disposition) => disposition.is_inline(),
        None => part.content_id().is_some() || matches!(part.body, PartType::InlineBinary(_)),
    }
}

/// The ids of all parts, with their index. The traversal is a loop, so deeply nested parts cannot overflow
/// the stack.
fn ids(message: &Message<'_>) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), 0_u32)];
    while let Some((id, index)) = open.pop() {
        let Some(part) = message.part(index) else { continue };
        if found.len() >= PARTS_MAX {
            break;
        }
        if let Some(inner) = part.sub_parts() {
            let below = inner.iter().take(PARTS_MAX).enumerate().map(|(place, inner)| {
                let number = place + 1;
                (if id.is_empty() { number.to_string() } else { format!("{id}.{number}") }, *inner)
            });
            // The stack gives back the last one first.
            open.extend(below.rev());
        }
        found.push((if id.is_empty() { "0".to_owned() } else { id }, index));
    }
    found
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;

    use super::*;

    const NESTED: &str = "Subject: x\n\
        Content-Type: multipart/mixed; boundary=m\n\n\
        --m\nContent-Type: multipart/related; boundary=r\n\n\
        --r\nContent-Type: text/html\n\n<img src='cid:logo'>\n\
        --r\nContent-Type: image/png; name=logo.png\nContent-ID: <logo>\nContent-Transfer-Encoding: base64\n\niVBO\n\
        --r--\n\
        --m\nContent-Type: text/csv; charset=iso-8859-1\nContent-Disposition: attachment; filename=a.csv\n\
        Content-Transfer-Encoding: quoted-printable\n\n=E9;1\n\
        --m--\n";

    #[test]
    fn parts_have_mailpits_ids() {
        let raw = NESTED.replace('\n', "\r\n");
        let message = MessageParser::default().parse(raw.as_bytes()).unwrap();
        let files = files(&message);
        let shown: Vec<_> =
            files.iter().map(|file| (file.id.as_str(), file.name(), file.is_inline)).collect();
        assert_eq!(shown, [("1.2", "logo.png", true), ("2", "a.csv", false)]);
        assert_eq!((files[0].content_id(), files[0].content_type().as_str()), ("logo", "image/png"));
        assert_eq!(html(&message), "<img src='cid:logo'>");
        assert_eq!(text(&message), "");
        let csv = ("text/csv; charset=utf-8".to_owned(), "é;1".as_bytes().to_vec());
        assert_eq!(find(&message, "2"), Some(csv));
        for id in ["", "1", "3", "1.9", "x"] {
            assert_eq!(find(&message, id), None, "{id}");
        }
    }

    #[test]
    fn pictures_in_html_get_their_urls() {
        let raw = NESTED.replace('\n', "\r\n");
        let message = MessageParser::default().parse(raw.as_bytes()).unwrap();
        let html = "<img src=\"cid:logo\"><a style='x:url(cid:logo)'>cid:other cid:";
        let url_of = |id: &str| format!("/part/{id}");
        let wanted = "<img src=\"/part/1.2\"><a style='x:url(/part/1.2)'>cid:other cid:";
        assert_eq!(with_urls(html, &files(&message), url_of), wanted);
    }

    #[test]
    fn nested_messages_are_attachments() {
        let raw = "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n\
                   --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nHo\r\n--b--\r\n";
        let flat = mime::flat(raw.as_bytes());
        let message = MessageParser::default().parse(&flat[..]).unwrap();
        let inner = b"Subject: y\r\n\r\nHo".to_vec();
        assert_eq!(find(&message, "2"), Some(("message/rfc822".to_owned(), inner)));
        assert_eq!(files(&message).len(), 1);
    }

    #[test]
    fn a_message_of_one_part_has_part_0() {
        let message = MessageParser::default().parse("Subject: x\r\n\r\nHi".as_bytes()).unwrap();
        assert_eq!(find(&message, "0"), Some(("text/plain; charset=utf-8".to_owned(), b"Hi".to_vec())));
        assert!(files(&message).is_empty());
    }
}
