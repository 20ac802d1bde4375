//! Parameter types of our steps: how features name people and lengths of time.

use std::str::FromStr;

use cucumber::Parameter;
use serde::Serialize;

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

/// A kind of parameter: what may stand at its place in a step.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ParameterType {
    /// Its name, as it stands in braces in an expression.
    pub name: &'static str,
    /// What it stands for.
    pub summary: &'static str,
    /// Some examples.
    pub examples: &'static str,
    /// What it looks like.
    #[serde(skip)]
    pub(super) regex: &'static str,
}

macro_rules! parameters {
    ($($type:ty: $summary:literal, $examples:literal;)*) => {
        /// All kinds of parameters of our own, by their names.
        pub const PARAMETERS: &[ParameterType] = &[$(ParameterType {
            name: <$type as Parameter>::NAME,
            summary: $summary,
            examples: $examples,
            regex: <$type as Parameter>::REGEX,
        },)*];
    };
}

parameters! {
    Duration: "a length of time", "10 minutes, 1 day, 90 seconds";
    Who: "somebody, by name, or by a pronoun for whoever was named last", "Ana, she";
    Whose: "somebody's, by name, or by a pronoun for whoever was named last", "Ana's, her";
}
