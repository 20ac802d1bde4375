//! Traces for access to an account: sign-in, support, codes, links, numbers, notices.

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
    let says = "ana got into the account of ana having proven only the password and the email address";
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
fn access_rejects_what_is_done_for_a_form_of_another_site() {
    let step = Told::new().step();
    let signed_in = || Told::new().with_password().with_code(TOKEN, step).signed_in(Way::Mfa);
    let signs_out = EventKind::SessionEnded { session: SESSION, why: crate::event::SessionEnd::SignedOut };
    signed_in().asks(Control::SignOut, Typed::Nothing).then(Actor::Console, signs_out).accepted_by("access");
    signed_in()
        .then(ANA, EventKind::Lured { browser: BROWSER })
        .asks(Control::SignOut, Typed::Nothing)
        .then(Actor::Console, signs_out)
        .rejected_by(
            "access",
            Verdict::OutsideNorm,
            "the console signed the person out for a form that another site posted from ana's browser",
        );
}

#[test]
fn access_rejects_changes_of_factors_before_the_second_factor() {
    let deactivated =
        EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    let told = Told::new().with_password().then(Actor::Console, deactivated);
    let says = "ana deactivated an MFA device of ana having proven only the password";
    told.rejected_by("access", Verdict::OutsideNorm, says);
}

fn ticket(number: &str, identity: Option<AccountId>) -> Told {
    let (ticket, number) = (TicketId(0), Number::read(number).unwrap());
    Told::new()
        .asks(Control::SubmitTicket, Typed::Nothing)
        .then(
            Actor::Desk,
            EventKind::TicketTaken { ticket, problem: Problem::NoCall, account: Some(ACCOUNT) },
        )
        .then(Actor::Desk, EventKind::CalledBack { ticket, number })
        .then(ANA, EventKind::Proved { ticket, identity })
        .then(Actor::Desk, EventKind::IdentityChecked { ticket, passed: true })
        .then(Actor::Console, EventKind::FactorsReset { account: ACCOUNT, ticket })
}

#[test]
fn support_proof_takes_a_reset_after_a_call_to_the_number_on_file_and_proof() {
    ticket("+34600000001", Some(ACCOUNT)).accepted_by("support-proof");
}

#[test]
fn support_proof_rejects_resets_without_call_or_proof() {
    let says =
        "support reset the MFA of ana after a call to +14155550100, which is not on file for that account";
    ticket("+14155550100", Some(ACCOUNT)).rejected_by("support-proof", Verdict::BrokePolicy, says);
    let says = "support reset the MFA of ana without any proof of who answered the call";
    ticket("+34600000001", None).rejected_by("support-proof", Verdict::BrokePolicy, says);
}

#[test]
fn single_use_takes_different_codes_and_rejects_the_same_twice() {
    let told = Told::new();
    let step = told.step();
    let told = told.with_code(TOKEN, step).with_code(TOKEN, step + 1);
    told.accepted_by("single-use");
    let says = "an MFA code of token was accepted at +00:00:00.000, and again at +00:00:30.000";
    let told = told.after(Span::from_secs(30)).with_code(TOKEN, step);
    told.rejected_by("single-use", Verdict::BrokePolicy, says);
}

#[test]
fn single_use_rejects_a_link_and_a_phone_code_that_work_twice() {
    let told = Told::new().mailed_link().confirmed_link();
    told.accepted_by("single-use");
    let says = "link 1 was accepted at +00:00:00.000, and again at +00:00:00.000";
    told.confirmed_link().rejected_by("single-use", Verdict::BrokePolicy, says);
    let told = Told::new().called("+34600000001").keyed_in(Typed::Screen(BROWSER));
    told.accepted_by("single-use");
    let says = "phone code 1 was accepted at +00:00:00.000, and again at +00:00:00.000";
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
fn lifetime_has_a_limit_for_what_a_device_shows() {
    let told = |token: &str, secs: u64| {
        let told = Told::with_token(token);
        let step = told.story.epoch.unix_secs(told.now) / secs;
        told.with_code(TOKEN, step)
    };
    told("{ step: 2m }", 120).accepted_by("lifetime");
    told("{ kind: hotp }", 120).accepted_by("lifetime");
    let says = "token shows an MFA code for 2m 1s; the maximum is 2m";
    told("{ step: 121s }", 121).rejected_by("lifetime", Verdict::OutsideNorm, says);
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
    let one = EventKind::MailTaken { mail: MailId(1), to: AddressId(0), kind: Some(MailKind::ResyncNotice) };
    let says = "\"An MFA device was re-synced\" was never sent to ana@home.example, which is on file for ana";
    told().then(Actor::MailProvider, one).rejected_by("notices", Verdict::BrokePolicy, says);
}

#[test]
fn support_proof_takes_one_reset_for_a_ticket() {
    let again = EventKind::FactorsReset { account: ACCOUNT, ticket: TicketId(0) };
    let twice = || ticket("+34600000001", Some(ACCOUNT)).after(Span::MINUTE).then(Actor::Console, again);
    let says = "support reset the MFA of ana at +00:00:00.000, and again for the same ticket";
    twice().rejected_by("support-proof", Verdict::BrokePolicy, says);
    let mut weak = twice();
    weak.story.policy.resets_kept = crate::policy::Kept::InMemory;
    weak.rejected_by("support-proof", Verdict::OutsideNorm, says);
}

#[test]
fn a_call_that_completed_proves_nothing() {
    let completed = EventKind::StatusChanged { call: CallId(0), status: CallStatus::Completed };
    let accepted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
    let told = Told::new().with_password().mailed_link().confirmed_link().called("+34600000001");
    let told = told.then(Actor::PhoneCompany, completed).then(Actor::Console, accepted);
    let says = "ana got into the account of ana having proven only the password and the email address";
    told.signed_in(Way::Recovery).rejected_by("access", Verdict::OutsideNorm, says);
}

const ONLY_PASSWORD: &str = "ana got into the account of ana having proven only the password";

#[test]
fn access_takes_codes_that_a_counter_shows_a_little_ahead() {
    for (count, taken) in [(500, true), (503, true), (510, true), (511, false), (600, false)] {
        let told = Told::with_token("{ kind: hotp, counter: 500 }").with_password().with_code(TOKEN, count);
        let told = told.signed_in(Way::Mfa);
        if taken {
            told.accepted_by("access");
        } else {
            told.rejected_by("access", Verdict::OutsideNorm, ONLY_PASSWORD);
        }
    }
}

#[test]
fn access_follows_a_counter_from_code_to_code() {
    let told = || {
        let told = Told::with_token("{ kind: hotp }").with_password().with_code(TOKEN, 8);
        told.signed_in(Way::Mfa).anew().with_password()
    };
    told().with_code(TOKEN, 19).signed_in(Way::Mfa).accepted_by("access");
    let told = told().with_code(TOKEN, 20).signed_in(Way::Mfa);
    told.rejected_by("access", Verdict::OutsideNorm, ONLY_PASSWORD);
}

#[test]
fn access_takes_what_follows_two_codes_in_a_row_of_a_counter() {
    let told = |apart| {
        let told = Told::with_token("{ kind: hotp, ran-ahead: 300 }").with_password();
        told.with_pair(300, apart, 300).with_code(TOKEN, 302).signed_in(Way::Mfa)
    };
    told(1).accepted_by("access");
    let says: Vec<String> = told(2).findings("access").into_iter().map(|finding| finding.says).collect();
    assert_eq!(says, ["token was re-synced with two codes that are not consecutive", ONLY_PASSWORD]);
}

#[test]
fn access_counts_time_as_the_device_does() {
    let told = || Told::with_token("{ hash: sha-256, digits: 8, step: 60s }").with_password();
    let usual = told().step();
    for (step, taken) in [
        (usual / 2, true),
        (usual / 2 - 1, true),
        (usual / 2 + 1, true),
        (usual / 2 + 2, false),
        (usual, false),
    ] {
        let told = told().with_code(TOKEN, step).signed_in(Way::Mfa);
        if taken {
            told.accepted_by("access");
        } else {
            told.rejected_by("access", Verdict::OutsideNorm, ONLY_PASSWORD);
        }
    }
}

#[test]
fn access_takes_the_drift_that_a_pair_shows_and_not_the_one_that_is_claimed() {
    let told = || Told::new().with_password();
    let step = told().step();
    let told =
        |then: u64| told().with_pair(step + 99, 1, 5_000).with_code(TOKEN, step + then).signed_in(Way::Mfa);
    told(100).accepted_by("access");
    told(5_000).rejected_by("access", Verdict::OutsideNorm, ONLY_PASSWORD);
}

#[test]
fn access_knows_new_devices_by_the_policy() {
    let new = DeviceId(1);
    let told = |count| {
        let mut told = Told::new();
        told.story.policy.new_device = otp::Kind::HOTP;
        let step = told.step();
        let told = told.with_password().with_code(TOKEN, step).signed_in(Way::Mfa).assigned(new, 0);
        told.anew().with_password().with_code(new, count).signed_in(Way::Mfa)
    };
    told(2).accepted_by("access");
    told(2).accepted_by("single-use");
    told(13).rejected_by("access", Verdict::OutsideNorm, ONLY_PASSWORD);
    let says = "the MFA code of new device 1 for count 1 was accepted although count 1 had been accepted at +00:00:00.000";
    told(1).rejected_by("single-use", Verdict::BrokePolicy, says);
}

#[test]
fn single_use_takes_counters_that_go_forward_and_rejects_those_that_go_back() {
    let told = || Told::with_token("{ kind: hotp }").with_code(TOKEN, 3).with_code(TOKEN, 7);
    told().accepted_by("single-use");
    let says =
        "the MFA code of token for count 5 was accepted although count 7 had been accepted at +00:00:00.000";
    told().with_code(TOKEN, 5).rejected_by("single-use", Verdict::BrokePolicy, says);
    let says = "the MFA code of token for count 3 was accepted at +00:00:00.000, and again at +00:00:00.000";
    told().with_code(TOKEN, 3).rejected_by("single-use", Verdict::BrokePolicy, says);

    let mut lax = told();
    lax.story.policy.replay = crate::policy::Replay::LastCode;
    lax.with_code(TOKEN, 3).rejected_by("single-use", Verdict::OutsideNorm, says);
}

#[test]
fn single_use_takes_newer_pairs_and_rejects_older_ones() {
    let told = || Told::with_token("{ kind: hotp }").with_code(TOKEN, 3).with_pair(40, 1, 36);
    told().with_pair(42, 1, 0).accepted_by("single-use");
    for (first, says) in [
        (
            2,
            "the pair of MFA codes of token from count 2 was accepted although count 41 had been accepted at +00:00:00.000",
        ),
        (
            41,
            "the pair of MFA codes of token from count 41 was accepted although count 41 had been accepted at +00:00:00.000",
        ),
        (
            40,
            "the pair of MFA codes of token from count 40 was accepted at +00:00:00.000, and again at +00:00:00.000",
        ),
    ] {
        told().with_pair(first, 1, 0).rejected_by("single-use", Verdict::BrokePolicy, says);
    }

    let step = Told::new().step();
    let told = || Told::new().with_pair(step, 1, 1);
    // TOTP codes may be older than the pair; only a repeated code is a violation.
    told().with_code(TOKEN, step).accepted_by("single-use");
    told().with_pair(step + 2, 1, 1).accepted_by("single-use");
    let says =
        "a pair of MFA codes of token was accepted although a newer one had been accepted at +00:00:00.000";
    told().with_pair(step + 1, 1, 1).rejected_by("single-use", Verdict::BrokePolicy, says);
    let mut lax = told();
    lax.story.policy.pair_memory = crate::policy::PairMemory::Forgotten;
    lax.with_pair(step + 1, 1, 1).rejected_by("single-use", Verdict::OutsideNorm, says);
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    access_takes_a_password_and_a_code,
    access_takes_a_password_a_link_and_a_call_to_the_number_on_file,
    access_rejects_less_than_that,
    access_rejects_codes_of_other_devices_and_other_times,
    access_rejects_a_link_confirmed_by_a_scanner,
    access_rejects_what_is_done_for_a_form_of_another_site,
    access_rejects_changes_of_factors_before_the_second_factor,
    support_proof_takes_a_reset_after_a_call_to_the_number_on_file_and_proof,
    support_proof_rejects_resets_without_call_or_proof,
    single_use_takes_different_codes_and_rejects_the_same_twice,
    single_use_rejects_a_link_and_a_phone_code_that_work_twice,
    lifetime_counts_to_the_limit_and_no_further,
    lifetime_has_a_limit_for_what_a_device_shows,
    number_called_is_the_one_on_file_even_after_it_changed,
    notices_go_to_all_addresses,
    support_proof_takes_one_reset_for_a_ticket,
    a_call_that_completed_proves_nothing,
    access_takes_codes_that_a_counter_shows_a_little_ahead,
    access_follows_a_counter_from_code_to_code,
    access_takes_what_follows_two_codes_in_a_row_of_a_counter,
    access_counts_time_as_the_device_does,
    access_takes_the_drift_that_a_pair_shows_and_not_the_one_that_is_claimed,
    access_knows_new_devices_by_the_policy,
    single_use_takes_counters_that_go_forward_and_rejects_those_that_go_back,
    single_use_takes_newer_pairs_and_rejects_older_ones,
];
