//! Why a play over the wire could not go on.

use std::io;
use std::time::Duration;

use crate::email::message;
use crate::wire::console::browser::BrowserError;
use crate::wire::mailer::MailerError;
use crate::world::Stuck;

/// How long one carry may take in real time.
pub(super) const WATCHDOG: Duration = Duration::from_secs(10);

/// Why the wire stage could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// A socket could not be set up.
    #[error("the wire stage could not be set up: {0}")]
    SetUp(#[from] io::Error),
    /// An HTTP client could not be set up.
    #[error("the wire stage could not be set up: {0}")]
    Client(#[from] reqwest::Error),
    /// The console answered with what is no page.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// A mail could not be written.
    #[error("a mail could not be written: {0}")]
    Mail(#[from] message::BadAddress),
    /// A mail could not be handed over.
    #[error(transparent)]
    Mailer(#[from] MailerError),
    /// A carry took too long in real time.
    #[error("carrying {0} took longer than {WATCHDOG:?} of real time")]
    Watchdog(&'static str),
    /// A machine panicked while it was handed something.
    #[error("a machine panicked while {0} was carried; that is a mistake of lostkey's own")]
    Panicked(&'static str),
    /// The story is stuck.
    #[error(transparent)]
    Stuck(#[from] Stuck),
    /// The clock leaves carrying to a stage, or the carrier has ended.
    #[error("nobody carries what leaves the world")]
    NobodyCarries,
    /// The play has ended with an error, which was told before.
    #[error("the play has ended with an error before")]
    Over,
}
