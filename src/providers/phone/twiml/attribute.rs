//! The attributes of the verbs: their permitted values, and Twilio's error codes.

use crate::base::time::Span;
use crate::message::{Digits, Key, Method};
use crate::providers::phone::twiml::BadTwiml;

pub(super) const GATHER: &str = "Gather";
pub(super) const SAY: &str = "Say";
pub(super) const PAUSE: &str = "Pause";
pub(super) const REDIRECT: &str = "Redirect";
pub(super) const RECORD: &str = "Record";
pub(super) const HANGUP: &str = "Hangup";

/// An attribute whose value is validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    element: &'static str,
    name: &'static str,
    wants: &'static str,
    code: u32,
}

/// `<Gather timeout>`.
pub(super) const TIMEOUT: Attribute =
    Attribute { element: GATHER, name: "timeout", wants: POSITIVE_SECONDS, code: 13313 };
/// `<Gather numDigits>`.
pub(super) const NUM_DIGITS: Attribute =
    Attribute { element: GATHER, name: "numDigits", wants: "a whole number above zero", code: 13314 };
/// `<Gather finishOnKey>`.
pub(super) const FINISH_ON_KEY: Attribute =
    Attribute { element: GATHER, name: "finishOnKey", wants: "one of `0123456789#*`, or empty", code: 13310 };
/// `<Gather actionOnEmptyResult>`.
pub(super) const ACTION_ON_EMPTY: Attribute =
    Attribute { element: GATHER, name: "actionOnEmptyResult", wants: "`true` or `false`", code: 13338 };
/// `<Gather input>`.
pub(super) const INPUT: Attribute =
    Attribute { element: GATHER, name: "input", wants: "`dtmf`, `speech` or both", code: 12200 };
/// `<Gather method>`.
pub(super) const GATHER_METHOD: Attribute =
    Attribute { element: GATHER, name: "method", wants: METHODS, code: 13312 };
/// `<Redirect method>`.
pub(super) const REDIRECT_METHOD: Attribute =
    Attribute { element: REDIRECT, name: "method", wants: METHODS, code: 13710 };
/// `<Pause length>`.
pub(super) const LENGTH: Attribute =
    Attribute { element: PAUSE, name: "length", wants: POSITIVE_SECONDS, code: 13910 };
/// `<Say loop>`.
pub(super) const LOOP: Attribute =
    Attribute { element: SAY, name: "loop", wants: "a whole number", code: 13510 };

/// `<Record timeout>`.
pub(super) const SILENCE: Attribute =
    Attribute { element: RECORD, name: "timeout", wants: POSITIVE_SECONDS, code: 12200 };
/// `<Record maxLength>`.
pub(super) const MAX_LENGTH: Attribute =
    Attribute { element: RECORD, name: "maxLength", wants: POSITIVE_SECONDS, code: 12200 };
/// `<Record finishOnKey>`.
pub(super) const FINISH_ON_KEYS: Attribute = Attribute {
    element: RECORD,
    name: "finishOnKey",
    wants: "keys of `0123456789#*`, or empty",
    code: 12200,
};
/// `<Record playBeep>`.
pub(super) const BEEP: Attribute =
    Attribute { element: RECORD, name: "playBeep", wants: "`true` or `false`", code: 12200 };
/// `<Record method>`.
pub(super) const RECORD_METHOD: Attribute =
    Attribute { element: RECORD, name: "method", wants: METHODS, code: 12200 };

const POSITIVE_SECONDS: &str = "a whole number of seconds above zero";
const METHODS: &str = "`GET` or `POST`";

impl Attribute {
    /// The error for an invalid `value`.
    pub(super) fn bad(self, value: impl Into<String>) -> BadTwiml {
        let Self { element, name: attribute, wants, code } = self;
        BadTwiml::Value { element, attribute, value: value.into(), wants, code }
    }

    /// The error for a `value` that is valid on Twilio but not supported here.
    pub(super) fn not_run(self, value: &str) -> BadTwiml {
        BadTwiml::NotRun(format!("`<{} {}=\"{value}\">`", self.element, self.name))
    }

    /// The error for an address that cannot be resolved.
    pub(super) fn leads_to(self, address: &str) -> BadTwiml {
        BadTwiml::Elsewhere { element: self.element, address: address.to_owned() }
    }

    /// Parses a whole number.
    pub(super) fn number(self, value: &str) -> Result<u32, BadTwiml> {
        // `parse` alone would accept a plus sign.
        let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| value.parse().ok()).flatten().ok_or_else(|| self.bad(value))
    }

    /// Parses a whole number of seconds above zero.
    pub(super) fn seconds(self, value: &str) -> Result<Span, BadTwiml> {
        match self.number(value)? {
            0 => Err(self.bad(value)),
            seconds => Ok(Span::from_secs(u64::from(seconds))),
        }
    }

    /// Parses a whole number above zero, capped at `u8::MAX`.
    pub(super) fn count(self, value: &str) -> Result<u8, BadTwiml> {
        match self.number(value)? {
            0 => Err(self.bad(value)),
            count => Ok(u8::try_from(count).unwrap_or(u8::MAX)),
        }
    }

    /// Parses a finishing key; an empty value is `None`.
    pub(super) fn key(self, value: &str) -> Result<Option<Key>, BadTwiml> {
        let mut signs = value.chars();
        match (signs.next(), signs.next()) {
            (None, _) => Ok(None),
            (Some(sign), None) => {
                let key = Key::of(sign).filter(|key| finishes(*key));
                key.map(Some).ok_or_else(|| self.bad(value))
            }
            (Some(_), Some(_)) => Err(self.bad(value)),
        }
    }

    /// Parses finishing keys.
    pub(super) fn keys(self, value: &str) -> Result<Digits, BadTwiml> {
        let keys = Digits::read(value).filter(|_| value.chars().filter_map(Key::of).all(finishes));
        keys.ok_or_else(|| self.bad(value))
    }

    /// Parses `true` or `false`.
    pub(super) fn truth(self, value: &str) -> Result<bool, BadTwiml> {
        value.parse().map_err(|_| self.bad(value))
    }

    /// Parses the input modes into (keys, speech).
    pub(super) fn input(self, value: &str) -> Result<(bool, bool), BadTwiml> {
        match value {
            "dtmf" => Ok((true, false)),
            "speech" => Ok((false, true)),
            "dtmf speech" | "speech dtmf" => Ok((true, true)),
            other => Err(self.bad(other)),
        }
    }

    /// Parses `GET` or `POST`.
    pub(super) fn method(self, value: &str) -> Result<Method, BadTwiml> {
        Method::named(value).ok_or_else(|| self.bad(value))
    }
}

/// Whether this key can finish a Gather. The letter keys cannot.
pub(super) const fn finishes(key: Key) -> bool {
    matches!(key.sign(), '0'..='9' | '#' | '*')
}
