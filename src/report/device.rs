//! Sentences for events about devices.

use crate::base::id::DeviceId;
use crate::event::{DeviceChange, EventKind};
use crate::report::words::{Words, why_words};
use crate::story::DeviceState;

impl Words<'_> {
    pub(super) fn device(&self, device: DeviceId) -> String {
        self.story.device_name(device)
    }

    pub(super) fn of_device(&self, kind: &EventKind) -> Option<String> {
        Some(match *kind {
            EventKind::LookedAt { device, step: Some(_) } => {
                format!("reads a code from {}", self.device(device))
            }
            EventKind::LookedAt { device, step: None } => {
                format!("has no code: {} {}", self.device(device), self.state(device))
            }
            EventKind::PressedButton { device, times } => {
                let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
                format!("presses the button of {} {times}", self.device(device))
            }
            EventKind::DeviceChanged { device, change } => {
                let device = self.device(device);
                match change {
                    DeviceChange::Lost => format!("loses {device}"),
                    DeviceChange::Found => format!("finds {device} again"),
                    DeviceChange::ClockSet => format!("sets the clock of {device} right"),
                    DeviceChange::BatteryReplaced => format!("replaces the battery of {device}"),
                    DeviceChange::Restored { backup } => {
                        format!("restores {device} from the backup of {backup}")
                    }
                }
            }
            EventKind::DeviceDisabled { device, .. } => format!("disables {}", self.device(device)),
            EventKind::Resynced { device, drift, .. } => {
                let unit = if self.story.kind_of(device).is_counter() { "codes" } else { "steps" };
                format!("re-syncs {}: {drift:+} {unit}", self.device(device))
            }
            EventKind::ResyncRefused { why, .. } => format!("refuses to re-sync: {}", why_words(why)),
            EventKind::DeviceDeactivated { account, device, .. } => {
                format!("deactivates {}'s {}", self.account(account), self.device(device))
            }
            EventKind::DeviceOffered { device, .. } => format!("shows the secret of {}", self.device(device)),
            EventKind::DeviceAssigned { account, device, .. } => {
                format!("assigns {} to {}", self.device(device), self.account(account))
            }
            EventKind::AssignRefused { why, .. } => {
                format!("refuses to assign the device: {}", why_words(why))
            }
            _ => return None,
        })
    }

    /// Why a device shows no code, according to the story.
    fn state(&self, device: DeviceId) -> &'static str {
        match self.story.devices.get(device.index()).map(|device| device.state) {
            Some(DeviceState::Lost) => "is lost",
            Some(DeviceState::Broken) => "has a broken display",
            Some(DeviceState::Dead) => "has a dead battery",
            Some(DeviceState::Works) | None => "shows none",
        }
    }
}
