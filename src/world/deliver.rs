//! Deliveries: departing crossings, their receivers, and the answers to their senders.
//!
//! An answer is large, so it is written once, into a place that the caller names, and read there.

use crate::base::account_set::AccountSet;
use crate::base::id::{CrossingId, EventId};
use crate::event::{Actor, EventKind, NoReply};
use crate::fault::{Around, Crash, CrashWhen, WebhookVerdict};
use crate::message::{
    Answer, Body, CallCreate, CallReply, CallUpdate, CallWishes, Crossing, HookReply, Opening, Sid,
    TextHookReply, Webhook,
};
use crate::people;
use crate::people::Person;
use crate::providers::{desk, mail, phone};
use crate::service::reference;
use crate::world::World;
use crate::world::carrier::{
    Carry, Context, Delivery, Flight, Landed, NO_ANSWER, Origin, Queued, Sender, around, is_of_flow,
    is_to_service,
};
use crate::world::schedule::LateThing;

/// Twilio debugger code: the body is not XML.
const UNREADABLE: u32 = 12_100;

/// Twilio debugger code: the root element is not `Response`.
const ANOTHER_ROOT: u32 = 12_102;

impl World {
    /// Takes the next crossing to deliver. It stays in flight until its id is passed to [`World::answer`];
    /// several can be in flight at the same time.
    pub fn poll_crossing(&mut self) -> Option<Carry> {
        let id = self.next_crossing()?;
        self.crossing(id).map(|crossing| Carry { id, crossing: *crossing })
    }

    /// Like [`World::poll_crossing`], but returns the id for [`World::crossing`]. A webhook to a foreign
    /// address whose verdict replaces the answer never departs: the world answers it as a broken app would.
    #[inline(always)]
    pub(crate) fn next_crossing(&mut self) -> Option<CrossingId> {
        loop {
            let id = self.depart()?;
            let flight = self.carrier.flight(id)?;
            let Some(answer) = acted_out(&flight.queued) else { return Some(id) };
            self.answer(id, answer);
        }
    }

    #[inline(always)]
    fn depart(&mut self) -> Option<CrossingId> {
        let (up, now) = (self.service.is_up(), self.now);
        let flight = self.carrier.depart()?;
        let (id, Context { cause, about, .. }) = (flight.id, flight.queued.context);
        flight.sent = now;
        flight.lost = (!up && is_to_service(&flight.queued.crossing)).then_some(NoReply::Down);
        if self.faults.plan.has_any() && is_of_flow(&flight.queued.crossing) {
            let around = around(&flight.queued.crossing);
            let crash = self.faults.plan.crash(around, about, &mut self.rng);
            flight.crash = crash.filter(|_| up);
        }
        self.schedule.steps += 1;
        self.record_struck(cause);
        Some(id)
    }

    /// A crossing in flight.
    pub(crate) fn crossing(&self, id: CrossingId) -> Option<&Crossing> {
        self.carrier.flight(id).map(|flight| &flight.queued.crossing)
    }

    /// Whether a crossing is in flight.
    pub(crate) fn is_in_flight(&self, id: CrossingId) -> bool {
        self.carrier.flight(id).is_some()
    }

    /// The `I-Twilio-Idempotency-Token` of a webhook in flight: the same for each attempt and each duplicate
    /// of a request, another one for a redirected request (TW-overrides). `None` for a forgery.
    pub fn idempotency_token(&self, id: CrossingId) -> Option<u128> {
        // Spreads the ids over all bits, so that tokens look as arbitrary as Twilio's.
        const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
        let queued = &self.carrier.flight(id)?.queued;
        match (queued.from, &queued.crossing) {
            (Sender::Call(request) | Sender::Duplicate(request), Crossing::Webhook(webhook)) => {
                Some({ webhook.sid.0 } ^ u128::from(request.0 + 1).wrapping_mul(SPREAD))
            }
            (_, Crossing::Text(webhook)) => {
                let request = u128::from(webhook.ordinal()).wrapping_add(1).wrapping_mul(SPREAD);
                self.text(webhook.text).map(|text| text.sid().id ^ request)
            }
            _ => None,
        }
    }

    /// Number of crossings in flight.
    pub fn under_way(&self) -> usize {
        self.carrier.under_way()
    }

    /// The origin of a delivery that arrived at a server: the matching crossing in flight, or outside.
    pub fn origin_of(&self, delivery: &Delivery) -> Origin {
        let same = |flight: &&Flight| delivery.says_the_same_as(&flight.queued.crossing);
        self.carrier.flights().find(same).map_or(Origin::Outside, |flight| Origin::Carried(flight.id))
    }

    /// Delivers to the receiver and returns its answer, or `None` if the connection must be closed without
    /// one.
    pub fn deliver(&mut self, by: Origin, delivery: &Delivery) -> Option<Answer> {
        let mut answer = NO_ANSWER;
        self.hand_over(by, delivery, &mut answer);
        if let Answer::Lost(_) = answer { None } else { Some(answer) }
    }

    /// Like [`World::deliver`], but writes the answer into `answer`, which must be [`NO_ANSWER`] before. If it is
    /// lost, it has the reason.
    pub(crate) fn hand_over(&mut self, by: Origin, delivery: &Delivery, answer: &mut Answer) {
        debug_assert!(matches!(answer, Answer::Lost(_)), "the place of the answer is empty");
        self.schedule.steps += 1;
        let flight = match by {
            Origin::Carried(id) => self.carrier.flight(id),
            Origin::Outside => None,
        };
        let (context, crash) = match flight {
            Some(flight) => (flight.queued.context, flight.crash),
            None => (self.context_from_outside(delivery), None),
        };
        if delivery.is_for_service() && !self.service.is_up() {
            return;
        }
        if let Some(crash @ Crash { when: CrashWhen::Before, .. }) = crash {
            self.crash(context.cause, crash);
            return;
        }
        self.receive(context, delivery, answer);
        self.settle();
        if let Some(crash) = crash {
            self.crash(context.cause, crash);
            *answer = NO_ANSWER;
        } else if let (&mut Answer::Lost(lost), Origin::Carried(id)) = (answer, by)
            && let Some(flight) = self.carrier.flight_mut(id)
        {
            flight.lost = Some(lost);
        }
    }

    /// The context of a delivery without a crossing in flight. Its cause is the page or webhook about the
    /// same accounts that is in flight, if there is exactly one. With several candidates it has no cause,
    /// because a wrong one would be worse.
    fn context_from_outside(&self, delivery: &Delivery) -> Context {
        let story = &self.setup.story;
        let about = match delivery {
            Delivery::Mail(mail) => story.accounts_of_address(mail.to),
            Delivery::Call(order) | Delivery::Order(order, _) => story.accounts_of_number(order.to),
            Delivery::Ticket(form) => match story.account_numbered(form.account_number) {
                Some(account) => AccountSet::one(account),
                None => story.accounts_of_address(form.email),
            },
            Delivery::Update(sid, _) => {
                let call = self.providers.phone.machine.call_of_sid(*sid).map(phone::Call::id);
                call.map_or(AccountSet::NONE, |call| self.accounts_of_line(call))
            }
            Delivery::Page(_) | Delivery::Webhook(_) | Delivery::Reset(_) => AccountSet::NONE,
        };
        self.context_about(about)
    }

    /// The context of an outside request about any of these accounts.
    pub(super) fn context_about(&self, about: AccountSet) -> Context {
        Context { cause: self.only_cause_about(about), about, webhook: WebhookVerdict::Pass }
    }

    fn only_cause_about(&self, accounts: AccountSet) -> Option<EventId> {
        let mut about = self.carrier.flights().filter(|flight| {
            let request = matches!(around(&flight.queued.crossing), Around::Page | Around::Webhook);
            request && flight.queued.context.about.meets(accounts)
        });
        match (about.next(), about.next()) {
            (Some(only), None) => only.queued.context.cause,
            _ => None,
        }
    }

    /// Passes the delivery to its receiver, whose reply replaces `answer`, a lost one.
    fn receive(&mut self, context: Context, delivery: &Delivery, answer: &mut Answer) {
        let Context { cause, about, .. } = context;
        match delivery {
            Delivery::Page(request) => self.feed_console(cause, reference::Input::Page(request, answer)),
            Delivery::Reset(request) => self.feed_console(cause, reference::Input::Reset(*request, answer)),
            Delivery::Webhook(webhook) => self.receive_webhook(context, webhook, answer),
            &Delivery::Mail(mail) => {
                let to = self.setup.story.address_text(mail.to);
                let verdict = self.faults.plan.mail(about, to, &mut self.rng);
                self.record_struck(cause);
                let reply = self.feed_mail(cause, mail::Input::Mail { mail, verdict });
                *answer = answer_of(reply, Answer::Mail);
            }
            Delivery::Call(order) => {
                *answer = answer_of(self.receive_order(context, order, &CallWishes::NONE), Answer::Call);
            }
            Delivery::Order(order, wishes) => {
                *answer = answer_of(self.receive_order(context, order, wishes), Answer::Call);
            }
            &Delivery::Update(sid, update) => {
                *answer = answer_of(self.receive_update(cause, sid, update), Answer::Call);
            }
            &Delivery::Ticket(form) => {
                let verdict = self.faults.plan.ticket(about, &mut self.rng);
                self.record_struck(cause);
                let reply = self.feed_desk(cause, desk::Input::Ticket { form, verdict });
                *answer = answer_of(reply.map(Ok), Answer::Ticket);
            }
        }
    }

    /// Delivers an order to the phone company.
    fn receive_order(
        &mut self,
        context: Context,
        order: &CallCreate,
        wishes: &CallWishes,
    ) -> Option<Result<CallReply, NoReply>> {
        let verdict = self.faults.plan.call(context.about, &mut self.rng);
        let verdict = self.by_script(order.to, verdict);
        self.record_struck(context.cause);
        let document = match order.opening {
            Opening::Document(id) => self.carrier.papers.take_document(id),
            Opening::Fetch(_) => None,
        };
        let input = phone::Input::Create { order, verdict: &verdict, document, wishes };
        self.feed_phone_about(context.about, context.cause, input)
    }

    /// Delivers a change of a call to the phone company. An unknown SID gets no answer.
    fn receive_update(
        &mut self,
        cause: Option<EventId>,
        sid: Sid,
        update: CallUpdate,
    ) -> Option<Result<CallReply, NoReply>> {
        let call = self.providers.phone.machine.call_of_sid(sid).map(phone::Call::id)?;
        let update = match update {
            CallUpdate::Cancel => phone::Update::Cancel,
            CallUpdate::Complete => phone::Update::Complete,
            CallUpdate::Redirect(hook) => phone::Update::Redirect(hook),
            CallUpdate::Document(id) => {
                let body = self.carrier.papers.take_document(id);
                phone::Update::Document(body.unwrap_or(Body::Empty))
            }
        };
        self.feed_phone(cause, phone::Input::Update(call, update))
    }

    /// Delivers a webhook to the service, unless its verdict prevents that.
    fn receive_webhook(&mut self, context: Context, webhook: &Webhook, answer: &mut Answer) {
        let reply = match context.webhook {
            WebhookVerdict::Fails(http) => HookReply::bare(http),
            WebhookVerdict::Html => HookReply::not_twiml(ANOTHER_ROOT),
            WebhookVerdict::Unreadable => HookReply::not_twiml(UNREADABLE),
            WebhookVerdict::Redirected => HookReply::Redirected(reference::redirects_to(webhook.hook)),
            WebhookVerdict::TimesOut { heard } => {
                if heard {
                    self.feed_console(context.cause, reference::Input::Webhook(webhook, answer));
                }
                *answer = Answer::Lost(NoReply::TimedOut);
                return;
            }
            WebhookVerdict::Pass | WebhookVerdict::Lost | WebhookVerdict::Twice | WebhookVerdict::Late(_) => {
                self.feed_console(context.cause, reference::Input::Webhook(webhook, answer));
                return;
            }
        };
        *answer = Answer::Webhook(reply);
    }

    /// Crashes the service's process: requests to it get no answer, and it forgets the answers that it
    /// waits for.
    fn crash(&mut self, cause: Option<EventId>, crash: Crash) {
        self.carrier.each_flight(|flight| {
            flight.crash = None;
            if is_to_service(&flight.queued.crossing) {
                flight.lost = Some(NoReply::Cut);
            } else if flight.queued.from.is_service() {
                flight.forgotten = true;
            }
        });
        self.service.up_at = Some(self.now + crash.down);
        self.record(Actor::Story, &EventKind::AppCrashed, cause);
        self.feed_console(cause, reference::Input::Crash);
        self.settle();
    }

    /// Passes the answer to the sender. If the world knows why an answer was lost, its reason replaces the
    /// stage's. An answer to a crossing that is not in flight is dropped.
    pub fn answer(&mut self, id: CrossingId, mut answer: Answer) {
        self.take_back(id, &mut answer);
    }

    /// Like [`World::answer`]; what the sender takes of the answer is gone afterwards.
    pub(crate) fn take_back(&mut self, id: CrossingId, answer: &mut Answer) {
        let Some(flight) = self.carrier.land(id) else { return };
        if flight.forgotten {
            return;
        }
        let Landed { from, cause, url, .. } = flight;
        if flight.heard_in_vain {
            *answer = Answer::Lost(NoReply::TimedOut);
        }
        if let Answer::Lost(seen) = answer {
            *seen = flight.lost.unwrap_or(*seen);
            if *seen == NoReply::TimedOut {
                let most = self.setup.story.phone.webhook_timeout;
                let asked = url.and_then(|url| self.carrier.papers.timeout(url));
                let at = flight.sent + asked.map_or(most, |asked| asked.min(most));
                self.schedule.hold_until(at, LateThing::Unanswered(from, *seen, cause));
                return;
            }
        }
        self.take_answer(cause, from, answer);
    }

    pub(super) fn take_answer(&mut self, cause: Option<EventId>, from: Sender, answer: &mut Answer) {
        match (from, answer) {
            (Sender::Browser(browser), Answer::Page(reply)) => {
                let input = people::Input::Page(browser, Ok(&reply.page));
                self.feed_person(cause, Person::of_browser(browser), &input);
            }
            (Sender::Browser(browser), &mut Answer::Lost(lost)) => {
                let input = people::Input::Page(browser, Err(lost));
                self.feed_person(cause, Person::of_browser(browser), &input);
            }
            (Sender::Outbox(outbox), answer) => {
                self.feed_console(cause, reference::Input::Sent(outbox, answer));
            }
            (Sender::Call(webhook), Answer::Webhook(reply)) => {
                let reply = Ok(std::mem::replace(reply, HookReply::HEARD));
                self.feed_phone(cause, phone::Input::Answered { webhook, reply });
            }
            (Sender::Call(webhook), &mut Answer::Lost(lost)) => {
                self.feed_phone(cause, phone::Input::Answered { webhook, reply: Err(lost) });
            }
            (Sender::Text(webhook), Answer::Text(reply)) => {
                let reply = Ok(std::mem::replace(reply, TextHookReply::bare(204)));
                self.text_webhook_answered(cause, webhook, reply);
            }
            (Sender::Text(webhook), &mut Answer::Lost(lost)) => {
                self.text_webhook_answered(cause, webhook, Err(lost));
            }
            (Sender::Desk(ticket), &mut Answer::Reset(reply)) => {
                self.feed_desk(cause, desk::Input::Answered(ticket, Ok(reply)));
            }
            (Sender::Desk(ticket), &mut Answer::Lost(lost)) => {
                self.feed_desk(cause, desk::Input::Answered(ticket, Err(lost)));
            }
            (Sender::Scanner(mail), _) => {
                self.feed_mail(cause, mail::Input::Scanned(mail));
            }
            (Sender::Duplicate(_) | Sender::Nobody, _) => {}
            (Sender::Browser(_) | Sender::Call(_) | Sender::Text(_) | Sender::Desk(_), answer) => {
                unreachable!("an answer of another kind came back: {answer:?}")
            }
        }
        self.settle();
    }
}

/// A reply as the answer to a crossing; without a reply the connection was cut.
fn answer_of<R>(reply: Option<Result<R, NoReply>>, kind: fn(R) -> Answer) -> Answer {
    reply.map_or(NO_ANSWER, |reply| reply.map_or_else(Answer::Lost, kind))
}

/// The answer to a webhook whose verdict keeps it from its foreign address.
fn acted_out(queued: &Queued) -> Option<Answer> {
    let Crossing::Webhook(webhook) = &queued.crossing else { return None };
    if is_to_service(&queued.crossing) {
        return None;
    }
    let reply = match queued.context.webhook {
        WebhookVerdict::Fails(http) => HookReply::bare(http),
        WebhookVerdict::Html => HookReply::not_twiml(ANOTHER_ROOT),
        WebhookVerdict::Unreadable => HookReply::not_twiml(UNREADABLE),
        WebhookVerdict::Redirected => HookReply::Redirected(webhook.hook),
        WebhookVerdict::TimesOut { heard: false } => return Some(Answer::Lost(NoReply::TimedOut)),
        WebhookVerdict::TimesOut { heard: true }
        | WebhookVerdict::Pass
        | WebhookVerdict::Lost
        | WebhookVerdict::Twice
        | WebhookVerdict::Late(_) => return None,
    };
    Some(Answer::Webhook(reply))
}
