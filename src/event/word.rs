//! The words that people read: pages, notices, statuses, subjects.
//!
//! Labels are part of the behaviour: features and people refer to pages, buttons and notices by
//! them, so each stands here once, with its text.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

/// Words with a text each: an enum, its `ALL`, its `label`, and `from_label` back.
macro_rules! labelled {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $label:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in the order of the flow.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The text that people read.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// The one with this text, letter for letter.
            pub fn from_label(label: &str) -> Option<Self> {
                match label { $($label => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.label())
            }
        }
    };
}

labelled! {
    /// The pages of the flow, numbered as in its description.
    PageName {
        /// 1, user name.
        SignIn = "Sign in",
        /// 1, password.
        Password = "Password",
        /// 2.
        MfaCode = "MFA code",
        /// 3.
        TroubleshootMfa = "Troubleshoot MFA",
        /// 4.
        Resync = "Re-sync MFA device",
        /// 5.
        VerifyEmail = "Step 1: email address verification",
        /// 6, behind the link.
        ConfirmEmail = "Verify your email address",
        /// 7.
        VerifyPhone = "Step 2: phone number verification",
        /// 8.
        FinishSignIn = "Step 3: sign in",
        /// 9.
        SecurityCredentials = "Your Security Credentials",
        /// 9, with the QR code.
        AssignDevice = "Assign MFA device",
        /// 10.
        ContactSupport = "Contact support",
        /// What stands there when the request itself was refused (HTTP 403).
        Forbidden = "Not allowed",
    }
}

labelled! {
    /// What a page tells its reader besides what it offers.
    Notice {
        /// The user name or the password is wrong; which of the two is not said.
        WrongPassword = "The user name or password is not correct",
        /// Nobody has this user name: what only a weak policy says.
        UnknownUser = "There is no account with this user name",
        /// The MFA code does not match.
        WrongCode = "The MFA code is not correct",
        /// The MFA code matched, but was used before.
        UsedCode = "This MFA code has already been used: wait for the next one",
        /// Too many tries; a way opens again by itself.
        TryLater = "Too many tries: wait a little, then try again",
        /// The authenticator was disabled after too many failures in a row.
        DeviceDisabled = "This MFA device is disabled: sign in using alternative factors",
        /// The two codes are of this device, but not consecutive.
        NotConsecutive = "The two MFA codes are not consecutive: wait for the next two",
        /// The two codes do not match the device inside the window.
        NotInWindow = "The two MFA codes do not match: the device could not be re-synced",
        /// The two codes were used before, or are older than the last ones.
        PairUsed = "These MFA codes have already been used: wait for the next two",
        /// Re-sync succeeded.
        InSync = "Your MFA device is in sync: sign in with the next code",
        /// There is no phone number on file, so self-service ends here.
        NoPhone = "There is no phone number on file: only support can reset MFA",
        /// The mail is on its way.
        MailSent = "Verification email sent",
        /// The mail could not be sent, through no fault of the reader.
        MailFailed = "The email could not be sent: try again",
        /// Too many mails were asked for.
        TooManyMails = "Too many emails were sent: wait a little, then try again",
        /// The link is too old.
        LinkExpired = "This link has expired: ask for a new email",
        /// The link was used.
        LinkUsed = "This link has already been used",
        /// A newer link was sent.
        LinkReplaced = "A newer link was sent: use that one",
        /// The link is not known.
        LinkUnknown = "This link is not valid",
        /// The address is verified; the sign-in goes on where it began.
        GoBack = "Your email address is verified: go back to the browser in which you sign in",
        /// The address is verified, in the browser that signs in.
        EmailVerified = "Your email address is verified",
        /// The call is being placed.
        Calling = "We are calling you: key in the code on the phone",
        /// The call could not be placed, was not taken, or no right code was keyed in.
        PhoneFailed = "Phone verification could not be completed",
        /// The code on the screen is too old.
        CodeExpired = "The code on the screen has expired: choose \"Call me now\" again",
        /// The code's tries are used up.
        TooManyTries = "Too many wrong codes: choose \"Call me now\" again later",
        /// Too many calls were asked for.
        TooManyCalls = "Too many calls: wait a little, then try again",
        /// The phone number is verified.
        PhoneVerified = "Your phone number is verified",
        /// MFA is off.
        MfaOff = "MFA is off: assign an MFA device",
        /// A device was deactivated.
        DeviceDeactivated = "The MFA device is deactivated: assign a new one",
        /// A device was assigned.
        DeviceAssigned = "The MFA device is assigned",
        /// No more devices fit.
        TooManyDevices = "No more MFA devices can be assigned: deactivate one first",
        /// The contact data was changed.
        ContactChanged = "Your contact data is changed",
        /// Signed out.
        SignedOut = "You are signed out",
        /// The session has ended or never was; sign in again.
        SessionOver = "Your session has ended: sign in again",
        /// The session may not do that yet.
        NotYet = "Complete the steps before this one first",
        /// The request did not come from our own page.
        BadRequest = "This request did not come from our page",
        /// The support request was filed.
        TicketFiled = "Your request was sent: support will call the phone number on file",
        /// The support request could not be filed just now; it is kept and sent later.
        TicketKept = "Your request is kept and will be sent as soon as possible",
    }
}

labelled! {
    /// What the reader of the support page has trouble with.
    Problem {
        /// The call of step 2.
        NoCall = "I did not receive the call",
        /// The phone number on file is not the owner's any more.
        PhoneChanged = "My phone number has changed",
        /// The mailbox is not the owner's any more.
        NoEmail = "I have no access to the email address",
        /// Anything else.
        Other = "Other",
    }
}

labelled! {
    /// The status of a call, by the names of Twilio's Voice API.
    CallStatus {
        /// Taken, not dialled yet.
        Queued = "queued",
        /// Dialled; only callbacks know this one, the REST API does not.
        Initiated = "initiated",
        /// Rings at the far end.
        Ringing = "ringing",
        /// Picked up.
        InProgress = "in-progress",
        /// Over after having been picked up, by whomever or whatever.
        Completed = "completed",
        /// The far end was busy.
        Busy = "busy",
        /// Could not be put through.
        Failed = "failed",
        /// Nobody picked up in time.
        NoAnswer = "no-answer",
        /// Called off before it was picked up.
        Canceled = "canceled",
    }
}

impl CallStatus {
    /// Whether a call with this status is over.
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => true,
            Self::Queued | Self::Initiated | Self::Ringing | Self::InProgress => false,
        }
    }
}

labelled! {
    /// What Twilio's machine detection makes of whoever answers.
    AnsweredBy {
        /// A person.
        Human = "human",
        /// Voicemail, at the start of its greeting.
        MachineStart = "machine_start",
        /// A fax machine.
        Fax = "fax",
        /// Could not tell.
        Unknown = "unknown",
    }
}

labelled! {
    /// What a mail is about.
    MailKind {
        /// The mail with the link of step 1.
        Verification = "Verify your email address",
        /// A recovery by alternative factors ended in a session.
        RecoveryNotice = "Your account was recovered using alternative factors",
        /// A device was deactivated.
        DeactivationNotice = "An MFA device was deactivated",
        /// A device was assigned.
        AssignmentNotice = "An MFA device was assigned",
        /// A device was re-synced.
        ResyncNotice = "An MFA device was re-synced",
        /// The contact data was changed.
        ContactNotice = "Your contact data was changed",
        /// Support reset MFA.
        ResetNotice = "Support has reset MFA on your account",
        /// Many failed sign-ins with the right password (RFC 4226 section 7.2, "inform the user").
        ThrottleNotice = "Repeated wrong MFA codes on your account",
    }
}

impl Notice {
    /// Texts of earlier versions, which features may still quote.
    const FORMER: &[(&str, Self)] = &[
        ("This MFA code was used already: wait for the next one", Self::UsedCode),
        ("These MFA codes were used already: wait for the next two", Self::PairUsed),
        ("This link was used already", Self::LinkUsed),
    ];

    /// The notice of which an earlier version had a text that begins like this.
    pub fn from_former_label(start: &str) -> Option<Self> {
        Self::FORMER.iter().find(|(former, _)| former.starts_with(start)).map(|(_, notice)| *notice)
    }
}

impl Problem {
    /// The problem that had this text in an earlier version.
    pub fn from_former_label(label: &str) -> Option<Self> {
        (label == "I have no access to the e-mail address").then_some(Self::NoEmail)
    }
}

impl MailKind {
    /// Whether this mail tells the owner of something that was done to the account.
    pub const fn is_notice(self) -> bool {
        !matches!(self, Self::Verification)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_leads_back_to_its_word() {
        for page in PageName::ALL {
            assert_eq!(PageName::from_label(page.label()), Some(*page));
        }
        for notice in Notice::ALL {
            assert_eq!(Notice::from_label(notice.label()), Some(*notice));
        }
        for kind in MailKind::ALL {
            assert_eq!(MailKind::from_label(kind.label()), Some(*kind));
        }
    }
}
