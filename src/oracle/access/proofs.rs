//! The proofs of one sign-in attempt, in words: which count, what would have been enough, and why the others
//! do not count.

use crate::base::id::{AccountId, CallId, DeviceId, LinkId, PersonId};
use crate::base::time::Time;
use crate::oracle::Reading;

/// The proofs given in one sign-in attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Proofs {
    pub(super) password: Option<AccountId>,
    pub(super) code: bool,
    pub(super) email: bool,
    pub(super) phone: bool,
    /// The account of a sign-in with sufficient proofs.
    pub(super) in_rightly: Option<AccountId>,
    /// Who signed in so, and when.
    pub(super) signed_in: Option<(PersonId, Time)>,
    /// For each [`Factor`], the last thing that the service accepted although it proves nothing.
    uncounted: [Option<Uncounted>; 4],
}

/// What the service accepted although it proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uncounted {
    /// A password that is not this account's.
    WrongPassword,
    /// No code, or a guess.
    NoCode,
    GuessedCode,
    /// A code of a device that is not on file for this account.
    CodeOfNoDevice(DeviceId),
    /// A code outside the window of its device.
    CodeOutsideWindow(DeviceId),
    /// Nobody confirmed the link: it was only fetched.
    LinkFetched(LinkId),
    /// The link was confirmed by somebody who had not read its email.
    LinkUnread(LinkId),
    /// The link was sent for another sign-in.
    LinkOfAnother(LinkId),
    /// Nobody keyed in the code.
    NotKeyedIn,
    /// The keys were a guess.
    GuessedKeys(CallId),
    /// The call went to a number that is not on file.
    CallElsewhere(CallId),
    /// The code was shown for another sign-in.
    PhoneCodeOfAnother,
}

/// What a sign-in takes besides the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// An MFA code, or both alternative factors.
    Code,
    /// One alternative factor: MFA was removed (N6).
    OneAlternative,
    /// Nothing: MFA was never on.
    PasswordAlone,
}

/// The factors of a sign-in, in the order of telling.
#[derive(Clone, Copy, Debug)]
pub(super) enum Factor {
    Password,
    Code,
    Email,
    Phone,
}

impl Uncounted {
    const fn factor(self) -> Factor {
        match self {
            Self::WrongPassword => Factor::Password,
            Self::NoCode | Self::GuessedCode | Self::CodeOfNoDevice(_) | Self::CodeOutsideWindow(_) => {
                Factor::Code
            }
            Self::LinkFetched(_) | Self::LinkUnread(_) | Self::LinkOfAnother(_) => Factor::Email,
            Self::NotKeyedIn | Self::GuessedKeys(_) | Self::CallElsewhere(_) | Self::PhoneCodeOfAnother => {
                Factor::Phone
            }
        }
    }

    fn told(self, reading: &Reading<'_>) -> String {
        match self {
            Self::WrongPassword => "the password does not count: it was not the right one".to_owned(),
            Self::NoCode => "the MFA code does not count: none was typed".to_owned(),
            Self::GuessedCode => "the MFA code does not count: it was a guess".to_owned(),
            Self::CodeOfNoDevice(device) => format!(
                "the MFA code does not count: {} is not on file for this account",
                reading.device(device)
            ),
            Self::CodeOutsideWindow(device) => format!(
                "the MFA code does not count: it is outside the window that the norm allows for {}",
                reading.device(device)
            ),
            Self::LinkFetched(link) => {
                format!(
                    "the email address does not count: a mere GET of {link} proves nothing, as scanners fetch links, too"
                )
            }
            Self::LinkUnread(link) => {
                format!(
                    "the email address does not count: whoever confirmed {link} had not read it in an email"
                )
            }
            Self::LinkOfAnother(link) => {
                format!("the email address does not count: {link} was sent for another sign-in")
            }
            Self::NotKeyedIn => {
                "the phone number does not count: nobody keyed in the code in a call".to_owned()
            }
            Self::GuessedKeys(call) => {
                format!("the phone number does not count: the keys pressed in {call} were a guess")
            }
            Self::CallElsewhere(call) => {
                format!("the phone number does not count: {call} went to a number that is not on file")
            }
            Self::PhoneCodeOfAnother => {
                "the phone number does not count: the code was shown for another sign-in".to_owned()
            }
        }
    }
}

impl Proofs {
    /// Whether the proofs of a recovery are complete. A recovery that ends with a new sign-in removes the
    /// lost devices before anybody is signed in.
    pub(super) fn recovered(self, account: AccountId) -> bool {
        self.password == Some(account) && self.email && self.phone
    }

    pub(super) const fn does_not_count(&mut self, what: Uncounted) {
        self.uncounted[what.factor() as usize] = Some(what);
    }

    /// The proofs that count.
    pub(super) fn told(self, password: bool) -> String {
        let proven = [
            (password, "the password"),
            (self.code, "an MFA code"),
            (self.email, "the email address"),
            (self.phone, "the phone number"),
        ];
        let told: Vec<&str> =
            proven.into_iter().filter(|(proven, _)| *proven).map(|(_, what)| what).collect();
        if told.is_empty() { "nothing".to_owned() } else { told.join(" and ") }
    }

    /// What would have been enough in addition, and why other proofs do not count.
    pub(super) fn notes(self, reading: &Reading<'_>, password: bool, takes: Takes) -> Vec<String> {
        let (other, is_there) = match (takes, self.email, self.phone) {
            (Takes::PasswordAlone, ..) => ("", true),
            (Takes::OneAlternative, email, phone) => {
                ("the email address or the phone number", email || phone)
            }
            (Takes::Code, true, true) => ("", true),
            (Takes::Code, true, false) => ("an MFA code or the phone number", self.code),
            (Takes::Code, false, true) => ("an MFA code or the email address", self.code),
            (Takes::Code, ..) => ("an MFA code, or the email address with the phone number,", self.code),
        };
        let missing = match (password, is_there) {
            (true, _) => other.to_owned(),
            (false, true) => "the password".to_owned(),
            (false, false) => format!("the password with {other}"),
        };
        let enough = format!("{missing} would have been enough in addition");
        let proven = [password, self.code, self.email, self.phone];
        let uncounted = self.uncounted.into_iter().zip(proven).filter(|(_, proven)| !proven);
        let uncounted = uncounted.filter_map(|(what, _)| Some(what?.told(reading)));
        std::iter::once(enough).chain(uncounted).collect()
    }
}
