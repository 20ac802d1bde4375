//! The HTTP routes of a mailbox.

use std::sync::Arc;

use axum::Router;
use tokio::sync::Semaphore;

use crate::wire::contract::{Operation, Routes};
use crate::wire::inbox::mailbox::Mailbox;
use crate::wire::inbox::{Inbox, control, mail, mailpit};
use crate::wire::scanner::Hosts;

/// Default number of concurrent waits.
pub const WAITS_MAX: usize = 1_000;

/// Settings of [`router`].
#[derive(Clone, Debug)]
pub struct RouterSettings {
    /// The path under which the control API is served: a slash and at least one segment.
    pub prefix: String,
    /// The maximum number of concurrent waits; further ones are refused with 503.
    pub waits: usize,
    /// The hosts that a test gives to a link scanner.
    pub hosts: Hosts,
}

impl Default for RouterSettings {
    fn default() -> Self {
        Self { prefix: "/control/v1".to_owned(), waits: WAITS_MAX, hosts: Hosts::default() }
    }
}

/// What the handlers share.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) mailbox: Arc<Mailbox>,
    /// The hosts that links may have.
    pub(super) hosts: Hosts,
    /// One permit for each wait.
    pub(super) waits: Arc<Semaphore>,
    /// The Unix time at which the router was made, in milliseconds.
    pub(super) started: u64,
}

impl Api {
    /// The store, with all that the world has delivered.
    pub(super) fn inbox(&self) -> &Inbox {
        self.mailbox.current()
    }
}

/// The routes of a mailbox: Mailpit's API version 1 at the root, and the control API under its prefix.
///
/// The router has no fallback, so it can be merged with others, also with ones that have routes under the
/// same prefix.
pub fn router(mailbox: Arc<Mailbox>, settings: &RouterSettings) -> Router {
    let started = mailbox.now();
    let waits = Arc::new(Semaphore::new(settings.waits.min(Semaphore::MAX_PERMITS)));
    let api = Api { mailbox, hosts: settings.hosts.clone(), waits, started };
    let routes = mailpit::routes().nest(&settings.prefix, own().into_router());
    routes.with_state(api)
}

fn own() -> Routes<Api> {
    control::routes().merge(mail::routes())
}

/// The requests of the control API, without its prefix.
pub(crate) fn operations() -> Vec<Operation> {
    own().into_operations()
}
