//! The words that phrases consist of, each with its meaning.

use crate::event::{Control, DeviceChange, WebhookKind};
use crate::people::{
    BrowserChoice, CodeChoice, ForgedWords, FoundLink, Keys, PairChoice, PasswordChoice, SpokenChoice,
    UserChoice,
};

/// Defines the words of one part of a phrase: the list of choices, and the text of each.
macro_rules! words {
    ($all:ident, $word:ident, $type:ident { $($variant:ident = $text:literal,)* }) => {
        pub(super) const $all: &[$type] = &[$($type::$variant,)*];

        pub(super) const fn $word(choice: $type) -> &'static str {
            match choice { $($type::$variant => $text,)* }
        }
    };
}

words!(PASSWORDS, password, PasswordChoice {
    Right = "the password",
    Wrong = "a wrong password",
});

words!(CODES, code, CodeChoice {
    Shown = "a code",
    Next = "the next code",
    Same = "the same code again",
    BeforeLast = "the code before the last one",
    Old = "a code of the old device",
    WrongEntry = "a code of the wrong entry",
    Wrong = "a wrong code",
    Missing = "no code at all",
});

words!(PAIRS, pair, PairChoice {
    Consecutive = "two consecutive codes",
    Reversed = "two consecutive codes in reverse",
    SameTwice = "the same code twice",
    Apart = "two codes that are not consecutive",
    Again = "the last two codes again",
    Wrong = "two wrong codes",
});

words!(SPOKEN, spoken, SpokenChoice {
    Heard = "the spoken code",
    OnThePage = "the code that the page gives away",
    Wrong = "a wrong spoken code",
});

words!(KEYS, keys, Keys {
    Code = "the code",
    Wrong = "a wrong code",
    Short = "the code without its last digit",
    Hash = "the hash key",
    Starred = "a star and the code",
    OldCode = "the old code",
});

words!(BROWSERS, browser, BrowserChoice {
    Same = "",
    Other = " in another browser",
    Tab = " in another tab",
});

words!(PLACES, place, BrowserChoice {
    Same = "the first browser",
    Other = "another browser",
    Tab = "another tab",
});

words!(USERS, user, UserChoice {
    Own = "",
    Nobody = "an unknown user name and ",
    Other = "somebody else's user name and ",
});

words!(FORGED, forged, ForgedWords {
    Completed = "that the call was completed",
    RightDigits = "the digits on the screen",
});

words!(FOUND, found, FoundLink {
    OnPage = "that stands in the page's source",
    WorkedOut = "that follows from the time",
});

words!(HOOKS, hook, WebhookKind {
    Fetch = "request for a document",
    Action = "digits",
    Status = "status",
});

/// Fixed parts of phrases with parameters.
pub(super) const fn changes_password(choice: PasswordChoice) -> &'static str {
    match choice {
        PasswordChoice::Right => "changes the password",
        PasswordChoice::Wrong => "changes the password giving a wrong current one",
    }
}

pub(super) const SIGNS_OUT_EVERYWHERE: &str = "signs out everywhere";
pub(super) const REACTS: &str = "reacts to the notice";
pub(super) const OPENS_LINK: &str = "opens link ";
pub(super) const TAKES: &str = "takes device ";
pub(super) const IN_HAND: &str = " in hand";
pub(super) const PRESSES: &str = "presses the button ";
pub(super) const TIMES: &str = " times";
pub(super) const DEACTIVATES: &str = "deactivates device ";
pub(super) const CHANGES_PHONE: &str = "changes the phone number to ";
pub(super) const POSTS_PHONE: &str = "posts the new phone number ";
pub(super) const GIVING_PHONE: &str = " giving phone ";

pub(super) const KEEPS_OPEN: &str = "keeps the page open for ";
pub(super) const MINUTES: &str = " minutes";

/// Changes of devices, with the words before and after the number of the device.
pub(super) const CHANGES: [(DeviceChange, &str, &str); 4] = [
    (DeviceChange::Lost, "loses device ", ""),
    (DeviceChange::Found, "finds device ", " again"),
    (DeviceChange::ClockSet, "sets the clock of device ", " right"),
    (DeviceChange::BatteryReplaced, "replaces the battery of device ", ""),
];
pub(super) const RESTORES: &str = "restores device ";
pub(super) const BACKUP_OF: &str = " from the backup of ";

/// Controls that can be posted although no page offers them.
pub(super) const UNOFFERED: [Control; 3] = [Control::CallMe, Control::FinishSignIn, Control::BeginAssign];

/// Controls that another site can post on behalf of a signed-in person (CSRF).
pub(super) const ELSEWHERE: [Control; 6] = [
    Control::Deactivate,
    Control::BeginAssign,
    Control::SignOut,
    Control::SendEmail,
    Control::ResendEmail,
    Control::CallMe,
];

/// Alternative phrasings of the same act.
pub(super) const ALSO: &[(&str, &str)] = &[
    ("signs in", "signs in with the password"),
    ("opens the link", "opens the newest link"),
    ("opens the link in another browser", "opens the newest link in another browser"),
    ("assigns a new device", "assigns a device"),
    // The spelling of an earlier version.
    (
        "asks support because \"I have no access to the e-mail address\"",
        "asks support because \"I have no access to the email address\"",
    ),
];
