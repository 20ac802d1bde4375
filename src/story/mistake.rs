//! All mistakes that a story can contain, each with a message, a code and a help line.
//!
//! A [`Mistake`] has no location; [`StoryError`](super::StoryError) adds it.

use miette::Diagnostic;
use thiserror::Error;

use crate::story::limit;
use crate::story::moves::BadPhrase;
use crate::story::nearest::help;

/// One mistake. The message states the problem; the help line states a fix.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant has a doc comment, and its message names the fields")]
pub enum Mistake {
    // The file.
    /// The file is larger than [`limit::FILE_MAX`].
    #[error("the file has {bytes} bytes; a story has {} at most", limit::FILE_MAX)]
    #[diagnostic(code(lostkey::story::too_large), help("is this really a story? most fit on a few pages"))]
    TooLarge { bytes: usize },

    /// A line is longer than [`limit::LINE_MAX`].
    #[error("this line has {bytes} bytes; a line has {} at most", limit::LINE_MAX)]
    #[diagnostic(
        code(lostkey::story::long_line),
        help("break it: a new line may begin after each `,` of a list or mapping")
    )]
    LongLine { bytes: usize },

    /// The file is empty or contains only comments.
    #[error("the file contains no story")]
    #[diagnostic(
        code(lostkey::story::empty),
        help("a story needs at least a sentence under `about` and one account under `accounts`")
    )]
    Empty,

    /// A second YAML document begins.
    #[error("a second document begins here; a file contains one story")]
    #[diagnostic(
        code(lostkey::story::several_documents),
        help("move what follows into another file, without the `---`")
    )]
    SeveralDocuments,

    /// The text is not valid YAML.
    #[error("{message}")]
    #[diagnostic(code(lostkey::story::not_yaml), help("{help}"))]
    NotYaml { message: String, help: String, label: &'static str },

    /// A tab is used for indentation.
    #[error("this line is indented with a tab; YAML allows only spaces")]
    #[diagnostic(code(lostkey::story::tab), help("replace each leading tab with two spaces"))]
    Tab,

    /// Mappings and lists are nested deeper than [`limit::DEPTH_MAX`].
    #[error("this is nested deeper than {} levels", limit::DEPTH_MAX)]
    #[diagnostic(
        code(lostkey::story::too_deep),
        help("no story needs more than six levels: look for an unclosed bracket")
    )]
    TooDeep,

    /// The file has more than [`limit::VALUES_MAX`] values, or its aliases expand to too many.
    #[error("the file contains more than {} values", limit::VALUES_MAX)]
    #[diagnostic(
        code(lostkey::story::too_many_values),
        help("is this really a story? most have a few hundred")
    )]
    TooManyValues,

    /// Aliases exceed their limits, as in a "billion laughs" attack.
    #[error("there are too many aliases (`*name`); a story has {} at most", limit::ALIASES_MAX)]
    #[diagnostic(code(lostkey::story::too_many_aliases), help("write the values out where they are used"))]
    TooManyAliases,

    /// A YAML feature that stories do not support.
    #[error("a story cannot contain {what}")]
    #[diagnostic(code(lostkey::story::not_for_stories), help("{help}"))]
    NotForStories { what: String, help: String },

    // Fields and values.
    /// An unknown field.
    #[error("there is no field `{field}` {place}")]
    #[diagnostic(code(lostkey::story::unknown_field), help("{}", help(near.as_deref(), "the fields are", known, "and")))]
    UnknownField { field: String, place: String, near: Option<String>, known: Vec<String> },

    /// A word that the field does not accept.
    #[error("`{word}` is not a value of `{field}`")]
    #[diagnostic(code(lostkey::story::unknown_word), help("{}", help(near.as_deref(), "it can be", known, "or")))]
    UnknownWord { word: String, field: String, near: Option<String>, known: Vec<String> },

    /// An unknown fault kind.
    #[error("there is no fault `{word}`")]
    #[diagnostic(code(lostkey::story::unknown_fault), help("{}", help(near.as_deref(), "the faults are", known, "and")))]
    UnknownFault { word: String, near: Option<String>, known: Vec<String> },

    /// An unknown rule of an oracle.
    #[error("there is no rule `{id}`")]
    #[diagnostic(code(lostkey::story::unknown_rule), help("{}", help(near.as_deref(), intro, known, "or")))]
    UnknownRule { id: String, near: Option<String>, intro: &'static str, known: Vec<String> },

    /// An acceptance of all findings of an oracle.
    #[error("`{oracle}` is an oracle; an acceptance names one of its rules")]
    #[diagnostic(
        code(lostkey::story::whole_oracle),
        help("name the rule that objects: {}", help(None, "the rules are", rules, "and"))
    )]
    WholeOracle { oracle: String, rules: Vec<String> },

    /// A required field is missing.
    #[error("{of} has no `{field}`")]
    #[diagnostic(code(lostkey::story::missing_field), help("{help}"))]
    MissingField { field: String, of: String, help: String },

    /// A mapping contains the same key twice.
    #[error("`{key}` occurs twice")]
    #[diagnostic(
        code(lostkey::story::duplicate_key),
        help("keep one of the two, and move the contents of the other under it")
    )]
    DuplicateKey { key: String },

    /// A value has the wrong YAML type, for example a list instead of a text.
    #[error("{what} must be {wants}, but is {found}")]
    #[diagnostic(code(lostkey::story::wrong_shape), help("{help}"))]
    WrongShape { what: String, wants: String, found: String, help: String },

    /// A value cannot be parsed.
    #[error("{message}")]
    #[diagnostic(code(lostkey::story::bad_value), help("{help}"))]
    BadValue { message: String, help: String },

    /// A list is too long.
    #[error("{of} has {count} {what}; the maximum is {max}")]
    #[diagnostic(
        code(lostkey::story::too_many),
        help("remove what the story does not need, or split it into two stories")
    )]
    TooMany { of: String, what: &'static str, count: usize, max: usize },

    // Names.
    /// A name that moves and feature files cannot refer to.
    #[error("`{name}` is not a valid name")]
    #[diagnostic(
        code(lostkey::story::bad_name),
        help(
            "a name is one word: a letter, then letters, digits, `-` and `_`, at most {} characters",
            limit::NAME_MAX
        )
    )]
    BadName { name: String },

    /// Two names are equal, ignoring case.
    #[error("`{name}` and `{other}` are the same name")]
    #[diagnostic(
        code(lostkey::story::same_name),
        help("names are not case-sensitive: rename one of the two")
    )]
    SameName { name: String, other: String },

    /// An unknown account name.
    #[error("there is no account `{name}`")]
    #[diagnostic(code(lostkey::story::unknown_account), help("{}", help(near.as_deref(), "the story has", known, "and")))]
    UnknownAccount { name: String, near: Option<String>, known: Vec<String> },

    /// An unknown person name.
    #[error("there is no person `{name}`")]
    #[diagnostic(code(lostkey::story::unknown_person), help("{}", help(near.as_deref(), "the story has", known, "and")))]
    UnknownPerson { name: String, near: Option<String>, known: Vec<String> },

    /// An unknown device name.
    #[error("there is no device `{name}`")]
    #[diagnostic(code(lostkey::story::unknown_device), help("{}", help(near.as_deref(), "the story has", known, "and")))]
    UnknownDevice { name: String, near: Option<String>, known: Vec<String> },

    // Accounts.
    /// Two accounts share a user name.
    #[error("`{user}` is the user name of two accounts, `{first}` and `{second}`")]
    #[diagnostic(
        code(lostkey::story::same_user),
        help("a user name belongs to one account; user names are not case-sensitive")
    )]
    SameUser { user: String, first: String, second: String },

    /// Two accounts share an account number.
    #[error("accounts `{first}` and `{second}` have the same number")]
    #[diagnostic(
        code(lostkey::story::same_account_number),
        help("support identifies an account by its number: change a digit")
    )]
    SameAccountNumber { first: String, second: String },

    /// A list contains the same address twice.
    #[error("`{address}` occurs twice in this list")]
    #[diagnostic(
        code(lostkey::story::same_address),
        help("remove one of the two; addresses are not case-sensitive")
    )]
    SameAddress { address: String },

    /// An account number that is not 12 digits.
    #[error("`{text}` is not an account number: {why}")]
    #[diagnostic(
        code(lostkey::story::bad_account_number),
        help("an account number has 12 digits; spaces and dashes are ignored: `1234 5678 9012`")
    )]
    BadAccountNumber { text: String, why: String },

    /// An invalid email address.
    #[error("`{text}` is not an email address: {why}")]
    #[diagnostic(code(lostkey::story::bad_address), help("write it like `ana@example.com`"))]
    BadAddress { text: String, why: &'static str },

    /// A value that cannot be read as a phone number, not even as one without a country code.
    #[error("{why}")]
    #[diagnostic(
        code(lostkey::story::bad_phone),
        help(
            "write it in E.164, `+34 600 000 001`; spaces and dashes are ignored. A number without a country code is allowed: the phone company refuses it"
        )
    )]
    BadPhone { why: String },

    /// A clock is set both ahead and behind.
    #[error("a clock cannot be both ahead and behind")]
    #[diagnostic(
        code(lostkey::story::ahead_and_behind),
        help("keep `ahead` for a fast clock, `behind` for a slow one")
    )]
    AheadAndBehind,

    // People.
    /// A person has both `owns` and `wants`.
    #[error("`{name}` both owns and wants an account")]
    #[diagnostic(
        code(lostkey::story::owns_and_wants),
        help("`owns` is for the owner, `wants` for a stranger: keep one")
    )]
    OwnsAndWants { name: String },

    /// A person has neither `owns` nor `wants`.
    #[error("`{name}` neither owns nor wants an account")]
    #[diagnostic(
        code(lostkey::story::no_aim),
        help("name the account: `owns: {account}` for its owner, `wants: {account}` for a stranger")
    )]
    NoAim { name: String, account: String },

    /// An owner specifies the field `has`, which is for strangers.
    #[error("`{name}` is an owner and has everything that belongs to the account")]
    #[diagnostic(code(lostkey::story::owner_has), help("list what is missing instead: `lacks: [devices]`"))]
    OwnerHas { name: String },

    /// A stranger specifies the field `lacks`, which is for owners.
    #[error("`{name}` is a stranger and has nothing that belongs to the account")]
    #[diagnostic(
        code(lostkey::story::stranger_lacks),
        help("list what the stranger has instead: `has: [password]`")
    )]
    StrangerLacks { name: String },

    /// A mailbox or phone is specified by two fields.
    #[error("`{thing}` is listed here, but `{field}` already sets it")]
    #[diagnostic(code(lostkey::story::said_twice), help("keep only one of them; `{field}` is more exact"))]
    SaidTwice { thing: &'static str, field: &'static str },

    /// A person has the phone of an account that has no phone number.
    #[error("account `{account}` has no phone number on file for `{name}` to answer")]
    #[diagnostic(
        code(lostkey::story::no_phone_to_have),
        help("give account `{account}` a `phone`, or list the numbers: `answers: [+34 600 000 001]`")
    )]
    NoPhoneToHave { account: String, name: String },

    // Time.
    /// An invalid calendar date and time.
    #[error("`{text}` is not a date and time: {why}")]
    #[diagnostic(
        code(lostkey::story::bad_clock),
        help("write an RFC 3339 date and time in UTC, with at most milliseconds: `2026-03-02T09:00:00Z`")
    )]
    BadClock { text: String, why: String },

    /// An invalid time of a move.
    #[error("`{text}` is not a time in a story: {why}")]
    #[diagnostic(
        code(lostkey::story::bad_time),
        help(
            "write the hours, minutes and seconds since the story began, `00:10:00`, and days in front if there are any: `1d 00:00:05`"
        )
    )]
    BadTime { text: String, why: &'static str },

    // Faults.
    /// A fault that can never strike.
    #[error("{fault} can never strike: {why}")]
    #[diagnostic(code(lostkey::story::never_strikes), help("{help}"))]
    NeverStrikes { fault: String, why: String, help: String },

    // Moves.
    /// A move that lacks its time, its person or its act.
    #[error("a move consists of a time, a person and an action; this one lacks {lacks}")]
    #[diagnostic(
        code(lostkey::story::half_a_move),
        help("write for example `00:10:00 {who} signs in with the password`")
    )]
    HalfAMove { lacks: &'static str, who: String },

    /// A move that is earlier than one above it, or later than one below it.
    #[error("this move is not in order of time")]
    #[diagnostic(
        code(lostkey::story::out_of_order),
        help("moves are listed in the order in which they happen: put it where the other mark is")
    )]
    OutOfOrder,

    /// A change of a device that its person or its kind makes impossible.
    #[error("{why}, so this move does nothing")]
    #[diagnostic(code(lostkey::story::change_does_nothing), help("{help}"))]
    ChangeDoesNothing { why: String, help: String },

    /// A phrase that matches no act.
    #[error("{0}")]
    #[diagnostic(code(lostkey::story::unknown_move), help("{}", phrase_help(_0)))]
    UnknownMove(BadPhrase),
}

impl Mistake {
    /// The text under the caret.
    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } | Self::LongLine { .. } => "the limit is here",
            Self::Empty | Self::MissingField { .. } => "here",
            Self::SeveralDocuments => "the first story ends above",
            Self::NotYaml { label, .. } => label,
            Self::Tab => "a tab",
            Self::TooDeep => "one level too deep",
            Self::TooManyValues | Self::TooMany { .. } => "one too many",
            Self::TooManyAliases => "one alias too many",
            Self::NotForStories { .. } => "not in a story",
            Self::UnknownField { .. } => "no such field",
            Self::UnknownWord { .. } => "no such value",
            Self::UnknownFault { .. } => "no such fault",
            Self::UnknownRule { .. } => "no such rule",
            Self::WholeOracle { .. } => "an oracle",
            Self::DuplicateKey { .. } | Self::SameName { .. } | Self::SameAddress { .. } => "repeated here",
            Self::SameUser { .. } | Self::SameAccountNumber { .. } => "the same value",
            Self::WrongShape { .. } | Self::BadValue { .. } => "not valid",
            Self::NoAim { .. } => "owner or stranger?",
            Self::BadName { .. } => "not a name",
            Self::UnknownAccount { .. } => "no such account",
            Self::UnknownPerson { .. } => "no such person",
            Self::UnknownDevice { .. } => "no such device",
            Self::BadAccountNumber { .. } => "not 12 digits",
            Self::BadAddress { .. } => "not an address",
            Self::BadPhone { .. } => "not a phone number",
            Self::AheadAndBehind => "both at once",
            Self::OwnsAndWants { .. } => "both are set",
            Self::OwnerHas { .. } | Self::StrangerLacks { .. } => "not for this person",
            Self::SaidTwice { .. } => "set twice",
            Self::NoPhoneToHave { .. } => "no phone on file",
            Self::BadClock { .. } => "not a date and time",
            Self::BadTime { .. } => "not a time",
            Self::NeverStrikes { .. } => "never strikes",
            Self::HalfAMove { .. } => "incomplete move",
            Self::OutOfOrder => "out of order",
            Self::ChangeDoesNothing { .. } => "does nothing",
            Self::UnknownMove(_) => "no such move",
        }
    }
}

/// Suggests phrases for one that was not understood.
fn phrase_help(bad: &BadPhrase) -> String {
    match bad {
        BadPhrase::Unknown { near, verb: Some(verb), known, .. } => {
            help(near.as_deref(), &format!("after `{verb}` comes"), known, "or")
        }
        BadPhrase::Unknown { near, verb: None, known, .. } => help(near.as_deref(), "a person", known, "or"),
        BadPhrase::Number(_) => "write it in E.164: `+34 600 000 001`".to_owned(),
        BadPhrase::Backup(_) => {
            "write when the backup was made, in time since the story began: `restores phone-app from the backup of 00:10:00`".to_owned()
        }
        BadPhrase::Count { .. } => {
            "count from 1: `opens link 2`, `takes device 2 in hand`, `presses the button 3 times`; devices count in the order of the story, followed by those assigned later".to_owned()
        }
    }
}
