//! Reading features: which files, which scenarios, and what is wrong with them, line by line.
//!
//! Gherkin is generous: a misspelt keyword is taken for a description, and the scenario passes with
//! no step. So lines are looked at first, and what nobody can have meant is an error.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use gherkin::Feature;
use gherkin::GherkinEnv;
use miette::Diagnostic;
use miette::NamedSource;
use miette::SourceSpan;

/// How large a feature file may be, in bytes.
const FILE_MAX: u64 = 1024 * 1024;

/// Keywords that begin a line.
const KEYWORDS: [&str; 9] = [
    "Feature:",
    "Background:",
    "Rule:",
    "Scenario:",
    "Scenario Outline:",
    "Scenario Template:",
    "Example:",
    "Examples:",
    "Scenarios:",
];

/// Keywords that begin a step.
const STEPS: [&str; 6] = ["Given ", "When ", "Then ", "And ", "But ", "* "];

/// A file or folder of features, and perhaps one line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file or folder.
    pub path: PathBuf,
    /// The line of a scenario, or of one of its steps.
    pub line: Option<usize>,
}

impl Place {
    /// The place that `text` names: `features/`, `features/x.feature`, `features/x.feature:12`.
    pub fn read(text: &str) -> Self {
        if let Some((path, line)) = text.rsplit_once(':')
            && let Ok(line) = line.parse()
        {
            return Self { path: path.into(), line: Some(line) };
        }
        Self { path: text.into(), line: None }
    }
}

/// What is wrong with a feature.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum FeatureError {
    /// The file or folder cannot be read.
    #[error("cannot read `{path}`: {error}")]
    #[diagnostic(
        code(lostkey::feature::unreadable),
        help("name a feature file, or a folder that holds some")
    )]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The file is larger than any feature.
    #[error("`{path}` is larger than {FILE_MAX} bytes")]
    #[diagnostic(code(lostkey::feature::too_large), help("split it into several features"))]
    TooLarge {
        /// Which.
        path: String,
    },
    /// A line is not what Gherkin has there.
    #[error("{says}")]
    #[diagnostic(code(lostkey::feature::line))]
    Line {
        /// What is wrong.
        says: String,
        /// What would work.
        #[help]
        help: String,
        /// The file.
        #[source_code]
        source_code: NamedSource<String>,
        /// Where.
        #[label("here")]
        span: SourceSpan,
    },
}

/// The features at these places, in the order of their paths.
///
/// # Errors
/// [`FeatureError`] for the first that cannot be read or is no Gherkin.
pub fn read(places: &[Place]) -> Result<Vec<(Feature, Option<usize>)>, Box<FeatureError>> {
    let mut features = Vec::new();
    for place in places {
        for path in files(&place.path)? {
            features.push((read_file(&path)?, place.line));
        }
    }
    Ok(features)
}

/// The feature files at `path`, in order.
fn files(path: &Path) -> Result<Vec<PathBuf>, Box<FeatureError>> {
    let unreadable = |error| Box::new(FeatureError::Unreadable { path: path.display().to_string(), error });
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
            } else if path.extension().is_some_and(|extension| extension == "feature") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read_file(path: &Path) -> Result<Feature, Box<FeatureError>> {
    let shown = path.display().to_string();
    let unreadable = |error| Box::new(FeatureError::Unreadable { path: shown.clone(), error });
    if fs::metadata(path).map_err(unreadable)?.len() > FILE_MAX {
        return Err(Box::new(FeatureError::TooLarge { path: shown }));
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    parse(&text, &shown)
}

/// The feature that `text` holds; `file` is how its errors name it.
///
/// # Errors
/// [`FeatureError`] if it is no Gherkin, or holds what nobody can have meant.
pub fn parse(text: &str, file: &str) -> Result<Feature, Box<FeatureError>> {
    // Other languages have other keywords; only the parser knows them.
    let english =
        !text.trim_start().starts_with("# language:") || text.trim_start().starts_with("# language: en");
    if english {
        Scan::new(text, file).check()?;
    }
    let mut feature = Feature::parse(text, GherkinEnv::default()).map_err(|error| {
        let line = error.to_string().split(&[' ', ':'][..]).find_map(|word| word.parse::<usize>().ok());
        line_error(
            text,
            file,
            line.unwrap_or(1),
            "this is not what Gherkin has here",
            "see the lines above it, too",
        )
    })?;
    feature.path = Some(file.into());
    for scenario in feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios)) {
        if scenario.steps.is_empty() {
            let says =
                format!("the scenario \"{}\" has no step, so it would pass whatever happens", scenario.name);
            let help = "steps begin with Given, When, Then, And, But or *";
            return Err(line_error(text, file, scenario.position.line, &says, help));
        }
    }
    Ok(feature)
}

/// Looks at the lines of a feature, one after the other.
struct Scan<'a> {
    text: &'a str,
    file: &'a str,
    /// A description may stand here: right below a keyword.
    description: bool,
    /// The marks of the doc string that is open.
    doc_string: Option<&'static str>,
    /// How many cells the rows of the table that is open have.
    cells: Option<usize>,
    seen_feature: bool,
}

impl<'a> Scan<'a> {
    const fn new(text: &'a str, file: &'a str) -> Self {
        Self { text, file, description: false, doc_string: None, cells: None, seen_feature: false }
    }

    fn check(mut self) -> Result<(), Box<FeatureError>> {
        if self.text.trim().is_empty() {
            let help = "a feature begins with `Feature: ` and a name";
            return Err(line_error(self.text, self.file, 1, "there is no feature in this file", help));
        }
        for (index, line) in self.text.lines().enumerate() {
            self.line(index + 1, line.trim())?;
        }
        Ok(())
    }

    fn line(&mut self, number: usize, line: &str) -> Result<(), Box<FeatureError>> {
        if let Some(marks) = self.doc_string {
            if line.starts_with(marks) {
                self.doc_string = None;
            }
            return Ok(());
        }
        if let Some(marks) = ["\"\"\"", "```"].into_iter().find(|marks| line.starts_with(marks)) {
            self.doc_string = Some(marks);
            return Ok(());
        }
        if line.starts_with('|') {
            return self.row(number, line);
        }
        if line.is_empty() || line.starts_with(['#', '@']) {
            return Ok(());
        }
        self.cells = None;
        if KEYWORDS.iter().any(|keyword| line.starts_with(keyword)) {
            if !self.seen_feature && !line.starts_with("Feature:") {
                let help = "a feature begins with `Feature: ` and a name";
                return Err(self.error(number, "this stands before the feature begins", help));
            }
            self.seen_feature = true;
            self.description = true;
            return Ok(());
        }
        if STEPS.iter().any(|keyword| line.starts_with(keyword)) {
            self.description = false;
            return Ok(());
        }
        self.other(number, line)
    }

    /// A row of a table: all have as many cells as the first.
    fn row(&mut self, number: usize, line: &str) -> Result<(), Box<FeatureError>> {
        // `\|` is a bar inside of a cell.
        let cells = line.replace("\\|", "").matches('|').count().saturating_sub(1);
        let first = *self.cells.get_or_insert(cells);
        if cells == first && line.ends_with('|') {
            return Ok(());
        }
        let says = format!("this row has {cells} cells, and the table's first has {first}");
        Err(self.error(number, &says, "each row begins and ends with `|` and has as many cells as the first"))
    }

    /// A line that begins with no keyword: a description, a misspelt keyword, or out of place.
    fn other(&self, number: usize, line: &str) -> Result<(), Box<FeatureError>> {
        let first = line.split_whitespace().next().unwrap_or_default();
        let all = KEYWORDS.iter().chain(&STEPS).map(|keyword| keyword.trim());
        if let Some(near) = misspelt(first, all) {
            let says = format!("`{first}` is no keyword");
            return Err(self.error(number, &says, &format!("did you mean `{near}`?")));
        }
        if self.description {
            return Ok(());
        }
        let says = format!("`{first}` begins no step");
        Err(self.error(number, &says, "steps begin with Given, When, Then, And, But or *"))
    }

    fn error(&self, number: usize, says: &str, help: &str) -> Box<FeatureError> {
        line_error(self.text, self.file, number, says, help)
    }
}

/// The keyword that a word was meant to be. Short keywords have neighbours that begin many a
/// description ("The", "Any", "Ana"), so the shorter one is, the surer it must be.
fn misspelt<'a>(word: &str, keywords: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if !word.chars().next().is_some_and(char::is_uppercase) {
        return None;
    }
    let off = |keyword: &str| strsim::damerau_levenshtein(word, keyword);
    let meant = keywords.filter(|keyword| match keyword.len() {
        0..=3 => false,
        4 => word.len() >= 4 && off(keyword) == 1,
        _ => off(keyword) <= 2,
    });
    meant.min_by_key(|keyword| off(keyword))
}

fn line_error(text: &str, file: &str, number: usize, says: &str, help: &str) -> Box<FeatureError> {
    let start: usize = text.lines().take(number.saturating_sub(1)).map(|line| line.len() + 1).sum();
    let line = text.lines().nth(number.saturating_sub(1)).unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    let start = (start + indent).min(text.len());
    let length = line.trim().len().min(text.len() - start);
    Box::new(FeatureError::Line {
        says: says.to_owned(),
        help: help.to_owned(),
        source_code: NamedSource::new(file, text.to_owned()),
        span: (start, length).into(),
    })
}

/// Which scenarios are played.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whose tags say so.
    pub tags: Option<gherkin::tagexpr::TagOperation>,
    /// Whose name matches.
    pub name: Option<regex::Regex>,
}

impl Filter {
    /// Keeps the scenarios that are meant, and says how many.
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
