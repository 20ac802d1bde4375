//! The values of policy settings for codes: checking and counting, clock drift, calls. Values that are known
//! flaws cite them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::choice::choice;

choice! {
    /// When a wrong try is counted.
    Counting {
        /// Together with the check, so that the next try sees the new count.
        WithTheCheck,
        /// After the check, a check-then-count race: tries that arrive in the same instant all see the old
        /// count (P05; umami#4205, Muthiyah's parallel guesses).
        AfterTheCheck,
    }
    /// Which authenticators a correct MFA code clears of their failures.
    FailuresCleared {
        /// All of the account: a wrong code does not show which device it was meant for.
        OfAll,
        /// Only the device that showed it, so typos at one device wear out another (T23).
        OfItsDevice,
    }
    /// How choosing alternative factors affects the count of wrong MFA codes.
    AlternativesAndCount {
        /// The count stays.
        Keeps,
        /// The count is reset, so that each detour to that page allows more guesses (T24).
        Resets,
    }
    /// What the memory of used MFA codes belongs to.
    UsedCodesOf {
        /// The device.
        Device,
        /// The place in the list of devices: removing a device passes its memory on to the next one (T26).
        Place,
    }
    /// Which phone codes a new call voids.
    NewCallVoids {
        /// The older code of the same sign-in attempt.
        OfItsAttempt,
        /// The codes of all sign-in attempts of the account: a stranger's call voids the code on the owner's
        /// screen (P23).
        OfTheAccount,
    }
    /// How a call's requests are matched with the code that the call is for.
    CallKnownBy {
        /// By the reference of the order, which is in the address of each request.
        Order,
        /// By the number that was called: the newest code of the first account with that number (P22).
        Number,
    }
    /// The account that support has reset once a ticket has passed its checks.
    ResetGoesTo {
        /// The account that the ticket names.
        TicketAccount,
        /// The first account with the number that was called (U08).
        FirstWithNumber,
    }
    /// What happens to a phone code after its last try.
    TriesUsedUp {
        /// It stops working.
        CodeDies,
        /// The record of its tries is deleted, which resets the count (P06; Vaultwarden CVE-2026-27801).
        CountStartsOver,
    }
    /// Where a code spoken by a call is disclosed.
    SpokenCode {
        /// Only in the call.
        InTheCall,
        /// Also in the response to "Call me now" (P10; mall#946).
        InThePageToo,
    }
    /// Which sessions may change the phone number on file.
    ContactChanges {
        /// Signed-in sessions only.
        SignedInOnly,
        /// Also sessions that have only passed the password step (P12; Kratos be5e98716).
        PasswordIsEnough,
    }
    /// The numbers that may be put on file and called.
    NumbersCalled {
        /// Numbers at the ordinary tariff.
        Ordinary,
        /// Also premium-rate numbers, which pay their owner (P13; Swinnen 2016).
        PremiumToo,
    }
    /// Whether a call is ordered again if the phone company does not respond.
    CallRetry {
        /// No: the call may have been placed, and its callbacks will show it.
        Never,
        /// Yes, with a new code: if the first call was placed after all, the phone rings twice with two codes
        /// (P19; elizaOS#22382).
        WithNewCode,
    }
    /// How a call is treated when no further callbacks arrive.
    SilentCalls {
        /// It times out, and its page reports the failure (rule 9).
        GivenUp,
        /// Its page announces the call until the code expires (H10).
        Awaited,
    }
    /// What the call says before it asks for the code.
    CallPrompt {
        /// The caller and the purpose.
        SaysWhatFor,
        /// Nothing: a victim lured by another site cannot recognize the attack (P20; Gelernter et al., the
        /// password-reset man in the middle).
        AsksOnly,
    }
    /// How a phone code is stored.
    CodeKept {
        /// As a string of six digits.
        AsText,
        /// As a number, so that a code with a leading zero never matches (P21).
        AsNumber,
    }
    /// The part of the sign-in window that is checked.
    WindowShape {
        /// The whole window.
        Whole,
        /// Only past steps; codes of a fast clock are refused (T04; rych-otp#1).
        OnlyBehind,
        /// All but the last step or count, an off-by-one error (T05; `range(start, end)` in privacyIDEA's
        /// `checkOtp`).
        WithoutItsLast,
    }
    /// The window that re-sync actually searches.
    ResyncSearch {
        /// The re-sync window.
        OwnWindow,
        /// Only the sign-in window (T06; privacyIDEA#1479).
        SignInWindow,
    }
    /// Whether wrong pairs are counted.
    WrongPairs {
        /// Counted together with wrong codes.
        Counted,
        /// Not counted (T10; RFC 4226 section 7.3).
        Free,
    }
    /// How a single code outside the sign-in window but inside the re-sync window is treated.
    LoneCode {
        /// Refused.
        Refused,
        /// Accepted for sign-in, and moves the window: a guess succeeds with a chance of one in two thousand
        /// (T11).
        Resyncs,
    }
    /// How the drift shown by a pair is stored.
    DriftKept {
        /// As signed time steps, ahead or behind.
        Steps,
        /// Only if the clock is ahead; a slow clock is treated as correct (T12; otphp#124).
        AheadOnly,
        /// In seconds, later read as time steps (T13; privacyIDEA's `_autosync`).
        SecondsAsSteps,
    }
    /// What moves the sign-in window of a TOTP device.
    WindowFollows {
        /// The last pair.
        Pairs,
        /// Every code that signs in, without limit, so the window drifts with the codes (T14).
        EveryCode,
    }
    /// Whether the code that follows an accepted pair is valid.
    AfterPair {
        /// It is valid.
        NextIsGood,
        /// It is refused as used, because the counter was set one too far (T16; privacyIDEA's `resync`).
        NextIsRefused,
    }
    /// Whether the codes of a removed device are still accepted.
    RemovedDevices {
        /// They are refused.
        Die,
        /// They are still accepted: a new device is added and the old one stays (T21; Keycloak#39447).
        StillTaken,
    }
    /// How the phone number in a support form is used.
    TicketNumber {
        /// Shown to the agent.
        ForTheAgent,
        /// Put on file, unreviewed, if the form states that the number has changed (U06).
        GoesOnFile,
    }
    /// The status callbacks of a call that are accepted.
    Callbacks {
        /// Callbacks with a higher sequence number than all previous ones.
        NewestOnly,
        /// All callbacks in order of arrival, including late and duplicate ones (P18).
        AsTheyCome,
    }
    /// When code checks start after a boot.
    Boot {
        /// After time synchronization.
        AfterTimeSync,
        /// Immediately, with a clock that was stopped during the downtime. Until synchronization, past codes
        /// are accepted and current ones refused (K01).
        BeforeTimeSync,
    }
    /// The integer type of Unix time.
    UnixTime {
        /// 64 bits.
        Bits64,
        /// Signed 32 bits, which overflow in January 2038 (K02; RFC 6238 section 4.2).
        Bits32,
    }
}
