//! What oracles judge by: the limits of the standards, whatever a policy promises.

use crate::time::Span;

/// The limits of one body of norms. Ids in brackets are those of `lostkey explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Norm {
    /// Its name on the command line.
    pub name: &'static str,
    /// How many time steps a sign-in code may be off the corrected clock.
    pub sign_in_window: u16,
    /// How many codes beyond the expected one a counter device may have run ahead at sign-in (RFC
    /// 4226 section 7.4 gives no number; 10 is usual).
    pub hotp_look_ahead: u16,
    /// How long a device may show one code (N10: 2 min).
    pub time_step: Span,
    /// How long a link sent by e-mail may live (N4: 24 h).
    pub link_lifetime: Span,
    /// How long a code for the phone may live (N4, N8: 10 min).
    pub code_lifetime: Span,
    /// How many wrong tries a phone code may take, across all codes of an account between two
    /// right ones.
    pub code_tries: u16,
    /// How long wrong tries of phone codes must wait once that many were made, whatever codes and
    /// sessions come between (N8: a new code does not refill the budget; N11: from 30 s on).
    pub code_tries_wait: Span,
    /// Consecutive failures of one authenticator (N11: 100).
    pub failures_max: u16,
    /// Wrong tries of one kind for one account that may be looked at in an hour (RFC 4226 section
    /// 7.3 and N11 ask for growing waits: five free tries and doubling waits come to eleven).
    pub wrong_tries_per_hour: u16,
    /// Calls for one account in an hour (F3, ASVS 2.4.1: bounded; default-policy: 3).
    pub calls_per_hour: u16,
    /// Mails with a link for one account in an hour.
    pub mails_per_hour: u16,
    /// How long after its time to ring a page may still say that a call is coming of which nothing
    /// is heard (rule 9, which gives no number: what a slow network needs).
    pub call_silence: Span,
    /// How long it may say so once somebody has answered (rule 9: as long as a talk may take).
    pub call_talks: Span,
    /// How long an account may be throttled after the last wrong try (N11: up to an hour).
    pub throttle_max: Span,
    /// How long a session may last (N15: 24 h).
    pub session_max: Span,
    /// How long a session may be idle (N15: 1 h).
    pub session_idle: Span,
    /// Until when each address on file must have been told (N1, N2).
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
        notice_within: Span::HOUR,
    };

    /// OWASP ASVS 5.0 (6.5.5) and its cheat sheets (F3: a link rarely lives for more than 1 h).
    pub const ASVS: Self =
        Self { name: "asvs", link_lifetime: Span::HOUR, time_step: Span::from_secs(30), ..Self::NIST };

    /// What was measured at the provider that the flow is modelled on: two steps at sign-in.
    pub const AWS: Self = Self { name: "aws", sign_in_window: 2, ..Self::NIST };

    /// All of them.
    pub const ALL: [Self; 3] = [Self::NIST, Self::ASVS, Self::AWS];
}
