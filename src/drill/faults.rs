//! Draws faults: kind, parameters and occurrences.
//!
//! Every drawn fault strikes a bounded number of times, so each run ends with a fault-free phase in
//! which the owner must get back in (liveness).

use crate::base::rng::{Rng, Stream};
use crate::drill::mix::Mix;
use crate::fault::{Declared, Fault, FaultKind, Which};

/// Maximum number of strikes of a fault, and the last occurrence that a single strike can hit.
const STRIKES_MAX: u32 = 3;

/// The faults of a mix, prepared for drawing.
#[derive(Clone, Debug)]
pub(super) struct FaultDraw {
    none: u32,
    most: u32,
    left_out: u32,
    /// The kinds in the order of the mix.
    kinds: Vec<&'static Declared>,
    /// The cumulative shares.
    sums: Vec<u32>,
}

impl FaultDraw {
    pub(super) fn new(mix: &Mix) -> Self {
        let (mut kinds, mut sums, mut sum) = (Vec::new(), Vec::new(), 0);
        // A kind without a share is not drawn, so it takes no part in the sequence of draws.
        for (name, share) in mix.faults.shares.iter().filter(|(_, share)| *share > 0) {
            sum += share;
            kinds.extend(FaultKind::ALL.iter().find(|kind| kind.name == name));
            sums.push(sum);
        }
        Self { none: mix.faults.none, most: mix.faults.most, left_out: mix.faults.left_out, kinds, sums }
    }

    /// Draws the faults of a run.
    pub(super) fn draw(&self, draw: &mut Rng, faults: &mut Vec<Fault>) {
        if draw.below(Stream::Story, 100) < self.none {
            return;
        }
        let count = 1 + draw.below(Stream::Story, self.most);
        let left_out = self.swarm(draw);
        for _ in 0..count {
            let place = self.place(draw);
            if left_out & (1 << place) != 0 {
                continue;
            }
            let which = match draw.below(Stream::Story, 4) {
                0 | 1 => Which::Nth(1 + draw.below(Stream::Story, STRIKES_MAX) as u16),
                2 => Which::Nth(1),
                _ => Which::First(1 + draw.below(Stream::Story, STRIKES_MAX) as u16),
            };
            faults.push(Fault { kind: self.kinds[place].sample(draw), of: None, to: None, which });
        }
    }

    /// The kinds that this run leaves out, as a bit set (swarm testing).
    fn swarm(&self, draw: &mut Rng) -> u64 {
        let mut bits = 0;
        for place in 0..self.kinds.len() {
            bits |= u64::from(draw.below(Stream::Story, 100) < self.left_out) << place;
        }
        bits
    }

    fn place(&self, draw: &mut Rng) -> usize {
        let most = self.sums.last().copied().unwrap_or(1);
        let at = draw.below(Stream::Story, most);
        self.sums.partition_point(|sum| *sum <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_drawn_as_itself_and_named_as_in_stories() {
        let mut draw = Rng::new(1);
        for (place, declared) in FaultKind::ALL.iter().enumerate() {
            for _ in 0..20 {
                let kind = declared.sample(&mut draw);
                assert_eq!((kind.index(), kind.name()), (place, declared.name));
                let told = serde_json::to_string(&kind).unwrap();
                assert!(told.contains(&format!("\"{}\"", declared.name)), "{told}");
            }
        }
    }

    #[test]
    fn what_is_drawn_strikes_a_bounded_number_of_times() {
        let faults = FaultDraw::new(Mix::usual());
        let (mut drawn, mut kinds) = (Vec::new(), 0_u64);
        for seed in 0..5_000 {
            drawn.clear();
            faults.draw(&mut Rng::new(seed), &mut drawn);
            for fault in &drawn {
                kinds |= 1 << fault.kind.index();
                assert!(matches!(fault.which, Which::Nth(1..=3) | Which::First(1..=3)), "{fault:?}");
            }
        }
        let has_share = |kind: &&Declared| {
            Mix::usual().faults.shares.iter().any(|(name, share)| name == kind.name && *share > 0)
        };
        let shared = FaultKind::ALL.iter().filter(has_share).map(|kind| 1_u64 << kind.example.index());
        assert_eq!(kinds, shared.sum::<u64>(), "each kind with a share is drawn by somebody");
    }
}
