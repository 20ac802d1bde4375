//! `drill --against LAST.json`: what is new, gone, rarer or more frequent than in an earlier drill.
//!
//! Drills are samples, so their counts differ by chance. A difference is reported only if two drills of the same
//! system would show one as large in fewer than 1 % of cases. The test splits all runs that have the finding
//! between the two drills, in proportion to their numbers of runs.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use crate::cli::baseline::Known;
use crate::cli::drill::demands::runs;
use crate::cli::drill::outcome::Outcome;

/// The chance of a difference that means nothing.
const BY_CHANCE: f64 = 0.01;

/// Up to this many findings, the chance is computed exactly.
const EXACT_MAX: u64 = 2_000;

/// How often something happened, in how many runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rate {
    count: u64,
    runs: u64,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    New,
    MoreFrequent,
    StillThere,
    Rarer,
    Gone,
    /// Its story was not drawn now.
    NotDrawn,
    /// It occurs now and did not before, or the other way round, but the runs are too few to tell.
    Unclear,
}

impl Change {
    const fn label(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::MoreFrequent => "more frequent",
            Self::StillThere => "still there",
            Self::Rarer => "rarer",
            Self::Gone => "gone",
            Self::NotDrawn => "not drawn",
            Self::Unclear => "unclear",
        }
    }
}

/// Compares how often a finding occurred in two drills.
fn change(then: Rate, now: Rate) -> Change {
    let differs = chance(then, now) < BY_CHANCE;
    let is_less =
        u128::from(now.count) * u128::from(then.runs) < u128::from(then.count) * u128::from(now.runs);
    match (then.count, now.count) {
        (0, _) if differs => Change::New,
        (_, 0) if differs => Change::Gone,
        (0, _) | (_, 0) => Change::Unclear,
        _ if !differs => Change::StillThere,
        _ if is_less => Change::Rarer,
        _ => Change::MoreFrequent,
    }
}

/// The chance of a difference as large as this one if nothing has changed: a two-sided binomial test of the share
/// of the second drill in all runs with the finding.
fn chance(then: Rate, now: Rate) -> f64 {
    let (all, both) = (then.count.saturating_add(now.count), then.runs.saturating_add(now.runs));
    if all == 0 || then.runs == 0 || now.runs == 0 {
        return 1.0;
    }
    let share = now.runs as f64 / both as f64;
    let (all_f, expected) = (all as f64, all as f64 * share);
    if all > EXACT_MAX {
        let spread = (expected * (1.0 - share)).sqrt();
        let apart = (now.count as f64 - expected).abs() / spread;
        // Beyond 2.576 standard deviations are 1 % of a normal distribution.
        return if apart > 2.576 { 0.0 } else { 1.0 };
    }
    // The chances of 0, 1, … of them in the second drill, as logarithms.
    let mut log = all_f * (1.0 - share).ln();
    let (mut below, mut above) = (0.0, 0.0);
    for count in 0..=all {
        if count <= now.count {
            below += log.exp();
        }
        if count >= now.count {
            above += log.exp();
        }
        log += ((all - count) as f64 / (count + 1) as f64).ln() + (share / (1.0 - share)).ln();
    }
    (2.0 * f64::min(below, above)).min(1.0)
}

/// How many runs without the finding would tell that it is gone.
fn runs_to_tell(then: Rate) -> u64 {
    let times = (BY_CHANCE / 2.0).powf(-1.0 / then.count.max(1) as f64) - 1.0;
    (then.runs as f64 * times).ceil() as u64
}

/// Prints the comparison: first what is new.
pub(super) fn tell(out: &mut dyn Write, file: &str, last: &Outcome, outcome: &Outcome) {
    let _closed_pipe = write(out, file, last, outcome);
}

fn write(out: &mut dyn Write, file: &str, last: &Outcome, outcome: &Outcome) -> io::Result<()> {
    writeln!(out, "against {file}, of {}", runs(last.runs))?;
    if last.setup.stories != outcome.setup.stories {
        writeln!(out, "  note: it drew from other stories, or from earlier versions of them")?;
    }
    let (before, after) = (counts(last), counts(outcome));
    let mut lines: Vec<(Change, String)> = Vec::new();
    for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(key))) {
        let rate =
            |counts: &BTreeMap<Known, u64>, runs| Rate { count: counts.get(key).copied().unwrap_or(0), runs };
        let (then, now) = (rate(&before, last.runs), rate(&after, outcome.runs));
        let change = if was_drawn(key, outcome) { change(then, now) } else { Change::NotDrawn };
        let why = match (change, then.count, now.count) {
            (Change::NotDrawn, ..) => ": this drill does not draw from its story".to_owned(),
            (Change::New | Change::Unclear, 0, _) if !was_drawn(key, last) => {
                ": the other drill did not draw from its story".to_owned()
            }
            (Change::Unclear, 0, _) => ": too few to tell whether it is new".to_owned(),
            (Change::Unclear, _, _) => {
                format!(": too few to tell whether it is gone; {} would tell", runs(runs_to_tell(then)))
            }
            _ => String::new(),
        };
        let Known { rule, verdict, origin } = key;
        lines.push((
            change,
            format!(
                "  {:<13} {rule} [{verdict}] ({origin}): in {} of {}, {} of {} before{why}",
                change.label(),
                now.count,
                runs(now.runs),
                then.count,
                then.runs
            ),
        ));
    }
    lines.sort();
    if lines.is_empty() {
        writeln!(out, "  no findings, then and now")?;
    }
    lines.into_iter().try_for_each(|(_, line)| writeln!(out, "{line}"))
}

/// Whether a drill drew from the story of this finding; earlier versions did not write which stories they drew from.
fn was_drawn(known: &Known, outcome: &Outcome) -> bool {
    let Known { origin, .. } = known;
    let is_of = |name: &String| origin.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(": "));
    outcome.story_names.is_empty() || outcome.story_names.iter().any(is_of)
}

/// In how many runs each finding occurred that is not accepted. A run with two causes of one rule counts twice.
fn counts(outcome: &Outcome) -> BTreeMap<Known, u64> {
    let mut counts = BTreeMap::new();
    for found in outcome.tally.findings.values() {
        for (origin, one) in &found.origins {
            let (rule, verdict) = (found.rule.clone(), found.verdict.clone());
            let count: &mut u64 = counts.entry(Known { rule, verdict, origin: origin.clone() }).or_default();
            *count = count.saturating_add(one.count).min(outcome.runs);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn rate(count: u64, runs: u64) -> Rate {
        Rate { count, runs }
    }

    #[test]
    fn a_change_is_told_only_if_the_runs_are_enough() {
        for (then, now, told) in [
            (rate(0, 1_000), rate(9, 1_000), Change::New),
            (rate(0, 1_000), rate(3, 1_000), Change::Unclear),
            (rate(0, 100), rate(9, 10_000), Change::Unclear),
            (rate(9, 1_000), rate(0, 1_000), Change::Gone),
            (rate(3, 1_000), rate(0, 1_000), Change::Unclear),
            (rate(3, 1_000), rate(0, 10_000), Change::Gone),
            (rate(100, 1_000), rate(100, 1_000), Change::StillThere),
            (rate(100, 1_000), rate(110, 1_000), Change::StillThere),
            (rate(100, 1_000), rate(160, 1_000), Change::MoreFrequent),
            (rate(100, 1_000), rate(50, 1_000), Change::Rarer),
            (rate(100, 1_000), rate(1_000, 10_000), Change::StillThere),
            (rate(5_000, 10_000), rate(40_000, 100_000), Change::Rarer),
            (rate(5_000, 10_000), rate(50_100, 100_000), Change::StillThere),
            (rate(5, 0), rate(5, 10), Change::StillThere),
        ] {
            assert_eq!(change(then, now), told, "{then:?} {now:?}");
        }
    }

    #[test]
    fn equal_drills_rarely_differ() {
        // Pairs of drills of the same system, 100 runs each: fewer than 1 % may seem to differ.
        let (mut pairs, mut told) = (0, 0);
        let mut draw = crate::base::rng::Rng::new(7);
        let mut count = |rate: u32| {
            (0..100).filter(|_| draw.below(crate::base::rng::Stream::Story, 100) < rate).count() as u64
        };
        for at in [1, 5, 20, 50] {
            for _ in 0..500 {
                let (then, now) = (rate(count(at), 100), rate(count(at), 100));
                pairs += 1;
                told += u32::from(matches!(
                    change(then, now),
                    Change::New | Change::Gone | Change::Rarer | Change::MoreFrequent
                ));
            }
        }
        assert!(told * 100 <= pairs, "{told} of {pairs}");
    }

    #[test]
    fn so_many_runs_would_tell_that_it_is_gone() {
        for then in [rate(1, 1_000), rate(3, 1_000), rate(40, 10_000)] {
            let runs = runs_to_tell(then);
            assert_eq!(change(then, rate(0, runs + runs / 50 + 2)), Change::Gone, "{then:?} {runs}");
            assert_eq!(change(then, rate(0, runs - runs / 50 - 2)), Change::Unclear, "{then:?} {runs}");
        }
    }

    #[test]
    fn counts_of_a_file_may_be_anything() {
        let most = rate(u64::MAX, u64::MAX);
        for (then, now) in [(most, most), (most, rate(0, 1)), (rate(0, 1), most), (rate(1, 0), rate(1, 0))] {
            let _ = (change(then, now), runs_to_tell(then));
        }
    }
}
