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
pub(super) fn plan(story: &mut Story, next: Move) {
    if story.moves.len() < limit::MOVES_MAX {
        let place = story.moves.partition_point(|planned| planned.at <= next.at);
        story.moves.insert(place, next);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const STORY: &str = "\
about: Ana has devices in every state, and Ben has none.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    devices:
      right: {}
      slow: { behind: 20m }
      count: { kind: hotp }
      lost: { state: lost }
      broken: { state: broken }
      dead: { state: dead }
  ben:
    user: ben@example.com
    password: staple battery horse correct
    number: 2234 5678 9012
people:
  ana: { owns: ana }
  ben: { owns: ben }
  mallory: { wants: ana, has: [devices] }
moves:
  - 00:05:00 mallory signs in with a wrong password
";

    fn drawn(seed: u64, percent: u32) -> Story {
        let mut story = Story::read(STORY, "story.yaml").unwrap();
        draw(&mut Rng::new(seed), percent, &mut story);
        story
    }

    #[test]
    fn a_change_fits_the_state_of_its_device_and_comes_in_its_order_of_time() {
        let mut seen = BTreeSet::new();
        for seed in 0..600 {
            let story = drawn(seed, 100);
            assert!(story.moves.is_sorted_by_key(|planned| planned.at), "seed {seed}");
            for planned in &story.moves {
                let Act::Change(device, change) = planned.does else { continue };
                assert_eq!(planned.who, PersonId(0), "only Ana has devices");
                let device = &story.devices[device.index()];
                seen.insert((
                    device.name.clone(),
                    std::mem::discriminant(&change) == std::mem::discriminant(&DeviceChange::Lost),
                ));
                let fits = match change {
                    DeviceChange::Lost => device.state == DeviceState::Works,
                    DeviceChange::Found => matches!(device.state, DeviceState::Works | DeviceState::Lost),
                    DeviceChange::ClockSet => device.name == "slow",
                    DeviceChange::BatteryReplaced => device.state == DeviceState::Dead,
                    DeviceChange::Restored { backup } => {
                        backup <= planned.at && device.state != DeviceState::Dead
                    }
                };
                assert!(fits, "{}: {change:?}", device.name);
            }
        }
        // Each device changes, and each that works is lost in some run and repaired in another.
        assert_eq!(seen.len(), 9, "{seen:?}");
    }

    #[test]
    fn as_many_runs_as_the_mix_says_have_a_change() {
        let count = |percent| (0..1_000).filter(|seed| drawn(*seed, percent).moves.len() > 1).count();
        assert_eq!(count(0), 0);
        // Half of the draws meet Ben, who has no device.
        assert!((15..45).contains(&count(6)), "{}", count(6));
    }
}
