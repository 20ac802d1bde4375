//! Prints codes for the comparison with oathtool: its options, a seed in hexadecimal, 50 codes.
//!
//! Covers times from 1970 to beyond 2038 and beyond 32-bit time steps, all hash functions and code
//! lengths, several time steps, and counters.

use lostkey::base::otp::{Digits, Generator, Hash, Kind, Step};
use lostkey::base::rng::Rng;

/// Seeds of each kind, and codes for each seed: a thousand codes per kind.
const SEEDS: u64 = 20;
const CODES: u64 = 50;

fn main() {
    let mut draw = Rng::new(6_238);
    for kind in kinds() {
        for nth in 0..SEEDS {
            let seed = draw.authenticator_seed(kind.seed_len());
            let hex: String = seed.reveal().iter().map(|byte| format!("{byte:02x}")).collect();
            let moment = nth * 9_876_543_210 + nth * 17;
            let (options, first) = match kind {
                Kind::Totp { hash, digits, step } => (
                    format!(
                        "--totp={} --digits={} --time-step-size={}s --now=@{moment}",
                        word(hash),
                        digits.count(),
                        step.as_secs()
                    ),
                    step.at(moment),
                ),
                Kind::Hotp { digits } => {
                    (format!("--hotp --digits={} --counter={moment}", digits.count()), moment)
                }
            };
            let generator = Generator::new(&seed, kind);
            let codes: Vec<String> =
                (first..first + CODES).map(|step| generator.code(step).reveal_text()).collect();
            write_line(&format!("{hex}|{options}|{}", codes.join(" ")));
        }
    }
}

/// The default kind, the counter, and kinds that cover the other hash functions, lengths and steps.
fn kinds() -> Vec<Kind> {
    let totp =
        |hash, digits, secs| Kind::Totp { hash, digits, step: Step::from_secs(secs).unwrap_or_default() };
    vec![
        Kind::TOTP,
        totp(Hash::Sha1, Digits::Eight, 60),
        totp(Hash::Sha256, Digits::Six, 30),
        totp(Hash::Sha256, Digits::Eight, 60),
        totp(Hash::Sha512, Digits::Seven, 15),
        totp(Hash::Sha512, Digits::Eight, 300),
        Kind::HOTP,
        Kind::Hotp { digits: Digits::Eight },
    ]
}

/// oathtool's name of a hash function.
const fn word(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "sha1",
        Hash::Sha256 => "sha256",
        Hash::Sha512 => "sha512",
    }
}

fn write_line(line: &str) {
    use std::io::Write;
    // The reader may close the pipe early.
    let _closed_pipe = writeln!(std::io::stdout(), "{line}");
}
