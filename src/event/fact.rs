//! The words of facts that have no text of their own: why, how, where, and what was typed in truth.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::id::AccountId;
use crate::id::AddressId;
use crate::id::BrowserId;
use crate::id::CallId;
use crate::id::DeviceId;
use crate::id::MailId;
use crate::secret::Digest;

/// What the phone says to whoever has picked up, as far as its meaning goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// Asks to key in the code on the screen.
    KeyInTheCode,
    /// Asks to key in a code, and says neither who calls nor what for.
    KeyInACode,
    /// The code was wrong; asks again.
    WrongCode,
    /// The code was right.
    Verified,
    /// It did not work out; goodbye.
    CouldNot,
    /// Nothing was keyed in; goodbye.
    NoInput,
    /// Speaks a code, digit by digit.
    TheCode,
    /// Twilio's own apology when a document cannot be had: the call ends.
    ApplicationError,
    /// Something that is not of our flow.
    SomethingElse,
}

/// Which of its three requests a call makes to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookKind {
    /// Fetches the document once the call is picked up.
    Fetch,
    /// Posts the digits that were keyed in, and takes the next document.
    Action,
    /// Reports a change of the call's status.
    Status,
}

/// Where a mail ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Folder {
    /// Where its reader looks.
    Inbox,
    /// Where its reader hardly looks.
    Spam,
}

/// Why an answer never came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lost {
    /// Nobody listens there.
    Down,
    /// The connection was cut.
    Cut,
    /// No answer in time.
    TimedOut,
}

/// Why the service said no. Domain refusals are outputs, not errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// Does not match.
    Wrong,
    /// Matched, but was used before.
    Used,
    /// Too old.
    Expired,
    /// A newer one replaced it.
    Replaced,
    /// No such thing is known.
    Unknown,
    /// Not bound to this account, session or call.
    NotBound,
    /// Too many tries, mails or calls in a time.
    Throttled,
    /// Its tries are used up for good.
    UsedUp,
    /// The two codes are not consecutive.
    NotConsecutive,
    /// The session has not come that far.
    TooEarly,
    /// The session has ended.
    NoSession,
    /// The signature is missing or wrong.
    BadSignature,
    /// The CSRF token is missing or wrong.
    BadCsrf,
    /// There is no phone number on file.
    NoPhone,
    /// No more devices fit.
    TooMany,
    /// The provider failed; nobody's try is counted.
    Provider,
    /// Support could not establish who asked.
    NotProven,
}

/// How a session came to be signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// By password alone: MFA was off.
    Password,
    /// By password and a code of an authenticator.
    Mfa,
    /// By password and alternative factors.
    Recovery,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionEnd {
    /// Its user signed out.
    SignedOut,
    /// It went on under a new name.
    Rotated,
    /// A factor of the account changed elsewhere.
    FactorChanged,
    /// It was idle for too long, or too old.
    Expired,
    /// The service forgot it in a crash.
    Forgotten,
    /// Its browser began another sign-in.
    Replaced,
}

/// What a person typed, said or clicked, in truth: whose password, which device's code, which
/// mail's link. The person knows; the service does not, and the trace must, for its judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Typed {
    /// Nothing that matters.
    Nothing,
    /// A user name.
    User(AddressId),
    /// The password of this account, or nobody's.
    Password(Option<AccountId>),
    /// The code that this device shows in this time step or for this counter.
    Code {
        /// The authenticator.
        device: DeviceId,
        /// Its moving factor: RFC 6238's T, RFC 4226's C.
        step: u64,
    },
    /// Two codes of one device.
    Pair {
        /// The authenticator.
        device: DeviceId,
        /// Moving factor of the first code.
        first: u64,
        /// How far after the first the second is; 1 for consecutive codes.
        apart: i16,
    },
    /// The link in this mail.
    Link(MailId),
    /// The code that stands on the screen of this browser.
    Screen(BrowserId),
    /// The code that this call spoke.
    Spoken(CallId),
    /// Something made up, or mistyped.
    Guess(Digest),
}
