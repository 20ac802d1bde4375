//! Changes of factors and contact data long after the sign-in: the service asks to sign in again.

use crate::base::time::Span;
use crate::policy::Policy;
use crate::service::reference::testkit::Rehearsal;

const SIGNED_IN: &str = "1 name ana -> Password
    1 password -> MfaCode
    1 code 0 -> SecurityCredentials, 1 devices\n";

const IN_AGAIN: &str = "1 password -> MfaCode
    1 code 0 -> SecurityCredentials, 1 devices\n";

/// Each kind of change, and what it shows when it is made.
const CHANGES: [(&str, &str); 3] = [
    ("deactivate 0", "SecurityCredentials: DeviceDeactivated, 0 devices"),
    ("assign", "AssignDevice, secret"),
    ("phone +34600000009", "SecurityCredentials: ContactChanged, 1 devices"),
];

fn check(policy: Policy, script: &str) {
    Rehearsal::by(policy).check(&format!("{SIGNED_IN}{script}"));
}

#[test]
fn a_change_long_after_the_sign_in_asks_to_sign_in_again() {
    for (change, made) in CHANGES {
        check(Policy::NORM, &format!("wait 5m\n1 {change} -> {made}"));
        let asked = format!("wait 301s\n1 {change} -> Password: SignInAgain\nfacts SessionEnded×1");
        check(Policy::NORM, &format!("{asked}\n{IN_AGAIN}1 {change} -> {made}"));
        let longer = Policy { changes_within: Span::DAY, ..Policy::NORM };
        check(longer, &format!("wait 301s\n1 {change} -> {made}"));
    }
}

#[test]
fn a_set_up_that_takes_too_long_begins_anew() {
    let too_long = "1 assign -> AssignDevice, secret
        wait 301s
        1 assigned -1 0 -> Password: SignInAgain
        facts DeviceAssigned×0\n";
    check(Policy::NORM, &format!("{too_long}{IN_AGAIN}1 assign -> AssignDevice, secret"));
}

#[test]
fn whoever_holds_a_copied_cookie_needs_the_factors_and_the_owner_gets_on_without_the_thief() {
    check(
        Policy::NORM,
        &format!(
            "2 copies 1
             wait 301s
             1 deactivate 0 -> Password: SignInAgain
             {IN_AGAIN}
             2 deactivate 0 -> SignIn: SessionOver
             1 open SecurityCredentials -> SecurityCredentials, 1 devices"
        ),
    );
    // The thief is asked first, and knows nothing. The owner signs in anew.
    check(
        Policy::NORM,
        "2 copies 1
         wait 301s
         2 deactivate 0 -> Password: SignInAgain
         2 password bad -> Password: WrongPassword
         2 open SecurityCredentials -> Password: NotYet
         1 open SecurityCredentials -> SignIn: SessionOver",
    );
}

#[test]
fn the_browser_in_which_mfa_was_removed_needs_the_password_only() {
    check(
        Policy::NORM,
        "1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices
         wait 301s
         1 assign -> Password: SignInAgain
         1 password -> SecurityCredentials: MfaOff, 0 devices
         1 assign -> AssignDevice, secret",
    );
}
