//! Test environment around one company: runs a script of human actions and returns a transcript.
//!
//! A script line is a time in seconds and an action: `0 order`, `7 pick up`, `9.5 press 12#`, `20 hang up`;
//! `7 2 pick up` applies to call 2. A transcript line is a time and an event. `→` is a request to the
//! service; for a foreign service it names the address: `at GET 3` is `/3`. A foreign order is changed by
//! `9 cancel`, `9 complete`, `9 redirect to 4` and `9 run <Hangup/>`. The service takes its answers from
//! one list per kind of request and repeats the last one.

mod told;

use std::fmt::Write as _;

use self::told::{Part, tell};
use crate::base::id::CallId;
use crate::base::machine::Cx;
use crate::base::number::Number;
use crate::base::rng::Rng;
use crate::base::time::{Epoch, Span, Time};
use crate::event::{NoReply, WebhookKind};
use crate::fault::{CallVerdict, Connect};
use crate::message::{
    Body, CallCreate, CallReply, CallWishes, DocId, Events, Hook, HookReply, Key, Method, Opening, Place,
    Retries, ServiceRef, UrlId,
};
use crate::providers::phone::{Habits, Input, Output, PhoneCompany, Update, WebhookId, twiml};

/// The service's answer to one request.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// Immediate.
    Now(Result<HookReply, NoReply>),
    /// Delayed.
    Later(Span, Result<HookReply, NoReply>),
    /// Never sent.
    Never,
}

impl From<HookReply> for Answer {
    fn from(reply: HookReply) -> Self {
        Self::Now(Ok(reply))
    }
}

impl Answer {
    /// A redirect to the reference service's document.
    pub(super) fn redirect() -> Self {
        HookReply::Redirected(own(WebhookKind::Fetch)).into()
    }
}

impl From<NoReply> for Answer {
    fn from(lost: NoReply) -> Self {
        Self::Now(Err(lost))
    }
}

impl From<&str> for Answer {
    fn from(verbs: &str) -> Self {
        Self::Now(Ok(document(verbs)))
    }
}

pub(super) fn document(verbs: &str) -> HookReply {
    HookReply::Answered { http: 200, body: body(verbs) }
}

/// The body with these verbs; the address `/3` is number 3.
pub(super) fn body(verbs: &str) -> Body {
    let text = format!("<Response>{verbs}</Response>");
    let mut resolve = |address: &str, method| {
        let (path, fragment) =
            address.split_once('#').map_or((address, None), |(path, rest)| (path, Some(rest)));
        let number = path.strip_prefix('/')?.parse().ok()?;
        Some(Hook { method, retries: Retries::of_fragment(fragment), ..url(number) })
    };
    Body::Document(twiml::read(&text, twiml::Dialect::Lenient, &mut resolve).unwrap().document)
}

/// The service's address with this number, with POST.
pub(super) const fn url(number: u32) -> Hook {
    Hook::post(Place::Url(UrlId(number)))
}

/// The reference service's address for this kind of request.
pub(super) const fn own(kind: WebhookKind) -> Hook {
    Hook::post(Place::Console(ServiceRef(7), kind))
}

/// One company, one order, and the answers of the service.
#[derive(Clone, Debug)]
pub(super) struct Rehearsal {
    pub(super) order: CallCreate,
    /// What only external apps ask for.
    pub(super) wishes: CallWishes,
    /// Document sent with the order.
    pub(super) document: Option<Body>,
    /// One verdict per order; the last one repeats.
    pub(super) verdicts: Vec<CallVerdict>,
    pub(super) habits: Habits,
    pub(super) fetch: Vec<Answer>,
    pub(super) action: Vec<Answer>,
    pub(super) status: Vec<Answer>,
}

/// The usual answer to a fetch.
pub(super) const ASKS: &str =
    r#"<Gather numDigits="6"><Say>Key in the code.</Say></Gather><Say>No keys. Goodbye.</Say>"#;

/// Step limit that catches loops.
const STEPS_MAX: usize = 10_000;

impl Default for Rehearsal {
    fn default() -> Self {
        Self {
            order: CallCreate {
                to: Number::read("+34600000001").unwrap(),
                from: Number::read("+15005550006").unwrap(),
                opening: Opening::Fetch(own(WebhookKind::Fetch)),
                fallback: None,
                status: Some((own(WebhookKind::Status), Events::ALL)),
                time_limit: None,
                ring_timeout: Span::from_secs(40),
                machine_detection: false,
            },
            wishes: CallWishes::NONE,
            document: None,
            verdicts: vec![CallVerdict::default()],
            habits: Habits::default(),
            fetch: vec![ASKS.into()],
            action: vec!["<Say>Thank you.</Say>".into()],
            status: vec![HookReply::HEARD.into()],
        }
    }
}

impl Rehearsal {
    /// Uses this verdict for each order.
    pub(super) fn with(verdict: CallVerdict) -> Self {
        Self { verdicts: vec![verdict], ..Self::default() }
    }

    /// Answers each fetch with this document.
    pub(super) fn fetching(verbs: &str) -> Self {
        Self::answering([verbs.into()])
    }

    /// A foreign service's order: its document is at `/1`, and it wants no callbacks.
    pub(super) fn foreign(fetches: impl Into<Vec<Answer>>) -> Self {
        let mut rehearsal = Self::answering(fetches);
        rehearsal.order.opening = Opening::Fetch(Hook { method: Method::Get, ..url(1) });
        rehearsal.order.status = None;
        rehearsal
    }

    /// A foreign service's order with an inline document.
    pub(super) fn inline(document: Body) -> Self {
        let mut rehearsal = Self::foreign([]);
        rehearsal.order.opening = Opening::Document(DocId(0));
        rehearsal.document = Some(document);
        rehearsal
    }

    /// Uses these answers to the fetches in turn.
    pub(super) fn answering(fetches: impl Into<Vec<Answer>>) -> Self {
        Self { fetch: fetches.into(), ..Self::default() }
    }

    /// Compares the whole transcript.
    #[track_caller]
    pub(super) fn check(self, script: &str, expected: &str) {
        assert_lines(&self.play(script), &[Part::Line, Part::Talk, Part::Echo], expected);
    }

    /// Compares the line events.
    #[track_caller]
    pub(super) fn check_line(self, script: &str, expected: &str) {
        assert_lines(&self.play(script), &[Part::Line], expected);
    }

    /// Compares sentences, keys and requests.
    #[track_caller]
    pub(super) fn check_talk(self, script: &str, expected: &str) {
        assert_lines(&self.play(script), &[Part::Talk], expected);
    }

    /// Compares sentences, requests and the times of listening.
    #[track_caller]
    pub(super) fn check_listening(self, script: &str, expected: &str) {
        assert_lines(&self.play(script), &[Part::Talk, Part::Listening], expected);
    }

    fn play(self, script: &str) -> Vec<(Part, String)> {
        let (epoch, mut draw) = (Epoch::from_unix_millis(1_000_000), Rng::new(1));
        let mut company = PhoneCompany::new(self.habits, epoch);
        let mut deeds: Vec<(Time, &str)> = script.lines().filter_map(read_line).collect();
        deeds.reverse();
        let mut late: Vec<(Time, WebhookId, Result<HookReply, NoReply>)> = Vec::new();
        let (mut lines, mut orders, mut asked) = (Vec::new(), 0, [0; 3]);
        // Remaining inputs of the current action: several keys can be pressed at one time.
        let mut inputs: Vec<Input<'_>> = Vec::new();
        let (mut now, mut outputs) = (Time::ZERO, Vec::new());
        for _ in 0..STEPS_MAX {
            let (answer, timeout) =
                (late.iter().map(|(at, ..)| *at).min(), company.poll_timeout().map(|(at, _)| at));
            let deed = if inputs.is_empty() { deeds.last().map(|(at, _)| *at) } else { Some(now) };
            now = match [answer, timeout, deed].into_iter().flatten().min() {
                Some(next) => next,
                None => return lines,
            };
            let input = if answer == Some(now) {
                let place = late.iter().position(|(at, ..)| *at == now).unwrap();
                let (_, webhook, reply) = late.remove(place);
                Input::Answered { webhook, reply }
            } else if timeout == Some(now) {
                Input::Timeout
            } else {
                if inputs.is_empty() {
                    let (_, deed) = deeds.pop().unwrap();
                    inputs = self.inputs(deed, &mut orders);
                    inputs.reverse();
                }
                inputs.pop().unwrap()
            };
            company.handle_input(&mut Cx::new(now, &mut draw), input);
            company.take_outputs(&mut outputs);
            for output in outputs.drain(..) {
                if let Output::Webhook { id, webhook } = &output {
                    let answer = self.answer(webhook.body.kind(), &mut asked);
                    match answer {
                        Answer::Now(reply) => late.push((now, *id, reply)),
                        Answer::Later(span, reply) => late.push((now + span, *id, reply)),
                        Answer::Never => {}
                    }
                }
                lines.push(tell(now, &output));
            }
        }
        panic!("no end after {STEPS_MAX} steps")
    }

    fn inputs(&self, deed: &str, orders: &mut usize) -> Vec<Input<'_>> {
        let (call, deed) = match deed.split_once(' ') {
            Some((call, rest)) if call.parse::<u32>().is_ok() => {
                (CallId(call.parse::<u32>().unwrap() - 1), rest)
            }
            _ => (CallId(0), deed),
        };
        match deed {
            "order" => {
                let verdict = &self.verdicts[(*orders).min(self.verdicts.len() - 1)];
                *orders += 1;
                vec![Input::Create {
                    order: &self.order,
                    verdict,
                    document: self.document.clone(),
                    wishes: &self.wishes,
                }]
            }
            "cancel" => vec![Input::Update(call, Update::Cancel)],
            "complete" => vec![Input::Update(call, Update::Complete)],
            "pick up" => vec![Input::PickedUp(call)],
            "hang up" => vec![Input::HungUp(call)],
            other => {
                if let Some(number) = other.strip_prefix("redirect to ") {
                    return vec![Input::Update(call, Update::Redirect(url(number.parse().unwrap())))];
                }
                if let Some(verbs) = other.strip_prefix("run ") {
                    return vec![Input::Update(call, Update::Document(body(verbs)))];
                }
                let keys = other.strip_prefix("press ").expect(other);
                keys.chars().map(|sign| Input::Pressed(call, Key::of(sign).unwrap())).collect()
            }
        }
    }

    fn answer(&self, kind: WebhookKind, asked: &mut [usize; 3]) -> Answer {
        let answers = match kind {
            WebhookKind::Fetch => &self.fetch,
            WebhookKind::Action => &self.action,
            WebhookKind::Status => &self.status,
        };
        let count = &mut asked[kind as usize];
        let answer = answers[(*count).min(answers.len() - 1)].clone();
        *count += 1;
        answer
    }
}

#[derive(Debug)]
pub(super) struct Bare {
    pub(super) company: PhoneCompany,
    pub(super) draw: Rng,
}

impl Bare {
    pub(super) fn new() -> Self {
        Self { company: PhoneCompany::new(Habits::default(), Epoch::default()), draw: Rng::new(1) }
    }

    /// Returns the outputs of this input.
    pub(super) fn put(&mut self, now: Time, input: Input<'_>) -> Vec<Output> {
        let mut outputs = Vec::new();
        self.company.handle_input(&mut Cx::new(now, &mut self.draw), input);
        self.company.take_outputs(&mut outputs);
        outputs
    }

    pub(super) fn order(&mut self, now: Time, connect: Connect) -> Vec<Output> {
        let order = Rehearsal::default().order;
        let verdict = CallVerdict { connect, ..CallVerdict::default() };
        self.put(
            now,
            Input::Create { order: &order, verdict: &verdict, document: None, wishes: &CallWishes::NONE },
        )
    }

    /// Orders a call and returns the code of its refusal.
    pub(super) fn is_refused(&mut self, now: Time) -> Option<u32> {
        match self.order(now, Connect::Stuck).last() {
            Some(Output::Reply(Ok(CallReply::Refused { code, .. }))) => Some(*code),
            _ => None,
        }
    }
}

fn read_line(line: &str) -> Option<(Time, &str)> {
    let (at, deed) = line.trim().split_once(' ')?;
    let seconds: f64 = at.parse().expect(line);
    Some((Time::from_millis((seconds * 1_000.0).round() as u64), deed))
}

#[track_caller]
fn assert_lines(lines: &[(Part, String)], parts: &[Part], expected: &str) {
    let mut told = String::new();
    for (_, line) in lines.iter().filter(|(part, _)| parts.contains(part)) {
        writeln!(told, "{line}").unwrap();
    }
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert!(told.lines().eq(expected.iter().copied()), "told:\n{told}\nexpected:\n{}\n", expected.join("\n"));
}
