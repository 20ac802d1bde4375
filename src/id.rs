//! Small names for things: accounts, people, browsers, sessions, messages, calls, tickets.
//!
//! An id is an ordinal, given in the order in which things come to be, so that the same story
//! gives the same ids on both stages. Names stand in the story and are looked up for reports.

use std::fmt;
use std::num::NonZeroU32;

use serde::Deserialize;
use serde::Serialize;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($int:ty), $word:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $int);

        impl $name {
            /// The place in a list that holds one of these for each ordinal.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            /// The word and the ordinal as people count, from one.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($word, " {}"), u64::from(self.0) + 1)
            }
        }
    )*};
}

ids! {
    /// A subscriber's account at the service.
    AccountId(u16), "account";
    /// Somebody who acts: an owner, a stranger, an agent.
    PersonId(u16), "person";
    /// An authenticator: the thing that shows codes.
    DeviceId(u16), "device";
    /// An e-mail address that the story knows.
    AddressId(u16), "address";
    /// One browser with a cookie jar of its own.
    BrowserId(u16), "browser";
    /// One session at the service, told by its cookie.
    SessionId(u32), "session";
    /// One verification link.
    LinkId(u32), "link";
    /// One phone code: the code on the screen that is keyed in on the phone.
    CodeId(u32), "code";
    /// One message that the mail provider has taken.
    MailId(u32), "email";
    /// One entry in the service's outbox.
    OutboxId(u32), "outbox entry";
    /// One phone call that the phone company has taken.
    CallId(u32), "call";
    /// One ticket at the support desk.
    TicketId(u32), "ticket";
    /// One crossing: something that one machine has for another.
    CrossingId(u32), "crossing";
}

/// One event in a trace: a place in it. Each event holds one as its cause, and so does much that is on
/// its way; so none at all takes no room of its own, unlike with the other ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(NonZeroU32);

impl EventId {
    /// The first event.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The event at this place in its trace; the last that can be named stands for all beyond.
    pub fn at(place: usize) -> Self {
        let ordinal = u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1);
        Self(NonZeroU32::new(ordinal).unwrap_or(NonZeroU32::MAX))
    }

    /// The place in a list that holds one of these for each ordinal.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl fmt::Display for EventId {
    /// The word and the ordinal as people count, from one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}", self.0)
    }
}

impl Serialize for EventId {
    /// The place in the trace, from zero.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0.get() - 1).serialize(serializer)
    }
}

impl AddressId {
    /// An address that nobody in the story has.
    pub const UNKNOWN: Self = Self(u16::MAX);
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
