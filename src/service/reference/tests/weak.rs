//! Weak policies: each has its documented effect and no other. All are flaws of real services.

use crate::policy::{
    AlternativeFactors, Csrf, FactorChanges, Lockout, PasswordAndCount, PhoneDirection, PhoneNumber,
    PhoneProof, Policy, StepOrder, TriesAcross, UnknownUser, Uses, WebhookSignature,
};
use crate::service::reference::testkit::Rehearsal;

const SIGNING_IN: &str = "1 name ana -> Password\n1 password -> MfaCode\n";
const AT_STEP_2: &str = "1 alternative -> VerifyEmail
    1 mail -> VerifyEmail: MailSent
    1 confirm link 1 -> VerifyPhone: EmailVerified\n";

#[track_caller]
fn check(policy: Policy, script: &str) {
    Rehearsal::by(policy).check(&format!("{SIGNING_IN}{script}"));
}

#[test]
fn a_service_that_says_who_has_no_account() {
    let policy = Policy { unknown_user: UnknownUser::Said, ..Policy::NORM };
    Rehearsal::by(policy).check("1 name nobody -> SignIn: UnknownUser\n1 name ben -> Password");
    Rehearsal::by(Policy::NORM).check("1 name nobody -> Password\n1 password -> Password: WrongPassword");
}

#[test]
fn a_right_password_that_forgives_wrong_codes() {
    let again =
        "1 code bad -> MfaCode: WrongCode\n".repeat(4) + SIGNING_IN + "1 code bad -> MfaCode: WrongCode\n";
    check(Policy::NORM, &format!("{again}facts Throttled×1"));
    let resets = Policy { password_and_count: PasswordAndCount::Resets, ..Policy::NORM };
    check(resets, &format!("{again}facts Throttled×0"));
}

#[test]
fn failures_that_shut_the_account_and_failures_that_do_nothing() {
    let script = "1 code bad -> MfaCode: WrongCode
        1 code bad -> MfaCode: WrongCode
        facts DeviceDisabled×0
        2 name ana -> Password\n";
    let policy = Policy { failures_max: 2, lockout: Lockout::AccountForGood, ..Policy::NORM };
    check(
        policy,
        &format!(
            "{script}
             2 password -> Password: WrongPassword
             reset 0 1 -> Done
             2 password -> VerifyEmail: MfaOffVerify"
        ),
    );
    let none = Policy { lockout: Lockout::None, ..policy };
    check(none, &format!("{script}2 password -> MfaCode\n2 code 0 -> SecurityCredentials, 1 devices"));
}

#[test]
fn steps_that_can_be_skipped_by_their_address() {
    let policy = Policy { step_order: StepOrder::Free, ..Policy::NORM };
    Rehearsal::by(policy).check("1 open ContactSupport -> ContactSupport\n1 open Forbidden -> Forbidden\n1 open SecurityCredentials -> SignIn: NotYet\n1 name ana -> Password\n1 open SecurityCredentials -> Password: NotYet");
    check(
        policy,
        "1 open SecurityCredentials -> SecurityCredentials, 1 devices\nfacts SignedIn×1\n1 open SecurityCredentials -> SecurityCredentials, 1 devices\nfacts SignedIn×0",
    );
    check(
        policy,
        "1 open VerifyPhone -> VerifyPhone\n1 call-me -> VerifyPhone: Calling, code\nsent call to +34600000001\n1 finish -> SecurityCredentials, 1 devices",
    );
    check(
        policy,
        "1 mail -> VerifyEmail: MailSent\nsent Verification to 0\n1 confirm link 1 -> MfaCode: EmailVerified",
    );
}

#[test]
fn one_of_the_two_steps_is_enough() {
    let email = Policy { alternative_factors: AlternativeFactors::EmailOnly, ..Policy::NORM };
    Rehearsal::by(email).without_phone().check(&format!(
        "{SIGNING_IN}1 alternative -> VerifyEmail
         1 mail -> VerifyEmail: MailSent
         1 confirm link 1 -> FinishSignIn: EmailVerified
         1 finish -> SecurityCredentials, 1 devices",
    ));
    let phone = Policy { alternative_factors: AlternativeFactors::PhoneOnly, ..Policy::NORM };
    check(
        phone,
        "1 alternative -> VerifyPhone
         1 call-me -> VerifyPhone: Calling, code
         call 1 keys right -> Verified, Hangup
         1 finish -> SecurityCredentials, 1 devices",
    );
}

#[test]
fn a_number_that_somebody_typed_is_called() {
    let script = |number: &str| {
        format!(
            "2 ticket +34600000009 -> ContactSupport: TicketFiled\n{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code\nsent call to {number}"
        )
    };
    check(Policy::NORM, &script("+34600000001"));
    check(Policy { phone_number: PhoneNumber::LastTyped, ..Policy::NORM }, &script("+34600000009"));
}

#[test]
fn what_completes_the_phone_step_where_right_digits_in_their_call_do_not() {
    let two = format!(
        "{AT_STEP_2}
         1 call-me -> VerifyPhone: Calling, code
         2 name ben -> Password
         2 password -> MfaCode
         2 alternative -> VerifyEmail
         2 mail -> VerifyEmail: MailSent
         2 confirm link 2 -> VerifyPhone: EmailVerified
         2 call-me -> VerifyPhone: Calling, code\n"
    );
    check(
        Policy::NORM,
        &format!(
            "{two}call 1 keys those-of-2 -> asks WrongCode for 6 in 15 s, NoInput\nfacts PhoneVerified×0"
        ),
    );
    let any = Policy { phone_proof: PhoneProof::AnyLiveCode, ..Policy::NORM };
    check(
        any,
        &format!(
            "{two}call 1 keys those-of-2 -> Verified, Hangup\n2 open VerifyPhone -> FinishSignIn: PhoneVerified"
        ),
    );
    check(
        any,
        &format!("{two}call 1 keys wrong -> asks WrongCode for 6 in 15 s, NoInput\nfacts CodeRefused×1"),
    );
    let completed = Policy { phone_proof: PhoneProof::CompletedCall, ..Policy::NORM };
    let call = format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code\n");
    check(
        completed,
        &format!("{call}call 1 0 Completed -> Heard\n1 open VerifyPhone -> FinishSignIn: PhoneVerified"),
    );
    check(completed, &format!("{call}call 1 0 NoAnswer -> Heard\nfacts PhoneFailed×1 PhoneVerified×0"));
    let spoken = Policy { phone_direction: PhoneDirection::PhoneToScreen, ..completed };
    let call = format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling\n");
    check(spoken, &format!("{call}call 1 0 Completed -> Heard\nfacts PhoneVerified×1"));
}

#[test]
fn codes_that_work_twice_and_tries_that_a_new_code_refills() {
    let call = format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code\n");
    let many = Policy { code_uses: Uses::Many, ..Policy::NORM };
    let twice = "call 1 keys right -> Verified, Hangup\ncall 1 keys right -> ";
    check(many, &format!("{call}{twice}Verified, Hangup\nfacts CodeAccepted×1 PhoneVerified×0"));
    check(Policy::NORM, &format!("{call}{twice}CouldNot, Hangup"));
    let refills = Policy { code_tries_across: TriesAcross::Code, code_tries: 2, ..Policy::NORM };
    check(
        refills,
        &format!(
            "{call}call 1 keys wrong -> asks WrongCode for 6 in 15 s, NoInput
             call 1 keys wrong -> CouldNot, Hangup
             facts Throttled×0 CodeVoided×1
             1 call-me -> VerifyPhone: Calling, code
             call 2 keys wrong -> asks WrongCode for 6 in 15 s, NoInput
             call 2 keys right -> Verified, Hangup"
        ),
    );
}

#[test]
fn requests_that_nobody_has_to_sign_and_forms_from_anywhere() {
    let unsigned = Policy { webhook_signature: WebhookSignature::Ignored, ..Policy::NORM };
    let call = format!("{AT_STEP_2}1 call-me -> VerifyPhone: Calling, code\n");
    check(unsigned, &format!("{call}call 1 keys right unsigned -> Verified, Hangup"));
    let csrf = Policy { csrf: Csrf::Ignored, ..Policy::NORM };
    check(
        csrf,
        "1 code 0 -> SecurityCredentials, 1 devices\n1 deactivate 0 forged -> SecurityCredentials: DeviceDeactivated, 0 devices",
    );
}

#[test]
fn factors_that_change_for_a_password_alone() {
    let policy = Policy { factor_changes: FactorChanges::PasswordIsEnough, ..Policy::NORM };
    for page in ["", "1 alternative -> VerifyEmail\n"] {
        check(policy, &format!("{page}1 deactivate 0 -> SecurityCredentials: DeviceDeactivated"));
        check(
            policy,
            &format!(
                "{page}1 assign -> AssignDevice, secret\n1 assigned -1 0 -> SecurityCredentials: DeviceAssigned"
            ),
        );
        check(policy, &format!("{page}1 phone +34600000009 -> SecurityCredentials: ContactChanged"));
    }
}
