//! A story as it is written: the fields of the YAML, each with its place, before any check.
//!
//! Nearly all fields are optional here, even those that a story must have: a missing one is told
//! better by who knows whose it is.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;
use serde_yaml::Spanned;

use crate::email;
use crate::fault::FaultKind;
use crate::fault::Which;
use crate::otp::Hash;
use crate::otp::Standard;
use crate::person;
use crate::policy::Policy;
use crate::story::DeviceState;
use crate::support;
use crate::time::Span;
use crate::voice;

/// A text and its place.
pub(super) type Text = Spanned<String>;

/// The outermost mapping.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawStory {
    pub(super) about: Option<Text>,
    pub(super) clock: Option<Text>,
    pub(super) seed: Option<u64>,
    pub(super) patience: Option<Span>,
    pub(super) accounts: Option<Named<RawAccount>>,
    pub(super) people: Option<Named<RawPerson>>,
    pub(super) mail: Option<email::Habits>,
    pub(super) phone: Option<voice::Habits>,
    pub(super) support: Option<support::Habits>,
    pub(super) policy: Option<Policy>,
    pub(super) faults: Option<Vec<Spanned<RawFault>>>,
    pub(super) moves: Option<Vec<Text>>,
}

/// What stands under the name of an account.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawAccount {
    pub(super) user: Option<Text>,
    pub(super) password: Option<Text>,
    pub(super) number: Option<Text>,
    pub(super) full_name: Option<Text>,
    pub(super) emails: Option<Vec<Text>>,
    pub(super) phone: Option<Text>,
    pub(super) devices: Option<Named<RawDevice>>,
}

/// What stands under the name of a device.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawDevice {
    pub(super) kind: Option<Spanned<Standard>>,
    pub(super) hash: Option<Spanned<Hash>>,
    pub(super) digits: Option<Spanned<u8>>,
    pub(super) step: Option<Spanned<Span>>,
    pub(super) state: Option<DeviceState>,
    pub(super) ahead: Option<Spanned<Span>>,
    pub(super) behind: Option<Spanned<Span>>,
    pub(super) drift_ppm: Option<Spanned<i32>>,
    pub(super) counter: Option<Spanned<u64>>,
    pub(super) ran_ahead: Option<Spanned<u32>>,
}

/// What stands under the name of a person.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawPerson {
    pub(super) owns: Option<Text>,
    pub(super) wants: Option<Text>,
    pub(super) has: Option<Spanned<Vec<Spanned<Thing>>>>,
    pub(super) lacks: Option<Spanned<Vec<Spanned<Thing>>>>,
    pub(super) holds: Option<Vec<Text>>,
    pub(super) reads: Option<Vec<Text>>,
    pub(super) answers: Option<Vec<Text>>,
    pub(super) habits: Option<Spanned<person::Habits>>,
    pub(super) begins: Option<Text>,
}

/// What a person can have of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Thing {
    Password,
    Mailbox,
    Phone,
    PersonalData,
    Identity,
    Devices,
}

impl Thing {
    /// As it is written.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Mailbox => "mailbox",
            Self::Phone => "phone",
            Self::PersonalData => "personal-data",
            Self::Identity => "identity",
            Self::Devices => "devices",
        }
    }
}

/// One item of `faults`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawFault {
    pub(super) does: Option<Spanned<Does>>,
    pub(super) of: Option<Text>,
    pub(super) on: Option<Which>,
}

/// What a fault does: a word, or a mapping of one word to what it needs besides.
#[derive(Debug)]
pub(super) enum Does {
    /// A word, which may be no fault, or one that needs more; who checks it knows its place.
    Word(String),
    /// A fault with what it needs.
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

/// Things under names that the story gives them, in the order in which they are written. What
/// stands under a name may be empty.
#[derive(Debug)]
pub(super) struct Named<T>(pub(super) Vec<(Text, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
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
