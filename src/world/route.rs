//! Routes: who hears of what a machine puts out.
//!
//! A machine's outputs are drained before anything else is handed to it; what goes from machine
//! to machine in memory waits its turn in a queue of its own.

use crate::crossing::Action;
use crate::crossing::Answer;
use crate::crossing::Crossing;
use crate::crossing::Proof;
use crate::crossing::Webhook;
use crate::crossing::WebhookBody;
use crate::email;
use crate::event::Actor;
use crate::event::EventKind;
use crate::event::Lost;
use crate::fault::WebhookVerdict;
use crate::id::AccountId;
use crate::id::BrowserId;
use crate::id::CallId;
use crate::id::EventId;
use crate::id::PersonId;
use crate::id::TicketId;
use crate::person;
use crate::recovery;
use crate::story::Character;
use crate::support;
use crate::voice;
use crate::world::DeskLine;
use crate::world::Late;
use crate::world::LateThing;
use crate::world::Line;
use crate::world::World;
use crate::world::carry::Queued;
use crate::world::carry::Sender;
use crate::world::inner::Inner;

/// The browser of a link scanner: it has no cookies, and nobody looks at its pages.
pub const SCANNER: BrowserId = BrowserId(u16::MAX);

impl World {
    pub(super) fn feed_console(&mut self, input: recovery::Input<'_>) {
        self.agenda.console.fed();
        self.steps += 1;
        self.console.handle_input(self.now, &mut self.draw, input);
        let wishes = self.console.all_wishes();
        for wish in &wishes {
            match wish {
                recovery::Wish::Fact(kind) => {
                    let id = self.record(Actor::Console, kind);
                    if let EventKind::PhoneChanged { account, number, .. } = *kind {
                        let input = support::Input::PhoneChanged(account, number);
                        self.inner.push(Inner::Desk(input, Some(id)));
                    }
                }
                recovery::Wish::Send(outbox, crossing) => {
                    let account = self.account_of(crossing);
                    let cause = self.latest.of_outbox(*outbox);
                    self.enqueue(Sender::Outbox(*outbox), crossing, cause, account);
                }
            }
        }
        self.console.take_back(wishes);
        if let Some(answer) = self.console.take_reply() {
            self.reply = answer;
        }
    }

    pub(super) fn feed_mail(&mut self, input: email::Input) {
        self.agenda.mail.fed();
        self.steps += 1;
        self.mail.handle_input(self.now, input);
        let mut last = self.cause;
        while let Some(output) = self.mail.poll_output() {
            match output {
                email::Output::Fact(kind) => last = Some(self.record(Actor::MailProvider, &kind)),
                email::Output::Reply(reply) => self.reply = reply.map_or_else(Answer::Lost, Answer::Mail),
                email::Output::Deliver(to, letter) => {
                    self.tell_all(&person::Input::Letter(letter), last, |_, who| who.reads.contains(&to));
                }
                email::Output::Scan(_, link) => {
                    for action in [Action::ProbeLink(Some(link)), Action::FollowLink(Some(link))] {
                        let crossing = Crossing::Page { browser: SCANNER, csrf: Proof::Missing, action };
                        self.enqueue(Sender::Nobody, &crossing, last, None);
                    }
                }
            }
        }
    }

    pub(super) fn feed_phone(&mut self, input: voice::Input) {
        self.agenda.phone.fed();
        self.steps += 1;
        self.phone.handle_input(self.now, &mut self.draw, input);
        let mut last = self.cause;
        while let Some(output) = self.phone.poll_output() {
            match output {
                voice::Output::Fact(kind) => {
                    let id = self.record(Actor::PhoneCompany, &kind);
                    last = Some(id);
                    if let EventKind::CallTaken { number, .. } = kind {
                        self.lines.push(Line { number, taken_by: None });
                    }
                }
                voice::Output::Reply(reply) => self.reply = reply.map_or_else(Answer::Lost, Answer::Call),
                voice::Output::Ring { call, number } => {
                    self.tell_all(&person::Input::Ring(call), last, |_, who| who.answers.contains(&number));
                }
                voice::Output::Said { call, speech } => {
                    if let Some(who) = self.lines.get(call.index()).and_then(|line| line.taken_by) {
                        self.inner.push(Inner::Person(who, person::Input::Said(call, speech), last));
                    }
                }
                voice::Output::Ended { call, .. } => self.line_is_dead(call, last),
                voice::Output::Webhook { id, webhook } => self.send_webhook(id, webhook, last),
            }
        }
    }

    /// The handset stops ringing, or the line of whoever picked up is dead.
    fn line_is_dead(&mut self, call: CallId, cause: Option<EventId>) {
        let Some(line) = self.lines.get(call.index()) else { return };
        let Line { number, taken_by } = *line;
        self.tell_all(&person::Input::Ended(call), cause, |id, who| match taken_by {
            Some(listens) => id == listens,
            None => who.answers.contains(&number),
        });
    }

    /// A request of a call leaves for the console, as its faults let it.
    fn send_webhook(&mut self, id: voice::WebhookId, webhook: Webhook, cause: Option<EventId>) {
        let call = self.phone.call_of_sid(webhook.sid).map(voice::Call::id);
        let account = call.and_then(|call| self.account_of_line(call));
        // What is asked once more, after an answer that did not come, is asked for what led to it.
        let cause = cause.or_else(|| self.latest.of_call(call?));
        self.remember_webhook(account, webhook);
        let before = std::mem::replace(&mut self.cause, cause);
        let verdict = self.faults.webhook(webhook.body.kind(), account, &mut self.draw);
        self.record_struck();
        self.cause = before;
        let status = matches!(webhook.body, WebhookBody::Status(_));
        let from = Sender::Call(id);
        let crossing = Crossing::Webhook(webhook);
        let queued = Queued { from, crossing, cause, account, webhook: verdict };
        match verdict {
            WebhookVerdict::Lost if status => {
                let reply = Err(Lost::Cut);
                self.inner.push(Inner::Phone(voice::Input::Answered { webhook: id, reply }, cause));
            }
            WebhookVerdict::Late(by) if status => {
                self.late.push(Late { at: self.now + by, what: LateThing::Crossing(queued) });
            }
            WebhookVerdict::Twice if status => {
                let again = Queued { from: Sender::Nobody, ..queued };
                self.queue.push_back(queued);
                self.queue.push_back(again);
            }
            WebhookVerdict::Pass
            | WebhookVerdict::Fails(_)
            | WebhookVerdict::TimesOut { .. }
            | WebhookVerdict::Unreadable
            | WebhookVerdict::Html
            | WebhookVerdict::Redirected
            | WebhookVerdict::Lost
            | WebhookVerdict::Twice
            | WebhookVerdict::Late(_) => self.queue.push_back(queued),
        }
    }

    pub(super) fn feed_desk(&mut self, input: support::Input) {
        self.agenda.desk.fed();
        self.steps += 1;
        self.desk.handle_input(self.now, input);
        let before = self.cause;
        let mut last = self.cause;
        while let Some(output) = self.desk.poll_output() {
            match output {
                support::Output::Fact(kind) => {
                    last = Some(self.record(Actor::Desk, &kind));
                    if let EventKind::TicketTaken { .. } = kind {
                        let writer = self.asked_by(last);
                        self.desk_lines.push(DeskLine { writer, ..DeskLine::default() });
                    }
                }
                support::Output::AskedAgain(ticket) => {
                    self.desk_lines[ticket.index()].asked_again = self.cause;
                }
                support::Output::Reopens(ticket) => {
                    self.cause = self.desk_lines[ticket.index()].asked_again;
                }
                support::Output::Reply(reply) => self.reply = Answer::Ticket(reply),
                support::Output::Call(ticket, number) => {
                    self.desk_lines[ticket.index()].number = Some(number);
                    let input = person::Input::CallBack(ticket);
                    self.tell_all(&input, last, |_, who| who.answers.contains(&number));
                }
                support::Output::StopsRinging(ticket) => {
                    let number = self.desk_lines[ticket.index()].number;
                    let rings = |who: &Character| number.is_some_and(|number| who.answers.contains(&number));
                    self.tell_all(&person::Input::CallBackEnded(ticket), last, |_, who| rings(who));
                }
                support::Output::Asks(ticket) => {
                    let who = self.desk_lines[ticket.index()].taken_by;
                    self.tell_about_ticket(who, person::Input::AskedForProof(ticket), last);
                }
                support::Output::AsksForDocuments(ticket) => {
                    let who = self.desk_lines[ticket.index()].writer;
                    self.tell_about_ticket(who, person::Input::AskedForProof(ticket), last);
                }
                support::Output::Reset(request) => {
                    let account = self.account_of(&Crossing::Reset(request));
                    self.enqueue(Sender::Desk(request.ticket), &Crossing::Reset(request), last, account);
                }
                support::Output::Tells(ticket, reset) => self.tell_result(ticket, reset, last),
            }
        }
        self.cause = before;
    }

    /// Whoever is on the line is told, and the writer of the ticket too, if that is somebody else.
    fn tell_result(&mut self, ticket: TicketId, reset: bool, cause: Option<EventId>) {
        let line = self.desk_lines[ticket.index()];
        let input = person::Input::Told(ticket, reset);
        self.tell_about_ticket(line.taken_by, input.clone(), cause);
        self.tell_about_ticket(line.writer.filter(|who| Some(*who) != line.taken_by), input, cause);
    }

    fn tell_about_ticket(
        &mut self,
        who: Option<PersonId>,
        input: person::Input<'static>,
        cause: Option<EventId>,
    ) {
        if let Some(who) = who {
            self.inner.push(Inner::Person(who, input, cause));
        }
    }

    pub(super) fn feed_person(&mut self, who: PersonId, input: &person::Input<'_>) {
        let Some(person) = self.people.get_mut(who.index()) else { return };
        self.steps += 1;
        self.agenda.people[who.index()].fed();
        person.handle_input(self.now, &mut self.draw, input);
        let outputs = person.all_outputs();
        for output in &outputs {
            match *output {
                person::Output::Fact(ref kind) => {
                    if let Some(kind) = self.keyed_in_truth(kind) {
                        self.record(Actor::Person(who), &kind);
                    } else {
                        self.record(Actor::Person(who), kind);
                    }
                }
                person::Output::Request { browser, csrf, ref action, typed } => {
                    let typed = self.typed_in_truth(action, typed);
                    let kind = EventKind::Requested { browser, action: action.name(), typed };
                    let cause = Some(self.record(Actor::Person(who), &kind));
                    let account = Some(self.story.people[who.index()].account);
                    let crossing = Crossing::Page { browser, csrf, action: *action };
                    self.enqueue(Sender::Browser(browser), &crossing, cause, account);
                }
                person::Output::Forge { body, status, signature } => {
                    let forged = self.forged(who, body, status, signature);
                    self.enqueue(Sender::Nobody, &Crossing::Webhook(forged), self.cause, None);
                }
                person::Output::Replay(kind) => {
                    if let Some(webhook) = self.last_webhook(who, Some(kind)) {
                        self.enqueue(Sender::Nobody, &Crossing::Webhook(webhook), self.cause, None);
                    }
                }
                person::Output::PickUp(call) => {
                    self.pick_up(who, call);
                }
                person::Output::Press(call, key) => {
                    self.inner.push(Inner::Phone(voice::Input::Pressed(call, key), self.cause));
                }
                person::Output::HangUp(call) => {
                    self.inner.push(Inner::Phone(voice::Input::HungUp(call), self.cause));
                }
                person::Output::TakeCallBack(ticket) => self.take_call_back(who, ticket),
                person::Output::Prove(ticket, proof) => {
                    self.inner.push(Inner::Desk(support::Input::Proved(ticket, proof), self.cause));
                }
                person::Output::Finished(outcome) => self.outcomes[who.index()] = Some(outcome),
            }
        }
        self.people[who.index()].take_back(outputs);
        // The next to be handed something does not do it because of this person.
        self.cause = None;
    }

    /// Somebody picks up: the line is theirs, and stops ringing for all others.
    fn pick_up(&mut self, who: PersonId, call: CallId) {
        let Some(line) = self.lines.get_mut(call.index()) else { return };
        if line.taken_by.is_some() {
            return;
        }
        line.taken_by = Some(who);
        let number = line.number;
        let others = |id, other: &Character| id != who && other.answers.contains(&number);
        self.tell_all(&person::Input::Ended(call), self.cause, others);
        self.inner.push(Inner::Phone(voice::Input::PickedUp(call), self.cause));
    }

    fn take_call_back(&mut self, who: PersonId, ticket: TicketId) {
        let line = &mut self.desk_lines[ticket.index()];
        line.taken_by = Some(who);
        let number = line.number;
        let others =
            |id, other: &Character| id != who && number.is_some_and(|number| other.answers.contains(&number));
        self.tell_all(&person::Input::CallBackEnded(ticket), self.cause, others);
        self.inner.push(Inner::Desk(support::Input::Taken(ticket), self.cause));
    }

    fn enqueue(
        &mut self,
        from: Sender,
        crossing: &Crossing,
        cause: Option<EventId>,
        account: Option<AccountId>,
    ) {
        self.queue.push_back(Queued {
            from,
            crossing: *crossing,
            cause,
            account,
            webhook: WebhookVerdict::Pass,
        });
    }

    /// Whose account a crossing is about, as far as faults are concerned.
    fn account_of(&self, crossing: &Crossing) -> Option<AccountId> {
        match crossing {
            Crossing::Mail(mail) => self.story.account_of_address(mail.to),
            Crossing::Call(order) => self.story.account_of_number(order.to),
            Crossing::Ticket(form) => self.story.account_of_address(form.email),
            Crossing::Reset(request) => {
                let number = request.account_number;
                let at = self.story.accounts.iter().position(|account| account.number == number)?;
                u16::try_from(at).ok().map(AccountId)
            }
            Crossing::Page { .. } | Crossing::Webhook(_) => None,
        }
    }

    fn account_of_line(&self, call: CallId) -> Option<AccountId> {
        self.story.account_of_number(self.lines.get(call.index())?.number)
    }

    /// The same for all whom `test` picks out, in their order.
    fn tell_all(
        &mut self,
        input: &person::Input<'static>,
        cause: Option<EventId>,
        test: impl Fn(PersonId, &Character) -> bool,
    ) {
        for (at, who) in self.story.people.iter().enumerate() {
            let id = PersonId(at as u16);
            if test(id, who) {
                self.inner.push(Inner::Person(id, input.clone(), cause));
            }
        }
    }
}
