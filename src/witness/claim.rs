//! Claims: the inferred actions of the service and the events that show them.

use serde::{Deserialize, Serialize};

use crate::base::id::{AccountId, AddressId, BrowserId, CallId, DeviceId, EventId, MailId, TicketId};
use crate::base::number::Number;
use crate::base::time::Time;
use crate::event::{MailKind, Refusal, Way};

/// One action that the service must have taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// The time of the observation.
    pub at: Time,
    /// The event that shows the action: a page, a sentence in a call, an accepted email.
    pub seen: EventId,
    /// The trigger of the action: a person's request, or digits gathered in a call.
    pub asked: Option<EventId>,
    /// The account concerned, if known.
    pub account: Option<AccountId>,
    /// The action.
    pub what: ClaimKind,
}

/// An action of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[expect(missing_docs, reason = "each variant has a doc comment, and the field names are plain")]
pub enum ClaimKind {
    /// The password was accepted.
    PasswordAccepted,
    /// The user name or the password was refused.
    PasswordRefused { why: Refusal },
    /// An MFA code was accepted for sign-in; `code` is the device and moving factor that was actually typed.
    MfaAccepted { code: Option<(DeviceId, u64)> },
    /// An MFA code was refused.
    MfaRefused { why: Refusal },
    /// A browser is signed in; `way` is `None` if it turns out to be signed in without a request to do so.
    SignedIn { way: Option<Way> },
    /// The link in this email was confirmed.
    LinkConfirmed { mail: Option<MailId> },
    /// The link in this email was refused.
    LinkRefused { mail: Option<MailId>, why: Option<Refusal> },
    /// A device was re-synced.
    Resynced { device: Option<DeviceId> },
    /// A pair of codes failed to re-sync a device.
    ResyncRefused { why: Refusal },
    /// A device was deactivated. The page does not show which one.
    DeviceDeactivated,
    /// A device is active from now on.
    DeviceAssigned { device: Option<DeviceId> },
    /// The codes of a new device were refused.
    AssignRefused { why: Refusal },
    /// The phone number on file was changed.
    PhoneChanged,
    /// The password was changed.
    PasswordChanged,
    /// A phone code was accepted: keyed in during this call, or typed on the page.
    CodeAccepted { call: Option<CallId> },
    /// A phone code was refused: keyed in during this call, or typed on the page.
    CodeRefused { call: Option<CallId>, why: Option<Refusal> },
    /// A session with more rights than the previous one began in this browser.
    SessionOpened { browser: BrowserId },
    /// The session of this browser, which had rights, has ended.
    SessionEnded { browser: BrowserId },
    /// MFA was reset at the desk's request.
    FactorsReset { ticket: TicketId },
    /// The service sent an email; `kind` is `None` if the transfer failed.
    MailOrdered { to: AddressId, kind: Option<MailKind> },
    /// The service ordered a call; `call` is `None` if it was not placed.
    CallOrdered { number: Number, call: Option<CallId> },
}

/// The kinds of action that claims state, without details.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each variant is documented at the claim of this name")]
pub enum Fact {
    PasswordAccepted,
    PasswordRefused,
    MfaAccepted,
    MfaRefused,
    SignedIn,
    LinkConfirmed,
    LinkRefused,
    Resynced,
    ResyncRefused,
    DeviceDeactivated,
    DeviceAssigned,
    AssignRefused,
    PhoneChanged,
    PasswordChanged,
    CodeAccepted,
    CodeRefused,
    SessionOpened,
    SessionEnded,
    FactorsReset,
    MailOrdered,
    CallOrdered,
}

impl Fact {
    /// All facts, in the order of the flow.
    pub const ALL: [Self; 21] = [
        Self::PasswordAccepted,
        Self::PasswordRefused,
        Self::MfaAccepted,
        Self::MfaRefused,
        Self::SignedIn,
        Self::LinkConfirmed,
        Self::LinkRefused,
        Self::Resynced,
        Self::ResyncRefused,
        Self::DeviceDeactivated,
        Self::DeviceAssigned,
        Self::AssignRefused,
        Self::PhoneChanged,
        Self::PasswordChanged,
        Self::CodeAccepted,
        Self::CodeRefused,
        Self::SessionOpened,
        Self::SessionEnded,
        Self::FactorsReset,
        Self::MailOrdered,
        Self::CallOrdered,
    ];

    /// The label in tables.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PasswordAccepted => "password accepted",
            Self::PasswordRefused => "password refused",
            Self::MfaAccepted => "MFA code accepted",
            Self::MfaRefused => "MFA code refused",
            Self::SignedIn => "signed in",
            Self::LinkConfirmed => "link confirmed",
            Self::LinkRefused => "link refused",
            Self::Resynced => "device re-synced",
            Self::ResyncRefused => "re-sync refused",
            Self::DeviceDeactivated => "device deactivated",
            Self::DeviceAssigned => "device assigned",
            Self::AssignRefused => "new device refused",
            Self::PhoneChanged => "phone number changed",
            Self::PasswordChanged => "password changed",
            Self::CodeAccepted => "phone code accepted",
            Self::CodeRefused => "phone code refused",
            Self::SessionOpened => "session opened",
            Self::SessionEnded => "session ended",
            Self::FactorsReset => "MFA reset by support",
            Self::MailOrdered => "email ordered",
            Self::CallOrdered => "call ordered",
        }
    }
}

impl ClaimKind {
    /// The fact that the claim states.
    pub const fn fact(&self) -> Fact {
        match self {
            Self::PasswordAccepted => Fact::PasswordAccepted,
            Self::PasswordRefused { .. } => Fact::PasswordRefused,
            Self::MfaAccepted { .. } => Fact::MfaAccepted,
            Self::MfaRefused { .. } => Fact::MfaRefused,
            Self::SignedIn { .. } => Fact::SignedIn,
            Self::LinkConfirmed { .. } => Fact::LinkConfirmed,
            Self::LinkRefused { .. } => Fact::LinkRefused,
            Self::Resynced { .. } => Fact::Resynced,
            Self::ResyncRefused { .. } => Fact::ResyncRefused,
            Self::DeviceDeactivated => Fact::DeviceDeactivated,
            Self::DeviceAssigned { .. } => Fact::DeviceAssigned,
            Self::AssignRefused { .. } => Fact::AssignRefused,
            Self::PhoneChanged => Fact::PhoneChanged,
            Self::PasswordChanged => Fact::PasswordChanged,
            Self::CodeAccepted { .. } => Fact::CodeAccepted,
            Self::CodeRefused { .. } => Fact::CodeRefused,
            Self::SessionOpened { .. } => Fact::SessionOpened,
            Self::SessionEnded { .. } => Fact::SessionEnded,
            Self::FactorsReset { .. } => Fact::FactorsReset,
            Self::MailOrdered { .. } => Fact::MailOrdered,
            Self::CallOrdered { .. } => Fact::CallOrdered,
        }
    }
}
