//! JUnit XML: one suite per feature and stage; the failure's text contains everything needed.
//!
//! Tools differ in what they show: some drop properties, file and line. So the text of a failure
//! starts with the verdict, followed by the command line that repeats the scenario.

use std::collections::BTreeMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::report::{Failure, ScenarioOutcome, Why};

/// The report as XML.
///
/// # Errors
/// If a text cannot be written as XML.
pub fn junit(outcomes: &[ScenarioOutcome]) -> Result<String, quick_junit::SerializeError> {
    let mut suites: BTreeMap<(&str, &str), Vec<&ScenarioOutcome>> = BTreeMap::new();
    for outcome in outcomes {
        suites.entry((&outcome.path, outcome.stage)).or_default().push(outcome);
    }
    let mut report = Report::new("lostkey");
    for ((path, stage), scenarios) in suites {
        let feature = scenarios.first().map_or("", |scenario| &scenario.feature);
        let mut suite = TestSuite::new(format!("{feature} ({stage})"));
        suite.extra.insert("file".into(), path.into());
        for scenario in scenarios {
            suite.add_test_case(case(scenario));
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn case(scenario: &ScenarioOutcome) -> TestCase {
    let status = match scenario.verdict() {
        None => TestCaseStatus::success(),
        Some(verdict) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(verdict.lines().next().unwrap_or_default());
            status.set_type(if scenario.failed_step().is_some() { "step" } else { "finding" });
            status.set_description(format!("{verdict}\n{}\n\n{}", scenario.again, Failure(scenario)));
            status
        }
    };
    let mut case = TestCase::new(&scenario.name, status);
    case.set_classname(&scenario.feature);
    case.set_time(Duration::from_nanos(scenario.nanos));
    case.extra.insert("file".into(), scenario.path.as_str().into());
    case.extra.insert("line".into(), scenario.line.to_string().into());
    case.add_property(Property::new("stage", scenario.stage));
    if let Some(played) = &scenario.played {
        for finding in &played.findings {
            case.add_property(Property::new("rule", finding.rule));
        }
        for tolerated in &played.tolerated {
            let name = if tolerated.why == Why::Known { "known" } else { "accepted" };
            case.add_property(Property::new(name, tolerated.to_string()));
        }
        // Readers that drop properties show the output of a test, also of one that passed.
        let told: Vec<String> = played.tolerated.iter().map(ToString::to_string).collect();
        if !told.is_empty() {
            case.set_system_out(told.join("\n"));
        }
        case.add_property(Property::new("story", &played.story.name));
        case.add_property(Property::new("seed", played.seed.to_string()));
        case.add_property(Property::new("virtual-time", played.until.to_string()));
    }
    case.add_property(Property::new("again", &scenario.again));
    case
}
