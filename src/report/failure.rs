//! The report of a failed scenario, complete enough to debug from.
//!
//! It shows the location, the step, the reason, the current page, the last events with their times,
//! and the command line that repeats the scenario.

use std::fmt;

use crate::report::{ScenarioOutcome, Timeline, diagnose};

/// Number of events shown.
const LAST: usize = 5;

/// The failure of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a>(pub &'a ScenarioOutcome);

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenario = self.0;
        let line = scenario.failed_step().map_or(scenario.line, |step| step.line);
        writeln!(f, "{}:{line}: {} [{}]", scenario.path, scenario.name, scenario.stage)?;
        if let Some(step) = scenario.failed_step() {
            writeln!(f, "  step    {} {}", step.keyword, step.text)?;
        }
        if let Some(verdict) = scenario.verdict() {
            let mut lines = verdict.lines();
            writeln!(f, "  why     {}", lines.next().unwrap_or_default())?;
            for line in lines {
                writeln!(f, "          {line}")?;
            }
        }
        let Some(played) = &scenario.played else {
            return writeln!(f, "  again   {}", scenario.again);
        };
        if let Some(page) = &played.page {
            writeln!(f, "  page    {page}")?;
        }
        let timeline = Timeline::new(&played.trace, &played.story, &played.findings);
        for (at, event) in timeline.last(LAST).into_iter().enumerate() {
            let label = if at == 0 { "events" } else { "" };
            writeln!(f, "  {label:<7} {event}")?;
        }
        for diagnosis in diagnose(&played.trace, &played.story) {
            for (at, line) in diagnosis.to_string().lines().enumerate() {
                let label = if at == 0 { "reason" } else { "" };
                writeln!(f, "  {label:<7} {line}")?;
            }
        }
        for finding in played.findings.iter().skip(usize::from(scenario.failed_step().is_none())) {
            writeln!(f, "  finding {} [{}]: {}", finding.rule, finding.verdict.label(), finding.says)?;
        }
        writeln!(f, "  again   {}", scenario.again)
    }
}
