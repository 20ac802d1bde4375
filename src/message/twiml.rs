//! A TwiML document as plain data: the verbs needed for a verification call.
//!
//! The phone company runs it, the service creates it, and only the wire knows it as XML. Names and defaults
//! are Twilio's (TW-twiml).

use std::sync::Arc;

use crate::base::secret::Code;
use crate::base::time::Span;
use crate::event::Said;
use crate::message::{Digits, Hook, Key};

/// `<Response>`: verbs, run from top to bottom; the call hangs up at the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Twiml {
    /// The verbs in order.
    pub verbs: Vec<Verb>,
}

/// A verb.
#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    /// `<Say>`: speaks.
    Say(Speech),
    /// `<Pause length>`.
    Pause(Span),
    /// `<Gather>`: collects keys.
    Gather(Gather),
    /// `<Redirect>`: replaces this document with the one at this address; `None` is the document's own URL,
    /// with POST.
    Redirect(Option<Hook>),
    /// `<Record>`: records the person on the line.
    Record(Record),
    /// `<Hangup>`.
    Hangup,
}

/// `<Record>`. Nobody speaks in a simulation, so a recording holds silence.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// `timeout`: silence that ends the recording; default 5 s.
    pub timeout: Span,
    /// `finishOnKey`: any of these keys ends it; all but the letter keys by default.
    pub finish_on_key: Digits,
    /// `maxLength`: default one hour.
    pub max_length: Span,
    /// `playBeep`: default true.
    pub beeps: bool,
    /// `action` and `method`; `None` is the document's own URL, with POST.
    pub action: Option<Hook>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            timeout: Span::from_secs(5),
            finish_on_key: Self::USUAL_KEYS.chars().filter_map(Key::of).fold(
                Digits::EMPTY,
                |mut keys, key| {
                    keys.push(key);
                    keys
                },
            ),
            max_length: Span::HOUR,
            beeps: true,
            action: None,
        }
    }
}

impl Record {
    const USUAL_KEYS: &str = "1234567890*#";

    /// Whether this key ends the recording.
    pub fn ends_on(&self, key: Key) -> bool {
        self.finish_on_key.reveal().contains(key.sign())
    }
}

/// `<Gather input="dtmf">` with its nested prompts.
#[derive(Clone, Debug, PartialEq)]
pub struct Gather {
    /// Nested `<Say>` and `<Pause>` only; the first key stops them.
    pub prompts: Vec<Verb>,
    /// `timeout`: restarted by each key; default 5 s.
    pub timeout: Span,
    /// `numDigits`; default unlimited.
    pub num_digits: Option<u8>,
    /// `finishOnKey`: default `#`, `None` if empty.
    pub finish_on_key: Option<Key>,
    /// `actionOnEmptyResult`: default false.
    pub action_on_empty: bool,
    /// `action` and `method`; `None` is the document's own URL, with POST.
    pub action: Option<Hook>,
    /// Whether `input` includes `dtmf`, the default. A Gather for speech alone takes no keys and hears
    /// nothing, because speech is not simulated.
    pub takes_keys: bool,
}

impl Default for Gather {
    fn default() -> Self {
        Self {
            prompts: Vec::new(),
            timeout: Span::from_secs(5),
            num_digits: None,
            finish_on_key: Some(Key::HASH),
            action_on_empty: false,
            action: None,
            takes_keys: true,
        }
    }
}

impl Gather {
    /// Whether `digits` completes the Gather.
    pub fn is_full(&self, digits: &Digits) -> bool {
        self.num_digits.is_some_and(|most| digits.len() >= most)
    }
}

/// A spoken sentence, by meaning; on the wire each is a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Speech {
    /// Asks for the code on the screen.
    KeyInTheCode,
    /// Asks for a code without naming the caller or the purpose.
    KeyInACode,
    /// The code was wrong; asks again.
    WrongCode,
    /// The code was right.
    Verified,
    /// The verification failed; goodbye.
    CouldNot,
    /// Nothing was keyed in; goodbye.
    NoInput,
    /// Speaks a code, digit by digit, including leading zeros.
    TheCode(Code),
    /// Any other text.
    Text(Arc<str>),
}

impl Speech {
    /// The meaning, without secrets.
    pub const fn said(&self) -> Said {
        match self {
            Self::KeyInTheCode => Said::KeyInTheCode,
            Self::KeyInACode => Said::KeyInACode,
            Self::WrongCode => Said::WrongCode,
            Self::Verified => Said::Verified,
            Self::CouldNot => Said::CouldNot,
            Self::NoInput => Said::NoInput,
            Self::TheCode(_) => Said::TheCode,
            Self::Text(_) => Said::SomethingElse,
        }
    }

    /// The spoken text.
    pub fn sentence(&self) -> String {
        match self {
            Self::TheCode(code) => {
                let spaced: Vec<String> = code.reveal_text().chars().map(String::from).collect();
                format!("{} {}.", Self::YOUR_CODE, spaced.join(" "))
            }
            Self::Text(text) => text.to_string(),
            fixed => fixed.fixed_sentence().to_owned(),
        }
    }

    /// The meaning of a text: one of the reference service's sentences, or [`Speech::Text`].
    pub fn of_sentence(sentence: &str) -> Self {
        let fixed = [
            Self::KeyInTheCode,
            Self::KeyInACode,
            Self::WrongCode,
            Self::Verified,
            Self::CouldNot,
            Self::NoInput,
        ];
        if let Some(known) = fixed.into_iter().find(|speech| speech.fixed_sentence() == sentence) {
            return known;
        }
        let code = sentence
            .strip_prefix(Self::YOUR_CODE)
            .and_then(|rest| rest.strip_suffix('.'))
            .and_then(|digits| Code::read(&digits.replace(' ', "")));
        code.map_or_else(|| Self::Text(sentence.into()), Self::TheCode)
    }

    const YOUR_CODE: &str = "Your verification code is";

    const fn fixed_sentence(&self) -> &'static str {
        match self {
            Self::KeyInTheCode => {
                "This is the console's verification call. Key in the six digit code that stands on your screen."
            }
            Self::KeyInACode => "Hello. Key in the six digit code now.",
            Self::WrongCode => "That was not the code on your screen. Key it in again.",
            Self::Verified => "Thank you. Your phone number is verified. Go back to your screen.",
            Self::CouldNot => "Phone verification could not be completed. Goodbye.",
            Self::NoInput => "You did not press any keys. Goodbye.",
            Self::TheCode(_) | Self::Text(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_leads_back_to_its_meaning() {
        for speech in [
            Speech::KeyInTheCode,
            Speech::KeyInACode,
            Speech::WrongCode,
            Speech::Verified,
            Speech::CouldNot,
            Speech::NoInput,
            Speech::TheCode(Code::new(42, 6)),
            Speech::Text("Hello from somebody else.".into()),
        ] {
            assert_eq!(Speech::of_sentence(&speech.sentence()), speech);
        }
    }

    #[test]
    fn a_spoken_code_is_spaced_and_keeps_its_zeros() {
        assert_eq!(Speech::TheCode(Code::new(42, 6)).sentence(), "Your verification code is 0 0 0 0 4 2.");
    }
}
