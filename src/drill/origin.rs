//! What a finding goes back to: the story that was drawn from, the account, and who acted.
//!
//! Neither seeds nor sentences change it, so that a baseline recognizes a finding that it has seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::id::AccountId;
use crate::drill::Found;
use crate::oracle::Finding;
use crate::story::{Acceptance, Role, Story};

/// The origin of a finding, for example `lost-device: ana, by a stranger`.
pub fn origin(finding: &Finding, story: &Story) -> String {
    let name = |account: AccountId| story.accounts.get(account.index()).map(|account| account.name.as_str());
    let account = finding.account.and_then(name).unwrap_or("no account");
    let who = match finding.who {
        Some(Role::Owner) => ", by the owner",
        Some(Role::Stranger) => ", by a stranger",
        None => "",
    };
    format!("{}: {account}{who}", story.name)
}

/// The runs in which a cause goes back to one origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The lowest seed.
    pub seed: u64,
    /// The number of runs.
    pub count: u64,
    /// The message of the run with the lowest seed.
    pub says: String,
}

impl Origin {
    /// Adds the runs of another part of the drill.
    pub(super) fn add(&mut self, other: Self) {
        let count = self.count.saturating_add(other.count);
        if other.seed < self.seed {
            *self = other;
        }
        self.count = count;
    }
}

/// An acceptance of a base story, and the findings that it covers. Whether it still holds is for the command to
/// say, which knows the day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The base story.
    pub story: String,
    /// The rule, and the account if the acceptance names one.
    pub what: String,
    /// The reason.
    pub because: String,
    /// The last day on which it holds: `2027-01-01`.
    pub until: String,
    /// The number of runs that it covers findings of.
    pub runs: u64,
    /// The findings, by cause.
    pub findings: BTreeMap<String, Found>,
}

impl Accepted {
    /// An acceptance of this story, which covers nothing yet.
    pub(super) fn of(story: &Story, acceptance: &Acceptance) -> Self {
        Self {
            story: story.name.clone(),
            what: story.accepted(acceptance),
            because: acceptance.because.clone(),
            until: acceptance.until.to_string(),
            runs: 0,
            findings: BTreeMap::new(),
        }
    }

    /// The key in a tally.
    pub(super) fn key(&self) -> String {
        format!("{}: {} until {}", self.story, self.what, self.until)
    }
}
