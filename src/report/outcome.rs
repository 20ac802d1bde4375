//! Outcomes of scenarios as plain data: filled by the runner, read by all reports.

use std::path::Path;
use std::sync::Arc;

use crate::base::time::Time;
use crate::event::Trace;
use crate::oracle::Finding;
use crate::report::Tolerated;
use crate::story::Story;

/// One scenario on one stage.
#[derive(Clone, Debug)]
pub struct ScenarioOutcome {
    /// The feature's file, as given on the command line.
    pub path: String,
    /// The feature's name.
    pub feature: String,
    /// The line of the feature.
    pub feature_line: usize,
    /// The scenario's name.
    pub name: String,
    /// The scenario's line.
    pub line: usize,
    /// The tags of its feature.
    pub feature_tags: Vec<String>,
    /// Its tags and those of its examples, rule and feature.
    pub tags: Vec<String>,
    /// `virtual` or `wire`.
    pub stage: &'static str,
    /// Its steps in order, those of backgrounds first.
    pub steps: Vec<StepOutcome>,
    /// What was played, if a story was opened.
    pub played: Option<Played>,
    /// The run itself broke, or could not start; no expectation failed.
    pub broken: bool,
    /// Real time it took, in nanoseconds.
    pub nanos: u64,
    /// The command line that plays it again.
    pub again: String,
}

/// One step.
#[derive(Clone, Debug)]
pub struct StepOutcome {
    /// `Given`, `When`, `Then`, `And`, `But` or `*`.
    pub keyword: String,
    /// The text after the keyword.
    pub text: String,
    /// Its line.
    pub line: usize,
    /// Its result.
    pub result: StepResult,
    /// Real time it took, in nanoseconds.
    pub nanos: u64,
}

/// The result of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepResult {
    /// The step holds.
    Passed,
    /// The step does not hold, for this reason.
    Failed(String),
    /// No step of the catalogue matches: what was meant, and the code of a new step.
    Undefined(String),
    /// More than one step of the catalogue matches.
    Ambiguous(String),
    /// A previous step failed.
    Skipped,
}

/// The run of the story behind a scenario.
#[derive(Clone, Debug)]
pub struct Played {
    /// The story.
    pub story: Arc<Story>,
    /// The seed.
    pub seed: u64,
    /// The events.
    pub trace: Trace,
    /// Virtual time at the end.
    pub until: Time,
    /// Objections of oracles that the scenario does not announce.
    pub findings: Vec<Finding>,
    /// Objections that are no failures.
    pub tolerated: Vec<Tolerated>,
    /// The page, with its notice, of the person who was named last.
    pub page: Option<String>,
}

impl ScenarioOutcome {
    /// Whether each step holds and no oracle objects.
    pub fn passed(&self) -> bool {
        let no_findings = self.played.as_ref().is_none_or(|played| played.findings.is_empty());
        self.failed_step().is_none() && no_findings && !self.broken
    }

    /// The first step that does not hold.
    pub fn failed_step(&self) -> Option<&StepOutcome> {
        self.steps.iter().find(|step| !matches!(step.result, StepResult::Passed | StepResult::Skipped))
    }

    /// Virtual time at the end.
    pub fn until(&self) -> Time {
        self.played.as_ref().map_or(Time::ZERO, |played| played.until)
    }

    /// The finding to tell first: for a saved failure that of the rule which its file is named for, otherwise
    /// the first.
    pub fn main_finding(&self) -> Option<&Finding> {
        let findings = &self.played.as_ref()?.findings;
        let name = Path::new(&self.path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let named = findings.iter().find(|finding| name.starts_with(&file_words(finding.rule)));
        named.or_else(|| findings.first())
    }

    /// The failure in one line; `None` if the scenario passed.
    pub fn verdict(&self) -> Option<String> {
        if let Some(step) = self.failed_step() {
            let why = match &step.result {
                StepResult::Failed(why) => why.clone(),
                StepResult::Undefined(help) => help.clone(),
                StepResult::Ambiguous(which) => format!("more than one step matches: {which}"),
                StepResult::Passed | StepResult::Skipped => return None,
            };
            return Some(why);
        }
        let finding = self.main_finding()?;
        Some(format!("{} [{}]: {}", finding.rule, finding.verdict.label(), finding.says))
    }
}

/// Words as in the name of a saved failure: small letters and digits, with hyphens between.
pub fn file_words(words: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    words.to_lowercase().chars().map(plain).collect()
}
