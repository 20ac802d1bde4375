//! Plays all features on both stages and through the door, without findings and with equal traces.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use lostkey::base::otp::Kind;
use lostkey::gherkin::{Place, Setting};
use lostkey::policy::{Norm, Policy};
use lostkey::report::{Failure, ScenarioOutcome};
use lostkey::stage::StageKind;
use lostkey::story::Story;
use lostkey::{gherkin, oracle};

#[path = "features/digests.rs"]
mod digests;
#[path = "features/policies.rs"]
mod policies;
#[path = "features/witness.rs"]
mod witness;

async fn play(features: &str, scenarios: &str, stage: StageKind) -> Vec<ScenarioOutcome> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [Place { path: root.join(features), line: None }];
    let features = gherkin::read(&places).unwrap().into_iter().map(|read| read.feature).collect();
    let setting = Setting { scenarios: root.join(scenarios).into(), stage, seed: None };
    let again = move |path: &str, line| format!("lostkey run {path}:{line} --stage {}", stage.name());
    gherkin::play(features, &setting, &Norm::NIST, false, again, Rc::new(|_| {})).await
}

/// Plays a folder on both stages and through the door under a manual clock. Each scenario must
/// hold, and all three traces must be equal.
async fn on_every_stage(features: &str, scenarios: &str) -> Vec<ScenarioOutcome> {
    let here = play(features, scenarios, StageKind::Virtual).await;
    for stage in [StageKind::Wire, StageKind::Door] {
        let there = play(features, scenarios, stage).await;
        let failed = here.iter().chain(&there).filter(|outcome| !outcome.passed());
        let failed: Vec<String> = failed.map(|outcome| Failure(outcome).to_string()).collect();
        assert!(failed.is_empty(), "{}", failed.join("\n"));
        assert_eq!(here.len(), there.len());
        for (one, other) in here.iter().zip(&there) {
            assert_same(one, other, stage);
        }
    }
    here
}

/// Fails at the first event that differs.
fn assert_same(one: &ScenarioOutcome, other: &ScenarioOutcome, stage: StageKind) {
    let [here, there] = [one, other].map(|outcome| &outcome.played.as_ref().unwrap().trace);
    let what = format!("{}:{} {}: {} stage", one.path, one.line, one.name, stage.name());
    for (at, (left, right)) in here.events().iter().zip(there.events()).enumerate() {
        assert_eq!(left, right, "{what}: event {at}");
    }
    assert_eq!(here.events().len(), there.events().len(), "{what}: how many events");
    assert_eq!(here.until(), there.until(), "{what}: until when");
}

#[tokio::test]
async fn every_scenario_holds_on_every_stage_and_all_tell_the_same() {
    let outcomes = on_every_stage("features", "scenarios").await;
    assert!(outcomes.len() >= 15, "{} scenarios", outcomes.len());
    digests::assert_scenarios_tell_what_they_told(&outcomes);
}

#[tokio::test]
async fn each_oracle_objects_to_a_weak_policy_in_a_real_play() {
    let outcomes = on_every_stage("tests/weak", "tests/weak/scenarios").await;
    for oracle in oracle::ALL {
        let says = format!("the oracle \"{}\" objects", oracle.id);
        let fires = outcomes.iter().flat_map(|outcome| &outcome.steps).any(|step| step.text == says);
        assert!(fires, "no weak policy makes `{}` object", oracle.id);
    }
}

/// A folder with copies of these stories, changed to the policy of the norm.
fn by_the_norm(scenarios: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("by-the-norm");
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(root.join(scenarios)).unwrap() {
        let path = entry.unwrap().path();
        let story = Story::read(&fs::read_to_string(&path).unwrap(), &path.to_string_lossy()).unwrap();
        let mut strong = Story { policy: Policy::NORM, ..story.clone() };
        for device in &mut strong.devices {
            if matches!(device.kind, Kind::Totp { step, .. } if step.as_secs() > Norm::NIST.time_step.as_secs())
            {
                device.kind = Kind::TOTP;
            }
        }
        assert_ne!(story, strong, "{} has no weakness", path.display());
        fs::write(folder.join(path.file_name().unwrap()), strong.write()).unwrap();
    }
    folder
}

#[tokio::test]
async fn no_oracle_objects_where_the_same_is_played_by_the_norm() {
    let folder = by_the_norm("tests/weak/scenarios");
    let outcomes = play("tests/weak", &folder.to_string_lossy(), StageKind::Virtual).await;
    assert!(outcomes.len() >= oracle::ALL.len());
    for outcome in &outcomes {
        let played = outcome.played.as_ref().unwrap();
        // All findings, including those that the scenario announces.
        let found = oracle::judge(&played.trace, &played.story, &Norm::NIST);
        let found: Vec<String> =
            found.iter().map(|finding| format!("{}: {}", finding.oracle, finding.says)).collect();
        assert!(found.is_empty(), "{} (line {}):\n{}", outcome.name, outcome.line, found.join("\n"));
    }
}
