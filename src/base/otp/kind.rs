//! Parameters of an authenticator: TOTP or HOTP, hash function, digits and time step.

use std::fmt;
use std::num::NonZero;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::time::Span;

/// The parameters shared by an authenticator and the service, besides the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Spec", into = "Spec")]
pub enum Kind {
    /// RFC 6238: the moving factor is the number of time steps.
    Totp {
        /// The hash function of the HMAC.
        hash: Hash,
        /// The number of digits of a code.
        digits: Digits,
        /// The time step.
        step: Step,
    },
    /// RFC 4226: the moving factor is a counter; the HMAC uses SHA-1.
    Hotp {
        /// The number of digits of a code.
        digits: Digits,
    },
}

/// The hash functions of RFC 6238 section 1.2.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Hash {
    /// The hash function of RFC 4226 and of most devices.
    #[default]
    #[serde(rename = "sha-1")]
    Sha1,
    /// HMAC-SHA-256.
    #[serde(rename = "sha-256")]
    Sha256,
    /// HMAC-SHA-512.
    #[serde(rename = "sha-512")]
    Sha512,
}

/// The number of digits of a code: 6 to 8 (RFC 4226 section 5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digits {
    /// The minimum of RFC 4226, and the most common.
    #[default]
    Six,
    /// Seven.
    Seven,
    /// Eight, as in the tables of RFC 6238.
    Eight,
}

/// A time step: RFC 6238's X, in whole seconds, at most one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(NonZero<u16>);

/// The standard of an authenticator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standard {
    /// RFC 6238.
    #[default]
    Totp,
    /// RFC 4226.
    Hotp,
}

/// A [`Kind`] as written in stories; omitted keys take the usual values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Spec {
    /// The standard; default TOTP.
    pub kind: Standard,
    /// The hash function; default SHA-1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<Hash>,
    /// The number of digits; default 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digits: Option<u8>,
    /// The time step; default 30 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<Span>,
}

/// An error from building a [`Kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadKind {
    /// RFC 4226 section 5.3.
    #[error("a code cannot have {0} digits: it has 6, 7 or 8")]
    Digits(u8),
    /// Not in whole seconds, none at all, or longer than an hour.
    #[error("a time step cannot be {0}: it is whole seconds, at most an hour")]
    Step(Span),
    /// A time step for an HOTP device, which has no clock.
    #[error("an HOTP device counts codes and has no time step")]
    HotpStep,
    /// RFC 4226 section 5.3 knows HMAC-SHA-1 alone.
    #[error("an HOTP device uses SHA-1 (RFC 4226)")]
    HotpHash,
}

impl Kind {
    /// The most common authenticator: TOTP with SHA-1, 6 digits, 30 s.
    pub const TOTP: Self = Self::Totp { hash: Hash::Sha1, digits: Digits::Six, step: Step::USUAL };

    /// A counter-based token with 6 digits.
    pub const HOTP: Self = Self::Hotp { digits: Digits::Six };

    /// The hash function of the HMAC.
    pub const fn hash(self) -> Hash {
        match self {
            Self::Totp { hash, .. } => hash,
            Self::Hotp { .. } => Hash::Sha1,
        }
    }

    /// The number of digits of a code.
    pub const fn digits(self) -> u8 {
        match self {
            Self::Totp { digits, .. } | Self::Hotp { digits } => digits.count(),
        }
    }

    /// Whether the moving factor is a counter instead of the time.
    pub const fn is_counter(self) -> bool {
        matches!(self, Self::Hotp { .. })
    }

    /// The number of bytes of a seed: the output length of the hash function (RFC 6238 section 5.1 and
    /// erratum 2866).
    pub const fn seed_len(self) -> usize {
        match self.hash() {
            Hash::Sha1 => 20,
            Hash::Sha256 => 32,
            Hash::Sha512 => 64,
        }
    }
}

impl fmt::Display for Kind {
    /// Formats as `TOTP with SHA-1, 6 digits, 30 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Totp { hash, digits, step } => {
                format!("TOTP with {hash}, {} digits, {} s", digits.count(), step.as_secs())
            }
            Self::Hotp { digits } => format!("HOTP with {}, {} digits", self.hash(), digits.count()),
        };
        f.pad(&text)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        })
    }
}

impl Default for Kind {
    fn default() -> Self {
        Self::TOTP
    }
}

impl Digits {
    /// The number.
    pub const fn count(self) -> u8 {
        match self {
            Self::Six => 6,
            Self::Seven => 7,
            Self::Eight => 8,
        }
    }

    /// The variant with `count` digits, if valid.
    pub const fn of(count: u8) -> Option<Self> {
        match count {
            6 => Some(Self::Six),
            7 => Some(Self::Seven),
            8 => Some(Self::Eight),
            _ => None,
        }
    }
}

impl Step {
    /// 30 s: RFC 6238 section 5.2.
    pub const USUAL: Self = match NonZero::new(30) {
        Some(secs) => Self(secs),
        None => unreachable!(),
    };

    /// Maximum time step, in seconds.
    pub const SECS_MAX: u16 = 3_600;

    /// A step of `secs` seconds; `None` if out of range.
    pub const fn from_secs(secs: u16) -> Option<Self> {
        match NonZero::new(secs) {
            Some(secs) if secs.get() <= Self::SECS_MAX => Some(Self(secs)),
            Some(_) | None => None,
        }
    }

    /// Seconds.
    pub const fn as_secs(self) -> u64 {
        self.0.get() as u64
    }

    /// The number of the time step at `unix_secs` (RFC 6238 section 4.2, T0 = 0).
    pub const fn at(self, unix_secs: u64) -> u64 {
        unix_secs / self.as_secs()
    }
}

impl Default for Step {
    fn default() -> Self {
        Self::USUAL
    }
}

impl TryFrom<Spec> for Kind {
    type Error = BadKind;

    fn try_from(spec: Spec) -> Result<Self, BadKind> {
        let digits = match spec.digits {
            None => Digits::Six,
            Some(count) => Digits::of(count).ok_or(BadKind::Digits(count))?,
        };
        match (spec.kind, spec.hash, spec.step) {
            (Standard::Hotp, None | Some(Hash::Sha1), None) => Ok(Self::Hotp { digits }),
            (Standard::Hotp, _, Some(_)) => Err(BadKind::HotpStep),
            (Standard::Hotp, Some(Hash::Sha256 | Hash::Sha512), None) => Err(BadKind::HotpHash),
            (Standard::Totp, hash, step) => {
                let step = step.map_or(Ok(Step::USUAL), step_of)?;
                Ok(Self::Totp { hash: hash.unwrap_or_default(), digits, step })
            }
        }
    }
}

fn step_of(span: Span) -> Result<Step, BadKind> {
    let whole = span == Span::from_secs(span.as_secs());
    let secs = u16::try_from(span.as_secs()).ok().filter(|_| whole);
    secs.and_then(Step::from_secs).ok_or(BadKind::Step(span))
}

impl From<Kind> for Spec {
    /// Omits values that equal the defaults.
    fn from(kind: Kind) -> Self {
        let digits = (kind.digits() != Digits::Six.count()).then_some(kind.digits());
        match kind {
            Kind::Hotp { .. } => Self { kind: Standard::Hotp, hash: None, digits, step: None },
            Kind::Totp { hash, step, .. } => Self {
                kind: Standard::Totp,
                hash: (hash != Hash::Sha1).then_some(hash),
                digits,
                step: (step != Step::USUAL).then_some(Span::from_secs(step.as_secs())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Kind, String> {
        serde_yaml::from_str(yaml).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        let totp = |hash, digits, secs| Kind::Totp { hash, digits, step: Step::from_secs(secs).unwrap() };
        for (yaml, kind) in [
            ("{}", Kind::TOTP),
            ("kind: totp", Kind::TOTP),
            ("kind: hotp", Kind::HOTP),
            ("{ kind: hotp, digits: 8 }", Kind::Hotp { digits: Digits::Eight }),
            ("{ hash: sha-256, digits: 8, step: 60s }", totp(Hash::Sha256, Digits::Eight, 60)),
            ("{ hash: sha-512, digits: 7 }", totp(Hash::Sha512, Digits::Seven, 30)),
            ("step: 1h", totp(Hash::Sha1, Digits::Six, 3_600)),
        ] {
            assert_eq!(read(yaml), Ok(kind), "{yaml}");
            let written = serde_json::to_string(&kind).unwrap();
            assert_eq!(read(&written), Ok(kind), "{written}");
        }
    }

    #[test]
    fn what_cannot_be_says_what_can() {
        for (yaml, says) in [
            ("digits: 5", "a code cannot have 5 digits: it has 6, 7 or 8"),
            ("digits: 9", "a code cannot have 9 digits: it has 6, 7 or 8"),
            ("step: 0s", "a time step cannot be 0s: it is whole seconds, at most an hour"),
            ("step: 1500ms", "a time step cannot be 1s 500ms: it is whole seconds"),
            ("step: 2h", "a time step cannot be 2h: it is whole seconds, at most an hour"),
            ("{ kind: hotp, step: 30s }", "an HOTP device counts codes and has no time step"),
            ("{ kind: hotp, hash: sha-256 }", "an HOTP device uses SHA-1 (RFC 4226)"),
            ("hash: md5", "md5"),
            ("kind: fido", "fido"),
        ] {
            let error = read(yaml).unwrap_err();
            assert!(error.contains(says), "{yaml} gave {error}");
        }
    }

    #[test]
    fn a_step_begins_when_the_last_one_ends() {
        for (secs, unix_secs, step) in [(30, 59, 1), (30, 60, 2), (60, 59, 0), (60, 60, 1), (1, 7, 7)] {
            assert_eq!(Step::from_secs(secs).unwrap().at(unix_secs), step, "{secs} s at {unix_secs}");
        }
    }
}
