//! Copied session cookies, and browsers that are known from earlier sign-ins.

use crate::policy::{CountedBrowsers, OtherSessions, Policy, SessionsAtReset, SignOut};
use crate::service::reference::testkit::Rehearsal;

const SIGNED_IN: &str = "1 name ana -> Password
    1 password -> MfaCode
    1 code 0 -> SecurityCredentials, 1 devices\n";

/// In browser 2: five wrong passwords, after which others have to wait.
const FIVE_WRONG: &str = "2 name ana -> Password
    2 password bad -> Password: WrongPassword
    2 password bad -> Password: WrongPassword
    2 password bad -> Password: WrongPassword
    2 password bad -> Password: WrongPassword
    2 password bad -> Password: WrongPassword
    2 password bad -> Password: TryLater\n";

const TOGETHER: Policy = Policy { counted_browsers: CountedBrowsers::Together, ..Policy::NORM };

#[track_caller]
fn check(policy: Policy, script: &str) {
    Rehearsal::by(policy).check(&format!("{SIGNED_IN}{script}"));
}

#[test]
fn a_copied_cookie_is_worthless_after_a_sign_out() {
    let back = |shown: &str| {
        format!(
            "2 copies 1
             2 open SecurityCredentials -> SecurityCredentials, 1 devices
             1 out -> SignIn: SignedOut
             2 open SecurityCredentials -> {shown}"
        )
    };
    check(Policy::NORM, &back("SignIn: SessionOver"));
    let drops = Policy { sign_out: SignOut::DropsCookie, ..Policy::NORM };
    check(
        drops,
        &(back("SecurityCredentials, 1 devices\n") + "1 open SecurityCredentials -> SignIn: NotYet"),
    );
}

#[test]
fn a_copied_cookie_is_worthless_after_a_reset() {
    let back = |shown: &str| format!("2 copies 1\nreset 0 1 -> Done\n2 open SecurityCredentials -> {shown}");
    check(Policy::NORM, &back("SignIn: SessionOver"));
    for keeps in [
        Policy { sessions_at_reset: SessionsAtReset::Keep, ..Policy::NORM },
        Policy { other_sessions: OtherSessions::Keep, ..Policy::NORM },
    ] {
        check(keeps, &back("SecurityCredentials, 0 devices"));
    }
}

#[test]
fn a_copied_cookie_of_another_session_is_worthless_after_a_change() {
    let back = |shown: &str| {
        format!(
            "2 copies 1
             3 name ana -> Password
             3 password -> MfaCode
             3 code 1 -> SecurityCredentials, 1 devices
             3 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices
             2 open SecurityCredentials -> {shown}"
        )
    };
    check(Policy::NORM, &back("SignIn: SessionOver"));
    let keeps = Policy { other_sessions: OtherSessions::Keep, ..Policy::NORM };
    check(keeps, &back("SecurityCredentials, 0 devices"));
}

#[test]
fn wrong_passwords_elsewhere_make_nobody_wait_in_their_own_browser() {
    let again = |shown: &str| {
        format!("1 out -> SignIn: SignedOut\n{FIVE_WRONG}1 name ana -> Password\n1 password -> {shown}")
    };
    check(Policy::NORM, &again("MfaCode"));
    check(TOGETHER, &again("Password: TryLater"));
    // A browser stays known when its session has expired.
    let expired = |shown: &str| {
        format!(
            "wait 61m\n1 open SignIn -> SignIn: SessionOver\n{FIVE_WRONG}1 name ana -> Password\n1 password -> {shown}"
        )
    };
    check(Policy::NORM, &expired("MfaCode"));
    check(TOGETHER, &expired("Password: TryLater"));
    // Its own tries count there, and not elsewhere.
    let own = FIVE_WRONG.replace("2 ", "1 ");
    let elsewhere = "1 password -> Password: TryLater\n2 name ana -> Password\n2 password -> MfaCode";
    check(Policy::NORM, &format!("1 out -> SignIn: SignedOut\n{own}{elsewhere}"));
}

#[test]
fn wrong_codes_elsewhere_make_nobody_wait_in_their_own_browser() {
    let script = |shown: &str| {
        let wrong = "2 code bad -> MfaCode: WrongCode\n".repeat(5);
        format!(
            "1 out -> SignIn: SignedOut
             2 name ana -> Password
             2 password -> MfaCode
             {wrong}2 code bad -> MfaCode: TryLater
             1 name ana -> Password
             1 password -> MfaCode
             1 code 1 -> {shown}"
        )
    };
    check(Policy::NORM, &script("SecurityCredentials, 1 devices"));
    check(TOGETHER, &script("MfaCode: TryLater"));
}

#[test]
fn who_has_copied_the_cookie_of_a_session_that_was_signed_out_counts_among_the_others() {
    check(
        Policy::NORM,
        &format!(
            "2 copies 1
             1 out -> SignIn: SignedOut
             2 open SignIn -> SignIn: SessionOver
             {FIVE_WRONG}3 name ana -> Password
             3 password -> Password: TryLater
             1 name ana -> Password
             1 password -> MfaCode"
        ),
    );
}

#[test]
fn a_hundred_wrong_passwords_are_checked_in_all_and_five_of_them_in_known_browsers_alone() {
    let trickle = |user: &str| {
        let once =
            "2 open SignIn\n2 name USER -> Password\n2 password bad -> Password: WrongPassword\nwait 1h\n";
        once.replace("USER", user).repeat(95) + "2 open SignIn\n2 name " + user + " -> Password\n"
    };
    let out = format!("1 out -> SignIn: SignedOut\n{}2 password -> Password: TryLater\n", trickle("ana"));
    let lifted = "1 name ana -> Password\n1 password -> MfaCode\n2 password -> MfaCode";
    check(
        Policy::NORM,
        &format!("{out}wait 2h\n2 open SignIn\n2 name ana\n2 password -> Password: TryLater\n{lifted}"),
    );
    let five =
        "1 name ana -> Password\n".to_owned() + &"1 password bad -> Password: WrongPassword\n".repeat(5);
    let by_support = "wait 2h\n1 open SignIn\n1 name ana\n1 password -> Password: TryLater\nreset 0 1 -> Done\n1 password -> VerifyEmail: MfaOffVerify";
    check(Policy::NORM, &format!("{out}{five}{by_support}"));
    // An unknown name is answered in the same way.
    check(Policy::NORM, &format!("{}2 password -> Password: TryLater", trickle("nobody")));
}
