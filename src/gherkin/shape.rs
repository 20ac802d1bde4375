//! The shape of a feature that the parser takes: scenarios with steps, outlines with examples.

use std::ops::Range;

use gherkin::Feature;
use gherkin::Scenario;

use crate::gherkin::error::FeatureError;
use crate::gherkin::error::FeatureMistake;
use crate::gherkin::error::Source;

/// All scenarios of a feature, those of its rules too.
pub(super) fn scenarios(feature: &Feature) -> impl Iterator<Item = &Scenario> {
    feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios))
}

/// What no scenario can be played with: no steps, or examples that do not fill it. What is wrong
/// with a scenario's lines is `told` already, and then its steps are not what they seem.
pub(super) fn wrong(feature: &Feature, source: &Source, told: &[FeatureError]) -> Vec<FeatureError> {
    let mut wrong = Vec::new();
    for scenario in scenarios(feature) {
        let lines = lines(feature, scenario);
        if scenario.steps.is_empty() && !told.iter().any(|error| lines.contains(&error.line)) {
            let says = format!("the scenario \"{}\" has no steps, so it always passes", scenario.name);
            let help = "steps begin with Given, When, Then, And, But or *";
            let at = source.line(scenario.position.line);
            wrong.push(source.error(FeatureMistake::NoStep, at, &says, help));
        }
        wrong.extend(examples(scenario, source));
    }
    wrong
}

/// The lines from a scenario to the next.
fn lines(feature: &Feature, scenario: &Scenario) -> Range<usize> {
    let start = scenario.position.line;
    let later = scenarios(feature).map(|other| other.position.line).filter(|other| *other > start);
    start..later.min().unwrap_or(usize::MAX)
}

/// Whether a scenario is called an outline, which has examples.
pub(super) fn is_outline(scenario: &Scenario) -> bool {
    let keyword = scenario.keyword.trim();
    ["Scenario Outline", "Scenario Template"].iter().any(|name| keyword.starts_with(name))
}

/// Whether an outline has examples, and a column for each of its placeholders.
fn examples(scenario: &Scenario, source: &Source) -> Vec<FeatureError> {
    if scenario.examples.is_empty() {
        let says = format!("the outline \"{}\" has no examples, so it is never run", scenario.name);
        let help = "add `Examples:` below its steps, with a table whose first row names the columns";
        let at = source.line(scenario.position.line);
        let error = source.error(FeatureMistake::NoExamples, at, &says, help);
        return is_outline(scenario).then_some(error).into_iter().collect();
    }
    let places = placeholders(scenario, source);
    let mut wrong = Vec::new();
    for examples in &scenario.examples {
        let rows = examples.table.as_ref().map_or(&[][..], |table| &table.rows);
        let here = source.line(examples.position.line);
        let Some((columns, [_, ..])) = rows.split_first() else {
            let help = "add a row for each run below the row that names the columns";
            wrong.push(source.error(FeatureMistake::NoExamples, here, "these examples have no rows", help));
            continue;
        };
        for (name, at) in places.iter().filter(|(name, _)| !columns.contains(name)) {
            let says = format!("`<{name}>` has no column in the examples");
            let near = crate::story::nearest(name, columns.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("did you mean `<{near}>`?"),
                None => format!("the columns are {}", quoted(columns)),
            };
            let error = source.error(FeatureMistake::NoColumn, at.clone(), &says, &help);
            wrong.push(error.and(here.clone(), "these examples"));
        }
    }
    wrong
}

fn quoted(columns: &[String]) -> String {
    columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
}

/// The placeholders in name and steps of a scenario, each with its place.
fn placeholders(scenario: &Scenario, source: &Source) -> Vec<(String, Range<usize>)> {
    let mut places = names_in(source, source.line(scenario.position.line));
    for step in &scenario.steps {
        let end = step.span.end.min(source.text().len());
        let start = source.line(step.position.line).start;
        places.extend(names_in(source, start..end.max(source.line(step.position.line).end)));
    }
    places
}

/// What stands between angle brackets, as cucumber has it: neither begins nor ends with a space.
fn names_in(source: &Source, at: Range<usize>) -> Vec<(String, Range<usize>)> {
    let text = source.text().get(at.clone()).unwrap_or_default();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|rest| rest.find('<')).map(|open| from + open) {
        let rest = text.get(open + 1..).unwrap_or_default();
        let Some(close) = rest.find(['>', '\n']).filter(|close| rest[*close..].starts_with('>')) else {
            from = open + 1;
            continue;
        };
        let name = &rest[..close];
        if !name.is_empty() && name.trim() == name && !name.contains('<') {
            found.push((name.to_owned(), at.start + open..at.start + open + close + 2));
            from = open + close + 2;
        } else {
            from = open + 1;
        }
    }
    found
}
