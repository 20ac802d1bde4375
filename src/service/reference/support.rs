//! Page 10 and the support desk's API: sends tickets and receives reset requests.

use crate::base::id::{AccountId, AddressId};
use crate::base::number::Number;
use crate::base::secret::Digest;
use crate::base::time::Time;
use crate::event::{Control, EventKind, MailKind, Notice, PageName, Problem, Refusal};
use crate::message::{Authenticity, ResetReply, ResetRequest, TicketForm};
use crate::policy::{ReportedIntrusion, SessionsAtReset, SupportForm, TicketNumber};
use crate::service::reference::Recovery;
use crate::service::reference::page::View;
use crate::service::reference::session::Visit;
use crate::service::reference::store::{AuthState, OutboxItem};

impl Recovery {
    /// Handles the support form. It needs no sign-in unless the policy is weak, and its answer does not
    /// reveal whether the account exists.
    pub(super) fn submit_ticket(&mut self, now: Time, visit: &Visit, form: TicketForm) -> View {
        if !self.may_ask_support(visit) {
            return self.too_early(visit, Control::SubmitTicket);
        }
        if let Some(missing) = missing(&form) {
            self.fact(EventKind::RequestRefused { action: Control::SubmitTicket, why: Refusal::Wrong });
            return (PageName::ContactSupport, Some(missing));
        }
        if let Some(account) = self.durable.account_of_form(&form) {
            self.durable.accounts[account.index()].typed_number = form.phone;
            if let (TicketNumber::GoesOnFile, Problem::PhoneChanged, Some(number)) =
                (self.policy.ticket_number, form.problem, form.phone)
            {
                self.put_on_file(now, account, number);
            }
        }
        self.order(now, OutboxItem::Ticket(form));
        (PageName::ContactSupport, Some(Notice::TicketFiled))
    }

    /// Puts the number from a support form on file, for policies that trust it.
    fn put_on_file(&mut self, now: Time, account: AccountId, number: Number) {
        let record = &mut self.durable.accounts[account.index()];
        if record.phone == Some(number) || !number.is_e164() {
            return;
        }
        record.phone = Some(number);
        self.fact(EventKind::PhoneChanged { account, number, session: None });
        self.factor_changed(account, None);
        self.notify(now, account, MailKind::ContactNotice);
    }

    /// Whether this session may use the support form.
    pub(super) fn may_ask_support(&self, visit: &Visit) -> bool {
        let signed_in = matches!(self.session(visit.session).standing, AuthState::SignedIn(..));
        match self.policy.support_form {
            SupportForm::Open => true,
            SupportForm::BehindSignIn => signed_in,
        }
    }

    /// Handles a reset request: turns MFA off, ends everything that was begun, and notifies the owner.
    pub(super) fn on_reset(&mut self, now: Time, request: ResetRequest) -> ResetReply {
        let ticket = request.ticket;
        if request.credential != Authenticity::Valid {
            self.fact(EventKind::ResetRefused { ticket, why: Refusal::NotProven });
            return ResetReply::Refused;
        }
        let Some(account) = self.durable.account_by_number(request.account_number) else {
            self.fact(EventKind::ResetRefused { ticket, why: Refusal::Unknown });
            return ResetReply::Unknown;
        };
        // The desk retries when an answer is lost, so apply each ticket once.
        if !self.durable.resets.contains(&ticket) {
            self.durable.resets.push(ticket);
            self.fact(EventKind::FactorsReset { account, ticket });
            self.remove_all_devices(now, account, None);
            self.void_older(account);
            if self.policy.sessions_at_reset == SessionsAtReset::End {
                self.end_other_sessions(account, None);
            }
            // The owner was proven, so guesses of others count no more.
            let user = self.durable.accounts[account.index()].user;
            self.password_counts(user).clear();
            let record = &mut self.durable.accounts[account.index()];
            record.phone_codes.clear();
            record.shut = false;
            let not_me = request.problem == Problem::NotMe;
            let needs_new = not_me && self.policy.reported_intrusion == ReportedIntrusion::NeedsNewPassword;
            record.needs_new_password |= needs_new;
            if let Some(password) = request.password.filter(|_| needs_new) {
                self.replace_password(account, password);
                self.fact(EventKind::OneTimePasswordSet { account, ticket });
            }
            self.notify(now, account, MailKind::ResetNotice);
        }
        ResetReply::Done
    }
}

/// The first required field of a support form that was left empty.
fn missing(form: &TicketForm) -> Option<Notice> {
    let fields = [
        (form.email == AddressId::NONE, Notice::NeedsEmail),
        (form.account_number == 0, Notice::NeedsAccountNumber),
        (form.full_name == Digest::of(""), Notice::NeedsName),
    ];
    fields.into_iter().find(|(is_missing, _)| *is_missing).map(|(_, notice)| notice)
}
