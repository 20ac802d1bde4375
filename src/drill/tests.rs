//! Whole drills: seeds are reproducible, runs replay as stories, failures shrink to failures.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::base::otp::Kind;
use crate::people::Habits;
use crate::policy::{CountedBrowsers, FailuresCleared, Kept, Norm, Policy, RecoveryEnds, Rotation};
use crate::stage::Play;
use crate::story::{DeviceState, Story, limit};

const RUNS: u64 = 300;

fn runner(bases: Vec<Arc<Story>>) -> Runner {
    Runner::new(bases, Mix::usual(), Norm::NIST)
}

fn tally(runner: &mut Runner, seeds: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let ran = runner.run(seed);
        tally.add(seed, &ran);
    }
    tally
}

/// The built-in bases with session ids that never rotate: a flaw that most runs reveal.
fn weak() -> Vec<Arc<Story>> {
    let weaken = |base: Arc<Story>| {
        let mut story = Story::clone(&base);
        story.policy.rotation = Rotation::Never;
        Arc::new(story)
    };
    built_in().into_iter().map(weaken).collect()
}

/// Situations too rare to require in a drill of fewer than a million runs.
const SELDOM: [Sometimes; 4] =
    [Sometimes::TooManyCalls, Sometimes::TooManyMails, Sometimes::CodeUsedUp, Sometimes::StrangerAtStepTwo];

/// `LOSTKEY_DRILL_RUNS=100000 cargo test --lib a_drill_of_the_norm` plays more runs. Under
/// `cargo mutants`, that shows how many faults in the core a drill detects without the other tests.
#[test]
fn a_drill_of_the_norm_finds_nothing() {
    let runs = std::env::var("LOSTKEY_DRILL_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let mut runner = runner(built_in());
    let mut tally = Tally::default();
    for seed in 0..runs {
        let ran = runner.run(seed);
        assert_eq!(ran.stuck, None, "run {seed}");
        assert_eq!(ran.findings, [], "run {seed}");
        tally.add(seed, &ran);
    }
    let never = tally.never();
    assert!(never.len() < Sometimes::ALL.len() / 2, "{never:?}");
    if runs >= 50_000 {
        assert_eq!(never.into_iter().filter(|what| !SELDOM.contains(what)).collect::<Vec<_>>(), []);
    }
}

/// A weakness must depend on the policy alone, or on the time step of the devices.
/// `LOSTKEY_DRILL_RUNS` plays more runs here too.
#[test]
fn no_story_of_a_weakness_fails_by_the_norm() {
    let runs = std::env::var("LOSTKEY_DRILL_RUNS").map_or(60, |runs| runs.parse().unwrap());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/weaknesses");
    let mut played = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut story =
            Story::read(&std::fs::read_to_string(&path).unwrap(), &path.to_string_lossy()).unwrap();
        assert!(story.weakness.take().is_some(), "{}", path.display());
        story.policy = Policy::NORM;
        for device in &mut story.devices {
            if matches!(device.kind, Kind::Totp { step, .. } if step.as_secs() > Norm::NIST.time_step.as_secs())
            {
                device.kind = Kind::TOTP;
            }
        }
        let mut runner = runner(vec![Arc::new(story)]);
        for seed in 0..runs {
            assert_eq!(runner.run(seed).findings, [], "{}, run {seed}", path.display());
        }
        played += 1;
    }
    assert!(played >= 60, "{played}");
}

/// Ben has no password, so every run ends badly for him, and well for most of the other owners.
#[test]
fn a_run_ends_for_each_owner_by_itself() {
    let household = built_in().into_iter().find(|base| base.name == "household").unwrap();
    let mut story = Story::clone(&household);
    story.people[1].has.password = false;
    let tally = tally(&mut runner(vec![Arc::new(story)]), 0..RUNS);
    assert!(tally.sometimes[Sometimes::SignedInWithCode as usize] > RUNS / 2);
    let owners = tally.ends.total();
    assert!(owners > u128::from(RUNS) && owners % u128::from(RUNS) == 0, "{:?}", tally.ends);
    assert!(tally.ends.signed_in > RUNS / 2 && tally.ends.recovered > 0, "{:?}", tally.ends);
    assert!(tally.ends.locked_out + tally.ends.with_support >= RUNS, "{:?}", tally.ends);
}

/// Whoever proves both alternative factors has recovered, although a new sign-in follows.
#[test]
fn a_recovery_that_ends_with_a_new_sign_in_is_a_recovery() {
    let story = |recovery_ends| {
        let mut story = Story::clone(&built_in()[0]);
        story.policy.recovery_ends = recovery_ends;
        story.devices[0].state = DeviceState::Lost;
        Arc::new(story)
    };
    let ends = |recovery_ends| tally(&mut runner(vec![story(recovery_ends)]), 0..RUNS).ends;
    let (session, fresh) = (ends(RecoveryEnds::Session), ends(RecoveryEnds::FreshSignIn));
    assert!(session.recovered > RUNS / 2, "{session:?}");
    assert!(fresh.recovered * 10 > session.recovered * 9, "{fresh:?} {session:?}");
}

/// Two owners with a phone between them, whose story says nothing of strangers, moves or faults.
const COLLEAGUES: &str = "\
about: Two owners share a desk phone.
accounts:
  dan: { user: dan@corp.example, password: first pass phrase, number: 1111 2222 3333, phone: +34 600 000 005, devices: { app: {} } }
  eva: { user: eva@corp.example, password: second pass phrase, number: 4444 5555 6666, phone: +34 600 000 005, devices: { app: {}, token: {} } }
people:
  dan: { owns: dan }
  eva: { owns: eva }
";

/// What hides from single moves is found in whatever story, by the oracle that owns the weakness.
#[test]
fn patterns_find_what_takes_hours_or_a_crash() {
    let (hours, restart) = (CountedBrowsers::Together, Kept::InMemory);
    let typos = (2, FailuresCleared::OfItsDevice);
    for (policy, rule) in [
        (Policy { counted_browsers: hours, ..Policy::NORM }, "lock-out/refused-in-all"),
        (Policy { used_codes_kept: restart, ..Policy::NORM }, "single-use/mfa-code-twice"),
        (
            Policy { failures_max: typos.0, failures_cleared: typos.1, ..Policy::NORM },
            "right-code/device-disabled-unduly",
        ),
    ] {
        let story = Story { policy, ..Story::read(COLLEAGUES, "colleagues.yaml").unwrap() };
        let mut runner = runner(vec![Arc::new(story)]);
        let found = (0..4_000).find_map(|seed| {
            let findings = runner.run(seed).findings;
            findings.into_iter().find(|finding| finding.rule == rule)
        });
        assert!(found.is_some(), "{rule}");
    }
}

#[test]
fn strangers_have_names_that_nobody_has() {
    let mut story = Story::clone(&built_in()[0]);
    story.people[0].name = "mallory".to_owned();
    let mut runner = runner(vec![Arc::new(story)]);
    let mut strangers = Vec::new();
    for seed in 0..RUNS {
        let ran = runner.run(seed);
        strangers.extend(ran.story.people[1..].iter().map(|person| person.name.clone()));
        Story::read(&ran.story.write(), "again.yaml").unwrap();
    }
    strangers.sort();
    strangers.dedup();
    assert_eq!(strangers, ["eve", "trudy"]);
}

#[test]
fn a_seed_is_a_run_whatever_was_run_before() {
    let (mut one, mut other) = (runner(built_in()), runner(built_in()));
    for seed in 0..50 {
        let _warmed_up = other.run(seed);
    }
    for seed in (0..RUNS).step_by(7) {
        let (here, there) = (one.run(seed), other.run(seed));
        assert_eq!(here.story, there.story, "{seed}");
        assert_eq!(here.trace, there.trace, "{seed}");
    }
}

#[test]
fn a_run_is_a_story_that_tells_the_same_from_its_file() {
    let mut runner = runner(built_in());
    for seed in 0..RUNS {
        let ran = runner.run(seed);
        let file = format!("{}.yaml", ran.story.name);
        let story = Arc::new(Story::read(&ran.story.write(), &file).unwrap());
        assert_eq!(*story, **ran.story, "{seed}");
        let mut play = Play::new(Arc::clone(&story), story.seed);
        play.to_the_end().unwrap();
        assert_eq!(play.into_trace(), *ran.trace, "{seed}");
    }
}

#[test]
fn parts_add_up_to_the_whole_in_any_order() {
    let whole = tally(&mut runner(weak()), 0..RUNS);
    let mut sum = Tally::default();
    for part in [2, 0, 1] {
        sum.add_all(&tally(&mut runner(weak()), (0..RUNS).filter(|seed| seed % 3 == part)));
    }
    assert!(!whole.findings.is_empty());
    assert_eq!(sum, whole);
}

#[test]
fn a_failure_shrinks_to_less_that_fails_for_the_same_cause_and_always_to_the_same() {
    let mut runner = runner(weak());
    let long_failure = |seed: &u64| {
        let ran = runner.run(*seed);
        let long = ran.story.moves.len() > 8 && !ran.story.faults.is_empty();
        long && ran.findings.iter().any(|finding| finding.oracle == "session")
    };
    let seed = (0..RUNS).find(long_failure).unwrap();
    let ran = runner.run(seed);
    let finding = ran.findings.iter().find(|finding| finding.oracle == "session").unwrap();
    let shrunk = shrink(ran.story, finding, &Norm::NIST);
    assert_eq!(shrunk.before, (ran.story.faults.len(), ran.story.moves.len()));
    assert!(shrunk.story.faults.is_empty() && shrunk.story.moves.len() <= 3, "{}", shrunk.story.write());
    let found = judged(&shrunk.story, &Norm::NIST);
    assert!(found.iter().any(|found| found.cause() == finding.cause()));
    let mut mended = shrunk.story.clone();
    mended.policy.rotation = Rotation::AtEachStep;
    assert_eq!(judged(&mended, &Norm::NIST), []);
    assert_eq!(shrink(ran.story, finding, &Norm::NIST).story, shrunk.story);
}

/// With any remaining habit back at its usual value, the failure is gone.
#[test]
fn a_shrunk_story_has_no_habit_that_it_does_not_need() {
    let story = std::fs::read_to_string("scenarios/weaknesses/H31.yaml").unwrap();
    let mut runner = runner(vec![Arc::new(Story::read(&story, "H31.yaml").unwrap())]);
    let fields = |habits: &Habits| serde_json::to_value(habits).unwrap().as_object().unwrap().clone();
    let usual = fields(&Habits::default());
    let (mut dropped, mut needed) = (0, 0);
    for seed in 0..60 {
        let ran = runner.run(seed);
        let Some(finding) = ran.findings.first() else { continue };
        let shrunk = shrink(ran.story, finding, &Norm::NIST);
        for (at, person) in shrunk.story.people.iter().enumerate() {
            let own = fields(&person.habits);
            let differs = |(key, value): &(&String, &serde_json::Value)| usual[*key] != **value;
            dropped += fields(&ran.story.people[at].habits).iter().filter(differs).count();
            for (key, _) in own.iter().filter(differs) {
                let mut without = own.clone();
                without[key] = usual[key].clone();
                let mut story = shrunk.story.clone();
                story.people[at].habits = serde_json::from_value(without.into()).unwrap();
                let found = judged(&story, &Norm::NIST);
                assert!(found.iter().all(|found| found.cause() != finding.cause()), "{seed}: {key}");
                needed += 1;
            }
        }
    }
    assert!(needed > 0 && dropped > needed, "{needed} of {dropped}");
}

/// The stories in a folder.
fn stories(folder: &str) -> Vec<Arc<Story>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let yaml = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    yaml.map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        Arc::new(Story::read(&text, &path.to_string_lossy()).unwrap())
    })
    .collect()
}

#[test]
fn every_scenario_can_be_drilled_and_its_runs_tell_the_same_from_their_files() {
    let mut with_moves = 0;
    for base in stories("scenarios").into_iter().chain(stories("tests/weak/scenarios")) {
        let mut runner = runner(vec![Arc::clone(&base)]);
        for seed in 0..6 {
            let ran = runner.run(seed);
            assert_eq!(ran.stuck, None, "{}, run {seed}", base.name);
            assert!(ran.story.moves.is_sorted_by_key(|made| made.at), "{}, run {seed}", base.name);
            with_moves += u32::from(!base.moves.is_empty() && ran.story.moves.len() > base.moves.len());
            let text = ran.story.write();
            let story = Arc::new(Story::read(&text, &format!("{}.yaml", base.name)).unwrap());
            let mut play = Play::new(Arc::clone(&story), story.seed);
            play.to_the_end().unwrap();
            assert_eq!(play.into_trace(), *ran.trace, "{}, run {seed}:\n{text}", base.name);
        }
    }
    assert!(with_moves >= 10, "{with_moves}");
}

#[test]
fn what_is_drawn_from_the_largest_stories_can_be_read_back() {
    let accounts: String = (0..limit::ACCOUNTS_MAX)
        .map(|n| {
            format!(
                "  a{n}: {{ user: a{n}@b.test, password: x, number: '{n:012}', phone: '+3460000{n:04}' }}\n"
            )
        })
        .collect();
    let people: String = (0..limit::PEOPLE_MAX)
        .map(|n| format!("  p{n}: {{ owns: a{} }}\n", n % limit::ACCOUNTS_MAX))
        .collect();
    let faults = "  - { does: mail-lost }\n".repeat(limit::FAULTS_MAX);
    let moves = "  - 00:00:10 p1 signs in\n".repeat(limit::MOVES_MAX - 1);
    let text = format!("about: x\naccounts:\n{accounts}people:\n{people}faults:\n{faults}moves:\n{moves}");
    let base = Arc::new(Story::read(&text, "large.yaml").unwrap());
    let mut runner = runner(vec![base]);
    for seed in 0..3 {
        let ran = runner.run(seed);
        Story::read(&ran.story.write(), "large.yaml").unwrap();
    }
}
