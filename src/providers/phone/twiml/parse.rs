//! Reads a document from XML.
//!
//! [`Dialect::Strict`] acts as a lint: reading `<Gather numdigits="6">` as a Gather without a limit would
//! hide the mistakes that the harness must show. It accepts without effect only the voice and language of a
//! `Say` and its pronunciation markup. [`Dialect::Lenient`] is for services whose calls must not fail
//! because of unsupported features.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::base::time::Span;
use crate::message::{Hook, Method, Speech, Twiml, Verb};
use crate::providers::phone::twiml::xml::{
    Content, for_each, is_legal, misplaced, not_xml, position, push_reference, unclosed, unknown,
};
use crate::providers::phone::twiml::{
    BODY_MAX, BadTwiml, TwimlError, VERBS_MAX, WARNINGS_MAX, attribute, rule,
};

/// How strictly a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Twilio's warnings and unsupported features are errors.
    Strict,
    /// Twilio's warnings have no effect, and an unsupported verb becomes a pause of one second; each is
    /// recorded as a warning. Twilio's errors remain errors.
    Lenient,
}

/// Resolves an address in a document; relative and empty ones resolve against the document's own. `None` if
/// the address cannot be requested.
pub type Resolve<'a> = dyn FnMut(&str, Method) -> Option<Hook> + 'a;

/// The result of reading a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The document to run.
    pub document: Twiml,
    /// Skipped features in document order; empty in a strict reading.
    pub warnings: Vec<TwimlError>,
}

/// Reads a document strictly, without resolving addresses.
///
/// # Errors
/// The first error in the document, with Twilio's code and the position.
pub fn parse(body: &str) -> Result<Twiml, TwimlError> {
    read(body, Dialect::Strict, &mut |_, _| None).map(|reading| reading.document)
}

/// Reads a document, resolving its addresses with `resolve`.
///
/// # Errors
/// The first error in the document, with Twilio's code and the position.
pub fn read(body: &str, dialect: Dialect, resolve: &mut Resolve<'_>) -> Result<Reading, TwimlError> {
    // A byte order mark is not part of the document (XML 1.0 section 4.3.3).
    let body = body.strip_prefix('\u{feff}').unwrap_or(body);
    let reader = Reader::from_str(body);
    let warnings = Vec::new();
    let mut parser = Parser { body, reader, from: 0, verbs_left: VERBS_MAX, dialect, resolve, warnings };
    match parser.document() {
        Ok(document) => Ok(Reading { document, warnings: parser.warnings }),
        Err(why) => Err(parser.place(why)),
    }
}

/// TwiML verbs that are not supported.
const NOT_RUN: [&str; 18] = [
    "Play",
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

/// Twilio ends a loop after so many rounds.
const ROUNDS_MAX: u32 = 1_000;

/// SSML elements permitted inside a `Say`.
const PRONUNCIATION: [&str; 11] =
    ["break", "emphasis", "lang", "mark", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"];

pub(super) struct Parser<'a, 'r> {
    body: &'a str,
    reader: Reader<&'a [u8]>,
    /// Byte offset of the last event in the body.
    from: usize,
    verbs_left: usize,
    pub(super) dialect: Dialect,
    pub(super) resolve: &'r mut Resolve<'r>,
    warnings: Vec<TwimlError>,
}

impl<'a> Parser<'a, '_> {
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
            // Namespace and schema attributes have no effect; generators write them.
            if !(name.starts_with("xmlns") || name.starts_with("xsi:")) {
                self.complain(BadTwiml::Attribute { element: "Response", name, known: "none" })?;
            }
        }
        let verbs = if is_empty { Vec::new() } else { self.verbs_of("Response")? };
        self.end()?;
        let document = Twiml { verbs };
        rule::fits(&document)?;
        Ok(document)
    }

    /// Reads the root element. The flag is true if it is empty.
    fn root(&mut self) -> Result<(BytesStart<'a>, bool), BadTwiml> {
        loop {
            let (element, is_empty) = match self.read()? {
                Event::Start(element) => (element, false),
                Event::Empty(element) => (element, true),
                Event::Decl(_) if self.from > 0 => {
                    return Err(BadTwiml::Xml("the declaration must be at the very start".to_owned()));
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

    /// Accepts only comments after the root.
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

    /// Reads the verbs up to the end of the current element.
    pub(super) fn verbs_of(&mut self, inside: &'static str) -> Result<Vec<Verb>, BadTwiml> {
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
            attribute::RECORD if nested => return Err(BadTwiml::Nested(attribute::RECORD)),
            attribute::RECORD => verbs.push(self.record(element, content)?),
            attribute::HANGUP if nested => return Err(BadTwiml::Nested(attribute::HANGUP)),
            attribute::HANGUP => {
                for_each(element, |name, _| self.complain(unknown(attribute::HANGUP, name, "none")))?;
                self.nothing_in(attribute::HANGUP, content)?;
                verbs.push(Verb::Hangup);
            }
            other => match NOT_RUN.into_iter().find(|known| *known == other) {
                Some(known) => {
                    self.complain(BadTwiml::NotRun(format!("`<{known}>`")))?;
                    if nested && known != "Play" {
                        return Err(BadTwiml::Nested(known));
                    }
                    self.skip(known, content)?;
                    // Decision: a call that was picked up can no longer be rejected, so it is hung up.
                    let rejects = known == "Reject";
                    verbs.push(if rejects { Verb::Hangup } else { Verb::Pause(Span::SECOND) });
                }
                None => return Err(BadTwiml::UnknownVerb(other.to_owned())),
            },
        }
        Ok(())
    }

    /// Reads a `Say`, repeated by its `loop` attribute.
    fn say(
        &mut self,
        element: &BytesStart<'a>,
        content: Content,
        verbs: &mut Vec<Verb>,
    ) -> Result<(), BadTwiml> {
        let mut times = 1;
        for_each(element, |name, value| {
            match name {
                "voice" | "language" => {}
                "loop" => {
                    times = self.rounds(attribute::LOOP.number(value)?)?;
                }
                _ => self.complain(unknown(attribute::SAY, name, "`voice`, `language` and `loop`"))?,
            }
            Ok(())
        })?;
        let more = times as usize - 1;
        self.verbs_left = self.verbs_left.checked_sub(more).ok_or(BadTwiml::TooManyVerbs)?;
        let at = self.from;
        let words = self.words_of(attribute::SAY, content, &PRONUNCIATION)?;
        if words.is_empty() {
            self.from = at;
            return self.complain(BadTwiml::EmptySay);
        }
        let speech = Speech::of_sentence(&words);
        verbs.extend((0..times).map(|_| Verb::Say(speech.clone())));
        Ok(())
    }

    /// The rounds of a `loop`: Twilio ends it after 1,000, and 0 is as many. A lenient reader cuts a loop that
    /// does not fit down to half of the verbs that are left, so that the rest of the document fits.
    fn rounds(&mut self, asked: u32) -> Result<u32, BadTwiml> {
        if self.dialect == Dialect::Strict {
            let endless = || BadTwiml::NotRun("`<Say loop=\"0\">`, without an end,".to_owned());
            return if asked == 0 { Err(endless()) } else { Ok(asked) };
        }
        let asked = if asked == 0 { ROUNDS_MAX } else { asked.min(ROUNDS_MAX) };
        if asked as usize - 1 <= self.verbs_left {
            return Ok(asked);
        }
        let fit = u32::try_from(self.verbs_left / 2 + 1).unwrap_or(u32::MAX);
        self.complain(BadTwiml::TooManyRounds { asked, fit })?;
        Ok(fit)
    }

    fn pause(&mut self, element: &BytesStart<'a>, content: Content) -> Result<Verb, BadTwiml> {
        let mut length = Span::SECOND;
        for_each(element, |name, value| {
            match name {
                "length" => length = attribute::LENGTH.seconds(value)?,
                _ => self.complain(unknown(attribute::PAUSE, name, "`length`"))?,
            }
            Ok(())
        })?;
        self.nothing_in(attribute::PAUSE, content)?;
        Ok(Verb::Pause(length))
    }

    /// Reads the text up to the end of the current element, with words separated by single spaces. Text
    /// inside `allowed` elements is included.
    pub(super) fn words_of(
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
                // An empty element separates two words.
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

    /// Skips everything up to the end of the current element.
    fn skip(&mut self, element: &str, content: Content) -> Result<(), BadTwiml> {
        let mut depth = usize::from(content == Content::Follows);
        while depth > 0 {
            match self.read()? {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Text(_)
                | Event::CData(_)
                | Event::GeneralRef(_)
                | Event::Empty(_)
                | Event::Comment(_)
                | Event::PI(_) => {}
                Event::Decl(_) | Event::DocType(_) => return Err(misplaced()),
                Event::Eof => return Err(unclosed(element)),
            }
        }
        Ok(())
    }

    /// Reports a warning of Twilio or an unsupported feature: an error or a warning, depending on the
    /// dialect.
    pub(super) fn complain(&mut self, why: BadTwiml) -> Result<(), BadTwiml> {
        match self.dialect {
            Dialect::Strict => return Err(why),
            Dialect::Lenient if self.warnings.len() < WARNINGS_MAX => {
                let warning = self.place(why);
                self.warnings.push(warning);
            }
            Dialect::Lenient => {}
        }
        Ok(())
    }

    pub(super) fn nothing_in(&mut self, inside: &'static str, content: Content) -> Result<(), BadTwiml> {
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

    /// Locates `why` at the start of the last event.
    fn place(&self, why: BadTwiml) -> TwimlError {
        let from = (0..=self.from.min(self.body.len())).rev().find(|at| self.body.is_char_boundary(*at));
        let before = &self.body[..from.unwrap_or_default()];
        let line = before.rsplit('\n').next().unwrap_or_default();
        TwimlError { why, line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}
