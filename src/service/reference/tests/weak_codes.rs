//! Weak policies on codes: checks, counts, storage, and the number to call.

use crate::policy::{
    Boot, CallPrompt, CallRetry, Callbacks, CodeKept, ContactChanges, Counting, NumbersCalled,
    PhoneDirection, PhoneProof, Policy, RemovedDevices, SpokenCode, TicketNumber, TriesUsedUp, UnixTime,
    WrongPairs,
};
use crate::service::reference::testkit::Rehearsal;

const SIGNING_IN: &str = "1 name ana -> Password\n1 password -> MfaCode\n";
const AT_STEP_2: &str = "1 name ana -> Password
    1 password -> MfaCode
    1 alternative -> VerifyEmail
    1 mail -> VerifyEmail: MailSent
    1 confirm link 1 -> VerifyPhone: EmailVerified\n";
const SPOKEN: Policy = Policy { phone_direction: PhoneDirection::PhoneToScreen, ..Policy::NORM };

#[track_caller]
fn check(policy: Policy, script: &str) {
    Rehearsal::by(policy).check(script);
}

#[test]
fn wrong_codes_that_come_at_once_are_counted_too_late() {
    let wrong = "1 code bad -> MfaCode: WrongCode\n";
    let late = "1 code bad -> MfaCode: TryLater\n";
    check(Policy::NORM, &format!("{SIGNING_IN}{}{late}", wrong.repeat(5)));
    let policy = Policy { counting: Counting::AfterTheCheck, ..Policy::NORM };
    check(policy, &format!("{SIGNING_IN}{}wait 1s\n{late}", wrong.repeat(30)));
}

#[test]
fn tries_that_are_forgotten_once_they_are_used_up() {
    let wrong = "1 spoken wrong -> VerifyPhone: PhoneFailed\n";
    let call = format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling\n");
    check(
        SPOKEN,
        &format!(
            "{call}{}facts CodeVoided×1 Throttled×1\n1 spoken right -> VerifyPhone: TooManyTries",
            wrong.repeat(5)
        ),
    );
    let policy = Policy { tries_used_up: TriesUsedUp::CountStartsOver, ..SPOKEN };
    check(
        policy,
        &format!(
            "{call}{}facts CodeVoided×0\n1 spoken right -> FinishSignIn: PhoneVerified",
            wrong.repeat(15)
        ),
    );
}

#[test]
fn a_page_that_gives_the_spoken_code_away() {
    check(SPOKEN, &format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling"));
    let policy = Policy { spoken_code: SpokenCode::InThePageToo, ..SPOKEN };
    check(policy, &format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code"));
}

#[test]
fn a_phone_number_that_a_password_changes() {
    check(Policy::NORM, &format!("{SIGNING_IN}1 phone +34600000009 -> MfaCode: NotYet"));
    let policy = Policy { contact_changes: ContactChanges::PasswordIsEnough, ..Policy::NORM };
    check(
        policy,
        &format!(
            "1 phone +34600000009 -> SignIn: NotYet
             {SIGNING_IN}1 phone +34600000009 -> SecurityCredentials: ContactChanged
             1 deactivate 0 -> MfaCode: NotYet"
        ),
    );
}

#[test]
fn numbers_that_pay_whoever_owns_them() {
    let signed_in = format!("{SIGNING_IN}1 code 0 -> SecurityCredentials, 1 devices\n");
    check(
        Policy::NORM,
        &format!(
            "{signed_in}1 phone +979123456789 -> SecurityCredentials, 1 devices
             facts PhoneChanged×0 RequestRefused×1"
        ),
    );
    let policy = Policy { numbers_called: NumbersCalled::PremiumToo, ..Policy::NORM };
    check(
        policy,
        &format!("{signed_in}1 phone +979123456789 -> SecurityCredentials: ContactChanged, 1 devices"),
    );
}

#[test]
fn a_call_that_is_ordered_again_with_another_code() {
    let call = format!("{AT_STEP_2}calls lost\n1 call-me -> VerifyPhone: Calling, code\n");
    check(Policy::NORM, &format!("{call}facts CodeIssued×1 CallOrdered×1 NotSent×1 CodeVoided×0"));
    let policy = Policy { call_retry: CallRetry::WithNewCode, ..Policy::NORM };
    check(
        policy,
        &format!(
            "{call}facts CodeIssued×3 CallOrdered×3 NotSent×3 CodeVoided×2
             call 1 keys right -> CouldNot, Hangup
             call 3 keys right -> Verified, Hangup"
        ),
    );
}

#[test]
fn a_call_that_does_not_say_what_for() {
    let call = format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code\n");
    check(Policy::NORM, &format!("{call}call 1 fetch -> asks KeyInTheCode for 6 in 15 s, NoInput"));
    let policy = Policy { call_prompt: CallPrompt::AsksOnly, ..Policy::NORM };
    check(policy, &format!("{call}call 1 fetch -> asks KeyInACode for 6 in 15 s, NoInput"));
}

#[test]
fn codes_that_lose_their_leading_zeros() {
    let as_number = Policy { code_kept: CodeKept::AsNumber, ..Policy::NORM };
    let verified = "call 1 keys right -> Verified, Hangup";
    let refused = "call 1 keys right -> asks WrongCode for 6 in 15 s, NoInput";
    for (policy, code, comes_to) in [
        (Policy::NORM, 12_345, verified),
        (Policy::NORM, 0, verified),
        (as_number, 123_456, verified),
        (as_number, 12_345, refused),
        (as_number, 0, refused),
    ] {
        let call = format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code\n");
        Rehearsal::by(policy).check(&call).with_phone_code(code).check(comes_to);
    }
}

#[test]
fn wrong_pairs_that_nobody_counts() {
    let wrong = "1 pair bad bad -> Resync: NotInWindow\n";
    check(Policy::NORM, &format!("{SIGNING_IN}{}1 pair bad bad -> Resync: TryLater", wrong.repeat(5)));
    let policy = Policy { wrong_pairs: WrongPairs::Free, ..Policy::NORM };
    check(policy, &format!("{SIGNING_IN}{}", wrong.repeat(30)));
}

#[test]
fn a_removed_device_that_is_still_taken() {
    let replaced = format!(
        "{SIGNING_IN}1 code 0 -> SecurityCredentials, 1 devices
         1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices
         1 assign -> AssignDevice, secret
         1 assigned -1 0 -> SecurityCredentials: DeviceAssigned, 1 devices
         1 out -> SignIn: SignedOut
         {SIGNING_IN}wait 30s\n"
    );
    check(Policy::NORM, &format!("{replaced}1 code 0 -> MfaCode: WrongCode"));
    let policy = Policy { removed_devices: RemovedDevices::StillTaken, ..Policy::NORM };
    check(policy, &format!("{replaced}1 code 0 -> SecurityCredentials, 1 devices"));
}

#[test]
fn a_form_whose_number_goes_on_file() {
    let ticket = "2 ticket-changed +34600000009 -> ContactSupport: TicketFiled\n";
    let called =
        |number| format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code\nsent call to {number}");
    check(Policy::NORM, &format!("{ticket}facts PhoneChanged×0\n{}", called("+34600000001")));
    let policy = Policy { ticket_number: TicketNumber::GoesOnFile, ..Policy::NORM };
    check(policy, &format!("{ticket}facts PhoneChanged×1\n{}", called("+34600000009")));
    // The number already on file, and an invalid one.
    for number in ["+34600000001", "+34"] {
        check(
            policy,
            &format!("2 ticket-changed {number} -> ContactSupport: TicketFiled\nfacts PhoneChanged×0"),
        );
    }
    let other = "2 ticket +34600000009 -> ContactSupport: TicketFiled\nfacts PhoneChanged×0\n";
    check(policy, &format!("{other}{}", called("+34600000001")));
}

#[test]
fn a_call_that_somebody_or_something_answers() {
    let call = format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code\n");
    check(Policy::NORM, &format!("{call}call 1 0 InProgress -> Heard\nfacts PhoneVerified×0"));
    let policy = Policy { phone_proof: PhoneProof::AnsweredCall, ..Policy::NORM };
    check(policy, &format!("{call}call 1 0 Ringing -> Heard\nfacts PhoneVerified×0"));
    check(policy, &format!("{call}call 1 0 InProgress -> Heard\nfacts PhoneVerified×1"));
}

#[test]
fn status_callbacks_that_are_heard_whenever_they_come() {
    let late = format!(
        "{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code
         call 1 2 Ringing -> Heard
         facts StatusHeard×1
         call 1 1 Initiated -> Heard\n"
    );
    check(Policy::NORM, &format!("{late}facts StatusHeard×0"));
    let policy = Policy { callbacks: Callbacks::AsTheyCome, ..Policy::NORM };
    check(policy, &format!("{late}facts StatusHeard×1"));
}

#[test]
fn a_clock_that_stood_still_while_the_service_was_down() {
    let boots = "crash\nwait 2m\nrestart\n";
    let code = |off: &str, comes_to: &str| format!("{SIGNING_IN}1 code {off} -> {comes_to}\n");
    let wrong = "MfaCode: WrongCode";
    let right = "SecurityCredentials, 1 devices";
    check(Policy::NORM, &format!("{boots}{}{}", code("-4", wrong), code("0", right)));
    let policy = Policy { boot: Boot::BeforeTimeSync, ..Policy::NORM };
    check(policy, &format!("{boots}{}{}", code("0", wrong), code("-4", right)));
    check(policy, &format!("{boots}wait 10m\n{}{}", code("-4", wrong), code("0", right)));
}

#[test]
fn time_that_ends_in_january_2038() {
    // The script starts in 2027; eleven years and a week later, 32-bit Unix time has overflowed.
    let late = format!("wait 4100d\n{SIGNING_IN}1 code 0 -> ");
    check(Policy::NORM, &format!("{late}SecurityCredentials, 1 devices"));
    let policy = Policy { unix_time: UnixTime::Bits32, ..Policy::NORM };
    check(policy, &format!("{late}MfaCode: WrongCode"));
    check(policy, &format!("wait 4000d\n{SIGNING_IN}1 code 0 -> SecurityCredentials, 1 devices"));
}
