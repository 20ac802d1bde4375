//! Shrinks a failing story to a smaller one that fails for the same cause.
//!
//! A candidate has something removed: moves, faults, people, their possessions, habits, device
//! defects, delays. It is simulated and judged, and kept if it fails for the same cause. The search
//! repeats until a round removes nothing or the budget is used up. Shrinking is deterministic.

use std::sync::Arc;

use crate::base::id::PersonId;
use crate::base::time::{Span, Time};
use crate::fault::Which;
use crate::oracle;
use crate::oracle::Finding;
use crate::people::Habits;
use crate::policy::{Norm, Policy};
use crate::stage::Play;
use crate::story::{DeviceState, Role, Story};

/// Maximum number of simulations per shrink.
const PLAYS_MAX: u32 = 4_000;

/// Candidate gaps between two moves, shortest first.
const GAPS: [Span; 4] = [Span::SECOND, Span::from_secs(10), Span::MINUTE, Span::from_mins(10)];

/// The result of shrinking.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The shrunk story.
    pub story: Story,
    /// The finding of the shrunk story.
    pub finding: Finding,
    /// The number of faults and of moves before shrinking.
    pub before: (usize, usize),
    /// The number of simulations.
    pub plays: u32,
}

struct Shrinker<'a> {
    norm: &'a Norm,
    cause: String,
    best: Story,
    finding: Finding,
    plays: u32,
}

/// Shrinks `story`, which fails with `finding`.
pub fn shrink(story: &Story, finding: &Finding, norm: &Norm) -> Shrunk {
    let cause = finding.cause();
    let before = (story.faults.len(), story.moves.len());
    let mut shrinker = Shrinker { norm, cause, best: story.clone(), finding: finding.clone(), plays: 0 };
    while shrinker.round() {}
    shrinker.tidy_times();
    let Shrinker { best, finding, plays, .. } = shrinker;
    Shrunk { story: best, finding, before, plays }
}

/// Simulates a story to its end and judges it; what it accepts is no finding, on whatever day. A run that gets
/// stuck has no findings.
pub fn judged(story: &Story, norm: &Norm) -> Vec<Finding> {
    let mut play = Play::new(Arc::new(story.clone()), story.seed);
    if play.to_the_end().is_err() {
        return Vec::new();
    }
    let mut findings = oracle::judge(play.world().trace(), story, norm);
    findings.retain(|finding| story.acceptance(finding.rule, finding.account).is_none());
    findings
}

impl Shrinker<'_> {
    /// Keeps `story` if it fails for the same cause.
    fn takes(&mut self, story: Story) -> bool {
        if self.plays >= PLAYS_MAX || story == self.best {
            return false;
        }
        self.plays += 1;
        let found = judged(&story, self.norm);
        let same = found.into_iter().find(|finding| finding.cause() == self.cause);
        let Some(finding) = same else { return false };
        (self.best, self.finding) = (story, finding);
        true
    }

    /// Applies `change` to the best story so far; returns whether the result was kept.
    fn tries(&mut self, change: impl FnOnce(&mut Story)) -> bool {
        let mut story = self.best.clone();
        change(&mut story);
        self.takes(story)
    }

    /// Tries every reduction once, the largest first; returns whether one was kept.
    fn round(&mut self) -> bool {
        let mut any = self.fewer_moves();
        any |= self.fewer_faults();
        any |= self.fewer_people();
        any |= self.simpler_people();
        any |= self.simpler_devices();
        any |= self.simpler_faults();
        any |= self.tries(|story| story.policy.resync_window = Policy::NORM.resync_window);
        any
    }

    fn fewer_moves(&mut self) -> bool {
        let mut any = false;
        let mut size = self.best.moves.len();
        while size > 0 {
            let mut at = 0;
            while at < self.best.moves.len() {
                let end = (at + size).min(self.best.moves.len());
                if self.tries(|story| {
                    story.moves.drain(at..end);
                }) {
                    any = true;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
        any
    }

    fn fewer_faults(&mut self) -> bool {
        let mut any = self.tries(|story| story.faults.clear());
        for at in (0..self.best.faults.len()).rev() {
            any |= self.tries(|story| {
                story.faults.remove(at);
            });
        }
        any
    }

    fn fewer_people(&mut self) -> bool {
        let mut any = false;
        for at in (0..self.best.people.len()).rev() {
            let who = PersonId(at as u16);
            let needed = self.best.people[at].role == Role::Owner;
            if needed || self.best.moves.iter().any(|made| made.who == who) {
                continue;
            }
            any |= self.tries(|story| {
                story.people.remove(at);
                for made in story.moves.iter_mut().filter(|made| made.who > who) {
                    made.who.0 -= 1;
                }
            });
        }
        any
    }

    fn simpler_people(&mut self) -> bool {
        let mut any = false;
        for at in 0..self.best.people.len() {
            any |= self.fewer_habits(at);
            if self.best.people[at].role == Role::Owner {
                any |= self.tries(|story| story.people[at].begins = None);
                continue;
            }
            any |= self.tries(|story| story.people[at].has.password = false);
            any |= self.tries(|story| story.people[at].has.personal_data = false);
            any |= self.tries(|story| story.people[at].has.devices = false);
            any |= self.tries(|story| story.people[at].reads.clear());
            for number in (0..self.best.people[at].answers.len()).rev() {
                any |= self.tries(|story| {
                    story.people[at].answers.remove(number);
                });
            }
        }
        any
    }

    /// Takes a person's habits back to the usual ones: all, or each that is not needed.
    fn fewer_habits(&mut self, at: usize) -> bool {
        if self.tries(|story| story.people[at].habits = Habits::default()) {
            return true;
        }
        let usual = Habits::default();
        let each: [fn(&mut Habits, &Habits); 18] = [
            |habits, usual| habits.thinks_for = usual.thinks_for,
            |habits, usual| habits.reads_mail_after = usual.reads_mail_after,
            |habits, usual| habits.looks_into_spam = usual.looks_into_spam,
            |habits, usual| habits.opens_links_in = usual.opens_links_in,
            |habits, usual| habits.waits_for_mail = usual.waits_for_mail,
            |habits, usual| habits.mails_asked = usual.mails_asked,
            |habits, usual| habits.answers_after = usual.answers_after,
            |habits, usual| habits.answers = usual.answers,
            |habits, usual| habits.key_gap = usual.key_gap,
            |habits, usual| habits.calls_asked = usual.calls_asked,
            |habits, usual| habits.codes_tried = usual.codes_tried,
            |habits, usual| habits.mistypes = usual.mistypes,
            |habits, usual| habits.waits_for_support = usual.waits_for_support,
            |habits, usual| habits.tickets_filed = usual.tickets_filed,
            |habits, usual| habits.comes_back_after = usual.comes_back_after,
            |habits, usual| habits.leaves_lost_devices = usual.leaves_lost_devices,
            |habits, usual| habits.on_notice = usual.on_notice,
            |habits, usual| habits.reacts_after = usual.reacts_after,
        ];
        let mut any = false;
        for takes_back in each {
            any |= self.tries(|story| takes_back(&mut story.people[at].habits, &usual));
        }
        any
    }

    fn simpler_devices(&mut self) -> bool {
        let mut any = false;
        for at in 0..self.best.devices.len() {
            any |= self.tries(|story| {
                let device = &mut story.devices[at];
                device.state = DeviceState::Works;
                (device.clock_off, device.drift_ppm, device.ran_ahead) = (0, 0, 0);
            });
        }
        any
    }

    fn simpler_faults(&mut self) -> bool {
        let mut any = false;
        for at in 0..self.best.faults.len() {
            any |= self.tries(|story| story.faults[at].which = Which::Nth(1));
            for span in [Span::SECOND, Span::MINUTE, Span::HOUR] {
                if self.tries(|story| story.faults[at].kind.shorten(span)) {
                    any = true;
                    break;
                }
            }
        }
        any
    }

    /// Moves the timed moves closer together and to whole seconds.
    fn tidy_times(&mut self) {
        self.tries(|story| {
            for (place, made) in story.moves.iter_mut().enumerate() {
                made.at = Time::ZERO + Span::from_secs(10) * (place as u64 + 1);
            }
        });
        for at in 0..self.best.moves.len() {
            let before = at.checked_sub(1).map_or(Time::ZERO, |before| self.best.moves[before].at);
            let gap = self.best.moves[at].at.since(before);
            let shorter = GAPS.into_iter().find(|shorter| {
                *shorter < gap
                    && self.tries(|story| {
                        let saved = Span::from_millis(gap.as_millis() - shorter.as_millis());
                        for made in &mut story.moves[at..] {
                            made.at = made.at - saved;
                        }
                    })
            });
            if shorter.is_none() {
                self.whole_seconds(at);
            }
        }
    }

    fn whole_seconds(&mut self, at: usize) {
        let millis = self.best.moves[at].at.as_millis();
        let up = millis.div_ceil(1_000) * 1_000 - millis;
        self.tries(|story| {
            for made in &mut story.moves[at..] {
                made.at += Span::from_millis(up);
            }
        });
    }
}
