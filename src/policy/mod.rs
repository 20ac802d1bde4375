//! What the flow does, and what is judged by: data, no methods that decide.
//!
//! A [`Policy`] holds everything in which real recovery flows differ. Its default is the norm.
//! A field may hold a value that no sane team picks, if a system that shipped did: so known flaws
//! are data. A [`Norm`] holds the limits that an oracle judges by, whatever the policy says.

mod choice;
mod code_choice;
mod norm;
mod way_in;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

pub use self::choice::AlternativeFactors;
pub use self::choice::CallBack;
pub use self::choice::Csrf;
pub use self::choice::FactorChanges;
pub use self::choice::Kept;
pub use self::choice::LinkBound;
pub use self::choice::LinkFetch;
pub use self::choice::Lockout;
pub use self::choice::Notify;
pub use self::choice::OlderSecrets;
pub use self::choice::OtherBrowser;
pub use self::choice::OtherSessions;
pub use self::choice::OutboxOrder;
pub use self::choice::PairMemory;
pub use self::choice::PasswordAndCount;
pub use self::choice::PhoneDirection;
pub use self::choice::PhoneNumber;
pub use self::choice::PhoneProof;
pub use self::choice::ProviderFailure;
pub use self::choice::RecoveryEnds;
pub use self::choice::Replay;
pub use self::choice::Resend;
pub use self::choice::ResyncCodes;
pub use self::choice::Rotation;
pub use self::choice::SetUpCodes;
pub use self::choice::StepOrder;
pub use self::choice::SupportForm;
pub use self::choice::SupportProof;
pub use self::choice::TriesAcross;
pub use self::choice::UnknownUser;
pub use self::choice::Uses;
pub use self::choice::WebhookSignature;
pub use self::code_choice::AfterPair;
pub use self::code_choice::Boot;
pub use self::code_choice::CallPrompt;
pub use self::code_choice::CallRetry;
pub use self::code_choice::Callbacks;
pub use self::code_choice::CodeKept;
pub use self::code_choice::ContactChanges;
pub use self::code_choice::Counting;
pub use self::code_choice::DriftKept;
pub use self::code_choice::LoneCode;
pub use self::code_choice::NumbersCalled;
pub use self::code_choice::RemovedDevices;
pub use self::code_choice::ResyncSearch;
pub use self::code_choice::SilentCalls;
pub use self::code_choice::SpokenCode;
pub use self::code_choice::TicketNumber;
pub use self::code_choice::TriesUsedUp;
pub use self::code_choice::UnixTime;
pub use self::code_choice::WindowFollows;
pub use self::code_choice::WindowShape;
pub use self::code_choice::WrongPairs;
pub use self::norm::Norm;
pub use self::way_in::CountedFactors;
pub use self::way_in::CountedNames;
pub use self::way_in::LinkExpiry;
pub use self::way_in::LinkShown;
pub use self::way_in::LinkToken;
pub use self::way_in::LinkWritten;
pub use self::way_in::MissingCode;
pub use self::way_in::NewSignIn;
pub use self::way_in::NumberShown;
pub use self::way_in::PartialSession;
pub use self::way_in::PasswordAndSessions;
pub use self::way_in::SetUp;
pub use self::way_in::Throttling;
use crate::otp::Kind;
use crate::time::Span;

/// Everything in which recovery flows differ. In a story, only what differs from the norm stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Policy {
    // Sign-in.
    /// How a user name that nobody has is answered.
    pub unknown_user: UnknownUser,
    /// For which user names wrong passwords are counted.
    pub counted_names: CountedNames,
    /// What counts as a second factor when the password was right.
    pub counted_factors: CountedFactors,
    /// What page 2 makes of a request without the field for the code.
    pub missing_code: MissingCode,
    /// How many time steps a code may be off the corrected clock (RFC 6238 section 5.2: at most
    /// one).
    pub sign_in_window: u16,
    /// Which part of that window is really looked at.
    pub window_shape: WindowShape,
    /// What the window of a clock follows.
    pub window_follows: WindowFollows,
    /// What happens to one code beyond the window.
    pub lone_code: LoneCode,
    /// How many codes beyond the one that is expected next a counter device may have run ahead
    /// (RFC 4226 section 7.4: the look-ahead window, as small as possible).
    pub hotp_look_ahead: u16,
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
    /// What is throttled after wrong MFA codes.
    pub throttling: Throttling,
    /// What a right password does to the count of failed codes.
    pub password_and_count: PasswordAndCount,
    /// Where failures are counted.
    pub counts_kept: Kept,
    /// When a wrong try is counted.
    pub counting: Counting,

    // Re-sync.
    /// How many time steps off the corrected clock re-sync searches, in either direction; how many
    /// codes ahead for a counter device.
    pub resync_window: u16,
    /// How far re-sync really searches.
    pub resync_search: ResyncSearch,
    /// Which two codes re-sync takes.
    pub resync_codes: ResyncCodes,
    /// What is remembered of accepted pairs.
    pub pair_memory: PairMemory,
    /// Whether wrong pairs are counted.
    pub wrong_pairs: WrongPairs,
    /// What is kept of the drift that a pair shows.
    pub drift_kept: DriftKept,
    /// What the code that comes right after a pair is worth.
    pub after_pair: AfterPair,
    /// Whether the codes of an enrolment or a re-sync can still be used to sign in.
    pub set_up_codes: SetUpCodes,

    // Enrolment.
    /// What kind of device "Assign MFA device" sets up.
    pub new_device: Kind,
    /// What becomes of the codes of a device that was removed.
    pub removed_devices: RemovedDevices,
    /// What "Assign MFA device" does before the new device's codes came.
    pub set_up: SetUp,

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
    /// By which clock a link expires.
    pub link_expiry: LinkExpiry,
    /// How a link comes to its token.
    pub link_token: LinkToken,
    /// Where a link's token can be read.
    pub link_shown: LinkShown,
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
    /// Where a code that a call speaks can be learnt.
    pub spoken_code: SpokenCode,
    /// Which number is called.
    pub phone_number: PhoneNumber,
    /// Which numbers can be put on file and are called.
    pub numbers_called: NumbersCalled,
    /// How page 7 shows the number that it calls.
    pub number_shown: NumberShown,
    /// How long a phone code lives.
    pub code_lifetime: Span,
    /// How a phone code is kept.
    pub code_kept: CodeKept,
    /// How many tries a phone code has.
    pub code_tries: u16,
    /// What happens to a phone code whose tries are used up.
    pub tries_used_up: TriesUsedUp,
    /// What the tries of phone codes are counted across.
    pub code_tries_across: TriesAcross,
    /// How often a phone code works.
    pub code_uses: Uses,
    /// Calls to a number in an hour.
    pub calls_per_hour: u16,
    /// Calls to a number in a day.
    pub calls_per_day: u16,
    /// What happens when the order of a call is not answered.
    pub call_retry: CallRetry,
    /// What becomes of a call of which nothing more is heard.
    pub silent_calls: SilentCalls,
    /// What the call says before it asks for the code.
    pub call_prompt: CallPrompt,
    /// How long a call may ring.
    pub ring_timeout: Span,
    /// Whether machine detection is asked for.
    pub machine_detection: bool,
    /// What completes the phone step.
    pub phone_proof: PhoneProof,
    /// Whether requests of calls must be signed.
    pub webhook_signature: WebhookSignature,
    /// Which status callbacks are heard.
    pub callbacks: Callbacks,

    // Sessions.
    /// What happens to other sessions when a factor changes.
    pub other_sessions: OtherSessions,
    /// What happens to older links and phone codes when a factor changes.
    pub older_secrets: OlderSecrets,
    /// How long a device that was taken off is still good for a code, where sign-in reads a copy of
    /// the store that lags behind (C08: 1 to 3 s were measured at a large provider).
    pub removal_lag: Span,
    /// Whether a session goes on under a new name when its rights grow.
    pub rotation: Rotation,
    /// How long a session may be idle.
    pub session_idle: Span,
    /// How long a session may last.
    pub session_max: Span,
    /// What the cookie of the password step opens.
    pub partial_session: PartialSession,
    /// What a right password does to other sessions of the account.
    pub password_and_sessions: PasswordAndSessions,
    /// What a browser's new sign-in takes over from the one before.
    pub new_sign_in: NewSignIn,
    /// What a session that has not passed the second factor may do to factors.
    pub factor_changes: FactorChanges,
    /// Who may change the phone number on file.
    pub contact_changes: ContactChanges,
    /// Whether forms must carry the session's token.
    pub csrf: Csrf,

    // Notices.
    /// Who is told of recoveries and changes.
    pub notify: Notify,
    /// Where notices wait that the mail provider has not taken yet: in memory, a crash loses them
    /// (M03).
    pub notices_kept: Kept,

    // Support.
    /// From where the support form can be reached.
    pub support_form: SupportForm,
    /// What the phone number in a support form is good for.
    pub ticket_number: TicketNumber,
    /// Which number support calls back.
    pub call_back: CallBack,
    /// What support checks before it resets.
    pub support_proof: SupportProof,

    // Order of things.
    /// Whether something is recorded before it is sent.
    pub outbox: OutboxOrder,
    /// In which order a link is used up and its step counts as done.
    pub link_written: LinkWritten,
    /// Whom a provider's failure is counted against.
    pub provider_failure: ProviderFailure,
    /// When codes are checked after a boot.
    pub boot: Boot,
    /// What the service counts Unix time in.
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
        sign_in_window: 1,
        window_shape: WindowShape::Whole,
        window_follows: WindowFollows::Pairs,
        lone_code: LoneCode::Refused,
        hotp_look_ahead: 10,
        replay: Replay::UsedCodes,
        sign_in_tries: 5,
        throttle_first: Span::from_secs(30),
        throttle_max: Span::HOUR,
        failures_max: 100,
        lockout: Lockout::Device,
        throttling: Throttling::Codes,
        password_and_count: PasswordAndCount::Keeps,
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
        code_uses: Uses::Once,
        calls_per_hour: 3,
        calls_per_day: 10,
        call_retry: CallRetry::Never,
        silent_calls: SilentCalls::GivenUp,
        call_prompt: CallPrompt::SaysWhatFor,
        ring_timeout: Span::from_secs(40),
        machine_detection: false,
        phone_proof: PhoneProof::RightDigits,
        webhook_signature: WebhookSignature::Required,
        callbacks: Callbacks::NewestOnly,
        other_sessions: OtherSessions::End,
        older_secrets: OlderSecrets::Die,
        removal_lag: Span::ZERO,
        rotation: Rotation::AtEachStep,
        session_idle: Span::HOUR,
        session_max: Span::DAY,
        partial_session: PartialSession::Limited,
        password_and_sessions: PasswordAndSessions::Nothing,
        new_sign_in: NewSignIn::StartsOver,
        factor_changes: FactorChanges::SignedInOnly,
        contact_changes: ContactChanges::SignedInOnly,
        csrf: Csrf::Required,
        notify: Notify::AllAddresses,
        notices_kept: Kept::Durably,
        support_form: SupportForm::Open,
        ticket_number: TicketNumber::ForTheAgent,
        call_back: CallBack::NumberOnFile,
        support_proof: SupportProof::CallBackAndIdentity,
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
