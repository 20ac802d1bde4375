//! Seeded randomness in named streams.
//!
//! Each actor and purpose has a separate stream, so that removing one fault or person does not change the
//! other draws. Shrinking depends on this. The generator is SplitMix64, because seeding it takes one
//! multiplication and a drill seeds a million times. It is not cryptographically secure, so a real
//! service must not draw secrets from it.

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

use crate::base::id::PersonId;
use crate::base::secret::{Code, Seed, Token};
use crate::base::time::Span;

/// The actor and purpose of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Cookies and link tokens of the service.
    Tokens,
    /// Phone codes of the service.
    Codes,
    /// Seeds of authenticators.
    Seeds,
    /// The mail provider's delays and faults.
    Mail,
    /// The phone company's SIDs, delays and faults.
    Phone,
    /// The support desk's delays and faults.
    Support,
    /// The service's webhooks and crashes.
    Console,
    /// The story, if a drill generates it.
    Story,
    /// The messaging provider's SIDs and faults.
    Texts,
    /// The verification provider's SIDs and codes.
    Verify,
    /// What happens to devices in mid-story, if a drill generates it.
    Devices,
    /// A person's habits.
    Person(PersonId),
}

impl Stream {
    const FIXED: usize = 8;

    /// The first index of the streams that came later. It is above that of any person, so that they did not
    /// change the streams of people.
    const LATER: usize = Self::FIXED + u16::MAX as usize + 1;

    const fn index(self) -> usize {
        match self {
            Self::Tokens => 0,
            Self::Codes => 1,
            Self::Seeds => 2,
            Self::Mail => 3,
            Self::Phone => 4,
            Self::Support => 5,
            Self::Console => 6,
            Self::Story => 7,
            Self::Person(person) => Self::FIXED + person.index(),
            Self::Texts => Self::LATER,
            Self::Verify => Self::LATER + 1,
            Self::Devices => Self::LATER + 2,
        }
    }
}

/// All randomness of one run, derived from one seed.
#[derive(Clone, Debug)]
pub struct Rng {
    seed: u64,
    streams: Vec<Option<SplitMix64>>,
    later: [Option<SplitMix64>; 3],
}

impl Rng {
    /// The streams of the run with this `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, streams: vec![None; Stream::FIXED + 2], later: [None, None, None] }
    }

    /// Resets to another seed and keeps the allocations.
    pub fn reseed(&mut self, seed: u64) {
        self.seed = seed;
        self.streams.fill(None);
        self.later = [None, None, None];
    }

    /// 64 random bits from `stream`.
    #[inline]
    pub fn bits(&mut self, stream: Stream) -> u64 {
        let index = stream.index();
        match self.streams.get_mut(index) {
            Some(Some(open)) => open.next_u64(),
            Some(None) | None => self.first_bits(index),
        }
    }

    /// The bits from a stream that is not open yet, or is one of the later ones. Apart, so that all other
    /// draws are inlined.
    #[cold]
    fn first_bits(&mut self, index: usize) -> u64 {
        let seed = self.seed;
        let place = match index.checked_sub(Stream::LATER) {
            Some(later) => &mut self.later[later],
            None => {
                if index >= self.streams.len() {
                    self.streams.resize(index + 1, None);
                }
                &mut self.streams[index]
            }
        };
        place.get_or_insert_with(|| open(seed, index)).next_u64()
    }

    /// A number below `bound`; 0 if `bound` is 0. The bias is below 2⁻³².
    #[inline]
    pub fn below(&mut self, stream: Stream, bound: u32) -> u32 {
        let wide = u64::from((self.bits(stream) >> 32) as u32) * u64::from(bound);
        (wide >> 32) as u32
    }

    /// True with a probability of `permille` in a thousand.
    #[inline]
    pub fn chance(&mut self, stream: Stream, permille: u32) -> bool {
        self.below(stream, 1_000) < permille
    }

    /// A duration from `from` to `to`, inclusive, in whole milliseconds.
    pub fn span(&mut self, stream: Stream, from: Span, to: Span) -> Span {
        let width = to.as_millis().saturating_sub(from.as_millis());
        match u32::try_from(width) {
            Ok(0) => from,
            Ok(width) => from + Span::from_millis(u64::from(self.below(stream, width.saturating_add(1)))),
            Err(_) => from + Span::from_millis(self.bits(stream) % (width + 1)),
        }
    }

    /// A token of 128 bits.
    pub fn token(&mut self) -> Token {
        Token::new(self.wide(Stream::Tokens))
    }

    /// 128 random bits from `stream`.
    pub fn wide(&mut self, stream: Stream) -> u128 {
        let high = u128::from(self.bits(stream));
        (high << 64) | u128::from(self.bits(stream))
    }

    /// A phone code of `digits` digits.
    pub fn code(&mut self, digits: u8) -> Code {
        Code::new(self.below(Stream::Codes, 10_u32.pow(u32::from(digits.min(9)))), digits)
    }

    /// The seed of an authenticator: `len` bytes, clamped to the valid range.
    pub fn authenticator_seed(&mut self, len: usize) -> Seed {
        let mut bytes = [0; Seed::LEN_MAX];
        let bytes = &mut bytes[..len.clamp(Seed::LEN_MIN, Seed::LEN_MAX)];
        for chunk in bytes.chunks_mut(8) {
            let word = self.bits(Stream::Seeds).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        let Some(seed) = Seed::read(bytes) else { unreachable!("the length was clamped") };
        seed
    }
}

fn open(seed: u64, index: usize) -> SplitMix64 {
    // Two rounds, the first for the seed and the second for the stream, so that neighbouring seeds and
    // neighbouring streams are uncorrelated.
    let spread = SplitMix64::seed_from_u64(seed).next_u64();
    SplitMix64::seed_from_u64(spread ^ (index as u64 + 1).wrapping_mul(0xd6e8_feb8_6659_fd93))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_does_not_hear_the_others() {
        let (mut alone, mut crowded) = (Rng::new(7), Rng::new(7));
        let mut expected = Vec::new();
        for _ in 0..100 {
            expected.push(alone.bits(Stream::Mail));
        }
        for want in expected {
            crowded.bits(Stream::Phone);
            crowded.bits(Stream::Person(PersonId(40)));
            assert_eq!(crowded.bits(Stream::Mail), want);
        }
    }

    #[test]
    fn neighbouring_seeds_differ() {
        let mut firsts: Vec<_> = (0..1_000).map(|seed| Rng::new(seed).bits(Stream::Codes)).collect();
        firsts.sort_unstable();
        firsts.dedup();
        assert_eq!(firsts.len(), 1_000);
    }

    #[test]
    fn reseeding_is_the_same_as_new() {
        let mut used = Rng::new(1);
        used.bits(Stream::Tokens);
        used.reseed(2);
        assert_eq!(used.token(), Rng::new(2).token());
    }

    #[test]
    fn draws_stay_in_their_bounds() {
        let mut draw = Rng::new(3);
        for _ in 0..1_000 {
            assert!(draw.below(Stream::Story, 10) < 10);
            let span = draw.span(Stream::Story, Span::SECOND, Span::MINUTE);
            assert!(span >= Span::SECOND && span <= Span::MINUTE);
        }
        assert_eq!(draw.below(Stream::Story, 0), 0);
        assert_eq!(draw.span(Stream::Story, Span::MINUTE, Span::SECOND), Span::MINUTE);
    }
}
