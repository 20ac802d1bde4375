//! The reference service over HTTP: forms, session cookie, CSRF token, and the clients for them.

pub mod browser;
pub mod decode;
pub mod fields;
pub mod html;
pub mod otpauth;
pub mod paths;
pub mod read;
mod redirect;
pub mod server;
pub(crate) mod visits;
