//! The wire stage: crossings go over real protocols in the order of the virtual stage.
//!
//! Crossings are carried one at a time, each with its answer. The clock is virtual and advances
//! only when nothing is under way, so a wait of thirty minutes costs no real time.

use std::sync::{Arc, MutexGuard};

use crate::base::time::Time;
use crate::event::Trace;
use crate::message::Answer;
use crate::stage::courier::{Courier, EndpointOverrides, name};
use crate::story::Story;
use crate::wire::clock::Clock;
use crate::wire::door::Door;
use crate::wire::error::{WATCHDOG, WireError};
use crate::wire::loopback;
use crate::wire::servers::{Addresses, Servers};
use crate::wire::twilio::api::VoiceApi;
use crate::world::{Carry, World};

/// A story on the wire stage.
pub struct WirePlay {
    door: Arc<Door>,
    story: Arc<Story>,
    servers: Servers,
    courier: Courier,
}

impl WirePlay {
    /// Starts the story with this seed; all servers listen on loopback.
    ///
    /// # Errors
    /// [`WireError`] if a socket or a client cannot be set up.
    pub async fn start(story: Arc<Story>, seed: u64) -> Result<Self, WireError> {
        loopback::check().await?;
        // Under a staged clock the door sends nothing: the stage polls and carries crossings itself.
        let (door, _) = Door::new(World::new(Arc::clone(&story), seed), Clock::Staged);
        let door = Arc::new(door);
        let servers = Servers::open(&door, &story).await?;
        let courier = Courier::new(Arc::clone(&door), Arc::clone(&story), &servers)?;
        Ok(Self { door, story, servers, courier })
    }

    /// Addresses of the servers.
    pub const fn addresses(&self) -> Addresses {
        self.servers.addresses()
    }

    /// Routes all further requests through these relays.
    ///
    /// # Errors
    /// [`WireError`] if a client cannot be set up.
    pub fn detour(&mut self, detours: &EndpointOverrides) -> Result<(), WireError> {
        self.courier.detour(detours)
    }

    /// The voice provider, for mounting mocks in front of it.
    pub const fn voice(&self) -> &VoiceApi {
        self.servers.voice()
    }

    /// Locks the world for inspection or for orders to people. Never hold the guard across an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.door.world()
    }

    /// Carries all queued crossings until none is left at this instant.
    ///
    /// # Errors
    /// [`WireError`] if a crossing cannot be carried, or the instant never ends.
    pub async fn settle(&mut self) -> Result<(), WireError> {
        loop {
            self.courier.follow_console().await?;
            let next = self.world().poll_crossing();
            let Some(Carry { id, crossing }) = next else { return Ok(()) };
            let name = name(&crossing);
            let carried = tokio::time::timeout(WATCHDOG, self.courier.carry(id, &crossing)).await;
            let answer = carried.map_err(|_| WireError::Watchdog(name))??;
            if matches!(answer, Answer::Lost(_)) {
                loopback::check().await?;
            }
            if self.door.is_poisoned() {
                return Err(WireError::Panicked(name));
            }
            if let Some(error) = self.door.failure() {
                return Err(error);
            }
            let mut world = self.world();
            world.answer(id, answer);
            world.check()?;
        }
    }

    /// Plays until `done` holds at a quiet moment, or `deadline` has passed; returns whether it held.
    ///
    /// # Errors
    /// [`WireError`] if a crossing cannot be carried, or an instant never ends.
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

    /// Moves time to the next due time, or to `deadline` if nothing is due by then; returns whether
    /// something was due.
    fn advance(&self, deadline: Time) -> Result<bool, WireError> {
        let mut world = self.world();
        let due = world.next_due().filter(|due| *due <= deadline);
        if let Some(to) = due.or_else(|| (deadline != Time::NEVER).then_some(deadline)) {
            world.advance(to);
        }
        world.check()?;
        Ok(due.is_some())
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
        loop {
            self.settle().await?;
            let end = self.world().end();
            if !self.advance(end)? {
                return Ok(());
            }
        }
    }

    /// The trace so far.
    pub fn trace(&self) -> Trace {
        self.world().trace().clone()
    }
}

impl std::fmt::Debug for WirePlay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WirePlay")
            .field("story", &self.story.name)
            .field("addresses", &self.addresses())
            .finish()
    }
}
