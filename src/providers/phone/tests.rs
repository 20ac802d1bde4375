//! The company as a whole: orders, several calls at once, limits.

use super::harness::{ASKS, Answer, Bare, Rehearsal, document};
use super::*;
use crate::base::machine::Cx;
use crate::base::time::{Epoch, Span, Time};
use crate::event::AnsweredBy;
use crate::fault::Connect;

#[test]
fn a_verification_call_from_beginning_to_end() {
    Rehearsal::default().check(
        "0 order\n8 pick up\n16 press 123456",
        "0 taken: +34600000001
         0 queued
         0 reply 201
         1 initiated
         1 → #0 initiated @1001
         1 callback initiated: 204
         5 ringing
         5 rings at +34600000001
         5 → #1 ringing @1005
         5 callback ringing: 204
         8 in-progress
         8 → #2 in-progress @1008
         8 → fetch in-progress
         8 callback in-progress: 204
         8 document of Fetch
         8 spoke: SomethingElse
         8 hears: Key in the code.
         16 gathered: 6
         16 → action in-progress [123456]
         16 document of Action
         16 spoke: SomethingElse
         16 hears: Thank you.
         22 completed
         22 line ends: completed
         22 → #3 completed after 14s @1022
         22 callback completed: 204",
    );
}

fn connect(connect: Connect) -> CallVerdict {
    CallVerdict { connect, ..CallVerdict::default() }
}

#[test]
fn an_order_is_refused_with_its_code() {
    for (code, reply) in [
        (21211, "400 21211"),
        (21215, "400 21215"),
        (20003, "401 20003"),
        (20429, "429 20429"),
        // A 5xx does not say whether the call was placed.
        (20503, "503"),
    ] {
        Rehearsal::with(connect(Connect::Refused(code)))
            .check("0 order", &format!("0 refused: +34600000001 {code}\n0 reply {reply}"));
    }
}

#[test]
fn a_number_that_is_not_in_e_164_is_refused() {
    let mut rehearsal = Rehearsal::default();
    rehearsal.order.to = Number::read("0600000001").unwrap();
    rehearsal.clone().check("0 order", "0 refused: 0600000001 21211\n0 reply 400 21211");
    // An invalid order is not placed, even if its response is lost.
    rehearsal.verdicts = vec![CallVerdict { placed: true, ..connect(Connect::TimesOut) }];
    rehearsal.check("0 order", "0 unclear: None\n0 no reply: TimedOut");
}

#[test]
fn an_order_that_fails_may_be_placed_all_the_same() {
    for (connect, reply) in [(Connect::Error(503), "reply 503"), (Connect::TimesOut, "no reply: TimedOut")] {
        let verdict = CallVerdict { connect, ..CallVerdict::default() };
        Rehearsal::with(verdict).check("0 order", &format!("0 unclear: None\n0 {reply}"));
        Rehearsal::with(CallVerdict { placed: true, ..verdict }).check_line(
            "0 order\n8 hang up",
            &format!(
                "0 taken: +34600000001
                 0 queued
                 0 unclear: Some(CallId(0))
                 0 {reply}
                 1 initiated
                 1 → #0 initiated @1001
                 5 ringing
                 5 rings at +34600000001
                 5 → #1 ringing @1005
                 8 busy
                 8 line ends: busy
                 8 → #2 busy after 0s sip 486 @1008"
            ),
        );
    }
}

#[test]
fn two_calls_overlap() {
    let rehearsal = Rehearsal::with(CallVerdict { queued: Span::from_secs(2), ..CallVerdict::default() });
    // Both ring, the second is picked up first, and each runs a separate document.
    rehearsal.check_talk(
        "0 order\n1 order\n9 2 pick up\n10 pick up\n11 press 12\n12 2 press 123456\n13 press 3456\n14 2 hang up",
        "9 → fetch in-progress
         9 call 2: document of Fetch
         9 call 2: hears: Key in the code.
         10 → fetch in-progress
         10 document of Fetch
         10 hears: Key in the code.
         12 call 2: gathered: 6
         12 → action in-progress [123456]
         12 call 2: document of Action
         12 call 2: hears: Thank you.
         13 gathered: 6
         13 → action in-progress [123456]
         13 document of Action
         13 hears: Thank you.",
    );
}

#[test]
fn what_is_due_at_one_moment_goes_by_the_order_of_calls() {
    let verdicts = vec![connect(Connect::NeverRings), connect(Connect::Busy), connect(Connect::NeverRings)];
    let mut rehearsal = Rehearsal { verdicts, ..Rehearsal::default() };
    rehearsal.habits.post_dial_delay = rehearsal.habits.dial;
    rehearsal.status = vec![Answer::Never];
    rehearsal.check_line(
        "0 order\n0 order\n0 order",
        "0 taken: +34600000001
         0 queued
         0 reply 201
         0 call 2: taken: +34600000001
         0 call 2: queued
         0 reply 201
         0 call 3: taken: +34600000001
         0 call 3: queued
         0 reply 201
         1 initiated
         1 → #0 initiated @1001
         1 call 2: initiated
         1 → #0 initiated @1001
         1 call 3: initiated
         1 → #0 initiated @1001
         5 failed
         5 → #1 failed after 0s @1005
         5 call 2: busy
         5 → #1 busy after 0s sip 486 @1005
         5 call 3: failed
         5 → #1 failed after 0s @1005",
    );
}

#[test]
fn a_line_that_is_cut_comes_first_within_its_call_alone() {
    // The ringing of call 1 times out exactly when the line of call 2 drops.
    let drops = CallVerdict { drops: Some(Span::from_secs(37)), ..CallVerdict::default() };
    let mut rehearsal = Rehearsal { verdicts: vec![CallVerdict::default(), drops], ..Rehearsal::default() };
    rehearsal.fetch = vec!["<Pause length='60'/>".into()];
    rehearsal.status = vec![Answer::Never];
    rehearsal.check_line(
        "0 order\n0 order\n8 2 pick up",
        "0 taken: +34600000001
         0 queued
         0 reply 201
         0 call 2: taken: +34600000001
         0 call 2: queued
         0 reply 201
         1 initiated
         1 → #0 initiated @1001
         1 call 2: initiated
         1 → #0 initiated @1001
         5 ringing
         5 rings at +34600000001
         5 → #1 ringing @1005
         5 call 2: ringing
         5 call 2: rings at +34600000001
         5 → #1 ringing @1005
         8 call 2: in-progress
         8 → #2 in-progress @1008
         45 no-answer
         45 line ends: no-answer
         45 → #2 no-answer after 0s sip 487 @1045
         45 call 2: completed
         45 call 2: line ends: completed
         45 → #3 completed after 37s @1045",
    );
}

#[test]
fn calls_at_once_are_limited() {
    let mut bare = Bare::new();
    for _ in 0..Capacity::AT_ONCE.get() {
        assert_eq!(bare.is_refused(Time::ZERO), None);
    }
    assert_eq!(bare.is_refused(Time::ZERO), Some(10004));
    bare.company.reset(Habits::default(), Epoch::default());
    bare.order(Time::ZERO, Connect::Busy);
    for _ in 1..Capacity::AT_ONCE.get() {
        assert_eq!(bare.is_refused(Time::ZERO), None);
    }
    assert_eq!(bare.is_refused(Time::ZERO), Some(10004));
    for seconds in [1, 5] {
        bare.put(Time::from_millis(seconds * 1_000), Input::Timeout);
    }
    assert_eq!(bare.is_refused(Time::from_millis(5_000)), None, "one call is over");
}

#[test]
fn calls_in_all_are_limited() {
    let mut bare = Bare::new();
    let mut now = Time::ZERO;
    for _ in 0..CALLS_MAX {
        bare.order(now, Connect::Busy);
        for _ in 0..2 {
            now = bare.company.poll_timeout().unwrap().0;
            for output in bare.put(now, Input::Timeout) {
                if let Output::Webhook { id, .. } = output {
                    bare.put(now, Input::Answered { webhook: id, reply: Ok(HookReply::HEARD) });
                }
            }
        }
    }
    assert_eq!(bare.is_refused(now), Some(20429));
}

#[test]
fn callbacks_on_their_way_are_limited() {
    let mut bare = Bare::new();
    let mut now = Time::ZERO;
    let mut failed = 0;
    for _ in 0..callback::CALLBACKS_MAX {
        bare.order(now, Connect::Busy);
        for _ in 0..2 {
            now = bare.company.poll_timeout().unwrap().0;
            let outputs = bare.put(now, Input::Timeout);
            let fails = |output: &&Output| matches!(output, Output::Fact(EventKind::CallbackFailed { .. }));
            failed += outputs.iter().filter(fails).count();
        }
    }
    assert_eq!(failed, callback::CALLBACKS_MAX);
}

#[test]
#[should_panic(expected = "take_outputs before the next input")]
fn outputs_are_drained_before_the_next_input() {
    let mut bare = Bare::new();
    let order = Rehearsal::default().order;
    let input = Input::Create {
        order: &order,
        verdict: &CallVerdict::default(),
        document: None,
        wishes: &CallWishes::NONE,
    };
    bare.company.handle_input(&mut Cx::new(Time::ZERO, &mut bare.draw), input);
    bare.company.handle_input(&mut Cx::new(Time::ZERO, &mut bare.draw), Input::Timeout);
}

#[test]
fn who_answered_is_looked_at_once_machine_detection_knows() {
    let mut bare = Bare::new();
    let order = CallCreate { machine_detection: true, ..Rehearsal::default().order };
    let verdict = CallVerdict { connect: Connect::Rings, ..CallVerdict::default() };
    bare.put(
        Time::ZERO,
        Input::Create { order: &order, verdict: &verdict, document: None, wishes: &CallWishes::NONE },
    );
    bare.put(Time::from_millis(1_000), Input::Timeout);
    bare.put(Time::from_millis(5_000), Input::Timeout);
    bare.put(Time::from_millis(6_000), Input::PickedUp(CallId(0)));
    let answered_by = |bare: &Bare| bare.company.call(CallId(0)).unwrap().answered_by();
    assert_eq!(answered_by(&bare), None);
    let (due, _) = bare.company.poll_timeout().unwrap();
    bare.put(due, Input::Timeout);
    assert_eq!(answered_by(&bare), Some(AnsweredBy::Human));
}

#[test]
fn a_call_can_be_looked_at() {
    let mut bare = Bare::new();
    bare.order(Time::ZERO, Connect::Rings);
    let number = Rehearsal::default().order.to;
    let call = bare.company.call(CallId(0)).unwrap();
    assert_eq!((call.number(), call.status()), (number, CallStatus::Queued));
    assert_eq!((call.from(), call.duration()), (Rehearsal::default().order.from, None));
    let sid = call.sid();
    bare.put(Time::from_millis(1_000), Input::Timeout);
    let call = bare.company.call_of_sid(sid).unwrap();
    assert_eq!((call.status(), call.rest_status()), (CallStatus::Initiated, CallStatus::Queued));
    bare.put(Time::from_millis(5_000), Input::Timeout);
    bare.put(Time::from_millis(6_000), Input::PickedUp(CallId(0)));
    bare.put(Time::from_millis(6_100), Input::HungUp(CallId(0)));
    let call = bare.company.call_of_number(number).unwrap();
    let statuses: Vec<(u64, &str)> =
        call.log().iter().map(|(at, status)| (at.as_millis(), status.label())).collect();
    assert_eq!(
        statuses,
        [
            (0, "queued"),
            (1_000, "initiated"),
            (5_000, "ringing"),
            (6_000, "in-progress"),
            (6_100, "completed")
        ]
    );
    assert_eq!((call.duration(), call.is_over(), call.answered_by()), (Some(1), true, None));
    assert_eq!(bare.company.call(CallId(1)).map(Call::id), None);
    assert_eq!(bare.company.poll_timeout(), None);
}

#[test]
fn starting_over_is_the_same_as_new() {
    let habits = Habits { queue: Span::from_secs(3), ..Habits::default() };
    let epoch = Epoch::from_unix_millis(5_000_000);
    // A callback retry is pending at the reset.
    let mut used = Bare::new();
    used.order(Time::ZERO, Connect::Rings);
    let outputs = used.put(Time::from_millis(1_000), Input::Timeout);
    let Some(Output::Webhook { id, .. }) = outputs.last() else { panic!("{outputs:?}") };
    used.put(Time::from_millis(1_000), Input::Answered { webhook: *id, reply: Err(NoReply::Down) });
    used.company.reset(habits, epoch);
    used.draw.reseed(1);
    let mut fresh = Bare::new();
    fresh.company = PhoneCompany::new(habits, epoch);
    assert_eq!(used.company.poll_timeout(), None);
    assert_eq!(used.order(Time::ZERO, Connect::Rings), fresh.order(Time::ZERO, Connect::Rings));
    for _ in 0..3 {
        let due = used.company.poll_timeout();
        assert_eq!(due, fresh.company.poll_timeout());
        assert_eq!(used.put(due.unwrap().0, Input::Timeout), fresh.put(due.unwrap().0, Input::Timeout));
    }
    assert_eq!(used.company.calls().len(), 1);
}

#[test]
fn a_retry_keeps_its_name_and_a_redirect_does_not() {
    let mut bare = Bare::new();
    bare.order(Time::ZERO, Connect::Rings);
    let at = Time::from_millis(1_000);
    let sent = |outputs: Vec<Output>| match outputs.last() {
        Some(Output::Webhook { id, webhook }) => (*id, *webhook),
        other => panic!("{other:?}"),
    };
    let (first, webhook) = sent(bare.put(at, Input::Timeout));
    bare.put(at, Input::Answered { webhook: first, reply: Err(NoReply::Down) });
    let late = Input::Answered { webhook: first, reply: Ok(HookReply::HEARD) };
    assert_eq!(bare.put(at, late), [], "until the retry nobody waits for an answer");
    assert_eq!(sent(bare.put(at + Span::SECOND, Input::Timeout)), (first, webhook));
    let redirected = Input::Answered { webhook: first, reply: Ok(HookReply::Redirected(webhook.hook)) };
    let (second, again) = sent(bare.put(at + Span::SECOND, redirected.clone()));
    assert_ne!(second, first);
    assert_eq!(again, webhook);
    assert_eq!(bare.put(at + Span::SECOND, redirected), [], "nobody waits for that answer any more");
}

#[test]
fn a_second_answer_for_a_document_changes_nothing() {
    let mut bare = Bare::new();
    bare.order(Time::ZERO, Connect::Rings);
    bare.put(Time::from_millis(1_000), Input::Timeout);
    bare.put(Time::from_millis(5_000), Input::Timeout);
    let at = Time::from_millis(6_000);
    let fetch = match bare.put(at, Input::PickedUp(CallId(0))).last() {
        Some(Output::Webhook { id, .. }) => *id,
        other => panic!("{other:?}"),
    };
    let answered = |reply| Input::Answered { webhook: fetch, reply };
    assert_eq!(bare.put(at, answered(Err(NoReply::Down))), []);
    assert_eq!(bare.put(at, answered(Ok(document(ASKS)))), [], "until the retry nobody waits for it");
    bare.put(at + Span::SECOND, Input::Timeout);
    assert_ne!(bare.put(at + Span::SECOND, answered(Ok(document(ASKS)))), []);
    assert_eq!(bare.put(at + Span::SECOND, answered(Ok(document(ASKS)))), []);
}

#[test]
fn outputs_stay_small() {
    assert!(size_of::<Output>() <= 112, "{}", size_of::<Output>());
}

#[test]
fn calls_are_found_by_sid_and_by_number() {
    let mut bare = Bare::new();
    let usual = Rehearsal::default().order;
    let other = CallCreate { to: Number::read("+34600000002").unwrap(), ..usual };
    let sids: Vec<_> = [usual, other, usual]
        .map(|order| {
            let verdict = CallVerdict { connect: Connect::Stuck, ..CallVerdict::default() };
            let outputs = bare.put(
                Time::ZERO,
                Input::Create { order: &order, verdict: &verdict, document: None, wishes: &CallWishes::NONE },
            );
            match outputs.last() {
                Some(Output::Reply(Ok(CallReply::Created { sid }))) => *sid,
                other => panic!("{other:?}"),
            }
        })
        .into();
    let found = |bare: &Bare, sid| bare.company.call_of_sid(sid).map(Call::id);
    for (sid, call) in sids.iter().zip(0..) {
        assert_eq!(found(&bare, *sid), Some(CallId(call)));
    }
    let newest = |bare: &Bare, number| bare.company.call_of_number(number).map(Call::id);
    assert_eq!(newest(&bare, usual.to), Some(CallId(2)));
    assert_eq!(newest(&bare, other.to), Some(CallId(1)));
    assert_eq!((found(&bare, crate::message::Sid(0)), newest(&bare, Number::NONE)), (None, None));
    bare.company.reset(Habits::default(), Epoch::default());
    assert_eq!((found(&bare, sids[0]), newest(&bare, usual.to)), (None, None));
}
