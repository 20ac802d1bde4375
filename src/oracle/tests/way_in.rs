//! Traces for sign-in and enrolment: links, steps, devices and calls.

use super::*;
use crate::event::{Refusal, SessionEnd};
use crate::policy::{
    LinkFetch, LinkToken, LinkWritten, NumberShown, OtherBrowser, PasswordAndSessions, ProviderFailure, SetUp,
};

const CONSOLE: Actor = Actor::Console;
const MALLORYS: BrowserId = BrowserId(3);

fn mailed() -> Told {
    Told::new().with_password().mailed_link()
}

fn opened_and_refused(told: Told, why: Refusal) -> Told {
    told.asks(Control::FollowLink, Typed::Link(MailId(0)))
        .then(CONSOLE, EventKind::LinkRefused { link: Some(LinkId(0)), why })
}

#[test]
fn good_link_takes_a_link_that_works_once() {
    mailed().confirmed_link().accepted_by("good-link");
    opened_and_refused(mailed().confirmed_link(), Refusal::Used).accepted_by("good-link");
}

#[test]
fn good_link_rejects_the_refusal_of_a_link_that_nobody_used() {
    for (why, told) in [
        (Refusal::Used, "used, but nobody had confirmed it"),
        (Refusal::Replaced, "replaced, but its sign-in had requested no other"),
        (Refusal::Unknown, "unknown, but it had been emailed"),
    ] {
        let says = format!("link 1 was refused to ana as {told}");
        let mut refused = opened_and_refused(mailed(), why);
        refused.rejected_by("good-link", Verdict::BrokePolicy, &says);
        refused.story.policy.link_fetch = LinkFetch::Burns;
        refused.rejected_by("good-link", Verdict::OutsideNorm, &says);
    }
}

#[test]
fn good_link_takes_the_refusal_of_a_link_that_is_too_old_or_replaced() {
    let late = mailed().after(Span::HOUR + Span::SECOND);
    opened_and_refused(late, Refusal::Unknown).accepted_by("good-link");
    opened_and_refused(mailed(), Refusal::NoSession).accepted_by("good-link");
    let again = EventKind::LinkIssued { link: LinkId(1), session: SESSION, account: ACCOUNT };
    let resent = mailed().asks(Control::SendEmail, Typed::Nothing).then(CONSOLE, again);
    opened_and_refused(resent, Refusal::Replaced).accepted_by("good-link");
    let other = EventKind::LinkIssued { link: LinkId(1), session: SessionId(4), account: ACCOUNT };
    let elsewhere = mailed().asks(Control::SendEmail, Typed::Nothing).then(CONSOLE, other);
    let says = "link 1 was refused to ana as replaced, but its sign-in had requested no other";
    opened_and_refused(elsewhere, Refusal::Replaced).rejected_by("good-link", Verdict::BrokePolicy, says);
    let changed = mailed().then(CONSOLE, EventKind::FactorsReset { account: ACCOUNT, ticket: TicketId(0) });
    opened_and_refused(changed, Refusal::Replaced).accepted_by("good-link");
}

#[test]
fn good_link_rejects_a_link_confirmed_by_who_has_no_mail() {
    let confirmed = EventKind::LinkConfirmed { link: LinkId(0), session: SESSION };
    let mut told = mailed().asks(Control::ConfirmLink, Typed::Nothing).then(CONSOLE, confirmed);
    let says = "link 1 was confirmed by a person who had not read it in an email";
    told.rejected_by("good-link", Verdict::BrokePolicy, says);
    told.story.policy.link_token = LinkToken::UserAndTime;
    told.rejected_by("good-link", Verdict::OutsideNorm, says);
}

fn deactivated_by(action: Control) -> Told {
    let off = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    Told::new().with_password().asks(action, Typed::Nothing).then(CONSOLE, off)
}

#[test]
fn factors_take_what_was_asked_for_and_reject_what_was_not() {
    deactivated_by(Control::Deactivate).accepted_by("factors");
    let says = "token was removed by a request that does not ask for it";
    let mut told = deactivated_by(Control::BeginAssign);
    told.rejected_by("factors", Verdict::BrokePolicy, says);
    told.story.policy.set_up = SetUp::DropsOld;
    told.rejected_by("factors", Verdict::OutsideNorm, says);
    deactivated_by(Control::FinishSignIn).rejected_by("factors", Verdict::BrokePolicy, says);
}

#[test]
fn factors_ask_for_codes_of_the_new_device() {
    Told::new().with_password().assigned(DeviceId(1), 7).accepted_by("factors");
    let assigned = EventKind::DeviceAssigned { session: SESSION, account: ACCOUNT, device: DeviceId(1) };
    let says = "new device 1 is active although none of its codes was entered";
    for typed in [Typed::Nothing, Typed::Pair { device: TOKEN, first: 7, apart: 1 }] {
        let told = Told::new().with_password().asks(Control::FinishAssign, typed).then(CONSOLE, assigned);
        told.rejected_by("factors", Verdict::BrokePolicy, says);
    }
}

#[test]
fn order_rejects_a_step_that_is_asked_for_again() {
    let verified = EventKind::EmailVerified { session: SESSION, account: ACCOUNT };
    let again = EventKind::LinkIssued { link: LinkId(1), session: SESSION, account: ACCOUNT };
    let chosen = EventKind::RecoveryChosen { session: SESSION, account: ACCOUNT };
    let resent = || Told::new().with_password().then(CONSOLE, chosen).mailed_link();
    resent().then(CONSOLE, again).accepted_by("order");
    let mut told = resent().confirmed_link().then(CONSOLE, verified).then(CONSOLE, again);
    let says = "session 1 came to another link when its email address was verified";
    told.rejected_by("order", Verdict::BrokePolicy, says);
    told.story.policy.link_written = LinkWritten::LinkFirst;
    told.rejected_by("order", Verdict::OutsideNorm, says);
}

/// A request from this browser ends Ana's session.
fn ended_by(browser: BrowserId, action: Control) -> Told {
    let typed = Typed::Password(Some(ACCOUNT));
    let asked = EventKind::Requested { browser, action, typed };
    Told::new()
        .asks(Control::SubmitUser, Typed::User(AddressId(0)))
        .then(CONSOLE, EventKind::SessionOpened { session: SESSION, from: None })
        .then(ANA, asked)
        .then(CONSOLE, EventKind::SessionEnded { session: SESSION, why: SessionEnd::Replaced })
}

#[test]
fn session_is_not_ended_by_a_password_elsewhere() {
    ended_by(BROWSER, Control::SubmitPassword).accepted_by("session");
    ended_by(MALLORYS, Control::Deactivate).accepted_by("session");
    let mut told = ended_by(MALLORYS, Control::SubmitPassword);
    let says = "session 1 was ended from another browser by a person who had only entered a password";
    told.rejected_by("session", Verdict::BrokePolicy, says);
    told.story.policy.password_and_sessions = PasswordAndSessions::EndsOthers;
    told.rejected_by("session", Verdict::OutsideNorm, says);
}

#[test]
fn session_is_used_in_its_own_browser() {
    let used_in = |browser| {
        let asked = EventKind::Requested { browser, action: Control::CallMe, typed: Typed::Nothing };
        Told::new()
            .asks(Control::SubmitUser, Typed::User(AddressId(0)))
            .then(CONSOLE, EventKind::SessionOpened { session: SESSION, from: None })
            .then(ANA, asked)
            .then(CONSOLE, EventKind::CodeIssued { code: CodeId(0), session: SESSION, account: ACCOUNT })
    };
    used_in(BROWSER).accepted_by("session");
    // Another tab shares the cookies.
    used_in(BrowserId(2)).accepted_by("session");
    let says = "session 1 was used in another browser than the one that it began in";
    let mut told = used_in(MALLORYS);
    told.rejected_by("session", Verdict::BrokePolicy, says);
    told.story.policy.other_browser = OtherBrowser::GetsSession;
    told.rejected_by("session", Verdict::OutsideNorm, says);
}

#[test]
fn lock_out_leaves_alternative_factors_open() {
    let refused = |why| {
        let refused = EventKind::RequestRefused { action: Control::ChooseAlternative, why };
        Told::new().with_password().asks(Control::ChooseAlternative, Typed::Nothing).then(CONSOLE, refused)
    };
    refused(Refusal::TooEarly).accepted_by("lock-out");
    refused(Refusal::NoPhone).accepted_by("lock-out");
    let says = "wrong codes have blocked alternative factors for ana";
    refused(Refusal::Throttled).rejected_by("lock-out", Verdict::OutsideNorm, says);
}

#[test]
fn enumeration_hides_a_phone_number_until_sign_in_is_done() {
    let read = EventKind::ReadNumber { browser: BROWSER };
    let looks = |told: Told| told.asks(Control::Open, Typed::Nothing).then(ANA, read);
    let mut told = looks(Told::new().with_password());
    let says = "the full phone number on file was shown to a person who has not proven it";
    told.rejected_by("enumeration", Verdict::BrokePolicy, says);
    told.story.policy.number_shown = NumberShown::Whole;
    told.rejected_by("enumeration", Verdict::OutsideNorm, says);
    let told = Told::new().with_password();
    let step = told.step();
    let signed_in = EventKind::SignedIn { session: SESSION, account: ACCOUNT, way: Way::Mfa };
    let told = told.with_code(TOKEN, step).because_of(2, CONSOLE, signed_in);
    looks(told).accepted_by("enumeration");
}

/// Ana requests three calls, of which the phone company refuses `refused`, and then a fourth.
fn calls(refused: u32, known: bool) -> Told {
    let number = Number::read("+34600000001").unwrap();
    let told = (0..3).fold(Told::new().with_password(), |told, nth| {
        let (code, outbox) = (CodeId(nth), OutboxId(nth));
        let told = told
            .asks(Control::CallMe, Typed::Nothing)
            .then(CONSOLE, EventKind::CodeIssued { code, session: SESSION, account: ACCOUNT })
            .then(CONSOLE, EventKind::CallOrdered { outbox, number, code });
        if nth >= refused {
            return told;
        }
        let told = told.then(Actor::PhoneCompany, EventKind::CallRefused { number, code: 21_215 });
        let told = if known { told } else { told.after(Span::MINUTE) };
        told.then(CONSOLE, EventKind::NotSent { outbox, again: None })
    });
    let refused = EventKind::RequestRefused { action: Control::CallMe, why: Refusal::Throttled };
    told.asks(Control::CallMe, Typed::Nothing).then(CONSOLE, refused)
}

#[test]
fn budgets_do_not_count_calls_that_the_phone_company_refused() {
    calls(0, true).accepted_by("budgets");
    // The service crashed during the response, so it does not know of the refusal.
    calls(1, false).accepted_by("budgets");
    let mut told = calls(1, true);
    let says = "a call for ana is refused after 2 within an hour: the phone company's refusals are counted";
    told.rejected_by("budgets", Verdict::BrokePolicy, says);
    told.story.policy.provider_failure = ProviderFailure::User;
    told.rejected_by("budgets", Verdict::OutsideNorm, says);
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    good_link_takes_a_link_that_works_once,
    good_link_rejects_the_refusal_of_a_link_that_nobody_used,
    good_link_takes_the_refusal_of_a_link_that_is_too_old_or_replaced,
    good_link_rejects_a_link_confirmed_by_who_has_no_mail,
    factors_take_what_was_asked_for_and_reject_what_was_not,
    factors_ask_for_codes_of_the_new_device,
    order_rejects_a_step_that_is_asked_for_again,
    session_is_not_ended_by_a_password_elsewhere,
    session_is_used_in_its_own_browser,
    lock_out_leaves_alternative_factors_open,
    enumeration_hides_a_phone_number_until_sign_in_is_done,
    budgets_do_not_count_calls_that_the_phone_company_refused,
];
