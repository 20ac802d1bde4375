//! The texts that users read: pages, notices, statuses, subjects.
//!
//! Labels are part of the behaviour: features and people refer to pages, buttons and notices by them, so each
//! is defined once, here.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares an enum in which each variant has a label, with `ALL`, `label` and `from_label`.
macro_rules! labelled {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $label:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All variants, in the order of the flow.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The text that users read.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// The variant with exactly this label.
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
    /// The pages of the flow, by their numbers in its description.
    PageName {
        /// Page 1, user name.
        SignIn = "Sign in",
        /// Page 1, password.
        Password = "Password",
        /// Page 2.
        MfaCode = "MFA code",
        /// Page 3.
        TroubleshootMfa = "Troubleshoot MFA",
        /// Page 4.
        Resync = "Re-sync MFA device",
        /// Page 5.
        VerifyEmail = "Step 1: email address verification",
        /// Page 6, behind the link.
        ConfirmEmail = "Verify your email address",
        /// Page 7.
        VerifyPhone = "Step 2: phone number verification",
        /// Page 8.
        FinishSignIn = "Step 3: sign in",
        /// Page 9.
        SecurityCredentials = "Your Security Credentials",
        /// Page 9, with the QR code.
        AssignDevice = "Assign MFA device",
        /// Page 10.
        ContactSupport = "Contact support",
        /// The response to a request that was refused as such (HTTP 403).
        Forbidden = "Not allowed",
    }
}

labelled! {
    /// A message on a page.
    Notice {
        /// The user name or the password is wrong, without telling which.
        WrongPassword = "The user name or password is not correct",
        /// The user name does not exist; only shown by a weak policy.
        UnknownUser = "There is no account with this user name",
        /// The MFA code does not match.
        WrongCode = "The MFA code is not correct",
        /// The MFA code matches, but was used before.
        UsedCode = "This MFA code has already been used: wait for the next one",
        /// Too many tries; the user can try again later.
        TryLater = "Too many tries: wait a little, then try again",
        /// The authenticator was disabled after too many consecutive failures.
        DeviceDisabled = "This MFA device is disabled: sign in using alternative factors",
        /// The two codes belong to this device but are not consecutive.
        NotConsecutive = "The two MFA codes are not consecutive: wait for the next two",
        /// The two codes do not match the device inside the window.
        NotInWindow = "The two MFA codes do not match: the device could not be re-synced",
        /// The two codes were used before, or are older than the last ones.
        PairUsed = "These MFA codes have already been used: wait for the next two",
        /// Re-sync succeeded.
        InSync = "Your MFA device is in sync: sign in with the next code",
        /// There is no phone number on file, so self-service ends here.
        NoPhone = "There is no phone number on file: only support can reset MFA",
        /// The email was sent.
        MailSent = "Verification email sent",
        /// The email could not be sent, through no fault of the user.
        MailFailed = "The email could not be sent: try again",
        /// Too many emails were requested.
        TooManyMails = "Too many emails were sent: wait a little, then try again",
        /// The link has expired.
        LinkExpired = "This link has expired: ask for a new email",
        /// The link was used.
        LinkUsed = "This link has already been used",
        /// A newer link was sent.
        LinkReplaced = "A newer link was sent: use that one",
        /// The link is not known.
        LinkUnknown = "This link is not valid",
        /// The email address is verified; the sign-in continues in the browser where it began.
        GoBack = "Your email address is verified: go back to the browser in which you sign in",
        /// The email address is verified, in the browser that signs in.
        EmailVerified = "Your email address is verified",
        /// The call is being placed.
        Calling = "We are calling you: key in the code on the phone",
        /// The call could not be placed or was not answered, or no right code was keyed in.
        PhoneFailed = "Phone verification could not be completed",
        /// The code on the page has expired.
        CodeExpired = "The code on the screen has expired: choose \"Call me now\" again",
        /// All tries of the code are used up.
        TooManyTries = "Too many wrong codes: choose \"Call me now\" again later",
        /// Too many calls were requested.
        TooManyCalls = "Too many calls: wait a little, then try again",
        /// The phone number is verified.
        PhoneVerified = "Your phone number is verified",
        /// MFA is off.
        MfaOff = "MFA is off: assign an MFA device",
        /// MFA was removed, and a sign-in takes an alternative factor until a new device is assigned.
        MfaOffVerify = "MFA is off: verify your email address or your phone number to sign in",
        /// A device was deactivated.
        DeviceDeactivated = "The MFA device is deactivated: assign a new one",
        /// A device was assigned.
        DeviceAssigned = "The MFA device is assigned",
        /// The maximum number of devices is reached.
        TooManyDevices = "No more MFA devices can be assigned: deactivate one first",
        /// The contact data was changed.
        ContactChanged = "Your contact data is changed",
        /// The user has signed out.
        SignedOut = "You are signed out",
        /// The session has ended or never existed; sign in again.
        SessionOver = "Your session has ended: sign in again",
        /// The sign-in is too long ago for a change of factors or contact data.
        SignInAgain = "To change this, sign in again",
        /// An earlier step of the flow is missing.
        NotYet = "Complete the steps before this one first",
        /// The request did not come from a page of the service.
        BadRequest = "This request did not come from our page",
        /// The support form lacks the email address.
        NeedsEmail = "Fill in the email address",
        /// The support form lacks the account number.
        NeedsAccountNumber = "Fill in the account number: 12 digits",
        /// The support form lacks the full name.
        NeedsName = "Fill in the full name",
        /// The support request was filed.
        TicketFiled = "Your request was sent: support will call the phone number on file",
        /// The support request could not be filed; it is stored and sent later.
        TicketKept = "Your request is kept and will be sent as soon as possible",
    }
}

labelled! {
    /// The problem that a support request reports.
    Problem {
        /// The device is lost, and other ways in do not work.
        DeviceLost = "My MFA device is lost",
        /// The call of step 2 did not arrive.
        NoCall = "I did not receive the call",
        /// The owner no longer has the phone number on file.
        PhoneChanged = "My phone number has changed",
        /// The owner no longer has access to the mailbox.
        NoEmail = "I have no access to the email address",
        /// Any other problem.
        Other = "Other",
    }
}

labelled! {
    /// The status of a call, as named by Twilio's Voice API.
    CallStatus {
        /// Accepted, not dialled yet.
        Queued = "queued",
        /// Dialled; reported in callbacks only, not by the REST API.
        Initiated = "initiated",
        /// Ringing at the far end.
        Ringing = "ringing",
        /// Answered.
        InProgress = "in-progress",
        /// Ended after it was answered, by a person or a machine.
        Completed = "completed",
        /// The far end was busy.
        Busy = "busy",
        /// The call could not be connected.
        Failed = "failed",
        /// Not answered within the ring timeout.
        NoAnswer = "no-answer",
        /// Canceled before it was answered.
        Canceled = "canceled",
    }
}

impl CallStatus {
    /// Whether a call with this status has ended.
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => true,
            Self::Queued | Self::Initiated | Self::Ringing | Self::InProgress => false,
        }
    }
}

labelled! {
    /// The status of a text message, as named by Twilio's Messaging API.
    TextStatus {
        /// Accepted for a messaging service, which has not chosen the sender yet.
        Accepted = "accepted",
        /// Waits for its `SendAt`.
        Scheduled = "scheduled",
        /// Accepted, not sent yet.
        Queued = "queued",
        /// Passed to the carrier.
        Sent = "sent",
        /// The carrier has confirmed that the handset has it.
        Delivered = "delivered",
        /// The carrier could not deliver it.
        Undelivered = "undelivered",
        /// It was never passed to a carrier.
        Failed = "failed",
        /// Canceled while it was scheduled.
        Canceled = "canceled",
        /// Sent by a handset to the provider's number.
        Received = "received",
    }
}

impl TextStatus {
    /// Whether a text with this status changes no more.
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Delivered | Self::Undelivered | Self::Failed | Self::Canceled | Self::Received => true,
            Self::Accepted | Self::Scheduled | Self::Queued | Self::Sent => false,
        }
    }
}

labelled! {
    /// How the verification provider delivers a code, as named by Twilio's Verify API.
    VerifyChannel {
        /// A text message.
        Sms = "sms",
        /// A call that speaks the code.
        Call = "call",
        /// An email.
        Email = "email",
    }
}

labelled! {
    /// The status of a verification, as named by Twilio's Verify API.
    VerificationStatus {
        /// Waits for its code.
        Pending = "pending",
        /// The code was right, or the service approved it.
        Approved = "approved",
        /// The service canceled it.
        Canceled = "canceled",
        /// Too many wrong codes.
        MaxAttemptsReached = "max_attempts_reached",
        /// The code was not checked in time.
        Expired = "expired",
        /// The first code could not be sent.
        Failed = "failed",
    }
}

labelled! {
    /// The result of Twilio's answering machine detection.
    AnsweredBy {
        /// A person.
        Human = "human",
        /// Voicemail, at the start of its greeting.
        MachineStart = "machine_start",
        /// Voicemail, at the beep after its greeting.
        MachineEndBeep = "machine_end_beep",
        /// Voicemail, in the silence after its greeting.
        MachineEndSilence = "machine_end_silence",
        /// Voicemail, after its greeting.
        MachineEndOther = "machine_end_other",
        /// A fax machine.
        Fax = "fax",
        /// Not recognized.
        Unknown = "unknown",
    }
}

labelled! {
    /// How far a link scanner goes: the rungs of a ladder, each of which does more than the one before.
    ScanRung {
        /// It asks for the headers (HEAD).
        Head = "head",
        /// It opens the link (GET), and follows no redirect.
        Get = "get",
        /// It opens the link and follows its redirects.
        Redirects = "redirects",
        /// It follows redirects, and submits the form of the page if there is only one (POST).
        Form = "form",
    }
}

labelled! {
    /// When a link scanner comes.
    ScanTime {
        /// Before the email is delivered; the delivery waits for the scanner.
        Before = "before",
        /// When the email is delivered.
        With = "with",
        /// Shortly after the email was delivered.
        After = "after",
    }
}

labelled! {
    /// The subject of an email.
    MailKind {
        /// The email with the link of step 1.
        Verification = "Verify your email address",
        /// A recovery by alternative factors ended in a session.
        RecoveryNotice = "Your account was recovered using alternative factors",
        /// A device was deactivated.
        DeactivationNotice = "An MFA device was deactivated",
        /// Earlier devices stopped counting, because a device was assigned after a recovery.
        StoppedNotice = "Earlier MFA devices no longer count",
        /// A device was assigned.
        AssignmentNotice = "An MFA device was assigned",
        /// A device was re-synced.
        ResyncNotice = "An MFA device was re-synced",
        /// The contact data was changed.
        ContactNotice = "Your contact data was changed",
        /// Support reset MFA.
        ResetNotice = "Support has reset MFA on your account",
        /// A device was disabled after too many wrong codes.
        DisabledNotice = "An MFA device was disabled",
        /// Many failed sign-ins with the correct password (RFC 4226 section 7.2, "inform the user").
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
    /// Whether this email notifies the owner of a change to the account.
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
