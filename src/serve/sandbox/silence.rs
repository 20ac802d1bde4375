//! Orders that get no answer, by a fault: the client waits as it would for a provider that does not respond.

use std::time::Duration;

use tokio::time::timeout;

use crate::base::time::Span;
use crate::wire::{Clock, Door};

/// How long an order without an answer is held, in story time; then its connection is closed. The time-outs of
/// Twilio's SDKs end before: 10 s in Go, 30 s in Node, 60 s in PHP.
pub(super) const HELD_MAX: Span = Span::from_mins(2);

/// The same in real time, for a manual clock that nobody moves: a client without a time-out must not hang
/// for ever.
const HELD_REAL_MAX: Duration = Duration::from_mins(2);

/// Waits until an order without an answer is held no longer: [`HELD_MAX`] has passed, or the world has been
/// restarted or has ended. A client that has left drops this wait.
pub(super) async fn hold(door: &Door) {
    let (mut changes, resets) = (door.changes(), door.resets());
    let until = door.world().now() + HELD_MAX;
    let ends = || door.is_over() || resets.has_changed().unwrap_or(true) || door.world().now() >= until;
    let held = async { while !ends() && changes.changed().await.is_ok() {} };
    let _either_way = timeout(longest(door.clock()), held).await;
}

/// The longest real time that an order is held.
fn longest(clock: Clock) -> Duration {
    if clock.is_real() { clock.real_time_of(HELD_MAX).min(HELD_REAL_MAX) } else { HELD_REAL_MAX }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn no_clock_holds_an_order_for_longer_than_two_real_minutes() {
        for (clock, seconds) in [
            (Clock::real(NonZeroU32::MIN), 120),
            (Clock::real(NonZeroU32::new(60).unwrap()), 2),
            (Clock::Manual, 120),
        ] {
            assert_eq!(longest(clock), Duration::from_secs(seconds), "{clock:?}");
        }
    }
}
