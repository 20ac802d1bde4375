//! Phone lines: the people on calls of the phone company and of the support desk, and past webhooks.

use crate::base::account_set::AccountSet;
use crate::base::id::{AccountId, CallId, EventId, PersonId, TicketId};
use crate::base::number::Number;
use crate::event::WebhookKind;
use crate::message::Webhook;
use crate::world::World;
use crate::world::hand::Hands;

/// Number of webhooks kept for replays.
const WEBHOOKS_KEPT: usize = 32;

#[derive(Debug, Default)]
pub(super) struct Lines {
    calls: Vec<PhoneLine>,
    tickets: Vec<DeskLine>,
    /// The last webhooks, newest last, with the accounts that they are about.
    webhooks: Vec<(AccountSet, Webhook)>,
    pub(super) hands: Hands,
}

/// The line of a call by the phone company.
#[derive(Clone, Copy, Debug)]
pub(super) struct PhoneLine {
    pub(super) number: Number,
    /// The accounts that the call is about: one, unless a foreign service calls a shared number.
    pub(super) about: AccountSet,
    pub(super) taken_by: Option<PersonId>,
}

/// The writer of a ticket, and the person who answered the desk's call about it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DeskLine {
    pub(super) number: Option<Number>,
    pub(super) writer: Option<PersonId>,
    /// The account that the ticket names.
    pub(super) account: Option<AccountId>,
    pub(super) taken_by: Option<PersonId>,
    /// The cause of the repeated request.
    pub(super) asked_again: Option<EventId>,
}

impl Lines {
    pub(super) fn clear(&mut self) {
        self.calls.clear();
        self.tickets.clear();
        self.webhooks.clear();
        self.hands.clear();
    }

    /// Opens the line of the next call, after the phone company accepted an order.
    pub(super) fn open_call(&mut self, number: Number, about: AccountSet) {
        self.calls.push(PhoneLine { number, about, taken_by: None });
    }

    pub(super) fn call(&self, call: CallId) -> Option<PhoneLine> {
        self.calls.get(call.index()).copied()
    }

    /// The person of the story on this call.
    pub(super) fn taken_by(&self, call: CallId) -> Option<PersonId> {
        self.call(call)?.taken_by
    }

    /// Connects `who` and returns the number, unless another person has picked up already.
    pub(super) fn pick_up(&mut self, call: CallId, who: PersonId) -> Option<Number> {
        let line = self.calls.get_mut(call.index()).filter(|line| line.taken_by.is_none())?;
        line.taken_by = Some(who);
        Some(line.number)
    }

    /// Opens the line of the next ticket, after the desk accepted it.
    pub(super) fn open_ticket(&mut self, writer: Option<PersonId>, account: Option<AccountId>) {
        self.tickets.push(DeskLine { writer, account, ..DeskLine::default() });
    }

    pub(super) fn ticket(&mut self, ticket: TicketId) -> &mut DeskLine {
        &mut self.tickets[ticket.index()]
    }

    /// Nobody is on the line about this ticket any more; returns its writer.
    pub(super) fn end_desk_call(&mut self, ticket: TicketId) -> Option<PersonId> {
        let line = self.ticket(ticket);
        line.taken_by = None;
        line.writer
    }

    /// Keeps a webhook for a possible replay.
    pub(super) fn remember(&mut self, about: AccountSet, webhook: Webhook) {
        if self.webhooks.len() == WEBHOOKS_KEPT {
            self.webhooks.remove(0);
        }
        self.webhooks.push((about, webhook));
    }

    /// The last webhook about `account`, of this kind or any.
    pub(super) fn last_webhook(&self, account: AccountId, kind: Option<WebhookKind>) -> Option<Webhook> {
        let mut sent = self.webhooks.iter().rev();
        let found = sent.find(|(about, webhook)| {
            about.has(account) && kind.is_none_or(|kind| webhook.body.kind() == kind)
        });
        found.map(|(_, webhook)| *webhook)
    }

    pub(super) const fn has_called(&self) -> bool {
        !self.webhooks.is_empty()
    }
}

impl World {
    /// The accounts that a call may be about.
    pub(super) fn accounts_of_line(&self, call: CallId) -> AccountSet {
        self.lines.call(call).map_or(AccountSet::NONE, |line| line.about)
    }
}
