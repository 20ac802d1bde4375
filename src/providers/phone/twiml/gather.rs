//! Reads the verbs with an address, `Gather`, `Record` and `Redirect`, from XML.

use quick_xml::events::BytesStart;

use crate::message::{Gather, Hook, Method, Record, Verb};
use crate::providers::phone::twiml::attribute::Attribute;
use crate::providers::phone::twiml::parse::Parser;
use crate::providers::phone::twiml::xml::{Content, for_each, unknown};
use crate::providers::phone::twiml::{BadTwiml, Dialect, attribute};

const GATHER_HAS: &str = "`numDigits`, `timeout`, `finishOnKey`, `actionOnEmptyResult`, `input`, `method`, \
                          `action` and `language`";

/// Speech recognition attributes, ignored because nobody speaks to this phone company.
const SPEECH: [&str; 10] = [
    "speechTimeout",
    "maxSpeechTime",
    "speechModel",
    "hints",
    "enhanced",
    "profanityFilter",
    "partialResultCallback",
    "partialResultCallbackMethod",
    "bargeIn",
    "debug",
];

const RECORD_HAS: &str = "`timeout`, `finishOnKey`, `maxLength`, `playBeep`, `method` and `action`";

/// Attributes of a recording that have no effect, because there is no sound.
const SOUND: [&str; 6] = [
    "trim",
    "transcribe",
    "transcribeCallback",
    "recordingStatusCallback",
    "recordingStatusCallbackMethod",
    "recordingStatusCallbackEvent",
];

impl<'a> Parser<'a, '_> {
    pub(super) fn record(&mut self, element: &BytesStart<'a>, content: Content) -> Result<Verb, BadTwiml> {
        let mut record = Record::default();
        let (mut method, mut action) = (Method::Post, String::new());
        for_each(element, |name, value| {
            match name {
                "method" => method = attribute::RECORD_METHOD.method(value)?,
                "action" => action = value.trim().to_owned(),
                "timeout" => record.timeout = attribute::SILENCE.seconds(value)?,
                "maxLength" => record.max_length = attribute::MAX_LENGTH.seconds(value)?,
                "finishOnKey" => record.finish_on_key = attribute::FINISH_ON_KEYS.keys(value)?,
                "playBeep" => record.beeps = attribute::BEEP.truth(value)?,
                sound if self.dialect == Dialect::Lenient && SOUND.contains(&sound) => {}
                _ => self.complain(unknown(attribute::RECORD, name, RECORD_HAS))?,
            }
            Ok(())
        })?;
        record.action = self.hook(attribute::RECORD_METHOD, &action, method)?;
        self.nothing_in(attribute::RECORD, content)?;
        Ok(Verb::Record(record))
    }

    pub(super) fn redirect(&mut self, element: &BytesStart<'a>, content: Content) -> Result<Verb, BadTwiml> {
        let mut method = Method::Post;
        for_each(element, |name, value| {
            match name {
                "method" => method = attribute::REDIRECT_METHOD.method(value)?,
                _ => self.complain(unknown(attribute::REDIRECT, name, "`method`"))?,
            }
            Ok(())
        })?;
        let address = self.words_of(attribute::REDIRECT, content, &[])?;
        Ok(Verb::Redirect(self.hook(attribute::REDIRECT_METHOD, &address, method)?))
    }

    pub(super) fn gather(&mut self, element: &BytesStart<'a>, content: Content) -> Result<Gather, BadTwiml> {
        let mut gather = Gather::default();
        let (mut method, mut action) = (Method::Post, String::new());
        for_each(element, |name, value| {
            match name {
                "input" => {
                    let (keys, speech) = attribute::INPUT.input(value)?;
                    gather.takes_keys = keys;
                    if speech {
                        self.complain(attribute::INPUT.not_run(value))?;
                    }
                }
                "method" => method = attribute::GATHER_METHOD.method(value)?,
                "action" => action = value.trim().to_owned(),
                "timeout" => gather.timeout = attribute::TIMEOUT.seconds(value)?,
                "numDigits" => gather.num_digits = Some(attribute::NUM_DIGITS.count(value)?),
                "finishOnKey" => gather.finish_on_key = attribute::FINISH_ON_KEY.key(value)?,
                "actionOnEmptyResult" => gather.action_on_empty = attribute::ACTION_ON_EMPTY.truth(value)?,
                // Only affects speech recognition, which is not simulated.
                "language" => {}
                speech if self.dialect == Dialect::Lenient && SPEECH.contains(&speech) => {}
                _ => self.complain(unknown(attribute::GATHER, name, GATHER_HAS))?,
            }
            Ok(())
        })?;
        gather.action = self.hook(attribute::GATHER_METHOD, &action, method)?;
        if content == Content::Follows {
            gather.prompts = self.verbs_of(attribute::GATHER)?;
        }
        Ok(gather)
    }

    /// Resolves an address; `None` is the document's own, with POST. `of` is an attribute of the same
    /// element, for the error.
    fn hook(&mut self, of: Attribute, address: &str, method: Method) -> Result<Option<Hook>, BadTwiml> {
        if address.is_empty() && method == Method::Post {
            return Ok(None);
        }
        match (self.resolve)(address, method) {
            Some(hook) => Ok(Some(hook)),
            None if address.is_empty() => Err(of.not_run(method.name())),
            None => Err(of.leads_to(address)),
        }
    }
}
