//! Reads codes from a device and types them: one, the next, two in a row, or made-up ones.

use crate::base::id::DeviceId;
use crate::base::rng::{Rng, Stream};
use crate::base::secret::{Code, Digest};
use crate::base::time::Time;
use crate::event::{Control, EventKind, Typed};
use crate::message::{Action, Fields};
use crate::people::tasks::{Task, Then};
use crate::people::{CodeChoice, DeviceState, HeldDevice, Outcome, PairChoice, Person};

/// Number of made-up codes submitted concurrently.
const AT_ONCE: u8 = 30;

/// Number of consecutive calls to guess codes for, and number of guesses per call.
const CALLS_GUESSED: u8 = 2;
const A_CALL: u8 = 10;

/// Number of visits to alternative factors between guesses, and number of guesses before each.
const DETOURS: u8 = 6;
const BEFORE_A_DETOUR: u8 = 4;

/// The last typed codes, for typing them again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastCodes {
    code: Option<(DeviceId, u64)>,
    /// The code before that, if different.
    before: Option<(DeviceId, u64)>,
    pair: Option<(DeviceId, u64, i16)>,
}

impl LastCodes {
    fn typed(&mut self, code: (DeviceId, u64)) {
        if self.code != Some(code) {
            self.before = self.code.replace(code);
        }
    }

    /// The newest typed moving factor of `device`.
    fn newest_of(&self, device: DeviceId) -> Option<u64> {
        let code = self.code.filter(|(of, _)| *of == device).map(|(_, step)| step);
        let pair = self.pair.filter(|(of, ..)| *of == device).map(|(_, first, apart)| after(first, apart));
        code.max(pair)
    }
}

impl Person {
    pub(super) fn enter_code(&mut self, now: Time, draw: &mut Rng, choice: CodeChoice) {
        if !self.offers(Control::SubmitCode) {
            self.finish(Outcome::NotOffered(Control::SubmitCode));
        } else if choice == CodeChoice::Next {
            self.wait_for_next(now, Then::EnterCode);
        } else {
            self.submit_code(now, draw, choice);
        }
    }

    pub(super) fn wait_for_next(&mut self, now: Time, then: Then) {
        let Some(gadget) = self.gadget() else { return self.shows_nothing() };
        // "Next" is relative to the last typed code while the device still shows that one.
        let shown = gadget.shows(self.epoch, now);
        let typed = self.last.newest_of(gadget.device).filter(|last| *last >= shown);
        let until = gadget.shows_from(self.epoch, now, typed.unwrap_or(shown) + 1);
        self.doing = Task::Waiting { until, then };
    }

    pub(super) fn submit_code(&mut self, now: Time, draw: &mut Rng, choice: CodeChoice) {
        let other =
            |gadget: &&HeldDevice| gadget.account != self.account && gadget.state == DeviceState::Works;
        let read_off = match choice {
            CodeChoice::Shown | CodeChoice::Next => self.gadget(),
            CodeChoice::Old => self.has.gadgets.iter().find(|gadget| gadget.account == self.account),
            CodeChoice::WrongEntry => self.has.gadgets.iter().find(other),
            CodeChoice::Same | CodeChoice::BeforeLast | CodeChoice::Wrong | CodeChoice::Missing => None,
        };
        if choice == CodeChoice::Missing {
            return self.ask_and_wait(
                self.at,
                Action::new(Control::SubmitCode, Fields::Code(None)),
                Typed::Nothing,
            );
        }
        let read_off = read_off.map(|gadget| gadget.device);
        let before = if choice == CodeChoice::BeforeLast { self.last.before } else { self.last.code };
        let (code, typed) = match (choice, read_off, before) {
            (CodeChoice::Wrong, _, _) => self.made_up(draw),
            (CodeChoice::Same | CodeChoice::BeforeLast, _, Some((device, step))) => {
                self.read_code(device, step)
            }
            (_, Some(device), _) => {
                let step = self.look_at(device, now);
                self.read_code(device, step)
            }
            (_, None, _) => return self.shows_nothing(),
        };
        if let Typed::Code { device, step } = typed {
            self.last.typed((device, step));
        }
        self.ask_and_wait(self.at, Action::new(Control::SubmitCode, Fields::Code(Some(code))), typed);
    }

    /// Submits made-up codes on page 2 without waiting for pages.
    pub(super) fn guess_at_once(&mut self, draw: &mut Rng) {
        if !self.offers(Control::SubmitCode) {
            return self.finish(Outcome::NotOffered(Control::SubmitCode));
        }
        for _ in 0..AT_ONCE {
            let (code, typed) = self.made_up(draw);
            self.ask_and_wait(self.at, Action::new(Control::SubmitCode, Fields::Code(Some(code))), typed);
        }
    }

    /// Submits made-up codes on page 7 for one call and then for the next.
    pub(super) fn guess_calls(&mut self, draw: &mut Rng) {
        if !self.offers(Control::SubmitSpoken) {
            return self.finish(Outcome::NotOffered(Control::SubmitSpoken));
        }
        for _ in 0..CALLS_GUESSED {
            self.ask(self.at, Action::of(Control::CallMe), Typed::Nothing);
            for _ in 0..A_CALL {
                let (code, typed) = self.made_up(draw);
                self.ask_and_wait(
                    self.at,
                    Action::new(Control::SubmitSpoken, Fields::Code(Some(code))),
                    typed,
                );
            }
        }
    }

    /// Submits made-up codes on page 2 between visits to alternative factors.
    pub(super) fn guess_and_detour(&mut self, draw: &mut Rng) {
        if !self.offers(Control::SubmitCode) {
            return self.finish(Outcome::NotOffered(Control::SubmitCode));
        }
        for _ in 0..DETOURS {
            for _ in 0..BEFORE_A_DETOUR {
                let (code, typed) = self.made_up(draw);
                self.ask(self.at, Action::new(Control::SubmitCode, Fields::Code(Some(code))), typed);
            }
            self.ask_and_wait(self.at, Action::of(Control::ChooseAlternative), Typed::Nothing);
        }
    }

    /// Reads a code from this device and returns its moving factor.
    fn look_at(&mut self, device: DeviceId, now: Time) -> u64 {
        let epoch = self.epoch;
        self.gadget_of_mut(device).map_or(0, |gadget| gadget.look(epoch, now))
    }

    fn read_code(&mut self, device: DeviceId, step: u64) -> (Code, Typed) {
        let code = self.gadget_of_mut(device).map_or(Code::new(0, 6), |gadget| gadget.code(step));
        (code, Typed::Code { device, step })
    }

    /// A code with as many digits as the device in hand shows.
    pub(super) fn made_up(&self, draw: &mut Rng) -> (Code, Typed) {
        let digits = self.gadget().map_or(6, |gadget| gadget.kind.digits());
        let code = Code::new(draw.below(Stream::Person(self.id), 10_u32.pow(digits.into())), digits);
        (code, Typed::Guess(Digest(u64::from(code.reveal()))))
    }

    fn shows_nothing(&mut self) {
        let in_use = self.in_hand().or_else(|| self.has.gadgets.last());
        if let Some(device) = in_use.map(|gadget| gadget.device) {
            self.fact(EventKind::LookedAt { device, step: None });
        }
        self.finish(Outcome::DeviceShowsNothing);
    }

    /// Reads the first of two codes, and waits for the second if necessary.
    pub(super) fn begin_pair(&mut self, now: Time, draw: &mut Rng, choice: PairChoice) {
        if !self.offers(Control::SubmitPair) {
            return self.finish(Outcome::NotOffered(Control::SubmitPair));
        }
        if choice == PairChoice::Wrong {
            let ((first, _), (second, typed)) = (self.made_up(draw), self.made_up(draw));
            return self.ask_and_wait(
                self.at,
                Action::new(Control::SubmitPair, Fields::Pair(Some(first), Some(second))),
                typed,
            );
        }
        if let (PairChoice::Again, Some((device, first, apart))) = (choice, self.last.pair) {
            return self.submit_pair(now, (device, first, apart), choice, Control::SubmitPair);
        }
        self.read_first(now, choice, Control::SubmitPair);
    }

    pub(super) fn read_first(&mut self, now: Time, order: PairChoice, with: Control) {
        let Some(device) = self.gadget().map(|gadget| gadget.device) else { return self.shows_nothing() };
        let first = self.look_at(device, now);
        let apart = match order {
            PairChoice::Consecutive | PairChoice::Reversed | PairChoice::Again | PairChoice::Wrong => 1,
            PairChoice::SameTwice => 0,
            PairChoice::Apart => 2,
        };
        let second = after(first, apart);
        let until = self.gadget_of(device).map_or(now, |gadget| gadget.shows_from(self.epoch, now, second));
        self.fact(EventKind::LookedAt { device, step: Some(first) });
        self.doing = Task::Waiting { until, then: Then::Pair { device, first, apart, order, with } };
    }

    pub(super) fn submit_pair(
        &mut self,
        now: Time,
        (device, first, apart): (DeviceId, u64, i16),
        order: PairChoice,
        with: Control,
    ) {
        let second = after(first, apart);
        if let Some(gadget) = self.gadget_of_mut(device) {
            gadget.has_shown(now, second);
        }
        let (one, _) = self.read_code(device, first);
        let (two, _) = self.read_code(device, second);
        self.last.pair = Some((device, first, apart));
        let (one, two, typed) = if order == PairChoice::Reversed {
            (two, one, Typed::Pair { device, first: second, apart: -apart })
        } else {
            (one, two, Typed::Pair { device, first, apart })
        };
        self.ask_and_wait(self.at, Action::new(with, Fields::Pair(Some(one), Some(two))), typed);
    }
}

const fn after(first: u64, apart: i16) -> u64 {
    first.saturating_add_signed(apart as i64)
}
