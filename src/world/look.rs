//! What can be seen of a world from outside: by its stage, by steps, by a drill's people.

use std::sync::Arc;

use crate::crossing::Papers;
use crate::crossing::Sid;
use crate::event::Trace;
use crate::id::CallId;
use crate::id::PersonId;
use crate::person::Outcome;
use crate::person::Person;
use crate::story::Story;
use crate::time::Span;
use crate::time::Time;
use crate::voice;
use crate::world::PATIENCE_MAX;
use crate::world::World;

impl World {
    /// The time.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The story that is played.
    pub const fn story(&self) -> &Arc<Story> {
        &self.setup.story
    }

    /// The seed it is played with.
    pub const fn seed(&self) -> u64 {
        self.setup.seed
    }

    /// Addresses, documents and mails of foreign services, which crossings only name.
    pub const fn papers(&self) -> &Papers {
        &self.carrier.papers
    }

    /// The same, to add to.
    pub const fn papers_mut(&mut self) -> &mut Papers {
        &mut self.carrier.papers
    }

    /// What has happened.
    pub const fn trace(&self) -> &Trace {
        &self.recorder.trace
    }

    /// Gives up the story, with the moves that were planned while it was played, and the trace.
    pub fn into_parts(self) -> (Arc<Story>, Trace) {
        (self.setup.story, self.recorder.trace)
    }

    /// When a fault struck last; the beginning if none has.
    pub const fn last_fault(&self) -> Time {
        self.faults.last_struck
    }

    /// One of the people.
    pub fn person(&self, who: PersonId) -> Option<&Person> {
        self.people.all.get(who.index())
    }

    /// What the last order to `who` came to; `None` while it is still being done.
    pub fn outcome(&self, who: PersonId) -> Option<Outcome> {
        self.people.outcomes.get(who.index()).copied().flatten()
    }

    /// How many MFA codes were computed so far, by devices and by the console: an HMAC each.
    pub fn codes_computed(&self) -> u64 {
        self.service.host.machine.codes_computed()
            + self.people.all.iter().map(Person::codes_computed).sum::<u64>()
    }

    /// Whether a call has asked the console for anything yet.
    pub const fn has_called(&self) -> bool {
        self.lines.has_called()
    }

    /// Whether the console listens.
    pub const fn is_console_up(&self) -> bool {
        self.service.is_up()
    }

    /// The status of a call, and its number.
    pub fn call(&self, call: CallId) -> Option<&voice::Call> {
        self.providers.phone.machine.call(call)
    }

    /// The call with this sid, as the phone company's REST API would look it up.
    pub fn call_of_sid(&self, sid: Sid) -> Option<&voice::Call> {
        self.providers.phone.machine.call_of_sid(sid)
    }

    /// Until when a play of the whole story goes on, as it stands now: the story's patience after
    /// the last fault and the last move, and no longer than some times its patience.
    pub fn end(&self) -> Time {
        let patience = self.setup.story.patience;
        let last_move = self.setup.story.moves.last().map_or(Time::ZERO, |last| last.at);
        let due = self.faults.last_struck.max(last_move) + patience + Span::HOUR;
        due.min(last_move + patience * PATIENCE_MAX)
    }
}
