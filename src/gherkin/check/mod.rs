//! Checking features and stories without playing them: all that is wrong, and where it stands.
//!
//! [`check`] looks at everything. [`refused`] is the part of it that keeps a feature from being
//! played at all; the rest shows when it is played, as a scenario that fails.

mod snippet;
mod steps;
mod stories;
mod suggest;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use gherkin::Feature;
use miette::Diagnostic;

use self::steps::Depth;
use self::steps::Steps;
use self::stories::Stories;
use crate::gherkin::catalogue;
use crate::gherkin::error::FeatureError;
use crate::gherkin::error::FeatureMistake;
use crate::gherkin::error::Source;
use crate::gherkin::features;
use crate::gherkin::features::Read;
use crate::gherkin::shape;
use crate::story::Ink;
use crate::story::StoryError;
use crate::story::drawn;

/// What is wrong with a feature or a story.
#[derive(Debug)]
#[non_exhaustive]
pub enum Flaw {
    /// With a feature.
    Feature(FeatureError),
    /// With a story.
    Story(Box<StoryError>),
}

impl Flaw {
    /// The whole of it: message, code, file, line, column, the lines around it with a caret, help.
    pub fn drawn(&self, ink: Ink) -> String {
        let mistake: &dyn Diagnostic = match self {
            Self::Feature(error) => error,
            Self::Story(error) => error.as_ref(),
        };
        drawn(mistake, ink)
    }

    /// The file in which it stands.
    pub fn file(&self) -> &str {
        match self {
            Self::Feature(error) => &error.file,
            Self::Story(error) => &error.file,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.drawn(Ink::Plain))
    }
}

/// What was looked at, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Checked {
    /// How many features were read.
    pub features: usize,
    /// How many scenarios they have; each row of examples is one.
    pub scenarios: usize,
    /// How many steps these have, backgrounds included.
    pub steps: usize,
    /// How many stories were read, those that steps open included.
    pub stories: usize,
    /// All that is wrong, file by file.
    pub flaws: Vec<Flaw>,
    /// Texts of earlier versions that features still quote, with the present texts. They are no mistakes.
    pub notes: Vec<String>,
}

/// Checks the features and stories at these paths, folders with all that is below them.
/// `scenarios` is where steps find their stories.
pub fn check(paths: &[PathBuf], scenarios: &Path) -> Checked {
    let mut checked = Checked::default();
    let mut stories = Stories::new(scenarios);
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let all: Vec<PathBuf> = paths.iter().flat_map(|path| files(path, &mut checked)).collect();
    for path in all {
        if !seen.insert(path.clone()) {
            continue;
        }
        if path.extension().is_some_and(|ending| ending == "feature") {
            let (read, wrong) = features::read_file(&path);
            let mut wrong = wrong;
            if let Some((feature, source)) = read {
                wrong.extend(named_again(&feature, &source, &mut names));
                checked.feature(&feature, &source, &mut stories, &mut wrong);
            }
            wrong.sort_by_key(|error| (error.line, error.column));
            checked.flaws.extend(wrong.into_iter().map(Flaw::Feature));
        } else {
            stories.file(&path);
        }
        checked.flaws.extend(stories.take_wrong());
    }
    checked.stories = stories.read();
    checked
}

/// What keeps these features from being played: stories that they open, and that cannot be opened.
pub fn refused(features: &[Read], scenarios: &Path) -> Vec<Flaw> {
    let mut stories = Stories::new(scenarios);
    let mut flaws = Vec::new();
    for Read { feature, source, .. } in features {
        let mut steps = Steps::new(source, catalogue(), &mut stories, Depth::Stories);
        steps.feature(feature);
        flaws.extend(steps.wrong.into_iter().map(Flaw::Feature));
        flaws.extend(stories.take_wrong());
    }
    flaws
}

/// The files that a path of the command line means.
fn files(path: &Path, checked: &mut Checked) -> Vec<PathBuf> {
    const ENDINGS: [&str; 3] = ["feature", "yaml", "yml"];
    let found = features::files(path, &ENDINGS).and_then(|files| {
        if files.is_empty() {
            let says = format!("`{}` contains neither features nor stories", path.display());
            let help = "features end with `.feature`, and stories with `.yaml`";
            return Err(Box::new(FeatureError::of_file(FeatureMistake::OtherFile, path, says, help)));
        }
        let known = |file: &&PathBuf| file.extension().is_some_and(|is| ENDINGS.iter().any(|end| is == *end));
        match files.iter().find(|file| !known(file)) {
            None => Ok(files),
            Some(other) => {
                let says = format!("`{}` is neither a feature nor a story", other.display());
                let help = "features end with `.feature`, and stories with `.yaml`";
                Err(Box::new(FeatureError::of_file(FeatureMistake::OtherFile, other, says, help)))
            }
        }
    });
    found.unwrap_or_else(|error| {
        checked.flaws.push(Flaw::Feature(*error));
        Vec::new()
    })
}

impl Checked {
    fn feature(
        &mut self,
        feature: &Feature,
        source: &Source,
        stories: &mut Stories<'_>,
        wrong: &mut Vec<FeatureError>,
    ) {
        self.features += 1;
        if shape::scenarios(feature).next().is_none() && wrong.is_empty() {
            let says = format!("the feature \"{}\" has no scenarios, so nothing is ever run", feature.name);
            let at = source.line(feature.position.line);
            let help = "add `Scenario: ` with a name, and steps below it";
            wrong.push(source.error(FeatureMistake::NoScenario, at, &says, help));
        }
        wrong.extend(same_names(feature, source));
        let mut steps = Steps::new(source, catalogue(), stories, Depth::All);
        steps.feature(feature);
        self.scenarios += steps.scenarios;
        self.steps += steps.steps;
        self.notes.extend(steps.notes);
        wrong.extend(steps.wrong);
    }
}

/// A feature with the name of one that was read before.
fn named_again(
    feature: &Feature,
    source: &Source,
    names: &mut BTreeMap<String, String>,
) -> Option<FeatureError> {
    let here = format!("{}:{}", source.file(), feature.position.line);
    let Some(first) = names.get(&feature.name) else {
        names.insert(feature.name.clone(), here);
        return None;
    };
    let says = format!("another feature has the name \"{}\": {first}", feature.name);
    let at = source.after(feature.position.line, &feature.keyword);
    let help = "reports identify features by name: choose another name";
    Some(source.error(FeatureMistake::SameFeature, at, &says, help))
}

/// Scenarios with the name of one further up; an outline with placeholders in its name has one for
/// each row of its examples.
fn same_names(feature: &Feature, source: &Source) -> Vec<FeatureError> {
    let mut first = BTreeMap::new();
    let mut wrong = Vec::new();
    for scenario in shape::scenarios(feature) {
        let at = source.after(scenario.position.line, &scenario.keyword);
        let names = steps::played(feature, scenario).into_iter().map(|played| played.name);
        let names: BTreeSet<String> = names.collect();
        if let Some((name, before)) = names.iter().find_map(|name| first.get_key_value(name)) {
            let says = format!("two scenarios have the name \"{name}\"");
            let help = "reports identify scenarios by name: choose another name";
            let error = source.error(FeatureMistake::SameScenario, at, &says, help);
            wrong.push(error.and(Range::clone(before), "the first"));
        } else {
            first.extend(names.into_iter().map(|name| (name, at.clone())));
        }
    }
    wrong
}
