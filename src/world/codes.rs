//! Codes of people's devices, for external clients.

use crate::base::id::{DeviceId, PersonId};
use crate::base::secret::Code;
use crate::base::time::Time;
use crate::world::World;

/// A code that was given to an external client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenCode {
    /// The code.
    pub code: Code,
    /// The name of the device in the story, or its id if it was assigned later.
    pub device: String,
    /// When the device shows it.
    pub from: Time,
}

/// Why there is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// There is no device of this name.
    #[error("there is no device `{0}`; devices: {1}")]
    NoDevice(String, String),
    /// The person has no such device that works.
    #[error("this person has no such device that works")]
    NoWorking,
}

impl World {
    /// The next code of a person's device that was never given before: of the device of this name, or else
    /// of the one in use. Clocks that are off and counters that ran ahead show as they do to the person.
    ///
    /// # Errors
    /// [`NoCode`] if no such device works.
    pub fn next_code(&mut self, who: PersonId, device: Option<&str>) -> Result<GivenCode, NoCode> {
        let devices = &self.setup.story.devices;
        let named = device
            .map(|name| {
                let at = devices.iter().position(|known| known.name == name);
                let names = || devices.iter().map(|known| known.name.as_str()).collect::<Vec<_>>().join(", ");
                at.and_then(|at| u16::try_from(at).ok())
                    .map(DeviceId)
                    .ok_or_else(|| NoCode::NoDevice(name.to_owned(), names()))
            })
            .transpose()?;
        let now = self.now;
        let person = self.people.all.get_mut(who.index()).ok_or(NoCode::NoWorking)?;
        let (id, code, from) = person.give_code(now, named).ok_or(NoCode::NoWorking)?;
        let name = self.setup.story.devices.get(id.index()).map(|known| known.name.clone());
        Ok(GivenCode { code, device: name.unwrap_or_else(|| id.to_string()), from })
    }
}
