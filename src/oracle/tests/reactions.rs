//! Traces of owners who change the password or sign out everywhere.

use super::*;
use crate::base::later_password::LaterPassword;
use crate::event::{PageName, SessionEnd};

const MALLORY: Actor = Actor::Person(PersonId(1));
const CONSOLE: Actor = Actor::Console;

/// Ana's other browser, and the one in which Mallory uses a stolen cookie.
const OTHER: BrowserId = BrowserId(1);
const THIEFS: BrowserId = BrowserId(4);
const ALSO: SessionId = SessionId(5);

/// Ana is signed in.
fn inside() -> Told {
    let told = Told::new();
    let step = told.step();
    let opened = EventKind::SessionOpened { session: SESSION, from: None };
    told.then(CONSOLE, opened).with_password().with_code(TOKEN, step).signed_in(Way::Mfa)
}

impl Told {
    /// The password is changed by a request with this current one.
    fn changed(self, current: Option<u16>, new: u16) -> Self {
        let typed = Typed::NewPassword { of: ACCOUNT, current, new };
        self.after(Span::MINUTE)
            .asks(Control::ChangePassword, typed)
            .then(CONSOLE, EventKind::PasswordChanged { account: ACCOUNT, session: SESSION })
    }

    /// Mallory types this password, and it is accepted.
    fn let_past(self, typed: Typed) -> Self {
        let asked = EventKind::Requested { browser: BrowserId(3), action: Control::SubmitPassword, typed };
        let accepted = EventKind::PasswordAccepted { session: SessionId(9), account: ACCOUNT };
        self.after(Span::MINUTE).then(MALLORY, asked).then(CONSOLE, accepted)
    }

    fn out_everywhere(self) -> Self {
        self.after(Span::MINUTE)
            .asks(Control::SignOutEverywhere, Typed::Password(Some(ACCOUNT)))
            .then(CONSOLE, EventKind::SignedOutEverywhere { account: ACCOUNT, session: SESSION })
    }

    fn ends(self, session: SessionId) -> Self {
        let why = SessionEnd::SignedOutEverywhere;
        self.because_of(1, CONSOLE, EventKind::SessionEnded { session, why })
    }

    /// A page for signed-in users is shown in this browser.
    fn served(self, who: Actor, browser: BrowserId) -> Self {
        let asked = EventKind::Requested { browser, action: Control::Open, typed: Typed::Nothing };
        let saw = EventKind::Saw { browser, page: PageName::SecurityCredentials, notice: None };
        self.after(Span::MINUTE).then(who, asked).then(who, saw)
    }
}

#[test]
fn the_old_password_opens_nothing_after_a_change() {
    let first = Typed::Password(Some(ACCOUNT));
    let later = |nth| Typed::LaterPassword { of: ACCOUNT, nth };
    let says = "mallory got past the password page of ana with a password from before it was changed";
    let changed = || inside().changed(Some(0), 1);
    inside().let_past(first).accepted_by("reactions");
    changed().let_past(first).rejected_by("reactions", Verdict::BrokePolicy, says);
    changed().let_past(later(1)).accepted_by("reactions");
    // An accepted password that is no password of the account is a matter of *access*.
    changed().let_past(Typed::Password(None)).accepted_by("reactions");
    let twice = || changed().changed(Some(1), 2);
    twice().let_past(later(1)).rejected_by("reactions", Verdict::BrokePolicy, says);
    twice().let_past(later(2)).accepted_by("reactions");
    // The old password proves nothing either.
    let signed_in = EventKind::SignedIn { session: SessionId(9), account: ACCOUNT, way: Way::Password };
    let got_in = |typed| changed().let_past(typed).then(CONSOLE, signed_in);
    let only = |typed| got_in(typed).findings("access").len();
    assert_eq!((only(first), only(later(1))), (1, 1), "MFA is on");
}

#[test]
fn the_password_changes_only_for_whoever_types_the_current_one() {
    let says = "ana changed the password of ana without the current one";
    inside().changed(Some(0), 1).accepted_by("reactions");
    inside().changed(None, 1).rejected_by("reactions", Verdict::BrokePolicy, says);
    inside().changed(Some(7), 1).rejected_by("reactions", Verdict::BrokePolicy, says);
    let again = inside().changed(Some(0), 1).changed(Some(0), 2);
    again.rejected_by("reactions", Verdict::BrokePolicy, says);
}

#[test]
fn no_session_outlives_signing_out_everywhere() {
    let also = || {
        inside()
            .then(
                ANA,
                EventKind::Requested {
                    browser: OTHER,
                    action: Control::SubmitPassword,
                    typed: Typed::Password(Some(ACCOUNT)),
                },
            )
            .then(CONSOLE, EventKind::SessionOpened { session: ALSO, from: None })
            .then(CONSOLE, EventKind::PasswordAccepted { session: ALSO, account: ACCOUNT })
    };
    let says = "session 6 of ana stays alive although its user has signed out everywhere";
    inside().out_everywhere().accepted_by("reactions");
    also().out_everywhere().ends(ALSO).accepted_by("reactions");
    also().out_everywhere().rejected_by("reactions", Verdict::BrokePolicy, says);
    let late = also().out_everywhere().after(Span::SECOND).ends(ALSO);
    late.rejected_by("reactions", Verdict::BrokePolicy, says);
}

#[test]
fn no_cookie_from_before_signing_out_everywhere_opens_the_account() {
    let stolen = || inside().then(MALLORY, EventKind::StoleCookie { of: Some(BROWSER) });
    let back = |told: Told| {
        let put = EventKind::PutInCookie { browser: THIEFS };
        told.then(MALLORY, put).served(MALLORY, THIEFS)
    };
    back(stolen()).accepted_by("reactions");
    let findings = back(stolen().out_everywhere()).findings("reactions");
    assert_eq!(
        findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(),
        ["reactions/served-after-sign-out"]
    );
    let own = inside().out_everywhere().served(ANA, BROWSER).findings("reactions");
    assert_eq!(own.len(), 1);
    // A new sign-in is no old session.
    let again = inside().out_everywhere().anew();
    let step = again.step() + 1;
    let again = again.with_password().with_code(TOKEN, step).signed_in(Way::Mfa).served(ANA, BROWSER);
    again.accepted_by("reactions");
}

#[test]
fn the_password_changes_first_after_an_intrusion_was_told() {
    let reset = |problem| {
        let taken = EventKind::TicketTaken { ticket: TicketId(0), problem, account: Some(ACCOUNT) };
        let reset = EventKind::FactorsReset { account: ACCOUNT, ticket: TicketId(0) };
        Told::new().then(Actor::Desk, taken).then(CONSOLE, reset).with_password()
    };
    let says = "ana changed factors or the phone number of ana before the password, although support had been told of an intrusion";
    let device = DeviceId(1);
    let told = || reset(Problem::NotMe);
    reset(Problem::NoCall).assigned(device, 7).accepted_by("reactions");
    told().changed(Some(0), 1).assigned(device, 7).accepted_by("reactions");
    told().assigned(device, 7).rejected_by("reactions", Verdict::BrokePolicy, says);
    // Once is enough.
    told().assigned(device, 7).assigned(DeviceId(2), 9).rejected_by("reactions", Verdict::BrokePolicy, says);
    let number = Number::read("+34600000009").unwrap();
    let phone = EventKind::PhoneChanged { account: ACCOUNT, number, session: Some(SESSION) };
    let changes = told().asks(Control::ChangePhone, Typed::Nothing).then(CONSOLE, phone);
    changes.rejected_by("reactions", Verdict::BrokePolicy, says);
}

#[test]
fn only_the_one_time_password_opens_the_account_after_support_has_set_one() {
    let ticket = TicketId(0);
    let set = EventKind::OneTimePasswordSet { account: ACCOUNT, ticket };
    let given = LaterPassword::of_ticket(ticket).0;
    let later = |nth| Typed::LaterPassword { of: ACCOUNT, nth };
    let told = || inside().changed(Some(0), 1).then(CONSOLE, set);
    let says = "mallory got past the password page of ana with a password from before it was changed";
    told().let_past(later(given)).accepted_by("reactions");
    told().let_past(later(1)).rejected_by("reactions", Verdict::BrokePolicy, says);
    told().let_past(Typed::Password(Some(ACCOUNT))).rejected_by("reactions", Verdict::BrokePolicy, says);
    told().changed(Some(given), 2).let_past(later(2)).accepted_by("reactions");
}

pub(super) const TESTS: &[fn()] = &[
    only_the_one_time_password_opens_the_account_after_support_has_set_one,
    the_password_changes_first_after_an_intrusion_was_told,
    the_old_password_opens_nothing_after_a_change,
    the_password_changes_only_for_whoever_types_the_current_one,
    no_session_outlives_signing_out_everywhere,
    no_cookie_from_before_signing_out_everywhere_opens_the_account,
];
