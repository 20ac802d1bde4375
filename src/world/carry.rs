//! Crossings: what is to be carried, what its receiver makes of it, how its sender takes the answer.

use crate::crossing::Answer;
use crate::crossing::Body;
use crate::crossing::CallCreate;
use crate::crossing::CallUpdate;
use crate::crossing::Crossing;
use crate::crossing::HookReply;
use crate::crossing::Mail;
use crate::crossing::Opening;
use crate::crossing::PageRequest;
use crate::crossing::ResetRequest;
use crate::crossing::Sid;
use crate::crossing::TicketForm;
use crate::crossing::Webhook;
use crate::email;
use crate::event::Actor;
use crate::event::EventKind;
use crate::event::Lost;
use crate::fault::Around;
use crate::fault::Crash;
use crate::fault::CrashWhen;
use crate::fault::WebhookVerdict;
use crate::id::AccountId;
use crate::id::BrowserId;
use crate::id::CrossingId;
use crate::id::EventId;
use crate::id::OutboxId;
use crate::id::TicketId;
use crate::person;
use crate::person::Person;
use crate::recovery;
use crate::support;
use crate::voice;
use crate::voice::WebhookId;
use crate::world::Late;
use crate::world::LateThing;
use crate::world::World;

/// Twilio's debugger code for a body that is no XML.
const UNREADABLE: u32 = 12_100;

/// Twilio's debugger code for a body whose root is no `Response`.
const ANOTHER_ROOT: u32 = 12_102;

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

/// Whose crossing it is.
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

#[derive(Clone, Copy, Debug)]
pub(super) struct Queued {
    pub(super) from: Sender,
    pub(super) crossing: Crossing,
    pub(super) cause: Option<EventId>,
    pub(super) account: Option<AccountId>,
    pub(super) webhook: WebhookVerdict,
}

/// The crossing that is being carried.
#[derive(Debug)]
pub(super) struct Flight {
    id: CrossingId,
    from: Sender,
    cause: Option<EventId>,
    account: Option<AccountId>,
    crash: Option<Crash>,
    webhook: WebhookVerdict,
    /// Why its answer is lost, if it is.
    lost: Option<Lost>,
    /// The app that waits for the answer has crashed.
    forgotten: bool,
}

impl World {
    /// What is to be carried next. Carry it, then call [`World::answer`] before asking again.
    ///
    /// # Panics
    /// If the one before was not answered: one crossing is carried at a time.
    pub fn poll_crossing(&mut self) -> Option<Carry> {
        self.next_crossing().map(|(id, crossing)| Carry { id, crossing: *crossing })
    }

    /// The same, to be read where it lies: it stays at the head of the queue until it is answered.
    pub(crate) fn next_crossing(&mut self) -> Option<(CrossingId, &Crossing)> {
        assert!(self.flight.is_none(), "answer a crossing before the next");
        let queued = self.queue.front()?;
        let (from, cause, account, webhook) = (queued.from, queued.cause, queued.account, queued.webhook);
        self.steps += 1;
        let id = CrossingId(self.crossings);
        self.crossings += 1;
        let around = around(&queued.crossing);
        self.cause = cause;
        let crash = self.faults.crash(around, account, &mut self.draw);
        self.record_struck();
        let to_console = matches!(around, Around::Page | Around::Webhook | Around::Reset);
        let down = to_console && !self.is_console_up();
        self.flight = Some(Flight {
            id,
            from,
            cause,
            account,
            crash: crash.filter(|_| self.is_console_up()),
            webhook,
            lost: down.then_some(Lost::Down),
            forgotten: false,
        });
        self.queue.front().map(|queued| (id, &queued.crossing))
    }

    /// Hands what was carried to its receiver; returns the answer, or `None` if the connection is
    /// to be closed without one. Something that nobody in the story sent may come, too.
    pub fn deliver(&mut self, delivery: &Delivery) -> Option<Answer> {
        self.hand_over(delivery);
        let answer = std::mem::replace(&mut self.reply, NO_ANSWER);
        if let Answer::Lost(_) = answer { None } else { Some(answer) }
    }

    /// The same; the answer stays here, for [`Self::reply`] and [`Self::answer_at_hand`].
    pub(crate) fn hand_over(&mut self, delivery: &Delivery) {
        self.steps += 1;
        self.reply = NO_ANSWER;
        self.cause = self.flight.as_ref().and_then(|flight| flight.cause);
        let crash = self.flight.as_ref().and_then(|flight| flight.crash);
        let to_console = matches!(delivery, Delivery::Page(_) | Delivery::Webhook(_) | Delivery::Reset(_));
        if to_console && !self.is_console_up() {
            return;
        }
        if let Some(Crash { when: CrashWhen::Before, .. }) = crash {
            self.crash(to_console);
            return;
        }
        self.receive(delivery);
        self.settle();
        if crash.is_some() {
            self.reply = NO_ANSWER;
            self.crash(to_console);
        } else if let (Some(flight), &Answer::Lost(lost)) = (&mut self.flight, &self.reply) {
            flight.lost = Some(lost);
        }
    }

    /// What was said to the crossing that is being carried.
    pub(crate) const fn reply(&self) -> &Answer {
        &self.reply
    }

    /// Lets the receiver act; its reply, or why there is none, is in `self.reply` then.
    fn receive(&mut self, delivery: &Delivery) {
        let account = self.flight.as_ref().and_then(|flight| flight.account);
        match delivery {
            Delivery::Page(request) => self.feed_console(recovery::Input::Page(request)),
            Delivery::Reset(request) => self.feed_console(recovery::Input::Reset(*request)),
            Delivery::Webhook(webhook) => self.receive_webhook(webhook),
            &Delivery::Mail(mail) => {
                let account = self.story.account_of_address(mail.to);
                let verdict = self.faults.mail(account, &mut self.draw);
                self.record_struck();
                self.feed_mail(email::Input::Mail { mail, verdict });
            }
            &Delivery::Call(order) => {
                let verdict = self.faults.call(account, &mut self.draw);
                self.record_struck();
                let document = match order.opening {
                    Opening::Document(id) => self.papers.document(id).cloned(),
                    Opening::Fetch(_) => None,
                };
                self.feed_phone(voice::Input::Create { order, verdict, document });
            }
            &Delivery::Update(sid, update) => self.receive_update(sid, update),
            &Delivery::Ticket(form) => {
                let verdict = self.faults.ticket(account, &mut self.draw);
                self.record_struck();
                self.feed_desk(support::Input::Ticket { form, verdict });
            }
        }
    }

    /// A change of a call reaches the phone company; there is no answer for a sid that it does not
    /// know.
    fn receive_update(&mut self, sid: Sid, update: CallUpdate) {
        let Some(call) = self.phone.call_of_sid(sid).map(voice::Call::id) else { return };
        let update = match update {
            CallUpdate::Cancel => voice::Update::Cancel,
            CallUpdate::Complete => voice::Update::Complete,
            CallUpdate::Redirect(hook) => voice::Update::Redirect(hook),
            CallUpdate::Document(id) => {
                let body = self.papers.document(id).cloned();
                voice::Update::Document(body.unwrap_or(Body::Empty))
            }
        };
        self.feed_phone(voice::Input::Update(call, update));
    }

    /// A request of a call reaches the console, or its verdict keeps it from acting.
    fn receive_webhook(&mut self, webhook: &Webhook) {
        let verdict = self.flight.as_ref().map_or(WebhookVerdict::Pass, |flight| flight.webhook);
        let reply = match verdict {
            WebhookVerdict::Fails(http) => HookReply::bare(http),
            WebhookVerdict::Html => HookReply::not_twiml(ANOTHER_ROOT),
            WebhookVerdict::Unreadable => HookReply::not_twiml(UNREADABLE),
            WebhookVerdict::Redirected => HookReply::Redirected(recovery::redirects_to(webhook.hook)),
            WebhookVerdict::TimesOut { heard } => {
                if heard {
                    self.feed_console(recovery::Input::Webhook(webhook));
                }
                self.reply = Answer::Lost(Lost::TimedOut);
                return;
            }
            WebhookVerdict::Pass | WebhookVerdict::Lost | WebhookVerdict::Twice | WebhookVerdict::Late(_) => {
                self.feed_console(recovery::Input::Webhook(webhook));
                return;
            }
        };
        self.reply = Answer::Webhook(reply);
    }

    /// The app dies around the crossing that is carried.
    fn crash(&mut self, to_console: bool) {
        let Some(flight) = &mut self.flight else { return };
        let Some(crash) = flight.crash.take() else { return };
        flight.lost = Some(Lost::Cut);
        flight.forgotten = !to_console;
        self.up_at = Some(self.now + crash.down);
        self.record(Actor::Story, &EventKind::AppCrashed);
        self.feed_console(recovery::Input::Crash);
        self.settle();
    }

    /// Hands the answer to the sender. For an answer that was lost, the world knows why, whatever
    /// the stage saw of it.
    ///
    /// # Panics
    /// If `id` is not the crossing that is being carried.
    pub fn answer(&mut self, id: CrossingId, mut answer: Answer) {
        let Some(flight) = self.flight.take() else { unreachable!("no crossing is being carried") };
        assert!(flight.id == id, "{id} is answered while {} is carried", flight.id);
        self.queue.pop_front();
        if flight.forgotten {
            return;
        }
        if let Answer::Lost(seen) = &mut answer {
            *seen = flight.lost.unwrap_or(*seen);
            if *seen == Lost::TimedOut {
                let at = self.now + self.story.phone.webhook_timeout;
                self.late.push(Late { at, what: LateThing::Answer(flight.from, answer, flight.cause) });
                return;
            }
        }
        self.cause = flight.cause;
        self.take_answer(flight.from, &mut answer);
        self.settle();
    }

    /// The same with what [`Self::hand_over`] left here.
    pub(crate) fn answer_at_hand(&mut self, id: CrossingId) {
        let answer = std::mem::replace(&mut self.reply, NO_ANSWER);
        self.answer(id, answer);
    }

    pub(super) fn take_answer(&mut self, from: Sender, answer: &mut Answer) {
        match (from, answer) {
            (Sender::Browser(browser), Answer::Page(reply)) => {
                let input = person::Input::Page(browser, Ok(&reply.page));
                self.feed_person(Person::of_browser(browser), &input);
            }
            (Sender::Browser(browser), &mut Answer::Lost(lost)) => {
                self.feed_person(Person::of_browser(browser), &person::Input::Page(browser, Err(lost)));
            }
            (Sender::Outbox(outbox), answer) => self.feed_console(recovery::Input::Sent(outbox, answer)),
            (Sender::Call(webhook), Answer::Webhook(reply)) => {
                let reply = std::mem::replace(reply, HookReply::HEARD);
                self.feed_phone(voice::Input::Answered { webhook, reply: Ok(reply) });
            }
            (Sender::Call(webhook), &mut Answer::Lost(lost)) => {
                self.feed_phone(voice::Input::Answered { webhook, reply: Err(lost) });
            }
            (Sender::Desk(ticket), &mut Answer::Reset(reply)) => {
                self.feed_desk(support::Input::Answered(ticket, Ok(reply)));
            }
            (Sender::Desk(ticket), &mut Answer::Lost(lost)) => {
                self.feed_desk(support::Input::Answered(ticket, Err(lost)));
            }
            (Sender::Nobody, _) => {}
            (Sender::Browser(_) | Sender::Call(_) | Sender::Desk(_), answer) => {
                unreachable!("an answer of another kind came back: {answer:?}")
            }
        }
        self.settle();
    }
}

const fn around(crossing: &Crossing) -> Around {
    match crossing {
        Crossing::Page { .. } => Around::Page,
        Crossing::Mail(_) => Around::Mail,
        Crossing::Call(_) => Around::Call,
        Crossing::Webhook(_) => Around::Webhook,
        Crossing::Ticket(_) => Around::Ticket,
        Crossing::Reset(_) => Around::Reset,
    }
}
