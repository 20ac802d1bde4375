//! The machines of a world, made from its story.

use crate::draw::Draw;
use crate::email::MailProvider;
use crate::id::DeviceId;
use crate::id::PersonId;
use crate::person::Belongings;
use crate::person::Gadget;
use crate::person::GadgetState;
use crate::person::Person;
use crate::person::PersonalData;
use crate::recovery::Enrolled;
use crate::recovery::Recovery;
use crate::recovery::Subscriber;
use crate::secret::Seed;
use crate::story::Account;
use crate::story::Character;
use crate::story::Device;
use crate::story::DeviceState;
use crate::story::Story;
use crate::support::Card;
use crate::support::SupportDesk;
use crate::voice::PhoneCompany;

/// All the machines.
pub(super) struct Cast {
    pub(super) console: Recovery,
    pub(super) mail: MailProvider,
    pub(super) phone: PhoneCompany,
    pub(super) desk: SupportDesk,
    pub(super) people: Vec<Person>,
}

impl Cast {
    /// The machines of `story`; the secrets of its devices are drawn here, in their order.
    pub(super) fn of(story: &Story, draw: &mut Draw) -> Self {
        let seeds = seeds(story, draw);
        let subscribers =
            story.accounts.iter().enumerate().map(|(at, account)| subscriber(story, at, account, &seeds));
        let new_devices_from = u16::try_from(seeds.len()).unwrap_or(u16::MAX);
        let cards = story.accounts.iter().map(card).collect();
        let people = story.people.iter().enumerate().map(|(at, who)| person(story, at, who, &seeds));
        Self {
            console: Recovery::new(story.policy, story.epoch, subscribers.collect(), new_devices_from),
            mail: MailProvider::new(story.mail),
            phone: PhoneCompany::new(story.phone, story.epoch),
            desk: SupportDesk::new(story.support, story.policy.call_back, story.policy.support_proof, cards),
            people: people.collect(),
        }
    }
}

fn seeds(story: &Story, draw: &mut Draw) -> Vec<Seed> {
    story.devices.iter().map(|device| draw.authenticator_seed(device.kind.seed_len())).collect()
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

fn person(story: &Story, at: usize, who: &Character, seeds: &[Seed]) -> Person {
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
    let has = Belongings {
        user: account.user,
        password: who.has.password.then_some(account.password),
        data: who.has.personal_data.then_some(data),
        identity: who.has.identity,
        gadgets: held.collect(),
    };
    Person::new(PersonId(at as u16), who.account, story.epoch, who.habits, has)
}

/// A device as it is in the hands of `who`.
fn gadget(who: &Character, id: DeviceId, device: &Device, seed: &Seed) -> Gadget {
    let mut gadget = Gadget::new(id, device.account, device.kind, seed);
    gadget.state = match device.state {
        DeviceState::Works => GadgetState::Works,
        // What its owner has lost works for whoever found it.
        DeviceState::Lost if who.holds.contains(&id) => GadgetState::Works,
        DeviceState::Lost => GadgetState::Lost,
        DeviceState::Broken => GadgetState::Broken,
        DeviceState::Dead => GadgetState::Dead,
    };
    gadget.clock_off = device.clock_off;
    gadget.drift_ppm = device.drift_ppm;
    gadget.counter = device.counter.saturating_add(u64::from(device.ran_ahead));
    gadget
}
