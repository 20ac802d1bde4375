//! A test harness for the service: plays a script of requests by browsers, calls and the support desk,
//! and compares each outcome with the script.
//!
//! A line is an action, an arrow and the expected outcome: `1 name ana -> Password` is an action of
//! browser 1. `wait 59m` advances time. Codes are given by their offset in steps: `1 code +1`, or
//! `1 code -1 of 2` for the second device; links and calls by number: `1 confirm link 1`,
//! `call 1 keys right`. `2 copies 1` puts browser 1's cookie into browser 2. Below an action, `sent` lists what left the service, `offers` lists the controls
//! on the page, and `facts` counts the named facts; `computed` is the number of codes computed so far,
//! and `showing +1 of 2` finds the device that shows such a code. The harness replaces the expected
//! outcomes with the actual ones and compares the two texts, so a test is its own transcript.

mod script;

use std::fmt::Write as _;

use self::script::{answer, kind_of};
use super::*;
use crate::base::id::{AccountId, AddressId, DeviceId, TicketId};
use crate::base::machine::Cx;
use crate::base::number::Number;
use crate::base::otp::Kind;
use crate::base::rng::Rng;
use crate::base::secret::{Password, Seed, Token};
use crate::base::time::Span;
use crate::event::{AnsweredBy, CallStatus, NoReply, Problem, WebhookKind};
use crate::message::{
    Action, Authenticity, Body, CallCreate, CallReply, Cookie, Crossing, Gather, HookReply, MailReply,
    Offers, Opening, Page, PageReply, Sid, StatusReport, TicketReply, Verb, WebhookBody,
};
use crate::service::reference::call_ref::CallRef;

/// One service with Ana's account (two addresses) and Ben's (one), and what it has sent so far.
pub(super) struct Rehearsal {
    service: Recovery,
    draw: Rng,
    now: Time,
    /// The session cookie of each browser.
    jars: [Option<Token>; 3],
    page: Option<Page>,
    /// All controls offered so far.
    offered: Offers,
    pub(super) links: Vec<Token>,
    calls: Vec<CallCreate>,
    facts: Vec<EventKind>,
    sent: Vec<String>,
    /// How emails, calls and tickets are answered; `None` means not at all.
    answers: [Option<Answer>; 3],
}

/// A bound on timeouts in one wait, to catch loops.
/// The place of an answer before the service writes it.
const NOTHING: Answer = Answer::Lost(NoReply::Cut);
const STEPS_MAX: usize = 1_000;

const EPOCH: u64 = 1_800_000_000;
const USERS: [(&str, AddressId); 3] =
    [("ana", AddressId(0)), ("ben", AddressId(2)), ("nobody", AddressId(9))];

fn seed_of(device: u16) -> Seed {
    Seed::new([device as u8 + 1; 20])
}

impl Rehearsal {
    pub(super) fn by(policy: Policy) -> Self {
        Self::with_devices(policy, 1)
    }

    /// With this many authenticators on Ana's account; Ben has one, the last.
    pub(super) fn with_devices(policy: Policy, devices: u16) -> Self {
        let enrolled =
            |at| Enrolled { device: DeviceId(at), kind: Kind::TOTP, seed: seed_of(at), counter: 0 };
        let ana = Subscriber {
            user: AddressId(0),
            password: Password::of("right"),
            number: 1,
            emails: vec![AddressId(0), AddressId(1)],
            phone: Number::read("+34600000001").ok(),
            devices: (0..devices).map(enrolled).collect(),
        };
        let ben = Subscriber {
            user: AddressId(2),
            number: 2,
            emails: vec![AddressId(2)],
            phone: Number::read("+34600000002").ok(),
            devices: vec![enrolled(devices)],
            ..ana.clone()
        };
        let epoch = Epoch::from_unix_millis(EPOCH * 1_000);
        Self {
            service: Recovery::new(policy, epoch, vec![ana, ben], devices + 1),
            draw: Rng::new(1),
            now: Time::ZERO,
            jars: [None; 3],
            page: None,
            offered: Offers::NONE,
            links: Vec::new(),
            calls: Vec::new(),
            facts: Vec::new(),
            sent: Vec::new(),
            answers: [
                Some(Answer::Mail(MailReply::Taken)),
                Some(Answer::Call(CallReply::Created { sid: Sid(1) })),
                Some(Answer::Ticket(TicketReply::Taken)),
            ],
        }
    }

    /// Removes Ana's phone number.
    pub(super) fn without_phone(mut self) -> Self {
        self.service.durable.accounts[0].phone = None;
        self
    }

    /// Replaces the newest phone code with `value`.
    pub(super) fn with_phone_code(mut self, value: u32) -> Self {
        self.service.durable.codes.last_mut().unwrap().code = Code::new(value, 6);
        self
    }

    /// Gives all devices of both accounts one secret, so that they show the same codes.
    pub(super) fn with_one_secret(mut self) -> Self {
        for device in self.service.durable.accounts.iter_mut().flat_map(|account| &mut account.devices) {
            let (kind, seed) = (Kind::TOTP, seed_of(0));
            *device = Authenticator::new(Enrolled { device: device.device, kind, seed, counter: 0 });
        }
        self
    }

    /// Replaces Ana's devices with one HOTP device.
    pub(super) fn with_a_counter(mut self) -> Self {
        let enrolled = Enrolled { device: DeviceId(0), kind: Kind::HOTP, seed: seed_of(0), counter: 0 };
        self.service.durable.accounts[0].devices = vec![Authenticator::new(enrolled)];
        self
    }

    /// Plays the script and compares the outcomes.
    #[track_caller]
    pub(super) fn check(mut self, script: &str) -> Self {
        let (mut expected, mut came) = (String::new(), String::new());
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            writeln!(expected, "{line}").unwrap();
            let (deed, outcome) = line.split_once(" -> ").unwrap_or((line, ""));
            let told = match deed.split_once(' ').unwrap_or((deed, "")) {
                ("sent", _) => format!("sent {}", self.told_sent()),
                ("offers", _) => format!("offers {}", self.told_offers()),
                ("facts", asked) => format!("facts {}", self.told_facts(asked)),
                ("computed", _) => format!("computed -> {}", self.service.codes_computed()),
                ("showing", which) => format!("{deed} -> {}", self.told_showing(which)),
                _ if outcome.is_empty() => {
                    self.play(deed);
                    deed.to_owned()
                }
                _ => format!("{deed} -> {}", self.play(deed)),
            };
            writeln!(came, "{told}").unwrap();
        }
        if expected != came {
            panic!("\nexpected:\n{expected}\ncame:\n{came}\nlast facts: {:?}", self.facts);
        }
        self
    }

    fn told_sent(&self) -> String {
        if self.sent.is_empty() { "nothing".to_owned() } else { self.sent.join(", ") }
    }

    /// The device whose code this is now.
    fn told_showing(&mut self, which: &str) -> String {
        let words = ["code"].into_iter().chain(which.split(' ')).collect::<Vec<_>>();
        let Some(code) = self.action(&words).fields().code() else { panic!("no code: {which}") };
        let now = crate::base::otp::step_at(self.service.epoch.unix_secs(self.now));
        match self.service.device_showing(self.now, AccountId(0), code) {
            None => "nobody".to_owned(),
            Some((device, step)) => format!("device {} {:+}", device.0, step as i64 - now as i64),
        }
    }

    /// All controls offered so far.
    pub(super) const fn offered(&self) -> Offers {
        self.offered
    }

    fn told_offers(&self) -> String {
        let offers = self.page.unwrap().offers;
        let held = offers.iter();
        let told = held.map(|offer| format!("{offer:?}")).collect::<Vec<_>>().join(" ");
        if told.is_empty() { "nothing".to_owned() } else { told }
    }

    /// How often each of these facts happened since the last action: `PhoneFailed×0`.
    fn told_facts(&self, asked: &str) -> String {
        let tell = |asked: &str| {
            let name = asked.split('×').next().unwrap();
            let is = |fact: &&EventKind| format!("{fact:?}").split([' ', '(']).next() == Some(name);
            format!("{name}×{}", self.facts.iter().filter(is).count())
        };
        asked.split(' ').map(tell).collect::<Vec<_>>().join(" ")
    }

    fn play(&mut self, deed: &str) -> String {
        self.facts.clear();
        self.sent.clear();
        let words: Vec<&str> = deed.split(' ').collect();
        match words[..] {
            ["wait", span] => self.wait(span),
            [to, "copies", from] => {
                let [to, from] = [to, from].map(|browser| browser.parse::<usize>().unwrap() - 1);
                self.jars[to] = self.jars[from];
            }
            ["crash"] => self.put(Input::Crash),
            ["restart"] => self.put(Input::Restart),
            ["mails" | "calls" | "tickets", ..] => self.answers[kind_of(words[0])] = answer(&words),
            ["reset", ticket, number, ref credential @ ..] => {
                return self.reset(ticket.parse().unwrap(), number.parse().unwrap(), credential);
            }
            ["call", at, ref what @ ..] => return self.call(at.parse().unwrap(), what),
            [browser, ref what @ ..] => {
                let (what, csrf, cookie) = match what {
                    [what @ .., "forged"] => (what, Authenticity::Missing, true),
                    [what @ .., "without-cookie"] => (what, Authenticity::Missing, false),
                    what => (what, Authenticity::Valid, true),
                };
                let action = self.action(what);
                return self.ask(browser.parse::<usize>().unwrap() - 1, csrf, cookie, action);
            }
            [] => unreachable!("{deed}"),
        }
        String::new()
    }

    fn ask(&mut self, browser: usize, csrf: Authenticity, cookie: bool, action: Action) -> String {
        let cookie = self.jars[browser].filter(|_| cookie);
        let mut reply = NOTHING;
        self.put(Input::Page(&PageRequest { cookie, csrf, action }, &mut reply));
        let Answer::Page(PageReply { page, cookie }) = reply else { panic!("no page: {reply:?}") };
        match cookie {
            Cookie::Keep => {}
            Cookie::Set(token) => self.jars[browser] = Some(token),
            Cookie::Clear => self.jars[browser] = None,
        }
        self.page = Some(page);
        self.offered = page.offers.iter().fold(self.offered, Offers::with);
        let mut told = format!("{:?}", page.name);
        if let Some(notice) = page.notice {
            write!(told, ": {notice:?}").unwrap();
        }
        match page.shown {
            crate::message::Shown::Phone { code: Some(_), .. } => told.push_str(", code"),
            crate::message::Shown::Devices(held) => {
                write!(told, ", {} devices", held.iter().count()).unwrap();
                if held.stopped().next().is_some() {
                    write!(told, " and {} stopped", held.stopped().count()).unwrap();
                }
            }
            crate::message::Shown::Enrolment { .. } => told.push_str(", secret"),
            crate::message::Shown::Link(_) => told.push_str(", button"),
            crate::message::Shown::Phone { .. }
            | crate::message::Shown::Address(_)
            | crate::message::Shown::Nothing => {}
        }
        told
    }

    fn reset(&mut self, ticket: u32, account_number: u64, credential: &[&str]) -> String {
        let not_me = credential == ["not-me"];
        let problem = if not_me { Problem::NotMe } else { Problem::NoCall };
        let is_valid = not_me || credential.is_empty();
        let credential = if is_valid { Authenticity::Valid } else { Authenticity::Wrong };
        let password = not_me.then(|| Password::of("one-time"));
        let request =
            ResetRequest { ticket: TicketId(ticket), account_number, problem, password, credential };
        let mut reply = NOTHING;
        self.put(Input::Reset(request, &mut reply));
        let Answer::Reset(reply) = reply else { panic!("no answer to a reset: {reply:?}") };
        format!("{reply:?}")
    }

    fn call(&mut self, at: usize, what: &[&str]) -> String {
        let (what, signature) = match what {
            [what @ .., "unsigned"] => (what, Authenticity::Missing),
            what => (what, Authenticity::Valid),
        };
        let mut status = CallStatus::InProgress;
        let body = match what {
            ["fetch", ..] => WebhookBody::Fetch,
            ["keys", keys] => WebhookBody::Action(self.digits(at, keys)),
            [sequence, told] => {
                status = *CallStatus::ALL.iter().find(|status| format!("{status:?}") == **told).unwrap();
                let sequence = sequence.parse().unwrap();
                WebhookBody::Status(StatusReport { sequence, ..StatusReport::default() })
            }
            other => panic!("no such request of a call: {other:?}"),
        };
        let answered_by = match what {
            ["fetch", "voicemail"] => Some(AnsweredBy::MachineStart),
            ["fetch", "fax"] => Some(AnsweredBy::Fax),
            ["fetch", "person"] => Some(AnsweredBy::Human),
            _ => None,
        };
        // A call that was never ordered has a reference that the service never issued.
        let order = self.calls.get(at - 1).copied();
        let document = order.map_or(CallRef(0).hook(WebhookKind::Fetch), |order| match order.opening {
            Opening::Fetch(hook) => hook,
            Opening::Document(_) => panic!("the service's documents have addresses"),
        });
        let (reference, _) = CallRef::read(document).unwrap();
        let hook = reference.hook(body.kind());
        let to = order.map_or(Number::read("+34600000009").unwrap(), |order| order.to);
        let from = CALLER;
        let webhook = Webhook { hook, from, sid: Sid(1), to, signature, status, answered_by, body };
        let mut reply = NOTHING;
        self.put(Input::Webhook(&webhook, &mut reply));
        let Answer::Webhook(reply) = reply else { panic!("no answer to a call: {reply:?}") };
        let document = match reply {
            HookReply::Answered { http: 200, body: Body::Document(document) } => document,
            HookReply::Answered { http: 204, body: Body::Empty } => return "Heard".to_owned(),
            HookReply::Answered { http: 403, body: Body::Empty } => return "Forbidden".to_owned(),
            HookReply::Answered { http: 404, body: Body::Empty } => return "NotFound".to_owned(),
            other @ (HookReply::Answered { .. } | HookReply::Redirected(_)) => {
                panic!("no answer of the service: {other:?}")
            }
        };
        let verbs = document.verbs.iter().map(|verb| match verb {
            Verb::Say(speech) => format!("{:?}", speech.said()),
            Verb::Gather(Gather { prompts, num_digits: Some(digits), timeout, .. }) => match &prompts[..] {
                [Verb::Say(speech)] => {
                    format!("asks {:?} for {digits} in {} s", speech.said(), timeout.as_secs())
                }
                other => panic!("one prompt: {other:?}"),
            },
            Verb::Gather(_) | Verb::Pause(_) | Verb::Redirect(_) | Verb::Record(_) | Verb::Hangup => {
                format!("{verb:?}")
            }
        });
        verbs.collect::<Vec<_>>().join(", ")
    }

    /// Advances time and handles all timeouts that become due.
    fn wait(&mut self, span: &str) {
        let until = self.now + span.parse::<Span>().unwrap();
        for _ in 0..STEPS_MAX {
            let Some((due, _)) = self.service.poll_timeout().filter(|(due, _)| *due <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(due);
            self.put(Input::Timeout);
        }
        panic!("no end after {STEPS_MAX} steps");
    }

    fn put(&mut self, input: Input<'_>) {
        let (mut back, mut outputs) = (Vec::new(), Vec::new());
        self.service.handle_input(&mut Cx::new(self.now, &mut self.draw), input);
        self.service.take_outputs(&mut outputs);
        for output in outputs {
            match output {
                Output::Fact(fact) => self.facts.push(fact),
                Output::Send(id) => {
                    let message = self.service.message(id);
                    assert!(message.is_some(), "{id} is an entry of the outbox");
                    back.extend(message.and_then(|message| self.carry(message)).map(|answer| (id, answer)));
                }
            }
        }
        for (id, answer) in back {
            self.put(Input::Sent(id, &answer));
        }
    }

    fn carry(&mut self, crossing: Crossing) -> Option<Answer> {
        let (kind, told) = match crossing {
            Crossing::Mail(mail) => {
                if let Some(link) = mail.links.token().filter(|link| !self.links.contains(link)) {
                    self.links.push(link);
                }
                let Some(kind) = mail.body.kind() else { panic!("a service sends no foreign mail") };
                (0, format!("{kind:?} to {}", mail.to.0))
            }
            Crossing::Call(order) => {
                self.calls.push(order);
                (1, format!("call to {}", order.to))
            }
            Crossing::Ticket(_) => (2, "ticket".to_owned()),
            Crossing::Page { .. }
            | Crossing::Webhook(_)
            | Crossing::Text(_)
            | Crossing::Reset(_)
            | Crossing::Cookie(_)
            | Crossing::Scan { .. } => {
                panic!("not sent by a service")
            }
        };
        self.sent.push(told);
        self.answers[kind].clone()
    }
}
