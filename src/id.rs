//! Small names for things: accounts, people, browsers, sessions, messages, calls, tickets.
//!
//! An id is an ordinal, given in the order in which things come to be, so that the same story
//! gives the same ids on both stages. Names stand in the story and are looked up for reports.

use std::fmt;

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
    MailId(u32), "mail";
    /// One entry in the service's outbox.
    OutboxId(u32), "outbox entry";
    /// One phone call that the phone company has taken.
    CallId(u32), "call";
    /// One ticket at the support desk.
    TicketId(u32), "ticket";
    /// One crossing: something that one machine has for another.
    CrossingId(u32), "crossing";
    /// One event in a trace.
    EventId(u32), "event";
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
    }
}
