//! Step 1: the email, its link, and the browsers that open it.

use crate::base::time::Span;
use crate::policy::{LinkBound, LinkFetch, OtherBrowser, Policy, Resend, Uses};
use crate::service::reference::testkit::Rehearsal;

/// Browser 1 has an attempt for Ana and requested one email.
const ASKED: &str = "1 name ana -> Password
    1 password -> MfaCode
    1 alternative -> VerifyEmail
    1 mail -> VerifyEmail: MailSent
    offers ResendEmail Support\n";

#[track_caller]
fn check(policy: Policy, script: &str) {
    Rehearsal::by(policy).check(&format!("{ASKED}{script}"));
}

#[test]
fn the_link_shows_a_button_and_the_button_leads_to_step_2() {
    check(
        Policy::NORM,
        "1 probe link 1 -> ConfirmEmail
         facts LinkShown×1 SessionOpened×0
         1 follow link 1 -> ConfirmEmail, button
         offers ConfirmLink
         1 open VerifyEmail -> VerifyEmail: MailSent
         1 confirm link 1 -> VerifyPhone: EmailVerified
         facts LinkConfirmed×1 EmailVerified×1
         offers CallMe Support
         1 open VerifyEmail -> VerifyPhone
         1 mail -> VerifyPhone
         sent nothing
         1 confirm link 1 -> ConfirmEmail: LinkUsed
         offers Support
         1 follow link none -> ConfirmEmail: LinkUnknown
         1 open VerifyPhone -> VerifyPhone",
    );
}

#[test]
fn a_link_lives_for_as_long_as_the_policy_says_and_not_longer() {
    let policy = Policy { session_idle: Span::DAY, ..Policy::NORM };
    check(policy, "wait 1h\n1 confirm link 1 -> VerifyPhone: EmailVerified");
    check(policy, "wait 1h1ms\n1 confirm link 1 -> ConfirmEmail: LinkExpired");
    check(policy, "wait 1h1ms\n1 follow link 1 -> ConfirmEmail: LinkExpired");
}

#[test]
fn another_browser_confirms_and_is_told_to_go_back() {
    let script = |told: &str, then: &str| {
        format!("2 follow link 1 -> ConfirmEmail, button\n2 confirm link 1 -> {told}\n{then}")
    };
    check(
        Policy::NORM,
        &script(
            "ConfirmEmail: GoBack",
            "2 open VerifyPhone -> SignIn: NotYet\n1 open VerifyEmail -> VerifyPhone",
        ),
    );
    let refused = Policy { other_browser: OtherBrowser::Refused, ..Policy::NORM };
    check(refused, &script("ConfirmEmail: LinkUnknown", "1 confirm link 1 -> VerifyPhone: EmailVerified"));
    let gets = Policy { other_browser: OtherBrowser::GetsSession, ..Policy::NORM };
    check(gets, &script("VerifyPhone: EmailVerified", "2 open VerifyPhone -> VerifyPhone"));
}

#[test]
fn a_link_confirms_nothing_for_an_attempt_that_is_over() {
    // After a sign-out, a new attempt, another sign-in or a timeout, the link must not send its reader
    // back to a browser that would have to start over.
    check(Policy::NORM, "1 out -> SignIn: SignedOut\n2 confirm link 1 -> ConfirmEmail: SessionOver");
    check(
        Policy::NORM,
        "1 code 0 -> SecurityCredentials, 1 devices\n2 confirm link 1 -> ConfirmEmail: SessionOver",
    );
    let idle = Policy { session_idle: Span::from_mins(10), ..Policy::NORM };
    check(idle, "wait 10m\n2 confirm link 1 -> ConfirmEmail: GoBack\n1 open VerifyEmail -> VerifyPhone");
    check(
        idle,
        "wait 10m1ms
         2 confirm link 1 -> ConfirmEmail: SessionOver
         facts EmailVerified×0 SessionEnded×1
         1 open VerifyEmail -> SignIn: SessionOver",
    );
}

#[test]
fn a_resend_kills_the_older_link_of_the_same_attempt_alone() {
    check(
        Policy::NORM,
        "2 name ana -> Password
         2 password -> MfaCode
         2 alternative -> VerifyEmail
         2 mail -> VerifyEmail: MailSent
         facts LinkVoided×0
         1 mail -> VerifyEmail: MailSent
         facts LinkVoided×1
         1 confirm link 1 -> ConfirmEmail: LinkReplaced
         1 confirm link 3 -> VerifyPhone: EmailVerified
         1 confirm link 2 -> ConfirmEmail: GoBack
         2 open VerifyEmail -> VerifyPhone",
    );
    let keeps = Policy { resend: Resend::KeepsOld, ..Policy::NORM };
    check(keeps, "1 mail -> VerifyEmail: MailSent\n1 confirm link 1 -> VerifyPhone: EmailVerified");
}

#[test]
fn mails_are_bounded_for_an_account_across_sessions_and_the_bound_opens_again() {
    let policy = Policy { mails_per_hour: 2, ..Policy::NORM };
    check(
        policy,
        "wait 1m
         1 mail -> VerifyEmail: MailSent
         2 name ana -> Password
         2 password -> MfaCode
         2 alternative -> VerifyEmail
         2 mail -> VerifyEmail: TooManyMails
         facts RequestRefused×1 LinkVoided×0
         crash
         restart
         wait 58m59s999ms
         2 mail -> VerifyEmail: TooManyMails
         wait 1ms
         2 mail -> VerifyEmail: MailSent
         2 mail -> VerifyEmail: TooManyMails",
    );
}

#[test]
fn the_page_is_honest_about_the_newest_mail_and_about_that_one_alone() {
    let asked = "1 name ana -> Password\n1 password -> MfaCode\n1 alternative -> VerifyEmail\n";
    let by = |script: &str| {
        Rehearsal::by(Policy::NORM).check(&format!("{asked}{script}"));
    };
    by("mails 550
        1 mail -> VerifyEmail: MailSent
        1 open VerifyEmail -> VerifyEmail: MailFailed
        offers ResendEmail Support
        mails taken
        1 mail -> VerifyEmail: MailSent
        1 open VerifyEmail -> VerifyEmail: MailSent");
    // The first email is deferred, then refused permanently after a second one is sent.
    by("mails 450
        1 mail -> VerifyEmail: MailSent
        1 open VerifyEmail -> VerifyEmail: MailSent
        mails taken
        1 mail -> VerifyEmail: MailSent
        mails 550
        wait 1m
        facts NotSent×1
        1 open VerifyEmail -> VerifyEmail: MailSent
        1 confirm link 2 -> VerifyPhone: EmailVerified");
}

#[test]
fn weak_links_do_what_their_policy_says() {
    let burns = Policy { link_fetch: LinkFetch::Burns, ..Policy::NORM };
    check(burns, "2 probe link 1 -> ConfirmEmail\n1 follow link 1 -> ConfirmEmail: LinkUsed");
    check(
        burns,
        "1 follow link 1 -> ConfirmEmail, button
         2 probe link 1 -> ConfirmEmail: LinkUsed
         1 confirm link 1 -> VerifyPhone: EmailVerified",
    );
    check(
        burns,
        "1 follow link 1 -> ConfirmEmail, button\n1 mail -> VerifyEmail: MailSent\n1 confirm link 1 -> ConfirmEmail: LinkReplaced",
    );
    let confirms = Policy { link_fetch: LinkFetch::Confirms, ..Policy::NORM };
    check(
        confirms,
        "2 follow link 1 -> ConfirmEmail: GoBack\nfacts EmailVerified×1\n1 open VerifyEmail -> VerifyPhone",
    );
    let many = Policy { link_uses: Uses::Many, ..Policy::NORM };
    check(
        many,
        "1 confirm link 1 -> VerifyPhone: EmailVerified
         1 follow link 1 -> ConfirmEmail, button
         1 confirm link 1 -> VerifyPhone: EmailVerified
         facts LinkConfirmed×1 EmailVerified×0",
    );
}

#[test]
fn whose_attempt_a_link_moves_is_what_it_is_bound_to() {
    // Browser 2 has an attempt for Ana, browser 3 one for Ben; the link belongs to browser 1.
    for (link_bound, ana, ben) in [
        (LinkBound::Attempt, "ConfirmEmail: GoBack", "ConfirmEmail: GoBack"),
        (LinkBound::Account, "VerifyPhone: EmailVerified", "ConfirmEmail: GoBack"),
        (LinkBound::Nothing, "VerifyPhone: EmailVerified", "VerifyPhone: EmailVerified"),
    ] {
        for (browser, name, told) in [(2, "ana", ana), (3, "ben", ben)] {
            check(
                Policy { link_bound, ..Policy::NORM },
                &format!(
                    "{browser} name {name} -> Password
                     {browser} password -> MfaCode
                     {browser} alternative -> VerifyEmail
                     {browser} confirm link 1 -> {told}",
                ),
            );
        }
    }
}
