//! Draws moves during a run, for strangers who attack and owners who make mistakes.
//!
//! Each move depends on the person's page, mailbox and phone in *this* run, with a preference for
//! acts not yet tried on that kind of page. No state carries over between runs, so a seed determines
//! a run.

use crate::base::id::PersonId;
use crate::base::number::Number;
use crate::base::rng::{Rng, Stream};
use crate::base::time::{Span, Time};
use crate::drill::acts::{ACTS, Situation, WEIGHTS, takes_its_time};
use crate::drill::drawing::STRANGERS_NUMBER;
use crate::drill::mix::{Chance, Mix};
use crate::people::Act;
use crate::story::{Move, Role, Story, limit};
use crate::world::World;

/// Delay before the next attempt to move while the person is busy.
const BUSY: Span = Span::from_secs(30);

/// Minimum duration of an act that spans several pages.
const UNDER_WAY: Span = Span::from_mins(2);

/// Number of page kinds with separate `tried` sets; further kinds share one.
const PAGES: usize = 32;

/// Everybody who makes drawn moves in a run.
#[derive(Clone, Debug)]
pub(super) struct Explorers {
    mix: &'static Mix,
    number: Option<Number>,
    movers: Vec<Explorer>,
    /// Buffer for a draw: the plausible acts with their cumulative weights.
    weights: Vec<(u32, usize)>,
}

/// A person who makes drawn moves.
#[derive(Clone, Debug)]
struct Explorer {
    who: PersonId,
    role: Role,
    at: Time,
    left: u32,
    /// The act being repeated, and the number of repetitions left.
    flood: Option<(Act, u32)>,
    /// For each kind of page, the acts tried on it, as a bit set.
    tried: [u128; PAGES],
}

impl Explorers {
    pub(super) fn new(mix: &'static Mix) -> Self {
        Self { mix, number: Number::read(STRANGERS_NUMBER).ok(), movers: Vec::new(), weights: Vec::new() }
    }

    /// Draws the movers of a story, each with the number of moves and the time of the first one.
    pub(super) fn again(&mut self, draw: &mut Rng, story: &Story) {
        self.movers.clear();
        for (place, person) in story.people.iter().enumerate() {
            let Chance { percent, most } = match person.role {
                Role::Owner => self.mix.moves.owner,
                Role::Stranger => self.mix.moves.stranger,
            };
            let who = PersonId(place as u16);
            if draw.below(Stream::Person(who), 100) >= percent {
                continue;
            }
            let left = 1 + draw.below(Stream::Person(who), most);
            let at = Time::ZERO + first(draw, who);
            self.movers.push(Explorer { who, role: person.role, at, left, flood: None, tried: [0; PAGES] });
        }
    }

    /// The next move, if it comes no later than the next event of the world, which is at `due`.
    pub(super) fn next(&mut self, draw: &mut Rng, world: &World, due: Option<Time>) -> Option<Move> {
        // A story with more moves could not be read back.
        if world.story().moves.len() >= limit::MOVES_MAX {
            return None;
        }
        let due = due.unwrap_or(Time::NEVER).min(world.end());
        loop {
            let mover = self.movers.iter_mut().filter(|mover| mover.left > 0).min_by_key(|mover| mover.at)?;
            if mover.at > due {
                return None;
            }
            // A move that became due during another one happens now.
            let at = mover.at.max(world.now());
            let person = world.person(mover.who)?;
            if person.is_busy() && mover.flood.is_none() {
                mover.at = at + BUSY;
                continue;
            }
            let does = mover.choose(draw, world, &mut self.weights, self.mix.floods, self.number)?;
            let who = mover.who;
            mover.at = at + gap(draw, who, mover.flood.is_some());
            if takes_its_time(does) {
                mover.at += draw.span(Stream::Person(who), UNDER_WAY, UNDER_WAY + UNDER_WAY);
            }
            return Some(Move { at, who, does });
        }
    }
}

impl Explorer {
    fn choose(
        &mut self,
        draw: &mut Rng,
        world: &World,
        weights: &mut Vec<(u32, usize)>,
        floods: Chance,
        number: Option<Number>,
    ) -> Option<Act> {
        if let Some((act, more)) = self.flood {
            self.flood = more.checked_sub(1).map(|more| (act, more));
            return Some(act);
        }
        self.left -= 1;
        let situation = Situation::of(world, self.who, self.role);
        let page = situation.page() % PAGES;
        weights.clear();
        let mut sum = 0;
        let mut acts = situation.acts();
        while acts != 0 {
            let place = acts.trailing_zeros() as usize;
            acts &= acts - 1;
            let new = self.tried[page] & (1 << place) == 0;
            sum += WEIGHTS[place] * if new { 6 } else { 1 };
            weights.push((sum, place));
        }
        if sum == 0 {
            return None;
        }
        let at = draw.below(Stream::Person(self.who), sum);
        let (_, place) = *weights.get(weights.partition_point(|(sum, _)| *sum <= at))?;
        self.tried[page] |= 1 << place;
        let act = ACTS.get(place)?.act(number);
        let again = ACTS.get(place).is_some_and(|candidate| match self.role {
            Role::Stranger => candidate.floods(),
            Role::Owner => candidate.is_pressed_again(),
        });
        if again && draw.below(Stream::Person(self.who), 100) < floods.percent {
            self.flood = Some((act, draw.below(Stream::Person(self.who), floods.most)));
        }
        Some(act)
    }
}

/// The time of a mover's first move.
fn first(draw: &mut Rng, who: PersonId) -> Span {
    let longest =
        if draw.below(Stream::Person(who), 4) == 0 { Span::from_hours(4) } else { Span::from_mins(8) };
    draw.span(Stream::Person(who), Span::SECOND, longest)
}

/// The time between two moves: mostly seconds, sometimes minutes or hours.
fn gap(draw: &mut Rng, who: PersonId, floods: bool) -> Span {
    let (from, to) = match draw.below(Stream::Person(who), 20) {
        _ if floods => (Span::SECOND, Span::from_secs(4)),
        0..12 => (Span::SECOND, Span::from_secs(20)),
        12..17 => (Span::from_secs(20), Span::from_mins(5)),
        17..19 => (Span::from_mins(5), Span::from_mins(65)),
        _ => (Span::from_mins(65), Span::from_hours(26)),
    };
    draw.span(Stream::Person(who), from, to)
}
