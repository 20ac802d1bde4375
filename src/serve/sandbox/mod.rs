//! Sandboxes: one world per test, with its own trace, clock, faults, people, phones, mailbox and seed.
//!
//! All sandboxes share the listeners. A request to the voice API belongs to the sandbox of its account, an
//! email to that of its recipient's tag or of its AUTH user, and a request to the control API or to
//! Mailpit's to the sandbox that its path or its header names. What matches none belongs to `default`,
//! which lives as long as the server.
//!
//! In reading order: [`SandboxSettings`] describes one, [`Served`] is one world with its routes,
//! [`Sandbox`] has its name and its end, [`Sandboxes`] finds them, [`routes`] and [`Reception`] hand
//! requests and emails to them.

mod limits;
mod one;
mod reception;
mod reference;
mod registry;
pub(super) mod requests;
pub(super) mod routes;
mod served;
mod settings;
mod silence;
mod transcript;

pub use self::limits::{AGE_MAX, BYTES_MAX, SANDBOXES_MAX, SandboxLimits};
pub(super) use self::one::Sandbox;
pub(super) use self::reception::Reception;
pub(super) use self::registry::{Sandboxes, Usual};
pub(super) use self::served::{Plan, Served};
pub(super) use self::settings::DEFAULT;
pub use self::settings::{Ended, SandboxError, SandboxSettings};
