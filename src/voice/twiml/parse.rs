//! A document read from XML.
//!
//! Strict where Twilio only warns: a harness that lets `<Gather numdigits="6">` pass as a Gather
//! without a limit would hide the very mistake that it is there to show. What is let through and
//! has no effect here is the voice and the language of a `Say`, and how its words are pronounced.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::BytesRef;
use quick_xml::events::BytesStart;
use quick_xml::events::Event;

use crate::crossing::Gather;
use crate::crossing::Speech;
use crate::crossing::Twiml;
use crate::crossing::Verb;
use crate::time::Span;
use crate::voice::twiml::BODY_MAX;
use crate::voice::twiml::BadTwiml;
use crate::voice::twiml::TwimlError;
use crate::voice::twiml::VERBS_MAX;
use crate::voice::twiml::attribute;
use crate::voice::twiml::rule;

/// Reads a document.
///
/// # Errors
/// The first thing that is wrong with it, with Twilio's code and the place.
pub fn parse(body: &str) -> Result<Twiml, TwimlError> {
    // A byte order mark is no part of the document (XML 1.0 section 4.3.3).
    let body = body.strip_prefix('\u{feff}').unwrap_or(body);
    let mut parser = Parser { body, reader: Reader::from_str(body), from: 0, verbs_left: VERBS_MAX };
    parser.document().map_err(|why| parser.place(why))
}

/// Verbs of TwiML that are not run here.
const NOT_RUN: [&str; 19] = [
    "Play",
    "Record",
    "Dial",
    "Reject",
    "Enqueue",
    "Leave",
    "Connect",
    "Start",
    "Stop",
    "Refer",
    "Pay",
    "Prompt",
    "Sms",
    "Message",
    "Queue",
    "Conference",
    "Number",
    "Siprec",
    "Stream",
];

/// Elements of speech markup that may stand inside a `Say`.
const PRONUNCIATION: [&str; 11] =
    ["break", "emphasis", "lang", "mark", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"];

struct Parser<'a> {
    body: &'a str,
    reader: Reader<&'a [u8]>,
    /// Where what was read last begins: a byte of the body.
    from: usize,
    verbs_left: usize,
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<Twiml, BadTwiml> {
        if self.body.len() > BODY_MAX {
            return Err(BadTwiml::TooBig(self.body.len()));
        }
        if let Some((at, c)) = self.body.char_indices().find(|(_, c)| !is_legal(*c)) {
            self.from = at;
            return Err(BadTwiml::Xml(format!("it cannot hold the character U+{:04X}", u32::from(c))));
        }
        let (root, is_empty) = self.root()?;
        for attribute in root.attributes() {
            let name = attribute.map_err(not_xml)?.key.as_ref().to_owned();
            // Namespaces and schemas change nothing; generators write them.
            if !(name.starts_with("xmlns") || name.starts_with("xsi:")) {
                return Err(BadTwiml::Attribute { element: "Response", name, known: "none" });
            }
        }
        let verbs = if is_empty { Vec::new() } else { self.verbs_of("Response")? };
        self.end()?;
        let document = Twiml { verbs };
        rule::fits(&document)?;
        Ok(document)
    }

    /// The root element, and whether it is empty.
    fn root(&mut self) -> Result<(BytesStart<'a>, bool), BadTwiml> {
        loop {
            let (element, is_empty) = match self.read()? {
                Event::Start(element) => (element, false),
                Event::Empty(element) => (element, true),
                Event::Decl(_) if self.from > 0 => {
                    return Err(BadTwiml::Xml("the declaration must stand at the very start".to_owned()));
                }
                Event::Decl(_) | Event::DocType(_) | Event::Comment(_) | Event::PI(_) => continue,
                Event::Text(text) if text.trim().is_empty() => continue,
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(BadTwiml::Xml("there are words before the root element".to_owned()));
                }
                Event::End(_) | Event::Eof => {
                    return Err(BadTwiml::Xml("there is no root element".to_owned()));
                }
            };
            return match element.name().as_ref() {
                "Response" => Ok((element, is_empty)),
                other => Err(BadTwiml::Root(other.to_owned())),
            };
        }
    }

    /// After the root there is nothing but comments.
    fn end(&mut self) -> Result<(), BadTwiml> {
        loop {
            match self.read()? {
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Text(_)
                | Event::CData(_)
                | Event::GeneralRef(_)
                | Event::Start(_)
                | Event::Empty(_)
                | Event::End(_)
                | Event::Decl(_)
                | Event::DocType(_) => {
                    return Err(BadTwiml::Xml("something follows the root element".to_owned()));
                }
            }
        }
    }

    /// The verbs up to the end of the element that has just begun.
    fn verbs_of(&mut self, inside: &'static str) -> Result<Vec<Verb>, BadTwiml> {
        let mut verbs = Vec::new();
        loop {
            match self.read()? {
                Event::Start(element) => self.verb(&element, Content::Follows, inside, &mut verbs)?,
                Event::Empty(element) => self.verb(&element, Content::None, inside, &mut verbs)?,
                Event::End(_) => return Ok(verbs),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(BadTwiml::Words(inside));
                }
                Event::Decl(_) | Event::DocType(_) => return Err(misplaced()),
                Event::Eof => return Err(unclosed(inside)),
            }
        }
    }

    fn verb(
        &mut self,
        element: &BytesStart<'a>,
        content: Content,
        inside: &'static str,
        verbs: &mut Vec<Verb>,
    ) -> Result<(), BadTwiml> {
        let nested = inside == attribute::GATHER;
        self.verbs_left = self.verbs_left.checked_sub(1).ok_or(BadTwiml::TooManyVerbs)?;
        match element.name().as_ref() {
            attribute::SAY => return self.say(element, content, verbs),
            attribute::PAUSE => verbs.push(self.pause(element, content)?),
            attribute::GATHER if nested => return Err(BadTwiml::Nested(attribute::GATHER)),
            attribute::GATHER => verbs.push(Verb::Gather(self.gather(element, content)?)),
            attribute::REDIRECT if nested => return Err(BadTwiml::Nested(attribute::REDIRECT)),
            attribute::REDIRECT => verbs.push(self.redirect(element, content)?),
            attribute::HANGUP if nested => return Err(BadTwiml::Nested(attribute::HANGUP)),
            attribute::HANGUP => {
                no_attributes(element)?;
                self.nothing_in(attribute::HANGUP, content)?;
                verbs.push(Verb::Hangup);
            }
            known if NOT_RUN.contains(&known) => return Err(BadTwiml::NotRun(format!("`<{known}>`"))),
            other => return Err(BadTwiml::UnknownVerb(other.to_owned())),
        }
        Ok(())
    }

    /// A `Say`, as often as it is said.
    fn say(
        &mut self,
        element: &BytesStart<'a>,
        content: Content,
        verbs: &mut Vec<Verb>,
    ) -> Result<(), BadTwiml> {
        let mut times = 1;
        for_each(element, |name, value| match name {
            "voice" | "language" => Ok(()),
            "loop" => {
                times = attribute::LOOP.number(value)?;
                let endless = BadTwiml::NotRun("`<Say loop=\"0\">`, without an end,".to_owned());
                if times == 0 { Err(endless) } else { Ok(()) }
            }
            _ => Err(unknown(attribute::SAY, name, "`voice`, `language` and `loop`")),
        })?;
        let more = times as usize - 1;
        self.verbs_left = self.verbs_left.checked_sub(more).ok_or(BadTwiml::TooManyVerbs)?;
        let at = self.from;
        let words = self.words_of(attribute::SAY, content, &PRONUNCIATION)?;
        if words.is_empty() {
            self.from = at;
            return Err(BadTwiml::EmptySay);
        }
        let speech = Speech::of_sentence(&words);
        verbs.extend((0..times).map(|_| Verb::Say(speech.clone())));
        Ok(())
    }

    fn pause(&mut self, element: &BytesStart<'a>, content: Content) -> Result<Verb, BadTwiml> {
        let mut length = Span::SECOND;
        for_each(element, |name, value| match name {
            "length" => attribute::LENGTH.seconds(value).map(|span| length = span),
            _ => Err(unknown(attribute::PAUSE, name, "`length`")),
        })?;
        self.nothing_in(attribute::PAUSE, content)?;
        Ok(Verb::Pause(length))
    }

    fn redirect(&mut self, element: &BytesStart<'a>, content: Content) -> Result<Verb, BadTwiml> {
        for_each(element, |name, value| match name {
            "method" => attribute::REDIRECT_METHOD.post_only(value),
            _ => Err(unknown(attribute::REDIRECT, name, "`method`")),
        })?;
        let address = self.words_of(attribute::REDIRECT, content, &[])?;
        own_address(attribute::REDIRECT, address)?;
        Ok(Verb::Redirect)
    }

    fn gather(&mut self, element: &BytesStart<'a>, content: Content) -> Result<Gather, BadTwiml> {
        let mut gather = Gather::default();
        for_each(element, |name, value| {
            match name {
                "input" => attribute::INPUT.keys_only(value)?,
                "method" => attribute::GATHER_METHOD.post_only(value)?,
                "action" => own_address(attribute::GATHER, value.trim().to_owned())?,
                "timeout" => gather.timeout = attribute::TIMEOUT.seconds(value)?,
                "numDigits" => gather.num_digits = Some(attribute::NUM_DIGITS.count(value)?),
                "finishOnKey" => gather.finish_on_key = attribute::FINISH_ON_KEY.key(value)?,
                "actionOnEmptyResult" => gather.action_on_empty = attribute::ACTION_ON_EMPTY.truth(value)?,
                // It tells how speech is understood, and nobody speaks here.
                "language" => {}
                _ => return Err(unknown(attribute::GATHER, name, GATHER_HAS)),
            }
            Ok(())
        })?;
        if content == Content::Follows {
            gather.prompts = self.verbs_of(attribute::GATHER)?;
        }
        Ok(gather)
    }

    /// The text up to the end of the element that has just begun, with single spaces between its
    /// words; what stands in `allowed` elements counts as well.
    fn words_of(
        &mut self,
        inside: &'static str,
        content: Content,
        allowed: &[&str],
    ) -> Result<String, BadTwiml> {
        let mut text = String::new();
        let mut depth = usize::from(content == Content::Follows);
        while depth > 0 {
            match self.read()? {
                Event::Start(element) if allowed.contains(&element.name().as_ref()) => depth += 1,
                // A pause between two words.
                Event::Empty(element) if allowed.contains(&element.name().as_ref()) => text.push(' '),
                Event::Start(element) | Event::Empty(element) => {
                    return Err(BadTwiml::Inside { element: element.name().as_ref().to_owned(), inside });
                }
                Event::End(_) => depth -= 1,
                Event::Text(words) => text.push_str(&words),
                Event::CData(words) => text.push_str(&words),
                Event::GeneralRef(reference) => push_reference(&mut text, &reference)?,
                Event::Comment(_) | Event::PI(_) => {}
                Event::Decl(_) | Event::DocType(_) => return Err(misplaced()),
                Event::Eof => return Err(unclosed(inside)),
            }
        }
        let words: Vec<&str> = text.split(rule::is_silent).filter(|word| !word.is_empty()).collect();
        Ok(words.join(" "))
    }

    fn nothing_in(&mut self, inside: &'static str, content: Content) -> Result<(), BadTwiml> {
        let words = self.words_of(inside, content, &[])?;
        if words.is_empty() { Ok(()) } else { Err(BadTwiml::Words(inside)) }
    }

    fn read(&mut self) -> Result<Event<'a>, BadTwiml> {
        self.from = position(self.reader.buffer_position());
        self.reader.read_event().map_err(|error| {
            self.from = position(self.reader.error_position());
            not_xml(error)
        })
    }

    /// Where `why` stands: at the beginning of what was read last.
    fn place(&self, why: BadTwiml) -> TwimlError {
        let from = (0..=self.from.min(self.body.len())).rev().find(|at| self.body.is_char_boundary(*at));
        let before = &self.body[..from.unwrap_or_default()];
        let line = before.rsplit('\n').next().unwrap_or_default();
        TwimlError { why, line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

/// Whether an element has something between its tags.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Follows,
    None,
}

const GATHER_HAS: &str = "`numDigits`, `timeout`, `finishOnKey`, `actionOnEmptyResult`, `input`, `method`, \
                          `action` and `language`";

/// Calls `take` with the name and the value of each attribute.
fn for_each(
    element: &BytesStart<'_>,
    mut take: impl FnMut(&str, &str) -> Result<(), BadTwiml>,
) -> Result<(), BadTwiml> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(not_xml)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(not_xml)?;
        take(attribute.key.as_ref(), &value)?;
    }
    Ok(())
}

fn no_attributes(element: &BytesStart<'_>) -> Result<(), BadTwiml> {
    for_each(element, |name, _| Err(unknown(attribute::HANGUP, name, "none")))
}

fn own_address(element: &'static str, address: String) -> Result<(), BadTwiml> {
    if address.is_empty() { Ok(()) } else { Err(BadTwiml::Elsewhere { element, address }) }
}

/// One of the five entities of XML, or a character by its number; no document brings its own.
fn push_reference(text: &mut String, reference: &BytesRef<'_>) -> Result<(), BadTwiml> {
    if let Some(c) = reference.resolve_char_ref().map_err(not_xml)? {
        if !is_legal(c) {
            return Err(BadTwiml::Xml(format!("it cannot hold the character U+{:04X}", u32::from(c))));
        }
        text.push(c);
        return Ok(());
    }
    let known = resolve_predefined_entity(reference);
    let known =
        known.ok_or_else(|| BadTwiml::Xml(format!("the entity `&{};` is not known", &**reference)))?;
    text.push_str(known);
    Ok(())
}

/// XML 1.0 section 2.2, `Char`.
const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

fn unknown(element: &'static str, name: &str, known: &'static str) -> BadTwiml {
    BadTwiml::Attribute { element, name: name.to_owned(), known }
}

fn not_xml(error: impl ToString) -> BadTwiml {
    BadTwiml::Xml(error.to_string())
}

fn misplaced() -> BadTwiml {
    BadTwiml::Xml("a declaration stands inside the root element".to_owned())
}

fn unclosed(element: &str) -> BadTwiml {
    BadTwiml::Xml(format!("`<{element}>` is not closed"))
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
