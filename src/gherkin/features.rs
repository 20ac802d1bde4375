//! Finds, reads and filters feature files.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::{fs, io};

use gherkin::tagexpr::TagOperation;
use gherkin::{Feature, GherkinEnv, Scenario};

use crate::gherkin::error::{FeatureError, FeatureMistake, Source};
use crate::gherkin::scan::scan;
use crate::gherkin::{expand, language, line, shape};
use crate::wire::files::read_text;

/// Largest feature file, in bytes.
const FILE_MAX: u64 = 16 * 1024 * 1024;

/// A feature file or folder, and optionally a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file or folder.
    pub path: PathBuf,
    /// A line of the file: of a scenario, of its examples, or of one row of them.
    pub line: Option<usize>,
}

impl Place {
    /// Parses `features/`, `features/x.feature`, `features/x.feature:12` or `features/x.feature:12:5`, as
    /// errors print it. A file whose name is such a text is the file.
    pub fn read(text: &str) -> Self {
        let numbered = |text: &str| {
            let (path, number) = text.rsplit_once(':')?;
            Some((path.to_owned(), number.parse::<usize>().ok()?))
        };
        let Some((path, number)) = numbered(text).filter(|_| !Path::new(text).exists()) else {
            return Self { path: text.into(), line: None };
        };
        match numbered(&path).filter(|_| !Path::new(&path).exists()) {
            Some((path, line)) => Self { path: path.into(), line: Some(line) },
            None => Self { path: path.into(), line: Some(number) },
        }
    }
}

/// A feature that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The parsed feature, with one scenario for each row of examples.
    pub feature: Feature,
    pub(super) source: Source,
}

impl Read {
    /// The file.
    pub fn path(&self) -> &Path {
        Path::new(self.source.file())
    }
}

/// Reads the features at these places, ordered by path within each, and expands their outlines. A scenario that
/// several places name is read once.
///
/// # Errors
/// [`FeatureError`] for each file that cannot be read, and for each mistake in the others.
pub fn read(places: &[Place]) -> Result<Vec<Read>, Vec<FeatureError>> {
    let mut features = Vec::new();
    let mut wrong = Vec::new();
    let mut seen = Seen::default();
    for place in places {
        let paths = place.files().unwrap_or_else(|error| {
            wrong.push(*error);
            Vec::new()
        });
        for path in paths {
            let (read, more) = read_file(&path);
            wrong.extend(more);
            let Some((feature, source)) = read else { continue };
            let mut expanded = expand::feature(&feature, &source);
            if let Some(line) = place.line {
                match line::choose(&feature, &source, line) {
                    Ok(chosen) => chosen.keep(&mut expanded),
                    Err(error) => wrong.push(*error),
                }
            }
            if seen.keep_new(&path, &mut expanded) {
                features.push(Read { feature: expanded, source });
            }
        }
    }
    if wrong.is_empty() { Ok(features) } else { Err(wrong) }
}

/// The scenarios that were read, by file and line.
#[derive(Debug, Default)]
struct Seen(BTreeSet<(PathBuf, usize)>);

impl Seen {
    /// Removes the scenarios that were read before; returns whether something is left, or there was nothing.
    fn keep_new(&mut self, path: &Path, feature: &mut Feature) -> bool {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let before = shape::scenarios(feature).count();
        let mut is_new = |scenario: &Scenario| self.0.insert((path.clone(), scenario.position.line));
        feature.scenarios.retain(&mut is_new);
        for rule in &mut feature.rules {
            rule.scenarios.retain(&mut is_new);
        }
        before == 0 || shape::scenarios(feature).count() > 0
    }
}

impl Place {
    fn files(&self) -> Result<Vec<PathBuf>, Box<FeatureError>> {
        if let Some(line) = self.line.filter(|_| self.path.is_dir()) {
            let says = format!("`{}` is a folder, and has no line {line}", self.path.display());
            let help = "name a feature file before the line";
            return Err(Box::new(FeatureError::of_file(FeatureMistake::NoSuchLine, &self.path, says, help)));
        }
        files(&self.path, &["feature"])
    }
}

/// The file at `path`, or the files with one of these extensions below that folder, sorted. Each folder is
/// read once, even if links lead to it again.
pub(super) fn files(path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, Box<FeatureError>> {
    let unreadable = |error| Box::new(FeatureError::unreadable(path, &error));
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    // Folders nearer to the top first, so that a file is named by its shortest path.
    let mut folders = VecDeque::from([path.to_owned()]);
    while let Some(folder) = folders.pop_front() {
        if !seen.insert(fs::canonicalize(&folder).map_err(unreadable)?) {
            continue;
        }
        let entries = fs::read_dir(&folder).map_err(unreadable)?;
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>().map_err(unreadable)?;
        // Folders before links to them.
        paths.sort_by_key(|path| (path.is_symlink(), path.clone()));
        for path in paths {
            if path.is_dir() {
                folders.push_back(path);
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
    match read_text(path, FILE_MAX) {
        Ok(text) => {
            let source = Source::new(&path.display().to_string(), &text);
            let (feature, wrong) = parsed(&source);
            (feature.map(|feature| (feature, source)), wrong)
        }
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            (None, vec![FeatureError::too_large(path, FILE_MAX)])
        }
        Err(error) => (None, vec![FeatureError::unreadable(path, &error)]),
    }
}

/// Parses the feature in `text`, and expands its outlines; `file` is the name to show in errors.
///
/// # Errors
/// [`FeatureError`] for each mistake.
pub fn parse(text: &str, file: &str) -> Result<Feature, Vec<FeatureError>> {
    let source = Source::new(file, text);
    match parsed(&source) {
        (Some(feature), wrong) if wrong.is_empty() => Ok(expand::feature(&feature, &source)),
        (_, wrong) => Err(wrong),
    }
}

pub(super) fn parsed(source: &Source) -> (Option<Feature>, Vec<FeatureError>) {
    let directive = language::directive(source.text());
    let named = directive.as_ref().map_or(language::ENGLISH, |(_, name)| name);
    let mut wrong = if named == language::ENGLISH { scan(source) } else { Vec::new() };
    let at = directive.as_ref().map(|(at, _)| at);
    let Ok(language) = GherkinEnv::new(named) else {
        let says = format!("there is no language `{named}`");
        let help = "write its code as Cucumber has it, for example `# language: es`, or remove the comment";
        let at = at.cloned().unwrap_or_default();
        return (None, vec![source.error(FeatureMistake::UnknownLanguage, at, &says, help)]);
    };
    match Feature::parse(language::without(source.text(), at), language) {
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
    /// Scenarios whose tags satisfy this expression: their own, and those of their examples, rule and feature.
    pub tags: Option<TagOperation>,
    /// Scenarios whose name matches, as reports print it.
    pub name: Option<regex::Regex>,
}

impl Filter {
    /// Removes the scenarios that are not selected from an expanded feature; returns how many remain.
    pub fn keep(&self, feature: &mut Feature) -> usize {
        let tags = feature.tags.clone();
        let meant = |scenario: &Scenario, more: &[String]| {
            let all = || tags.iter().chain(more).chain(&scenario.tags).cloned();
            let tagged = self.tags.as_ref().is_none_or(|expression| {
                use cucumber::tag::Ext;
                expression.eval(all())
            });
            tagged && self.name.as_ref().is_none_or(|name| name.is_match(&scenario.name))
        };
        feature.scenarios.retain(|scenario| meant(scenario, &[]));
        for rule in &mut feature.rules {
            let more = rule.tags.clone();
            rule.scenarios.retain(|scenario| meant(scenario, &more));
        }
        shape::scenarios(feature).count()
    }
}
