//! What the story says of the voice and SMS provider: its account, its capacity and its numbers.

use std::fmt;
use std::num::NonZeroU32;

use crate::base::number::Number;
use crate::message::Method;

/// The provider as a story declares it, for apps outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Twilio {
    /// The only account that is accepted; `None` accepts any.
    pub account: Option<DeclaredAccount>,
    /// Calls that leave the queue in a second; `None` for no limit.
    pub calls_per_second: Option<NonZeroU32>,
    /// Calls under way at once; `None` for the default.
    pub calls_at_once: Option<NonZeroU32>,
    /// The provider's numbers, in the order of the file.
    pub numbers: Vec<ProviderNumber>,
}

/// An account with its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct DeclaredAccount {
    /// The account SID.
    pub sid: String,
    /// The auth token.
    pub token: String,
    /// The SIDs and the secrets of API keys.
    pub keys: Vec<(String, String)>,
}

impl fmt::Debug for DeclaredAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeclaredAccount").field("sid", &self.sid).finish_non_exhaustive()
    }
}

/// One of the provider's numbers, and where it reports what comes in.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderNumber {
    /// The number.
    pub number: Number,
    /// The URL for texts that come in.
    pub sms: Option<String>,
    /// The method of that request.
    pub sms_method: Method,
    /// The URL for calls that come in.
    pub voice: Option<String>,
}

impl fmt::Debug for ProviderNumber {
    /// Without the URLs, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderNumber").field("number", &self.number).finish_non_exhaustive()
    }
}
