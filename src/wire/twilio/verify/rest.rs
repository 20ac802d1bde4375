//! Routes requests about verifications, independent of the HTTP server.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::base::time::{Epoch, Span, Time};
use crate::message::{CodeLetter, VerifyReply, VerifyServiceSid};
use crate::providers::verify::{http_of, says};
use crate::wire::door::Door;
use crate::wire::twilio::accounts::Accounts;
use crate::wire::twilio::recorded;
use crate::wire::twilio::rest::{RestRequest, RestResponse};
use crate::wire::twilio::verify::{attempts, services, verifications};
use crate::world::World;

/// Path prefix of all resources.
pub(super) const VERSION: &str = "/v2/";

/// Nothing has this path.
pub(super) const NOT_FOUND: u32 = 20_404;

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct VerifyRequest<'a> {
    /// Method, path, query, credentials and body.
    pub rest: RestRequest<'a>,
    /// Scheme and host that the client has asked, which addresses in answers repeat.
    pub origin: &'a str,
    /// Whether emails can be sent.
    pub sends_emails: bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifyAnswer {
    /// Status and body; `None` if the connection must be closed without an answer.
    pub response: Option<RestResponse>,
    /// For `Retry-After`.
    pub retry_after: Option<Span>,
    /// An email to send before the answer.
    pub letter: Option<CodeLetter>,
}

impl VerifyAnswer {
    pub(super) const fn with(status: u16, body: Value) -> Self {
        let response = RestResponse { status, body: Some(body), holds: None };
        Self { response: Some(response), retry_after: None, letter: None }
    }

    const LOST: Self = Self { response: None, retry_after: None, letter: None };

    const DELETED: Self = Self {
        response: Some(RestResponse { status: 204, body: None, holds: None }),
        retry_after: None,
        letter: None,
    };
}

/// Answers a request.
pub fn respond(door: &Door, accounts: &Accounts, request: &VerifyRequest<'_>) -> VerifyAnswer {
    let Some(account) = accounts.account_of(request.rest.authorization) else {
        return refusal(request.rest.path, http_of(20_003), 20_003);
    };
    let asked = Asked { door, accounts, account: account.into(), request };
    if door.is_over() {
        return asked.refused(20_503);
    }
    let path = request.rest.path.strip_prefix(VERSION).unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    match (request.rest.method, segments.as_slice()) {
        ("POST", ["Services"]) => services::create(&asked),
        ("GET", ["Services"]) => services::list(&asked),
        (method, ["Services", sid, rest @ ..]) => match VerifyServiceSid::read(sid) {
            Some(sid) => asked.about(method, sid, rest),
            None => asked.refused(NOT_FOUND),
        },
        ("GET", ["Attempts"]) => attempts::list(&asked),
        ("GET", ["Attempts", sid]) => attempts::fetch(&asked, sid),
        _ => asked.refused(NOT_FOUND),
    }
}

/// A request of an account.
pub(super) struct Asked<'a> {
    pub(super) door: &'a Door,
    pub(super) accounts: &'a Accounts,
    pub(super) account: Arc<str>,
    pub(super) request: &'a VerifyRequest<'a>,
}

impl Asked<'_> {
    /// A request about a service and what is below it.
    fn about(&self, method: &str, service: VerifyServiceSid, rest: &[&str]) -> VerifyAnswer {
        match (method, rest) {
            ("GET", []) => services::fetch(self, service),
            ("POST", []) => services::change(self, service),
            ("DELETE", []) => services::delete(self, service),
            ("POST", ["Verifications"]) => verifications::start(self, service),
            ("GET", ["Verifications", by]) => verifications::fetch(self, service, by),
            ("POST", ["Verifications", by]) => verifications::close(self, service, by),
            ("POST", ["VerificationCheck"]) => verifications::check(self, service),
            ("GET", [below]) => services::list_below(self, service, below),
            _ => self.refused(NOT_FOUND),
        }
    }

    /// Keeps this request, which changes the world.
    pub(super) fn note(&self, world: &mut World) {
        let request = &self.request.rest;
        self.door
            .note(world, |world| recorded::order(self.door, world, (&self.account, request.path), request));
    }

    /// The address of a resource below `/v2/`.
    pub(super) fn url(&self, below: &str) -> String {
        format!("{}{VERSION}{below}", self.request.origin)
    }

    /// A refusal with the status of its code.
    pub(super) fn refused(&self, code: u32) -> VerifyAnswer {
        refusal(self.request.rest.path, http_of(code), code)
    }

    /// The answer to a reply that shows no resource.
    pub(super) fn told(&self, reply: Option<VerifyReply>) -> VerifyAnswer {
        match reply {
            Some(VerifyReply::Refused { http, code, retry_after }) => {
                VerifyAnswer { retry_after, ..refusal(self.request.rest.path, http, code) }
            }
            Some(VerifyReply::Failed { http }) => {
                refusal(self.request.rest.path, http, if http == 503 { 20_503 } else { 20_500 })
            }
            Some(VerifyReply::Deleted) => VerifyAnswer::DELETED,
            Some(VerifyReply::Service(_) | VerifyReply::Verification(_) | VerifyReply::Checked { .. }) => {
                self.refused(NOT_FOUND)
            }
            None => VerifyAnswer::LOST,
        }
    }
}

/// The JSON body of a refusal. Apps look for the path in that of 20404 (TW-verify).
fn refusal(path: &str, http: u16, code: u32) -> VerifyAnswer {
    let message = match code {
        NOT_FOUND => format!("The requested resource {path} was not found"),
        _ => says(code).to_owned(),
    };
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    VerifyAnswer::with(
        http,
        json!({ "code": code, "message": message, "more_info": more_info, "status": http }),
    )
}

/// A time as the API shows it: UTC, in whole seconds.
pub(super) fn stamp(epoch: Epoch, at: Time) -> String {
    let seconds = i64::try_from(epoch.unix_secs(at)).unwrap_or(i64::MAX);
    let stamp = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    stamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
