//! Tells somebody outside of each event of a world, before a restart of the world can erase it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::world::World;

/// Somebody who is told of each event of a world.
///
/// It is told while the world is locked, so it must neither wait nor enter the world.
pub trait Watcher: Send + Sync {
    /// The events of the trace from this index on are new.
    fn saw(&self, world: &World, first: usize);

    /// The world begins again, with an empty trace; this is its last moment.
    fn ended(&self, world: &World);
}

/// The watcher of a world, if there is one.
#[derive(Default)]
pub(super) struct Watched {
    watcher: Option<Arc<dyn Watcher>>,
    /// How many events it was told of. Only used while the world is locked.
    seen: AtomicUsize,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Watched {
    pub(super) fn by(watcher: Arc<dyn Watcher>) -> Self {
        Self { watcher: Some(watcher), seen: AtomicUsize::new(0) }
    }

    /// Tells of what is new.
    pub(super) fn look(&self, world: &World) {
        let Some(watcher) = &self.watcher else { return };
        let count = world.trace().events().len();
        let seen = self.seen.swap(count, Ordering::Relaxed);
        if seen < count {
            watcher.saw(world, seen);
        }
    }

    /// Tells of the last events, and that the world begins again.
    pub(super) fn end(&self, world: &World) {
        self.look(world);
        self.seen.store(0, Ordering::Relaxed);
        if let Some(watcher) = &self.watcher {
            watcher.ended(world);
        }
    }
}
