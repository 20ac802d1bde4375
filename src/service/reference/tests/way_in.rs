//! Weak policies on the sign-in path, each compared with the reference policy on the same requests.

use crate::base::secret::Token;
use crate::base::time::Span;
use crate::policy::{
    CountedFactors, CountedNames, Kept, LinkExpiry, LinkFetch, LinkShown, LinkToken, LinkWritten,
    MissingCode, NewSignIn, OlderSecrets, PartialSession, PasswordAndSessions, Policy, ProviderFailure,
    Resend, SetUp, Throttling,
};
use crate::service::reference::testkit::Rehearsal;

const SIGNING_IN: &str = "1 name ana -> Password\n1 password -> MfaCode\n";
const AT_STEP_1: &str = "1 alternative -> VerifyEmail\n1 mail -> VerifyEmail: MailSent\n";

/// Checks that the script ends one way under `Policy::NORM` and another under the weak policy.
#[track_caller]
fn differs(weak: Policy, script: &str, by_norm: &str, by_weak: &str) {
    for (policy, end) in [(Policy::NORM, by_norm), (weak, by_weak)] {
        Rehearsal::by(policy).check(&format!("{SIGNING_IN}{script}\n{end}"));
    }
}

#[test]
fn links_that_outlive_their_end() {
    let local = Policy { link_expiry: LinkExpiry::InLocalTime, ..Policy::NORM };
    let ignored = Policy { link_expiry: LinkExpiry::Ignored, ..Policy::NORM };
    let waits = |times: usize| AT_STEP_1.to_owned() + &"wait 50m\n1 open VerifyEmail\n".repeat(times);
    let (works, refused) =
        ("1 follow link 1 -> ConfirmEmail, button", "1 follow link 1 -> ConfirmEmail: LinkExpired");
    for weak in [local, ignored] {
        differs(weak, &waits(1), works, works);
        differs(weak, &waits(3), refused, works);
    }
    differs(local, &waits(4), refused, refused);
    differs(ignored, &waits(4), refused, works);
}

#[test]
fn a_link_that_anybody_can_work_out() {
    let secs = 1_800_000_000;
    for (link_token, foretold) in [(LinkToken::Random, false), (LinkToken::UserAndTime, true)] {
        let policy = Policy { link_token, ..Policy::NORM };
        let played = Rehearsal::by(policy).check(&format!("{SIGNING_IN}{AT_STEP_1}"));
        assert_eq!(played.links == [Token::of_user_and_time(0, secs)], foretold, "{link_token:?}");
    }
}

#[test]
fn a_link_that_stands_in_the_answer() {
    let shown = Policy { link_shown: LinkShown::InAnswerToo, ..Policy::NORM };
    let script = "1 alternative -> VerifyEmail";
    differs(shown, script, "1 mail -> VerifyEmail: MailSent", "1 mail -> VerifyEmail: MailSent, button");
    let later = "1 open VerifyEmail -> VerifyEmail: MailSent";
    differs(shown, &format!("{script}\n1 mail"), later, later);
}

#[test]
fn a_link_that_a_look_burns() {
    let burns = Policy { link_fetch: LinkFetch::Burns, ..Policy::NORM };
    let script = format!("{AT_STEP_1}3 probe link 1 -> ConfirmEmail");
    let (works, used) =
        ("1 follow link 1 -> ConfirmEmail, button", "1 follow link 1 -> ConfirmEmail: LinkUsed");
    differs(burns, &script, works, used);
}

#[test]
fn a_mail_that_kills_the_links_of_another_sign_in() {
    let kills = Policy { resend: Resend::KillsAllOfAccount, ..Policy::NORM };
    let script = format!(
        "{AT_STEP_1}2 name ana -> Password
         2 password -> MfaCode
         2 alternative -> VerifyEmail
         2 mail -> VerifyEmail: MailSent"
    );
    let (works, dead) =
        ("1 follow link 1 -> ConfirmEmail, button", "1 follow link 1 -> ConfirmEmail: LinkReplaced");
    differs(kills, &script, works, dead);
}

#[test]
fn a_recovery_that_outlives_a_change_of_factors() {
    let lives_on = Policy { older_secrets: OlderSecrets::LiveOn, ..Policy::NORM };
    let script = format!(
        "{AT_STEP_1}2 name ana -> Password
         2 password -> MfaCode
         2 code 0 -> SecurityCredentials, 1 devices
         2 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices"
    );
    let (goes_on, over) =
        ("1 confirm link 1 -> FinishSignIn: EmailVerified", "1 confirm link 1 -> SignIn: SessionOver");
    differs(lives_on, &script, over, goes_on);
}

#[test]
fn a_crash_between_a_link_and_its_step() {
    let script = format!(
        "{AT_STEP_1}1 confirm link 1 -> VerifyPhone: EmailVerified
         crash
         restart"
    );
    let link_first = Policy { link_written: LinkWritten::LinkFirst, ..Policy::NORM };
    let used = "1 confirm link 1 -> ConfirmEmail: LinkUsed";
    differs(
        link_first,
        &script,
        &format!("{used}\n1 open VerifyEmail -> VerifyPhone"),
        &format!("{used}\n1 open VerifyEmail -> VerifyEmail: MailSent"),
    );
    let step_first = Policy { link_written: LinkWritten::StepFirst, ..Policy::NORM };
    differs(
        step_first,
        &script,
        used,
        "1 confirm link 1 -> VerifyPhone: EmailVerified\nfacts LinkConfirmed×1",
    );
}

#[test]
fn a_counter_that_is_not_counted() {
    let forgets = Policy { counted_factors: CountedFactors::TimeBasedOnly, ..Policy::NORM };
    let name = "1 name ana -> Password\n";
    let (asked, open) = ("1 password -> MfaCode", "1 password -> SecurityCredentials: MfaOff, 1 devices");
    Rehearsal::by(Policy::NORM).with_a_counter().check(&format!("{name}{asked}"));
    Rehearsal::by(forgets).with_a_counter().check(&format!("{name}{open}"));
    Rehearsal::by(forgets).check(&format!("{name}{asked}"));
}

#[test]
fn a_form_without_its_code() {
    let passes = Policy { missing_code: MissingCode::Passes, ..Policy::NORM };
    differs(passes, "", "1 code none -> MfaCode: WrongCode", "1 code none -> SecurityCredentials, 1 devices");
    Rehearsal::by(passes).check(&format!("{SIGNING_IN}1 code bad -> MfaCode: WrongCode"));
}

#[test]
fn a_cookie_of_the_password_step_that_opens_the_console() {
    let full = Policy { partial_session: PartialSession::Full, ..Policy::NORM };
    differs(
        full,
        "",
        "1 open SecurityCredentials -> MfaCode: NotYet",
        "1 open SecurityCredentials -> SecurityCredentials, 1 devices",
    );
}

#[test]
fn a_password_that_signs_others_out() {
    let ends = Policy { password_and_sessions: PasswordAndSessions::EndsOthers, ..Policy::NORM };
    let script = "1 code 0 -> SecurityCredentials, 1 devices
        2 name ana -> Password
        2 password -> MfaCode";
    let (goes_on, over) = (
        "1 open SecurityCredentials -> SecurityCredentials, 1 devices",
        "1 open SecurityCredentials -> SignIn: SessionOver",
    );
    differs(ends, script, goes_on, over);
}

#[test]
fn a_sign_in_that_takes_over_from_the_one_before() {
    let script = format!(
        "{AT_STEP_1}1 confirm link 1 -> VerifyPhone: EmailVerified
         1 name ana -> Password
         1 password -> MfaCode"
    );
    let steps = Policy { new_sign_in: NewSignIn::KeepsSteps, ..Policy::NORM };
    differs(steps, &script, "1 alternative -> VerifyEmail", "1 alternative -> VerifyPhone");
    let all = Policy { new_sign_in: NewSignIn::KeepsAll, ..Policy::NORM };
    let signed_in = "1 code 0 -> SecurityCredentials, 1 devices";
    differs(
        all,
        signed_in,
        "1 name ben -> Password\nfacts SignedIn×0",
        "1 name ben -> SecurityCredentials, 1 devices\nfacts SignedIn×1",
    );
    differs(all, "", "1 name ben -> Password", "1 name ben -> MfaCode\nfacts SignedIn×0");
}

#[test]
fn only_names_that_somebody_has_are_throttled() {
    let known = Policy { counted_names: CountedNames::ThatExist, ..Policy::NORM };
    let tries = |name: &str| {
        format!("1 name {name} -> Password\n") + &"1 password bad -> Password: WrongPassword\n".repeat(5)
    };
    let (refused, looked) =
        ("1 password bad -> Password: TryLater", "1 password bad -> Password: WrongPassword");
    differs(known, &tries("ben"), refused, refused);
    differs(known, &tries("nobody"), refused, looked);
}

#[test]
fn wrong_codes_that_close_the_way_round_them() {
    let closes = Policy { throttling: Throttling::AlternativesToo, ..Policy::NORM };
    let script = "1 code bad -> MfaCode: WrongCode\n".repeat(5);
    let (open, closed) = ("1 alternative -> VerifyEmail", "1 alternative -> TroubleshootMfa: TryLater");
    differs(closes, &script, open, closed);
    differs(closes, &format!("{script}wait 31s"), open, open);
}

#[test]
fn notices_that_wait_in_memory() {
    let in_memory = Policy { notices_kept: Kept::InMemory, ..Policy::NORM };
    let script = "1 code 0 -> SecurityCredentials, 1 devices
        mails 450
        1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices
        crash
        restart
        mails taken
        wait 2m";
    let told = "sent Deactivation to 0, Deactivation to 1";
    let told = told.replace("Deactivation", "DeactivationNotice");
    differs(in_memory, script, &told, "sent nothing");
}

#[test]
fn devices_that_go_and_come_too_early() {
    let script = "1 code 0 -> SecurityCredentials, 1 devices\n1 assign -> AssignDevice, secret";
    let drops = Policy { set_up: SetUp::DropsOld, ..Policy::NORM };
    let at_once = Policy { set_up: SetUp::CountsAtOnce, ..Policy::NORM };
    let credentials =
        |devices: u8| format!("1 open SecurityCredentials -> SecurityCredentials, {devices} devices");
    differs(drops, script, &credentials(1), &credentials(0));
    differs(at_once, script, &credentials(1), &credentials(2));
    let done = format!("{script}\n1 assigned -1 0");
    differs(at_once, &done, &credentials(2), &credentials(2));
}

#[test]
fn a_copy_that_lags_behind_still_has_the_device() {
    let lags = Policy { removal_lag: Span::MINUTE, ..Policy::NORM };
    let script = |wait: &str| {
        format!(
            "1 code 0 -> SecurityCredentials, 1 devices
             1 deactivate 0 -> SecurityCredentials: DeviceDeactivated, 0 devices
             wait {wait}
             2 name ana -> Password"
        )
    };
    let (off, on) = (
        "2 password -> VerifyEmail: MfaOffVerify",
        "2 password -> MfaCode\n2 code 0 -> SecurityCredentials, 0 devices",
    );
    differs(lags, &script("30s"), off, on);
    differs(lags, &script("61s"), off, off);
}

#[test]
fn refused_calls_that_are_the_users() {
    let users = Policy { provider_failure: ProviderFailure::User, ..Policy::NORM };
    let script = format!(
        "{AT_STEP_1}1 confirm link 1 -> VerifyPhone: EmailVerified
         calls refused
         1 call-me -> VerifyPhone: Calling, code
         1 call-me -> VerifyPhone: Calling, code
         1 call-me -> VerifyPhone: Calling, code"
    );
    let (free, too_many) =
        ("1 call-me -> VerifyPhone: Calling, code", "1 call-me -> VerifyPhone: TooManyCalls");
    differs(users, &script, free, &format!("{too_many}, code"));
}
