//! The policy of a recovery flow, and the norm that oracles apply to it. Plain data; the service decides.
//!
//! A [`Policy`] holds every setting in which real recovery flows differ. Its default is the norm. A field may
//! hold an unsafe value if a shipped system used it, so that known flaws are data. A [`Norm`] holds the
//! limits that oracles enforce regardless of the policy.

mod choice;
mod code_choice;
mod norm;
mod way_in;
mod written;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::choice::{
    AlternativeFactors, CallBack, Csrf, FactorChanges, Kept, LinkBound, LinkFetch, Lockout, Notify,
    OlderSecrets, OtherBrowser, OtherSessions, OutboxOrder, PairMemory, PasswordAndCount, PhoneDirection,
    PhoneNumber, PhoneProof, ProviderFailure, RecoveryEnds, Replay, Resend, ResyncCodes, Rotation,
    SetUpCodes, StepOrder, SupportForm, SupportProof, TriesAcross, UnknownUser, Uses, WebhookSignature,
};
pub use self::code_choice::{
    AfterPair, AlternativesAndCount, Boot, CallKnownBy, CallPrompt, CallRetry, Callbacks, CodeKept,
    ContactChanges, Counting, DriftKept, FailuresCleared, LoneCode, NewCallVoids, NumbersCalled,
    RemovedDevices, ResetGoesTo, ResyncSearch, SilentCalls, SpokenCode, TicketNumber, TriesUsedUp, UnixTime,
    UsedCodesOf, WindowFollows, WindowShape, WrongPairs,
};
pub use self::norm::Norm;
pub use self::way_in::{
    CountedBrowsers, CountedFactors, CountedNames, EarlierDevices, LinkExpiry, LinkShown, LinkToken,
    LinkWritten, MfaOff, MissingCode, NewSignIn, NumberShown, PartialSession, PasswordAndSessions,
    SessionsAtReset, SetUp, SignOut, Throttling,
};
pub use self::written::written;
use crate::base::otp::Kind;
use crate::base::time::Span;

/// Every setting in which recovery flows differ. A story lists only its differences from the norm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Policy {
    // Sign-in.
    /// How page 1 responds to an unknown user name.
    pub unknown_user: UnknownUser,
    /// The user names for which wrong passwords are counted.
    pub counted_names: CountedNames,
    /// What counts as a second factor after a correct password.
    pub counted_factors: CountedFactors,
    /// How page 2 treats a request without the code field.
    pub missing_code: MissingCode,
    /// What a sign-in takes besides the password after MFA was removed, until a new device counts.
    pub mfa_off: MfaOff,
    /// Time steps that a code may deviate from the corrected clock (RFC 6238 section 5.2: at most one).
    pub sign_in_window: u16,
    /// The part of the sign-in window that is checked.
    pub window_shape: WindowShape,
    /// What moves the sign-in window of a TOTP device.
    pub window_follows: WindowFollows,
    /// How a single code outside the window is treated.
    pub lone_code: LoneCode,
    /// Look-ahead window of a HOTP device: codes accepted beyond the next expected one (RFC 4226 section 7.4:
    /// as small as possible).
    pub hotp_look_ahead: u16,
    /// What is remembered to prevent replay of MFA codes (RFC 6238 section 5.2).
    pub replay: Replay,
    /// What the memory of used MFA codes belongs to.
    pub used_codes_of: UsedCodesOf,
    /// Where used MFA codes are stored.
    pub used_codes_kept: Kept,
    /// Wrong codes allowed before the account is throttled.
    pub sign_in_tries: u16,
    /// Duration of the first throttling; it doubles with each further failure.
    pub throttle_first: Span,
    /// Maximum duration of throttling.
    pub throttle_max: Span,
    /// Consecutive failures after which an authenticator is disabled (NIST SP 800-63B section 3.2.2: at most
    /// 100). Alternative factors and support stay available.
    pub failures_max: u16,
    /// Which authenticators a correct MFA code clears of their failures.
    pub failures_cleared: FailuresCleared,
    /// What is locked after `failures_max` failures.
    pub lockout: Lockout,
    /// What is throttled after wrong MFA codes.
    pub throttling: Throttling,
    /// How a correct password affects the count of failed codes.
    pub password_and_count: PasswordAndCount,
    /// How choosing alternative factors affects the count of wrong MFA codes.
    pub alternatives_and_count: AlternativesAndCount,
    /// Whose wrong passwords and MFA codes are counted together.
    pub counted_browsers: CountedBrowsers,
    /// Where failure counts are stored.
    pub counts_kept: Kept,
    /// When a wrong try is counted.
    pub counting: Counting,

    // Re-sync.
    /// How far re-sync searches: time steps in either direction from the corrected clock, or codes ahead for
    /// a HOTP device.
    pub resync_window: u16,
    /// The window that re-sync actually searches.
    pub resync_search: ResyncSearch,
    /// The codes that re-sync requires.
    pub resync_codes: ResyncCodes,
    /// What is remembered about accepted pairs.
    pub pair_memory: PairMemory,
    /// Whether wrong pairs are counted.
    pub wrong_pairs: WrongPairs,
    /// How the drift shown by a pair is stored.
    pub drift_kept: DriftKept,
    /// Whether the code that follows an accepted pair is valid.
    pub after_pair: AfterPair,
    /// Whether the codes of an enrolment or a re-sync can also be used to sign in.
    pub set_up_codes: SetUpCodes,

    // Enrolment.
    /// The kind of device that "Assign MFA device" enrolls.
    pub new_device: Kind,
    /// Whether the codes of a removed device are still accepted.
    pub removed_devices: RemovedDevices,
    /// What "Assign MFA device" changes before the new device is confirmed with codes.
    pub set_up: SetUp,
    /// What happens to the devices on file when one is assigned after a recovery (NIST SP 800-63B-4 section
    /// 4.3).
    pub earlier_devices: EarlierDevices,

    // Recovery.
    /// The alternative factors.
    pub alternative_factors: AlternativeFactors,
    /// Whether the order of the steps is enforced.
    pub step_order: StepOrder,
    /// The result of a completed recovery.
    pub recovery_ends: RecoveryEnds,

    // Step 1.
    /// Lifetime of a link.
    pub link_lifetime: Span,
    /// How the expiry of a link is checked.
    pub link_expiry: LinkExpiry,
    /// How the token of a link is generated.
    pub link_token: LinkToken,
    /// Where the token of a link is disclosed.
    pub link_shown: LinkShown,
    /// How often a link works.
    pub link_uses: Uses,
    /// What a link is bound to.
    pub link_bound: LinkBound,
    /// How "Resend the email" affects older links.
    pub resend: Resend,
    /// What a GET of a link does.
    pub link_fetch: LinkFetch,
    /// What a link does in a browser other than the one that signs in.
    pub other_browser: OtherBrowser,
    /// Verification emails per account and hour.
    pub mails_per_hour: u16,

    // Step 2.
    /// Direction in which the phone code travels.
    pub phone_direction: PhoneDirection,
    /// Where a code spoken by a call is disclosed.
    pub spoken_code: SpokenCode,
    /// The number that is called.
    pub phone_number: PhoneNumber,
    /// The numbers that may be put on file and called.
    pub numbers_called: NumbersCalled,
    /// How page 7 shows the number that it calls.
    pub number_shown: NumberShown,
    /// Lifetime of a phone code.
    pub code_lifetime: Span,
    /// How a phone code is stored.
    pub code_kept: CodeKept,
    /// Tries per phone code.
    pub code_tries: u16,
    /// What happens to a phone code after its last try.
    pub tries_used_up: TriesUsedUp,
    /// The scope in which tries of phone codes are counted.
    pub code_tries_across: TriesAcross,
    /// Which phone codes a new call voids.
    pub new_call_voids: NewCallVoids,
    /// How often a phone code works.
    pub code_uses: Uses,
    /// Calls per number and hour.
    pub calls_per_hour: u16,
    /// Calls per number and day.
    pub calls_per_day: u16,
    /// Whether a call is ordered again if the phone company does not respond.
    pub call_retry: CallRetry,
    /// How a call is treated when no further callbacks arrive.
    pub silent_calls: SilentCalls,
    /// What the call says before it asks for the code.
    pub call_prompt: CallPrompt,
    /// How long a call may ring.
    pub ring_timeout: Span,
    /// Whether answering machine detection is requested.
    pub machine_detection: bool,
    /// What completes the phone step.
    pub phone_proof: PhoneProof,
    /// How a call's requests are matched with the code that the call is for.
    pub call_known_by: CallKnownBy,
    /// Whether webhook requests must be signed.
    pub webhook_signature: WebhookSignature,
    /// The status callbacks that are accepted.
    pub callbacks: Callbacks,

    // Sessions.
    /// What happens to other sessions when a factor changes.
    pub other_sessions: OtherSessions,
    /// What "Sign out" ends.
    pub sign_out: SignOut,
    /// What happens to sessions when support resets MFA.
    pub sessions_at_reset: SessionsAtReset,
    /// What happens to older links and phone codes when a factor changes.
    pub older_secrets: OlderSecrets,
    /// How long a removed device is still accepted because sign-in reads from a lagging replica (C08: 1 to 3
    /// s measured at a large provider).
    pub removal_lag: Span,
    /// Whether the session id is renewed when the session gains rights.
    pub rotation: Rotation,
    /// Idle timeout of a session.
    pub session_idle: Span,
    /// Maximum lifetime of a session.
    pub session_max: Span,
    /// What the cookie of the password step gives access to.
    pub partial_session: PartialSession,
    /// How a correct password affects other sessions of the account.
    pub password_and_sessions: PasswordAndSessions,
    /// What a new sign-in in a browser inherits from the previous one.
    pub new_sign_in: NewSignIn,
    /// Which sessions may change factors.
    pub factor_changes: FactorChanges,
    /// How long after a sign-in or a recovery its session may change factors and contact data. Later the service
    /// asks to sign in again (OWASP ASVS 7.5.1).
    pub changes_within: Span,
    /// Which sessions may change the phone number on file.
    pub contact_changes: ContactChanges,
    /// Whether forms must carry the CSRF token of the session.
    pub csrf: Csrf,

    // Notices.
    /// Who is notified of recoveries and changes.
    pub notify: Notify,
    /// Where notices are stored until the mail provider accepts them. In memory, a crash loses them (M03).
    pub notices_kept: Kept,

    // Support.
    /// Where the support form is available.
    pub support_form: SupportForm,
    /// How the phone number in a support form is used.
    pub ticket_number: TicketNumber,
    /// The number that support calls back.
    pub call_back: CallBack,
    /// What support checks before it resets MFA.
    pub support_proof: SupportProof,
    /// Where the resets that were carried out are stored, so that a repeated request changes nothing.
    pub resets_kept: Kept,
    /// The account that support has reset once a ticket has passed its checks.
    pub reset_goes_to: ResetGoesTo,

    // Order of writes, and failures.
    /// Whether a message is recorded before it is sent.
    pub outbox: OutboxOrder,
    /// The order in which a link is marked as used and its step as done.
    pub link_written: LinkWritten,
    /// Who is charged for a provider's failure.
    pub provider_failure: ProviderFailure,
    /// When code checks start after a boot.
    pub boot: Boot,
    /// The integer type of Unix time.
    pub unix_time: UnixTime,
}

impl Default for Policy {
    fn default() -> Self {
        Self::NORM
    }
}

impl Policy {
    /// The norm (default-policy).
    pub const NORM: Self = Self {
        unknown_user: UnknownUser::AskedForPassword,
        counted_names: CountedNames::All,
        counted_factors: CountedFactors::All,
        missing_code: MissingCode::Refused,
        mfa_off: MfaOff::OneAlternative,
        sign_in_window: 1,
        window_shape: WindowShape::Whole,
        window_follows: WindowFollows::Pairs,
        lone_code: LoneCode::Refused,
        hotp_look_ahead: 10,
        replay: Replay::UsedCodes,
        used_codes_of: UsedCodesOf::Device,
        used_codes_kept: Kept::Durably,
        sign_in_tries: 5,
        throttle_first: Span::from_secs(30),
        throttle_max: Span::HOUR,
        failures_max: 100,
        failures_cleared: FailuresCleared::OfAll,
        lockout: Lockout::Device,
        throttling: Throttling::Codes,
        password_and_count: PasswordAndCount::Keeps,
        alternatives_and_count: AlternativesAndCount::Keeps,
        counted_browsers: CountedBrowsers::KnownApart,
        counts_kept: Kept::Durably,
        counting: Counting::WithTheCheck,
        resync_window: 1_000,
        resync_search: ResyncSearch::OwnWindow,
        resync_codes: ResyncCodes::Consecutive,
        pair_memory: PairMemory::Remembered,
        wrong_pairs: WrongPairs::Counted,
        drift_kept: DriftKept::Steps,
        after_pair: AfterPair::NextIsGood,
        set_up_codes: SetUpCodes::StillGood,
        new_device: Kind::TOTP,
        removed_devices: RemovedDevices::Die,
        set_up: SetUp::ShowsSecret,
        earlier_devices: EarlierDevices::Stop,
        alternative_factors: AlternativeFactors::EmailAndPhone,
        step_order: StepOrder::Enforced,
        recovery_ends: RecoveryEnds::Session,
        link_lifetime: Span::HOUR,
        link_expiry: LinkExpiry::Checked,
        link_token: LinkToken::Random,
        link_shown: LinkShown::InMail,
        link_uses: Uses::Once,
        link_bound: LinkBound::Attempt,
        resend: Resend::KillsOld,
        link_fetch: LinkFetch::ShowsButton,
        other_browser: OtherBrowser::Confirms,
        mails_per_hour: 10,
        phone_direction: PhoneDirection::ScreenToPhone,
        spoken_code: SpokenCode::InTheCall,
        phone_number: PhoneNumber::OnFile,
        numbers_called: NumbersCalled::Ordinary,
        number_shown: NumberShown::Masked,
        code_lifetime: Span::from_mins(10),
        code_kept: CodeKept::AsText,
        code_tries: 5,
        tries_used_up: TriesUsedUp::CodeDies,
        code_tries_across: TriesAcross::Account,
        new_call_voids: NewCallVoids::OfItsAttempt,
        code_uses: Uses::Once,
        calls_per_hour: 3,
        calls_per_day: 10,
        call_retry: CallRetry::Never,
        silent_calls: SilentCalls::GivenUp,
        call_prompt: CallPrompt::SaysWhatFor,
        ring_timeout: Span::from_secs(40),
        machine_detection: false,
        phone_proof: PhoneProof::RightDigits,
        call_known_by: CallKnownBy::Order,
        webhook_signature: WebhookSignature::Required,
        callbacks: Callbacks::NewestOnly,
        other_sessions: OtherSessions::End,
        sign_out: SignOut::EndsSession,
        sessions_at_reset: SessionsAtReset::End,
        older_secrets: OlderSecrets::Die,
        removal_lag: Span::ZERO,
        rotation: Rotation::AtEachStep,
        session_idle: Span::HOUR,
        session_max: Span::DAY,
        partial_session: PartialSession::Limited,
        password_and_sessions: PasswordAndSessions::Nothing,
        new_sign_in: NewSignIn::StartsOver,
        factor_changes: FactorChanges::SignedInOnly,
        changes_within: Span::from_mins(5),
        contact_changes: ContactChanges::SignedInOnly,
        csrf: Csrf::Required,
        notify: Notify::AllAddresses,
        notices_kept: Kept::Durably,
        support_form: SupportForm::Open,
        ticket_number: TicketNumber::ForTheAgent,
        call_back: CallBack::NumberOnFile,
        support_proof: SupportProof::CallBackAndIdentity,
        resets_kept: Kept::Durably,
        reset_goes_to: ResetGoesTo::TicketAccount,
        outbox: OutboxOrder::RecordThenSend,
        link_written: LinkWritten::Together,
        provider_failure: ProviderFailure::Nobody,
        boot: Boot::AfterTimeSync,
        unix_time: UnixTime::Bits64,
    };
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
