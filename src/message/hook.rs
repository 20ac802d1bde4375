//! Webhook addresses, and texts that crossings refer to by number.
//!
//! Crossings are small and are recorded, so the URLs and documents of a foreign service are stored in
//! [`Papers`], and a crossing holds only their numbers. This keeps URLs and texts of foreign documents out
//! of traces.

use crate::event::{CallStatus, WebhookKind};
use crate::message::{DocId, Retries, UrlId};

/// The reference service's name for one of its orders, which is part of its webhook URLs. Only the
/// service and its wire code interpret it; all others pass it on.
// Packed, because each call order and each webhook holds several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(4))]
pub struct ServiceRef(pub u64);

/// The address of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The reference service's address for this order and this kind of webhook. It holds no text, so a
    /// drill allocates nothing for it.
    Console(ServiceRef, WebhookKind),
    /// A foreign service's URL.
    Url(UrlId),
}

/// The HTTP method of a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Parameters in the query string.
    Get,
    /// Parameters in a form body.
    #[default]
    Post,
}

impl Method {
    /// The name used in orders and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }

    /// Parses a method name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Get, Self::Post].into_iter().find(|method| method.name() == name)
    }
}

/// The address and method of a webhook, and how often it is sent again. The phone company treats the
/// address as opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The address.
    pub at: Place,
    /// The method.
    pub method: Method,
    /// The retries that its URL asks for.
    pub retries: Retries,
}

impl Hook {
    /// A hook requested with POST, Twilio's default.
    pub const fn post(at: Place) -> Self {
        Self { at, method: Method::Post, retries: Retries::USUAL }
    }
}

/// The source of the first document of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// `Url` and `Method`: fetched after the pick-up.
    Fetch(Hook),
    /// `Twiml`: sent inline with the order.
    Document(DocId),
}

/// The subscribed status changes: `StatusCallbackEvent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Events(u8);

impl Events {
    /// All four.
    pub const ALL: Self = Self(0b1111);
    /// Only the end of the call: Twilio's default if the order names no event.
    pub const COMPLETED: Self = Self(0b1000);
    /// None.
    pub const NONE: Self = Self(0);

    const NAMES: [&'static str; 4] = ["initiated", "ringing", "answered", "completed"];

    /// Adds the event with this name; `None` if Twilio has no such event.
    pub fn with(self, name: &str) -> Option<Self> {
        let bit = Self::NAMES.iter().position(|known| *known == name)?;
        Some(Self(self.0 | 1 << bit))
    }

    /// The names of the events, in the order in which they happen.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 >> bit & 1 == 1)
            .map(|(_, name)| name)
    }

    /// Whether a change to `status` is reported.
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
    use crate::message::Papers;

    #[test]
    fn a_hook_shows_nothing_of_its_address() {
        let mut papers = Papers::default();
        let hook = Hook::post(Place::Url(papers.url_id("http://a.test/secret-token")));
        let shown = format!("{hook:?}");
        assert!(shown.starts_with("Hook { at: Url(UrlId(0)), method: Post, retries: "), "{shown}");
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
