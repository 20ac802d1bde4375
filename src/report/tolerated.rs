//! Findings that are no failures: accepted by their story, or known from before.

use std::fmt;

use jiff::civil::Date;

use crate::oracle::Finding;

/// A finding that is told, but is no failure.
#[derive(Clone, Debug)]
pub struct Tolerated {
    /// The finding.
    pub finding: Finding,
    /// Why it is no failure.
    pub why: Why,
}

/// Why a finding is no failure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The story accepts it.
    Accepted {
        /// The rule, and the account if the acceptance names one.
        what: String,
        /// The reason.
        because: String,
        /// The last day on which it is accepted.
        until: Date,
    },
    /// The baseline has it.
    Known,
}

impl fmt::Display for Tolerated {
    /// On one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = &self.finding.says;
        match &self.why {
            Why::Accepted { what, because, until } => {
                write!(f, "accepted until {until}: {what}: {says} (because: {because})")
            }
            Why::Known => write!(f, "known, in the baseline: {}: {says}", self.finding.rule),
        }
    }
}
