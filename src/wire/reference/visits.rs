//! Requests of browsers from outside to the service, as a recording has them.
//!
//! A recording holds no cookies: it numbers the browsers, and each gets the cookies that the service sets.

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};

use crate::base::secret::Token;
use crate::message::{Answer, Authenticity, Cookie, PageRequest};
use crate::story::{PageVisit, Recorded, Story};
use crate::wire::door::Door;
use crate::wire::form::Form;
use crate::wire::logbook::LeftOut;
use crate::wire::reference::{decode, paths};
use crate::world::World;

/// The value of the field that stands for the right CSRF token.
const VALID: &str = "valid";

/// A cookie that the service has not set for a browser from outside.
const FOREIGN_COOKIE: LeftOut = LeftOut {
    what: "a request to the reference service with a cookie that it did not set for a browser from outside",
    why: "a recording holds no cookies; it only knows those that the service sets",
};

/// Keeps a request; returns the number of its browser.
pub(super) fn begin(
    door: &Door,
    world: &mut World,
    (method, uri): (&Method, &Uri),
    request: &PageRequest,
    form: &Form,
) -> Option<u32> {
    let logbook = door.logbook()?;
    let Some(browser) = logbook.browser(request.cookie.map(Token::reveal).as_deref()) else {
        logbook.leave_out(FOREIGN_COOKIE);
        return None;
    };
    door.note(world, |_| {
        let field = |(name, value): (String, String)| {
            let is_right = name == paths::CSRF && request.csrf == Authenticity::Valid;
            (name, if is_right { VALID.to_owned() } else { value })
        };
        let form = form.clone().into_fields().into_iter().map(field).collect();
        Recorded::Page(PageVisit { browser, method: method.to_string(), path: uri.path().to_owned(), form })
    });
    Some(browser)
}

/// Notes the cookie that the browser gets.
pub(super) fn end(door: &Door, browser: Option<u32>, answer: Option<&Answer>) {
    if let (Some(logbook), Some(browser), Some(Answer::Page(reply))) = (door.logbook(), browser, answer) {
        match reply.cookie {
            Cookie::Keep => {}
            Cookie::Set(token) => logbook.give_cookie(browser, &token.reveal()),
            Cookie::Clear => logbook.give_cookie(browser, ""),
        }
    }
}

/// The cookies of the browsers of a recording.
#[derive(Debug, Default)]
pub(crate) struct Cookies {
    held: std::collections::BTreeMap<u32, Token>,
}

impl Cookies {
    /// The request of a visit; `None` if the service has no such page.
    pub(crate) fn request(&self, visit: &PageVisit, story: &Story) -> Option<PageRequest> {
        let method = visit.method.parse::<Method>().ok()?;
        let mut headers = HeaderMap::new();
        if let Some(cookie) = self.header(visit.browser) {
            headers.insert(header::COOKIE, cookie);
        }
        decode::page_request(&method, &visit.path, &headers, &self.form(visit), story)
    }

    /// The `Cookie` header of a browser.
    pub(crate) fn header(&self, browser: u32) -> Option<HeaderValue> {
        let cookie = self.held.get(&browser)?;
        HeaderValue::from_str(&format!("{}={}", paths::COOKIE, cookie.reveal())).ok()
    }

    /// The form of a visit, with the browser's CSRF token.
    pub(crate) fn form(&self, visit: &PageVisit) -> Form {
        let right = self.held.get(&visit.browser).map(|cookie| decode::csrf_of(*cookie));
        visit.form.iter().fold(Form::new(), |form, (name, value)| match &right {
            Some(right) if name == paths::CSRF && value == VALID => form.with(name, right),
            _ => form.with(name, value),
        })
    }

    /// Keeps the cookie of an answer.
    pub(crate) fn keep(&mut self, browser: u32, cookie: Cookie) {
        match cookie {
            Cookie::Keep => {}
            Cookie::Set(token) => {
                self.held.insert(browser, token);
            }
            Cookie::Clear => {
                self.held.remove(&browser);
            }
        }
    }

    /// Keeps the cookie of a `Set-Cookie` header.
    pub(crate) fn keep_header(&mut self, browser: u32, header: &str) {
        let value = header.split(';').next().and_then(|pair| pair.split_once('='));
        let Some((_, value)) = value.filter(|(name, _)| *name == paths::COOKIE) else { return };
        self.keep(browser, Token::read(value).map_or(Cookie::Clear, Cookie::Set));
    }
}
