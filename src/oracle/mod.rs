//! Oracles: invariants of account recovery, checked against the trace, the story and the norm alone.
//!
//! An oracle imports no machine and trusts none. It follows the causes of events back to the actions of
//! people, mail provider and phone company, and checks the service's reports against them. It applies both
//! the *norm* ("outside the norm") and the policy's own promise ("broke its own policy"): checking the policy
//! alone would accept every weakness.

mod access;
mod authenticators;
mod budgets;
mod by_id;
mod concerned;
mod copies;
mod dispatch;
mod enumeration;
mod factors;
mod good_link;
mod honest_notice;
mod lifetime;
mod lock_out;
mod notices;
mod number_called;
mod old_secret;
mod old_session;
mod order;
mod reading;
mod right_code;
mod rule;
mod session;
mod single_use;
mod support_proof;
mod way_out;
mod webhook;

#[cfg(test)]
mod tests;

use serde::Serialize;

pub use self::reading::{Notes, Reading};
use self::rule::Objection;
pub use self::rule::Rule;
use crate::base::id::{AccountId, EventId};
use crate::base::time::Time;
use crate::event::Trace;
use crate::policy::Norm;
use crate::story::{Role, Story};

/// One invariant.
#[derive(Clone, Copy, Debug)]
pub struct Oracle {
    /// The id in findings and `--json` reports.
    pub id: &'static str,
    /// What must hold.
    pub sentence: &'static str,
    /// The origin of the requirement: sections of standards, with ids that `lostkey explain` describes.
    pub source: &'static str,
    /// The evidence that it needs.
    pub evidence: Evidence,
    /// The rules that it checks.
    pub rules: &'static [Rule],
    judge: fn(&Reading<'_>, &mut Vec<Finding>),
}

/// The minimum of information about a service that an oracle needs.
///
/// The reference service reports all its actions, and oracles use these reports. Other services report
/// nothing, so an oracle can only use observations, or what a witness concludes from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// What people saw and did, and what providers carried.
    Observed,
    /// What a witness concludes from observations: an action, then the page that only its success leads to.
    Witnessed,
    /// What the service reports about itself.
    Reported,
}

impl Evidence {
    /// All kinds of evidence, from the least to the most internal.
    pub const ALL: &[Self] = &[Self::Observed, Self::Witnessed, Self::Reported];

    /// A description in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Observed => "what people saw and did, and what providers carried",
            Self::Witnessed => "what a witness can conclude from what was observed",
            Self::Reported => "what the service reports of itself; a foreign service cannot be judged by it",
        }
    }

    /// The label in reports.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Witnessed => "witnessed",
            Self::Reported => "reported",
        }
    }
}

/// The standard that a finding applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The norm forbids what the policy allows.
    OutsideNorm,
    /// The policy itself forbids it.
    BrokePolicy,
}

impl Verdict {
    /// The label in reports.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OutsideNorm => "outside the norm",
            Self::BrokePolicy => "broke its own policy",
        }
    }
}

/// One violation found by an oracle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The id of the oracle.
    pub oracle: &'static str,
    /// The id of the rule, prefixed with that of the oracle, for example `single-use/link-twice`.
    pub rule: &'static str,
    /// The standard that was violated.
    pub verdict: Verdict,
    /// The account that it is about, if the trace tells.
    pub account: Option<AccountId>,
    /// The role of the actor, if acts of an owner and of a stranger have different causes.
    pub who: Option<Role>,
    /// Further detail that distinguishes causes of one rule.
    pub detail: Option<String>,
    /// The time of the violation.
    pub at: Time,
    /// The decisive event; its causes lead back to the start. `None` if something failed to happen.
    pub event: Option<EventId>,
    /// The violation in a sentence, with names.
    pub says: String,
    /// What would have been enough, and why a proof did not count.
    pub notes: Vec<String>,
}

impl Finding {
    fn new(
        objection: Objection,
        verdict: Verdict,
        at: Time,
        event: Option<EventId>,
        account: Option<AccountId>,
    ) -> Self {
        let Objection { rule, who, detail, says, notes } = objection;
        Self { oracle: rule.oracle, rule: rule.id, verdict, account, who, detail, at, event, says, notes }
    }

    /// A key that findings with the same cause share: rule, verdict, and distinguishing details, without
    /// names or numbers of a run.
    pub fn cause(&self) -> String {
        rule::cause(self.rule, self.verdict, self.who, self.detail.as_deref())
    }
}

/// All oracles, in the order of listings.
pub const ALL: &[Oracle] = &[
    access::ORACLE,
    support_proof::ORACLE,
    order::ORACLE,
    single_use::ORACLE,
    lifetime::ORACLE,
    old_secret::ORACLE,
    budgets::ORACLE,
    number_called::ORACLE,
    webhook::ORACLE,
    session::ORACLE,
    enumeration::ORACLE,
    notices::ORACLE,
    lock_out::ORACLE,
    right_code::ORACLE,
    way_out::ORACLE,
    good_link::ORACLE,
    factors::ORACLE,
    honest_notice::ORACLE,
    old_session::ORACLE,
];

/// The oracle that a finding is of.
pub fn oracle_of(finding: &Finding) -> Option<&'static Oracle> {
    ALL.iter().find(|oracle| oracle.id == finding.oracle)
}

/// Checks a trace with all oracles. Findings are ordered by oracle, then by time.
pub fn judge(trace: &Trace, story: &Story, norm: &Norm) -> Vec<Finding> {
    judge_with(&mut Notes::default(), trace, story, norm)
}

/// Like [`judge`], but reuses the memory of `notes`.
pub fn judge_with(notes: &mut Notes, trace: &Trace, story: &Story, norm: &Norm) -> Vec<Finding> {
    let reading = Reading::new(trace, story, norm, notes);
    let mut findings = Vec::new();
    for (at, oracle) in ALL.iter().enumerate() {
        if reading.may_object(at) {
            (oracle.judge)(&reading, &mut findings);
        }
    }
    findings
}

/// Checks a trace with all oracles, without skipping any event.
#[cfg(test)]
pub(crate) fn judge_everything(trace: &Trace, story: &Story, norm: &Norm) -> Vec<Finding> {
    let mut notes = Notes::default();
    let reading = Reading::of_everything(trace, story, norm, &mut notes);
    let mut findings = Vec::new();
    for oracle in ALL {
        (oracle.judge)(&reading, &mut findings);
    }
    findings
}
