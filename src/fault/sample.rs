//! How the parameters of a drawn fault are drawn.

use crate::draw::Draw;
use crate::draw::Stream;

/// Draws the parameters of one fault.
///
/// The coin is tossed first for each kind, so that what follows a fault in the stream does not depend on
/// whether its kind looks at the coin.
#[derive(Debug)]
pub(super) struct Sampler<'a> {
    draw: &'a mut Draw,
    /// A choice between two.
    pub(super) coin: bool,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(draw: &'a mut Draw) -> Self {
        let coin = draw.below(Stream::Story, 2) == 0;
        Self { draw, coin }
    }

    /// One of these.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.draw.below(Stream::Story, all.len() as u32) as usize]
    }

    /// A number from 1 to `most`.
    pub(super) fn up_to(&mut self, most: u8) -> u8 {
        1 + self.draw.below(Stream::Story, u32::from(most)) as u8
    }
}
