//! Builds the machines of a world from its story.

use std::sync::Arc;

use crate::base::id::{BrowserId, DeviceId, PersonId};
use crate::base::secret::Seed;
use crate::message::BROWSERS_EACH;
use crate::people::{Belongings, DeviceState, HeldDevice, Person, PersonalData};
use crate::providers::desk::Card;
use crate::providers::phone::Capacity;
use crate::service::reference::{Enrolled, Subscriber};
use crate::story::{Account, Character, Device, Role, Story};
use crate::world::World;
use crate::world::theft::cookie_of;

/// The inputs of a run: the story, its seed, and the seeds of its devices, by device.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) story: Arc<Story>,
    pub(super) seed: u64,
    /// The number of addresses of the story when it began; later ones are of nobody in it.
    pub(super) insiders: usize,
    seeds: Vec<Seed>,
}

impl Setup {
    pub(super) fn new(story: Arc<Story>, seed: u64) -> Self {
        Self { insiders: story.addresses.len(), story, seed, seeds: Vec::new() }
    }
}

impl World {
    /// Resets the machines to the start of the story. The seeds of the devices are drawn here, in device
    /// order.
    pub(super) fn cast(&mut self) {
        let story = &*self.setup.story;
        let mut seeds = std::mem::take(&mut self.setup.seeds);
        seeds.clear();
        seeds.extend(story.devices.iter().map(|device| self.rng.authenticator_seed(device.kind.seed_len())));
        let subscribers =
            story.accounts.iter().enumerate().map(|(at, account)| subscriber(story, at, account, &seeds));
        let new_devices_from = u16::try_from(seeds.len()).unwrap_or(u16::MAX);
        if let Some(host) = self.service.reference_host() {
            host.machine.reset(story.policy, story.epoch, subscribers, new_devices_from);
            for (at, who) in story.people.iter().enumerate().filter(|(_, who)| who.role == Role::Owner) {
                // People use their own first browser before the story, too.
                let browser = BrowserId((at as u16).saturating_mul(BROWSERS_EACH));
                host.machine.remember_browser(cookie_of(self.setup.seed, browser), who.account);
            }
        }
        self.providers.mail.machine.reset(story.mail);
        self.providers.phone.machine.reset(story.phone, story.epoch);
        self.providers.texts.machine.reset();
        let at_once = story.twilio.calls_at_once.unwrap_or(Capacity::AT_ONCE);
        let capacity = Capacity { per_second: story.twilio.calls_per_second, at_once };
        self.providers.phone.machine.set_capacity(capacity);
        self.providers.verify.machine.reset();
        self.providers.desk.machine.reset(story.support, &story.policy, story.accounts.iter().map(card));
        self.people.all.truncate(story.people.len());
        for (at, who) in story.people.iter().enumerate() {
            let (id, has) = (PersonId(at as u16), belongings(story, who, &seeds));
            match self.people.all.get_mut(at) {
                Some(person) => person.reset(id, who.account, story.epoch, who.habits, has),
                None => self.people.all.push(Person::new(id, who.account, story.epoch, who.habits, has)),
            }
        }
        self.setup.seeds = seeds;
    }
}

fn subscriber(story: &Story, at: usize, account: &Account, seeds: &[Seed]) -> Subscriber {
    let devices = story.devices.iter().zip(seeds).enumerate();
    let own = devices.filter(|(_, (device, _))| device.account.index() == at);
    Subscriber {
        user: account.user,
        password: account.password,
        number: account.number,
        emails: account.emails.clone(),
        phone: account.phone,
        devices: own.map(|(id, (device, seed))| enrolled(DeviceId(id as u16), device, *seed)).collect(),
    }
}

const fn enrolled(id: DeviceId, device: &Device, seed: Seed) -> Enrolled {
    Enrolled { device: id, kind: device.kind, seed, counter: device.counter }
}

fn card(account: &Account) -> Card {
    Card {
        account_number: account.number,
        emails: account.emails.clone(),
        phone: account.phone,
        full_name: account.full_name_digest,
    }
}

fn belongings(story: &Story, who: &Character, seeds: &[Seed]) -> Belongings {
    let account = &story.accounts[who.account.index()];
    let devices = story.devices.iter().zip(seeds).enumerate();
    let devices = devices.map(|(id, (device, seed))| (DeviceId(id as u16), device, seed));
    let held = devices.filter_map(|(id, device, seed)| {
        let own = who.has.devices && device.account == who.account;
        (own || who.holds.contains(&id)).then(|| gadget(who, id, device, seed))
    });
    let data = PersonalData {
        account_number: account.number,
        full_name: account.full_name_digest,
        phone: account.phone,
    };
    Belongings {
        user: account.user,
        other_user: story.accounts.iter().map(|other| other.user).find(|user| *user != account.user),
        password: who.has.password.then_some(account.password),
        data: who.has.personal_data.then_some(data),
        identity: who.has.identity,
        session: who.has.session,
        shares_phone: shares_phone(story, who),
        gadgets: held.collect(),
    }
}

/// Whether another owner of the story answers a phone of this person.
fn shares_phone(story: &Story, who: &Character) -> bool {
    let others = story.people.iter().filter(|other| other.role == Role::Owner && other.name != who.name);
    let mut numbers = others.flat_map(|other| &other.answers);
    numbers.any(|number| who.answers.contains(number))
}

fn gadget(who: &Character, id: DeviceId, device: &Device, seed: &Seed) -> HeldDevice {
    let mut gadget = HeldDevice::new(id, device.account, device.kind, seed);
    // A lost device works for the person who found it.
    let found = device.state == DeviceState::Lost && who.holds.contains(&id);
    gadget.state = if found { DeviceState::Works } else { device.state };
    gadget.clock_off = device.clock_off;
    gadget.drift_ppm = device.drift_ppm;
    gadget.counter = device.counter.saturating_add(u64::from(device.ran_ahead));
    gadget
}
