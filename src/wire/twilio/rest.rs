//! The requests of the voice provider's REST API, independent of the HTTP server.

use serde_json::{Value, json};

use crate::base::id::TextId;
use crate::message::{Answer, CallReply, CallWishes, Sid};
use crate::providers::phone::{ApiError, Call};
use crate::wire::door::Door;
use crate::wire::form::Form;
use crate::wire::twilio::accounts::Accounts;
use crate::wire::twilio::messages::rest::Texts;
use crate::wire::twilio::{ACCOUNT_SID, call_list, lint, order, recorded, resource, wishes};
use crate::world::{Delivery, Origin, World};

/// Path prefix of accounts.
pub(super) const ACCOUNTS: &str = "/2010-04-01/Accounts/";

/// Twilio's code for a resource that cannot be deleted before it is complete.
pub(super) const NOT_COMPLETE: u32 = 20_009;

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct RestRequest<'a> {
    /// `POST`, `GET`, …
    pub method: &'a str,
    /// The path, without query.
    pub path: &'a str,
    /// The query, without question mark.
    pub query: &'a str,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// A response.
#[derive(Clone, Debug, PartialEq)]
pub struct RestResponse {
    /// HTTP status.
    pub status: u16,
    /// The JSON body; `None` for 204.
    pub body: Option<Value>,
    /// The text whose first status callback goes before this answer, by a fault.
    pub holds: Option<TextId>,
}

/// Answers a request; `None` if the connection must be closed without an answer.
pub fn respond(door: &Door, accounts: &Accounts, request: &RestRequest<'_>) -> Option<RestResponse> {
    let Some((account, resource)) = request.path.strip_prefix(ACCOUNTS).and_then(split) else {
        return Some(error(20_404));
    };
    if !accounts.admits(account, request.authorization) {
        return Some(error(20_003));
    }
    if door.is_over() {
        return Some(error(20_503));
    }
    if resource.starts_with("/Messages") {
        return Texts { door, accounts, account, request }.respond(resource);
    }
    let at = At { door, accounts, account, request };
    let segments: Vec<&str> = resource.strip_suffix(".json").unwrap_or_default().split('/').skip(1).collect();
    match (request.method, segments.as_slice()) {
        ("POST", ["Calls"]) => at.create(),
        ("GET", ["Calls"]) => Some(at.list()),
        (method, ["Calls", sid, below @ ..]) => match at.known(Sid::read(sid)) {
            Some(sid) => at.about(method, sid, below),
            None => Some(error(20_404)),
        },
        _ => Some(error(20_404)),
    }
}

/// The account, and the resource with its slash.
fn split(rest: &str) -> Option<(&str, &str)> {
    let slash = rest.find('/')?;
    Some((&rest[..slash], &rest[slash..]))
}

/// A request of an account.
pub(super) struct At<'a> {
    pub(super) door: &'a Door,
    pub(super) accounts: &'a Accounts,
    pub(super) account: &'a str,
    pub(super) request: &'a RestRequest<'a>,
}

impl At<'_> {
    /// Answers a request about a call of the account, or about something below it.
    fn about(&self, method: &str, sid: Sid, below: &[&str]) -> Option<RestResponse> {
        Some(match (method, below) {
            ("POST", []) => return self.update(sid),
            ("GET", []) => self.fetch(sid),
            ("DELETE", []) => self.delete(sid),
            _ => self.below(sid, method, below),
        })
    }

    /// Creates a call.
    fn create(&self) -> Option<RestResponse> {
        let form = Form::read(self.request.body);
        let read = {
            let mut world = self.door.world();
            let papers = world.papers_mut();
            // The document comes last, so that the papers keep none of an order that is refused here.
            wishes::wishes(&form, papers).and_then(|wishes| Ok((order::order(&form, papers)?, wishes)))
        };
        match read {
            Ok((order, CallWishes::NONE)) => self.answer(201, &Delivery::Call(order)),
            Ok((order, wishes)) => self.answer(201, &Delivery::Order(order, wishes)),
            Err(code) => Some(error(code)),
        }
    }

    /// Cancels, completes or redirects a call.
    fn update(&self, sid: Sid) -> Option<RestResponse> {
        let update = order::update(&Form::read(self.request.body), self.door.world().papers_mut());
        match update {
            Ok(update) => self.answer(200, &Delivery::Update(sid, update)),
            Err(code) => Some(error(code)),
        }
    }

    /// Delivers a request to the phone company; `status` is the HTTP status of a success.
    fn answer(&self, status: u16, delivery: &Delivery) -> Option<RestResponse> {
        self.door.enter(|world| {
            let origin = world.origin_of(delivery);
            if origin == Origin::Outside {
                self.note(world);
            }
            let before = world.calls().len();
            let answer = world.deliver(origin, delivery);
            // Before the first webhook leaves, which is signed with the account's token. A call may have been
            // placed although its order failed.
            let ordered = world.calls().get(before).map(Call::sid);
            if let Some(call) = ordered {
                self.accounts.give(call, self.account);
            }
            let about = match delivery {
                Delivery::Update(sid, _) => Some(*sid),
                _ => ordered,
            };
            if self.account != ACCOUNT_SID {
                let findings = lint::of_form(&Form::read(self.request.body));
                self.accounts.debugger().note(world.now(), about, findings);
            }
            match answer? {
                Answer::Call(CallReply::Created { sid }) => self.shown(world, status, sid),
                Answer::Call(CallReply::Refused { http, code }) => Some(error_with(http, code)),
                Answer::Call(CallReply::Failed { http }) => {
                    Some(error_with(http, if http == 503 { 20_503 } else { 20_500 }))
                }
                Answer::Page(_)
                | Answer::Mail(_)
                | Answer::Webhook(_)
                | Answer::Text(_)
                | Answer::Ticket(_)
                | Answer::Reset(_)
                | Answer::Lost(_) => None,
            }
        })
    }

    /// Keeps this request, which changes the world.
    fn note(&self, world: &mut World) {
        let below = self.request.path.strip_prefix(ACCOUNTS).and_then(split).map_or("", |(_, below)| below);
        self.door.note(world, |world| recorded::order(self.door, world, (self.account, below), self.request));
    }

    /// Fetches a call.
    fn fetch(&self, sid: Sid) -> RestResponse {
        self.door.enter(|world| self.shown(world, 200, sid)).unwrap_or_else(|| error(20_404))
    }

    /// Removes an ended call.
    fn delete(&self, sid: Sid) -> RestResponse {
        let over = self.door.enter(|world| world.call_of_sid(sid).is_some_and(|call| call.is_over()));
        if !over {
            return error(NOT_COMPLETE);
        }
        self.accounts.delete(sid);
        RestResponse { status: 204, body: None, holds: None }
    }

    /// Lists the calls of the account, newest first.
    fn list(&self) -> RestResponse {
        let asked = match call_list::Query::read(self.request.query) {
            Ok(asked) => asked,
            Err(code) => return error(code),
        };
        let body = self.door.enter(|world| {
            let has = |sid| self.accounts.has(self.account, sid);
            call_list::page(world, self.account, &asked, has)
        });
        RestResponse { status: 200, body: Some(body), holds: None }
    }

    /// The call, if the account has it.
    fn known(&self, sid: Option<Sid>) -> Option<Sid> {
        let sid = sid.filter(|sid| self.accounts.has(self.account, *sid))?;
        self.door.world().call_of_sid(sid).map(|call| call.sid())
    }

    fn shown(&self, world: &World, status: u16, sid: Sid) -> Option<RestResponse> {
        let call = world.call_of_sid(sid)?;
        let body = resource::call(call, self.account, world.story().epoch);
        Some(RestResponse { status, body: Some(body), holds: None })
    }
}

pub(super) fn error(code: u32) -> RestResponse {
    error_with(ApiError::of(code).http, code)
}

pub(super) fn error_with(status: u16, code: u32) -> RestResponse {
    let known = ApiError::of(code);
    let body = json!({
        "code": code,
        "message": known.message,
        "more_info": known.more_info(),
        "status": status,
    });
    RestResponse { status, body: Some(body), holds: None }
}
