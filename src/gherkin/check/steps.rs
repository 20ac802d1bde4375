//! Checks the steps of a feature against the catalogue: whether exactly one step matches, and whether
//! its arguments are valid.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use gherkin::{Feature, Scenario, Step};

use crate::gherkin::KnownStep;
use crate::gherkin::check::stories::{Opened, Stories};
use crate::gherkin::check::undefined::Undefined;
use crate::gherkin::error::{FeatureError, FeatureMistake, Source};
use crate::gherkin::words::{BadWord, parameter, renamed};
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

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What the steps of a scenario have established so far.
#[derive(Default)]
struct Told {
    /// The open story, if it could be opened.
    story: Option<Arc<Story>>,
    /// A step came that opens a story, or that is of another crate and may open one.
    may_be_open: bool,
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

    /// Checks all scenarios of an expanded feature, each preceded by its backgrounds.
    pub(super) fn feature(&mut self, feature: &Feature) {
        let first: Vec<&Step> = feature.background.iter().flat_map(|background| &background.steps).collect();
        for scenario in &feature.scenarios {
            self.scenario(scenario, &first);
        }
        for rule in &feature.rules {
            let second = rule.background.iter().flat_map(|background| &background.steps);
            let before: Vec<&Step> = first.iter().copied().chain(second).collect();
            for scenario in &rule.scenarios {
                self.scenario(scenario, &before);
            }
        }
    }

    fn scenario(&mut self, scenario: &Scenario, before: &[&Step]) {
        self.scenarios += 1;
        let is_row = !scenario.examples.is_empty();
        let row = is_row.then(|| self.source.line(scenario.position.line));
        let mut told = Told { row, ..Told::default() };
        for step in before.iter().copied().chain(&scenario.steps) {
            self.steps += 1;
            self.step(step, &mut told);
        }
    }

    fn step(&mut self, step: &Step, told: &mut Told) {
        let known: Vec<&KnownStep> =
            self.known.iter().filter(|known| known.is(step.ty, &step.value)).collect();
        match known.as_slice() {
            [only] => {
                // A step of another crate may open a story by itself.
                told.may_be_open |= only.may_read_blocks;
                self.blocks(step, only, told);
                self.words(step, only, told);
            }
            _ if self.depth == Depth::Stories => {}
            [] => {
                let Undefined { mistake, says, help } = Undefined::of(step, self.known);
                self.tell(mistake, step, None, told, &says, &help);
            }
            several => self.ambiguous(step, several, told),
        }
    }

    /// Reports a doc string or a table that the step ignores: somebody expects an effect of it.
    fn blocks(&mut self, step: &Step, known: &KnownStep, told: &Told) {
        let block = match (&step.docstring, &step.table) {
            (Some(_), _) => "doc string",
            (None, Some(_)) => "table",
            (None, None) => return,
        };
        if !known.may_read_blocks {
            let says = format!("this step does not read the {block} below it");
            let help = format!("remove it; the step is for example `{}`", known.example);
            self.tell(FeatureMistake::UnreadBlock, step, None, told, &says, &help);
        }
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
        (told.story, told.may_be_open) = (None, true);
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
        let Some(story) = told.story.clone() else {
            // Told once: the other steps of the scenario lack the same line.
            if !std::mem::replace(&mut told.may_be_open, true) {
                let help = "begin with `Given the story \"…\"`, which says who there is";
                self.tell(FeatureMistake::NoStory, step, place, told, "no story is open", help);
            }
            return;
        };
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
        let text = "Feature: f\n  Scenario: s\n    Given the story \"lost-device\"\n    Then Ana reads \"This link was used already\"\n";
        let source = Source::new("f.feature", text);
        let mut stories = Stories::new(Path::new("scenarios"));
        let mut steps = Steps::new(&source, catalogue(), &mut stories, Depth::All);
        steps.feature(&parse(text, "f.feature").unwrap());
        assert!(steps.wrong.is_empty(), "{:?}", steps.wrong);
        let note = "f.feature:4: \"This link was used already\" is now \"This link has already been used\"";
        assert_eq!(steps.notes.into_iter().collect::<Vec<_>>(), [note]);
    }

    #[test]
    fn a_person_is_named_only_once_a_story_is_open() {
        let wrong = |steps: &str| -> Vec<(usize, String)> {
            let text = format!("Feature: f\n  Scenario: s\n{steps}");
            let source = Source::new("f.feature", &text);
            let mut stories = Stories::new(Path::new("scenarios"));
            let mut steps = Steps::new(&source, catalogue(), &mut stories, Depth::All);
            steps.feature(&parse(&text, "f.feature").unwrap());
            steps.wrong.into_iter().map(|error| (error.line, error.says)).collect()
        };
        let ana = "    Then Ana reads \"This link has already been used\"\n";
        let open = "    Given the story \"lost-device\"\n";
        assert_eq!(wrong(ana), [(3, "no story is open".to_owned())]);
        assert_eq!(wrong(&format!("{open}{ana}")), []);
        // A story that cannot be opened is one mistake: the steps after it add none.
        let [(3, missing)] = &wrong(&format!("    Given the story \"nowhere\"\n{ana}"))[..] else { panic!() };
        assert!(missing.contains("cannot be opened"), "{missing}");
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
