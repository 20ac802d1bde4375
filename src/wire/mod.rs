//! All I/O of the library outside the command: sockets, servers and clients.
//!
//! This module only decodes and encodes; it makes no decisions. A decoder reports facts (the
//! signature is valid, missing or wrong), the world acts on them, and its answer is written back.

pub mod clock;
pub(crate) mod contract;
pub(crate) mod descriptors;
pub mod desk;
pub mod door;
pub(crate) mod error;
pub(crate) mod files;
pub mod form;
pub mod gateway;
pub(crate) mod http_client;
pub(crate) mod http_exchange;
pub mod http_server;
pub mod inbox;
pub mod logbook;
pub(crate) mod loopback;
pub mod mail_log;
pub mod mailboxes;
pub mod mailer;
pub mod mime;
pub mod proxy;
mod quick_ack;
pub mod reference;
pub mod scanner;
pub mod servers;
pub mod smtp;
#[cfg(test)]
mod testing;
pub mod tls;
pub mod token;
pub mod twilio;

pub use self::clock::Clock;
pub use self::door::Door;
pub use self::error::WireError;
pub use self::logbook::Logbook;
pub use self::servers::Addresses;
