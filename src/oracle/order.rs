//! *Order of steps*: password, then the email, then the call, then the session, without skipping any.

use crate::base::id::{AccountId, EventId, SessionId};
use crate::event::{EventKind, Way};
use crate::oracle::authenticators::Authenticators;
use crate::oracle::by_id::ById;
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Rule, Verdict, dispatch};
use crate::policy::{AlternativeFactors, LinkBound, LinkWritten, NewSignIn, StepOrder};

rules! {
    "order";
    ALTERNATIVE_BEFORE_PASSWORD = "alternative-before-password", "alternative factors were chosen before the password was accepted";
    LINK_BEFORE_CHOICE = "link-before-choice", "a link was issued before alternative factors were chosen";
    LINK_AFTER_EMAIL = "link-after-email", "another link was issued when the email address was verified";
    EMAIL_BEFORE_MAIL = "email-before-mail", "the email address was verified before an email was sent";
    CALL_BEFORE_EMAIL = "call-before-email", "a call was placed before the email address was verified";
    PHONE_BEFORE_CALL = "phone-before-call", "the phone number was verified before a call";
    SIGN_IN_BEFORE_STEPS = "sign-in-before-steps", "a recovery signed in before its steps were done";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "order",
    sentence: "the steps of a recovery are completed in order, each once, and none is skipped",
    source: "OWASP ASVS 2.3.1, 2.3.3; WSTG-BUSL-06; CVE-2026-18963; C02, S09; rule 3",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

#[derive(Clone, Copy, Debug, Default)]
struct Steps {
    password: bool,
    chosen: bool,
    mailed: bool,
    email: bool,
    called: bool,
    phone: bool,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut attempts: ById<Steps> = ById::default();
    for (id, event) in reading.events_for(dispatch::ORDER) {
        let Some(session) = session_of(&event.kind) else { continue };
        let steps = attempts.or_default(reading.root(session).index());
        if let Some((rule, missing)) = missing(reading, id, steps, &event.kind) {
            let objection = rule.says(format!("{session} came to {missing}"));
            findings.push(reading.finding(objection, verdict(reading), id));
        }
        done(steps, &event.kind);
    }
}

const fn session_of(kind: &EventKind) -> Option<SessionId> {
    match kind {
        EventKind::PasswordAccepted { session, .. }
        | EventKind::RecoveryChosen { session, .. }
        | EventKind::LinkIssued { session, .. }
        | EventKind::EmailVerified { session, .. }
        | EventKind::CodeIssued { session, .. }
        | EventKind::PhoneVerified { session, .. }
        | EventKind::SignedIn { session, way: Way::Recovery | Way::OneAlternative, .. } => Some(*session),
        _ => None,
    }
}

/// The rule that is violated by a missing earlier step, if any.
fn missing(
    reading: &Reading<'_>,
    id: EventId,
    steps: &Steps,
    kind: &EventKind,
) -> Option<(Rule, &'static str)> {
    // If the policy omits a step, the oracle *access* objects; this oracle only checks the order.
    let policy = reading.story.policy.alternative_factors;
    let email = policy == AlternativeFactors::PhoneOnly || steps.email;
    let phone = policy == AlternativeFactors::EmailOnly || steps.phone;
    match kind {
        EventKind::RecoveryChosen { .. } if !steps.password => {
            Some((ALTERNATIVE_BEFORE_PASSWORD, "alternative factors before the password"))
        }
        EventKind::LinkIssued { .. } if !steps.chosen => {
            Some((LINK_BEFORE_CHOICE, "a link before alternative factors were chosen"))
        }
        EventKind::LinkIssued { .. } if steps.email => {
            Some((LINK_AFTER_EMAIL, "another link when its email address was verified"))
        }
        EventKind::EmailVerified { .. } if !steps.mailed => {
            Some((EMAIL_BEFORE_MAIL, "the email address verified before an email was sent"))
        }
        // After MFA was removed, either of the two steps will do.
        EventKind::CodeIssued { account, .. } if !email && !had_removed(reading, id, *account) => {
            Some((CALL_BEFORE_EMAIL, "a call before the email address was verified"))
        }
        EventKind::PhoneVerified { .. } if !steps.called => {
            Some((PHONE_BEFORE_CALL, "the phone number verified before a call"))
        }
        EventKind::SignedIn { way: Way::OneAlternative, .. } if steps.email || steps.phone => None,
        EventKind::SignedIn { .. } if !(email && phone) => {
            Some((SIGN_IN_BEFORE_STEPS, "a session before the steps were done"))
        }
        _ => None,
    }
}

/// Whether MFA was on at some time and was off at this event. Read from the start, as hardly any run asks.
fn had_removed(reading: &Reading<'_>, at: EventId, account: AccountId) -> bool {
    let mut authenticators = Authenticators::new(reading);
    for (_, event) in reading.trace.iter().take_while(|(id, _)| *id < at) {
        authenticators.take_in(event);
    }
    authenticators.were_removed(account)
}

const fn done(steps: &mut Steps, kind: &EventKind) {
    match kind {
        EventKind::PasswordAccepted { .. } => steps.password = true,
        EventKind::RecoveryChosen { .. } => steps.chosen = true,
        EventKind::LinkIssued { .. } => steps.mailed = true,
        EventKind::EmailVerified { .. } => steps.email = true,
        EventKind::CodeIssued { .. } => steps.called = true,
        EventKind::PhoneVerified { .. } => steps.phone = true,
        _ => {}
    }
}

fn verdict(reading: &Reading<'_>) -> Verdict {
    let policy = &reading.story.policy;
    let free = policy.step_order == StepOrder::Free
        || policy.link_bound == LinkBound::Nothing
        || policy.new_sign_in == NewSignIn::KeepsSteps
        || policy.link_written == LinkWritten::LinkFirst;
    if free { Verdict::OutsideNorm } else { Verdict::BrokePolicy }
}
