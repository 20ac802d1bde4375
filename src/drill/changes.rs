//! Draws what happens to devices in mid-story: lost, found, repaired, restored from a backup.
//!
//! The draws have a stream of their own, so they change no other draw of a run.

use crate::base::id::{DeviceId, PersonId};
use crate::base::rng::{Rng, Stream};
use crate::base::time::{Span, Time};
use crate::event::DeviceChange;
use crate::people::Act;
use crate::story::{Device, DeviceState, Move, Role, Story, limit};

/// Draws a change of one owner's device for `percent` of the runs, as one or two timed moves.
pub(super) fn draw(draw: &mut Rng, percent: u32, story: &mut Story) {
    if draw.below(Stream::Devices, 100) >= percent {
        return;
    }
    let owners = story.people.iter().filter(|person| person.role == Role::Owner).count();
    let nth = draw.below(Stream::Devices, owners as u32) as usize;
    let mut people = story.people.iter().enumerate();
    let Some((who, person)) = people.by_ref().filter(|(_, person)| person.role == Role::Owner).nth(nth)
    else {
        return;
    };
    let own = |device: &Device| person.has.devices && device.account == person.account;
    let count = story.devices.iter().filter(|device| own(device)).count();
    let nth = draw.below(Stream::Devices, count as u32) as usize;
    let mut devices = story.devices.iter().enumerate().filter(|(_, device)| own(device));
    let Some((place, device)) = devices.nth(nth) else { return };
    let (who, id) = (PersonId(who as u16), DeviceId(place as u16));
    let at = Time::ZERO + moment(draw);
    let (change, later) = change(draw, device, at);
    plan(story, Move { at, who, does: Act::Change(id, change) });
    if let Some((wait, change)) = later {
        plan(story, Move { at: at + wait, who, does: Act::Change(id, change) });
    }
}

/// Mostly while its owner is at it, sometimes hours later.
fn moment(draw: &mut Rng) -> Span {
    let longest = if draw.below(Stream::Devices, 4) == 0 { Span::from_hours(6) } else { Span::from_mins(10) };
    draw.span(Stream::Devices, Span::SECOND, longest)
}

/// A change that the state of the device permits, and perhaps another one later.
fn change(draw: &mut Rng, device: &Device, at: Time) -> (DeviceChange, Option<(Span, DeviceChange)>) {
    let coin = draw.below(Stream::Devices, 2) == 0;
    let backup = Time::from_millis(if coin { 0 } else { at.as_millis() / 2 });
    let restored = DeviceChange::Restored { backup };
    match device.state {
        DeviceState::Lost if coin => (DeviceChange::Found, None),
        DeviceState::Lost | DeviceState::Broken => (restored, None),
        DeviceState::Dead => (DeviceChange::BatteryReplaced, None),
        DeviceState::Works if (device.clock_off != 0 || device.drift_ppm != 0) && coin => {
            (DeviceChange::ClockSet, None)
        }
        DeviceState::Works if device.kind.is_counter() && coin => (restored, None),
        DeviceState::Works => {
            let back = draw.below(Stream::Devices, 2) == 0;
            (DeviceChange::Lost, back.then(|| (moment(draw), DeviceChange::Found)))
        }
    }
}

/// Adds a move in its order of time. A story with more moves could not be read back.
fn plan(story: &mut Story, next: Move) {
    if story.moves.len() < limit::MOVES_MAX {
        let place = story.moves.partition_point(|planned| planned.at <= next.at);
        story.moves.insert(place, next);
    }
}
