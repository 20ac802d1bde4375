//! Figures that an operator has expectations about: how often, how many, how long.
//!
//! A figure keeps each value with its count, so that parts add up exactly, and the run with the smallest and with
//! the largest value, as an example.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::id::{PersonId, TicketId};
use crate::base::time::{Span, Time};
use crate::drill::sometimes::Sometimes;
use crate::drill::tally::End;
use crate::event::{Actor, Event, EventKind, Trace, Way};

/// Longer times and higher counts are counted as this one: 100 days, in seconds.
const VALUE_MAX: u64 = 100 * 86_400;

/// Most tickets of a run whose times are counted.
const TICKETS_MAX: usize = 64;

/// How often each value occurs: usual values by index, as every run adds some, the others in a map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<u64, u64>", into = "BTreeMap<u64, u64>")]
struct Counts {
    usual: Vec<u64>,
    others: BTreeMap<u64, u64>,
}

/// The lowest value that is not counted by index.
const USUAL: u64 = 4_096;

impl Counts {
    fn add(&mut self, value: u64, more: u64) {
        let count = if value < USUAL {
            let place = value as usize;
            if self.usual.len() <= place {
                self.usual.resize(place + 1, 0);
            }
            &mut self.usual[place]
        } else {
            self.others.entry(value).or_default()
        };
        // A file may have any counts.
        *count = count.saturating_add(more);
    }

    /// The values that occur, each with its count, in order.
    fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        let usual = self.usual.iter().enumerate().map(|(value, count)| (value as u64, *count));
        let others = self.others.iter().map(|(value, count)| (*value, *count));
        usual.chain(others).filter(|(_, count)| *count > 0)
    }
}

impl From<BTreeMap<u64, u64>> for Counts {
    fn from(map: BTreeMap<u64, u64>) -> Self {
        let mut counts = Self::default();
        for (value, count) in map {
            counts.add(value, count);
        }
        counts
    }
}

impl From<Counts> for BTreeMap<u64, u64> {
    fn from(counts: Counts) -> Self {
        counts.iter().collect()
    }
}

/// The values of one figure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    counts: Counts,
    /// The smallest value, and the lowest seed that has it.
    pub least: Option<(u64, u64)>,
    /// The largest value, and the lowest seed that has it.
    pub most: Option<(u64, u64)>,
}

impl Values {
    /// Adds the value of a run.
    pub fn add(&mut self, seed: u64, value: u64) {
        let value = value.min(VALUE_MAX);
        self.counts.add(value, 1);
        self.example(Some((value, seed)), Some((value, seed)));
    }

    fn example(&mut self, least: Option<(u64, u64)>, most: Option<(u64, u64)>) {
        self.least = self.least.into_iter().chain(least).min();
        let higher = |(value, seed): &(u64, u64)| (*value, std::cmp::Reverse(*seed));
        self.most = self.most.into_iter().chain(most).max_by_key(higher);
    }

    fn add_all(&mut self, other: &Self) {
        for (value, more) in other.counts.iter() {
            self.counts.add(value, more);
        }
        self.example(other.least, other.most);
    }

    /// How many values there are.
    pub fn total(&self) -> u128 {
        self.counts.iter().map(|(_, count)| u128::from(count)).sum()
    }

    /// How many values are not 0.
    pub fn some(&self) -> u128 {
        let some = self.counts.iter().filter(|(value, _)| *value > 0);
        some.map(|(_, count)| u128::from(count)).sum()
    }

    /// The sum of all values.
    pub fn sum(&self) -> u128 {
        let all = self.counts.iter().map(|(value, count)| u128::from(value) * u128::from(count));
        // A file may have any counts.
        all.fold(0, u128::saturating_add)
    }

    /// The smallest value that at least `percent` percent of the values do not exceed; `None` if there are none.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let mut left = (self.total() * u128::from(percent)).div_ceil(100).max(1);
        for (value, count) in self.counts.iter() {
            let count = u128::from(count);
            if left <= count {
                return Some(value);
            }
            left -= count;
        }
        None
    }
}

/// All figures of a set of runs. Times are in whole seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// Tickets per run.
    pub tickets: Values,
    /// Emails per run that the service put into its outbox.
    pub emails: Values,
    /// Calls per run that the service ordered.
    pub calls: Values,
    /// Resets of MFA by support per run.
    pub resets: Values,
    /// Requests of people to the service per run.
    pub requests: Values,
    /// From an owner's first request to the sign-in by alternative factors, per recovered owner.
    pub time_to_recover: Values,
    /// From an owner's first request to the first sign-in, by whatever way, per owner who signed in.
    pub time_to_sign_in: Values,
    /// From a ticket to the reset of MFA, per reset.
    pub time_to_reset: Values,
    /// The lowest seed of each end, in the order of [`End`].
    pub end_seeds: [Option<u64>; 4],
    /// The lowest seed that reached each situation.
    pub reached_seeds: Vec<Option<u64>>,
    /// The lowest seed that did not reach each situation.
    pub missed_seeds: Vec<Option<u64>>,
    #[serde(skip)]
    noted: Noted,
}

/// The situations with a seed no higher than this one, as bit sets: whatever a tally has taken in by itself.
#[derive(Clone, Copy, Debug, Default)]
struct Noted {
    reached: u64,
    missed: u64,
    seed: u64,
}

/// What is noted saves time, and is no part of the figures.
impl PartialEq for Noted {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Noted {}

/// What is counted in one run.
#[derive(Debug, Default)]
pub(super) struct Counting {
    tickets: u64,
    emails: u64,
    calls: u64,
    resets: u64,
    requests: u64,
    taken: Vec<(TicketId, Time)>,
    reset_after: Vec<Span>,
}

impl Counting {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds are not counted")]
    pub(super) fn take_in(&mut self, event: &Event) {
        match event.kind {
            EventKind::Requested { .. } => self.requests += 1,
            EventKind::MailOrdered { .. } => self.emails += 1,
            EventKind::CallOrdered { .. } => self.calls += 1,
            EventKind::TicketTaken { ticket, .. } => {
                self.tickets += 1;
                if self.taken.len() < TICKETS_MAX {
                    self.taken.push((ticket, event.at));
                }
            }
            EventKind::FactorsReset { ticket, .. } => {
                self.resets += 1;
                let taken = self.taken.iter().find(|(taken, _)| *taken == ticket);
                self.reset_after.extend(taken.map(|(_, at)| event.at.since(*at)));
                // One reset ends the time of its ticket.
                self.taken.retain(|(taken, _)| *taken != ticket);
            }
            _ => {}
        }
    }
}

impl Figures {
    /// Adds what was counted in one run.
    pub(super) fn add(&mut self, seed: u64, run: &Counting) {
        for (values, count) in [
            (&mut self.tickets, run.tickets),
            (&mut self.emails, run.emails),
            (&mut self.calls, run.calls),
            (&mut self.resets, run.resets),
            (&mut self.requests, run.requests),
        ] {
            values.add(seed, count);
        }
        for after in &run.reset_after {
            self.time_to_reset.add(seed, after.as_secs());
        }
    }

    /// Adds the first sign-in of an owner.
    pub(super) fn signed_in(&mut self, seed: u64, trace: &Trace, owner: PersonId, way: Way, at: Time) {
        let is_owners = |event: &&Event| {
            event.by == Actor::Person(owner) && matches!(event.kind, EventKind::Requested { .. })
        };
        let Some(first) = trace.events().iter().find(is_owners) else { return };
        let took = at.since(first.at).as_secs();
        self.time_to_sign_in.add(seed, took);
        if way == Way::Recovery {
            self.time_to_recover.add(seed, took);
        }
    }

    /// Notes how a run ended.
    pub(super) fn ended(&mut self, seed: u64, end: End) {
        lower(&mut self.end_seeds[end as usize], Some(seed));
    }

    /// Notes which situations a run reached.
    pub(super) fn reached(&mut self, seed: u64, bits: u64) {
        // Seeds usually ascend, so that only the first run that reaches or misses a situation counts.
        let all = u64::MAX >> (u64::BITS - Sometimes::ALL.len() as u32);
        let is_new = (bits & !self.noted.reached) | (all & !bits & !self.noted.missed) != 0;
        if !is_new && seed >= self.noted.seed {
            return;
        }
        self.noted.reached |= bits;
        self.noted.missed |= all & !bits;
        self.noted.seed = self.noted.seed.max(seed);
        for (seeds, with) in [(&mut self.reached_seeds, 1), (&mut self.missed_seeds, 0)] {
            seeds.resize(Sometimes::ALL.len(), None);
            let those = seeds.iter_mut().enumerate().filter(|(place, _)| bits >> place & 1 == with);
            those.for_each(|(_, lowest)| lower(lowest, Some(seed)));
        }
    }

    /// Adds the figures of other runs.
    pub(super) fn add_all(&mut self, other: &Self) {
        for (values, more) in [
            (&mut self.tickets, &other.tickets),
            (&mut self.emails, &other.emails),
            (&mut self.calls, &other.calls),
            (&mut self.resets, &other.resets),
            (&mut self.requests, &other.requests),
            (&mut self.time_to_recover, &other.time_to_recover),
            (&mut self.time_to_sign_in, &other.time_to_sign_in),
            (&mut self.time_to_reset, &other.time_to_reset),
        ] {
            values.add_all(more);
        }
        for (lowest, other) in self.end_seeds.iter_mut().zip(&other.end_seeds) {
            lower(lowest, *other);
        }
        for (seeds, others) in
            [(&mut self.reached_seeds, &other.reached_seeds), (&mut self.missed_seeds, &other.missed_seeds)]
        {
            seeds.resize(seeds.len().max(others.len()), None);
            for (lowest, other) in seeds.iter_mut().zip(others) {
                lower(lowest, *other);
            }
        }
    }
}

fn lower(lowest: &mut Option<u64>, seed: Option<u64>) {
    if let Some(seed) = seed
        && lowest.is_none_or(|lowest| seed < lowest)
    {
        *lowest = Some(seed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(all: &[(u64, u64)]) -> Values {
        all.iter().fold(Values::default(), |mut values, (seed, value)| {
            values.add(*seed, *value);
            values
        })
    }

    #[test]
    fn parts_add_up_to_the_whole_in_any_order() {
        let all = [(7, 3), (2, 0), (5, 9), (4, 9), (9, 0), (1, 4)];
        let whole = values(&all);
        for cut in 0..=all.len() {
            let (mut one, mut other) = (values(&all[..cut]), values(&all[cut..]));
            one.add_all(&other);
            other.add_all(&values(&all[..cut]));
            assert_eq!((&one, &other), (&whole, &whole));
        }
        assert_eq!((whole.least, whole.most), (Some((0, 2)), Some((9, 4))));
        assert_eq!((whole.total(), whole.some(), whole.sum()), (6, 4, 25));
    }

    #[test]
    fn the_lowest_seed_counts_in_whatever_order_runs_come() {
        let runs = [(5, 0b01), (3, 0b11), (9, 0b10), (4, 0b00)];
        let of = |order: [usize; 4]| {
            let mut figures = Figures::default();
            order.into_iter().for_each(|place| figures.reached(runs[place].0, runs[place].1));
            figures
        };
        let first = of([0, 1, 2, 3]);
        assert_eq!(first.reached_seeds[..3], [Some(3), Some(3), None]);
        assert_eq!(first.missed_seeds[..3], [Some(4), Some(4), Some(3)]);
        for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            assert_eq!(of(order), first, "{order:?}");
        }
    }

    #[test]
    fn usual_and_other_values_are_written_as_one_map() {
        let written = values(&[(1, 0), (2, 7), (3, USUAL - 1), (4, USUAL), (5, 90_000), (6, 90_000)]);
        let json = serde_json::to_string(&written).unwrap();
        assert!(json.contains(r#""counts":{"0":1,"7":1,"4095":1,"4096":1,"90000":2}"#), "{json}");
        assert_eq!(serde_json::from_str::<Values>(&json).unwrap(), written);
        assert_eq!((written.percentile(50), written.percentile(100)), (Some(USUAL - 1), Some(90_000)));
    }

    #[test]
    fn a_percentile_is_a_value_that_occurs() {
        let values = values(&[(0, 1), (1, 2), (2, 3), (3, 100)]);
        for (percent, value) in [(1, 1), (25, 1), (26, 2), (50, 2), (75, 3), (76, 100), (100, 100)] {
            assert_eq!(values.percentile(percent), Some(value), "{percent}");
        }
        assert_eq!(Values::default().percentile(50), None);
        let long = values_of_years();
        assert_eq!(long.percentile(50), Some(VALUE_MAX), "a value beyond the last is the last");
    }

    fn values_of_years() -> Values {
        values(&[(0, u64::MAX)])
    }
}
