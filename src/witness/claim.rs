//! Claims: what the service must have done, and which event shows it.

use serde::Deserialize;
use serde::Serialize;

use crate::event::MailKind;
use crate::event::Refusal;
use crate::event::Way;
use crate::id::AccountId;
use crate::id::AddressId;
use crate::id::BrowserId;
use crate::id::CallId;
use crate::id::DeviceId;
use crate::id::EventId;
use crate::id::MailId;
use crate::id::TicketId;
use crate::number::Number;
use crate::time::Time;

/// One thing that the service must have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// When it was seen.
    pub at: Time,
    /// The event that shows it: a page that was seen, words of a call, a mail that was taken.
    pub seen: EventId,
    /// What the service answered by it: a person's request, or digits that a call collected.
    pub asked: Option<EventId>,
    /// Whose account it is about, where that is known.
    pub account: Option<AccountId>,
    /// What was done.
    pub what: ClaimKind,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[expect(missing_docs, reason = "each variant has its sentence, and each field is a word of the glossary")]
pub enum ClaimKind {
    /// The password was right.
    PasswordAccepted,
    /// The user name or the password was refused.
    PasswordRefused { why: Refusal },
    /// An MFA code let its sender in; `code` is whose it was in truth, device and moving factor.
    MfaAccepted { code: Option<(DeviceId, u64)> },
    /// An MFA code was refused.
    MfaRefused { why: Refusal },
    /// A browser is signed in; `way` is `None` where it is found signed in without having asked.
    SignedIn { way: Option<Way> },
    /// The link in this mail was confirmed.
    LinkConfirmed { mail: Option<MailId> },
    /// The link in this mail was refused.
    LinkRefused { mail: Option<MailId>, why: Option<Refusal> },
    /// A device was re-synced.
    Resynced { device: Option<DeviceId> },
    /// Two codes did not re-sync anything.
    ResyncRefused { why: Refusal },
    /// A device counts no more. Which one, the page does not say.
    DeviceDeactivated,
    /// A device counts from now on.
    DeviceAssigned { device: Option<DeviceId> },
    /// The codes of a new device were refused.
    AssignRefused { why: Refusal },
    /// The phone number on file was changed.
    PhoneChanged,
    /// A phone code was right: keyed in during this call, or typed on the page.
    CodeAccepted { call: Option<CallId> },
    /// A phone code was refused: keyed in during this call, or typed on the page.
    CodeRefused { call: Option<CallId>, why: Option<Refusal> },
    /// A session with more rights than the one before began in this browser.
    SessionOpened { browser: BrowserId },
    /// The session of this browser, which had rights, has ended by now.
    SessionEnded { browser: BrowserId },
    /// MFA was reset at the desk's request.
    FactorsReset { ticket: TicketId },
    /// The service sent a mail; `kind` is `None` where the provider refused it unread.
    MailOrdered { to: AddressId, kind: Option<MailKind> },
    /// The service placed a call; `call` is `None` where the company refused it.
    CallOrdered { number: Number, call: Option<CallId> },
}

/// The facts that claims state, without their particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is a kind of claim, and said there")]
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
    CodeAccepted,
    CodeRefused,
    SessionOpened,
    SessionEnded,
    FactorsReset,
    MailOrdered,
    CallOrdered,
}

impl Fact {
    /// All of them, in the order of the flow.
    pub const ALL: [Self; 20] = [
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
        Self::CodeAccepted,
        Self::CodeRefused,
        Self::SessionOpened,
        Self::SessionEnded,
        Self::FactorsReset,
        Self::MailOrdered,
        Self::CallOrdered,
    ];

    /// As a table says it.
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
            Self::CodeAccepted => "phone code accepted",
            Self::CodeRefused => "phone code refused",
            Self::SessionOpened => "session opened",
            Self::SessionEnded => "session ended",
            Self::FactorsReset => "MFA reset by support",
            Self::MailOrdered => "mail ordered",
            Self::CallOrdered => "call ordered",
        }
    }
}

impl ClaimKind {
    /// Which fact it states.
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
