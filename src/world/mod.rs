//! A world connects the machines: it has the schedule, the queue of crossings, and the only recorder of
//! the trace.
//!
//! A world is built from a story and a seed. The stage then repeats three calls: [`World::poll_crossing`]
//! takes the next crossing, [`World::deliver`] passes it to its receiver, and [`World::answer`] returns the
//! answer to its sender. When the queue is empty, time may jump to the next due time ([`World::next_due`],
//! [`World::advance`]). Messages that need no wire (rings, speech, keys, reading a mailbox, the desk's
//! call) pass between machines in memory, on both stages.

#![warn(clippy::wildcard_enum_match_arm)]

mod authenticators;
mod carrier;
mod codes;
mod deliver;
mod forge;
mod ground_truth;
mod hand;
mod hosts;
mod lines;
mod local;
mod planned;
mod post;
mod recorder;
mod router;
mod run_time_faults;
mod schedule;
mod setup;
mod stuck;
mod texts;
mod theft;
mod verify;
mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use self::authenticators::{ENROLLED_MAX, Enrolment, TooManyEnrolled};
pub(crate) use self::carrier::NO_ANSWER;
use self::carrier::{Carrier, Queued};
pub use self::carrier::{Carry, Delivery, Origin};
pub use self::codes::{GivenCode, NoCode};
pub use self::hand::{Hand, Heard, NotPossible, SCRIPTS_MAX};
use self::hosts::{People, Providers, ServiceHost};
use self::lines::Lines;
use self::local::{LocalMessage, LocalQueue};
pub use self::post::NotNamed;
use self::recorder::Recorder;
pub use self::router::SCANNER;
pub use self::run_time_faults::NotSet;
use self::schedule::{LateThing, Schedule};
use self::setup::Setup;
pub use self::stuck::Stuck;
use self::stuck::{QUEUE_MAX, STEPS_PER_INSTANT_MAX};
pub use self::verify::Verified;
use crate::base::id::PersonId;
use crate::base::machine::Reason;
use crate::base::rng::Rng;
use crate::base::time::Time;
use crate::event::{Actor, EventKind, PageName};
use crate::fault::{FaultPlan, Point};
use crate::message::Answer;
use crate::people;
use crate::people::Act;
use crate::providers::{desk, mail, messaging, phone};
use crate::service::reference;
use crate::story::{Move, Story};

/// Maximum length of a run after the last move, in multiples of the story's patience. Limits stories whose
/// faults keep striking.
const PATIENCE_MAX: u64 = 5;

/// Error: the story crashes the service, but the service is external.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the story crashes the service (`app-crashes`), and lostkey cannot restart an external service")]
pub struct InsideFault;

/// A running story.
#[derive(Debug)]
pub struct World {
    setup: Setup,
    now: Time,
    rng: Rng,
    faults: Faults,
    recorder: Recorder,
    service: ServiceHost,
    providers: Providers,
    people: People,
    lines: Lines,
    carrier: Carrier,
    inner: LocalQueue,
    schedule: Schedule,
}

/// The story's faults, and the time of the last one that struck.
#[derive(Debug)]
struct Faults {
    plan: FaultPlan,
    last_struck: Time,
}

impl World {
    /// The start of the story, with this seed and the reference service.
    pub fn new(story: Arc<Story>, seed: u64) -> Self {
        let service = ServiceHost::reference(&story);
        Self::with_service(story, seed, service)
    }

    /// The start of the story, with an external service: requests to it leave as crossings, and
    /// the trace has no reports by [`Actor::Console`].
    ///
    /// # Errors
    /// [`InsideFault`] if the story has a fault that requires control over the service's process.
    pub fn with_service_outside(story: Arc<Story>, seed: u64) -> Result<Self, InsideFault> {
        match story.faults.iter().find(|fault| matches!(fault.kind.point(), Point::Crash(_))) {
            Some(_) => Err(InsideFault),
            None => Ok(Self::with_service(story, seed, ServiceHost::outside())),
        }
    }

    fn with_service(story: Arc<Story>, seed: u64, service: ServiceHost) -> Self {
        let mut world = Self {
            now: Time::ZERO,
            rng: Rng::new(seed),
            faults: Faults { plan: FaultPlan::new(&[]), last_struck: Time::ZERO },
            recorder: Recorder::new(),
            service,
            providers: Providers::of(&story),
            people: People::default(),
            lines: Lines::default(),
            carrier: Carrier::default(),
            inner: LocalQueue::default(),
            schedule: Schedule::default(),
            setup: Setup::new(Arc::clone(&story), seed),
        };
        world.reset(story, seed);
        world
    }

    /// Restarts with another story, reusing allocations, and returns the previous story.
    pub fn reset(&mut self, story: Arc<Story>, seed: u64) -> Arc<Story> {
        let before = std::mem::replace(&mut self.setup.story, story);
        self.setup.seed = seed;
        self.setup.insiders = self.setup.story.addresses.len();
        self.now = Time::ZERO;
        self.rng.reseed(seed);
        self.faults.plan.refill(&self.setup.story.faults);
        self.faults.last_struck = Time::ZERO;
        self.recorder.clear();
        self.cast();
        self.service.reset();
        self.providers.reset();
        self.people.reset();
        self.lines.clear();
        self.carrier.clear();
        self.inner.clear();
        self.schedule.clear();
        self.configure_declared_senders();
        before
    }

    /// Orders `who` to perform an act now. Deliver the queued crossings, then check [`World::outcome`].
    pub fn order(&mut self, who: PersonId, act: Act) {
        if let Some(outcome) = self.people.outcomes.get_mut(who.index()) {
            *outcome = None;
            self.tell(who, people::Input::Order(act));
        }
    }

    /// Lets `who` act by habit, permanently or until the page is reached.
    pub fn act_by_habit(&mut self, who: PersonId, until: Option<PageName>) {
        self.tell(who, people::Input::ActByHabit(until));
    }

    /// Stops `who` from acting by habit.
    pub fn stop(&mut self, who: PersonId) {
        self.tell(who, people::Input::Stop);
    }

    /// Lets all people with habits start at the times given in the story.
    pub fn begin_by_habit(&mut self) {
        for at in 0..self.people.all.len() {
            let who = PersonId(at as u16);
            if self.setup.story.people[at].begins == Some(Time::ZERO) {
                self.act_by_habit(who, None);
            } else if let Some(begins) = self.setup.story.people[at].begins {
                self.people.all[at].begin_at(begins);
                self.people.wakes[at].invalidate();
            }
        }
    }

    fn tell(&mut self, who: PersonId, input: people::Input<'static>) {
        self.inner.push(LocalMessage::Person(who, input, None));
        self.settle();
    }

    /// Adds a timed move to a running story, among the moves that the story has: after those of the same
    /// time. One for a time that has passed is made now. A move that is already due is made at the next
    /// [`World::advance`], even if time does not change. Running the extended story from the start gives
    /// the same trace.
    pub fn plan(&mut self, next: Move) {
        let next = Move { at: next.at.max(self.now), ..next };
        // The story is not shared while a drill plays it, so nothing is copied.
        let moves = &mut Arc::make_mut(&mut self.setup.story).moves;
        // The moves of the past are made, so this one comes after them.
        let place = moves.partition_point(|planned| planned.at <= next.at);
        moves.insert(place, next);
    }

    /// Advances time to `to` and handles everything due by then, in a fixed order. Call it only with an
    /// empty queue, and never past [`World::next_due`].
    ///
    /// # Panics
    /// If crossings are queued: they must depart before time moves.
    pub fn advance(&mut self, to: Time) {
        assert!(self.carrier.waiting() == 0, "carry what waits before time moves");
        if to > self.now {
            self.now = to;
            self.schedule.steps = 0;
            self.recorder.trace.wait_until(to);
        }
        self.bring_back_console();
        self.release_late();
        self.make_moves();
        if self.lines.hands.due() <= self.now {
            self.act_by_hand();
        }
        let due = self.console_due();
        if self.wakes(due) {
            self.feed_console(None, reference::Input::Timeout);
        }
        let due = self.mail_due();
        if self.wakes(due) {
            self.feed_mail(None, mail::Input::Timeout);
        }
        let due = self.phone_due();
        if self.wakes(due) {
            self.feed_phone(None, phone::Input::Timeout);
        }
        let due = self.texts_due();
        if self.wakes(due) {
            self.feed_texts(None, messaging::Input::Timeout);
        }
        let due = self.desk_due();
        if self.wakes(due) {
            self.feed_desk(None, desk::Input::Timeout);
        }
        for at in 0..self.people.all.len() {
            let who = PersonId(at as u16);
            let due = self.person_due(who);
            if self.wakes(due) {
                self.feed_person(None, who, &people::Input::Timeout);
            }
        }
        self.settle();
    }

    /// Whether a machine with this due time is due now.
    fn wakes(&mut self, (at, reason): (Time, Option<Reason>)) -> bool {
        let due = at <= self.now;
        if due {
            self.schedule.last_reason = reason;
        }
        due
    }

    fn bring_back_console(&mut self) {
        if self.service.up_at.is_some_and(|at| at <= self.now) {
            self.service.up_at = None;
            self.record(Actor::Story, &EventKind::AppRestarted, None);
            self.feed_console(None, reference::Input::Restart);
        }
    }

    fn release_late(&mut self) {
        while let Some(what) = self.schedule.take_late(self.now) {
            match what {
                LateThing::Crossing(Queued { from, crossing, context }) => {
                    self.carrier.push(from, &crossing, context);
                }
                LateThing::Unanswered(sender, why, cause) => {
                    self.take_answer(cause, sender, &mut Answer::Lost(why));
                }
            }
        }
    }

    fn make_moves(&mut self) {
        while let Some(next) = self.setup.story.moves.get(self.schedule.next_move).copied() {
            if next.at > self.now {
                return;
            }
            self.schedule.next_move += 1;
            self.inner.push(LocalMessage::Person(next.who, people::Input::Order(next.does), None));
            self.settle();
        }
    }

    /// Like [`World::reset`], but ids of crossings go on, so that late answers to old ones meet no new one.
    pub(crate) fn restart_for_guests(&mut self, story: Arc<Story>, seed: u64) {
        let next = self.carrier.next_id();
        self.reset(story, seed);
        self.carrier.begin_ids_at(next);
    }

    /// Resets the count of steps. External clients may send any number of requests at one instant.
    pub(crate) const fn forget_steps(&mut self) {
        self.schedule.steps = 0;
    }

    /// Checks that the world is not busy without time advancing.
    ///
    /// # Errors
    /// [`Stuck`] if it is; the run cannot continue.
    pub fn check(&self) -> Result<(), Stuck> {
        if self.schedule.steps > STEPS_PER_INSTANT_MAX {
            return Err(Stuck::Busy { at: self.now, last: self.schedule.last_reason });
        }
        if self.carrier.waiting() > QUEUE_MAX {
            return Err(Stuck::Flood { at: self.now });
        }
        Ok(())
    }

    /// Whether crossings are queued, so that time must not move.
    pub(crate) fn has_waiting(&self) -> bool {
        self.carrier.waiting() > 0
    }

    /// Whether no crossings are queued or in flight.
    pub fn is_quiet(&self) -> bool {
        self.carrier.waiting() == 0 && self.under_way() == 0
    }
}
