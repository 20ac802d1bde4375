//! Aggregates the results of many runs, independent of order, threads and machines.
//!
//! Tallies add up: the sum over two parts equals the tally of the whole, findings included. The
//! number of jobs and shards affects only the duration.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::account_set::AccountSet;
use crate::base::id::{AccountId, EventId, PersonId};
use crate::base::time::Time;
use crate::drill::coverage;
use crate::drill::coverage::Coverage;
use crate::drill::figures::{Counting, Figures};
use crate::drill::origin::{Accepted, Origin, origin};
use crate::drill::single::Ran;
use crate::drill::sometimes::{Reach, Sometimes};
use crate::event::{Actor, Control, Event, EventKind, Way};
use crate::oracle::Finding;
use crate::story::{Role, Story, limit};

/// The aggregated results of a set of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The number of runs.
    pub runs: u64,
    /// How the runs ended.
    pub ends: Ends,
    /// Simulated time, in milliseconds.
    pub virtual_ms: u64,
    /// Events per run.
    pub events: Histogram,
    /// Moves per run, without those made by habit.
    pub moves: Histogram,
    /// Strikes of faults per run.
    pub faults: Histogram,
    /// HMAC operations per run: one for each MFA code that a device or the service computed.
    pub hmacs: Histogram,
    /// For each of [`Sometimes::ALL`], the number of runs that reached it.
    pub sometimes: Vec<u64>,
    /// Pages seen per role, in combination with the faults that struck before.
    pub coverage: Coverage,
    /// The findings, by cause.
    pub findings: BTreeMap<String, Found>,
    /// The acceptances of the base stories, and the findings that they cover.
    #[serde(default)]
    pub accepted: BTreeMap<String, Accepted>,
    /// Figures that a drill can be expected to reach.
    #[serde(default)]
    pub figures: Figures,
}

/// How runs ended for their owners, by the way in which each first signed in. Each owner of a run counts once, and
/// the run without any owner as one that is locked out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ends {
    /// An owner signed in by alternative factors, or with the password after these had removed the lost devices.
    pub recovered: u64,
    /// An owner signed in with a code, or with the password alone after turning MFA off.
    pub signed_in: u64,
    /// An owner signed in with the password after a reset by support, or is waiting for support.
    pub with_support: u64,
    /// None of these.
    pub locked_out: u64,
}

impl Ends {
    /// How many owners of runs they count.
    pub fn total(&self) -> u128 {
        let all = [self.recovered, self.signed_in, self.with_support, self.locked_out];
        all.into_iter().map(u128::from).sum()
    }
}

/// The findings of one cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The oracle.
    pub oracle: String,
    /// The violated rule, for example `single-use/link-twice`.
    pub rule: String,
    /// The verdict: outside the norm, or a breach of the story's own policy.
    pub verdict: String,
    /// The message of the run with the lowest seed.
    pub says: String,
    /// The lowest seed with this cause.
    pub seed: u64,
    /// When it happened in that run, in virtual milliseconds.
    #[serde(default)]
    pub at_ms: u64,
    /// The lowest seeds with this cause: one cause can have several roots.
    #[serde(default)]
    pub seeds: Vec<u64>,
    /// The number of runs with this cause.
    pub count: u64,
    /// What it goes back to, and in how many runs.
    #[serde(default)]
    pub origins: BTreeMap<String, Origin>,
}

/// Most seeds kept for a cause.
const SEEDS_MAX: usize = 3;

/// A histogram of small integers, for percentiles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram {
    pub(super) counts: Vec<u64>,
}

/// Values above are clamped to this one.
const HISTOGRAM_MAX: usize = 4_095;

impl Histogram {
    fn add(&mut self, value: usize) {
        let place = value.min(HISTOGRAM_MAX);
        if self.counts.len() <= place {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += 1;
    }

    fn add_all(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_add(*more);
        }
    }

    /// The smallest value that at least `percent` percent of the values do not exceed; 0 if empty.
    pub fn percentile(&self, percent: u64) -> usize {
        let total: u128 = self.counts.iter().map(|count| u128::from(*count)).sum();
        let mut left = (total * u128::from(percent)).div_ceil(100).max(1);
        for (value, count) in self.counts.iter().enumerate() {
            let count = u128::from(*count);
            if left <= count {
                return value;
            }
            left -= count;
        }
        0
    }

    /// The sum of all values.
    pub fn sum(&self) -> u64 {
        let all = self.counts.iter().enumerate().map(|(value, count)| (value as u64).saturating_mul(*count));
        all.fold(0, u64::saturating_add)
    }
}

impl Tally {
    /// A tally of no runs, which lists the acceptances of these bases.
    pub fn of(bases: &[Arc<Story>]) -> Self {
        let accepted =
            bases.iter().flat_map(|story| story.accepts.iter().map(|one| Accepted::of(story, one)));
        Self { accepted: accepted.map(|one| (one.key(), one)).collect(), ..Self::default() }
    }

    /// Adds a run.
    pub fn add(&mut self, seed: u64, ran: &Ran<'_>) {
        self.runs += 1;
        self.virtual_ms += ran.trace.until().since(Time::ZERO).as_millis();
        self.events.add(ran.trace.events().len());
        self.moves.add(ran.story.moves.len());

        self.hmacs.add(usize::try_from(ran.hmacs).unwrap_or(usize::MAX));
        self.end(seed, ran);
        let reached = self.walk(seed, ran);
        self.sometimes.resize(Sometimes::ALL.len(), 0);
        for (place, count) in self.sometimes.iter_mut().enumerate() {
            *count += reached >> place & 1;
        }
        self.figures.reached(seed, reached);
        self.objections(seed, ran);
    }

    /// Adds the findings of a run, those that its story accepts apart from the others.
    fn objections(&mut self, seed: u64, ran: &Ran<'_>) {
        let mut told: Vec<(Option<usize>, String, String)> = Vec::new();
        for finding in &ran.findings {
            let accepted = ran.story.acceptance(finding.rule, finding.account);
            let (cause, origin) = (finding.cause(), origin(finding, ran.story));
            let again = told.iter().any(|(by, other, _)| *by == accepted && *other == cause);
            let next = (accepted, cause, origin);
            if told.contains(&next) {
                continue;
            }
            let (_, cause, origin) = &next;
            // A run counts once for its cause, and once for each origin.
            let new = Found { count: u64::from(!again), ..found(seed, origin, finding) };
            match accepted.and_then(|at| ran.story.accepts.get(at)) {
                None => merge(&mut self.findings, cause, new),
                Some(acceptance) => {
                    let one = Accepted::of(ran.story, acceptance);
                    let one = self.accepted.entry(one.key()).or_insert(one);
                    one.runs += u64::from(!told.iter().any(|(by, ..)| *by == accepted));
                    merge(&mut one.findings, cause, new);
                }
            }
            told.push(next);
        }
    }

    /// Walks over all events once, for faults, coverage and reached situations.
    fn walk(&mut self, seed: u64, ran: &Ran<'_>) -> u64 {
        let mut reach = Reach::of(ran.story);
        let mut counting = Counting::default();
        let (mut struck, mut faults) = (coverage::NO_FAULT, 0);
        self.coverage.make_room();
        for event in ran.trace.events() {
            reach.take_in(event);
            counting.take_in(event);
            self.coverage.take_in(event, ran.story, &mut struck);
            faults += usize::from(matches!(event.kind, EventKind::FaultStruck { .. }));
        }
        self.faults.add(faults);
        self.figures.add(seed, &counting);
        reach.bits
    }

    /// Counts the end of a run for the owner of each account.
    fn end(&mut self, seed: u64, ran: &Ran<'_>) {
        let mut ends = [None; limit::ACCOUNTS_MAX];
        let (mut support, mut recovered) = (AccountSet::NONE, AccountSet::NONE);
        for (id, event) in ran.trace.iter() {
            match event.kind {
                EventKind::SignedIn { way, account, .. } => {
                    let Some(owner) = owner_who_asked(ran, id) else { continue };
                    if let Some(end @ None) = ends.get_mut(account.index()) {
                        // The sign-in after a recovery that asks for one is its end.
                        let way = if recovered.has(account) { Way::Recovery } else { way };
                        *end = Some(way);
                        self.figures.signed_in(seed, ran.trace, owner, way, event.at);
                    }
                }
                EventKind::DeviceDeactivated { account, session: Some(_), .. }
                    if finishes_recovery(ran, event) && owner_who_asked(ran, id).is_some() =>
                {
                    recovered = recovered.with(account);
                }
                EventKind::TicketTaken { account: Some(account), .. }
                | EventKind::FactorsReset { account, .. } => support = support.with(account),
                _ => {}
            }
        }
        let of = |(at, end): (usize, &Option<Way>)| match end {
            Some(Way::Recovery) => End::Recovered,
            Some(Way::Password | Way::OneAlternative) | None if support.has(AccountId(at as u16)) => {
                End::WithSupport
            }
            Some(Way::Mfa | Way::Password | Way::OneAlternative) => End::SignedIn,
            None => End::LockedOut,
        };
        let owned = owned(ran.story);
        if owned == AccountSet::NONE {
            return self.ended(seed, End::LockedOut);
        }
        for end in ends.iter().enumerate().filter(|(at, _)| owned.has(AccountId(*at as u16))).map(of) {
            self.ended(seed, end);
        }
    }

    fn ended(&mut self, seed: u64, end: End) {
        let count = match end {
            End::SignedIn => &mut self.ends.signed_in,
            End::Recovered => &mut self.ends.recovered,
            End::WithSupport => &mut self.ends.with_support,
            End::LockedOut => &mut self.ends.locked_out,
        };
        *count += 1;
        self.figures.ended(seed, end);
    }

    /// Adds another tally. Counts of a file may be anything, so no sum overflows.
    pub fn add_all(&mut self, other: &Self) {
        let more = &other.ends;
        for (count, more) in [
            (&mut self.runs, other.runs),
            (&mut self.virtual_ms, other.virtual_ms),
            (&mut self.ends.recovered, more.recovered),
            (&mut self.ends.signed_in, more.signed_in),
            (&mut self.ends.with_support, more.with_support),
            (&mut self.ends.locked_out, more.locked_out),
        ] {
            *count = count.saturating_add(more);
        }
        self.events.add_all(&other.events);
        self.hmacs.add_all(&other.hmacs);
        self.moves.add_all(&other.moves);
        self.faults.add_all(&other.faults);
        self.coverage.add_all(&other.coverage);
        self.sometimes.resize(self.sometimes.len().max(other.sometimes.len()), 0);
        for (count, more) in self.sometimes.iter_mut().zip(&other.sometimes) {
            *count = count.saturating_add(*more);
        }
        for (cause, found) in &other.findings {
            merge(&mut self.findings, cause, found.clone());
        }
        for (key, other) in &other.accepted {
            let one = self.accepted.entry(key.clone()).or_insert_with(|| Accepted {
                runs: 0,
                findings: BTreeMap::new(),
                ..other.clone()
            });
            one.runs = one.runs.saturating_add(other.runs);
            for (cause, found) in &other.findings {
                merge(&mut one.findings, cause, found.clone());
            }
        }
        self.figures.add_all(&other.figures);
    }

    /// Those of [`Sometimes::ALL`] that no run reached.
    pub fn never(&self) -> Vec<Sometimes> {
        let count = |what: &&Sometimes| self.sometimes.get(**what as usize).copied().unwrap_or(0);
        Sometimes::ALL.iter().filter(|what| count(what) == 0).copied().collect()
    }
}

/// A finding of one run.
fn found(seed: u64, origin: &str, finding: &Finding) -> Found {
    let one = Origin { seed, count: 1, says: finding.says.clone() };
    Found {
        oracle: finding.oracle.to_owned(),
        rule: finding.rule.to_owned(),
        verdict: finding.verdict.label().to_owned(),
        says: finding.says.clone(),
        seed,
        at_ms: finding.at.since(Time::ZERO).as_millis(),
        seeds: vec![seed],
        count: 1,
        origins: BTreeMap::from([(origin.to_owned(), one)]),
    }
}

/// Adds findings of one cause.
pub fn merge(findings: &mut BTreeMap<String, Found>, cause: &str, new: Found) {
    let Some(known) = findings.get_mut(cause) else {
        findings.insert(cause.to_owned(), new);
        return;
    };
    let count = known.count.saturating_add(new.count);
    let mut origins = std::mem::take(&mut known.origins);
    for (origin, more) in new.origins.clone() {
        match origins.get_mut(&origin) {
            Some(origin) => origin.add(more),
            None => drop(origins.insert(origin, more)),
        }
    }
    let mut seeds: Vec<u64> = known.seeds.iter().chain(&new.seeds).copied().collect();
    seeds.sort_unstable();
    seeds.dedup();
    seeds.truncate(SEEDS_MAX);
    if new.seed < known.seed {
        *known = new;
    }
    (known.count, known.origins, known.seeds) = (count, origins, seeds);
}

/// The end of a run for one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As usual, with a code.
    SignedIn,
    /// By alternative factors.
    Recovered,
    /// After a reset by support, or waiting for one.
    WithSupport,
    /// None of these.
    LockedOut,
}

/// The accounts whose owners act by habit, or of all owners if none does.
fn owned(story: &Story) -> AccountSet {
    let owners = || story.people.iter().filter(|person| person.role == Role::Owner);
    let by_habit: AccountSet =
        owners().filter(|owner| owner.begins.is_some()).map(|owner| owner.account).collect();
    if by_habit == AccountSet::NONE { owners().map(|owner| owner.account).collect() } else { by_habit }
}

/// Whether the last step of a recovery removed the device, so that its owner signs in without one.
fn finishes_recovery(ran: &Ran<'_>, removed: &Event) -> bool {
    let asked = removed.cause.and_then(|cause| ran.trace.get(cause)).map(|asked| asked.kind);
    matches!(asked, Some(EventKind::Requested { action: Control::FinishSignIn, .. }))
}

/// The owner whose request caused this event, if it was one.
fn owner_who_asked(ran: &Ran<'_>, id: EventId) -> Option<PersonId> {
    let asked = ran.trace.causes(id).find_map(|(_, event)| match (event.by, event.kind) {
        (Actor::Person(who), EventKind::Requested { .. }) => Some(who),
        _ => None,
    })?;
    let person = ran.story.people.get(asked.index())?;
    (person.role == Role::Owner).then_some(asked)
}
