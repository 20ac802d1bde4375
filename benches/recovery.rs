//! Benchmarks of one recovery on the virtual stage and of its parts. Compare figures of one run only.

use std::path::Path;
use std::sync::Arc;

use divan::{Bencher, black_box};
use lostkey::base::id::DeviceId;
use lostkey::base::otp::{Digits, Generator, Hash, Kind, Step};
use lostkey::base::secret::{Code, Seed};
use lostkey::oracle;
use lostkey::policy::{Norm, Policy};
use lostkey::service::reference::{Authenticator, Enrolled};
use lostkey::stage::Play;
use lostkey::story::Story;

/// Counts the allocations of each part.
#[global_allocator]
static ALLOCATED: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lost-device.yaml");
    std::fs::read_to_string(path).unwrap_or_default()
}

fn story() -> Arc<Story> {
    match Story::read(&text(), "lost-device.yaml") {
        Ok(story) => Arc::new(story),
        Err(error) => unreachable!("the story of the three is read in tests: {}", error.rendered()),
    }
}

/// A whole recovery, from the lost device to a sign-in with the new one. Runs reuse their memory,
/// as in drills.
#[divan::bench]
fn recovery(bencher: Bencher<'_, '_>) {
    let story = story();
    let mut play = Play::new(Arc::clone(&story), 1);
    bencher.bench_local(|| {
        play.reset(Arc::clone(&story), 1);
        let played = play.to_the_end();
        (played, play.world().trace().events().len())
    });
}

/// The same, judged by all oracles.
#[divan::bench]
fn recovery_judged(bencher: Bencher<'_, '_>) {
    let story = story();
    let mut play = Play::new(Arc::clone(&story), 1);
    let mut notes = oracle::Notes::default();
    bencher.bench_local(|| {
        play.reset(Arc::clone(&story), 1);
        let played = play.to_the_end();
        (played, oracle::judge_with(&mut notes, play.world().trace(), &story, &Norm::NIST))
    });
}

/// A recovery with newly allocated memory.
#[divan::bench]
fn recovery_anew(bencher: Bencher<'_, '_>) {
    let story = story();
    bencher.bench(|| {
        let mut play = Play::new(Arc::clone(&story), 1);
        let played = play.to_the_end();
        (played, play.into_trace())
    });
}

const SEED: Seed = Seed::new([7; 20]);

/// 15 January 2027, and its time step.
const NOW: u64 = 1_800_000_000;
const STEP: u64 = NOW / 30;

const KINDS: [Kind; 4] = [
    Kind::TOTP,
    Kind::Totp { hash: Hash::Sha256, digits: Digits::Eight, step: Step::USUAL },
    Kind::Totp { hash: Hash::Sha512, digits: Digits::Eight, step: Step::USUAL },
    Kind::HOTP,
];

fn on_file(kind: Kind) -> Authenticator {
    Authenticator::new(Enrolled { device: DeviceId(0), kind, seed: SEED, counter: STEP })
}

/// One code: HMAC and truncation (RFC 4226).
#[divan::bench(args = KINDS)]
fn code(bencher: Bencher<'_, '_>, kind: Kind) {
    let generator = Generator::new(&SEED, kind);
    bencher.bench(|| generator.code(black_box(STEP)));
}

/// A wrong code at sign-in, for counters over the whole look-ahead window. Allocates nothing.
#[divan::bench(args = KINDS)]
fn wrong_code(bencher: Bencher<'_, '_>, kind: Kind) {
    let wrong = Code::new(123_456, kind.digits());
    let mut device = on_file(kind);
    device.check(&Policy::NORM, NOW, wrong);
    bencher.bench_local(|| device.check(&Policy::NORM, black_box(NOW), black_box(wrong)));
}

/// A correct code at sign-in, each at a new time step, so that the next code is computed too.
/// Allocates nothing.
#[divan::bench(args = KINDS)]
fn right_code(bencher: Bencher<'_, '_>, kind: Kind) {
    let (mut device, shows) = (on_file(kind), Generator::new(&SEED, kind));
    let mut step = STEP;
    bencher
        .with_inputs(|| {
            step += 1;
            (step, shows.code(step - 1))
        })
        .bench_local_values(|(step, code)| device.check(&Policy::NORM, (step - 1) * 30, code));
}

/// A wrong pair over 1000 steps in both directions, with their codes already computed.
#[divan::bench(args = KINDS)]
fn wrong_pair(bencher: Bencher<'_, '_>, kind: Kind) {
    let wrong = Code::new(123_456, kind.digits());
    let mut device = on_file(kind);
    device.check_pair(&Policy::NORM, NOW, wrong, wrong);
    bencher.bench_local(|| device.check_pair(&Policy::NORM, black_box(NOW), black_box(wrong), wrong));
}

/// The first wrong pair for a device, which computes all codes of the window.
#[divan::bench(args = KINDS)]
fn first_wrong_pair(bencher: Bencher<'_, '_>, kind: Kind) {
    let wrong = Code::new(123_456, kind.digits());
    bencher
        .with_inputs(|| on_file(kind))
        .bench_local_values(|mut device| device.check_pair(&Policy::NORM, NOW, wrong, wrong));
}

/// Parsing a story from YAML.
#[divan::bench]
fn load_story(bencher: Bencher<'_, '_>) {
    let text = text();
    bencher.bench(|| Story::read(black_box(&text), "lost-device.yaml").is_ok());
}
