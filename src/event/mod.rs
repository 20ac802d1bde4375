//! Past-tense facts of a run, and the trace that holds them in order.
//!
//! Each [`Event`] has its time, its actor and its cause: the event that led to it. Events are small and
//! `Copy`; they hold ordinals instead of bytes, names or secrets. Reports and oracles are functions of a
//! [`Trace`] and have no other input.

mod control;
mod fact;
mod form;
mod kind;
mod word;

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

pub use self::control::{Control, Method, Path};
pub use self::fact::{DeviceChange, Folder, NoReply, Refusal, Said, SessionEnd, Typed, Way, WebhookKind};
pub use self::form::{Field, FormKind, Input};
pub use self::kind::EventKind;
pub use self::word::{
    AnsweredBy, CallStatus, MailKind, Notice, PageName, Problem, ScanRung, ScanTime, TextStatus,
    VerificationStatus, VerifyChannel,
};
use crate::base::id::{EventId, PersonId};
use crate::base::time::Time;

/// The actor of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// A person of the story.
    Person(PersonId),
    /// The service under test, with its pages, outbox and webhooks.
    Console,
    /// The mail provider.
    MailProvider,
    /// The phone company.
    PhoneCompany,
    /// The support desk and its agents.
    Desk,
    /// The story itself: faults, crashes, restarts.
    Story,
    /// A network peer that is not part of the story.
    Outsider,
}

/// One fact: time, actor, cause and what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Event {
    /// The time of the event.
    pub at: Time,
    /// The actor.
    pub by: Actor,
    /// The event that led to it; `None` for events that the story itself starts.
    pub cause: Option<EventId>,
    /// What happened.
    pub kind: EventKind,
}

/// All events of one run, in order. An [`EventId`] is an index into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    events: Vec<Event>,
    until: Time,
}

/// Version of the JSON form of a trace; it changes with the meaning of any field.
pub const TRACE_SCHEMA: u32 = 1;

impl Trace {
    /// An empty trace.
    pub const fn new() -> Self {
        Self { events: Vec::new(), until: Time::ZERO }
    }

    /// Appends `event` and returns its id.
    pub fn record(&mut self, event: Event) -> EventId {
        let id = EventId::at(self.events.len());
        self.events.push(event);
        id
    }

    /// Removes all events and keeps the allocation for the next run.
    pub fn clear(&mut self) {
        self.events.clear();
        self.until = Time::ZERO;
    }

    /// Records that time has passed until `now`, with or without events.
    pub fn wait_until(&mut self, now: Time) {
        self.until = self.until.max(now);
    }

    /// The events in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The event with this id, if it is in this trace.
    pub fn get(&self, id: EventId) -> Option<&Event> {
        self.events.get(id.index())
    }

    /// Each event with its id, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (EventId, &Event)> + ExactSizeIterator {
        self.events.iter().enumerate().map(|(index, event)| (EventId::at(index), event))
    }

    /// The chain of causes, from `id` back to the event without a cause.
    pub fn causes(&self, id: EventId) -> impl Iterator<Item = (EventId, &Event)> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next?;
            let event = self.get(id)?;
            // A cause is always older than its effect, so the walk ends.
            next = event.cause.filter(|cause| *cause < id);
            Some((id, event))
        })
    }

    /// The end of the run: the time of the last event, or later.
    pub fn until(&self) -> Time {
        self.events.last().map_or(self.until, |event| event.at.max(self.until))
    }
}

impl Serialize for Trace {
    /// `{"schema": 1, "until": 0, "events": [{"at": 0, "by": …, "cause": null, "kind": …}, …]}`. Times are
    /// milliseconds since the story began; causes are indices into the list.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Trace", 3)?;
        out.serialize_field("schema", &TRACE_SCHEMA)?;
        out.serialize_field("until", &self.until())?;
        out.serialize_field("events", &self.events)?;
        out.end()
    }
}

impl JsonSchema for Trace {
    fn schema_name() -> Cow<'static, str> {
        "Trace".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "All events of one run, in order; a cause is an index into the list.",
            "type": "object",
            "properties": {
                "schema": { "const": TRACE_SCHEMA },
                "until": generator.subschema_for::<Time>(),
                "events": { "type": "array", "items": generator.subschema_for::<Event>() },
            },
            "required": ["schema", "until", "events"],
            "additionalProperties": false,
        })
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => person.fmt(f),
            Self::Console => f.pad("console"),
            Self::MailProvider => f.pad("mail"),
            Self::PhoneCompany => f.pad("phone"),
            Self::Desk => f.pad("support"),
            Self::Story => f.pad("story"),
            Self::Outsider => f.pad("outsider"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: u64, cause: Option<usize>) -> Event {
        Event {
            at: Time::from_millis(at),
            by: Actor::Story,
            cause: cause.map(EventId::at),
            kind: EventKind::AppCrashed,
        }
    }

    #[test]
    fn causes_lead_back_to_the_beginning_and_end() {
        let mut trace = Trace::new();
        trace.record(event(0, None));
        trace.record(event(1, Some(0)));
        trace.record(event(2, Some(0)));
        trace.record(event(3, Some(2)));
        let chain: Vec<_> = trace.causes(EventId::at(3)).map(|(id, _)| id.index()).collect();
        assert_eq!(chain, [3, 2, 0]);
    }

    #[test]
    fn a_loop_in_the_causes_does_not_hang() {
        let mut trace = Trace::new();
        trace.record(event(0, Some(0)));
        trace.record(event(0, Some(9)));
        assert_eq!(trace.causes(EventId::at(0)).count(), 1);
        assert_eq!(trace.causes(EventId::at(1)).count(), 1);
    }

    #[test]
    fn an_event_stays_small() {
        assert!(size_of::<Event>() <= 56, "{}", size_of::<Event>());
    }

    #[test]
    fn the_json_form_carries_its_schema_version() {
        let mut trace = Trace::new();
        trace.record(event(5, None));
        assert_eq!(
            serde_json::to_string(&trace).unwrap(),
            r#"{"schema":1,"until":5,"events":[{"at":5,"by":"story","cause":null,"kind":"app-crashed"}]}"#
        );
    }
}
