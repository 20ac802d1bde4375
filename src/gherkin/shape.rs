//! Checks the structure of a parsed feature: scenarios have steps, outlines have valid examples.

use std::ops::Range;

use cucumber::feature::Ext as _;
use gherkin::{Feature, Scenario};

use crate::gherkin::error::{FeatureError, FeatureMistake, Source};
use crate::gherkin::expand::{alone, one_by_one};

/// All scenarios of a feature, including those within rules.
pub(super) fn scenarios(feature: &Feature) -> impl Iterator<Item = &Scenario> {
    feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios))
}

/// Reports scenarios without steps or with invalid examples. A scenario with a mistake in `told` is
/// not reported as empty, as the mistake may hide its steps.
pub(super) fn wrong(feature: &Feature, source: &Source, told: &[FeatureError]) -> Vec<FeatureError> {
    let mut wrong = Vec::new();
    for scenario in scenarios(feature) {
        let is_told = || {
            let lines = lines(feature, scenario);
            told.iter().any(|error| lines.contains(&error.line))
        };
        if scenario.steps.is_empty() && !is_told() {
            let says = format!("the scenario \"{}\" has no steps, so it always passes", scenario.name);
            let help = "steps begin with Given, When, Then, And, But or *";
            let at = source.line(scenario.position.line);
            wrong.push(source.error(FeatureMistake::NoStep, at, &says, help));
        }
        let of_examples = examples(scenario, source);
        let is_sound = of_examples.is_empty();
        wrong.extend(of_examples);
        if let (true, Err(error)) = (is_sound, alone(feature, first_row_of(scenario)).expand_examples()) {
            // In a doc string or a table, whose rows would be lost.
            let says = format!("`<{}>` has no column in the examples", error.name);
            let help = "add a column with this name, or write the text without `<` and `>`";
            let at = source.line(error.pos.line);
            wrong.push(source.error(FeatureMistake::NoColumn, at, &says, help));
        }
    }
    wrong
}

/// An outline with one row: a placeholder without a column is the same mistake in each.
fn first_row_of(scenario: &Scenario) -> Scenario {
    let examples = scenario.examples.iter().filter_map(|examples| one_by_one(examples).next()).collect();
    let Scenario { keyword, name, steps, tags, span, position, .. } = scenario;
    Scenario {
        keyword: keyword.clone(),
        name: name.clone(),
        description: None,
        steps: steps.clone(),
        examples,
        tags: tags.clone(),
        span: *span,
        position: *position,
    }
}

/// The lines from a scenario up to the next one.
fn lines(feature: &Feature, scenario: &Scenario) -> Range<usize> {
    let start = scenario.position.line;
    let later = scenarios(feature).map(|other| other.position.line).filter(|other| *other > start);
    start..later.min().unwrap_or(usize::MAX)
}

/// Whether a scenario has the keyword of an outline.
pub(super) fn is_outline(scenario: &Scenario) -> bool {
    let keyword = scenario.keyword.trim();
    ["Scenario Outline", "Scenario Template"].iter().any(|name| keyword.starts_with(name))
}

/// Reports an outline without examples, and placeholders without a column.
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

/// The placeholders in the name and steps of a scenario, with their ranges.
fn placeholders(scenario: &Scenario, source: &Source) -> Vec<(String, Range<usize>)> {
    let mut places = names_in(source, source.line(scenario.position.line));
    for step in &scenario.steps {
        let end = step.span.end.min(source.text().len());
        let start = source.line(step.position.line).start;
        places.extend(names_in(source, start..end.max(source.line(step.position.line).end)));
    }
    places
}

/// The placeholders in a range. As in cucumber, a name neither begins nor ends with a space.
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
