//! The REST API of the verification provider: version 2 of Twilio Verify (TW-verify).
//!
//! The server passes each request to [`respond`]; services, verifications and attempts have a file each.

mod attempts;
mod mailer;
mod order;
mod resource;
mod rest;
mod server;
mod services;
mod settings;
mod verifications;

pub use self::rest::{VerifyAnswer, VerifyRequest, respond};
pub use self::server::router;
