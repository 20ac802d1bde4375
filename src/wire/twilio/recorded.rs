//! Requests to the REST API as a recording has them: with `call-1` in place of the first call's SID, so that
//! a person who edits the story need not know SIDs.

use crate::base::id::TextId;
use crate::message::{Method, Sid, TextSender, TextSid, VerificationSid};
use crate::providers::messaging::InboundHooks;
use crate::story::{OrderBody, Recorded, RestOrder, SenderAddresses};
use crate::wire::door::Door;
use crate::wire::form::Form;
use crate::wire::twilio::hook_at;
use crate::wire::twilio::rest::RestRequest;
use crate::world::World;

/// The names that stand for SIDs.
const CALL: &str = "call-";
const TEXT: &str = "text-";
const VERIFICATION: &str = "verification-";

/// The field of a form that names a verification.
const SID_FIELD: &str = "VerificationSid";

/// A request of an account; `path` is as in [`RestOrder`].
pub(super) fn order(
    door: &Door,
    world: &World,
    (account, path): (&str, &str),
    request: &RestRequest<'_>,
) -> Recorded {
    let account = door.logbook().and_then(|logbook| logbook.other_account(account));
    let path: Vec<String> = path.split('/').map(|segment| of_segment(world, segment, named)).collect();
    let fields = Form::read(request.body).into_fields();
    let body = OrderBody::Form(fields.into_iter().map(|field| of_field(world, field, named)).collect());
    Recorded::Order(RestOrder { method: request.method.to_owned(), path: path.join("/"), account, body })
}

/// A request as the API takes it: the inverse of the names in [`order`].
pub(crate) fn with_sids(world: &World, order: &RestOrder) -> RestOrder {
    let path: Vec<String> = order.path.split('/').map(|segment| of_segment(world, segment, sid)).collect();
    let body = match &order.body {
        OrderBody::Form(fields) => {
            OrderBody::Form(fields.iter().cloned().map(|field| of_field(world, field, sid)).collect())
        }
        json @ OrderBody::Json(_) => json.clone(),
    };
    RestOrder { path: path.join("/"), body, ..order.clone() }
}

/// Sets, or removes, the app's addresses for texts to a sender.
pub(crate) fn configure(world: &mut World, sender: &TextSender, addresses: Option<&SenderAddresses>) {
    let mut hook = |url: &str, method: Method| hook_at(url, method, world.papers_mut());
    let hooks = addresses.and_then(|SenderAddresses { url, method, fallback }| {
        let first = hook(url, *method)?;
        Some(InboundHooks { hook: first, fallback: fallback.as_deref().and_then(|url| hook(url, *method)) })
    });
    world.configure_sender(sender.clone(), hooks);
}

fn of_segment(world: &World, segment: &str, other: fn(&World, &str) -> Option<String>) -> String {
    let (name, ending) = segment.strip_suffix(".json").map_or((segment, ""), |name| (name, ".json"));
    other(world, name).map_or_else(|| segment.to_owned(), |other| other + ending)
}

fn of_field(
    world: &World,
    (name, value): (String, String),
    other: fn(&World, &str) -> Option<String>,
) -> (String, String) {
    let changed = (name == SID_FIELD).then(|| other(world, &value)).flatten();
    (name, changed.unwrap_or(value))
}

/// The name of a SID of this world.
fn named(world: &World, text: &str) -> Option<String> {
    if let Some(call) = Sid::read(text).and_then(|sid| world.call_of_sid(sid)) {
        return Some(format!("{CALL}{}", call.id().index() + 1));
    }
    if let Some(text) = TextSid::read(text).and_then(|sid| world.text_of_sid(sid)) {
        return Some(format!("{TEXT}{}", text.id().index() + 1));
    }
    let sid = VerificationSid::read(text)?;
    let place = world.verify().verifications().iter().position(|one| one.sid() == sid)?;
    Some(format!("{VERIFICATION}{}", place + 1))
}

/// The SID with this name.
fn sid(world: &World, name: &str) -> Option<String> {
    let place = |prefix: &str| name.strip_prefix(prefix)?.parse::<usize>().ok()?.checked_sub(1);
    if let Some(place) = place(CALL) {
        return world.calls().get(place).map(|call| call.sid().to_string());
    }
    if let Some(place) = place(TEXT) {
        let id = u32::try_from(place).ok().map(TextId)?;
        return world.text(id).map(|text| text.sid().to_string());
    }
    let place = place(VERIFICATION)?;
    world.verify().verifications().get(place).map(|one| one.sid().to_string())
}
