//! Step 2 and the end of recovery: phone codes, calls, and which failures count.

use crate::base::time::Span;
use crate::policy::{PhoneDirection, Policy};
use crate::service::reference::testkit::Rehearsal;

/// Browser 1 has reached step 2 for Ana's account.
const AT_STEP_2: &str = "1 name ana -> Password
    1 password -> MfaCode
    1 alternative -> VerifyEmail
    1 mail -> VerifyEmail: MailSent
    1 confirm link 1 -> VerifyPhone: EmailVerified\n";

#[track_caller]
fn check(policy: Policy, script: &str) {
    Rehearsal::by(policy).check(&format!("{AT_STEP_2}{script}"));
}

const SPOKEN: Policy = Policy { phone_direction: PhoneDirection::PhoneToScreen, ..Policy::NORM };

#[test]
fn the_right_keys_in_the_call_end_recovery_in_a_session() {
    check(
        Policy::NORM,
        "1 call-me -> VerifyPhone: Calling, code
         sent call to +34600000001
         call 1 fetch -> asks KeyInTheCode for 6 in 15 s, NoInput
         call 1 keys right -> Verified, Hangup
         facts CodeAccepted×1 PhoneVerified×1
         1 open VerifyPhone -> FinishSignIn: PhoneVerified
         offers FinishSignIn
         1 call-me -> FinishSignIn: PhoneVerified
         sent nothing
         call 1 0 Completed -> Heard
         facts PhoneFailed×0
         wait 1h
         facts PhoneFailed×0
         call 1 keys right -> CouldNot, Hangup
         1 finish -> SecurityCredentials, 1 devices
         sent RecoveryNotice to 0, RecoveryNotice to 1",
    );
}

#[test]
fn a_call_that_was_completed_proves_nothing() {
    for end in ["Completed", "Busy", "NoAnswer", "Failed", "Canceled"] {
        check(
            Policy::NORM,
            &format!(
                "1 call-me -> VerifyPhone: Calling, code
                 call 1 0 {end} -> Heard
                 facts PhoneFailed×1 PhoneVerified×0
                 1 open VerifyPhone -> VerifyPhone: PhoneFailed, code
                 1 finish -> VerifyPhone: NotYet, code",
            ),
        );
    }
}

#[test]
fn callbacks_count_once_and_in_their_order() {
    check(
        Policy::NORM,
        "1 call-me -> VerifyPhone: Calling, code
         call 1 2 InProgress -> Heard
         facts StatusHeard×1
         call 1 1 Ringing -> Heard
         facts StatusHeard×0
         call 1 2 Failed -> Heard
         facts StatusHeard×0 PhoneFailed×0
         call 1 3 Completed -> Heard
         facts StatusHeard×1 PhoneFailed×1
         call 1 4 Ringing -> Heard
         1 open VerifyPhone -> VerifyPhone: PhoneFailed, code
         call 1 5 NoAnswer -> Heard
         facts PhoneFailed×0",
    );
}

#[test]
fn whoever_waits_for_a_call_that_gets_nowhere_is_told_so_in_time() {
    // 40 s of ringing plus 50 s of slack.
    check(
        Policy::NORM,
        "1 call-me -> VerifyPhone: Calling, code
         wait 1m29s999ms
         facts PhoneFailed×0
         wait 1ms
         facts PhoneFailed×1
         1 open VerifyPhone -> VerifyPhone: PhoneFailed, code
         call 1 keys right -> Verified, Hangup
         1 open VerifyPhone -> FinishSignIn: PhoneVerified",
    );
    // A callback extends the deadline and never shortens it.
    check(
        Policy::NORM,
        "1 call-me -> VerifyPhone: Calling, code
         call 1 0 Initiated -> Heard
         wait 1m29s999ms
         call 1 1 Ringing -> Heard
         wait 49s999ms
         facts PhoneFailed×0
         wait 1ms
         facts PhoneFailed×1",
    );
    for sign in ["call 1 0 InProgress -> Heard", "call 1 fetch -> asks KeyInTheCode for 6 in 15 s, NoInput"] {
        check(
            Policy::NORM,
            &format!(
                "1 call-me -> VerifyPhone: Calling, code
                 {sign}
                 wait 4m59s999ms
                 facts PhoneFailed×0
                 wait 1ms
                 facts PhoneFailed×1",
            ),
        );
    }
}

#[test]
fn a_code_lives_for_as_long_as_the_policy_says_and_is_shown_no_longer() {
    check(
        Policy::NORM,
        "1 call-me -> VerifyPhone: Calling, code
         wait 10m
         1 open VerifyPhone -> VerifyPhone: PhoneFailed, code
         call 1 fetch -> asks KeyInTheCode for 6 in 15 s, NoInput
         call 1 keys right -> Verified, Hangup",
    );
    check(
        Policy { code_lifetime: Span::from_mins(4), ..Policy::NORM },
        "1 call-me -> VerifyPhone: Calling, code
         call 1 0 InProgress -> Heard
         wait 4m
         1 open VerifyPhone -> VerifyPhone: Calling, code
         wait 1ms
         1 open VerifyPhone -> VerifyPhone: CodeExpired
         call 1 fetch -> CouldNot, Hangup
         call 1 keys right -> CouldNot, Hangup
         facts CodeVoided×1
         1 open VerifyPhone -> VerifyPhone: CodeExpired",
    );
}

#[test]
fn the_tries_of_a_code_are_used_up_and_a_new_code_does_not_refill_them() {
    check(
        Policy::NORM,
        "1 call-me -> VerifyPhone: Calling, code
         call 1 fetch -> asks KeyInTheCode for 6 in 15 s, NoInput
         call 1 keys wrong -> asks WrongCode for 6 in 15 s, NoInput
         call 1 keys nothing -> asks WrongCode for 6 in 15 s, NoInput
         call 1 keys wrong -> asks WrongCode for 6 in 15 s, NoInput
         call 1 keys wrong -> asks WrongCode for 6 in 15 s, NoInput
         facts Throttled×0 CodeVoided×0
         call 1 keys wrong -> CouldNot, Hangup
         facts Throttled×1 CodeVoided×1
         call 1 keys right -> CouldNot, Hangup
         1 call-me -> VerifyPhone: TooManyTries
         wait 5m
         facts PhoneFailed×0
         1 open VerifyPhone -> VerifyPhone: TooManyTries
         1 call-me -> VerifyPhone: Calling, code
         call 2 keys wrong -> asks WrongCode for 6 in 15 s, NoInput
         facts Throttled×1
         crash
         restart
         call 2 keys right -> CouldNot, Hangup
         facts CodeRefused×1
         wait 59s999ms
         call 2 keys right -> CouldNot, Hangup
         wait 1ms
         call 2 keys right -> Verified, Hangup",
    );
}

#[test]
fn after_failures_max_wrong_codes_only_support_can_help_and_it_does() {
    check(
        Policy { failures_max: 2, ..Policy::NORM },
        "1 call-me -> VerifyPhone: Calling, code
         call 1 keys wrong -> asks WrongCode for 6 in 15 s, NoInput
         call 1 keys wrong -> asks WrongCode for 6 in 15 s, NoInput
         call 1 keys right -> CouldNot, Hangup
         wait 50m
         1 call-me -> VerifyPhone: TooManyTries
         offers CallMe Support
         reset 0 1 -> Done
         1 name ana -> SignIn: SessionOver
         1 name ana -> Password
         1 password -> VerifyEmail: MfaOffVerify",
    );
}

#[test]
fn calls_are_bounded_for_an_account_across_sessions_and_the_bound_opens_again() {
    check(
        Policy { calls_per_hour: 2, calls_per_day: 3, session_idle: Span::DAY, ..Policy::NORM },
        "1 call-me -> VerifyPhone: Calling, code
         wait 10m
         1 call-me -> VerifyPhone: Calling, code
         facts CodeVoided×1
         1 call-me -> VerifyPhone: TooManyCalls, code
         facts CodeVoided×0 RequestRefused×1
         wait 49m59s999ms
         1 call-me -> VerifyPhone: TooManyCalls
         wait 1ms
         1 call-me -> VerifyPhone: Calling, code
         wait 22h
         1 call-me -> VerifyPhone: TooManyCalls
         wait 1h
         1 call-me -> VerifyPhone: Calling, code",
    );
}

#[test]
fn of_two_calls_the_newer_one_counts_and_what_becomes_of_the_older_is_no_news() {
    check(
        Policy::NORM,
        "1 call-me -> VerifyPhone: Calling, code
         wait 20s
         1 call-me -> VerifyPhone: Calling, code
         call 1 fetch -> CouldNot, Hangup
         call 1 keys those-of-2 -> CouldNot, Hangup
         call 1 keys right -> CouldNot, Hangup
         call 1 0 Completed -> Heard
         facts PhoneFailed×0
         1 open VerifyPhone -> VerifyPhone: Calling, code
         call 2 fetch -> asks KeyInTheCode for 6 in 15 s, NoInput
         call 2 keys those-of-1 -> asks WrongCode for 6 in 15 s, NoInput
         call 2 keys right -> Verified, Hangup",
    );
    // Attempts in two browsers have separate codes.
    check(
        Policy::NORM,
        "2 name ana -> Password
         2 password -> MfaCode
         2 alternative -> VerifyEmail
         2 mail -> VerifyEmail: MailSent
         2 confirm link 2 -> VerifyPhone: EmailVerified
         1 call-me -> VerifyPhone: Calling, code
         2 call-me -> VerifyPhone: Calling, code
         facts CodeVoided×0
         call 2 keys those-of-1 -> asks WrongCode for 6 in 15 s, NoInput
         call 1 keys right -> Verified, Hangup
         2 open VerifyPhone -> VerifyPhone: Calling, code
         1 open VerifyPhone -> FinishSignIn: PhoneVerified",
    );
}

#[test]
fn a_call_is_for_nobody_once_its_attempt_is_over() {
    for over in ["1 out -> SignIn: SignedOut", "1 code 0 -> SecurityCredentials, 1 devices"] {
        check(
            Policy::NORM,
            &format!(
                "1 call-me -> VerifyPhone: Calling, code
                 {over}
                 call 1 fetch -> CouldNot, Hangup
                 call 1 keys right -> CouldNot, Hangup
                 facts PhoneVerified×0 CodeRefused×1",
            ),
        );
    }
    check(
        Policy { session_idle: Span::from_mins(5), ..Policy::NORM },
        "1 call-me -> VerifyPhone: Calling, code
         wait 5m1ms
         call 1 fetch -> CouldNot, Hangup
         call 1 keys right -> CouldNot, Hangup
         facts PhoneVerified×0",
    );
}

#[test]
fn requests_that_no_call_of_ours_made_are_refused() {
    check(
        Policy::NORM,
        "1 call-me -> VerifyPhone: Calling, code
         call 1 fetch unsigned -> Forbidden
         call 1 keys right unsigned -> Forbidden
         call 1 0 Completed unsigned -> Forbidden
         facts WebhookRefused×1 PhoneFailed×0
         call 9 fetch -> NotFound
         facts WebhookRefused×1
         call 1 keys right -> Verified, Hangup",
    );
}

#[test]
fn voicemail_is_hung_up_on_where_it_is_told_from_a_person() {
    for (who, told, failed) in [
        ("voicemail", "Hangup", 1),
        ("fax", "Hangup", 1),
        ("person", "asks KeyInTheCode for 6 in 15 s, NoInput", 0),
    ] {
        check(
            Policy { machine_detection: true, ..Policy::NORM },
            &format!(
                "1 call-me -> VerifyPhone: Calling, code
                 call 1 fetch {who} -> {told}
                 facts PhoneFailed×{failed}",
            ),
        );
    }
}

#[test]
fn a_spoken_code_is_typed_on_the_page_and_a_shown_one_is_not() {
    check(
        SPOKEN,
        "1 spoken wrong -> VerifyPhone: NotYet
         1 call-me -> VerifyPhone: Calling
         offers CallMe SubmitSpoken Support
         call 1 fetch -> TheCode, Pause(Span(2000)), TheCode
         call 1 0 Completed -> Heard
         wait 9m
         facts PhoneFailed×0
         1 spoken wrong -> VerifyPhone: PhoneFailed
         1 spoken right -> FinishSignIn: PhoneVerified",
    );
    check(
        SPOKEN,
        "1 call-me -> VerifyPhone: Calling\nwait 10m1ms\n1 spoken right -> VerifyPhone: CodeExpired",
    );
    check(SPOKEN, "1 call-me -> VerifyPhone: Calling\ncall 1 0 Busy -> Heard\nfacts PhoneFailed×1");
    check(
        Policy::NORM,
        "1 call-me -> VerifyPhone: Calling, code\n1 spoken right -> VerifyPhone: NotYet, code",
    );
    check(
        SPOKEN,
        "1 call-me -> VerifyPhone: Calling
         1 code 0 -> SecurityCredentials, 1 devices
         1 spoken right -> SecurityCredentials: NotYet, 1 devices",
    );
    check(
        SPOKEN,
        "1 call-me -> VerifyPhone: Calling
         1 spoken wrong -> VerifyPhone: PhoneFailed
         1 spoken wrong -> VerifyPhone: PhoneFailed
         1 spoken wrong -> VerifyPhone: PhoneFailed
         1 spoken wrong -> VerifyPhone: PhoneFailed
         1 spoken wrong -> VerifyPhone: PhoneFailed
         1 spoken right -> VerifyPhone: TooManyTries",
    );
}

#[test]
fn with_no_number_on_file_self_service_ends_before_step_1() {
    Rehearsal::by(Policy::NORM).without_phone().check(
        "1 name ana -> Password
         1 password -> MfaCode
         1 alternative -> TroubleshootMfa: NoPhone
         facts RecoveryChosen×0 RequestRefused×1
         offers ChooseResync ChooseAlternative Support
         1 mail -> MfaCode: NotYet",
    );
}

#[test]
fn a_document_that_is_asked_for_once_more_makes_the_talk_no_longer() {
    Rehearsal::by(Policy::NORM).check(&format!(
        "{AT_STEP_2}
         1 call-me -> VerifyPhone: Calling, code
         call 1 0 InProgress -> Heard
         wait 4m
         call 1 fetch -> asks KeyInTheCode for 6 in 15 s, NoInput
         call 1 fetch -> asks KeyInTheCode for 6 in 15 s, NoInput
         call 1 1 InProgress -> Heard
         1 open VerifyPhone -> VerifyPhone: Calling, code
         wait 1m
         facts PhoneFailed×1
         1 open VerifyPhone -> VerifyPhone: PhoneFailed, code",
    ));
}
