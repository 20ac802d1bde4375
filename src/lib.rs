//! lostkey.
pub mod crossing;
pub mod draw;
pub mod email;
pub mod event;
pub mod fault;
pub mod id;
pub mod number;
pub mod otp;
pub mod person;
pub mod policy;
pub mod recovery;
pub mod secret;
pub mod story;
pub mod support;
pub mod time;
pub mod voice;
