//! The order of moves: which one stands in the wrong place.

use crate::base::time::Time;

/// Where a move belongs that is out of order, by the places of the two in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misplaced {
    /// The first belongs above the second.
    Above(usize, usize),
    /// The first belongs below the second.
    Below(usize, usize),
}

/// The first move that has to be put elsewhere, so that as few as possible are; `None` if all are in order.
pub(super) fn misplaced(times: &[Time]) -> Option<Misplaced> {
    let kept = longest_in_order(times);
    let one = (0..times.len()).find(|place| kept.binary_search(place).is_err())?;
    let later_above = kept.iter().copied().find(|other| *other < one && times[*other] > times[one]);
    let earlier_below = kept.iter().copied().rfind(|other| *other > one && times[*other] < times[one]);
    let above = later_above.map(|other| Misplaced::Above(one, other));
    above.or_else(|| earlier_below.map(|other| Misplaced::Below(one, other)))
}

/// The places of a longest sequence of moves that are in order.
fn longest_in_order(times: &[Time]) -> Vec<usize> {
    // For each length, the place of the earliest move that ends a sequence of this length; and for each move, the
    // one before it in its sequence.
    let (mut ends, mut before): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), Vec::new());
    for (place, time) in times.iter().enumerate() {
        let length = ends.partition_point(|end| times[*end] <= *time);
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter)).copied());
        if length == ends.len() {
            ends.push(place);
        } else {
            ends[length] = place;
        }
    }
    let mut kept = Vec::new();
    let mut next = ends.last().copied();
    while let Some(place) = next {
        kept.push(place);
        next = before.get(place).copied().flatten();
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn times(secs: &[u64]) -> Vec<Time> {
        secs.iter().map(|secs| Time::from_millis(secs * 1_000)).collect()
    }

    #[test]
    fn the_one_that_is_wrong_is_told_and_not_the_others() {
        for (secs, is) in [
            (&[] as &[u64], None),
            (&[1, 1, 2], None),
            (&[0, 90, 1, 2, 3], Some(Misplaced::Below(1, 4))),
            (&[0, 90, 1, 2, 100], Some(Misplaced::Below(1, 3))),
            (&[1, 2, 3, 0], Some(Misplaced::Above(3, 0))),
            (&[1, 2, 3, 1, 4], Some(Misplaced::Above(3, 1))),
            (&[2, 1], Some(Misplaced::Below(0, 1))),
        ] {
            assert_eq!(misplaced(&times(secs)), is, "{secs:?}");
        }
    }

    proptest! {
        #[test]
        fn without_the_misplaced_moves_all_are_in_order(
            secs in prop::collection::vec(0_u64..20, 0..30)
        ) {
            let mut left = times(&secs);
            while let Some(Misplaced::Above(one, _) | Misplaced::Below(one, _)) = misplaced(&left) {
                left.remove(one);
            }
            prop_assert!(left.is_sorted());
            prop_assert_eq!(left.len(), longest_in_order(&times(&secs)).len());
        }
    }
}
