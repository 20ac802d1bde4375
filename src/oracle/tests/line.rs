//! Traces for a phone line that changes what was keyed in.

use super::*;
use crate::event::WebhookKind;

const ANOTHER: BrowserId = BrowserId(3);

/// Ana keys in a code without its last digit, and the line makes six digits of it, which `shown_in` shows.
fn gathered(shown_in: Option<BrowserId>) -> Told {
    let digits = Told::new().story.accounts[0].full_name_digest;
    let gathered = EventKind::Gathered { call: CallId(0), digits, count: 6, shown_in };
    let told = Told::new().with_password().mailed_link().confirmed_link().called("+34600000001");
    let short = EventKind::KeyedIn { call: CallId(0), typed: Typed::Guess(digits) };
    told.then(ANA, short).then(Actor::PhoneCompany, gathered)
}

fn accepted(told: Told) -> Told {
    let accepted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
    told.then(Actor::Console, accepted).signed_in(Way::Recovery)
}

#[test]
fn access_takes_the_digits_that_the_service_received() {
    let says = "ana got into the account of ana having proven only the password and the email address";
    accepted(gathered(Some(BROWSER))).accepted_by("access");
    for shown_in in [None, Some(ANOTHER)] {
        accepted(gathered(shown_in)).rejected_by("access", Verdict::OutsideNorm, says);
    }
    // Right keys that the line makes into the code of another sign-in.
    let made = |shown_in| {
        let digits = Told::new().story.accounts[0].full_name_digest;
        let keyed = EventKind::KeyedIn { call: CallId(0), typed: Typed::Screen(BROWSER) };
        let gathered = EventKind::Gathered { call: CallId(0), digits, count: 6, shown_in };
        let told = Told::new().with_password().mailed_link().confirmed_link().called("+34600000001");
        accepted(told.then(ANA, keyed).then(Actor::PhoneCompany, gathered))
    };
    made(None).accepted_by("access");
    made(Some(ANOTHER)).rejected_by("access", Verdict::OutsideNorm, says);
}

#[test]
fn access_takes_a_replay_of_the_digits_that_the_service_received() {
    let replayed = EventKind::Replayed { webhook: WebhookKind::Action, call: Some(CallId(0)) };
    accepted(gathered(Some(BROWSER)).then(ANA, replayed)).accepted_by("access");
    let says = "ana got into the account of ana having proven only the password and the email address";
    accepted(gathered(None).then(ANA, replayed)).rejected_by("access", Verdict::OutsideNorm, says);
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    access_takes_the_digits_that_the_service_received,
    access_takes_a_replay_of_the_digits_that_the_service_received,
];
