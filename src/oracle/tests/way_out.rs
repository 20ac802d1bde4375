//! Traces for the oracle *way out*.

use super::*;

#[test]
fn way_out_is_judged_once_patience_is_over() {
    let alone = || Told::new().then(ANA, EventKind::LeftAlone);
    alone().after(Span::from_hours(47)).accepted_by("way-out");
    let says = "ana is neither signed in nor with support 2d after the last fault, and is still trying";
    alone().after(Span::from_days(2)).rejected_by("way-out", Verdict::OutsideNorm, says);
    alone().then(ANA, EventKind::GotIn).after(Span::from_days(2)).accepted_by("way-out");
    let says = "ana is neither signed in nor with support 2d after the last fault, and has given up";
    let gave_up = alone().then(ANA, EventKind::GaveUp).after(Span::from_days(2));
    gave_up.rejected_by("way-out", Verdict::OutsideNorm, says);
}

#[test]
fn way_out_takes_an_open_ticket_and_rejects_a_closed_one() {
    let ticket = TicketId(0);
    let asked = || {
        Told::new().then(ANA, EventKind::LeftAlone).asks(Control::SubmitTicket, Typed::Nothing).then(
            Actor::Desk,
            EventKind::TicketTaken { ticket, problem: Problem::NoCall, account: Some(ACCOUNT) },
        )
    };
    asked().after(Span::from_days(2)).accepted_by("way-out");
    let closed = asked().then(Actor::Desk, EventKind::TicketClosed { ticket, reset: false });
    let says = "ana is neither signed in nor with support 2d after the last fault, and is still trying";
    closed.after(Span::from_days(2)).rejected_by("way-out", Verdict::OutsideNorm, says);
}

#[test]
fn way_out_gives_the_owner_an_hour_after_a_reset() {
    let reset = EventKind::FactorsReset { account: ACCOUNT, ticket: TicketId(0) };
    let told = |after, then| {
        let told = Told::new().then(ANA, EventKind::LeftAlone).after(Span::from_hours(after));
        told.then(Actor::Console, reset).after(Span::from_mins(then))
    };
    told(47, 59).accepted_by("way-out");
    told(48, 59).accepted_by("way-out");
    assert_eq!(told(48, 60).findings("way-out").len(), 1);
    assert_eq!(told(47, 60).findings("way-out").len(), 1);
}

#[test]
fn way_out_is_not_for_an_owner_whom_nobody_can_tell_from_a_stranger() {
    let number = Number::read("+14155550100").unwrap();
    let changed = EventKind::PhoneChanged { account: ACCOUNT, number, session: Some(SESSION) };
    let alone = || Told::new().then(ANA, EventKind::LeftAlone);
    let asks = |by| {
        let asked =
            EventKind::Requested { browser: BROWSER, action: Control::ChangePhone, typed: Typed::Nothing };
        alone().then(by, asked).then(Actor::Console, changed).after(Span::from_days(2))
    };
    asks(Actor::Person(PersonId(1))).accepted_by("way-out");
    let says = "ana is neither signed in nor with support 2d after the last fault, and is still trying";
    asks(ANA).rejected_by("way-out", Verdict::OutsideNorm, says);
}

#[test]
fn way_out_waits_from_the_last_fault_on() {
    let told = Told::new().then(ANA, EventKind::LeftAlone).after(Span::from_days(1));
    let told =
        told.because_of(1, Actor::Story, EventKind::FaultStruck { fault: 0 }).after(Span::from_days(1));
    told.accepted_by("way-out");
    let told = told.after(Span::from_days(1));
    assert_eq!(told.findings("way-out").len(), 1);
}

#[test]
fn way_out_waits_from_the_last_call_on_that_a_stranger_took_on_the_owners_telephone() {
    let ticket = TicketId(0);
    let taken_about =
        |account| EventKind::TicketTaken { ticket, problem: Problem::NoCall, account: Some(account) };
    let taken = |by, number: &str| {
        let number = Number::read(number).unwrap();
        Told::new()
            .then(ANA, EventKind::LeftAlone)
            .after(Span::from_days(1))
            .then(Actor::Desk, taken_about(ACCOUNT))
            .then(Actor::Desk, EventKind::TicketClosed { ticket, reset: false })
            .then(Actor::Desk, EventKind::CalledBack { ticket, number })
            .then(by, EventKind::TookCallBack { ticket })
            .after(Span::from_days(1))
    };
    let stranger = Actor::Person(PersonId(1));
    taken(stranger, "+34600000001").accepted_by("way-out");
    let says = "ana is neither signed in nor with support 2d after the last fault, and is still trying";
    taken(ANA, "+34600000001").rejected_by("way-out", Verdict::OutsideNorm, says);
    // At a number of the stranger, or once the owner's patience has passed after the call.
    taken(stranger, "+14155550100").rejected_by("way-out", Verdict::OutsideNorm, says);
    let later = taken(stranger, "+34600000001").after(Span::from_days(1));
    later.rejected_by("way-out", Verdict::OutsideNorm, says);
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    way_out_is_judged_once_patience_is_over,
    way_out_takes_an_open_ticket_and_rejects_a_closed_one,
    way_out_is_not_for_an_owner_whom_nobody_can_tell_from_a_stranger,
    way_out_waits_from_the_last_fault_on,
    way_out_waits_from_the_last_call_on_that_a_stranger_took_on_the_owners_telephone,
    way_out_gives_the_owner_an_hour_after_a_reset,
];
