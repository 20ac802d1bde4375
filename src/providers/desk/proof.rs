//! The identity check: whom an agent believes.
//!
//! To prove one's identity is not enough: it must be that of the owner of the account that the ticket is
//! about (NIST SP 800-63B-4 section 4.2; OWASP ASVS 6.4.4). A phone can be shared, so the person who answers
//! may well be another.

use crate::base::id::{AccountId, TicketId};
use crate::base::later_password::LaterPassword;
use crate::base::time::Time;
use crate::event::{EventKind, Problem};
use crate::message::TicketForm;
use crate::policy::{ReportedIntrusion, SupportProof};
use crate::providers::desk::{Card, Output, State, SupportDesk};

impl SupportDesk {
    pub(super) fn on_taken(&mut self, now: Time, ticket: TicketId) {
        if !self.is_in(ticket, State::Calling) {
            return;
        }
        let checks_for = self.habits.checks_for;
        let asks = match self.proof {
            SupportProof::CallBackAndIdentity | SupportProof::CallBackAndAnyIdentity => true,
            SupportProof::CallBackOnly | SupportProof::PersonalData | SupportProof::Nothing => false,
        };
        let entry = self.at(ticket);
        entry.state = if asks { State::Asking } else { State::Checking };
        entry.due = Some(now + checks_for);
        if asks {
            self.outputs.push(Output::Asks(ticket));
        }
    }

    /// Accepts anyone who answers the call, if the policy requires no more.
    pub(super) fn checked(&mut self, ticket: TicketId) {
        self.fact(EventKind::IdentityChecked { ticket, passed: true });
        self.request_reset(ticket);
    }

    pub(super) fn on_proved(&mut self, now: Time, ticket: TicketId, identity: Option<AccountId>) {
        if !self.is_in(ticket, State::Asking) {
            return;
        }
        let proof = self.is_proof(ticket, identity);
        let another = identity.is_some() && identity != self.at(ticket).account;
        if self.at(ticket).papers.is_some() {
            // Documents are checked once all are in, so only store the result.
            self.at(ticket).papers = Some(proof);
        } else if another && !proof {
            // Somebody else answered a shared phone: the owner was not reached, and is called again.
            self.fact(EventKind::IdentityChecked { ticket, passed: false });
            self.call_later(now, ticket);
        } else {
            self.believe(now, ticket, proof);
        }
    }

    /// Whether the identity of this account's owner, or of nobody, is a proof for the ticket.
    fn is_proof(&mut self, ticket: TicketId, identity: Option<AccountId>) -> bool {
        match self.proof {
            SupportProof::CallBackAndAnyIdentity => identity.is_some(),
            SupportProof::CallBackAndIdentity
            | SupportProof::CallBackOnly
            | SupportProof::PersonalData
            | SupportProof::Nothing => identity.is_some() && identity == self.at(ticket).account,
        }
    }

    /// The time for answers or documents is over.
    pub(super) fn asked_long_enough(&mut self, now: Time, ticket: TicketId) {
        match self.at(ticket).papers {
            Some(proof) => self.believe(now, ticket, proof),
            None => self.close(now, ticket, false),
        }
    }

    fn believe(&mut self, now: Time, ticket: TicketId, proof: bool) {
        self.fact(EventKind::IdentityChecked { ticket, passed: proof });
        if proof { self.request_reset(ticket) } else { self.close(now, ticket, false) }
    }

    /// The password that the owner gets after an intrusion: somebody else may know the old one, or may have changed
    /// it (NIST SP 800-63B-4 section 3.1.1.2). It opens the account for a new password only.
    pub(super) fn one_time_password(&mut self, ticket: TicketId) -> Option<LaterPassword> {
        let given = match self.reported_intrusion {
            ReportedIntrusion::NeedsNewPassword => self.at(ticket).form.problem == Problem::NotMe,
            ReportedIntrusion::KeepsPassword => false,
        };
        given.then(|| LaterPassword::of_ticket(ticket))
    }
}

/// Whether the form agrees with the card, which it also does for a stranger with the owner's data.
pub(super) fn matches_card(card: &Card, form: &TicketForm) -> bool {
    card.emails.contains(&form.email)
        && card.full_name == form.full_name
        && (card.phone.is_none() || card.phone == form.phone)
}
