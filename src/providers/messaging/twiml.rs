//! Reads messaging TwiML: `<Response>` with `<Message>` and `<Redirect>` (TW-inbound).

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::base::number::Number;
use crate::message::{Hook, Method, Replies, Reply, TextSender};

/// Longest document, in bytes.
pub const BODY_MAX: usize = 64 * 1_024;

/// Longest text of one message, in characters.
pub const TEXT_MAX: usize = 1_600;

/// Most media of one message.
const MEDIA_MAX: usize = 10;

/// Twilio debugger code: the response body is too large.
pub const TOO_BIG: u32 = 11_750;
/// Twilio debugger code: document parse failure.
const NOT_XML: u32 = 12_100;
/// Twilio debugger code: invalid root element.
const ROOT: u32 = 12_102;
/// Twilio debugger code: invalid verb for messaging.
const UNKNOWN_VERB: u32 = 14_110;
/// Twilio debugger code: invalid `to` of a message.
const BAD_TO: u32 = 14_101;
/// Twilio debugger code: invalid `from` of a message.
const BAD_FROM: u32 = 14_102;
/// Twilio debugger code: message body too long.
const TOO_LONG: u32 = 14_103;
/// Twilio debugger code: too many media.
const TOO_MANY_MEDIA: u32 = 14_104;
/// Twilio debugger code: invalid URL.
const BAD_URL: u32 = 11_100;

/// Resolves an address in the document; `None` if it cannot be requested.
pub type Resolve<'a> = dyn FnMut(&str, Method) -> Option<Hook> + 'a;

/// Reads a document. Elements after a `<Redirect>` are ignored, as Twilio does.
///
/// # Errors
/// The code of Twilio's debugger for the first error.
pub fn read(body: &str, resolve: &mut Resolve<'_>) -> Result<Replies, u32> {
    if body.len() > BODY_MAX {
        return Err(TOO_BIG);
    }
    let body = body.strip_prefix('\u{feff}').unwrap_or(body);
    let mut document = Document { reader: Reader::from_str(body), resolve };
    match document.root()? {
        Root::Empty => Ok(Replies::default()),
        Root::Open => document.verbs(),
    }
}

enum Root {
    Open,
    Empty,
}

struct Document<'a, 'r> {
    reader: Reader<&'a [u8]>,
    resolve: &'r mut Resolve<'r>,
}

impl<'a> Document<'a, '_> {
    fn next(&mut self) -> Result<Event<'a>, u32> {
        self.reader.read_event().map_err(|_| NOT_XML)
    }

    fn root(&mut self) -> Result<Root, u32> {
        loop {
            let (element, root) = match self.next()? {
                Event::Start(element) => (element, Root::Open),
                Event::Empty(element) => (element, Root::Empty),
                Event::Decl(_) | Event::DocType(_) | Event::Comment(_) | Event::PI(_) => continue,
                Event::Text(text) if text.trim().is_empty() => continue,
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) | Event::End(_) | Event::Eof => {
                    return Err(NOT_XML);
                }
            };
            return if element.name().as_ref() == "Response" { Ok(root) } else { Err(ROOT) };
        }
    }

    fn verbs(&mut self) -> Result<Replies, u32> {
        let mut replies = Replies::default();
        loop {
            match self.next()? {
                Event::End(_) => return Ok(replies),
                Event::Eof => return Err(NOT_XML),
                Event::Start(element) => self.verb(&element, true, &mut replies)?,
                Event::Empty(element) => self.verb(&element, false, &mut replies)?,
                // Text between verbs has no effect.
                Event::Text(_)
                | Event::CData(_)
                | Event::GeneralRef(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::DocType(_)
                | Event::PI(_) => {}
            }
        }
    }

    fn verb(
        &mut self,
        element: &BytesStart<'_>,
        has_content: bool,
        replies: &mut Replies,
    ) -> Result<(), u32> {
        let attributes = attributes(element)?;
        match element.name().as_ref() {
            // `Sms` is the old name.
            "Message" | "Sms" => {
                let reply = self.message(&attributes, has_content)?;
                if replies.redirect.is_none() {
                    replies.messages.push(reply);
                }
            }
            "Redirect" => {
                let address = if has_content { self.text()? } else { String::new() };
                let method = method(&attributes, "method")?;
                if replies.redirect.is_none() {
                    let hook = (self.resolve)(address.trim(), method);
                    replies.redirect = Some(hook.ok_or(BAD_URL)?);
                }
            }
            _ => return Err(UNKNOWN_VERB),
        }
        Ok(())
    }

    fn message(&mut self, attributes: &Attributes, has_content: bool) -> Result<Reply, u32> {
        let (mut body, mut media) = (String::new(), Vec::new());
        if has_content {
            self.content(&mut body, &mut media)?;
        }
        if body.chars().count() > TEXT_MAX {
            return Err(TOO_LONG);
        }
        if media.len() > MEDIA_MAX {
            return Err(TOO_MANY_MEDIA);
        }
        let number = |to: &str| Number::read(to).ok().filter(|to| to.is_in_a_plan()).ok_or(BAD_TO);
        let to = attributes.get("to").map(number);
        let from = attributes.get("from").map(|from| TextSender::read(from).ok_or(BAD_FROM));
        // `action` is the old name of the status callback.
        let status = match attributes.get("statusCallback").or_else(|| attributes.get("action")) {
            Some(address) => Some((self.resolve)(address, Method::Post).ok_or(BAD_URL)?),
            None => None,
        };
        Ok(Reply { to: to.transpose()?, from: from.transpose()?, body: body.trim().into(), media, status })
    }

    /// The content of a message: text, `<Body>` and `<Media>`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`push` lists the events that are text")]
    fn content(&mut self, body: &mut String, media: &mut Vec<Arc<str>>) -> Result<(), u32> {
        loop {
            match self.next()? {
                Event::End(_) => return Ok(()),
                Event::Eof => return Err(NOT_XML),
                Event::Start(element) => {
                    let is_media = nested(&element)?;
                    let text = self.text()?;
                    if is_media {
                        media.push(Arc::from(text.trim()));
                    } else {
                        body.push_str(&text);
                    }
                }
                Event::Empty(element) => {
                    nested(&element)?;
                }
                event => push(body, &event)?,
            }
        }
    }

    /// The text up to the end of the current element.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`push` lists the events that are text")]
    fn text(&mut self) -> Result<String, u32> {
        let mut text = String::new();
        loop {
            match self.next()? {
                Event::End(_) => return Ok(text),
                Event::Eof | Event::Start(_) | Event::Empty(_) => return Err(NOT_XML),
                event => push(&mut text, &event)?,
            }
        }
    }
}

/// Whether an element inside a message is `<Media>`; `<Body>` is the only other one.
fn nested(element: &BytesStart<'_>) -> Result<bool, u32> {
    match element.name().as_ref() {
        "Media" => Ok(true),
        "Body" => Ok(false),
        _ => Err(UNKNOWN_VERB),
    }
}

fn push(text: &mut String, event: &Event<'_>) -> Result<(), u32> {
    match event {
        Event::Text(plain) => text.push_str(plain),
        Event::CData(plain) => text.push_str(plain),
        Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(|_| NOT_XML)? {
            Some(c) => text.push(c),
            None => text.push_str(resolve_predefined_entity(reference).ok_or(NOT_XML)?),
        },
        Event::Comment(_)
        | Event::PI(_)
        | Event::Decl(_)
        | Event::DocType(_)
        | Event::Start(_)
        | Event::End(_)
        | Event::Empty(_)
        | Event::Eof => {}
    }
    Ok(())
}

struct Attributes(Vec<(String, String)>);

impl Attributes {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn attributes(element: &BytesStart<'_>) -> Result<Attributes, u32> {
    let mut read = Vec::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| NOT_XML)?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|_| NOT_XML)?;
        read.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(Attributes(read))
}

fn method(attributes: &Attributes, name: &str) -> Result<Method, u32> {
    match attributes.get(name) {
        None => Ok(Method::Post),
        Some(name) => Method::named(&name.to_ascii_uppercase()).ok_or(NOT_XML),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Place, UrlId};

    fn told(body: &str) -> Result<String, u32> {
        let mut seen = Vec::new();
        let replies = read(body, &mut |address, method| {
            seen.push(format!("{} {address}", method.name()));
            (!address.is_empty()).then_some(Hook { method, ..Hook::post(Place::Url(UrlId(0))) })
        })?;
        let messages = replies.messages.iter().map(|reply| {
            let to = reply.to.map_or_else(String::new, |to| format!(" to {to}"));
            let from = reply.from.as_ref().map_or_else(String::new, |from| format!(" from {from}"));
            format!("{:?}{to}{from} media {}", &*reply.body, reply.media.len())
        });
        Ok([messages.collect::<Vec<_>>(), seen].concat().join("; "))
    }

    #[test]
    fn documents_are_read_as_twilio_reads_them() {
        for (body, says) in [
            ("<Response/>", Ok("")),
            ("<?xml version='1.0'?><Response></Response>", Ok("")),
            ("<Response><Message>Hi &amp; bye &#33;</Message></Response>", Ok("\"Hi & bye !\" media 0")),
            (
                "<Response><Message to='+34600000001' from='12345'><Body>Hi</Body>\
                 <Media>http://a.test/1.png</Media></Message></Response>",
                Ok("\"Hi\" to +34600000001 from 12345 media 1"),
            ),
            (
                "<Response><Message statusCallback='/s'>a</Message><Message action='/t'>b</Message></Response>",
                Ok("\"a\" media 0; \"b\" media 0; POST /s; POST /t"),
            ),
            (
                "<Response><Message>a</Message><Redirect method='GET'>/next</Redirect><Message>b</Message></Response>",
                Ok("\"a\" media 0; GET /next"),
            ),
            ("<Response><Message><![CDATA[<b>]]></Message></Response>", Ok("\"<b>\" media 0")),
            ("", Err(NOT_XML)),
            ("Hello", Err(NOT_XML)),
            ("<Response><Message>", Err(NOT_XML)),
            ("<Response><Message>&nbsp;</Message></Response>", Err(NOT_XML)),
            ("<html/>", Err(ROOT)),
            ("<Response><Say>Hi</Say></Response>", Err(UNKNOWN_VERB)),
            ("<Response><Message><Say>Hi</Say></Message></Response>", Err(UNKNOWN_VERB)),
            ("<Response><Message to='me'>Hi</Message></Response>", Err(BAD_TO)),
            ("<Response><Message from='!'>Hi</Message></Response>", Err(BAD_FROM)),
            ("<Response><Redirect/></Response>", Err(BAD_URL)),
        ] {
            assert_eq!(told(body), says.map(str::to_owned), "{body}");
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let long = |n: usize| format!("<Response><Message>{}</Message></Response>", "é".repeat(n));
        assert!(told(&long(TEXT_MAX)).is_ok());
        assert_eq!(told(&long(TEXT_MAX + 1)), Err(TOO_LONG));
        let media = "<Media>http://a.test/</Media>".repeat(MEDIA_MAX + 1);
        assert_eq!(told(&format!("<Response><Message>{media}</Message></Response>")), Err(TOO_MANY_MEDIA));
        assert_eq!(told(&" ".repeat(BODY_MAX + 1)), Err(TOO_BIG));
    }
}
