//! Waits of tests, in real time and bounded.

use std::time::Duration;

use tokio::time::timeout;

use crate::serve::control::Control;
use crate::world::World;

/// Longest real time of a wait, in seconds.
const WAIT_MAX: u64 = 60;

/// Default time of a wait, in seconds.
const WAIT_USUAL: u64 = 10;

/// The real time that a wait may take, of the seconds that the test asks for.
pub(super) fn most(asked: Option<u64>) -> Duration {
    Duration::from_secs(asked.unwrap_or(WAIT_USUAL).min(WAIT_MAX))
}

/// Waits until `find` finds something in the world; `None` if it does not in time.
pub(super) async fn until<T>(
    control: &Control,
    most: Duration,
    mut find: impl FnMut(&mut World) -> Option<T>,
) -> Option<T> {
    let mut changes = control.door.changes();
    let found = timeout(most, async {
        loop {
            if let Some(found) = find(&mut control.door.world()) {
                return Some(found);
            }
            changes.changed().await.ok()?;
        }
    });
    found.await.ok().flatten()
}

/// Says that nothing was found in time, and what moves the clock.
pub(super) fn in_vain(control: &Control, what: &str, most: Duration) -> String {
    let now = control.door.world().now();
    let waits =
        if control.door.clock().is_real() { "" } else { "; a manual clock moves only by /clock/advance" };
    format!("no such {what} within {} s of real time; it is {now} in the story{waits}", most.as_secs())
}
