//! A person's habits of action: the owner's way back in, one plan at a time.
//!
//! The owner wants to sign in and end up with a working device. The next action follows from the page on
//! the screen, the device in hand, and the attempts so far. This file does not know the rules of the flow:
//! an honest owner reads the page and chooses among its controls.

use crate::base::id::DeviceId;
use crate::base::rng::Rng;
use crate::base::time::{Span, Time};
use crate::event::{Control, EventKind, Notice, PageName, Problem};
use crate::message::{Page, Shown};
use crate::people::memory::{HabitState, Plan};
use crate::people::{
    Act, BrowserChoice, Claim, CodeChoice, DeviceChoice, LinkChoice, OpensLinksIn, PairChoice,
    PasswordChoice, Person, SpokenChoice, UserChoice, With,
};

/// Wait after a notice to try later, or after a missing page.
const A_LITTLE: Span = Span::from_mins(5);

/// Time an owner watches the page of step 2 before concluding that no call will come.
const CALL_PATIENCE: Span = Span::from_mins(3);

/// How long a page proves that its user is signed in.
const OLD_PAGE: Span = Span::from_mins(2);

/// Number of re-syncs before an owner turns to alternative factors.
const RESYNCS: u8 = 2;

/// Number of times a signed-in owner sets up a device, or signs in again to test it.
const ROUNDS: u8 = 8;

/// Number of refused passwords before an owner turns to support.
const PASSWORDS: u8 = 3;

/// Maximum wait between two attempts of the same action.
const WAITS_AT_MOST: Span = Span::HOUR;

impl Person {
    pub(super) fn act_by_habit(&mut self, until: Option<PageName>) {
        self.brain.on = true;
        self.brain.until = until;
        self.brain.plan = None;
        if until.is_none() {
            self.fact(EventKind::LeftAlone);
        }
    }

    /// Makes a plan if there is none and the person is idle.
    pub(super) fn plan(&mut self, now: Time, draw: &mut Rng) {
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
        // Check the screen again when an email is due to be read, even if that was planned for later.
        let waits_for_mail = self.page().is_some_and(|page| {
            page.name == PageName::VerifyEmail
                || (page.name == PageName::VerifyPhone
                    && self.brain.one_will_do
                    && !self.telephone.is_in_use())
        });
        if let (true, Some(reading), Some((at, Plan::LookAgain))) =
            (waits_for_mail, self.mailbox.reading_due(), self.brain.plan)
        {
            self.brain.plan = Some((at.min(reading.max(now)), Plan::LookAgain));
        }
    }

    /// Carries out the plan when it is due.
    pub(super) fn act_on_plan(&mut self, now: Time, draw: &mut Rng) {
        let Some((_, plan)) = self.brain.plan.take() else { return };
        match plan {
            Plan::Do(act) => {
                let act = self.as_typed(draw, act);
                self.on_order(now, draw, act);
            }
            Plan::LookAgain => {}
            Plan::GiveUp => self.give_up(now, draw),
        }
    }

    /// Gives up, permanently or until a later day.
    fn give_up(&mut self, now: Time, draw: &mut Rng) {
        self.fact(EventKind::GaveUp);
        match self.habits.comes_back_after.filter(|_| !self.brain.helpless) {
            Some(after) => {
                let at = now + self.about(draw, after);
                self.brain = HabitState::afresh(at, self.sign_in_act());
            }
            None => self.brain.done = true,
        }
    }

    /// The next action, and the delay before it.
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
            .any(|browser| browser.page.is_some_and(|page| page.offers.has(Control::ConfirmLink)))
        {
            return (thinks, Plan::Do(Act::Confirm));
        }
        if self.brain.go_back {
            return (thinks, Plan::Do(Act::GoTo(PageName::VerifyEmail)));
        }
        if let Some(reaction) = self.next_reaction(&page) {
            return reaction;
        }
        match page.name {
            PageName::SignIn | PageName::Password | PageName::Forbidden => self.next_at_sign_in(&page),
            PageName::MfaCode => self.next_at_code(&page),
            PageName::TroubleshootMfa => self.next_at_trouble(&page),
            PageName::Resync => self.next_at_resync(&page),
            PageName::VerifyEmail => self.next_at_email(now, &page),
            PageName::ConfirmEmail => (thinks, Plan::Do(Act::GoTo(PageName::VerifyEmail))),
            PageName::VerifyPhone => self.next_at_phone(now, &page),
            PageName::FinishSignIn => (thinks, Plan::Do(Act::Choose(Control::FinishSignIn))),
            PageName::SecurityCredentials | PageName::AssignDevice => self.next_at_credentials(now, &page),
            PageName::ContactSupport => self.next_at_support(now),
        }
    }

    fn sign_in_act(&self) -> Act {
        let code = self.gadget().map(|_| CodeChoice::Shown);
        Act::SignIn(With { user: UserChoice::Own, password: PasswordChoice::Right, code })
    }

    fn next_at_sign_in(&self, page: &Page) -> (Span, Plan) {
        let refused = self.brain.passwords_refused;
        if refused >= PASSWORDS {
            // The owner is sure of the password, so somebody else must have changed it.
            return (self.habits.thinks_for, self.ask_support(Problem::NotMe));
        }
        let wait = match page.notice {
            Some(Notice::TryLater | Notice::WrongPassword | Notice::BadRequest) => growing(refused, A_LITTLE),
            _ => self.habits.thinks_for,
        };
        (wait, Plan::Do(self.sign_in_act()))
    }

    fn next_at_code(&mut self, page: &Page) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        if page.notice == Some(Notice::TryLater) {
            return (A_LITTLE, Plan::Do(Act::Choose(Control::Troubleshoot)));
        }
        if self.gadget().is_none() || self.brain.codes_refused >= self.habits.codes_tried {
            return (thinks, Plan::Do(self.try_another_device()));
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
        let control = if works { Control::ChooseResync } else { Control::ChooseAlternative };
        (thinks, Plan::Do(Act::Choose(control)))
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
            return self.open_the_link();
        }
        let least = if self.brain.one_will_do { A_LITTLE } else { Span::ZERO };
        let patience = self.brain.mail_asked_at + self.habits.waits_for_mail.max(least);
        let waits = self.brain.mails > 0 && page.notice != Some(Notice::MailFailed);
        if waits && now < patience {
            return (patience.since(now), Plan::LookAgain);
        }
        if self.brain.mails >= self.habits.mails_asked {
            let phone_will_do = page.offers.has(Control::CallMe);
            let plan = if phone_will_do {
                Plan::Do(Act::Choose(Control::CallMe))
            } else {
                self.ask_support(Problem::NoEmail)
            };
            return (thinks, plan);
        }
        if page.notice == Some(Notice::TooManyMails) {
            return (A_LITTLE, Plan::Do(self.ask_for_mail(page)));
        }
        (thinks, Plan::Do(self.ask_for_mail(page)))
    }

    fn open_the_link(&self) -> (Span, Plan) {
        let browser = match self.habits.opens_links_in {
            OpensLinksIn::OtherBrowser if !self.brain.one_will_do => BrowserChoice::Other,
            // Whoever has no other way in opens the link where it works for certain.
            OpensLinksIn::SameBrowser | OpensLinksIn::OtherBrowser => BrowserChoice::Same,
        };
        (Span::ZERO, Plan::Do(Act::OpenLink(LinkChoice { nth: 0, browser })))
    }

    const fn ask_for_mail(&self, page: &Page) -> Act {
        let again = page.offers.has(Control::ResendEmail);
        Act::Choose(if again { Control::ResendEmail } else { Control::SendEmail })
    }

    fn next_at_phone(&mut self, now: Time, page: &Page) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        if self.telephone.is_in_use() {
            return (CALL_PATIENCE, Plan::LookAgain);
        }
        if self.brain.one_will_do && self.mailbox.take_due(now).is_some() {
            return self.open_the_link();
        }
        if page.offers.has(Control::SubmitSpoken)
            && page.notice != Some(Notice::PhoneFailed)
            && self.heard_code().is_some_and(|(call, _)| self.brain.typed_of != Some(call))
        {
            return (thinks, Plan::Do(Act::TypeSpoken(SpokenChoice::Heard)));
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
        (thinks, Plan::Do(Act::Choose(Control::CallMe)))
    }

    /// Signed in: deactivates devices that are lost or do not work, sets up a new one if none is left, and
    /// signs in again with a device code.
    fn next_at_credentials(&mut self, now: Time, page: &Page) -> (Span, Plan) {
        let thinks = self.habits.thinks_for;
        if now.since(self.browsers[self.at].seen) > OLD_PAGE {
            // The session may have ended since, and another browser may have changed the devices.
            return (thinks, Plan::Do(Act::GoTo(PageName::SecurityCredentials)));
        }
        let held = match page.shown {
            Shown::Devices(held) => held,
            Shown::Nothing
            | Shown::Address(_)
            | Shown::Phone { .. }
            | Shown::Enrolment { .. }
            | Shown::Link(_) => {
                return (thinks, Plan::Do(Act::GoTo(PageName::SecurityCredentials)));
            }
        };
        if page.offers.has(Control::ChangePassword) && !page.offers.has(Control::BeginAssign) {
            let wait = if page.notice == Some(Notice::TryLater) { A_LITTLE } else { thinks };
            return (wait, Plan::Do(Act::ChangePassword(PasswordChoice::Right)));
        }
        let useless = held.iter().find(|device| !self.trusts(*device));
        if let Some(useless) = useless.filter(|_| !self.habits.leaves_lost_devices) {
            return (thinks, Plan::Do(Act::Deactivate(DeviceChoice::This(useless))));
        }
        let brings_back = !self.brain.has_reactivated && page.offers.has(Control::Reactivate);
        if brings_back && self.can_bring_back(page).is_some_and(|device| self.trusts(device)) {
            return (thinks, Plan::Do(Act::Reactivate));
        }
        let in_hand = self.gadget().map(|gadget| gadget.device);
        let good = held
            .iter()
            .find(|device| Some(*device) == in_hand)
            .or_else(|| held.iter().filter(|device| self.trusts(*device)).last());
        // After too many rounds, settle for being signed in without a working device.
        let enough = self.brain.rounds >= ROUNDS;
        let Some(good) = good.filter(|_| !enough) else {
            return if enough { self.is_back(thinks) } else { (thinks, Plan::Do(Act::Assign)) };
        };
        if self.brain.signed_in_with.is_some_and(|with| held.iter().any(|device| device == with)) {
            return self.is_back(thinks);
        }
        let act = if Some(good) == in_hand { Act::SignOut } else { Act::Take(good) };
        (thinks, Plan::Do(act))
    }

    fn is_back(&mut self, thinks: Span) -> (Span, Plan) {
        self.brain.done = true;
        self.fact(EventKind::GotIn);
        (thinks, Plan::LookAgain)
    }

    /// Switches to another working device, or to the troubleshooting page if there is none.
    fn try_another_device(&mut self) -> Act {
        if let Some(device) = self.gadget().map(|gadget| gadget.device) {
            self.brain.doubted |= self.place_of(device);
        }
        let other = self.working().find(|gadget| self.trusts(gadget.device));
        other.map_or(Act::Choose(Control::Troubleshoot), |gadget| Act::Take(gadget.device))
    }

    /// Whether the person has this device and believes that it works.
    fn trusts(&self, device: DeviceId) -> bool {
        let works = self.working().any(|gadget| gadget.device == device);
        works && self.brain.doubted & self.place_of(device) == 0
    }

    /// The bit for a device in `doubted`.
    pub(super) fn place_of(&self, device: DeviceId) -> u64 {
        let place = self.has.gadgets.iter().position(|gadget| gadget.device == device);
        place.and_then(|place| 1_u64.checked_shl(u32::try_from(place).ok()?)).unwrap_or(0)
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

/// A wait that doubles with each failed attempt, up to the maximum.
fn growing(times: u8, first: Span) -> Span {
    (first * (1_u64 << times.min(16))).min(WAITS_AT_MOST.max(first))
}
