//! A person's memory of the attempts so far, and the plan for the next action.

use crate::base::id::{CallId, DeviceId};
use crate::base::time::Time;
use crate::event::{Control, Notice, PageName};
use crate::message::Page;
use crate::people::{Act, Outcome};

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HabitState {
    pub(super) on: bool,
    pub(super) until: Option<PageName>,
    pub(super) done: bool,
    pub(super) plan: Option<(Time, Plan)>,
    /// Essential data is unknown, so trying is pointless.
    pub(super) helpless: bool,
    pub(super) passwords_refused: u8,
    /// Refused codes of the device in hand.
    pub(super) codes_refused: u8,
    /// Devices believed not to work: one bit per device, by index.
    pub(super) doubted: u64,
    pub(super) resyncs: u8,
    /// Number of devices set up, or of sign-ins restarted to test one.
    pub(super) rounds: u8,
    /// Whether the person has tried to bring back a device that no longer counts.
    pub(super) has_reactivated: bool,
    pub(super) mails: u8,
    pub(super) mail_asked_at: Time,
    pub(super) calls: u8,
    pub(super) call_asked_at: Time,
    /// The call whose spoken code was typed last; habit does not type it again.
    pub(super) typed_of: Option<CallId>,
    pub(super) tickets: u8,
    pub(super) ticket_at: Time,
    /// Whether the sign-in under way takes either the email or the phone.
    pub(super) one_will_do: bool,
    /// Support's last result, not acted on yet.
    pub(super) told: Option<bool>,
    /// Whether the other browser's page said to return to the first browser.
    pub(super) go_back: bool,
    /// Number of missing pages in a row.
    pub(super) no_page: u8,
    /// The device whose code opened the current session.
    pub(super) signed_in_with: Option<DeviceId>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Plan {
    Do(Act),
    /// Nothing until then; check the screen again.
    LookAgain,
    GiveUp,
}

impl HabitState {
    /// A new start after giving up, at `at`.
    pub(super) fn afresh(at: Time, first: Act) -> Self {
        Self { on: true, plan: Some((at, Plan::Do(first))), ..Self::default() }
    }

    pub(super) const fn is_on(&self) -> bool {
        self.on
    }

    pub(super) const fn stop(&mut self) {
        self.on = false;
        self.plan = None;
    }

    pub(super) fn due(&self) -> Option<Time> {
        self.plan.map(|(at, _)| at)
    }

    /// Records a page in the current browser (`in_use`) or in another. `code_of` is the device whose code
    /// was submitted for it. If the page is unchanged (`same`), an existing plan is kept.
    pub(super) fn saw(&mut self, in_use: bool, page: &Page, same: bool, code_of: Option<DeviceId>) {
        if self.no_page > 0 || !same {
            self.plan = None;
        }
        self.no_page = 0;
        if !in_use {
            self.go_back = page.notice == Some(Notice::GoBack);
            return;
        }
        self.go_back = false;
        if page.name == PageName::SecurityCredentials {
            self.signed_in_with = code_of.or(self.signed_in_with);
        } else if page.name == PageName::SignIn {
            (self.signed_in_with, self.one_will_do) = (None, false);
            // Only now: who was told of a reset while the service was down tries to sign in again.
            self.told = None;
        }
        match page.notice {
            Some(Notice::WrongPassword) => self.passwords_refused = self.passwords_refused.saturating_add(1),
            Some(Notice::WrongCode | Notice::UsedCode) => {
                self.codes_refused = self.codes_refused.saturating_add(1)
            }
            Some(Notice::DeviceDisabled) => self.codes_refused = u8::MAX,
            // Another sign-in begins; earlier emails and calls were about the one before.
            Some(Notice::SignInAgain) => (self.mails, self.calls) = (0, 0),
            // Support has reset MFA, so earlier emails and calls are about another sign-in.
            Some(Notice::MfaOffVerify) => (self.mails, self.calls, self.one_will_do) = (0, 0, true),
            Some(Notice::InSync) => {
                self.codes_refused = 0;
                self.doubted = 0;
            }
            _ => {}
        }
    }

    pub(super) const fn saw_nothing(&mut self) {
        self.no_page = self.no_page.saturating_add(1);
        self.plan = None;
    }

    /// Whether this person, who is not back in, has asked support.
    pub(super) const fn waits_for_support(&self) -> bool {
        self.tickets > 0 && !self.done
    }

    pub(super) const fn told(&mut self, reset: bool) {
        self.told = Some(reset);
        self.plan = None;
    }

    /// A device, with this bit in `doubted`, is lost or back: earlier experience with it no longer counts.
    pub(super) const fn device_changed(&mut self, place: u64, lost: bool) {
        self.doubted &= !place;
        self.codes_refused = 0;
        self.resyncs = 0;
        self.has_reactivated = false;
        self.plan = None;
        if lost {
            (self.done, self.rounds) = (false, 0);
        }
    }

    pub(super) fn finished(&mut self, outcome: Outcome) {
        self.plan = None;
        match outcome {
            Outcome::NotKnown => self.helpless = true,
            Outcome::DeviceShowsNothing => self.codes_refused = u8::MAX,
            Outcome::Done
            | Outcome::NoSuchDevice
            | Outcome::NoButton
            | Outcome::DeviceCannot(_)
            | Outcome::NotOffered(_)
            | Outcome::NoMail
            | Outcome::NothingToConfirm
            | Outcome::NoCall
            | Outcome::CallEnded
            | Outcome::NoCodeOnScreen
            | Outcome::NoCodeHeard
            | Outcome::NoCookie
            | Outcome::NoPage => {}
        }
    }

    /// Whether the person acts by habit, and not only up to a page.
    pub(super) fn acts_freely(&self) -> bool {
        self.on && !self.done && self.until.is_none()
    }

    /// When the last verification email was requested.
    pub(super) fn mail_asked(&self) -> Option<Time> {
        (self.mails > 0).then_some(self.mail_asked_at)
    }

    /// Records an act, whether ordered or by habit.
    pub(super) fn remember(&mut self, now: Time, act: Act) {
        match act {
            Act::Choose(Control::SendEmail | Control::ResendEmail) => {
                self.mails = self.mails.saturating_add(1);
                self.mail_asked_at = now;
            }
            Act::Choose(Control::CallMe) => {
                self.calls = self.calls.saturating_add(1);
                self.call_asked_at = now;
            }
            Act::EnterPair(_) | Act::Resync(_) => self.resyncs = self.resyncs.saturating_add(1),
            Act::Assign | Act::SignOut => self.rounds = self.rounds.saturating_add(1),
            Act::FileTicket(_) => {
                self.tickets = self.tickets.saturating_add(1);
                self.ticket_at = now;
                self.told = None;
            }
            Act::Take(_) => self.codes_refused = 0,
            Act::Reactivate => self.has_reactivated = true,
            Act::SignIn(_)
            | Act::EnterCode(_)
            | Act::Choose(_)
            | Act::GoTo(_)
            | Act::GetTo(_)
            | Act::OpenLink(_)
            | Act::Confirm
            | Act::KeyIn(_)
            | Act::PickUp
            | Act::HangUp
            | Act::TypeSpoken(_)
            | Act::GuessAtOnce
            | Act::GuessCalls
            | Act::GuessAndDetour
            | Act::Press(_)
            | Act::Change(..)
            | Act::Deactivate(_)
            | Act::ChangePhone(_)
            | Act::PostPhone(_)
            | Act::TakeCallBack(_)
            | Act::Use(_)
            | Act::CrossSite(_)
            | Act::BeginRecovery
            | Act::OpenFound(_)
            | Act::KeepOpen(_)
            | Act::Post(_)
            | Act::Forge(_)
            | Act::Replay(_)
            | Act::StealCookie
            | Act::ComeBack => {}
        }
    }
}
