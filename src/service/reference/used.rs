//! Used codes of one authenticator, for replay protection as far back as a window can reach.

/// How many moving factors back a used code is remembered. A re-sync window reaches 1,000 steps either
/// way, so the memory covers a clock that is corrected and then wrong again.
const KEPT: u64 = 2_048;

const WORDS: usize = (KEPT / 64) as usize;

/// The moving factors whose codes were used, at one bit for each of the last 2,048.
///
/// The size is fixed, so that a check allocates nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Used {
    newest: Option<u64>,
    last: Option<u64>,
    bits: [u64; WORDS],
}

impl Used {
    /// Records that the code for `step` was used. A step that is too far behind the newest one clears the
    /// memory; only an unreasonably wide window leads there.
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

    /// The newest used step.
    pub(super) const fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// The most recently used step.
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

    /// A set that forgets the steps too far behind the newest.
    fn matches_the_model(start: u64, moves: &[(i64, bool)]) -> Result<(), TestCaseError> {
        let (mut used, mut set) = (Used::default(), BTreeSet::new());
        let mut step = start;
        for &(by, far) in moves {
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
        Ok(())
    }

    #[test]
    fn steps_near_the_last_one_match_the_model() {
        let moves = [-195, -127, -451, -535, -572, -168].map(|by| (by, true));
        let moves: Vec<(i64, bool)> = std::iter::once((0, false)).chain(moves).collect();
        matches_the_model(18_446_744_073_709_543_423, &moves).unwrap();
    }

    proptest! {
        // Each move checks thousands of steps, so a few cases are enough.
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn it_remembers_what_a_set_would(
            start in prop_oneof![Just(0_u64), Just(u64::MAX - 8_192), any::<u64>()],
            moves in prop::collection::vec((-3_000_i64..4_000, any::<bool>()), 0..30),
        ) {
            matches_the_model(start, &moves)?;
        }
    }
}
