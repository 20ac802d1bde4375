//! Writes a document as XML.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use crate::base::time::Span;
use crate::message::{Gather, Hook, Method, Record, Twiml, Verb};
use crate::providers::phone::twiml::rule;

/// Writes `document` without addresses: each hook leads to the document's own.
pub fn write(document: &Twiml) -> String {
    write_with(document, &mut |_| None)
}

/// Writes `document` with the XML declaration, omitting attributes with default values. The text is always
/// well-formed, and seconds are truncated. `address` returns the address of a hook; `None` omits it.
pub fn write_with(document: &Twiml, address: &mut dyn FnMut(Hook) -> Option<String>) -> String {
    let text = String::from(r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#);
    let mut writer = Writer { text, address };
    for verb in &document.verbs {
        writer.verb(verb);
    }
    writer.text.push_str("</Response>");
    writer.text
}

struct Writer<'a> {
    text: String,
    address: &'a mut dyn FnMut(Hook) -> Option<String>,
}

impl Writer<'_> {
    fn verb(&mut self, verb: &Verb) {
        match verb {
            Verb::Say(speech) => {
                self.text.push_str("<Say>");
                self.text.push_str(&escape(speakable(&speech.sentence())));
                self.text.push_str("</Say>");
            }
            Verb::Pause(length) if *length == Span::SECOND => self.text.push_str("<Pause/>"),
            Verb::Pause(length) => self.push(format_args!(r#"<Pause length="{}"/>"#, length.as_secs())),
            Verb::Gather(gather) => self.gather(gather),
            Verb::Redirect(hook) => {
                self.text.push_str("<Redirect");
                self.method(*hook);
                match hook.and_then(|hook| (self.address)(hook)) {
                    Some(address) => self.push(format_args!(">{}</Redirect>", escape(&address))),
                    None => self.text.push_str("/>"),
                }
            }
            Verb::Record(record) => self.record(record),
            Verb::Hangup => self.text.push_str("<Hangup/>"),
        }
    }

    fn gather(&mut self, gather: &Gather) {
        let usual = Gather::default();
        self.text.push_str("<Gather");
        if let Some(count) = gather.num_digits {
            self.push(format_args!(r#" numDigits="{count}""#));
        }
        if gather.timeout != usual.timeout {
            self.push(format_args!(r#" timeout="{}""#, gather.timeout.as_secs()));
        }
        if gather.finish_on_key != usual.finish_on_key {
            let key = gather.finish_on_key.map(|key| key.sign().to_string()).unwrap_or_default();
            self.push(format_args!(r#" finishOnKey="{key}""#));
        }
        if gather.action_on_empty {
            self.text.push_str(r#" actionOnEmptyResult="true""#);
        }
        if !gather.takes_keys {
            self.text.push_str(r#" input="speech""#);
        }
        if let Some(address) = gather.action.and_then(|hook| (self.address)(hook)) {
            self.push(format_args!(r#" action="{}""#, escape(&address)));
        }
        self.method(gather.action);
        self.text.push('>');
        for prompt in &gather.prompts {
            self.verb(prompt);
        }
        self.text.push_str("</Gather>");
    }

    fn record(&mut self, record: &Record) {
        let usual = Record::default();
        self.text.push_str("<Record");
        if record.timeout != usual.timeout {
            self.push(format_args!(r#" timeout="{}""#, record.timeout.as_secs()));
        }
        if record.max_length != usual.max_length {
            self.push(format_args!(r#" maxLength="{}""#, record.max_length.as_secs()));
        }
        if record.finish_on_key != usual.finish_on_key {
            self.push(format_args!(r#" finishOnKey="{}""#, record.finish_on_key.reveal()));
        }
        if !record.beeps {
            self.text.push_str(r#" playBeep="false""#);
        }
        if let Some(address) = record.action.and_then(|hook| (self.address)(hook)) {
            self.push(format_args!(r#" action="{}""#, escape(&address)));
        }
        self.method(record.action);
        self.text.push_str("/>");
    }

    /// Writes the method unless it is POST, the default of both verbs.
    fn method(&mut self, hook: Option<Hook>) {
        if let Some(method @ Method::Get) = hook.map(|hook| hook.method) {
            self.push(format_args!(r#" method="{}""#, method.name()));
        }
    }

    fn push(&mut self, part: std::fmt::Arguments<'_>) {
        let pushed = self.text.write_fmt(part);
        pushed.unwrap_or_else(|_| unreachable!("a string takes all that is written to it"));
    }
}

/// Replaces control characters with spaces, because XML cannot carry them even escaped.
fn speakable(sentence: &str) -> String {
    sentence.chars().map(|c| if rule::is_xml(c) { c } else { ' ' }).collect()
}
