//! Authenticators that an external client enrols for people, and people who lose their phone.
//!
//! An app outside has secrets of its own, so its test enrols them here: then the codes of the app's accounts
//! come from the same devices, clocks and losses as those of the story.

use std::collections::BTreeMap;

use crate::base::id::{AccountId, DeviceId, PersonId};
use crate::base::number::Number;
use crate::base::otp::Kind;
use crate::base::secret::Seed;
use crate::people::{DeviceState, HeldDevice};
use crate::world::World;
use crate::world::codes::{GivenCode, NoCode};
use crate::world::hand::empty;

/// Most enrolled authenticators of one world.
pub const ENROLLED_MAX: usize = 10_000;

/// An authenticator to enrol.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The kind of its codes.
    pub kind: Kind,
    /// The secret of the app's account.
    pub seed: Seed,
    /// The counter of its next code (HOTP).
    pub counter: u64,
    /// By how much its clock is fast, in milliseconds; negative is slow.
    pub clock_off: i64,
    /// Whether it is an app on the person's phone, which is lost with it.
    pub on_phone: bool,
}

/// Too many authenticators are enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{ENROLLED_MAX} authenticators are enrolled, the most that there may be; a reset removes them")]
pub struct TooManyEnrolled;

/// The enrolled authenticators, and who has lost the phone.
#[derive(Debug, Default)]
pub(super) struct Authenticators {
    enrolled: BTreeMap<(PersonId, String), Device>,
    lost: Vec<PersonId>,
}

#[derive(Debug)]
struct Device {
    held: HeldDevice,
    on_phone: bool,
}

impl Authenticators {
    pub(super) fn clear(&mut self) {
        empty(&mut self.enrolled);
        self.lost.clear();
    }
}

impl World {
    /// Enrols an authenticator of a person under a name, in place of one with the same name.
    ///
    /// # Errors
    /// [`TooManyEnrolled`] beyond [`ENROLLED_MAX`].
    pub fn enrol(&mut self, who: PersonId, name: &str, new: &Enrolment) -> Result<(), TooManyEnrolled> {
        let own = &mut self.lines.hands.authenticators;
        let key = (who, name.to_owned());
        if own.enrolled.len() >= ENROLLED_MAX && !own.enrolled.contains_key(&key) {
            return Err(TooManyEnrolled);
        }
        let state =
            if new.on_phone && own.lost.contains(&who) { DeviceState::Lost } else { DeviceState::Works };
        // The ids belong to the story's accounts and devices, so the held device gets none of them.
        let mut held = HeldDevice::new(DeviceId(u16::MAX), AccountId(u16::MAX), new.kind, &new.seed);
        (held.state, held.counter, held.clock_off) = (state, new.counter, new.clock_off);
        own.enrolled.insert(key, Device { held, on_phone: new.on_phone });
        Ok(())
    }

    /// Whether an authenticator of this name is enrolled for the person.
    pub fn is_enrolled(&self, who: PersonId, name: &str) -> bool {
        self.lines.hands.authenticators.enrolled.contains_key(&(who, name.to_owned()))
    }

    /// The next code of an enrolled authenticator that was never given before.
    ///
    /// # Errors
    /// [`NoCode`] if there is none, or it is lost.
    pub fn next_enrolled_code(&mut self, who: PersonId, name: &str) -> Result<GivenCode, NoCode> {
        let (now, epoch) = (self.now, self.setup.story.epoch);
        let device = self.lines.hands.authenticators.enrolled.get_mut(&(who, name.to_owned()));
        let held = device.map(|device| &mut device.held).filter(|held| held.state == DeviceState::Works);
        let held = held.ok_or(NoCode::NoWorking)?;
        let (step, from) = held.give(epoch, now);
        Ok(GivenCode { code: held.code(step), device: name.to_owned(), from })
    }

    /// A person loses the phone, or finds it again: calls and texts to it do not arrive, and its
    /// authenticator apps show no codes.
    pub fn lose_phone(&mut self, who: PersonId, is_lost: bool) {
        let own = &mut self.lines.hands.authenticators;
        own.lost.retain(|person| *person != who);
        if is_lost {
            own.lost.push(who);
        }
        let state = if is_lost { DeviceState::Lost } else { DeviceState::Works };
        for ((_, _), device) in own.enrolled.iter_mut().filter(|((person, _), _)| *person == who) {
            if device.on_phone {
                device.held.state = state;
            }
        }
    }

    /// Whether the phone with this number is lost: each person who answers it has lost the phone.
    pub(super) fn is_lost(&self, number: Number) -> bool {
        let lost = &self.lines.hands.authenticators.lost;
        !lost.is_empty() && {
            let people = self.setup.story.people.iter().enumerate();
            let mut answer = people.filter(|(_, who)| who.answers.contains(&number)).peekable();
            answer.peek().is_some() && answer.all(|(at, _)| lost.iter().any(|person| person.index() == at))
        }
    }
}
