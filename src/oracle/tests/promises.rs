//! Traces for the statements of pages: calls, emails, numbers, budgets.

use super::*;
use crate::event::{Notice, PageName, Refusal, WebhookKind};

const ON_FILE: &str = "+34600000001";
const CALLED: Span = Span::from_secs(40);

impl Told {
    fn looks_at(self, page: PageName, notice: Notice) -> Self {
        self.asks(Control::Open, Typed::Nothing).sees(page, notice)
    }

    fn sees(self, page: PageName, notice: Notice) -> Self {
        self.then(ANA, EventKind::Saw { browser: BROWSER, page, notice: Some(notice) })
    }

    fn hears(self, status: CallStatus, http: u16) -> Self {
        self.then(Actor::PhoneCompany, EventKind::CallbackAnswered { call: CallId(0), status, http })
    }

    fn refused(self, action: Control, why: Refusal) -> Self {
        self.asks(action, Typed::Nothing).then(Actor::Console, EventKind::RequestRefused { action, why })
    }
}

fn calls() -> Told {
    Told::new().with_password().called(ON_FILE)
}

#[test]
fn a_call_may_be_coming_for_as_long_as_it_may_ring_and_a_little_longer() {
    let told = |after| calls().after(after).looks_at(PageName::VerifyPhone, Notice::Calling);
    told(CALLED + Norm::NIST.call_silence).accepted_by("honest-notice");
    let says = "ana was told that a call is coming, 1s after its last possible status";
    told(CALLED + Norm::NIST.call_silence + Span::SECOND).rejected_by(
        "honest-notice",
        Verdict::BrokePolicy,
        says,
    );
}

#[test]
fn whoever_waits_for_ever_by_its_policy_is_outside_the_norm() {
    let mut told = calls().after(Span::HOUR).looks_at(PageName::VerifyPhone, Notice::Calling);
    told.story.policy.silent_calls = crate::policy::SilentCalls::Awaited;
    let says = "ana was told that a call is coming, 58m 20s after its last possible status";
    told.rejected_by("honest-notice", Verdict::OutsideNorm, says);
}

#[test]
fn a_status_that_was_heard_says_how_long_a_call_may_be_coming() {
    let talks = Norm::NIST.call_talks;
    for (status, waits) in [
        (CallStatus::Ringing, CALLED + Norm::NIST.call_silence),
        (CallStatus::InProgress, talks),
        (CallStatus::NoAnswer, Span::ZERO),
        (CallStatus::Completed, Span::ZERO),
    ] {
        let told = |http, after| {
            let told = calls().after(Span::from_secs(90)).hears(status, http);
            told.after(after).looks_at(PageName::VerifyPhone, Notice::Calling)
        };
        let findings = |told: Told| told.findings("honest-notice").len();
        assert_eq!(findings(told(204, waits)), 0, "{status}");
        assert_eq!(findings(told(204, waits + Span::SECOND)), 1, "{status}");
        // The service refused the callback, so the earlier deadline holds: ten seconds are left.
        assert_eq!(findings(told(403, Span::from_secs(10))), 0, "{status}");
        assert_eq!(findings(told(403, Span::from_secs(11))), 1, "{status}");
    }
}

#[test]
fn a_page_that_was_asked_for_before_may_come_after() {
    let told = calls().asks(Control::Open, Typed::Nothing).after(Span::from_secs(30));
    let asked = told.trace.events().len();
    let told = told.hears(CallStatus::Busy, 204);
    let back = told.trace.events().len() - asked + 1;
    let saw = EventKind::Saw { browser: BROWSER, page: PageName::VerifyPhone, notice: Some(Notice::Calling) };
    told.because_of(back, ANA, saw).accepted_by("honest-notice");
    let told = calls().after(Span::from_secs(30)).hears(CallStatus::Busy, 204).after(Span::SECOND);
    told.looks_at(PageName::VerifyPhone, Notice::Calling).rejected_by(
        "honest-notice",
        Verdict::BrokePolicy,
        "ana was told that a call is coming, 1s after the service had learned that it was busy",
    );
}

#[test]
fn a_call_that_has_spoken_its_code_is_over_and_its_page_still_waits() {
    let mut told = calls().hears(CallStatus::Completed, 204).after(Span::from_mins(5));
    told.story.policy.phone_direction = crate::policy::PhoneDirection::PhoneToScreen;
    told.looks_at(PageName::VerifyPhone, Notice::Calling).accepted_by("honest-notice");
}

#[test]
fn whoever_asks_for_its_document_has_been_answered() {
    let (call, webhook) = (CallId(0), WebhookKind::Fetch);
    let fetched = EventKind::DocumentFetched { call, webhook };
    // The service may have processed the request and crashed before the response.
    let failed = EventKind::DocumentFailed { call, webhook, error: 11_200 };
    for asked in [fetched, failed] {
        let told = || calls().then(Actor::PhoneCompany, asked);
        let looks = |after| told().after(after).looks_at(PageName::VerifyPhone, Notice::Calling);
        looks(Norm::NIST.call_talks).accepted_by("honest-notice");
        assert_eq!(looks(Norm::NIST.call_talks + Span::SECOND).findings("honest-notice").len(), 1);
    }
}

#[test]
fn a_request_that_the_end_of_the_call_cut_off_may_have_been_heard() {
    let (call, digits) = (CallId(0), crate::base::secret::Digest(0));
    let drops = |asked| {
        let told = calls().after(Span::from_secs(90)).then(Actor::PhoneCompany, asked).after(Span::SECOND);
        let over = EventKind::StatusChanged { call, status: CallStatus::Completed };
        told.then(Actor::PhoneCompany, over).hears(CallStatus::Completed, 403)
    };
    for asked in [
        EventKind::StatusChanged { call, status: CallStatus::InProgress },
        EventKind::Gathered { call, digits, count: 6, shown_in: None },
        EventKind::NoDigits { call },
    ] {
        let looks = |after| drops(asked).after(after).looks_at(PageName::VerifyPhone, Notice::Calling);
        let talks = Norm::NIST.call_talks;
        looks(Span::from_secs(talks.as_secs() - 1)).accepted_by("honest-notice");
        assert_eq!(looks(talks).findings("honest-notice").len(), 1, "{asked:?}");
    }
    // A call that only rings makes no such request.
    let ringing = EventKind::StatusChanged { call, status: CallStatus::Ringing };
    let looks = drops(ringing).after(Span::from_secs(20)).looks_at(PageName::VerifyPhone, Notice::Calling);
    assert_eq!(looks.findings("honest-notice").len(), 1);
}

#[test]
fn a_status_that_nobody_is_sure_was_heard_makes_a_call_no_shorter() {
    let failed = |status| EventKind::CallbackFailed { call: CallId(0), status };
    let looks = |told: Told, after| told.after(after).looks_at(PageName::VerifyPhone, Notice::Calling);
    let told = |status| calls().after(Span::MINUTE).then(Actor::PhoneCompany, failed(status));
    let ringing = CALLED + Norm::NIST.call_silence;
    looks(told(CallStatus::Busy), ringing).accepted_by("honest-notice");
    assert_eq!(looks(told(CallStatus::Busy), ringing + Span::SECOND).findings("honest-notice").len(), 1);
    let mut spoken = told(CallStatus::Completed);
    spoken.story.policy.phone_direction = crate::policy::PhoneDirection::PhoneToScreen;
    looks(spoken, Span::from_mins(9)).accepted_by("honest-notice");
}

#[test]
fn the_newest_call_of_a_browser_is_the_one_that_its_page_tells_of() {
    let number = Number::read(ON_FILE).unwrap();
    let issued = EventKind::CodeIssued { code: CodeId(1), session: SESSION, account: ACCOUNT };
    let told = calls().hears(CallStatus::Busy, 204).after(Span::SECOND);
    told.asks(Control::CallMe, Typed::Nothing)
        .then(Actor::Console, issued)
        .then(Actor::Console, EventKind::CallOrdered { outbox: OutboxId(2), number, code: CodeId(1) })
        .after(Span::SECOND)
        .looks_at(PageName::VerifyPhone, Notice::Calling)
        .accepted_by("honest-notice");
}

#[test]
fn a_mail_that_was_given_up_was_not_sent() {
    let told = |again| {
        let given_up = EventKind::NotSent { outbox: OutboxId(0), again };
        let told = Told::new().with_password().mailed_link().then(Actor::Console, given_up);
        told.after(Span::SECOND).looks_at(PageName::VerifyEmail, Notice::MailSent)
    };
    told(Some(Time::ZERO + Span::MINUTE)).accepted_by("honest-notice");
    let says = "ana was told that an email was sent, 1s after the service had given it up";
    told(None).rejected_by("honest-notice", Verdict::BrokePolicy, says);
    let fails = EventKind::NotSent { outbox: OutboxId(0), again: None };
    Told::new()
        .with_password()
        .mailed_link()
        .then(Actor::Console, fails)
        .after(Span::SECOND)
        .looks_at(PageName::VerifyEmail, Notice::MailFailed)
        .accepted_by("honest-notice");
}

#[test]
fn a_number_on_file_is_not_denied() {
    let told = |number: &str| {
        let told = Told::of(&STORY.replace("+34 600 000 001", number));
        told.with_password().refused(Control::ChooseAlternative, Refusal::NoPhone)
    };
    let says = "the service claims that there is no number on file for ana; +34600000001 is on file";
    told("+34 600 000 001").rejected_by("number-called", Verdict::BrokePolicy, says);
    told("+34 803 123 456").accepted_by("number-called");
    let none = Told::of(&STORY.replace("    phone: +34 600 000 001\n", ""));
    none.refused(Control::ChooseAlternative, Refusal::NoPhone).accepted_by("number-called");
}

#[test]
fn a_mail_is_one_too_many_only_after_those_that_may_be() {
    let told = |mails: usize, after| {
        let told = (0..mails).fold(Told::new().with_password(), |told, _| told.mailed_link());
        told.after(after).refused(Control::SendEmail, Refusal::Throttled)
    };
    told(10, Span::MINUTE).accepted_by("budgets");
    let says = "an email for ana is refused after 9 within an hour; the limit is 10";
    told(9, Span::MINUTE).rejected_by("budgets", Verdict::BrokePolicy, says);
    let says = "an email for ana is refused after 0 within an hour; the limit is 10";
    told(10, Span::HOUR).rejected_by("budgets", Verdict::BrokePolicy, says);
}

#[test]
fn tries_are_used_up_only_after_those_that_may_be() {
    let wrong = EventKind::CodeRefused { code: Some(CodeId(0)), why: Refusal::Wrong };
    let used_up = EventKind::CodeRefused { code: Some(CodeId(0)), why: Refusal::UsedUp };
    let told = |tries| (0..tries).fold(calls(), |told, _| told.then(Actor::Console, wrong));
    told(5).then(Actor::Console, used_up).accepted_by("budgets");
    told(5).refused(Control::CallMe, Refusal::UsedUp).accepted_by("budgets");
    let says = "ana's phone codes are refused for lack of tries after 4; the limit is 5";
    told(4).then(Actor::Console, used_up).rejected_by("budgets", Verdict::BrokePolicy, says);
    told(4).refused(Control::CallMe, Refusal::UsedUp).rejected_by("budgets", Verdict::BrokePolicy, says);
    // The policy may allow fewer consecutive failures.
    let mut few = told(4).refused(Control::CallMe, Refusal::UsedUp);
    few.story.policy.failures_max = 4;
    few.accepted_by("budgets");
}

fn resynced() -> Told {
    let resynced = EventKind::Resynced { session: SESSION, account: ACCOUNT, device: TOKEN, drift: 3 };
    Told::new().then(Actor::Console, resynced)
}

/// Orders a notice to both addresses, with this outcome at both.
fn notice(mut told: Told, comes_to: impl Fn(AddressId) -> EventKind) -> Told {
    for to in [AddressId(0), AddressId(1)] {
        let kind = MailKind::ResyncNotice;
        let ordered = EventKind::MailOrdered { outbox: OutboxId(u32::from(to.0)), kind, to, link: None };
        told = told.then(Actor::Console, ordered).then(Actor::MailProvider, comes_to(to));
    }
    told
}

#[test]
fn a_notice_that_was_put_off_is_tried_again() {
    let refused = |code| move |to| EventKind::MailRefused { to, code };
    notice(resynced(), refused(550)).after(Span::DAY).accepted_by("notices");
    let put_off = || notice(resynced(), refused(451));
    put_off().after(Span::from_mins(59)).accepted_by("notices");
    assert_eq!(put_off().after(Span::HOUR).findings("notices").len(), 2);
    let taken = |to| EventKind::MailTaken { mail: MailId(3), to, kind: Some(MailKind::ResyncNotice) };
    notice(put_off().after(Span::MINUTE), taken).after(Span::HOUR).accepted_by("notices");
    // Another sender's email to the same address is not evidence about this one.
    let other = |to| EventKind::MailTaken { mail: MailId(3), to, kind: Some(MailKind::RecoveryNotice) };
    assert_eq!(notice(put_off(), other).after(Span::HOUR).findings("notices").len(), 2);
}

#[test]
fn a_notice_that_was_cut_off_is_tried_again_unless_it_was_taken() {
    let cut = |taken| move |to| EventKind::MailCut { to, taken };
    notice(resynced(), cut(true)).after(Span::HOUR).accepted_by("notices");
    assert_eq!(notice(resynced(), cut(false)).after(Span::HOUR).findings("notices").len(), 2);
}

#[test]
fn a_notice_that_is_put_off_for_a_day_may_be_given_up() {
    let refused = |to| EventKind::MailRefused { to, code: 451 };
    let told = |last| notice(notice(resynced(), refused).after(last), refused).after(Span::HOUR);
    told(Span::DAY).accepted_by("notices");
    assert_eq!(told(Span::from_hours(23)).findings("notices").len(), 2);
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    a_call_may_be_coming_for_as_long_as_it_may_ring_and_a_little_longer,
    whoever_waits_for_ever_by_its_policy_is_outside_the_norm,
    a_status_that_was_heard_says_how_long_a_call_may_be_coming,
    a_page_that_was_asked_for_before_may_come_after,
    a_call_that_has_spoken_its_code_is_over_and_its_page_still_waits,
    whoever_asks_for_its_document_has_been_answered,
    a_request_that_the_end_of_the_call_cut_off_may_have_been_heard,
    a_status_that_nobody_is_sure_was_heard_makes_a_call_no_shorter,
    the_newest_call_of_a_browser_is_the_one_that_its_page_tells_of,
    a_mail_that_was_given_up_was_not_sent,
    a_number_on_file_is_not_denied,
    a_mail_is_one_too_many_only_after_those_that_may_be,
    tries_are_used_up_only_after_those_that_may_be,
    a_notice_that_was_put_off_is_tried_again,
    a_notice_that_was_cut_off_is_tried_again_unless_it_was_taken,
    a_notice_that_is_put_off_for_a_day_may_be_given_up,
];
