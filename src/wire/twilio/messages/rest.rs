//! The requests about texts: create, fetch, list, update, delete.

use crate::message::{TextReply, TextSid};
use crate::wire::door::Door;
use crate::wire::form::Form;
use crate::wire::twilio::accounts::Accounts;
use crate::wire::twilio::messages::{list, order, resource};
use crate::wire::twilio::recorded;
use crate::wire::twilio::rest::{NOT_COMPLETE, RestRequest, RestResponse, error, error_with};
use crate::world::World;

/// A request about the texts of an account, whose credentials were accepted.
pub(in crate::wire::twilio) struct Texts<'a> {
    pub(in crate::wire::twilio) door: &'a Door,
    pub(in crate::wire::twilio) accounts: &'a Accounts,
    pub(in crate::wire::twilio) account: &'a str,
    pub(in crate::wire::twilio) request: &'a RestRequest<'a>,
}

impl Texts<'_> {
    /// Answers a request about `/Messages…`; `None` if the connection must be closed without an answer.
    pub(in crate::wire::twilio) fn respond(&self, resource: &str) -> Option<RestResponse> {
        let path = resource.strip_suffix(".json").unwrap_or_default();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match (self.request.method, segments.as_slice()) {
            ("POST", ["Messages"]) => self.create(),
            ("GET", ["Messages"]) => Some(self.list()),
            (method, ["Messages", sid, below @ ..]) => match self.known(TextSid::read(sid)) {
                Some(sid) => self.about(method, sid, below),
                None => Some(error(20_404)),
            },
            _ => Some(error(20_404)),
        }
    }

    /// Answers a request about a text of the account, and what is below it.
    fn about(&self, method: &str, sid: TextSid, below: &[&str]) -> Option<RestResponse> {
        Some(match (method, below) {
            ("POST", []) => return self.update(sid),
            ("GET", []) => self.fetch(sid),
            ("DELETE", []) => self.delete(sid),
            ("GET", ["Media"]) => self.list_media(sid),
            ("GET", ["Media", medium]) => self.fetch_medium(sid, medium),
            ("DELETE", ["Media", medium]) => self.delete_medium(sid, medium),
            ("POST", ["Feedback"]) => self.give_feedback(sid),
            _ => error(20_404),
        })
    }

    fn create(&self) -> Option<RestResponse> {
        let form = Form::read(self.request.body);
        self.door.enter(|world| {
            let (now, epoch) = (world.now(), world.story().epoch);
            let order = match order::order(&form, world.papers_mut(), now, epoch) {
                Ok(order) => order,
                Err(code) => return Some(error(code)),
            };
            if let Some(code) = order::magic(&order) {
                return Some(error(code));
            }
            if let Some(from) = &order.from {
                self.accounts.give_sender(from, self.account);
            }
            self.accounts.debugger().note(now, None, order::doubts(&form));
            self.note(world, "/Messages.json");
            let next = world.texts().len();
            let reply = world.order_text(order);
            // Also if the order fails and the text is sent: its callbacks are signed.
            for text in world.texts().get(next..).unwrap_or_default() {
                self.accounts.give_text(text.sid(), self.account);
            }
            self.told(world, 201, reply)
        })
    }

    /// Keeps this request, which changes the world.
    fn note(&self, world: &mut World, below: &str) {
        self.door.note(world, |world| recorded::order(self.door, world, (self.account, below), self.request));
    }

    fn told(&self, world: &World, status: u16, reply: Option<TextReply>) -> Option<RestResponse> {
        match reply? {
            TextReply::Created(id) => {
                let text = world.text(id)?;
                let mut body = resource::text(text, self.account, world.story().epoch);
                let holds = (status == 201 && text.is_answered_late()).then_some(id);
                if let (Some(_), Some((_, first))) = (holds, text.log().first()) {
                    // The answer was written before the text was sent.
                    body["status"] = first.label().into();
                }
                Some(RestResponse { status, body: Some(body), holds })
            }
            TextReply::Refused { http, code } => Some(error_with(http, code)),
            TextReply::Failed { http } => Some(error_with(http, if http == 503 { 20_503 } else { 20_500 })),
        }
    }

    fn update(&self, sid: TextSid) -> Option<RestResponse> {
        let update = match order::update(&Form::read(self.request.body)) {
            Ok(update) => update,
            Err(code) => return Some(error(code)),
        };
        self.door.enter(|world| {
            let id = world.text_of_sid(sid)?.id();
            self.note(world, &format!("/Messages/{sid}.json"));
            let reply = match update {
                order::Update::Cancel => world.cancel_text(id),
                order::Update::Redact => world.redact_text(id),
            };
            self.told(world, 200, reply)
        })
    }

    fn fetch(&self, sid: TextSid) -> RestResponse {
        self.door.enter(|world| {
            let text = world.text_of_sid(sid);
            let body = text.map(|text| resource::text(text, self.account, world.story().epoch));
            body.map_or_else(
                || error(20_404),
                |body| RestResponse { status: 200, body: Some(body), holds: None },
            )
        })
    }

    /// Removes a text that changes no more.
    fn delete(&self, sid: TextSid) -> RestResponse {
        let over =
            self.door.enter(|world| world.text_of_sid(sid).is_some_and(|text| text.status().is_terminal()));
        if !over {
            return error(NOT_COMPLETE);
        }
        self.accounts.delete_text(sid);
        RestResponse { status: 204, body: None, holds: None }
    }

    fn list(&self) -> RestResponse {
        let asked = match list::Query::read(self.request.query) {
            Ok(asked) => asked,
            Err(code) => return error(code),
        };
        let body = self.door.enter(|world| {
            list::page(world, self.account, &asked, |text| self.accounts.has_text(self.account, text))
        });
        RestResponse { status: 200, body: Some(body), holds: None }
    }

    /// The text, if the account has it.
    fn known(&self, sid: Option<TextSid>) -> Option<TextSid> {
        let world = self.door.world();
        let text = world.text_of_sid(sid?)?;
        self.accounts.has_text(self.account, text).then(|| text.sid())
    }
}
