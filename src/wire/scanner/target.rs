//! Where a scanner may send its requests: to this machine only.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;

use crate::wire::mail_log::origin;

/// The addresses of `localhost`, whatever the resolver of this machine says (RFC 6761 section 6.3). Port 0
/// stands for that of the URL.
pub(crate) const LOCALHOST: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// The maximum number of hosts that a test can name.
const HOSTS_MAX: usize = 100;

/// Loopback addresses for the hosts in links, as a test gives them. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Hosts(Arc<Mutex<BTreeMap<String, SocketAddr>>>);

/// Why hosts are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotLoopback {
    /// An address is not on this machine.
    #[error(
        "`{host}` cannot be at {address}: only loopback addresses can be scanned, such as 127.0.0.1:3000"
    )]
    Elsewhere {
        /// The host.
        host: String,
        /// The address.
        address: SocketAddr,
    },
    /// There are too many hosts.
    #[error("at most {HOSTS_MAX} hosts can have addresses")]
    TooMany,
}

/// Why a link may not be opened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoTarget {
    /// It leads to another machine.
    Elsewhere(String),
    /// It needs TLS, or another protocol.
    NotHttp(String),
}

impl fmt::Display for NoTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere(origin) => write!(
                f,
                "skipped {origin}: it is not on this machine; PUT /control/v1/mail/hosts gives its host a \
                 loopback address"
            ),
            Self::NotHttp(origin) => write!(
                f,
                "skipped {origin}: only plain HTTP is spoken; PUT /control/v1/mail/hosts gives its host an \
                 address without TLS"
            ),
        }
    }
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: Url,
    /// The `Host` header, if it is not that of the URL.
    pub(super) host: Option<String>,
}

impl Hosts {
    /// Replaces the addresses. Names are compared without regard to case.
    ///
    /// # Errors
    /// [`NotLoopback`] for an address that is not on this machine, or for too many hosts.
    pub fn replace(&self, hosts: BTreeMap<String, SocketAddr>) -> Result<(), NotLoopback> {
        if let Some((host, address)) = hosts.iter().find(|(_, address)| !address.ip().is_loopback()) {
            return Err(NotLoopback::Elsewhere { host: host.clone(), address: *address });
        }
        if hosts.len() > HOSTS_MAX {
            return Err(NotLoopback::TooMany);
        }
        let lower = hosts.into_iter().map(|(host, address)| (host.to_ascii_lowercase(), address));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = lower.collect();
        Ok(())
    }

    /// The addresses.
    pub fn all(&self) -> BTreeMap<String, SocketAddr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where a request to this URL goes.
    pub(super) fn target(&self, url: &Url) -> Result<Target, NoTarget> {
        let host = url.host_str().unwrap_or_default();
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(host).copied();
        if let (Some(address), "http" | "https") = (given, url.scheme()) {
            let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
            let url_there = format!("http://{address}{}{query}", url.path());
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            // The path and the query of a URL are those of any URL.
            let url_there = Url::parse(&url_there).map_err(|_| NoTarget::NotHttp(origin(url)))?;
            return Ok(Target { url: url_there, host: Some(format!("{host}{port}")) });
        }
        if !is_here(url) {
            return Err(NoTarget::Elsewhere(origin(url)));
        }
        if url.scheme() != "http" {
            return Err(NoTarget::NotHttp(origin(url)));
        }
        Ok(Target { url: url.clone(), host: None })
    }
}

/// Whether the host of a URL is this machine.
pub(crate) fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(all: &[(&str, &str)]) -> BTreeMap<String, SocketAddr> {
        all.iter().map(|(host, address)| ((*host).to_owned(), address.parse().unwrap())).collect()
    }

    #[test]
    fn only_this_machine_is_asked() {
        let known = Hosts::default();
        known.replace(hosts(&[("App.test", "127.0.0.1:3000")])).unwrap();
        for (link, asked) in [
            ("http://127.0.0.1:9/v", Ok("http://127.0.0.1:9/v")),
            ("http://127.8.8.8/", Ok("http://127.8.8.8/")),
            ("http://[::1]:9/", Ok("http://[::1]:9/")),
            ("http://LOCALHOST:9/?a=b", Ok("http://localhost:9/?a=b")),
            ("http://0x7f.1/", Ok("http://127.0.0.1/")),
            ("https://app.test/v/1?t=2#3", Ok("http://127.0.0.1:3000/v/1?t=2 as app.test")),
            ("http://app.test:8080/", Ok("http://127.0.0.1:3000/ as app.test:8080")),
            ("http://evil.test/", Err("http://evil.test/…")),
            ("http://192.168.0.1/", Err("http://192.168.0.1/…")),
            ("http://169.254.169.254/latest", Err("http://169.254.169.254/…")),
            ("http://localhost.evil.test/", Err("http://localhost.evil.test/…")),
            ("http://127.0.0.1@evil.test/", Err("http://evil.test/…")),
            ("http://[::ffff:10.0.0.1]/", Err("http://[::ffff:a00:1]/…")),
            ("http://0.0.0.0/", Err("http://0.0.0.0/…")),
            ("https://127.0.0.1/", Err("https://127.0.0.1/…")),
        ] {
            let target = known.target(&Url::parse(link).unwrap());
            let target = target.map(|target| match target.host {
                Some(host) => format!("{} as {host}", target.url),
                None => target.url.to_string(),
            });
            let target = target.map_err(|error| match error {
                NoTarget::Elsewhere(origin) | NoTarget::NotHttp(origin) => origin,
            });
            assert_eq!(target, asked.map(str::to_owned).map_err(str::to_owned), "{link}");
        }
    }

    #[test]
    fn a_test_cannot_name_another_machine() {
        let known = Hosts::default();
        assert!(known.replace(hosts(&[("app.test", "10.0.0.1:80")])).is_err());
        let many = (0..=HOSTS_MAX).map(|n| (format!("{n}.test"), LOCALHOST[0])).collect();
        assert_eq!(known.replace(many), Err(NotLoopback::TooMany));
        assert!(known.all().is_empty());
    }
}
