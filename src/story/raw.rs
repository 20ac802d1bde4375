//! The fields of a story file before any check, each with its location.
//!
//! Nearly all fields are optional here, even required ones: `check` knows the context and gives a
//! better error for a missing field than serde.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_yaml::Spanned;

use crate::base::otp::{Hash, Standard};
use crate::base::time::Span;
use crate::fault::{FaultKind, Which};
use crate::people;
use crate::policy::Policy;
use crate::providers::{desk, mail, phone};
use crate::story::DeviceState;

mod accepts;
mod provider;
mod recorded;

pub(super) use self::accepts::RawAcceptance;
pub(super) use self::provider::{RawAnswer, RawGateway, RawNumber, RawTwilio};
pub(super) use self::recorded::{
    RawInput, RawLine, RawLoss, RawMailStage, RawPhoneAct, RawPhoneState, RawRecording, RawScript, RawStep,
    RawWebhooks,
};

/// A single value of any kind, which is read as a text: `1234 5678 9012` and `123456789012`.
struct Written;

impl JsonSchema for Written {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Written".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

/// A text and its place.
pub(super) type Text = Spanned<String>;

/// The outermost mapping.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Story")]
pub(super) struct RawStory {
    /// A sentence that describes the story.
    #[schemars(with = "Written", required)]
    pub(super) about: Option<Text>,
    /// The known weakness of its policy, for a story that a drill must fail.
    pub(super) weakness: Option<RawWeakness>,
    /// Findings that the team has decided to live with, each with a reason and a last day.
    #[schemars(with = "Option<Vec<RawAcceptance>>")]
    pub(super) accepts: Option<Vec<Spanned<RawAcceptance>>>,
    /// Date and time at which the story begins: RFC 3339, UTC.
    #[schemars(with = "Option<Written>")]
    pub(super) clock: Option<Text>,
    /// The seed, unless another is given on the command line.
    pub(super) seed: Option<u64>,
    /// Time after the last fault within which an honest owner must be signed in, or with support.
    pub(super) patience: Option<Span>,
    /// The accounts at the service, by name.
    #[schemars(with = "Named<RawAccount>", required)]
    pub(super) accounts: Option<Named<RawAccount>>,
    /// The people, by name. Default: the owner of each account.
    pub(super) people: Option<Named<RawPerson>>,
    /// The behavior of the mail provider.
    pub(super) mail: Option<mail::Habits>,
    /// The behavior of the phone company.
    pub(super) phone: Option<phone::Habits>,
    /// The behavior of the support desk.
    pub(super) support: Option<desk::Habits>,
    /// The SMS gateways that `lostkey serve` answers besides Twilio's API.
    #[schemars(with = "Option<Vec<RawGateway>>")]
    pub(super) gateways: Option<Vec<Spanned<RawGateway>>>,
    /// The voice and SMS provider of apps outside, for `lostkey serve`.
    pub(super) twilio: Option<RawTwilio>,
    /// The policy of the recovery flow, where it differs from the norm.
    pub(super) policy: Option<Policy>,
    /// The faults.
    #[schemars(with = "Option<Vec<RawFault>>")]
    pub(super) faults: Option<Vec<Spanned<RawFault>>>,
    /// Timed moves, each with time, person and action: `00:10:00 ana signs in with the password`.
    #[schemars(with = "Option<Vec<Written>>")]
    pub(super) moves: Option<Vec<Text>>,
    /// What reached `lostkey serve` from outside, as `POST /save` writes it.
    pub(super) recorded: Option<RawRecording>,
}

/// A known weakness, and the oracle that must find it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Weakness")]
pub(super) struct RawWeakness {
    /// Its id in the catalogue of weaknesses, for example L01.
    #[schemars(with = "Written")]
    pub(super) id: Text,
    /// The oracle that must object.
    #[schemars(with = "Written")]
    pub(super) found_by: Text,
}

/// An account.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Account")]
pub(super) struct RawAccount {
    /// The user name, an email address.
    #[schemars(with = "Written", required)]
    pub(super) user: Option<Text>,
    /// The password.
    #[schemars(with = "Written", required)]
    pub(super) password: Option<Text>,
    /// The 12-digit account number.
    #[schemars(with = "Written", required)]
    pub(super) number: Option<Text>,
    /// The full name. Default: the name of the account.
    #[schemars(with = "Option<Written>")]
    pub(super) full_name: Option<Text>,
    /// The email addresses on file, the one for verification first. Default: the user name.
    #[schemars(with = "Option<Vec<Written>>")]
    pub(super) emails: Option<Vec<Text>>,
    /// The phone number on file, in E.164.
    #[schemars(with = "Option<Written>")]
    pub(super) phone: Option<Text>,
    /// The authenticators on file, by name.
    pub(super) devices: Option<Named<RawDevice>>,
}

/// A device.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Device")]
pub(super) struct RawDevice {
    /// The standard that it follows.
    #[schemars(with = "Option<Standard>")]
    pub(super) kind: Option<Spanned<Standard>>,
    /// The hash function.
    #[schemars(with = "Option<Hash>")]
    pub(super) hash: Option<Spanned<Hash>>,
    /// The number of digits of a code.
    #[schemars(with = "Option<u8>")]
    pub(super) digits: Option<Spanned<u8>>,
    /// The length of a time step.
    #[schemars(with = "Option<Span>")]
    pub(super) step: Option<Spanned<Span>>,
    /// Its condition.
    pub(super) state: Option<DeviceState>,
    /// How far its clock is ahead when the story begins.
    #[schemars(with = "Option<Span>")]
    pub(super) ahead: Option<Spanned<Span>>,
    /// How far its clock is behind when the story begins.
    #[schemars(with = "Option<Span>")]
    pub(super) behind: Option<Spanned<Span>>,
    /// How far its clock drifts, in parts per million; positive is fast.
    #[schemars(with = "Option<i32>")]
    pub(super) drift_ppm: Option<Spanned<i32>>,
    /// The next counter that the service expects, for an HOTP device.
    #[schemars(with = "Option<u64>")]
    pub(super) counter: Option<Spanned<u64>>,
    /// How many codes the device is ahead of that counter.
    #[schemars(with = "Option<u32>")]
    pub(super) ran_ahead: Option<Spanned<u32>>,
}

/// A person.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Person")]
pub(super) struct RawPerson {
    /// The account that this person owns.
    #[schemars(with = "Option<Written>")]
    pub(super) owns: Option<Text>,
    /// The account that this stranger wants to get into.
    #[schemars(with = "Option<Written>")]
    pub(super) wants: Option<Text>,
    /// What a stranger has that belongs to the account.
    #[schemars(with = "Option<Vec<Thing>>")]
    pub(super) has: Option<Spanned<Vec<Spanned<Thing>>>>,
    /// What an owner lacks.
    #[schemars(with = "Option<Vec<Thing>>")]
    pub(super) lacks: Option<Spanned<Vec<Spanned<Thing>>>>,
    /// Other devices that the person holds.
    #[schemars(with = "Option<Vec<Written>>")]
    pub(super) holds: Option<Vec<Text>>,
    /// The mailboxes that the person reads.
    #[schemars(with = "Option<Vec<Written>>")]
    pub(super) reads: Option<Vec<Text>>,
    /// The phone numbers that ring where the person is.
    #[schemars(with = "Option<Vec<Written>>")]
    pub(super) answers: Option<Vec<Text>>,
    /// The habits of the person.
    #[schemars(with = "Option<people::Habits>")]
    pub(super) habits: Option<Spanned<people::Habits>>,
    /// When the person begins to act by habit: a length of time, or `never`.
    #[schemars(with = "Option<Written>")]
    pub(super) begins: Option<Text>,
}

/// Something that belongs to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Thing {
    /// The password.
    Password,
    /// The mailboxes of the account.
    Mailbox,
    /// The phone of the account.
    Phone,
    /// Account number, full name and phone number.
    PersonalData,
    /// What proves the owner's identity to support, on the phone and by documents alike.
    Identity,
    /// The devices of the account.
    Devices,
    /// The session cookie of the owner's browser, copied when the stranger makes that move.
    Session,
}

impl Thing {
    /// The word in the story file.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Mailbox => "mailbox",
            Self::Phone => "phone",
            Self::PersonalData => "personal-data",
            Self::Identity => "identity",
            Self::Devices => "devices",
            Self::Session => "session",
        }
    }
}

/// One item of `faults`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Fault")]
pub(super) struct RawFault {
    /// The fault; `lostkey faults` lists all kinds.
    #[schemars(with = "FaultKind", required)]
    pub(super) does: Option<Spanned<Does>>,
    /// The account whose emails, calls and tickets it affects. Default: all accounts.
    #[schemars(with = "Option<Written>")]
    pub(super) of: Option<Text>,
    /// The addresses whose emails it affects, for faults of emails: `zoe@app.test`, `*@app.test`. Default: all,
    /// also those of nobody in the story.
    #[schemars(with = "Option<Written>")]
    pub(super) to: Option<Text>,
    /// The occurrences at which it strikes. Default: all.
    pub(super) on: Option<Which>,
}

/// The value of `does`: the name of a fault, or a mapping of that name to the fault's fields.
#[derive(Debug)]
pub(super) enum Does {
    /// A word. `check` reports an unknown fault or a missing field, because it knows the location.
    Word(String),
    /// A fault with its fields.
    With(FaultKind),
}

impl<'de> Deserialize<'de> for Does {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DoesVisitor;

        impl<'de> Visitor<'de> for DoesVisitor {
            type Value = Does;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a fault")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Does, E> {
                Ok(Does::Word(word.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Does, A::Error> {
                FaultKind::deserialize(MapAccessDeserializer::new(map)).map(Does::With)
            }
        }

        deserializer.deserialize_any(DoesVisitor)
    }
}

/// Items by the names that the story gives them, in file order. An item may be empty.
#[derive(Debug)]
pub(super) struct Named<T>(pub(super) Vec<(Text, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<Option<T>>() })
    }
}

impl<'de, T: Default + Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamedVisitor<T>(PhantomData<T>);

        impl<'de, T: Default + Deserialize<'de>> Visitor<'de> for NamedVisitor<T> {
            type Value = Named<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some((name, value)) = map.next_entry::<Text, Option<T>>()? {
                    entries.push((name, value.unwrap_or_default()));
                }
                Ok(Named(entries))
            }
        }

        deserializer.deserialize_map(NamedVisitor(PhantomData))
    }
}
