//! Expands outlines: each row of examples becomes a scenario at the line of the row.

use cucumber::feature::Ext as _;
use gherkin::{Examples, Feature, Scenario, Step, StepType, Table};

use crate::gherkin::catalogue;
use crate::gherkin::error::Source;
use crate::gherkin::shape::is_outline;
use crate::gherkin::tongue::Tongue;

/// The feature with one scenario for each row of examples.
pub(super) fn feature(feature: &Feature, source: &Source) -> Feature {
    let mut expanded = feature.clone();
    let mut tongue = Tongue::of(source.text(), &feature.keyword);
    let mut rows = |scenarios: &[Scenario]| {
        scenarios.iter().flat_map(|one| spoken(feature, one, source, &mut tongue)).collect()
    };
    expanded.scenarios = rows(&feature.scenarios);
    for (rule, was) in expanded.rules.iter_mut().zip(&feature.rules) {
        rule.scenarios = rows(&was.scenarios);
    }
    let backgrounds = expanded.rules.iter_mut().map(|rule| &mut rule.background);
    for background in backgrounds.chain([&mut expanded.background]).flatten() {
        settle(&mut background.steps, &background.keyword, &mut tongue);
    }
    expanded
}

/// The scenarios that an outline stands for; a scenario itself, if it is none. Empty if an outline has no
/// valid examples.
pub(super) fn rows(feature: &Feature, scenario: &Scenario, source: &Source) -> Vec<Scenario> {
    spoken(feature, scenario, source, &mut Tongue::of(source.text(), &feature.keyword))
}

fn spoken(feature: &Feature, scenario: &Scenario, source: &Source, tongue: &mut Tongue<'_>) -> Vec<Scenario> {
    if scenario.examples.is_empty() {
        let mut alone: Vec<Scenario> =
            (!is_outline(scenario)).then(|| scenario.clone()).into_iter().collect();
        alone.iter_mut().for_each(|one| settle(&mut one.steps, &one.keyword, tongue));
        return alone;
    }
    let mut outline = scenario.clone();
    outline.examples.clear();
    let mut all = Vec::new();
    for examples in &scenario.examples {
        for (one, line) in one_by_one(examples).zip(row_lines(examples, source)) {
            let one = Scenario { examples: vec![one], ..outline.clone() };
            let Ok(expanded) = alone(feature, one).expand_examples() else { continue };
            for mut row in expanded.scenarios {
                row.position.line = line;
                settle(&mut row.steps, &row.keyword, tongue);
                all.push(row);
            }
        }
    }
    all
}

/// These examples as many tables of one row: cucumber copies the whole table for each row that it expands.
pub(super) fn one_by_one(examples: &Examples) -> impl Iterator<Item = Examples> {
    let rows = examples.table.as_ref().and_then(|table| table.rows.split_first());
    let (header, rows) = rows.map_or((&[][..], &[][..]), |(header, rows)| (header.as_slice(), rows));
    rows.iter().map(move |row| {
        let Examples { keyword, name, tags, span, position, .. } = examples;
        let rows = vec![header.to_vec(), row.clone()];
        Examples {
            keyword: keyword.clone(),
            name: name.clone(),
            description: None,
            table: Some(Table { rows, span: *span, position: *position }),
            tags: tags.clone(),
            span: *span,
            position: *position,
        }
    })
}

/// A feature with this scenario only.
pub(super) fn alone(feature: &Feature, scenario: Scenario) -> Feature {
    let Feature { keyword, name, span, position, .. } = feature;
    Feature {
        keyword: keyword.clone(),
        name: name.clone(),
        description: None,
        background: None,
        scenarios: vec![scenario],
        rules: Vec::new(),
        tags: Vec::new(),
        span: *span,
        position: *position,
        path: None,
    }
}

/// The lines of the rows of examples, without that of the header. Comments may stand between them.
pub(super) fn row_lines(examples: &Examples, source: &Source) -> Vec<usize> {
    let Some(table) = &examples.table else { return Vec::new() };
    let lines = source.text().lines().enumerate().skip(examples.position.line);
    let rows = lines.filter(|(_, line)| line.trim_start().starts_with('|')).map(|(place, _)| place + 1);
    rows.take(table.rows.len()).skip(1).collect()
}

/// Gives steps that begin with `*` the keyword of the step that they match: the parser takes that of the
/// step above. An `And` or `But` below them repeats theirs. `block` is the keyword that the steps are below.
fn settle(steps: &mut [Step], block: &str, tongue: &mut Tongue<'_>) {
    let mut above: Option<StepType> = None;
    for step in steps {
        let is_bullet = step.keyword.trim() == "*";
        let goes_on = above.is_some() && !is_bullet && tongue.goes_on(step, block);
        if !is_bullet && !goes_on {
            above = None;
            continue;
        }
        let preferred = above.into_iter().chain([step.ty]);
        let any = [StepType::Given, StepType::When, StepType::Then];
        let mut matching = preferred.chain(any).filter(|ty| !catalogue::find(*ty, &step.value).is_empty());
        step.ty = matching.next().unwrap_or(step.ty);
        above = Some(step.ty);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gherkin::features::parsed;

    const OUTLINE: &str = "\
Feature: f
  Scenario Outline: <a> is <b>
    * the story \"<a>\"
    * Ana signs in with her user name and password
    And Ben signs in with her user name and password
    * Ana reads \"<b>\"
    But she reads \"<b>\"

    Examples:
      | a | b |
      # a comment

      | x | y |
      # another
      | z | w |

    @late
    Examples: more
      | b | a |
      | v | u |
";

    #[test]
    fn each_row_is_a_scenario_at_its_line() {
        let source = Source::new("f.feature", OUTLINE);
        let expanded = feature(&parsed(&source).0.unwrap(), &source);
        let told = |scenario: &Scenario| {
            (
                scenario.name.clone(),
                scenario.position.line,
                scenario.tags.concat(),
                scenario.steps[0].value.clone(),
            )
        };
        let of = |name: &str, line, tags: &str, story: &str| {
            (name.to_owned(), line, tags.to_owned(), format!("the story \"{story}\""))
        };
        assert_eq!(
            expanded.scenarios.iter().map(told).collect::<Vec<_>>(),
            [of("x is y", 13, "", "x"), of("z is w", 15, "", "z"), of("u is v", 20, "late", "u")]
        );
    }

    #[test]
    fn what_follows_a_bullet_goes_on_in_each_language() {
        use StepType::{Given, Then, When};
        let spanish = "\
# language: es
Característica: f
  Antecedentes:
    * the story \"a\"
    Y 3 minutes pass
  Escenario: s
    Dado the story \"a\"
    Entonces Ana reads \"a\"
    * Ana signs in with her user name and password
    Pero she reads \"b\"
    Cuando Ana signs in with her user name and password
    Y she reads \"c\"
";
        let japanese = "\
# language: ja
機能: f
  シナリオ: s
    * the story \"a\"
    * Ana signs in with her user name and password
    かつ Ben signs in with his user name and password
    ならば Ana reads \"a\"
";
        for (text, background, scenario) in [
            // A keyword that does not go on keeps its own type, and so does what follows it.
            (spanish, &[Given, When] as &[_], &[Given, Then, When, Then, When, When] as &[_]),
            (japanese, &[], &[Given, When, When, Then]),
        ] {
            let source = Source::new("f.feature", text);
            let expanded = feature(&parsed(&source).0.unwrap(), &source);
            let types = |steps: &[Step]| steps.iter().map(|step| step.ty).collect::<Vec<_>>();
            let above = expanded.background.as_ref().map_or_else(Vec::new, |above| types(&above.steps));
            assert_eq!(
                (above.as_slice(), types(&expanded.scenarios[0].steps).as_slice()),
                (background, scenario)
            );
        }
    }

    #[test]
    fn bullets_take_the_keyword_of_the_step_that_they_match() {
        let source = Source::new("f.feature", OUTLINE);
        let expanded = feature(&parsed(&source).0.unwrap(), &source);
        let types: Vec<StepType> = expanded.scenarios[0].steps.iter().map(|step| step.ty).collect();
        use StepType::{Given, Then, When};
        assert_eq!(types, [Given, When, When, Then, Then]);
    }
}
