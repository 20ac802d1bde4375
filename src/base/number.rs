//! Telephone numbers, as stored or typed in.
//!
//! E.164 requires a plus sign, a country code and at most 15 digits, without spaces. Stored numbers may be
//! invalid (no country code, too few digits), in which case the phone company refuses them. A [`Number`]
//! can hold invalid numbers too; [`Number::is_e164`] distinguishes them.

mod plan;

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// Maximum number of digits in E.164, including the country code.
pub const E164_DIGITS_MAX: u8 = 15;

/// Minimum number of digits of a dialable number, including the country code.
const E164_DIGITS_MIN: u8 = 8;

// Premium-rate prefixes, grouped by length: the international ones (ITU-T E.164.2), and some national ones.
const PREMIUM_RATE_3: [u64; 2] = [979, 449];
const PREMIUM_RATE_4: [u64; 2] = [1_900, 3_389];
const PREMIUM_RATE_5: [u64; 4] = [49_900, 34_803, 34_806, 34_807];

/// Up to 15 digits with an optional leading plus sign.
// Packed, because every crossing of a call holds two of them and is copied several times.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(4))]
pub struct Number {
    digits: u64,
    len: u8,
    plus: bool,
}

/// An error from parsing a [`Number`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNumber {
    /// The text is empty.
    #[error("a phone number is empty; write it in E.164, for example `+34600000001`")]
    Empty,
    /// Something other than digits, spaces, dashes and one plus sign in front.
    #[error("`{0}` is not allowed in a phone number; write it in E.164, for example `+34600000001`")]
    Character(char),
    /// An extension behind the number.
    #[error(
        "an extension, such as `;ext=12`, is no part of a phone number; leave it out, and dial it when the call is \
         answered"
    )]
    Extension,
    /// More than 15 digits.
    #[error("a phone number has at most 15 digits (E.164)")]
    TooLong,
}

impl Number {
    /// Placeholder for a missing number.
    pub const NONE: Self = Self { digits: 0, len: 0, plus: false };

    /// A number with a plus sign and these digits, at most 15.
    ///
    /// # Panics
    /// If `digits` is zero or has more than 15 digits.
    pub const fn international(digits: u64) -> Self {
        let len = digits.ilog10() as u8 + 1;
        assert!(len <= E164_DIGITS_MAX, "a phone number has at most 15 digits");
        Self { digits, len, plus: true }
    }

    /// Parses a number as people write it, ignoring spaces and dashes.
    ///
    /// # Errors
    /// [`BadNumber`] for an empty text, an invalid character, or more than 15 digits.
    pub fn read(text: &str) -> Result<Self, BadNumber> {
        let text = text.trim();
        let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        let (mut digits, mut len) = (0_u64, 0_u8);
        for (at, c) in rest.char_indices() {
            match c {
                '0'..='9' if len == E164_DIGITS_MAX => return Err(BadNumber::TooLong),
                '0'..='9' => {
                    digits = digits * 10 + u64::from(c as u32 - '0' as u32);
                    len += 1;
                }
                ' ' | '-' => {}
                _ if len > 0 && is_extension(&rest[at..]) => return Err(BadNumber::Extension),
                other => return Err(BadNumber::Character(other)),
            }
        }
        if len == 0 { Err(BadNumber::Empty) } else { Ok(Self { digits, len, plus }) }
    }

    /// Whether this is a full E.164 number: a plus sign and 8 to 15 digits, the first of which is not zero.
    pub fn is_e164(self) -> bool {
        self.plus
            && (E164_DIGITS_MIN..=E164_DIGITS_MAX).contains(&self.len)
            && self.digits >= 10_u64.pow(u32::from(self.len) - 1)
    }

    /// Whether this is a premium-rate number in international format, of at least 5 digits.
    pub fn is_premium_rate(self) -> bool {
        // Checked for every order: of three divisions only the first is by an unknown number, which is slow.
        let Some(rest) = self.len.checked_sub(5).filter(|_| self.plus) else { return false };
        let first_5 = self.digits / 10_u64.pow(u32::from(rest));
        PREMIUM_RATE_5.contains(&first_5)
            || PREMIUM_RATE_4.contains(&(first_5 / 10))
            || PREMIUM_RATE_3.contains(&(first_5 / 100))
    }

    /// The masked form for pages shown before full authentication: only the last two digits are visible.
    pub const fn masked(self) -> Masked {
        let visible = if self.len < Masked::VISIBLE { self.len } else { Masked::VISIBLE };
        Masked { last: self.digits % 100, visible, len: self.len, plus: self.plus }
    }

    /// The same type for pages that do not mask numbers.
    pub const fn unmasked(self) -> Masked {
        Masked { last: self.digits, visible: self.len, len: self.len, plus: self.plus }
    }
}

/// Whether this is an extension, as RFC 3966 section 5.3 and people write it.
fn is_extension(text: &str) -> bool {
    let digits = ["ext", "x", "#", ","].into_iter().find_map(|mark| {
        let text = text.trim_start_matches(';');
        text.get(..mark.len()).filter(|start| start.eq_ignore_ascii_case(mark))?;
        Some(text[mark.len()..].trim_start_matches(['.', ':', '=', ' ', '#', ',']))
    });
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plus = if self.plus { "+" } else { "" };
        write!(f, "{plus}{:0width$}", { self.digits }, width = usize::from(self.len))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Number {
    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A telephone number: digits, with a plus sign before the country code.",
            "type": "string",
            "pattern": "^\\+?[0-9]*$",
        })
    }
}

/// A number with only the last two digits visible, `+•••••••••01`, or unmasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masked {
    last: u64,
    visible: u8,
    len: u8,
    plus: bool,
}

impl Masked {
    /// Visible digits of a masked number.
    const VISIBLE: u8 = 2;

    /// Whether the number is unmasked.
    pub const fn is_whole(self) -> bool {
        self.visible == self.len
    }

    /// Parses a displayed number; `None` if `text` is not one.
    pub fn read(text: &str) -> Option<Self> {
        let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        let visible = rest.trim_start_matches('•');
        let len = u8::try_from(rest.chars().count()).ok().filter(|len| *len <= E164_DIGITS_MAX)?;
        let shown =
            u8::try_from(visible.len()).ok().filter(|_| visible.bytes().all(|b| b.is_ascii_digit()))?;
        (shown == Self::VISIBLE.min(len) || shown == len).then_some(())?;
        Some(Self { last: visible.parse().ok()?, visible: shown, len, plus })
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plus = if self.plus { "+" } else { "" };
        let hidden = usize::from(self.len.saturating_sub(self.visible));
        write!(f, "{plus}{}{:0width$}", "•".repeat(hidden), self.last, width = usize::from(self.visible))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_normalised_but_not_repaired() {
        for (text, prints, e164) in [
            ("+34 600 000 001", "+34600000001", true),
            ("+1-415-867-5310", "+14158675310", true),
            ("0600000001", "0600000001", false),
            ("600000001", "600000001", false),
            ("+07911123456", "+07911123456", false),
            ("+1234567", "+1234567", false),
        ] {
            let number = Number::read(text).unwrap();
            assert_eq!((number.to_string().as_str(), number.is_e164()), (prints, e164), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (text, error) in [
            ("", BadNumber::Empty),
            ("+", BadNumber::Empty),
            ("+34 600 ana", BadNumber::Character('a')),
            ("34+600", BadNumber::Character('+')),
            ("+3460000000100000", BadNumber::TooLong),
            ("+34600000001;ext=12", BadNumber::Extension),
            ("+34 600 000 001 ext. 12", BadNumber::Extension),
            ("+34600000001x12", BadNumber::Extension),
            ("+34600000001#12", BadNumber::Extension),
            ("+34600000001,,12", BadNumber::Extension),
            ("+34600000001x", BadNumber::Character('x')),
            ("ext. 12", BadNumber::Character('e')),
            ("+34600000001;phone-context=1", BadNumber::Character(';')),
        ] {
            assert_eq!(Number::read(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_masked_number_shows_two_digits() {
        let masked = Number::read("+34600000001").unwrap().masked();
        assert_eq!(masked.to_string(), "+•••••••••01");
    }

    #[test]
    fn premium_rates_are_known_by_what_a_number_begins_with() {
        for (text, premium) in [
            ("+979123456789", true),
            ("+19005550100", true),
            ("+449123456789", true),
            ("+34803123456", true),
            ("+34600000001", false),
            ("+14155550100", false),
            ("+447911123456", false),
            ("979123456789", false),
            ("+97", false),
            ("+979", false),
        ] {
            assert_eq!(Number::read(text).unwrap().is_premium_rate(), premium, "{text}");
        }
        assert_eq!(Number::international(979_123_456_789), Number::read("+979 123 456 789").unwrap());
    }

    proptest! {
        #[test]
        fn a_number_and_its_mask_read_back(text in r"\+?[0-9]{2,15}") {
            let number = Number::read(&text).unwrap();
            prop_assert_eq!(number.to_string(), text);
            for shown in [number.masked(), number.unmasked()] {
                prop_assert_eq!(Masked::read(&shown.to_string()), Some(shown));
            }
            prop_assert_eq!(number.unmasked().to_string(), number.to_string());
        }
    }
}
