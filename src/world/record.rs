//! Recording: each fact gets its time, its actor and its cause.
//!
//! A machine does not know why it was asked; the world does. While a crossing is carried, its
//! cause is what led to it. When a timer goes off, the cause is the last thing that happened to
//! what the fact is about: the call, the mail, the ticket, the session.

use crate::event::Actor;
use crate::event::Event;
use crate::event::EventKind;
use crate::id::CallId;
use crate::id::EventId;
use crate::id::OutboxId;
use crate::id::PersonId;
use crate::world::World;

/// The last event about each thing.
#[derive(Debug, Default)]
pub(super) struct Latest {
    calls: Vec<Option<EventId>>,
    mails: Vec<Option<EventId>>,
    tickets: Vec<Option<EventId>>,
    sessions: Vec<Option<EventId>>,
    outbox: Vec<Option<EventId>>,
    people: Vec<Option<EventId>>,
}

/// What an event is about.
#[derive(Clone, Copy)]
enum Subject {
    Call(usize),
    Mail(usize),
    Ticket(usize),
    Session(usize),
    Outbox(usize),
    Person(usize),
    Nothing,
}

impl Latest {
    /// Forgets everything, and keeps its memory.
    pub(super) fn clear(&mut self) {
        let lists = [&mut self.calls, &mut self.mails, &mut self.tickets, &mut self.sessions];
        for list in lists.into_iter().chain([&mut self.outbox, &mut self.people]) {
            list.clear();
        }
    }

    fn place(&mut self, subject: Subject) -> Option<&mut Option<EventId>> {
        let (list, at) = match subject {
            Subject::Call(at) => (&mut self.calls, at),
            Subject::Mail(at) => (&mut self.mails, at),
            Subject::Ticket(at) => (&mut self.tickets, at),
            Subject::Session(at) => (&mut self.sessions, at),
            Subject::Outbox(at) => (&mut self.outbox, at),
            Subject::Person(at) => (&mut self.people, at),
            Subject::Nothing => return None,
        };
        if list.len() <= at {
            list.resize(at + 1, None);
        }
        list.get_mut(at)
    }

    pub(super) fn of_call(&mut self, call: CallId) -> Option<EventId> {
        *self.place(Subject::Call(call.index()))?
    }

    pub(super) fn of_outbox(&mut self, outbox: OutboxId) -> Option<EventId> {
        *self.place(Subject::Outbox(outbox.index()))?
    }
}

impl World {
    /// Records a fact: the only place that does.
    pub(super) fn record(&mut self, by: Actor, kind: &EventKind) -> EventId {
        let subject = subject(by, kind);
        let place = self.latest.place(subject);
        let cause = self.cause.or_else(|| place.as_ref().and_then(|place| **place));
        let id = self.trace.record(Event { at: self.now, by, cause, kind: *kind });
        // What a callback came to leads to nothing in the call: it may come late.
        let reported = matches!(kind, EventKind::CallbackAnswered { .. } | EventKind::CallbackFailed { .. });
        if let Some(place) = place.filter(|_| !reported) {
            *place = Some(id);
        }
        if matches!(by, Actor::Person(_)) {
            // One thing leads to the next for people: they saw, so they chose.
            self.cause = Some(id);
        }
        id
    }

    /// The faults that struck since this was last asked, as facts.
    pub(super) fn record_struck(&mut self) {
        for fault in self.faults.take_struck().into_iter().flatten() {
            self.last_fault = self.now;
            self.record(Actor::Story, &EventKind::FaultStruck { fault });
        }
    }

    /// Who asked for the page request at the beginning of this chain of causes.
    pub(super) fn asked_by(&self, cause: Option<EventId>) -> Option<PersonId> {
        self.trace.causes(cause?).find_map(|(_, event)| match (event.by, event.kind) {
            (Actor::Person(person), EventKind::Requested { .. }) => Some(person),
            _ => None,
        })
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most kinds are about a person, or about nothing that has timers"
)]
fn subject(by: Actor, kind: &EventKind) -> Subject {
    match kind {
        EventKind::PickedUp { call }
        | EventKind::KeyedIn { call, .. }
        | EventKind::HungUp { call }
        | EventKind::CallTaken { call, .. }
        | EventKind::StatusChanged { call, .. }
        | EventKind::MachineDetected { call, .. }
        | EventKind::DocumentFetched { call, .. }
        | EventKind::DocumentFailed { call, .. }
        | EventKind::Spoke { call, .. }
        | EventKind::Gathered { call, .. }
        | EventKind::NoDigits { call }
        | EventKind::CallbackAnswered { call, .. }
        | EventKind::CallbackFailed { call, .. } => Subject::Call(call.index()),
        EventKind::MailTaken { mail, .. }
        | EventKind::MailDelivered { mail, .. }
        | EventKind::MailLost { mail }
        | EventKind::MailBounced { mail }
        | EventKind::LinkScanned { mail } => Subject::Mail(mail.index()),
        EventKind::TookCallBack { ticket }
        | EventKind::Proved { ticket, .. }
        | EventKind::TicketTaken { ticket, .. }
        | EventKind::TicketLost { ticket }
        | EventKind::TicketRead { ticket }
        | EventKind::CalledBack { ticket, .. }
        | EventKind::CallBackMissed { ticket }
        | EventKind::IdentityChecked { ticket, .. }
        | EventKind::ResetRequested { ticket }
        | EventKind::ResetRefused { ticket, .. }
        | EventKind::TicketClosed { ticket, .. } => Subject::Ticket(ticket.index()),
        EventKind::SessionOpened { session, .. }
        | EventKind::SessionEnded { session, .. }
        | EventKind::CodeIssued { session, .. }
        | EventKind::PhoneFailed { session, .. } => Subject::Session(session.index()),
        EventKind::MailOrdered { outbox, .. }
        | EventKind::CallOrdered { outbox, .. }
        | EventKind::TicketOrdered { outbox, .. }
        | EventKind::Sent { outbox }
        | EventKind::NotSent { outbox, .. } => Subject::Outbox(outbox.index()),
        _ => match by {
            Actor::Person(person) => Subject::Person(person.index()),
            Actor::Console
            | Actor::MailProvider
            | Actor::PhoneCompany
            | Actor::Desk
            | Actor::Story
            | Actor::Outsider => Subject::Nothing,
        },
    }
}
