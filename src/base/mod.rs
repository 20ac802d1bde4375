//! Basic types: time, ids, secrets, phone numbers, one-time passwords, seeded randomness, and the
//! interface of machines. Nothing here reads a clock.

pub mod account_set;
pub mod id;
pub mod later_password;
pub mod machine;
pub mod number;
pub mod otp;
pub mod rng;
pub mod secret;
pub mod subaddress;
pub mod time;
