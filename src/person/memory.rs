//! What a person remembers of the way so far, and the plan for what comes next.

use crate::crossing::Page;
use crate::event::Control;
use crate::event::Notice;
use crate::event::PageName;
use crate::id::CallId;
use crate::id::DeviceId;
use crate::person::Act;
use crate::person::Outcome;
use crate::time::Time;

/// What the person remembers, and the plan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Brain {
    pub(super) on: bool,
    pub(super) until: Option<PageName>,
    pub(super) done: bool,
    pub(super) plan: Option<(Time, Plan)>,
    /// Something essential is not known: there is no point in trying.
    pub(super) helpless: bool,
    pub(super) passwords_refused: u8,
    /// Codes of the device in hand that were refused.
    pub(super) codes_refused: u8,
    /// Devices that were given up as not working: a bit for each, by its place.
    pub(super) doubted: u64,
    pub(super) resyncs: u8,
    /// How often a device was set up, or a sign-in was begun anew to try one.
    pub(super) rounds: u8,
    pub(super) mails: u8,
    pub(super) mail_asked_at: Time,
    pub(super) calls: u8,
    pub(super) call_asked_at: Time,
    /// The call whose spoken code was typed last: it is not typed again by habit.
    pub(super) typed_of: Option<CallId>,
    pub(super) tickets: u8,
    pub(super) ticket_at: Time,
    /// What support said last, not acted on yet.
    pub(super) told: Option<bool>,
    /// The other browser said to go back to the first, and that was not done yet.
    pub(super) go_back: bool,
    /// Pages that did not come, in a row.
    pub(super) no_page: u8,
    /// The device whose code opened the present session.
    pub(super) signed_in_with: Option<DeviceId>,
}

/// What is planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Plan {
    Do(Act),
    /// Nothing: look again then.
    LookAgain,
    GiveUp,
}

impl Brain {
    /// That of somebody who slept over it: all is tried again, from `at` on.
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

    /// A page came up in the browser `in_use`, or in another; `code_of` is the device whose code was sent
    /// for it, if one was.
    /// Where it is the page as it was before, a plan that was made stands.
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
            self.signed_in_with = None;
        }
        match page.notice {
            Some(Notice::WrongPassword) => self.passwords_refused = self.passwords_refused.saturating_add(1),
            Some(Notice::WrongCode | Notice::UsedCode) => {
                self.codes_refused = self.codes_refused.saturating_add(1)
            }
            Some(Notice::DeviceDisabled) => self.codes_refused = u8::MAX,
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

    pub(super) const fn told(&mut self, reset: bool) {
        self.told = Some(reset);
        self.plan = None;
    }

    pub(super) fn finished(&mut self, outcome: Outcome) {
        self.plan = None;
        match outcome {
            Outcome::NotKnown => self.helpless = true,
            Outcome::DeviceShowsNothing => self.codes_refused = u8::MAX,
            Outcome::Done
            | Outcome::NoSuchDevice
            | Outcome::NoButton
            | Outcome::NotOffered(_)
            | Outcome::NoMail
            | Outcome::NothingToConfirm
            | Outcome::NoCall
            | Outcome::CallEnded
            | Outcome::NoCodeOnScreen
            | Outcome::NoCodeHeard
            | Outcome::NoPage => {}
        }
    }

    /// When a verification mail was asked for last, if one was.
    pub(super) fn mail_asked(&self) -> Option<Time> {
        (self.mails > 0).then_some(self.mail_asked_at)
    }

    /// Keeps in mind what is being done, whoever wanted it done.
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
            Act::SignIn(_) => self.told = None,
            Act::Take(_) => self.codes_refused = 0,
            Act::EnterCode(_)
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
            | Act::Press(_)
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
            | Act::Replay(_) => {}
        }
    }
}
