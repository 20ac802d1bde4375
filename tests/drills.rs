//! Drills of the norm: nothing is found, and what a drill must reach is reached.
//!
//! `LOSTKEY_DRILL_RUNS=100000 cargo test --test drills` plays more of them: that is how many faults
//! in the core a drill catches by itself, told apart from the tests (`cargo mutants -- --test drills`).

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use lostkey::drill::Mix;
use lostkey::drill::Runner;
use lostkey::drill::Sometimes;
use lostkey::drill::Tally;
use lostkey::drill::built_in;
use lostkey::policy::Norm;

/// How many runs there are where nobody asks for more; and from how many on nearly everything that a
/// drill must reach is reached.
const RUNS: u64 = 2_000;
const ENOUGH: u64 = 50_000;

/// What is too seldom to be asked of fewer than a million runs.
const SELDOM: [Sometimes; 4] =
    [Sometimes::TooManyCalls, Sometimes::TooManyMails, Sometimes::CodeUsedUp, Sometimes::StrangerAtStepTwo];

#[test]
fn a_drill_of_the_norm_finds_nothing() {
    let runs = std::env::var("LOSTKEY_DRILL_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let mut runner = Runner::new(built_in(), Mix::usual(), Norm::NIST);
    let mut tally = Tally::default();
    for seed in 0..runs {
        let ran = runner.run(seed);
        assert_eq!(ran.stuck, None, "run {seed}");
        assert_eq!(ran.findings, [], "run {seed}");
        tally.add(seed, &ran);
    }
    if runs >= ENOUGH {
        let never = tally.never().into_iter().filter(|what| !SELDOM.contains(what));
        assert_eq!(never.collect::<Vec<_>>(), []);
    }
}
