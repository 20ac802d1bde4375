//! Faults that an external client sets while the world runs.

use std::sync::Arc;

use crate::fault::{Fault, Point};
use crate::world::hosts::Service;
use crate::world::{InsideFault, World};

/// Most faults of one world over its whole run.
const FAULTS_MAX: usize = 10_000;

/// Why faults cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSet {
    /// There were too many in this run.
    #[error("too many faults were set since the last reset")]
    TooMany,
    /// One of them needs control over the process of a service outside.
    #[error(transparent)]
    Inside(#[from] InsideFault),
}

impl World {
    /// Puts these faults in force instead of those that are. Events name a fault by its index in the
    /// story, so the story keeps the old ones too.
    ///
    /// # Errors
    /// [`NotSet`] for too many of them, or for a crash of a service outside.
    pub fn replace_faults(&mut self, faults: &[Fault]) -> Result<(), NotSet> {
        if self.setup.story.faults.len() + faults.len() > FAULTS_MAX {
            return Err(NotSet::TooMany);
        }
        let crashes = faults.iter().any(|fault| matches!(fault.kind.point(), Point::Crash(_)));
        if crashes && matches!(self.service.service, Service::Outside) {
            return Err(InsideFault.into());
        }
        Arc::make_mut(&mut self.setup.story).faults.extend_from_slice(faults);
        self.faults.plan.replace(faults);
        Ok(())
    }

    /// The faults that are in force.
    pub fn faults_in_force(&self) -> &[Fault] {
        self.faults.plan.in_force()
    }
}
