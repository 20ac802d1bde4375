//! Virtual time: points in time and durations.
//!
//! Nothing in this module reads a clock. A [`Time`] is a number that the world passes to its machines:
//! milliseconds since the start of the story. The story's [`Epoch`] maps it to Unix time where a standard
//! needs that (RFC 6238 section 4.2, email dates, webhooks).

use std::borrow::Cow;
use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub};
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since the start of the story.
///
/// Displays as `+00:10:00.000`, with days from the second day on: `+2d 01:00:00.000`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Time(u64);

impl Time {
    /// The start of the story.
    pub const ZERO: Self = Self(0);
    /// Later than the end of any story.
    pub const NEVER: Self = Self(u64::MAX);

    /// The earliest of some optional times. Called after every step with arrays; a plain loop is several
    /// times as fast as chained iterators.
    pub fn earliest(moments: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let mut earliest: Option<Self> = None;
        for moment in moments {
            earliest = match (earliest, moment) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        earliest
    }

    /// The time `millis` milliseconds after the start of the story.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start of the story.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The duration since `earlier`; zero if `earlier` is later than `self`.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Time {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub<Span> for Time {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0 / Span::DAY.0, self.0 % Span::DAY.0);
        let (hours, rest) = (rest / Span::HOUR.0, rest % Span::HOUR.0);
        let (minutes, rest) = (rest / Span::MINUTE.0, rest % Span::MINUTE.0);
        let (seconds, millis) = (rest / Span::SECOND.0, rest % Span::SECOND.0);
        let text = if days == 0 {
            format!("+{hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
        } else {
            format!("+{days}d {hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
        };
        f.pad(&text)
    }
}

/// A duration, in milliseconds.
///
/// Parses and displays as people write durations: `90s`, `1h 30m`, `10 minutes`, `2d`, `250ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Span {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(1_000);
    /// One minute.
    pub const MINUTE: Self = Self(60_000);
    /// One hour.
    pub const HOUR: Self = Self(3_600_000);
    /// One day of 24 hours.
    pub const DAY: Self = Self(86_400_000);
    /// Longer than any story.
    pub const FOREVER: Self = Self(u64::MAX);

    /// `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// `seconds` seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// `minutes` minutes.
    pub const fn from_mins(minutes: u64) -> Self {
        Self(minutes.saturating_mul(60_000))
    }

    /// `hours` hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self(hours.saturating_mul(3_600_000))
    }

    /// `days` days of 24 hours.
    pub const fn from_days(days: u64) -> Self {
        Self(days.saturating_mul(86_400_000))
    }

    /// Milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Mul<u64> for Span {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::FOREVER {
            return f.pad("forever");
        }
        let mut rest = self.0;
        let mut parts = Vec::new();
        for (unit, millis) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
            if rest >= millis {
                parts.push(format!("{}{unit}", rest / millis));
                rest %= millis;
            }
        }
        if parts.is_empty() {
            parts.push("0s".to_owned());
        }
        f.pad(&parts.join(" "))
    }
}

/// An error from parsing a [`Span`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSpan {
    /// The text is empty.
    #[error("no length of time given; write for example `90s`, `10m`, `1h 30m` or `2 days`")]
    Empty,
    /// A part does not start with a whole number.
    #[error("`{0}` does not start with a whole number; write for example `90s`, `10m`, `1h 30m` or `2 days`")]
    NoNumber(String),
    /// An unknown unit.
    #[error("`{0}` is not a unit of time; the units are ms, s, m, h and d")]
    Unit(String),
    /// More milliseconds than fit, or more than a story may last.
    #[error("`{0}` is too long; a story lasts at most 100 years")]
    TooLong(String),
}

/// Maximum duration in a story: a hundred years, in milliseconds.
const LONGEST: u64 = 100 * 365 * 86_400_000;

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, BadSpan> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(BadSpan::Empty);
        }
        if rest == "forever" {
            return Ok(Self::FOREVER);
        }
        let mut total = 0_u64;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (number, after) = rest.split_at(digits);
            if number.is_empty() {
                return Err(BadSpan::NoNumber(rest.to_owned()));
            }
            let after = after.trim_start();
            let letters = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
            let (unit, after) = after.split_at(letters);
            let too_long = || BadSpan::TooLong(text.trim().to_owned());
            let count = number.parse::<u64>().map_err(|_| too_long())?;
            total = unit_millis(unit)
                .ok_or_else(|| BadSpan::Unit(unit.to_owned()))?
                .checked_mul(count)
                .and_then(|millis| total.checked_add(millis))
                .filter(|millis| *millis <= LONGEST)
                .ok_or_else(too_long)?;
            rest = after.trim_start();
        }
        Ok(Self(total))
    }
}

fn unit_millis(unit: &str) -> Option<u64> {
    match unit {
        "ms" | "millisecond" | "milliseconds" => Some(1),
        "s" | "second" | "seconds" => Some(1_000),
        "m" | "minute" | "minutes" => Some(60_000),
        "h" | "hour" | "hours" => Some(3_600_000),
        "d" | "day" | "days" => Some(86_400_000),
        _ => None,
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time with its unit, `90s` or `1h 30m`; the units are ms, s, m, h and d.",
            "type": "string",
            "pattern": "^ *([0-9]+ *[a-z]+ *)+$",
        })
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The calendar date of a story: the Unix time, in milliseconds, of [`Time::ZERO`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u64);

impl Epoch {
    /// A story that starts `millis` milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_unix_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Unix time at `time`, in milliseconds.
    pub const fn unix_millis(self, time: Time) -> u64 {
        self.0.saturating_add(time.0)
    }

    /// Unix time at `time`, in whole seconds (RFC 6238 section 4.2).
    pub const fn unix_secs(self, time: Time) -> u64 {
        self.unix_millis(time) / 1_000
    }

    /// The time at `unix_millis`; [`Time::ZERO`] if that is before the start of the story.
    pub const fn time_of(self, unix_millis: u64) -> Time {
        Time(unix_millis.saturating_sub(self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_read_as_people_write_them() {
        for (text, millis) in [
            ("90s", 90_000),
            ("1h 30m", 5_400_000),
            ("1h30m", 5_400_000),
            ("10 minutes", 600_000),
            ("1 day", 86_400_000),
            ("250ms", 250),
            ("0s", 0),
        ] {
            assert_eq!(text.parse(), Ok(Span::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn a_bad_span_says_what_would_work() {
        for (text, says) in [
            ("", "no length of time"),
            ("ten minutes", "does not start with a whole number"),
            ("10 fortnights", "`fortnights` is not a unit of time"),
            ("-5m", "does not start with a whole number"),
            ("10", "`` is not a unit of time"),
            ("99999999999999999999d", "too long"),
            ("200000d", "too long"),
        ] {
            let error = text.parse::<Span>().unwrap_err().to_string();
            assert!(error.contains(says), "{text:?} gave {error:?}");
        }
    }

    #[test]
    fn times_print_in_columns() {
        assert_eq!(Time::from_millis(600_000).to_string(), "+00:10:00.000");
        assert_eq!((Time::ZERO + Span::from_hours(49)).to_string(), "+2d 01:00:00.000");
    }

    #[test]
    fn unix_seconds_go_beyond_32_bits() {
        let epoch = Epoch::from_unix_millis(20_000_000_000_000);
        assert_eq!(epoch.unix_secs(Time::from_millis(1_999)), 20_000_000_001);
    }

    proptest! {
        #[test]
        fn a_span_reads_back_as_it_prints(millis in 0..LONGEST) {
            let span = Span::from_millis(millis);
            prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }

        #[test]
        fn no_text_makes_the_span_parser_panic(text in ".*") {
            let _ = text.parse::<Span>();
        }
    }
}
