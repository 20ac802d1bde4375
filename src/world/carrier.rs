//! The carrier: queued crossings, and those in flight.

use std::collections::VecDeque;

use crate::base::id::{AccountId, BrowserId, CrossingId, EventId, OutboxId, TicketId};
use crate::base::time::Time;
use crate::event::NoReply;
use crate::fault::{Around, Crash, WebhookVerdict};
use crate::message::{
    Answer, CallCreate, CallUpdate, Crossing, Mail, PageRequest, Papers, Place, ResetRequest, Sid,
    TicketForm, Webhook,
};
use crate::providers::phone::WebhookId;

/// A crossing in flight, for delivery by the stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Carry {
    /// Its id, to be passed to [`World::answer`](crate::world::World::answer).
    pub id: CrossingId,
    /// The crossing.
    pub crossing: Crossing,
}

/// A crossing as decoded by its receiver.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// A page request to the service.
    Page(PageRequest),
    /// An email to the mail provider.
    Mail(Mail),
    /// An order to the phone company.
    Call(CallCreate),
    /// A change of the call with this SID, to the phone company.
    Update(Sid, CallUpdate),
    /// A call's webhook to the service.
    Webhook(Webhook),
    /// A ticket to the support desk.
    Ticket(TicketForm),
    /// The support desk's request to the service.
    Reset(ResetRequest),
}

/// The origin of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A crossing delivered by the stage.
    Carried(CrossingId),
    /// A client outside the world.
    Outside,
}

/// The receiver of the answer to a crossing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Browser(BrowserId),
    Outbox(OutboxId),
    Call(WebhookId),
    Desk(TicketId),
    /// No receiver: a link scanner, or the duplicate of a callback.
    Nobody,
}

/// No answer, with a cut connection as the default reason.
pub(super) const NO_ANSWER: Answer = Answer::Lost(NoReply::Cut);

/// The data for recording a delivery and applying faults to it, independent of other crossings in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    pub(super) cause: Option<EventId>,
    pub(super) account: Option<AccountId>,
    pub(super) webhook: WebhookVerdict,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Queued {
    pub(super) from: Sender,
    pub(super) crossing: Crossing,
    pub(super) context: Context,
}

#[derive(Debug)]
pub(super) struct Flight {
    pub(super) id: CrossingId,
    pub(super) queued: Queued,
    pub(super) sent: Time,
    pub(super) crash: Option<Crash>,
    /// The reason if its answer is lost.
    pub(super) lost: Option<NoReply>,
    /// Whether the process that waits for the answer has crashed.
    pub(super) forgotten: bool,
}

/// The queued crossings, and those in flight.
#[derive(Debug, Default)]
pub(super) struct Carrier {
    queue: VecDeque<Queued>,
    flights: Vec<Flight>,
    next: u32,
    /// URLs and documents of foreign services, which crossings refer to by number.
    pub(super) papers: Papers,
}

impl Carrier {
    pub(super) fn clear(&mut self) {
        self.papers.clear();
        self.queue.clear();
        self.flights.clear();
        self.next = 0;
    }

    pub(super) fn push(&mut self, queued: Queued) {
        self.queue.push_back(queued);
    }

    pub(super) fn pop(&mut self) -> Option<Queued> {
        self.queue.pop_front()
    }

    /// Allocates the id of the next departing crossing.
    pub(super) const fn next_id(&mut self) -> CrossingId {
        let id = CrossingId(self.next);
        self.next += 1;
        id
    }

    pub(super) fn depart(&mut self, flight: Flight) {
        self.flights.push(flight);
    }

    pub(super) fn flight(&self, id: CrossingId) -> Option<&Flight> {
        self.flights.iter().find(|flight| flight.id == id)
    }

    pub(super) fn flight_mut(&mut self, id: CrossingId) -> Option<&mut Flight> {
        self.flights.iter_mut().find(|flight| flight.id == id)
    }

    pub(super) fn land(&mut self, id: CrossingId) -> Option<Flight> {
        let at = self.flights.iter().position(|flight| flight.id == id)?;
        Some(self.flights.remove(at))
    }

    pub(super) fn flights(&self) -> &[Flight] {
        &self.flights
    }

    pub(super) fn flights_mut(&mut self) -> &mut [Flight] {
        &mut self.flights
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }
}

impl Delivery {
    pub(super) const fn is_for_service(&self) -> bool {
        matches!(self, Self::Page(_) | Self::Webhook(_) | Self::Reset(_))
    }

    /// Whether this delivery may be the decoded form of `crossing`.
    pub(super) fn says_the_same_as(&self, crossing: &Crossing) -> bool {
        match (self, crossing) {
            (Self::Page(request), Crossing::Page { action, .. }) => {
                request.action.control() == action.control()
            }
            (Self::Mail(mail), Crossing::Mail(sent)) => mail == sent,
            (Self::Call(order), Crossing::Call(sent)) => order == sent,
            (Self::Webhook(webhook), Crossing::Webhook(sent)) => webhook.sid == sent.sid,
            (Self::Ticket(form), Crossing::Ticket(sent)) => form == sent,
            (Self::Reset(request), Crossing::Reset(sent)) => request == sent,
            _ => false,
        }
    }
}

impl Sender {
    /// Whether the service waits for the answer.
    pub(super) const fn is_service(self) -> bool {
        matches!(self, Self::Outbox(_))
    }
}

/// The kind of a crossing, as used by faults.
pub(super) const fn around(crossing: &Crossing) -> Around {
    match crossing {
        Crossing::Page { .. } => Around::Page,
        Crossing::Mail(_) => Around::Mail,
        Crossing::Call(_) => Around::Call,
        Crossing::Webhook(_) => Around::Webhook,
        Crossing::Ticket(_) => Around::Ticket,
        Crossing::Reset(_) => Around::Reset,
    }
}

/// Whether a crossing goes to the reference service, as opposed to a provider or a foreign address.
pub(super) const fn is_to_service(crossing: &Crossing) -> bool {
    match crossing {
        Crossing::Page { action, .. } => !action.leads_elsewhere(),
        Crossing::Reset(_) => true,
        Crossing::Webhook(webhook) => matches!(webhook.hook.at, Place::Console(..)),
        Crossing::Mail(_) | Crossing::Call(_) | Crossing::Ticket(_) => false,
    }
}
