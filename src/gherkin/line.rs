//! `FILE:LINE`: the scenario, the examples or the row that a line of a feature belongs to.

use std::path::Path;

use gherkin::{Examples, Feature, Scenario};

use crate::gherkin::error::{FeatureError, FeatureMistake, Source};
use crate::gherkin::{expand, shape};

/// What remains of a feature: the scenarios at these lines once it is expanded.
pub(super) struct Chosen {
    lines: Vec<usize>,
}

impl Chosen {
    /// Removes all other scenarios of the expanded feature.
    pub(super) fn keep(&self, expanded: &mut Feature) {
        let is_meant = |scenario: &Scenario| self.lines.contains(&scenario.position.line);
        expanded.scenarios.retain(is_meant);
        for rule in &mut expanded.rules {
            rule.scenarios.retain(is_meant);
        }
    }
}

/// Finds what a line is in. A line of a row is that row, one of `Examples:` are all of its rows, and any
/// other line of a scenario is all of it.
///
/// # Errors
/// If the line is in no scenario.
pub(super) fn choose(feature: &Feature, source: &Source, line: usize) -> Result<Chosen, Box<FeatureError>> {
    let length = source.text().lines().count();
    let begins = |keyword: usize| first_tag(source, keyword);
    let rules = feature.rules.iter();
    let backgrounds = rules.clone().filter_map(|rule| rule.background.as_ref()).chain(&feature.background);
    let others = rules.map(|rule| rule.position.line).chain(backgrounds.map(|one| one.position.line));
    let starts = shape::scenarios(feature).map(|scenario| scenario.position.line).chain(others).map(begins);
    // The last section that begins at or above the line.
    let start = starts.filter(|start| *start <= line).max().filter(|_| line <= length);
    let found = shape::scenarios(feature).find(|scenario| Some(begins(scenario.position.line)) == start);
    let Some(scenario) = found else { return Err(Box::new(nowhere(feature, source, line, length))) };
    let rows = |examples: &Examples| expand::row_lines(examples, source);
    let part = scenario.examples.iter().rfind(|examples| begins(examples.position.line) <= line);
    let lines = match part {
        Some(examples) if rows(examples).contains(&line) => vec![line],
        Some(examples) => rows(examples),
        None if scenario.examples.is_empty() => vec![scenario.position.line],
        None => scenario.examples.iter().flat_map(rows).collect(),
    };
    Ok(Chosen { lines })
}

/// The first line of the tags above a keyword; the line of the keyword, if it has none.
fn first_tag(source: &Source, keyword: usize) -> usize {
    let lines: Vec<&str> = source.text().lines().take(keyword.saturating_sub(1)).collect();
    let above = lines.iter().rev().take_while(|line| {
        let line = line.trim_start();
        line.is_empty() || line.starts_with(['@', '#'])
    });
    let tags = above.enumerate().filter(|(_, line)| line.trim_start().starts_with('@'));
    tags.last().map_or(keyword, |(above, _)| keyword - 1 - above)
}

fn nowhere(feature: &Feature, source: &Source, line: usize, length: usize) -> FeatureError {
    let says = if line > length {
        format!("there is no line {line}: the file has {length} lines")
    } else {
        format!("line {line} is in no scenario")
    };
    let starts: Vec<String> =
        shape::scenarios(feature).map(|scenario| scenario.position.line.to_string()).collect();
    let help = match starts.as_slice() {
        [] => "the feature has no scenarios".to_owned(),
        [only] => format!("its scenario begins at line {only}"),
        several => format!("its scenarios begin at the lines {}", several.join(", ")),
    };
    FeatureError::of_file(FeatureMistake::NoSuchLine, Path::new(source.file()), says, &help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gherkin::features::parsed;

    const TEXT: &str = "\
Feature: f
  Background:
    Given a

  @one
  # about one

  @two
  Scenario: s
    When b

  Scenario Outline: o <x>
    When <x>

    Examples:
      | x |
      # a comment
      | 1 |
      | 2 |
    @late
    Examples:
      | x |
      | 3 |
  Rule: r
    Scenario: t
      When c
";

    #[test]
    fn a_line_chooses_what_it_is_in() {
        let source = Source::new("f.feature", TEXT);
        let feature = parsed(&source).0.unwrap();
        for (line, lines) in [
            (5, &[9][..]),
            (8, &[9]),
            (9, &[9]),
            (11, &[9]),
            (12, &[18, 19, 23]),
            (13, &[18, 19, 23]),
            (15, &[18, 19]),
            (16, &[18, 19]),
            (17, &[18, 19]),
            (18, &[18]),
            (19, &[19]),
            (20, &[23]),
            (23, &[23]),
            (25, &[25]),
            (26, &[25]),
        ] {
            let chosen = choose(&feature, &source, line).map(|chosen| chosen.lines);
            assert_eq!(chosen.unwrap_or_default(), lines, "{line}");
        }
    }

    #[test]
    fn a_line_of_no_scenario_is_a_mistake_that_says_which_there_are() {
        let source = Source::new("f.feature", TEXT);
        let feature = parsed(&source).0.unwrap();
        for (line, says) in [
            (0, "line 0 is in no scenario"),
            (1, "line 1 is in no scenario"),
            (3, "line 3 is in no scenario"),
            (24, "line 24 is in no scenario"),
            (27, "there is no line 27: the file has 26 lines"),
        ] {
            let Err(error) = choose(&feature, &source, line) else { panic!("{line}") };
            assert_eq!(error.says, says);
            assert_eq!(error.help, "its scenarios begin at the lines 9, 12, 25");
        }
    }
}
