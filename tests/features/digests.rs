//! Digests of traces, which changes that preserve behaviour must not change.
//!
//! Each line names a story or a scenario and the SHA-256 of its traces as JSON. A commit that
//! changes behaviour changes digests and explains why.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use lostkey::drill::{Mix, Runner, built_in};
use lostkey::event::Trace;
use lostkey::policy::Norm;
use lostkey::report::ScenarioOutcome;
use lostkey::stage::Play;
use lostkey::story::Story;
use sha2::{Digest as _, Sha256};

/// Number of seeds with which each story is played by habit.
const SEEDS: u64 = 200;

/// Number of drilled runs for each weakness, and for the built-in stories.
const WEAKNESS_RUNS: u64 = 25;
const NORM_RUNS: u64 = 1_000;

/// Together, these stories reach every machine and every kind of fault that a story can declare.
const PLAYED_BY_HABIT: [&str; 20] = [
    "call-drops",
    "call-never-arrives",
    "call-to-voicemail",
    "callbacks-twice",
    "counter-token",
    "crash-after-call",
    "crash-after-mail",
    "digits-redirected",
    "drifting-token",
    "greylisted",
    "key-doubled",
    "link-scanned",
    "lost-device",
    "mail-bounces",
    "mails-reordered",
    "provider-times-out",
    "spoken-code",
    "stranger-with-mailbox",
    "three-devices",
    "ticket-late",
];

fn add(digest: &mut Sha256, trace: &Trace) {
    digest.update(serde_json::to_vec(trace).unwrap());
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn story(path: &Path) -> Arc<Story> {
    Arc::new(Story::read(&fs::read_to_string(path).unwrap(), &path.to_string_lossy()).unwrap())
}

fn scenarios() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

#[test]
fn stories_played_by_habit_tell_what_they_told() {
    let mut lines = String::new();
    for name in PLAYED_BY_HABIT {
        let story = story(&scenarios().join(name).with_extension("yaml"));
        let mut digest = Sha256::new();
        for seed in 1..=SEEDS {
            let mut play = Play::new(Arc::clone(&story), seed);
            play.to_the_end().unwrap();
            add(&mut digest, play.world().trace());
        }
        writeln!(lines, "{name} {}", hex(digest)).unwrap();
    }
    insta::assert_snapshot!("stories", lines);
}

#[test]
fn drilled_runs_tell_what_they_told() {
    let mut lines = String::new();
    let mut drill = |name: &str, bases: Vec<Arc<Story>>, runs: u64| {
        let mut runner = Runner::new(bases, Mix::usual(), Norm::NIST);
        let mut digest = Sha256::new();
        let mut findings = 0;
        for seed in 1..=runs {
            let ran = runner.run(seed);
            findings += ran.findings.len();
            add(&mut digest, ran.trace);
        }
        writeln!(lines, "{name} {} {findings}", hex(digest)).unwrap();
    };
    drill("norm", built_in(), NORM_RUNS);
    let mut weaknesses: Vec<_> =
        fs::read_dir(scenarios().join("weaknesses")).unwrap().map(|entry| entry.unwrap().path()).collect();
    weaknesses.sort();
    for path in weaknesses {
        drill(&path.file_stem().unwrap().to_string_lossy(), vec![story(&path)], WEAKNESS_RUNS);
    }
    insta::assert_snapshot!("drills", lines);
}

/// Checks the digests of played scenarios, by feature and name.
pub(super) fn assert_scenarios_tell_what_they_told(outcomes: &[ScenarioOutcome]) {
    let mut lines: Vec<String> = outcomes
        .iter()
        .map(|outcome| {
            let mut digest = Sha256::new();
            add(&mut digest, &outcome.played.as_ref().unwrap().trace);
            let feature = Path::new(&*outcome.path).file_stem().unwrap().to_string_lossy().into_owned();
            format!("{feature}: {} {}", outcome.name, hex(digest))
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!("scenarios", lines.join("\n"));
}
