//! Parameters for durations, counts and ordinals.

use std::str::FromStr;

use cucumber::Parameter;

use crate::base::time::{BadSpan, Span};
use crate::gherkin::words::BadWord;
use crate::story::nearest;

/// A duration: `10 minutes`, `1 day`, `1 hour and 30 minutes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Parameter)]
#[param(name = "duration", regex = r"[0-9]+ ?[a-z]+(?: (?:and )?[0-9]+ ?[a-z]+)*")]
pub struct Duration(pub Span);

impl FromStr for Duration {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        text.replace(" and ", " ").parse().map(Self).map_err(|error| {
            let mut bad = BadWord::of(&error);
            if let BadSpan::Unit(unit) = &error
                && let Some(near) = nearest(unit, UNITS)
            {
                bad.help = format!("did you mean \"{near}\"?");
            }
            bad
        })
    }
}

/// Unit names for suggestions.
const UNITS: [&str; 10] =
    ["milliseconds", "seconds", "minutes", "hours", "days", "millisecond", "second", "minute", "hour", "day"];

/// A count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Parameter)]
#[param(name = "count", regex = r"[0-9]+")]
pub struct Count(pub u32);

impl FromStr for Count {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        text.parse().map(Self).map_err(|_| BadWord {
            says: format!("`{text}` is too large"),
            help: format!("the maximum is {}", u32::MAX),
        })
    }
}

/// An ordinal, starting at 1: `1st`, `2nd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Parameter)]
#[param(name = "nth", regex = r"[0-9]+(?:st|nd|rd|th)")]
pub struct Nth(pub u16);

impl FromStr for Nth {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let nth = digits.parse().ok().filter(|nth| *nth > 0);
        nth.map(Self).ok_or_else(|| BadWord {
            says: format!("there is no `{text}`"),
            help: format!("ordinals are 1st to {}th", u16::MAX),
        })
    }
}
