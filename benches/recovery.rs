//! How long one recovery takes on the virtual stage, and its parts. Compare within one run.

use std::path::Path;
use std::sync::Arc;

use divan::Bencher;
use divan::black_box;
use lostkey::oracle;
use lostkey::otp::Generator;
use lostkey::policy::Norm;
use lostkey::run::Play;
use lostkey::secret::Seed;
use lostkey::story::Story;

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

/// A whole recovery: the device is lost, and in the end a new one signs in.
#[divan::bench]
fn recovery(bencher: Bencher<'_, '_>) {
    let story = story();
    bencher.bench(|| {
        let mut play = Play::new(Arc::clone(&story), 1);
        let played = play.to_the_end();
        (played, play.into_trace())
    });
}

/// The same, judged by all oracles.
#[divan::bench]
fn recovery_judged(bencher: Bencher<'_, '_>) {
    let story = story();
    bencher.bench(|| {
        let mut play = Play::new(Arc::clone(&story), 1);
        let played = play.to_the_end();
        let trace = play.into_trace();
        (played, oracle::judge(&trace, &story, &Norm::NIST))
    });
}

/// One code: HMAC-SHA-1 and the cut.
#[divan::bench]
fn code(bencher: Bencher<'_, '_>) {
    let generator = Generator::new(&Seed::new([7; 20]));
    bencher.bench(|| generator.code(black_box(59_081_400)));
}

/// Reading a story from YAML.
#[divan::bench]
fn load_story(bencher: Bencher<'_, '_>) {
    let text = text();
    bencher.bench(|| Story::read(black_box(&text), "lost-device.yaml").is_ok());
}
