//! Capacity: how many calls leave the queue in a second, and how many may be under way at once.

use std::num::NonZeroU32;

use crate::base::time::{Span, Time};

/// The capacity of an account at the phone company (TW-limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Calls that leave the queue in a second; further ones wait. `None` for no limit.
    pub per_second: Option<NonZeroU32>,
    /// Calls under way at once, those in the queue included; further orders are refused with 10004.
    pub at_once: NonZeroU32,
}

impl Capacity {
    /// Default number of calls under way at once.
    pub const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);
}

impl Default for Capacity {
    fn default() -> Self {
        Self { per_second: None, at_once: Self::AT_ONCE }
    }
}

/// The queue of calls that wait to be dialled.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DialQueue {
    pub(super) capacity: Capacity,
    /// When the next call may leave.
    free_at: Time,
}

impl DialQueue {
    pub(super) fn of(capacity: Capacity) -> Self {
        Self { capacity, free_at: Time::ZERO }
    }

    /// Takes a place for a call that could leave at `at`; when it leaves.
    pub(super) fn leaves(&mut self, at: Time) -> Time {
        let Some(per_second) = self.capacity.per_second else { return at };
        let leaves = at.max(self.free_at);
        let each = 1_000_u64.div_ceil(u64::from(per_second.get()));
        self.free_at = leaves + Span::from_millis(each);
        leaves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Connect;
    use crate::providers::phone::harness::Bare;

    fn capacity(per_second: u32, at_once: u32) -> Capacity {
        let count = |count| NonZeroU32::new(count).unwrap();
        Capacity { per_second: Some(count(per_second)), at_once: count(at_once) }
    }

    #[test]
    fn calls_leave_the_queue_one_after_the_other() {
        for (per_second, leave) in
            [(1, [1_000, 2_000, 3_000]), (4, [1_000, 1_250, 1_500]), (3, [1_000, 1_334, 1_668])]
        {
            let mut bare = Bare::new();
            bare.company.set_capacity(capacity(per_second, 9));
            for _ in 0..3 {
                bare.order(Time::ZERO, Connect::Rings);
            }
            let due: Vec<u64> = (0..3)
                .map(|_| {
                    let (at, _) = bare.company.poll_timeout().unwrap();
                    bare.put(at, crate::providers::phone::Input::Timeout);
                    at.as_millis()
                })
                .collect();
            assert_eq!(due, leave, "{per_second} a second");
            let waited = bare.company.calls().iter().map(|call| call.waited().as_millis());
            assert_eq!(waited.collect::<Vec<_>>(), leave.map(|at| at - 1_000), "{per_second} a second");
        }
    }

    #[test]
    fn calls_beyond_the_capacity_are_refused() {
        let mut bare = Bare::new();
        bare.company.set_capacity(capacity(1, 2));
        assert_eq!(bare.is_refused(Time::ZERO), None);
        assert_eq!(bare.is_refused(Time::ZERO), None);
        assert_eq!(bare.is_refused(Time::ZERO), Some(10_004));
    }
}
