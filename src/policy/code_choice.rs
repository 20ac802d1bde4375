//! The choices about codes: how they are checked and counted, how a clock is followed, what a call
//! says. Each names the flaw that it stands for where it is one.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::policy::choice::choice;

choice! {
    /// When a wrong try is counted.
    Counting {
        /// With the check: whoever comes next finds it counted.
        WithTheCheck,
        /// After the check, as a check-then-count race has it: tries that arrive in the same instant
        /// all find the count as it stood before (P05; umami#4205, Muthiyah's parallel guesses).
        AfterTheCheck,
    }
    /// What happens to a phone code whose tries are used up.
    TriesUsedUp {
        /// It stops working.
        CodeDies,
        /// The record of its tries is deleted, so that the count starts over (P06; Vaultwarden
        /// CVE-2026-27801).
        CountStartsOver,
    }
    /// Where a code that a call speaks can be learnt.
    SpokenCode {
        /// In the call alone.
        InTheCall,
        /// In the page that asks for it, too: the answer to "Call me now" gives it away (P10;
        /// mall#946).
        InThePageToo,
    }
    /// Who may change the phone number on file.
    ContactChanges {
        /// Sessions that are signed in.
        SignedInOnly,
        /// Sessions with a password, too (P12; Kratos be5e98716).
        PasswordIsEnough,
    }
    /// Which numbers can be put on file and are called.
    NumbersCalled {
        /// Those of the ordinary tariff.
        Ordinary,
        /// Premium-rate numbers, too, that pay whoever owns them (P13; Swinnen 2016).
        PremiumToo,
    }
    /// What the service does when the phone company does not answer the order of a call.
    CallRetry {
        /// Nothing: the call may have been placed, and its callbacks tell.
        Never,
        /// It orders once more, with a new code: where the first was placed after all, two phones
        /// ring for two codes (P19; elizaOS#22382).
        WithNewCode,
    }
    /// What becomes of a call of which the phone company says nothing more.
    SilentCalls {
        /// It is given up in time, and its page says so (rule 9).
        GivenUp,
        /// Its page says that it is coming, for as long as the code lives (H10).
        Awaited,
    }
    /// What the call says before it asks for the code.
    CallPrompt {
        /// Who calls, and what for.
        SaysWhatFor,
        /// It only asks for the code: whoever is lured by another site cannot tell (P20; Gelernter
        /// et al., the password-reset man in the middle).
        AsksOnly,
    }
    /// How a phone code is kept.
    CodeKept {
        /// As a text of six digits.
        AsText,
        /// As a number, so that a code with a leading zero is never right (P21).
        AsNumber,
    }
    /// Which part of the sign-in window is really looked at.
    WindowShape {
        /// All of it.
        Whole,
        /// The steps behind, and not those ahead: a fast clock is refused (T04; rych-otp#1).
        OnlyBehind,
        /// All but its last step or count (T05; `range(start, end)` in privacyIDEA's `checkOtp`).
        WithoutItsLast,
    }
    /// How far re-sync searches.
    ResyncSearch {
        /// As far as its own window goes.
        OwnWindow,
        /// No further than sign-in does (T06; privacyIDEA#1479).
        SignInWindow,
    }
    /// Whether wrong pairs are counted.
    WrongPairs {
        /// They are, with wrong codes.
        Counted,
        /// They are free (T10; RFC 4226 section 7.3).
        Free,
    }
    /// What happens to one code beyond the sign-in window, where re-sync would find it.
    LoneCode {
        /// It is refused.
        Refused,
        /// It signs in, and moves the window: one code in two thousand is a good guess (T11).
        Resyncs,
    }
    /// What is kept of the drift that a pair shows.
    DriftKept {
        /// How many steps the clock is ahead or behind.
        Steps,
        /// How many it is ahead; one that is behind counts as right (T12; otphp#124).
        AheadOnly,
        /// Seconds, that are taken for steps afterwards (T13; privacyIDEA's `_autosync`).
        SecondsAsSteps,
    }
    /// What the sign-in window of a clock follows.
    WindowFollows {
        /// The last pair.
        Pairs,
        /// Each code that signs in, without end: the window walks where the codes lead (T14).
        EveryCode,
    }
    /// What the code that comes right after a pair is worth.
    AfterPair {
        /// It is good.
        NextIsGood,
        /// It is refused as used: the counter was set one too far (T16; privacyIDEA's `resync`).
        NextIsRefused,
    }
    /// What becomes of the codes of a device that was removed.
    RemovedDevices {
        /// They open nothing any more.
        Die,
        /// They are still taken: a new device is added, and the old one stays (T21;
        /// Keycloak#39447).
        StillTaken,
    }
    /// What the phone number in a support form is good for.
    TicketNumber {
        /// For the agent to see.
        ForTheAgent,
        /// It goes on file when the form says that the number has changed, before anybody has
        /// looked (U06).
        GoesOnFile,
    }
    /// Which status callbacks of a call are heard.
    Callbacks {
        /// Those that are newer than all before, by their sequence numbers.
        NewestOnly,
        /// All, as they come: late ones, and those that come twice (P18).
        AsTheyCome,
    }
    /// When the service begins to check codes after it has booted.
    Boot {
        /// Once its clock is right.
        AfterTimeSync,
        /// At once, by a clock that stood still while it was down: for a while codes of the past are
        /// good, and present ones are not (K01).
        BeforeTimeSync,
    }
    /// What the service counts Unix time in.
    UnixTime {
        /// 64 bits.
        Bits64,
        /// 32 bits, one of them the sign: it ends in January 2038 (K02; RFC 6238 section 4.2).
        Bits32,
    }
}
