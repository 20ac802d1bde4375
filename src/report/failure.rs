//! The report of a failed scenario, complete enough to debug from.
//!
//! It shows the location, the step, the reason, the current page, the last events with their times,
//! and the command line that repeats the scenario.

use std::fmt;
use std::fmt::Display;

use crate::oracle::oracle_of;
use crate::report::{ScenarioOutcome, State, Timeline, diagnose};

/// Number of events shown after a step that failed.
const LAST: usize = 5;

/// Most events shown for a finding.
const AROUND: usize = 16;

/// The failure of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a>(pub &'a ScenarioOutcome);

impl Display for Failure<'_> {
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
        let main = scenario.main_finding().filter(|_| scenario.failed_step().is_none());
        if let Some(finding) = main {
            labelled(f, "", &finding.notes)?;
            labelled(
                f,
                "oracle",
                oracle_of(finding).into_iter().flat_map(|oracle| [oracle.sentence, oracle.source]),
            )?;
        }
        let Some(played) = &scenario.played else {
            return writeln!(f, "  again   {}", scenario.again);
        };
        if let Some(page) = &played.page {
            writeln!(f, "  page    {page}")?;
        }
        let timeline = Timeline::new(&played.trace, &played.story, &played.findings);
        let events = match main {
            Some(finding) => timeline.around(finding, AROUND),
            None => timeline.last(LAST),
        };
        labelled(f, "events", events)?;
        if let Some((before, after)) = main
            .and_then(|finding| finding.event)
            .and_then(|decisive| State::around(&played.trace, &played.story, decisive))
        {
            writeln!(f, "  before  {before}\n  after   {after}")?;
        }
        for diagnosis in diagnose(&played.trace, &played.story) {
            labelled(f, "reason", diagnosis.to_string().lines())?;
        }
        for finding in played.findings.iter().filter(|finding| Some(*finding) != main) {
            writeln!(f, "  finding {} [{}]: {}", finding.rule, finding.verdict.label(), finding.says)?;
        }
        writeln!(f, "  again   {}", scenario.again)
    }
}

/// Lines with a label before the first one.
fn labelled(
    f: &mut fmt::Formatter<'_>,
    label: &str,
    lines: impl IntoIterator<Item = impl Display>,
) -> fmt::Result {
    for (at, line) in lines.into_iter().enumerate() {
        writeln!(f, "  {:<7} {line}", if at == 0 { label } else { "" })?;
    }
    Ok(())
}
