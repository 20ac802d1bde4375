//! Refuses requests that a web page of another site makes: browsers would otherwise let any page reset the
//! world or read its emails (cross-site requests, DNS rebinding).

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Passes a request whose `Host` and `Origin` are this machine's.
pub(super) async fn local_only(request: Request, next: Next) -> Response {
    if is_local(request.headers()) {
        return next.run(request).await;
    }
    let says = "{\"error\": \"Host and Origin must be localhost or a loopback address\"}";
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "application/json")], says).into_response()
}

fn is_local(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    // HTTP/1.0 clients may send no Host; browsers always do.
    let host = text(header::HOST).is_none_or(|host| host.parse().is_ok_and(|host| is_loopback(&host)));
    // Clients that are no browsers send no Origin.
    let origin = text(header::ORIGIN).is_none_or(|origin| {
        origin.parse::<Uri>().is_ok_and(|origin| origin.authority().is_some_and(is_loopback))
    });
    host && origin
}

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_local() {
        for (host, origin, local) in [
            (Some("127.0.0.1:8025"), None, true),
            (Some("localhost:8025"), Some("http://localhost:3000"), true),
            (Some("[::1]:8025"), Some("http://127.0.0.1"), true),
            (None, None, true),
            (Some("evil.test:8025"), None, false),
            (Some("127.0.0.1.evil.test"), None, false),
            (Some("127.0.0.1:8025"), Some("https://evil.test"), false),
            (Some("127.0.0.1:8025"), Some("null"), false),
            (Some(""), None, false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [(header::HOST, host), (header::ORIGIN, origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(is_local(&headers), local, "{host:?} {origin:?}");
        }
    }
}
