//! The machines wired together: the agenda, the queue of crossings, the only recorder of the trace.
//!
//! A world is built from a story and a seed, and then asked three things in turn, by whichever
//! stage carries it: *what is to be carried next* ([`World::poll_crossing`]), *what its receiver
//! makes of it* ([`World::deliver`]) and *how its sender takes the answer* ([`World::answer`]).
//! When nothing is left to carry, time may jump to what is due next ([`World::next_due`],
//! [`World::advance`]). What needs no wire (ringing, speech, keys, reading one's mailbox, the
//! desk's own call) goes from machine to machine in memory, on both stages alike.

#![warn(clippy::wildcard_enum_match_arm)]

mod agenda;
mod carry;
mod cast;
mod deliver;
mod forge;
mod hosts;
mod inner;
mod lines;
mod look;
mod post;
mod record;
mod route;
mod stuck;
mod truth;

use std::sync::Arc;

use self::agenda::LateThing;
use self::agenda::Schedule;
use self::carry::Carrier;
pub use self::carry::Carry;
pub use self::carry::Delivery;
pub use self::carry::Origin;
use self::cast::Setup;
use self::hosts::People;
use self::hosts::Providers;
use self::hosts::ServiceHost;
use self::inner::Inner;
use self::inner::InnerQueue;
use self::lines::Lines;
use self::record::Recorder;
pub use self::route::SCANNER;
use self::stuck::QUEUE_MAX;
use self::stuck::STEPS_PER_INSTANT_MAX;
pub use self::stuck::Stuck;
use crate::draw::Draw;
use crate::email;
use crate::event::Actor;
use crate::event::EventKind;
use crate::event::PageName;
use crate::fault::FaultBook;
use crate::id::PersonId;
use crate::machine::Reason;
use crate::person;
use crate::person::Act;
use crate::recovery;
use crate::story::Move;
use crate::story::Story;
use crate::support;
use crate::time::Time;
use crate::voice;

/// How much longer than the story's patience a play goes on at the most, counted in patience:
/// faults that strike again and again do not keep it going for ever.
const PATIENCE_MAX: u64 = 5;

/// One story being played.
#[derive(Debug)]
pub struct World {
    setup: Setup,
    now: Time,
    rng: Draw,
    faults: Faults,
    recorder: Recorder,
    service: ServiceHost,
    providers: Providers,
    people: People,
    lines: Lines,
    carrier: Carrier,
    /// Messages in memory.
    inner: InnerQueue,
    schedule: Schedule,
}

/// The story's faults, and when one of them struck last.
#[derive(Debug)]
struct Faults {
    plan: FaultBook,
    last_struck: Time,
}

impl World {
    /// The story at its beginning, with this seed. Nothing has happened yet.
    pub fn new(story: Arc<Story>, seed: u64) -> Self {
        let mut world = Self {
            now: Time::ZERO,
            rng: Draw::new(seed),
            faults: Faults { plan: FaultBook::new(&[]), last_struck: Time::ZERO },
            recorder: Recorder::new(),
            service: ServiceHost::of(&story),
            providers: Providers::of(&story),
            people: People::default(),
            lines: Lines::default(),
            carrier: Carrier::default(),
            inner: InnerQueue::default(),
            schedule: Schedule::default(),
            setup: Setup::new(Arc::clone(&story), seed),
        };
        world.begin_again(story, seed);
        world
    }

    /// Another story at its beginning, in the memory of the one before; gives that one back.
    pub fn begin_again(&mut self, story: Arc<Story>, seed: u64) -> Arc<Story> {
        let before = std::mem::replace(&mut self.setup.story, story);
        self.setup.seed = seed;
        self.now = Time::ZERO;
        self.rng.reseed(seed);
        self.faults.plan.refill(&self.setup.story.faults);
        self.faults.last_struck = Time::ZERO;
        self.recorder.clear();
        self.cast();
        self.service.up_at = None;
        self.service.host.wake.invalidate();
        self.providers.reset();
        self.people.reset();
        self.lines.clear();
        self.carrier.clear();
        self.inner.clear();
        self.schedule.clear();
        before
    }

    /// Tells `who` to do something now. Carry what is queued, then look at [`World::outcome`].
    pub fn order(&mut self, who: PersonId, act: Act) {
        if let Some(outcome) = self.people.outcomes.get_mut(who.index()) {
            *outcome = None;
            self.tell(who, person::Input::Order(act));
        }
    }

    /// Lets `who` act by habit, until the page is reached if one is given.
    pub fn act_by_habit(&mut self, who: PersonId, until: Option<PageName>) {
        self.tell(who, person::Input::ActByHabit(until));
    }

    /// Stops `who` from acting by habit.
    pub fn stop(&mut self, who: PersonId) {
        self.tell(who, person::Input::Stop);
    }

    /// Lets everybody who has habits to follow begin, at the moments that the story gives.
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

    fn tell(&mut self, who: PersonId, input: person::Input<'static>) {
        self.inner.push(Inner::Person(who, input, None));
        self.settle();
    }

    /// Adds a timed move to the story while it is played; a move that is already due is made when
    /// time is moved next, even if by nothing. A story that held it from the start tells the same.
    ///
    /// # Panics
    /// If it comes before the last of the story's moves, or before now.
    pub fn plan(&mut self, next: Move) {
        let last = self.setup.story.moves.last().map_or(Time::ZERO, |last| last.at);
        assert!(next.at >= last && next.at >= self.now, "moves are planned in order of time");
        // The story is not shared while a drill plays it, so nothing is copied.
        Arc::make_mut(&mut self.setup.story).moves.push(next);
    }

    /// Moves time to `to`, and lets everything that is due by then happen, in a fixed order. Call
    /// it only when there is nothing to carry, and never past [`World::next_due`].
    ///
    /// # Panics
    /// If something is still to be carried: what waits must leave before time moves.
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
        let due = self.console_due();
        if self.wakes(due) {
            self.feed_console(None, recovery::Input::Timeout);
        }
        let due = self.mail_due();
        if self.wakes(due) {
            self.feed_mail(None, email::Input::Timeout);
        }
        let due = self.phone_due();
        if self.wakes(due) {
            self.feed_phone(None, voice::Input::Timeout);
        }
        let due = self.desk_due();
        if self.wakes(due) {
            self.feed_desk(None, support::Input::Timeout);
        }
        for at in 0..self.people.all.len() {
            let who = PersonId(at as u16);
            let due = self.person_due(who);
            if self.wakes(due) {
                self.feed_person(None, who, &person::Input::Timeout);
            }
        }
        self.settle();
    }

    /// Whether a machine with this wake-up is due now.
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
            self.feed_console(None, recovery::Input::Restart);
        }
    }

    fn release_late(&mut self) {
        while let Some(what) = self.schedule.take_late(self.now) {
            match what {
                LateThing::Crossing(queued) => self.carrier.push(queued),
                LateThing::Answer(sender, mut answer, cause) => self.take_answer(cause, sender, &mut answer),
            }
        }
    }

    fn make_moves(&mut self) {
        while let Some(next) = self.setup.story.moves.get(self.schedule.next_move).copied() {
            if next.at > self.now {
                return;
            }
            self.schedule.next_move += 1;
            self.inner.push(Inner::Person(next.who, person::Input::Order(next.does), None));
            self.settle();
        }
    }

    /// Whether the world keeps itself busy without time going by.
    ///
    /// # Errors
    /// [`Stuck`] once it is: a play cannot go on then.
    pub fn check(&self) -> Result<(), Stuck> {
        if self.schedule.steps > STEPS_PER_INSTANT_MAX {
            return Err(Stuck::Busy { at: self.now, last: self.schedule.last_reason });
        }
        if self.carrier.waiting() > QUEUE_MAX {
            return Err(Stuck::Flood { at: self.now });
        }
        Ok(())
    }

    /// Whether there is nothing to carry.
    pub fn is_quiet(&self) -> bool {
        self.carrier.waiting() == 0 && self.under_way() == 0
    }
}
