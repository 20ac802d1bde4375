//! The wire stage: every crossing that has a wire goes over it; the order is the virtual stage's.
//!
//! One crossing is carried at a time, with its answer. The clock stays virtual: it moves when
//! nothing is under way, so a wait of thirty minutes costs nothing over real SMTP and HTTP.

use std::sync::Arc;
use std::sync::MutexGuard;

use crate::event::Trace;
use crate::story::Story;
use crate::time::Time;
use crate::wire::clock::Clock;
use crate::wire::courier::Courier;
use crate::wire::courier::Detours;
use crate::wire::courier::name;
use crate::wire::door::Door;
use crate::wire::error::WATCHDOG;
use crate::wire::error::WireError;
use crate::wire::servers::Addresses;
use crate::wire::servers::Servers;
use crate::wire::voice::api::VoiceApi;
use crate::world::Carry;
use crate::world::World;

/// A story on the wire stage.
pub struct WirePlay {
    door: Arc<Door>,
    story: Arc<Story>,
    servers: Servers,
    courier: Courier,
}

impl WirePlay {
    /// The story at its beginning, with this seed; all servers listen on loopback.
    ///
    /// # Errors
    /// [`WireError`] if a socket or a client cannot be set up.
    pub async fn start(story: Arc<Story>, seed: u64) -> Result<Self, WireError> {
        // Nothing leaves by the door of a staged world: the stage polls and carries.
        let (door, _) = Door::new(World::new(Arc::clone(&story), seed), Clock::Staged);
        let door = Arc::new(door);
        let servers = Servers::open(&door, &story).await?;
        let courier = Courier::new(Arc::clone(&door), Arc::clone(&story), &servers)?;
        Ok(Self { door, story, servers, courier })
    }

    /// Where the servers listen.
    pub const fn addresses(&self) -> Addresses {
        self.servers.addresses()
    }

    /// From now on the parts find each other by these detours.
    ///
    /// # Errors
    /// [`WireError`] if a client cannot be set up.
    pub fn detour(&mut self, detours: &Detours) -> Result<(), WireError> {
        self.courier.detour(detours)
    }

    /// The voice provider, for mounting mocks in front of it.
    pub const fn voice(&self) -> &VoiceApi {
        self.servers.voice()
    }

    /// The world, for looking at it and for telling people what to do. Never hold it across an
    /// await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.door.world()
    }

    /// Carries everything that is queued, until nothing is left at this instant.
    ///
    /// # Errors
    /// [`WireError`] if something cannot be carried, or it never ends.
    pub async fn settle(&mut self) -> Result<(), WireError> {
        loop {
            self.courier.follow_console().await?;
            let next = self.world().poll_crossing();
            let Some(Carry { id, crossing }) = next else { return Ok(()) };
            let name = name(&crossing);
            let carried = tokio::time::timeout(WATCHDOG, self.courier.carry(id, &crossing)).await;
            let answer = carried.map_err(|_| WireError::Watchdog(name))??;
            if self.door.is_poisoned() {
                return Err(WireError::Panicked(name));
            }
            let mut world = self.world();
            world.answer(id, answer);
            world.check()?;
        }
    }

    /// Plays until `done` holds at some quiet moment, or until `deadline`; says whether it held.
    ///
    /// # Errors
    /// [`WireError`] if something cannot be carried, or an instant never ends.
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

    /// Moves time to what is due next, or to `deadline` if nothing is due by then; says whether
    /// something was.
    fn advance(&self, deadline: Time) -> Result<bool, WireError> {
        let mut world = self.world();
        let due = world.next_due().filter(|due| *due <= deadline);
        if let Some(to) = due.or_else(|| (deadline != Time::NEVER).then_some(deadline)) {
            world.advance(to);
        }
        world.check()?;
        Ok(due.is_some())
    }

    /// Plays the whole story by its people's habits and its timed moves.
    ///
    /// # Errors
    /// [`WireError`] if something cannot be carried, or an instant never ends.
    pub async fn to_the_end(&mut self) -> Result<(), WireError> {
        self.world().begin_by_habit();
        self.go_on().await
    }

    /// Plays on to the story's end; nobody begins to act by habit who has not by then.
    ///
    /// # Errors
    /// [`WireError`] if something cannot be carried, or an instant never ends.
    pub async fn go_on(&mut self) -> Result<(), WireError> {
        loop {
            self.settle().await?;
            let end = self.world().end();
            if !self.advance(end)? {
                return Ok(());
            }
        }
    }

    /// What has happened so far.
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
