//! Page 9: devices from before a recovery.

use crate::policy::{EarlierDevices, Policy};
use crate::service::reference::testkit::Rehearsal;

/// Ana signs in with alternative factors, and has devices 0 and 1 on file.
const RECOVERED: &str = "1 name ana -> Password
    1 password -> MfaCode
    1 alternative -> VerifyEmail
    1 mail -> VerifyEmail: MailSent
    1 confirm link 1 -> VerifyPhone: EmailVerified
    1 call-me -> VerifyPhone: Calling, code
    call 1 keys right -> Verified, Hangup
    1 finish -> SecurityCredentials, 2 devices
    sent RecoveryNotice to 0, RecoveryNotice to 1
    1 assign -> AssignDevice, secret\n";

const STOPPED: &str = "1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 1 devices and 2 stopped
    facts DeviceAssigned×1 DeviceDeactivated×2
    sent AssignmentNotice to 0, AssignmentNotice to 1, StoppedNotice to 0, StoppedNotice to 1
    offers Deactivate BeginAssign Reactivate ChangePhone ChangePassword SignOut SignOutEverywhere\n";

fn by(policy: Policy, script: &str) {
    Rehearsal::with_devices(policy, 2).check(&format!("{RECOVERED}{script}"));
}

#[test]
fn devices_from_before_a_recovery_do_not_count_until_their_codes_bring_them_back() {
    by(
        Policy::NORM,
        &format!(
            "{STOPPED}2 name ana -> Password
             2 password -> MfaCode
             2 code 0 of 0 -> MfaCode: WrongCode
             2 code 0 of 1 -> MfaCode: WrongCode
             2 reactivate 0 +1 of 1 -> MfaCode: NotYet
             1 reactivate 0 +2 of 1 -> SecurityCredentials: NotConsecutive, 1 devices and 2 stopped
             1 reactivate bad bad -> SecurityCredentials: NotInWindow, 1 devices and 2 stopped
             1 reactivate none none -> SecurityCredentials: NotInWindow, 1 devices and 2 stopped
             facts AssignRefused×1
             1 reactivate 0 +1 of 1 -> SecurityCredentials: DeviceAssigned, 2 devices and 1 stopped
             facts DeviceAssigned×1 SessionEnded×1
             sent AssignmentNotice to 0, AssignmentNotice to 1
             wait 1m
             3 name ana -> Password
             3 password -> MfaCode
             3 code 0 of 0 -> MfaCode: WrongCode
             3 code 0 of 1 -> SecurityCredentials, 2 devices and 1 stopped
             3 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 2 devices
             3 reactivate +2 +3 of 0 -> SecurityCredentials: NotInWindow, 2 devices",
        ),
    );
}

#[test]
fn a_second_new_device_stops_nothing_more() {
    by(
        Policy::NORM,
        &format!(
            "{STOPPED}1 reactivate 0 +1 of 1 -> SecurityCredentials: DeviceAssigned, 2 devices and 1 stopped
             1 assign -> AssignDevice, secret
             1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 3 devices and 1 stopped
             facts DeviceDeactivated×0",
        ),
    );
}

#[test]
fn support_and_the_list_of_eight_forget_what_does_not_count() {
    by(
        Policy::NORM,
        &format!(
            "{STOPPED}reset 1 1 -> Done\n2 name ana -> Password\n2 password -> VerifyEmail: MfaOffVerify"
        ),
    );
    let one_more = |count: u32, stopped: &str| {
        format!(
            "1 assign -> AssignDevice, secret
             1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, {count} devices{stopped}\n"
        )
    };
    let all: String = (2..=8)
        .map(|count| {
            one_more(
                count,
                match count {
                    ..=6 => " and 2 stopped",
                    7 => " and 1 stopped",
                    _ => "",
                },
            )
        })
        .collect();
    by(Policy::NORM, &format!("{STOPPED}{all}"));
}

#[test]
fn a_sign_in_with_a_code_leaves_the_other_devices_alone() {
    Rehearsal::with_devices(Policy::NORM, 2).check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 2 devices
         1 assign -> AssignDevice, secret
         1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 3 devices
         facts DeviceDeactivated×0",
    );
}

#[test]
fn a_policy_can_let_them_count() {
    by(
        Policy { earlier_devices: EarlierDevices::Keep, ..Policy::NORM },
        "1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 3 devices
         2 name ana -> Password
         2 password -> MfaCode
         2 code 0 of 0 -> SecurityCredentials, 3 devices",
    );
}
