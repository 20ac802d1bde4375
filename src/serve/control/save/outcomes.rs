//! What can be seen in a world: calls, texts, emails, verifications.

use std::collections::BTreeMap;

use crate::base::number::Number;
use crate::base::time::{Epoch, Time};
use crate::report::{Outcome, Seen};
use crate::wire::inbox::Inbox;
use crate::world::World;

/// What phones and verifications show.
pub(super) fn of_world(world: &World) -> Vec<Outcome> {
    let now = world.now();
    let mut seen = Vec::new();
    for (place, call) in world.calls().iter().enumerate() {
        let since = call.log().last().map_or(now, |(at, _)| *at);
        // Another change may come later at the same time, but not after the end.
        let at = if call.is_over() { since } else { now };
        seen.push(Outcome { at, what: Seen::Call(place + 1, call.number(), call.status()) });
    }
    let mut texts: BTreeMap<Number, usize> = BTreeMap::new();
    for arrival in world.arrivals() {
        let count = texts.entry(arrival.number).or_default();
        *count += 1;
        let what = Seen::Text(*count, arrival.number, arrival.body.to_string());
        seen.push(Outcome { at: arrival.at, what });
    }
    if !world.calls().is_empty() {
        seen.push(Outcome { at: now, what: Seen::Calls(world.calls().len()) });
    }
    seen.extend(texts.into_iter().map(|(at, count)| Outcome { at: now, what: Seen::Texts(count, at) }));
    let mut verifications = BTreeMap::new();
    for verification in world.verify().verifications() {
        verifications.insert(verification.to().to_string(), verification.status(now));
    }
    let verified = verifications.into_iter().map(|(to, status)| Seen::Verification(to, status));
    seen.extend(verified.map(|what| Outcome { at: now, what }));
    seen
}

/// The emails that have arrived and were not deleted.
pub(super) fn of_inbox(inbox: &Inbox, epoch: Epoch) -> Vec<Outcome> {
    let start = epoch.unix_millis(Time::ZERO);
    let mut seen = Vec::new();
    for message in inbox.newest_first().iter().rev() {
        let at = Time::from_millis(message.received().saturating_sub(start));
        let subject = &message.summary().subject;
        seen.extend(
            message.to().iter().map(|to| Outcome { at, what: Seen::Email(to.clone(), subject.clone()) }),
        );
    }
    seen
}
