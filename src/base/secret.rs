//! Secrets: tokens, codes, seeds, passwords.
//!
//! A secret prints as dots, is compared in constant time, and enters a trace as its ordinal or its
//! [`Digest`]. Code that must show one (the page with the code, the email with the link) calls `reveal`, so
//! each such place can be found by searching for that word.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq;

/// A fingerprint of a text, for comparing equality: the first 64 bits of its SHA-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Digest(pub u64);

impl Digest {
    /// The digest of `text`.
    pub fn of(text: &str) -> Self {
        let hash = Sha1::digest(text.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        Self(u64::from_be_bytes(first))
    }
}

/// A password, stored only as its digest.
#[derive(Clone, Copy, Eq)]
pub struct Password(Digest);

impl Password {
    /// Digests the password `text`.
    pub fn of(text: &str) -> Self {
        Self(Digest::of(text))
    }
}

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.0.ct_eq(&other.0.0).into()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(••••••)")
    }
}

/// A 128-bit random token: a session cookie or a link in an email.
///
/// Written as 32 lowercase hexadecimal digits.
// Packed, because the alignment of `u128` would make crossings and pages larger.
#[derive(Clone, Copy, Eq)]
#[repr(Rust, packed(8))]
pub struct Token(u128);

impl Token {
    /// The token with these bits.
    pub const fn new(bits: u128) -> Self {
        Self(bits)
    }

    /// The predictable token of a weak service, derived from the user and the time in seconds (L04).
    pub fn of_user_and_time(user: u16, unix_secs: u64) -> Self {
        let hash = Sha1::digest(format!("{user} {unix_secs}").as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&hash[..16]);
        Self(u128::from_be_bytes(first))
    }

    /// The token's text, for display only.
    pub fn reveal(self) -> String {
        format!("{:032x}", { self.0 })
    }

    /// Parses a token; `None` unless `text` is 32 lowercase hexadecimal digits.
    pub fn read(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()))
            .then(|| u128::from_str_radix(text, 16).ok())
            .flatten()
            .map(Self)
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        let (mine, other) = (self.0, other.0);
        mine.ct_eq(&other).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(••••••)")
    }
}

/// A code of 6 to 8 decimal digits, including leading zeros.
#[derive(Clone, Copy, Eq)]
pub struct Code {
    value: u32,
    digits: u8,
}

impl Code {
    /// A code with the last `digits` decimal digits of `value` (RFC 4226 section 5.3).
    pub const fn new(value: u32, digits: u8) -> Self {
        Self { value: value % 10_u32.pow(digits as u32), digits }
    }

    /// The code's number, for display and comparison only.
    pub const fn reveal(self) -> u32 {
        self.value
    }

    /// The number of digits.
    pub const fn digits(self) -> u8 {
        self.digits
    }

    /// The code's text with leading zeros, for display only.
    pub fn reveal_text(self) -> String {
        format!("{:0width$}", self.value, width = usize::from(self.digits))
    }

    /// Parses a code; `None` unless `text` is 1 to 9 ASCII digits.
    pub fn read(text: &str) -> Option<Self> {
        let digits = u8::try_from(text.len()).ok().filter(|n| (1..=9).contains(n))?;
        text.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
        Some(Self { value: text.parse().ok()?, digits })
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        (self.value.ct_eq(&other.value) & self.digits.ct_eq(&other.digits)).into()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(••••••)")
    }
}

/// The shared secret of an authenticator: at least 128 bits (RFC 4226 section 4, R6), and at most the
/// output length of the hash function (RFC 6238 section 5.1).
#[derive(Clone, Copy, Eq)]
pub struct Seed {
    // Bytes beyond `len` are zero.
    bytes: [u8; Self::LEN_MAX],
    len: u8,
}

impl Seed {
    /// Minimum number of bytes.
    pub const LEN_MIN: usize = 16;

    /// Maximum number of bytes: the output of SHA-512.
    pub const LEN_MAX: usize = 64;

    /// A seed with these bytes. The length is checked at compile time.
    pub const fn new<const N: usize>(secret: [u8; N]) -> Self {
        const { assert!(N >= Self::LEN_MIN && N <= Self::LEN_MAX, "a seed has 16 to 64 bytes") };
        let mut bytes = [0; Self::LEN_MAX];
        let mut at = 0;
        while at < N {
            bytes[at] = secret[at];
            at += 1;
        }
        Self { bytes, len: N as u8 }
    }

    /// A seed with these bytes; `None` if the length is out of range.
    pub fn read(secret: &[u8]) -> Option<Self> {
        let len = u8::try_from(secret.len()).ok().filter(|_| secret.len() >= Self::LEN_MIN)?;
        let mut bytes = [0; Self::LEN_MAX];
        bytes.get_mut(..secret.len())?.copy_from_slice(secret);
        Some(Self { bytes, len })
    }

    /// A seed of an external app, which may be shorter than RFC 4226 demands: many apps use 80 bits. `None`
    /// if it is empty or too long.
    pub fn of_app(secret: &[u8]) -> Option<Self> {
        let len = u8::try_from(secret.len()).ok().filter(|len| *len > 0)?;
        let mut bytes = [0; Self::LEN_MAX];
        bytes.get_mut(..secret.len())?.copy_from_slice(secret);
        Some(Self { bytes, len })
    }

    /// The seed's bytes, for the code generator and the enrolment page only.
    pub fn reveal(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl PartialEq for Seed {
    fn eq(&self, other: &Self) -> bool {
        (self.bytes.ct_eq(&other.bytes) & self.len.ct_eq(&other.len)).into()
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(••••••)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_print_as_dots() {
        let all = format!(
            "{:?} {:?} {:?} {:?}",
            Code::new(123_456, 6),
            Token::new(0xdead_beef),
            Seed::new([0x7a; 20]),
            Password::of("correct horse"),
        );
        assert_eq!(all, "Code(••••••) Token(••••••) Seed(••••••) Password(••••••)");
    }

    #[test]
    fn a_seed_has_16_to_64_bytes_and_keeps_them() {
        for (len, is_seed) in [(0, false), (15, false), (16, true), (20, true), (64, true), (65, false)] {
            let bytes: Vec<u8> = (1..=len).collect();
            let seed = Seed::read(&bytes);
            assert_eq!(seed.is_some(), is_seed, "{len} bytes");
            assert!(seed.is_none_or(|seed| seed.reveal() == bytes));
        }
        assert_eq!(Seed::new([7; 32]), Seed::read(&[7; 32]).unwrap());
        // A trailing zero byte is part of the seed.
        assert_ne!(Seed::new([0; 20]), Seed::new([0; 32]));
    }

    #[test]
    fn leading_zeros_are_kept() {
        let code = Code::read("012345").unwrap();
        assert_eq!(code.reveal_text(), "012345");
        assert_ne!(Code::read("12345").unwrap(), code);
        assert_eq!(Code::new(1_000_042, 6).reveal_text(), "000042");
    }

    #[test]
    fn only_ascii_digits_make_a_code() {
        for text in ["", "12a456", "１２３４５６", "+12345", "1234567890", " 12345"] {
            assert!(Code::read(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_token_reads_back_as_it_is_shown() {
        let token = Token::new(0x0123_4567);
        assert_eq!(Token::read(&token.reveal()), Some(token));
        for text in ["", "01", "g0000000000000000000000000000000", "ABCDEF00000000000000000000000000"] {
            assert!(Token::read(text).is_none(), "{text:?}");
        }
    }
}
