//! The catalogue: every step there is, its words, what it does, and an example of it.
//!
//! Cucumber's inventory holds the steps of all crates that are linked, each with its regular
//! expression and its place in the source, and nothing that a reader could use. So a line of
//! [`step!`](crate::gherkin::step) stands right above each step, with a sentence and an example:
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
//! That is all that has to be kept: keywords, expression and place are the inventory's, the noun is
//! the file's. [`flaws`] says where a line is missing, stands elsewhere, or has an example that is
//! not one of its step.

use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use cucumber::codegen::Regex;
use cucumber::codegen::StepConstructor;
use cucumber::codegen::WorldInventory;
use cucumber::codegen::inventory;
use gherkin::StepType;
use serde::Serialize;

use crate::gherkin::LostkeyWorld;
use crate::gherkin::expression;

/// Says what the step below does: a sentence, and an example with its keyword.
#[doc(hidden)]
#[macro_export]
macro_rules! __lostkey_step {
    ($summary:expr, $example:expr $(,)?) => {
        $crate::gherkin::__submit! {
            $crate::gherkin::Said { summary: $summary, example: $example, file: file!(), line: line!() }
        }
    };
}

#[doc(inline)]
pub use __lostkey_step as step;

/// What is said of a step, and where.
#[doc(hidden)]
#[derive(Debug)]
pub struct Said {
    pub summary: &'static str,
    pub example: &'static str,
    pub file: &'static str,
    pub line: u32,
}

cucumber::codegen::collect!(Said);

/// One step of the library, or of another crate that is linked.
#[derive(Clone, Debug, Serialize)]
pub struct KnownStep {
    /// What it is about: the name of its file.
    pub noun: String,
    /// With which keywords it can be used, for example `When` and `Then`.
    pub keywords: Vec<&'static str>,
    /// Its words, as a cucumber expression; those of a step that has none, as a regular expression.
    pub expression: String,
    /// The names of its parameters, in their order.
    pub parameters: Vec<&'static str>,
    /// What it does, in a sentence; empty if nothing is said of it.
    pub summary: &'static str,
    /// An example, with its keyword; empty if nothing is said of it.
    pub example: &'static str,
    /// The file in which it is written.
    pub file: &'static str,
    /// The line in which it is written.
    pub line: u32,
    #[serde(skip)]
    pub(super) regex: Regex,
}

impl KnownStep {
    /// Whether a step with this keyword and these words is this one.
    pub fn is(&self, keyword: StepType, text: &str) -> bool {
        self.keywords.contains(&keyword_of(keyword)) && self.regex.is_match(text)
    }

    /// What stands at the places of its parameters in these words: the kind of each, and the bytes.
    /// Nothing for a step whose words are no cucumber expression.
    pub fn arguments(&self, text: &str) -> Vec<(&'static str, Range<usize>)> {
        let Some(found) = self.regex.captures(text) else { return Vec::new() };
        let mut groups = found.iter().skip(1);
        let mut arguments = Vec::new();
        for name in &self.parameters {
            // `{string}` has a group for each kind of quotes.
            let width = if *name == "string" { 2 } else { 1 };
            let here = groups.by_ref().take(width).flatten().next();
            arguments.extend(here.map(|found| (*name, found.range())));
        }
        arguments
    }

    /// Where it is written.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// All steps, in the order of their files and lines.
pub fn catalogue() -> &'static [KnownStep] {
    static CATALOGUE: LazyLock<Vec<KnownStep>> = LazyLock::new(collect);
    &CATALOGUE
}

/// The steps that have these words after this keyword: one, if all is well.
pub fn find(keyword: StepType, text: &str) -> Vec<&'static KnownStep> {
    catalogue().iter().filter(|step| step.is(keyword, text)).collect()
}

/// What is wrong with the lines of [`step!`](crate::gherkin::step): a step without one, an example
/// that is none of its step, or is one of another step, too.
pub fn flaws() -> Vec<String> {
    let mut flaws = Vec::new();
    for step in catalogue() {
        let place = step.place();
        if step.summary.is_empty() {
            flaws.push(format!("{place}: no `step!` line stands above `{}`", step.expression));
            continue;
        }
        let (keyword, text) = step.example.split_once(' ').unwrap_or_default();
        if !step.keywords.contains(&keyword) || !step.regex.is_match(text) {
            flaws.push(format!("{place}: `{}` is no example of `{}`", step.example, step.expression));
        }
        let others = catalogue().iter().filter(|other| other.place() != place && other.regex.is_match(text));
        flaws.extend(others.map(|other| {
            format!("{place}: `{}` is an example of `{}`, too", step.example, other.expression)
        }));
    }
    let said = inventory::iter::<Said>.into_iter();
    let lost = said.filter(|said| {
        !catalogue().iter().any(|step| step.file == said.file && step.example == said.example)
    });
    flaws.extend(lost.map(|said| format!("{}:{}: no step stands below", said.file, said.line)));
    flaws
}

/// The keyword of a step's type.
pub(super) const fn keyword_of(keyword: StepType) -> &'static str {
    match keyword {
        StepType::Given => "Given",
        StepType::When => "When",
        StepType::Then => "Then",
    }
}

/// What the inventory knows of a step.
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
        // A function with two keywords and the same words is one step to a reader.
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
            regex,
        });
    }
    steps
}

/// The name of a file, or of its folder where that says more.
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

    /// What stands in the source, in the attribute on this line: `expr = "…"`, or the words alone.
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
