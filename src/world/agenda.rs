//! The agenda: when each machine has something to do.
//!
//! A machine is asked again only after something was handed to it: most of the time most machines
//! wait, and a drill moves its clock some forty times a run.

use crate::id::PersonId;
use crate::time::Time;
use crate::world::World;

/// When the machines of a world are due.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    pub(super) console: Slot,
    pub(super) mail: Slot,
    pub(super) phone: Slot,
    pub(super) desk: Slot,
    pub(super) people: Vec<Slot>,
}

/// When one machine is due, as it said last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slot {
    /// `None` once something was handed to the machine since.
    due: Option<Time>,
}

impl Slot {
    /// Something was handed to the machine: what it said is old.
    pub(super) const fn fed(&mut self) {
        self.due = None;
    }

    /// When the machine is due, [`Time::NEVER`] if nothing is waited for; asks it if need be.
    fn due(&mut self, ask: impl FnOnce() -> Option<Time>) -> Time {
        *self.due.get_or_insert_with(|| ask().unwrap_or(Time::NEVER))
    }
}

impl Agenda {
    /// For so many people, none of whom has been asked.
    pub(super) fn begin_again(&mut self, people: usize) {
        let mut kept = std::mem::take(&mut self.people);
        kept.clear();
        kept.resize(people, Slot::default());
        *self = Self { people: kept, ..Self::default() };
    }
}

impl World {
    pub(super) fn console_due(&mut self) -> Time {
        self.agenda.console.due(|| self.console.poll_timeout())
    }

    pub(super) fn mail_due(&mut self) -> Time {
        self.agenda.mail.due(|| self.mail.poll_timeout())
    }

    pub(super) fn phone_due(&mut self) -> Time {
        self.agenda.phone.due(|| self.phone.poll_timeout())
    }

    pub(super) fn desk_due(&mut self) -> Time {
        self.agenda.desk.due(|| self.desk.poll_timeout())
    }

    pub(super) fn person_due(&mut self, who: PersonId) -> Time {
        let (slot, person) = (&mut self.agenda.people[who.index()], &self.people[who.index()]);
        slot.due(|| person.poll_timeout())
    }

    /// When something is due next, if anything is.
    pub fn next_due(&mut self) -> Option<Time> {
        let mut due = self.console_due().min(self.mail_due()).min(self.phone_due()).min(self.desk_due());
        for at in 0..self.people.len() {
            due = due.min(self.person_due(PersonId(at as u16)));
        }
        for late in &self.late {
            due = due.min(late.at);
        }
        let next_move = self.story.moves.get(self.next_move).map(|next| next.at);
        for at in [self.up_at, next_move].into_iter().flatten() {
            due = due.min(at);
        }
        // What became due while time stood still is due now.
        (due != Time::NEVER).then(|| due.max(self.now))
    }
}
