//! The trace as a stream of server-sent events, as it happens.
//!
//! A stream holds a cursor into the trace and no queue: a slow reader costs nothing but its connection, and
//! nobody waits for it. It does not keep a world alive that has ended.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event as Told, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use futures::stream::unfold;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::event::Event;
use crate::serve::control::Control;
use crate::serve::control::reply::{Refused, refused};
use crate::serve::metrics::{Held, Meters, Ongoing};
use crate::wire::Door;
use crate::wire::contract::{Operation, Routes};

/// The maximum number of streams of one world; further ones are refused.
const STREAMS_MAX: usize = 256;

/// The maximum number of events that a stream copies while it holds the world.
const COPIED_MAX: usize = 256;

/// The real time between comments that keep a silent connection open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The header with the id of the last event that a client got.
const LAST_EVENT_ID: &str = "last-event-id";

/// What all streams of a world share.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Streams {
    meters: Arc<Meters>,
    permits: Arc<Semaphore>,
    /// Whether the sandbox has ended.
    stopped: watch::Receiver<bool>,
}

impl Streams {
    pub(in crate::serve) fn new(meters: Arc<Meters>, stopped: watch::Receiver<bool>) -> Self {
        Self { meters, permits: Arc::new(Semaphore::new(STREAMS_MAX)), stopped }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Since {
    /// The index of the first event to send.
    #[serde(default)]
    since: usize,
}

pub(super) fn routes() -> Routes<Control> {
    let events = "Server-sent events: the data of each is an event of the trace as JSON, and its id is its index. \
                  The event `reset` or `ended` is the last one.";
    let operation =
        Operation::get("/trace/events", "The events from this index on, and then each as it happens")
            .query::<Since>()
            .header("Last-Event-ID", "The id of the last event that the client got; it goes before `since`.")
            .answers_text("text/event-stream", events)
            .refuses(400, "since and Last-Event-ID are indices of events")
            .refuses(503, "too many streams of events are open");
    Routes::new().on(operation, stream)
}

/// `GET /trace/events?since=0`: the events from this index on, or those after `Last-Event-ID`, and then each
/// event as it happens.
async fn stream(
    State(control): State<Control>,
    headers: HeaderMap,
    asked: Result<Query<Since>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(asked) = asked.map_err(|rejection| refused(StatusCode::BAD_REQUEST, rejection.body_text()))?;
    let next = match headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) {
        Some(id) => {
            let id = id.to_str().ok().and_then(|id| id.trim().parse::<usize>().ok());
            let says = "Last-Event-ID is the id of an event: its index in the trace";
            id.ok_or_else(|| refused(StatusCode::BAD_REQUEST, says))?.saturating_add(1)
        }
        None => asked.since,
    };
    let Streams { meters, permits, stopped } = control.streams.clone();
    let permit = permits.try_acquire_owned().map_err(|_| {
        let says = format!("{STREAMS_MAX} streams of events are open, the most that there may be");
        refused(StatusCode::SERVICE_UNAVAILABLE, says)
    })?;
    let resets = control.door.resets();
    let run = *resets.borrow();
    let reader = Reader {
        changes: control.door.changes(),
        door: Arc::downgrade(&control.door),
        stopped,
        resets,
        run,
        next,
        copied: VecDeque::new(),
        has_ended: false,
        _held: meters.hold(Ongoing::Stream),
        _permit: permit,
    };
    let stream = unfold(reader, Reader::read);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// The reader of one stream.
struct Reader {
    door: Weak<Door>,
    changes: watch::Receiver<u64>,
    stopped: watch::Receiver<bool>,
    resets: watch::Receiver<u64>,
    /// The number of restarts before this run of the world.
    run: u64,
    /// The index of the next event to copy.
    next: usize,
    /// Events that are not sent yet, with their indices.
    copied: VecDeque<(usize, Event)>,
    has_ended: bool,
    _held: Held,
    _permit: OwnedSemaphorePermit,
}

/// Why a stream ends.
enum End {
    Reset,
    /// The client has seen more events than there are.
    Ahead(usize),
    Sandbox,
}

impl Reader {
    /// The next event, or the one that says why there is none.
    async fn read(mut self) -> Option<(Result<Told, Infallible>, Self)> {
        if self.has_ended {
            return None;
        }
        loop {
            if let Some((id, event)) = self.copied.pop_front() {
                return Some((Ok(told(id, &event)), self));
            }
            self.changes.borrow_and_update();
            let has_stopped = *self.stopped.borrow();
            let end = match self.copy() {
                Err(end) => Some(end),
                Ok(()) => (self.copied.is_empty() && has_stopped).then_some(End::Sandbox),
            };
            if let Some(end) = end {
                self.has_ended = true;
                return Some((Ok(farewell(&end)), self));
            }
            if self.copied.is_empty() {
                // An error means that there is no world any more, which the next turn finds.
                tokio::select! {
                    _ = self.changes.changed() => {}
                    _ = self.stopped.changed() => {}
                }
            }
        }
    }

    /// Copies some of the events that are new.
    fn copy(&mut self) -> Result<(), End> {
        let door = self.door.upgrade().ok_or(End::Sandbox)?;
        let world = door.world();
        // A restart happens under the same lock.
        if *self.resets.borrow() != self.run {
            return Err(End::Reset);
        }
        let events = world.trace().events();
        let new = events.get(self.next..).ok_or(End::Ahead(events.len()))?;
        let new = new.iter().take(COPIED_MAX).copied().enumerate();
        let next = self.next;
        self.copied.extend(new.map(|(at, event)| (next + at, event)));
        self.next += self.copied.len();
        Ok(())
    }
}

fn told(id: usize, event: &Event) -> Told {
    let data = serde_json::to_string(event)
        .unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string());
    Told::default().id(id.to_string()).data(data)
}

/// The last event of a stream. Its empty id makes a client begin with the first event when it comes again.
fn farewell(end: &End) -> Told {
    let (name, says) = match end {
        End::Reset => {
            ("reset", "the world has begun again; a new stream begins with its first event".to_owned())
        }
        End::Ahead(count) => (
            "reset",
            format!("there are only {count} events, so the world has probably begun again; ask from 0"),
        ),
        End::Sandbox => ("ended", "the sandbox has ended".to_owned()),
    };
    Told::default().event(name).id("").data(json!({ "says": says }).to_string())
}
