//! Parameter types of our steps: how features name people and lengths of time.

use std::str::FromStr;

use cucumber::Parameter;

use crate::time::BadSpan;
use crate::time::Span;

/// Somebody: by name, or by a pronoun for whoever was named last.
#[derive(Clone, Debug, PartialEq, Eq, Parameter)]
#[param(name = "who", regex = r"[Ss]he|[Hh]e|[Tt]hey|[A-Z][a-z]+")]
pub struct Who(pub Option<String>);

impl FromStr for Who {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let pronoun = ["she", "he", "they"].iter().any(|word| text.eq_ignore_ascii_case(word));
        Ok(Self((!pronoun).then(|| text.to_owned())))
    }
}

/// Somebody's: by name, or by a pronoun for whoever was named last.
#[derive(Clone, Debug, PartialEq, Eq, Parameter)]
#[param(name = "whose", regex = r"[Hh]er|[Hh]is|[Tt]heir|[A-Z][a-z]+'s")]
pub struct Whose(pub Option<String>);

impl FromStr for Whose {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.strip_suffix("'s").map(str::to_owned)))
    }
}

/// A length of time: `10 minutes`, `1 day`, `90 seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Parameter)]
#[param(name = "duration", regex = r"\d+ (?:millisecond|second|minute|hour|day)s?")]
pub struct Duration(pub Span);

impl FromStr for Duration {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, BadSpan> {
        text.parse().map(Self)
    }
}
