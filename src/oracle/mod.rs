//! Invariants of account recovery, judged from the trace, the story and the norm alone.
//!
//! An oracle imports no machine and trusts none: it asks what people, mail provider and phone
//! company did, by the causes of events, and holds against that what the service claims. It judges
//! by the *norm* ("outside the norm") and by the policy's own promise ("broke its own policy"):
//! judging by the policy alone would bless every weakness.

mod access;
mod authenticators;
mod budgets;
mod by_id;
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

pub use self::reading::Notes;
pub use self::reading::Reading;
use self::rule::Objection;
pub use self::rule::Rule;
use crate::event::Trace;
use crate::id::EventId;
use crate::policy::Norm;
use crate::story::Role;
use crate::story::Story;
use crate::time::Time;

/// One invariant.
#[derive(Clone, Copy, Debug)]
pub struct Oracle {
    /// Its name, as findings and `--json` reports say it.
    pub id: &'static str,
    /// What must hold.
    pub sentence: &'static str,
    /// Where that is asked for: sections of standards, with ids that `lostkey explain` answers.
    pub source: &'static str,
    /// What it judges by.
    pub evidence: Evidence,
    /// What it objects to.
    pub rules: &'static [Rule],
    judge: fn(&Reading<'_>, &mut Vec<Finding>),
}

/// What an oracle needs to know of a service, at the least.
///
/// The reference service reports all that it does, and oracles judge it by its reports. Of another
/// service there are no reports: an oracle can judge it by what is observed, or by what a witness
/// concludes from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// What people saw and did, and what providers carried.
    Observed,
    /// What a witness can conclude from that: an action, then the page that only its success leads to.
    Witnessed,
    /// What the service reports of itself.
    Reported,
}

impl Evidence {
    /// All of them, from the outside in.
    pub const ALL: &[Self] = &[Self::Observed, Self::Witnessed, Self::Reported];

    /// What it is, in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Observed => "what people saw and did, and what providers carried",
            Self::Witnessed => "what a witness can conclude from what was observed",
            Self::Reported => "what the service reports of itself; a foreign service cannot be judged by it",
        }
    }

    /// As a report says it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Witnessed => "witnessed",
            Self::Reported => "reported",
        }
    }
}

/// By what a finding judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The policy allows it, and the norm does not.
    OutsideNorm,
    /// The policy itself promises that it does not happen.
    BrokePolicy,
}

impl Verdict {
    /// As a report says it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OutsideNorm => "outside the norm",
            Self::BrokePolicy => "broke its own policy",
        }
    }
}

/// One oracle's complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which oracle.
    pub oracle: &'static str,
    /// Which of its rules, by the id of both: for example `single-use/link-twice`.
    pub rule: &'static str,
    /// By what it judges.
    pub verdict: Verdict,
    /// Whose act it is about, where an owner's and a stranger's are different causes.
    pub who: Option<Role>,
    /// What else tells two causes of one rule apart.
    pub detail: Option<String>,
    /// When.
    pub at: Time,
    /// The decisive event; its causes lead back to what began it. `None` when the complaint is
    /// that something never happened.
    pub event: Option<EventId>,
    /// What is wrong, in a sentence with names.
    pub says: String,
}

impl Finding {
    fn new(objection: Objection, verdict: Verdict, at: Time, event: Option<EventId>) -> Self {
        let Objection { rule, who, detail, says } = objection;
        Self { oracle: rule.oracle, rule: rule.id, verdict, who, detail, at, event, says }
    }

    /// What findings of one cause have in common: the rule, the verdict, and what tells causes of one
    /// rule apart. It has no names and no numbers of a run.
    pub fn cause(&self) -> String {
        rule::cause(self.rule, self.verdict, self.who, self.detail.as_deref())
    }
}

/// All oracles, in the order in which they are listed.
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
];

/// Judges a trace by all oracles; findings in the order of their oracles, then of their times.
pub fn judge(trace: &Trace, story: &Story, norm: &Norm) -> Vec<Finding> {
    judge_with(&mut Notes::default(), trace, story, norm)
}

/// The same, in the memory of an earlier judgement.
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

/// Judges a trace by all oracles, each of which walks along all events.
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
