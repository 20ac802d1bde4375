//! Refusals of orders: Twilio's error codes, with HTTP statuses and messages.
//!
//! Twilio's error dictionary gives no HTTP statuses. A refusal is 400 unless another status is known
//! (TW-errors). The messages are not Twilio's; clients display them and must not parse them.

use crate::base::time::Span;
use crate::message::CallCreate;

/// The `To` number is invalid.
pub(super) const INVALID_TO: u32 = 21211;
/// No numbering plan has the `To` number (TW-errors).
pub(super) const NO_SUCH_TO: u32 = 21217;
/// The `From` number is invalid.
pub(super) const INVALID_FROM: u32 = 21212;
/// The state of the call does not allow the change.
pub(super) const INVALID_STATE: u32 = 21220;
/// The ring timeout or the time limit is zero, or the ring timeout is too long. Twilio's dictionary has no
/// code for `TimeLimit`.
pub(super) const INVALID_TIMEOUT: u32 = 21208;
/// Too many concurrent calls.
pub(super) const TOO_MANY_AT_ONCE: u32 = 10004;
/// Too many orders.
pub(super) const TOO_MANY_ORDERS: u32 = 20429;

/// Twilio's maximum ring timeout (TW-order).
pub(super) const RINGS_MAX: Span = Span::from_secs(600);

/// Validates an order and returns Twilio's error code.
pub(super) fn complaint(order: &CallCreate) -> Option<u32> {
    if !order.to.is_e164() {
        return Some(INVALID_TO);
    }
    if !order.to.is_in_a_plan() {
        return Some(NO_SUCH_TO);
    }
    if !order.from.is_e164() {
        return Some(INVALID_FROM);
    }
    if order.time_limit.is_some_and(|limit| limit.as_secs() == 0) {
        return Some(INVALID_TIMEOUT);
    }
    let rings = Span::from_secs(order.ring_timeout.as_secs());
    (rings == Span::ZERO || rings > RINGS_MAX).then_some(INVALID_TIMEOUT)
}

/// The JSON body of a refusal: `{"code": 21211, "message": "…", "more_info": "…", "status": 400}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Twilio's error code.
    pub code: u32,
    /// HTTP status.
    pub http: u16,
    /// The message.
    pub message: &'static str,
}

impl ApiError {
    /// The refusal for a Twilio error code. An unknown code is a 400.
    pub fn of(code: u32) -> Self {
        let known = KNOWN.iter().find(|(known, ..)| *known == code);
        let (_, http, message) =
            known.copied().unwrap_or((code, 400, "The request could not be carried out."));
        Self { code, http, message }
    }

    /// All known refusals, ordered by code.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|(code, http, message)| Self { code: *code, http: *http, message })
    }

    /// The URL of Twilio's documentation for the code.
    pub fn more_info(self) -> String {
        format!("https://www.twilio.com/docs/errors/{}", self.code)
    }
}

const KNOWN: [(u32, u16, &str); 52] = [
    (10001, 400, "The account is not active."),
    (TOO_MANY_AT_ONCE, 429, "Too many calls are in progress at once."),
    (20001, 400, "A parameter is not valid."),
    (20003, 401, "Authenticate"),
    (20006, 400, "The page size is not valid."),
    (20007, 400, "The page is not valid."),
    (20008, 403, "This cannot be used with test credentials."),
    (20009, 409, "The resource cannot be deleted before it is complete."),
    (20404, 404, "The requested resource was not found."),
    (TOO_MANY_ORDERS, 429, "Too many requests."),
    (20500, 500, "An internal error has occurred."),
    (20503, 503, "The service is not available just now."),
    (21201, 400, "No 'To' number is given."),
    (21202, 400, "The 'To' number is a premium number."),
    (21203, 400, "International calling is off."),
    (21205, 400, "The 'Url' is not valid."),
    (21206, 400, "The 'SendDigits' are not valid."),
    (INVALID_TIMEOUT, 400, "The 'Timeout' is not valid."),
    (21209, 400, "The 'Method' is not valid."),
    (21210, 400, "The 'From' number is not verified for this account."),
    (INVALID_TO, 400, "The 'To' number is not a valid phone number."),
    (INVALID_FROM, 400, "The 'From' number is not a valid phone number."),
    (21213, 400, "No 'From' number is given."),
    (21214, 400, "The 'To' number cannot be reached."),
    (21215, 400, "This account is not permitted to call the region of the 'To' number."),
    (21216, 400, "The 'To' number is blocked."),
    (NO_SUCH_TO, 400, "The phone number does not appear to be valid."),
    (21218, 400, "The 'ApplicationSid' is not valid."),
    (21219, 400, "The 'To' number is not verified, as a trial account needs it."),
    (INVALID_STATE, 400, "The call is not in a state that allows this."),
    (21234, 400, "The 'MachineDetection' is not valid."),
    (21265, 400, "The 'To' number is a short code."),
    (21266, 400, "The 'To' number is the 'From' number."),
    (21408, 400, "This account is not permitted to text the region of the 'To' number."),
    (21602, 400, "The message has no body."),
    (21603, 400, "No 'From' number and no 'MessagingServiceSid' is given."),
    (21604, 400, "No 'To' number is given."),
    (21606, 400, "The 'From' number cannot send this message."),
    (21609, 400, "The 'StatusCallback' is not valid."),
    (21610, 400, "The recipient has opted out of messages from this sender."),
    (21611, 400, "The queue of the 'From' number is full."),
    (21612, 400, "There is no route from the 'From' number to the 'To' number."),
    (21614, 400, "The 'To' number cannot receive messages."),
    (21617, 400, "The body is longer than 1,600 characters."),
    (21620, 400, "A 'MediaUrl' is not valid."),
    (21623, 400, "There are more than 10 media."),
    (21701, 404, "The messaging service does not exist."),
    (30400, 400, "This update of a message is not supported."),
    (30409, 409, "The message is not scheduled, so it cannot be canceled."),
    (35111, 400, "A scheduled message needs a 'SendAt'."),
    (35114, 400, "The 'SendAt' is not between 5 minutes (300 seconds) and 35 days from now."),
    (35115, 400, "The 'SendAt' is not a time in the format YYYY-MM-DDTHH:MM:SSZ (UTC)."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::number::Number;
    use crate::providers::phone::harness::Rehearsal;

    #[test]
    fn each_code_has_its_status() {
        for (code, http) in [
            (20003, 401),
            (20008, 403),
            (20404, 404),
            (20429, 429),
            (10004, 429),
            (20500, 500),
            (20503, 503),
            (21211, 400),
            (21215, 400),
            (21220, 400),
            // An unlisted code is a bad request.
            (29999, 400),
        ] {
            let error = ApiError::of(code);
            assert_eq!((error.code, error.http), (code, http));
            assert!(!error.message.is_empty());
        }
        assert_eq!(ApiError::of(21217).more_info(), "https://www.twilio.com/docs/errors/21217");
    }

    #[test]
    fn codes_are_listed_once_and_in_order() {
        assert!(KNOWN.is_sorted_by(|(a, ..), (b, ..)| a < b));
    }

    #[test]
    fn an_order_is_checked() {
        for (number, rings, code) in [
            ("+34600000001", Span::from_secs(40), None),
            ("+34600000001", RINGS_MAX, None),
            ("0600000001", Span::from_secs(40), Some(21211)),
            ("+07911123456", Span::from_secs(40), Some(21211)),
            ("+1234567", Span::from_secs(40), Some(21211)),
            ("+4407911123456", Span::from_secs(40), Some(21217)),
            ("+999123456789", Span::from_secs(40), Some(21217)),
            ("+34600000001", Span::from_millis(999), Some(21208)),
            ("+34600000001", Span::from_secs(601), Some(21208)),
        ] {
            let to = Number::read(number).unwrap();
            let order = CallCreate { to, ring_timeout: rings, ..Rehearsal::default().order };
            assert_eq!(complaint(&order), code, "{number} for {rings}");
        }
        let usual = Rehearsal::default().order;
        for (order, code) in [
            (CallCreate { from: Number::NONE, ..usual }, Some(21212)),
            (CallCreate { time_limit: Some(Span::from_millis(999)), ..usual }, Some(21208)),
            (CallCreate { time_limit: Some(Span::SECOND), ..usual }, None),
        ] {
            assert_eq!(complaint(&order), code, "{order:?}");
        }
    }
}
