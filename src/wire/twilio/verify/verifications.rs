//! Requests about verifications: start, fetch, close, check.

use std::sync::Arc;

use crate::message::{VerifyReply, VerifyServiceSid};
use crate::providers::verify::Input;
use crate::wire::form::Form;
use crate::wire::twilio::verify::rest::{Asked, NOT_FOUND, VerifyAnswer};
use crate::wire::twilio::verify::{order, resource};
use crate::world::World;

/// The status of an answered check: the specification lists 201 and 200.
const CHECKED: u16 = 201;

/// Owns the calls that speak codes, so that no account sees them among its own calls.
const NOBODY: &str = "";

/// Starts a verification, or sends its code again.
pub(super) fn start(asked: &Asked<'_>, service: VerifyServiceSid) -> VerifyAnswer {
    let form = Form::read(asked.request.rest.body);
    let account = Arc::clone(&asked.account);
    let order = match order::start(&form, account, service, asked.request.sends_emails) {
        Ok(order) => order,
        Err(code) => return asked.refused(code),
    };
    asked.door.enter(|world| {
        asked.note(world);
        let done = world.start_verification(order);
        if let Some(call) = done.call {
            asked.accounts.give(call, NOBODY);
        }
        VerifyAnswer { letter: done.letter, ..told(asked, world, 201, done.reply) }
    })
}

/// Fetches an open verification; others are forgotten, as by Twilio.
pub(super) fn fetch(asked: &Asked<'_>, service: VerifyServiceSid, by: &str) -> VerifyAnswer {
    let Some(by) = order::by(by) else { return asked.refused(NOT_FOUND) };
    asked.door.enter(|world| {
        let open = world.verify().open(&asked.account, service, &by, world.now());
        let body = open.map(|open| resource::verification(asked, world, open));
        body.map_or_else(|| asked.refused(NOT_FOUND), |body| VerifyAnswer::with(200, body))
    })
}

/// Approves or cancels a verification.
pub(super) fn close(asked: &Asked<'_>, service: VerifyServiceSid, by: &str) -> VerifyAnswer {
    let Some(by) = order::by(by) else { return asked.refused(NOT_FOUND) };
    let approved = match order::approves(&Form::read(asked.request.rest.body)) {
        Ok(approved) => approved,
        Err(code) => return asked.refused(code),
    };
    let account = Arc::clone(&asked.account);
    asked.door.enter(|world| {
        asked.note(world);
        let reply = world.ask_verify(Input::Close { account, service, by, approved });
        told(asked, world, 200, reply)
    })
}

/// Checks a code.
pub(super) fn check(asked: &Asked<'_>, service: VerifyServiceSid) -> VerifyAnswer {
    let form = Form::read(asked.request.rest.body);
    let check = match order::check(&form, Arc::clone(&asked.account), service) {
        Ok(check) => check,
        Err(code) => return asked.refused(code),
    };
    asked.door.enter(|world| {
        asked.note(world);
        let reply = world.ask_verify(Input::Check(check));
        told(asked, world, CHECKED, reply)
    })
}

fn told(asked: &Asked<'_>, world: &World, status: u16, reply: Option<VerifyReply>) -> VerifyAnswer {
    let (id, right) = match reply {
        Some(VerifyReply::Verification(id)) => (id, None),
        Some(VerifyReply::Checked { verification, right }) => (verification, Some(right)),
        _ => return asked.told(reply),
    };
    let Some(verification) = world.verify().verification(id) else { return asked.refused(NOT_FOUND) };
    let body = match right {
        None => resource::verification(asked, world, verification),
        Some(right) => resource::check(asked, world.story().epoch, verification, right),
    };
    VerifyAnswer::with(status, body)
}
