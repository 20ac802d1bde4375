//! What learns of each event of each sandbox: the counters, and a follower that the caller gives.

use std::fmt;
use std::sync::Arc;

use crate::base::id::EventId;
use crate::base::time::Time;
use crate::event::Event;
use crate::serve::metrics::Meters;
use crate::wire::door::Watcher;
use crate::world::World;

/// Something that has happened in a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News<'a> {
    /// The name of the sandbox.
    pub sandbox: &'a str,
    /// When, as a Unix time of the story, in milliseconds.
    pub unix_millis: u64,
    /// What has happened.
    pub what: Happened,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// An event, with its id in the trace.
    Event(EventId, Event),
    /// The world of the sandbox has begun again, and ids begin at 0.
    Reset,
}

/// A callback for every event. It runs while the world is locked, so it must not block.
pub(super) type Follower = dyn Fn(&News<'_>) + Send + Sync;

/// Who learns of what happens, in all sandboxes.
#[derive(Clone, Default)]
pub(super) struct Observers {
    pub(super) meters: Arc<Meters>,
    pub(super) follower: Option<Arc<Follower>>,
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_follower = self.follower.is_some();
        f.debug_struct("Observers").field("has_follower", &has_follower).finish_non_exhaustive()
    }
}

impl Observers {
    /// Those of one sandbox.
    pub(super) fn of(&self, sandbox: &str) -> Observer {
        Observer { sandbox: sandbox.to_owned(), all: self.clone() }
    }
}

/// Who learns of what happens in one sandbox.
#[derive(Debug)]
pub(super) struct Observer {
    sandbox: String,
    all: Observers,
}

impl Observer {
    /// The counters.
    pub(super) const fn meters(&self) -> &Arc<Meters> {
        &self.all.meters
    }

    fn tell(&self, world: &World, at: Time, what: Happened) {
        if let Some(follower) = &self.all.follower {
            let unix_millis = world.story().epoch.unix_millis(at);
            follower(&News { sandbox: &self.sandbox, unix_millis, what });
        }
    }
}

impl Watcher for Observer {
    fn saw(&self, world: &World, first: usize) {
        // A slice, because the events before may be many.
        let new = world.trace().events().get(first..).unwrap_or_default();
        for (at, event) in new.iter().enumerate() {
            self.all.meters.count_event(&event.kind);
            self.tell(world, event.at, Happened::Event(EventId::at(first + at), *event));
        }
    }

    fn ended(&self, world: &World) {
        self.all.meters.count_reset();
        self.tell(world, world.now(), Happened::Reset);
    }
}
