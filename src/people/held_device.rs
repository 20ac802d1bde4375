//! A person's device: its clock or counter, its state, its codes.

use std::cell::OnceCell;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::base::id::{AccountId, DeviceId};
use crate::base::otp::{Generator, Kind, Step};
use crate::base::secret::{Code, Seed};
use crate::base::time::{Epoch, Span, Time};

/// Number of earlier values of a counter that are kept for backups.
const COUNTS_KEPT: usize = 64;

/// The state of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceState {
    /// It shows codes.
    Works,
    /// Its owner has lost it.
    Lost,
    /// Its display is broken and shows nothing.
    Broken,
    /// Its battery is empty and it shows nothing.
    Dead,
}

/// An authenticator in a person's possession.
#[derive(Clone, Debug)]
pub struct HeldDevice {
    /// The id of the device.
    pub device: DeviceId,
    /// The account for which it shows or showed codes.
    pub account: AccountId,
    /// The kind of authenticator.
    pub kind: Kind,
    /// The state of the device.
    pub state: DeviceState,
    /// Clock offset at the start of the story, in milliseconds; positive is fast.
    pub clock_off: i64,
    /// Clock drift in parts per million; positive is fast.
    pub drift_ppm: i32,
    /// The counter of the next code (HOTP).
    pub counter: u64,
    /// When the account was added to it; an older backup does not have it.
    pub since: Time,
    /// The state in which it was lost.
    pub(super) before_loss: DeviceState,
    /// The counter from these times on, for backups; the first is that of the start.
    pub(super) counts: Vec<(Time, u64)>,
    pub(super) seed: Seed,
    /// Created for the first code, because a lost device never needs one.
    pub(super) generator: OnceCell<Generator>,
    /// Number of codes computed so far.
    pub(super) computed: u64,
    /// The moving factor of the last code given to a client outside.
    pub(super) given: Option<u64>,
}

impl HeldDevice {
    /// A working device with an accurate clock or an unused counter.
    pub fn new(device: DeviceId, account: AccountId, kind: Kind, seed: &Seed) -> Self {
        Self {
            device,
            account,
            kind,
            state: DeviceState::Works,
            clock_off: 0,
            drift_ppm: 0,
            counter: 0,
            since: Time::ZERO,
            before_loss: DeviceState::Works,
            counts: Vec::new(),
            seed: *seed,
            generator: OnceCell::new(),
            computed: 0,
            given: None,
        }
    }

    /// The moving factor of the next code that was not given before, and when the device shows it.
    pub fn give(&mut self, epoch: Epoch, now: Time) -> (u64, Time) {
        let shown = self.shows(epoch, now);
        let step = self.given.map_or(shown, |given| shown.max(given.saturating_add(1)));
        self.given = Some(step);
        self.has_shown(now, step);
        (step, self.shows_from(epoch, now, step))
    }

    /// Reads a code and returns its moving factor: the time step of the device's clock, or the counter
    /// after a button press.
    pub fn look(&mut self, epoch: Epoch, now: Time) -> u64 {
        let shown = self.shows(epoch, now);
        self.has_shown(now, shown);
        shown
    }

    /// The moving factor of the code at `now`, or of the next button press.
    pub fn shows(&self, epoch: Epoch, now: Time) -> u64 {
        match self.kind {
            Kind::Totp { step, .. } => step.at(self.reads(epoch, now) / 1_000),
            Kind::Hotp { .. } => self.counter,
        }
    }

    /// Records that the code for `step` was shown, which advances a counter.
    pub fn has_shown(&mut self, now: Time, step: u64) {
        if self.kind.is_counter() {
            self.count(now, self.counter.max(step.saturating_add(1)));
        }
    }

    /// Advances the counter by button presses whose codes nobody typed.
    pub fn pressed(&mut self, now: Time, times: u16) {
        self.count(now, self.counter.saturating_add(u64::from(times)));
    }

    fn count(&mut self, now: Time, counter: u64) {
        if self.counts.is_empty() {
            self.counts.push((Time::ZERO, self.counter));
        } else if self.counts.len() == COUNTS_KEPT {
            self.counts.remove(1);
        }
        self.counts.push((now, counter));
        self.counter = counter;
    }

    /// Sets the clock right; it drifts on from there.
    pub(super) fn set_clock(&mut self, now: Time) {
        let drifted = i128::from(now.as_millis()) * i128::from(self.drift_ppm) / 1_000_000;
        self.clock_off = i64::try_from(-drifted).unwrap_or(0);
    }

    /// Puts a device that works in its place, with the counter at the time of the backup.
    pub(super) fn restore(&mut self, now: Time, backup: Time) {
        self.state = DeviceState::Works;
        let then = self.counts.iter().rev().find(|(at, _)| *at <= backup).map(|(_, counter)| *counter);
        if let Some(counter) = then {
            self.count(now, counter);
        }
    }

    /// Number of codes computed so far.
    pub const fn codes_computed(&self) -> u64 {
        self.computed
    }

    /// The code for a moving factor.
    pub fn code(&mut self, step: u64) -> Code {
        self.computed += 1;
        self.generator().code(step)
    }

    /// Whether `code` is the code for this moving factor, without a person reading the device.
    pub fn is_code(&self, step: u64, code: Code) -> bool {
        self.generator().code(step) == code
    }

    fn generator(&self) -> &Generator {
        self.generator.get_or_init(|| Generator::new(&self.seed, self.kind))
    }

    /// The earliest time from `now` at which it can show `step` or a later one. A button can be pressed
    /// immediately.
    pub fn shows_from(&self, epoch: Epoch, now: Time, step: u64) -> Time {
        match self.kind {
            Kind::Totp { step: length, .. } => self.clock_shows_from(epoch, now, length, step),
            Kind::Hotp { .. } => now,
        }
    }

    fn clock_shows_from(&self, epoch: Epoch, now: Time, length: Step, step: u64) -> Time {
        let target = i128::from(step) * i128::from(length.as_secs()) * 1_000;
        let mut wait = (target - i128::from(self.reads(epoch, now))).max(0);
        // The drift is parts per million, so one correction reaches the edge of the step or slightly
        // before.
        wait = wait * 1_000_000 / (1_000_000 + i128::from(self.drift_ppm)).max(1);
        let mut at = now + Span::from_millis(u64::try_from(wait).unwrap_or(u64::MAX));
        while self.shows(epoch, at) < step {
            at += Span::from_millis(1);
        }
        at
    }

    /// The device's clock at `now`: Unix time in milliseconds.
    fn reads(&self, epoch: Epoch, now: Time) -> u64 {
        let elapsed = i128::from(now.as_millis());
        let drifted = elapsed * i128::from(self.drift_ppm) / 1_000_000 + i128::from(self.clock_off);
        let reads = i128::from(epoch.unix_millis(now)) + drifted;
        u64::try_from(reads.max(0)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::otp::{Digits, Hash};

    const EPOCH: Epoch = Epoch::from_unix_millis(1_800_000_000_000);

    fn of_kind(kind: Kind) -> HeldDevice {
        HeldDevice::new(DeviceId(0), AccountId(0), kind, &Seed::new([1; 20]))
    }

    fn gadget(clock_off: i64, drift_ppm: i32) -> HeldDevice {
        HeldDevice { clock_off, drift_ppm, ..of_kind(Kind::TOTP) }
    }

    fn totp(secs: u16) -> Kind {
        Kind::Totp { hash: Hash::Sha1, digits: Digits::Six, step: Step::from_secs(secs).unwrap() }
    }

    #[test]
    fn a_right_clock_shows_the_step_of_now() {
        for (secs, millis, step) in [
            (30, 0, 60_000_000),
            (30, 29_999, 60_000_000),
            (30, 30_000, 60_000_001),
            (60, 59_999, 30_000_000),
            (60, 60_000, 30_000_001),
            (1, 999, 1_800_000_000),
        ] {
            let mut gadget = of_kind(totp(secs));
            let now = Time::from_millis(millis);
            assert_eq!(gadget.look(EPOCH, now), step, "{secs} s at {millis} ms");
            assert_eq!(gadget.look(EPOCH, now), step, "a clock does not move by being looked at");
        }
    }

    #[test]
    fn a_clock_that_is_off_shows_other_steps() {
        assert_eq!(gadget(1_200_000, 0).shows(EPOCH, Time::ZERO), 60_000_040);
        assert_eq!(gadget(-1_200_000, 0).shows(EPOCH, Time::ZERO), 59_999_960);
        // 100 ppm is 8.64 s per day, or 259 s in 30 days.
        let month = Time::ZERO + Span::from_days(30);
        assert_eq!(gadget(0, 100).shows(EPOCH, month), gadget(0, 0).shows(EPOCH, month) + 8);
    }

    #[test]
    fn a_counter_moves_with_each_look_and_not_with_time() {
        let mut token = HeldDevice { counter: 7, ..of_kind(Kind::HOTP) };
        let later = Time::ZERO + Span::DAY;
        assert_eq!([Time::ZERO, Time::ZERO, later].map(|now| token.look(EPOCH, now)), [7, 8, 9]);
        assert_eq!(token.shows_from(EPOCH, later, 10), later);
        token.has_shown(later, 3);
        assert_eq!(token.counter, 10, "a counter never goes back");
    }

    proptest! {
        #[test]
        fn the_next_code_is_waited_for_and_no_longer(
            off in -40_000_000_i64..40_000_000,
            ppm in -500..500,
            secs in prop::sample::select(vec![15_u16, 30, 60, 300]),
            now in 0_u64..4_000_000_000,
            ahead in 1_u64..4,
        ) {
            let gadget = HeldDevice { kind: totp(secs), ..gadget(off, ppm) };
            let now = Time::from_millis(now);
            let step = gadget.shows(EPOCH, now) + ahead;
            let at = gadget.shows_from(EPOCH, now, step);
            prop_assert!(gadget.shows(EPOCH, at) >= step);
            prop_assert!(gadget.shows(EPOCH, at - Span::from_millis(50)) < step);
        }
    }
}
