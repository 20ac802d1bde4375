//! Reading codes off a device, and typing them: one, the next, two in a row, or made-up ones.

use crate::crossing::Action;
use crate::crossing::Offer;
use crate::draw::Draw;
use crate::draw::Stream;
use crate::event::EventKind;
use crate::event::Typed;
use crate::id::DeviceId;
use crate::person::CodeChoice;
use crate::person::Gadget;
use crate::person::GadgetState;
use crate::person::Outcome;
use crate::person::PairChoice;
use crate::person::Person;
use crate::person::hands::Doing;
use crate::person::hands::Then;
use crate::secret::Code;
use crate::secret::Digest;
use crate::time::Time;

/// The codes typed last, for those who type them again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastCodes {
    code: Option<(DeviceId, u64)>,
    pair: Option<(DeviceId, u64, i16)>,
}

impl Person {
    pub(super) fn enter_code(&mut self, now: Time, draw: &mut Draw, choice: CodeChoice) {
        if !self.offers(Offer::SubmitCode) {
            self.finish(Outcome::NotOffered(Offer::SubmitCode));
        } else if choice == CodeChoice::Next {
            self.wait_for_next(now, Then::EnterCode);
        } else {
            self.submit_code(now, draw, choice);
        }
    }

    pub(super) fn wait_for_next(&mut self, now: Time, then: Then) {
        let Some(gadget) = self.gadget() else { return self.shows_nothing() };
        // "Next" after the code that was typed last, if that is what the device still shows.
        let shown = gadget.step(self.epoch, now);
        let typed = [
            self.last.code.map(|(_, step)| step),
            self.last.pair.map(|(_, first, apart)| first.saturating_add_signed(i64::from(apart))),
        ];
        let next = typed.into_iter().flatten().max().filter(|last| *last >= shown).unwrap_or(shown) + 1;
        let until = gadget.shows_from(self.epoch, now, next);
        self.doing = Doing::Waiting { until, then };
    }

    /// Types a code on page 2.
    pub(super) fn submit_code(&mut self, now: Time, draw: &mut Draw, choice: CodeChoice) {
        let (code, typed) = match choice {
            CodeChoice::Shown | CodeChoice::Next => {
                let Some(gadget) = self.gadget() else { return self.shows_nothing() };
                let step = gadget.step(self.epoch, now);
                self.read_code(gadget.device, step)
            }
            CodeChoice::Old => {
                let Some(gadget) = self.has.gadgets.first() else { return self.shows_nothing() };
                self.read_code(gadget.device, gadget.step(self.epoch, now))
            }
            CodeChoice::Same => {
                let Some((device, step)) = self.last.code else { return self.shows_nothing() };
                self.read_code(device, step)
            }
            CodeChoice::Wrong => self.made_up(draw),
        };
        if let Typed::Code { device, step } = typed {
            self.last.code = Some((device, step));
        }
        self.ask_and_wait(self.at, Action::SubmitCode(Some(code)), typed);
    }

    pub(super) fn read_code(&self, device: DeviceId, step: u64) -> (Code, Typed) {
        let gadget = self.has.gadgets.iter().find(|gadget| gadget.device == device);
        let code = gadget.map_or(Code::new(0, 6), |gadget| gadget.code(step));
        (code, Typed::Code { device, step })
    }

    pub(super) fn made_up(&self, draw: &mut Draw) -> (Code, Typed) {
        let code = Code::new(draw.below(Stream::Person(self.id), 1_000_000), 6);
        (code, Typed::Guess(Digest(u64::from(code.reveal()))))
    }

    /// The device that the person uses now: the newest that works.
    pub(super) fn gadget(&self) -> Option<&Gadget> {
        self.has.gadgets.iter().rev().find(|gadget| gadget.state == GadgetState::Works)
    }

    pub(super) fn shows_nothing(&mut self) {
        if let Some(gadget) = self.has.gadgets.last() {
            self.fact(EventKind::LookedAt { device: gadget.device, step: None });
        }
        self.finish(Outcome::DeviceShowsNothing);
    }

    /// Reads the first of two codes, and waits for the second where it is still to come.
    pub(super) fn begin_pair(&mut self, now: Time, draw: &mut Draw, choice: PairChoice) {
        if !self.offers(Offer::SubmitPair) {
            return self.finish(Outcome::NotOffered(Offer::SubmitPair));
        }
        if choice == PairChoice::Wrong {
            let ((first, _), (second, typed)) = (self.made_up(draw), self.made_up(draw));
            return self.ask_and_wait(self.at, Action::SubmitPair(Some(first), Some(second)), typed);
        }
        if let (PairChoice::Again, Some((device, first, apart))) = (choice, self.last.pair) {
            return self.submit_pair(device, first, apart, choice, false);
        }
        self.read_first(now, choice, false);
    }

    pub(super) fn read_first(&mut self, now: Time, order: PairChoice, assign: bool) {
        let Some(gadget) = self.gadget() else { return self.shows_nothing() };
        let (device, first) = (gadget.device, gadget.step(self.epoch, now));
        let apart = match order {
            PairChoice::Consecutive | PairChoice::Reversed | PairChoice::Again | PairChoice::Wrong => 1,
            PairChoice::SameTwice => 0,
            PairChoice::Apart => 2,
        };
        let second = first.saturating_add_signed(i64::from(apart));
        let until = gadget.shows_from(self.epoch, now, second);
        self.fact(EventKind::LookedAt { device, step: Some(first) });
        self.doing = Doing::Waiting { until, then: Then::Pair { device, first, apart, order, assign } };
    }

    pub(super) fn submit_pair(
        &mut self,
        device: DeviceId,
        first: u64,
        apart: i16,
        order: PairChoice,
        assign: bool,
    ) {
        let second = first.saturating_add_signed(i64::from(apart));
        let (one, _) = self.read_code(device, first);
        let (two, _) = self.read_code(device, second);
        self.last.pair = Some((device, first, apart));
        let (one, two, typed) = if order == PairChoice::Reversed {
            (two, one, Typed::Pair { device, first: second, apart: -apart })
        } else {
            (one, two, Typed::Pair { device, first, apart })
        };
        let action = if assign {
            Action::FinishAssign(Some(one), Some(two))
        } else {
            Action::SubmitPair(Some(one), Some(two))
        };
        self.ask_and_wait(self.at, action, typed);
    }
}
