//! What came of scenarios, as plain data: filled by whoever plays them, read by all reports.

use std::sync::Arc;

use crate::event::Trace;
use crate::oracle::Finding;
use crate::story::Story;
use crate::time::Time;

/// One scenario on one stage.
#[derive(Clone, Debug)]
pub struct ScenarioOutcome {
    /// The feature's file, as it was named.
    pub path: String,
    /// The feature's name.
    pub feature: String,
    /// The feature's line and description.
    pub feature_line: usize,
    /// The scenario's name.
    pub name: String,
    /// The scenario's line.
    pub line: usize,
    /// Its tags and those of its feature.
    pub tags: Vec<String>,
    /// `virtual` or `wire`.
    pub stage: &'static str,
    /// Its steps in order, those of backgrounds first.
    pub steps: Vec<StepOutcome>,
    /// What was played, if a story was opened.
    pub played: Option<Played>,
    /// How long it took in real time, in nanoseconds.
    pub nanos: u64,
    /// The line that plays it again.
    pub again: String,
}

/// One step.
#[derive(Clone, Debug)]
pub struct StepOutcome {
    /// `Given`, `When`, `Then`, `And`, `But` or `*`.
    pub keyword: String,
    /// Its words.
    pub text: String,
    /// Its line.
    pub line: usize,
    /// What came of it.
    pub result: StepResult,
    /// How long it took in real time, in nanoseconds.
    pub nanos: u64,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepResult {
    /// It holds.
    Passed,
    /// It does not, for this reason.
    Failed(String),
    /// No step of the library has these words.
    Undefined,
    /// More than one step of the library has these words.
    Ambiguous(String),
    /// A step before it failed.
    Skipped,
}

/// The story behind a scenario, as it went.
#[derive(Clone, Debug)]
pub struct Played {
    /// The story.
    pub story: Arc<Story>,
    /// The seed.
    pub seed: u64,
    /// What happened.
    pub trace: Trace,
    /// How far virtual time went.
    pub until: Time,
    /// What oracles object to, and the scenario did not announce.
    pub findings: Vec<Finding>,
    /// The page that the person who was named last is on, with its notice.
    pub page: Option<String>,
    /// The run itself broke: nobody's expectation did.
    pub broken: bool,
}

impl ScenarioOutcome {
    /// Whether each step holds and no oracle objects.
    pub fn passed(&self) -> bool {
        self.failed_step().is_none()
            && self.played.as_ref().is_none_or(|played| played.findings.is_empty() && !played.broken)
    }

    /// The first step that does not hold.
    pub fn failed_step(&self) -> Option<&StepOutcome> {
        self.steps.iter().find(|step| !matches!(step.result, StepResult::Passed | StepResult::Skipped))
    }

    /// How far virtual time went.
    pub fn until(&self) -> Time {
        self.played.as_ref().map_or(Time::ZERO, |played| played.until)
    }

    /// What is wrong, in one line; `None` if nothing is.
    pub fn verdict(&self) -> Option<String> {
        if let Some(step) = self.failed_step() {
            let why = match &step.result {
                StepResult::Failed(why) => why.clone(),
                StepResult::Undefined => "no step matches".to_owned(),
                StepResult::Ambiguous(which) => format!("more than one step matches: {which}"),
                StepResult::Passed | StepResult::Skipped => return None,
            };
            return Some(why);
        }
        let finding = self.played.as_ref()?.findings.first()?;
        Some(format!("{} [{}]: {}", finding.rule, finding.verdict.label(), finding.says))
    }
}
