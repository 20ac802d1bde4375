//! Which codes of an authenticator were used, as far back as a window can reach.

/// How many moving factors back a used code is remembered. The window of a re-sync reaches 1000
/// steps either way, so that a clock put right and put wrong again stays inside.
const KEPT: u64 = 2_048;

const WORDS: usize = (KEPT / 64) as usize;

/// The moving factors whose codes were used: a bit for each of the last 2048 up to the newest.
///
/// It has one size, however often somebody signs in, so that a check allocates nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Used {
    newest: Option<u64>,
    last: Option<u64>,
    bits: [u64; WORDS],
}

impl Used {
    /// The code for `step` was used. What lies further behind the newest one than is remembered
    /// starts the memory over: only a window that no sane policy has leads there.
    pub(super) fn add(&mut self, step: u64) {
        match self.newest {
            Some(newest) if newest.abs_diff(step) < KEPT => {
                for passed in newest.saturating_add(1)..=step {
                    self.bits[word(passed)] &= !bit(passed);
                }
                self.newest = Some(newest.max(step));
            }
            Some(_) | None => {
                self.bits = [0; WORDS];
                self.newest = Some(step);
            }
        }
        self.bits[word(step)] |= bit(step);
        self.last = Some(step);
    }

    /// Whether the code for `step` was used.
    pub(super) fn has(&self, step: u64) -> bool {
        let kept = self.newest.is_some_and(|newest| step <= newest && newest - step < KEPT);
        kept && self.bits[word(step)] & bit(step) != 0
    }

    /// The newest one used.
    pub(super) const fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// The one used last.
    pub(super) const fn last(&self) -> Option<u64> {
        self.last
    }
}

const fn word(step: u64) -> usize {
    (step % KEPT / 64) as usize
}

const fn bit(step: u64) -> u64 {
    1 << (step % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_used_at_first() {
        let used = Used::default();
        assert_eq!((used.has(0), used.newest(), used.last()), (false, None, None));
    }

    #[test]
    fn the_last_one_is_not_always_the_newest() {
        let mut used = Used::default();
        used.add(7);
        used.add(5);
        assert_eq!((used.newest(), used.last()), (Some(7), Some(5)));
    }

    #[test]
    fn it_remembers_as_far_back_as_it_says_and_no_further() {
        let before = |step: u64| {
            let mut used = Used::default();
            used.add(10_000);
            used.add(step);
            (used.has(10_000), used.has(step), used.newest())
        };
        for (step, remembers, newest) in [
            (10_000, true, 10_000),
            (10_000 - KEPT + 1, true, 10_000),
            (10_000 - KEPT, false, 10_000 - KEPT),
            (10_000 + KEPT - 1, true, 10_000 + KEPT - 1),
            (10_000 + KEPT, false, 10_000 + KEPT),
            (u64::MAX, false, u64::MAX),
        ] {
            assert_eq!(before(step), (remembers, true, Some(newest)), "{step}");
        }
    }

    proptest! {
        // Each move is followed by thousands of questions: that is many cases already.
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// A set of numbers, with those forgotten that are too far behind the newest.
        #[test]
        fn it_remembers_what_a_set_would(
            start in prop_oneof![Just(0_u64), Just(u64::MAX - 8_192), any::<u64>()],
            moves in prop::collection::vec((-3_000_i64..4_000, any::<bool>()), 0..30),
        ) {
            let (mut used, mut set) = (Used::default(), BTreeSet::new());
            let mut step = start;
            for (by, far) in moves {
                step = step.saturating_add_signed(if far { by } else { by / 100 });
                used.add(step);
                if set.last().is_some_and(|newest: &u64| newest.saturating_sub(step) >= KEPT) {
                    set.clear();
                }
                set.insert(step);
                let newest = set.last().copied().unwrap_or(step);
                set.retain(|old| newest - old < KEPT);
                let around = step.saturating_sub(3_000)..=step.saturating_add(3_000);
                for asked in around {
                    prop_assert_eq!(used.has(asked), set.contains(&asked), "{} after {}", asked, step);
                }
            }
        }
    }
}
