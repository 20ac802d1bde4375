//! One sandbox: a world with a name, which can end while requests to it are under way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use tokio::sync::watch;
use tower::ServiceExt;

use crate::base::time::Time;
use crate::serve::ServeClock;
use crate::serve::sandbox::served::Served;
use crate::serve::sandbox::settings::SandboxError;
use crate::serve::sandbox::silence;
use crate::wire::Clock;
use crate::wire::smtp::SmtpHandler;

/// The part of one SMTP session that belongs to one sandbox; empty once the sandbox has ended.
pub(super) type Room = Mutex<Option<Box<dyn SmtpHandler>>>;

/// How a sandbox is known.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Known {
    pub(in crate::serve) name: String,
    pub(in crate::serve) account: Option<String>,
    pub(in crate::serve) tag: Option<String>,
    pub(in crate::serve) user: Option<String>,
    pub(in crate::serve) clock: ServeClock,
}

/// A sandbox.
#[derive(Debug)]
pub(in crate::serve) struct Sandbox {
    pub(in crate::serve) known: Known,
    pub(in crate::serve) served: Served,
    /// How much it may hold, in bytes; `None` for the default one.
    most: Option<usize>,
    /// A clock that started with the sandbox.
    age: Clock,
    ended: watch::Sender<bool>,
    rooms: Rooms,
}

/// The parts of SMTP sessions.
#[derive(Default)]
struct Rooms(Mutex<Vec<Weak<Room>>>);

impl std::fmt::Debug for Rooms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rooms").finish_non_exhaustive()
    }
}

impl Sandbox {
    pub(in crate::serve) fn new(known: Known, served: Served, most: Option<usize>) -> Self {
        let (ended, _) = watch::channel(false);
        let age = Clock::real(std::num::NonZeroU32::MIN);
        Self { known, served, most, age, ended, rooms: Rooms::default() }
    }

    /// The clock that started with the sandbox.
    pub(super) const fn age(&self) -> Clock {
        self.age
    }

    /// How long it has existed.
    pub(in crate::serve) fn lived(&self) -> Time {
        self.age.now().unwrap_or(Time::ZERO)
    }

    /// Checks that it may hold more.
    pub(super) fn has_room(&self) -> Result<(), SandboxError> {
        let Some(most) = self.most else { return Ok(()) };
        let bytes = self.served.bytes();
        if bytes < most {
            return Ok(());
        }
        Err(SandboxError::Full { name: self.known.name.clone(), bytes, most })
    }

    /// A new part of an SMTP session; `None` if the sandbox has ended.
    pub(super) fn room(&self) -> Option<Arc<Room>> {
        let mut rooms = lock(&self.rooms.0);
        // Read under the lock, so that no room is added after the end.
        if *self.ended.borrow() {
            return None;
        }
        let room = Arc::new(Mutex::new(Some(self.served.mailbox.mailroom())));
        rooms.retain(|room| room.strong_count() > 0);
        rooms.push(Arc::downgrade(&room));
        Some(room)
    }

    /// Ends it: its tasks, its requests and its parts of SMTP sessions let go of the world.
    pub(super) fn end(&self) {
        self.served.stop();
        let rooms = {
            let mut rooms = lock(&self.rooms.0);
            self.ended.send_replace(true);
            std::mem::take(&mut *rooms)
        };
        for room in rooms.iter().filter_map(Weak::upgrade) {
            *lock(&room) = None;
        }
    }

    /// Waits as long as an order without an answer is held, or until the sandbox ends.
    pub(super) async fn stay_silent(&self) {
        let mut ended = self.ended.subscribe();
        tokio::select! {
            _ = ended.wait_for(|ended| *ended) => {}
            () = silence::hold(&self.served.door) => {}
        }
    }

    /// Answers a request by these routes of this sandbox. `None` if it ends meanwhile.
    pub(super) async fn answer(&self, routes: Router, request: Request) -> Option<Response> {
        let mut ended = self.ended.subscribe();
        // A stream of events ends by itself, after it has said why.
        tokio::select! {
            biased;
            _ = ended.wait_for(|ended| *ended) => None,
            Ok(response) = routes.oneshot(request) => Some(response),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
