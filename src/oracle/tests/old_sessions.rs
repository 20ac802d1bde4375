//! Traces of stolen session cookies, and of strangers whose tries keep the owner out.

use super::*;
use crate::event::{Notice, PageName, Refusal, SessionEnd};

const MALLORY: Actor = Actor::Person(PersonId(1));
const CONSOLE: Actor = Actor::Console;

/// Ana's other browser, and the one in which Mallory uses a stolen cookie.
const ANAS_OTHER: BrowserId = BrowserId(1);
const THIEFS: BrowserId = BrowserId(4);

/// Ana signs in, and Mallory copies her cookie.
fn stolen() -> Told {
    let told = Told::new();
    let step = told.step();
    let told = told.with_password().with_code(TOKEN, step).signed_in(Way::Mfa);
    told.after(Span::MINUTE).then(MALLORY, EventKind::StoleCookie { of: Some(BROWSER) })
}

impl Told {
    fn saw(self, browser: BrowserId, page: PageName, notice: Option<Notice>) -> Self {
        let who = if browser == THIEFS { MALLORY } else { ANA };
        self.then(who, EventKind::Saw { browser, page, notice })
    }

    fn signed_out(self) -> Self {
        self.asks(Control::SignOut, Typed::Nothing).saw(BROWSER, PageName::SignIn, Some(Notice::SignedOut))
    }

    fn removed_in(self, browser: BrowserId) -> Self {
        let asked = EventKind::Requested { browser, action: Control::Deactivate, typed: Typed::Nothing };
        let session = Some(SessionId(7));
        let removed = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session };
        self.then(ANA, asked).then(CONSOLE, removed)
    }

    fn comes_back(self) -> Self {
        let asked = EventKind::Requested { browser: THIEFS, action: Control::Open, typed: Typed::Nothing };
        self.after(Span::SECOND)
            .then(MALLORY, EventKind::PutInCookie { browser: THIEFS })
            .then(MALLORY, asked)
    }
}

#[test]
fn a_stolen_cookie_opens_nothing_once_its_session_must_have_ended() {
    let (inside, outside) = (PageName::SecurityCredentials, PageName::SignIn);
    let reset = EventKind::FactorsReset { account: ACCOUNT, ticket: TicketId(0) };
    let signed_out = || stolen().signed_out();
    let changed = || stolen().removed_in(ANAS_OTHER);
    let by_support = || stolen().then(CONSOLE, reset);
    let typed = Typed::NewPassword { of: ACCOUNT, current: Some(0), new: 1 };
    let asked = EventKind::Requested { browser: ANAS_OTHER, action: Control::ChangePassword, typed };
    let new_password = EventKind::PasswordChanged { account: ACCOUNT, session: SessionId(7) };
    let new_password = || stolen().then(ANA, asked).then(CONSOLE, new_password);
    let ends: [(&str, &dyn Fn() -> Told); 4] = [
        ("its owner had signed out", &signed_out),
        ("a factor had been changed in another browser", &changed),
        ("a factor had been changed in another browser", &new_password),
        ("support had reset MFA", &by_support),
    ];
    for (so, end) in ends {
        let says = format!("the session cookie that mallory had stolen opened the account of ana after {so}");
        let back = || end().comes_back();
        back().saw(THIEFS, inside, None).rejected_by("old-session", Verdict::BrokePolicy, &says);
        back().saw(THIEFS, outside, Some(Notice::SessionOver)).accepted_by("old-session");
        // Once is enough.
        let twice = back().saw(THIEFS, inside, None).saw(THIEFS, PageName::AssignDevice, None);
        twice.rejected_by("old-session", Verdict::BrokePolicy, &says);
        // Whoever signs in as well needs no cookie; the oracle *access* checks how.
        let in_rightly = EventKind::SignedIn { session: SessionId(9), account: ACCOUNT, way: Way::Mfa };
        back().then(CONSOLE, in_rightly).saw(THIEFS, inside, None).accepted_by("old-session");
    }
}

#[test]
fn a_stolen_cookie_of_a_live_session_is_taken_for_its_owners() {
    let back = stolen().comes_back().saw(THIEFS, PageName::SecurityCredentials, None);
    back.accepted_by("old-session");
    // A change in the session itself ends the others only.
    let changed = stolen().removed_in(BROWSER).comes_back();
    changed.saw(THIEFS, PageName::SecurityCredentials, None).accepted_by("old-session");
    let opened = EventKind::SessionOpened { session: SESSION, from: None };
    let offered = EventKind::DeviceOffered { session: SESSION, account: ACCOUNT, device: DeviceId(1) };
    let uses = |told: Told| {
        let asked =
            EventKind::Requested { browser: THIEFS, action: Control::BeginAssign, typed: Typed::Nothing };
        told.then(MALLORY, asked).then(CONSOLE, offered)
    };
    let begun = || Told::new().asks(Control::Open, Typed::Nothing).then(CONSOLE, opened);
    let copied = begun().then(MALLORY, EventKind::StoleCookie { of: Some(BROWSER) });
    uses(copied.comes_back()).accepted_by("session");
    let says = "session 1 was used in another browser than the one that it began in";
    uses(begun()).rejected_by("session", Verdict::BrokePolicy, says);
}

/// In the browser with the copied cookie, Mallory takes the device off.
fn removed_by_thief(told: Told) -> Told {
    let asked = EventKind::Requested { browser: THIEFS, action: Control::Deactivate, typed: Typed::Nothing };
    let removed = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    told.then(MALLORY, asked).then(CONSOLE, removed)
}

#[test]
fn a_change_in_a_copied_session_ends_no_other_copy_of_it() {
    let copied_again = || {
        let back = stolen().comes_back();
        back.then(MALLORY, EventKind::StoleCookie { of: Some(BROWSER) })
    };
    let saw = |told: Told| told.comes_back().saw(THIEFS, PageName::SecurityCredentials, None);
    saw(removed_by_thief(copied_again())).accepted_by("old-session");
    // A copy that is younger than the change, too.
    let changed = removed_by_thief(stolen().comes_back());
    saw(changed.then(MALLORY, EventKind::StoleCookie { of: Some(BROWSER) })).accepted_by("old-session");
    let says = "the session cookie that mallory had stolen opened the account of ana after a factor had been changed in another browser";
    saw(copied_again().removed_in(ANAS_OTHER)).rejected_by("old-session", Verdict::BrokePolicy, says);
}

#[test]
fn access_accuses_a_thief_of_changes_long_after_the_sign_in() {
    let back = |age: Span| stolen().after(age).comes_back();
    removed_by_thief(back(Span::from_mins(3))).accepted_by("access");
    let says = "mallory deactivated an MFA device of ana with a copied session cookie, 5m 1s after the sign-in and without a new one";
    removed_by_thief(back(Span::from_mins(4))).rejected_by("access", Verdict::OutsideNorm, says);
    // Ana may be slow in a session of her own.
    let removed = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    let slow = back(Span::HOUR).asks(Control::Deactivate, Typed::Nothing).then(CONSOLE, removed);
    slow.accepted_by("access");
    // Whoever signs in with the factors needs no copy.
    let own = |kind| EventKind::Requested { browser: THIEFS, action: Control::SubmitCode, typed: kind };
    let told = back(Span::HOUR).anew();
    let (session, step) = (told.session, told.step());
    let password = own(Typed::Password(Some(ACCOUNT)));
    let code = own(Typed::Code { device: TOKEN, step });
    let accepted = EventKind::MfaAccepted { session, account: ACCOUNT, device: TOKEN, step };
    let told = told
        .then(MALLORY, password)
        .then(CONSOLE, EventKind::PasswordAccepted { session, account: ACCOUNT })
        .then(MALLORY, code)
        .then(CONSOLE, accepted)
        .signed_in(Way::Mfa);
    let removed = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(session) };
    told.after(Span::HOUR).then(MALLORY, own(Typed::Nothing)).then(CONSOLE, removed).accepted_by("access");
}

#[test]
fn access_does_not_accuse_an_owner_whose_device_a_thief_has_removed() {
    let in_again = |told: Told| told.anew().with_password().signed_in(Way::Password);
    in_again(removed_by_thief(stolen().comes_back())).accepted_by("access");
    let says = "ana got into the account of ana with the password alone after MFA had been removed";
    let elsewhere = stolen().removed_in(ANAS_OTHER);
    let mut elsewhere = in_again(elsewhere).findings("access");
    assert_eq!(elsewhere.pop().map(|finding| finding.says), Some(says.to_owned()));
}

#[test]
fn lock_out_takes_tries_with_a_copied_cookie_for_the_owners() {
    let copied = || stolen().comes_back();
    let tries = |told: Told, browser| {
        (0..2).fold(told, |told, _| {
            let asked = EventKind::Requested {
                browser,
                action: Control::SubmitPassword,
                typed: Typed::Password(None),
            };
            let refused = |why| EventKind::PasswordRefused { account: Some(ACCOUNT), why };
            told.then(MALLORY, asked)
                .then(CONSOLE, refused(Refusal::Wrong))
                .after(Span::from_mins(50))
                .asks(Control::SubmitPassword, Typed::Password(Some(ACCOUNT)))
                .then(CONSOLE, refused(Refusal::Throttled))
                .after(Span::from_mins(10))
        })
    };
    tries(copied(), THIEFS).accepted_by("lock-out");
    let says = "ana has been refused without a check for 1h 40m in all after tries of others";
    tries(copied(), BrowserId(3)).rejected_by("lock-out", Verdict::OutsideNorm, says);
}

/// A wrong password of Mallory, and half an hour or so later Ana's right one, each hour anew.
fn trickle(hours: usize, browser: BrowserId) -> Told {
    trickle_after(Told::new(), hours, browser)
}

fn trickle_after(told: Told, hours: usize, browser: BrowserId) -> Told {
    let refused = |why| EventKind::PasswordRefused { account: Some(ACCOUNT), why };
    let tries = |browser, typed| EventKind::Requested { browser, action: Control::SubmitPassword, typed };
    (0..hours).fold(told, |told, _| {
        told.then(MALLORY, tries(BrowserId(3), Typed::Password(None)))
            .then(CONSOLE, refused(Refusal::Wrong))
            .after(Span::from_mins(50))
            .then(ANA, tries(browser, Typed::Password(Some(ACCOUNT))))
            .then(CONSOLE, refused(Refusal::Throttled))
            .after(Span::from_mins(10))
    })
}

#[test]
fn lock_out_adds_up_how_long_the_owner_is_refused() {
    trickle(1, BROWSER).accepted_by("lock-out");
    let says = "ana has been refused without a check for 1h 40m in all after tries of others";
    trickle(2, BROWSER).rejected_by("lock-out", Verdict::OutsideNorm, says);
    // Told once, however long it goes on.
    trickle(18, BROWSER).rejected_by("lock-out", Verdict::OutsideNorm, says);
    // In a browser in which she has never signed in, she is a stranger like any other.
    trickle(18, ANAS_OTHER).accepted_by("lock-out");
}

#[test]
fn lock_out_knows_that_a_stranger_can_make_the_owners_browser_unknown() {
    let ended = |told: Told, who, browser, why| {
        let asked = EventKind::Requested { browser, action: Control::SignOut, typed: Typed::Nothing };
        let told = told.then(who, asked).then(CONSOLE, EventKind::SessionEnded { session: SESSION, why });
        trickle_after(told, 2, BROWSER)
    };
    let (copied, own) = (|| stolen().comes_back(), BrowserId(3));
    ended(copied(), MALLORY, THIEFS, SessionEnd::SignedOut).accepted_by("lock-out");
    ended(Told::new(), MALLORY, own, SessionEnd::FactorChanged).accepted_by("lock-out");
    // Whoever has signed in there, rightly or not, has a browser that is known.
    let signed_in = EventKind::SignedIn { session: SESSION, account: ACCOUNT, way: Way::Recovery };
    let asked = EventKind::Requested { browser: own, action: Control::SubmitCode, typed: Typed::Nothing };
    let inside = Told::new().then(MALLORY, asked).then(CONSOLE, signed_in);
    trickle_after(inside, 2, BROWSER).accepted_by("lock-out");
    let says = "ana has been refused without a check for 1h 40m in all after tries of others";
    for (who, browser) in [(ANA, BROWSER), (MALLORY, own)] {
        let told = ended(Told::new(), who, browser, SessionEnd::SignedOut);
        told.rejected_by("lock-out", Verdict::OutsideNorm, says);
    }
}

#[test]
fn lock_out_adds_up_refused_codes_of_devices_old_and_new() {
    let refused = |why| EventKind::MfaRefused { session: SESSION, account: ACCOUNT, why };
    let twice = |told: Told, device| {
        (0..2).fold(told, |told, _| {
            let guess = Typed::Guess(crate::base::secret::Digest(1));
            let asked =
                EventKind::Requested { browser: BrowserId(3), action: Control::SubmitCode, typed: guess };
            let wrong = told.then(MALLORY, asked).then(CONSOLE, refused(Refusal::Wrong));
            let wrong = wrong.after(Span::from_mins(50));
            let step = wrong.step();
            let right = wrong.asks(Control::SubmitCode, Typed::Code { device, step });
            right.then(CONSOLE, refused(Refusal::Throttled)).after(Span::from_mins(10))
        })
    };
    let says = "ana has been refused without a check for 1h 40m in all after tries of others";
    twice(Told::new(), TOKEN).rejected_by("lock-out", Verdict::OutsideNorm, says);
    let told = Told::new();
    let step = told.step();
    twice(told.assigned(DeviceId(1), step), DeviceId(1)).rejected_by("lock-out", Verdict::OutsideNorm, says);
    twice(Told::new(), DeviceId(1)).accepted_by("lock-out");
}

#[test]
fn lock_out_counts_neither_own_mistakes_nor_what_a_success_has_ended() {
    let refused = |why| EventKind::PasswordRefused { account: Some(ACCOUNT), why };
    let by_ana = |told: Told, typed, why| {
        told.asks(Control::SubmitPassword, Typed::Password(typed)).then(CONSOLE, refused(why))
    };
    let own = (0..5).fold(Told::new(), |told, _| {
        let wrong = by_ana(told, None, Refusal::Wrong).after(Span::from_mins(50));
        by_ana(wrong, Some(ACCOUNT), Refusal::Throttled).after(Span::from_mins(10))
    });
    own.accepted_by("lock-out");
    let heard = trickle(1, BROWSER).with_password();
    let again = heard.then(
        MALLORY,
        EventKind::Requested {
            browser: BrowserId(3),
            action: Control::SubmitPassword,
            typed: Typed::Password(None),
        },
    );
    let again = again.then(CONSOLE, refused(Refusal::Wrong)).after(Span::from_mins(50));
    by_ana(again, Some(ACCOUNT), Refusal::Throttled).accepted_by("lock-out");
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    a_stolen_cookie_opens_nothing_once_its_session_must_have_ended,
    a_stolen_cookie_of_a_live_session_is_taken_for_its_owners,
    a_change_in_a_copied_session_ends_no_other_copy_of_it,
    access_accuses_a_thief_of_changes_long_after_the_sign_in,
    access_does_not_accuse_an_owner_whose_device_a_thief_has_removed,
    lock_out_takes_tries_with_a_copied_cookie_for_the_owners,
    lock_out_adds_up_how_long_the_owner_is_refused,
    lock_out_knows_that_a_stranger_can_make_the_owners_browser_unknown,
    lock_out_adds_up_refused_codes_of_devices_old_and_new,
    lock_out_counts_neither_own_mistakes_nor_what_a_success_has_ended,
];
