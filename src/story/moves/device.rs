//! Phrases for changes of devices: `loses device 1`, `restores device 2 from the backup of 00:00:00`.

use crate::base::id::DeviceId;
use crate::event::DeviceChange;
use crate::people::Act;
use crate::story::moment::{moment, write_time};
use crate::story::moves::words::{BACKUP_OF, CHANGES, RESTORES};
use crate::story::moves::{BadPhrase, count_of};

/// The phrase of a change, as read by [`act`].
pub(super) fn phrase(device: DeviceId, change: DeviceChange) -> String {
    if let DeviceChange::Restored { backup } = change {
        return format!("{RESTORES}{}{BACKUP_OF}{}", ordinal(device), write_time(backup));
    }
    let words = CHANGES.iter().find(|(known, ..)| *known == change);
    words.map_or_else(String::new, |(_, before, after)| format!("{before}{}{after}", ordinal(device)))
}

/// Reads a phrase; `None` if it is about something else.
pub(super) fn act(text: &str) -> Option<Result<Act, BadPhrase>> {
    if let Some(rest) = text.strip_prefix(RESTORES) {
        let (device, backup) = rest.split_once(BACKUP_OF)?;
        let backup = moment(backup).map_err(BadPhrase::Backup);
        return Some(
            device_of(device).and_then(|device| {
                backup.map(|backup| Act::Change(device, DeviceChange::Restored { backup }))
            }),
        );
    }
    CHANGES.iter().find_map(|(change, before, after)| {
        let device = text.strip_prefix(before)?.strip_suffix(after)?;
        Some(device_of(device).map(|device| Act::Change(device, *change)))
    })
}

/// Reads a device by its ordinal, from 1: the story's devices in order, then those assigned later.
pub(super) fn device_of(text: &str) -> Result<DeviceId, BadPhrase> {
    let place = count_of(text).ok_or_else(|| BadPhrase::Count { of: "a device", said: text.to_owned() })?;
    Ok(DeviceId(place - 1))
}

pub(super) const fn ordinal(device: DeviceId) -> u32 {
    device.0 as u32 + 1
}
