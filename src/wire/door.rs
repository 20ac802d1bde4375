//! The only entry to a served world: runs due events, then the request, then sends the resulting
//! crossings.
//!
//! Outgoing crossings are sent before the lock is released. Servers, finished carries, steps and
//! the timer each enter independently; there is no central loop. The lock is never held across an
//! await, so a delivery can trigger another one at once.

mod watcher;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard, mpsc, watch};
use tokio::time::timeout;

use self::watcher::Watched;
pub use self::watcher::Watcher;
use crate::base::id::CrossingId;
use crate::base::time::{Span, Time};
use crate::message::Answer;
use crate::story::{Recorded, Story};
use crate::wire::clock::Clock;
use crate::wire::error::WireError;
use crate::wire::logbook::Logbook;
use crate::world::{Carry, World};

/// The maximum number of concurrent crossings under a real clock. Further crossings wait in the world,
/// whose own limit ends a story that floods it.
pub const UNDER_WAY_MAX: usize = 1_000;

/// The entry to a world.
#[derive(Debug)]
pub struct Door {
    world: Mutex<World>,
    clock: Clock,
    /// Holds at most [`UNDER_WAY_MAX`] crossings, since each of them is under way.
    out: mpsc::UnboundedSender<Carry>,
    changed: watch::Sender<u64>,
    failed: Mutex<Option<Failed>>,
    /// Whether external clients may send any number of requests at one instant.
    guests: bool,
    /// Counts the restarts of the world.
    resets: watch::Sender<u64>,
    /// Held by the advance that moves the clock.
    advancing: AsyncMutex<()>,
    watched: Watched,
    /// What reaches the world from outside, if somebody may want to save it.
    logbook: Option<Arc<Logbook>>,
}

/// Marks that the play has ended with an error.
#[derive(Debug)]
struct Failed {
    /// The error, until it is taken.
    error: Option<WireError>,
}

/// Why a manual clock could not be advanced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMoved {
    /// The clock is not manual.
    #[error("this is not a manual clock")]
    NotByHand,
    /// A crossing did not return in time.
    #[error("crossings still under way at {at}: {crossings}")]
    StillUnderWay {
        /// The current time.
        at: Time,
        /// How many crossings are under way.
        crossings: usize,
    },
    /// The play has ended with an error.
    #[error("the play has ended with an error")]
    Over,
    /// The world has been restarted meanwhile.
    #[error("the world has been reset meanwhile")]
    Reset,
}

/// Notifies waiters on drop, even after a panic.
struct Tells<'a>(&'a watch::Sender<u64>);

impl Drop for Tells<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl Door {
    /// Creates a door to `world` and the receiver of its outgoing crossings.
    pub fn new(world: World, clock: Clock) -> (Self, mpsc::UnboundedReceiver<Carry>) {
        let (out, carries) = mpsc::unbounded_channel();
        let (changed, _) = watch::channel(0);
        let (world, failed) = (Mutex::new(world), Mutex::new(None));
        let (resets, _) = watch::channel(0);
        let (advancing, watched) = (AsyncMutex::new(()), Watched::default());
        let (guests, logbook) = (false, None);
        (Self { world, clock, out, changed, failed, guests, resets, advancing, watched, logbook }, carries)
    }

    /// Like [`Door::new`], for external clients. They may send any number of requests while a manual clock
    /// stands still, so many steps at one instant do not mean that the story is stuck.
    pub fn for_guests(world: World, clock: Clock) -> (Self, mpsc::UnboundedReceiver<Carry>) {
        let (door, carries) = Self::new(world, clock);
        (Self { guests: true, ..door }, carries)
    }

    /// Whether external clients use this door.
    pub(crate) const fn has_guests(&self) -> bool {
        self.guests
    }

    /// Tells `watcher` of each event from now on.
    #[must_use]
    pub fn watched_by(self, watcher: Arc<dyn Watcher>) -> Self {
        Self { watched: Watched::by(watcher), ..self }
    }

    /// Keeps what reaches the world from outside in this logbook.
    #[must_use]
    pub fn kept_by(self, logbook: Arc<Logbook>) -> Self {
        Self { logbook: Some(logbook), ..self }
    }

    /// What has reached the world from outside.
    pub const fn logbook(&self) -> Option<&Arc<Logbook>> {
        self.logbook.as_ref()
    }

    /// Keeps an input from outside. Call it with the world that [`Door::enter`] gives, before the input
    /// changes it.
    pub(crate) fn note(&self, world: &mut World, what: impl FnOnce(&World) -> Recorded) {
        if let Some(logbook) = self.logbook.as_ref().filter(|logbook| logbook.is_open()) {
            let moment = Logbook::moment(world, self.clock);
            logbook.keep(moment, || what(world));
        }
    }

    /// Lets `act` change the world, and keeps the input if it was possible. Call it as [`Door::note`].
    pub(crate) fn noting<T, E>(
        &self,
        world: &mut World,
        what: impl FnOnce() -> Recorded,
        act: impl FnOnce(&mut World) -> Result<T, E>,
    ) -> Result<T, E> {
        let moment = self.logbook.as_ref().map(|_| Logbook::moment(world, self.clock));
        let done = act(world)?;
        if let (Some(logbook), Some(moment)) = (&self.logbook, moment) {
            logbook.keep(moment, what);
        }
        Ok(done)
    }

    /// Delivers the answer to a crossing.
    pub fn answer(&self, id: CrossingId, answer: Answer) {
        self.enter(|world| {
            if let Some(logbook) = &self.logbook {
                logbook.answered(world, id, &answer);
            }
            world.answer(id, answer);
        });
    }

    /// How time passes.
    pub const fn clock(&self) -> Clock {
        self.clock
    }

    /// Catches up with the clock, runs `act`, and sends outgoing crossings.
    pub fn enter<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        // Declared before the lock and therefore dropped after it, so waiters find the world unlocked.
        let _tells = Tells(&self.changed);
        let mut world = self.world();
        if self.guests {
            world.forget_steps();
        }
        self.catch_up(&mut world);
        let done = act(&mut world);
        self.send_off(&mut world);
        self.watched.look(&world);
        done
    }

    /// Locks the world for inspection or for orders to people. Crossings that result leave at the
    /// next [`Door::enter`]. Never hold the guard across an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a machine has panicked.
    pub fn is_poisoned(&self) -> bool {
        self.world.is_poisoned()
    }

    /// Subscribes to changes; inspect the world after each.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Ends the play with this error, unless it has ended already. Nothing leaves the world afterwards.
    pub fn fail(&self, error: WireError) {
        let _tells = Tells(&self.changed);
        self.failed().get_or_insert(Failed { error: Some(error) });
    }

    /// The error that ended the play, if any; [`WireError::Over`] once it has been taken.
    pub fn failure(&self) -> Option<WireError> {
        if let Some(failed) = self.failed().as_mut() {
            return Some(failed.error.take().unwrap_or(WireError::Over));
        }
        self.is_poisoned().then_some(WireError::Panicked("something from outside"))
    }

    fn failed(&self) -> MutexGuard<'_, Option<Failed>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Subscribes to restarts of the world. Crossings from before a restart must be dropped.
    pub fn resets(&self) -> watch::Receiver<u64> {
        self.resets.subscribe()
    }

    /// Whether the play has ended with an error.
    pub fn is_over(&self) -> bool {
        self.is_poisoned() || self.failed().is_some()
    }

    /// Waits until no crossing is queued or under way, or the play is over.
    pub async fn quiet(&self) {
        let mut changes = self.changes();
        while !self.is_over() && !self.world().is_quiet() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Moves a manual clock to the next due time, or to `deadline` if nothing is due by then.
    /// Returns whether something was due; `None` if the clock is not manual or a crossing is under way.
    pub fn step(&self, deadline: Time) -> Option<bool> {
        let _tells = Tells(&self.changed);
        let mut world = self.world();
        if self.clock != Clock::Manual || !world.is_quiet() {
            return None;
        }
        if self.guests {
            world.forget_steps();
        }
        let due = world.next_due().filter(|due| *due <= deadline);
        if let Some(to) = due.or_else(|| (deadline != Time::NEVER).then_some(deadline)) {
            world.advance(to);
        }
        self.send_off(&mut world);
        self.watched.look(&world);
        Some(due.is_some())
    }

    /// Advances a manual clock by `by`, one due time after another. Before each, it waits until all
    /// crossings under way have returned. On return, nothing that was due in this period is left.
    ///
    /// # Errors
    /// [`NotMoved`] if the clock is not manual, if a crossing does not return within `patience` of
    /// real time, or if the play is over.
    pub async fn advance(&self, by: Span, patience: Duration) -> Result<Time, NotMoved> {
        let _turn = self.turn()?.await;
        let reset = *self.resets.borrow();
        let to = self.world().now() + by;
        self.advance_to(to, reset, patience).await
    }

    /// Waits for the advances that began earlier.
    fn turn(&self) -> Result<impl Future<Output = AsyncMutexGuard<'_, ()>>, NotMoved> {
        if self.clock == Clock::Manual { Ok(self.advancing.lock()) } else { Err(NotMoved::NotByHand) }
    }

    /// Advances unless the world has been restarted since `reset` restarts.
    async fn advance_to(&self, to: Time, reset: u64, patience: Duration) -> Result<Time, NotMoved> {
        loop {
            self.come_back(patience).await?;
            if *self.resets.borrow() != reset {
                return Err(NotMoved::Reset);
            }
            if self.step(to) == Some(false) {
                return Ok(to);
            }
        }
    }

    /// Waits until nothing is under way.
    async fn come_back(&self, patience: Duration) -> Result<(), NotMoved> {
        let came_back = timeout(patience, self.quiet()).await.is_ok();
        if self.is_over() {
            return Err(NotMoved::Over);
        }
        if !came_back {
            let world = self.world();
            return Err(NotMoved::StillUnderWay { at: world.now(), crossings: world.under_way() });
        }
        Ok(())
    }

    /// Advances a manual clock to the next due time, after all crossings under way have returned, and waits
    /// for those that leave then. Without anything due, the time stays.
    ///
    /// # Errors
    /// As [`Door::advance`].
    pub async fn advance_to_next(&self, patience: Duration) -> Result<Time, NotMoved> {
        let _turn = self.turn()?.await;
        let reset = *self.resets.borrow();
        // A webhook under way may lead to something that is due before all that is due now.
        self.come_back(patience).await?;
        let to = {
            let mut world = self.world();
            world.next_due().unwrap_or(world.now())
        };
        self.advance_to(to, reset, patience).await
    }

    /// Restarts the world with this story and seed, also after an error or a panic. Crossings under way are
    /// dropped, and late answers to them are ignored.
    pub fn begin_again(&self, story: Arc<Story>, seed: u64) {
        let _tells = Tells(&self.changed);
        let mut world = self.world();
        self.watched.end(&world);
        if let Some(logbook) = &self.logbook {
            logbook.clear();
        }
        world.restart_for_guests(story, seed);
        self.world.clear_poison();
        *self.failed() = None;
        self.resets.send_modify(|count| *count += 1);
    }

    /// Enters the world whenever something is due by a real clock. Runs until it is cancelled.
    pub async fn keep_time(&self) {
        let mut changes = self.changes();
        loop {
            changes.borrow_and_update();
            let (due, free) = {
                let mut world = self.world();
                (world.next_due(), !self.is_over() && world.under_way() < UNDER_WAY_MAX)
            };
            // While no crossing may leave, time does not advance; a returning carry ends this.
            match due.filter(|_| free).and_then(|due| self.clock.wait(due)) {
                Some(Duration::ZERO) => {
                    self.enter(|_| ());
                    // At high speed something may always be due, so give other tasks a turn.
                    tokio::task::yield_now().await;
                }
                Some(wait) => {
                    let _either_way = timeout(wait, changes.changed()).await;
                }
                None => {
                    if changes.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Runs everything that is due by a real clock, each event at its own time.
    fn catch_up(&self, world: &mut World) {
        let Some(now) = self.clock.now() else { return };
        // Queued crossings must leave before time advances.
        while self.send_off(world) {
            match world.next_due().filter(|due| *due <= now) {
                Some(due) => world.advance(due),
                None if now > world.now() => world.advance(now),
                None => return,
            }
        }
    }

    /// Sends the crossings that may leave now; returns whether none is left. Under a manual clock only
    /// one crossing is under way at a time: a fault is applied when a crossing leaves, so the next one
    /// must not leave before the previous one is answered.
    fn send_off(&self, world: &mut World) -> bool {
        let most = match self.clock {
            Clock::Staged => return true,
            Clock::Manual => 1,
            Clock::Real { .. } => UNDER_WAY_MAX,
        };
        loop {
            if let Err(stuck) = world.check() {
                self.fail(stuck.into());
            }
            if self.is_over() || world.under_way() >= most {
                return false;
            }
            let Some(carry) = world.poll_crossing() else { return true };
            if self.out.send(carry).is_err() {
                self.fail(WireError::NobodyCarries);
            }
        }
    }
}

#[cfg(test)]
mod tests;
