//! Changes with a copied session cookie: no service can tell the copy from the cookie, so it has to ask for the
//! factors again (OWASP ASVS 7.5.1).

use super::{CHANGE_BY_COPY, Judge, did};
use crate::base::id::{AccountId, EventId};
use crate::oracle::Rule;
use crate::oracle::access::proofs::Proofs;
use crate::oracle::rule::Objection;
use crate::story::Role;

impl Judge<'_, '_> {
    /// The change of a session was asked for by somebody else than who had signed it in, long after the sign-in.
    /// Nobody is accused of a change in a session of their own.
    pub(super) fn by_copy(
        &self,
        id: EventId,
        account: AccountId,
        proofs: Proofs,
        rule: Rule,
    ) -> Option<Objection> {
        let reading = self.reading;
        let (asked, (by, at)) = (reading.asked(id)?, proofs.signed_in?);
        let age = asked.at.since(at);
        let is_stranger = reading.role(asked.person) == Some(Role::Stranger);
        if asked.person == by || !is_stranger || age <= reading.norm.changes_within {
            return None;
        }
        let (thief, did, owner) = (reading.name(asked.person), did(rule), reading.account(account));
        let says = format!(
            "{thief} {did} {owner} with a copied session cookie, {age} after the sign-in and without a new one"
        );
        let enough = format!(
            "the service had to ask {thief} to sign in again: a cookie can be copied, the factors cannot"
        );
        Some(CHANGE_BY_COPY.says(says).of(Some(Role::Stranger)).with(did).noting(vec![enough]))
    }
}
