//! Read access to a world's state, for its stage, for steps and for a drill's people.

use std::sync::Arc;

use crate::base::id::{CallId, CrossingId, PersonId};
use crate::base::time::{Span, Time};
use crate::event::Trace;
use crate::message::{Crossing, Papers, Sid};
use crate::people::{Outcome, Person};
use crate::providers::phone;
use crate::story::Story;
use crate::world::hosts::Service;
use crate::world::{PATIENCE_MAX, World};

impl World {
    /// The current time.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The story.
    pub const fn story(&self) -> &Arc<Story> {
        &self.setup.story
    }

    /// The seed.
    pub const fn seed(&self) -> u64 {
        self.setup.seed
    }

    /// URLs and documents of foreign services, which crossings refer to by number.
    pub const fn papers(&self) -> &Papers {
        &self.carrier.papers
    }

    /// The same, for adding entries.
    pub const fn papers_mut(&mut self) -> &mut Papers {
        &mut self.carrier.papers
    }

    /// The trace so far.
    pub const fn trace(&self) -> &Trace {
        &self.recorder.trace
    }

    /// How much memory the trace, the calls, the texts and the papers take, in bytes; an estimate.
    pub fn bytes(&self) -> usize {
        let events = size_of_val(self.trace().events());
        let calls = size_of_val(self.calls());
        let texts = size_of_val(self.texts()) + self.providers.texts.machine.bytes();
        events + calls + texts + self.papers().bytes()
    }

    /// Returns the story, including the moves planned during the run, and the trace.
    pub fn into_parts(self) -> (Arc<Story>, Trace) {
        (self.setup.story, self.recorder.trace)
    }

    /// When the last fault struck; [`Time::ZERO`] if none has.
    pub const fn last_fault(&self) -> Time {
        self.faults.last_struck
    }

    /// The person with this id.
    pub fn person(&self, who: PersonId) -> Option<&Person> {
        self.people.all.get(who.index())
    }

    /// The outcome of the last order to `who`; `None` while it is in progress.
    pub fn outcome(&self, who: PersonId) -> Option<Outcome> {
        self.people.outcomes.get(who.index()).copied().flatten()
    }

    /// Number of MFA codes computed by devices and the service: one HMAC each.
    pub fn codes_computed(&self) -> u64 {
        let by_service = match &self.service.service {
            Service::Reference(host) => host.machine.codes_computed(),
            Service::Outside => 0,
        };
        by_service + self.people.all.iter().map(Person::codes_computed).sum::<u64>()
    }

    /// Whether a call has sent a webhook yet.
    pub const fn has_called(&self) -> bool {
        self.lines.has_called()
    }

    /// The crossings in flight, in the order of departure, and when they departed.
    pub(crate) fn in_flight(&self) -> impl Iterator<Item = (&Crossing, Time)> {
        self.carrier.flights().map(|flight| (&flight.queued.crossing, flight.sent))
    }

    /// When a crossing in flight departed.
    pub(crate) fn sent_at(&self, id: CrossingId) -> Option<Time> {
        self.carrier.flight(id).map(|flight| flight.sent)
    }

    /// Whether the service is running.
    pub const fn is_console_up(&self) -> bool {
        self.service.is_up()
    }

    /// The call with this id.
    pub fn call(&self, call: CallId) -> Option<&phone::Call> {
        self.providers.phone.machine.call(call)
    }

    /// The call with this SID, as looked up by the phone company's REST API.
    pub fn call_of_sid(&self, sid: Sid) -> Option<&phone::Call> {
        self.providers.phone.machine.call_of_sid(sid)
    }

    /// When a run of the whole story ends, by current knowledge: the story's patience after the last fault
    /// and the last move, limited to a multiple of the patience.
    pub fn end(&self) -> Time {
        let patience = self.setup.story.patience;
        let last_move = self.setup.story.moves.last().map_or(Time::ZERO, |last| last.at);
        let due = self.faults.last_struck.max(last_move) + patience + Span::HOUR;
        due.min(last_move + patience * PATIENCE_MAX)
    }
}
