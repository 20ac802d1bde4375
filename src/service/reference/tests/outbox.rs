//! The outbox: order, retries, and the effects of a crash.

use crate::base::time::Span;
use crate::policy::{Kept, Notify, OutboxOrder, Policy, ProviderFailure};
use crate::service::reference::testkit::Rehearsal;

const AT_STEP_1: &str = "1 name ana -> Password\n1 password -> MfaCode\n1 alternative -> VerifyEmail\n";

const IDLE: Policy = Policy { session_idle: Span::DAY, link_lifetime: Span::DAY, ..Policy::NORM };

#[track_caller]
fn check(policy: Policy, script: &str) {
    Rehearsal::by(policy).check(&format!("{AT_STEP_1}{script}"));
}

#[test]
fn a_mail_that_is_put_off_is_sent_again_later_and_later() {
    for answer in ["450", "499", "lost"] {
        check(
            IDLE,
            &format!(
                "mails {answer}
                 1 mail -> VerifyEmail: MailSent
                 sent Verification to 0
                 facts NotSent×1
                 wait 59s999ms
                 sent nothing
                 wait 1ms
                 sent Verification to 0
                 wait 5m
                 sent Verification to 0
                 wait 15m
                 sent Verification to 0
                 wait 29m59s999ms
                 sent nothing
                 wait 1ms
                 sent Verification to 0
                 mails taken
                 wait 30m
                 sent Verification to 0
                 facts Sent×1
                 wait 1h
                 sent nothing
                 1 confirm link 1 -> VerifyPhone: EmailVerified",
            ),
        );
    }
}

#[test]
fn a_mail_is_given_up_when_it_is_refused_for_good_or_was_tried_for_long_enough() {
    check(
        IDLE,
        "mails 500
         1 mail -> VerifyEmail: MailSent
         facts NotSent×1
         wait 2d
         sent nothing",
    );
    // The 60th try is the last: 21 minutes plus 56 half-hours after the first.
    let policy = Policy { session_idle: Span::from_days(3), session_max: Span::from_days(3), ..Policy::NORM };
    check(
        policy,
        "mails 450
         1 mail -> VerifyEmail: MailSent
         wait 1d4h20m59s999ms
         facts NotSent×58
         1 open VerifyEmail -> VerifyEmail: MailSent
         wait 1ms
         facts NotSent×1
         1 open VerifyEmail -> VerifyEmail: MailFailed
         wait 1d
         sent nothing",
    );
}

#[test]
fn after_a_crash_what_was_not_marked_as_sent_is_sent_again_but_for_calls() {
    check(
        Policy::NORM,
        "mails unanswered
         calls unanswered
         1 mail -> VerifyEmail: MailSent
         sent Verification to 0
         wait 1m
         sent nothing
         crash
         sent nothing
         mails taken
         restart
         sent Verification to 0
         facts Sent×1
         1 confirm link 1 -> VerifyPhone: EmailVerified
         1 call-me -> VerifyPhone: Calling, code
         sent call to +34600000001
         crash
         wait 5m
         facts PhoneFailed×0
         restart
         sent nothing
         facts NotSent×1
         wait 0s
         facts PhoneFailed×1
         1 open VerifyPhone -> VerifyPhone: PhoneFailed, code
         crash
         restart
         facts NotSent×0",
    );
}

#[test]
fn a_ticket_waits_for_a_desk_that_is_down() {
    for answer in ["failed", "lost"] {
        Rehearsal::by(Policy::NORM).check(&format!(
            "tickets {answer}
             1 ticket -> ContactSupport: TicketFiled
             sent ticket
             tickets taken
             wait 1m
             sent ticket
             wait 1d
             sent nothing",
        ));
    }
}

#[test]
fn a_link_that_was_sent_before_it_was_recorded_is_forgotten_in_a_crash() {
    for (outbox, told) in [
        (OutboxOrder::RecordThenSend, "VerifyPhone: EmailVerified"),
        (OutboxOrder::SendThenRecord, "ConfirmEmail: LinkUnknown"),
    ] {
        check(
            Policy { outbox, ..Policy::NORM },
            &format!(
                "mails unanswered
                 1 mail -> VerifyEmail: MailSent
                 crash
                 restart
                 1 confirm link 1 -> {told}",
            ),
        );
    }
    check(
        Policy { outbox: OutboxOrder::SendThenRecord, ..Policy::NORM },
        "1 mail -> VerifyEmail: MailSent
         crash
         facts LinkVoided×0
         restart
         1 confirm link 1 -> VerifyPhone: EmailVerified
         crash
         facts LinkVoided×0",
    );
}

#[test]
fn a_refused_call_is_held_against_nobody_unless_the_policy_says_so() {
    let at_step_2 = "1 mail -> VerifyEmail: MailSent\n1 confirm link 1 -> VerifyPhone: EmailVerified\n";
    let refused = "1 call-me -> VerifyPhone: Calling, code
        facts PhoneFailed×1 NotSent×1
        1 open VerifyPhone -> VerifyPhone: PhoneFailed, code\n";
    check(
        Policy::NORM,
        &format!(
            "{at_step_2}calls refused\n{}calls taken\n1 call-me -> VerifyPhone: Calling, code",
            refused.repeat(4)
        ),
    );
    check(
        Policy { provider_failure: ProviderFailure::User, code_tries: 2, ..Policy::NORM },
        &format!(
            "{at_step_2}calls refused\n{}1 call-me -> VerifyPhone: TooManyTries, code",
            refused.repeat(2)
        ),
    );
    // The phone may have rung, so the call counts against the limit.
    for answer in ["503", "lost"] {
        check(
            Policy { calls_per_hour: 1, ..Policy::NORM },
            &format!(
                "{at_step_2}
                 calls {answer}
                 1 call-me -> VerifyPhone: Calling, code
                 facts NotSent×1 PhoneFailed×0
                 1 call-me -> VerifyPhone: TooManyCalls, code
                 call 1 keys right -> Verified, Hangup",
            ),
        );
    }
}

#[test]
fn who_is_told_is_the_policys_to_say() {
    for (notify, sent) in [
        (Notify::AllAddresses, "ResyncNotice to 0, ResyncNotice to 1"),
        (Notify::FirstAddress, "ResyncNotice to 0"),
        (Notify::Nobody, "nothing"),
    ] {
        Rehearsal::by(Policy { notify, ..Policy::NORM }).check(&format!(
            "1 name ana -> Password
             1 password -> MfaCode
             1 pair -1 0 -> MfaCode: InSync
             sent {sent}",
        ));
    }
}

#[test]
fn counts_that_are_kept_in_memory_are_gone_with_it() {
    let guesses = "1 code bad -> MfaCode: WrongCode\n".repeat(5);
    let policy =
        Policy { mails_per_hour: 1, calls_per_hour: 1, code_tries: 1, failures_max: 6, ..Policy::NORM };
    let script = |password: &str, code: &str, mail: &str, call: &str, last: &str| {
        format!(
            "2 name ana -> Password
             2 password a -> Password: WrongPassword
             2 password b -> Password: WrongPassword
             2 password c -> Password: WrongPassword
             2 password d -> Password: WrongPassword
             2 password e -> Password: WrongPassword
             1 mail -> VerifyEmail: MailSent
             1 confirm link 1 -> VerifyPhone: EmailVerified
             1 call-me -> VerifyPhone: Calling, code
             call 1 keys wrong -> CouldNot, Hangup
             {guesses}
             crash
             restart
             2 password -> {password}
             3 name ana -> Password
             wait 30s
             3 password -> MfaCode
             3 alternative -> VerifyEmail
             3 mail -> VerifyEmail: {mail}
             1 call-me -> VerifyPhone: {call}
             1 code {code}
             1 code {last}",
        )
    };
    check(
        policy,
        &script(
            "Password: TryLater",
            "bad -> MfaCode: WrongCode",
            "TooManyMails",
            "TooManyCalls",
            "0 -> MfaCode: TryLater",
        ),
    );
    check(
        Policy { counts_kept: Kept::InMemory, ..policy },
        &script(
            "MfaCode",
            "bad -> MfaCode: WrongCode",
            "MailSent",
            "Calling, code",
            "0 -> SecurityCredentials, 1 devices",
        ),
    );
}

#[test]
fn a_crash_takes_notices_that_wait_in_memory_and_nothing_else() {
    for (notices_kept, sent) in [
        (Kept::Durably, "ResyncNotice to 0, ResyncNotice to 1, Verification to 0"),
        (Kept::InMemory, "Verification to 0"),
    ] {
        Rehearsal::by(Policy { notices_kept, ..Policy::NORM }).check(&format!(
            "mails 451
             1 name ana -> Password
             1 password -> MfaCode
             1 pair -1 0 -> MfaCode: InSync
             1 alternative -> VerifyEmail
             1 mail -> VerifyEmail: MailSent
             crash
             mails taken
             restart
             wait 2m
             sent {sent}"
        ));
    }
}
