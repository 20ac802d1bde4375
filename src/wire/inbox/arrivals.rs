//! Emails that a world's provider has taken and not delivered yet.
//!
//! The provider delays, loses, duplicates and bounces emails, and its trace tells what became of each. So
//! a message to a person of the story appears in the inbox when the trace says that it was delivered, at the
//! time of that event: once for each delivery, and never if it was lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::id::MailId;
use crate::base::time::Time;
use crate::event::EventKind;
use crate::wire::door::Door;
use crate::wire::inbox::Inbox;
use crate::wire::inbox::message::Receipt;
use crate::wire::mailboxes::Taken;

/// The maximum number of emails that are waited for; the oldest one is forgotten first.
const PENDING_MAX: usize = 10_000;

/// The emails under way between a world and an inbox.
#[derive(Debug)]
pub(super) struct Arrivals {
    door: Arc<Door>,
    inbox: Inbox,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pending: BTreeMap<MailId, Pending>,
    /// The number of events of the trace that have been read.
    read: usize,
}

/// An email under way to one recipient.
#[derive(Debug)]
struct Pending {
    /// The message, which the recipients of one SMTP transaction share.
    message: Arc<Receipt>,
    to: String,
    /// How often it may still arrive.
    left: u8,
}

impl Arrivals {
    pub(super) fn new(door: Arc<Door>, inbox: Inbox) -> Self {
        Self { door, inbox, state: Mutex::default() }
    }

    /// Notes an email that the provider has taken. Must be called before the world is unlocked.
    pub(super) fn expect(&self, message: &Arc<Receipt>, taken: Taken) {
        let Taken { mail, to, arrivals } = taken;
        let mut state = self.state();
        state.pending.insert(mail, Pending { message: Arc::clone(message), to, left: arrivals });
        if state.pending.len() > PENDING_MAX {
            state.pending.pop_first();
        }
    }

    /// Stores each email when the world delivers it. Runs until it is cancelled.
    pub(super) async fn follow(&self) {
        let mut changes = self.door.changes();
        loop {
            changes.borrow_and_update();
            self.catch_up();
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Reads the events since the last call.
    pub(super) fn catch_up(&self) {
        // The world stays locked, so that the order of arrival is that of the trace.
        let world = self.door.world();
        let events = world.trace().events();
        let epoch = world.story().epoch;
        let mut state = self.state();
        if events.len() < state.read {
            // The world has been reset.
            *state = State::default();
        }
        let mut arrived: Vec<(Time, Arc<Receipt>, Vec<String>)> = Vec::new();
        for event in events.get(state.read..).unwrap_or_default() {
            match event.kind {
                EventKind::MailDelivered { mail, .. } => {
                    let Some((message, to)) = state.arrive(mail) else { continue };
                    // Recipients of one message at one time get one copy, as from any mail server.
                    let same = |(at, other, all): &(Time, Arc<Receipt>, Vec<String>)| {
                        *at == event.at && Arc::ptr_eq(other, &message) && !all.contains(&to)
                    };
                    match arrived.iter().position(same) {
                        Some(place) => arrived[place].2.push(to),
                        None => arrived.push((event.at, message, vec![to])),
                    }
                }
                EventKind::MailLost { mail } | EventKind::MailBounced { mail } => {
                    state.pending.remove(&mail);
                }
                _ => {}
            }
        }
        state.read = events.len();
        for (at, message, to) in arrived {
            self.inbox.add(Receipt { to, received: epoch.unix_millis(at), ..Receipt::clone(&message) });
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The message and the recipient of an email that arrives.
    fn arrive(&mut self, mail: MailId) -> Option<(Arc<Receipt>, String)> {
        let pending = self.pending.get_mut(&mail)?;
        pending.left = pending.left.saturating_sub(1);
        let arrival = (Arc::clone(&pending.message), pending.to.clone());
        if pending.left == 0 {
            self.pending.remove(&mail);
        }
        Some(arrival)
    }
}
