//! The outer routes: each finds the sandbox of a request, and hands it on.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::serve::control::reply::{Refused, answer, refused};
use crate::serve::metrics::{Count, Ongoing};
use crate::serve::sandbox::one::Sandbox;
use crate::serve::sandbox::registry::Sandboxes;
use crate::serve::sandbox::requests::{SANDBOXES, outer_routes, refusal};
use crate::wire::http_server::CloseConnection;
use crate::wire::twilio::accounts::user_of;
use crate::wire::twilio::server::ErrorCode;

/// The header that names a sandbox.
const HEADER: &str = "x-lostkey-sandbox";

/// The first segments of routes outside of the control API; they exist below the path of a sandbox too.
const AT_THE_ROOT: [&str; 5] = ["api", "view", "ready", "readyz", "livez"];

/// Longest request to create a sandbox, in bytes: the longest story, with room for escapes.
const BODY_MAX: usize = 1_024 * 1_024;

/// The routes of the control API and of Mailpit's.
pub(in crate::serve) fn http(sandboxes: Arc<Sandboxes>) -> Router {
    outer_routes()
        .into_router()
        .fallback(by_name)
        .method_not_allowed_fallback(another_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(sandboxes)
}

/// The routes of the voice provider's API.
pub(in crate::serve) fn rest(sandboxes: Arc<Sandboxes>) -> Router {
    Router::new().fallback(by_account).with_state(sandboxes)
}

async fn another_method(_drained: Bytes) -> Refused {
    let says = "sandboxes have GET, POST (to create one) and DELETE (below its name)";
    refused(StatusCode::METHOD_NOT_ALLOWED, says)
}

/// Hands a request to the sandbox that its path or its header names.
async fn by_name(State(sandboxes): State<Arc<Sandboxes>>, request: Request) -> Response {
    let _wait = request.uri().path().ends_with("/wait").then(|| sandboxes.meters().hold(Ongoing::Wait));
    match chosen(&sandboxes, request) {
        Ok((sandbox, request)) => {
            let routes = sandbox.served.http.clone();
            let (stays, response) = (Arc::clone(&sandbox), hand_on(sandbox, routes, request).await);
            response.unwrap_or_else(|| {
                let ended = sandboxes.named(&stays.known.name).err();
                let says =
                    ended.map_or_else(|| "the sandbox has ended".to_owned(), |error| error.to_string());
                refused(StatusCode::NOT_FOUND, says).into_response()
            })
        }
        Err(refused) => refused.into_response(),
    }
}

/// The sandbox of a request, and the request as the sandbox is to see it.
fn chosen(sandboxes: &Sandboxes, mut request: Request) -> Result<(Arc<Sandbox>, Request), Refused> {
    let header = named_by_header(request.headers())?.map(str::to_owned);
    let by_path = split(request.uri())?;
    let name = match (header, by_path) {
        (None, None) => return Ok((Arc::clone(sandboxes.default()), request)),
        (Some(header), None) => header,
        (header, Some((name, uri))) => {
            if let Some(header) = header.filter(|header| *header != name) {
                let says = format!("the path names the sandbox `{name}` and the header `{header}`");
                return Err(refused(StatusCode::BAD_REQUEST, says));
            }
            *request.uri_mut() = uri;
            name
        }
    };
    let sandbox = sandboxes.named(&name).map_err(|error| refusal(&error))?;
    if request.method() == Method::POST && request.uri().path() == "/api/v1/send" {
        sandbox.has_room().map_err(|error| refusal(&error))?;
    }
    Ok((sandbox, request))
}

fn named_by_header(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let says = "X-Lostkey-Sandbox must be the name of a sandbox";
    value.to_str().map(|name| Some(name.trim())).map_err(|_| refused(StatusCode::BAD_REQUEST, says))
}

/// The name in `/control/v1/sandboxes/{name}/…`, and the address without it.
fn split(uri: &Uri) -> Result<Option<(String, Uri)>, Refused> {
    let Some(below) = uri.path().strip_prefix(SANDBOXES).and_then(|path| path.strip_prefix('/')) else {
        return Ok(None);
    };
    let Some((name, rest)) = below.split_once('/') else { return Ok(None) };
    let first = rest.split('/').next().unwrap_or_default();
    let root = if AT_THE_ROOT.contains(&first) { "" } else { "/control/v1" };
    let path = if rest.is_empty() { root.to_owned() } else { format!("{root}/{rest}") };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let inner = format!("{path}{query}").parse();
    let inner = inner.map_err(|_| refused(StatusCode::BAD_REQUEST, "the path is not a path of a URL"))?;
    Ok(Some((name.to_owned(), inner)))
}

/// Answers and counts a request to the voice API.
async fn by_account(State(sandboxes): State<Arc<Sandboxes>>, request: Request) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let account = account_in(request.uri().path()).map(str::to_owned).or_else(|| user_of(shown?));
    let sandbox = sandboxes.of_account(account.as_deref());
    let verifies = *request.method() == Method::POST && is_about_verifications(request.uri().path());
    let response = of_account(Arc::clone(&sandbox), request).await;
    let is_cut = response.extensions().get::<CloseConnection>().is_some();
    let status = (!is_cut).then(|| response.status().as_u16());
    sandboxes.meters().count(Count::of_rest(status));
    if let Some(ErrorCode(code)) = response.extensions().get().filter(|_| verifies) {
        sandboxes.meters().count(Count::of_verify_refusal(*code));
    }
    if is_cut {
        sandbox.stay_silent().await;
    }
    response
}

/// Whether a path is that of verifications or of checks, and not of what is around them.
fn is_about_verifications(path: &str) -> bool {
    path.starts_with("/v2/Services/")
        && path.split('/').any(|part| matches!(part, "Verifications" | "VerificationCheck"))
}

/// Hands a request to the sandbox of its account: the one in its path, or else the user that it shows.
async fn of_account(sandbox: Arc<Sandbox>, request: Request) -> Response {
    if *request.method() == Method::POST
        && let Err(full) = sandbox.has_room()
    {
        return unavailable(&full.to_string());
    }
    let routes = sandbox.served.rest.clone();
    let response = hand_on(sandbox, routes, request).await;
    response.unwrap_or_else(|| unavailable("the sandbox of this account has ended"))
}

/// The account in `/2010-04-01/Accounts/{account}/…`.
fn account_in(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("/Accounts/")?;
    let account = rest.split('/').next()?;
    Some(account.strip_suffix(".json").unwrap_or(account))
}

/// A refusal in the provider's shape.
fn unavailable(says: &str) -> Response {
    let body = json!({
        "code": 20_503,
        "message": format!("lostkey: {says}"),
        "more_info": "https://www.twilio.com/docs/errors/20503",
        "status": 503,
    });
    answer(StatusCode::SERVICE_UNAVAILABLE, &body)
}

/// Lets a sandbox answer a request; `None` if it ends meanwhile.
async fn hand_on(sandbox: Arc<Sandbox>, routes: Router, request: Request) -> Option<Response> {
    let (mut parts, body) = request.into_parts();
    // What the outer routes have noted would be taken for parts of the inner path.
    parts.extensions.clear();
    sandbox.answer(routes, Request::from_parts(parts, Body::new(body))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_sandbox_and_an_inner_path() {
        for (path, name, inner) in [
            ("/control/v1/sandboxes/a/clock", "a", "/control/v1/clock"),
            ("/control/v1/sandboxes/a/messages/wait?to=x%2By", "a", "/control/v1/messages/wait?to=x%2By"),
            ("/control/v1/sandboxes/a/api/v1/messages", "a", "/api/v1/messages"),
            ("/control/v1/sandboxes/a/ready", "a", "/ready"),
            ("/control/v1/sandboxes/a/", "a", "/control/v1"),
            ("/control/v1/sandboxes/a/sandboxes", "a", "/control/v1/sandboxes"),
        ] {
            let (found, uri) = split(&path.parse().unwrap()).unwrap().unwrap();
            assert_eq!((found.as_str(), uri.to_string().as_str()), (name, inner), "{path}");
        }
        for path in ["/control/v1/sandboxes/a", "/control/v1/sandboxesa/b", "/control/v1/clock", "/"] {
            assert_eq!(split(&path.parse().unwrap()).unwrap(), None, "{path}");
        }
    }

    #[test]
    fn an_account_is_found_in_a_path() {
        for (path, account) in [
            ("/2010-04-01/Accounts/AC1/Calls.json", Some("AC1")),
            ("/2010-04-01/Accounts/AC1.json", Some("AC1")),
            ("/2010-04-01/Accounts/AC1/Messages/SM1.json", Some("AC1")),
            ("/v2/Services", None),
        ] {
            assert_eq!(account_in(path), account, "{path}");
        }
    }
}
