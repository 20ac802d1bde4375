//! Tests of a served story: concurrent requests from outside, errors, real clocks, and shutdown.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::base::id::{EventId, PersonId};
use crate::base::time::Span;
use crate::event::{Actor, EventKind, PageName};
use crate::people::Act;
use crate::wire::form::Form;
use crate::wire::twilio::{ACCOUNT_SID, AUTH_TOKEN};

const ANA: PersonId = PersonId(0);

const STORY: &str = "
about: Ana has lost the phone that makes her codes.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices:
      phone-app: { state: lost }
";

fn story() -> Arc<Story> {
    Arc::new(Story::read(STORY, "lost-device.yaml").unwrap())
}

/// Plays Ana's first page request. While it is carried, a client orders a call to this number at
/// the voice provider's REST API. Returns the trace and the cause of the call.
async fn ordered_meanwhile(number: &str) -> (Trace, Option<EventId>) {
    let order = Form::new()
        .with("To", number)
        .with("From", "+15005550006")
        .with("Url", "http://127.0.0.1:9/document");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ordered = Arc::new(AtomicBool::new(false));
    let with = |courier: Courier, at: Addresses| {
        let courier = Arc::new(courier);
        let url = format!("http://{}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json", at.voice);
        move |id, crossing: Crossing| {
            let (courier, ordered) = (Arc::clone(&courier), Arc::clone(&ordered));
            let post = client.post(&url).basic_auth(ACCOUNT_SID, Some(AUTH_TOKEN)).body(order.body());
            async move {
                if matches!(crossing, Crossing::Page { .. }) && !ordered.swap(true, Ordering::SeqCst) {
                    assert_eq!(post.send().await.unwrap().status(), 201);
                }
                courier.carry(id, &crossing).await
            }
        }
    };
    let mut play = LivePlay::carried(story(), 1, Clock::Manual, with).await.unwrap();
    play.world().order(ANA, Act::GoTo(PageName::SignIn));
    play.settle().await.unwrap();
    let trace = play.trace();
    let taken = |kind: &EventKind| matches!(kind, EventKind::CallTaken { .. });
    let cause = trace.events().iter().find(|event| taken(&event.kind)).unwrap().cause;
    (trace, cause)
}

#[tokio::test]
async fn an_order_that_comes_while_a_page_is_carried_is_answered_and_has_its_own_cause() {
    let (trace, cause) = ordered_meanwhile("+34600000001").await;
    let cause = trace.get(cause.unwrap()).unwrap();
    assert_eq!(cause.by, Actor::Person(ANA));
    assert!(matches!(cause.kind, EventKind::Requested { .. }), "{cause:?}");
    let place = |test: fn(&EventKind) -> bool| trace.events().iter().position(|event| test(&event.kind));
    let taken = place(|kind| matches!(kind, EventKind::CallTaken { .. })).unwrap();
    let saw = place(|kind| matches!(kind, EventKind::Saw { .. })).unwrap();
    assert!(taken < saw, "the call was taken before the page came back");
}

#[tokio::test]
async fn an_order_about_nobodys_account_has_no_cause_whatever_is_being_carried() {
    let (_, cause) = ordered_meanwhile("+34600000999").await;
    assert_eq!(cause, None);
}

#[tokio::test]
async fn an_error_of_a_carry_ends_the_play() {
    let with = |courier: Courier, _| {
        let courier = Arc::new(courier);
        move |id, crossing: Crossing| {
            let courier = Arc::clone(&courier);
            async move {
                match crossing {
                    Crossing::Mail(_) => Err(WireError::Watchdog("a mail")),
                    other => courier.carry(id, &other).await,
                }
            }
        }
    };
    let mut play = LivePlay::carried(story(), 1, Clock::Manual, with).await.unwrap();
    let error = play.to_the_end().await.unwrap_err();
    assert!(matches!(error, WireError::Watchdog("a mail")), "{error:?}");
    let again = play.settle().await.unwrap_err();
    assert!(matches!(again, WireError::Over), "{again:?}");
}

#[tokio::test]
async fn under_a_clock_that_nobody_carries_for_nothing_is_served() {
    let refused = LivePlay::start(story(), 1, Clock::Staged).await.unwrap_err();
    assert!(matches!(refused, WireError::NobodyCarries), "{refused:?}");
}

#[tokio::test]
async fn a_story_is_played_by_a_real_clock() {
    let clock = Clock::real(NonZeroU32::new(10_000).unwrap());
    let mut play = LivePlay::start(story(), 1, clock).await.unwrap();
    play.world().begin_by_habit();
    let saw = |kind: &EventKind| matches!(kind, EventKind::Saw { .. });
    let seen = |world: &World| world.trace().events().iter().any(|event| saw(&event.kind));
    assert!(play.until(Time::NEVER, seen).await.unwrap());
    let later = play.world().now() + Span::from_secs(1);
    assert!(!play.until(later, |_| false).await.unwrap());
    assert!(play.world().now() >= later);
    play.go_on().await.unwrap();
    let trace = play.trace();
    assert!(trace.events().is_sorted_by_key(|event| event.at), "time went back");
    assert!(trace.events().len() > 10, "{} events", trace.events().len());
    assert!(play.world().is_quiet());
}

#[tokio::test]
async fn a_play_that_is_dropped_leaves_no_task_behind() {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    for clock in [Clock::Manual, Clock::real(NonZeroU32::MIN)] {
        let mut play = LivePlay::start(story(), 1, clock).await.unwrap();
        play.world().order(ANA, Act::GoTo(PageName::SignIn));
        play.settle().await.unwrap();
        // Dropped with a request under way.
        play.world().order(ANA, Act::GoTo(PageName::SignIn));
        play.door().enter(|_| ());
        tokio::task::yield_now().await;
        assert!(alive() > before);
        drop(play);
        let ended = async {
            while alive() > before {
                tokio::task::yield_now().await;
            }
        };
        let all_ended = timeout(Duration::from_secs(10), ended).await.is_ok();
        assert!(all_ended, "{} tasks are left", alive() - before);
    }
}
