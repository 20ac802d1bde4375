//! Checks the steps of a feature against the catalogue: whether exactly one step matches, and whether
//! its arguments are valid.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use cucumber::feature::Ext as _;
use gherkin::{Examples, Feature, Scenario, Step};

use crate::gherkin::catalogue::keyword_of;
use crate::gherkin::check::stories::{Opened, Stories};
use crate::gherkin::check::{snippet, suggest};
use crate::gherkin::error::{FeatureError, FeatureMistake, Source};
use crate::gherkin::words::{BadWord, parameter, renamed};
use crate::gherkin::{KnownStep, shape};
use crate::story::{Story, nearest};

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Only whether stories can be opened.
    Stories,
    /// Everything.
    All,
}

/// Checks the steps of one feature.
pub(super) struct Steps<'a, 'b> {
    source: &'a Source,
    known: &'a [KnownStep],
    stories: &'a mut Stories<'b>,
    depth: Depth,
    pub(super) wrong: Vec<FeatureError>,
    /// Texts of earlier versions that the steps quote, with the present texts.
    pub(super) notes: BTreeSet<String>,
    pub(super) scenarios: usize,
    pub(super) steps: usize,
}

/// Expands a scenario to one per row of its examples; empty if an outline has no valid examples.
pub(super) fn played(feature: &Feature, scenario: &Scenario) -> Vec<Scenario> {
    if scenario.examples.is_empty() && shape::is_outline(scenario) {
        return Vec::new();
    }
    let Feature { keyword, name, span, position, .. } = feature;
    let alone = Feature {
        keyword: keyword.clone(),
        name: name.clone(),
        description: None,
        background: None,
        scenarios: vec![scenario.clone()],
        rules: Vec::new(),
        tags: Vec::new(),
        span: *span,
        position: *position,
        path: None,
    };
    alone.expand_examples().map_or_else(|_| Vec::new(), |expanded| expanded.scenarios)
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What the steps of a scenario have established so far.
#[derive(Default)]
struct Told {
    /// The open story, if it could be opened.
    story: Option<Arc<Story>>,
    somebody_was_named: bool,
    /// The row of the examples being checked.
    row: Option<Range<usize>>,
}

impl<'a, 'b> Steps<'a, 'b> {
    pub(super) const fn new(
        source: &'a Source,
        known: &'a [KnownStep],
        stories: &'a mut Stories<'b>,
        depth: Depth,
    ) -> Self {
        Self {
            source,
            known,
            stories,
            depth,
            wrong: Vec::new(),
            notes: BTreeSet::new(),
            scenarios: 0,
            steps: 0,
        }
    }

    /// Checks all scenarios, each preceded by its backgrounds.
    pub(super) fn feature(&mut self, feature: &Feature) {
        let first: Vec<&Step> = feature.background.iter().flat_map(|background| &background.steps).collect();
        for scenario in &feature.scenarios {
            self.outline(feature, scenario, &first);
        }
        for rule in &feature.rules {
            let second = rule.background.iter().flat_map(|background| &background.steps);
            let before: Vec<&Step> = first.iter().copied().chain(second).collect();
            for scenario in &rule.scenarios {
                self.outline(feature, scenario, &before);
            }
        }
    }

    /// Checks one scenario, once per row of its examples.
    fn outline(&mut self, feature: &Feature, scenario: &Scenario, before: &[&Step]) {
        let mut rows = scenario.examples.iter().flat_map(|examples| self.rows(examples)).collect::<Vec<_>>();
        rows.reverse();
        for scenario in played(feature, scenario) {
            self.scenarios += 1;
            let mut told = Told { row: rows.pop(), ..Told::default() };
            for step in before.iter().copied().chain(&scenario.steps) {
                self.steps += 1;
                self.step(step, &mut told);
            }
        }
    }

    /// The ranges of the rows of examples, without the header row.
    fn rows(&self, examples: &Examples) -> Vec<Range<usize>> {
        let Some(table) = &examples.table else { return Vec::new() };
        let from = self.source.line(examples.position.line).end;
        let mut start = from;
        let mut rows = Vec::new();
        for line in self.source.text().get(from..).unwrap_or_default().split_inclusive('\n') {
            let indent = line.len() - line.trim_start().len();
            if line.trim_start().starts_with('|') {
                rows.push(start + indent..start + indent + line.trim().len());
            }
            start += line.len();
        }
        rows.into_iter().take(table.rows.len()).skip(1).collect()
    }

    fn step(&mut self, step: &Step, told: &mut Told) {
        let known: Vec<&KnownStep> =
            self.known.iter().filter(|known| known.is(step.ty, &step.value)).collect();
        match known.as_slice() {
            [only] => self.words(step, only, told),
            _ if self.depth == Depth::Stories => {}
            [] => self.undefined(step, told),
            several => self.ambiguous(step, several, told),
        }
    }

    fn undefined(&mut self, step: &Step, told: &Told) {
        let keyword = keyword_of(step.ty);
        if let Some(other) = self.known.iter().find(|known| known.regex.is_match(&step.value)) {
            let others = other.keywords.join(" or ");
            let says = format!("this step belongs to `{others}`, but follows `{keyword}` here");
            let help = format!("for example `{}`\n`And` and `But` repeat the keyword above", other.example);
            return self.tell(FeatureMistake::OtherKeyword, step, None, told, &says, &help);
        }
        let mut help = String::new();
        if let Some(near) = suggest::step(step.ty, &step.value, self.known) {
            help = format!("did you mean `{}`?\nfor example `{}`\n", near.expression, near.example);
        }
        help.push_str("to define a new step, write it in Rust:\n");
        help.push_str(&snippet::of(step));
        let says = format!("no `{keyword}` step matches");
        self.tell(FeatureMistake::UndefinedStep, step, None, told, &says, &help);
    }

    fn ambiguous(&mut self, step: &Step, several: &[&KnownStep], told: &Told) {
        let places = several.iter().map(|known| format!("`{}` ({})", known.expression, known.place()));
        let says = format!("{} steps match", several.len());
        let help = format!(
            "they are\n{}\nchange the expression of one of them",
            places.collect::<Vec<_>>().join("\n")
        );
        self.tell(FeatureMistake::AmbiguousStep, step, None, told, &says, &help);
    }

    /// Checks the arguments of a step.
    fn words(&mut self, step: &Step, known: &KnownStep, told: &mut Told) {
        for (name, at) in known.arguments(&step.value) {
            let Some(text) = step.value.get(at.clone()) else { continue };
            let place = Some(at);
            if let Some(BadWord { says, help }) = parameter(name).and_then(|kind| (kind.flaw)(text)) {
                if self.depth == Depth::All {
                    self.tell(FeatureMistake::BadWord, step, place, told, &says, &help);
                }
                continue;
            }
            if let Some(present) = renamed(name, text) {
                let (file, line) = (self.source.file(), step.position.line);
                self.notes.insert(format!("{file}:{line}: {text} is now \"{present}\""));
            }
            match name {
                "story" => self.story(step, place, text.trim_matches(['"', '\'']), told),
                "who" | "whose" if self.depth == Depth::All => self.person(step, place, text, told),
                _ => {}
            }
        }
    }

    fn story(&mut self, step: &Step, place: Option<Range<usize>>, name: &str, told: &mut Told) {
        told.story = None;
        match self.stories.named(name) {
            Opened::Story(story) => told.story = Some(story),
            Opened::Broken => {}
            Opened::Missing(why, near) => {
                let says = format!("the story \"{name}\" cannot be opened: {why}");
                let help = match near {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => "stories are the `.yaml` files in the folder of `--scenarios`".to_owned(),
                };
                self.tell(FeatureMistake::NoStory, step, place, told, &says, &help);
            }
        }
    }

    fn person(&mut self, step: &Step, place: Option<Range<usize>>, text: &str, told: &mut Told) {
        let Some(story) = told.story.clone() else { return };
        // Steps capitalize names, whatever the case in the story.
        let people: Vec<String> = story.people.iter().map(|person| capital(&person.name)).collect();
        let pronouns = ["she", "he", "they", "her", "his", "their"];
        if pronouns.iter().any(|pronoun| text.eq_ignore_ascii_case(pronoun)) {
            if !told.somebody_was_named && people.len() > 1 {
                let says = format!("`{text}` refers to nobody: no person was named before");
                let help = format!("the story `{}` has {}", story.name, people.join(", "));
                self.tell(FeatureMistake::Nobody, step, place, told, &says, &help);
            }
            return;
        }
        told.somebody_was_named = true;
        let name = text.strip_suffix("'s").unwrap_or(text);
        if story.person(name).is_none() {
            let says = format!("the story `{}` has no person named `{name}`", story.name);
            let help = match nearest(name, people.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", people.join(", ")),
            };
            self.tell(FeatureMistake::Nobody, step, place, told, &says, &help);
        }
    }

    /// Reports a mistake once, at its place in the step, with the row of examples that causes it.
    fn tell(
        &mut self,
        mistake: FeatureMistake,
        step: &Step,
        place: Option<Range<usize>>,
        told: &Told,
        says: &str,
        help: &str,
    ) {
        let line = step.position.line;
        if self.wrong.iter().any(|before| before.line == line && before.says == says) {
            return;
        }
        let whole = self.source.after(line, &step.keyword);
        let written = self.source.text().get(whole.clone()).unwrap_or_default();
        let from_examples = written != step.value;
        let at = match place {
            Some(part) if !from_examples => whole.start + part.start..whole.start + part.end,
            _ => whole,
        };
        let error = self.source.error(mistake, at, says, help);
        self.wrong.push(match &told.row {
            Some(row) if from_examples => error.and(row.clone(), "in this row"),
            _ => error,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::gherkin::{catalogue, parse};
    use crate::story::{ColorChoice, drawn};

    #[test]
    fn a_text_of_an_earlier_version_is_accepted_and_noted() {
        let text = "Feature: f\n  Scenario: s\n    Then Ana reads \"This link was used already\"\n";
        let source = Source::new("f.feature", text);
        let mut stories = Stories::new(Path::new("scenarios"));
        let mut steps = Steps::new(&source, catalogue(), &mut stories, Depth::All);
        steps.feature(&parse(text, "f.feature").unwrap());
        assert!(steps.wrong.is_empty(), "{:?}", steps.wrong);
        let note = "f.feature:3: \"This link was used already\" is now \"This link has already been used\"";
        assert_eq!(steps.notes.into_iter().collect::<Vec<_>>(), [note]);
    }

    #[test]
    fn ambiguous_steps_are_told_with_both_places() {
        let text = "Feature: f\n  Scenario: s\n    When 30 days pass\n";
        let mut known = catalogue().to_vec();
        let mut twin = known.iter().find(|known| known.regex.is_match("30 days pass")).unwrap().clone();
        (twin.file, twin.line, twin.expression) = ("gateway/src/steps.rs", 12, "{int} days pass".to_owned());
        known.push(twin);
        let source = Source::new("f.feature", text);
        let mut stories = Stories::new(Path::new("scenarios"));
        let mut steps = Steps::new(&source, &known, &mut stories, Depth::All);
        steps.feature(&parse(text, "f.feature").unwrap());
        let [error] = &steps.wrong[..] else { panic!("{:?}", steps.wrong) };
        assert_eq!((error.mistake, error.line, error.column), (FeatureMistake::AmbiguousStep, 3, 10));
        let told = drawn(error, ColorChoice::Plain);
        for says in ["src/gherkin/steps/time.rs:", "gateway/src/steps.rs:12", "f.feature:3:10"] {
            assert!(told.contains(says), "{says}: {told}");
        }
    }
}
