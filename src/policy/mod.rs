//! What the flow does, and what is judged by: data, no methods that decide.
//!
//! A [`Policy`] holds everything in which real recovery flows differ. Its default is the norm.
//! A field may hold a value that no sane team picks, if a system that shipped did: so known flaws
//! are data. A [`Norm`] holds the limits that an oracle judges by, whatever the policy says.

mod norm;

use serde::Deserialize;
use serde::Serialize;

pub use self::norm::Norm;
use crate::time::Span;

/// Everything in which recovery flows differ. In a story, only what differs from the norm stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Policy {
    // Sign-in.
    /// How many time steps a code may be off the corrected clock (RFC 6238 section 5.2: at most
    /// one).
    pub sign_in_window: u16,
    /// What is remembered against replay of MFA codes (RFC 6238 section 5.2).
    pub replay: Replay,
    /// Wrong codes that an account has before it is throttled.
    pub sign_in_tries: u16,
    /// How long the first throttling lasts; each further failure doubles it.
    pub throttle_first: Span,
    /// How long throttling lasts at the most.
    pub throttle_max: Span,
    /// Consecutive failures after which an authenticator is disabled (NIST SP 800-63B section
    /// 3.2.2: at most 100); alternative factors and support stay open.
    pub failures_max: u16,
    /// What happens to an account after `failures_max` failures.
    pub lockout: Lockout,
    /// What a right password does to the count of failed codes.
    pub password_and_count: PasswordAndCount,
    /// Where failures are counted.
    pub counts_kept: Kept,

    // Re-sync.
    /// How many time steps off the corrected clock re-sync searches, in either direction.
    pub resync_window: u16,
    /// Which two codes re-sync takes.
    pub resync_codes: ResyncCodes,
    /// What is remembered of accepted pairs.
    pub pair_memory: PairMemory,
    /// Whether the codes of an enrolment or a re-sync can still be used to sign in.
    pub set_up_codes: SetUpCodes,

    // Recovery.
    /// What alternative factors are.
    pub alternative_factors: AlternativeFactors,
    /// Whether the order of the steps is enforced.
    pub step_order: StepOrder,
    /// What recovery ends in.
    pub recovery_ends: RecoveryEnds,

    // Step 1.
    /// How long a link lives.
    pub link_lifetime: Span,
    /// How often a link works.
    pub link_uses: Uses,
    /// What a link is bound to.
    pub link_bound: LinkBound,
    /// What "Resend the email" does to older links.
    pub resend: Resend,
    /// What merely fetching a link does.
    pub link_fetch: LinkFetch,
    /// What a link does in another browser than the one that signs in.
    pub other_browser: OtherBrowser,
    /// Verification mails for an account in an hour.
    pub mails_per_hour: u16,

    // Step 2.
    /// Which way the code goes.
    pub phone_direction: PhoneDirection,
    /// Which number is called.
    pub phone_number: PhoneNumber,
    /// How long a phone code lives.
    pub code_lifetime: Span,
    /// How many tries a phone code has.
    pub code_tries: u16,
    /// What the tries of phone codes are counted across.
    pub code_tries_across: TriesAcross,
    /// How often a phone code works.
    pub code_uses: Uses,
    /// Calls to a number in an hour.
    pub calls_per_hour: u16,
    /// Calls to a number in a day.
    pub calls_per_day: u16,
    /// How long a call may ring.
    pub ring_timeout: Span,
    /// Whether machine detection is asked for.
    pub machine_detection: bool,
    /// What completes the phone step.
    pub phone_proof: PhoneProof,
    /// Whether requests of calls must be signed.
    pub webhook_signature: WebhookSignature,

    // Sessions.
    /// What happens to other sessions when a factor changes.
    pub other_sessions: OtherSessions,
    /// Whether a session goes on under a new name when its rights grow.
    pub rotation: Rotation,
    /// How long a session may be idle.
    pub session_idle: Span,
    /// How long a session may last.
    pub session_max: Span,
    /// What a session that has not passed the second factor may do to factors.
    pub factor_changes: FactorChanges,
    /// Whether forms must carry the session's token.
    pub csrf: Csrf,

    // Notices.
    /// Who is told of recoveries and changes.
    pub notify: Notify,

    // Support.
    /// Which number support calls back.
    pub call_back: CallBack,
    /// What support checks before it resets.
    pub support_proof: SupportProof,

    // Order of things.
    /// Whether something is recorded before it is sent.
    pub outbox: OutboxOrder,
    /// Whom a provider's failure is counted against.
    pub provider_failure: ProviderFailure,
}

impl Default for Policy {
    fn default() -> Self {
        Self::NORM
    }
}

impl Policy {
    /// The norm: flow.md's default policy.
    pub const NORM: Self = Self {
        sign_in_window: 1,
        replay: Replay::UsedCodes,
        sign_in_tries: 5,
        throttle_first: Span::from_secs(30),
        throttle_max: Span::HOUR,
        failures_max: 100,
        lockout: Lockout::Device,
        password_and_count: PasswordAndCount::Keeps,
        counts_kept: Kept::Durably,
        resync_window: 1_000,
        resync_codes: ResyncCodes::Consecutive,
        pair_memory: PairMemory::Remembered,
        set_up_codes: SetUpCodes::StillGood,
        alternative_factors: AlternativeFactors::EmailAndPhone,
        step_order: StepOrder::Enforced,
        recovery_ends: RecoveryEnds::Session,
        link_lifetime: Span::HOUR,
        link_uses: Uses::Once,
        link_bound: LinkBound::Attempt,
        resend: Resend::KillsOld,
        link_fetch: LinkFetch::ShowsButton,
        other_browser: OtherBrowser::Confirms,
        mails_per_hour: 10,
        phone_direction: PhoneDirection::ScreenToPhone,
        phone_number: PhoneNumber::OnFile,
        code_lifetime: Span::from_mins(10),
        code_tries: 5,
        code_tries_across: TriesAcross::Account,
        code_uses: Uses::Once,
        calls_per_hour: 3,
        calls_per_day: 10,
        ring_timeout: Span::from_secs(40),
        machine_detection: false,
        phone_proof: PhoneProof::RightDigits,
        webhook_signature: WebhookSignature::Required,
        other_sessions: OtherSessions::End,
        rotation: Rotation::AtEachStep,
        session_idle: Span::HOUR,
        session_max: Span::DAY,
        factor_changes: FactorChanges::SignedInOnly,
        csrf: Csrf::Required,
        notify: Notify::AllAddresses,
        call_back: CallBack::NumberOnFile,
        support_proof: SupportProof::CallBackAndIdentity,
        outbox: OutboxOrder::RecordThenSend,
        provider_failure: ProviderFailure::Nobody,
    };
}

macro_rules! choice {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }
    )*};
}

choice! {
    /// What is remembered against replay of MFA codes.
    Replay {
        /// The set of codes used inside the window.
        UsedCodes,
        /// The newest step used: older codes are refused too.
        HighWater,
        /// The last code alone, so that A, B, A goes through (norms.md T02).
        LastCode,
        /// Nothing (T01).
        Nothing,
    }
    /// What happens after too many failures in a row.
    Lockout {
        /// The authenticator is disabled; alternative factors and support stay open.
        Device,
        /// The account is shut for good (A01).
        AccountForGood,
        /// Nothing.
        None,
    }
    /// What a right password does to the count of failed codes.
    PasswordAndCount {
        /// Nothing.
        Keeps,
        /// It starts over (T18).
        Resets,
    }
    /// Where something is kept.
    Kept {
        /// In the durable half.
        Durably,
        /// In memory: a restart forgets it (C06).
        InMemory,
    }
    /// Which two codes re-sync takes.
    ResyncCodes {
        /// Two consecutive ones.
        Consecutive,
        /// Any two of the window in order (T07).
        AnyTwo,
        /// One is enough (T08).
        One,
    }
    /// What is remembered of accepted pairs.
    PairMemory {
        /// Each pair must be newer than the last one.
        Remembered,
        /// Nothing (T09).
        Forgotten,
    }
    /// Whether codes of a set-up can still be used to sign in.
    SetUpCodes {
        /// They can.
        StillGood,
        /// They count as used.
        Used,
    }
    /// What alternative factors are.
    AlternativeFactors {
        /// The e-mail link, then the phone code.
        EmailAndPhone,
        /// The e-mail link alone.
        EmailOnly,
        /// The phone code alone.
        PhoneOnly,
    }
    /// Whether the order of the steps is enforced.
    StepOrder {
        /// It is.
        Enforced,
        /// Any page can be reached by its address (S01).
        Free,
    }
    /// What recovery ends in.
    RecoveryEnds {
        /// A session; MFA stays on.
        Session,
        /// MFA off, and a fresh sign-in.
        FreshSignIn,
    }
    /// How often something works.
    Uses {
        /// Once.
        Once,
        /// Until it expires (L01, P09).
        Many,
    }
    /// What a link is bound to.
    LinkBound {
        /// The sign-in attempt that asked for it.
        Attempt,
        /// The account: any sign-in attempt of that account goes on (L03).
        Account,
        /// Nothing: the browser's own sign-in attempt goes on, whoever's it is (L02).
        Nothing,
    }
    /// What "Resend the email" does to older links.
    Resend {
        /// They stop working.
        KillsOld,
        /// They live on.
        KeepsOld,
    }
    /// What merely fetching a link does.
    LinkFetch {
        /// Shows a button.
        ShowsButton,
        /// Uses the link up without confirming (L09).
        Burns,
        /// Confirms (L10).
        Confirms,
    }
    /// What a link does in another browser.
    OtherBrowser {
        /// Confirms, and the first browser goes on.
        Confirms,
        /// Confirms, and gives this browser the session too.
        GetsSession,
        /// Refuses.
        Refused,
    }
    /// Which way the phone code goes.
    PhoneDirection {
        /// It stands on the screen and is keyed in on the phone.
        ScreenToPhone,
        /// The call speaks it and it is typed on the page.
        PhoneToScreen,
    }
    /// Which number is called.
    PhoneNumber {
        /// The one on file.
        OnFile,
        /// The one of the last support form, if there is one (P11).
        LastTyped,
    }
    /// What tries are counted across.
    TriesAcross {
        /// All codes, sessions and restarts of the account.
        Account,
        /// One code: a new one starts over (P02).
        Code,
    }
    /// What completes the phone step.
    PhoneProof {
        /// The right digits, in the call that belongs to the code.
        RightDigits,
        /// The right digits of any live code (P07).
        AnyLiveCode,
        /// A call that was completed (P16).
        CompletedCall,
    }
    /// Whether requests of calls must be signed.
    WebhookSignature {
        /// They must.
        Required,
        /// They need not be (P17).
        Ignored,
    }
    /// What happens to other sessions when a factor changes.
    OtherSessions {
        /// They end.
        End,
        /// They go on (S06).
        Keep,
    }
    /// Whether a session goes on under a new name when its rights grow.
    Rotation {
        /// It does, at each step.
        AtEachStep,
        /// It never does (S05).
        Never,
    }
    /// Who may change factors.
    FactorChanges {
        /// Sessions that are signed in.
        SignedInOnly,
        /// Sessions with a password, too (S02).
        PasswordIsEnough,
    }
    /// Whether forms must carry the session's token.
    Csrf {
        /// They must.
        Required,
        /// They need not (S11).
        Ignored,
    }
    /// Who is told.
    Notify {
        /// All addresses on file.
        AllAddresses,
        /// The first address on file (M02).
        FirstAddress,
        /// Nobody (M01).
        Nobody,
    }
    /// Which number support calls back.
    CallBack {
        /// The one on file.
        NumberOnFile,
        /// The one in the ticket (U02).
        NumberInTicket,
    }
    /// What support checks before it resets.
    SupportProof {
        /// Calls back and checks who answers.
        CallBackAndIdentity,
        /// Calls back, and takes whoever answers.
        CallBackOnly,
        /// Personal data in the ticket is enough (U04).
        PersonalData,
        /// Nothing at all (U01).
        Nothing,
    }
    /// Whether something is recorded before it is sent.
    OutboxOrder {
        /// Recorded, then sent, then marked as sent.
        RecordThenSend,
        /// Sent, then recorded: a crash between leaves a link that nobody knows (C01).
        SendThenRecord,
    }
    /// Whom a provider's failure is counted against.
    ProviderFailure {
        /// Nobody.
        Nobody,
        /// The user (A03).
        User,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_says_only_what_differs_from_the_norm() {
        let policy: Policy = serde_yaml::from_str("link-lifetime: 24h\nreplay: nothing\n").unwrap();
        assert_eq!(policy, Policy { link_lifetime: Span::DAY, replay: Replay::Nothing, ..Policy::NORM });
    }
}
