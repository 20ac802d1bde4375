//! Counts of comparisons, which can be summed over runs in any order.

use std::collections::BTreeMap;

use crate::event::Trace;
use crate::story::Story;
use crate::witness::claim::Fact;
use crate::witness::comparison::{Comparison, Reason};

/// The results of comparisons, by fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The counts of each fact that was reported or claimed.
    pub rows: BTreeMap<Fact, Row>,
    /// For each fact, the run with the lowest seed that has an invented claim.
    pub invented: BTreeMap<Fact, Example>,
    /// For each fact, the run with the lowest seed that has an unexplained miss.
    pub unexplained: BTreeMap<Fact, Example>,
}

/// The counts of one fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Reports of the service.
    pub reported: u64,
    /// Reports that a claim states.
    pub seen: u64,
    /// Reports that no claim states, by reason.
    pub missed: BTreeMap<Reason, u64>,
    /// Claims that no report confirms.
    pub invented: u64,
    /// Those among them in stories without a weakness.
    pub invented_by_norm: u64,
}

/// An example run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The seed of the run.
    pub seed: u64,
    /// The claim or report, in words.
    pub says: String,
}

impl Table {
    /// Adds the comparison of one run.
    pub fn add(&mut self, seed: u64, story: &Story, trace: &Trace, comparison: &Comparison) {
        for report in &comparison.reports {
            let row = self.rows.entry(report.fact).or_default();
            row.reported += 1;
            let Some(reason) = report.missed else {
                row.seen += 1;
                continue;
            };
            *row.missed.entry(reason).or_default() += 1;
            if reason == Reason::Unexplained {
                let event = trace.get(report.event);
                keep(&mut self.unexplained, report.fact, seed, || {
                    event.map_or_else(String::new, |event| {
                        format!("{} ({}): {:?}", report.event, event.at, event.kind)
                    })
                });
            }
        }
        for held in comparison.claims.iter().filter(|held| !held.confirmed) {
            let claim = &held.claim;
            let row = self.rows.entry(claim.what.fact()).or_default();
            row.invented += 1;
            row.invented_by_norm += u64::from(story.weakness.is_none());
            keep(&mut self.invented, claim.what.fact(), seed, || {
                format!("{} ({}): {:?}", claim.seen, claim.at, claim.what)
            });
        }
    }

    /// Adds the counts of another table.
    pub fn add_all(&mut self, other: &Self) {
        for (fact, more) in &other.rows {
            let row = self.rows.entry(*fact).or_default();
            row.reported += more.reported;
            row.seen += more.seen;
            row.invented += more.invented;
            row.invented_by_norm += more.invented_by_norm;
            for (reason, count) in &more.missed {
                *row.missed.entry(*reason).or_default() += count;
            }
        }
        for (fact, example) in &other.invented {
            keep(&mut self.invented, *fact, example.seed, || example.says.clone());
        }
        for (fact, example) in &other.unexplained {
            keep(&mut self.unexplained, *fact, example.seed, || example.says.clone());
        }
    }

    /// Number of claims that no report confirms, in stories without a weakness.
    pub fn invented_by_norm(&self) -> u64 {
        self.rows.values().map(|row| row.invented_by_norm).sum()
    }
}

/// Keeps the example with the lowest seed.
fn keep(examples: &mut BTreeMap<Fact, Example>, fact: Fact, seed: u64, says: impl FnOnce() -> String) {
    if examples.get(&fact).is_none_or(|known| seed < known.seed) {
        examples.insert(fact, Example { seed, says: says() });
    }
}
