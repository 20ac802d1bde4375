//! The steps, one file a noun.

mod account;
mod device;
mod email;
mod phone;
mod story;
mod support;
mod time;
