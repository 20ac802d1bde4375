//! The schedule: delayed answers and callbacks, timed moves, and the next due time.

use crate::base::id::{EventId, PersonId};
use crate::base::machine::Reason;
use crate::base::time::Time;
use crate::event::NoReply;
use crate::world::World;
use crate::world::carrier::{Queued, Sender};

/// Scheduled events besides the machines' timers.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// Delayed answers and callbacks. They are held here, so no socket waits for them.
    late: Vec<Late>,
    pub(super) next_move: usize,
    /// Number of inputs handled at the current time.
    pub(super) steps: u32,
    /// Reason of the last timeout.
    pub(super) last_reason: Option<Reason>,
}

#[derive(Debug)]
struct Late {
    at: Time,
    what: LateThing,
}

#[derive(Debug)]
pub(super) enum LateThing {
    /// The answer to this sender is lost.
    Unanswered(Sender, NoReply, Option<EventId>),
    Crossing(Queued),
}

impl Schedule {
    pub(super) fn clear(&mut self) {
        self.late.clear();
        self.next_move = 0;
        self.steps = 0;
        self.last_reason = None;
    }

    pub(super) fn hold_until(&mut self, at: Time, what: LateThing) {
        self.late.push(Late { at, what });
    }

    /// Takes the first held event that is due.
    pub(super) fn take_late(&mut self, now: Time) -> Option<LateThing> {
        let at = self.late.iter().position(|late| late.at <= now)?;
        Some(self.late.remove(at).what)
    }
}

impl World {
    pub(super) fn console_due(&mut self) -> (Time, Option<Reason>) {
        let Some(host) = self.service.reference_host() else { return (Time::NEVER, None) };
        host.wake.due(|| host.machine.poll_timeout())
    }

    pub(super) fn mail_due(&mut self) -> (Time, Option<Reason>) {
        let host = &mut self.providers.mail;
        host.wake.due(|| host.machine.poll_timeout())
    }

    pub(super) fn phone_due(&mut self) -> (Time, Option<Reason>) {
        let host = &mut self.providers.phone;
        host.wake.due(|| host.machine.poll_timeout())
    }

    pub(super) fn desk_due(&mut self) -> (Time, Option<Reason>) {
        let host = &mut self.providers.desk;
        host.wake.due(|| host.machine.poll_timeout())
    }

    pub(super) fn person_due(&mut self, who: PersonId) -> (Time, Option<Reason>) {
        let (wake, person) = (&mut self.people.wakes[who.index()], &self.people.all[who.index()]);
        wake.due(|| person.poll_timeout())
    }

    /// The next due time of any machine, delayed event or move.
    pub fn next_due(&mut self) -> Option<Time> {
        let service_and_mail = self.console_due().0.min(self.mail_due().0);
        let mut due = service_and_mail.min(self.phone_due().0).min(self.texts_due().0).min(self.desk_due().0);
        for at in 0..self.people.all.len() {
            due = due.min(self.person_due(PersonId(at as u16)).0);
        }
        for late in &self.schedule.late {
            due = due.min(late.at);
        }
        let next_move = self.setup.story.moves.get(self.schedule.next_move).map(|next| next.at);
        due = due.min(self.lines.hands.due());
        for at in [self.service.up_at, next_move].into_iter().flatten() {
            due = due.min(at);
        }
        // Anything that became due in the past is due now.
        (due != Time::NEVER).then(|| due.max(self.now))
    }
}
