//! One-time codes by RFC 6238 (TOTP) and RFC 4226 (HOTP).
//!
//! People's devices and the service share this module, as both would use the same crate in production:
//! `totp-rs`. Windows, drift and replay protection are handled elsewhere.

#[cfg(test)]
mod drawn;
mod kind;
mod series;

use totp_rs::{Algorithm, Builder, Totp};

#[cfg(test)]
pub(crate) use self::drawn::kinds;
pub use self::kind::{BadKind, Digits, Hash, Kind, Spec, Standard, Step};
pub use self::series::Series;
use crate::base::secret::{Code, Seed};

/// A code generator: one code per moving factor.
#[derive(Clone, Debug)]
pub struct Generator {
    // A step of one second makes the moving factor itself the "time", so HOTP counters and step numbers
    // beyond the range of seconds need no multiplication.
    totp: Totp,
}

impl Generator {
    /// A generator with the seed and kind of a device.
    pub fn new(seed: &Seed, kind: Kind) -> Self {
        let algorithm = match kind.hash() {
            Hash::Sha1 => Algorithm::SHA1,
            Hash::Sha256 => Algorithm::SHA256,
            Hash::Sha512 => Algorithm::SHA512,
        };
        let totp = Builder::new()
            .with_algorithm(algorithm)
            .with_digits(kind.digits())
            .with_step_duration(1)
            .with_skew(0)
            .with_secret(seed.reveal().to_vec())
            .build_noncompliant();
        Self { totp }
    }

    /// The code for a moving factor: RFC 6238's T or RFC 4226's C, 64 bits.
    pub fn code(&self, step: u64) -> Code {
        cut(self.totp.sign(step).as_ref(), self.totp.digits())
    }
}

/// Dynamic truncation (RFC 4226 section 5.3): the low four bits of the last byte are the offset.
fn cut(hash: &[u8], digits: u8) -> Code {
    let offset = usize::from(hash[hash.len() - 1] & 0x0f);
    let mut cut = [0; 4];
    cut.copy_from_slice(&hash[offset..offset + 4]);
    Code::new(u32::from_be_bytes(cut) & 0x7fff_ffff, digits)
}

/// The number of the 30 s time step at `unix_secs`.
pub const fn step_at(unix_secs: u64) -> u64 {
    Step::USUAL.at(unix_secs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The seeds of the RFCs' test vectors: the digits 1 to 9 and 0, repeated to the length of the hash
    /// (RFC 6238 Appendix A and erratum 2866).
    fn rfc_seed(kind: Kind) -> Seed {
        let bytes: Vec<u8> = b"1234567890".iter().copied().cycle().take(kind.seed_len()).collect();
        Seed::read(&bytes).unwrap()
    }

    fn totp(hash: Hash, digits: Digits) -> Kind {
        Kind::Totp { hash, digits, step: Step::USUAL }
    }

    #[test]
    fn rfc_6238_appendix_b() {
        let table = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        for (at, hash) in [Hash::Sha1, Hash::Sha256, Hash::Sha512].into_iter().enumerate() {
            let kind = totp(hash, Digits::Eight);
            let generator = Generator::new(&rfc_seed(kind), kind);
            for (unix_secs, codes) in table {
                let code = generator.code(Step::USUAL.at(unix_secs));
                assert_eq!(code.reveal_text(), codes[at], "{hash:?} at {unix_secs}");
            }
        }
    }

    #[test]
    fn rfc_4226_appendix_d() {
        let generator = Generator::new(&rfc_seed(Kind::HOTP), Kind::HOTP);
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (count, code) in codes.into_iter().enumerate() {
            assert_eq!(generator.code(count as u64).reveal_text(), code, "count {count}");
        }
    }

    #[test]
    fn fewer_digits_are_the_last_ones() {
        for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha512] {
            let seed = rfc_seed(totp(hash, Digits::Six));
            let text = |digits, step| Generator::new(&seed, totp(hash, digits)).code(step).reveal_text();
            for step in 0..100 {
                let eight = text(Digits::Eight, step);
                assert_eq!(text(Digits::Seven, step), eight[1..]);
                assert_eq!(text(Digits::Six, step), eight[2..]);
            }
        }
    }

    #[test]
    fn steps_beyond_32_bits_are_not_cut() {
        let generator = Generator::new(&rfc_seed(Kind::TOTP), Kind::TOTP);
        let beyond = u64::from(u32::MAX) + 1;
        assert_ne!(generator.code(beyond), generator.code(0));
        assert_eq!(step_at(beyond * 30), beyond);
    }

    proptest! {
        #[test]
        fn the_cut_agrees_with_the_crate(
            kind in kinds(),
            seed in prop::collection::vec(any::<u8>(), Seed::LEN_MIN..=Seed::LEN_MAX),
            step: u64,
        ) {
            let generator = Generator::new(&Seed::read(&seed).unwrap(), kind);
            prop_assert_eq!(generator.code(step).reveal_text(), generator.totp.generate(step).to_string());
        }
    }
}
