//! A person's devices: choosing one, pressing a button, removing one from the account, assigning a new one.

use crate::base::id::DeviceId;
use crate::base::secret::Code;
use crate::base::time::Time;
use crate::event::{Control, EventKind, Typed};
use crate::message::{Action, Fields, Held, Page, Shown};
use crate::people::tasks::Task;
use crate::people::{DeviceChoice, DeviceState, HeldDevice, Outcome, PairChoice, Person};

/// A person's knowledge of the devices.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DeviceBag {
    /// The device last taken in hand or set up.
    in_hand: Option<DeviceId>,
    /// The devices on file, as last shown on page 9.
    on_file: Option<Held>,
}

impl DeviceBag {
    pub(super) const fn saw(&mut self, page: &Page) {
        if let Shown::Devices(held) = page.shown {
            self.on_file = Some(held);
        }
    }

    /// Takes the device out of the hand.
    pub(super) fn put_away(&mut self, device: DeviceId) {
        if self.in_hand == Some(device) {
            self.in_hand = None;
        }
    }

    fn knows_on_file(&self, device: DeviceId) -> bool {
        self.on_file.is_some_and(|held| held.iter().any(|on_file| on_file == device))
    }
}

impl Person {
    /// The device in use, if it works: the one in hand; otherwise the newest working one, preferably one
    /// listed on page 9.
    pub(super) fn gadget(&self) -> Option<&HeldDevice> {
        if let Some(in_hand) = self.in_hand() {
            return Some(in_hand).filter(|gadget| gadget.state == DeviceState::Works);
        }
        let on_file = self.working().find(|gadget| self.pocket.knows_on_file(gadget.device));
        on_file.or_else(|| self.working().next())
    }

    /// Gives a client outside the next code of a working device that was not given before, and when the
    /// device shows it: of this device, or else of the one in use.
    pub fn give_code(&mut self, now: Time, device: Option<DeviceId>) -> Option<(DeviceId, Code, Time)> {
        let device = device.or_else(|| self.gadget().map(|gadget| gadget.device))?;
        let epoch = self.epoch;
        let gadget = self.gadget_of_mut(device).filter(|gadget| gadget.state == DeviceState::Works)?;
        let (step, from) = gadget.give(epoch, now);
        Some((device, gadget.code(step), from))
    }

    /// The working devices for the person's target account, newest first.
    pub(super) fn working(&self) -> impl Iterator<Item = &HeldDevice> + Clone {
        let own = self.has.gadgets.iter().rev().filter(|gadget| gadget.account == self.account);
        own.filter(|gadget| gadget.state == DeviceState::Works)
    }

    /// The device in hand, whether it works or not.
    pub(super) fn in_hand(&self) -> Option<&HeldDevice> {
        self.gadget_of(self.pocket.in_hand?)
    }

    pub(super) fn gadget_of(&self, device: DeviceId) -> Option<&HeldDevice> {
        self.has.gadgets.iter().find(|gadget| gadget.device == device)
    }

    pub(super) fn gadget_of_mut(&mut self, device: DeviceId) -> Option<&mut HeldDevice> {
        self.has.gadgets.iter_mut().find(|gadget| gadget.device == device)
    }

    /// Takes a device in hand; later codes are read from it.
    pub(super) fn take(&mut self, device: DeviceId) {
        if self.gadget_of(device).is_none() {
            return self.finish(Outcome::NoSuchDevice);
        }
        self.pocket.in_hand = Some(device);
        self.finish(Outcome::Done);
    }

    /// Presses the button of the device in hand `times` times without typing the codes, or of the newest
    /// working device that has one.
    pub(super) fn press_button(&mut self, now: Time, times: u16) {
        let counts = |gadget: &&HeldDevice| gadget.kind.is_counter();
        let gadget = self.gadget().filter(counts).or_else(|| self.working().find(counts));
        let Some(device) = gadget.map(|gadget| gadget.device) else {
            return self.finish(Outcome::NoButton);
        };
        if let Some(gadget) = self.gadget_of_mut(device) {
            gadget.pressed(now, times);
        }
        self.fact(EventKind::PressedButton { device, times });
        self.finish(Outcome::Done);
    }

    pub(super) fn deactivate(&mut self, choice: DeviceChoice) {
        let held = self.browsers[self.at].page.and_then(|page| match page.shown {
            Shown::Devices(held) => Some(held),
            Shown::Nothing
            | Shown::Address(_)
            | Shown::Phone { .. }
            | Shown::Enrolment { .. }
            | Shown::Link(_) => None,
        });
        let mut listed = held.iter().flat_map(Held::iter);
        let device = match choice {
            DeviceChoice::First => listed.next(),
            DeviceChoice::This(device) => listed.find(|listed| *listed == device),
        };
        let Some(device) = device else { return self.finish(Outcome::NotOffered(Control::Deactivate)) };
        self.pocket.put_away(device);
        self.ask_offered(Control::Deactivate, Fields::Device(device), Typed::Nothing);
    }

    /// The working device that this page lists among those that no longer count: the one in hand, or else the
    /// newest.
    pub(super) fn can_bring_back(&self, page: &Page) -> Option<DeviceId> {
        let Shown::Devices(held) = page.shown else { return None };
        let listed = |device: DeviceId| held.stopped().any(|stopped| stopped == device);
        let in_hand = self.in_hand().map(|gadget| gadget.device);
        let mut working = self.working().map(|gadget| gadget.device).filter(|device| listed(*device));
        let first = working.clone().next();
        working.find(|device| Some(*device) == in_hand).or(first)
    }

    /// Types two codes of a device that no longer counts.
    pub(super) fn reactivate(&mut self, now: Time) {
        let page = self.page().copied().filter(|page| page.offers.has(Control::Reactivate));
        let Some(page) = page else { return self.finish(Outcome::NotOffered(Control::Reactivate)) };
        let Some(device) = self.can_bring_back(&page) else { return self.finish(Outcome::NoSuchDevice) };
        self.pocket.in_hand = Some(device);
        self.read_first(now, PairChoice::Consecutive, Control::Reactivate);
    }

    /// Requests the secret of a new device.
    pub(super) fn assign(&mut self) {
        if self.offers(Control::BeginAssign) {
            self.begin_assign();
        } else {
            self.finish(Outcome::NotOffered(Control::BeginAssign));
        }
    }

    pub(super) fn begin_assign(&mut self) {
        self.ask(self.at, Action::of(Control::BeginAssign), Typed::Nothing);
        self.doing = Task::Scanning;
    }

    /// Scans the QR code with a new device, and reads its first code.
    pub(super) fn scan(&mut self, now: Time, page: &Page) {
        let Shown::Enrolment { device, kind, seed } = page.shown else { return self.finish(Outcome::Done) };
        let new = HeldDevice { since: now, ..HeldDevice::new(device, self.account, kind, &seed) };
        self.has.gadgets.push(new);
        self.pocket.in_hand = Some(device);
        self.read_first(now, PairChoice::Consecutive, Control::FinishAssign);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::{AccountId, AddressId, BrowserId, PersonId};
    use crate::base::machine::Cx;
    use crate::base::otp::Kind;
    use crate::base::rng::Rng;
    use crate::base::secret::Seed;
    use crate::base::time::Epoch;
    use crate::event::PageName;
    use crate::message::Offers;
    use crate::people::{Act, Belongings, CodeChoice, Habits, Input, Output};

    const APP: DeviceId = DeviceId(0);
    const TOKEN: DeviceId = DeviceId(1);
    const WORK: DeviceId = DeviceId(2);
    const DEAD: DeviceId = DeviceId(3);

    /// The time step of an accurate clock, and the first counter of the token.
    const STEP: u64 = 60_000_000;
    const COUNT: u64 = 7;

    /// A person on page 2 with an app, a counter token, another account's entry and a dead token.
    fn person() -> Person {
        let mut gadgets =
            [(APP, 0, Kind::TOTP), (TOKEN, 0, Kind::HOTP), (WORK, 1, Kind::TOTP), (DEAD, 0, Kind::TOTP)].map(
                |(device, account, kind)| {
                    HeldDevice::new(device, AccountId(account), kind, &Seed::new([9; 20]))
                },
            );
        gadgets[1].counter = COUNT;
        gadgets[3].state = DeviceState::Dead;
        let has = Belongings {
            user: AddressId(0),
            other_user: None,
            password: None,
            data: None,
            identity: false,
            session: false,
            shares_phone: false,
            gadgets: gadgets.to_vec(),
        };
        let epoch = Epoch::from_unix_millis(STEP * 30_000);
        let mut person = Person::new(PersonId(0), AccountId(0), epoch, Habits::default(), has);
        see(&mut person, PageName::MfaCode, Shown::Nothing, &[Control::SubmitCode]);
        person
    }

    fn see(person: &mut Person, name: PageName, shown: Shown, offers: &[Control]) {
        let page = Page { name, notice: None, shown, offers: Offers::of(offers) };
        outputs(person, &Input::Page(BrowserId(0), Ok(&page)));
    }

    fn outputs(person: &mut Person, input: &Input<'_>) -> Vec<Output> {
        let mut outputs = Vec::new();
        person.handle_input(&mut Cx::new(Time::ZERO, &mut Rng::new(1)), input);
        person.take_outputs(&mut outputs);
        outputs
    }

    /// The result of an order: the typed value or the outcome.
    fn ordered(person: &mut Person, act: Act) -> Result<Typed, Outcome> {
        let mut came = None;
        for output in outputs(person, &Input::Order(act)) {
            if let Output::Request { typed, .. } = output {
                came = Some(Ok(typed));
            } else if let Output::Finished(outcome) = output {
                came = Some(Err(outcome));
            }
        }
        came.unwrap()
    }

    fn code(device: DeviceId, step: u64) -> Result<Typed, Outcome> {
        Ok(Typed::Code { device, step })
    }

    #[test]
    fn a_code_is_read_off_the_device_in_hand() {
        let shown = Act::EnterCode(CodeChoice::Shown);
        for (acts, came) in [
            (&[shown][..], code(TOKEN, COUNT)),
            (&[shown, shown], code(TOKEN, COUNT + 1)),
            (&[shown, Act::EnterCode(CodeChoice::Same)], code(TOKEN, COUNT)),
            (&[shown, shown, Act::EnterCode(CodeChoice::BeforeLast)], code(TOKEN, COUNT)),
            (&[Act::Press(5), shown], code(TOKEN, COUNT + 5)),
            (&[Act::Take(APP), shown], code(APP, STEP)),
            (&[Act::Take(APP), Act::Press(5), Act::Take(TOKEN), shown], code(TOKEN, COUNT + 5)),
            (&[Act::Take(WORK), shown], code(WORK, STEP)),
            (&[Act::EnterCode(CodeChoice::WrongEntry)], code(WORK, STEP)),
            (&[Act::EnterCode(CodeChoice::WrongEntry), shown], code(TOKEN, COUNT)),
            (&[Act::EnterCode(CodeChoice::Old)], code(APP, STEP)),
            (&[Act::Take(DEAD), shown], Err(Outcome::DeviceShowsNothing)),
            (&[Act::Take(DeviceId(8))], Err(Outcome::NoSuchDevice)),
        ] {
            let mut person = person();
            let last = acts.iter().map(|act| ordered(&mut person, *act)).last();
            assert_eq!(last, Some(came), "{acts:?}");
        }
    }

    #[test]
    fn only_a_device_that_counts_has_a_button() {
        let mut person = person();
        person.has.gadgets[1].state = DeviceState::Lost;
        assert_eq!(ordered(&mut person, Act::Press(1)), Err(Outcome::NoButton));
    }

    #[test]
    fn what_page_9_does_not_list_is_not_used_any_more() {
        let mut held = Held::default();
        held.add(APP);
        let mut person = person();
        see(&mut person, PageName::SecurityCredentials, Shown::Devices(held), &[Control::Deactivate]);
        for (choice, came) in [
            (DeviceChoice::This(TOKEN), Err(Outcome::NotOffered(Control::Deactivate))),
            (DeviceChoice::This(APP), Ok(Typed::Nothing)),
            (DeviceChoice::First, Ok(Typed::Nothing)),
        ] {
            assert_eq!(ordered(&mut person, Act::Deactivate(choice)), came, "{choice:?}");
        }
        see(&mut person, PageName::MfaCode, Shown::Nothing, &[Control::SubmitCode]);
        assert_eq!(ordered(&mut person, Act::EnterCode(CodeChoice::Shown)), code(APP, STEP));
    }
}
