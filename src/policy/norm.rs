//! The limits of the standards that oracles enforce regardless of the policy.

use crate::base::time::Span;

/// The limits of one set of standards. `lostkey explain` describes the ids in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Norm {
    /// Its name on the command line.
    pub name: &'static str,
    /// Time steps that a sign-in code may deviate from the corrected clock.
    pub sign_in_window: u16,
    /// Look-ahead window of a HOTP device at sign-in (RFC 4226 section 7.4 gives no number; 10 is common).
    pub hotp_look_ahead: u16,
    /// How long a device may show one code (N10: 2 min).
    pub time_step: Span,
    /// Lifetime of a link sent by email (N4: 24 h).
    pub link_lifetime: Span,
    /// Lifetime of a phone code (N4, N8: 10 min).
    pub code_lifetime: Span,
    /// Wrong tries of phone codes, across all codes of an account between two successes.
    pub code_tries: u16,
    /// Minimum wait between wrong tries once `code_tries` is reached, across codes and sessions (N8: a new
    /// code does not reset the budget; N11: from 30 s on).
    pub code_tries_wait: Span,
    /// Consecutive failures of one authenticator (N11: 100).
    pub failures_max: u16,
    /// Wrong tries of one kind per account that may be checked in an hour (RFC 4226 section 7.3 and N11
    /// require growing delays; five free tries and doubling delays allow eleven).
    pub wrong_tries_per_hour: u16,
    /// Calls per account and hour (F3, ASVS 2.4.1: bounded; default-policy: 3).
    pub calls_per_hour: u16,
    /// Emails with a link per account and hour.
    pub mails_per_hour: u16,
    /// How long after the ring timeout a page may announce a call without further callbacks (rule 9 gives no
    /// number; this allows for a slow network).
    pub call_silence: Span,
    /// How long a page may announce a call after it was answered (rule 9: as long as a conversation may
    /// take).
    pub call_talks: Span,
    /// How long an account may be throttled after the last wrong try (N11: up to an hour).
    pub throttle_max: Span,
    /// Maximum lifetime of a session (N15: 24 h).
    pub session_max: Span,
    /// Idle timeout of a session (N15: 1 h).
    pub session_idle: Span,
    /// How long after a sign-in its session may change factors and contact data (ASVS 7.5.1 asks for a full
    /// authentication before, and gives no span).
    pub changes_within: Span,
    /// Time limit for notifying every address on file (N1, N2).
    pub notice_within: Span,
}

impl Norm {
    /// NIST SP 800-63B-4, the default.
    pub const NIST: Self = Self {
        name: "nist",
        sign_in_window: 1,
        hotp_look_ahead: 10,
        time_step: Span::from_mins(2),
        link_lifetime: Span::DAY,
        code_lifetime: Span::from_mins(10),
        code_tries: 5,
        code_tries_wait: Span::from_secs(30),
        failures_max: 100,
        wrong_tries_per_hour: 20,
        calls_per_hour: 3,
        mails_per_hour: 10,
        call_silence: Span::MINUTE,
        call_talks: Span::from_mins(7),
        throttle_max: Span::HOUR,
        session_max: Span::DAY,
        session_idle: Span::HOUR,
        changes_within: Span::from_mins(5),
        notice_within: Span::HOUR,
    };

    /// OWASP ASVS 5.0 (6.5.5) and its cheat sheets (F3: a link is rarely valid for more than 1 h).
    pub const ASVS: Self =
        Self { name: "asvs", link_lifetime: Span::HOUR, time_step: Span::from_secs(30), ..Self::NIST };

    /// Behaviour measured at the provider that the flow is modelled on: a window of two steps at sign-in.
    pub const AWS: Self = Self { name: "aws", sign_in_window: 2, ..Self::NIST };

    /// All norms.
    pub const ALL: [Self; 3] = [Self::NIST, Self::ASVS, Self::AWS];
}
