//! People: owners and strangers.
//!
//! A person has browsers, a mailbox, perhaps a phone and a device, and sees only what reaches them. A
//! person carries out an ordered [`Act`] (a feature's step or a story's timed move) page by page; a person
//! who acts by habit decides on each next act independently. Like every machine, a person has no I/O: pages,
//! letters and rings are inputs, requests and keys are outputs.

#![warn(clippy::wildcard_enum_match_arm)]

mod act;
mod changes;
mod codes;
mod device_bag;
mod forgery;
mod habit;
mod held_device;
mod line;
mod look;
mod mailbox;
mod memory;
mod notices;
mod pages;
mod password;
mod plan;
mod pursuit;
mod tasks;
mod telephone;
mod theft;

pub use self::act::{
    Act, BrowserChoice, Claim, CodeChoice, DeviceChoice, ForgedWords, Forgery, FoundLink, Keys, LinkChoice,
    Outcome, PairChoice, PasswordChoice, SpokenChoice, UserChoice, With,
};
use self::codes::LastCodes;
use self::device_bag::DeviceBag;
pub use self::habit::{Answers, Habits, OnNotice, OpensLinksIn};
pub use self::held_device::{DeviceState, HeldDevice};
use self::mailbox::Mailbox;
use self::memory::HabitState;
use self::notices::Warnings;
use self::password::Passwords;
use self::tasks::Task;
use self::telephone::Telephone;
use crate::base::id::{AccountId, AddressId, BrowserId, CallId, DeviceId, PersonId, TicketId};
use crate::base::machine::{Cx, Reason};
use crate::base::number::Number;
use crate::base::rng::Rng;
use crate::base::secret::{Code, Digest, Password};
use crate::base::time::{Epoch, Span, Time};
use crate::event::{CallStatus, EventKind, NoReply, PageName, Typed, WebhookKind};
use crate::message::{
    Action, Authenticity, BROWSERS_EACH, Key, KeysWanted, Letter, Page, Speech, TicketResult, WebhookBody,
};

/// Refresh interval of the page of step 2 while a call is active.
const REFRESH_EVERY: Span = Span::from_secs(10);

/// The password typed as a wrong one.
pub const WRONG_PASSWORD: &str = "not the password";

/// A person's knowledge and possessions at the start of a story.
#[derive(Clone, Debug)]
pub struct Belongings {
    /// The user name of the person's target account.
    pub user: AddressId,
    /// The user name of another account.
    pub other_user: Option<AddressId>,
    /// The account's password, if known.
    pub password: Option<Password>,
    /// The personal data for a support form, if known.
    pub data: Option<PersonalData>,
    /// Whether the person can prove the identity of the account's owner, on the phone and by documents.
    pub identity: bool,
    /// Whether the person can steal session cookies of the account's owner.
    pub session: bool,
    /// Whether another owner answers the same phone.
    pub shares_phone: bool,
    /// The devices, oldest first, including those of other accounts.
    pub gadgets: Vec<HeldDevice>,
}

/// The data for a support form besides the email address.
#[derive(Clone, Copy, Debug)]
pub struct PersonalData {
    /// The 12-digit account number.
    pub account_number: u64,
    /// The full name.
    pub full_name: Digest,
    /// The phone number, if known.
    pub phone: Option<Number>,
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    id: PersonId,
    account: AccountId,
    epoch: Epoch,
    habits: Habits,
    has: Belongings,
    browsers: [Browser; Self::BROWSERS],
    /// The index of the current browser.
    at: usize,
    mailbox: Mailbox,
    telephone: Telephone,
    doing: Task,
    pocket: DeviceBag,
    last: LastCodes,
    /// The device of the code in the last form, if any.
    code_sent: Option<DeviceId>,
    brain: HabitState,
    passwords: Passwords,
    warnings: Warnings,
    /// The time of the input that is handled.
    now: Time,
    /// Whether the person has stolen a session cookie.
    has_cookie: bool,
    begins: Option<Time>,
    outputs: Vec<Output>,
}

#[derive(Clone, Copy, Debug)]
struct Browser {
    id: BrowserId,
    page: Option<Page>,
    /// When the page arrived.
    seen: Time,
    /// Number of pending requests.
    waiting: u8,
    refresh: Option<Time>,
    /// The code on the screen before the current one.
    old_code: Option<Code>,
}

/// Inputs of a person.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Perform this act now, cancelling the act in progress.
    Order(Act),
    /// Act by habit from now on, permanently or until this page is reached.
    ActByHabit(Option<PageName>),
    /// Stop acting by habit.
    Stop,
    /// The response to a browser's request.
    Page(BrowserId, Result<&'a Page, NoReply>),
    /// A letter arrived in the mailbox.
    Letter(Letter),
    /// The phone rings.
    Ring(CallId),
    /// The connected call starts or stops listening for keys.
    Listens(CallId, Option<KeysWanted>),
    /// The connected call speaks.
    Said(CallId, Speech),
    /// The call ended, or stopped ringing.
    Ended(CallId),
    /// The support desk calls.
    CallBack(TicketId),
    /// The support desk's call stops ringing.
    CallBackEnded(TicketId),
    /// The agent asks for proof of identity, on the phone or by documents.
    AskedForProof(TicketId),
    /// The agent reports whether MFA was reset.
    Told(TicketId, TicketResult),
    /// The time of [`Person::poll_timeout`] was reached.
    Timeout,
}

/// Outputs of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Output {
    /// A fact for the trace.
    Fact(EventKind),
    /// A browser's request, and the true origin of the typed values.
    Request {
        /// The browser.
        browser: BrowserId,
        /// The CSRF token sent with the form.
        csrf: Authenticity,
        /// The request.
        action: Action,
        /// The owner of the password, the device of the code, the email of the link.
        typed: Typed,
    },
    /// A forged webhook; the world fills in the call.
    Forge {
        /// The kind-specific part.
        body: WebhookBody,
        /// The claimed status.
        status: CallStatus,
        /// The state of its signature.
        signature: Authenticity,
    },
    /// Replay the last webhook of this kind.
    Replay(WebhookKind),
    /// Copy the session cookie of the owner's browser, for this browser.
    StealCookie(BrowserId),
    /// Put the copied session cookie into this browser.
    PutInCookie(BrowserId),
    /// Pick up the phone.
    PickUp(CallId),
    /// Press a key.
    Press(CallId, Key),
    /// Hang up, or decline a ringing call.
    HangUp(CallId),
    /// Answer the support desk's call.
    TakeCallBack(TicketId),
    /// Answer the agent's questions, which proves to be the owner of this account, or nothing.
    Prove(TicketId, Option<AccountId>),
    /// The ordered act was performed or failed.
    Finished(Outcome),
}

impl Person {
    /// Number of browsers per person: one that signs in, one on another device, and another tab of the
    /// first.
    pub const BROWSERS: usize = BROWSERS_EACH as usize;

    /// An idle person with the target `account` who acts on orders only.
    pub fn new(id: PersonId, account: AccountId, epoch: Epoch, habits: Habits, has: Belongings) -> Self {
        let first = id.0.saturating_mul(Self::BROWSERS as u16);
        Self {
            id,
            account,
            epoch,
            habits,
            has,
            browsers: [0, 1, 2].map(|nth| Browser::new(BrowserId(first + nth))),
            at: 0,
            mailbox: Mailbox::default(),
            telephone: Telephone::default(),
            doing: Task::Nothing,
            pocket: DeviceBag::default(),
            last: LastCodes::default(),
            code_sent: None,
            brain: HabitState::default(),
            passwords: Passwords::default(),
            warnings: Warnings::default(),
            now: Time::ZERO,
            has_cookie: false,
            begins: None,
            outputs: Vec::new(),
        }
    }

    /// Resets to another person, as [`Person::new`] would create, and keeps the allocations.
    pub fn reset(&mut self, id: PersonId, account: AccountId, epoch: Epoch, habits: Habits, has: Belongings) {
        let (mut mailbox, mut outputs) =
            (std::mem::take(&mut self.mailbox), std::mem::take(&mut self.outputs));
        mailbox.clear();
        outputs.clear();
        *self = Self { mailbox, outputs, ..Self::new(id, account, epoch, habits, has) };
    }

    /// The person who owns this browser.
    pub const fn of_browser(browser: BrowserId) -> PersonId {
        PersonId(browser.0 / Self::BROWSERS as u16)
    }

    /// Handles an input. Never fails: an impossible act is reported as an output.
    ///
    /// # Panics
    /// If [`take_outputs`](Self::take_outputs) was not called after the previous input.
    pub fn handle_input(&mut self, cx: &mut Cx<'_>, input: &Input<'_>) {
        assert!(self.outputs.is_empty(), "take_outputs before the next input");
        let (now, draw) = (cx.now, &mut *cx.rng);
        self.now = now;
        match *input {
            Input::Order(act) => self.on_order(now, draw, act),
            Input::ActByHabit(until) => self.act_by_habit(until),
            Input::Stop => self.brain.stop(),
            Input::Page(browser, page) => self.on_page(now, draw, browser, page),
            Input::Letter(letter) => self.on_letter(now, draw, letter),
            Input::Ring(call) => self.on_ring(now, draw, call),
            Input::Listens(call, keys) => {
                self.on_listens(now, draw, call, keys);
                // Nothing happened that would change a plan.
                return;
            }
            Input::Said(call, ref speech) => self.on_said(now, draw, call, speech),
            Input::Ended(call) => self.on_ended(draw, call),
            Input::CallBack(ticket) => self.on_call_back(now, draw, ticket),
            Input::CallBackEnded(ticket) => self.telephone.desk_stops(ticket),
            Input::AskedForProof(ticket) => self.on_asked(ticket),
            Input::Told(ticket, result) => self.on_told(ticket, result),
            Input::Timeout => self.on_timeout(now, draw),
        }
        self.plan(now, draw);
    }

    /// Starts acting by habit at `begins`.
    pub const fn begin_at(&mut self, begins: Time) {
        self.begins = Some(begins);
    }

    /// Swaps the outputs of the last input into `into`, which must be empty. Its allocation is reused.
    pub const fn take_outputs(&mut self, into: &mut Vec<Output>) {
        std::mem::swap(&mut self.outputs, into);
    }

    /// When to send [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Time, Reason)> {
        let waits = [
            (self.begins, Reason::PersonStarts),
            (self.doing.due(), Reason::TaskStep),
            (self.telephone.due(), Reason::Handset),
            (self.brain.due(), Reason::Habit),
            (self.warnings.due(), Reason::Habit),
            (Time::earliest(self.browsers.iter().map(|browser| browser.refresh)), Reason::PageReload),
        ];
        let mut first = (Time::NEVER, Reason::PersonStarts);
        for (due, reason) in waits {
            let at = due.unwrap_or(Time::NEVER);
            if at < first.0 {
                first = (at, reason);
            }
        }
        (first.0 != Time::NEVER).then_some(first)
    }

    fn fact(&mut self, kind: EventKind) {
        self.outputs.push(Output::Fact(kind));
    }

    fn on_timeout(&mut self, now: Time, draw: &mut Rng) {
        if self.begins.is_some_and(|begins| begins <= now) {
            self.begins = None;
            self.act_by_habit(None);
        }
        if self.doing.due().is_some_and(|due| due <= now) {
            self.go_on(now, draw);
        }
        if self.telephone.due().is_some_and(|due| due <= now) {
            self.on_phone_due(now);
        }
        self.on_warning_due(now);
        if self.brain.due().is_some_and(|due| due <= now) {
            self.act_on_plan(now, draw);
        }
        for at in 0..Self::BROWSERS {
            if self.browsers[at].refresh.is_some_and(|due| due <= now) {
                self.browsers[at].refresh = None;
                if self.browsers[at].waiting == 0 {
                    self.refresh(at);
                }
            }
        }
    }
}

impl Browser {
    const fn new(id: BrowserId) -> Self {
        Self { id, page: None, seen: Time::ZERO, waiting: 0, refresh: None, old_code: None }
    }
}
