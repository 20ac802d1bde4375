//! The device that a person holds: its clock, its state, the codes it shows.

use crate::id::DeviceId;
use crate::otp;
use crate::otp::Generator;
use crate::secret::Code;
use crate::secret::Seed;
use crate::time::Epoch;
use crate::time::Time;

/// What has become of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It shows codes.
    Works,
    /// Its owner does not have it any more.
    Lost,
    /// It shows nothing.
    Broken,
}

/// An authenticator in somebody's pocket.
#[derive(Clone, Debug)]
pub struct Gadget {
    /// Which device.
    pub device: DeviceId,
    /// What has become of it.
    pub state: State,
    /// How far its clock is off when the story begins, in milliseconds; positive is fast.
    pub clock_off: i64,
    /// How far its clock drifts, in parts per million; positive is fast.
    pub drift_ppm: i32,
    generator: Generator,
}

impl Gadget {
    /// The device with this secret, in order and with a clock that is right.
    pub fn new(device: DeviceId, seed: &Seed) -> Self {
        Self { device, state: State::Works, clock_off: 0, drift_ppm: 0, generator: Generator::new(seed) }
    }

    /// What its own clock reads at `now`: Unix time in milliseconds.
    fn reads(&self, epoch: Epoch, now: Time) -> u64 {
        let elapsed = i128::from(now.as_millis());
        let drifted = elapsed * i128::from(self.drift_ppm) / 1_000_000 + i128::from(self.clock_off);
        let reads = i128::from(epoch.unix_millis(now)) + drifted;
        u64::try_from(reads.max(0)).unwrap_or(u64::MAX)
    }

    /// The time step that it shows at `now`.
    pub fn step(&self, epoch: Epoch, now: Time) -> u64 {
        otp::step_at(self.reads(epoch, now) / 1_000)
    }

    /// The code for a time step.
    pub fn code(&self, step: u64) -> Code {
        self.generator.code(step)
    }

    /// The first moment after `now` at which it shows `step` or a later one.
    pub fn shows_from(&self, epoch: Epoch, now: Time, step: u64) -> Time {
        let target = i128::from(step) * i128::from(otp::STEP_SECS) * 1_000;
        let mut wait = (target - i128::from(self.reads(epoch, now))).max(0);
        // The clock runs fast or slow by parts per million: one correction is enough to land on
        // or just after the edge.
        wait = wait * 1_000_000 / (1_000_000 + i128::from(self.drift_ppm)).max(1);
        let mut at = now + crate::time::Span::from_millis(u64::try_from(wait).unwrap_or(u64::MAX));
        while self.step(epoch, at) < step {
            at += crate::time::Span::from_millis(1);
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Span;

    const EPOCH: Epoch = Epoch::from_unix_millis(1_800_000_000_000);

    fn gadget(clock_off: i64, drift_ppm: i32) -> Gadget {
        Gadget { clock_off, drift_ppm, ..Gadget::new(DeviceId(0), &Seed::new([1; 20])) }
    }

    #[test]
    fn a_right_clock_shows_the_step_of_now() {
        assert_eq!(gadget(0, 0).step(EPOCH, Time::ZERO), 60_000_000);
        assert_eq!(gadget(0, 0).step(EPOCH, Time::from_millis(29_999)), 60_000_000);
        assert_eq!(gadget(0, 0).step(EPOCH, Time::from_millis(30_000)), 60_000_001);
    }

    #[test]
    fn a_clock_that_is_off_shows_other_steps() {
        assert_eq!(gadget(1_200_000, 0).step(EPOCH, Time::ZERO), 60_000_040);
        assert_eq!(gadget(-1_200_000, 0).step(EPOCH, Time::ZERO), 59_999_960);
        // 100 ppm are 8.64 s a day: after 30 days, 259 s.
        let month = Time::ZERO + Span::from_days(30);
        assert_eq!(gadget(0, 100).step(EPOCH, month), gadget(0, 0).step(EPOCH, month) + 8);
    }

    proptest! {
        #[test]
        fn the_next_code_is_waited_for_and_no_longer(
            off in -40_000_000_i64..40_000_000,
            ppm in -500..500,
            now in 0_u64..4_000_000_000,
            ahead in 1_u64..4,
        ) {
            let gadget = gadget(off, ppm);
            let now = Time::from_millis(now);
            let step = gadget.step(EPOCH, now) + ahead;
            let at = gadget.shows_from(EPOCH, now, step);
            prop_assert!(gadget.step(EPOCH, at) >= step);
            prop_assert!(gadget.step(EPOCH, at - Span::from_millis(50)) < step);
        }
    }
}
