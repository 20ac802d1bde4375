//! The header that tells a retry from a new request (TW-overrides).

/// The name of the header, in the case that HTTP libraries ask for.
pub(super) const HEADER: &str = "i-twilio-idempotency-token";

/// 32 hexadecimal digits in the groups of a UUID.
pub(super) fn as_uuid(token: u128) -> String {
    let hex = format!("{token:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
