//! A small world around one company, for tests: a script of what people do, and a transcript of
//! what comes of it.
//!
//! A script line is a time in seconds and a deed: `0 order`, `7 pick up`, `9.5 press 12#`,
//! `20 hang up`; `7 2 pick up` is about call 2. A transcript line is a time and what happened; `→`
//! is a request to the service. The service answers from lists of answers, one list a kind of
//! request, the last answer over and over.

use std::fmt::Write as _;

use crate::crossing::CallCreate;
use crate::crossing::CallRef;
use crate::crossing::CallReply;
use crate::crossing::Key;
use crate::crossing::WebhookBody;
use crate::crossing::WebhookReply;
use crate::draw::Draw;
use crate::event::EventKind;
use crate::event::Lost;
use crate::event::WebhookKind;
use crate::fault::CallVerdict;
use crate::fault::Connect;
use crate::id::CallId;
use crate::machine::Cx;
use crate::number::Number;
use crate::time::Epoch;
use crate::time::Span;
use crate::time::Time;
use crate::voice::Habits;
use crate::voice::Input;
use crate::voice::Output;
use crate::voice::PhoneCompany;
use crate::voice::WebhookId;
use crate::voice::twiml;

/// How the service answers one request.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// At once.
    Now(Result<WebhookReply, Lost>),
    /// So much later.
    Later(Span, Result<WebhookReply, Lost>),
    /// Not at all.
    Never,
}

impl From<WebhookReply> for Answer {
    fn from(reply: WebhookReply) -> Self {
        Self::Now(Ok(reply))
    }
}

impl From<Lost> for Answer {
    fn from(lost: Lost) -> Self {
        Self::Now(Err(lost))
    }
}

impl From<&str> for Answer {
    /// The document with these verbs.
    fn from(verbs: &str) -> Self {
        Self::Now(Ok(document(verbs)))
    }
}

/// The document with these verbs.
pub(super) fn document(verbs: &str) -> WebhookReply {
    WebhookReply::Document(twiml::parse(&format!("<Response>{verbs}</Response>")).unwrap())
}

/// Which lines of a transcript matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Orders, statuses, ringing, status callbacks.
    Line,
    /// What is said, keyed in and asked for.
    Talk,
    /// What only repeats another line: the fact beside what is heard, the answer to a callback.
    Echo,
}

/// One company, one order, and the answers of the service.
#[derive(Clone, Debug)]
pub(super) struct Rehearsal {
    pub(super) order: CallCreate,
    /// One for each order in turn, the last over and over.
    pub(super) verdicts: Vec<CallVerdict>,
    pub(super) habits: Habits,
    pub(super) fetch: Vec<Answer>,
    pub(super) action: Vec<Answer>,
    pub(super) status: Vec<Answer>,
}

/// What a usual service answers a fetch with.
pub(super) const ASKS: &str =
    r#"<Gather numDigits="6"><Say>Key in the code.</Say></Gather><Say>No keys. Goodbye.</Say>"#;

/// Nothing here takes longer, or something loops.
const STEPS_MAX: usize = 10_000;

impl Default for Rehearsal {
    fn default() -> Self {
        Self {
            order: CallCreate {
                to: Number::read("+34600000001").unwrap(),
                reference: CallRef(7),
                ring_timeout: Span::from_secs(40),
                machine_detection: false,
            },
            verdicts: vec![CallVerdict::default()],
            habits: Habits::default(),
            fetch: vec![ASKS.into()],
            action: vec!["<Say>Thank you.</Say>".into()],
            status: vec![WebhookReply::Heard.into()],
        }
    }
}

impl Rehearsal {
    /// With this verdict on each order.
    pub(super) fn with(verdict: CallVerdict) -> Self {
        Self { verdicts: vec![verdict], ..Self::default() }
    }

    /// With this document for each fetch.
    pub(super) fn fetching(verbs: &str) -> Self {
        Self::answering([verbs.into()])
    }

    /// With these answers to the fetches in turn.
    pub(super) fn answering(fetches: impl Into<Vec<Answer>>) -> Self {
        Self { fetch: fetches.into(), ..Self::default() }
    }

    /// The whole transcript is this.
    #[track_caller]
    pub(super) fn check(self, script: &str, expected: &str) {
        assert_lines(&self.play(script), &[Part::Line, Part::Talk, Part::Echo], expected);
    }

    /// What becomes of the line is this.
    #[track_caller]
    pub(super) fn check_line(self, script: &str, expected: &str) {
        assert_lines(&self.play(script), &[Part::Line], expected);
    }

    /// What is said, keyed in and asked for is this.
    #[track_caller]
    pub(super) fn check_talk(self, script: &str, expected: &str) {
        assert_lines(&self.play(script), &[Part::Talk], expected);
    }

    fn play(self, script: &str) -> Vec<(Part, String)> {
        let (epoch, mut draw) = (Epoch::from_unix_millis(1_000_000), Draw::new(1));
        let mut company = PhoneCompany::new(self.habits, epoch);
        let mut deeds: Vec<(Time, &str)> = script.lines().filter_map(read_line).collect();
        deeds.reverse();
        let mut late: Vec<(Time, WebhookId, Result<WebhookReply, Lost>)> = Vec::new();
        let (mut lines, mut orders, mut asked) = (Vec::new(), 0, [0; 3]);
        // What the deed at hand still puts in: several keys can be pressed at one moment.
        let mut inputs: Vec<Input> = Vec::new();
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

    fn inputs(&self, deed: &str, orders: &mut usize) -> Vec<Input> {
        let (call, deed) = match deed.split_once(' ') {
            Some((call, rest)) if call.parse::<u32>().is_ok() => {
                (CallId(call.parse::<u32>().unwrap() - 1), rest)
            }
            _ => (CallId(0), deed),
        };
        match deed {
            "order" => {
                let verdict = self.verdicts[(*orders).min(self.verdicts.len() - 1)];
                *orders += 1;
                vec![Input::Create { order: self.order, verdict }]
            }
            "pick up" => vec![Input::PickedUp(call)],
            "hang up" => vec![Input::HungUp(call)],
            other => {
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

/// One company with nothing around it.
#[derive(Debug)]
pub(super) struct Bare {
    pub(super) company: PhoneCompany,
    pub(super) draw: Draw,
}

impl Bare {
    pub(super) fn new() -> Self {
        Self { company: PhoneCompany::new(Habits::default(), Epoch::default()), draw: Draw::new(1) }
    }

    /// What is asked for after this input.
    pub(super) fn put(&mut self, now: Time, input: Input) -> Vec<Output> {
        let mut outputs = Vec::new();
        self.company.handle_input(&mut Cx::new(now, &mut self.draw), input);
        self.company.take_outputs(&mut outputs);
        outputs
    }

    pub(super) fn order(&mut self, now: Time, connect: Connect) -> Vec<Output> {
        let order = Rehearsal::default().order;
        self.put(now, Input::Create { order, verdict: CallVerdict { connect, ..CallVerdict::default() } })
    }

    /// Orders a call, and says with which code it is refused.
    pub(super) fn is_refused(&mut self, now: Time) -> Option<u32> {
        match self.order(now, Connect::Stuck).last() {
            Some(Output::Reply(Ok(CallReply::Refused { code, .. }))) => Some(*code),
            _ => None,
        }
    }
}

/// The time and the deed of a script line.
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

/// One output as a line of a transcript.
fn tell(now: Time, output: &Output) -> (Part, String) {
    let (part, call, text) = match output {
        Output::Fact(fact) => tell_fact(fact),
        Output::Reply(reply) => (
            Part::Line,
            None,
            match reply {
                Ok(CallReply::Created { .. }) => "reply 201".to_owned(),
                Ok(CallReply::Refused { http, code }) => format!("reply {http} {code}"),
                Ok(CallReply::Failed { http }) => format!("reply {http}"),
                Err(lost) => format!("no reply: {lost:?}"),
            },
        ),
        Output::Ring { call, number } => (Part::Line, Some(*call), format!("rings at {number}")),
        Output::Said { call, speech } => (Part::Talk, Some(*call), format!("hears: {}", speech.sentence())),
        Output::Ended { call, status } => (Part::Line, Some(*call), format!("line ends: {status}")),
        Output::Webhook { webhook, .. } => {
            let by = webhook.answered_by.map(|by| format!(" by {by}")).unwrap_or_default();
            let status = webhook.status;
            match &webhook.body {
                WebhookBody::Fetch => (Part::Talk, None, format!("→ fetch {status}{by}")),
                WebhookBody::Action(digits) => {
                    (Part::Talk, None, format!("→ action {status}{by} [{}]", digits.reveal()))
                }
                WebhookBody::Status(report) => {
                    let lasted = report.duration.map(|s| format!(" after {s}s")).unwrap_or_default();
                    let sip = report.sip.map(|sip| format!(" sip {sip}")).unwrap_or_default();
                    let (sequence, at) = (report.sequence, report.unix_secs);
                    (Part::Line, None, format!("→ #{sequence} {status}{by}{lasted}{sip} @{at}"))
                }
            }
        }
    };
    let call = call.filter(|call| call.0 > 0).map(|call| format!("{call}: ")).unwrap_or_default();
    (part, format!("{} {call}{text}", now.as_millis() as f64 / 1_000.0))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the facts of all the others are none of a phone company")]
fn tell_fact(fact: &EventKind) -> (Part, Option<CallId>, String) {
    match *fact {
        EventKind::CallTaken { call, number } => (Part::Line, Some(call), format!("taken: {number}")),
        EventKind::CallRefused { number, code } => (Part::Line, None, format!("refused: {number} {code}")),
        EventKind::CallUnclear { placed, .. } => (Part::Line, None, format!("unclear: {placed:?}")),
        EventKind::StatusChanged { call, status } => (Part::Line, Some(call), status.to_string()),
        EventKind::MachineDetected { call, answered_by } => {
            (Part::Talk, Some(call), format!("detected: {answered_by}"))
        }
        EventKind::DocumentFetched { call, webhook } => {
            (Part::Talk, Some(call), format!("document of {webhook:?}"))
        }
        EventKind::DocumentFailed { call, webhook, error } => {
            (Part::Talk, Some(call), format!("no document of {webhook:?}: {error}"))
        }
        EventKind::Spoke { call, said } => (Part::Echo, Some(call), format!("spoke: {said:?}")),
        EventKind::Gathered { call, count, .. } => (Part::Talk, Some(call), format!("gathered: {count}")),
        EventKind::NoDigits { call } => (Part::Talk, Some(call), "no digits".to_owned()),
        EventKind::CallbackAnswered { call, status, http } => {
            (Part::Echo, Some(call), format!("callback {status}: {http}"))
        }
        EventKind::CallbackFailed { call, status } => {
            (Part::Line, Some(call), format!("callback {status}: failed"))
        }
        ref other => panic!("no fact of a phone company: {other:?}"),
    }
}
