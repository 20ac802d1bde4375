//! Actions of people: the verbs of features and of a story's timed moves.
//!
//! An [`Act`] is one action in a person's terms ("signs in", "keys in the code"), even if it takes several
//! requests or waits until the device shows its next code.

use crate::base::id::DeviceId;
use crate::base::number::Number;
use crate::event::{Control, DeviceChange, PageName, Problem, WebhookKind};
use crate::message::Authenticity;

/// One action of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Signs in: user name, password, and a code if one is given and requested.
    SignIn(With),
    /// Types a code on page 2.
    EnterCode(CodeChoice),
    /// Submits many made-up codes on page 2 concurrently.
    GuessAtOnce,
    /// Requests a call on page 7 and submits made-up codes there, twice, without waiting for pages: as many
    /// guesses as each new code has attempts.
    GuessCalls,
    /// Submits made-up codes on page 2 and chooses alternative factors, several times in turn, without waiting
    /// for pages: the detour may reset the count of wrong codes.
    GuessAndDetour,
    /// Types two codes on page 4.
    EnterPair(PairChoice),
    /// Opens page 4, and types two codes there.
    Resync(PairChoice),
    /// Uses a control that needs no input.
    Choose(Control),
    /// Opens the page by its URL.
    GoTo(PageName),
    /// Proceeds by habit, page by page, until this page is reached.
    GetTo(PageName),
    /// Opens the link of a verification email.
    OpenLink(LinkChoice),
    /// Presses "Verify your email address" on an open page.
    Confirm,
    /// Picks up the phone if it rings, and keys in something.
    KeyIn(Keys),
    /// Picks up the phone.
    PickUp,
    /// Hangs up, or declines a ringing call.
    HangUp,
    /// Types a code where the page asks for the spoken one.
    TypeSpoken(SpokenChoice),
    /// Takes this device in hand; later codes are read from it.
    Take(DeviceId),
    /// Presses the button of a counter-based device this many times, and types nothing.
    Press(u16),
    /// Loses, finds, repairs or restores this device.
    Change(DeviceId, DeviceChange),
    /// Deactivates a device on page 9.
    Deactivate(DeviceChoice),
    /// Assigns a new device: scans the QR code, and types two consecutive codes.
    Assign,
    /// Types two consecutive codes of a device that no longer counts, to use it again.
    Reactivate,
    /// Types a new phone number on page 9.
    ChangePhone(Number),
    /// Types the current password, or a wrong one, and a new password on page 9.
    ChangePassword(PasswordChoice),
    /// Types the current password on page 9, to sign out in all browsers.
    SignOutEverywhere,
    /// Acts on the newest notice of something that the person did not do.
    React,
    /// Posts a new phone number to page 9, even if the open page does not offer it.
    PostPhone(Number),
    /// Fills in the support form.
    FileTicket(Claim),
    /// Answers the support desk's call; `true` if the person can prove their identity.
    TakeCallBack(bool),
    /// Signs out.
    SignOut,
    /// Switches to another browser or tab.
    Use(BrowserChoice),
    /// Posts a form from another site's page, without the CSRF token.
    CrossSite(Control),
    /// Signs in by password and chooses alternative factors, as one act.
    BeginRecovery,
    /// Opens a link that was not received by email.
    OpenFound(FoundLink),
    /// Leaves a page open for this many minutes; it refreshes itself, so the session does not become idle.
    KeepOpen(u16),
    /// Posts a request that no page offers, as an attacker who knows the service can.
    Post(Control),
    /// Posts a forged webhook.
    Forge(Forgery),
    /// Replays the last webhook of a call of this account, unchanged.
    Replay(WebhookKind),
    /// Copies the session cookie out of the browser that the account's owner uses now.
    StealCookie,
    /// Puts the stolen session cookie into the other browser, goes on in it, and opens page 9.
    ComeBack,
}

/// The credentials for signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct With {
    /// The user name.
    pub user: UserChoice,
    /// The password.
    pub password: PasswordChoice,
    /// The code, if one is requested.
    pub code: Option<CodeChoice>,
}

/// The user name to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserChoice {
    /// The user name of the person's target account.
    Own,
    /// An unknown user name.
    Nobody,
    /// The user name of another account.
    Other,
}

/// The password to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordChoice {
    /// The password of the account.
    Right,
    /// A wrong password.
    Wrong,
}

/// The code to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeChoice {
    /// The code that the device in hand shows.
    Shown,
    /// The next code, after waiting for it.
    Next,
    /// The last typed code again.
    Same,
    /// The code typed before the last one.
    BeforeLast,
    /// The code of the first device on file.
    Old,
    /// The code of another account's entry in the same app or on the same key ring.
    WrongEntry,
    /// A made-up code.
    Wrong,
    /// No code: the form is sent without it.
    Missing,
}

/// A choice of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first device on page 9.
    First,
    /// This device.
    This(DeviceId),
}

/// The two codes to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairChoice {
    /// The current code and, after waiting, the next one.
    Consecutive,
    /// The same two in reverse order.
    Reversed,
    /// The current code, twice.
    SameTwice,
    /// The current code and, after waiting, the one after the next.
    Apart,
    /// The last pair again.
    Again,
    /// Two made-up codes.
    Wrong,
}

/// The code to type for the spoken one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpokenChoice {
    /// The code that was heard.
    Heard,
    /// The code on the page, where it should not be.
    OnThePage,
    /// A made-up code.
    Wrong,
}

/// The link to open, and the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkChoice {
    /// The verification email, counted from 1 in order of arrival; 0 is the newest.
    pub nth: u16,
    /// The browser.
    pub browser: BrowserChoice,
}

/// The source of a link that was not received by email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundLink {
    /// The source code of the page that ordered the email.
    OnPage,
    /// Derived from the user name and the second in which the email was ordered.
    WorkedOut,
}

/// A choice of browser or tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserChoice {
    /// The browser that signs in.
    Same,
    /// Another browser with its own cookies.
    Other,
    /// Another tab of the browser that signs in, with the same cookies.
    Tab,
}

impl BrowserChoice {
    /// Its index among the person's browsers.
    pub(super) const fn index(self) -> usize {
        match self {
            Self::Same => 0,
            Self::Other => 1,
            Self::Tab => 2,
        }
    }
}

/// A forged webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgery {
    /// The content.
    pub says: ForgedWords,
    /// The signature: missing or wrong, because a stranger does not have the secret.
    pub signature: Authenticity,
}

/// The content of a forged webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgedWords {
    /// A status callback: the call was completed.
    Completed,
    /// The right digits: the code on the forger's own screen.
    RightDigits,
}

/// The keys to press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// The code on the screen.
    Code,
    /// Six other digits.
    Wrong,
    /// The code on the screen without its last digit.
    Short,
    /// Only the hash key.
    Hash,
    /// A star followed by the code on the screen.
    Starred,
    /// The code on the screen before the current one.
    OldCode,
}

/// The entries of a support form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The problem chosen from the drop-down list.
    pub problem: Problem,
    /// The phone number; `None` for the one on file, if known to the person.
    pub phone: Option<Number>,
}

/// The result of an act on the person's side: whether it could be performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Performed; the page shows the result.
    Done,
    /// The page does not offer this control.
    NotOffered(Control),
    /// The person does not know the password or the personal data.
    NotKnown,
    /// No such email has arrived.
    NoMail,
    /// No open page has the confirmation button.
    NothingToConfirm,
    /// The phone does not ring.
    NoCall,
    /// The call ended before it asked for anything.
    CallEnded,
    /// The screen shows no code.
    NoCodeOnScreen,
    /// No code was heard.
    NoCodeHeard,
    /// The device is lost, or its display shows nothing.
    DeviceShowsNothing,
    /// The person does not have this device.
    NoSuchDevice,
    /// The device is not in a state in which this can happen to it.
    DeviceCannot(DeviceChange),
    /// No working device has a button.
    NoButton,
    /// The person cannot steal a session cookie, or has stolen none.
    NoCookie,
    /// No page was returned.
    NoPage,
}
