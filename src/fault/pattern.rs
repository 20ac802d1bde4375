//! The addresses whose emails a fault strikes.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Longest pattern, in bytes: that of a path (RFC 5321 section 4.5.3.1.3).
const PATTERN_MAX: usize = 256;

/// An address, in which `*` stands for any text: `ana@app.test`, `*@app.test`, `ana+*@app.test`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressPattern(Arc<str>);

/// The text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address; write `ana@app.test`, or `*@app.test` for all addresses of a domain")]
pub struct BadPattern(String);

impl FromStr for AddressPattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let fits = text.len() <= PATTERN_MAX && text.contains(['@', '*']);
        let is_plain = !text.chars().any(|sign| sign.is_whitespace() || sign.is_control());
        if fits && is_plain { Ok(Self(text.into())) } else { Err(BadPattern(text.to_owned())) }
    }
}

impl AddressPattern {
    /// Whether an address fits, without regard to the case of ASCII letters.
    pub fn matches(&self, address: &str) -> bool {
        let (pattern, text) = (self.0.as_bytes(), address.as_bytes());
        let (mut at, mut place) = (0, 0);
        // Where to go on after a mismatch: behind the last star, one sign later.
        let mut star: Option<(usize, usize)> = None;
        while place < text.len() {
            match pattern.get(at) {
                Some(b'*') => {
                    star = Some((at + 1, place));
                    at += 1;
                }
                Some(sign) if sign.eq_ignore_ascii_case(&text[place]) => (at, place) = (at + 1, place + 1),
                _ => {
                    let Some((behind, taken)) = star else { return false };
                    star = Some((behind, taken + 1));
                    (at, place) = (behind, taken + 1);
                }
            }
        }
        pattern[at..].iter().all(|sign| *sign == b'*')
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for AddressPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, fits, not) in [
            ("ana@a.test", &["ana@a.test", "ANA@A.test"][..], &["bana@a.test", "ana@a.test.evil", ""][..]),
            ("*@a.test", &["ana@a.test", "@a.test", "x@y@a.test"], &["ana@b.test", "a.test"]),
            ("ana+*@a.test", &["ana+1@a.test", "ana+@a.test"], &["ana@a.test", "ana+1@b.test"]),
            ("*", &["", "anything"], &[]),
            ("*a*b*@*", &["aab@", "xaxbx@x"], &["ba@", "ab"]),
            ("é*@a.test", &["é1@a.test"], &["e1@a.test"]),
        ] {
            let pattern: AddressPattern = pattern.parse().unwrap();
            assert!(fits.iter().all(|address| pattern.matches(address)), "{pattern}");
            assert!(!not.iter().any(|address| pattern.matches(address)), "{pattern}");
        }
        let slow: AddressPattern = format!("{}@", "*a".repeat(120)).parse().unwrap();
        assert!(!slow.matches(&"a".repeat(10_000)), "a long text takes no exponential time");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "ana", "a b@c.test", "a@b\n", &format!("{}@", "x".repeat(PATTERN_MAX))] {
            assert!(text.parse::<AddressPattern>().is_err(), "{text}");
        }
    }
}
