//! Phone lines: who is on which call of the phone company or of the desk, and what calls have posted.

use crate::crossing::Webhook;
use crate::event::WebhookKind;
use crate::id::AccountId;
use crate::id::CallId;
use crate::id::EventId;
use crate::id::PersonId;
use crate::id::TicketId;
use crate::number::Number;

/// How many requests of calls are remembered for those who replay them.
const WEBHOOKS_KEPT: usize = 32;

/// All lines of a world.
#[derive(Debug, Default)]
pub(super) struct Lines {
    calls: Vec<PhoneLine>,
    tickets: Vec<DeskLine>,
    /// The last requests that calls made, newest last, and whose account they were about.
    webhooks: Vec<(Option<AccountId>, Webhook)>,
}

/// Who is on which telephone line.
#[derive(Clone, Copy, Debug)]
pub(super) struct PhoneLine {
    pub(super) number: Number,
    pub(super) taken_by: Option<PersonId>,
}

/// Who wrote a ticket, and who took the desk's call about it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DeskLine {
    pub(super) number: Option<Number>,
    pub(super) writer: Option<PersonId>,
    pub(super) taken_by: Option<PersonId>,
    /// What led to the same request once more.
    pub(super) asked_again: Option<EventId>,
}

impl Lines {
    pub(super) fn clear(&mut self) {
        self.calls.clear();
        self.tickets.clear();
        self.webhooks.clear();
    }

    /// The phone company took an order: the next call has a line.
    pub(super) fn open_call(&mut self, number: Number) {
        self.calls.push(PhoneLine { number, taken_by: None });
    }

    pub(super) fn call(&self, call: CallId) -> Option<PhoneLine> {
        self.calls.get(call.index()).copied()
    }

    /// `who` picks up; gives the number unless somebody else was faster.
    pub(super) fn pick_up(&mut self, call: CallId, who: PersonId) -> Option<Number> {
        let line = self.calls.get_mut(call.index()).filter(|line| line.taken_by.is_none())?;
        line.taken_by = Some(who);
        Some(line.number)
    }

    /// The desk took a ticket: the next ticket has a line.
    pub(super) fn open_ticket(&mut self, writer: Option<PersonId>) {
        self.tickets.push(DeskLine { writer, ..DeskLine::default() });
    }

    pub(super) fn ticket(&mut self, ticket: TicketId) -> &mut DeskLine {
        &mut self.tickets[ticket.index()]
    }

    /// Keeps what a call posted, for somebody who posts it again.
    pub(super) fn remember(&mut self, account: Option<AccountId>, webhook: Webhook) {
        if self.webhooks.len() == WEBHOOKS_KEPT {
            self.webhooks.remove(0);
        }
        self.webhooks.push((account, webhook));
    }

    /// The last request about `account` that a call made, of this kind or of any.
    pub(super) fn last_webhook(&self, account: AccountId, kind: Option<WebhookKind>) -> Option<Webhook> {
        let mut sent = self.webhooks.iter().rev();
        let found = sent.find(|(of, webhook)| {
            *of == Some(account) && kind.is_none_or(|kind| webhook.body.kind() == kind)
        });
        found.map(|(_, webhook)| *webhook)
    }

    pub(super) const fn has_called(&self) -> bool {
        !self.webhooks.is_empty()
    }
}
