//! The occurrences on which a fault strikes.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The occurrences on which a fault strikes, counted from 1 among the deliveries that it applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Every occurrence.
    #[default]
    Every,
    /// This occurrence only.
    Nth(u16),
    /// The first occurrences, up to this number.
    First(u16),
    /// This occurrence and all later ones.
    From(u16),
    /// Each occurrence with this probability, in percent.
    Percent(u8),
}

/// The text does not specify occurrences.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a set of occurrences; write `every`, a number, `first 2`, `from 3` or `30%`")]
pub struct BadWhich(String);

impl FromStr for Which {
    type Err = BadWhich;

    fn from_str(text: &str) -> Result<Self, BadWhich> {
        let bad = || BadWhich(text.to_owned());
        let count = |digits: &str| digits.trim().parse::<u16>().ok().filter(|n| *n > 0).ok_or_else(bad);
        let text = text.trim();
        if text == "every" {
            Ok(Self::Every)
        } else if let Some(rest) = text.strip_prefix("first ") {
            count(rest).map(Self::First)
        } else if let Some(rest) = text.strip_prefix("from ") {
            count(rest).map(Self::From)
        } else if let Some(digits) = text.strip_suffix('%') {
            let percent = digits.trim().parse::<u8>().ok().filter(|n| (1..=100).contains(n));
            percent.map(Self::Percent).ok_or_else(bad)
        } else {
            count(text).map(Self::Nth)
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("every"),
            Self::Nth(n) => write!(f, "{n}"),
            Self::First(n) => write!(f, "first {n}"),
            Self::From(n) => write!(f, "from {n}"),
            Self::Percent(n) => write!(f, "{n}%"),
        }
    }
}

impl Serialize for Which {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Which {
    fn schema_name() -> Cow<'static, str> {
        "Which".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "On which occurrences: `every`, a number, `first 2`, `from 3` or `30%`.",
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": 65_535 },
                { "type": "string", "pattern": "^ *(every|[0-9]+|first +[0-9]+|from +[0-9]+|[0-9]+ *%) *$" },
            ],
        })
    }
}

impl<'de> Deserialize<'de> for Which {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_reads_back_as_it_prints() {
        for which in [Which::Every, Which::Nth(2), Which::First(3), Which::From(4), Which::Percent(30)] {
            assert_eq!(which.to_string().parse(), Ok(which));
        }
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for text in ["", "0", "-1", "first", "first 0", "0%", "101%", "always", "65536"] {
            assert!(text.parse::<Which>().is_err(), "{text:?}");
        }
    }
}
