//! The values of policy settings, one enum per setting. Values that are known flaws cite them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }
    )*};
}

pub(super) use choice;

choice! {
    /// What is remembered to prevent replay of MFA codes. The counter of a HOTP device advances with each
    /// success, so the first two values both refuse every code up to the counter.
    Replay {
        /// The set of used codes inside the window.
        UsedCodes,
        /// The newest used step; older codes are refused as well.
        HighWater,
        /// Only the last code, so the sequence A, B, A is accepted (T02).
        LastCode,
        /// Nothing (T01).
        Nothing,
    }
    /// What is locked after too many consecutive failures.
    Lockout {
        /// The authenticator; alternative factors and support stay available.
        Device,
        /// The account, permanently (A01).
        AccountForGood,
        /// Nothing.
        None,
    }
    /// How a correct password affects the count of failed codes.
    PasswordAndCount {
        /// The count stays.
        Keeps,
        /// The count is reset (T18).
        Resets,
    }
    /// Where data is stored.
    Kept {
        /// In the durable store.
        Durably,
        /// In memory; lost on restart (C06).
        InMemory,
    }
    /// How page 1 responds to an unknown user name.
    UnknownUser {
        /// Asks for a password, as for an existing user name.
        AskedForPassword,
        /// States that the user name does not exist (E01).
        Said,
    }
    /// The codes that re-sync requires.
    ResyncCodes {
        /// Two consecutive codes.
        Consecutive,
        /// Any two codes of the window, in order (T07).
        AnyTwo,
        /// A single code (T08).
        One,
    }
    /// What is remembered about accepted pairs.
    PairMemory {
        /// Each pair must be newer than the last pair and than the codes used to sign in.
        Remembered,
        /// Nothing (T09).
        Forgotten,
    }
    /// Whether the codes of an enrolment or a re-sync can also be used to sign in. For a HOTP device they
    /// never can, because the counter has passed them.
    SetUpCodes {
        /// They can.
        StillGood,
        /// They count as used.
        Used,
    }
    /// The alternative factors.
    AlternativeFactors {
        /// The email link, then the phone code.
        EmailAndPhone,
        /// The email link only.
        EmailOnly,
        /// The phone code only.
        PhoneOnly,
    }
    /// Whether the order of the steps is enforced.
    StepOrder {
        /// The order is enforced.
        Enforced,
        /// Each page can be reached by its URL (S01).
        Free,
    }
    /// The result of a completed recovery.
    RecoveryEnds {
        /// A session; MFA stays on.
        Session,
        /// MFA is off, and a new sign-in is required.
        FreshSignIn,
    }
    /// How often a secret works.
    Uses {
        /// Once.
        Once,
        /// Until it expires (L01, P09).
        Many,
    }
    /// What a link is bound to.
    LinkBound {
        /// The sign-in attempt that requested it.
        Attempt,
        /// The account: the link advances any sign-in attempt of that account (L03).
        Account,
        /// Nothing: the link advances the sign-in attempt of the current browser, for any account (L02).
        Nothing,
    }
    /// How "Resend the email" affects older links.
    Resend {
        /// Older links of the sign-in attempt stop working.
        KillsOld,
        /// Older links stay valid.
        KeepsOld,
        /// All links of the account stop working, including those of other sign-ins. A stranger with the
        /// password can invalidate every link of the owner by repeated requests (L12: devlane#386,
        /// chioma#1352).
        KillsAllOfAccount,
    }
    /// What a GET of a link does.
    LinkFetch {
        /// Shows a button.
        ShowsButton,
        /// Uses the link up without confirming it (L09).
        Burns,
        /// Confirms the link (L10).
        Confirms,
    }
    /// What a link does in a browser other than the one that signs in.
    OtherBrowser {
        /// Confirms the email address; the first browser continues.
        Confirms,
        /// Confirms the email address and also signs this browser in, replacing its session (S12).
        GetsSession,
        /// Refuses the link.
        Refused,
    }
    /// Direction in which the phone code travels.
    PhoneDirection {
        /// Shown on the page, keyed in on the phone.
        ScreenToPhone,
        /// Spoken by the call, typed on the page.
        PhoneToScreen,
    }
    /// The number that is called.
    PhoneNumber {
        /// The number on file.
        OnFile,
        /// The number from the last support form, if any (P11).
        LastTyped,
    }
    /// The scope in which tries are counted.
    TriesAcross {
        /// All codes, sessions and restarts of the account.
        Account,
        /// A single code; a new code resets the count (P02).
        Code,
    }
    /// What completes the phone step.
    PhoneProof {
        /// The right digits, in the call that belongs to the code.
        RightDigits,
        /// The digits of any valid code (P07).
        AnyLiveCode,
        /// An answered call, including one answered by voicemail (P15; Vigo, DEF CON 26).
        AnsweredCall,
        /// A completed call (P16).
        CompletedCall,
    }
    /// Whether webhook requests must be signed.
    WebhookSignature {
        /// A signature is required.
        Required,
        /// Signatures are not checked (P17).
        Ignored,
    }
    /// What happens to other sessions when a factor changes.
    OtherSessions {
        /// They end.
        End,
        /// They stay valid (S06).
        Keep,
    }
    /// What happens to links and phone codes issued before a factor change.
    OlderSecrets {
        /// They stop working.
        Die,
        /// They stay valid, as do the recoveries that wait for them; only signed-in sessions end (L11:
        /// contao#7510, decred#320).
        LiveOn,
    }
    /// Whether the session id is renewed when the session gains rights.
    Rotation {
        /// Renewed at each step.
        AtEachStep,
        /// Never renewed (S05).
        Never,
    }
    /// Which sessions may change factors.
    FactorChanges {
        /// Signed-in sessions only.
        SignedInOnly,
        /// Also sessions that have only passed the password step (S02).
        PasswordIsEnough,
    }
    /// Whether forms must carry the CSRF token of the session.
    Csrf {
        /// The token is required.
        Required,
        /// The token is not checked (S11).
        Ignored,
    }
    /// Who is notified.
    Notify {
        /// All addresses on file.
        AllAddresses,
        /// The first address on file (M02).
        FirstAddress,
        /// Nobody (M01).
        Nobody,
    }
    /// Where the support form is available.
    SupportForm {
        /// Without signing in.
        Open,
        /// Only after sign-in, so a locked-out owner cannot reach it (H31).
        BehindSignIn,
    }
    /// The number that support calls back.
    CallBack {
        /// The number on file.
        NumberOnFile,
        /// The number in the ticket (U02).
        NumberInTicket,
    }
    /// What support checks before it resets MFA.
    SupportProof {
        /// Calls back and checks that the person who answers is the account's owner.
        CallBackAndIdentity,
        /// Calls back and accepts anybody who can prove an identity, whosever account it is (U07).
        CallBackAndAnyIdentity,
        /// Calls back and trusts the person who answers.
        CallBackOnly,
        /// Accepts personal data in the ticket as proof (U04).
        PersonalData,
        /// Nothing (U01).
        Nothing,
    }
    /// Whether a message is recorded before it is sent.
    OutboxOrder {
        /// Recorded, sent, then marked as sent.
        RecordThenSend,
        /// Sent, then recorded; a crash in between leaves a link unknown to the service (C01).
        SendThenRecord,
    }
    /// Who is charged for a provider's failure.
    ProviderFailure {
        /// Nobody.
        Nobody,
        /// The user (A03).
        User,
    }
}
