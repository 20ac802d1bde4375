//! The stages behind one face: what steps ask of a story that is being played.

use std::sync::Arc;

use crate::event::Trace;
use crate::run::Play;
use crate::story::Story;
use crate::time::Time;
use crate::wire::Clock;
use crate::wire::LivePlay;
use crate::wire::WireError;
use crate::wire::WirePlay;
use crate::world::Stuck;
use crate::world::World;

/// Which stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageKind {
    /// In memory.
    #[default]
    Virtual,
    /// Over real SMTP and HTTP.
    Wire,
    /// Over real SMTP and HTTP, served through the door under a manual clock; for tests, the
    /// command does not offer it.
    Door,
}

impl StageKind {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Wire => "wire",
            Self::Door => "door",
        }
    }
}

/// A story on one of the stages.
#[derive(Debug)]
pub enum Stage {
    /// In memory.
    Virtual(Box<Play>),
    /// Over real SMTP and HTTP.
    Wire(Box<WirePlay>),
    /// Over real SMTP and HTTP, served through the door under a manual clock.
    Door(Box<LivePlay>),
}

/// Why a stage could not go on: nobody's expectation is broken, the run is.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The story is stuck.
    #[error(transparent)]
    Stuck(#[from] Stuck),
    /// Something could not be carried.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl Stage {
    /// The story at its beginning.
    ///
    /// # Errors
    /// [`StageError`] if the wire stage cannot be set up.
    pub async fn start(kind: StageKind, story: Arc<Story>, seed: u64) -> Result<Self, StageError> {
        Ok(match kind {
            StageKind::Virtual => Self::Virtual(Box::new(Play::new(story, seed))),
            StageKind::Wire => Self::Wire(Box::new(WirePlay::start(story, seed).await?)),
            StageKind::Door => Self::Door(Box::new(LivePlay::start(story, seed, Clock::Manual).await?)),
        })
    }

    /// Looks at the world, or tells somebody to do something; [`Stage::settle`] afterwards.
    pub fn with<T>(&mut self, look: impl FnOnce(&mut World) -> T) -> T {
        match self {
            Self::Virtual(play) => look(play.world_mut()),
            Self::Wire(play) => look(&mut play.world()),
            Self::Door(play) => look(&mut play.world()),
        }
    }

    /// Carries everything that is queued, until nothing is left at this instant.
    ///
    /// # Errors
    /// [`StageError`] if that cannot be done.
    pub async fn settle(&mut self) -> Result<(), StageError> {
        match self {
            Self::Virtual(play) => Ok(play.settle()?),
            Self::Wire(play) => Ok(play.settle().await?),
            Self::Door(play) => Ok(play.settle().await?),
        }
    }

    /// Plays until `done` holds at some quiet moment, or until `deadline`; says whether it held.
    ///
    /// # Errors
    /// [`StageError`] if that cannot be done.
    pub async fn until(
        &mut self,
        deadline: Time,
        done: impl FnMut(&World) -> bool,
    ) -> Result<bool, StageError> {
        match self {
            Self::Virtual(play) => Ok(play.until(deadline, done)?),
            Self::Wire(play) => Ok(play.until(deadline, done).await?),
            Self::Door(play) => Ok(play.until(deadline, done).await?),
        }
    }

    /// Plays the whole story by its people's habits and its timed moves.
    ///
    /// # Errors
    /// [`StageError`] if that cannot be done.
    pub async fn to_the_end(&mut self) -> Result<(), StageError> {
        match self {
            Self::Virtual(play) => Ok(play.to_the_end()?),
            Self::Wire(play) => Ok(play.to_the_end().await?),
            Self::Door(play) => Ok(play.to_the_end().await?),
        }
    }

    /// Plays on to the story's end; nobody begins to act by habit who has not by then.
    ///
    /// # Errors
    /// [`StageError`] if that cannot be done.
    pub async fn go_on(&mut self) -> Result<(), StageError> {
        match self {
            Self::Virtual(play) => Ok(play.go_on()?),
            Self::Wire(play) => Ok(play.go_on().await?),
            Self::Door(play) => Ok(play.go_on().await?),
        }
    }

    /// What has happened so far.
    pub fn trace(&self) -> Trace {
        match self {
            Self::Virtual(play) => play.world().trace().clone(),
            Self::Wire(play) => play.trace(),
            Self::Door(play) => play.trace(),
        }
    }
}
