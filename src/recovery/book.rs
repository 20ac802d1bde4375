//! The codes of one authenticator around now, computed once.
//!
//! Re-sync searches some two thousand time steps. One HMAC a step is too dear to do again for
//! each wrong pair, so the codes are kept, and a search is a walk over numbers.

use std::ops::RangeInclusive;

use crate::otp::Generator;
use crate::secret::Code;
use crate::secret::Seed;

/// A run of codes for neighbouring moving factors.
#[derive(Clone, Debug)]
pub(super) struct Book {
    generator: Generator,
    first: u64,
    codes: Vec<u32>,
}

impl Book {
    pub(super) fn new(seed: &Seed) -> Self {
        Self { generator: Generator::new(seed), first: 0, codes: Vec::new() }
    }

    /// The codes for these moving factors, in order; computes those that are missing.
    pub(super) fn codes(&mut self, steps: RangeInclusive<u64>) -> &[u32] {
        let (from, to) = (*steps.start(), *steps.end());
        let end = self.first + self.codes.len() as u64;
        let touches = !self.codes.is_empty() && from <= end && to.saturating_add(1) >= self.first;
        if !touches {
            self.first = from;
            self.codes.clear();
        } else if from < self.first {
            let missing = from..self.first;
            self.codes.splice(0..0, missing.map(|step| self.generator.code(step).reveal()));
            self.first = from;
        }
        for step in self.first + self.codes.len() as u64..=to {
            self.codes.push(self.generator.code(step).reveal());
        }
        let start = (from - self.first) as usize;
        &self.codes[start..=start + (to - from) as usize]
    }

    /// Which of these moving factors shows `code`: the first, if any. All are compared, in the
    /// same time whether one matches or not.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_shows_what_the_generator_shows_however_it_grows() {
        let seed = Seed::new([7; 20]);
        let generator = Generator::new(&seed);
        let mut book = Book::new(&seed);
        for range in [100..=102, 101..=110, 90..=100, 500..=501, 400..=499, 0..=2, 3..=3] {
            let want: Vec<u32> = range.clone().map(|step| generator.code(step).reveal()).collect();
            assert_eq!(book.codes(range.clone()), want, "{range:?}");
        }
    }

    #[test]
    fn a_code_is_found_in_its_range_only() {
        let seed = Seed::new([7; 20]);
        let code = Generator::new(&seed).code(50);
        let mut book = Book::new(&seed);
        assert_eq!(book.find(40..=60, code), Some(50));
        assert_eq!(book.find(51..=60, code), None);
    }
}
