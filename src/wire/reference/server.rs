//! The service's HTTP server: decodes a request, delivers it to the world, and encodes the answer.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::post;

use crate::message::{Answer, Cookie, PageReply, PageRequest, ResetReply};
use crate::story::Story;
use crate::wire::door::Door;
use crate::wire::form::{FORM_MAX, Form};
use crate::wire::http_server::CloseConnection;
use crate::wire::reference::{decode, html, paths, redirect, visits};
use crate::wire::twilio;
use crate::world::{Delivery, Origin};

/// All routes of the service: pages, webhooks of calls, and the desk's reset.
pub fn router(door: Arc<Door>) -> Router {
    Router::new()
        .route(paths::RESET, post(reset))
        .route("/voice/{reference}/{which}", post(webhook))
        .fallback(page)
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .with_state(door)
}

/// Delivers a request to the world.
pub fn deliver(door: &Door, delivery: Delivery) -> Option<Answer> {
    door.enter(|world| {
        let origin = world.origin_of(&delivery);
        world.deliver(origin, &delivery)
    })
}

async fn page(
    State(door): State<Arc<Door>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let story = Arc::clone(door.world().story());
    let form = Form::read(&body);
    let Some(request) = decode::page_request(&method, uri.path(), &headers, &form, &story) else {
        return plain(StatusCode::NOT_FOUND, "There is nothing here.");
    };
    let asked = Delivery::Page(request);
    let answer = door.enter(|world| {
        let origin = world.origin_of(&asked);
        let visit = (origin == Origin::Outside)
            .then(|| visits::begin(&door, world, (&method, &uri), &request, &form));
        let answer = world.deliver(origin, &asked);
        visits::end(&door, visit.flatten(), answer.as_ref());
        answer
    });
    match answer {
        Some(Answer::Page(mut reply)) => {
            let after_form = uri.query().filter(|_| reply.page.notice.is_none() && method == Method::GET);
            if let Some(query) = after_form {
                reply.page.notice = redirect::notice(query, request.cookie);
            }
            page_response(&reply, &request, &method, &story)
        }
        Some(_) | None => hang_up(),
    }
}

fn page_response(reply: &PageReply, request: &PageRequest, method: &Method, story: &Story) -> Response {
    let cookie = match reply.cookie {
        Cookie::Keep => request.cookie,
        Cookie::Set(token) => Some(token),
        Cookie::Clear => None,
    };
    let csrf = cookie.map(decode::csrf_of);
    let mut response = Response::new(Body::from(html::render(&reply.page, csrf.as_deref(), story)));
    *response.status_mut() = StatusCode::from_u16(html::status(&reply.page)).unwrap_or(StatusCode::OK);
    let target = Some(method).filter(|method| *method == Method::POST);
    let target = target.and_then(|_| redirect::location(&reply.page, cookie));
    if let Some(target) = target.and_then(|target| HeaderValue::from_str(&target).ok()) {
        *response.status_mut() = StatusCode::SEE_OTHER;
        response.headers_mut().insert(header::LOCATION, target);
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    // Pages show secrets, so keep them out of Referer headers and shared caches.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let value = match reply.cookie {
        Cookie::Keep => None,
        Cookie::Set(token) => {
            Some(format!("{}={}; Path=/; HttpOnly; SameSite=Lax", paths::COOKIE, token.reveal()))
        }
        Cookie::Clear => Some(format!("{}=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", paths::COOKIE)),
    };
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
        headers.insert(header::SET_COOKIE, value);
    }
    response
}

async fn webhook(
    State(door): State<Arc<Door>>,
    Path((reference, which)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::read(&body);
    let Some(webhook) = twilio::webhook::decode(&reference, &which, &uri, &headers, &form) else {
        return plain(StatusCode::NOT_FOUND, "There is no such call.");
    };
    match deliver(&door, Delivery::Webhook(webhook)) {
        Some(Answer::Webhook(reply)) => twilio::webhook::response(&reply),
        Some(_) | None => hang_up(),
    }
}

async fn reset(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(request) = decode::reset_request(&headers, &Form::read(&body)) else {
        return plain(StatusCode::BAD_REQUEST, "A reset needs `ticket` and `account-number`.");
    };
    match deliver(&door, Delivery::Reset(request)) {
        Some(Answer::Reset(ResetReply::Done)) => plain(StatusCode::NO_CONTENT, ""),
        Some(Answer::Reset(ResetReply::Refused)) => plain(StatusCode::FORBIDDEN, "Not with this credential."),
        Some(Answer::Reset(ResetReply::Unknown)) => plain(StatusCode::NOT_FOUND, "There is no such account."),
        Some(_) | None => hang_up(),
    }
}

/// A short answer in plain text.
pub fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

/// A response that closes the connection without an answer.
pub fn hang_up() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseConnection);
    response
}
