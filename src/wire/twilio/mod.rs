//! The fake telephony provider over HTTP: orders of calls, texts and verifications in one direction, webhooks
//! in the other.

pub mod accounts;
mod address;
pub(crate) mod answers;
pub mod api;
mod below_call;
mod call_list;
pub mod client;
pub mod debugger;
mod idempotency;
mod lint;
pub mod messages;
mod order;
mod paging;
pub(crate) mod recorded;
mod request;
mod resource;
pub mod rest;
pub mod server;
pub mod signature;
pub mod verify;
pub mod webhook;
mod wishes;

pub use self::address::hook_at;

/// The account that orders calls: `AC` and 32 hexadecimal digits, as Twilio's.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";

/// The account's auth token: Basic authentication of orders, and the key of webhook signatures.
pub const AUTH_TOKEN: &str = "auth-token-of-this-play";
