//! The choices of a policy: each an enum, with the flaw that it stands for where it is one.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

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
    /// What is remembered against replay of MFA codes. A counter device's counter moves on with
    /// each success, so that both of the first two refuse every code that is not beyond it.
    Replay {
        /// The set of codes used inside the window.
        UsedCodes,
        /// The newest step used: older codes are refused too.
        HighWater,
        /// The last code alone, so that A, B, A goes through (T02).
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
    /// How a user name that nobody has is answered on page 1.
    UnknownUser {
        /// As one that somebody has.
        AskedForPassword,
        /// It is said that nobody has it (E01).
        Said,
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
        /// Each pair must be newer than the last one and than the codes that signed in.
        Remembered,
        /// Nothing (T09).
        Forgotten,
    }
    /// Whether codes of a set-up can still be used to sign in. Those of a counter device never can:
    /// the counter has passed them.
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
        /// All links of the account stop working, those of others' sign-ins too: a stranger with
        /// the password who asks again and again kills each link of the owner's (L12: devlane#386,
        /// chioma#1352).
        KillsAllOfAccount,
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
        /// Confirms, and gives this browser the session too, whatever it was signed in to (S12).
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
        /// A call that was answered, by whomever: voicemail counts (P15; Vigo, DEF CON 26).
        AnsweredCall,
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
    /// What happens to links and phone codes that were issued before a factor changed.
    OlderSecrets {
        /// They stop working.
        Die,
        /// They live on, and so do the recoveries that wait for them: only who is signed in is
        /// signed out (L11: contao#7510, decred#320).
        LiveOn,
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
    /// From where the support form can be reached.
    SupportForm {
        /// From anywhere.
        Open,
        /// Only once signed in: whoever is locked out cannot ask (H31).
        BehindSignIn,
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
