//! Supporting types of event fields: reasons, outcomes, folders, and what was actually typed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::id::{AccountId, AddressId, BrowserId, CallId, DeviceId, MailId};
use crate::base::secret::Digest;
use crate::base::time::Time;

/// The meaning of what a call says after it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// Asks for the code shown on the page.
    KeyInTheCode,
    /// Asks for a code without naming the caller or the purpose.
    KeyInACode,
    /// The code was wrong; asks again.
    WrongCode,
    /// The code was right.
    Verified,
    /// Verification failed; goodbye.
    CouldNot,
    /// No digits were pressed; goodbye.
    NoInput,
    /// Speaks a code, digit by digit.
    TheCode,
    /// Twilio's application error message, played when a document cannot be fetched; the call ends.
    ApplicationError,
    /// A sentence that is not part of the reference flow.
    SomethingElse,
}

/// The requests that a call makes to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookKind {
    /// Fetches the document after the call was answered.
    Fetch,
    /// Posts the gathered digits and fetches the next document.
    Action,
    /// Reports a change of the call's status.
    Status,
}

/// A change of a person's device in mid-story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceChange {
    /// It was lost.
    Lost,
    /// It was found again.
    Found,
    /// Its clock was set right.
    ClockSet,
    /// Its battery was replaced.
    BatteryReplaced,
    /// It was restored from a backup.
    Restored {
        /// The time of the backup.
        backup: Time,
    },
}

/// The folder that an email was delivered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Folder {
    /// The inbox.
    Inbox,
    /// The spam folder, which the recipient rarely reads.
    Spam,
}

/// Why a request got no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoReply {
    /// The service is down.
    Down,
    /// The connection was closed.
    Cut,
    /// The request timed out.
    TimedOut,
}

/// Why the service refused a request. A refusal is an output of the flow, not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// Does not match.
    Wrong,
    /// Matches, but was used before.
    Used,
    /// Expired.
    Expired,
    /// Replaced by a newer one.
    Replaced,
    /// Not known to the service.
    Unknown,
    /// Not bound to this account, session or call.
    NotBound,
    /// Too many tries, emails or calls in a period.
    Throttled,
    /// All tries are used up.
    UsedUp,
    /// The two codes are not consecutive.
    NotConsecutive,
    /// An earlier step of the flow is missing.
    TooEarly,
    /// The session has ended.
    NoSession,
    /// The signature is missing or wrong.
    BadSignature,
    /// The CSRF token is missing or wrong.
    BadCsrf,
    /// There is no phone number on file.
    NoPhone,
    /// The maximum number of devices is reached.
    TooMany,
    /// The provider failed; no try is counted.
    Provider,
    /// Support could not verify the identity of the requester.
    NotProven,
    /// The sign-in is too long ago for a change of factors or contact data.
    SignInTooOld,
}

/// How a session was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// With the password only, because MFA was off.
    Password,
    /// With the password and one of the alternative factors, because MFA was removed.
    OneAlternative,
    /// With the password and a code of an authenticator.
    Mfa,
    /// With the password and alternative factors.
    Recovery,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SessionEnd {
    /// The user signed out.
    SignedOut,
    /// The session continues under a new id.
    Rotated,
    /// A factor of the account changed in another session.
    FactorChanged,
    /// The idle timeout or the maximum lifetime was reached.
    Expired,
    /// The service lost it in a crash.
    Forgotten,
    /// A new sign-in began in its browser.
    Replaced,
}

/// The ground truth of what a person typed, said or clicked: which account's password, which device's code,
/// which email's link. The service does not know it; the trace records it for the oracles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Typed {
    /// Nothing relevant.
    Nothing,
    /// A user name.
    User(AddressId),
    /// The password of this account; `None` for a password that matches no account.
    Password(Option<AccountId>),
    /// The code that this device shows for this time step or counter.
    Code {
        /// The authenticator.
        device: DeviceId,
        /// The moving factor: T of RFC 6238, C of RFC 4226.
        step: u64,
    },
    /// Two codes of one device.
    Pair {
        /// The authenticator.
        device: DeviceId,
        /// The moving factor of the first code.
        first: u64,
        /// Distance from the first code to the second; 1 for consecutive codes.
        apart: i16,
    },
    /// The link in this email.
    Link(MailId),
    /// The code shown on the page in this browser.
    Screen(BrowserId),
    /// The code that this call spoke.
    Spoken(CallId),
    /// A made-up or mistyped value.
    Guess(Digest),
}
