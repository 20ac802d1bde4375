//! The values of policy settings for sign-in, links, sessions and enrolment. Each flaw occurred in a real
//! system.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::choice::choice;

choice! {
    /// How the token of a link is generated.
    LinkToken {
        /// 128 random bits.
        Random,
        /// From the user name and the second of issue (L04: CVE-2016-0783).
        UserAndTime,
    }
    /// Where the token of a link is disclosed.
    LinkShown {
        /// Only in the email.
        InMail,
        /// Also in the response to "Send verification email" (L14: Eventra#16195).
        InAnswerToo,
    }
    /// How the expiry of a link is checked.
    LinkExpiry {
        /// By the clock that issued it.
        Checked,
        /// Expiry is stored in local time, two hours ahead, and read as UTC (L08: textpattern#2037,
        /// rest-authemail#53).
        InLocalTime,
        /// Expiry is printed in the email but not checked (L07).
        Ignored,
    }
    /// The order in which a link is marked as used and its step as done.
    LinkWritten {
        /// Both in one transaction.
        Together,
        /// The link immediately; the step stays in memory until the recovery is complete. A crash leaves a
        /// used link without its step (C02: better-auth#10483, gladys#199).
        LinkFirst,
        /// The step immediately; the used link stays in memory until the recovery is complete. A crash leaves
        /// a link that works again (C03).
        StepFirst,
    }
    /// What a sign-in takes besides the password after MFA was removed, until a new device counts.
    MfaOff {
        /// The link of a verification email, or a phone code. Only the browser in which MFA was removed signs in
        /// without them, as long as its session cookie lasts.
        OneAlternative,
        /// Nothing: whoever knows the password signs in and can assign a device before the owner does (S14).
        PasswordAlone,
    }
    /// What counts as a second factor after a correct password.
    CountedFactors {
        /// Every device on file.
        All,
        /// TOTP devices only; an owner with only a HOTP device is not asked for a code (S04: Kratos
        /// GHSA-wc43-73w7-x2f5 forgot look-up secrets that way).
        TimeBasedOnly,
    }
    /// How page 2 treats a request without the code field.
    MissingCode {
        /// As a wrong code.
        Refused,
        /// As a success, because only fields that are present are checked (S03: PayPal 2016).
        Passes,
    }
    /// What the cookie of the password step gives access to.
    PartialSession {
        /// The pages up to the second factor.
        Limited,
        /// All pages of the service; only the page itself enforces the second factor (S08).
        Full,
    }
    /// How a correct password affects other sessions of the account.
    PasswordAndSessions {
        /// No effect before the second factor.
        Nothing,
        /// Ends them, so anyone with the password can sign the owner out (S07: hushline#2208).
        EndsOthers,
    }
    /// What "Sign out" ends.
    SignOut {
        /// The session, at the service.
        EndsSession,
        /// Only the cookie in the browser; the session goes on for whoever has a copy (S15).
        DropsCookie,
    }
    /// What happens to sessions when support resets MFA.
    SessionsAtReset {
        /// They end.
        End,
        /// They stay valid (S16).
        Keep,
    }
    /// Whose wrong passwords and MFA codes are counted together.
    CountedBrowsers {
        /// Those of browsers that have signed in to the account before are counted apart from those of all
        /// others, so that strangers make no owner wait in a browser of their own (OWASP's device cookies).
        KnownApart,
        /// Those of all browsers: a stranger's tries make the owner wait (A05).
        Together,
    }
    /// What a new sign-in in a browser inherits from the previous one.
    NewSignIn {
        /// Nothing.
        StartsOver,
        /// Completed steps of alternative factors, because they are stored with the cookie instead of the
        /// sign-in (S09: ASVS 2.3.1).
        KeepsSteps,
        /// Everything except the account, which is the one typed on page 1 (S13: session puzzling,
        /// WSTG-SESS-08).
        KeepsAll,
    }
    /// The user names for which wrong passwords are counted.
    CountedNames {
        /// All user names.
        All,
        /// Existing user names; only they are throttled (E03: laravel#13658, CVE-2021-21424).
        ThatExist,
    }
    /// How page 7 shows the number that it calls.
    NumberShown {
        /// Masked except for the last two digits.
        Masked,
        /// In full (E04).
        Whole,
    }
    /// What is throttled after wrong MFA codes.
    Throttling {
        /// Codes and pairs.
        Codes,
        /// Also alternative factors, which exist for users whose codes do not work (A04).
        AlternativesToo,
    }
    /// What happens to the devices on file when a device is assigned in a session that began with alternative
    /// factors.
    EarlierDevices {
        /// They stop counting: a sign-in without any of them suggests that they are lost. Two consecutive codes
        /// of one, typed by somebody who is signed in, bring it back.
        Stop,
        /// They go on counting, so whoever finds a lost one can use it (T27).
        Keep,
    }
    /// What "Assign MFA device" changes before the new device is confirmed with codes.
    SetUp {
        /// Nothing; it shows the secret of the new device.
        ShowsSecret,
        /// Removes the old devices (C04: keycloak#38593).
        DropsOld,
        /// Activates the new device immediately (C05: fortify#201, cloudstack#9308).
        CountsAtOnce,
    }
}
