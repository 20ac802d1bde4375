//! Parsing of emails, without the parser's weak spot: it panics when it is asked about a message without
//! parts, and bytes without a blank line give such a message.

use mail_parser::{Message, MessageParser, MessagePart};

/// Parses an email; `None` if the bytes are not one.
pub(in crate::wire) fn message_of(raw: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse(raw).filter(|message| !message.parts.is_empty())
}

/// Parses an email; bytes that are not one give a message without fields and text.
pub(in crate::wire) fn any_message_of(raw: &[u8]) -> Message<'_> {
    message_of(raw).unwrap_or_else(|| Message { parts: vec![MessagePart::default()], ..Message::default() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked_for_all(message: &Message<'_>) {
        let _ = (message.from(), message.to(), message.cc(), message.bcc(), message.reply_to());
        let _ = (message.subject(), message.date(), message.message_id(), message.comments());
        let _ = (message.body_text(0), message.body_html(0), message.attachments().count());
    }

    #[test]
    fn bytes_without_a_blank_line_are_asked_about() {
        for raw in ["", "x", "hello 123456", "Subject: x", "\r", "\n", "\r\n", "Subject: x\r\n"] {
            asked_for_all(&any_message_of(raw.as_bytes()));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
            asked_for_all(&any_message_of(&raw));
        }
    }
}
