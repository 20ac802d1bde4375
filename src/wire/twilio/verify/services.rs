//! Requests about services: create, fetch, list, change, delete.

use std::sync::Arc;

use serde_json::Value;

use crate::message::{ServiceSettings, VerifyReply, VerifyServiceSid};
use crate::providers::verify::Input;
use crate::wire::form::Form;
use crate::wire::twilio::paging::{INVALID_PAGE, Paging};
use crate::wire::twilio::verify::rest::{Asked, NOT_FOUND, VerifyAnswer};
use crate::wire::twilio::verify::{resource, settings};
use crate::world::World;

pub(super) fn create(asked: &Asked<'_>) -> VerifyAnswer {
    let form = Form::read(asked.request.rest.body);
    // The name is the only parameter that Twilio requires.
    let read = form.get("FriendlyName").ok_or(settings::INVALID).and_then(settings::name);
    let read = read.and_then(|name| settings::read(&form, ServiceSettings::named(&name)));
    let settings = match read {
        Ok(settings) => settings,
        Err(code) => return asked.refused(code),
    };
    let account = Arc::clone(&asked.account);
    asked.door.enter(|world| {
        asked.note(world);
        let reply = world.ask_verify(Input::CreateService { account, settings });
        told(asked, world, 201, reply)
    })
}

pub(super) fn fetch(asked: &Asked<'_>, service: VerifyServiceSid) -> VerifyAnswer {
    asked.door.enter(|world| told(asked, world, 200, Some(VerifyReply::Service(service))))
}

pub(super) fn change(asked: &Asked<'_>, service: VerifyServiceSid) -> VerifyAnswer {
    let form = Form::read(asked.request.rest.body);
    asked.door.enter(|world| {
        let Some(known) = world.verify().service(&asked.account, service) else {
            return asked.refused(NOT_FOUND);
        };
        let settings = match settings::read(&form, known.settings().clone()) {
            Ok(settings) => settings,
            Err(code) => return asked.refused(code),
        };
        asked.note(world);
        let account = Arc::clone(&asked.account);
        let reply = world.ask_verify(Input::ChangeService { account, service, settings });
        told(asked, world, 200, reply)
    })
}

pub(super) fn delete(asked: &Asked<'_>, service: VerifyServiceSid) -> VerifyAnswer {
    let account = Arc::clone(&asked.account);
    asked.door.enter(|world| {
        asked.note(world);
        asked.told(world.ask_verify(Input::DeleteService { account, service }))
    })
}

/// What lostkey has none of below a service, with the name of its list (TW-below-service).
const NEVER_THERE: [(&str, &str); 4] = [
    ("RateLimits", "rate_limits"),
    ("MessagingConfigurations", "messaging_configurations"),
    ("Entities", "entities"),
    ("Webhooks", "webhooks"),
];

/// Lists what nobody can create below a service: nothing.
pub(super) fn list_below(asked: &Asked<'_>, service: VerifyServiceSid, below: &str) -> VerifyAnswer {
    let Some((_, key)) = NEVER_THERE.iter().find(|(path, _)| *path == below) else {
        return asked.refused(NOT_FOUND);
    };
    if asked.door.enter(|world| world.verify().service(&asked.account, service).is_none()) {
        return asked.refused(NOT_FOUND);
    }
    let url = asked.url(&format!("Services/{service}/{below}"));
    match Paging::read(asked.request.rest.query, |_, _| Ok(())) {
        Ok(paging) => {
            let none = std::iter::empty::<Value>();
            VerifyAnswer::with(200, paging.page_with_meta((&url, key), none, |_| String::new(), Value::clone))
        }
        Err(code) => asked.refused(code),
    }
}

/// Lists the services of the account, newest first.
pub(super) fn list(asked: &Asked<'_>) -> VerifyAnswer {
    let read = Paging::read(asked.request.rest.query, |_, _| Ok(())).and_then(|paging| {
        let after = paging.after.as_deref().map(|sid| VerifyServiceSid::read(sid).ok_or(INVALID_PAGE));
        Ok((after.transpose()?, paging))
    });
    let (after, paging) = match read {
        Ok(read) => read,
        Err(code) => return asked.refused(code),
    };
    asked.door.enter(|world| {
        let all = world.verify().services();
        // The page after a service has the older ones; the service itself may have been deleted meanwhile.
        let place = after.map(|sid| all.iter().position(|service| service.sid() == sid).unwrap_or(0));
        let older = all.get(..place.unwrap_or(all.len())).unwrap_or_default();
        let own = older.iter().rev().filter(|service| service.is_of(&asked.account));
        let show = |service: &&_| resource::service(asked, service, world.story().epoch);
        let url = asked.url("Services");
        let page: Value =
            paging.page_with_meta((&url, "services"), own, |service| service.sid().to_string(), show);
        VerifyAnswer::with(200, page)
    })
}

fn told(asked: &Asked<'_>, world: &World, status: u16, reply: Option<VerifyReply>) -> VerifyAnswer {
    let Some(VerifyReply::Service(sid)) = reply else { return asked.told(reply) };
    let service = world.verify().service(&asked.account, sid);
    let body = service.map(|service| resource::service(asked, service, world.story().epoch));
    body.map_or_else(|| asked.refused(NOT_FOUND), |body| VerifyAnswer::with(status, body))
}
