//! Page 10 and the reset request of the support desk.

use crate::policy::{MfaOff, Policy, SupportForm};
use crate::service::reference::testkit::Rehearsal;

#[test]
fn a_ticket_is_taken_from_whoever_asks_and_changes_nothing() {
    Rehearsal::by(Policy::NORM).check(
        "1 open ContactSupport -> ContactSupport
         offers SubmitTicket
         1 ticket +34600000009 -> ContactSupport: TicketFiled
         sent ticket
         facts FactorsReset×0
         1 name ana -> Password
         1 password -> MfaCode
         1 open ContactSupport -> ContactSupport",
    );
    let behind = Policy { support_form: SupportForm::BehindSignIn, ..Policy::NORM };
    Rehearsal::by(behind).check(
        "1 open ContactSupport -> SignIn: NotYet
         1 ticket -> SignIn: NotYet
         sent nothing
         1 name ana -> Password
         1 password -> MfaCode
         1 open ContactSupport -> MfaCode: NotYet
         1 code 0 -> SecurityCredentials, 1 devices
         1 ticket -> ContactSupport: TicketFiled",
    );
}

#[test]
fn a_reset_ends_all_that_was_begun_and_tells_everybody() {
    let guesses = "1 code bad -> MfaCode: WrongCode\n".repeat(5);
    Rehearsal::with_devices(Policy::NORM, 2).check(&format!(
        "1 name ana -> Password
         1 password -> MfaCode
         1 alternative -> VerifyEmail
         1 mail -> VerifyEmail: MailSent
         1 mail -> VerifyEmail: MailSent
         {guesses}
         2 name ben -> Password
         2 password -> MfaCode
         reset 0 1 -> Done
         facts FactorsReset×1 DeviceDeactivated×2 SessionEnded×1 LinkVoided×1
         sent ResetNotice to 0, ResetNotice to 1
         1 open VerifyEmail -> SignIn: SessionOver
         1 confirm link 2 -> ConfirmEmail: LinkReplaced
         2 open Resync -> Resync
         1 name ana -> Password
         1 password -> VerifyEmail: MfaOffVerify
         offers SendEmail CallMe Support
         1 mail -> VerifyEmail: MailSent
         1 confirm link 3 -> FinishSignIn: EmailVerified
         1 finish -> SecurityCredentials: MfaOff, 0 devices
         1 assign -> AssignDevice, secret
         1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 1 devices
         1 out -> SignIn: SignedOut
         1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> MfaCode: WrongCode",
    ));
}

#[test]
fn one_ticket_resets_once_however_often_the_desk_asks() {
    Rehearsal::by(Policy::NORM).check(
        "reset 0 1 -> Done
         crash
         restart
         1 name ana -> Password
         1 password -> VerifyEmail: MfaOffVerify
         1 call-me -> VerifyPhone: Calling, code
         call 1 keys right -> Verified, Hangup
         1 open VerifyPhone -> FinishSignIn: PhoneVerified
         1 finish -> SecurityCredentials: MfaOff, 0 devices
         1 assign -> AssignDevice, secret
         1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 1 devices
         reset 0 1 -> Done
         facts FactorsReset×0 DeviceDeactivated×0
         sent nothing
         1 open SecurityCredentials -> SecurityCredentials, 1 devices
         reset 1 1 -> Done
         facts FactorsReset×1 DeviceDeactivated×1",
    );
}

#[test]
fn after_a_reset_the_password_alone_opens_nothing_unless_the_policy_is_weak() {
    Rehearsal::by(Policy::NORM).check(
        "reset 0 1 -> Done
         1 name ana -> Password
         1 password -> VerifyEmail: MfaOffVerify
         1 open SecurityCredentials -> VerifyEmail: NotYet
         1 finish -> VerifyEmail: NotYet
         1 assign -> VerifyEmail: NotYet
         1 call-me -> VerifyPhone: Calling, code
         call 1 keys wrong -> asks WrongCode for 6 in 15 s, NoInput
         1 finish -> VerifyPhone: NotYet, code",
    );
    let weak = Policy { mfa_off: MfaOff::PasswordAlone, ..Policy::NORM };
    Rehearsal::by(weak).check(
        "reset 0 1 -> Done
         1 name ana -> Password
         1 password -> SecurityCredentials: MfaOff, 0 devices",
    );
}

#[test]
fn the_browser_in_which_mfa_was_removed_is_known_as_long_as_its_cookie_lasts() {
    let removed = "1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 1 devices
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices
         1 out -> SignIn: SignedOut
         2 name ana -> Password
         2 password -> VerifyEmail: MfaOffVerify\n";
    Rehearsal::by(Policy::NORM).check(&format!(
        "{removed}1 name ana -> Password
         1 password -> SecurityCredentials: MfaOff, 0 devices
         1 name ana -> Password
         1 password -> SecurityCredentials: MfaOff, 0 devices
         1 out -> SignIn: SignedOut
         1 name ben -> Password
         1 password -> MfaCode"
    ));
    Rehearsal::by(Policy::NORM).check(&format!(
        "{removed}wait 61m
         1 name ana -> SignIn: SessionOver
         1 name ana -> Password
         1 password -> VerifyEmail: MfaOffVerify"
    ));
}

#[test]
fn the_browser_in_which_mfa_was_removed_is_not_known_after_another_removal() {
    Rehearsal::by(Policy::NORM).check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 1 devices
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices
         1 out -> SignIn: SignedOut
         2 name ana -> Password
         2 password -> VerifyEmail: MfaOffVerify
         2 mail -> VerifyEmail: MailSent
         2 confirm link 1 -> FinishSignIn: EmailVerified
         2 finish -> SecurityCredentials: MfaOff, 0 devices
         2 assign -> AssignDevice, secret
         2 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 1 devices
         reset 0 1 -> Done
         1 name ana -> Password
         1 password -> VerifyEmail: MfaOffVerify",
    );
}

#[test]
fn a_browser_that_removed_one_of_two_devices_is_not_known_after_a_reset() {
    Rehearsal::with_devices(Policy::NORM, 2).check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 code 0 -> SecurityCredentials, 2 devices
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 1 devices
         1 name ana -> Password
         reset 0 1 -> Done
         1 password -> VerifyEmail: MfaOffVerify",
    );
}

#[test]
fn only_the_desk_resets_and_only_an_account_that_there_is() {
    Rehearsal::by(Policy::NORM).check(
        "reset 0 1 forged -> Refused
         facts ResetRefused×1 FactorsReset×0
         reset 0 7 -> Unknown
         facts ResetRefused×1
         1 name ana -> Password
         1 password -> MfaCode
         reset 0 1 -> Done
         facts FactorsReset×1",
    );
}

#[test]
fn a_support_form_says_which_field_is_missing() {
    Rehearsal::by(Policy::NORM).check(
        "1 open ContactSupport -> ContactSupport
         1 ticket-without email -> ContactSupport: NeedsEmail
         facts RequestRefused×1 TicketOrdered×0
         1 ticket-without number -> ContactSupport: NeedsAccountNumber
         1 ticket-without name -> ContactSupport: NeedsName
         facts RequestRefused×1 TicketOrdered×0
         1 ticket-without phone -> ContactSupport: TicketFiled
         facts TicketOrdered×1",
    );
}
