//! A play as an aligned timeline: virtual time, who, what; faults marked, findings at the end.

use std::fmt;

use crate::event::Event;
use crate::event::EventKind;
use crate::event::Trace;
use crate::id::EventId;
use crate::oracle::Finding;
use crate::report::Words;
use crate::report::diagnose;
use crate::story::Story;

/// A trace, told line by line; the same bytes each time.
#[derive(Clone, Copy, Debug)]
pub struct Timeline<'a> {
    trace: &'a Trace,
    story: &'a Story,
    findings: &'a [Finding],
}

impl<'a> Timeline<'a> {
    /// The timeline of `trace`, with the lines that `findings` point at arrowed.
    pub const fn new(trace: &'a Trace, story: &'a Story, findings: &'a [Finding]) -> Self {
        Self { trace, story, findings }
    }

    /// The last `count` events before the end, as lines.
    pub fn last(&self, count: usize) -> Vec<String> {
        let events = self.trace.events();
        let from = events.len().saturating_sub(count);
        let width = self.width();
        self.trace.iter().skip(from).map(|(id, event)| self.line(id, event, width)).collect()
    }

    fn width(&self) -> usize {
        let words = Words::of(self.story);
        self.trace.events().iter().map(|event| words.actor(event.by).chars().count()).max().unwrap_or(0)
    }

    fn line(&self, id: EventId, event: &Event, width: usize) -> String {
        let words = Words::of(self.story);
        let mark = match event.kind {
            EventKind::FaultStruck { .. } | EventKind::AppCrashed => '!',
            _ if self.findings.iter().any(|finding| finding.event == Some(id)) => '>',
            _ => ' ',
        };
        let (at, who, what) = (event.at.to_string(), words.actor(event.by), words.sentence(&event.kind));
        format!("{mark} {at:<16} {who:<width$}  {what}")
    }
}

impl fmt::Display for Timeline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.width();
        for (id, event) in self.trace.iter() {
            writeln!(f, "{}", self.line(id, event, width))?;
        }
        writeln!(f)?;
        for diagnosis in diagnose(self.trace, self.story) {
            writeln!(f, "{diagnosis}")?;
        }
        if self.findings.is_empty() {
            return writeln!(f, "No findings.");
        }
        for finding in self.findings {
            writeln!(f, "{} [{}] at {}", finding.oracle, finding.verdict.label(), finding.at)?;
            writeln!(f, "  {}", finding.says)?;
        }
        Ok(())
    }
}
