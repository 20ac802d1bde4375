//! Checks the lines of a feature before it is parsed.
//!
//! Gherkin reads a line with a misspelled keyword as a description, so the scenario would pass
//! without steps. This check reports such lines as errors.

use crate::gherkin::error::{FeatureError, FeatureMistake, Source};

/// Keywords that begin a section.
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

/// Reports mistakes in the lines of an English feature. Only the parser knows the keywords of others.
pub(super) fn scan(source: &Source) -> Vec<FeatureError> {
    Scan::new(source).check()
}

/// State of the line-by-line check.
struct Scan<'a> {
    source: &'a Source,
    wrong: Vec<FeatureError>,
    /// Whether a description is allowed here, below a section keyword.
    description: bool,
    /// The delimiter of the open doc string.
    doc_string: Option<&'static str>,
    /// The number of cells in the first row of the open table.
    cells: Option<usize>,
    seen_feature: bool,
    /// Whether steps are allowed here, below a background or scenario.
    steps: bool,
    /// Whether a table is allowed here, below a step or `Examples:`.
    table: bool,
}

impl<'a> Scan<'a> {
    const fn new(source: &'a Source) -> Self {
        Self {
            source,
            wrong: Vec::new(),
            description: false,
            doc_string: None,
            cells: None,
            seen_feature: false,
            steps: false,
            table: false,
        }
    }

    fn check(mut self) -> Vec<FeatureError> {
        let text = self.source.text();
        if text.trim().is_empty() {
            let help = "a feature begins with `Feature: ` and a name";
            self.tell(FeatureMistake::NoFeature, 1, "there is no feature in this file", help);
        }
        for (index, line) in text.lines().enumerate() {
            self.line(index + 1, line.trim());
        }
        self.wrong
    }

    fn line(&mut self, number: usize, line: &str) {
        if let Some(marks) = self.doc_string {
            if line.starts_with(marks) {
                self.doc_string = None;
            }
            return;
        }
        if let Some(marks) = ["\"\"\"", "```"].into_iter().find(|marks| line.starts_with(marks)) {
            self.doc_string = Some(marks);
            return;
        }
        if line.starts_with('|') {
            return self.row(number, line);
        }
        if line.is_empty() || line.starts_with(['#', '@']) {
            return;
        }
        self.cells = None;
        if KEYWORDS.iter().any(|keyword| line.starts_with(keyword)) {
            if !self.seen_feature && !line.starts_with("Feature:") {
                let help = "a feature begins with `Feature: ` and a name";
                self.tell(FeatureMistake::NoFeature, number, "this line comes before the feature", help);
            }
            self.seen_feature = true;
            self.description = true;
            self.table = ["Examples:", "Scenarios:"].iter().any(|keyword| line.starts_with(keyword));
            self.steps = !self.table && !["Feature:", "Rule:"].iter().any(|above| line.starts_with(above));
        } else if STEPS.iter().any(|keyword| line.starts_with(keyword)) {
            if !self.steps {
                let says = "this step belongs to no scenario, so it is never run";
                let help = "move it below a `Scenario: ` or a `Background:`, and above its examples";
                self.tell(FeatureMistake::OutOfPlace, number, says, help);
            }
            self.description = false;
            self.table = true;
        } else {
            self.other(number, line);
        }
    }

    /// Checks that a table row has as many cells as the first row.
    fn row(&mut self, number: usize, line: &str) {
        if self.cells.is_none() && !self.table {
            let says = "this table belongs to no step, so it is never read";
            let help = "a table goes below its step, or below `Examples:`";
            self.tell(FeatureMistake::OutOfPlace, number, says, help);
        }
        // `\|` is an escaped bar within a cell.
        let cells = line.replace("\\|", "").matches('|').count().saturating_sub(1);
        let first = *self.cells.get_or_insert(cells);
        if cells == first && line.ends_with('|') {
            return;
        }
        let says = format!("this row has {cells} cells, but the first row has {first}");
        let help = "each row begins and ends with `|` and has as many cells as the first";
        self.tell(FeatureMistake::TornTable, number, &says, help);
    }

    /// Checks a line without a keyword: a description, a misspelled keyword, or a misplaced line.
    fn other(&mut self, number: usize, line: &str) {
        let first = line.split_whitespace().next().unwrap_or_default();
        let all = KEYWORDS.iter().chain(&STEPS).map(|keyword| keyword.trim());
        if let Some(near) = misspelt(first, all) {
            let (says, help) = (format!("`{first}` is not a keyword"), format!("did you mean `{near}`?"));
            self.tell(FeatureMistake::Keyword, number, &says, &help);
        } else if !self.description {
            let says = format!("a step cannot begin with `{first}`");
            let help = "steps begin with Given, When, Then, And, But or *";
            self.tell(FeatureMistake::Keyword, number, &says, help);
        }
    }

    fn tell(&mut self, mistake: FeatureMistake, number: usize, says: &str, help: &str) {
        self.wrong.push(self.source.error(mistake, self.source.line(number), says, help));
    }
}

/// The keyword that a misspelled word was meant to be. Short keywords resemble words that often begin
/// a description ("The", "Any", "Ana"), so they need a closer match.
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
