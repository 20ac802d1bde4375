//! Decides whether a report confirms a claim: same fact, same object, same request.

use crate::base::id::EventId;
use crate::event::EventKind;
use crate::witness::claim::{Claim, ClaimKind};
use crate::witness::comparison::ledger::Ledger;

/// Whether two values are equal, or at least one of them is unknown.
fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

impl Ledger<'_> {
    /// Whether the report confirms `claim`.
    pub(super) fn bears_out(&self, report: EventId, claim: &Claim) -> bool {
        let Some(event) = self.trace.get(report) else { return false };
        match claim.what {
            ClaimKind::SignedIn { way: None } => self.found_signed_in(report, &event.kind, claim),
            ClaimKind::SessionEnded { browser } => {
                let had = self.had_before(browser, claim.seen);
                matches!(event.kind, EventKind::SessionEnded { session, .. } if Some(session) == had)
                    && report < claim.seen
            }
            ClaimKind::FactorsReset { ticket } => {
                matches!(event.kind, EventKind::FactorsReset { ticket: of, .. } if of == ticket)
            }
            ClaimKind::MailOrdered { to, kind } => {
                let ordered = self.order_behind(claim.seen).is_some_and(|(order, _)| order == report);
                let same = matches!(event.kind, EventKind::MailOrdered { to: of, kind: what, .. }
                    if of == to && agree(kind, Some(what)));
                ordered && same
            }
            ClaimKind::CallOrdered { number, .. } => {
                let ordered = self.order_behind(claim.seen).is_some_and(|(order, _)| order == report);
                ordered && matches!(event.kind, EventKind::CallOrdered { number: of, .. } if of == number)
            }
            _ => {
                claim.asked.is_some()
                    && self.made_for(report) == claim.asked
                    && self.is_same(&event.kind, claim)
            }
        }
    }

    /// A browser turned out to be signed in; a report confirms this if its session is signed in, at any
    /// earlier time.
    fn found_signed_in(&self, report: EventId, kind: &EventKind, claim: &Claim) -> bool {
        let &EventKind::SignedIn { session, account, .. } = kind else { return false };
        let browser = claim.asked.and_then(|asked| self.browser_of(asked));
        let held = browser.and_then(|browser| self.held_after(browser, claim.seen));
        let own = Some(session) == held || self.made_for(report) == claim.asked;
        own && report < claim.seen && agree(claim.account, Some(account))
    }

    /// Whether both state the same fact about the same account, device, step, link or code.
    fn is_same(&self, report: &EventKind, claim: &Claim) -> bool {
        let of = |account| agree(claim.account, Some(account));
        match (claim.what, *report) {
            (ClaimKind::PasswordAccepted, EventKind::PasswordAccepted { account, .. }) => of(account),
            (ClaimKind::PasswordRefused { why }, EventKind::PasswordRefused { account, why: said }) => {
                agree(claim.account, account) && why == said
            }
            (ClaimKind::MfaAccepted { code }, EventKind::MfaAccepted { account, device, step, .. }) => {
                of(account) && code.is_none_or(|code| code == (device, step))
            }
            (ClaimKind::MfaRefused { why }, EventKind::MfaRefused { account, why: said, .. })
            | (ClaimKind::ResyncRefused { why }, EventKind::ResyncRefused { account, why: said, .. })
            | (ClaimKind::AssignRefused { why }, EventKind::AssignRefused { account, why: said, .. }) => {
                of(account) && why == said
            }
            (ClaimKind::SignedIn { way }, EventKind::SignedIn { account, way: said, .. }) => {
                of(account) && agree(way, Some(said))
            }
            (ClaimKind::LinkConfirmed { mail }, EventKind::LinkConfirmed { link, .. }) => {
                agree(mail.and_then(|mail| self.links.get(&mail)), Some(&link))
            }
            (ClaimKind::LinkRefused { mail, why }, EventKind::LinkRefused { link, why: said }) => {
                agree(mail.and_then(|mail| self.links.get(&mail)), link.as_ref()) && agree(why, Some(said))
            }
            (ClaimKind::Resynced { device }, EventKind::Resynced { account, device: said, .. })
            | (
                ClaimKind::DeviceAssigned { device },
                EventKind::DeviceAssigned { account, device: said, .. },
            ) => of(account) && agree(device, Some(said)),
            (ClaimKind::DeviceDeactivated, EventKind::DeviceDeactivated { account, .. })
            | (ClaimKind::PhoneChanged, EventKind::PhoneChanged { account, .. })
            | (ClaimKind::PasswordChanged, EventKind::PasswordChanged { account, .. }) => of(account),
            (ClaimKind::CodeAccepted { call }, EventKind::CodeAccepted { account, code, .. }) => {
                of(account) && agree(call.and_then(|call| self.codes.get(&call)), Some(&code))
            }
            (ClaimKind::CodeRefused { call, why }, EventKind::CodeRefused { code, why: said }) => {
                agree(call.and_then(|call| self.codes.get(&call)), code.as_ref()) && agree(why, Some(said))
            }
            (ClaimKind::SessionOpened { .. }, EventKind::SessionOpened { from, .. }) => from.is_some(),
            _ => false,
        }
    }
}
