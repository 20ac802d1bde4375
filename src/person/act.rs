//! What a person can be told to do: the verbs of features, and of a story's timed moves.
//!
//! An [`Act`] is one thing that a person would call one thing ("signs in", "keys in the code"),
//! even where it takes several requests, or takes the time until the device shows its next code.

use crate::crossing::Proof;
use crate::event::Control;
use crate::event::PageName;
use crate::event::Problem;
use crate::event::WebhookKind;
use crate::id::DeviceId;
use crate::number::Number;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Signs in: user name, password, and a code if one is given and asked for.
    SignIn(With),
    /// Types a code on page 2.
    EnterCode(CodeChoice),
    /// Types many codes at once on page 2, all made up: the requests are on their way together.
    GuessAtOnce,
    /// Asks for a call on page 7 and types made-up codes there, twice, without waiting for a page: as
    /// many guesses as each new code has tries.
    GuessCalls,
    /// Types two codes on page 4.
    EnterPair(PairChoice),
    /// Goes to page 4, and types two codes there.
    Resync(PairChoice),
    /// Chooses something on the page that needs nothing typed.
    Choose(Control),
    /// Opens the page by its address.
    GoTo(PageName),
    /// Goes on as people do who want in, page by page, until this one is reached.
    GetTo(PageName),
    /// Opens the link of a verification mail.
    OpenLink(LinkChoice),
    /// Chooses "Verify your email address" where that page is open.
    Confirm,
    /// Picks up the phone if it rings, and keys something in.
    KeyIn(Keys),
    /// Picks up the phone.
    PickUp,
    /// Hangs up, or turns the call away.
    HangUp,
    /// Types a code where the one that the call speaks is asked for.
    TypeSpoken(SpokenChoice),
    /// Takes this device in hand: from now on codes are read off it.
    Take(DeviceId),
    /// Presses the button of a counter device so many times, and types nothing.
    Press(u16),
    /// Deactivates a device on page 9.
    Deactivate(DeviceChoice),
    /// Assigns a new device: scans the QR code, types two consecutive codes.
    Assign,
    /// Types a new phone number on page 9.
    ChangePhone(Number),
    /// Posts a new phone number to page 9, whether the page that is open offers it or not.
    PostPhone(Number),
    /// Fills in the support form.
    FileTicket(Claim),
    /// Takes the support desk's call; `true` proves who it is.
    TakeCallBack(bool),
    /// Signs out.
    SignOut,
    /// From now on uses another browser, or another tab.
    Use(BrowserChoice),
    /// Has something posted from a page that is not the console's: without the form's token.
    CrossSite(Control),
    /// Signs in by password and chooses alternative factors, with no thought for what is between.
    BeginRecovery,
    /// Opens a link that came by no mail.
    OpenFound(FoundLink),
    /// Leaves the page open for so many minutes; it refreshes itself, so that the session is not
    /// idle.
    KeepOpen(u16),
    /// Posts something that no page offers, as whoever knows the console can.
    Post(Control),
    /// Posts something as if a call had.
    Forge(Forgery),
    /// Posts the last request that a call of this account made, once more, as it was.
    Replay(WebhookKind),
}

/// What a person signs in with, besides the user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct With {
    /// The user name that is typed.
    pub user: UserChoice,
    /// The password that is typed.
    pub password: PasswordChoice,
    /// The code that is typed when one is asked for.
    pub code: Option<CodeChoice>,
}

/// Which user name is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserChoice {
    /// The one of the account that the person is after.
    Own,
    /// One that nobody has.
    Nobody,
    /// The one of another account.
    Other,
}

/// Which password is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordChoice {
    /// The one of the account.
    Right,
    /// Some other one.
    Wrong,
}

/// Which code is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeChoice {
    /// What the device in hand shows.
    Shown,
    /// What it shows next: waits for it.
    Next,
    /// The same code as the last one typed.
    Same,
    /// The code that was typed before the last one.
    BeforeLast,
    /// What the device that was first on file shows.
    Old,
    /// What the entry of another account shows, in the same app or on the same key ring.
    WrongEntry,
    /// Something made up.
    Wrong,
    /// Nothing: the form goes out without it.
    Missing,
}

/// Which device is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The one that stands first on page 9.
    First,
    /// This one.
    This(DeviceId),
}

/// Which two codes are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairChoice {
    /// What the device shows and, after waiting, what it shows next.
    Consecutive,
    /// The same two, the later one first.
    Reversed,
    /// What it shows, twice.
    SameTwice,
    /// What it shows and, after waiting, the code after the next.
    Apart,
    /// The two codes of the last pair once more.
    Again,
    /// Two made up.
    Wrong,
}

/// What is typed for the code that the call speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpokenChoice {
    /// What was heard.
    Heard,
    /// What stands on the page, where it should not.
    OnThePage,
    /// Something made up.
    Wrong,
}

/// Which link is opened, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkChoice {
    /// The link of which verification mail, counted from 1 as they arrived; 0 is the newest.
    pub nth: u16,
    /// In which browser.
    pub browser: BrowserChoice,
}

/// Where a link comes from, if not from a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundLink {
    /// From the source of the page that ordered its mail.
    OnPage,
    /// From the user name, and the second in which its mail was ordered.
    WorkedOut,
}

/// Which browser, or which tab of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserChoice {
    /// The one that signs in.
    Same,
    /// Another one, with cookies of its own.
    Other,
    /// Another tab of the one that signs in, with the same cookies.
    Tab,
}

impl BrowserChoice {
    /// Its place among a person's browsers.
    pub(super) const fn index(self) -> usize {
        match self {
            Self::Same => 0,
            Self::Other => 1,
            Self::Tab => 2,
        }
    }
}

/// A request of a call that no call made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgery {
    /// What it says.
    pub says: ForgedWords,
    /// Its signature: missing or wrong, for who does not have the secret.
    pub signature: Proof,
}

/// What a forged request says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgedWords {
    /// The call was completed.
    Completed,
    /// The code on the forger's own screen was keyed in.
    RightDigits,
}

/// What is keyed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// The code on the screen.
    Code,
    /// Six other digits.
    Wrong,
    /// The code on the screen with its last digit left out.
    Short,
    /// The hash key, and nothing else.
    Hash,
    /// A star, and the code on the screen.
    Starred,
    /// The code that stood on the screen before the present one.
    OldCode,
}

/// What stands in a support form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// From the drop-down.
    pub problem: Problem,
    /// The phone number given; `None` for the one on file as far as the person knows it.
    pub phone: Option<Number>,
}

/// What an act came to, as far as the person's side goes: whether it could be done at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done; what came of it stands on the page.
    Done,
    /// The page does not offer that.
    NotOffered(Control),
    /// The person does not know the password, or the data that a form asks for.
    NotKnown,
    /// No such mail has come.
    NoMail,
    /// No page to confirm on is open.
    NothingToConfirm,
    /// The phone does not ring.
    NoCall,
    /// The call was over before it asked for anything.
    CallEnded,
    /// No code stands on the screen.
    NoCodeOnScreen,
    /// No code was heard.
    NoCodeHeard,
    /// The device is lost, or shows nothing.
    DeviceShowsNothing,
    /// The person never had such a device.
    NoSuchDevice,
    /// No device that works has a button.
    NoButton,
    /// No page came back.
    NoPage,
}
