//! Carries out acts: page by page, waiting for the next code if necessary.

use crate::base::id::DeviceId;
use crate::base::rng::{Rng, Stream};
use crate::base::secret::Code;
use crate::base::time::{Span, Time};
use crate::event::{Control, FormKind, PageName, Typed};
use crate::message::{Action, Authenticity, Fields, Link, Page, Shown, TicketForm};
use crate::people::{
    Act, BrowserChoice, Claim, CodeChoice, DeviceChoice, Keys, LinkChoice, Outcome, Output, PairChoice,
    PasswordChoice, Person, SpokenChoice, With,
};

#[derive(Clone, Copy, Debug)]
pub(super) enum Task {
    Nothing,
    /// Signing in, page by page.
    SigningIn(With),
    /// On the way to step 1, page by page.
    Recovering,
    /// Waiting for the page that completes the act.
    Asking,
    /// Waiting for the device's next code.
    Waiting {
        until: Time,
        then: Then,
    },
    /// Assigning a device: waiting for the page with the secret.
    Scanning,
    /// Re-syncing: waiting for page 4.
    Resyncing(PairChoice),
    /// Filling in the support form: waiting for its page.
    Writing(Claim),
    /// Confirming in the browser that shows the button.
    Confirming,
    /// Leaving the page open until `until`, with the next refresh at `next`.
    KeepingOpen {
        until: Time,
        next: Time,
    },
    /// On the phone: waiting for the prompt for the code.
    Listening(Keys),
    /// On the phone: waiting for a spoken code, to type it.
    Hearing,
}

/// The action once the device shows its next code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Then {
    /// Type it on page 2.
    EnterCode,
    /// Continue signing in with it.
    SignIn,
    /// Type it as the second of a pair: the first code and the button are given.
    Pair { device: DeviceId, first: u64, apart: i16, order: PairChoice, with: Control },
}

impl Task {
    pub(super) const fn due(&self) -> Option<Time> {
        match self {
            Self::Waiting { until, .. } => Some(*until),
            Self::KeepingOpen { next, .. } => Some(*next),
            Self::Nothing
            | Self::SigningIn(_)
            | Self::Recovering
            | Self::Asking
            | Self::Scanning
            | Self::Resyncing(_)
            | Self::Writing(_)
            | Self::Confirming
            | Self::Listening(_)
            | Self::Hearing => None,
        }
    }
}

impl Person {
    /// Acts by habit up to this page. Whoever acts by habit already gets there, and goes on.
    fn get_to(&mut self, page: PageName) {
        if !self.brain.acts_freely() {
            self.act_by_habit(Some(page));
        }
        self.finish(Outcome::Done);
    }

    pub(super) fn on_order(&mut self, now: Time, draw: &mut Rng, act: Act) {
        self.doing = Task::Nothing;
        self.brain.remember(now, act);
        match act {
            Act::SignIn(with) => self.begin_sign_in(with),
            Act::EnterCode(choice) => self.enter_code(now, draw, choice),
            Act::GuessAtOnce => self.guess_at_once(draw),
            Act::GuessCalls => self.guess_calls(draw),
            Act::GuessAndDetour => self.guess_and_detour(draw),
            Act::EnterPair(choice) => self.begin_pair(now, draw, choice),
            Act::Resync(choice) => {
                self.ask(self.at, Action::open(PageName::Resync), Typed::Nothing);
                self.doing = Task::Resyncing(choice);
            }
            Act::Choose(control) => self.choose(control),
            Act::GoTo(page) => self.ask_and_wait(self.at, Action::open(page), Typed::Nothing),
            Act::GetTo(page) => self.get_to(page),
            Act::OpenLink(choice) => self.open_link(choice),
            Act::Confirm => self.confirm(),
            Act::KeyIn(keys) => self.key_in(now, keys),
            Act::PickUp => {
                let outcome = self.pick_up().map_or_else(|outcome| outcome, |_| Outcome::Done);
                self.finish(outcome);
            }
            Act::HangUp => {
                let outcome = self.hang_up();
                self.finish(outcome);
            }
            Act::TypeSpoken(choice) => self.type_spoken(draw, choice),
            Act::Take(device) => self.take(device),
            Act::Press(times) => self.press_button(now, times),
            Act::Change(device, change) => self.change_device(now, device, change),
            Act::Deactivate(choice) => self.deactivate(choice),
            Act::Assign => self.assign(),
            Act::Reactivate => self.reactivate(now),
            Act::ChangePhone(number) => {
                self.ask_offered(Control::ChangePhone, Fields::Phone(Some(number)), Typed::Nothing);
            }
            Act::PostPhone(number) => {
                let action = Action::new(Control::ChangePhone, Fields::Phone(Some(number)));
                self.ask_and_wait(self.at, action, Typed::Nothing);
            }
            Act::FileTicket(claim) => {
                if self.has.data.is_none() {
                    return self.finish(Outcome::NotKnown);
                }
                self.ask(self.at, Action::open(PageName::ContactSupport), Typed::Nothing);
                self.doing = Task::Writing(claim);
            }
            Act::TakeCallBack(proves) => {
                let outcome = self.take_call_back(proves);
                self.finish(outcome);
            }
            Act::SignOut => self.ask_offered(Control::SignOut, Fields::Empty, Typed::Nothing),
            Act::Use(browser) => {
                self.at = browser.index();
                self.finish(Outcome::Done);
            }
            Act::CrossSite(control) => self.post_from_elsewhere(control),
            Act::BeginRecovery => self.begin_recovery(),
            Act::OpenFound(found) => self.open_found(found),
            Act::KeepOpen(minutes) => self.keep_open(now, now + Span::from_mins(minutes.into())),
            Act::Post(control) => self.post(control),
            Act::Forge(forgery) => self.forge(forgery),
            Act::Replay(webhook) => self.replay(webhook),
            Act::StealCookie => self.steal_cookie(),
            Act::ComeBack => self.come_back(),
        }
    }

    fn begin_sign_in(&mut self, with: With) {
        if with.password == PasswordChoice::Right && self.has.password.is_none() {
            return self.finish(Outcome::NotKnown);
        }
        self.ask(self.at, Action::open(PageName::SignIn), Typed::Nothing);
        self.doing = Task::SigningIn(with);
    }

    /// Continues after waiting for a code, or refreshes a page that is left open.
    pub(super) fn go_on(&mut self, now: Time, draw: &mut Rng) {
        let then = match std::mem::replace(&mut self.doing, Task::Nothing) {
            Task::Waiting { then, .. } => then,
            Task::KeepingOpen { until, .. } => {
                self.keep_open(now, until);
                return self.refresh(self.at);
            }
            Task::Nothing
            | Task::SigningIn(_)
            | Task::Recovering
            | Task::Asking
            | Task::Scanning
            | Task::Resyncing(_)
            | Task::Writing(_)
            | Task::Confirming
            | Task::Listening(_)
            | Task::Hearing => return,
        };
        match then {
            Then::EnterCode => self.enter_code(now, draw, CodeChoice::Shown),
            Then::SignIn => self.submit_code(now, draw, CodeChoice::Shown),
            Then::Pair { device, first, apart, order, with } => {
                self.submit_pair(now, (device, first, apart), order, with);
            }
        }
    }

    /// Uses a control that needs no input.
    fn choose(&mut self, control: Control) {
        match control.form() {
            FormKind::Empty => self.ask_offered(control, Fields::Empty, Typed::Nothing),
            FormKind::Link => self.confirm(),
            FormKind::Device => self.deactivate(DeviceChoice::First),
            FormKind::User
            | FormKind::Password
            | FormKind::Code
            | FormKind::SpokenCode
            | FormKind::Pair
            | FormKind::Phone
            | FormKind::Ticket => self.finish(Outcome::NotOffered(control)),
        }
    }

    fn open_link(&mut self, choice: LinkChoice) {
        let Some(letter) = self.mailbox.verification(choice.nth) else {
            return self.finish(Outcome::NoMail);
        };
        self.read_mail(letter.mail);
        let browser = match choice.browser {
            BrowserChoice::Same => self.at,
            BrowserChoice::Other | BrowserChoice::Tab => choice.browser.index(),
        };
        let link = letter.links.token().filter(|_| !letter.truncated).map(Link::Token);
        self.ask_and_wait(
            browser,
            Action::new(Control::FollowLink, Fields::Link(link)),
            Typed::Link(letter.mail),
        );
    }

    /// Presses "Verify your email address" in a browser that shows it.
    fn confirm(&mut self) {
        let link = |browser: &crate::people::Browser| {
            let page = browser.page.filter(|page| page.offers.has(Control::ConfirmLink))?;
            if let Shown::Link(token) = page.shown { Some(token) } else { None }
        };
        let open = self.browsers.iter().enumerate().rev();
        let found = open.filter_map(|(at, browser)| Some((at, link(browser)?))).next();
        let Some((at, token)) = found else { return self.finish(Outcome::NothingToConfirm) };
        let typed = self.mailbox.mail_with(token).map_or(Typed::Nothing, Typed::Link);
        self.ask(at, Action::new(Control::ConfirmLink, Fields::Link(Some(Link::Token(token)))), typed);
        self.doing = Task::Confirming;
    }

    pub(super) fn type_spoken(&mut self, draw: &mut Rng, choice: SpokenChoice) {
        let (code, typed) = match choice {
            SpokenChoice::Heard => {
                let Some((call, code)) = self.heard_code() else {
                    // The call may still speak a code if the page has a field for it.
                    if self.telephone.talking().is_some() && self.offers(Control::SubmitSpoken) {
                        self.doing = Task::Hearing;
                        return;
                    }
                    return self.finish(Outcome::NoCodeHeard);
                };
                self.brain.typed_of = Some(call);
                (code, Typed::Spoken(call))
            }
            SpokenChoice::OnThePage => {
                let Some(code) = self.code_on_screen() else { return self.finish(Outcome::NoCodeOnScreen) };
                (code, Typed::Screen(self.browsers[self.at].id))
            }
            SpokenChoice::Wrong => self.made_up(draw),
        };
        self.ask_offered(Control::SubmitSpoken, Fields::Code(Some(code)), typed);
    }

    pub(super) fn write(&mut self, claim: Claim, page: &Page) {
        let (true, Some(data)) = (page.offers.has(Control::SubmitTicket), self.has.data) else {
            return self.finish(Outcome::NotOffered(Control::SubmitTicket));
        };
        let form = TicketForm {
            problem: claim.problem,
            email: self.has.user,
            account_number: data.account_number,
            phone: claim.phone.or(data.phone),
            full_name: data.full_name,
        };
        self.ask_and_wait(self.at, Action::new(Control::SubmitTicket, Fields::Ticket(form)), Typed::Nothing);
    }

    pub(super) fn offers(&self, control: Control) -> bool {
        self.browsers[self.at].page.is_some_and(|page| page.offers.has(control))
    }

    pub(super) fn ask_offered(&mut self, control: Control, fields: Fields, typed: Typed) {
        if self.offers(control) {
            self.ask_and_wait(self.at, Action::new(control, fields), typed);
        } else {
            self.finish(Outcome::NotOffered(control));
        }
    }

    /// Sends one request; the returned page completes the act.
    pub(super) fn ask_and_wait(&mut self, browser: usize, action: Action, typed: Typed) {
        self.ask(browser, action, typed);
        self.doing = Task::Asking;
    }

    pub(super) fn ask(&mut self, at: usize, action: Action, typed: Typed) {
        self.ask_with(at, Authenticity::Valid, action, typed);
    }

    /// Lets the next page complete the act.
    pub(super) const fn wait_for_page(&mut self) {
        self.doing = Task::Asking;
    }

    pub(super) fn ask_with(&mut self, at: usize, csrf: Authenticity, action: Action, typed: Typed) {
        let browser = &mut self.browsers[at];
        browser.waiting = browser.waiting.saturating_add(1);
        browser.refresh = None;
        if at == self.at && !action.control().is_safe() {
            self.code_sent = if let Typed::Code { device, .. } = typed { Some(device) } else { None };
        }
        let request = Output::Request { browser: self.browsers[at].id, csrf, action, typed };
        self.outputs.push(request);
    }

    pub(super) fn refresh(&mut self, at: usize) {
        if let Some(page) = self.browsers[at].page {
            self.ask(at, Action::open(page.name), Typed::Nothing);
        }
    }

    pub(super) fn finish(&mut self, outcome: Outcome) {
        self.doing = Task::Nothing;
        self.brain.finished(outcome);
        self.outputs.push(Output::Finished(outcome));
    }

    /// Varies `span` between half and one and a half of it, drawn from the person's stream.
    pub(super) fn about(&self, draw: &mut Rng, span: Span) -> Span {
        let half = Span::from_millis(span.as_millis() / 2);
        draw.span(Stream::Person(self.id), half, span + half)
    }
}

pub(super) const fn code_of(page: Page) -> Option<Code> {
    match page.shown {
        Shown::Phone { code, .. } => code,
        Shown::Nothing | Shown::Address(_) | Shown::Devices(_) | Shown::Enrolment { .. } | Shown::Link(_) => {
            None
        }
    }
}
