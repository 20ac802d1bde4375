//! Replays a recording of `lostkey serve` on the virtual or the wire stage.
//!
//! The recording takes the place of everything outside: the app, the test and the browsers. A webhook to the
//! app gets the answer that is recorded for its URL, at the recorded time; one without such an answer gets what
//! an app gives that is down. Both stages make each input at the same point of the story, so their traces are
//! equal, and under a manual clock they are equal to the trace that was served.

mod app;
mod hand;
mod in_memory;
mod mail;
mod over_the_wire;
mod tape;

use std::sync::{Arc, MutexGuard};

use self::in_memory::InMemory;
use self::over_the_wire::OverTheWire;
use self::tape::{Bound, Tape};
use crate::base::time::Time;
use crate::event::{NoReply, Trace};
use crate::message::Answer;
use crate::stage::StageKind;
use crate::story::{Recorded, Recording, Story};
use crate::wire::inbox::{Accepts, Inbox, InboxLimits, Mailbox};
use crate::wire::twilio::accounts::{Accounts, Credentials};
use crate::wire::{Clock, Door, WireError};
use crate::world::{Carry, World};

/// A recorded story on a stage.
pub struct RecordedPlay {
    door: Arc<Door>,
    story: Arc<Story>,
    mailbox: Arc<Mailbox>,
    tape: Tape,
    /// How what leaves the world, and what reaches it, is carried.
    carries: Carries,
}

enum Carries {
    InMemory(InMemory),
    OverTheWire(Box<OverTheWire>),
}

/// What the parts of a replay share.
#[derive(Clone)]
struct Shared {
    door: Arc<Door>,
    story: Arc<Story>,
    accounts: Arc<Accounts>,
    mailbox: Arc<Mailbox>,
}

impl RecordedPlay {
    /// Starts a story with a recording. Call it within a tokio runtime.
    ///
    /// # Errors
    /// [`WireError`] if a socket or a client cannot be set up.
    pub async fn start(
        kind: StageKind,
        story: Arc<Story>,
        recording: Recording,
        seed: u64,
    ) -> Result<Self, WireError> {
        // Nothing is sent by itself: this stage carries all that leaves the world.
        let (door, _) = Door::new(World::new(Arc::clone(&story), seed), Clock::Staged);
        let door = Arc::new(door);
        let accounts = Arc::new(Accounts::new(Credentials::Any));
        let inbox = Inbox::new(InboxLimits::default(), seed);
        let mailbox = Arc::new(Mailbox::of_world(inbox, Accepts::Anyone, Arc::clone(&door)));
        let shared = Shared {
            door: Arc::clone(&door),
            story: Arc::clone(&story),
            accounts,
            mailbox: Arc::clone(&mailbox),
        };
        let carries = match kind {
            StageKind::Virtual => Carries::InMemory(InMemory::new(shared)),
            StageKind::Wire | StageKind::Door => {
                Carries::OverTheWire(Box::new(OverTheWire::start(shared).await?))
            }
        };
        Ok(Self { door, story, mailbox, tape: Tape::new(recording), carries })
    }

    /// Locks the world for inspection. Never hold the guard across an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.door.world()
    }

    /// The emails that have arrived so far. Must not be called while the world is locked.
    pub fn inbox(&self) -> &Inbox {
        self.mailbox.current()
    }

    /// The trace so far.
    pub fn trace(&self) -> Trace {
        self.world().trace().clone()
    }

    /// Carries all that is queued, and makes the inputs of this instant.
    ///
    /// # Errors
    /// [`WireError`] if something cannot be carried, or the instant never ends.
    pub async fn settle(&mut self) -> Result<(), WireError> {
        loop {
            while self.carry_next().await? {}
            let is_due = {
                let mut world = self.door.world();
                self.tape.is_due(&mut world)
            };
            if !is_due {
                return Ok(());
            }
            self.make_next().await?;
        }
    }

    /// Plays until `done` holds at a quiet moment, or `deadline` has passed; returns whether it held.
    ///
    /// # Errors
    /// As [`RecordedPlay::settle`].
    pub async fn until(
        &mut self,
        deadline: Time,
        mut done: impl FnMut(&World) -> bool,
    ) -> Result<bool, WireError> {
        loop {
            self.settle().await?;
            if done(&self.world()) {
                return Ok(true);
            }
            if !self.advance(deadline)? {
                self.settle().await?;
                return Ok(done(&self.world()));
            }
        }
    }

    /// Plays to the end of the recording. Nobody begins by habit: in a served world nobody does.
    ///
    /// # Errors
    /// As [`RecordedPlay::settle`].
    pub async fn go_on(&mut self) -> Result<(), WireError> {
        let until = self.tape.until();
        loop {
            self.settle().await?;
            let is_over = self.tape.ends_early() && self.tape.is_over() && self.world().now() >= until;
            if is_over || !self.advance(until)? {
                break;
            }
        }
        self.settle().await
    }

    /// Moves time to what is due next, or to `deadline` if nothing is due by then; returns whether something
    /// was due.
    fn advance(&self, deadline: Time) -> Result<bool, WireError> {
        let mut world = self.door.world();
        world.check()?;
        if world.has_waiting() {
            // An answer that never comes keeps everything else from leaving.
            return Ok(false);
        }
        let due = [world.next_due(), self.tape.next_at()].into_iter().flatten().min();
        let due = due.filter(|due| *due <= deadline);
        if let Some(to) = due.or_else(|| (deadline != Time::NEVER).then_some(deadline)) {
            world.advance(to);
        }
        world.check()?;
        Ok(due.is_some())
    }

    /// Lets the next crossing leave; returns whether one has left.
    async fn carry_next(&mut self) -> Result<bool, WireError> {
        if self.tape.holds_others() {
            return Ok(false);
        }
        let next = self.door.world().poll_crossing();
        let Some(Carry { id, crossing }) = next else { return Ok(false) };
        let bound = {
            let world = self.door.world();
            self.tape.bind(&world, &crossing)
        };
        match bound {
            Bound::ToService => {
                let answer = match &mut self.carries {
                    Carries::InMemory(here) => here.carry(id, &crossing),
                    Carries::OverTheWire(there) => there.carry(id, &crossing).await?,
                };
                self.door.world().answer(id, answer);
            }
            Bound::ToNobody => self.door.world().answer(id, Answer::Lost(NoReply::Down)),
            Bound::To(place, reply) => {
                let answer = match &mut self.carries {
                    Carries::InMemory(here) => here.ask(&crossing, &reply),
                    Carries::OverTheWire(there) => there.ask(id, &crossing, &reply).await?,
                };
                self.tape.take_off(id, place, answer);
            }
        }
        self.door.world().check()?;
        Ok(true)
    }

    /// Makes the next input.
    async fn make_next(&mut self) -> Result<(), WireError> {
        let Some((place, input)) = self.tape.take() else { return Ok(()) };
        self.door.world().forget_steps();
        match input {
            Recorded::Webhook(_) | Recorded::Scanned(_) => {
                if let Some((id, answer)) = self.tape.land(place) {
                    self.door.world().answer(id, answer);
                }
            }
            Recorded::Order(order) => match &mut self.carries {
                Carries::InMemory(here) => here.order(self.tape.account(), &order).await,
                Carries::OverTheWire(there) => there.order(self.tape.account(), &order).await?,
            },
            Recorded::Mail(mail) => match &mut self.carries {
                Carries::InMemory(here) => here.mail(&mail),
                Carries::OverTheWire(there) => there.mail(&mail).await?,
            },
            Recorded::Page(visit) => match &mut self.carries {
                Carries::InMemory(here) => here.visit(&visit),
                Carries::OverTheWire(there) => there.visit(&visit).await?,
            },
            by_hand @ (Recorded::Phone(..)
            | Recorded::Person(..)
            | Recorded::Sender(..)
            | Recorded::Faults(_)) => hand::act(&mut self.door.world(), &by_hand),
        }
        self.door.world().check()?;
        Ok(())
    }
}

impl std::fmt::Debug for RecordedPlay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordedPlay").field("story", &self.story.name).finish_non_exhaustive()
    }
}
