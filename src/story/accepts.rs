//! Findings that a team has decided to live with, for a while.

use jiff::civil::Date;

use crate::base::id::AccountId;
use crate::story::Story;

/// An accepted finding: one rule, for one account or for all, with a reason and a last day.
///
/// Oracles know nothing of it, and neither does a world. Whoever judges compares [`until`](Self::until) with the
/// day on which it judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The id of the rule, for example `single-use/link-twice`.
    pub rule: String,
    /// The account whose findings are accepted; `None` for those of all accounts.
    pub account: Option<AccountId>,
    /// The reason.
    pub because: String,
    /// The last day on which the acceptance holds.
    pub until: Date,
}

impl Story {
    /// The index of the acceptance of a finding by this rule, about this account. A finding that is about no
    /// known account is accepted only for all accounts. Of several acceptances, the one that holds longest.
    pub fn acceptance(&self, rule: &str, account: Option<AccountId>) -> Option<usize> {
        let accepts = |(_, one): &(usize, &Acceptance)| {
            one.rule == rule && (one.account.is_none() || one.account == account)
        };
        let all = self.accepts.iter().enumerate().filter(accepts);
        all.max_by_key(|(at, one)| (one.until, std::cmp::Reverse(*at))).map(|(at, _)| at)
    }

    /// What an acceptance accepts, in words: `single-use/link-twice of ana`.
    pub fn accepted(&self, acceptance: &Acceptance) -> String {
        let account = acceptance.account.and_then(|account| self.accounts.get(account.index()));
        match account {
            Some(account) => format!("{} of {}", acceptance.rule, account.name),
            None => acceptance.rule.clone(),
        }
    }
}
