//! What a person does when left alone: the owner's way back in, one plan at a time.
//!
//! The owner wants to sign in, with a device that works in the end. What to do next follows from
//! the page on the screen, the device in the hand, and what was tried before. Nothing here knows
//! the rules of the flow: an honest owner reads what stands there and chooses what is offered.

use crate::crossing::Offer;
use crate::crossing::Page;
use crate::crossing::Shown;
use crate::draw::Draw;
use crate::event::EventKind;
use crate::event::Notice;
use crate::event::PageName;
use crate::event::Problem;
use crate::id::DeviceId;
use crate::person::Act;
use crate::person::BrowserChoice;
use crate::person::Claim;
use crate::person::CodeChoice;
use crate::person::LinkChoice;
use crate::person::OpensLinksIn;
use crate::person::Outcome;
use crate::person::PairChoice;
use crate::person::PasswordChoice;
use crate::person::Person;
use crate::person::With;
use crate::time::Span;
use crate::time::Time;

/// How long an owner waits when told to wait a little, or when no page comes.
const A_LITTLE: Span = Span::from_mins(5);

/// How long an owner looks at the page of step 2 before taking it that no call comes.
const CALL_PATIENCE: Span = Span::from_mins(3);

/// How often an owner re-syncs before turning to alternative factors.
const RESYNCS: u8 = 2;

/// How often an owner tries a password that is refused before turning to support.
const PASSWORDS: u8 = 3;

/// The longest an owner waits between two tries of the same thing.
const WAITS_AT_MOST: Span = Span::HOUR;

/// What the person remembers, and the plan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Brain {
    on: bool,
    until: Option<PageName>,
    done: bool,
    plan: Option<(Time, Plan)>,
    /// Something essential is not known: there is no point in trying.
    helpless: bool,
    passwords_refused: u8,
    codes_refused: u8,
    resyncs: u8,
    mails: u8,
    mail_asked_at: Time,
    calls: u8,
    call_asked_at: Time,
    tickets: u8,
    ticket_at: Time,
    /// What support said last, not acted on yet.
    told: Option<bool>,
    /// The other browser said to go back to the first, and that was not done yet.
    go_back: bool,
    /// Pages that did not come, in a row.
    no_page: u8,
    /// The device whose code opened the present session.
    signed_in_with: Option<DeviceId>,
}

/// What is planned.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Plan {
    Do(Act),
    /// Nothing: look again then.
    LookAgain,
    GiveUp,
}

impl Brain {
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

    /// A page came up in a browser; `code_of` is the device whose code was sent for it, if one was.
    pub(super) fn saw(&mut self, browser: usize, page: &Page, code_of: Option<DeviceId>) {
        self.no_page = 0;
        self.plan = None;
        if browser != 0 {
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
            Some(Notice::InSync) => self.codes_refused = 0,
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

    /// Keeps in mind what is being done, whoever wanted it done.
    pub(super) fn remember(&mut self, now: Time, act: Act) {
        match act {
            Act::Choose(Offer::SendEmail | Offer::ResendEmail) => {
                self.mails = self.mails.saturating_add(1);
                self.mail_asked_at = now;
            }
            Act::Choose(Offer::CallMe) => {
                self.calls = self.calls.saturating_add(1);
                self.call_asked_at = now;
            }
            Act::EnterPair(_) => self.resyncs = self.resyncs.saturating_add(1),
            Act::FileTicket(_) => {
                self.tickets = self.tickets.saturating_add(1);
                self.ticket_at = now;
                self.told = None;
            }
            Act::SignIn(_) => self.told = None,
            Act::EnterCode(_)
            | Act::Choose(_)
            | Act::GoTo(_)
            | Act::OpenLink(_)
            | Act::Confirm
            | Act::KeyIn(_)
            | Act::PickUp
            | Act::HangUp
            | Act::TypeSpoken
            | Act::Deactivate
            | Act::Assign
            | Act::ChangePhone(_)
            | Act::TakeCallBack(_)
            | Act::SignOut => {}
        }
    }
}

impl Person {
    pub(super) fn act_by_habit(&mut self, until: Option<PageName>) {
        self.brain.on = true;
        self.brain.until = until;
        self.brain.plan = None;
        if until.is_none() {
            self.fact(EventKind::LeftAlone);
        }
    }

    /// Makes a plan, if there is none and nothing is being done.
    pub(super) fn plan(&mut self, now: Time, draw: &mut Draw) {
        let idle = !self.is_busy() && self.browsers.iter().all(|browser| browser.waiting == 0);
        if !self.brain.on || self.brain.done || !idle {
            return;
        }
        if self.brain.until.is_some() && self.page().map(|page| page.name) == self.brain.until {
            self.brain.stop();
            return;
        }
        if self.brain.plan.is_none() {
            let (wait, plan) = self.next(now);
            let wait = if plan == Plan::LookAgain { wait } else { self.about(draw, wait) };
            self.brain.plan = Some((now + wait, plan));
        }
        // A mail that is due to be read is acted on when it is, whatever else was planned.
        if let (Some(reading), Some((at, Plan::LookAgain))) = (self.mailbox.reading_due(), self.brain.plan) {
            self.brain.plan = Some((at.min(reading.max(now)), Plan::LookAgain));
        }
    }

    /// The time of the plan has come.
    pub(super) fn act_on_plan(&mut self, now: Time, draw: &mut Draw) {
        let Some((_, plan)) = self.brain.plan.take() else { return };
        match plan {
            Plan::Do(act) => {
                self.on_order(now, draw, act);
            }
            Plan::LookAgain => {}
            Plan::GiveUp => {
                self.brain.done = true;
                self.fact(EventKind::GaveUp);
            }
        }
    }

    /// What to do next, and after how long.
    fn next(&mut self, now: Time) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        if self.brain.helpless {
            return (thinks, Plan::GiveUp);
        }
        let Some(page) = self.page().copied() else {
            return (growing(self.brain.no_page, thinks), Plan::Do(self.sign_in_act()));
        };
        if self.brain.no_page > 0 {
            return (growing(self.brain.no_page, A_LITTLE), Plan::Do(Act::GoTo(page.name)));
        }
        if self
            .browsers
            .iter()
            .any(|browser| browser.page.is_some_and(|page| page.offers.has(Offer::ConfirmEmail)))
        {
            return (thinks, Plan::Do(Act::Confirm));
        }
        if self.brain.go_back {
            return (thinks, Plan::Do(Act::GoTo(PageName::VerifyEmail)));
        }
        match page.name {
            PageName::SignIn | PageName::Password | PageName::Forbidden => self.next_at_sign_in(&page),
            PageName::MfaCode => self.next_at_code(&page),
            PageName::TroubleshootMfa => self.next_at_trouble(&page),
            PageName::Resync => self.next_at_resync(&page),
            PageName::VerifyEmail => self.next_at_email(now, &page),
            PageName::ConfirmEmail => (thinks, Plan::Do(Act::GoTo(PageName::VerifyEmail))),
            PageName::VerifyPhone => self.next_at_phone(now, &page),
            PageName::FinishSignIn => (thinks, Plan::Do(Act::Choose(Offer::FinishSignIn))),
            PageName::SecurityCredentials | PageName::AssignDevice => self.next_at_credentials(&page),
            PageName::ContactSupport => self.next_at_support(now),
        }
    }

    fn sign_in_act(&self) -> Act {
        let code = self.gadget().map(|_| CodeChoice::Shown);
        Act::SignIn(With { password: PasswordChoice::Right, code })
    }

    fn next_at_sign_in(&self, page: &Page) -> (Span, Plan) {
        let refused = self.brain.passwords_refused;
        if refused >= PASSWORDS {
            return (self.habits.thinks_for, self.ask_support(Problem::Other));
        }
        let wait = match page.notice {
            Some(Notice::TryLater | Notice::WrongPassword | Notice::BadRequest) => growing(refused, A_LITTLE),
            _ => self.habits.thinks_for,
        };
        (wait, Plan::Do(self.sign_in_act()))
    }

    fn next_at_code(&self, page: &Page) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        if page.notice == Some(Notice::TryLater) {
            return (A_LITTLE, Plan::Do(Act::Choose(Offer::Troubleshoot)));
        }
        if self.gadget().is_none() || self.brain.codes_refused >= self.habits.codes_tried {
            return (thinks, Plan::Do(Act::Choose(Offer::Troubleshoot)));
        }
        let choice = if page.notice.is_some() { CodeChoice::Next } else { CodeChoice::Shown };
        (thinks, Plan::Do(Act::EnterCode(choice)))
    }

    fn next_at_trouble(&self, page: &Page) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        if page.notice == Some(Notice::NoPhone) {
            return (thinks, self.ask_support(Problem::Other));
        }
        let works = self.gadget().is_some() && self.brain.resyncs < RESYNCS;
        let offer = if works { Offer::Resync } else { Offer::Alternative };
        (thinks, Plan::Do(Act::Choose(offer)))
    }

    fn next_at_resync(&self, page: &Page) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        match page.notice {
            Some(Notice::TryLater) => (A_LITTLE, Plan::Do(Act::GoTo(PageName::TroubleshootMfa))),
            _ if self.brain.resyncs < RESYNCS => (thinks, Plan::Do(Act::EnterPair(PairChoice::Consecutive))),
            _ => (thinks, Plan::Do(Act::GoTo(PageName::TroubleshootMfa))),
        }
    }

    fn next_at_email(&mut self, now: Time, page: &Page) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        if self.mailbox.take_due(now).is_some() {
            let browser = match self.habits.opens_links_in {
                OpensLinksIn::SameBrowser => BrowserChoice::Same,
                OpensLinksIn::OtherBrowser => BrowserChoice::Other,
            };
            return (Span::ZERO, Plan::Do(Act::OpenLink(LinkChoice { nth: 0, browser })));
        }
        let patience = self.brain.mail_asked_at + self.habits.waits_for_mail;
        let waits = self.brain.mails > 0 && page.notice != Some(Notice::MailFailed);
        if waits && now < patience {
            return (patience.since(now), Plan::LookAgain);
        }
        if self.brain.mails >= self.habits.mails_asked {
            return (thinks, self.ask_support(Problem::NoEmail));
        }
        if page.notice == Some(Notice::TooManyMails) {
            return (A_LITTLE, Plan::Do(self.ask_for_mail(page)));
        }
        (thinks, Plan::Do(self.ask_for_mail(page)))
    }

    const fn ask_for_mail(&self, page: &Page) -> Act {
        let again = page.offers.has(Offer::ResendEmail);
        Act::Choose(if again { Offer::ResendEmail } else { Offer::SendEmail })
    }

    fn next_at_phone(&self, now: Time, page: &Page) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        if self.telephone.is_in_use() {
            return (CALL_PATIENCE, Plan::LookAgain);
        }
        if page.offers.has(Offer::SubmitSpoken)
            && page.notice != Some(Notice::PhoneFailed)
            && self.heard_code().is_some()
        {
            return (thinks, Plan::Do(Act::TypeSpoken));
        }
        let patience = self.brain.call_asked_at + CALL_PATIENCE;
        if page.notice == Some(Notice::Calling) && self.brain.calls > 0 && now < patience {
            return (patience.since(now), Plan::LookAgain);
        }
        let refused =
            matches!(page.notice, Some(Notice::TooManyCalls | Notice::TooManyTries | Notice::NoPhone));
        if refused || self.brain.calls >= self.habits.calls_asked {
            return (thinks, self.ask_support(Problem::NoCall));
        }
        (thinks, Plan::Do(Act::Choose(Offer::CallMe)))
    }

    /// Signed in: out with the old device, in with a new one, and once more with its code.
    fn next_at_credentials(&mut self, page: &Page) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        let held = match page.shown {
            Shown::Devices(held) => held,
            Shown::Nothing | Shown::Phone { .. } | Shown::Enrolment { .. } | Shown::Link(_) => {
                return (thinks, Plan::Do(Act::GoTo(PageName::SecurityCredentials)));
            }
        };
        let out_with_the_old = if held.iter().next().is_some() { Act::Deactivate } else { Act::Assign };
        let Some(current) = self.gadget().map(|gadget| gadget.device) else {
            return (thinks, Plan::Do(out_with_the_old));
        };
        if !held.iter().any(|device| device == current) {
            return (thinks, Plan::Do(out_with_the_old));
        }
        if self.brain.signed_in_with == Some(current) {
            self.brain.done = true;
            self.fact(EventKind::GotIn);
            return (thinks, Plan::LookAgain);
        }
        (thinks, Plan::Do(Act::SignOut))
    }

    fn next_at_support(&mut self, now: Time) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        match self.brain.told {
            Some(true) => return (thinks, Plan::Do(self.sign_in_act())),
            Some(false) => {}
            None if self.brain.tickets > 0 => {
                let patience = self.brain.ticket_at + self.habits.waits_for_support;
                if now < patience {
                    return (patience.since(now), Plan::LookAgain);
                }
            }
            None => {}
        }
        (thinks, self.ask_support(Problem::NoCall))
    }

    const fn ask_support(&self, problem: Problem) -> Plan {
        if self.brain.tickets >= self.habits.tickets_filed {
            return Plan::GiveUp;
        }
        Plan::Do(Act::FileTicket(Claim { problem, phone: None }))
    }
}

/// A wait that doubles with each time it was in vain, up to the longest.
fn growing(times: u8, first: Span) -> Span {
    (first * (1_u64 << times.min(16))).min(WAITS_AT_MOST.max(first))
}
