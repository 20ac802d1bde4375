//! Routes: passes the outputs of each machine to their receivers.
//!
//! A machine's outputs are drained before any other input is handled; messages between machines in memory
//! wait in a separate queue.

use crate::base::account_set::AccountSet;
use crate::base::id::{BrowserId, CallId, EventId, OutboxId, PersonId, TicketId};
use crate::base::machine::Cx;
use crate::event::{Actor, Control, EventKind, NoReply, ScanRung, WebhookKind};
use crate::fault::WebhookVerdict;
use crate::message::{
    Action, Authenticity, CallReply, Crossing, Fields, Link, MailReply, TicketReply, TicketResult, Webhook,
};
use crate::people;
use crate::providers::{desk, mail, phone};
use crate::service::reference;
use crate::story::Character;
use crate::world::World;
use crate::world::carrier::{Context, Queued, Sender};
use crate::world::lines::PhoneLine;
use crate::world::local::LocalMessage;
use crate::world::schedule::LateThing;

/// The browser of a link scanner: it has no cookies, and its pages are discarded.
pub const SCANNER: BrowserId = BrowserId(u16::MAX);

/// The requests of a scanner to a link of the reference service. Its pages redirect nobody, and confirm in a
/// session only, which a scanner does not have.
const fn scans(rung: Option<ScanRung>) -> &'static [Control] {
    match rung {
        None => &[Control::ProbeLink, Control::FollowLink],
        Some(ScanRung::Head) => &[Control::ProbeLink],
        Some(ScanRung::Get | ScanRung::Redirects | ScanRung::Form) => &[Control::FollowLink],
    }
}

impl World {
    /// Passes `input` to the reference service, which writes its answer to where the input says. Does nothing if
    /// the service is external.
    pub(super) fn feed_console(&mut self, cause: Option<EventId>, input: reference::Input<'_>) {
        let Some(host) = self.service.reference_host() else { return };
        self.schedule.steps += 1;
        let mut cx = Cx::new(self.now, &mut self.rng);
        let outputs = host.run(|machine, outputs| {
            machine.handle_input(&mut cx, input);
            machine.take_outputs(outputs);
        });
        for output in &outputs {
            match output {
                reference::Output::Fact(kind) => {
                    let id = self.record(Actor::Console, kind, cause);
                    if let EventKind::PhoneChanged { account, number, .. } = *kind {
                        let input = desk::Input::PhoneChanged(account, number);
                        self.inner.push(LocalMessage::Desk(input, Some(id)));
                    }
                }
                reference::Output::Send(outbox) => self.send(*outbox),
            }
        }
        if let Some(host) = self.service.reference_host() {
            host.put_back(outputs);
        }
    }

    /// Queues the message of an outbox entry.
    fn send(&mut self, outbox: OutboxId) {
        let message = self.service.reference_host().and_then(|host| host.machine.message(outbox));
        let Some(crossing) = message else { return };
        let account = self.service.reference_host().and_then(|host| host.machine.account_of(outbox));
        let cause = self.recorder.of_outbox(outbox);
        self.enqueue(Sender::Outbox(outbox), &crossing, cause, account.into());
    }

    /// Passes `input` to the mail provider and returns its reply, if there is one.
    pub(super) fn feed_mail(
        &mut self,
        cause: Option<EventId>,
        input: mail::Input,
    ) -> Option<Result<MailReply, NoReply>> {
        self.schedule.steps += 1;
        let host = &mut self.providers.mail;
        let mut cx = Cx::new(self.now, &mut self.rng);
        let outputs = host.run(|machine, outputs| {
            machine.handle_input(&mut cx, input);
            machine.take_outputs(outputs);
        });
        let (mut reply, mut last) = (None, cause);
        for output in &outputs {
            match *output {
                mail::Output::Fact(ref kind) => last = Some(self.record(Actor::MailProvider, kind, cause)),
                mail::Output::Reply(answer) => reply = Some(answer),
                mail::Output::Deliver(to, letter) => {
                    self.tell_all(&people::Input::Letter(letter), last, |_, who| who.reads.contains(&to));
                }
                mail::Output::Scan(mail, Link::Url(url), rung) => {
                    self.enqueue(
                        Sender::Scanner(mail),
                        &Crossing::Scan { url, rung },
                        last,
                        AccountSet::NONE,
                    );
                }
                mail::Output::Scan(_, link @ Link::Token(_), rung) => {
                    for control in scans(rung).iter().copied() {
                        let action = Action::new(control, Fields::Link(Some(link)));
                        let crossing =
                            Crossing::Page { browser: SCANNER, csrf: Authenticity::Missing, action };
                        self.enqueue(Sender::Nobody, &crossing, last, AccountSet::NONE);
                    }
                }
            }
        }
        self.providers.mail.put_back(outputs);
        reply
    }

    /// Passes `input` to the phone company and returns its reply, if there is one.
    pub(super) fn feed_phone(
        &mut self,
        cause: Option<EventId>,
        input: phone::Input<'_>,
    ) -> Option<Result<CallReply, NoReply>> {
        self.feed_phone_about(AccountSet::NONE, cause, input)
    }

    /// The same for an order, whose call is about these accounts.
    pub(super) fn feed_phone_about(
        &mut self,
        about: AccountSet,
        cause: Option<EventId>,
        input: phone::Input<'_>,
    ) -> Option<Result<CallReply, NoReply>> {
        self.schedule.steps += 1;
        let host = &mut self.providers.phone;
        let mut cx = Cx::new(self.now, &mut self.rng);
        let outputs = host.run(|machine, outputs| {
            machine.handle_input(&mut cx, input);
            machine.take_outputs(outputs);
        });
        let (mut reply, mut last) = (None, cause);
        for output in &outputs {
            match *output {
                phone::Output::Fact(ref kind) => {
                    let truth = self.gathered_ground_truth(kind, cause);
                    last = Some(self.record(Actor::PhoneCompany, truth.as_ref().unwrap_or(kind), cause));
                    if let EventKind::CallTaken { number, .. } = *kind {
                        self.lines.open_call(number, about);
                    }
                }
                phone::Output::Reply(answer) => reply = Some(answer),
                phone::Output::Ring { call, number } => {
                    self.tell_all(&people::Input::Ring(call), last, |_, who| who.answers.contains(&number));
                    self.rings_in_hand(call, number);
                }
                phone::Output::Listens { call, keys } => match self.lines.taken_by(call) {
                    Some(who) => {
                        self.inner.push(LocalMessage::Person(who, people::Input::Listens(call, keys), last));
                    }
                    None => self.listens_in_hand(call, keys),
                },
                phone::Output::Said { call, ref speech } => match self.lines.taken_by(call) {
                    Some(who) => {
                        self.inner.push(LocalMessage::Person(
                            who,
                            people::Input::Said(call, speech.clone()),
                            last,
                        ));
                    }
                    None => self.said_in_hand(call, speech),
                },
                phone::Output::Ended { call, .. } => {
                    self.ended_in_hand(call);
                    self.line_is_dead(call, last);
                }
                phone::Output::Webhook { id, ref webhook } => self.send_webhook(id, webhook, last),
            }
        }
        self.providers.phone.put_back(outputs);
        reply
    }

    /// Tells the ringing handsets, or the person who picked up, that the call has ended.
    fn line_is_dead(&mut self, call: CallId, cause: Option<EventId>) {
        let Some(PhoneLine { number, taken_by, .. }) = self.lines.call(call) else { return };
        self.tell_all(&people::Input::Ended(call), cause, |id, who| match taken_by {
            Some(listens) => id == listens,
            None => who.answers.contains(&number),
        });
    }

    /// Sends a webhook to the service, subject to its faults.
    fn send_webhook(&mut self, id: phone::WebhookId, webhook: &Webhook, cause: Option<EventId>) {
        let call = self.providers.phone.machine.call_of_sid(webhook.sid).map(phone::Call::id);
        let about = call.map_or(AccountSet::NONE, |call| self.accounts_of_line(call));
        // A retried webhook has the cause of the first attempt.
        let cause = cause.or_else(|| self.recorder.of_call(call?));
        self.lines.remember(about, *webhook);
        let verdict = self.faults.plan.webhook(webhook.body.kind(), about, &mut self.rng);
        self.record_struck(cause);
        let status = webhook.body.kind() == WebhookKind::Status;
        let context = Context { cause, about, webhook: verdict };
        let (from, crossing) = (Sender::Call(id), Crossing::Webhook(*webhook));
        match verdict {
            WebhookVerdict::Lost if status => {
                let reply = Err(NoReply::Cut);
                self.inner.push(LocalMessage::Phone(phone::Input::Answered { webhook: id, reply }, cause));
            }
            WebhookVerdict::Late(by) if status => {
                let queued = Queued { from, crossing, context };
                self.schedule.hold_until(self.now + by, LateThing::Crossing(queued));
            }
            WebhookVerdict::Twice if status => {
                self.carrier.push(from, &crossing, context);
                self.carrier.push(Sender::Duplicate(id), &crossing, context);
            }
            WebhookVerdict::Pass
            | WebhookVerdict::Fails(_)
            | WebhookVerdict::TimesOut { .. }
            | WebhookVerdict::Unreadable
            | WebhookVerdict::Html
            | WebhookVerdict::Redirected
            | WebhookVerdict::Lost
            | WebhookVerdict::Twice
            | WebhookVerdict::Late(_) => self.carrier.push(from, &crossing, context),
        }
    }

    /// Passes `input` to the support desk and returns its reply, if there is one.
    pub(super) fn feed_desk(&mut self, cause: Option<EventId>, input: desk::Input) -> Option<TicketReply> {
        self.schedule.steps += 1;
        let host = &mut self.providers.desk;
        let mut cx = Cx::new(self.now, &mut self.rng);
        let outputs = host.run(|machine, outputs| {
            machine.handle_input(&mut cx, input);
            machine.take_outputs(outputs);
        });
        let (mut reply, mut cause, mut last) = (None, cause, cause);
        for output in &outputs {
            match *output {
                desk::Output::Fact(ref kind) => {
                    last = Some(self.record(Actor::Desk, kind, cause));
                    if let EventKind::TicketTaken { account, .. } = *kind {
                        self.lines.open_ticket(self.recorder.asked_by(last), account);
                    }
                }
                desk::Output::AskedAgain(ticket) => self.lines.ticket(ticket).asked_again = cause,
                desk::Output::Reopens(ticket) => cause = self.lines.ticket(ticket).asked_again,
                desk::Output::Reply(answer) => reply = Some(answer),
                desk::Output::Call(ticket, number) => {
                    self.lines.ticket(ticket).number = Some(number);
                    let input = people::Input::CallBack(ticket);
                    self.tell_all(&input, last, |_, who| who.answers.contains(&number));
                }
                desk::Output::StopsRinging(ticket) => {
                    let number = self.lines.ticket(ticket).number;
                    let rings = |who: &Character| number.is_some_and(|number| who.answers.contains(&number));
                    self.tell_all(&people::Input::CallBackEnded(ticket), last, |_, who| rings(who));
                }
                desk::Output::Asks(ticket) => {
                    let who = self.lines.ticket(ticket).taken_by;
                    self.tell_about_ticket(who, people::Input::AskedForProof(ticket), last);
                }
                desk::Output::AsksForDocuments(ticket) => {
                    let who = self.lines.end_desk_call(ticket);
                    self.tell_about_ticket(who, people::Input::AskedForProof(ticket), last);
                }
                desk::Output::Reset(request) => {
                    let account = self.setup.story.account_numbered(request.account_number);
                    let crossing = Crossing::Reset(request);
                    self.enqueue(Sender::Desk(request.ticket), &crossing, last, account.into());
                }
                desk::Output::Tells(ticket, result) => self.tell_result(ticket, result, last),
            }
        }
        self.providers.desk.put_back(outputs);
        reply
    }

    /// Tells the result to the person on the line, unless it is another's account, and to the writer of the
    /// ticket if that is another person. Only the one who was asked for proof learns the password.
    fn tell_result(&mut self, ticket: TicketId, result: TicketResult, cause: Option<EventId>) {
        let line = *self.lines.ticket(ticket);
        let to_writer = if line.taken_by.is_some() { result.in_public() } else { result };
        let aims_at = |who: &PersonId| Some(self.setup.story.people[who.index()].account);
        let concerned = line.taken_by.filter(|who| line.account.is_none() || aims_at(who) == line.account);
        self.tell_about_ticket(concerned, people::Input::Told(ticket, result), cause);
        let writer = line.writer.filter(|who| Some(*who) != line.taken_by);
        self.tell_about_ticket(writer, people::Input::Told(ticket, to_writer), cause);
    }

    fn tell_about_ticket(
        &mut self,
        who: Option<PersonId>,
        input: people::Input<'static>,
        cause: Option<EventId>,
    ) {
        if let Some(who) = who {
            self.inner.push(LocalMessage::Person(who, input, cause));
        }
    }

    /// Passes `input` to `who`. Each fact about a person causes the next, because people act on what they
    /// saw.
    pub(super) fn feed_person(&mut self, cause: Option<EventId>, who: PersonId, input: &people::Input<'_>) {
        let Some(person) = self.people.all.get_mut(who.index()) else { return };
        self.schedule.steps += 1;
        self.people.wakes[who.index()].invalidate();
        let mut outputs = std::mem::take(&mut self.people.spare);
        person.handle_input(&mut Cx::new(self.now, &mut self.rng), input);
        person.take_outputs(&mut outputs);
        let mut cause = cause;
        for output in &outputs {
            match *output {
                people::Output::Fact(ref kind) => {
                    let truth = self.fact_ground_truth(who, kind);
                    cause = Some(self.record(Actor::Person(who), truth.as_ref().unwrap_or(kind), cause));
                }
                people::Output::Request { browser, csrf, ref action, typed } => {
                    let typed = self.typed_ground_truth(who, action, typed);
                    let kind = EventKind::Requested { browser, action: action.control(), typed };
                    cause = Some(self.record(Actor::Person(who), &kind, cause));
                    let account = AccountSet::one(self.setup.story.people[who.index()].account);
                    let crossing = Crossing::Page { browser, csrf, action: *action };
                    self.enqueue(Sender::Browser(browser), &crossing, cause, account);
                }
                people::Output::Forge { body, status, signature } => {
                    let forged = self.forged(who, body, status, signature);
                    self.enqueue(Sender::Nobody, &Crossing::Webhook(forged), cause, AccountSet::NONE);
                }
                people::Output::Replay(kind) => {
                    if let Some(webhook) = self.last_webhook(who, Some(kind)) {
                        self.enqueue(Sender::Nobody, &Crossing::Webhook(webhook), cause, AccountSet::NONE);
                    }
                }
                people::Output::StealCookie(by) => self.steal_cookie(who, by, cause),
                people::Output::PutInCookie(by) => self.put_in_cookie(who, by, cause),
                people::Output::PickUp(call) => self.pick_up(who, call, cause),
                people::Output::Press(call, key) => {
                    self.inner.push(LocalMessage::Phone(phone::Input::Pressed(call, key), cause));
                }
                people::Output::HangUp(call) => {
                    self.inner.push(LocalMessage::Phone(phone::Input::HungUp(call), cause));
                }
                people::Output::TakeCallBack(ticket) => self.take_call_back(who, ticket, cause),
                people::Output::Prove(ticket, identity) => {
                    self.inner.push(LocalMessage::Desk(desk::Input::Proved(ticket, identity), cause));
                }
                people::Output::Finished(outcome) => self.people.outcomes[who.index()] = Some(outcome),
            }
        }
        outputs.clear();
        self.people.spare = outputs;
    }

    /// Connects `who` to the call, and stops the ringing for all others.
    fn pick_up(&mut self, who: PersonId, call: CallId, cause: Option<EventId>) {
        let Some(number) = self.lines.pick_up(call, who) else { return };
        let others = |id, other: &Character| id != who && other.answers.contains(&number);
        self.tell_all(&people::Input::Ended(call), cause, others);
        self.inner.push(LocalMessage::Phone(phone::Input::PickedUp(call), cause));
    }

    fn take_call_back(&mut self, who: PersonId, ticket: TicketId, cause: Option<EventId>) {
        let line = self.lines.ticket(ticket);
        line.taken_by = Some(who);
        let number = line.number;
        let others =
            |id, other: &Character| id != who && number.is_some_and(|number| other.answers.contains(&number));
        self.tell_all(&people::Input::CallBackEnded(ticket), cause, others);
        self.inner.push(LocalMessage::Desk(desk::Input::Taken(ticket), cause));
    }

    pub(super) fn enqueue(
        &mut self,
        from: Sender,
        crossing: &Crossing,
        cause: Option<EventId>,
        about: AccountSet,
    ) {
        let context = Context { cause, about, webhook: WebhookVerdict::Pass };
        self.carrier.push(from, crossing, context);
    }

    /// Sends `input` to all people selected by `test`, in order.
    pub(super) fn tell_all(
        &mut self,
        input: &people::Input<'static>,
        cause: Option<EventId>,
        test: impl Fn(PersonId, &Character) -> bool,
    ) {
        for (at, who) in self.setup.story.people.iter().enumerate() {
            let id = PersonId(at as u16);
            if test(id, who) {
                self.inner.push(LocalMessage::Person(id, input.clone(), cause));
            }
        }
    }
}
