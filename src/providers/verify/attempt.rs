//! One sending of a code.

use crate::base::id::{TextId, VerificationId};
use crate::base::time::Time;
use crate::event::VerifyChannel;
use crate::message::{AttemptSid, Sid};

/// What has carried a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// This text.
    Text(TextId),
    /// The call with this SID.
    Call(Sid),
    /// An email.
    Email,
}

/// One sending of a code.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Its SID.
    pub sid: AttemptSid,
    /// The verification.
    pub verification: VerificationId,
    /// When it was sent.
    pub at: Time,
    /// The channel.
    pub channel: VerifyChannel,
    /// What has carried it.
    pub carried: Carried,
}
