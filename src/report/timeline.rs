//! A play as an aligned timeline: virtual time, actor, event; faults are marked, findings follow.

use std::fmt;

use crate::base::id::EventId;
use crate::event::{Event, EventKind, SessionEnd, Trace};
use crate::oracle::Finding;
use crate::report::{Words, diagnose, excerpt};
use crate::story::Story;

/// A trace as text, line by line.
#[derive(Clone, Copy, Debug)]
pub struct Timeline<'a> {
    trace: &'a Trace,
    story: &'a Story,
    findings: &'a [Finding],
}

impl<'a> Timeline<'a> {
    /// The timeline of `trace`, with arrows at the events that `findings` point at.
    pub const fn new(trace: &'a Trace, story: &'a Story, findings: &'a [Finding]) -> Self {
        Self { trace, story, findings }
    }

    /// The last `count` events, as lines.
    pub fn last(&self, count: usize) -> Vec<String> {
        let width = self.width();
        let mut lines: Vec<String> = self
            .trace
            .iter()
            .rev()
            .filter_map(|(id, event)| self.told(id, event, width))
            .take(count)
            .collect();
        lines.reverse();
        lines
    }

    /// The lines that matter for a finding, at most `most`: the decisive event, what led to it, and the faults
    /// before it. Polls of a page are counted only.
    pub fn around(&self, finding: &Finding, most: usize) -> Vec<String> {
        let width = self.width();
        let mut lines = Vec::new();
        for (event, polls) in excerpt::of(self.trace, finding, most) {
            match polls {
                0 => {}
                1 => lines.push("  … 1 poll".to_owned()),
                _ => lines.push(format!("  … {polls} polls")),
            }
            lines.extend(self.trace.get(event).and_then(|what| self.told(event, what, width)));
        }
        lines
    }

    fn width(&self) -> usize {
        let words = Words::of(self.story);
        self.trace.events().iter().map(|event| words.actor(event.by).chars().count()).max().unwrap_or(0)
    }

    /// The line of an event; none for the end of a renamed session, which the line of the renaming
    /// covers, unless a finding points at it.
    fn told(&self, id: EventId, event: &Event, width: usize) -> Option<String> {
        let renamed = matches!(event.kind, EventKind::SessionEnded { why: SessionEnd::Rotated, .. });
        let decisive = self.findings.iter().any(|finding| finding.event == Some(id));
        (!renamed || decisive).then(|| self.line(id, event, width))
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
        for line in self.trace.iter().filter_map(|(id, event)| self.told(id, event, width)) {
            writeln!(f, "{line}")?;
        }
        writeln!(f)?;
        for diagnosis in diagnose(self.trace, self.story) {
            writeln!(f, "{diagnosis}")?;
        }
        if self.findings.is_empty() {
            return writeln!(f, "No findings.");
        }
        for finding in self.findings {
            writeln!(f, "{} [{}] at {}", finding.rule, finding.verdict.label(), finding.at)?;
            writeln!(f, "  {}", finding.says)?;
            for note in &finding.notes {
                writeln!(f, "  {note}")?;
            }
        }
        Ok(())
    }
}
