//! All features, on both stages: each scenario holds, no oracle objects, and the traces agree.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::rc::Rc;

use lostkey::gherkin;
use lostkey::gherkin::Place;
use lostkey::gherkin::Setting;
use lostkey::gherkin::StageKind;
use lostkey::policy::Norm;
use lostkey::report::Failure;
use lostkey::report::ScenarioOutcome;

async fn play(stage: StageKind) -> Vec<ScenarioOutcome> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [Place { path: root.join("features"), line: None }];
    let features = gherkin::read(&places).unwrap().into_iter().map(|(feature, _)| feature).collect();
    let setting = Setting { scenarios: root.join("scenarios").into(), stage, seed: None };
    let again = move |path: &str, line| format!("lostkey run {path}:{line} --stage {}", stage.name());
    gherkin::play(features, &setting, &Norm::NIST, false, again, Rc::new(|_| {})).await
}

#[tokio::test]
async fn every_scenario_holds_on_both_stages_and_they_tell_the_same() {
    let here = play(StageKind::Virtual).await;
    let there = play(StageKind::Wire).await;
    let failed: Vec<String> = here
        .iter()
        .chain(&there)
        .filter(|outcome| !outcome.passed())
        .map(|outcome| Failure(outcome).to_string())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(here.len(), there.len());
    for (one, other) in here.iter().zip(&there) {
        let traces = [one, other].map(|outcome| &outcome.played.as_ref().unwrap().trace);
        assert_eq!(traces[0], traces[1], "{}:{} {}", one.path, one.line, one.name);
    }
}
