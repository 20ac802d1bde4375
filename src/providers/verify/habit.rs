//! The limits and decisions of the verification provider.

use crate::base::number::Number;
use crate::base::time::Span;

/// How long a code is valid (TW-verify). It counts from the first sending: a resend does not extend it,
/// which Twilio does not say.
pub(super) const LIFETIME: Span = Span::from_mins(10);

/// How often the code of one verification is sent. The count ends with the verification: an approval, a
/// cancellation or the expiry makes room (TW-verify-limits).
pub(super) const SENDS_MAX: u8 = 5;

/// How many codes are checked in one verification (TW-verify-limits).
pub(super) const CHECKS_MAX: u8 = 5;

/// Whether a check after the last one finds nothing. One page of Twilio's says so; the other, about error
/// 60202, says that checks are refused until the verification expires.
pub(super) const SPENT_IS_NOT_FOUND: bool = false;

/// Whether a verification of a service that nobody has created creates it. Apps get the SID of their
/// service from their configuration and expect that it exists, as it does after a reset.
pub(super) const UNKNOWN_SERVICES_BEGIN: bool = true;

/// The name of such a service.
pub(super) const USUAL_NAME: &str = "lostkey";

/// Most services of one provider, deleted ones included.
pub const SERVICES_MAX: usize = 1_000;

/// Most verifications of one provider.
pub const VERIFICATIONS_MAX: usize = 100_000;

/// The number that texts and calls with codes come from. Twilio picks one of its own numbers.
pub const SENDER: Number = Number::international(15_005_550_010);
