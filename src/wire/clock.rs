//! How time goes by in a world that is served: moved by its stage, moved by hand, or with the
//! machine's clock.
//!
//! This file and the command are the only places of the library that read a clock.

use std::num::NonZeroU32;
use std::time::Duration;
use std::time::Instant;

use crate::time::Time;

/// The grain of timers: a shorter wait would end before its moment.
const GRAIN: Duration = Duration::from_millis(1);

/// How time goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The stage moves time and carries every crossing itself.
    Staged,
    /// Time stands still until it is moved, and one crossing is carried at a time.
    Manual,
    /// Time goes by itself, and many crossings are carried at once.
    Real {
        /// When the story began.
        start: Instant,
        /// How many times as fast as the machine's clock it goes.
        speed: NonZeroU32,
    },
}

impl Clock {
    /// A clock that goes by itself from now on, `speed` times as fast as the machine's.
    #[expect(clippy::disallowed_methods, reason = "a real clock begins at a moment of the machine's clock")]
    pub fn real(speed: NonZeroU32) -> Self {
        Self::Real { start: Instant::now(), speed }
    }

    /// Whether it goes by itself.
    pub const fn is_real(self) -> bool {
        matches!(self, Self::Real { .. })
    }

    /// The story's time by this clock; `None` if the clock does not go by itself.
    pub fn now(self) -> Option<Time> {
        let Self::Real { start, speed } = self else { return None };
        let millis = start.elapsed().saturating_mul(speed.get()).as_millis();
        Some(Time::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
    }

    /// How long to wait for `due` in real time; zero if it has come, `None` if waiting brings it
    /// no nearer.
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
