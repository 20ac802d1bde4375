//! Prints codes for the comparison with oathtool: a seed in hexadecimal, a Unix time, 50 codes.
//!
//! Times go from 1970 to beyond 2038 and beyond what 32 bits of time steps hold.

use lostkey::draw::Draw;
use lostkey::otp::Generator;
use lostkey::otp::step_at;

/// Seeds, and codes for each: a thousand codes in all.
const SEEDS: u64 = 20;
const CODES: u64 = 50;

fn main() {
    let mut draw = Draw::new(6_238);
    for nth in 0..SEEDS {
        let seed = draw.authenticator_seed();
        let hex: String = seed.reveal().iter().map(|byte| format!("{byte:02x}")).collect();
        let unix_secs = nth * 9_876_543_210 + nth * 17;
        let generator = Generator::new(&seed);
        let first = step_at(unix_secs);
        let codes: Vec<String> =
            (first..first + CODES).map(|step| generator.code(step).reveal_text()).collect();
        write_line(&format!("{hex} {unix_secs} {}", codes.join(" ")));
    }
}

fn write_line(line: &str) {
    use std::io::Write;
    // A closed pipe is the reader's choice.
    let _closed_pipe = writeln!(std::io::stdout(), "{line}");
}
