//! Parameters for people.

use std::convert::Infallible;
use std::str::FromStr;

use cucumber::Parameter;

/// A person, by name or by a pronoun (`None`) for the person named last.
#[derive(Clone, Debug, PartialEq, Eq, Parameter)]
#[param(name = "who", regex = r"[Ss]he|[Hh]e|[Tt]hey|\p{Lu}[\p{L}\p{N}_-]*")]
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
#[param(name = "whose", regex = r"[Hh]er|[Hh]is|[Tt]heir|\p{Lu}[\p{L}\p{N}_-]*'s")]
pub struct Whose(pub Option<String>);

impl FromStr for Whose {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.strip_suffix("'s").map(str::to_owned)))
    }
}
