//! The `otpauth` URI of a new device, as its QR code encodes it.
//!
//! Google Authenticator's Key URI Format: `totp` with `algorithm`, `digits` and `period` unless
//! they are SHA-1, 6 digits and 30 s; `hotp` with a `counter`.

use totp_rs::{Algorithm, Builder, Totp};

use crate::base::id::DeviceId;
use crate::base::otp::{Digits, Hash, Kind, Step};
use crate::base::secret::Seed;

const TOTP: &str = "otpauth://totp/";
const HOTP: &str = "otpauth://hotp/";

/// The counter of a new device.
const COUNTER: &str = "&counter=0";

/// The URI of a new device; `None` if it cannot be expressed.
pub fn write(device: DeviceId, kind: Kind, seed: &Seed) -> Option<String> {
    let builder = Builder::new()
        .with_algorithm(match kind.hash() {
            Hash::Sha1 => Algorithm::SHA1,
            Hash::Sha256 => Algorithm::SHA256,
            Hash::Sha512 => Algorithm::SHA512,
        })
        .with_digits(kind.digits())
        .with_secret(seed.reveal().to_vec())
        .with_issuer(Some("console.test"))
        .with_account_name(device.to_string());
    let (builder, counts) = match kind {
        Kind::Totp { step, .. } => (builder.with_step_duration(step.as_secs()), false),
        Kind::Hotp { .. } => (builder, true),
    };
    let uri = builder.build().ok()?.to_url().ok()?;
    // The crate writes only TOTP; HOTP differs in its name and its last parameter.
    if counts { Some(format!("{HOTP}{}{COUNTER}", uri.strip_prefix(TOTP)?)) } else { Some(uri) }
}

/// The device kind and seed in a scanned URI; `None` if it is malformed or unsupported.
pub fn read(uri: &str) -> Option<(Kind, Seed)> {
    let counts = uri.strip_prefix(HOTP);
    let totp = match counts {
        Some(rest) => Totp::from_url(format!("{TOTP}{}", rest.strip_suffix(COUNTER)?)),
        None => Totp::from_url(uri),
    };
    let totp = totp.ok()?;
    let seed = Seed::read(totp.secret().as_bytes())?;
    let digits = Digits::of(totp.digits())?;
    if counts.is_some() {
        return Some((Kind::Hotp { digits }, seed));
    }
    let hash = match totp.algorithm() {
        Algorithm::SHA1 => Hash::Sha1,
        Algorithm::SHA256 => Hash::Sha256,
        Algorithm::SHA512 => Hash::Sha512,
        _ => return None,
    };
    let step = u16::try_from(totp.step()).ok().and_then(Step::from_secs)?;
    Some((Kind::Totp { hash, digits, step }, seed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::otp::kinds;

    #[test]
    fn the_usual_device_has_the_shortest_uri() {
        let usual = "otpauth://totp/console.test:device%204?secret=AEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIB\
                     &issuer=console.test";
        let seed = Seed::new([1; 20]);
        let kind =
            Kind::Totp { hash: Hash::Sha256, digits: Digits::Eight, step: Step::from_secs(60).unwrap() };
        let unusual = usual.replace("&issuer", "&digits=8&algorithm=SHA256&issuer") + "&period=60";
        let counts = usual.replace("totp", "hotp") + "&counter=0";
        for (kind, uri) in [(Kind::TOTP, usual), (kind, &unusual), (Kind::HOTP, &counts)] {
            assert_eq!(write(DeviceId(3), kind, &seed).as_deref(), Some(uri));
            assert_eq!(read(uri), Some((kind, seed)));
        }
    }

    #[test]
    fn what_nobody_could_set_up_is_not_read() {
        let good = "otpauth://totp/x?secret=AEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIB";
        assert!(read(good).is_some());
        for bad in [
            "",
            "https://console.test/",
            "otpauth://totp/x?secret=AEAQC",
            "otpauth://totp/x?issuer=y",
            &format!("{good}&digits=5"),
            &format!("{good}&algorithm=MD5"),
            &format!("{good}&period=0"),
            &format!("{good}&period=86400"),
            &good.replace("totp", "hotp"),
            &good.replace("totp", "push"),
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_uri_reads_back_as_it_is_written(
            device: u16,
            kind in kinds(),
            seed in prop::collection::vec(any::<u8>(), Seed::LEN_MIN..=Seed::LEN_MAX),
        ) {
            let seed = Seed::read(&seed).unwrap();
            let uri = write(DeviceId(device), kind, &seed).unwrap();
            prop_assert_eq!(read(&uri), Some((kind, seed)));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "(otpauth://[ht]otp/)?.*") {
            let _ = read(&text);
        }
    }
}
