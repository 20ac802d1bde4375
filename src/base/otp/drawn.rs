//! Strategies for property tests of authenticators.

use proptest::prelude::*;

use crate::base::otp::{Digits, Hash, Kind, Step};

/// Any kind.
pub(crate) fn kinds() -> impl Strategy<Value = Kind> {
    let hash = prop::sample::select(vec![Hash::Sha1, Hash::Sha256, Hash::Sha512]);
    let digits = prop::sample::select(vec![Digits::Six, Digits::Seven, Digits::Eight]);
    let step = (1..=Step::SECS_MAX).prop_map(|secs| Step::from_secs(secs).unwrap());
    (any::<bool>(), hash, digits, step).prop_map(|(counts, hash, digits, step)| {
        if counts { Kind::Hotp { digits } } else { Kind::Totp { hash, digits, step } }
    })
}
