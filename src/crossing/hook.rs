//! Addresses of webhooks, and how they are requested.

use crate::crossing::DocId;
use crate::crossing::UrlId;
use crate::event::CallStatus;
use crate::event::WebhookKind;

/// The reference service's name for one of its orders, as it stands in the addresses of its
/// webhooks. Only the service and its wire code know what it means; all others pass it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceRef(pub u64);

/// Where a request of a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The reference service's address for this order and this kind of request. It needs no text,
    /// so that a drill allocates nothing for it.
    Console(ServiceRef, WebhookKind),
    /// Any other service's URL.
    Url(UrlId),
}

/// The HTTP method of a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The parameters are in the query.
    Get,
    /// The parameters are in a form.
    #[default]
    Post,
}

impl Method {
    /// As it stands in orders and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }

    /// The method with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Get, Self::Post].into_iter().find(|method| method.name() == name)
    }
}

/// A webhook: where it is and how it is requested. The phone company passes hooks on and never
/// looks inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Where.
    pub at: Place,
    /// How.
    pub method: Method,
}

impl Hook {
    /// The hook that is requested with POST, the default of all of Twilio's methods.
    pub const fn post(at: Place) -> Self {
        Self { at, method: Method::Post }
    }
}

/// What a call runs once it is picked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// `Url` and `Method`: the document is fetched.
    Fetch(Hook),
    /// `Twiml`: the document came with the order.
    Document(DocId),
}

/// Which changes of a call's status are reported: `StatusCallbackEvent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Events(u8);

impl Events {
    /// All four.
    pub const ALL: Self = Self(0b1111);
    /// The end alone: what Twilio reports where the order names no event.
    pub const COMPLETED: Self = Self(0b1000);
    /// None.
    pub const NONE: Self = Self(0);

    const NAMES: [&'static str; 4] = ["initiated", "ringing", "answered", "completed"];

    /// These events and the one with this name, if Twilio has it.
    pub fn with(self, name: &str) -> Option<Self> {
        let bit = Self::NAMES.iter().position(|known| *known == name)?;
        Some(Self(self.0 | 1 << bit))
    }

    /// The names of these events, in the order in which they happen.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 >> bit & 1 == 1)
            .map(|(_, name)| name)
    }

    /// Whether a call reports that it has come to `status`.
    pub const fn has(self, status: CallStatus) -> bool {
        let bit = match status {
            CallStatus::Queued => return false,
            CallStatus::Initiated => 0,
            CallStatus::Ringing => 1,
            CallStatus::InProgress => 2,
            CallStatus::Completed
            | CallStatus::Busy
            | CallStatus::Failed
            | CallStatus::NoAnswer
            | CallStatus::Canceled => 3,
        };
        self.0 >> bit & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crossing::Papers;

    #[test]
    fn a_hook_shows_nothing_of_its_address() {
        let mut papers = Papers::default();
        let hook = Hook::post(Place::Url(papers.url_id("http://a.test/secret-token")));
        assert_eq!(format!("{hook:?}"), "Hook { at: Url(UrlId(0)), method: Post }");
    }

    #[test]
    fn events_are_a_set() {
        let two = Events::NONE.with("ringing").and_then(|events| events.with("completed")).unwrap();
        assert_eq!(two.names().collect::<Vec<_>>(), ["ringing", "completed"]);
        assert_eq!(two.with("in-progress"), None, "that is a status");
        for (status, reported) in [
            (CallStatus::Queued, false),
            (CallStatus::Initiated, false),
            (CallStatus::Ringing, true),
            (CallStatus::InProgress, false),
            (CallStatus::Completed, true),
            (CallStatus::NoAnswer, true),
        ] {
            assert_eq!(two.has(status), reported, "{status}");
            assert_eq!(Events::ALL.has(status), status != CallStatus::Queued);
            assert_eq!(Events::COMPLETED.has(status), status.is_terminal());
            assert!(!Events::NONE.has(status));
        }
    }
}
