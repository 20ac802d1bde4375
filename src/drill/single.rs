//! One run: drawn from its seed, played on the virtual stage, judged.

use std::sync::Arc;

use crate::draw::Draw;
use crate::draw::Stream;
use crate::drill::drawing::Drawing;
use crate::drill::mix::Mix;
use crate::drill::moves::Movers;
use crate::event::Trace;
use crate::oracle;
use crate::oracle::Finding;
use crate::policy::Norm;
use crate::run::Play;
use crate::story::Story;
use crate::world::Stuck;

/// Runs of one drill, one after the other, in the same memory.
#[derive(Debug)]
pub struct Runner {
    bases: Vec<Arc<Story>>,
    /// For each base, a story that was drawn from it before and is played no more.
    drawn: Vec<Option<Arc<Story>>>,
    /// The last play, and the base of its story.
    play: Option<(usize, Play)>,
    norm: Norm,
    notes: oracle::Notes,
    drawing: Drawing,
    movers: Movers,
    draw: Draw,
}

/// What came of a run, until the next.
#[derive(Debug)]
pub struct Ran<'a> {
    /// The story as it was drawn, with the moves that were made.
    pub story: &'a Arc<Story>,
    /// What happened.
    pub trace: &'a Trace,
    /// What the oracles object to.
    pub findings: Vec<Finding>,
    /// Why it did not come to its end, if it did not.
    pub stuck: Option<Stuck>,
    /// How many MFA codes were computed: an HMAC each.
    pub hmacs: u64,
}

/// What a drill's own stream begins with, so that it has nothing to do with those of the plays.
const APART: u64 = 0x6472_696c_6c21_0001;

impl Runner {
    /// Runs over these bases, judged by `norm`.
    pub fn new(bases: Vec<Arc<Story>>, mix: &'static Mix, norm: Norm) -> Self {
        Self {
            drawn: vec![None; bases.len()],
            bases,
            play: None,
            norm,
            notes: oracle::Notes::default(),
            drawing: Drawing::new(mix),
            movers: Movers::new(mix),
            draw: Draw::new(0),
        }
    }

    /// The story of a run as it is drawn, before any move beyond its base's.
    fn story(&mut self, seed: u64) -> (usize, Arc<Story>) {
        self.draw.reseed(seed ^ APART);
        let at = self.draw.below(Stream::Story, self.bases.len() as u32) as usize;
        let base = &self.bases[at];
        let mut story = self.drawn[at].take().unwrap_or_else(|| Arc::new(Story::clone(base)));
        self.drawing.again(&mut self.draw, base, Arc::make_mut(&mut story), seed);
        (at, story)
    }

    /// Draws, plays and judges the run with this seed.
    pub fn run(&mut self, seed: u64) -> Ran<'_> {
        let (base, story) = self.story(seed);
        self.movers.again(&mut self.draw, &story);
        let play = match self.play.take() {
            Some((of, mut play)) => {
                self.drawn[of] = Some(play.begin_again(story, seed));
                play
            }
            None => Play::new(story, seed),
        };
        let Self { movers, draw, norm, notes, .. } = self;
        let (_, play) = self.play.insert((base, play));
        let stuck = play.to_the_end_with(&mut |world, due| movers.next(draw, world, due)).err();
        let (story, trace) = (play.world().story(), play.world().trace());
        let findings = oracle::judge_with(notes, trace, story, norm);
        let hmacs = play.world().codes_computed();
        Ran { story, trace, findings, stuck, hmacs }
    }
}
