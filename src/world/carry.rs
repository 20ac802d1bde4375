//! The carrier: crossings that wait, and those that are under way.

use std::collections::VecDeque;

use crate::crossing::Answer;
use crate::crossing::CallCreate;
use crate::crossing::CallUpdate;
use crate::crossing::Crossing;
use crate::crossing::Mail;
use crate::crossing::PageRequest;
use crate::crossing::Papers;
use crate::crossing::Place;
use crate::crossing::ResetRequest;
use crate::crossing::Sid;
use crate::crossing::TicketForm;
use crate::crossing::Webhook;
use crate::event::Lost;
use crate::fault::Around;
use crate::fault::Crash;
use crate::fault::WebhookVerdict;
use crate::id::AccountId;
use crate::id::BrowserId;
use crate::id::CrossingId;
use crate::id::EventId;
use crate::id::OutboxId;
use crate::id::TicketId;
use crate::time::Time;
use crate::voice::WebhookId;

/// One crossing on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Carry {
    /// Its name; the answer says it again.
    pub id: CrossingId,
    /// What is carried.
    pub crossing: Crossing,
}

/// What reaches a receiver, as decoded on its side of the wire.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// A page request at the console.
    Page(PageRequest),
    /// A mail at the provider.
    Mail(Mail),
    /// An order at the phone company.
    Call(CallCreate),
    /// A change of the call with this sid, at the phone company.
    Update(Sid, CallUpdate),
    /// A request of a call at the console.
    Webhook(Webhook),
    /// A ticket at the desk.
    Ticket(TicketForm),
    /// The desk's request at the console.
    Reset(ResetRequest),
}

/// Where a delivery comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The stage carries this crossing.
    Carried(CrossingId),
    /// A client that the world knows nothing of sent it.
    Outside,
}

/// Who waits for the answer to a crossing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Browser(BrowserId),
    Outbox(OutboxId),
    Call(WebhookId),
    Desk(TicketId),
    /// A scanner, or the second of a callback that is sent twice: nobody waits for the answer.
    Nobody,
}

/// No answer, for no known reason but that the connection was cut.
pub(super) const NO_ANSWER: Answer = Answer::Lost(Lost::Cut);

/// What a delivery is judged and recorded by: its own, whatever else is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    pub(super) cause: Option<EventId>,
    pub(super) account: Option<AccountId>,
    /// The verdict on a webhook.
    pub(super) webhook: WebhookVerdict,
}

/// A crossing that waits to be carried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queued {
    pub(super) from: Sender,
    pub(super) crossing: Crossing,
    pub(super) context: Context,
}

/// A crossing that is under way.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) id: CrossingId,
    pub(super) queued: Queued,
    /// When it left.
    pub(super) sent: Time,
    pub(super) crash: Option<Crash>,
    /// Why its answer is lost, if it is.
    pub(super) lost: Option<Lost>,
    /// The process that waits for the answer has crashed.
    pub(super) forgotten: bool,
}

/// Crossings that wait, and those that are under way.
#[derive(Debug, Default)]
pub(super) struct Carrier {
    queue: VecDeque<Queued>,
    flights: Vec<Flight>,
    next: u32,
    /// Addresses, documents and mails of foreign services, which crossings only name.
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

    /// The id of the next crossing that leaves.
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
    /// Whether the receiver is the service.
    pub(super) const fn is_for_service(&self) -> bool {
        matches!(self, Self::Page(_) | Self::Webhook(_) | Self::Reset(_))
    }

    /// Whether this may be `crossing` as its receiver decodes it.
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

/// Where in a flow a crossing is, as faults name it.
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

/// Whether a crossing goes to the reference service, and not to an address of a foreign one.
pub(super) const fn is_to_service(crossing: &Crossing) -> bool {
    match crossing {
        Crossing::Page { action, .. } => !action.leads_elsewhere(),
        Crossing::Reset(_) => true,
        Crossing::Webhook(webhook) => matches!(webhook.hook.at, Place::Console(..)),
        Crossing::Mail(_) | Crossing::Call(_) | Crossing::Ticket(_) => false,
    }
}
