//! Page 9: the effects of a factor change on devices, sessions and pending verifications.

use crate::policy::{OlderSecrets, OtherSessions, Policy, RecoveryEnds};
use crate::service::reference::testkit::Rehearsal;

const SIGNED_IN: &str =
    "1 name ana -> Password\n1 password -> MfaCode\n1 code 0 -> SecurityCredentials, 1 devices\n";

/// Browser 2 is at step 2 of alternative factors, with a code on its screen.
const ANOTHER_AT_STEP_2: &str = "2 name ana -> Password
    2 password -> MfaCode
    2 alternative -> VerifyEmail
    2 mail -> VerifyEmail: MailSent
    2 confirm link 1 -> VerifyPhone: EmailVerified
    2 call-me -> VerifyPhone: Calling, code\n";

#[test]
fn a_device_is_put_away_and_a_new_one_takes_its_place() {
    Rehearsal::by(Policy::NORM).check(&format!(
        "{SIGNED_IN}
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices
         sent DeactivationNotice to 0, DeactivationNotice to 1
         offers BeginAssign ChangePhone ChangePassword SignOut SignOutEverywhere
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices
         facts DeviceDeactivated×0
         sent nothing
         1 open AssignDevice -> SecurityCredentials, 0 devices
         1 assign -> AssignDevice, secret
         offers FinishAssign SignOut
         1 open AssignDevice -> AssignDevice, secret
         1 assigned +1 0 -> AssignDevice: NotConsecutive, secret
         1 assigned +5000 +5001 -> AssignDevice: NotInWindow, secret
         1 assigned nothing -> AssignDevice: NotInWindow, secret
         facts AssignRefused×1
         1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 1 devices
         sent AssignmentNotice to 0, AssignmentNotice to 1
         1 open AssignDevice -> SecurityCredentials, 1 devices",
    ));
}

#[test]
fn nobody_puts_away_what_is_another_accounts() {
    // Device 1 is Ben's.
    Rehearsal::by(Policy::NORM).check(&format!(
        "{SIGNED_IN}
         1 deactivate 1 -> SecurityCredentials: DeviceDeactivated, 1 devices
         facts DeviceDeactivated×0
         2 name ben -> Password
         2 password -> MfaCode
         2 code 0 of 1 -> SecurityCredentials, 1 devices",
    ));
}

#[test]
fn one_of_two_devices_is_put_away_and_mfa_stays_on() {
    Rehearsal::with_devices(Policy::NORM, 2).check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code 0 of 1 -> SecurityCredentials, 2 devices
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 1 devices
         offers Deactivate BeginAssign ChangePhone ChangePassword SignOut SignOutEverywhere
         1 out -> SignIn: SignedOut
         1 name ana -> Password
         1 password -> MfaCode
         1 code 0 of 0 -> MfaCode: WrongCode
         1 code +1 of 1 -> SecurityCredentials, 1 devices",
    );
}

#[test]
fn eight_devices_fit_and_a_ninth_does_not_however_it_was_begun() {
    let keeps = Policy { other_sessions: OtherSessions::Keep, ..Policy::NORM };
    Rehearsal::with_devices(keeps, 7).check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 7 devices
         2 name ana -> Password
         2 password -> MfaCode
         2 code +1 -> SecurityCredentials, 7 devices
         1 assign -> AssignDevice, secret
         2 assign -> AssignDevice, secret
         2 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 8 devices
         1 assigned -1 0 -> SecurityCredentials: TooManyDevices, 8 devices
         facts AssignRefused×1 DeviceAssigned×0
         1 assign -> SecurityCredentials: TooManyDevices, 8 devices
         facts AssignRefused×1",
    );
}

/// Each change of factors, with the number of devices left.
const CHANGES: [(&str, u8); 3] = [
    ("1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices", 0),
    ("1 phone +34600000009 -> SecurityCredentials: ContactChanged, 1 devices", 1),
    (
        "1 assign -> AssignDevice, secret\n1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 2 devices",
        2,
    ),
];

#[test]
fn what_was_begun_elsewhere_ends_when_a_factor_changes() {
    for (change, left) in CHANGES {
        Rehearsal::by(Policy::NORM).check(&format!(
            "{SIGNED_IN}{ANOTHER_AT_STEP_2}{change}
             facts SessionEnded×1 CodeVoided×1
             call 1 keys right -> CouldNot, Hangup
             2 open VerifyPhone -> SignIn: SessionOver
             1 open SecurityCredentials -> SecurityCredentials, {left} devices
             wait 5m
             facts PhoneFailed×0",
        ));
    }
}

#[test]
fn where_sessions_go_on_their_links_and_codes_die_all_the_same_unless_the_policy_keeps_them() {
    let policy = Policy { other_sessions: OtherSessions::Keep, ..Policy::NORM };
    for (change, _) in CHANGES {
        let script = format!("{SIGNED_IN}{ANOTHER_AT_STEP_2}{change}");
        // Without a device, the email alone stands in for it.
        let shown = if change.contains("deactivate") { "FinishSignIn: EmailVerified" } else { "VerifyPhone" };
        Rehearsal::by(policy).check(&format!(
            "{script}
             facts SessionEnded×0 CodeVoided×1
             call 1 keys right -> CouldNot, Hangup
             2 open VerifyPhone -> {shown}",
        ));
        let older_secrets = OlderSecrets::LiveOn;
        Rehearsal::by(Policy { older_secrets, ..policy }).check(&format!(
            "{script}
             facts CodeVoided×0
             call 1 keys right -> Verified, Hangup
             2 open VerifyPhone -> FinishSignIn: PhoneVerified",
        ));
    }
}

#[test]
fn a_new_number_is_the_one_that_is_called_if_it_is_one() {
    Rehearsal::by(Policy::NORM).check(&format!(
        "{SIGNED_IN}
         1 phone 600000009 -> SecurityCredentials, 1 devices
         facts PhoneChanged×0 RequestRefused×1
         sent nothing
         1 phone +34600000009 -> SecurityCredentials: ContactChanged, 1 devices
         sent ContactNotice to 0, ContactNotice to 1
         {}
         sent call to +34600000009",
        ANOTHER_AT_STEP_2.trim_end(),
    ));
}

#[test]
fn a_new_device_is_not_throttled_by_guesses_at_the_old_one() {
    let guesses = "2 code bad -> MfaCode: WrongCode\n".repeat(5);
    Rehearsal::with_devices(Policy::NORM, 2).check(&format!(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 2 devices
         2 name ana -> Password
         2 password -> MfaCode
         {guesses}
         2 code bad -> MfaCode: TryLater
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 1 devices
         3 name ana -> Password
         3 password -> MfaCode
         3 code 0 of 1 -> MfaCode: TryLater
         1 deactivate 1 -> SecurityCredentials: DeviceDeactivated, 0 devices
         1 assign -> AssignDevice, secret
         1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 1 devices
         3 name ana -> SignIn: SessionOver
         3 name ana -> Password
         3 password -> MfaCode
         3 code bad -> MfaCode: WrongCode",
    ));
}

#[test]
fn a_new_device_is_not_throttled_if_the_old_one_is_removed_after_it() {
    let guesses = "2 code bad -> MfaCode: WrongCode\n".repeat(5);
    Rehearsal::by(Policy::NORM).check(&format!(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 1 devices
         2 name ana -> Password
         2 password -> MfaCode
         {guesses}
         2 code bad -> MfaCode: TryLater
         1 assign -> AssignDevice, secret
         1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 2 devices
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 1 devices
         3 name ana -> Password
         3 password -> MfaCode
         3 code bad -> MfaCode: WrongCode",
    ));
}

#[test]
fn recovery_that_ends_in_mfa_off_is_a_change_of_factors_too() {
    let policy = Policy { recovery_ends: RecoveryEnds::FreshSignIn, ..Policy::NORM };
    Rehearsal::by(policy).check(&format!(
        "{SIGNED_IN}{ANOTHER_AT_STEP_2}
         call 1 keys right -> Verified, Hangup
         2 finish -> SignIn: DeviceDeactivated
         facts DeviceDeactivated×1 SessionEnded×2 SignedIn×0
         sent DeactivationNotice to 0, DeactivationNotice to 1, RecoveryNotice to 0, RecoveryNotice to 1
         1 open SecurityCredentials -> SignIn: SessionOver
         2 name ana -> Password
         2 password -> SecurityCredentials: MfaOff, 0 devices",
    ));
}

#[test]
fn each_code_that_is_computed_is_counted_whatever_becomes_of_its_device() {
    Rehearsal::with_devices(Policy::NORM, 2).check(
        "computed -> 0
         1 name ana -> Password
         1 password -> MfaCode
         1 code +7 -> MfaCode: WrongCode
         computed -> 6
         1 code 0 -> SecurityCredentials, 2 devices
         computed -> 6
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 1 devices
         computed -> 6
         1 assign -> AssignDevice, secret
         1 assigned +1 0 -> AssignDevice: NotConsecutive, secret
         computed -> 2007
         reset 1 1 -> Done
         computed -> 2007",
    );
}

#[test]
fn whose_code_it_is_now_is_told_of_those_on_file() {
    Rehearsal::with_devices(Policy::NORM, 2).check(
        "showing 0 -> device 0 +0
         showing +1 -> device 0 +1
         showing -1 of 1 -> device 1 -1
         showing -1 of 2 -> nobody
         showing +2 -> nobody
         showing bad -> nobody",
    );
    Rehearsal::by(Policy::NORM).with_a_counter().check("showing bad -> nobody");
    // Where two devices of one account show the same code, each counts once, as at sign-in.
    Rehearsal::with_devices(Policy::NORM, 2).with_one_secret().check(
        "showing 0 -> device 0 +0
         1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 2 devices
         1 out -> SignIn: SignedOut
         showing 0 -> device 1 +0
         1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 2 devices
         1 out -> SignIn: SignedOut
         showing 0 -> device 0 +0
         1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> MfaCode: UsedCode",
    );
}
