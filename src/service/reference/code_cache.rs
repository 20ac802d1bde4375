//! A cache of one authenticator's codes around the current moving factor.
//!
//! A re-sync searches about 2,000 time steps. Recomputing an HMAC per step for each wrong pair is too
//! expensive, so the codes are cached and a search only compares numbers.

use std::fmt;
use std::ops::RangeInclusive;

use crate::base::otp::{Kind, Series};
use crate::base::secret::{Code, Seed};

/// Initial capacity, in codes: a sign-in window plus room to move, so that checks do not allocate.
const ROOM: usize = 32;

/// A run of codes for consecutive moving factors.
pub(super) struct Book {
    seed: Seed,
    kind: Kind,
    /// Created on the first check, because most devices on file are lost and never checked.
    series: Option<Box<Series>>,
    first: u64,
    // Bounded by the widest search so far: codes that fall out of reach at one end make room at the
    // other.
    codes: Vec<u32>,
    /// How many codes have been computed so far, at one HMAC each.
    computed: u64,
}

impl Book {
    pub(super) fn new(seed: &Seed, kind: Kind) -> Self {
        Self { seed: *seed, kind, series: None, first: 0, codes: Vec::new(), computed: 0 }
    }

    pub(super) const fn computed(&self) -> u64 {
        self.computed
    }

    /// The codes for these moving factors, in order; computes the missing ones.
    pub(super) fn codes(&mut self, steps: RangeInclusive<u64>) -> &[u32] {
        let (from, to) = (*steps.start(), *steps.end());
        let wanted = (to - from) as usize + 1;
        self.codes.reserve_exact(wanted.max(ROOM).saturating_sub(self.codes.len()));
        let series = self.series.get_or_insert_with(|| Box::new(Series::new(&self.seed, self.kind)));
        // The last cached step, inclusive: an exclusive end would overflow at `u64::MAX`.
        let last = self.first.saturating_add((self.codes.len() as u64).saturating_sub(1));
        let touches =
            !self.codes.is_empty() && from <= last.saturating_add(1) && to >= self.first.saturating_sub(1);
        if !touches {
            self.computed += wanted as u64;
            self.first = from;
            self.codes.clear();
            self.codes.extend(steps.map(|step| series.code(step).reveal()));
            return &self.codes;
        }
        if from < self.first {
            let missing = from..self.first;
            self.computed += self.first - from;
            let room = self.codes.capacity() - (self.first - from) as usize;
            self.codes.truncate(room);
            self.codes.splice(0..0, missing.map(|step| series.code(step).reveal()));
            self.first = from;
        }
        let last = self.first + (self.codes.len() as u64 - 1);
        if to > last {
            let missing = last + 1..=to;
            self.computed += to - last;
            let over = (self.codes.len() + (to - last) as usize).saturating_sub(self.codes.capacity());
            self.codes.drain(..over);
            self.first += over as u64;
            self.codes.extend(missing.map(|step| series.code(step).reveal()));
        }
        let start = (from - self.first) as usize;
        &self.codes[start..start + wanted]
    }

    /// The first of these moving factors whose code is `code`. Compares all of them, so that the time
    /// does not depend on a match.
    pub(super) fn find(&mut self, steps: RangeInclusive<u64>, code: Code) -> Option<u64> {
        let from = *steps.start();
        let value = code.reveal();
        let mut found = None;
        for (offset, candidate) in self.codes(steps).iter().enumerate() {
            if *candidate == value && found.is_none() {
                found = Some(from + offset as u64);
            }
        }
        found
    }
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Do not print codes: later ones are still secret.
        write!(f, "Book({} codes from {})", self.codes.len(), self.first)
    }
}

impl Clone for Book {
    /// Keeps the capacity, which a derived `Clone` would shrink to fit.
    fn clone(&self) -> Self {
        let mut codes = Vec::with_capacity(self.codes.capacity());
        codes.extend_from_slice(&self.codes);
        let (seed, kind, series) = (self.seed, self.kind, self.series.clone());
        Self { seed, kind, series, first: self.first, codes, computed: self.computed }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::otp::Generator;

    const SEED: Seed = Seed::new([7; 20]);

    fn book() -> Book {
        Book::new(&SEED, Kind::TOTP)
    }

    fn shown(steps: RangeInclusive<u64>) -> Vec<u32> {
        let generator = Generator::new(&SEED, Kind::TOTP);
        steps.map(|step| generator.code(step).reveal()).collect()
    }

    #[test]
    fn a_book_shows_what_the_generator_shows_however_it_grows() {
        let mut book = book();
        for range in [
            100..=102,
            101..=110,
            90..=100,
            500..=501,
            400..=499,
            0..=2,
            3..=3,
            u64::MAX - 5..=u64::MAX,
            u64::MAX - 40..=u64::MAX - 3,
            0..=0,
        ] {
            assert_eq!(book.codes(range.clone()), shown(range.clone()), "{range:?}");
        }
    }

    proptest! {
        #[test]
        fn a_book_that_moves_keeps_its_room(
            moves in prop::collection::vec((0_u64..60, 0_u64..(ROOM as u64)), 1..40),
        ) {
            let mut book = book();
            for (from, width) in moves {
                let range = from..=from + width;
                prop_assert_eq!(book.codes(range.clone()), shown(range));
                prop_assert_eq!(book.codes.capacity(), ROOM);
            }
        }
    }

    #[test]
    fn a_book_counts_each_code_that_it_computes_once() {
        let mut book = book();
        assert_eq!(book.computed(), 0);
        for (range, computed) in [(100..=102, 3), (101..=104, 5), (98..=99, 7), (98..=104, 7), (500..=501, 9)]
        {
            book.codes(range.clone());
            assert_eq!(book.computed(), computed, "{range:?}");
        }
    }

    #[test]
    fn a_copy_has_the_same_room() {
        let mut book = book();
        book.codes(0..=1_999);
        assert_eq!(book.clone().codes.capacity(), book.codes.capacity());
        let mut unused = Book::new(&SEED, Kind::HOTP).clone();
        assert_eq!((unused.codes.capacity(), unused.series.is_none()), (0, true));
        unused.codes(0..=2);
        assert_eq!(unused.codes.capacity(), ROOM);
    }

    #[test]
    fn a_book_tells_nobody_its_codes() {
        let mut book = book();
        book.codes(100..=102);
        assert_eq!(format!("{book:?}"), "Book(3 codes from 100)");
    }

    #[test]
    fn a_code_is_found_in_its_range_only() {
        let code = Generator::new(&SEED, Kind::TOTP).code(50);
        let mut book = book();
        assert_eq!(book.find(40..=60, code), Some(50));
        assert_eq!(book.find(51..=60, code), None);
    }
}
