//! The one way into a world that is served: what is due happens first, then what was asked, and
//! what is to be carried leaves before the lock is given back.
//!
//! Servers, carries that have ended, steps and the timer all enter for themselves; there is no
//! central loop. The lock is never held across an await, so nobody waits for an answer while
//! holding the world: a delivery may lead to another one at once.

use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::time::Span;
use crate::time::Time;
use crate::wire::clock::Clock;
use crate::wire::error::WireError;
use crate::world::Carry;
use crate::world::World;

/// How many crossings are under way at once under a real clock. What is more than that waits in
/// the world, whose own limit ends a story that floods it.
pub const UNDER_WAY_MAX: usize = 1_000;

/// The way into a world.
#[derive(Debug)]
pub struct Door {
    world: Mutex<World>,
    clock: Clock,
    /// Holds at most [`UNDER_WAY_MAX`] crossings, since each of them is under way.
    out: mpsc::UnboundedSender<Carry>,
    changed: watch::Sender<u64>,
    failed: Mutex<Option<Failed>>,
}

/// The play has ended with an error.
#[derive(Debug)]
struct Failed {
    /// The error, until somebody takes it.
    error: Option<WireError>,
}

/// Why a clock that is moved by hand did not get where it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMoved {
    /// It is not moved by hand.
    #[error("this clock is not moved by hand")]
    NotByHand,
    /// Something did not come back in time.
    #[error("{crossings} crossings are still under way at {at}")]
    StillUnderWay {
        /// Where the clock stands.
        at: Time,
        /// How many are under way.
        crossings: usize,
    },
    /// The play has ended with an error.
    #[error("the play has ended with an error")]
    Over,
}

/// Tells those who wait for a change, even if what was done has panicked.
struct Tells<'a>(&'a watch::Sender<u64>);

impl Drop for Tells<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl Door {
    /// The door to `world`, and what is to be carried out of it.
    pub fn new(world: World, clock: Clock) -> (Self, mpsc::UnboundedReceiver<Carry>) {
        let (out, carries) = mpsc::unbounded_channel();
        let (changed, _) = watch::channel(0);
        (Self { world: Mutex::new(world), clock, out, changed, failed: Mutex::new(None) }, carries)
    }

    /// How time goes by.
    pub const fn clock(&self) -> Clock {
        self.clock
    }

    /// Catches up with the clock, acts, and sends off what is to be carried.
    pub fn enter<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        // Dropped after the lock: those who are told find the world free.
        let _tells = Tells(&self.changed);
        let mut world = self.world();
        self.catch_up(&mut world);
        let done = act(&mut world);
        self.send_off(&mut world);
        done
    }

    /// The world as it stands, for looking at it and for telling people what to do; what that
    /// leads to leaves when somebody enters next. Never hold it across an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a machine has panicked.
    pub fn is_poisoned(&self) -> bool {
        self.world.is_poisoned()
    }

    /// For those who wait for a change: look at the world after each.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Ends the play with this error, unless another has ended it: nothing leaves any more.
    pub fn fail(&self, error: WireError) {
        let _tells = Tells(&self.changed);
        self.failed().get_or_insert(Failed { error: Some(error) });
    }

    /// The error that has ended the play, if one has; [`WireError::Over`] once it was taken.
    pub fn failure(&self) -> Option<WireError> {
        if let Some(failed) = self.failed().as_mut() {
            return Some(failed.error.take().unwrap_or(WireError::Over));
        }
        self.is_poisoned().then_some(WireError::Panicked("something from outside"))
    }

    fn failed(&self) -> MutexGuard<'_, Option<Failed>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.is_poisoned() || self.failed().is_some()
    }

    /// Waits until nothing is to be carried and nothing is under way, or the play is over.
    pub async fn quiet(&self) {
        let mut changes = self.changes();
        while !self.is_over() && !self.world().is_quiet() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Moves a clock that is moved by hand to what is due next, or to `deadline` if nothing is due
    /// by then; says whether something was. `None` if the clock is not moved by hand, or something
    /// is under way.
    pub fn step(&self, deadline: Time) -> Option<bool> {
        let _tells = Tells(&self.changed);
        let mut world = self.world();
        if self.clock != Clock::Manual || !world.is_quiet() {
            return None;
        }
        let due = world.next_due().filter(|due| *due <= deadline);
        if let Some(to) = due.or_else(|| (deadline != Time::NEVER).then_some(deadline)) {
            world.advance(to);
        }
        self.send_off(&mut world);
        Some(due.is_some())
    }

    /// Moves a clock that is moved by hand, from one due moment to the next, each only once
    /// everything under way has come back. Nothing that is due by then is left when this returns.
    ///
    /// # Errors
    /// [`NotMoved`] if the clock is not moved by hand, if something does not come back within
    /// `patience` of real time, or if the play is over.
    pub async fn advance(&self, by: Span, patience: Duration) -> Result<Time, NotMoved> {
        if self.clock != Clock::Manual {
            return Err(NotMoved::NotByHand);
        }
        let to = self.world().now() + by;
        loop {
            let came_back = timeout(patience, self.quiet()).await.is_ok();
            if self.is_over() {
                return Err(NotMoved::Over);
            }
            if !came_back {
                let world = self.world();
                return Err(NotMoved::StillUnderWay { at: world.now(), crossings: world.under_way() });
            }
            if self.step(to) == Some(false) {
                return Ok(to);
            }
        }
    }

    /// Wakes the world when something is due by a real clock; it never ends by itself.
    pub async fn keep_time(&self) {
        let mut changes = self.changes();
        loop {
            changes.borrow_and_update();
            let (due, free) = {
                let mut world = self.world();
                (world.next_due(), !self.is_over() && world.under_way() < UNDER_WAY_MAX)
            };
            // While nothing may leave, time cannot move either: a carry that comes back changes that.
            match due.filter(|_| free).and_then(|due| self.clock.wait(due)) {
                Some(Duration::ZERO) => {
                    self.enter(|_| ());
                    // A clock may be so fast that something is always due: others come to their turn.
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

    /// Lets everything happen that is due by a real clock, each at its own moment.
    fn catch_up(&self, world: &mut World) {
        let Some(now) = self.clock.now() else { return };
        // What waits must leave before time moves.
        while self.send_off(world) {
            match world.next_due().filter(|due| *due <= now) {
                Some(due) => world.advance(due),
                None if now > world.now() => world.advance(now),
                None => return,
            }
        }
    }

    /// Sends off what may leave now; says whether nothing is left. One crossing at a time leaves
    /// under a clock that is moved by hand, because a fault strikes a crossing as it leaves: the
    /// next must not be struck before this one is answered.
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
