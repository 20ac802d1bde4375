//! An HTTPS proxy that answers for Twilio's hosts, so that apps use a fake of them unmodified.
//!
//! Official SDKs have no setting for another server, but they honour the proxy variables of the
//! environment. An app that is started with those variables and trusts a throwaway
//! [`Authority`] sends CONNECT to this proxy. The proxy ends TLS itself and hands the plain HTTP
//! requests to a local server, with their original Host field. It refuses every other host, and
//! never connects to anything but that server.
//!
//! In reading order: [`environment`] prints the variables, [`Head`] reads a request, [`is_served`]
//! knows the hosts, [`Refusal`] is the answer to all others, [`Proxy`] serves a listener.

mod certificates;
mod environment;
mod head;
mod host;
mod refusal;
mod splice;
mod tunnel;

#[cfg(test)]
mod sockets;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use crate::wire::tls::{Authority, TlsError};
use crate::wire::token::Token;

pub use self::environment::{environment, environment_with, java_store};
pub use self::head::{FIELD_MAX, FIELDS_MAX, Head, REQUEST_LINE_MAX};
pub use self::host::{PORT, PRODUCTS, is_served};
pub use self::refusal::Refusal;

use self::certificates::Certificates;
use self::tunnel::Tunnels;

/// Real time to pause after a failed accept. The usual cause is a lack of file descriptors, and
/// retrying at once would only waste CPU.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The maximum number of 503 answers being sent to connections over the limit; further connections are
/// closed without an answer.
const TURNED_AWAY_MAX: usize = 32;

/// The limits of a proxy. Times are real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyLimits {
    /// Maximum number of connections.
    pub connections: usize,
    /// How long the head of a request may take to arrive.
    pub head: Duration,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a tunnel may carry nothing. SDKs keep idle connections for later requests.
    pub idle: Duration,
}

impl Default for ProxyLimits {
    fn default() -> Self {
        Self {
            connections: 256,
            head: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(5 * 60),
        }
    }
}

/// Settings of a proxy.
#[derive(Clone, Default)]
pub struct ProxySettings {
    /// Limits of the proxy and its connections.
    pub limits: ProxyLimits,
    /// What clients must show in Proxy-Authorization, if anything.
    pub token: Option<Token>,
    /// Called at the end of each connection.
    pub log: Option<ProxyLog>,
}

impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let log = if self.log.is_some() { "on" } else { "off" };
        f.debug_struct("ProxySettings")
            .field("limits", &self.limits)
            .field("token", &self.token)
            .field("log", &log)
            .finish()
    }
}

/// Called with the address of a client and how its connection ended. The call must not block.
pub type ProxyLog = Arc<dyn Fn(SocketAddr, &ProxyEnd) + Send + Sync>;

/// How a connection to the proxy ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyEnd {
    /// It carried requests for this host, and one side closed it.
    Served(String),
    /// It carried requests for this host, and then nothing for too long.
    Idle(String),
    /// It was refused.
    Refused(Refusal),
    /// The client does not trust the authority's certificate.
    Untrusted(String),
    /// The client did not complete a TLS handshake.
    NoTls {
        /// The host that it asked for.
        host: String,
        /// What went wrong.
        why: String,
    },
    /// The client left before its request was complete.
    Left,
}

impl fmt::Display for ProxyEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Served(host) => write!(f, "a connection for {host} ended"),
            Self::Idle(host) => write!(f, "a connection for {host} was idle for too long"),
            Self::Refused(refusal) => write!(f, "refused: {} {}", refusal.status(), refusal.reason()),
            Self::Untrusted(host) => {
                write!(f, "the client asked for {host} and does not trust lostkey's certificate authority")
            }
            Self::NoTls { host, why } => {
                write!(f, "the client asked for {host} and did not begin TLS: {why}")
            }
            Self::Left => f.write_str("the client left before its request was complete"),
        }
    }
}

/// Counts of a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyCounts {
    /// Connections that carried requests.
    pub served: u64,
    /// Connections that did not: refused, without TLS, or left.
    pub failed: u64,
    /// Connections refused because of the limit; also counted as failed if they were told so.
    pub turned_away: u64,
    /// Connections that ended in a panic, which is a bug in lostkey.
    pub panicked: u64,
}

/// A running proxy. Dropping it stops it; [`Proxy::shutdown`] also waits for the end.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    /// The accepting task, which owns the connections.
    task: JoinSet<ProxyCounts>,
}

impl Proxy {
    /// Serves `listener`. Requests for the hosts that are served go to `upstream`, in plain HTTP.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`ProxyError`] if the listener has no address, or the certificates cannot be drawn.
    pub fn serve(
        listener: TcpListener,
        authority: &Authority,
        upstream: SocketAddr,
        settings: ProxySettings,
    ) -> Result<Self, ProxyError> {
        let address = listener.local_addr()?;
        let certificates = Certificates::new(authority.clone())?;
        let (limits, token) = (settings.limits, settings.token.clone());
        let tunnels = Arc::new(Tunnels { certificates, upstream, limits, token });
        let (stop, stopped) = oneshot::channel();
        let mut task = JoinSet::new();
        task.spawn(accept_until(listener, tunnels, settings, stopped));
        Ok(Self { address, stop, task })
    }

    /// The address, with the port that was assigned if 0 was requested.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Closes the listener and all connections; the port is free on return.
    pub async fn shutdown(mut self) -> ProxyCounts {
        // Sending fails only if the task has already ended.
        let _ = self.stop.send(());
        match self.task.join_next().await {
            Some(Ok(counts)) => counts,
            Some(Err(_)) | None => ProxyCounts::default(),
        }
    }
}

/// Why a proxy cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// The listener has no address.
    #[error("the proxy's listener has no address: {0}")]
    Listener(#[from] io::Error),
    /// The certificates of the hosts cannot be drawn.
    #[error("the proxy cannot begin TLS: {0}")]
    Tls(#[from] TlsError),
}

async fn accept_until(
    listener: TcpListener,
    tunnels: Arc<Tunnels>,
    settings: ProxySettings,
    mut stopped: oneshot::Receiver<()>,
) -> ProxyCounts {
    let most = settings.limits.connections;
    let mut connections = JoinSet::new();
    let mut counts = ProxyCounts::default();
    loop {
        tokio::select! {
            biased;
            _ = &mut stopped => break,
            Some(ended) = connections.join_next() => counts.add(&ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) if connections.len() < most => {
                    connections.spawn(hold(stream, peer, Arc::clone(&tunnels), settings.log.clone()));
                }
                Ok((stream, peer)) => {
                    counts.turned_away += 1;
                    if connections.len() < most.saturating_add(TURNED_AWAY_MAX) {
                        connections.spawn(turn_away(stream, peer, settings.log.clone()));
                    }
                }
                Err(_) => {
                    if timeout(ACCEPT_PAUSE, &mut stopped).await.is_ok() {
                        break;
                    }
                }
            },
        }
    }
    drop(listener);
    connections.abort_all();
    while let Some(ended) = connections.join_next().await {
        counts.add(&ended);
    }
    counts
}

impl ProxyCounts {
    fn add(&mut self, ended: &Result<ProxyEnd, JoinError>) {
        match ended {
            Ok(ProxyEnd::Served(_) | ProxyEnd::Idle(_)) => self.served += 1,
            Ok(_) => self.failed += 1,
            Err(error) if error.is_panic() => self.panicked += 1,
            Err(_) => {}
        }
    }
}

async fn hold(stream: TcpStream, peer: SocketAddr, tunnels: Arc<Tunnels>, log: Option<ProxyLog>) -> ProxyEnd {
    told(log.as_ref(), peer, tunnels.serve(stream).await)
}

async fn turn_away(stream: TcpStream, peer: SocketAddr, log: Option<ProxyLog>) -> ProxyEnd {
    told(log.as_ref(), peer, tunnel::refuse(stream, Refusal::Busy).await)
}

fn told(log: Option<&ProxyLog>, peer: SocketAddr, end: ProxyEnd) -> ProxyEnd {
    if let Some(log) = log {
        log(peer, &end);
    }
    end
}
