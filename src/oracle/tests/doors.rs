//! Traces for what opens an account: access, support, codes, links, numbers, notices, a way out.

use super::*;

#[test]
fn access_takes_a_password_and_a_code() {
    let told = Told::new().with_password();
    let step = told.step();
    told.with_code(TOKEN, step).signed_in(Way::Mfa).accepted_by("access");
}

#[test]
fn access_takes_a_password_a_link_and_a_call_to_the_number_on_file() {
    let told = Told::new().with_password().mailed_link().confirmed_link().called("+34600000001");
    told.keyed_in(Typed::Screen(BROWSER)).signed_in(Way::Recovery).accepted_by("access");
}

#[test]
fn access_rejects_less_than_that() {
    use Verdict::OutsideNorm;
    let told = Told::new().with_password().signed_in(Way::Mfa);
    let says = "ana got into the account of ana having proven only the password";
    told.rejected_by("access", OutsideNorm, says);

    let told = Told::new().with_password().mailed_link().confirmed_link().signed_in(Way::Recovery);
    let says = "ana got into the account of ana having proven only the password and the e-mail address";
    told.rejected_by("access", OutsideNorm, says);

    let told = Told::new().with_password().mailed_link().confirmed_link().called("+14155550100");
    told.keyed_in(Typed::Screen(BROWSER)).signed_in(Way::Recovery).rejected_by("access", OutsideNorm, says);
}

#[test]
fn access_rejects_codes_of_other_devices_and_other_times() {
    let says = "ana got into the account of ana having proven only the password";
    let told = Told::new().with_password();
    let step = told.step();
    let other = told.with_code(DeviceId(7), step).signed_in(Way::Mfa);
    other.rejected_by("access", Verdict::OutsideNorm, says);
    for off in [-2, 2] {
        let told = Told::new().with_password();
        let step = told.step().saturating_add_signed(off);
        told.with_code(TOKEN, step).signed_in(Way::Mfa).rejected_by("access", Verdict::OutsideNorm, says);
    }
}

#[test]
fn access_rejects_a_link_confirmed_by_a_scanner() {
    let told = Told::new().with_password().mailed_link();
    let confirmed = EventKind::LinkConfirmed { link: LinkId(0), session: SESSION };
    let told = told.then(Actor::Console, confirmed).called("+34600000001").keyed_in(Typed::Screen(BROWSER));
    let says = "ana got into the account of ana having proven only the password and the phone number";
    told.signed_in(Way::Recovery).rejected_by("access", Verdict::OutsideNorm, says);
}

#[test]
fn access_rejects_changes_of_factors_before_the_second_factor() {
    let deactivated =
        EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    let told = Told::new().with_password().then(Actor::Console, deactivated);
    let says = "ana deactivated an MFA device of ana having proven only the password";
    told.rejected_by("access", Verdict::OutsideNorm, says);
}

fn ticket(number: &str, proof: bool) -> Told {
    let (ticket, number) = (TicketId(0), Number::read(number).unwrap());
    Told::new()
        .asks(ActionName::SubmitTicket, Typed::Nothing)
        .then(Actor::Desk, EventKind::TicketTaken { ticket, problem: Problem::NoCall })
        .then(Actor::Desk, EventKind::CalledBack { ticket, number })
        .then(ANA, EventKind::Proved { ticket, proof })
        .then(Actor::Desk, EventKind::IdentityChecked { ticket, passed: true })
        .then(Actor::Console, EventKind::FactorsReset { account: ACCOUNT, ticket })
}

#[test]
fn support_proof_takes_a_reset_after_a_call_to_the_number_on_file_and_proof() {
    ticket("+34600000001", true).accepted_by("support-proof");
}

#[test]
fn support_proof_rejects_resets_without_call_or_proof() {
    let says = "support reset the MFA of ana after a call to +14155550100, which is not on file";
    ticket("+14155550100", true).rejected_by("support-proof", Verdict::BrokePolicy, says);
    let says = "support reset the MFA of ana without any proof of who answered the call";
    ticket("+34600000001", false).rejected_by("support-proof", Verdict::BrokePolicy, says);
}

#[test]
fn single_use_takes_different_codes_and_rejects_the_same_twice() {
    let told = Told::new();
    let step = told.step();
    let told = told.with_code(TOKEN, step).with_code(TOKEN, step + 1);
    told.accepted_by("single-use");
    let says =
        format!("the MFA code of device 1 for time step {step} was accepted at +00:00:00.000, and again");
    told.with_code(TOKEN, step).rejected_by("single-use", Verdict::BrokePolicy, &says);
}

#[test]
fn single_use_rejects_a_link_and_a_phone_code_that_work_twice() {
    let told = Told::new().mailed_link().confirmed_link();
    told.accepted_by("single-use");
    let says = "link 1 was accepted at +00:00:00.000, and again";
    told.confirmed_link().rejected_by("single-use", Verdict::BrokePolicy, says);
    let told = Told::new().called("+34600000001").keyed_in(Typed::Screen(BROWSER));
    told.accepted_by("single-use");
    let says = "phone code 1 was accepted at +00:00:00.000, and again";
    told.keyed_in(Typed::Screen(BROWSER)).rejected_by("single-use", Verdict::BrokePolicy, says);
}

#[test]
fn lifetime_counts_to_the_limit_and_no_further() {
    Told::new().mailed_link().after(Span::HOUR).confirmed_link().accepted_by("lifetime");
    let late = Told::new().mailed_link().after(Span::from_secs(3_601)).confirmed_link();
    let says = "link 1 was accepted 1h 1s after it was issued; it may live for 1h";
    late.rejected_by("lifetime", Verdict::BrokePolicy, says);

    let mut lax = Told::new();
    lax.story.policy.link_lifetime = Span::from_days(30);
    let lax = lax.mailed_link().after(Span::from_hours(25)).confirmed_link();
    let says = "link 1 was accepted 1d 1h after it was issued; it may live for 1d";
    lax.rejected_by("lifetime", Verdict::OutsideNorm, says);

    let call = || Told::new().called("+34600000001");
    call().after(Span::from_mins(10)).keyed_in(Typed::Screen(BROWSER)).accepted_by("lifetime");
    let says = "phone code 1 was accepted 10m 1s after it was issued; it may live for 10m";
    let late = call().after(Span::from_secs(601)).keyed_in(Typed::Screen(BROWSER));
    late.rejected_by("lifetime", Verdict::BrokePolicy, says);
}

#[test]
fn number_called_is_the_one_on_file_even_after_it_changed() {
    Told::new().called("+34600000001").accepted_by("number-called");
    let says = "+14155550100 was called for ana; the number on file is +34600000001";
    Told::new().called("+14155550100").rejected_by("number-called", Verdict::BrokePolicy, says);
    let number = Number::read("+34600000002").unwrap();
    let changed = EventKind::PhoneChanged { account: ACCOUNT, number, session: None };
    Told::new().then(Actor::Console, changed).called("+34600000002").accepted_by("number-called");
}

#[test]
fn notices_go_to_all_addresses() {
    let resynced = EventKind::Resynced { session: SESSION, account: ACCOUNT, device: TOKEN, drift: 3 };
    let told = || Told::new().then(Actor::Console, resynced);
    told().told_everybody(MailKind::ResyncNotice).accepted_by("notices");
    let one = EventKind::MailTaken { mail: MailId(1), to: AddressId(0), kind: MailKind::ResyncNotice };
    let says = "\"An MFA device was re-synced\" was never sent to ana@home.example, which is on file for ana";
    told().then(Actor::MailProvider, one).rejected_by("notices", Verdict::BrokePolicy, says);
}

#[test]
fn notices_that_the_provider_refused_are_not_the_services_fault() {
    let resynced = EventKind::Resynced { session: SESSION, account: ACCOUNT, device: TOKEN, drift: 3 };
    let mut told = Told::new().then(Actor::Console, resynced);
    for to in [AddressId(0), AddressId(1)] {
        told = told.then(Actor::MailProvider, EventKind::MailRefused { to, code: 550 });
    }
    told.accepted_by("notices");
}

#[test]
fn way_out_is_judged_once_patience_is_over() {
    let alone = || Told::new().then(ANA, EventKind::LeftAlone);
    alone().after(Span::from_hours(47)).accepted_by("way-out");
    let says = "ana is neither in nor with support 2d after the last fault, and is still trying";
    alone().after(Span::from_days(2)).rejected_by("way-out", Verdict::OutsideNorm, says);
    alone().then(ANA, EventKind::GotIn).after(Span::from_days(2)).accepted_by("way-out");
    let says = "ana is neither in nor with support 2d after the last fault, and has given up";
    let gave_up = alone().then(ANA, EventKind::GaveUp).after(Span::from_days(2));
    gave_up.rejected_by("way-out", Verdict::OutsideNorm, says);
}

#[test]
fn way_out_takes_an_open_ticket_and_rejects_a_closed_one() {
    let ticket = TicketId(0);
    let asked = || {
        Told::new()
            .then(ANA, EventKind::LeftAlone)
            .asks(ActionName::SubmitTicket, Typed::Nothing)
            .then(Actor::Desk, EventKind::TicketTaken { ticket, problem: Problem::NoCall })
    };
    asked().after(Span::from_days(2)).accepted_by("way-out");
    let closed = asked().then(Actor::Desk, EventKind::TicketClosed { ticket, reset: false });
    let says = "ana is neither in nor with support 2d after the last fault, and is still trying";
    closed.after(Span::from_days(2)).rejected_by("way-out", Verdict::OutsideNorm, says);
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
fn a_call_that_completed_proves_nothing() {
    let completed = EventKind::StatusChanged { call: CallId(0), status: CallStatus::Completed };
    let accepted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
    let told = Told::new().with_password().mailed_link().confirmed_link().called("+34600000001");
    let told = told.then(Actor::PhoneCompany, completed).then(Actor::Console, accepted);
    let says = "ana got into the account of ana having proven only the password and the e-mail address";
    told.signed_in(Way::Recovery).rejected_by("access", Verdict::OutsideNorm, says);
}
