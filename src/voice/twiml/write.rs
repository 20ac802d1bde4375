//! A document written as XML.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use crate::crossing::Gather;
use crate::crossing::Twiml;
use crate::crossing::Verb;
use crate::time::Span;
use crate::voice::twiml::rule;

/// The text of `document`, with the XML declaration; attributes stand there only where they differ
/// from their defaults. It is well-formed whatever the document holds, and seconds are cut to
/// whole ones.
pub fn write(document: &Twiml) -> String {
    let mut text = String::from(r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#);
    for verb in &document.verbs {
        write_verb(&mut text, verb);
    }
    text.push_str("</Response>");
    text
}

fn write_verb(text: &mut String, verb: &Verb) {
    match verb {
        Verb::Say(speech) => {
            text.push_str("<Say>");
            text.push_str(&escape(speakable(&speech.sentence())));
            text.push_str("</Say>");
        }
        Verb::Pause(length) if *length == Span::SECOND => text.push_str("<Pause/>"),
        Verb::Pause(length) => push(text, format_args!(r#"<Pause length="{}"/>"#, length.as_secs())),
        Verb::Gather(gather) => write_gather(text, gather),
        Verb::Redirect => text.push_str("<Redirect/>"),
        Verb::Hangup => text.push_str("<Hangup/>"),
    }
}

fn write_gather(text: &mut String, gather: &Gather) {
    let usual = Gather::default();
    text.push_str("<Gather");
    if let Some(count) = gather.num_digits {
        push(text, format_args!(r#" numDigits="{count}""#));
    }
    if gather.timeout != usual.timeout {
        push(text, format_args!(r#" timeout="{}""#, gather.timeout.as_secs()));
    }
    if gather.finish_on_key != usual.finish_on_key {
        let key = gather.finish_on_key.map(|key| key.sign().to_string()).unwrap_or_default();
        push(text, format_args!(r#" finishOnKey="{key}""#));
    }
    if gather.action_on_empty {
        text.push_str(r#" actionOnEmptyResult="true""#);
    }
    text.push('>');
    for prompt in &gather.prompts {
        write_verb(text, prompt);
    }
    text.push_str("</Gather>");
}

fn push(text: &mut String, part: std::fmt::Arguments<'_>) {
    text.write_fmt(part).unwrap_or_else(|_| unreachable!("a string takes all that is written to it"));
}

/// XML has no way to write control characters, not even escaped: a space stands for each.
fn speakable(sentence: &str) -> String {
    sentence.chars().map(|c| if rule::is_xml(c) { c } else { ' ' }).collect()
}
