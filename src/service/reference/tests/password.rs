//! Page 9: a new password, and signing out everywhere.

use crate::policy::{
    OldPassword, OtherSessions, PasswordChange, Policy, ReportedIntrusion, SignOutEverywhere,
};
use crate::service::reference::testkit::Rehearsal;

const SIGNED_IN: &str = "1 name ana -> Password
    1 password -> MfaCode
    1 code 0 -> SecurityCredentials, 1 devices\n";

/// Browser 3 has a sign-in under way.
const OTHER: &str = "3 name ana -> Password
    3 password -> MfaCode\n";

#[track_caller]
fn check(policy: Policy, script: &str) {
    Rehearsal::by(policy).check(&format!("{SIGNED_IN}{script}"));
}

/// The way past the password page with this password, in browser 2.
fn tries(password: &str, shown: &str) -> String {
    format!("2 name ana -> Password\n2 password {password} -> {shown}\n")
}

#[test]
fn a_new_password_takes_the_current_one_and_replaces_it() {
    let wrong = "1 change bad new -> SecurityCredentials: WrongCurrentPassword, 1 devices\n";
    let same = "1 change right right -> SecurityCredentials: SamePassword, 1 devices
        1 change right -> SecurityCredentials: SamePassword, 1 devices\n";
    let changed = "1 change right new -> SecurityCredentials: PasswordChanged, 1 devices\n";
    let all = [
        wrong,
        &tries("right", "MfaCode"),
        same,
        changed,
        // The sign-in under way has ended, too.
        "2 open MfaCode -> SignIn: SessionOver\n",
        &tries("right", "Password: WrongPassword"),
        &tries("new", "MfaCode"),
    ];
    check(Policy::NORM, &all.concat());
    check(
        Policy::NORM,
        "1 change right new -> SecurityCredentials: PasswordChanged, 1 devices
         sent PasswordNotice to 0, PasswordNotice to 1",
    );
}

#[test]
fn weak_policies_ask_for_no_password_or_keep_the_old_one() {
    let asks_nothing = Policy { password_change: PasswordChange::AsksForNothing, ..Policy::NORM };
    check(asks_nothing, "1 change bad new -> SecurityCredentials: PasswordChanged, 1 devices");
    let keeps = Policy { old_password: OldPassword::StillTaken, ..Policy::NORM };
    let changed = "1 change right new -> SecurityCredentials: PasswordChanged, 1 devices\n".to_owned();
    check(keeps, &(changed + &tries("right", "MfaCode") + &tries("new", "MfaCode")));
}

#[test]
fn nobody_changes_the_password_who_is_not_signed_in() {
    for script in [
        "1 change right new -> SignIn: NotYet",
        "1 out-everywhere right -> SignIn: NotYet",
        "1 name ana -> Password\n1 password -> MfaCode\n1 change right new -> MfaCode: NotYet",
        "1 name ana -> Password\n1 password -> MfaCode\n1 out-everywhere right -> MfaCode: NotYet",
    ] {
        Rehearsal::by(Policy::NORM).check(script);
    }
}

#[test]
fn guesses_at_the_current_password_are_counted() {
    let wrong = "1 change bad new -> SecurityCredentials: WrongCurrentPassword, 1 devices\n";
    let out = "1 out-everywhere bad -> SecurityCredentials: WrongCurrentPassword, 1 devices\n";
    let later = "1 change right new -> SecurityCredentials: TryLater, 1 devices
        1 out-everywhere right -> SecurityCredentials: TryLater, 1 devices\n";
    check(Policy::NORM, &[wrong, out, wrong, out, wrong, later].concat());
}

#[test]
fn a_new_password_ends_the_other_sessions() {
    let changed = "1 change right new -> SecurityCredentials: PasswordChanged, 1 devices
        1 open SecurityCredentials -> SecurityCredentials, 1 devices\n";
    let others = "3 open MfaCode -> SignIn: SessionOver\n";
    check(Policy::NORM, &[OTHER, changed, others].concat());
    let keeps = Policy { other_sessions: OtherSessions::Keep, ..Policy::NORM };
    let go_on = "3 open MfaCode -> MfaCode\n";
    check(keeps, &[OTHER, changed, go_on].concat());
}

#[test]
fn signing_out_everywhere_ends_all_sessions_of_the_account() {
    let out = "1 out-everywhere right -> SignIn: SignedOutEverywhere
        1 open SecurityCredentials -> SignIn: NotYet\n";
    let over = "2 open SecurityCredentials -> SignIn: SessionOver
        3 open MfaCode -> SignIn: SessionOver\n";
    check(Policy::NORM, &["2 copies 1\n", OTHER, out, over].concat());
    let own = Policy { sign_out_everywhere: SignOutEverywhere::EndsOwnSession, ..Policy::NORM };
    let go_on = "3 open MfaCode -> MfaCode\n";
    check(own, &[OTHER, out, go_on].concat());
}

#[test]
fn a_reported_intrusion_makes_a_new_password_come_first() {
    let back = |reset: &str, password: &str| {
        format!(
            "{reset} -> Done
             1 name ana -> Password
             1 password{password} -> VerifyEmail: MfaOffVerify
             1 mail -> VerifyEmail: MailSent
             1 confirm link 1 -> FinishSignIn: EmailVerified
             1 finish -> SecurityCredentials: MfaOff, 0 devices\n"
        )
    };
    let first = "offers ChangePassword SignOut SignOutEverywhere
        1 assign -> SecurityCredentials: NotYet, 0 devices
        1 phone +34600000009 -> SecurityCredentials: NotYet, 0 devices
        crash
        restart
        1 assign -> SecurityCredentials: NotYet, 0 devices
        1 change one-time one-time -> SecurityCredentials: SamePassword, 0 devices
        1 change one-time new -> SecurityCredentials: PasswordChanged, 0 devices
        1 assign -> AssignDevice, secret\n";
    let at_once = "offers BeginAssign ChangePhone ChangePassword SignOut SignOutEverywhere
        1 assign -> AssignDevice, secret\n";
    let by = |policy, script: &str| Rehearsal::by(policy).check(script);
    by(Policy::NORM, &(back("reset 0 1 not-me", " one-time") + first));
    by(Policy::NORM, &(back("reset 0 1", "") + at_once));
    let keeps = Policy { reported_intrusion: ReportedIntrusion::KeepsPassword, ..Policy::NORM };
    by(keeps, &(back("reset 0 1 not-me", "") + at_once));
}

#[test]
fn the_password_from_before_a_reported_intrusion_opens_nothing() {
    let refused = "reset 0 1 not-me -> Done
        1 name ana -> Password
        1 password -> Password: WrongPassword\n";
    Rehearsal::by(Policy::NORM).check(refused);
    let taken = "reset 0 1 not-me -> Done
        1 name ana -> Password
        1 password -> VerifyEmail: MfaOffVerify\n";
    Rehearsal::by(Policy { old_password: OldPassword::StillTaken, ..Policy::NORM }).check(taken);
}
