//! A play as an aligned timeline: virtual time, actor, event; faults are marked, findings follow.

use std::fmt;

use crate::base::id::EventId;
use crate::event::{Event, EventKind, SessionEnd, Trace};
use crate::oracle::Finding;
use crate::report::{Words, diagnose};
use crate::story::Story;

/// Lines always shown before the decisive one, lines shown at the end if there is none, and most
/// lines in all.
const NEAR: usize = 8;
const TAIL: usize = 12;
const LINES_MAX: usize = 40;

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

    /// The lines that matter for a finding: faults, the decisive event, and its causes.
    pub fn around(&self, finding: &Finding) -> Vec<String> {
        let width = self.width();
        let led: Vec<EventId> = match finding.event {
            Some(event) => self.trace.causes(event).map(|(id, _)| id).collect(),
            None => Vec::new(),
        };
        let last = self.trace.events().len().saturating_sub(TAIL);
        let matters = |id: EventId, event: &Event| {
            let struck = matches!(event.kind, EventKind::FaultStruck { .. } | EventKind::AppCrashed);
            let moved = matches!(event.kind, EventKind::Requested { .. } | EventKind::KeyedIn { .. });
            let until = finding.event.is_none_or(|decisive| id <= decisive);
            let close =
                finding.event.map_or(last <= id.index(), |decisive| decisive.index() < id.index() + NEAR);
            led.contains(&id) || (until && (struck || close || (moved && led.len() < 2)))
        };
        let lines = self.trace.iter().filter(|(id, event)| matters(*id, event));
        let mut told: Vec<String> = lines.filter_map(|(id, event)| self.told(id, event, width)).collect();
        let spare = told.len().saturating_sub(LINES_MAX);
        told.drain(..spare);
        told
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
        }
        Ok(())
    }
}
