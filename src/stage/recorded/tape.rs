//! A recording as it plays: which input is next, and which webhooks wait for their answers.

use std::collections::BTreeSet;

use crate::base::id::CrossingId;
use crate::base::time::Time;
use crate::event::NoReply;
use crate::message::{Answer, Crossing, Hook, Place};
use crate::story::{AppReply, Recorded, RecordedInput, Recording};
use crate::world::World;

/// A recording and its position.
#[derive(Debug)]
pub(super) struct Tape {
    recording: Recording,
    next: usize,
    /// The answers that a webhook waits for, or has got.
    taken: BTreeSet<usize>,
    flights: Vec<Flight>,
}

/// A webhook under way; there are at most as many as inputs.
#[derive(Debug)]
struct Flight {
    id: CrossingId,
    place: usize,
    answer: Option<Answer>,
}

/// Where a crossing goes.
pub(super) enum Bound {
    /// To the reference service or a provider.
    ToService,
    /// To a foreign address that answers nothing.
    ToNobody,
    /// To the app, whose answer is the input at this place.
    To(usize, AppReply),
}

impl Tape {
    pub(super) const fn new(recording: Recording) -> Self {
        Self { recording, next: 0, taken: BTreeSet::new(), flights: Vec::new() }
    }

    pub(super) const fn until(&self) -> Time {
        self.recording.until
    }

    pub(super) const fn ends_early(&self) -> bool {
        self.recording.ends_early
    }

    pub(super) fn account(&self) -> Option<&str> {
        self.recording.account.as_deref()
    }

    /// Whether all inputs have been made.
    pub(super) fn is_over(&self) -> bool {
        self.next >= self.recording.inputs.len()
    }

    /// When the next input comes.
    pub(super) fn next_at(&self) -> Option<Time> {
        self.upcoming().map(|input| input.at)
    }

    fn upcoming(&self) -> Option<&RecordedInput> {
        self.recording.inputs.get(self.next)
    }

    /// Whether a webhook under way keeps others from leaving, as under a manual clock.
    pub(super) fn holds_others(&self) -> bool {
        !self.recording.at_once && !self.flights.is_empty()
    }

    /// Whether the next input comes now. It comes after all that is due by then, unless it came early.
    pub(super) fn is_due(&self, world: &mut World) -> bool {
        let Some(next) = self.upcoming() else { return false };
        // Under a manual clock, time stands still while a webhook is under way.
        let stands_still = self.holds_others();
        if stands_still && (world.has_waiting() || next.at <= world.now()) {
            return true;
        }
        next.at <= world.now() && (next.early || world.next_due().is_none_or(|due| due > world.now()))
    }

    /// The next input, with its place.
    pub(super) fn take(&mut self) -> Option<(usize, Recorded)> {
        let input = self.upcoming()?.what.clone();
        self.next += 1;
        Some((self.next - 1, input))
    }

    /// Finds the recorded answer to a crossing: one to its URL that was asked now, or else the next one.
    pub(super) fn bind(&mut self, world: &World, crossing: &Crossing) -> Bound {
        let hook: Hook = match crossing {
            Crossing::Webhook(webhook) => webhook.hook,
            Crossing::Text(webhook) => webhook.hook,
            Crossing::Scan { url, .. } => {
                let url = world.papers().url(*url);
                let is_same = |input: &RecordedInput| matches!((&input.what, &url), (Recorded::Scanned(known), Some(url)) if **known == **url);
                return self.first(is_same).map_or(Bound::ToNobody, |place| self.bound(place));
            }
            Crossing::Page { action, .. } if action.leads_elsewhere() => return Bound::ToNobody,
            _ => return Bound::ToService,
        };
        let Place::Url(url) = hook.at else { return Bound::ToService };
        let Some(url) = world.papers().url(url) else { return Bound::ToNobody };
        let answers = |input: &RecordedInput, now: Option<Time>| match &input.what {
            Recorded::Webhook(answer) => {
                answer.method == hook.method
                    && *answer.url == *url
                    && now.is_none_or(|now| answer.asked.unwrap_or(input.at) == now)
            }
            _ => false,
        };
        let now = Some(world.now());
        let place =
            self.first(|input| answers(input, now)).or_else(|| self.first(|input| answers(input, None)));
        place.map_or(Bound::ToNobody, |place| self.bound(place))
    }

    /// The first answer to come that nobody waits for yet.
    fn first(&self, fits: impl Fn(&RecordedInput) -> bool) -> Option<usize> {
        let to_come = self.recording.inputs.iter().enumerate().skip(self.next);
        to_come
            .filter(|(place, _)| !self.taken.contains(place))
            .find(|(_, input)| fits(input))
            .map(|(at, _)| at)
    }

    fn bound(&mut self, place: usize) -> Bound {
        self.taken.insert(place);
        match self.recording.inputs.get(place).map(|input| &input.what) {
            Some(Recorded::Webhook(answer)) => Bound::To(place, answer.reply.clone()),
            // Nobody reads the answer to a scan.
            _ => Bound::To(place, AppReply::Lost(NoReply::Down)),
        }
    }

    /// A webhook is under way; the answer is `None` if none has come in the recording.
    pub(super) fn take_off(&mut self, id: CrossingId, place: usize, answer: Option<Answer>) {
        self.flights.push(Flight { id, place, answer });
    }

    /// The answer to the webhook that waits for the input at this place. An answer that never came stays away.
    pub(super) fn land(&mut self, place: usize) -> Option<(CrossingId, Answer)> {
        let at = self.flights.iter().position(|flight| flight.place == place)?;
        self.flights.get(at)?.answer.as_ref()?;
        let flight = self.flights.remove(at);
        flight.answer.map(|answer| (flight.id, answer))
    }
}
