//! A served story: outgoing crossings are carried at once, and time follows the clock.
//!
//! The interface matches that of the wire stage. Under a manual clock it produces the wire stage's
//! trace, event by event; under a real clock only the order within each lane is kept.

pub mod carrier;

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::base::id::CrossingId;
use crate::base::time::Time;
use crate::event::Trace;
use crate::message::{Answer, Crossing};
use crate::stage::courier::Courier;
use crate::stage::live::carrier::Carrier;
use crate::story::Story;
use crate::wire::clock::Clock;
use crate::wire::door::Door;
use crate::wire::error::WireError;
use crate::wire::servers::{Addresses, Servers};
use crate::world::World;

/// A served story; dropping it ends its servers and tasks.
pub struct LivePlay {
    door: Arc<Door>,
    story: Arc<Story>,
    servers: Servers,
    /// The carrier, and the timer of a real clock.
    _tasks: JoinSet<()>,
}

impl LivePlay {
    /// Starts the story with this seed; all servers listen on loopback.
    ///
    /// # Errors
    /// [`WireError`] if a socket or a client cannot be set up, or if the clock is
    /// [`Clock::Staged`], under which nothing is carried.
    pub async fn start(story: Arc<Story>, seed: u64, clock: Clock) -> Result<Self, WireError> {
        let over_its_wire = |courier: Courier, _: Addresses| {
            let courier = Arc::new(courier);
            move |id, crossing| {
                let courier = Arc::clone(&courier);
                async move { courier.carry(id, &crossing).await }
            }
        };
        Self::carried(story, seed, clock, over_its_wire).await
    }

    /// Like [`LivePlay::start`], with the carry function that `with` builds from the courier.
    async fn carried<F, Fut>(
        story: Arc<Story>,
        seed: u64,
        clock: Clock,
        with: impl FnOnce(Courier, Addresses) -> F,
    ) -> Result<Self, WireError>
    where
        F: Fn(CrossingId, Crossing) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer, WireError>> + Send + 'static,
    {
        if clock == Clock::Staged {
            return Err(WireError::NobodyCarries);
        }
        let (door, carries) = Door::new(World::new(Arc::clone(&story), seed), clock);
        let door = Arc::new(door);
        let servers = Servers::open(&door, &story).await?;
        let courier = Courier::new(Arc::clone(&door), Arc::clone(&story), &servers)?;
        let carrier = Carrier::new(Arc::clone(&door), with(courier, servers.addresses()));
        let mut tasks = JoinSet::new();
        tasks.spawn(carrier.run(carries));
        if clock.is_real() {
            let door = Arc::clone(&door);
            tasks.spawn(async move { door.keep_time().await });
        }
        Ok(Self { door, story, servers, _tasks: tasks })
    }

    /// Addresses of the servers.
    pub const fn addresses(&self) -> Addresses {
        self.servers.addresses()
    }

    /// The door, for servers of further protocols.
    pub const fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Locks the world for inspection or for orders to people; call [`LivePlay::settle`]
    /// afterwards. Never hold the guard across an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.door.world()
    }

    /// Waits until everything that leaves at this instant has been carried.
    ///
    /// # Errors
    /// [`WireError`] if a crossing cannot be carried, or the instant never ends.
    pub async fn settle(&mut self) -> Result<(), WireError> {
        self.door.enter(|_| ());
        self.door.quiet().await;
        self.check()
    }

    /// Plays until `done` holds or `deadline` has passed; returns whether it held. A manual clock
    /// checks at quiet moments, a real one after each change, since it may have no quiet moment.
    ///
    /// # Errors
    /// [`WireError`] if a crossing cannot be carried, or an instant never ends.
    pub async fn until(
        &mut self,
        deadline: Time,
        mut done: impl FnMut(&World) -> bool,
    ) -> Result<bool, WireError> {
        if self.door.clock().is_real() {
            return self.wait_until(|_| deadline, |world| done(world)).await;
        }
        loop {
            self.settle().await?;
            if done(&self.world()) {
                return Ok(true);
            }
            if !self.step(|_| deadline).await? {
                self.settle().await?;
                return Ok(done(&self.world()));
            }
        }
    }

    /// Plays the whole story: people act by habit, and timed moves happen.
    ///
    /// # Errors
    /// [`WireError`] if a crossing cannot be carried, or an instant never ends.
    pub async fn to_the_end(&mut self) -> Result<(), WireError> {
        self.world().begin_by_habit();
        self.go_on().await
    }

    /// Plays to the end of the story without starting any further habits.
    ///
    /// # Errors
    /// [`WireError`] if a crossing cannot be carried, or an instant never ends.
    pub async fn go_on(&mut self) -> Result<(), WireError> {
        if self.door.clock().is_real() {
            let nothing_left = |world: &mut World| {
                let end = world.end();
                world.is_quiet() && world.next_due().is_none_or(|due| due > end)
            };
            self.wait_until(World::end, nothing_left).await?;
            return self.settle().await;
        }
        while self.step(World::end).await? {}
        Ok(())
    }

    /// The trace so far.
    pub fn trace(&self) -> Trace {
        self.world().trace().clone()
    }

    /// Waits until nothing is under way, then moves a manual clock to the next due time, or to the
    /// deadline if nothing is due by then. Returns whether something was due.
    async fn step(&mut self, deadline: impl Fn(&World) -> Time) -> Result<bool, WireError> {
        loop {
            self.settle().await?;
            let deadline = deadline(&self.world());
            // An outside request may have started in the meantime; then settle again.
            if let Some(was_due) = self.door.step(deadline) {
                self.check()?;
                return Ok(was_due);
            }
        }
    }

    /// Waits for a condition while a real clock runs.
    async fn wait_until(
        &mut self,
        deadline: impl Fn(&World) -> Time,
        mut done: impl FnMut(&mut World) -> bool,
    ) -> Result<bool, WireError> {
        self.door.enter(|_| ());
        let mut changes = self.door.changes();
        loop {
            self.check()?;
            let left = {
                let mut world = self.world();
                if done(&mut world) {
                    return Ok(true);
                }
                self.door.clock().wait(deadline(&world)).unwrap_or_default()
            };
            if left == Duration::ZERO {
                self.door.enter(|_| ());
                self.check()?;
                return Ok(done(&mut self.world()));
            }
            let _either_way = timeout(left, changes.changed()).await;
        }
    }

    fn check(&self) -> Result<(), WireError> {
        if let Some(error) = self.door.failure() {
            return Err(error);
        }
        Ok(self.world().check()?)
    }
}

impl std::fmt::Debug for LivePlay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LivePlay")
            .field("story", &self.story.name)
            .field("clock", &self.door.clock())
            .field("addresses", &self.addresses())
            .finish()
    }
}

#[cfg(test)]
mod tests;
