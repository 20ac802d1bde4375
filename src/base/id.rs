//! Ids of accounts, people, browsers, sessions, messages, calls, tickets and so on.
//!
//! An id is an ordinal, assigned in order of creation, so that a story gets the same ids on both stages.
//! Display names are stored in the story and looked up for reports.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($int:ty), $word:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub $int);

        impl $name {
            /// The index in a list with one entry per ordinal.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            /// The word and the ordinal, counted from one.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($word, " {}"), u64::from(self.0) + 1)
            }
        }
    )*};
}

ids! {
    /// A subscriber's account at the service.
    AccountId(u16), "account";
    /// A person: an owner, a stranger, an agent.
    PersonId(u16), "person";
    /// An authenticator.
    DeviceId(u16), "device";
    /// An email address in the story.
    AddressId(u16), "address";
    /// A browser with its own cookie jar.
    BrowserId(u16), "browser";
    /// A session at the service, identified by its cookie.
    SessionId(u32), "session";
    /// A verification link.
    LinkId(u32), "link";
    /// A phone code: shown on the page and keyed in on the phone.
    CodeId(u32), "code";
    /// One message that the mail provider has taken.
    MailId(u32), "email";
    /// One entry in the service's outbox.
    OutboxId(u32), "outbox entry";
    /// A phone call accepted by the phone company.
    CallId(u32), "call";
    /// A ticket at the support desk.
    TicketId(u32), "ticket";
    /// A text message that the messaging provider has accepted, or that a handset has sent to it.
    TextId(u32), "text";
    /// A verification of the verification provider.
    VerificationId(u32), "verification";
    /// A crossing: a message from one machine to another.
    CrossingId(u32), "crossing";
}

/// A position in a trace. Non-zero, so that `Option<EventId>` takes no extra space: every event stores an
/// optional cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(NonZeroU32);

impl EventId {
    /// The first event.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The event at this index of its trace, saturating at the largest id.
    pub fn at(place: usize) -> Self {
        let ordinal = u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1);
        Self(NonZeroU32::new(ordinal).unwrap_or(NonZeroU32::MAX))
    }

    /// The index in a list with one entry per ordinal.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl fmt::Display for EventId {
    /// The word and the ordinal, counted from one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}", self.0)
    }
}

impl Serialize for EventId {
    /// Serializes as the index in the trace, from zero.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0.get() - 1).serialize(serializer)
    }
}

impl JsonSchema for EventId {
    fn schema_name() -> Cow<'static, str> {
        "EventId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The index of an event in the trace, from zero.",
            "type": "integer",
            "minimum": 0,
        })
    }
}

impl AddressId {
    /// An address outside the story.
    pub const UNKNOWN: Self = Self(u16::MAX);
    /// No address: the field was left empty.
    pub const NONE: Self = Self(u16::MAX - 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_as_people_count() {
        assert_eq!(LinkId(1).to_string(), "link 2");
        assert_eq!(SessionId(0).to_string(), "session 1");
        assert_eq!(EventId::at(41).to_string(), "event 42");
    }

    #[test]
    fn an_event_is_its_place_and_none_takes_no_room() {
        assert_eq!(EventId::FIRST, EventId::at(0));
        assert_eq!(EventId::at(7).index(), 7);
        assert_eq!(serde_json::to_string(&EventId::at(7)).unwrap(), "7");
        assert_eq!(size_of::<Option<EventId>>(), size_of::<EventId>());
    }
}
