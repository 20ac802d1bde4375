//! Cucumber's JSON format: a list of features with elements and steps, for report tools.

use serde::Serialize;

use crate::report::{ScenarioOutcome, StepOutcome, StepResult};

#[derive(Serialize)]
struct Feature<'a> {
    uri: &'a str,
    keyword: &'static str,
    id: String,
    name: String,
    line: usize,
    description: &'static str,
    tags: Vec<Tag>,
    elements: Vec<Element<'a>>,
}

#[derive(Serialize)]
struct Tag {
    name: String,
}

#[derive(Serialize)]
struct Element<'a> {
    keyword: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    name: &'a str,
    line: usize,
    description: &'static str,
    tags: Vec<Tag>,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    keyword: String,
    name: &'a str,
    line: usize,
    result: Outcome<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output: Vec<String>,
}

#[derive(Serialize)]
struct Outcome<'a> {
    status: &'static str,
    duration: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
}

/// The report as JSON; features of the wire stage have the stage in their name.
///
/// # Errors
/// Never in practice: all fields serialize.
pub fn cucumber_json(outcomes: &[ScenarioOutcome]) -> serde_json::Result<String> {
    let mut features: Vec<(&'static str, Feature<'_>)> = Vec::new();
    for outcome in outcomes {
        let at = features
            .iter()
            .position(|(stage, feature)| *stage == outcome.stage && feature.uri == outcome.path)
            .unwrap_or_else(|| {
                features.push((outcome.stage, feature(outcome)));
                features.len() - 1
            });
        let (_, feature) = &mut features[at];
        let element = element(outcome, &feature.id);
        feature.elements.push(element);
    }
    let features: Vec<Feature<'_>> = features.into_iter().map(|(_, feature)| feature).collect();
    serde_json::to_string_pretty(&features)
}

fn feature(outcome: &ScenarioOutcome) -> Feature<'_> {
    let name = if outcome.stage == "virtual" {
        outcome.feature.clone()
    } else {
        format!("{} ({})", outcome.feature, outcome.stage)
    };
    Feature {
        uri: &outcome.path,
        keyword: "Feature",
        id: id(&name),
        name,
        line: outcome.feature_line,
        description: "",
        tags: tags(&outcome.feature_tags),
        elements: Vec::new(),
    }
}

fn element<'a>(outcome: &'a ScenarioOutcome, feature: &str) -> Element<'a> {
    let mut steps: Vec<Step<'a>> = outcome.steps.iter().map(step).collect();
    let objects = outcome.played.iter().flat_map(|played| &played.findings);
    steps.extend(objects.map(|finding| Step {
        keyword: "* ".to_owned(),
        name: finding.rule,
        line: outcome.line,
        result: Outcome { status: "failed", duration: 0, error_message: Some(&finding.says) },
        output: Vec::new(),
    }));
    // Passed, as report tools mark a whole scenario by a step that is skipped.
    let tolerated = outcome.played.iter().flat_map(|played| &played.tolerated);
    steps.extend(tolerated.map(|tolerated| Step {
        keyword: "* ".to_owned(),
        name: tolerated.finding.rule,
        line: outcome.line,
        result: Outcome { status: "passed", duration: 0, error_message: None },
        output: vec![tolerated.to_string()],
    }));
    Element {
        keyword: "Scenario",
        kind: "scenario",
        id: format!("{feature};{}", id(&outcome.name)),
        name: &outcome.name,
        line: outcome.line,
        description: "",
        tags: tags(&outcome.tags),
        steps,
    }
}

fn step(step: &StepOutcome) -> Step<'_> {
    let (status, error_message) = match &step.result {
        StepResult::Passed => ("passed", None),
        StepResult::Failed(why) => ("failed", Some(why.as_str())),
        StepResult::Undefined(help) => ("undefined", Some(help.as_str())),
        StepResult::Ambiguous(which) => ("ambiguous", Some(which.as_str())),
        StepResult::Skipped => ("skipped", None),
    };
    Step {
        keyword: format!("{} ", step.keyword),
        name: &step.text,
        line: step.line,
        result: Outcome { status, duration: step.nanos, error_message },
        output: Vec::new(),
    }
}

/// Tags as Cucumber writes them; the parser leaves the `@` out.
fn tags(tags: &[String]) -> Vec<Tag> {
    tags.iter().map(|tag| Tag { name: format!("@{tag}") }).collect()
}

fn id(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}
