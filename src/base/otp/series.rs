//! Computes many codes of one device with the key schedule cached, which halves the work per code.
//!
//! A re-sync checks about two thousand codes. HMAC (RFC 2104 section 4) allows caching the two hash states
//! derived from the key; `totp-rs` recomputes them for each code. The service uses this module and people's
//! devices use the crate, so every run cross-checks the two.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::base::otp::{Hash, Kind, cut};
use crate::base::secret::{Code, Seed};

/// The codes of a device, by moving factor.
#[derive(Clone, Debug)]
pub struct Series {
    keyed: Keyed,
    digits: u8,
}

/// HMAC state after absorbing the key.
#[derive(Clone, Debug)]
enum Keyed {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl Series {
    /// The codes of a device with this seed and kind.
    pub fn new(seed: &Seed, kind: Kind) -> Self {
        let keyed = match kind.hash() {
            Hash::Sha1 => Keyed::Sha1(absorbed(seed)),
            Hash::Sha256 => Keyed::Sha256(absorbed(seed)),
            Hash::Sha512 => Keyed::Sha512(absorbed(seed)),
        };
        Self { keyed, digits: kind.digits() }
    }

    /// The code for a moving factor: RFC 6238's T or RFC 4226's C, 64 bits.
    pub fn code(&self, step: u64) -> Code {
        match &self.keyed {
            Keyed::Sha1(mac) => cut(&signed(mac, step), self.digits),
            Keyed::Sha256(mac) => cut(&signed(mac, step), self.digits),
            Keyed::Sha512(mac) => cut(&signed(mac, step), self.digits),
        }
    }
}

fn absorbed<M: Mac + KeyInit>(seed: &Seed) -> M {
    match <M as KeyInit>::new_from_slice(seed.reveal()) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    }
}

fn signed<M: Mac + Clone>(keyed: &M, step: u64) -> hmac::digest::Output<M> {
    let mut mac = keyed.clone();
    mac.update(&step.to_be_bytes());
    mac.finalize().into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::otp::{Generator, kinds};

    proptest! {
        #[test]
        fn a_series_agrees_with_the_generator(
            kind in kinds(),
            seed in prop::collection::vec(any::<u8>(), Seed::LEN_MIN..=Seed::LEN_MAX),
            steps in prop::collection::vec(any::<u64>(), 1..20),
        ) {
            let seed = Seed::read(&seed).unwrap();
            let (series, generator) = (Series::new(&seed, kind), Generator::new(&seed, kind));
            for step in steps {
                prop_assert_eq!(series.code(step), generator.code(step));
            }
        }
    }
}
