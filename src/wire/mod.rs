//! The only I/O of the library: sockets, servers and clients of the wire stage.
//!
//! Everything here writes and reads; nothing decides. A decoder states facts (the signature is
//! right, missing or wrong), the world makes of them what it will, and the answer goes back.

pub mod console;
pub mod desk;
pub mod form;
pub mod mailboxes;
pub mod mailer;
pub mod mime;
pub mod site;
pub mod smtp;
mod stage;
pub mod voice;

pub use self::stage::Addresses;
pub use self::stage::Detours;
pub use self::stage::WireError;
pub use self::stage::WirePlay;
