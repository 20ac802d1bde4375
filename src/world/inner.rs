//! What goes from machine to machine in memory: ringing, speech, keys, letters, the desk's own call.

use crate::id::EventId;
use crate::id::PersonId;
use crate::person;
use crate::support;
use crate::voice;
use crate::world::World;

/// Something on its way from machine to machine in memory, with what led to it.
#[derive(Debug)]
pub(super) enum Inner {
    Person(PersonId, person::Input<'static>, Option<EventId>),
    Phone(voice::Input, Option<EventId>),
    Desk(support::Input, Option<EventId>),
}

impl World {
    /// Hands over everything that waits in memory.
    pub(super) fn settle(&mut self) {
        if !self.inner.is_empty() {
            self.hand_over_inner();
        }
    }

    /// In the order in which it came: what comes meanwhile waits until all that was there is handed over.
    fn hand_over_inner(&mut self) {
        let before = self.cause;
        while !self.inner.is_empty() {
            let spare = std::mem::take(&mut self.inner_spare);
            let mut waiting = std::mem::replace(&mut self.inner, spare);
            for inner in &mut waiting {
                match inner {
                    Inner::Person(who, input, cause) => {
                        self.cause = *cause;
                        self.feed_person(*who, input);
                    }
                    Inner::Phone(input, cause) => {
                        self.cause = *cause;
                        self.feed_phone(std::mem::replace(input, voice::Input::Timeout));
                    }
                    Inner::Desk(input, cause) => {
                        self.cause = *cause;
                        self.feed_desk(std::mem::replace(input, support::Input::Timeout));
                    }
                }
            }
            waiting.clear();
            self.inner_spare = waiting;
        }
        self.cause = before;
    }
}
