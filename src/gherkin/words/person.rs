//! Parameters for people.
//!
//! A name may have any letters beyond ASCII. The classes are ranges, because a program compiles the
//! expressions of a hundred steps when it starts, and those with `\p{L}` took ten times as long.

use std::convert::Infallible;
use std::str::FromStr;

use cucumber::Parameter;

/// A person, by name or by a pronoun (`None`) for the person named last.
#[derive(Clone, Debug, PartialEq, Eq, Parameter)]
#[param(name = "who", regex = r"[Ss]he|[Hh]e|[Tt]hey|[A-Z\x80-\u{10ffff}][A-Za-z0-9_\x80-\u{10ffff}-]*")]
pub struct Who(pub Option<String>);

impl FromStr for Who {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let pronoun = ["she", "he", "they"].iter().any(|word| text.eq_ignore_ascii_case(word));
        Ok(Self((!pronoun).then(|| text.to_owned())))
    }
}

/// A possessive, by name or by a pronoun (`None`) for the person named last.
#[derive(Clone, Debug, PartialEq, Eq, Parameter)]
#[param(
    name = "whose",
    regex = r"[Hh]er|[Hh]is|[Tt]heir|[A-Z\x80-\u{10ffff}][A-Za-z0-9_\x80-\u{10ffff}-]*'s"
)]
pub struct Whose(pub Option<String>);

impl FromStr for Whose {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.strip_suffix("'s").map(str::to_owned)))
    }
}
