//! Invariants that hold for random people, random responses and random faults.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::harness::{Bare, Rehearsal, document};
use super::{harness, *};
use crate::base::secret::Digest;
use crate::base::time::{Span, Time};
use crate::event::{AnsweredBy, WebhookKind};
use crate::fault::{Connect, KeyFault};
use crate::message::{Authenticity, WebhookBody};

fn a_verdict() -> impl Strategy<Value = CallVerdict> {
    let connect = prop_oneof![
        6 => Just(Connect::Rings),
        1 => Just(Connect::Refused(21215)),
        1 => Just(Connect::Error(503)),
        1 => Just(Connect::TimesOut),
        1 => Just(Connect::Stuck),
        1 => Just(Connect::NeverRings),
        1 => Just(Connect::Busy),
        1 => Just(Connect::Rejected(603)),
        1 => Just(Connect::Declined(603)),
        2 => Just(Connect::Voicemail(AnsweredBy::Unknown)),
    ];
    let keys = prop_oneof![
        (1..9_u8).prop_map(KeyFault::Lost),
        (1..9_u8).prop_map(KeyFault::Doubled),
        Just(KeyFault::Silent),
        Just(KeyFault::None),
    ];
    let drops = prop::option::weighted(0.2, (0..20_000_u64).prop_map(Span::from_millis));
    let canceled = prop::option::weighted(0.2, (0..20_000_u64).prop_map(Span::from_millis));
    (connect, any::<bool>(), canceled, drops, keys).prop_map(|(connect, placed, canceled, drops, keys)| {
        CallVerdict { connect, placed, queued: Span::ZERO, canceled, drops, keys }
    })
}

fn a_reply() -> impl Strategy<Value = Result<HookReply, NoReply>> {
    prop_oneof![
        3 => Just(Ok(document(harness::ASKS))),
        1 => Just(Ok(document("<Gather><Say>One.</Say><Pause/></Gather><Redirect/>"))),
        1 => Just(Ok(document("<Redirect/>"))),
        1 => Just(Ok(document("<Gather numDigits='1' actionOnEmptyResult='true'/>"))),
        1 => Just(Ok(document("<Pause/>"))),
        1 => Just(Ok(HookReply::HEARD)),
        1 => Just(Ok(HookReply::Redirected(harness::own(WebhookKind::Fetch)))),
        1 => Just(Ok(HookReply::bare(500))),
        1 => Just(Err(NoReply::Down)),
        1 => Just(Err(NoReply::TimedOut)),
    ]
}

fn an_update() -> impl Strategy<Value = Update> {
    prop_oneof![
        Just(Update::Cancel),
        Just(Update::Complete),
        Just(Update::Redirect(harness::url(3))),
        Just(Update::Document(harness::body(harness::ASKS))),
        Just(Update::Document(Body::NotTwiml(12_100))),
    ]
}

#[derive(Clone, Debug)]
enum Deed {
    Order(CallVerdict, bool),
    PickUp(u32),
    Press(u32, char),
    HangUp(u32),
    Update(u32, Update),
    Answer(prop::sample::Index, Result<HookReply, NoReply>),
}

fn a_deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => (a_verdict(), any::<bool>()).prop_map(|(verdict, detects)| Deed::Order(verdict, detects)),
        2 => (0..4_u32).prop_map(Deed::PickUp),
        8 => (0..4_u32, "[0-9#*]").prop_map(|(call, key)| Deed::Press(call, key.chars().next().unwrap())),
        1 => (0..4_u32).prop_map(Deed::HangUp),
        1 => (0..4_u32, an_update()).prop_map(|(call, update)| Deed::Update(call, update)),
        8 => (any::<prop::sample::Index>(), a_reply()).prop_map(|(which, reply)| Deed::Answer(which, reply)),
    ]
}

#[derive(Default)]
struct Seen {
    open: Vec<WebhookId>,
    statuses: BTreeMap<CallId, Vec<(Time, CallStatus)>>,
    sequences: BTreeMap<String, u8>,
    asked: BTreeMap<WebhookId, Webhook>,
    gathered: Option<Digest>,
    rang: Vec<CallId>,
    ended: Vec<CallId>,
    listening: Vec<CallId>,
}

impl Seen {
    /// Checks the outputs of one input against the earlier ones.
    fn take(&mut self, now: Time, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Fact(EventKind::StatusChanged { call, status }) => {
                    let statuses = self.statuses.entry(call).or_default();
                    assert!(!statuses.iter().any(|(_, old)| old.is_terminal()), "a call ends once");
                    statuses.push((now, status));
                }
                Output::Fact(EventKind::Gathered { call, digits, count, .. }) => {
                    assert!(self.listening.contains(&call), "keys count while the line listens");
                    assert!((1..=32).contains(&count));
                    self.gathered = Some(digits);
                }
                Output::Fact(EventKind::Spoke { call, .. }) | Output::Said { call, .. } => {
                    let (_, status) = *self.statuses[&call].last().unwrap();
                    assert_eq!(status, CallStatus::InProgress, "a dead line says and hears nothing");
                }
                Output::Listens { call, keys: Some(_) } => {
                    assert!(!self.listening.contains(&call), "one Gather listens at a time");
                    self.listening.push(call);
                }
                Output::Listens { call, keys: None } => {
                    let place = self.listening.iter().position(|listens| *listens == call);
                    self.listening.remove(place.expect("it has listened"));
                }
                Output::Ring { call, .. } => self.rang.push(call),
                Output::Ended { call, status } => {
                    assert!(status.is_terminal() && self.rang.contains(&call) && !self.ended.contains(&call));
                    self.ended.push(call);
                }
                Output::Webhook { id, webhook } => self.ask(id, &webhook),
                Output::Fact(_) | Output::Reply(_) => {}
            }
        }
    }

    fn ask(&mut self, id: WebhookId, webhook: &Webhook) {
        assert_eq!(webhook.signature, Authenticity::Valid);
        assert!(!self.open.contains(&id), "no request is on its way twice");
        self.open.push(id);
        let is_new = !self.asked.contains_key(&id);
        assert_eq!(self.asked.entry(id).or_insert(*webhook), webhook, "a retry is the same request");
        match webhook.body {
            WebhookBody::Status(report) => {
                let next = self.sequences.entry(webhook.sid.to_string()).or_default();
                // A retry or a redirect repeats its sequence number; a new callback takes the next.
                assert!(report.sequence <= *next, "callbacks are numbered without a gap");
                *next = (*next).max(report.sequence + 1);
                assert_eq!(report.duration.is_some(), webhook.status.is_terminal());
            }
            WebhookBody::Recorded(_) | WebhookBody::Detected(_) => unreachable!("nobody asks for it"),
            WebhookBody::Fetch => assert_eq!(webhook.status, CallStatus::InProgress),
            WebhookBody::Action(digits) => {
                assert_eq!(webhook.status, CallStatus::InProgress);
                let gathered = self.gathered.take().filter(|_| is_new && !digits.is_empty());
                assert!(gathered.is_none_or(|gathered| gathered == digits.digest()));
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_each_call_goes_its_way_and_ends(
        deeds in prop::collection::vec((0..3_000_u64, a_deed()), 1..120)
    ) {
        let (mut bare, mut seen, mut now) = (Bare::new(), Seen::default(), Time::ZERO);
        for (pause, deed) in deeds {
            let next = now + Span::from_millis(pause);
            while let Some((due, _)) = bare.company.poll_timeout().filter(|(due, _)| *due <= next) {
                prop_assert!(due >= now, "nothing is due in the past");
                now = due;
                seen.take(now, bare.put(now, Input::Timeout));
            }
            now = next;
            let order;
            let input = match deed {
                Deed::Order(ref verdict, machine_detection) => {
                    order = CallCreate { machine_detection, ..Rehearsal::default().order };
                    Input::Create { order: &order, verdict, document: None, wishes: &CallWishes::NONE }
                }
                Deed::PickUp(call) => Input::PickedUp(CallId(call)),
                Deed::Press(call, key) => Input::Pressed(CallId(call), Key::of(key).unwrap()),
                Deed::HangUp(call) => Input::HungUp(CallId(call)),
                Deed::Update(call, update) => Input::Update(CallId(call), update),
                Deed::Answer(_, _) if seen.open.is_empty() => continue,
                Deed::Answer(which, reply) => {
                    let webhook = seen.open.remove(which.index(seen.open.len()));
                    Input::Answered { webhook, reply }
                }
            };
            seen.take(now, bare.put(now, input));
        }
        // The service responds again, so every call must reach its end.
        let mut steps = 0;
        loop {
            steps += 1;
            prop_assert!(steps < 5_000, "no end");
            let input = match seen.open.pop() {
                Some(webhook) => Input::Answered { webhook, reply: Ok(document("<Pause/>")) },
                None => match bare.company.poll_timeout() {
                    Some((due, _)) => { now = due; Input::Timeout }
                    None => break,
                },
            };
            seen.take(now, bare.put(now, input));
        }
        prop_assert!(seen.listening.is_empty(), "a line that is dead listens no more");
        // Only stuck calls without a cancellation remain.
        for call in bare.company.calls().iter().filter(|call| !call.is_over()) {
            prop_assert_eq!((call.verdict.connect, call.verdict.canceled), (Connect::Stuck, None));
        }
        for call in bare.company.calls() {
            prop_assert_eq!(call.log(), &seen.statuses[&call.id()]);
            let order: Vec<CallStatus> = call.log().iter().map(|(_, status)| *status).collect();
            let full = [CallStatus::Queued, CallStatus::Initiated, CallStatus::Ringing, CallStatus::InProgress];
            let on_the_way = order.len() - usize::from(call.is_over());
            prop_assert_eq!(&order[..on_the_way], &full[..on_the_way]);
            prop_assert_eq!(call.is_over() && seen.rang.contains(&call.id()), seen.ended.contains(&call.id()));
        }
    }
}
