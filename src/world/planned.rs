//! The key presses, answers and hang-ups that external clients have planned, in the order of time.

use std::collections::BTreeMap;

use crate::base::id::CallId;
use crate::base::time::{Span, Time};
use crate::message::Digits;
use crate::world::hand::{NotPossible, empty};

/// Most keys and other deeds that are planned at once. All of them may fall due at one instant.
const PLANNED_MAX: usize = 10_000;

/// A deed on a call, and when it is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub(super) at: Time,
    pub(super) call: CallId,
    pub(super) does: Deed,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Answer,
    HangUp,
    /// Presses the key at this place, and the rest with this gap.
    Press(Digits, u8, Span),
}

impl Deed {
    fn weight(self) -> usize {
        match self {
            Self::Answer | Self::HangUp => 1,
            Self::Press(keys, next, _) => usize::from(keys.len().saturating_sub(next)),
        }
    }
}

/// The deeds by time, and then in the order of planning.
#[derive(Debug)]
pub(super) struct PlannedDeeds {
    /// When the first one is due; [`Time::NEVER`] without any. Drills ask for it at each step of time.
    due: Time,
    deeds: BTreeMap<(Time, u64), (CallId, Deed)>,
    next: u64,
    /// The number of keys and other deeds.
    weight: usize,
}

impl Default for PlannedDeeds {
    fn default() -> Self {
        Self { due: Time::NEVER, deeds: BTreeMap::new(), next: 0, weight: 0 }
    }
}

impl PlannedDeeds {
    pub(super) fn clear(&mut self) {
        self.due = Time::NEVER;
        empty(&mut self.deeds);
        self.next = 0;
        self.weight = 0;
    }

    pub(super) const fn due(&self) -> Time {
        self.due
    }

    fn first_is(&self) -> Time {
        self.deeds.first_key_value().map_or(Time::NEVER, |((at, _), _)| *at)
    }

    pub(super) fn take_due(&mut self, now: Time) -> Option<Planned> {
        let first = self.deeds.first_entry().filter(|first| first.key().0 <= now)?;
        let ((at, _), (call, does)) = first.remove_entry();
        self.weight = self.weight.saturating_sub(does.weight());
        self.due = self.first_is();
        Some(Planned { at, call, does })
    }

    pub(super) fn plan(&mut self, at: Time, call: CallId, does: Deed) -> Result<(), NotPossible> {
        let weight = self.weight.saturating_add(does.weight());
        if weight > PLANNED_MAX {
            return Err(NotPossible::TooMany);
        }
        self.weight = weight;
        self.deeds.insert((at, self.next), (call, does));
        self.next += 1;
        self.due = self.due.min(at);
        Ok(())
    }

    /// Forgets the deeds on a call that has ended.
    pub(super) fn forget(&mut self, ended: CallId) {
        if !self.deeds.is_empty() {
            self.deeds.retain(|_, (call, _)| *call != ended);
            self.weight = self.deeds.values().map(|(_, does)| does.weight()).sum();
            self.due = self.first_is();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeds_are_done_in_order_and_limited_by_their_keys() {
        let mut planned = PlannedDeeds::default();
        let keys = Digits::read("1234567890").unwrap();
        let at = Time::from_millis;
        planned.plan(at(2), CallId(0), Deed::HangUp).unwrap();
        planned.plan(at(1), CallId(1), Deed::Press(keys, 0, Span::ZERO)).unwrap();
        planned.plan(at(1), CallId(0), Deed::Answer).unwrap();
        assert_eq!((planned.weight, planned.due()), (12, at(1)));
        assert!(planned.take_due(at(0)).is_none());
        assert_eq!(planned.take_due(at(1)).unwrap().call, CallId(1));
        planned.forget(CallId(0));
        assert_eq!((planned.weight, planned.due()), (0, Time::NEVER));
        for _ in 0..PLANNED_MAX / 10 {
            planned.plan(at(1), CallId(1), Deed::Press(keys, 0, Span::ZERO)).unwrap();
        }
        assert_eq!(planned.plan(at(1), CallId(1), Deed::HangUp), Err(NotPossible::TooMany));
    }
}
