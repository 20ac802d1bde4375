//! Conclusions from providers: emails, calls and tickets of the service, and the sentences in calls.

use crate::base::id::{AccountId, AddressId, CallId, EventId};
use crate::base::number::Number;
use crate::event::{Actor, Event, EventKind, MailKind, Refusal, Said, WebhookKind};
use crate::witness::Witness;
use crate::witness::browser::jar_of;
use crate::witness::claim::{Claim, ClaimKind};

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Call {
    account: Option<AccountId>,
    /// The gathered digits that await a verdict.
    gathered: Option<EventId>,
    /// The digits for which a document has arrived; its first sentence is the verdict.
    judged: Option<EventId>,
}

impl Witness<'_> {
    /// An email was handed to the mail provider.
    pub(super) fn mail(&mut self, seen: EventId, event: &Event) {
        let (to, kind): (AddressId, Option<MailKind>) = match event.kind {
            EventKind::MailTaken { to, kind, .. } => (to, kind),
            EventKind::MailRefused { to, .. } | EventKind::MailCut { to, .. } => (to, None),
            _ => return,
        };
        let (asked, entered) = self.asked(seen);
        // An address can be on file for several accounts; then the browser of the request tells.
        let on_file = self.story.accounts_of_address(to);
        let account = on_file.only().or_else(|| entered.filter(|account| on_file.has(*account)));
        self.claims.push(Claim {
            at: event.at,
            seen,
            asked,
            account,
            what: ClaimKind::MailOrdered { to, kind },
        });
    }

    /// A call was ordered, or an existing call made progress.
    pub(super) fn phone(&mut self, seen: EventId, event: &Event) {
        match event.kind {
            EventKind::CallTaken { call, number } => self.call_ordered(seen, event, number, Some(call)),
            EventKind::CallUnclear { number, placed } => self.call_ordered(seen, event, number, placed),
            EventKind::CallRefused { number, .. } => self.call_ordered(seen, event, number, None),
            EventKind::Gathered { call, .. } => {
                let call = self.calls.entry(call).or_default();
                (call.gathered, call.judged) = (Some(seen), None);
            }
            EventKind::DocumentFetched { call, webhook } => {
                let call = self.calls.entry(call).or_default();
                let judged = call.gathered.take().filter(|_| webhook == WebhookKind::Action);
                call.judged = judged;
            }
            EventKind::Spoke { call, said } => self.spoke(seen, event, call, said),
            _ => {}
        }
    }

    fn call_ordered(&mut self, seen: EventId, event: &Event, number: Number, call: Option<CallId>) {
        let (asked, account) = self.asked(seen);
        if let Some(call) = call {
            self.calls.insert(call, Call { account, ..Call::default() });
        }
        let what = ClaimKind::CallOrdered { number, call };
        self.claims.push(Claim { at: event.at, seen, asked, account, what });
    }

    /// The first sentence after digits were gathered tells whether they were correct.
    fn spoke(&mut self, seen: EventId, event: &Event, call: CallId, said: Said) {
        let Some(known) = self.calls.get_mut(&call) else { return };
        let (asked, account) = (known.judged.take(), known.account);
        let call = Some(call);
        let what = match said {
            Said::Verified => ClaimKind::CodeAccepted { call },
            Said::WrongCode => ClaimKind::CodeRefused { call, why: Some(Refusal::Wrong) },
            Said::CouldNot => ClaimKind::CodeRefused { call, why: None },
            Said::KeyInTheCode
            | Said::KeyInACode
            | Said::NoInput
            | Said::TheCode
            | Said::ApplicationError
            | Said::SomethingElse => return,
        };
        if asked.is_some() {
            self.claims.push(Claim { at: event.at, seen, asked, account, what });
        }
    }

    /// The reference support desk: an agent had MFA reset.
    pub(super) fn desk(&mut self, seen: EventId, event: &Event) {
        if let EventKind::TicketClosed { ticket, reset: true } = event.kind {
            let what = ClaimKind::FactorsReset { ticket };
            self.claims.push(Claim { at: event.at, seen, asked: None, account: None, what });
        }
    }

    /// The person's request that led to this event, and the account entered in its browser.
    fn asked(&self, event: EventId) -> (Option<EventId>, Option<AccountId>) {
        let request = self.trace.causes(event).find_map(|(id, event)| match (event.by, event.kind) {
            (Actor::Person(_), EventKind::Requested { browser, .. }) => Some((id, browser)),
            _ => None,
        });
        let Some((asked, browser)) = request else { return (None, None) };
        (Some(asked), self.jars.get(&jar_of(browser)).and_then(|jar| jar.account()))
    }
}
