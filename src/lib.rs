//! x
pub mod crossing;
pub mod draw;
pub mod event;
pub mod fault;
pub mod id;
pub mod number;
pub mod otp;
pub mod policy;
pub mod secret;
pub mod time;
