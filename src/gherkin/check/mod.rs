//! Checks features and stories without playing them, and reports every mistake with its location.
//!
//! [`check`] runs all checks. [`refused`] runs only those whose failure prevents a feature from being
//! played; other mistakes fail the scenario when it is played.

mod snippet;
mod steps;
mod stories;
mod suggest;
mod undefined;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use gherkin::Feature;
use miette::Diagnostic;

use self::steps::{Depth, Steps};
use self::stories::Stories;
pub(super) use self::undefined::Undefined;
use crate::gherkin::error::{FeatureError, FeatureMistake, Source};
use crate::gherkin::features::Read;
use crate::gherkin::{catalogue, expand, features, shape};
use crate::story::{Acceptance, ColorChoice, StoryError, drawn};

/// A mistake in a feature or a story.
#[derive(Debug)]
#[non_exhaustive]
pub enum Flaw {
    /// In a feature.
    Feature(FeatureError),
    /// In a story.
    Story(Box<StoryError>),
}

impl Flaw {
    /// Renders message, code, file, line, column, source lines with a caret, and help.
    pub fn drawn(&self, ink: ColorChoice) -> String {
        let mistake: &dyn Diagnostic = match self {
            Self::Feature(error) => error,
            Self::Story(error) => error.as_ref(),
        };
        drawn(mistake, ink)
    }

    /// The file that contains the mistake.
    pub fn file(&self) -> &str {
        match self {
            Self::Feature(error) => &error.file,
            Self::Story(error) => &error.file,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.drawn(ColorChoice::Plain))
    }
}

/// The result of [`check`].
#[derive(Debug, Default)]
pub struct Checked {
    /// The number of features read.
    pub features: usize,
    /// The number of scenarios; each row of examples counts as one.
    pub scenarios: usize,
    /// The number of steps in these scenarios, backgrounds included.
    pub steps: usize,
    /// The number of stories read, including those that steps open.
    pub stories: usize,
    /// All mistakes, file by file.
    pub flaws: Vec<Flaw>,
    /// Texts of earlier versions that features still quote, with the present texts. They are no mistakes.
    pub notes: Vec<String>,
    /// Contradictions in the policies of stories. They are played all the same.
    pub warnings: Vec<String>,
    /// The acceptances of stories.
    pub acceptances: Vec<Accepted>,
}

/// An acceptance in a story file.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The file.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The rule, and the account if it names one.
    pub what: String,
    /// The acceptance.
    pub acceptance: Acceptance,
}

/// Checks the features and stories at these paths, recursing into folders. Steps look for their
/// stories in `scenarios`.
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
    checked.warnings = stories.warnings();
    checked.acceptances = stories.acceptances();
    checked
}

/// The mistakes that prevent these features from being played: stories that cannot be opened.
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

/// The files that a path on the command line refers to.
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
        steps.feature(&expand::feature(feature, source));
        self.scenarios += steps.scenarios;
        self.steps += steps.steps;
        self.notes.extend(steps.notes);
        wrong.extend(steps.wrong);
    }
}

/// Reports a feature whose name was used before.
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

/// Reports scenarios whose name was used before in the feature. An outline with placeholders in its
/// name has one name per row of examples.
fn same_names(feature: &Feature, source: &Source) -> Vec<FeatureError> {
    let mut first = BTreeMap::new();
    let mut wrong = Vec::new();
    for scenario in shape::scenarios(feature) {
        let at = source.after(scenario.position.line, &scenario.keyword);
        let names = expand::rows(feature, scenario, source).into_iter().map(|played| played.name);
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
