//! TLS servers for the hosts of the proxy: one for the usual hosts, others as clients ask for them.
//!
//! A wildcard in a certificate covers one label at the left, so a host with edge and region
//! (`api.dublin.ie1.twilio.com`) needs its own certificate.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_rustls::TlsAcceptor;

use crate::wire::proxy::host;
use crate::wire::tls::{Authority, TlsError};

/// The protocol that is spoken inside TLS.
const HTTP: &[u8] = b"http/1.1";

/// The maximum number of hosts whose certificates are kept; Twilio has fewer edges.
const KEPT_MAX: usize = 64;

/// The TLS servers of a proxy.
pub(super) struct Certificates {
    authority: Authority,
    plain: TlsAcceptor,
    /// By host, those with an edge or a region.
    placed: Mutex<BTreeMap<String, TlsAcceptor>>,
}

impl Certificates {
    pub(super) fn new(authority: Authority) -> Result<Self, TlsError> {
        let hosts = host::plain();
        let plain = acceptor(&authority, &hosts.each_ref().map(String::as_str))?;
        Ok(Self { authority, plain, placed: Mutex::default() })
    }

    /// The TLS server for a host that is served.
    pub(super) fn acceptor(&self, host: &str) -> Result<TlsAcceptor, TlsError> {
        if host::plain().iter().any(|plain| plain == host) {
            return Ok(self.plain.clone());
        }
        let mut placed = self.placed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(acceptor) = placed.get(host) {
            return Ok(acceptor.clone());
        }
        let acceptor = acceptor(&self.authority, &[host])?;
        if placed.len() < KEPT_MAX {
            placed.insert(host.to_owned(), acceptor.clone());
        }
        Ok(acceptor)
    }
}

fn acceptor(authority: &Authority, hosts: &[&str]) -> Result<TlsAcceptor, TlsError> {
    let mut config = authority.server_config(hosts)?;
    config.alpn_protocols = vec![HTTP.to_vec()];
    Ok(Arc::new(config).into())
}
