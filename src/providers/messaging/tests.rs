//! Plays the messaging provider by itself, and compares all that it does with transcripts.

use std::fmt::Write;

use crate::base::id::TextId;
use crate::base::machine::Cx;
use crate::base::number::Number;
use crate::base::rng::Rng;
use crate::base::time::{Span, Time};
use crate::event::{EventKind, NoReply};
use crate::fault::{TextConnect, TextVerdict};
use crate::message::{
    Hook, MessagingServiceSid, Place, Replies, Reply, TextHookReply, TextOrder, TextReply, TextSender,
    TextWebhookBody, UrlId,
};
use crate::providers::messaging::{InboundHooks, Input, Messaging, Output, TextWebhookId};

const ANA: &str = "+34600000001";
const APP: &str = "+15005550006";

fn number(text: &str) -> Number {
    Number::read(text).unwrap()
}

fn sender(text: &str) -> TextSender {
    TextSender::read(text).unwrap()
}

const fn hook(url: u32) -> Hook {
    Hook::post(Place::Url(UrlId(url)))
}

fn order() -> TextOrder {
    TextOrder {
        to: number(ANA),
        from: Some(sender(APP)),
        service: None,
        body: "Code 012345".into(),
        media: Vec::new(),
        status: Some(hook(0)),
        validity: Span::from_hours(10),
        send_at: None,
    }
}

fn with_service() -> TextOrder {
    TextOrder { from: None, service: Some(MessagingServiceSid(7)), ..order() }
}

/// A provider, its clock, and the transcript of its outputs.
struct Play {
    provider: Messaging,
    draw: Rng,
    now: Time,
    says: String,
    /// The answer to each webhook; 204 by default.
    answers: Vec<Result<TextHookReply, NoReply>>,
}

impl Play {
    fn new() -> Self {
        let (provider, draw, now) = (Messaging::default(), Rng::new(1), Time::ZERO);
        Self { provider, draw, now, says: String::new(), answers: Vec::new() }
    }

    fn feed(&mut self, input: Input) {
        let mut outputs = Vec::new();
        self.provider.handle_input(&mut Cx::new(self.now, &mut self.draw), input);
        self.provider.take_outputs(&mut outputs);
        let mut asked = Vec::new();
        for output in outputs {
            match output {
                Output::Fact(kind) => self.fact(&kind),
                Output::Reply(reply) => self.reply(reply),
                Output::Webhook { id, webhook } => {
                    let Place::Url(url) = webhook.hook.at else { panic!("{webhook:?}") };
                    let what = match webhook.body {
                        TextWebhookBody::Status { status, error, .. } => {
                            error.map_or_else(|| status.to_string(), |error| format!("{status} {error}"))
                        }
                        TextWebhookBody::Inbound => "inbound".to_owned(),
                    };
                    self.line(&format!("asks {} of {}: {what}", url.0, webhook.text));
                    asked.push(id);
                }
            }
        }
        for id in asked {
            let reply =
                if self.answers.is_empty() { Ok(TextHookReply::bare(204)) } else { self.answers.remove(0) };
            self.feed(Input::Answered { webhook: id, reply });
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the provider reports few kinds")]
    fn fact(&mut self, kind: &EventKind) {
        // Each change of status is also reported, so it is left out unless no callback tells of it.
        let told = match kind {
            EventKind::TextTaken { .. } | EventKind::ReceiptAnswered { http: 204, .. } => return,
            EventKind::TextStatusChanged { text, status } => format!("{text} {status}"),
            EventKind::TextArrived { text, .. } => format!("{text} arrives"),
            other => format!("{other:?}"),
        };
        self.line(&told);
    }

    fn reply(&mut self, reply: Result<TextReply, NoReply>) {
        match reply {
            Ok(TextReply::Created(id)) => self.line(&format!("created {id}")),
            Ok(TextReply::Refused { http, code }) => self.line(&format!("refused {http} {code}")),
            Ok(TextReply::Failed { http }) => self.line(&format!("failed {http}")),
            Err(lost) => self.line(&format!("{lost:?}")),
        }
    }

    fn line(&mut self, text: &str) {
        writeln!(self.says, "{} {text}", self.now.since(Time::ZERO).as_millis()).unwrap();
    }

    fn run(&mut self) {
        while let Some((at, _)) = self.provider.poll_timeout() {
            self.now = at.max(self.now);
            self.feed(Input::Timeout);
        }
    }

    fn into_transcript(mut self) -> String {
        self.run();
        self.says
    }

    fn create(&mut self, order: TextOrder, verdict: TextVerdict) {
        self.feed(Input::Create { order, verdict });
    }

    fn text_from_ana(&mut self, body: &str) {
        self.feed(Input::Receive { handset: number(ANA), at: sender(APP), body: body.into() });
    }
}

/// What becomes of one order, and of the same with a messaging service, if that differs.
fn check(verdict: TextVerdict, order: TextOrder, transcript: &str) {
    let mut play = Play::new();
    play.create(order, verdict);
    let lines: Vec<String> = transcript.lines().map(|line| line.trim().to_owned()).collect();
    assert_eq!(play.into_transcript().lines().collect::<Vec<_>>(), lines, "{verdict:?}");
}

#[test]
fn a_reset_forgets_everything() {
    let mut rng = Rng::new(1);
    let mut provider = Messaging::default();
    let input = Input::Create { order: order(), verdict: TextVerdict::default() };
    provider.handle_input(&mut Cx::new(Time::ZERO, &mut rng), input);
    assert!(!provider.texts().is_empty());
    provider.reset();
    assert_eq!(format!("{provider:?}"), format!("{:?}", Messaging::default()));
}

#[test]
fn a_text_is_queued_sent_and_delivered() {
    check(
        TextVerdict::default(),
        order(),
        "0 text 1 queued
         0 created text 1
         1000 text 1 sent
         1000 asks 0 of text 1: sent
         3000 text 1 arrives
         3500 text 1 delivered
         3500 asks 0 of text 1: delivered",
    );
}

#[test]
fn a_messaging_service_accepts_a_text_first() {
    check(
        TextVerdict::default(),
        with_service(),
        "0 text 1 accepted
         0 created text 1
         200 text 1 queued
         200 asks 0 of text 1: queued
         1200 text 1 sent
         1200 asks 0 of text 1: sent
         3200 text 1 arrives
         3700 text 1 delivered
         3700 asks 0 of text 1: delivered",
    );
}

#[test]
fn each_fault_has_its_course() {
    let usual = TextVerdict::default;
    let sent = "0 text 1 queued\n0 created text 1\n1000 text 1 sent\n1000 asks 0 of text 1: sent\n";
    let delivered = "3500 text 1 delivered\n3500 asks 0 of text 1: delivered";
    for (verdict, transcript) in [
        (TextVerdict { connect: TextConnect::Refused(21_408), ..usual() }, "0 TextRefused { number: +34600000001, code: 21408 }\n0 refused 400 21408".to_owned()),
        (TextVerdict { connect: TextConnect::Refused(20_429), ..usual() }, "0 TextRefused { number: +34600000001, code: 20429 }\n0 refused 429 20429".to_owned()),
        (TextVerdict { connect: TextConnect::Error(503), ..usual() }, "0 TextUnclear { number: +34600000001, sent: None }\n0 failed 503".to_owned()),
        (
            TextVerdict { connect: TextConnect::TimesOut, sent: true, lost: true, ..usual() },
            "0 TextUnclear { number: +34600000001, sent: Some(TextId(0)) }\n0 text 1 queued\n0 TimedOut\n1000 text 1 sent\n1000 asks 0 of text 1: sent".to_owned(),
        ),
        (TextVerdict { lost: true, ..usual() }, sent.to_owned()),
        (TextVerdict { late: Span::MINUTE, ..usual() }, format!("{sent}63000 text 1 arrives\n63500 text 1 delivered\n63500 asks 0 of text 1: delivered")),
        (TextVerdict { again: Some(Span::SECOND), ..usual() }, format!("{sent}3000 text 1 arrives\n{delivered}\n4000 text 1 arrives")),
        (TextVerdict { undelivered: Some(30_003), ..usual() }, format!("{sent}3500 text 1 undelivered\n3500 asks 0 of text 1: undelivered 30003")),
        (TextVerdict { failed: Some((30_410, true)), ..usual() }, "0 text 1 queued\n0 created text 1\n1000 text 1 failed\n1000 asks 0 of text 1: failed 30410\n3000 text 1 arrives".to_owned()),
        (TextVerdict { failed: Some((30_001, false)), ..usual() }, "0 text 1 queued\n0 created text 1\n1000 text 1 failed\n1000 asks 0 of text 1: failed 30001".to_owned()),
        (TextVerdict { queued: Span::from_hours(11), ..usual() }, "0 text 1 queued\n0 created text 1\n39601000 text 1 failed\n39601000 asks 0 of text 1: failed 30036".to_owned()),
        (
            TextVerdict { answered_late: true, ..usual() },
            "0 text 1 queued\n0 text 1 sent\n0 asks 0 of text 1: sent\n0 created text 1\n2000 text 1 arrives\n2500 text 1 delivered\n2500 asks 0 of text 1: delivered".to_owned(),
        ),
    ] {
        check(verdict, order(), &transcript);
    }
}

#[test]
fn a_truncated_text_lacks_its_last_part_if_it_has_several() {
    for (body, arrives) in [("a".repeat(161), "a".repeat(153)), ("short".to_owned(), "short".to_owned())] {
        let mut play = Play::new();
        play.create(
            TextOrder { body: body.into(), ..order() },
            TextVerdict { truncated: true, ..TextVerdict::default() },
        );
        play.run();
        assert_eq!(&*play.provider.arrivals()[0].body, arrives);
    }
}

#[test]
fn some_refusals_come_later_with_a_messaging_service() {
    for code in [21_610, 21_612] {
        let verdict = TextVerdict { connect: TextConnect::Refused(code), ..TextVerdict::default() };
        let refused = format!("0 TextRefused {{ number: +34600000001, code: {code} }}\n0 refused 400 {code}");
        check(verdict, order(), &refused);
        let later = format!(
            "0 text 1 accepted\n0 created text 1\n200 text 1 queued\n200 asks 0 of text 1: queued\n\
             1200 text 1 failed\n1200 asks 0 of text 1: failed {code}"
        );
        check(verdict, with_service(), &later);
    }
    // A name has no route to the North American plan.
    let named = TextOrder { from: Some(sender("LostKey")), to: number("+14155550100"), ..order() };
    check(
        TextVerdict::default(),
        named,
        "0 TextRefused { number: +14155550100, code: 21612 }\n0 refused 400 21612",
    );
}

#[test]
fn a_scheduled_text_waits_and_can_be_canceled() {
    let scheduled = TextOrder { send_at: Some(Time::ZERO + Span::from_mins(20)), ..with_service() };
    let mut play = Play::new();
    play.create(scheduled.clone(), TextVerdict::default());
    play.feed(Input::Cancel(TextId(0)));
    play.feed(Input::Cancel(TextId(0)));
    assert_eq!(
        play.into_transcript(),
        "0 text 1 scheduled\n0 created text 1\n0 text 1 canceled\n0 asks 0 of text 1: canceled\n0 created text 1\n\
         0 refused 409 30409\n"
    );
    let mut play = Play::new();
    play.create(scheduled, TextVerdict::default());
    assert!(play.into_transcript().contains("1200000 text 1 queued\n"));
}

#[test]
fn stop_and_start_cover_the_sender() {
    let mut play = Play::new();
    play.text_from_ana(" Stop ");
    play.create(order(), TextVerdict::default());
    let other = TextOrder { from: Some(sender("12345")), status: None, ..order() };
    play.create(other, TextVerdict::default());
    play.text_from_ana("START");
    play.create(TextOrder { status: None, ..order() }, TextVerdict::default());
    assert_eq!(
        play.says,
        "0 TextReceived { text: TextId(0), number: +34600000001 }\n0 created text 1\n\
         0 OptOutChanged { number: +34600000001, out: true }\n0 text 2 queued\n\
         0 TextRefused { number: +34600000001, code: 21610 }\n0 refused 400 21610\n\
         0 text 3 queued\n0 created text 3\n\
         0 TextReceived { text: TextId(3), number: +34600000001 }\n0 created text 4\n\
         0 OptOutChanged { number: +34600000001, out: false }\n0 text 5 queued\n\
         0 text 6 queued\n0 created text 6\n"
    );
}

#[test]
fn stop_covers_the_service_that_used_the_sender_and_toll_free_is_blocked_by_the_carrier() {
    let mut play = Play::new();
    play.create(
        TextOrder { from: Some(sender(APP)), status: None, ..with_service() },
        TextVerdict::default(),
    );
    play.text_from_ana("STOP");
    play.says.clear();
    play.create(TextOrder { status: None, ..with_service() }, TextVerdict::default());
    assert!(play.into_transcript().ends_with("1200 text 4 failed\n3000 text 3 arrives\n3200 text 1 arrives\n3500 text 3 delivered\n3700 text 1 delivered\n"));
    let mut play = Play::new();
    let toll_free = sender("+18005550100");
    play.feed(Input::Receive { handset: number(ANA), at: toll_free.clone(), body: "STOP".into() });
    play.says.clear();
    play.create(TextOrder { from: Some(toll_free), ..order() }, TextVerdict::default());
    assert!(play.into_transcript().contains("asks 0 of text 3: undelivered 30004"));
}

#[test]
fn a_text_from_a_handset_reaches_the_app_and_its_replies_are_sent() {
    let reply = |body: &str| Reply {
        to: None,
        from: None,
        body: body.into(),
        media: Vec::new(),
        status: Some(hook(9)),
    };
    let replies = |redirect| Replies { messages: vec![reply("one"), reply("two")], redirect };
    let answered = |replies| Ok(TextHookReply::Answered { http: 200, body: Ok(Box::new(replies)) });
    for (answers, transcript) in [
        (
            vec![answered(replies(Some(hook(3)))), answered(Replies::default())],
            "0 asks 1 of text 1: inbound\n0 RepliesFetched { text: TextId(0), count: 2 }\n0 text 2 queued\n\
             0 text 3 queued\n0 asks 3 of text 1: inbound\n0 RepliesFetched { text: TextId(0), count: 0 }\n",
        ),
        (
            vec![Ok(TextHookReply::Redirected(hook(4))), answered(Replies::default())],
            "0 asks 1 of text 1: inbound\n0 asks 4 of text 1: inbound\n0 RepliesFetched { text: TextId(0), count: 0 }\n",
        ),
        (
            vec![Ok(TextHookReply::bare(500)), Err(NoReply::TimedOut)],
            "0 asks 1 of text 1: inbound\n0 RepliesFailed { text: TextId(0), error: 11200 }\n\
             0 asks 2 of text 1: inbound\n0 RepliesFailed { text: TextId(0), error: 11200 }\n",
        ),
        (
            vec![Ok(TextHookReply::Answered { http: 200, body: Err(12_100) }), answered(Replies::default())],
            "0 asks 1 of text 1: inbound\n0 RepliesFailed { text: TextId(0), error: 12100 }\n\
             0 asks 2 of text 1: inbound\n0 RepliesFetched { text: TextId(0), count: 0 }\n",
        ),
    ] {
        let mut play = Play::new();
        let hooks = InboundHooks { hook: hook(1), fallback: Some(hook(2)) };
        play.feed(Input::Configure(sender(APP), Some(hooks)));
        play.answers = answers;
        play.text_from_ana("hello");
        let says = play.says.split_once("created text 1\n").unwrap().1.to_owned();
        assert_eq!(says, transcript);
    }
}

#[test]
fn more_than_ten_replies_are_an_error() {
    let reply = Reply { to: None, from: None, body: "x".into(), media: Vec::new(), status: None };
    let replies = Replies { messages: vec![reply; 11], redirect: None };
    let mut play = Play::new();
    play.feed(Input::Configure(sender(APP), Some(InboundHooks { hook: hook(1), fallback: None })));
    play.answers = vec![Ok(TextHookReply::Answered { http: 200, body: Ok(Box::new(replies)) })];
    play.text_from_ana("hello");
    assert!(play.says.ends_with("RepliesFailed { text: TextId(0), error: 14109 }\n"), "{}", play.says);
    assert_eq!(play.provider.texts().len(), 1);
}

#[test]
fn a_webhook_is_sent_again_once_if_nobody_listens() {
    for (answers, transcript) in [
        (vec![Err(NoReply::Down)], "1000 asks 0 of text 1: sent\n2000 asks 0 of text 1: sent\n"),
        (
            vec![Err(NoReply::Down), Err(NoReply::Down)],
            "1000 asks 0 of text 1: sent\n2000 asks 0 of text 1: sent\n\
             2000 ReceiptFailed { text: TextId(0), status: Sent }\n",
        ),
        (
            vec![Err(NoReply::Cut)],
            "1000 asks 0 of text 1: sent\n1000 ReceiptFailed { text: TextId(0), status: Sent }\n",
        ),
        (
            vec![Ok(TextHookReply::bare(404))],
            "1000 asks 0 of text 1: sent\n1000 ReceiptAnswered { text: TextId(0), status: Sent, http: 404 }\n",
        ),
        (
            vec![Ok(TextHookReply::Redirected(hook(5)))],
            "1000 asks 0 of text 1: sent\n1000 asks 5 of text 1: sent\n",
        ),
    ] {
        let mut play = Play::new();
        play.answers = answers;
        play.create(order(), TextVerdict { lost: true, ..TextVerdict::default() });
        let says = play.into_transcript();
        assert_eq!(says.split_once("text 1 sent\n").unwrap().1, transcript);
    }
}

#[test]
fn endless_redirects_end() {
    let mut play = Play::new();
    play.answers = (0..30).map(|_| Ok(TextHookReply::Redirected(hook(5)))).collect();
    play.create(order(), TextVerdict { lost: true, ..TextVerdict::default() });
    let says = play.into_transcript();
    assert_eq!(says.matches("asks").count(), 11);
    assert!(says.ends_with("ReceiptFailed { text: TextId(0), status: Sent }\n"), "{says}");
}

#[test]
fn a_late_answer_has_no_effect() {
    let mut play = Play::new();
    play.feed(Input::Answered { webhook: TextWebhookId(7), reply: Ok(TextHookReply::bare(204)) });
    assert_eq!(play.says, "");
}

#[test]
fn a_redacted_text_is_empty() {
    let mut play = Play::new();
    play.create(order(), TextVerdict::default());
    play.feed(Input::Redact(TextId(0)));
    assert_eq!(play.provider.text(TextId(0)).unwrap().body(), "");
}

#[test]
fn a_reply_of_the_app_to_a_keyword_fails_and_the_confirmation_arrives() {
    let reply = Reply { to: None, from: None, body: "Why?".into(), media: Vec::new(), status: Some(hook(9)) };
    let replies = Replies { messages: vec![reply], redirect: None };
    let mut play = Play::new();
    play.feed(Input::Configure(sender(APP), Some(InboundHooks { hook: hook(1), fallback: None })));
    play.answers = vec![Ok(TextHookReply::Answered { http: 200, body: Ok(Box::new(replies)) })];
    play.text_from_ana("STOP");
    let says = play.into_transcript();
    assert!(says.contains("text 2 arrives") && says.contains("asks 9 of text 3: failed 21610"), "{says}");
}
