//! The providers that a recovery flow depends on, as machines without I/O.

pub mod desk;
pub mod mail;
pub mod messaging;
pub mod phone;
pub mod verify;
