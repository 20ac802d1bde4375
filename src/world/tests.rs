//! Worlds with an external service: departures, arrivals, and simulated faults.

use std::sync::Arc;

use super::*;
use crate::base::number::Number;
use crate::base::time::Span;
use crate::event::{NoReply, PageName, WebhookKind};
use crate::message::{
    Answer, CallCreate, CallReply, Crossing, Events, Hook, HookReply, Opening, Place, Webhook,
};

const PEOPLE: &str = "\
about: Two people, two phones.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices: { phone-app: {} }
  ben:
    user: ben@example.com
    password: staple battery horse correct
    number: 2234 5678 9012
    phone: +34 600 000 002
    devices: { ben-app: {} }
";

const ANA: PersonId = PersonId(0);

fn story(faults: &str) -> Arc<Story> {
    let yaml = if faults.is_empty() { PEOPLE.to_owned() } else { format!("{PEOPLE}faults:\n{faults}\n") };
    Arc::new(Story::read(&yaml, "story.yaml").unwrap())
}

fn outside(faults: &str) -> World {
    World::with_service_outside(story(faults), 1).unwrap()
}

/// An order of a foreign service: documents and callbacks at its URLs.
fn order(world: &mut World, to: &str) -> Delivery {
    let mut hook = |url: &str| Hook::post(Place::Url(world.papers_mut().url_id(url)));
    Delivery::Call(CallCreate {
        to: Number::read(to).unwrap(),
        from: Number::read("+15005550006").unwrap(),
        opening: Opening::Fetch(hook("http://app.test/answer")),
        fallback: None,
        status: Some((hook("http://app.test/status"), Events::ALL)),
        time_limit: None,
        ring_timeout: Span::from_secs(30),
        machine_detection: false,
    })
}

/// Runs until `deadline`, answering each webhook with 204 and no pages; returns the webhooks sent.
fn webhooks_until(world: &mut World, deadline: Time) -> Vec<(Time, Webhook)> {
    let mut left = Vec::new();
    loop {
        while let Some(Carry { id, crossing }) = world.poll_crossing() {
            let answer = if let Crossing::Webhook(webhook) = crossing {
                left.push((world.now(), webhook));
                Answer::Webhook(HookReply::HEARD)
            } else {
                Answer::Lost(NoReply::Down)
            };
            world.answer(id, answer);
        }
        match world.next_due().filter(|due| *due <= deadline) {
            Some(due) => world.advance(due),
            None => return left,
        }
    }
}

fn kinds(left: &[(Time, Webhook)]) -> Vec<WebhookKind> {
    left.iter().map(|(_, webhook)| webhook.body.kind()).collect()
}

#[test]
fn a_crash_of_a_service_outside_is_refused() {
    let story = story("  - { does: { app-crashes: { when: before, around: page, down: 5s } } }");
    assert_eq!(World::with_service_outside(story, 1).err(), Some(InsideFault));
}

#[test]
fn an_order_from_outside_is_caused_by_the_only_request_about_its_account() {
    for (to, caused) in [("+34600000001", true), ("+34600000002", false)] {
        let mut world = outside("");
        world.order(ANA, Act::GoTo(PageName::SignIn));
        let page = world.poll_crossing().expect("Ana's request leaves");
        let order = order(&mut world, to);
        let answer = world.deliver(Origin::Outside, &order);
        assert!(matches!(answer, Some(Answer::Call(CallReply::Created { .. }))), "{answer:?}");
        let taken = world.trace().iter().find(|(_, event)| matches!(event.kind, EventKind::CallTaken { .. }));
        let (_, taken) = taken.expect("the call was taken");
        let requested =
            world.trace().iter().find(|(_, event)| matches!(event.kind, EventKind::Requested { .. }));
        let expected = caused.then(|| requested.expect("Ana asked").0);
        assert_eq!(taken.cause, expected, "{to}");
        assert_eq!(world.under_way(), 1, "the page is still under way");
        world.answer(page.id, Answer::Lost(NoReply::Down));
        assert_eq!(world.under_way(), 0);
    }
}

#[test]
fn two_requests_about_one_account_are_no_cause() {
    let mut world = outside("");
    world.order(ANA, Act::GoTo(PageName::SignIn));
    let first = world.poll_crossing().expect("one leaves");
    world.answer(first.id, Answer::Lost(NoReply::Down));
    world.order(ANA, Act::GoTo(PageName::SignIn));
    let order_one = order(&mut world, "+34600000001");
    let second = world.poll_crossing().expect("another leaves");
    world.deliver(Origin::Outside, &order_one);
    // Ana's first callback is a second request about her account while her page is in flight.
    let callback = loop {
        if let Some(carry) = world.poll_crossing() {
            break carry;
        }
        let due = world.next_due().expect("the call goes on");
        world.advance(due);
    };
    assert!(matches!(callback.crossing, Crossing::Webhook(_)));
    let order_two = order(&mut world, "+34600000001");
    world.deliver(Origin::Outside, &order_two);
    let taken: Vec<_> = world
        .trace()
        .iter()
        .filter(|(_, event)| matches!(event.kind, EventKind::CallTaken { .. }))
        .map(|(_, event)| event.cause.is_some())
        .collect();
    assert_eq!(taken, [true, false]);
    world.answer(second.id, Answer::Lost(NoReply::Down));
}

#[test]
fn faults_meet_orders_from_outside_by_their_account() {
    let fault = "  - { does: call-busy, of: ben }";
    for (to, busy) in [("+34600000001", false), ("+34600000002", true)] {
        let mut world = outside(fault);
        let order = order(&mut world, to);
        world.deliver(Origin::Outside, &order);
        webhooks_until(&mut world, Time::ZERO + Span::from_mins(2));
        let struck =
            world.trace().iter().any(|(_, event)| matches!(event.kind, EventKind::FaultStruck { .. }));
        assert_eq!(struck, busy, "{to}");
    }
}

/// Each fault of a document fetch, and whether the request reaches the foreign address.
#[test]
fn faults_of_webhooks_are_acted_out_before_a_foreign_address() {
    for (fault, leaves) in [
        ("", true),
        ("  - { does: { webhook-fails: { webhook: fetch, http: 500 } }, of: ana }", false),
        ("  - { does: { webhook-html: { webhook: fetch } }, of: ana }", false),
        ("  - { does: { webhook-unreadable: { webhook: fetch } }, of: ana }", false),
        ("  - { does: { webhook-times-out: { webhook: fetch, heard: false } }, of: ana }", false),
        ("  - { does: { webhook-times-out: { webhook: fetch, heard: true } }, of: ana }", true),
    ] {
        let mut world = outside(fault);
        let order = order(&mut world, "+34600000001");
        world.deliver(Origin::Outside, &order);
        world.act_by_habit(ANA, None);
        let left = webhooks_until(&mut world, Time::ZERO + Span::from_mins(5));
        let fetched = kinds(&left).contains(&WebhookKind::Fetch);
        let picked_up =
            world.trace().iter().any(|(_, event)| matches!(event.kind, EventKind::PickedUp { .. }));
        assert!(picked_up, "Ana answers her phone");
        assert_eq!(fetched, leaves, "{fault}");
    }
}
