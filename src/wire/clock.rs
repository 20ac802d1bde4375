//! How time passes in a served world: the stage, a caller or the system clock advances it.
//!
//! Only this file and the command read the system clock.

use std::num::NonZeroU32;
use std::time::{Duration, Instant, SystemTime};

use crate::base::time::{Span, Time};

/// The resolution of the timer; a shorter wait could end before the due time.
const GRAIN: Duration = Duration::from_millis(1);

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The stage moves time and carries every crossing itself.
    Staged,
    /// Time only advances on request, and one crossing is carried at a time.
    Manual,
    /// Time advances on its own, and many crossings are carried concurrently.
    Real {
        /// When the story began.
        start: Instant,
        /// Speed relative to the system clock.
        speed: NonZeroU32,
    },
}

impl Clock {
    /// A real clock that starts now and runs `speed` times as fast as the system clock.
    #[expect(clippy::disallowed_methods, reason = "a real clock starts from the system clock")]
    pub fn real(speed: NonZeroU32) -> Self {
        Self::Real { start: Instant::now(), speed }
    }

    /// The machine's Unix time in milliseconds.
    #[expect(clippy::disallowed_methods, reason = "the times that an app sees are those of its machine")]
    pub fn unix_millis() -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether time advances on its own.
    pub const fn is_real(self) -> bool {
        matches!(self, Self::Real { .. })
    }

    /// The current story time; `None` unless this is a real clock.
    pub fn now(self) -> Option<Time> {
        let Self::Real { start, speed } = self else { return None };
        let millis = start.elapsed().saturating_mul(speed.get()).as_millis();
        Some(Time::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
    }

    /// The real time in which this much story time passes by itself: none if somebody else moves the clock,
    /// since no waiting helps then.
    pub fn real_time_of(self, span: Span) -> Duration {
        let Self::Real { speed, .. } = self else { return Duration::ZERO };
        Duration::from_millis(span.as_millis()) / speed.get()
    }

    /// Real time to wait for `due`: zero if it has passed, `None` unless this is a real clock.
    pub fn wait(self, due: Time) -> Option<Duration> {
        let Self::Real { start, speed } = self else { return None };
        if self.now().is_some_and(|now| now >= due) {
            return Some(Duration::ZERO);
        }
        let after_start = Duration::from_millis(due.as_millis()) / speed.get();
        Some(after_start.saturating_sub(start.elapsed()).max(GRAIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_as_long_as_the_clock_is_slow() {
        let ten_minutes = Span::from_mins(10);
        for (clock, seconds) in [
            (Clock::real(NonZeroU32::MIN), 600),
            (Clock::real(NonZeroU32::new(60).unwrap()), 10),
            (Clock::Manual, 0),
            (Clock::Staged, 0),
        ] {
            assert_eq!(clock.real_time_of(ten_minutes), Duration::from_secs(seconds), "{clock:?}");
        }
    }

    #[test]
    fn a_real_clock_comes_to_every_moment_and_says_how_long_that_takes() {
        let clock = Clock::real(NonZeroU32::new(1_000_000).unwrap());
        let due = Time::from_millis(60_000);
        assert!(clock.wait(due).unwrap() <= Duration::from_micros(60).max(GRAIN));
        let mut before = clock.now().unwrap();
        while before < due {
            let now = clock.now().unwrap();
            assert!(now >= before, "{now} comes after {before}");
            before = now;
        }
        assert_eq!(clock.wait(due), Some(Duration::ZERO));
    }

    #[test]
    fn a_slow_clock_takes_its_time() {
        let clock = Clock::real(NonZeroU32::MIN);
        let wait = clock.wait(Time::from_millis(3_600_000)).unwrap();
        assert!(wait > Duration::from_secs(3_000) && wait <= Duration::from_secs(3_600), "{wait:?}");
        assert!(clock.wait(Time::NEVER).is_some());
    }

    #[test]
    fn waiting_does_not_move_the_other_clocks() {
        for clock in [Clock::Staged, Clock::Manual] {
            assert!(!clock.is_real());
            assert_eq!((clock.now(), clock.wait(Time::ZERO)), (None, None));
        }
    }
}
