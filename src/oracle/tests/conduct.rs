//! Traces for the conduct of a service: order, budgets, sessions, names, calls, old secrets.

use super::*;
use crate::event::{Notice, PageName, Refusal, SessionEnd, WebhookKind};
use crate::policy::{OtherSessions, StepOrder, WebhookSignature};

const CONSOLE: Actor = Actor::Console;
const MALLORY: Actor = Actor::Person(PersonId(1));
const VERIFIED: EventKind = EventKind::EmailVerified { session: SESSION, account: ACCOUNT };
const DIALLED: EventKind = EventKind::PhoneVerified { session: SESSION, account: ACCOUNT };

/// A complete recovery, step by step.
fn recovery() -> Told {
    Told::new()
        .with_password()
        .then(CONSOLE, EventKind::RecoveryChosen { session: SESSION, account: ACCOUNT })
        .mailed_link()
        .confirmed_link()
        .then(CONSOLE, VERIFIED)
        .called("+34600000001")
        .keyed_in(Typed::Screen(BROWSER))
        .then(CONSOLE, DIALLED)
        .signed_in(Way::Recovery)
}

#[test]
fn order_takes_a_recovery_step_by_step() {
    recovery().accepted_by("order");
}

#[test]
fn order_rejects_each_step_that_was_skipped() {
    let begun = || {
        Told::new()
            .with_password()
            .then(CONSOLE, EventKind::RecoveryChosen { session: SESSION, account: ACCOUNT })
    };
    let says = "session 1 came to alternative factors before the password";
    Told::new().then(CONSOLE, EventKind::RecoveryChosen { session: SESSION, account: ACCOUNT }).rejected_by(
        "order",
        Verdict::BrokePolicy,
        says,
    );
    let says = "session 1 came to the email address verified before an email was sent";
    begun().then(CONSOLE, VERIFIED).rejected_by("order", Verdict::BrokePolicy, says);
    let says = "session 1 came to a call before the email address was verified";
    begun().mailed_link().called("+34600000001").rejected_by("order", Verdict::BrokePolicy, says);
    let says = "session 1 came to a session before the steps were done";
    let mut skipped = begun().mailed_link().confirmed_link().then(CONSOLE, VERIFIED).signed_in(Way::Recovery);
    skipped.rejected_by("order", Verdict::BrokePolicy, says);
    skipped.story.policy.step_order = StepOrder::Free;
    skipped.rejected_by("order", Verdict::OutsideNorm, says);
}

fn wrong_codes(mut told: Told, count: usize, apart: Span) -> Told {
    let wrong = EventKind::MfaRefused { session: SESSION, account: ACCOUNT, why: Refusal::Wrong };
    for _ in 0..count {
        told = told.after(apart).asks(Control::SubmitCode, Typed::Nothing).then(CONSOLE, wrong);
    }
    told
}

#[test]
fn budgets_take_twenty_wrong_codes_an_hour_and_no_more() {
    let told = Told::new().with_password();
    wrong_codes(told, 20, Span::from_secs(1)).accepted_by("budgets");
    let told = Told::new().with_password();
    wrong_codes(told, 60, Span::from_mins(4)).accepted_by("budgets");
    let told = Told::new().with_password();
    let says = "21 wrong MFA codes were checked for ana within an hour; the limit is 20";
    wrong_codes(told, 30, Span::from_secs(1)).rejected_by("budgets", Verdict::OutsideNorm, says);
}

#[test]
fn budgets_take_a_hundred_failures_in_a_row_and_no_more() {
    wrong_codes(Told::new(), 100, Span::from_mins(5)).accepted_by("budgets");
    let says = "101 wrong MFA codes were checked in a row for ana";
    wrong_codes(Told::new(), 101, Span::from_mins(5)).rejected_by("budgets", Verdict::OutsideNorm, says);
    let told = wrong_codes(Told::new(), 60, Span::from_mins(5));
    let step = told.step();
    wrong_codes(told.with_code(TOKEN, step), 60, Span::from_mins(5)).accepted_by("budgets");
}

#[test]
fn budgets_count_wrong_passwords_from_the_last_right_one() {
    let wrong = EventKind::PasswordRefused { account: Some(ACCOUNT), why: Refusal::Wrong };
    let wrong = |told: Told, count| (0..count).fold(told, |told, _| told.then(CONSOLE, wrong));
    let says = "21 wrong passwords were checked for ana within an hour; the limit is 20";
    wrong(Told::new(), 21).rejected_by("budgets", Verdict::OutsideNorm, says);
    wrong(wrong(Told::new(), 20).with_password(), 20).accepted_by("budgets");
    wrong(wrong(Told::new(), 20).with_password(), 21).rejected_by("budgets", Verdict::OutsideNorm, says);
}

#[test]
fn budgets_take_three_calls_an_hour_and_no_more() {
    let calls = |count| (0..count).fold(Told::new(), |told, _| told.called("+34600000001"));
    calls(3).accepted_by("budgets");
    let says = "4 calls were placed for ana within an hour; the limit is 3";
    calls(4).rejected_by("budgets", Verdict::OutsideNorm, says);
}

#[test]
fn budgets_count_the_tries_of_a_phone_code() {
    let tries = |count| {
        let wrong = EventKind::CodeRefused { code: Some(CodeId(0)), why: Refusal::Wrong };
        (0..count).fold(Told::new().called("+34600000001"), |told, _| told.then(CONSOLE, wrong))
    };
    tries(5).accepted_by("budgets");
    let says = "6 wrong tries of phone code 1 were checked";
    tries(6).rejected_by("budgets", Verdict::OutsideNorm, says);
}

fn digits(by: Actor, kind: EventKind) -> Told {
    recovery_until_call()
        .then(by, kind)
        .then(CONSOLE, EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT })
}

fn recovery_until_call() -> Told {
    Told::new().with_password().called("+34600000001")
}

#[test]
fn webhook_takes_what_the_phone_company_posts_and_rejects_what_was_forged() {
    let typed = Typed::Screen(BROWSER);
    digits(ANA, EventKind::KeyedIn { call: CallId(0), typed }).accepted_by("webhook");
    let mut forged = digits(MALLORY, EventKind::Forged { webhook: WebhookKind::Action });
    let says = "the console acted on digits that mallory forged";
    forged.rejected_by("webhook", Verdict::BrokePolicy, says);
    forged.story.policy.webhook_signature = WebhookSignature::Ignored;
    forged.rejected_by("webhook", Verdict::OutsideNorm, says);
    let refused = EventKind::WebhookRefused { webhook: WebhookKind::Action, why: Refusal::BadSignature };
    recovery_until_call()
        .then(MALLORY, EventKind::Forged { webhook: WebhookKind::Action })
        .then(CONSOLE, refused)
        .accepted_by("webhook");
}

const NEXT: SessionId = SessionId(1);

/// A sign-in in which the session id is renewed after the password, or not.
fn signs_in(renamed: bool) -> Told {
    let told = Told::new()
        .asks(Control::SubmitUser, Typed::User(AddressId(0)))
        .then(CONSOLE, EventKind::SessionOpened { session: SESSION, from: None })
        .with_password();
    let session = if renamed { NEXT } else { SESSION };
    let told = if renamed {
        told.because_of(2, CONSOLE, EventKind::SessionOpened { session: NEXT, from: Some(SESSION) })
            .then(CONSOLE, EventKind::SessionEnded { session: SESSION, why: SessionEnd::Rotated })
    } else {
        told
    };
    told.then(CONSOLE, EventKind::SignedIn { session, account: ACCOUNT, way: Way::Mfa })
}

#[test]
fn session_asks_for_a_new_name_after_the_password() {
    signs_in(true).accepted_by("session");
    let says = "session 1 was not renamed at sign-in";
    signs_in(false).rejected_by("session", Verdict::BrokePolicy, says);
}

fn removed_by(session: SessionId) -> EventKind {
    EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(session) }
}

#[test]
fn session_ends_when_a_factor_changes_elsewhere() {
    const OTHER: SessionId = SessionId(7);
    let elsewhere = || {
        signs_in(true)
            .then(
                MALLORY,
                EventKind::Requested { browser: BrowserId(3), action: Control::Open, typed: Typed::Nothing },
            )
            .then(CONSOLE, EventKind::SessionOpened { session: OTHER, from: None })
            .then(CONSOLE, EventKind::PasswordAccepted { session: OTHER, account: ACCOUNT })
            .asks(Control::Deactivate, Typed::Nothing)
            .then(CONSOLE, removed_by(NEXT))
    };
    elsewhere()
        .then(CONSOLE, EventKind::SessionEnded { session: OTHER, why: SessionEnd::FactorChanged })
        .accepted_by("session");
    let says = "session 8 of ana stays alive although a factor was changed elsewhere";
    let mut told = elsewhere().after(Span::SECOND);
    told.rejected_by("session", Verdict::BrokePolicy, says);
    told.story.policy.other_sessions = OtherSessions::Keep;
    told.rejected_by("session", Verdict::OutsideNorm, says);
}

#[test]
fn session_is_used_within_its_time() {
    let used_after = |idle| {
        signs_in(true)
            .after(idle)
            .asks(Control::BeginAssign, Typed::Nothing)
            .then(CONSOLE, EventKind::DeviceOffered { session: NEXT, account: ACCOUNT, device: DeviceId(1) })
    };
    used_after(Span::HOUR).accepted_by("session");
    let says = "session 2 was used 1h 1s after it began, idle for 1h 1s before that";
    used_after(Span::HOUR + Span::SECOND).rejected_by("session", Verdict::OutsideNorm, says);
}

fn named(told: Told, user: AddressId, page: PageName, notice: Option<Notice>) -> Told {
    told.asks(Control::SubmitUser, Typed::User(user))
        .then(ANA, EventKind::Saw { browser: BROWSER, page, notice })
}

#[test]
fn enumeration_asks_for_the_same_answer_to_known_and_unknown_names() {
    let known = || named(Told::new(), AddressId(0), PageName::Password, None);
    named(known(), AddressId::UNKNOWN, PageName::Password, None).accepted_by("enumeration");
    let told = Some(Notice::UnknownUser);
    let says = "an unknown user name is answered with \"Sign in\": There is no account with this user name, a known one with \"Password\"";
    named(known(), AddressId::UNKNOWN, PageName::SignIn, told).rejected_by(
        "enumeration",
        Verdict::OutsideNorm,
        says,
    );
}

#[test]
fn enumeration_compares_the_second_wrong_password_too() {
    let wrong = |mut told: Told, user, notices: &[Notice]| {
        told = named(told, user, PageName::Password, None);
        for notice in notices.iter().copied() {
            let saw = EventKind::Saw { browser: BROWSER, page: PageName::Password, notice: Some(notice) };
            told = told.asks(Control::SubmitPassword, Typed::Password(None)).then(ANA, saw);
        }
        told
    };
    let alike = [Notice::WrongPassword, Notice::TryLater];
    let known = || wrong(Told::new(), AddressId(0), &alike);
    wrong(known(), AddressId::UNKNOWN, &alike).accepted_by("enumeration");
    let says = "an unknown user name is answered with \"Password\": Complete the steps before this one first, a known one with \"Password\": The user name or password is not correct";
    wrong(known(), AddressId::UNKNOWN, &[Notice::NotYet]).rejected_by(
        "enumeration",
        Verdict::OutsideNorm,
        says,
    );
    // Throttling depends on the timing of tries, so a difference within the slack proves nothing.
    wrong(known(), AddressId::UNKNOWN, &[Notice::WrongPassword; 3]).accepted_by("enumeration");
    let says = "passwords for a known user name are throttled after 1; for an unknown one, 4 were checked";
    wrong(known(), AddressId::UNKNOWN, &[Notice::WrongPassword; 4]).rejected_by(
        "enumeration",
        Verdict::OutsideNorm,
        says,
    );
}

#[test]
fn enumeration_takes_a_throttle_that_is_kept_per_browser() {
    let tries = |told: Told, user, browsers: &[u16], notice| {
        browsers.iter().fold(told, |told, browser| {
            let browser = BrowserId(*browser);
            let asks = |told: Told, action, typed, page, notice| {
                told.then(ANA, EventKind::Requested { browser, action, typed })
                    .then(ANA, EventKind::Saw { browser, page, notice })
            };
            let told = asks(told, Control::SubmitUser, Typed::User(user), PageName::Password, None);
            let password = Typed::Password(None);
            asks(told, Control::SubmitPassword, password, PageName::Password, Some(notice))
        })
    };
    let (known, wrong) = (AddressId(0), Notice::WrongPassword);
    let throttled = || tries(tries(Told::new(), known, &[0], wrong), known, &[0], Notice::TryLater);
    tries(throttled(), AddressId::UNKNOWN, &[0, 3, 6, 9], wrong).accepted_by("enumeration");
    // In one browser, such a throttle would have shown.
    let says = "passwords for a known user name are throttled after 1; for an unknown one, 4 were checked";
    tries(throttled(), AddressId::UNKNOWN, &[0, 0, 2, 2], wrong).rejected_by(
        "enumeration",
        Verdict::OutsideNorm,
        says,
    );
}

#[test]
fn lock_out_looks_at_the_owners_right_password_after_an_hour() {
    let refused_after = |waited, why| {
        let refused = EventKind::PasswordRefused { account: Some(ACCOUNT), why: Refusal::Wrong };
        Told::new()
            .then(
                MALLORY,
                EventKind::Requested {
                    browser: BrowserId(3),
                    action: Control::SubmitPassword,
                    typed: Typed::Password(None),
                },
            )
            .then(CONSOLE, refused)
            .after(waited)
            .asks(Control::SubmitPassword, Typed::Password(Some(ACCOUNT)))
            .then(CONSOLE, EventKind::PasswordRefused { account: Some(ACCOUNT), why })
    };
    refused_after(Span::HOUR, Refusal::Throttled).accepted_by("lock-out");
    let says = "ana is still refused without a check 1h 1s after the last wrong try";
    let late = Span::HOUR + Span::SECOND;
    refused_after(late, Refusal::Throttled).rejected_by("lock-out", Verdict::OutsideNorm, says);
    let says = "ana's right password is refused as wrong";
    refused_after(Span::MINUTE, Refusal::Wrong).rejected_by("lock-out", Verdict::OutsideNorm, says);
}

#[test]
fn old_secrets_open_nothing_after_a_change() {
    let removed = || Told::new().with_password().then(CONSOLE, removed_by(SESSION));
    let told = removed();
    let step = told.step();
    let again = EventKind::DeviceAssigned { session: SESSION, account: ACCOUNT, device: TOKEN };
    let deactivated = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: None };
    Told::new().then(CONSOLE, again).accepted_by("old-secret");
    let says = "token was removed, and then assigned again with the secret that it had before";
    Told::new().then(CONSOLE, deactivated).then(CONSOLE, again).rejected_by(
        "old-secret",
        Verdict::OutsideNorm,
        says,
    );
    let says = "a code of token was accepted after it was removed";
    told.with_code(TOKEN, step).rejected_by("old-secret", Verdict::OutsideNorm, says);
    removed().with_code(DeviceId(1), step).accepted_by("old-secret");
}

#[test]
fn old_links_and_phone_codes_open_nothing_after_a_change() {
    let typed = Typed::Screen(BROWSER);
    let changed = |told: Told| told.after(Span::SECOND).then(CONSOLE, removed_by(SESSION));
    recovery().accepted_by("old-secret");
    let says = "link 1 was issued before a change of factors or contact data, and was accepted after it";
    let link = changed(Told::new().with_password().mailed_link());
    link.confirmed_link().rejected_by("old-secret", Verdict::OutsideNorm, says);
    let says =
        "phone code 1 was issued before a change of factors or contact data, and was accepted after it";
    let call = changed(Told::new().with_password().called("+34600000001"));
    call.keyed_in(typed).rejected_by("old-secret", Verdict::OutsideNorm, says);
    let fresh = changed(Told::new().with_password()).after(Span::SECOND);
    fresh.mailed_link().confirmed_link().accepted_by("old-secret");
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    order_takes_a_recovery_step_by_step,
    order_rejects_each_step_that_was_skipped,
    budgets_take_twenty_wrong_codes_an_hour_and_no_more,
    budgets_take_a_hundred_failures_in_a_row_and_no_more,
    budgets_count_wrong_passwords_from_the_last_right_one,
    budgets_take_three_calls_an_hour_and_no_more,
    budgets_count_the_tries_of_a_phone_code,
    webhook_takes_what_the_phone_company_posts_and_rejects_what_was_forged,
    session_asks_for_a_new_name_after_the_password,
    session_ends_when_a_factor_changes_elsewhere,
    session_is_used_within_its_time,
    enumeration_asks_for_the_same_answer_to_known_and_unknown_names,
    enumeration_compares_the_second_wrong_password_too,
    enumeration_takes_a_throttle_that_is_kept_per_browser,
    lock_out_looks_at_the_owners_right_password_after_an_hour,
    old_secrets_open_nothing_after_a_change,
    old_links_and_phone_codes_open_nothing_after_a_change,
];
