//! The settings of all HTTP clients.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect};

/// Longest real time of a request to the app or to a server of ours. Longer than the watchdog of a stage, which
/// therefore fires first.
pub(crate) const REAL_TIMEOUT: Duration = Duration::from_secs(30);

/// A client that follows no redirects, uses no proxy, and closes each connection, because an idle one starves a
/// server with one worker.
pub(crate) fn direct_client(timeout: Duration) -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .tcp_nodelay(true)
        .timeout(timeout)
}
