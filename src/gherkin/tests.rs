//! Plays this repository's features in memory, which takes under a second, as mutation testing needs.
//! `tests/features.rs` plays them over the wire as well.

use std::path::Path;
use std::rc::Rc;

use super::*;
use crate::policy::Norm;
use crate::report::{Failure, ScenarioOutcome};
use crate::stage::StageKind;

async fn play_in_memory(folder: &str, stories: &str) -> Vec<ScenarioOutcome> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [Place { path: root.join(folder), line: None }];
    let features = read(&places).unwrap().into_iter().map(|read| read.feature).collect();
    let setting = Setting { scenarios: root.join(stories).into(), stage: StageKind::Virtual, seed: None };
    let again = |path: &str, line| format!("lostkey run {path}:{line}");
    play(features, &setting, &Norm::NIST, false, again, Rc::new(|_| {})).await
}

#[tokio::test]
async fn all_scenarios_hold_in_memory() {
    for (folder, stories) in [("features", "scenarios"), ("tests/weak", "tests/weak/scenarios")] {
        let outcomes = play_in_memory(folder, stories).await;
        assert!(outcomes.len() >= 15, "{folder}: {} scenarios", outcomes.len());
        let failed = outcomes.iter().filter(|outcome| !outcome.passed());
        let failed: Vec<String> = failed.map(|outcome| Failure(outcome).to_string()).collect();
        assert!(failed.is_empty(), "{}", failed.join("\n"));
    }
}
