//! Policies that contradict themselves: two settings of which one makes the other pointless, or one that
//! nobody can pass. They are played all the same, as real systems are set like that.

use crate::base::time::Span;
use crate::policy::{AlternativeFactors, LinkBound, Policy};

/// Twilio's shortest ring time. Few people pick up sooner.
const RINGS_LEAST: Span = Span::from_secs(5);

/// What a policy contradicts, with the values that work.
pub fn contradictions(policy: &Policy) -> Vec<String> {
    let mut told = Vec::new();
    nothing(policy, &mut told);
    let by_mail = policy.alternative_factors != AlternativeFactors::PhoneOnly;
    let by_phone = policy.alternative_factors != AlternativeFactors::EmailOnly;
    if by_mail && policy.link_bound == LinkBound::Attempt {
        let why = "a link that is bound to its attempt ends with the session";
        outlives(policy, why, &mut told);
    }
    if by_phone {
        let rings = policy.ring_timeout;
        if rings > Span::ZERO && rings < RINGS_LEAST {
            told.push(format!(
                "`ring-timeout: {rings}` ends a call before most people can pick up: write `ring-timeout: \
                 {RINGS_LEAST}` or more"
            ));
        }
        shorter(
            ("code-lifetime", policy.code_lifetime),
            ("ring-timeout", policy.ring_timeout),
            "the code of a call that rings so long has expired when it is answered",
            &mut told,
        );
        if policy.calls_per_day < policy.calls_per_hour {
            let (day, hour) = (policy.calls_per_day, policy.calls_per_hour);
            told.push(format!(
                "`calls-per-day: {day}` is less than `calls-per-hour: {hour}`, which is never reached: write \
                 `calls-per-hour: {day}` or less, or `calls-per-day: {hour}` or more"
            ));
        }
    }
    let (max, idle) = (policy.session_max, policy.session_idle);
    shorter(
        ("session-max", max),
        ("session-idle", idle),
        &format!("sessions end after {max}, so none is idle for {idle}"),
        &mut told,
    );
    let (max, first) = (policy.throttle_max, policy.throttle_first);
    shorter(
        ("throttle-max", max),
        ("throttle-first", first),
        &format!("each wait is {max}, also the first"),
        &mut told,
    );
    if policy.resync_window < policy.sign_in_window {
        let (search, window) = (policy.resync_window, policy.sign_in_window);
        told.push(format!(
            "`resync-window: {search}` is less than `sign-in-window: {window}`, so re-sync finds nothing that \
             sign-in does not: write `resync-window: {window}` or more"
        ));
    }
    told
}

/// Counts and times of nothing.
fn nothing(policy: &Policy, told: &mut Vec<String>) {
    for (key, count, effect, works) in [
        ("sign-in-tries", policy.sign_in_tries, "the first wrong code throttles, as with 1", "1 to 100"),
        (
            "failures-max",
            policy.failures_max,
            "the first wrong code disables the device, as with 1",
            "1 to 100",
        ),
        ("code-tries", policy.code_tries, "the first wrong try uses a code up, as with 1", "1 to 10"),
        ("mails-per-hour", policy.mails_per_hour, "no email is ever sent", "1 or more"),
        ("calls-per-hour", policy.calls_per_hour, "no call is ever placed", "1 or more"),
        ("calls-per-day", policy.calls_per_day, "no call is ever placed", "1 or more"),
    ] {
        if count == 0 {
            told.push(format!("`{key}: 0`: {effect}; write {works}"));
        }
    }
    for (key, span, effect, works) in [
        ("link-lifetime", policy.link_lifetime, "every link has expired when it arrives", "`10m` to `24h`"),
        ("code-lifetime", policy.code_lifetime, "every code has expired when it is spoken", "`1m` to `10m`"),
        ("ring-timeout", policy.ring_timeout, "no call rings long enough to be answered", "`5s` to `10m`"),
        ("session-idle", policy.session_idle, "every session has ended at its next request", "`5m` to `24h`"),
        ("session-max", policy.session_max, "every session has ended at its next request", "`1h` to `30d`"),
        (
            "changes-within",
            policy.changes_within,
            "every change of factors or contact data asks to sign in again, and so does the next",
            "`1m` to `5m`",
        ),
    ] {
        if span == Span::ZERO {
            told.push(format!("`{key}: 0s`: {effect}; write {works}"));
        }
    }
}

/// A link lives longer than the session that waits for it.
fn outlives(policy: &Policy, why: &str, told: &mut Vec<String>) {
    let lives = policy.link_lifetime;
    let sessions = [("session-idle", policy.session_idle), ("session-max", policy.session_max)];
    let Some((session, ends)) = sessions.into_iter().min_by_key(|(_, ends)| *ends) else { return };
    if lives > ends && ends > Span::ZERO {
        told.push(format!(
            "`link-lifetime: {lives}` is longer than `{session}: {ends}`, and {why}: write `link-lifetime: {ends}` \
             or less, or `{session}: {lives}` or more"
        ));
    }
}

/// The first should be at least as long as the second.
fn shorter((key, short): (&str, Span), (other, long): (&str, Span), why: &str, told: &mut Vec<String>) {
    if short < long && short > Span::ZERO {
        told.push(format!(
            "`{key}: {short}` is shorter than `{other}: {long}`: {why}; write `{other}: {short}` or less, or \
             `{key}: {long}` or more"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(yaml: &str) -> Vec<String> {
        contradictions(&serde_yaml::from_str(yaml).unwrap())
    }

    #[test]
    fn the_norm_contradicts_nothing() {
        assert_eq!(contradictions(&Policy::NORM), Vec::<String>::new());
    }

    #[test]
    fn a_contradiction_is_told_with_the_values_that_work() {
        for (yaml, says) in [
            (
                "link-lifetime: 24h",
                "`link-lifetime: 1d` is longer than `session-idle: 1h`, and a link that is bound to its attempt \
                 ends with the session: write `link-lifetime: 1h` or less, or `session-idle: 1d` or more",
            ),
            (
                "code-tries: 0",
                "`code-tries: 0`: the first wrong try uses a code up, as with 1; write 1 to 10",
            ),
            (
                "calls-per-day: 2",
                "`calls-per-day: 2` is less than `calls-per-hour: 3`, which is never reached: write \
                 `calls-per-hour: 2` or less, or `calls-per-day: 3` or more",
            ),
            (
                "ring-timeout: 11m",
                "`code-lifetime: 10m` is shorter than `ring-timeout: 11m`: the code of a call that rings so long \
                 has expired when it is answered; write `ring-timeout: 10m` or less, or `code-lifetime: 11m` or \
                 more",
            ),
            (
                "{ ring-timeout: 1s, code-lifetime: 1m }",
                "`ring-timeout: 1s` ends a call before most people can pick up: write `ring-timeout: 5s` or more",
            ),
            (
                "resync-window: 0",
                "`resync-window: 0` is less than `sign-in-window: 1`, so re-sync finds nothing that sign-in does \
                 not: write `resync-window: 1` or more",
            ),
        ] {
            assert_eq!(told(yaml), [says], "{yaml}");
        }
    }

    #[test]
    fn what_cannot_meet_does_not_contradict() {
        for yaml in [
            "{ link-lifetime: 24h, link-bound: account }",
            "{ link-lifetime: 24h, session-idle: 1d }",
            "{ link-lifetime: 24h, alternative-factors: phone-only }",
            "{ ring-timeout: 11m, alternative-factors: email-only }",
        ] {
            assert_eq!(told(yaml), Vec::<String>::new(), "{yaml}");
        }
    }
}
