//! Changes of devices in mid-story: lost and found, a clock set right, a new battery, an older backup.

use crate::base::id::DeviceId;
use crate::base::time::Time;
use crate::event::{DeviceChange, EventKind};
use crate::people::codes::LastCodes;
use crate::people::{DeviceState, HeldDevice, Outcome, Person};

impl Person {
    /// Changes a device of this person, who acts on what there is from now on.
    pub(super) fn change_device(&mut self, now: Time, device: DeviceId, change: DeviceChange) {
        let place = self.place_of(device);
        let Some(gadget) = self.gadget_of_mut(device) else { return self.finish(Outcome::NoSuchDevice) };
        if !gadget.change(now, change) {
            return self.finish(Outcome::DeviceCannot(change));
        }
        self.fact(EventKind::DeviceChanged { device, change });
        match change {
            DeviceChange::Lost => self.misses(device),
            DeviceChange::ClockSet | DeviceChange::Restored { .. } => self.last = LastCodes::default(),
            DeviceChange::Found | DeviceChange::BatteryReplaced => {}
        }
        self.brain.device_changed(place, change == DeviceChange::Lost);
        self.finish(Outcome::Done);
    }

    /// Notices that a device is lost: other devices are used from now on, and whoever was content goes back to
    /// the account to remove it.
    fn misses(&mut self, device: DeviceId) {
        self.pocket.put_away(device);
        if self.brain.signed_in_with == Some(device) {
            self.brain.signed_in_with = None;
        }
    }
}

impl HeldDevice {
    /// Changes the device; `false` if that is impossible in its state.
    fn change(&mut self, now: Time, change: DeviceChange) -> bool {
        let is_here = self.state != DeviceState::Lost;
        match change {
            DeviceChange::Lost if is_here => {
                self.before_loss = self.state;
                self.state = DeviceState::Lost;
            }
            DeviceChange::Found if !is_here => self.state = self.before_loss,
            DeviceChange::ClockSet if is_here && !self.kind.is_counter() => self.set_clock(now),
            DeviceChange::BatteryReplaced if is_here => {
                if self.state == DeviceState::Dead {
                    self.state = DeviceState::Works;
                }
            }
            DeviceChange::Restored { backup } if self.since <= backup && backup <= now => {
                self.restore(now, backup);
            }
            DeviceChange::Lost
            | DeviceChange::Found
            | DeviceChange::ClockSet
            | DeviceChange::BatteryReplaced
            | DeviceChange::Restored { .. } => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::AccountId;
    use crate::base::otp::Kind;
    use crate::base::secret::Seed;
    use crate::base::time::{Epoch, Span};

    const EPOCH: Epoch = Epoch::from_unix_millis(1_800_000_000_000);

    fn held(kind: Kind) -> HeldDevice {
        HeldDevice::new(DeviceId(0), AccountId(0), kind, &Seed::new([1; 20]))
    }

    fn at(minutes: u64) -> Time {
        Time::ZERO + Span::from_mins(minutes)
    }

    #[test]
    fn what_is_found_is_as_it_was_lost() {
        for state in [DeviceState::Works, DeviceState::Broken, DeviceState::Dead] {
            let mut held = HeldDevice { state, ..held(Kind::TOTP) };
            assert!(!held.change(at(0), DeviceChange::Found));
            assert!(held.change(at(1), DeviceChange::Lost));
            assert!(!held.change(at(2), DeviceChange::Lost));
            assert!(!held.change(at(2), DeviceChange::ClockSet));
            assert!(!held.change(at(2), DeviceChange::BatteryReplaced));
            assert!(held.change(at(3), DeviceChange::Found));
            assert_eq!(held.state, state);
        }
        let mut lost = HeldDevice { state: DeviceState::Lost, ..held(Kind::TOTP) };
        assert!(lost.change(at(0), DeviceChange::Found));
        assert_eq!(lost.state, DeviceState::Works);
    }

    #[test]
    fn a_clock_that_is_set_is_right_and_drifts_on() {
        let (hour, month) = (at(60), at(60) + Span::from_days(30));
        let mut held = HeldDevice { clock_off: 1_200_000, drift_ppm: 100, ..held(Kind::TOTP) };
        assert!(held.change(hour, DeviceChange::ClockSet));
        let right = HeldDevice { clock_off: 0, drift_ppm: 0, ..held.clone() };
        assert_eq!(held.shows(EPOCH, hour), right.shows(EPOCH, hour));
        assert_eq!(held.shows(EPOCH, month), right.shows(EPOCH, month) + 8);
        assert!(!self::held(Kind::HOTP).change(hour, DeviceChange::ClockSet));
    }

    #[test]
    fn a_new_battery_mends_a_dead_device_and_no_broken_one() {
        for (state, after) in [
            (DeviceState::Dead, DeviceState::Works),
            (DeviceState::Works, DeviceState::Works),
            (DeviceState::Broken, DeviceState::Broken),
        ] {
            let mut held = HeldDevice { state, ..held(Kind::TOTP) };
            assert!(held.change(at(0), DeviceChange::BatteryReplaced));
            assert_eq!(held.state, after);
        }
    }

    #[test]
    fn a_backup_takes_the_counter_back_and_cannot_be_of_another_time() {
        let mut held =
            HeldDevice { counter: 5, since: at(1), state: DeviceState::Broken, ..held(Kind::HOTP) };
        held.look(EPOCH, at(10));
        held.look(EPOCH, at(20));
        held.pressed(at(30), 4);
        assert_eq!(held.counter, 11);
        let restored = |backup| DeviceChange::Restored { backup };
        assert!(!held.clone().change(at(40), restored(at(0))), "it was not there yet");
        assert!(!held.clone().change(at(40), restored(at(41))), "the backup is of the future");
        for (backup, counter) in [(5, 5), (10, 6), (25, 7), (35, 11)] {
            let mut held = held.clone();
            assert!(held.change(at(40), restored(at(backup))));
            assert_eq!((held.counter, held.state), (counter, DeviceState::Works), "{backup}");
            // A backup of today knows the counter that came back.
            assert!(held.change(at(50), restored(at(45))));
            assert_eq!(held.counter, counter);
        }
    }

    #[test]
    fn a_backup_before_a_long_history_is_that_of_the_start() {
        let mut held = HeldDevice { counter: 3, ..held(Kind::HOTP) };
        for minute in 1..=500 {
            held.look(EPOCH, at(minute));
        }
        assert!(held.change(at(501), DeviceChange::Restored { backup: at(0) }));
        assert_eq!(held.counter, 3);
    }
}
