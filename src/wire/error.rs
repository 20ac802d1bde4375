//! Errors that end a play over the wire.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::wire::descriptors::TooFew;
use crate::wire::mailer::MailerError;
use crate::wire::mime;
use crate::wire::reference::browser::BrowserError;
use crate::world::Stuck;

/// Longest real time for one carry.
pub(crate) const WATCHDOG: Duration = Duration::from_secs(10);

/// Why the wire stage cannot continue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// A server could not listen.
    #[error("{what} cannot listen at {address}: {source}")]
    Listen {
        /// The server.
        what: &'static str,
        /// Where it was to listen.
        address: SocketAddr,
        /// Why it cannot.
        source: io::Error,
    },
    /// A socket could not be set up.
    #[error("the wire stage could not be set up: {0}")]
    SetUp(#[from] io::Error),
    /// The machine has no sockets, no ports or no loopback interface.
    #[error("this machine cannot send a message to itself over 127.0.0.1: {0}")]
    Machine(io::Error),
    /// The process has too few descriptors.
    #[error(transparent)]
    Descriptors(#[from] TooFew),
    /// The machine's clock shows a time before Unix time begins.
    #[error("the clock of this machine is before 1970; set it")]
    Clock,
    /// An HTTP client could not be set up.
    #[error("the wire stage could not be set up: {0}")]
    Client(#[from] reqwest::Error),
    /// The service's answer is not one of its pages.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// An email could not be composed.
    #[error("an email could not be composed: {0}")]
    Mail(#[from] mime::BadAddress),
    /// An email could not be handed over.
    #[error(transparent)]
    Mailer(#[from] MailerError),
    /// A carry took too long in real time.
    #[error("carrying {0} took longer than {WATCHDOG:?} of real time")]
    Watchdog(&'static str),
    /// A machine panicked while it handled a delivery.
    #[error("a machine panicked while {0} was carried; this is a bug in lostkey")]
    Panicked(&'static str),
    /// The story is stuck.
    #[error(transparent)]
    Stuck(#[from] Stuck),
    /// The clock is [`Clock::Staged`](super::clock::Clock::Staged), or the carrier has ended.
    #[error("no carrier is running")]
    NobodyCarries,
    /// The play has ended with an error that was reported before.
    #[error("the play has already ended with an error")]
    Over,
}
