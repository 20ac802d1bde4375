//! Finds, reads and filters feature files.

use std::fs;
use std::path::{Path, PathBuf};

use gherkin::{Feature, GherkinEnv};

use crate::gherkin::error::{FeatureError, FeatureMistake, Source};
use crate::gherkin::scan::scan;
use crate::gherkin::shape;

/// Largest feature file, in bytes.
const FILE_MAX: u64 = 1024 * 1024;

/// A feature file or folder, and optionally a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file or folder.
    pub path: PathBuf,
    /// The line of a scenario, or of a line within it.
    pub line: Option<usize>,
}

impl Place {
    /// Parses `features/`, `features/x.feature` or `features/x.feature:12`.
    pub fn read(text: &str) -> Self {
        if let Some((path, line)) = text.rsplit_once(':')
            && let Ok(line) = line.parse()
        {
            return Self { path: path.into(), line: Some(line) };
        }
        Self { path: text.into(), line: None }
    }
}

/// A feature that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The parsed feature.
    pub feature: Feature,
    /// The line of the requested scenario, if any.
    pub line: Option<usize>,
    pub(super) source: Source,
}

/// Reads the features at these places, ordered by path within each.
///
/// # Errors
/// [`FeatureError`] for each file that cannot be read, and for each mistake in the others.
pub fn read(places: &[Place]) -> Result<Vec<Read>, Vec<FeatureError>> {
    let mut features = Vec::new();
    let mut wrong = Vec::new();
    for place in places {
        let paths = files(&place.path, &["feature"]).unwrap_or_else(|error| {
            wrong.push(*error);
            Vec::new()
        });
        for path in paths {
            let (read, more) = read_file(&path);
            wrong.extend(more);
            features.extend(read.map(|(feature, source)| Read { feature, line: place.line, source }));
        }
    }
    if wrong.is_empty() { Ok(features) } else { Err(wrong) }
}

/// The file at `path`, or the files with one of these extensions below that folder, sorted.
pub(super) fn files(path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, Box<FeatureError>> {
    let unreadable = |error| Box::new(FeatureError::unreadable(path, &error));
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|is| endings.iter().any(|ending| is == *ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a file: the feature, if it can be parsed, and all mistakes.
pub(super) fn read_file(path: &Path) -> (Option<(Feature, Source)>, Vec<FeatureError>) {
    let size = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) => return (None, vec![FeatureError::unreadable(path, &error)]),
    };
    if size > FILE_MAX {
        return (None, vec![FeatureError::too_large(path, FILE_MAX)]);
    }
    match fs::read_to_string(path) {
        Ok(text) => {
            let source = Source::new(&path.display().to_string(), &text);
            let (feature, wrong) = read_text(&source);
            (feature.map(|feature| (feature, source)), wrong)
        }
        Err(error) => (None, vec![FeatureError::unreadable(path, &error)]),
    }
}

/// Parses the feature in `text`; `file` is the name to show in errors.
///
/// # Errors
/// [`FeatureError`] for each mistake.
pub fn parse(text: &str, file: &str) -> Result<Feature, Vec<FeatureError>> {
    match read_text(&Source::new(file, text)) {
        (Some(feature), wrong) if wrong.is_empty() => Ok(feature),
        (_, wrong) => Err(wrong),
    }
}

fn read_text(source: &Source) -> (Option<Feature>, Vec<FeatureError>) {
    let mut wrong = scan(source);
    match Feature::parse(source.text(), GherkinEnv::default()) {
        Ok(mut feature) => {
            feature.path = Some(source.file().into());
            wrong.extend(shape::wrong(&feature, source, &wrong));
            (Some(feature), wrong)
        }
        Err(error) if wrong.is_empty() => {
            let said = error.to_string();
            let line = said.split(&[' ', ':'][..]).find_map(|word| word.parse::<usize>().ok()).unwrap_or(1);
            // The parser reports one line too many for a premature end of file.
            let line = line.min(source.text().lines().count());
            let says = "this line is not valid Gherkin";
            let help = "check the lines above it as well";
            (None, vec![source.error(FeatureMistake::NotGherkin, source.line(line), says, help)])
        }
        // The parse error follows from a mistake that `scan` has reported.
        Err(_) => (None, wrong),
    }
}

/// Selects the scenarios to play.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Scenarios whose tags satisfy this expression.
    pub tags: Option<gherkin::tagexpr::TagOperation>,
    /// Scenarios whose name matches.
    pub name: Option<regex::Regex>,
}

impl Filter {
    /// Removes the scenarios that are not selected; returns how many remain.
    pub fn keep(&self, feature: &mut Feature, line: Option<usize>) -> usize {
        let tags = feature.tags.clone();
        let last_line = usize::MAX;
        let starts: Vec<usize> = feature
            .scenarios
            .iter()
            .chain(feature.rules.iter().flat_map(|rule| &rule.scenarios))
            .map(|scenario| scenario.position.line)
            .collect();
        let end_of =
            |start: usize| starts.iter().copied().filter(|other| *other > start).min().unwrap_or(last_line);
        let meant = |scenario: &gherkin::Scenario, more: &[String]| {
            let all = || tags.iter().chain(more).chain(&scenario.tags).cloned();
            let start = scenario.position.line;
            let here = line.is_none_or(|line| line >= start && line < end_of(start));
            let tagged = self.tags.as_ref().is_none_or(|expression| {
                use cucumber::tag::Ext;
                expression.eval(all())
            });
            here && tagged && self.name.as_ref().is_none_or(|name| name.is_match(&scenario.name))
        };
        feature.scenarios.retain(|scenario| meant(scenario, &[]));
        for rule in &mut feature.rules {
            let more = rule.tags.clone();
            rule.scenarios.retain(|scenario| meant(scenario, &more));
        }
        feature.scenarios.len() + feature.rules.iter().map(|rule| rule.scenarios.len()).sum::<usize>()
    }
}
