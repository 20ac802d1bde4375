//! The choices along the way in: sign-in, link, session, set-up. Each flaw was shipped by somebody.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::policy::choice::choice;

choice! {
    /// How a link comes to its token.
    LinkToken {
        /// 128 bits that nobody can foretell.
        Random,
        /// From the user name and the second in which it is issued (L04: CVE-2016-0783).
        UserAndTime,
    }
    /// Where a link's token can be read.
    LinkShown {
        /// In the mail.
        InMail,
        /// In the answer to "Send verification email", too (L14: Eventra#16195).
        InAnswerToo,
    }
    /// By which clock a link expires.
    LinkExpiry {
        /// By the one by which it was issued.
        Checked,
        /// The end is written down in local time, which is two hours ahead, and read as UTC (L08:
        /// textpattern#2037, rest-authemail#53).
        InLocalTime,
        /// The end stands in the mail, and is not looked at (L07).
        Ignored,
    }
    /// In which order a link is used up and its step counts as done.
    LinkWritten {
        /// Both in one transaction.
        Together,
        /// The link at once; the step is kept in memory until the recovery is finished, so that a
        /// crash leaves a link that is used up for nothing (C02: better-auth#10483, gladys#199).
        LinkFirst,
        /// The step at once; that the link is used is kept in memory until then, so that a crash
        /// leaves a link that works once more (C03).
        StepFirst,
    }
    /// What counts as a second factor when the password was right.
    CountedFactors {
        /// Every device on file.
        All,
        /// Devices that go by time; whoever has a counter device alone is asked for no code (S04:
        /// Kratos GHSA-wc43-73w7-x2f5 forgot look-up secrets that way).
        TimeBasedOnly,
    }
    /// What page 2 makes of a request without the field for the code.
    MissingCode {
        /// A wrong code.
        Refused,
        /// The check runs over the fields that are there, and finds nothing wrong (S03: PayPal
        /// 2016).
        Passes,
    }
    /// What the cookie of the password step opens.
    PartialSession {
        /// The pages up to the second factor.
        Limited,
        /// All of the console: that the code is still to come is kept by the page alone (S08).
        Full,
    }
    /// What a right password does to other sessions of the account.
    PasswordAndSessions {
        /// Nothing, before the second factor.
        Nothing,
        /// It ends them, so that who knows the password alone can sign the owner out (S07:
        /// hushline#2208).
        EndsOthers,
    }
    /// What a browser's new sign-in takes over from the one before.
    NewSignIn {
        /// Nothing.
        StartsOver,
        /// The steps of alternative factors that were done: they are kept by the cookie, not by the
        /// sign-in (S09: ASVS 2.3.1).
        KeepsSteps,
        /// Everything but the account, which is the one that is typed on page 1 (S13: session
        /// puzzling, WSTG-SESS-08).
        KeepsAll,
    }
    /// For which user names wrong passwords are counted.
    CountedNames {
        /// For all that are typed.
        All,
        /// For those that somebody has: only they are ever throttled (E03: laravel#13658,
        /// CVE-2021-21424).
        ThatExist,
    }
    /// How page 7 shows the number that it calls.
    NumberShown {
        /// All but its last two digits hidden.
        Masked,
        /// Whole, to whoever has come that far (E04).
        Whole,
    }
    /// What is throttled after wrong MFA codes.
    Throttling {
        /// Codes and pairs.
        Codes,
        /// Alternative factors, too, which are there for those whose codes do not work (A04).
        AlternativesToo,
    }
    /// What "Assign MFA device" does before the new device's codes came.
    SetUp {
        /// Nothing but to show its secret.
        ShowsSecret,
        /// It takes the old devices off (C04: keycloak#38593).
        DropsOld,
        /// The new device counts already (C05: fortify#201, cloudstack#9308).
        CountsAtOnce,
    }
}
