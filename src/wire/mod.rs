//! The only I/O of the library: sockets, servers and clients.
//!
//! Two drivers play a story over the same [`servers`] and by the same [`courier`]: [`WirePlay`]
//! polls one crossing after the other, and [`LivePlay`] serves a world through its [`door`], where
//! a [`carrier`] takes what leaves and a [`clock`] says how time goes by.
//!
//! Everything here writes and reads; nothing decides. A decoder states facts (the signature is
//! right, missing or wrong), the world makes of them what it will, and the answer goes back.

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
