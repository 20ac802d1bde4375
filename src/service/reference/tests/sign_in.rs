//! Sign-in, throttling and sessions.

use crate::base::time::Span;
use crate::policy::{FailuresCleared, PairMemory, Policy, Rotation};
use crate::service::reference::testkit::Rehearsal;

#[test]
fn a_password_and_a_code_open_the_console() {
    Rehearsal::by(Policy::NORM).check(
        "1 open SignIn -> SignIn
         offers SubmitUser Support
         1 name ana -> Password
         offers SubmitPassword
         1 password -> MfaCode
         offers SubmitCode Troubleshoot
         1 code 0 -> SecurityCredentials, 1 devices
         offers Deactivate BeginAssign ChangePhone ChangePassword SignOut SignOutEverywhere
         1 out -> SignIn: SignedOut
         1 open SecurityCredentials -> SignIn: NotYet",
    );
}

#[test]
fn a_page_is_shown_to_whoever_has_come_that_far_and_to_nobody_else() {
    Rehearsal::by(Policy::NORM).check(
        "1 open Password -> SignIn: NotYet
         1 name ana -> Password
         1 open Password -> Password
         1 open MfaCode -> Password: NotYet
         1 troubleshoot -> Password: NotYet
         1 password -> MfaCode
         1 open Password -> MfaCode: NotYet
         1 open Resync -> Resync
         1 open VerifyEmail -> MfaCode: NotYet
         1 mail -> MfaCode: NotYet
         1 call-me -> MfaCode: NotYet
         1 finish -> MfaCode: NotYet
         1 assign -> MfaCode: NotYet
         1 deactivate 0 -> MfaCode: NotYet
         1 phone +34600000009 -> MfaCode: NotYet
         1 open AssignDevice -> MfaCode: NotYet
         1 open ConfirmEmail -> MfaCode: NotYet
         1 troubleshoot -> TroubleshootMfa
         offers ChooseResync ChooseAlternative Support
         1 resync -> Resync
         offers SubmitPair Support
         1 alternative -> VerifyEmail
         offers SendEmail Support
         1 open TroubleshootMfa -> TroubleshootMfa
         1 open VerifyPhone -> VerifyEmail: NotYet
         1 open VerifyEmail -> VerifyEmail
         1 call-me -> VerifyEmail: NotYet
         1 finish -> VerifyEmail: NotYet
         1 code 0 -> SecurityCredentials, 1 devices
         1 open AssignDevice -> SecurityCredentials, 1 devices
         1 open MfaCode -> SecurityCredentials: NotYet, 1 devices
         1 troubleshoot -> SecurityCredentials: NotYet, 1 devices
         1 alternative -> SecurityCredentials: NotYet, 1 devices
         1 finish -> SecurityCredentials, 1 devices
         1 open ContactSupport -> ContactSupport
         offers SubmitTicket
         1 open SignIn -> SignIn
         1 open Forbidden -> Forbidden
         offers nothing",
    );
}

#[test]
fn wrong_passwords_are_throttled_for_a_name_whoever_has_it() {
    for name in ["ana", "nobody"] {
        Rehearsal::by(Policy::NORM).check(&format!(
            "1 name {name} -> Password
             1 password a -> Password: WrongPassword
             1 password b -> Password: WrongPassword
             1 password c -> Password: WrongPassword
             1 password d -> Password: WrongPassword
             1 password e -> Password: WrongPassword
             1 password f -> Password: TryLater
             wait 29s999ms
             2 name {name} -> Password
             2 password g -> Password: TryLater
             2 name ben -> Password
             2 password -> MfaCode
             wait 1ms
             1 password h -> Password: WrongPassword
             wait 59s999ms
             1 password i -> Password: TryLater
             wait 1ms
             1 password j -> Password: WrongPassword",
        ));
    }
    Rehearsal::by(Policy::NORM).check(
        "1 name ana -> Password
         1 password a -> Password: WrongPassword
         1 password b -> Password: WrongPassword
         1 password c -> Password: WrongPassword
         1 password d -> Password: WrongPassword
         1 password -> MfaCode
         2 name ana -> Password
         2 password e -> Password: WrongPassword
         2 password -> MfaCode",
    );
}

#[test]
fn wrong_codes_and_pairs_draw_on_one_budget_across_sessions_and_restarts() {
    Rehearsal::by(Policy::NORM).check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code bad -> MfaCode: WrongCode
         1 code none -> MfaCode: WrongCode
         1 pair bad bad -> Resync: NotInWindow
         2 name ana -> Password
         2 password -> MfaCode
         crash
         restart
         2 code bad -> MfaCode: WrongCode
         sent nothing
         2 pair none 0 -> Resync: NotInWindow
         facts Throttled×1
         sent ThrottleNotice to 0, ThrottleNotice to 1
         1 code 0 -> MfaCode: TryLater
         1 pair 1 2 -> Resync: TryLater
         wait 30s
         1 code bad -> MfaCode: WrongCode
         sent nothing
         wait 1m
         1 code 0 -> SecurityCredentials, 1 devices
         2 code bad -> MfaCode: WrongCode
         2 code bad -> MfaCode: WrongCode
         2 code bad -> MfaCode: WrongCode
         2 code bad -> MfaCode: WrongCode
         facts Throttled×0",
    );
}

#[test]
fn a_right_code_of_any_device_clears_the_failures_of_all_and_the_owner_is_told_of_a_disabled_one() {
    let script = |end: &str| {
        format!(
            "1 name ana -> Password
             1 password -> MfaCode
             1 code bad -> MfaCode: WrongCode
             1 code bad -> MfaCode: WrongCode
             1 code 0 -> SecurityCredentials, 2 devices
             2 name ana -> Password
             2 password -> MfaCode
             2 code bad -> MfaCode: WrongCode
             {end}"
        )
    };
    let policy = Policy { failures_max: 3, ..Policy::NORM };
    Rehearsal::with_devices(policy, 2).check(&script(
        "sent nothing
         facts DeviceDisabled×0
         2 code 0 of 1 -> SecurityCredentials, 2 devices",
    ));
    let weak = Policy { failures_cleared: FailuresCleared::OfItsDevice, ..policy };
    Rehearsal::with_devices(weak, 2).check(&script(
        "sent DisabledNotice to 0, DisabledNotice to 1
         facts DeviceDisabled×1
         2 code 0 of 1 -> MfaCode: WrongCode",
    ));
}

#[test]
fn what_is_no_guess_is_not_held_against_anybody() {
    Rehearsal::by(Policy::NORM).check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 pair -1 0 -> MfaCode: InSync
         sent ResyncNotice to 0, ResyncNotice to 1
         1 pair -1 0 -> Resync: PairUsed
         1 pair -1 0 -> Resync: PairUsed
         1 code 0 -> SecurityCredentials, 1 devices
         2 name ana -> Password
         2 password -> MfaCode
         2 code 0 -> MfaCode: UsedCode
         2 code 0 -> MfaCode: UsedCode
         2 code 0 -> MfaCode: UsedCode
         2 code 0 -> MfaCode: UsedCode
         2 code 0 -> MfaCode: UsedCode
         2 pair 3 5 -> Resync: NotConsecutive
         2 pair 5 4 -> Resync: NotConsecutive
         2 code +1 -> SecurityCredentials, 1 devices",
    );
}

#[test]
fn codes_that_a_sign_in_left_behind_do_not_turn_the_clock_back() {
    // Otherwise anyone who knows the password and saw two old codes could sign in with them for hours.
    let at_resync = "1 name ana -> Password
        1 password -> MfaCode
        1 code 0 -> SecurityCredentials, 1 devices
        wait 1h
        2 name ana -> Password
        2 password -> MfaCode";
    for (pair, told) in [
        ("-500 -499", "Resync: PairUsed"),
        ("-121 -120", "Resync: PairUsed"),
        ("-120 -119", "Resync: PairUsed"),
        ("-119 -118", "MfaCode: InSync"),
        ("-1 0", "MfaCode: InSync"),
    ] {
        Rehearsal::by(Policy::NORM).check(&format!("{at_resync}\n2 pair {pair} -> {told}"));
    }
    let forgotten = Policy { pair_memory: PairMemory::Forgotten, ..Policy::NORM };
    Rehearsal::by(forgotten).check(&format!(
        "{at_resync}
         2 pair -500 -499 -> MfaCode: InSync
         2 code -499 -> SecurityCredentials, 1 devices",
    ));
}

#[test]
fn a_device_is_disabled_after_failures_max_and_its_owner_is_told_so_wherever_it_is_tried() {
    let policy = Policy { failures_max: 3, ..Policy::NORM };
    Rehearsal::by(policy).check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code bad -> MfaCode: WrongCode
         1 code bad -> MfaCode: WrongCode
         facts DeviceDisabled×0
         1 code bad -> MfaCode: WrongCode
         facts DeviceDisabled×1
         1 code 0 -> MfaCode: DeviceDisabled
         1 pair -1 0 -> MfaCode: DeviceDisabled
         facts ResyncRefused×1 Throttled×0
         1 alternative -> VerifyEmail",
    );
}

#[test]
fn a_session_ends_when_it_was_idle_or_lasted_for_longer_than_it_may() {
    Rehearsal::by(Policy { session_max: Span::from_mins(90), ..Policy::NORM }).check(
        "1 name ana -> Password
         1 password -> MfaCode
         wait 1h
         1 open Resync -> Resync
         wait 30m
         1 open Resync -> Resync
         wait 1ms
         1 open Resync -> SignIn: SessionOver
         facts SessionEnded×1
         2 name ana -> Password
         wait 1h0m1s
         2 open Password -> SignIn: SessionOver
         2 open Password -> SignIn: NotYet
         wait 2h
         2 open SignIn -> SignIn: SessionOver
         2 open SignIn -> SignIn
         wait 2h
         2 open ContactSupport -> ContactSupport",
    );
}

#[test]
fn a_session_goes_on_under_a_new_name_at_each_step() {
    for (rotation, opened) in [(Rotation::AtEachStep, 1), (Rotation::Never, 0)] {
        Rehearsal::by(Policy { rotation, ..Policy::NORM }).check(&format!(
            "1 name ana -> Password
             facts SessionOpened×1 SessionEnded×0
             1 password -> MfaCode
             facts SessionOpened×{opened} SessionEnded×{opened}
             1 code 0 -> SecurityCredentials, 1 devices
             facts SessionOpened×{opened} SessionEnded×{opened}",
        ));
    }
}

#[test]
fn whoever_begins_anew_leaves_what_was_begun() {
    Rehearsal::by(Policy::NORM).check(
        "1 name ben -> Password
         1 name ana -> Password
         facts SessionEnded×0
         1 password -> MfaCode
         1 alternative -> VerifyEmail
         1 mail -> VerifyEmail: MailSent
         1 name ana -> Password
         facts SessionEnded×1 SessionOpened×1
         1 password -> MfaCode
         1 alternative -> VerifyEmail
         1 confirm link 1 -> ConfirmEmail: SessionOver
         1 code 0 -> SecurityCredentials, 1 devices
         1 name ana -> Password
         1 open SecurityCredentials -> Password: NotYet",
    );
}

#[test]
fn a_form_that_did_not_come_from_our_page_changes_nothing() {
    Rehearsal::by(Policy::NORM).check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 1 devices
         1 deactivate 0 forged -> Forbidden: BadRequest
         facts DeviceDeactivated×0 RequestRefused×1
         1 open SecurityCredentials forged -> SecurityCredentials, 1 devices
         2 name ana without-cookie -> SignIn: SessionOver",
    );
}
