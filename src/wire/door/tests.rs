//! Tests of the door: due events run before requests, and outgoing crossings are counted.

use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::*;
use crate::base::id::PersonId;
use crate::event::{Actor, EventKind, NoReply, PageName};
use crate::message::{Answer, Crossing};
use crate::people::Act;
use crate::story::Story;
use crate::world::Stuck;

const ANA: PersonId = PersonId(0);
const BEN: PersonId = PersonId(1);
const LOST: Answer = Answer::Lost(NoReply::Cut);

/// Ana opens a page after one second, Ben after two.
const MOVES: &str = "
moves:
  - 00:00:01 ana goes to \"Your Security Credentials\"
  - 00:00:02 ben goes to \"Your Security Credentials\"
";

fn world(moves: &str) -> World {
    let yaml = format!(
        "
about: Two people who open pages.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices:
      phone-app: {{ state: lost }}
  ben:
    user: ben@example.com
    password: another horse battery staple
    number: 2234 5678 9012
    phone: +34 600 000 002
    devices:
      phone-app: {{ state: lost }}
{moves}"
    );
    World::new(Arc::new(Story::read(&yaml, "two-people.yaml").unwrap()), 1)
}

fn open_a_page(world: &mut World, who: PersonId) {
    world.order(who, Act::GoTo(PageName::SecurityCredentials));
}

/// Time and actor of each page request.
fn requests(world: &World) -> Vec<(u64, Actor)> {
    let events = world.trace().events().iter();
    let requested = events.filter(|event| matches!(event.kind, EventKind::Requested { .. }));
    requested.map(|event| (event.at.as_millis(), event.by)).collect()
}

const ASKED: [(u64, Actor); 2] = [(1_000, Actor::Person(ANA)), (2_000, Actor::Person(BEN))];

#[test]
fn what_is_due_by_a_real_clock_happens_at_its_own_moment_before_what_is_asked() {
    let clock = Clock::real(NonZeroU32::MAX);
    let (door, mut carries) = Door::new(world(MOVES), clock);
    let (now, asked, due) = door.enter(|world| (world.now(), requests(world), world.next_due()));
    assert!(now >= Time::from_millis(2_000), "{now}");
    assert_eq!(asked[..2], ASKED);
    assert!(due.is_none_or(|due| due > now), "{due:?} was due by {now}");
    let left = |carries: &mut mpsc::UnboundedReceiver<Carry>| match carries.try_recv().unwrap().crossing {
        Crossing::Page { browser, .. } => browser.0,
        other => panic!("{other:?} left"),
    };
    assert_eq!((left(&mut carries), left(&mut carries)), (0, 3), "Ana's request left before Ben's");
}

#[test]
fn a_clock_that_is_moved_by_its_stage_leaves_carrying_to_the_stage() {
    let (door, mut carries) = Door::new(world(MOVES), Clock::Staged);
    door.enter(|world| open_a_page(world, ANA));
    assert!(carries.try_recv().is_err());
    assert!(door.world().poll_crossing().is_some());
    assert_eq!((door.step(Time::NEVER), door.world().now()), (None, Time::ZERO));
}

#[test]
fn one_crossing_at_a_time_leaves_under_a_manual_clock() {
    let (door, mut carries) = Door::new(world(""), Clock::Manual);
    door.enter(|world| {
        open_a_page(world, ANA);
        open_a_page(world, BEN);
    });
    let first = carries.try_recv().unwrap();
    door.enter(|_| ());
    assert!(carries.try_recv().is_err(), "the second left before the first was answered");
    door.enter(|world| world.answer(first.id, LOST));
    assert_ne!(carries.try_recv().unwrap().id, first.id);
}

#[tokio::test]
async fn a_manual_clock_waits_for_what_is_under_way() {
    let (door, mut carries) = Door::new(world(""), Clock::Manual);
    door.enter(|world| open_a_page(world, ANA));
    let carry = carries.try_recv().unwrap();
    let still = NotMoved::StillUnderWay { at: Time::ZERO, crossings: 1 };
    assert_eq!(door.advance(Span::HOUR, Duration::ZERO).await, Err(still));
    assert_eq!((door.step(Time::NEVER), door.world().now()), (None, Time::ZERO));
    let answers = async {
        tokio::task::yield_now().await;
        assert_eq!(door.world().now(), Time::ZERO, "time moved while a page was under way");
        door.enter(|world| world.answer(carry.id, LOST));
    };
    let (moved, ()) = tokio::join!(door.advance(Span::HOUR, Duration::from_secs(10)), answers);
    assert_eq!(moved, Ok(Time::ZERO + Span::HOUR));
    let saw_nothing = |kind: &EventKind| matches!(kind, EventKind::SawNothing { .. });
    let world = door.world();
    let answered = world.trace().events().iter().find(|event| saw_nothing(&event.kind)).unwrap();
    assert_eq!(answered.at, Time::ZERO);
}

#[tokio::test]
async fn a_manual_clock_goes_from_one_due_moment_to_the_next() {
    let (door, mut carries) = Door::new(world(MOVES), Clock::Manual);
    let answers = async {
        let mut left = Vec::new();
        while left.len() < 2 {
            let carry = carries.recv().await.unwrap();
            left.push(door.world().now().as_millis());
            tokio::task::yield_now().await;
            door.enter(|world| world.answer(carry.id, LOST));
        }
        left
    };
    let (moved, left) = tokio::join!(door.advance(Span::HOUR, Duration::from_secs(10)), answers);
    assert_eq!((moved, left), (Ok(Time::ZERO + Span::HOUR), vec![1_000, 2_000]));
    assert_eq!(requests(&door.world()), ASKED);
}

#[tokio::test]
async fn only_a_manual_clock_is_moved_by_hand() {
    for clock in [Clock::Staged, Clock::real(NonZeroU32::MIN)] {
        let (door, _carries) = Door::new(world(""), clock);
        assert_eq!(door.advance(Span::HOUR, Duration::ZERO).await, Err(NotMoved::NotByHand));
    }
}

#[tokio::test]
async fn a_play_that_is_over_tells_its_first_error_once_and_lets_nothing_leave() {
    let (door, mut carries) = Door::new(world(""), Clock::Manual);
    assert!(door.failure().is_none());
    door.fail(WireError::Watchdog("a mail"));
    door.fail(WireError::NobodyCarries);
    door.enter(|world| open_a_page(world, ANA));
    assert!(carries.try_recv().is_err());
    door.quiet().await;
    assert!(matches!(door.failure(), Some(WireError::Watchdog("a mail"))));
    assert!(matches!(door.failure(), Some(WireError::Over)));
    assert_eq!(door.advance(Span::HOUR, Duration::from_secs(10)).await, Err(NotMoved::Over));
}

#[tokio::test]
async fn a_machine_that_panics_ends_the_play_and_wakes_those_who_wait() {
    let (door, _carries) = Door::new(world(""), Clock::Manual);
    door.enter(|world| open_a_page(world, ANA));
    let panics = async {
        tokio::task::yield_now().await;
        let panicked = catch_unwind(AssertUnwindSafe(|| door.enter(|_| panic!("on purpose"))));
        assert!(panicked.is_err());
    };
    tokio::join!(door.quiet(), panics);
    assert!(matches!(door.failure(), Some(WireError::Panicked(_))));
}

#[test]
fn a_door_that_nobody_carries_for_says_so() {
    let (door, carries) = Door::new(world(""), Clock::Manual);
    drop(carries);
    door.enter(|world| open_a_page(world, ANA));
    assert!(matches!(door.failure(), Some(WireError::NobodyCarries)));
}

#[test]
fn a_story_that_never_ends_at_one_instant_is_stuck() {
    let (door, mut carries) = Door::new(world(""), Clock::Manual);
    let failure = loop {
        door.enter(|world| open_a_page(world, ANA));
        match carries.try_recv() {
            Ok(carry) => door.enter(|world| world.answer(carry.id, LOST)),
            Err(_) => break door.failure(),
        }
    };
    assert!(matches!(failure, Some(WireError::Stuck(Stuck::Busy { .. }))), "{failure:?}");
}

#[tokio::test]
async fn under_a_real_clock_no_more_than_the_limit_is_under_way_and_time_waits_for_it() {
    let (door, mut carries) = Door::new(world(MOVES), Clock::real(NonZeroU32::MIN));
    door.enter(|world| {
        for _ in 0..=UNDER_WAY_MAX {
            open_a_page(world, BEN);
        }
    });
    assert_eq!(door.world().under_way(), UNDER_WAY_MAX);
    let mut ids = Vec::new();
    while let Ok(carry) = carries.try_recv() {
        ids.push(carry.id);
    }
    assert_eq!(ids.len(), UNDER_WAY_MAX);
    door.enter(|world| world.answer(ids[0], LOST));
    assert!(carries.try_recv().is_ok(), "what waited leaves when there is room");
}
