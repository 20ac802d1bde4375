//! The recorder: gives each fact its time, actor and cause.
//!
//! Machines do not know the cause of an input; the world does, and passes it as an argument. Without one,
//! as after a timeout, the cause is the last event about the same subject: the call, the email, the ticket,
//! the session.

use crate::base::id::{CallId, EventId, OutboxId, PersonId};
use crate::base::time::Time;
use crate::event::{Actor, Event, EventKind, Trace};
use crate::world::World;

/// The trace, and an index for finding causes.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) trace: Trace,
    latest: CauseIndex,
}

/// The last event about each subject.
#[derive(Debug, Default)]
struct CauseIndex {
    calls: Vec<Option<EventId>>,
    texts: Vec<Option<EventId>>,
    verifications: Vec<Option<EventId>>,
    mails: Vec<Option<EventId>>,
    tickets: Vec<Option<EventId>>,
    sessions: Vec<Option<EventId>>,
    outbox: Vec<Option<EventId>>,
    people: Vec<Option<EventId>>,
}

#[derive(Clone, Copy)]
enum Subject {
    Call(usize),
    Text(usize),
    Verification(usize),
    Mail(usize),
    Ticket(usize),
    Session(usize),
    Outbox(usize),
    Person(usize),
    Nothing,
}

impl CauseIndex {
    /// Removes everything and keeps the allocations.
    fn clear(&mut self) {
        let lists = [&mut self.calls, &mut self.mails, &mut self.tickets, &mut self.sessions];
        for list in lists.into_iter().chain([
            &mut self.texts,
            &mut self.verifications,
            &mut self.outbox,
            &mut self.people,
        ]) {
            list.clear();
        }
    }

    fn place(&mut self, subject: Subject) -> Option<&mut Option<EventId>> {
        let (list, at) = match subject {
            Subject::Call(at) => (&mut self.calls, at),
            Subject::Text(at) => (&mut self.texts, at),
            Subject::Verification(at) => (&mut self.verifications, at),
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
}

impl Recorder {
    pub(super) fn new() -> Self {
        Self { trace: Trace::new(), latest: CauseIndex::default() }
    }

    /// Removes everything and keeps the allocations.
    pub(super) fn clear(&mut self) {
        self.trace.clear();
        self.latest.clear();
    }

    pub(super) fn of_call(&self, call: CallId) -> Option<EventId> {
        *self.latest.calls.get(call.index())?
    }

    pub(super) fn of_outbox(&mut self, outbox: OutboxId) -> Option<EventId> {
        *self.latest.place(Subject::Outbox(outbox.index()))?
    }

    fn record(&mut self, at: Time, by: Actor, kind: &EventKind, cause: Option<EventId>) -> EventId {
        let place = self.latest.place(subject(by, kind));
        let cause = cause.or_else(|| place.as_ref().and_then(|place| **place));
        let id = self.trace.record(Event { at, by, cause, kind: *kind });
        // The outcome of a callback may arrive late and causes nothing in its call.
        let reported = matches!(
            kind,
            EventKind::CallbackAnswered { .. }
                | EventKind::CallbackFailed { .. }
                | EventKind::ReceiptAnswered { .. }
                | EventKind::ReceiptFailed { .. }
        );
        if let Some(place) = place.filter(|_| !reported) {
            *place = Some(id);
        }
        id
    }

    /// The person whose page request started this chain of causes.
    pub(super) fn asked_by(&self, cause: Option<EventId>) -> Option<PersonId> {
        self.trace.causes(cause?).find_map(|(_, event)| match (event.by, event.kind) {
            (Actor::Person(person), EventKind::Requested { .. }) => Some(person),
            _ => None,
        })
    }
}

impl World {
    /// Records a fact. No other function does.
    pub(super) fn record(&mut self, by: Actor, kind: &EventKind, cause: Option<EventId>) -> EventId {
        let id = self.recorder.record(self.now, by, kind, cause);
        self.people.thefts.take_in(&self.recorder.trace, id);
        id
    }

    /// Records the faults that struck since the last call.
    pub(super) fn record_struck(&mut self, cause: Option<EventId>) {
        if !self.faults.plan.has_struck() {
            return;
        }
        for fault in self.faults.plan.take_struck().into_iter().flatten() {
            self.faults.last_struck = self.now;
            self.record(Actor::Story, &EventKind::FaultStruck { fault }, cause);
        }
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most kinds are about a person, or about a subject without timers"
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
        EventKind::TextTaken { text, .. }
        | EventKind::TextStatusChanged { text, .. }
        | EventKind::TextArrived { text, .. }
        | EventKind::TextReceived { text, .. }
        | EventKind::ReceiptAnswered { text, .. }
        | EventKind::ReceiptFailed { text, .. }
        | EventKind::RepliesFetched { text, .. }
        | EventKind::RepliesFailed { text, .. } => Subject::Text(text.index()),
        EventKind::VerificationStarted { verification, .. }
        | EventKind::VerificationSent { verification, .. }
        | EventKind::VerificationRefused { verification: Some(verification), .. }
        | EventKind::VerificationUnclear { started: Some(verification) }
        | EventKind::VerificationChecked { verification, .. }
        | EventKind::VerificationClosed { verification, .. } => Subject::Verification(verification.index()),
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
