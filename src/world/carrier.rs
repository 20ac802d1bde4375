//! The carrier: queued crossings, and those in flight.

use std::collections::VecDeque;

use crate::base::account_set::AccountSet;
use crate::base::id::{BrowserId, CrossingId, EventId, MailId, OutboxId, TicketId};
use crate::base::time::Time;
use crate::event::NoReply;
use crate::fault::{Around, Crash, WebhookVerdict};
use crate::message::{
    Answer, CallCreate, CallUpdate, CallWishes, Crossing, Mail, PageRequest, Papers, Place, ResetRequest,
    Sid, TicketForm, UrlId, Webhook,
};
use crate::providers::messaging::TextWebhookId;
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
    /// An order to the phone company with what only external apps ask for.
    Order(CallCreate, CallWishes),
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
    Text(TextWebhookId),
    Desk(TicketId),
    /// The mail provider, whose scanner opens a link of this email.
    Scanner(MailId),
    /// No receiver: the duplicate of a callback.
    Duplicate(WebhookId),
    /// No receiver: a scanner of the reference service's links, or a forgery.
    Nobody,
}

/// No answer, with a cut connection as the default reason.
pub(crate) const NO_ANSWER: Answer = Answer::Lost(NoReply::Cut);

/// The data for recording a delivery and applying faults to it, independent of other crossings in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    pub(super) cause: Option<EventId>,
    /// The accounts that it is about: one, unless it comes from a foreign service.
    pub(super) about: AccountSet,
    pub(super) webhook: WebhookVerdict,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Queued {
    pub(super) from: Sender,
    pub(super) crossing: Crossing,
    pub(super) context: Context,
}

/// A crossing that waits for its departure, or is in flight.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) queued: Queued,
    /// Its id, from the departure on.
    pub(super) id: CrossingId,
    /// When it departed.
    pub(super) sent: Time,
    pub(super) crash: Option<Crash>,
    /// The reason if its answer is lost.
    pub(super) lost: Option<NoReply>,
    /// Whether the process that waits for the answer has crashed.
    pub(super) forgotten: bool,
}

/// What is needed of a flight once its answer has arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landed {
    pub(super) from: Sender,
    pub(super) cause: Option<EventId>,
    pub(super) sent: Time,
    pub(super) lost: Option<NoReply>,
    pub(super) forgotten: bool,
    /// Whether the receiver got a webhook whose answer counts as timed out.
    pub(super) heard_in_vain: bool,
    /// The URL of a foreign service's webhook.
    pub(super) url: Option<UrlId>,
}

/// The queued crossings, and those in flight.
///
/// A crossing is written once, into its slot: the queue and the list of flights hold numbers of slots.
#[derive(Debug, Default)]
pub(super) struct Carrier {
    slots: Vec<Flight>,
    free: Vec<usize>,
    queue: VecDeque<usize>,
    under_way: Vec<usize>,
    next: u32,
    /// URLs and documents of foreign services, which crossings refer to by number.
    pub(super) papers: Papers,
}

impl Carrier {
    pub(super) fn clear(&mut self) {
        self.papers.clear();
        self.free.clear();
        self.free.extend((0..self.slots.len()).rev());
        self.queue.clear();
        self.under_way.clear();
        self.next = 0;
    }

    /// The id of the next crossing that departs.
    pub(super) const fn next_id(&self) -> u32 {
        self.next
    }

    pub(super) const fn begin_ids_at(&mut self, next: u32) {
        self.next = next;
    }

    pub(super) fn push(&mut self, from: Sender, crossing: &Crossing, context: Context) {
        let at = match self.free.pop() {
            Some(at) => {
                // Field by field, so that nothing is copied twice.
                let flight = &mut self.slots[at];
                flight.queued.from = from;
                flight.queued.crossing = *crossing;
                flight.queued.context = context;
                flight.crash = None;
                flight.forgotten = false;
                at
            }
            None => {
                self.slots.push(Flight {
                    queued: Queued { from, crossing: *crossing, context },
                    id: CrossingId(u32::MAX),
                    sent: Time::ZERO,
                    crash: None,
                    lost: None,
                    forgotten: false,
                });
                self.slots.len() - 1
            }
        };
        self.queue.push_back(at);
    }

    /// Gives the next queued crossing its id; the caller completes the flight.
    pub(super) fn depart(&mut self) -> Option<&mut Flight> {
        let at = self.queue.pop_front()?;
        self.under_way.push(at);
        let flight = &mut self.slots[at];
        flight.id = CrossingId(self.next);
        self.next += 1;
        Some(flight)
    }

    pub(super) fn flight(&self, id: CrossingId) -> Option<&Flight> {
        self.flights().find(|flight| flight.id == id)
    }

    pub(super) fn flight_mut(&mut self, id: CrossingId) -> Option<&mut Flight> {
        let at = self.under_way.iter().copied().find(|at| self.slots[*at].id == id)?;
        self.slots.get_mut(at)
    }

    /// Ends a flight, whose answer has arrived.
    pub(super) fn land(&mut self, id: CrossingId) -> Option<Landed> {
        let place = self.under_way.iter().position(|at| self.slots[*at].id == id)?;
        // Usually it is the only one.
        let at = if place + 1 == self.under_way.len() {
            self.under_way.pop()?
        } else {
            self.under_way.remove(place)
        };
        self.free.push(at);
        let Flight { queued, sent, lost, forgotten, .. } = &self.slots[at];
        Some(Landed {
            from: queued.from,
            cause: queued.context.cause,
            sent: *sent,
            lost: *lost,
            forgotten: *forgotten,
            heard_in_vain: queued.is_heard_in_vain(),
            url: queued.url(),
        })
    }

    /// The crossings in flight, in the order of departure.
    pub(super) fn flights(&self) -> impl Iterator<Item = &Flight> {
        self.under_way.iter().map(|at| &self.slots[*at])
    }

    /// Changes all crossings in flight.
    pub(super) fn each_flight(&mut self, mut change: impl FnMut(&mut Flight)) {
        for at in &self.under_way {
            change(&mut self.slots[*at]);
        }
    }

    pub(super) const fn under_way(&self) -> usize {
        self.under_way.len()
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }
}

impl Queued {
    /// The URL of a foreign service's webhook.
    const fn url(&self) -> Option<UrlId> {
        let Crossing::Webhook(webhook) = &self.crossing else { return None };
        match webhook.hook.at {
            Place::Url(url) => Some(url),
            Place::Console(..) => None,
        }
    }

    /// Whether a foreign address receives this webhook although its answer counts as timed out.
    fn is_heard_in_vain(&self) -> bool {
        matches!(self.context.webhook, WebhookVerdict::TimesOut { heard: true })
            && matches!(self.crossing, Crossing::Webhook(_))
            && !is_to_service(&self.crossing)
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
        Crossing::Page { .. } | Crossing::Scan { .. } | Crossing::Cookie(_) => Around::Page,
        Crossing::Mail(_) => Around::Mail,
        Crossing::Call(_) => Around::Call,
        Crossing::Webhook(_) | Crossing::Text(_) => Around::Webhook,
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
        Crossing::Mail(_)
        | Crossing::Call(_)
        | Crossing::Text(_)
        | Crossing::Ticket(_)
        | Crossing::Cookie(_)
        | Crossing::Scan { .. } => false,
    }
}

/// Whether a crossing belongs to a flow of the reference service. The link of a foreign email and the webhook of
/// a text do not.
pub(super) const fn is_of_flow(crossing: &Crossing) -> bool {
    match crossing {
        Crossing::Page { action, .. } => !action.leads_elsewhere(),
        Crossing::Text(_) | Crossing::Scan { .. } | Crossing::Cookie(_) => false,
        Crossing::Mail(_)
        | Crossing::Call(_)
        | Crossing::Webhook(_)
        | Crossing::Ticket(_)
        | Crossing::Reset(_) => true,
    }
}
