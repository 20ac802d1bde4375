//! Draws the parameters of random faults.

use crate::base::rng::{Rng, Stream};

/// Draws the parameters of one fault.
///
/// The coin is drawn first for every kind, so later draws from the stream do not depend on whether a kind
/// uses the coin.
#[derive(Debug)]
pub(super) struct Sampler<'a> {
    draw: &'a mut Rng,
    /// A random boolean.
    pub(super) coin: bool,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(draw: &'a mut Rng) -> Self {
        let coin = draw.below(Stream::Story, 2) == 0;
        Self { draw, coin }
    }

    /// A random element of `all`.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.draw.below(Stream::Story, all.len() as u32) as usize]
    }

    /// A random number from 1 to `most`.
    pub(super) fn up_to(&mut self, most: u8) -> u8 {
        1 + self.draw.below(Stream::Story, u32::from(most)) as u8
    }
}
