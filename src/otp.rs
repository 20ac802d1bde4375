//! What an authenticator shows: one-time codes by RFC 6238 (TOTP) and RFC 4226 (HOTP).
//!
//! The person who holds a device and the service that checks its codes both come here, as both
//! would take the same well-kept crate: `totp-rs`. Nothing here knows of windows, drift or replay.

use totp_rs::Builder;
use totp_rs::Totp;

use crate::secret::Code;
use crate::secret::Seed;

/// How long a time step lasts, in seconds: RFC 6238's X.
pub const STEP_SECS: u64 = 30;

/// How many digits a code has.
pub const DIGITS: u8 = 6;

/// A code generator: HMAC-SHA-1, 6 digits, one code a step.
#[derive(Clone, Debug)]
pub struct Generator {
    // A step of one second makes the moving factor itself the "time", so that a step number
    // beyond what seconds can hold (and, later, an HOTP counter) needs no multiplication.
    totp: Totp,
}

impl Generator {
    /// The generator for `seed`.
    pub fn new(seed: &Seed) -> Self {
        Self::with_digits(seed.reveal(), DIGITS)
    }

    /// The generator for a secret of any length, with 6 to 8 digits.
    pub fn with_digits(secret: &[u8], digits: u8) -> Self {
        let totp = Builder::new()
            .with_algorithm(totp_rs::Algorithm::SHA1)
            .with_digits(digits)
            .with_step_duration(1)
            .with_skew(0)
            .with_secret(secret.to_vec())
            .build_noncompliant();
        Self { totp }
    }

    /// The code for the moving factor `step` (RFC 6238's T, 64 bits).
    pub fn code(&self, step: u64) -> Code {
        let hash = self.totp.sign(step);
        let hash = hash.as_ref();
        // RFC 4226 section 5.3: the low four bits of the last byte say where to cut.
        let offset = usize::from(hash[hash.len() - 1] & 0x0f);
        let mut cut = [0; 4];
        cut.copy_from_slice(&hash[offset..offset + 4]);
        Code::new(u32::from_be_bytes(cut) & 0x7fff_ffff, self.totp.digits())
    }
}

/// The time step at `unix_secs`: RFC 6238 section 4.2, T0 = 0, X = 30.
pub const fn step_at(unix_secs: u64) -> u64 {
    unix_secs / STEP_SECS
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_SECRET: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn rfc_6238_appendix_b_sha_1() {
        let generator = Generator::with_digits(RFC_SECRET, 8);
        for (unix_secs, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(generator.code(step_at(unix_secs)).reveal_text(), code, "at {unix_secs}");
        }
    }

    #[test]
    fn steps_beyond_32_bits_are_not_cut() {
        let generator = Generator::new(&Seed::new(*RFC_SECRET));
        let beyond = u64::from(u32::MAX) + 1;
        assert_ne!(generator.code(beyond), generator.code(0));
        assert_eq!(step_at(beyond * STEP_SECS), beyond);
    }

    #[test]
    fn the_cut_agrees_with_the_crate() {
        let generator = Generator::new(&Seed::new(*RFC_SECRET));
        for step in (0..1_000).chain([u64::MAX]) {
            assert_eq!(generator.code(step).reveal_text(), generator.totp.generate(step).to_string());
        }
    }
}
