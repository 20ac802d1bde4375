//! The transactional outbox for emails, phone calls and tickets: record, send, mark as sent.
//!
//! An entry is recorded together with the change it reports. Emails and tickets are sent at least once: a
//! crash between sending and marking sends them again. Calls are ordered at most once, because a phone
//! that rings twice confuses its owner, who can request another call (P19).

use crate::base::id::{AccountId, CodeId, OutboxId};
use crate::base::rng::Rng;
use crate::base::time::{Span, Time};
use crate::event::{EventKind, MailKind, Refusal};
use crate::message::{Answer, CallReply, Crossing, Mail, MailReply, TicketReply};
use crate::policy::{CallRetry, Kept, Notify, ProviderFailure};
use crate::service::reference::Recovery;
use crate::service::reference::store::{Entry, EntryState, OutboxItem};

/// Delays between tries to send an email or a ticket; the last one repeats. RFC 5321 section 4.5.4.1
/// suggests the shape: soon at first, then half-hourly.
const RETRY_AFTER: [Span; 4] =
    [Span::from_mins(1), Span::from_mins(5), Span::from_mins(15), Span::from_mins(30)];

/// How often an email or a ticket is tried before it is dropped: more than a day in total.
const TRIES_MAX: u8 = 60;

/// How often a call is ordered again with a new code, if the policy retries calls.
const CALL_RETRIES_MAX: u8 = 2;

impl Recovery {
    /// Records an outbox entry, due now.
    pub(super) fn order(&mut self, now: Time, what: OutboxItem) {
        let outbox = OutboxId(u32::try_from(self.durable.outbox.len()).unwrap_or(u32::MAX));
        self.durable.outbox.push(Entry { what, tries: 0, state: EntryState::Due(now) });
        self.fact(match what {
            OutboxItem::Mail { to, kind, link, .. } => EventKind::MailOrdered { outbox, kind, to, link },
            OutboxItem::Call { code, number } => EventKind::CallOrdered { outbox, number, code },
            OutboxItem::Ticket(form) => EventKind::TicketOrdered { outbox, problem: form.problem },
        });
    }

    /// Sends the owner of `account` a notice, at all addresses on file (rule 7) unless the policy is
    /// weak.
    pub(super) fn notify(&mut self, now: Time, account: AccountId, kind: MailKind) {
        let addresses = self.durable.accounts[account.index()].emails.len();
        let told = match self.policy.notify {
            Notify::AllAddresses => addresses,
            Notify::FirstAddress => addresses.min(1),
            Notify::Nobody => 0,
        };
        for at in 0..told {
            let to = self.durable.accounts[account.index()].emails[at];
            self.order(now, OutboxItem::Mail { account, to, kind, link: None });
        }
    }

    /// Passes all due entries to the stage, in order.
    pub(super) fn pump(&mut self, now: Time) {
        if !self.running {
            return;
        }
        for at in 0..self.durable.outbox.len() {
            let id = OutboxId(at as u32);
            let entry = self.durable.outbox[at];
            let due = matches!(entry.state, EntryState::Due(when) if when <= now);
            if !due || self.volatile.sending.contains(&id) {
                continue;
            }
            self.durable.outbox[at].tries = entry.tries.saturating_add(1);
            self.volatile.sending.push(id);
            self.outputs.push(super::Output::Send(id));
        }
    }

    /// The message of an outbox entry; `None` if there is no such entry.
    pub fn message(&self, id: OutboxId) -> Option<Crossing> {
        Some(match self.durable.outbox.get(id.index())?.what {
            OutboxItem::Mail { to, kind, link, .. } => {
                let link = link.map(|link| self.durable.links[link.index()].token);
                Crossing::Mail(Mail::of_service(to, kind, link))
            }
            OutboxItem::Call { code, number } => Crossing::Call(self.call_order(code, number)),
            OutboxItem::Ticket(form) => Crossing::Ticket(form),
        })
    }

    /// The account that an outbox entry is about; `None` if there is no such entry, or for a ticket about
    /// no account.
    pub fn account_of(&self, id: OutboxId) -> Option<AccountId> {
        match self.durable.outbox.get(id.index())?.what {
            OutboxItem::Mail { account, .. } => Some(account),
            OutboxItem::Call { code, .. } => Some(self.durable.codes[code.index()].account),
            OutboxItem::Ticket(form) => self.durable.account_by_number(form.account_number),
        }
    }

    /// Handles the answer to an entry that was passed to the stage.
    pub(super) fn on_sent(&mut self, now: Time, draw: &mut Rng, id: OutboxId, answer: &Answer) {
        self.volatile.sending.retain(|sending| *sending != id);
        let Some(entry) = self.durable.outbox.get(id.index()).copied() else { return };
        match entry.what {
            OutboxItem::Mail { .. } | OutboxItem::Ticket(_) => {
                self.on_mail_or_ticket(now, id, &entry, answer)
            }
            OutboxItem::Call { code, .. } => self.on_call_answer(now, draw, id, code, answer),
        }
    }

    fn on_mail_or_ticket(&mut self, now: Time, id: OutboxId, entry: &Entry, answer: &Answer) {
        let again = match answer {
            Answer::Mail(MailReply::Taken) | Answer::Ticket(TicketReply::Taken) => {
                self.mark_sent(id, entry);
                return;
            }
            Answer::Mail(MailReply::Refused { code }) => *code < 500,
            Answer::Ticket(TicketReply::Failed) | Answer::Lost(_) => true,
            Answer::Page(_) | Answer::Call(_) | Answer::Webhook(_) | Answer::Text(_) | Answer::Reset(_) => {
                false
            }
        };
        let wait = RETRY_AFTER[usize::from(entry.tries.max(1) - 1).min(RETRY_AFTER.len() - 1)];
        let again = (again && entry.tries < TRIES_MAX).then_some(now + wait);
        self.durable.outbox[id.index()].state = again.map_or(EntryState::Dropped, EntryState::Due);
        self.fact(EventKind::NotSent { outbox: id, again });
        if let (None, OutboxItem::Mail { link: Some(link), .. }) = (again, entry.what) {
            let session = self.durable.links[link.index()].session;
            // A failed older email does not matter to a user who waits for the newest.
            let newest = self.durable.links.iter().rposition(|link| link.session == session);
            if newest == Some(link.index()) {
                self.session_mut(session).mail_failed = true;
            }
        }
    }

    fn mark_sent(&mut self, id: OutboxId, entry: &Entry) {
        self.durable.outbox[id.index()].state = EntryState::Sent;
        if let OutboxItem::Mail { link: Some(link), .. } = entry.what {
            self.durable.links[link.index()].recorded = true;
        }
        self.fact(EventKind::Sent { outbox: id });
    }

    fn on_call_answer(&mut self, now: Time, draw: &mut Rng, id: OutboxId, code: CodeId, answer: &Answer) {
        match answer {
            Answer::Call(CallReply::Created { .. }) => {
                self.durable.outbox[id.index()].state = EntryState::Sent;
                self.fact(EventKind::Sent { outbox: id });
            }
            Answer::Call(CallReply::Refused { .. }) => {
                self.drop_call(id);
                let record = self.durable.codes[code.index()];
                let account = &mut self.durable.accounts[record.account.index()];
                match self.policy.provider_failure {
                    // The phone never rang, so the call does not count.
                    ProviderFailure::Nobody => account.calls.give_back(record.issued),
                    ProviderFailure::User => {
                        let policy = self.policy;
                        account.phone_codes.fail(&policy, policy.code_tries, record.issued);
                    }
                }
                self.call_failed(code);
            }
            // The phone may still ring: callbacks or the deadline will show it.
            Answer::Call(CallReply::Failed { .. }) | Answer::Lost(_) => {
                self.drop_call(id);
                match self.policy.call_retry {
                    CallRetry::Never => {}
                    CallRetry::WithNewCode => self.call_again(now, draw, code),
                }
            }
            Answer::Page(_)
            | Answer::Mail(_)
            | Answer::Webhook(_)
            | Answer::Text(_)
            | Answer::Ticket(_)
            | Answer::Reset(_) => {}
        }
    }

    /// Orders the call again with a new code, as if none had been ordered (P19).
    fn call_again(&mut self, now: Time, draw: &mut Rng, code: CodeId) {
        let before = self.durable.codes[code.index()];
        let number = self.number_to_call(before.account).filter(|_| before.retries < CALL_RETRIES_MAX);
        let Some(number) = number.filter(|_| self.is_wanted(now, before.session)) else { return };
        self.void_codes(before.account, Some(before.session), Refusal::Replaced);
        let code = self.issue_code(now, draw, before.account, before.session);
        self.durable.codes[code.index()].retries = before.retries + 1;
        self.order(now, OutboxItem::Call { code, number });
    }

    /// Drops unsent notices after a crash, if the policy keeps them in memory.
    pub(super) fn forget_notices_in_memory(&mut self) {
        if self.policy.notices_kept == Kept::Durably {
            return;
        }
        for entry in &mut self.durable.outbox {
            let notice = matches!(entry.what, OutboxItem::Mail { link: None, .. });
            if notice && matches!(entry.state, EntryState::Due(_)) {
                entry.state = EntryState::Dropped;
            }
        }
    }

    fn drop_call(&mut self, id: OutboxId) {
        self.durable.outbox[id.index()].state = EntryState::Dropped;
        self.fact(EventKind::NotSent { outbox: id, again: None });
    }

    /// Drops calls that were in flight during a crash; other unsent entries stay due.
    pub(super) fn reopen_outbox(&mut self) {
        for at in 0..self.durable.outbox.len() {
            let entry = self.durable.outbox[at];
            // A call is sent in the instant it is ordered, so one that is still due was in flight.
            let begun = matches!(entry.state, EntryState::Due(_));
            if begun && matches!(entry.what, OutboxItem::Call { .. }) {
                self.drop_call(OutboxId(at as u32));
            }
        }
    }

    pub(super) fn next_retry(&self) -> Option<Time> {
        let due = self.durable.outbox.iter().enumerate().filter_map(|(at, entry)| match entry.state {
            EntryState::Due(when) if !self.volatile.sending.contains(&OutboxId(at as u32)) => Some(when),
            EntryState::Due(_) | EntryState::Sent | EntryState::Dropped => None,
        });
        due.min()
    }
}
