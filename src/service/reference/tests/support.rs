//! Page 10 and the reset request of the support desk.

use crate::policy::{Policy, SupportForm};
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
         1 password -> SecurityCredentials: MfaOff, 0 devices
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
         1 password -> SecurityCredentials: MfaOff, 0 devices
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
