//! The HTTP side of the verification provider: addresses, headers and emails.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::Response;
use axum::routing::any;

use crate::wire::door::Door;
use crate::wire::form::FORM_MAX;
use crate::wire::inbox::Mailbox;
use crate::wire::proxy::is_served;
use crate::wire::twilio::accounts::Accounts;
use crate::wire::twilio::server::{request, written};
use crate::wire::twilio::verify::mailer::Mailer;
use crate::wire::twilio::verify::{VerifyRequest, respond};

/// Longest `Host` that is repeated in answers, in bytes.
const HOST_MAX: usize = 262;

/// The host of addresses, if the request names none that is usable.
const USUAL_HOST: &str = "localhost";

/// Says that a limit was reached. Twilio documents the name of the header, not its values.
const LIMIT_HEADER: &str = "twilio-reached-rate-limit";

/// The routes of the provider's REST API. Without a mailbox, no emails can be sent.
pub fn router(door: Arc<Door>, accounts: Arc<Accounts>, mailbox: Option<Arc<Mailbox>>) -> Router {
    let mailer = mailbox.map(Mailer::new);
    Router::new()
        .route("/v2/{*resource}", any(answer))
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .with_state(Provider { door, accounts, mailer })
}

#[derive(Clone)]
struct Provider {
    door: Arc<Door>,
    accounts: Arc<Accounts>,
    mailer: Option<Mailer>,
}

async fn answer(
    State(provider): State<Provider>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let rest = request(&method, &uri, &headers, &body);
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let origin = origin(host);
    let asked = VerifyRequest { rest, origin: &origin, sends_emails: provider.mailer.is_some() };
    let answer = respond(&provider.door, &provider.accounts, &asked);
    if let (Some(letter), Some(mailer)) = (&answer.letter, &provider.mailer) {
        mailer.send(letter);
    }
    let is_limited = answer.response.as_ref().is_some_and(|response| response.status == 429);
    // Twilio's specification declares the headers for starts alone.
    let starts = method == Method::POST && uri.path().ends_with("/Verifications");
    let mut response = written(answer.response);
    if is_limited && starts {
        response.headers_mut().insert(LIMIT_HEADER, HeaderValue::from_static("true"));
    }
    if let Some(wait) = answer.retry_after {
        // In real time, because SDKs sleep in real time (TW-verify-limits).
        let wait = provider.door.clock().real_time_of(wait);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Scheme and host of a request. The proxy ends TLS and passes the host on, so a host of Twilio's was asked
/// by HTTPS.
fn origin(host: Option<&str>) -> String {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b".-_:[]".contains(&c);
    let is_usable = |host: &&str| (1..=HOST_MAX).contains(&host.len()) && host.bytes().all(is_plain);
    let host = host.filter(is_usable).unwrap_or(USUAL_HOST);
    let name = host.strip_suffix(":443").unwrap_or(host).to_ascii_lowercase();
    let scheme = if is_served(&name) { "https" } else { "http" };
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_repeat_what_the_client_has_asked() {
        for (host, is) in [
            (Some("127.0.0.1:8026"), "http://127.0.0.1:8026"),
            (Some("[::1]:8026"), "http://[::1]:8026"),
            (Some("verify.twilio.com"), "https://verify.twilio.com"),
            (Some("Verify.Twilio.com:443"), "https://Verify.Twilio.com:443"),
            (Some("verify.dublin.ie1.twilio.com"), "https://verify.dublin.ie1.twilio.com"),
            (Some("verify.twilio.com.evil.test"), "http://verify.twilio.com.evil.test"),
            (Some("a.test/\"<x>"), "http://localhost"),
            (Some(""), "http://localhost"),
            (None, "http://localhost"),
        ] {
            assert_eq!(origin(host), is, "{host:?}");
        }
        assert_eq!(origin(Some(&"x".repeat(HOST_MAX + 1))), "http://localhost");
    }
}
