//! YAML text in, a checked story out: who has which account, who acts, what goes wrong, and when.
//!
//! [`Story::read`] takes a file's text. What it gives has been checked, so that a world can be
//! built from it without asking again: every index is in range, every name is known, every time
//! fits. What it refuses is told with file, line, column, a caret and a help line; it never
//! panics, whatever the text. [`Story::write`] is the inverse. Nothing here opens a file.
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
//! The way from text to story, in reading order: `outline` (the shape of the YAML, and what could
//! do harm), `parse` over `raw` (its fields), `check` (what they mean); `mistake` and `error` tell
//! what is wrong; `moves` holds the phrases of timed moves; `write` goes the other way.

#![warn(clippy::wildcard_enum_match_arm)]

mod check;
mod drawn;
mod error;
mod faults;
pub mod limit;
mod mistake;
mod moment;
mod moves;
mod nearest;
mod outline;
mod parse;
mod raw;
mod scalar;
mod schema;
mod syntax;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use self::drawn::Ink;
pub use self::drawn::drawn;
pub use self::error::StoryError;
pub use self::faults::FaultField;
pub use self::faults::KnownFault;
pub use self::faults::faults;
pub use self::mistake::Mistake;
pub use self::moment::moment;
pub use self::moment::write_time;
pub use self::moves::BadPhrase;
pub use self::moves::act;
pub use self::moves::phrase;
pub use self::nearest::nearest;
pub use self::schema::schema;
use crate::email;
use crate::fault::Fault;
use crate::id::AccountId;
use crate::id::AddressId;
use crate::id::DeviceId;
use crate::id::PersonId;
use crate::number::Number;
use crate::otp::Kind;
use crate::person;
use crate::person::Act;
pub use crate::person::DeviceState;
use crate::policy::Policy;
use crate::secret::Digest;
use crate::secret::Password;
use crate::story::error::Checked;
use crate::story::error::Found;
use crate::story::outline::Outline;
use crate::support;
use crate::time::Epoch;
use crate::time::Span;
use crate::time::Time;
use crate::voice;

/// A checked story.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Its name: the file's, without folder and ending.
    pub name: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// The known flaw that its policy has, for a story that a drill must fail.
    pub weakness: Option<Weakness>,
    /// The calendar's reading when it begins.
    pub epoch: Epoch,
    /// The seed it is played with unless another is given.
    pub seed: u64,
    /// How long after the last fault an honest owner must be in, or with support.
    pub patience: Span,
    /// What the flow does.
    pub policy: Policy,
    /// The accounts; an [`AccountId`] is a place in it.
    pub accounts: Vec<Account>,
    /// The people; a [`PersonId`] is a place in it.
    pub people: Vec<Character>,
    /// The devices on file when it begins; a [`DeviceId`] is a place in it.
    pub devices: Vec<Device>,
    /// The e-mail addresses; an [`AddressId`] is a place in it.
    pub addresses: Vec<String>,
    /// How the mail provider is.
    pub mail: email::Habits,
    /// How the phone company is.
    pub phone: voice::Habits,
    /// How the support desk is.
    pub support: support::Habits,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Who does what when, whatever their habits, in order of time.
    pub moves: Vec<Move>,
}

/// A known flaw of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakness {
    /// Its id in the catalogue of flaws.
    pub id: String,
    /// The oracle that must object.
    pub found_by: String,
}

/// One account at the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its name in the story.
    pub name: String,
    /// The user name.
    pub user: AddressId,
    /// The password.
    pub password: Password,
    /// The password's text, for the one place that types it into a form.
    pub password_text: String,
    /// The 12-digit account number.
    pub number: u64,
    /// The full name.
    pub full_name: String,
    /// Its digest.
    pub full_name_digest: Digest,
    /// The addresses on file, the one for verification first.
    pub emails: Vec<AddressId>,
    /// The phone number on file.
    pub phone: Option<Number>,
}

/// One of the story's people.
#[derive(Clone, Debug, PartialEq)]
pub struct Character {
    /// The name in the story.
    pub name: String,
    /// The account this person is after.
    pub account: AccountId,
    /// Owner or stranger.
    pub role: Role,
    /// What the person knows and can reach.
    pub has: Has,
    /// The mailboxes that this person reads.
    pub reads: Vec<AddressId>,
    /// Devices of other accounts, or of this one, that this person holds besides: another entry in
    /// the same app, or somebody else's device.
    pub holds: Vec<DeviceId>,
    /// The phone numbers that ring where this person is.
    pub answers: Vec<Number>,
    /// How the person is.
    pub habits: person::Habits,
    /// When the person begins, by habit; `None` for one who acts on orders and moves alone.
    pub begins: Option<Time>,
}

/// Whether somebody may get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The subscriber.
    Owner,
    /// Anybody else.
    Stranger,
}

/// What a person knows and can reach. Mailboxes and phones stand in lists of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Has {
    /// The password of the account.
    pub password: bool,
    /// Account number, full name and phone number.
    pub personal_data: bool,
    /// Whether the agent's questions can be answered.
    pub identity: bool,
    /// The devices of the account.
    pub devices: bool,
}

/// One authenticator.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Its name in the story.
    pub name: String,
    /// On file for this account.
    pub account: AccountId,
    /// Of which kind.
    pub kind: Kind,
    /// What has become of it.
    pub state: DeviceState,
    /// How far its clock is off when the story begins, in milliseconds; positive is fast.
    pub clock_off: i64,
    /// How far its clock drifts, in parts per million; positive is fast.
    pub drift_ppm: i32,
    /// The counter that the service expects next, for a device that counts.
    pub counter: u64,
    /// How many codes it has run ahead of that: presses of its button that came to nothing.
    pub ran_ahead: u32,
}

/// Something that a person does at its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// When.
    pub at: Time,
    /// Who.
    pub who: PersonId,
    /// What.
    pub does: Act,
}

impl Story {
    /// Reads a story from the text of its file. `file` is the path as people know it: it stands in
    /// errors, and the story is named after it, without folder and ending.
    ///
    /// Accounts, people and devices come in the order in which they are written; addresses in that
    /// of their first mention, those of accounts before those that only people read.
    ///
    /// # Errors
    /// [`StoryError`] for the first mistake, whatever the text.
    pub fn read(text: &str, file: &str) -> Result<Self, Box<StoryError>> {
        read(text, file).map_err(|found| Box::new(StoryError::new(*found, text, file)))
    }

    /// The story as the text of a file: what [`Story::read`] reads back as the same story, if it
    /// came from there, or keeps to the same order and [`limit`]s. The name is the file's.
    pub fn write(&self) -> String {
        write::story(self)
    }

    /// The account in whose file this address stands.
    pub fn account_of_address(&self, address: AddressId) -> Option<AccountId> {
        let at = self.accounts.iter().position(|account| account.emails.contains(&address))?;
        u16::try_from(at).ok().map(AccountId)
    }

    /// The account in whose file this number stands when the story begins.
    pub fn account_of_number(&self, number: Number) -> Option<AccountId> {
        let at = self.accounts.iter().position(|account| account.phone == Some(number))?;
        u16::try_from(at).ok().map(AccountId)
    }

    /// Of which kind a device is: one of the story's, or one that was assigned later.
    pub fn kind_of(&self, device: DeviceId) -> Kind {
        self.devices.get(device.index()).map_or(self.policy.new_device, |device| device.kind)
    }

    /// The person with this name, whatever its capital letters.
    pub fn person(&self, name: &str) -> Option<PersonId> {
        let at = self.people.iter().position(|person| person.name.eq_ignore_ascii_case(name))?;
        u16::try_from(at).ok().map(PersonId)
    }

    /// The text of an address; of one that nobody has, one that nobody has.
    pub fn address_text(&self, address: AddressId) -> &str {
        self.addresses.get(address.index()).map_or("nobody@unknown.test", String::as_str)
    }

    /// The id of an address by its text, whatever its capital letters.
    pub fn address(&self, text: &str) -> AddressId {
        let at = self.addresses.iter().position(|address| address.eq_ignore_ascii_case(text));
        at.and_then(|at| u16::try_from(at).ok()).map_or(AddressId::UNKNOWN, AddressId)
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
