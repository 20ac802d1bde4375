//! Stages carry crossings and advance time. [`Stage`] is their common interface for steps and commands.

pub mod courier;
pub mod live;
mod memory;
mod recorded;
mod wire;

use std::sync::Arc;

pub use self::courier::{Courier, EndpointOverrides};
pub use self::live::LivePlay;
pub use self::memory::{Plan, Play};
pub use self::recorded::RecordedPlay;
pub use self::wire::WirePlay;
use crate::base::time::Time;
use crate::event::Trace;
use crate::story::Story;
use crate::wire::inbox::Inbox;
use crate::wire::{Clock, WireError};
use crate::world::{Stuck, World};

/// The kind of stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageKind {
    /// In memory.
    #[default]
    Virtual,
    /// Over real SMTP and HTTP.
    Wire,
    /// Over real SMTP and HTTP, served through the door under a manual clock. For tests only; not
    /// available on the command line.
    Door,
}

impl StageKind {
    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Wire => "wire",
            Self::Door => "door",
        }
    }
}

/// A story on a stage.
#[derive(Debug)]
pub enum Stage {
    /// In memory.
    Virtual(Box<Play>),
    /// Over real SMTP and HTTP.
    Wire(Box<WirePlay>),
    /// Over real SMTP and HTTP, served through the door under a manual clock.
    Door(Box<LivePlay>),
    /// A recording of `lostkey serve`, on either of the first two.
    Recorded(Box<RecordedPlay>),
}

/// Why a stage cannot continue: a failure of the run, not of an expectation.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The simulation is stuck.
    #[error(transparent)]
    Stuck(#[from] Stuck),
    /// A message could not be transmitted.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl Stage {
    /// Starts a story.
    ///
    /// # Errors
    /// [`StageError`] if the wire stage cannot be set up.
    pub async fn start(kind: StageKind, story: Arc<Story>, seed: u64) -> Result<Self, StageError> {
        if let Some(recording) = story.recorded.clone() {
            return Ok(Self::Recorded(Box::new(RecordedPlay::start(kind, story, recording, seed).await?)));
        }
        Ok(match kind {
            StageKind::Virtual => Self::Virtual(Box::new(Play::new(story, seed))),
            StageKind::Wire => Self::Wire(Box::new(WirePlay::start(story, seed).await?)),
            StageKind::Door => Self::Door(Box::new(LivePlay::start(story, seed, Clock::Manual).await?)),
        })
    }

    /// Accesses the world, to inspect it or to order an act; call [`Stage::settle`] after an order.
    pub fn with<T>(&mut self, look: impl FnOnce(&mut World) -> T) -> T {
        match self {
            Self::Virtual(play) => look(play.world_mut()),
            Self::Wire(play) => look(&mut play.world()),
            Self::Door(play) => look(&mut play.world()),
            Self::Recorded(play) => look(&mut play.world()),
        }
    }

    /// Processes everything that is due until nothing is left at this instant.
    ///
    /// # Errors
    /// [`StageError`] if the stage cannot continue.
    pub async fn settle(&mut self) -> Result<(), StageError> {
        match self {
            Self::Virtual(play) => Ok(play.settle()?),
            Self::Wire(play) => Ok(play.settle().await?),
            Self::Door(play) => Ok(play.settle().await?),
            Self::Recorded(play) => Ok(play.settle().await?),
        }
    }

    /// Plays until `done` holds at a quiescent moment, or until `deadline`; returns whether it held.
    ///
    /// # Errors
    /// [`StageError`] if the stage cannot continue.
    pub async fn until(
        &mut self,
        deadline: Time,
        done: impl FnMut(&World) -> bool,
    ) -> Result<bool, StageError> {
        match self {
            Self::Virtual(play) => Ok(play.until(deadline, done)?),
            Self::Wire(play) => Ok(play.until(deadline, done).await?),
            Self::Door(play) => Ok(play.until(deadline, done).await?),
            Self::Recorded(play) => Ok(play.until(deadline, done).await?),
        }
    }

    /// Plays the whole story, with the people's habits and the timed moves.
    ///
    /// # Errors
    /// [`StageError`] if the stage cannot continue.
    pub async fn to_the_end(&mut self) -> Result<(), StageError> {
        match self {
            Self::Virtual(play) => Ok(play.to_the_end()?),
            Self::Wire(play) => Ok(play.to_the_end().await?),
            Self::Door(play) => Ok(play.to_the_end().await?),
            Self::Recorded(play) => Ok(play.go_on().await?),
        }
    }

    /// Plays to the end of the story. People who do not yet act by habit do not begin to.
    ///
    /// # Errors
    /// [`StageError`] if the stage cannot continue.
    pub async fn go_on(&mut self) -> Result<(), StageError> {
        match self {
            Self::Virtual(play) => Ok(play.go_on()?),
            Self::Wire(play) => Ok(play.go_on().await?),
            Self::Door(play) => Ok(play.go_on().await?),
            Self::Recorded(play) => Ok(play.go_on().await?),
        }
    }

    /// The trace so far.
    pub fn trace(&self) -> Trace {
        match self {
            Self::Virtual(play) => play.world().trace().clone(),
            Self::Wire(play) => play.trace(),
            Self::Door(play) => play.trace(),
            Self::Recorded(play) => play.trace(),
        }
    }

    /// The emails that an app has sent and that have arrived; `None` unless the story has a recording.
    pub fn inbox(&self) -> Option<&Inbox> {
        match self {
            Self::Recorded(play) => Some(play.inbox()),
            Self::Virtual(_) | Self::Wire(_) | Self::Door(_) => None,
        }
    }
}
