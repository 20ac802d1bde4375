//! In-memory messages between machines: rings, speech, keys, letters, the desk's call.

use crate::base::id::{EventId, PersonId};
use crate::people;
use crate::providers::{desk, phone};
use crate::world::World;

/// A message in memory, with its cause.
#[derive(Debug)]
pub(super) enum LocalMessage {
    Person(PersonId, people::Input<'static>, Option<EventId>),
    Phone(phone::Input<'static>, Option<EventId>),
    Desk(desk::Input, Option<EventId>),
}

#[derive(Debug, Default)]
pub(super) struct LocalQueue {
    waiting: Vec<LocalMessage>,
    /// Spare buffer, swapped with `waiting` while it is drained.
    spare: Vec<LocalMessage>,
}

impl LocalQueue {
    pub(super) fn push(&mut self, message: LocalMessage) {
        self.waiting.push(message);
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

impl World {
    /// Delivers all messages in memory, including those sent meanwhile, which wait until the current batch
    /// is done.
    pub(super) fn settle(&mut self) {
        while !self.inner.waiting.is_empty() {
            let spare = std::mem::take(&mut self.inner.spare);
            let mut waiting = std::mem::replace(&mut self.inner.waiting, spare);
            for message in &mut waiting {
                match message {
                    LocalMessage::Person(who, input, cause) => self.feed_person(*cause, *who, input),
                    LocalMessage::Phone(input, cause) => {
                        let input = std::mem::replace(input, phone::Input::Timeout);
                        let reply = self.feed_phone(*cause, input);
                        debug_assert!(reply.is_none(), "nobody waits for a reply in memory");
                    }
                    LocalMessage::Desk(input, cause) => {
                        let input = std::mem::replace(input, desk::Input::Timeout);
                        let reply = self.feed_desk(*cause, input);
                        debug_assert!(reply.is_none(), "nobody waits for a reply in memory");
                    }
                }
            }
            waiting.clear();
            self.inner.spare = waiting;
        }
    }
}
