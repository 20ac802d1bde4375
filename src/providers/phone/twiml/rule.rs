//! Rules for documents, whether or not they were ever text.

use crate::base::time::Span;
use crate::message::{Gather, Record, Speech, Twiml, Verb};
use crate::providers::phone::twiml::attribute::Attribute;
use crate::providers::phone::twiml::{BODY_MAX, BadTwiml, VERBS_MAX, attribute, write};

/// Whether `document` can run. It accepts exactly the documents whose text [`parse`](super::parse())
/// accepts.
///
/// # Errors
/// The first error in the document.
pub fn check(document: &Twiml) -> Result<(), BadTwiml> {
    let mut left = VERBS_MAX;
    for verb in &document.verbs {
        count(&mut left)?;
        match verb {
            Verb::Say(speech) => says_something(speech)?,
            Verb::Pause(length) => lasts(attribute::LENGTH, *length)?,
            Verb::Gather(gather) => check_gather(gather, &mut left)?,
            Verb::Record(record) => check_record(record)?,
            Verb::Redirect(_) | Verb::Hangup => {}
        }
    }
    fits(document)
}

/// Whether the written document fits into a body. Escapes lengthen the text.
pub(super) fn fits(document: &Twiml) -> Result<(), BadTwiml> {
    // Short texts always fit, so skip writing the document.
    if words(&document.verbs) <= FEW_WORDS {
        return Ok(());
    }
    let bytes = write(document).len();
    if bytes > BODY_MAX { Err(BadTwiml::TooBig(bytes)) } else { Ok(()) }
}

/// Bytes of text that always fit: an escape takes six bytes, and the markup takes less than a hundred per
/// verb.
const FEW_WORDS: usize = (BODY_MAX - 100 * VERBS_MAX) / 6 - 100;

fn words(verbs: &[Verb]) -> usize {
    let of = |verb: &Verb| match verb {
        Verb::Say(Speech::Text(text)) => text.len(),
        Verb::Gather(gather) => words(&gather.prompts),
        Verb::Say(_) | Verb::Pause(_) | Verb::Redirect(_) | Verb::Record(_) | Verb::Hangup => 0,
    };
    verbs.iter().map(of).sum()
}

fn check_gather(gather: &Gather, left: &mut usize) -> Result<(), BadTwiml> {
    // Checked in the order in which attributes are written, so that both stages report the same error.
    if gather.num_digits == Some(0) {
        return Err(attribute::NUM_DIGITS.bad("0"));
    }
    lasts(attribute::TIMEOUT, gather.timeout)?;
    if let Some(key) = gather.finish_on_key.filter(|key| !attribute::finishes(*key)) {
        return Err(attribute::FINISH_ON_KEY.bad(key.sign()));
    }
    for prompt in &gather.prompts {
        count(left)?;
        match prompt {
            Verb::Say(speech) => says_something(speech)?,
            Verb::Pause(length) => lasts(attribute::LENGTH, *length)?,
            Verb::Gather(_) => return Err(BadTwiml::Nested(attribute::GATHER)),
            Verb::Redirect(_) => return Err(BadTwiml::Nested(attribute::REDIRECT)),
            Verb::Record(_) => return Err(BadTwiml::Nested(attribute::RECORD)),
            Verb::Hangup => return Err(BadTwiml::Nested(attribute::HANGUP)),
        }
    }
    Ok(())
}

fn check_record(record: &Record) -> Result<(), BadTwiml> {
    lasts(attribute::SILENCE, record.timeout)?;
    lasts(attribute::MAX_LENGTH, record.max_length)
}

fn count(left: &mut usize) -> Result<(), BadTwiml> {
    *left = left.checked_sub(1).ok_or(BadTwiml::TooManyVerbs)?;
    Ok(())
}

/// TwiML durations are whole seconds, at least one.
fn lasts(attribute: Attribute, span: Span) -> Result<(), BadTwiml> {
    let seconds = span.as_secs();
    let fits = (1..=u64::from(u32::MAX)).contains(&seconds);
    if fits { Ok(()) } else { Err(attribute.bad(seconds.to_string())) }
}

fn says_something(speech: &Speech) -> Result<(), BadTwiml> {
    match speech {
        Speech::Text(text) if text.chars().all(is_silent) => Err(BadTwiml::EmptySay),
        Speech::Text(_)
        | Speech::KeyInTheCode
        | Speech::KeyInACode
        | Speech::WrongCode
        | Speech::Verified
        | Speech::CouldNot
        | Speech::NoInput
        | Speech::TheCode(_) => Ok(()),
    }
}

/// White space and characters that XML cannot carry.
pub(super) fn is_silent(c: char) -> bool {
    c.is_whitespace() || !is_xml(c)
}

/// XML 1.0 section 2.2, `Char`, without the control characters that trouble parsers.
pub(super) fn is_xml(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')
}
