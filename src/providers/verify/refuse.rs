//! Refusals: Twilio's error codes of Verify, with HTTP statuses and messages.

/// The service or the verification does not exist, or is spent.
pub(super) const NOT_FOUND: u32 = 20_404;
/// Too many requests, or a table is full.
pub(super) const TOO_MANY: u32 = 20_429;
/// A parameter is not valid.
pub(super) const INVALID_PARAMETER: u32 = 60_200;
/// Too many checks.
pub(super) const CHECKS_SPENT: u32 = 60_202;
/// Too many sends.
pub(super) const SENDS_SPENT: u32 = 60_203;
/// The service does not have this feature.
pub(super) const FEATURE_OFF: u32 = 60_204;
/// A payment without its amount or payee.
pub(super) const NO_TRANSACTION: u32 = 60_206;
/// No email integration.
pub(super) const NO_EMAIL: u32 = 60_217;

/// The HTTP status of an error code. Twilio documents those of most codes (TW-verify-errors); another one
/// is a 400.
pub fn http_of(code: u32) -> u16 {
    KNOWN.iter().find(|(known, ..)| *known == code).map_or(400, |(_, http, _)| *http)
}

/// The message of an error code, in lostkey's words. Clients may show it and must not parse it.
pub fn says(code: u32) -> &'static str {
    let known = KNOWN.iter().find(|(known, ..)| *known == code);
    known.map_or("The verification was refused.", |(.., message)| message)
}

/// Sorted by code. The status of 60238 is not documented.
const KNOWN: [(u32, u16, &str); 27] = [
    (20_001, 400, "A parameter is not valid."),
    (20_003, 401, "Authenticate"),
    (20_006, 400, "The page size is not valid."),
    (20_007, 400, "The page is not valid."),
    (NOT_FOUND, 404, "The requested resource was not found"),
    (TOO_MANY, 429, "Too many requests."),
    (20_500, 500, "An internal error has occurred."),
    (20_503, 503, "The service is not available just now."),
    (21_408, 400, "Texts to the region of this number are switched off."),
    (21_608, 403, "A trial account reaches verified numbers only."),
    (21_610, 400, "The recipient has opted out of texts."),
    (21_614, 400, "The number cannot receive texts."),
    (INVALID_PARAMETER, 400, "A parameter is missing or not valid."),
    (CHECKS_SPENT, 429, "Too many codes were checked in this verification."),
    (SENDS_SPENT, 429, "The code was sent too often in this verification."),
    (FEATURE_OFF, 403, "This service does not have the feature switched on."),
    (60_205, 403, "A landline cannot receive texts."),
    (NO_TRANSACTION, 400, "A payment needs an amount and a payee."),
    (60_212, 429, "Another code is being sent to this number."),
    (NO_EMAIL, 400, "The service has no way to send emails."),
    (60_220, 400, "Verifications in this region need a registered template."),
    (60_221, 400, "Either 'To' or 'VerificationSid' must be given."),
    (60_223, 400, "The channel is switched off."),
    (60_224, 400, "The substitutions of the template are not valid."),
    (60_238, 403, "The verification was blocked on suspicion of fraud."),
    (60_410, 403, "Verifications of this prefix are blocked on suspicion of fraud."),
    (60_605, 403, "Verifications of this country are not permitted."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_listed_once_and_in_order_and_have_their_status() {
        assert!(KNOWN.is_sorted_by(|(a, ..), (b, ..)| a < b));
        for (code, http) in [
            (60_200, 400),
            (60_202, 429),
            (60_203, 429),
            (60_205, 403),
            (60_212, 429),
            (60_217, 400),
            (60_223, 400),
            (60_410, 403),
            (60_605, 403),
            (20_404, 404),
            (20_429, 429),
            (69_999, 400),
        ] {
            assert_eq!(http_of(code), http, "{code}");
            assert!(!says(code).is_empty());
        }
    }
}
