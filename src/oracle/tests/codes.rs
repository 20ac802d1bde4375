//! Traces for codes: right codes that are refused, invalid pairs, codes of other calls.

use super::*;
use crate::event::{PageName, Refusal, Said};
use crate::policy::{Callbacks, DriftKept, FailuresCleared, NewCallVoids, UnixTime};

const CONSOLE: Actor = Actor::Console;

/// An arbitrary code; only the equality of digests matters.
fn made_up() -> Typed {
    Typed::Guess(Told::new().story.accounts[0].full_name_digest)
}

/// Six digits were gathered.
fn gathered() -> EventKind {
    let digits = Told::new().story.accounts[0].full_name_digest;
    EventKind::Gathered { call: CallId(0), digits, count: 6, shown_in: None }
}

/// Types a code, which the service refuses.
fn refused(told: Told, typed: Typed, why: Refusal) -> Told {
    let session = told.session;
    let refused = EventKind::MfaRefused { session, account: ACCOUNT, why };
    told.asks(Control::SubmitCode, typed).then(CONSOLE, refused)
}

fn pair_refused(told: Told, first: u64, apart: i16, why: Refusal) -> Told {
    let session = told.session;
    let refused = EventKind::ResyncRefused { session, account: ACCOUNT, why };
    told.asks(Control::SubmitPair, Typed::Pair { device: TOKEN, first, apart }).then(CONSOLE, refused)
}

#[test]
fn right_code_objects_to_right_codes_of_clocks_that_are_refused() {
    let says = "ana's right MFA code of token is refused as wrong";
    for (off, right) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let told = Told::new().with_password();
        let step = told.step().saturating_add_signed(off);
        let told = refused(told, Typed::Code { device: TOKEN, step }, Refusal::Wrong);
        if right {
            told.rejected_by("right-code", Verdict::BrokePolicy, says);
        } else {
            told.accepted_by("right-code");
        }
    }
    refused(Told::new(), made_up(), Refusal::Wrong).accepted_by("right-code");
    let mut lax = Told::new();
    lax.story.policy.unix_time = UnixTime::Bits32;
    let step = lax.step();
    let lax = refused(lax, Typed::Code { device: TOKEN, step }, Refusal::Wrong);
    lax.rejected_by("right-code", Verdict::OutsideNorm, says);
}

#[test]
fn right_code_takes_it_that_old_codes_and_those_of_other_devices_are_refused() {
    let told = || Told::new().with_password();
    let step = told().step();
    let used =
        |step| refused(told().with_code(TOKEN, step), Typed::Code { device: TOKEN, step }, Refusal::Used);
    used(step).accepted_by("right-code");
    refused(told(), Typed::Code { device: DeviceId(7), step }, Refusal::Wrong).accepted_by("right-code");
    let says = "ana's right MFA code of token is refused as used";
    let next = refused(
        told().with_pair(step - 1, 1, 0),
        Typed::Code { device: TOKEN, step: step + 1 },
        Refusal::Used,
    );
    next.rejected_by("right-code", Verdict::BrokePolicy, says);
}

#[test]
fn right_code_objects_to_a_device_that_was_disabled_before_its_failures_came_in_a_row() {
    let disabled = EventKind::DeviceDisabled { account: ACCOUNT, device: TOKEN };
    let wrong = |told: Told, times| (0..times).fold(told, |told, _| refused(told, made_up(), Refusal::Wrong));
    let told = |told: Told, why| {
        let mut told = told.then(CONSOLE, disabled);
        told.story.policy.failures_max = 3;
        let step = told.step();
        refused(told, Typed::Code { device: TOKEN, step }, why)
    };
    let with_other = || Told::of(&STORY.replace("token: {}", "token: {}\n      app: {}")).with_password();
    let says = "ana's right MFA code of token is refused, because token was disabled although fewer than 3 wrong MFA codes came in a row";
    for why in [Refusal::Wrong, Refusal::UsedUp] {
        told(wrong(with_other(), 3), why).accepted_by("right-code");
        let cleared = wrong(wrong(with_other(), 2).with_code(DeviceId(1), with_other().step()), 2);
        let mut cleared = told(cleared, why);
        cleared.rejected_by("right-code", Verdict::BrokePolicy, says);
        cleared.story.policy.failures_cleared = FailuresCleared::OfItsDevice;
        cleared.rejected_by("right-code", Verdict::OutsideNorm, says);
    }
}

#[test]
fn right_code_follows_the_drift_that_a_pair_shows() {
    let told = |then: i64| {
        let told = Told::new().with_password();
        let step = told.step();
        let mut told = told.with_pair(step - 9, 1, -8);
        told.story.policy.drift_kept = DriftKept::AheadOnly;
        refused(told, Typed::Code { device: TOKEN, step: step.saturating_add_signed(then) }, Refusal::Wrong)
    };
    told(0).accepted_by("right-code");
    let says = "ana's right MFA code of token is refused as wrong";
    told(-8).rejected_by("right-code", Verdict::OutsideNorm, says);
}

#[test]
fn right_code_counts_as_counters_do() {
    for (count, right) in [(499, false), (500, true), (510, true), (511, false)] {
        let told = Told::with_token("{ kind: hotp, counter: 500 }").with_password();
        let told = refused(told, Typed::Code { device: TOKEN, step: count }, Refusal::Wrong);
        assert_eq!(told.findings("right-code").len(), usize::from(right), "{count}");
    }
}

#[test]
fn right_code_objects_to_pairs_inside_the_window_that_do_not_re_sync() {
    let says = "ana's two consecutive MFA codes of token do not re-sync it";
    for (first, apart, right) in [
        (-1_000, 1, true),
        (-1_001, 1, false),
        (999, 1, true),
        (1_000, 1, false),
        (5, 2, false),
        (5, 0, false),
        (5, -1, false),
    ] {
        let told = Told::new().with_password();
        let first = told.step().saturating_add_signed(first);
        let told = pair_refused(told, first, apart, Refusal::Wrong);
        if right {
            told.rejected_by("right-code", Verdict::BrokePolicy, says);
        } else {
            told.accepted_by("right-code");
        }
    }
    let told = || Told::with_token("{ kind: hotp, counter: 500 }").with_password();
    pair_refused(told(), 499, 1, Refusal::NotConsecutive).accepted_by("right-code");
    pair_refused(told(), 500, 1, Refusal::NotConsecutive).rejected_by(
        "right-code",
        Verdict::BrokePolicy,
        says,
    );
    pair_refused(told(), 500, 1, Refusal::Used).accepted_by("right-code");
}

const SHOWN: EventKind = EventKind::Saw { browser: BROWSER, page: PageName::VerifyPhone, notice: None };
const KEYED: EventKind = EventKind::KeyedIn { call: CallId(0), typed: Typed::Screen(BROWSER) };
const WRONG: EventKind = EventKind::CodeRefused { code: Some(CodeId(0)), why: Refusal::Wrong };

#[test]
fn right_code_objects_to_a_phone_code_that_is_refused_as_it_stood_on_the_screen() {
    let says = "phone code 1 is refused as wrong, as ana read it";
    let call = || Told::new().with_password().called("+34600000001").then(ANA, SHOWN);
    let keyed = |told: Told| told.then(ANA, KEYED).then(Actor::PhoneCompany, gathered()).then(CONSOLE, WRONG);
    keyed(call()).rejected_by("right-code", Verdict::BrokePolicy, says);
    // Keys of another person, keys that a fault may have lost, keys pressed twice, an outdated page.
    call().then(Actor::PhoneCompany, gathered()).then(CONSOLE, WRONG).accepted_by("right-code");
    keyed(call().then(Actor::Story, EventKind::FaultStruck { fault: 0 })).accepted_by("right-code");
    keyed(call().then(ANA, KEYED)).accepted_by("right-code");
    let unseen = Told::new().with_password().called("+34600000001");
    keyed(unseen).accepted_by("right-code");
    let spoken = call().asks(Control::SubmitSpoken, Typed::Spoken(CallId(0))).then(CONSOLE, WRONG);
    spoken.rejected_by("right-code", Verdict::BrokePolicy, says);
}

#[test]
fn right_code_objects_to_a_phone_code_that_another_sign_in_replaced() {
    let replaced = EventKind::CodeRefused { code: Some(CodeId(0)), why: Refusal::Replaced };
    let issued = |session| EventKind::CodeIssued { code: CodeId(1), session, account: ACCOUNT };
    let told = |between: EventKind| {
        let call = Told::new().with_password().called("+34600000001").then(ANA, SHOWN);
        let call = call.because_of(1, CONSOLE, between);
        call.then(ANA, KEYED).then(Actor::PhoneCompany, gathered()).then(CONSOLE, replaced)
    };
    let says = "phone code 1 is refused as replaced, as ana read it, although its sign-in requested no other";
    let mut by_another = told(issued(SessionId(7)));
    by_another.rejected_by("right-code", Verdict::BrokePolicy, says);
    by_another.story.policy.new_call_voids = NewCallVoids::OfTheAccount;
    by_another.rejected_by("right-code", Verdict::OutsideNorm, says);
    told(issued(SESSION)).accepted_by("right-code");
    told(EventKind::FactorsReset { account: ACCOUNT, ticket: TicketId(0) }).accepted_by("right-code");
}

#[test]
fn access_takes_two_codes_in_a_row_for_a_device_and_nothing_less() {
    let told = || Told::new().with_password();
    let step = told().step();
    told().with_pair(step, 1, 1).accepted_by("access");
    for (apart, with) in [
        (0, "one code, typed twice"),
        (2, "two codes that are not consecutive"),
        (-1, "two codes that are not consecutive"),
    ] {
        let says = format!("token was re-synced with {with}");
        told().with_pair(step, apart, 1).rejected_by("access", Verdict::OutsideNorm, &says);
    }
    let resynced = EventKind::Resynced { session: SESSION, account: ACCOUNT, device: TOKEN, drift: 3 };
    let guessed = told().asks(Control::SubmitPair, made_up()).then(CONSOLE, resynced);
    let says = "token was re-synced with codes that it did not show";
    guessed.rejected_by("access", Verdict::OutsideNorm, says);
}

#[test]
fn access_asks_in_which_call_a_code_was_keyed_in() {
    let two_calls = |keyed| {
        let (code, call) = (CodeId(1), CallId(1));
        let number = Number::read("+34600000001").unwrap();
        let accepted = EventKind::CodeAccepted { code, session: SESSION, account: ACCOUNT };
        Told::new()
            .with_password()
            .called("+34600000001")
            .asks(Control::CallMe, Typed::Nothing)
            .then(CONSOLE, EventKind::CodeIssued { code, session: SESSION, account: ACCOUNT })
            .then(CONSOLE, EventKind::CallOrdered { outbox: OutboxId(2), number, code })
            .then(Actor::PhoneCompany, EventKind::CallTaken { call, number })
            .then(ANA, EventKind::KeyedIn { call: keyed, typed: Typed::Screen(BROWSER) })
            .then(CONSOLE, accepted)
    };
    two_calls(CallId(1)).accepted_by("access");
    let says = "phone code 2 was accepted in call 1, which was placed for code 1";
    two_calls(CallId(0)).rejected_by("access", Verdict::OutsideNorm, says);
}

#[test]
fn budgets_make_guesses_at_phone_codes_wait_whatever_the_code() {
    let tries = |waits: Span, reset: bool| {
        let wrong = |code| EventKind::CodeRefused { code: Some(CodeId(code)), why: Refusal::Wrong };
        let issued = EventKind::CodeIssued { code: CodeId(1), session: SESSION, account: ACCOUNT };
        let told = (0..5).fold(Told::new().called("+34600000001"), |told, _| told.then(CONSOLE, wrong(0)));
        let told = if reset {
            told.then(CONSOLE, EventKind::FactorsReset { account: ACCOUNT, ticket: TicketId(0) })
        } else {
            told
        };
        told.after(waits).asks(Control::CallMe, Typed::Nothing).then(CONSOLE, issued).then(CONSOLE, wrong(1))
    };
    tries(Span::from_secs(30), false).accepted_by("budgets");
    tries(Span::from_secs(2), true).accepted_by("budgets");
    let says = "6 wrong phone codes were checked in a row for ana, the last one 2s after the previous one; the required wait is 30s";
    tries(Span::from_secs(2), false).rejected_by("budgets", Verdict::OutsideNorm, says);
}

#[test]
fn budgets_take_one_code_a_request() {
    let issued = |code| EventKind::CodeIssued { code: CodeId(code), session: SESSION, account: ACCOUNT };
    let call = || Told::new().asks(Control::CallMe, Typed::Nothing).then(CONSOLE, issued(0));
    call().asks(Control::CallMe, Typed::Nothing).then(CONSOLE, issued(1)).accepted_by("budgets");
    let says = "two phone codes were issued for ana for one request, each with a call";
    call().then(CONSOLE, issued(1)).rejected_by("budgets", Verdict::OutsideNorm, says);
}

#[test]
fn number_called_is_of_the_ordinary_tariff_and_the_call_says_what_for() {
    let said = |said| Told::new().then(Actor::PhoneCompany, EventKind::Spoke { call: CallId(0), said });
    said(Said::KeyInTheCode).accepted_by("number-called");
    let says = "call 1 asks for a code without naming its purpose";
    said(Said::KeyInACode).rejected_by("number-called", Verdict::OutsideNorm, says);
    let changed = |number| {
        let number = Number::read(number).unwrap();
        let changed = EventKind::PhoneChanged { account: ACCOUNT, number, session: Some(SESSION) };
        Told::new().then(CONSOLE, changed)
    };
    changed("+34600000009").accepted_by("number-called");
    let says = "+979123456789 is a premium-rate number, but goes on file for ana";
    changed("+979123456789").rejected_by("number-called", Verdict::OutsideNorm, says);
}

#[test]
fn support_proof_rejects_a_number_that_a_form_puts_on_file() {
    let number = Number::read("+14155550100").unwrap();
    let told = |session| {
        let changed = EventKind::PhoneChanged { account: ACCOUNT, number, session };
        Told::new().asks(Control::SubmitTicket, Typed::Nothing).then(CONSOLE, changed)
    };
    told(Some(SESSION)).accepted_by("support-proof");
    let says = "+14155550100 went on file for ana by a support form";
    told(None).rejected_by("support-proof", Verdict::OutsideNorm, says);
}

#[test]
fn webhook_takes_statuses_that_go_forward_and_rejects_those_that_were_passed() {
    let told = |statuses: &[CallStatus]| {
        statuses.iter().fold(Told::new().called("+34600000001"), |told, status| {
            told.then(CONSOLE, EventKind::StatusHeard { code: CodeId(0), status: *status })
        })
    };
    use CallStatus::{Completed, InProgress, Initiated, NoAnswer, Ringing};
    told(&[Initiated, Ringing, InProgress, Completed]).accepted_by("webhook");
    told(&[Ringing, NoAnswer]).accepted_by("webhook");
    for (statuses, old) in [
        (&[Ringing, Completed, InProgress][..], "in-progress"),
        (&[Ringing, Ringing], "ringing"),
        (&[Completed, NoAnswer], "no-answer"),
    ] {
        let says = format!("the console acted on \"{old}\" of the call for code 1, which was outdated");
        told(statuses).rejected_by("webhook", Verdict::BrokePolicy, &says);
        let mut lax = told(statuses);
        lax.story.policy.callbacks = Callbacks::AsTheyCome;
        lax.rejected_by("webhook", Verdict::OutsideNorm, &says);
    }
}

#[test]
fn access_rejects_a_spoken_code_that_the_page_gave_away() {
    let accepted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
    let typed = |typed| {
        let told = Told::new().with_password().called("+34600000001");
        told.asks(Control::SubmitSpoken, typed).then(CONSOLE, accepted)
    };
    typed(Typed::Spoken(CallId(0))).accepted_by("access");
    let says = "phone code 1 was accepted although the page that asks for it revealed it";
    typed(Typed::Screen(BROWSER)).rejected_by("access", Verdict::OutsideNorm, says);
}

#[test]
fn access_tells_a_replay_that_proves_something_from_one_long_before() {
    use crate::event::WebhookKind::{Action, Status};
    let accepted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
    let proven = || Told::new().with_password().mailed_link().confirmed_link();
    let keyed = EventKind::KeyedIn { call: CallId(0), typed: Typed::Screen(BROWSER) };
    // A replay that led to the call.
    let before = proven()
        .then(ANA, EventKind::Replayed { webhook: Status, call: Some(CallId(0)) })
        .called("+34600000001");
    before.then(ANA, keyed).then(CONSOLE, accepted).signed_in(Way::Recovery).accepted_by("access");
    // The digits themselves were replayed; the person who keyed them in has given the proof.
    let replayed = EventKind::Replayed { webhook: Action, call: Some(CallId(0)) };
    let gathered = EventKind::Gathered {
        call: CallId(0),
        digits: Told::new().story.accounts[0].full_name_digest,
        count: 6,
        shown_in: None,
    };
    let collected = || proven().called("+34600000001").then(ANA, keyed).then(Actor::PhoneCompany, gathered);
    let after = collected().then(ANA, replayed);
    after.then(CONSOLE, accepted).signed_in(Way::Recovery).accepted_by("access");
    // Other keys were pressed before the replay.
    let wrong = EventKind::KeyedIn { call: CallId(0), typed: made_up() };
    let after = collected().then(ANA, wrong).then(ANA, replayed);
    after.then(CONSOLE, accepted).signed_in(Way::Recovery).accepted_by("access");
    let nobody = proven().called("+34600000001").then(ANA, replayed).then(CONSOLE, accepted);
    let says = "ana got into the account of ana having proven only the password and the email address";
    nobody.signed_in(Way::Recovery).rejected_by("access", Verdict::OutsideNorm, says);
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    right_code_objects_to_right_codes_of_clocks_that_are_refused,
    right_code_takes_it_that_old_codes_and_those_of_other_devices_are_refused,
    right_code_objects_to_a_device_that_was_disabled_before_its_failures_came_in_a_row,
    right_code_follows_the_drift_that_a_pair_shows,
    right_code_counts_as_counters_do,
    right_code_objects_to_pairs_inside_the_window_that_do_not_re_sync,
    right_code_objects_to_a_phone_code_that_is_refused_as_it_stood_on_the_screen,
    right_code_objects_to_a_phone_code_that_another_sign_in_replaced,
    access_takes_two_codes_in_a_row_for_a_device_and_nothing_less,
    access_asks_in_which_call_a_code_was_keyed_in,
    budgets_make_guesses_at_phone_codes_wait_whatever_the_code,
    budgets_take_one_code_a_request,
    number_called_is_of_the_ordinary_tariff_and_the_call_says_what_for,
    support_proof_rejects_a_number_that_a_form_puts_on_file,
    webhook_takes_statuses_that_go_forward_and_rejects_those_that_were_passed,
    access_rejects_a_spoken_code_that_the_page_gave_away,
    access_tells_a_replay_that_proves_something_from_one_long_before,
];
