//! All I/O of the library outside the command: sockets, servers and clients.
//!
//! Two drivers run a story against the same [`servers`] with the same [`courier`]. [`WirePlay`]
//! polls and carries one crossing at a time. [`LivePlay`] serves a world through its [`door`]: a
//! [`carrier`] carries outgoing crossings and a [`clock`] decides how time passes.
//!
//! This module only decodes and encodes; it makes no decisions. A decoder reports facts (the
//! signature is valid, missing or wrong), the world acts on them, and its answer is written back.

pub mod carrier;
pub mod clock;
pub mod console;
pub mod courier;
pub mod desk;
pub mod door;
mod error;
pub mod form;
pub mod live;
pub mod mailboxes;
pub mod mailer;
pub mod servers;
pub mod site;
pub mod smtp;
mod stage;
pub mod voice;

pub use self::clock::Clock;
pub use self::courier::Detours;
pub use self::door::Door;
pub use self::error::WireError;
pub use self::live::LivePlay;
pub use self::servers::Addresses;
pub use self::stage::WirePlay;
