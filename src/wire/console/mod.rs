//! The console over HTTP: real forms, a session cookie, a CSRF token; and its clients.

pub mod browser;
pub mod decode;
pub mod fields;
pub mod html;
pub mod otpauth;
pub mod paths;
pub mod read;
pub mod server;
