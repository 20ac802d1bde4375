//! A set of accounts: an address, a number or a message can be of several.

use crate::base::id::AccountId;

/// A set of accounts of one story, which has at most 16. Further accounts are in no set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountSet(u16);

impl AccountSet {
    /// No account.
    pub const NONE: Self = Self(0);

    /// One account.
    pub const fn one(account: AccountId) -> Self {
        Self(bit(account))
    }

    /// The set with one more account.
    #[must_use]
    pub const fn with(self, account: AccountId) -> Self {
        Self(self.0 | bit(account))
    }

    /// Whether the set has this account.
    pub const fn has(self, account: AccountId) -> bool {
        self.0 & bit(account) != 0
    }

    /// Whether both sets have an account in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The account, if the set has exactly one.
    pub const fn only(self) -> Option<AccountId> {
        if self.0.count_ones() == 1 { Some(AccountId(self.0.trailing_zeros() as u16)) } else { None }
    }
}

impl FromIterator<AccountId> for AccountSet {
    fn from_iter<I: IntoIterator<Item = AccountId>>(accounts: I) -> Self {
        accounts.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Option<AccountId>> for AccountSet {
    fn from(account: Option<AccountId>) -> Self {
        account.map_or(Self::NONE, Self::one)
    }
}

const fn bit(account: AccountId) -> u16 {
    match 1_u16.checked_shl(account.0 as u32) {
        Some(bit) => bit,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in_and_only_one_account_is_the_only_one() {
        let [ana, ben, last, beyond] = [0, 1, 15, 16].map(AccountId);
        let both: AccountSet = [ana, last].into_iter().collect();
        assert!(both.has(ana) && both.has(last) && !both.has(ben) && !both.has(beyond));
        assert_eq!(
            (both.only(), AccountSet::one(last).only(), AccountSet::NONE.only()),
            (None, Some(last), None)
        );
        assert!(both.meets(AccountSet::one(ana)) && !both.meets(AccountSet::one(ben)));
        assert!(!both.meets(AccountSet::NONE));
        assert_eq!(
            (AccountSet::from(Some(ben)).only(), AccountSet::from(None)),
            (Some(ben), AccountSet::NONE)
        );
    }
}
