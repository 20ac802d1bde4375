//! Reads and checks story files: accounts, people, faults and timed moves, written in YAML.
//!
//! [`Story::read`] takes the text of a file and returns a checked story: every index is in range,
//! every name is known, every time fits, so the simulation needs no further checks. An invalid story
//! yields an error with file, line, column, caret and help; no input causes a panic.
//! [`Story::write`] is the inverse. This module does no I/O.
//!
//! ```
//! use lostkey::story::Story;
//!
//! let text = "
//! about: Ana has lost the phone that makes her codes.
//! accounts:
//!   ana:
//!     user: ana@example.com
//!     password: correct horse battery staple
//!     number: 1234 5678 9012
//!     phone: +34 600 000 001
//!     devices:
//!       phone-app: { state: lost }
//! faults:
//!   - { does: mail-lost, of: ana, on: 1 }
//! ";
//! let story = Story::read(text, "scenarios/lost-device.yaml")?;
//! assert_eq!(story.name, "lost-device");
//! assert_eq!(Story::read(&story.write(), "lost-device.yaml")?, story);
//!
//! let error = Story::read(&text.replace("of: ana", "of: anna"), "lost.yaml").unwrap_err();
//! assert_eq!((error.line, error.column), (12, 28));
//! assert!(error.rendered().contains("did you mean `ana`?"));
//! # Ok::<(), Box<lostkey::story::StoryError>>(())
//! ```
//!
//! Stages, in reading order: `outline` (YAML structure, resource limits), `parse` and `raw` (fields),
//! `check` (semantics). `mistake` and `error` define the errors, `moves` the phrases of timed moves,
//! and `write` the inverse direction.

#![warn(clippy::wildcard_enum_match_arm)]

mod accepts;
mod all_mistakes;
mod check;
mod contradictions;
mod drawn;
mod error;
mod faults;
mod gateway;
pub mod limit;
mod mistake;
mod moment;
mod moves;
mod nearest;
mod outline;
mod parse;
mod raw;
mod recorded;
mod rules;
mod scalar;
mod schema;
mod syntax;
mod twilio;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use self::accepts::Acceptance;
pub use self::check::date;
pub use self::contradictions::contradictions;
pub use self::drawn::{ColorChoice, drawn};
pub use self::error::StoryError;
pub use self::faults::{FaultField, KnownFault, faults};
pub use self::gateway::{FieldPath, Gateway, GatewayAnswer};
pub use self::mistake::Mistake;
pub use self::moment::{moment, write_time};
pub use self::moves::{BadPhrase, act, phrase};
pub use self::nearest::nearest;
pub use self::recorded::{
    AppAnswer, AppMail, AppReply, MailStage, OrderBody, PageVisit, PersonAct, PhoneAct, Recorded,
    RecordedInput, Recording, RestOrder, SenderAddresses,
};
#[cfg(test)]
pub(crate) use self::rules::RULES;
pub(crate) use self::schema::FaultSchema;
pub use self::schema::schema;
pub use self::twilio::{DeclaredAccount, ProviderNumber, Twilio};
use crate::base::account_set::AccountSet;
use crate::base::id::{AccountId, AddressId, DeviceId, PersonId};
use crate::base::number::Number;
use crate::base::otp::Kind;
use crate::base::secret::{Digest, Password};
use crate::base::subaddress;
use crate::base::time::{Epoch, Span, Time};
use crate::fault::Fault;
use crate::people;
use crate::people::Act;
pub use crate::people::DeviceState;
use crate::policy::Policy;
use crate::providers::{desk, mail, phone};
use crate::story::error::{Checked, Found};
use crate::story::outline::Outline;

/// A checked story.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// The name: the file name without directory and extension.
    pub name: String,
    /// A one-sentence description.
    pub about: String,
    /// The known flaw of its policy, for a story that a drill must fail.
    pub weakness: Option<Weakness>,
    /// The findings that the team has decided to live with.
    pub accepts: Vec<Acceptance>,
    /// The calendar time at which the story begins.
    pub epoch: Epoch,
    /// The default seed, used unless the caller passes another.
    pub seed: u64,
    /// How long after the last fault an honest owner may take to sign in or to reach support.
    pub patience: Span,
    /// The policy of the recovery flow.
    pub policy: Policy,
    /// The accounts, indexed by [`AccountId`].
    pub accounts: Vec<Account>,
    /// The people, indexed by [`PersonId`].
    pub people: Vec<Character>,
    /// The devices on file when the story begins, indexed by [`DeviceId`].
    pub devices: Vec<Device>,
    /// The email addresses, indexed by [`AddressId`].
    pub addresses: Vec<String>,
    /// The behaviour of the mail provider.
    pub mail: mail::Habits,
    /// The behaviour of the phone company.
    pub phone: phone::Habits,
    /// The behaviour of the support desk.
    pub support: desk::Habits,
    /// The SMS gateways that `lostkey serve` answers besides Twilio's API.
    pub gateways: Vec<Gateway>,
    /// The provider that apps outside order their calls from.
    pub twilio: Twilio,
    /// The faults.
    pub faults: Vec<Fault>,
    /// The timed moves, in order of time. They happen regardless of the people's habits.
    pub moves: Vec<Move>,
    /// What reached `lostkey serve` from outside, to be replayed.
    pub recorded: Option<Recording>,
    /// The tag with which an address is also known: `ana+TAG@example.com` is `ana@example.com`. A sandbox of
    /// `lostkey serve` sets it; in a file, a recording has it.
    pub tag: Option<String>,
}

/// A known flaw of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakness {
    /// The id in the catalogue of flaws.
    pub id: String,
    /// The oracle that must detect it.
    pub found_by: String,
}

/// One account at the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The name in the story.
    pub name: String,
    /// The user name.
    pub user: AddressId,
    /// The password.
    pub password: Password,
    /// The password in plain text, needed only to type it into the sign-in form.
    pub password_text: String,
    /// The 12-digit account number.
    pub number: u64,
    /// The full name.
    pub full_name: String,
    /// The digest of the full name.
    pub full_name_digest: Digest,
    /// The addresses on file. The first one is used for verification.
    pub emails: Vec<AddressId>,
    /// The phone number on file.
    pub phone: Option<Number>,
}

/// One person of the story.
#[derive(Clone, Debug, PartialEq)]
pub struct Character {
    /// The name in the story.
    pub name: String,
    /// The account that this person wants to sign in to.
    pub account: AccountId,
    /// Owner or stranger.
    pub role: Role,
    /// What the person knows and can reach.
    pub has: Has,
    /// The mailboxes that this person reads.
    pub reads: Vec<AddressId>,
    /// Further devices in this person's hands: devices of other accounts, or single devices of this one.
    pub holds: Vec<DeviceId>,
    /// The phone numbers that this person answers.
    pub answers: Vec<Number>,
    /// The person's habits.
    pub habits: people::Habits,
    /// When the person begins by habit; `None` for a person who acts only on instructions and moves.
    pub begins: Option<Time>,
}

/// Whether a person is entitled to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The subscriber.
    Owner,
    /// Anybody else.
    Stranger,
}

/// What a person knows and can reach, except mailboxes and phones, which [`Character`] lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Has {
    /// The password of the account.
    pub password: bool,
    /// Account number, full name and phone number.
    pub personal_data: bool,
    /// What proves the owner's identity to support, on the phone and by documents alike.
    pub identity: bool,
    /// The devices of the account.
    pub devices: bool,
    /// Whether a stranger can steal session cookies out of the owner's browser.
    pub session: bool,
}

/// One authenticator.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// The name in the story.
    pub name: String,
    /// The account that it is on file for.
    pub account: AccountId,
    /// TOTP or HOTP, with the parameters.
    pub kind: Kind,
    /// Whether it works, or why not.
    pub state: DeviceState,
    /// The clock offset when the story begins, in milliseconds; positive is fast.
    pub clock_off: i64,
    /// The clock drift in parts per million; positive is fast.
    pub drift_ppm: i32,
    /// The next counter that the service expects, for an HOTP device.
    pub counter: u64,
    /// How many codes ahead of that counter the device is, from unused button presses.
    pub ran_ahead: u32,
}

/// A timed move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The time.
    pub at: Time,
    /// The person.
    pub who: PersonId,
    /// The act.
    pub does: Act,
}

impl Story {
    /// Reads a story from the text of its file. `file` is the path to show in errors; the story takes
    /// its name from it, without directory and extension.
    ///
    /// Accounts, people and devices keep the order of the file. Addresses are ordered by first mention,
    /// those of accounts before those that only people read.
    ///
    /// # Errors
    /// [`StoryError`] for the first mistake.
    pub fn read(text: &str, file: &str) -> Result<Self, Box<StoryError>> {
        read(text, file).map_err(|found| Box::new(StoryError::new(*found, text, file)))
    }

    /// Writes the story as the text of a file. [`Story::read`] returns an equal story if the original
    /// came from it or keeps to its order and [`limit`]s. The name is not in the text.
    pub fn write(&self) -> String {
        write::story(self)
    }

    /// The accounts that have this address on file. A family may share one.
    pub fn accounts_of_address(&self, address: AddressId) -> AccountSet {
        self.accounts_where(|account| account.emails.contains(&address))
    }

    /// The accounts that have this number on file when the story begins. A household may share one.
    pub fn accounts_of_number(&self, number: Number) -> AccountSet {
        self.accounts_where(|account| account.phone == Some(number))
    }

    fn accounts_where(&self, test: impl Fn(&Account) -> bool) -> AccountSet {
        let found = self.accounts.iter().enumerate().filter(|(_, account)| test(account));
        found.map(|(at, _)| AccountId(u16::try_from(at).unwrap_or(u16::MAX))).collect()
    }

    /// The account with this 12-digit number, which no other account has.
    pub fn account_numbered(&self, number: u64) -> Option<AccountId> {
        let at = self.accounts.iter().position(|account| account.number == number)?;
        u16::try_from(at).ok().map(AccountId)
    }

    /// The kind of a device, either from the story or assigned later.
    pub fn kind_of(&self, device: DeviceId) -> Kind {
        self.devices.get(device.index()).map_or(self.policy.new_device, |device| device.kind)
    }

    /// The name of a device: the story's own, or `new device 1` and so on for those assigned later.
    pub fn device_name(&self, device: DeviceId) -> String {
        let new = device.index().saturating_sub(self.devices.len()).saturating_add(1);
        self.devices
            .get(device.index())
            .map_or_else(|| format!("new device {new}"), |device| device.name.clone())
    }

    /// The person with this name, ignoring case.
    pub fn person(&self, name: &str) -> Option<PersonId> {
        let at = self.people.iter().position(|person| person.name.eq_ignore_ascii_case(name))?;
        u16::try_from(at).ok().map(PersonId)
    }

    /// The text of an address; `nobody@unknown.test` for an unknown id.
    pub fn address_text(&self, address: AddressId) -> &str {
        let unknown = if address == AddressId::NONE { "" } else { "nobody@unknown.test" };
        self.addresses.get(address.index()).map_or(unknown, String::as_str)
    }

    /// The id of an address, with or without the story's tag and ignoring case; [`AddressId::UNKNOWN`] if
    /// the story does not have it.
    pub fn address(&self, text: &str) -> AddressId {
        let find = |text: &str| self.addresses.iter().position(|address| address.eq_ignore_ascii_case(text));
        let untagged = || find(&subaddress::without_tag(text, self.tag.as_deref()?)?);
        find(text)
            .or_else(untagged)
            .and_then(|at| u16::try_from(at).ok())
            .map_or(AddressId::UNKNOWN, AddressId)
    }
}

fn read(text: &str, file: &str) -> Checked<Story> {
    if let Some(found) = Found::too_large(text).or_else(|| Found::long_line(text)) {
        return Err(found);
    }
    let outline = Outline::of(text)?;
    let raw = parse::fields(&outline)?;
    let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    check::story(raw, name, &outline)
}
