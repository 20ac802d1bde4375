//! The catalogue of all steps: keywords, expression, summary and example.
//!
//! Cucumber's inventory contains the steps of all linked crates, but only with a regular expression
//! and a source location. A [`step!`](crate::gherkin::step) line above each step adds a summary and
//! an example:
//!
//! ```
//! use lostkey::gherkin::LostkeyWorld;
//! use lostkey::gherkin::step;
//!
//! step!("Waits for the next bus.", "When the next bus comes");
//! #[cucumber::when("the next bus comes")]
//! fn bus_comes(_: &mut LostkeyWorld) {}
//! # fn main() {}
//! ```
//!
//! Keywords, expression and location come from the inventory, and the noun is the file name.
//! [`flaws`] reports `step!` lines that are missing, misplaced, or whose example does not match.

use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use cucumber::codegen::{Regex, StepConstructor, WorldInventory, inventory};
use gherkin::StepType;
use serde::Serialize;

use crate::gherkin::{LostkeyWorld, expression};

/// Documents the step below: a summary, and an example with its keyword.
#[doc(hidden)]
#[macro_export]
macro_rules! __lostkey_step {
    ($summary:expr, $example:expr $(,)?) => {
        $crate::gherkin::__submit! {
            $crate::gherkin::Said {
                summary: $summary,
                example: $example,
                file: file!(),
                line: line!(),
                module: module_path!(),
            }
        }
    };
}

#[doc(inline)]
pub use __lostkey_step as step;

/// The content of a `step!` line, with its location.
#[doc(hidden)]
#[derive(Debug)]
pub struct Said {
    pub summary: &'static str,
    pub example: &'static str,
    pub file: &'static str,
    pub line: u32,
    pub module: &'static str,
}

cucumber::codegen::collect!(Said);

/// A step of this library or of another linked crate.
#[derive(Clone, Debug, Serialize)]
pub struct KnownStep {
    /// The topic, which is the name of the file.
    pub noun: String,
    /// The accepted keywords, for example `When` and `Then`.
    pub keywords: Vec<&'static str>,
    /// The cucumber expression, or the regular expression if the step is not written as one.
    pub expression: String,
    /// The names of the parameters, in order.
    pub parameters: Vec<&'static str>,
    /// A one-sentence summary; empty without a `step!` line.
    pub summary: &'static str,
    /// An example with its keyword; empty without a `step!` line.
    pub example: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The source line.
    pub line: u32,
    /// Whether it may read a doc string or a table: no step of this library does.
    #[serde(skip)]
    pub(super) may_read_blocks: bool,
    #[serde(skip)]
    pub(super) regex: Regex,
}

impl KnownStep {
    /// Whether this step matches the keyword and the text.
    pub fn is(&self, keyword: StepType, text: &str) -> bool {
        self.keywords.contains(&keyword_of(keyword)) && self.regex.is_match(text)
    }

    /// The arguments in a step's text: the parameter name and the byte range of each. Empty if the step
    /// does not match, or is not written as a cucumber expression.
    pub fn arguments(&self, text: &str) -> Vec<(&'static str, Range<usize>)> {
        let Some(found) = self.regex.captures(text) else { return Vec::new() };
        let mut groups = found.iter().skip(1);
        let mut arguments = Vec::new();
        for name in &self.parameters {
            // Cucumber expands `{string}` to two groups, one per kind of quotes.
            let width = if *name == "string" { 2 } else { 1 };
            let here = groups.by_ref().take(width).flatten().next();
            arguments.extend(here.map(|found| (*name, found.range())));
        }
        arguments
    }

    /// The source location, as `file:line`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// All steps, ordered by file and line.
pub fn catalogue() -> &'static [KnownStep] {
    static CATALOGUE: LazyLock<Vec<KnownStep>> = LazyLock::new(collect);
    &CATALOGUE
}

/// The steps that match this keyword and text. More than one match is ambiguous.
pub fn find(keyword: StepType, text: &str) -> Vec<&'static KnownStep> {
    catalogue().iter().filter(|step| step.is(keyword, text)).collect()
}

/// Mistakes in the [`step!`](crate::gherkin::step) lines: a missing or misplaced line, an example that
/// does not match its step, or one that matches another step too.
pub fn flaws() -> Vec<String> {
    let mut flaws = Vec::new();
    for step in catalogue() {
        let place = step.place();
        if step.summary.is_empty() {
            flaws.push(format!("{place}: there is no `step!` line above `{}`", step.expression));
            continue;
        }
        let (keyword, text) = step.example.split_once(' ').unwrap_or_default();
        if !step.keywords.contains(&keyword) || !step.regex.is_match(text) {
            flaws.push(format!("{place}: `{}` is not an example of `{}`", step.example, step.expression));
        }
        let others = catalogue().iter().filter(|other| other.place() != place && other.regex.is_match(text));
        flaws.extend(others.map(|other| {
            format!("{place}: `{}` is also an example of `{}`", step.example, other.expression)
        }));
    }
    let said = inventory::iter::<Said>.into_iter();
    let lost = said.filter(|said| {
        !catalogue().iter().any(|step| step.file == said.file && step.example == said.example)
    });
    flaws.extend(lost.map(|said| format!("{}:{}: no step is below this `step!` line", said.file, said.line)));
    flaws
}

/// The keyword of a step type.
pub(super) const fn keyword_of(keyword: StepType) -> &'static str {
    match keyword {
        StepType::Given => "Given",
        StepType::When => "When",
        StepType::Then => "Then",
    }
}

/// The module of the steps of this library.
const OURS: &str = concat!(env!("CARGO_CRATE_NAME"), "::gherkin::steps::");

/// A step, as recorded in the inventory.
struct Written {
    file: &'static str,
    line: u32,
    keyword: &'static str,
    regex: Regex,
}

fn written<T: StepConstructor<LostkeyWorld> + inventory::Collect>(
    keyword: StepType,
) -> impl Iterator<Item = Written> {
    inventory::iter::<T>.into_iter().map(move |step| {
        let (location, regex, _) = step.inner();
        Written { file: location.path, line: location.line, keyword: keyword_of(keyword), regex: regex() }
    })
}

fn collect() -> Vec<KnownStep> {
    let mut all: Vec<Written> = written::<<LostkeyWorld as WorldInventory>::Given>(StepType::Given)
        .chain(written::<<LostkeyWorld as WorldInventory>::When>(StepType::When))
        .chain(written::<<LostkeyWorld as WorldInventory>::Then>(StepType::Then))
        .collect();
    all.sort_by_key(|step| (step.file, step.line));
    let mut steps: Vec<KnownStep> = Vec::new();
    for Written { file, line, keyword, regex } in all {
        // A function with two keywords but one expression is listed as one step.
        if let Some(last) = steps.last_mut()
            && last.file == file
            && last.regex.as_str() == regex.as_str()
        {
            last.keywords.push(keyword);
            continue;
        }
        let (expression, parameters) = expression::of(regex.as_str());
        let after = steps.last().filter(|last| last.file == file).map_or(0, |last| last.line);
        let above = inventory::iter::<Said>.into_iter().filter(|said| said.file == file);
        let said = above.filter(|said| (after..line).contains(&said.line)).max_by_key(|said| said.line);
        steps.push(KnownStep {
            noun: noun(file),
            keywords: vec![keyword],
            expression,
            parameters,
            summary: said.map_or("", |said| said.summary),
            example: said.map_or("", |said| said.example),
            file,
            line,
            may_read_blocks: !said.is_some_and(|said| said.module.starts_with(OURS)),
            regex,
        });
    }
    steps
}

/// The name of the file, or of its folder if the file has a generic name such as `mod.rs`.
fn noun(file: &str) -> String {
    let path = Path::new(file);
    let stem = path.file_stem().unwrap_or_default();
    let says_nothing = ["main", "lib", "mod", "steps"].iter().any(|name| stem == *name);
    let parents = path.ancestors().skip(1).filter_map(Path::file_name).filter(|name| *name != "src");
    let folder = parents.map(ToOwned::to_owned).next().filter(|_| says_nothing);
    folder.unwrap_or_else(|| stem.to_owned()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_told_with_an_example_that_is_its_own() {
        assert!(catalogue().len() >= 60);
        let flaws = flaws();
        assert!(flaws.is_empty(), "write `step!` lines:\n  {}", flaws.join("\n  "));
    }

    #[test]
    fn nouns_are_named_for_their_files() {
        for (file, is) in [
            ("src/gherkin/steps/account.rs", "account"),
            ("tests/other-crate/main.rs", "other-crate"),
            ("/home/me/gateway/src/lib.rs", "gateway"),
            ("main.rs", "main"),
        ] {
            assert_eq!(noun(file), is);
        }
    }

    #[test]
    fn summaries_are_sentences() {
        for step in catalogue() {
            let begins = step.summary.starts_with(char::is_uppercase);
            assert!(begins && step.summary.ends_with('.'), "{}: {}", step.place(), step.summary);
        }
    }

    /// The text in the attribute at the step's source line: `expr = "…"`, or the plain text.
    fn as_written(step: &KnownStep) -> String {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(step.file);
        let source = std::fs::read_to_string(source).unwrap();
        let from = source.lines().skip(step.line as usize - 1).collect::<Vec<_>>().join("\n");
        let attribute = from.split(")]\n").next().unwrap();
        let (before, words) = attribute.split_once(['"']).unwrap();
        let raw = before.ends_with("r#");
        let words = words.rsplit_once('"').unwrap().0;
        if raw { words.to_owned() } else { words.replace("\\\"", "\"").replace("\\\\", "\\") }
    }

    #[test]
    fn each_step_is_told_as_it_is_written_in_the_source() {
        for step in catalogue() {
            assert_eq!(step.expression, as_written(step), "{}", step.place());
        }
    }

    #[test]
    fn cucumber_finds_the_step_that_the_catalogue_tells() {
        use cucumber::World as _;
        let collection = LostkeyWorld::collection();
        for step in catalogue() {
            let feature = format!("Feature: f\n  Scenario: s\n    {}\n", step.example);
            let feature = gherkin::Feature::parse(&feature, gherkin::GherkinEnv::default()).unwrap();
            let found = collection.find(&feature.scenarios[0].steps[0]).unwrap().unwrap();
            let location = found.2.unwrap();
            assert_eq!((location.path, location.line), (step.file, step.line), "{}", step.example);
        }
    }
}
