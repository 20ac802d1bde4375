//! A webhook as an HTTP request: where it goes, and its head.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use reqwest::Url;

use crate::wire::http_exchange::Peer;

/// A request that can be sent.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) peer: Peer,
    pub(super) request: Request<Full<Bytes>>,
}

impl Prepared {
    /// A POST of this form, or a GET without one. It goes to `moved` if there is such an address, which learns
    /// the other from `Host`. `None` if the URL is not of HTTP.
    pub(super) fn new(url: &Url, form: Option<String>, moved: Option<SocketAddr>) -> Option<Self> {
        let peer = moved.map_or_else(|| peer_of(url), |moved| Some(Peer::At(moved)))?;
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let is_form = form.is_some();
        let mut request = Request::new(Full::new(form.map_or_else(Bytes::new, Bytes::from)));
        *request.method_mut() = method;
        *request.uri_mut() = target(url).parse().ok()?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, HeaderValue::from_str(&authority(url)?).ok()?);
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        if is_form {
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, kind);
        }
        if let Some(credentials) = credentials(url) {
            headers.insert(header::AUTHORIZATION, credentials);
        }
        Some(Self { peer, request })
    }

    /// The same request with this header; a value that no header can have is left out.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        self
    }
}

fn peer_of(url: &Url) -> Option<Peer> {
    if url.scheme() != "http" {
        return None;
    }
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    // An IPv6 address has brackets in a URL.
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    Some(match address {
        Ok(address) => Peer::At(SocketAddr::new(address, port)),
        Err(_) => Peer::Named(host.into(), port),
    })
}

/// The path and the query.
fn target(url: &Url) -> Cow<'_, str> {
    match url.query() {
        Some(query) => Cow::Owned(format!("{}?{query}", url.path())),
        None => Cow::Borrowed(url.path()),
    }
}

/// The host, and the port unless it is the usual one.
fn authority(url: &Url) -> Option<Cow<'_, str>> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => Cow::Owned(format!("{host}:{port}")),
        None => Cow::Borrowed(host),
    })
}

/// User and password of a URL as basic authentication (RFC 7617), which Twilio sends, too (TW-webhook).
fn credentials(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair: Vec<u8> = percent_decode_str(url.username()).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(url: &str) -> Option<Prepared> {
        Prepared::new(&Url::parse(url).unwrap(), Some("a=1".to_owned()), None)
    }

    #[test]
    fn a_request_goes_where_its_url_says() {
        let named = |host: &str, port| Peer::Named(host.into(), port);
        for (url, peer, host, target) in [
            (
                "http://127.0.0.1:8000/sms?x=1",
                Peer::At(([127, 0, 0, 1], 8000).into()),
                "127.0.0.1:8000",
                "/sms?x=1",
            ),
            (
                "http://[::1]:8000/sms",
                Peer::At((std::net::Ipv6Addr::LOCALHOST, 8000).into()),
                "[::1]:8000",
                "/sms",
            ),
            ("http://127.0.0.1", Peer::At(([127, 0, 0, 1], 80).into()), "127.0.0.1", "/"),
            ("http://App.Test:80/%20a#f", named("app.test", 80), "app.test", "/%20a"),
            ("http://localhost:3000?b", named("localhost", 3000), "localhost:3000", "/?b"),
        ] {
            let Prepared { peer: at, request } = prepared(url).unwrap();
            assert_eq!((at, request.uri().to_string().as_str()), (peer, target), "{url}");
            assert_eq!(request.headers()[header::HOST], host, "{url}");
        }
        assert!(prepared("https://app.test/").is_none());
    }

    #[test]
    fn another_address_learns_the_host() {
        let moved = SocketAddr::from(([127, 0, 0, 1], 9));
        let url = Url::parse("https://app.test:8443/x").unwrap();
        let Prepared { peer, request } = Prepared::new(&url, None, Some(moved)).unwrap();
        assert_eq!((peer, request.method()), (Peer::At(moved), &Method::GET));
        assert_eq!(request.headers()[header::HOST], "app.test:8443");
        assert!(!request.headers().contains_key(header::CONTENT_TYPE));
    }

    #[test]
    fn user_and_password_of_a_url_are_basic_authentication() {
        // `user:pass word`.
        for (url, value) in [
            ("http://user:pass%20word@app.test/", Some("Basic dXNlcjpwYXNzIHdvcmQ=")),
            ("http://user@app.test/", Some("Basic dXNlcjo=")),
            ("http://app.test/", None),
        ] {
            let request = prepared(url).unwrap().request;
            let shown = request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap());
            assert_eq!(shown, value, "{url}");
        }
    }
}
