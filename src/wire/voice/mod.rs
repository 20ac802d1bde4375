//! The fake voice provider's HTTP surface, and the requests that go both ways: orders and webhooks.

mod address;
pub mod api;
pub mod client;
mod order;
pub mod signature;
pub mod webhook;

/// The account that orders calls: `AC` and 32 hexadecimal digits, as Twilio's.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";

/// Its secret: for Basic authentication of orders, and for the signature of webhooks.
pub const AUTH_TOKEN: &str = "auth-token-of-this-play";
