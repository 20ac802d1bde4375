//! One run: draws a story from a seed, simulates it in memory, and judges it.

use std::sync::Arc;

use crate::base::rng::{Rng, Stream};
use crate::drill::drawing::Drawing;
use crate::drill::explorers::Explorers;
use crate::drill::mix::Mix;
use crate::event::Trace;
use crate::oracle;
use crate::oracle::Finding;
use crate::policy::Norm;
use crate::stage::Play;
use crate::story::Story;
use crate::world::Stuck;

/// Executes runs one after the other and reuses their allocations.
#[derive(Debug)]
pub struct Runner {
    bases: Vec<Arc<Story>>,
    /// For each base, the story of an earlier run, kept for reuse.
    drawn: Vec<Option<Arc<Story>>>,
    /// The last play, and the base of its story.
    play: Option<(usize, Play)>,
    norm: Norm,
    notes: oracle::Notes,
    drawing: Drawing,
    movers: Explorers,
    draw: Rng,
}

/// The result of a run, valid until the next run.
#[derive(Debug)]
pub struct Ran<'a> {
    /// The drawn story, with the moves that were made.
    pub story: &'a Arc<Story>,
    /// The trace of the run.
    pub trace: &'a Trace,
    /// The findings of the oracles.
    pub findings: Vec<Finding>,
    /// Why the run did not reach its end, if so.
    pub stuck: Option<Stuck>,
    /// The number of MFA codes computed, which is the number of HMAC operations.
    pub hmacs: u64,
}

/// Separates the random streams of the drill from those of the simulation, which has the same seed.
const APART: u64 = 0x6472_696c_6c21_0001;

impl Runner {
    /// Creates a runner over these bases, with the findings judged by `norm`.
    pub fn new(bases: Vec<Arc<Story>>, mix: &'static Mix, norm: Norm) -> Self {
        Self {
            drawn: vec![None; bases.len()],
            bases,
            play: None,
            norm,
            notes: oracle::Notes::default(),
            drawing: Drawing::new(mix),
            movers: Explorers::new(mix),
            draw: Rng::new(0),
        }
    }

    /// Draws the story of a run, with the moves of its base only.
    fn story(&mut self, seed: u64) -> (usize, Arc<Story>) {
        self.draw.reseed(seed ^ APART);
        let at = self.draw.below(Stream::Story, self.bases.len() as u32) as usize;
        let base = &self.bases[at];
        let mut story = self.drawn[at].take().unwrap_or_else(|| Arc::new(Story::clone(base)));
        self.drawing.again(&mut self.draw, base, Arc::make_mut(&mut story), seed);
        (at, story)
    }

    /// Draws, simulates and judges the run with this seed.
    pub fn run(&mut self, seed: u64) -> Ran<'_> {
        let (base, story) = self.story(seed);
        self.movers.again(&mut self.draw, &story);
        // A play is large, so it stays in its place.
        let play = match &mut self.play {
            Some((of, play)) => {
                self.drawn[std::mem::replace(of, base)] = Some(play.reset(story, seed));
                play
            }
            empty @ None => &mut empty.insert((base, Play::new(story, seed))).1,
        };
        let Self { movers, draw, norm, notes, .. } = self;
        let stuck = play.to_the_end_with(&mut |world, due| movers.next(draw, world, due)).err();
        let (story, trace) = (play.world().story(), play.world().trace());
        let findings = oracle::judge_with(notes, trace, story, norm);
        let hmacs = play.world().codes_computed();
        Ran { story, trace, findings, stuck, hmacs }
    }
}
