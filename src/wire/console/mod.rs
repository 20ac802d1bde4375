//! The reference service over HTTP: forms, session cookie and CSRF token, and the clients that use
//! them.

pub mod browser;
pub mod decode;
pub mod fields;
pub mod html;
pub mod otpauth;
pub mod paths;
pub mod read;
pub mod server;
