//! Draws what people do over hours or around a crash: defects that single moves hardly ever meet.
//!
//! A stranger tries a wrong password every few minutes while the owner wants to sign in; an owner mistypes codes
//! of one device and turns to another; an owner comes back with the same code after a crash. Each is a sequence of
//! timed moves, as a story has them, for people and devices that any story has. They are drawn last, from the
//! stream of what is planned ahead, so they change no other draw of a run.

use crate::base::id::{DeviceId, PersonId};
use crate::base::rng::{Rng, Stream};
use crate::base::time::{Span, Time};
use crate::drill::changes::plan;
use crate::event::PageName;
use crate::fault::{Around, CrashWhen, Fault, FaultKind, Which};
use crate::people::{Act, CodeChoice, PasswordChoice, UserChoice, With};
use crate::story::{Character, Device, DeviceState, Move, Role, Story, limit};

/// How often a stranger tries, and how long after the first try the owner comes, and then comes again.
const TRIES_EVERY: Span = Span::from_mins(10);
const COMES_AFTER: Span = Span::from_mins(175);
const COMES_EVERY: Span = Span::from_mins(30);

/// How many tries a stranger makes at least and at most: four to seven hours of them.
const TRIES: (u32, u32) = (24, 42);

/// Draws a pattern for `percent` of the runs.
pub(super) fn draw(draw: &mut Rng, percent: u32, story: &mut Story) {
    if draw.below(Stream::Devices, 100) >= percent {
        return;
    }
    match draw.below(Stream::Devices, 3) {
        0 => trickle(draw, story),
        1 => typos(draw, story),
        _ => same_code_after_crash(draw, story),
    }
}

/// A stranger tries a wrong password every ten minutes, and the owner signs in every half hour.
fn trickle(draw: &mut Rng, story: &mut Story) {
    let Some(stranger) = one(draw, story, |person| person.role == Role::Stranger) else { return };
    let account = story.people[usize::from(stranger.0)].account;
    let owns = |person: &Character| person.role == Role::Owner && person.account == account;
    let Some(owner) = one(draw, story, |person| owns(person) && person.has.password) else { return };
    let (least, most) = TRIES;
    let tries = least + draw.below(Stream::Devices, most - least);
    let begins = Time::ZERO + draw.span(Stream::Devices, Span::SECOND, TRIES_EVERY);
    let mut owner_at = begins + COMES_AFTER;
    for nth in 0..tries {
        let at = begins + TRIES_EVERY * u64::from(nth);
        let does = Act::SignIn(With { user: UserChoice::Own, password: PasswordChoice::Wrong, code: None });
        plan(story, Move { at, who: stranger, does });
        if owner_at <= at {
            plan(story, Move { at: owner_at, who: owner, does: signs_in(None) });
            owner_at += COMES_EVERY;
        }
    }
}

/// An owner mistypes a code of one device, again an hour later, and then takes another device in hand.
fn typos(draw: &mut Rng, story: &mut Story) {
    let two = |person: &Character| own_devices(story, person).nth(1).is_some();
    let Some(who) = one(draw, story, |person| person.has.password && two(person)) else { return };
    let mut own = own_devices(story, &story.people[usize::from(who.0)]);
    let (Some(one), Some(other)) = (own.next(), own.next()) else { return };
    drop(own);
    let mut at = Time::ZERO + draw.span(Stream::Devices, Span::from_mins(40), Span::from_hours(3));
    for (wait, does) in [
        (Span::ZERO, Act::Take(one)),
        (Span::from_secs(10), signs_in(Some(CodeChoice::Wrong))),
        (Span::from_secs(40), Act::EnterCode(CodeChoice::Shown)),
        (Span::HOUR, signs_in(Some(CodeChoice::Wrong))),
        (Span::HOUR, Act::Take(other)),
        (Span::from_secs(10), signs_in(Some(CodeChoice::Shown))),
    ] {
        at += wait;
        plan(story, Move { at, who, does });
    }
}

/// An owner signs in, the service crashes, and the owner signs in with the same code before it is over.
fn same_code_after_crash(draw: &mut Rng, story: &mut Story) {
    let able = |person: &Character| person.has.password && own_devices(story, person).next().is_some();
    let Some(who) = one(draw, story, able) else { return };
    if story.faults.len() >= limit::FAULTS_MAX {
        return;
    }
    let down = draw.span(Stream::Devices, Span::SECOND, Span::from_secs(4));
    // A sign-in takes four pages; others may look at some before.
    let nth = 5 + draw.below(Stream::Devices, 5) as u16;
    let kind = FaultKind::AppCrashes { around: Around::Page, when: CrashWhen::After, down };
    story.faults.push(Fault { kind, of: None, to: None, which: Which::Nth(nth) });
    let mut at = Time::ZERO + draw.span(Stream::Devices, Span::SECOND, Span::from_secs(6));
    plan(story, Move { at, who, does: signs_in(Some(CodeChoice::Shown)) });
    for (wait, does) in [
        (Span::from_secs(2), Act::GoTo(PageName::SignIn)),
        (Span::from_secs(7), signs_in(Some(CodeChoice::Same))),
    ] {
        at += draw.span(Stream::Devices, wait, wait + wait);
        plan(story, Move { at, who, does });
    }
}

const fn signs_in(code: Option<CodeChoice>) -> Act {
    Act::SignIn(With { user: UserChoice::Own, password: PasswordChoice::Right, code })
}

/// One of the people who fit, if any does.
fn one(draw: &mut Rng, story: &Story, fits: impl Fn(&Character) -> bool) -> Option<PersonId> {
    let people = || story.people.iter().enumerate().filter(|(_, person)| fits(person));
    let count = u32::try_from(people().count()).ok().filter(|count| *count > 0)?;
    let nth = draw.below(Stream::Devices, count) as usize;
    people().nth(nth).map(|(at, _)| PersonId(at as u16))
}

/// The devices in an owner's hands that work.
fn own_devices<'a>(story: &'a Story, person: &'a Character) -> impl Iterator<Item = DeviceId> + 'a {
    let own = |device: &Device| {
        person.role == Role::Owner
            && person.has.devices
            && device.account == person.account
            && device.state == DeviceState::Works
    };
    let devices = story.devices.iter().enumerate();
    devices.filter(move |(_, device)| own(device)).map(|(at, _)| DeviceId(at as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "\
about: Ana has two devices that work, and Ben has one. They share a phone.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices: { app: {}, token: {} }
  ben:
    user: ben@example.com
    password: staple battery horse correct
    number: 2234 5678 9012
    phone: +34 600 000 001
    devices: { app: {} }
people:
  ana: { owns: ana }
  ben: { owns: ben }
  mallory: { wants: ben }
";

    fn drawn(seed: u64, percent: u32) -> Story {
        let mut story = Story::read(STORY, "story.yaml").unwrap();
        draw(&mut Rng::new(seed), percent, &mut story);
        story
    }

    #[test]
    fn each_pattern_is_drawn_and_can_be_read_back() {
        let (mut trickles, mut typos, mut crashes) = (0, 0, 0);
        for seed in 0..300 {
            let story = drawn(seed, 100);
            assert!(story.moves.is_sorted_by_key(|planned| planned.at), "seed {seed}");
            Story::read(&story.write(), "again.yaml").unwrap();
            let by = |who| story.moves.iter().filter(|planned| planned.who == PersonId(who)).count();
            let takes = story.moves.iter().any(|planned| matches!(planned.does, Act::Take(_)));
            match (by(0), by(1), by(2)) {
                (0, owner, tries) if tries > 0 => {
                    assert!(tries >= 24 && owner >= 2, "seed {seed}: {tries} tries, {owner} sign-ins");
                    trickles += 1;
                }
                (6, 0, 0) if takes => typos += 1,
                (3, 0, 0) | (0, 3, 0) => {
                    assert_eq!(story.faults.len(), 1, "seed {seed}");
                    crashes += 1;
                }
                other => panic!("seed {seed}: {other:?}"),
            }
        }
        assert!(trickles > 60 && typos > 60 && crashes > 60, "{trickles} {typos} {crashes}");
    }

    #[test]
    fn whoever_is_not_there_plays_no_part() {
        let alone = STORY.replace("  mallory: { wants: ben }\n", "").replace("{ app: {}, token: {} }", "{}");
        for seed in 0..60 {
            let mut story = Story::read(&alone, "story.yaml").unwrap();
            draw(&mut Rng::new(seed), 100, &mut story);
            // Only Ben can come back after a crash.
            assert!(story.moves.is_empty() || story.moves.iter().all(|planned| planned.who == PersonId(1)));
        }
        assert_eq!((0..500).filter(|seed| !drawn(*seed, 0).moves.is_empty()).count(), 0);
    }
}
