//! People: the owner, the stranger. Habits in, actions out.
//!
//! A person has browsers, a mailbox, perhaps a phone and a device, and sees only what reaches
//! these. Told to do something (an [`Act`]: by a feature's step, or by a story's timed move), a
//! person does it with the hands, page by page. Left alone, a person plans by habit what to do
//! next. A machine without I/O, as all are: pages, letters and rings come in, requests and keys
//! go out.

#![warn(clippy::wildcard_enum_match_arm)]

mod act;
mod brain;
mod codes;
mod forgery;
mod gadget;
mod habit;
mod hands;
mod look;
mod mailbox;
mod memory;
mod pages;
mod pocket;
mod pursuit;
mod telephone;

use std::collections::VecDeque;

pub use self::act::Act;
pub use self::act::BrowserChoice;
pub use self::act::Claim;
pub use self::act::CodeChoice;
pub use self::act::DeviceChoice;
pub use self::act::ForgedWords;
pub use self::act::Forgery;
pub use self::act::FoundLink;
pub use self::act::Keys;
pub use self::act::LinkChoice;
pub use self::act::Outcome;
pub use self::act::PairChoice;
pub use self::act::PasswordChoice;
pub use self::act::SpokenChoice;
pub use self::act::UserChoice;
pub use self::act::With;
use self::codes::LastCodes;
pub use self::gadget::Gadget;
pub use self::gadget::State as GadgetState;
pub use self::habit::Answers;
pub use self::habit::Habits;
pub use self::habit::OpensLinksIn;
use self::hands::Doing;
pub use self::mailbox::Awaits;
use self::mailbox::Mailbox;
use self::memory::Brain;
use self::pocket::Pocket;
use self::telephone::Telephone;
use crate::crossing::Action;
use crate::crossing::BROWSERS_EACH;
use crate::crossing::Key;
use crate::crossing::Letter;
use crate::crossing::Page;
use crate::crossing::Proof;
use crate::crossing::Speech;
use crate::crossing::WebhookBody;
use crate::draw::Draw;
use crate::event::CallStatus;
use crate::event::EventKind;
use crate::event::Lost;
use crate::event::PageName;
use crate::event::Typed;
use crate::event::WebhookKind;
use crate::id::AccountId;
use crate::id::AddressId;
use crate::id::BrowserId;
use crate::id::CallId;
use crate::id::DeviceId;
use crate::id::PersonId;
use crate::id::TicketId;
use crate::number::Number;
use crate::secret::Code;
use crate::secret::Digest;
use crate::secret::Password;
use crate::time::Epoch;
use crate::time::Span;
use crate::time::Time;

/// How often the page of step 2 refreshes itself while a call is under way.
const REFRESH_EVERY: Span = Span::from_secs(10);

/// What is typed for a wrong password.
pub const WRONG_PASSWORD: &str = "not the password";

/// What a person knows and holds when a story begins.
#[derive(Clone, Debug)]
pub struct Belongings {
    /// The user name of the account this person is after.
    pub user: AddressId,
    /// The user name of another account.
    pub other_user: Option<AddressId>,
    /// Its password, for who knows it.
    pub password: Option<Password>,
    /// The 12-digit account number, the full name and the phone number, for who knows them.
    pub data: Option<PersonalData>,
    /// Whether the agent's questions can be answered.
    pub identity: bool,
    /// The devices, oldest first; those for other accounts too.
    pub gadgets: Vec<Gadget>,
}

/// What stands in a support form besides the e-mail address.
#[derive(Clone, Copy, Debug)]
pub struct PersonalData {
    /// The 12-digit account number.
    pub account_number: u64,
    /// The full name.
    pub full_name: Digest,
    /// The phone number, as far as the person knows it.
    pub phone: Option<Number>,
}

/// One person.
#[derive(Clone, Debug)]
pub struct Person {
    id: PersonId,
    account: AccountId,
    epoch: Epoch,
    habits: Habits,
    has: Belongings,
    browsers: [Browser; Self::BROWSERS],
    /// The place of the browser that is used now.
    at: usize,
    mailbox: Mailbox,
    telephone: Telephone,
    doing: Doing,
    pocket: Pocket,
    last: LastCodes,
    /// The device whose code the last form held, if it held one.
    code_sent: Option<DeviceId>,
    brain: Brain,
    begins: Option<Time>,
    outputs: VecDeque<Output>,
}

/// One browser, with the page it shows.
#[derive(Clone, Copy, Debug)]
struct Browser {
    id: BrowserId,
    page: Option<Page>,
    /// Requests whose pages have not come back.
    waiting: u8,
    refresh: Option<Time>,
    /// The code that stood on its screen before the present one.
    old_code: Option<Code>,
}

/// What comes in.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Do this now, whatever was being done.
    Order(Act),
    /// From now on act by habit: for good, or until this page is reached.
    ActByHabit(Option<PageName>),
    /// Stop acting by habit.
    Stop,
    /// The page that a browser asked for.
    Page(BrowserId, Result<&'a Page, Lost>),
    /// A letter lies in the mailbox.
    Letter(Letter),
    /// The phone rings.
    Ring(CallId),
    /// The call that was picked up says something.
    Said(CallId, Speech),
    /// The call is over, or stopped ringing.
    Ended(CallId),
    /// The support desk calls.
    CallBack(TicketId),
    /// The support desk's call stops ringing.
    CallBackEnded(TicketId),
    /// The agent asks for proof of who this is, on the line or by documents.
    AskedForProof(TicketId),
    /// The agent says whether MFA was reset.
    Told(TicketId, bool),
    /// Something is due.
    Timeout,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Output {
    /// Something happened.
    Fact(EventKind),
    /// A browser's request, and what was typed in truth.
    Request {
        /// From which browser.
        browser: BrowserId,
        /// Whether the form's token goes along.
        csrf: Proof,
        /// What is asked.
        action: Action,
        /// Whose password, which device's code, which mail's link.
        typed: Typed,
    },
    /// A request as if a call had made it; the world knows which call is meant.
    Forge {
        /// What it is about.
        body: WebhookBody,
        /// The status that it claims.
        status: CallStatus,
        /// Its signature.
        signature: Proof,
    },
    /// The last request of this kind that a call made, once more.
    Replay(WebhookKind),
    /// Picks up the phone.
    PickUp(CallId),
    /// Presses a key.
    Press(CallId, Key),
    /// Hangs up, or turns the call away.
    HangUp(CallId),
    /// Takes the support desk's call.
    TakeCallBack(TicketId),
    /// Answers the agent's questions.
    Prove(TicketId, bool),
    /// What was ordered is done, or could not be.
    Finished(Outcome),
}

impl Person {
    /// How many browsers a person has: one that signs in, one on another device, and another tab
    /// of the first.
    pub const BROWSERS: usize = BROWSERS_EACH as usize;

    /// A person who has done nothing yet, is after `account`, and acts on orders alone.
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
            doing: Doing::Nothing,
            pocket: Pocket::default(),
            last: LastCodes::default(),
            code_sent: None,
            brain: Brain::default(),
            begins: None,
            outputs: VecDeque::new(),
        }
    }

    /// Starts over as somebody else, in the same memory, as [`Person::new`] would begin.
    pub fn begin_again(
        &mut self,
        id: PersonId,
        account: AccountId,
        epoch: Epoch,
        habits: Habits,
        has: Belongings,
    ) {
        let (mut mailbox, mut outputs) =
            (std::mem::take(&mut self.mailbox), std::mem::take(&mut self.outputs));
        mailbox.clear();
        outputs.clear();
        *self = Self { mailbox, outputs, ..Self::new(id, account, epoch, habits, has) };
    }

    /// The person whose browser this is.
    pub const fn of_browser(browser: BrowserId) -> PersonId {
        PersonId(browser.0 / Self::BROWSERS as u16)
    }

    /// Takes in what came. Never fails: what cannot be done is an output.
    ///
    /// # Panics
    /// If outputs of an earlier input were not drained: that is a mistake of the caller's.
    pub fn handle_input(&mut self, now: Time, draw: &mut Draw, input: &Input<'_>) {
        assert!(self.outputs.is_empty(), "drain poll_output before the next input");
        match *input {
            Input::Order(act) => self.on_order(now, draw, act),
            Input::ActByHabit(until) => self.act_by_habit(until),
            Input::Stop => self.brain.stop(),
            Input::Page(browser, page) => self.on_page(now, draw, browser, page),
            Input::Letter(letter) => self.on_letter(now, draw, letter),
            Input::Ring(call) => self.on_ring(now, draw, call),
            Input::Said(call, ref speech) => self.on_said(now, draw, call, speech),
            Input::Ended(call) => self.on_ended(call),
            Input::CallBack(ticket) => self.on_call_back(now, draw, ticket),
            Input::CallBackEnded(ticket) => self.telephone.desk_stops(ticket),
            Input::AskedForProof(ticket) => self.on_asked(ticket),
            Input::Told(ticket, reset) => self.on_told(ticket, reset),
            Input::Timeout => self.on_timeout(now, draw),
        }
        self.plan(now, draw);
    }

    /// Begins to act by habit at `begins`.
    pub const fn begin_at(&mut self, begins: Time) {
        self.begins = Some(begins);
    }

    /// Which mails hold the link that this person waits for, from now on.
    pub const fn await_mails(&mut self, awaits: Awaits) {
        self.mailbox.await_mails(awaits);
    }

    /// The next thing asked for, in order; `None` when there is no more.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// All that is asked for, in order, to be read where it lies; [`Self::take_back`] afterwards.
    pub(crate) fn all_outputs(&mut self) -> VecDeque<Output> {
        std::mem::take(&mut self.outputs)
    }

    /// Takes back the memory of outputs that were read.
    pub(crate) fn take_back(&mut self, mut outputs: VecDeque<Output>) {
        outputs.clear();
        self.outputs = outputs;
    }

    /// When [`Input::Timeout`] is due, if anything is waited for.
    pub fn poll_timeout(&self) -> Option<Time> {
        let refreshes = Time::earliest(self.browsers.iter().map(|browser| browser.refresh));
        Time::earliest([refreshes, self.doing.due(), self.brain.due(), self.telephone.due(), self.begins])
    }

    fn fact(&mut self, kind: EventKind) {
        self.outputs.push_back(Output::Fact(kind));
    }

    fn on_timeout(&mut self, now: Time, draw: &mut Draw) {
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
        Self { id, page: None, waiting: 0, refresh: None, old_code: None }
    }
}
