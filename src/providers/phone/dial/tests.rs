//! Calls up to the pick-up, each outcome as a transcript.

use super::*;
use crate::event::AnsweredBy;
use crate::fault::CallVerdict;
use crate::providers::phone::harness::Rehearsal;

const TAKEN: &str = "0 taken: +34600000001\n0 queued\n0 reply 201\n";
const DIALLED: &str = "1 initiated\n1 → #0 initiated @1001\n";
const RINGS: &str = "5 ringing\n5 rings at +34600000001\n5 → #1 ringing @1005\n";

/// Places an order without any further input; `rest` is the transcript after dialling.
#[track_caller]
fn check_verdict(verdict: CallVerdict, rest: &str) {
    Rehearsal::with(verdict).check_line("0 order", &format!("{TAKEN}{DIALLED}{rest}"));
}

fn connect(connect: Connect) -> CallVerdict {
    CallVerdict { connect, ..CallVerdict::default() }
}

#[test]
fn nobody_picks_up_in_time() {
    let rest = "45 no-answer\n45 line ends: no-answer\n45 → #2 no-answer after 0s sip 487 @1045";
    check_verdict(CallVerdict::default(), &format!("{RINGS}{rest}"));
}

#[test]
fn the_order_says_how_long_it_rings_in_whole_seconds() {
    let mut rehearsal = Rehearsal::default();
    rehearsal.order.ring_timeout = Span::from_millis(10_900);
    let rest = "15 no-answer\n15 line ends: no-answer\n15 → #2 no-answer after 0s sip 487 @1015";
    rehearsal.check_line("0 order", &format!("{TAKEN}{DIALLED}{RINGS}{rest}"));
}

#[test]
fn the_call_is_turned_away_while_it_rings() {
    let rest = "9 busy\n9 line ends: busy\n9 → #2 busy after 0s sip 486 @1009";
    Rehearsal::default()
        .check_line("0 order\n9 hang up\n10 pick up", &format!("{TAKEN}{DIALLED}{RINGS}{rest}"));
}

#[test]
fn nobody_can_act_on_a_call_that_does_not_ring_yet() {
    let early = "0 order\n0 pick up\n0.5 hang up\n2 pick up\n3 hang up\n4 press 1\n4 2 pick up";
    let rest = "45 no-answer\n45 line ends: no-answer\n45 → #2 no-answer after 0s sip 487 @1045";
    Rehearsal::default().check_line(early, &format!("{TAKEN}{DIALLED}{RINGS}{rest}"));
}

#[test]
fn a_call_can_stay_in_the_queue_for_long_or_for_ever() {
    let late = CallVerdict { queued: Span::from_secs(300), ..CallVerdict::default() };
    let rest = "301 initiated\n301 → #0 initiated @1301\n305 busy\n305 → #1 busy after 0s sip 486 @1305";
    Rehearsal::with(CallVerdict { connect: Connect::Busy, ..late })
        .check_line("0 order", &format!("{TAKEN}{rest}"));
    Rehearsal::with(connect(Connect::Stuck)).check("0 order\n60 pick up\n90 hang up", TAKEN);
}

#[test]
fn a_call_that_never_rings_fails_in_the_end() {
    check_verdict(connect(Connect::NeverRings), "31 failed\n31 → #1 failed after 0s @1031");
}

#[test]
fn the_far_end_is_busy() {
    check_verdict(connect(Connect::Busy), "5 busy\n5 → #1 busy after 0s sip 486 @1005");
}

#[test]
fn the_far_end_or_its_carrier_turns_the_call_away() {
    for (sip, status) in [
        (404, "failed"),
        (480, "failed"),
        (503, "failed"),
        (603, "failed"),
        (607, "failed"),
        (608, "failed"),
        (486, "busy"),
        (600, "busy"),
        (408, "no-answer"),
        (487, "no-answer"),
    ] {
        let rest = format!("5 {status}\n5 → #1 {status} after 0s sip {sip} @1005");
        check_verdict(connect(Connect::Rejected(sip)), &rest);
    }
}

#[test]
fn a_handset_can_decline_unheard() {
    for (sip, status) in [(486, "busy"), (600, "busy"), (603, "no-answer"), (480, "no-answer")] {
        let rest = format!(
            "5 ringing
5 → #1 ringing @1005
8 {status}
8 → #2 {status} after 0s sip {sip} @1008"
        );
        Rehearsal::with(connect(Connect::Declined(sip))).check_line(
            "0 order
6 pick up
7 hang up",
            &format!("{TAKEN}{DIALLED}{rest}"),
        );
    }
}

#[test]
fn a_call_is_canceled_until_it_is_picked_up() {
    let canceled = |after| CallVerdict { canceled: Some(Span::from_millis(after)), ..CallVerdict::default() };
    check_verdict(
        canceled(30_000),
        &format!(
            "{RINGS}30 canceled
30 line ends: canceled
30 → #2 canceled after 0s sip 487 @1030"
        ),
    );
    check_verdict(
        canceled(3_000),
        "3 canceled
3 → #1 canceled after 0s sip 487 @1003",
    );
    // Exactly when it would start to ring.
    check_verdict(
        canceled(5_000),
        "5 canceled
5 → #1 canceled after 0s sip 487 @1005",
    );
    let queued = CallVerdict { connect: Connect::Stuck, ..canceled(500) };
    Rehearsal::with(queued).check_line(
        "0 order",
        &format!(
            "{TAKEN}0.5 canceled
0.5 → #0 canceled after 0s @1000"
        ),
    );
    let mut late = Rehearsal::with(canceled(9_000));
    late.fetch = vec!["<Pause length='2'/>".into()];
    let rest = "8 in-progress
8 → #2 in-progress @1008
10 completed
10 line ends: completed
10 → #3 completed after 2s @1010";
    late.check_line(
        "0 order
8 pick up",
        &format!("{TAKEN}{DIALLED}{RINGS}{rest}"),
    );
}

#[test]
fn the_company_can_have_a_shorter_time_limit() {
    let mut rehearsal = Rehearsal::default();
    rehearsal.habits.time_limit = Span::from_secs(3);
    let rest = "8 in-progress
8 → #2 in-progress @1008
11 completed
11 line ends: completed
11 → #3 completed after 3s @1011";
    rehearsal.check_line(
        "0 order
8 pick up",
        &format!("{TAKEN}{DIALLED}{RINGS}{rest}"),
    );
}

#[test]
fn voicemail_answers_for_a_handset_that_stays_silent() {
    let verdict = connect(Connect::Voicemail(AnsweredBy::MachineStart));
    Rehearsal::with(verdict).check(
        "0 order\n10 pick up\n26 press 123456\n28 hang up",
        "0 taken: +34600000001
             0 queued
             0 reply 201
             1 initiated
             1 → #0 initiated @1001
             1 callback initiated: 204
             5 ringing
             5 → #1 ringing @1005
             5 callback ringing: 204
             25 in-progress
             25 → #2 in-progress @1025
             25 → fetch in-progress
             25 callback in-progress: 204
             25 document of Fetch
             25 spoke: SomethingElse
             36 no digits
             36 spoke: SomethingElse
             42 completed
             42 → #3 completed after 17s @1042
             42 callback completed: 204",
    );
}

#[test]
fn voicemail_is_quicker_than_a_short_patience() {
    let mut rehearsal = Rehearsal::with(connect(Connect::Voicemail(AnsweredBy::Human)));
    rehearsal.order.ring_timeout = Span::from_secs(12);
    rehearsal.fetch = vec!["<Hangup/>".into()];
    let rest = "5 ringing\n5 → #1 ringing @1005\n11 in-progress\n11 → #2 in-progress @1011\n\
                    11 completed\n11 → #3 completed after 0s @1011";
    rehearsal.check_line("0 order", &format!("{TAKEN}{DIALLED}{rest}"));
}

#[test]
fn machine_detection_delays_the_document_and_can_be_wrong() {
    for (taken_for, word) in [
        (AnsweredBy::MachineStart, "machine_start"),
        (AnsweredBy::Human, "human"),
        (AnsweredBy::Unknown, "unknown"),
        (AnsweredBy::Fax, "fax"),
    ] {
        let mut rehearsal = Rehearsal::with(connect(Connect::Voicemail(taken_for)));
        rehearsal.order.machine_detection = true;
        rehearsal.fetch = vec!["<Say>Hello.</Say>".into()];
        let mut expected = format!("{TAKEN}{DIALLED}5 ringing\n5 → #1 ringing @1005\n25 in-progress\n");
        expected += "25 → #2 in-progress @1025\n35 completed\n";
        expected += &format!("35 → #3 completed by {word} after 10s @1035");
        rehearsal.clone().check_line("0 order", &expected);
        rehearsal.check_talk(
            "0 order",
            &format!("29 detected: {word}\n29 → fetch in-progress by {word}\n29 document of Fetch"),
        );
    }
}

#[test]
fn machine_detection_takes_a_person_for_one() {
    let mut rehearsal = Rehearsal::default();
    rehearsal.order.machine_detection = true;
    rehearsal.check_talk(
        "0 order\n8 pick up\n9 press 1\n13 press 123456",
        "12 detected: human
             12 → fetch in-progress by human
             12 document of Fetch
             12 hears: Key in the code.
             13 gathered: 6
             13 → action in-progress by human [123456]
             13 document of Action
             13 hears: Thank you.",
    );
}

#[test]
fn who_hangs_up_on_machine_detection_hears_nothing() {
    let mut rehearsal = Rehearsal::default();
    rehearsal.order.machine_detection = true;
    rehearsal.check_talk("0 order\n8 pick up\n10 hang up", "");
}

#[test]
fn no_call_lasts_longer_than_four_hours() {
    let rest = "8 in-progress\n8 → #2 in-progress @1008\n14408 completed\n\
                    14408 line ends: completed\n14408 → #3 completed after 14400s @15408";
    for drops in [None, Some(Span::from_hours(5))] {
        let mut rehearsal = Rehearsal::with(CallVerdict { drops, ..CallVerdict::default() });
        rehearsal.fetch = vec!["<Pause length='14000'/><Pause length='14000'/>".into()];
        rehearsal.check_line("0 order\n8 pick up", &format!("{TAKEN}{DIALLED}{RINGS}{rest}"));
    }
}
