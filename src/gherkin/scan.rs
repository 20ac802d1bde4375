//! The lines of a feature, before the parser sees them.
//!
//! Gherkin is generous: a misspelt keyword is taken for a description, and the scenario passes with
//! no step. So lines are looked at first, and what nobody can have meant is an error.

use crate::gherkin::error::FeatureError;
use crate::gherkin::error::FeatureMistake;
use crate::gherkin::error::Source;

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

/// What is wrong with the lines of a feature in English; other languages have other keywords, and
/// only the parser knows them.
pub(super) fn scan(source: &Source) -> Vec<FeatureError> {
    let text = source.text().trim_start();
    let english = !text.starts_with("# language:") || text.starts_with("# language: en");
    if english { Scan::new(source).check() } else { Vec::new() }
}

/// Looks at the lines of a feature, one after the other.
struct Scan<'a> {
    source: &'a Source,
    wrong: Vec<FeatureError>,
    /// A description may stand here: right below a keyword.
    description: bool,
    /// The marks of the doc string that is open.
    doc_string: Option<&'static str>,
    /// How many cells the rows of the table that is open have.
    cells: Option<usize>,
    seen_feature: bool,
    /// Steps may stand here: below a background or a scenario.
    steps: bool,
    /// A table may stand here: below a step or examples.
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

    /// A row of a table: all have as many cells as the first.
    fn row(&mut self, number: usize, line: &str) {
        if self.cells.is_none() && !self.table {
            let says = "this table belongs to no step, so it is never read";
            let help = "a table goes below its step, or below `Examples:`";
            self.tell(FeatureMistake::OutOfPlace, number, says, help);
        }
        // `\|` is a bar inside of a cell.
        let cells = line.replace("\\|", "").matches('|').count().saturating_sub(1);
        let first = *self.cells.get_or_insert(cells);
        if cells == first && line.ends_with('|') {
            return;
        }
        let says = format!("this row has {cells} cells, but the first row has {first}");
        let help = "each row begins and ends with `|` and has as many cells as the first";
        self.tell(FeatureMistake::TornTable, number, &says, help);
    }

    /// A line that begins with no keyword: a description, a misspelt keyword, or out of place.
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
