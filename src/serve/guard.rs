//! Admits the clients that show the token, on servers that are reachable beyond this machine.
//!
//! Programs send `Authorization: Bearer TOKEN`. SDKs of the voice provider show it as the account's auth token or
//! as the secret of an API key, so their settings are enough. A client whose `Authorization` has another use sends
//! `X-Lostkey-Token`. A browser opens `/?token=TOKEN` once and gets a cookie, or asks its user for a password.
//!
//! A browser sends cookies and passwords by itself, also when a page of another site makes it send a request.
//! With these, an `Origin` must therefore be the server's own.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use form_urlencoded::Serializer;
use serde_json::json;

use crate::serve::control::reply::answer;
use crate::wire::token::Token;

/// The header for clients whose `Authorization` has another use.
const HEADER: &str = "x-lostkey-token";

/// The cookie of browsers.
const COOKIE: &str = "lostkey-token";

/// The parameter that browsers show the token in.
const PARAMETER: &str = "token";

/// What load balancers and scripts ask before they have a token.
const OPEN: [&str; 3] = ["/ready", "/readyz", "/livez"];

/// The error message for a client that shows no token.
const SAYS: &str =
    "this server needs its token: send `Authorization: Bearer TOKEN`, or open `/?token=TOKEN` in a browser";

/// Which server is guarded: it decides how a refusal looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// The control API and Mailpit's.
    Control,
    /// The voice provider's API.
    Provider,
    /// The pages of the reference service.
    Pages,
}

#[derive(Debug)]
struct Guard {
    token: Token,
    face: Face,
}

/// The routes, for clients that show the token.
pub(super) fn guarded(routes: Router, token: &Token, face: Face) -> Router {
    let guard = Arc::new(Guard { token: token.clone(), face });
    routes.layer(from_fn_with_state(guard, admit))
}

async fn admit(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let is_open = guard.face == Face::Control && OPEN.contains(&request.uri().path());
    if is_open || guard.admits(request.headers()) {
        return next.run(request).await;
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match without_token(request.uri(), &guard.token).filter(|_| reads) {
        Some(rest) => guard.welcome(&rest),
        None => guard.refuse(),
    }
}

impl Guard {
    fn admits(&self, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let authorization = text(header::AUTHORIZATION.as_str());
        if self.token.is_bearer(authorization) || self.token.is(text(HEADER)) {
            return true;
        }
        let is_known = self.token.is_in_basic(authorization) || self.has_cookie(headers);
        is_known && is_own_origin(headers)
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        // Both are hashed, so that the time does not tell how much of it is right.
        let Ok(proof) = Token::new(&self.token.proof()) else { return false };
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| name == COOKIE && proof.is(value))
    }

    /// Gives a browser its cookie, and sends it to the same page without the token in its address.
    fn welcome(&self, to: &str) -> Response {
        let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict", self.token.proof());
        (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned()), (header::SET_COOKIE, cookie)])
            .into_response()
    }

    fn refuse(&self) -> Response {
        let status = StatusCode::UNAUTHORIZED;
        let mut response = match self.face {
            Face::Control => answer(status, &json!({ "error": SAYS })),
            Face::Provider => {
                let says = format!("lostkey: {SAYS}; an SDK shows it as its auth token");
                let more = "https://www.twilio.com/docs/errors/20003";
                answer(status, &json!({ "code": 20_003, "message": says, "more_info": more, "status": 401 }))
            }
            Face::Pages => (status, SAYS).into_response(),
        };
        let challenge = HeaderValue::from_static("Basic realm=\"lostkey\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        response
    }
}

/// Whether the request comes from a page of this server, or from no page.
fn is_own_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    host.is_some() && origin.and_then(|origin| origin.authority().cloned()) == host
}

/// The address without the token, if it has the right one.
fn without_token(uri: &Uri, token: &Token) -> Option<String> {
    let (mut rest, mut is_shown) = (Serializer::new(String::new()), false);
    for (name, value) in form_urlencoded::parse(uri.query()?.as_bytes()) {
        if name == PARAMETER {
            is_shown |= token.is(&value);
        } else {
            rest.append_pair(&name, &value);
        }
    }
    let rest = rest.finish();
    let query = if rest.is_empty() { String::new() } else { format!("?{rest}") };
    // Two slashes would begin the address of another host.
    let path = format!("/{}{query}", uri.path().trim_start_matches(['/', '\\']));
    is_shown.then_some(path).filter(|path| path.parse::<PathAndQuery>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    #[test]
    fn the_token_leaves_the_address() {
        let token = Token::new(TOKEN).unwrap();
        for (asked, rest) in [
            ("/?token=0123456789abcdef", Some("/")),
            ("/a/b?x=1&token=0123456789abcdef&y=a%20b", Some("/a/b?x=1&y=a+b")),
            ("//evil.test/?token=0123456789abcdef", Some("/evil.test/")),
            ("/?token=0123456789abcdee", None),
            ("/?token=", None),
            ("/?TOKEN=0123456789abcdef", None),
            ("/0123456789abcdef", None),
        ] {
            let uri: Uri = asked.parse().unwrap();
            assert_eq!(without_token(&uri, &token).as_deref(), rest, "{asked}");
        }
    }

    #[test]
    fn what_a_browser_sends_by_itself_counts_on_own_pages_only() {
        let guard = Guard { token: Token::new(TOKEN).unwrap(), face: Face::Control };
        let cookie = format!("a=b; {COOKIE}={}", guard.token.proof());
        let basic = format!(
            "Basic {}",
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("x:{TOKEN}"))
        );
        let bearer = format!("Bearer {TOKEN}");
        let raw = format!("{COOKIE}={TOKEN}");
        for (name, value, origin, admitted) in [
            ("cookie", cookie.as_str(), None, true),
            ("cookie", &cookie, Some("http://lab.test:8025"), true),
            ("cookie", &cookie, Some("http://lab.test:3000"), false),
            ("cookie", &cookie, Some("null"), false),
            ("cookie", &raw, None, false),
            ("authorization", &basic, None, true),
            ("authorization", &basic, Some("https://evil.test"), false),
            ("authorization", &bearer, Some("https://evil.test"), true),
            (HEADER, TOKEN, None, true),
            (HEADER, "0123456789abcdee", None, false),
            ("x-other", TOKEN, None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "lab.test:8025".parse().unwrap());
            headers.insert(header::HeaderName::from_static(name), value.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(guard.admits(&headers), admitted, "{name} {origin:?}");
        }
    }
}
