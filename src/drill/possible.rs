//! Whether the counts of a tally can be those of a drill: an editor or another program may have written them.

use crate::drill::figures::{Figures, Values};
use crate::drill::tally::{Found, Tally};
use crate::story::limit;

/// More values than a run adds to any figure: each of its accounts, tickets and resets adds one at the most.
const VALUES_PER_RUN_MAX: u128 = 1_000;

impl Tally {
    /// Checks that all counts are at most what this many runs can come to.
    ///
    /// # Errors
    /// What is impossible.
    pub fn is_possible(&self, runs_max: u64) -> Result<(), String> {
        let runs = self.runs;
        at_most("runs", runs, u128::from(runs_max))?;
        let most = u128::from(runs);
        // Each owner of a run counts once.
        at_most("owners of runs", self.ends.total(), most * limit::ACCOUNTS_MAX as u128)?;
        for (what, histogram) in [
            ("runs with a number of events", &self.events),
            ("runs with a number of moves", &self.moves),
            ("runs with a number of faults", &self.faults),
            ("runs with a number of codes", &self.hmacs),
        ] {
            at_most(what, histogram.counts.iter().map(|count| u128::from(*count)).sum::<u128>(), most)?;
        }
        for count in &self.sometimes {
            at_most("runs that reach a situation", *count, most)?;
        }
        self.findings.iter().try_for_each(|(cause, found)| found.is_possible(cause, most))?;
        for accepted in self.accepted.values() {
            at_most("runs of an acceptance", accepted.runs, most)?;
            accepted.findings.iter().try_for_each(|(cause, found)| found.is_possible(cause, most))?;
        }
        let Figures { tickets, emails, calls, resets, requests, .. } = &self.figures;
        for (what, values) in [
            ("tickets", tickets),
            ("emails", emails),
            ("calls", calls),
            ("resets", resets),
            ("requests", requests),
        ] {
            at_most(&format!("runs with a number of {what}"), values.total(), most)?;
        }
        let Figures { time_to_recover, time_to_sign_in, time_to_reset, .. } = &self.figures;
        let times = [time_to_recover, time_to_sign_in, time_to_reset];
        times
            .into_iter()
            .map(Values::total)
            .try_for_each(|count| at_most("times", count, most * VALUES_PER_RUN_MAX))
    }
}

impl Found {
    fn is_possible(&self, cause: &str, runs: u128) -> Result<(), String> {
        at_most(&format!("runs with `{cause}`"), self.count, runs)?;
        let mut origins = self.origins.values();
        origins.try_for_each(|one| at_most(&format!("runs with `{cause}` of one origin"), one.count, runs))
    }
}

fn at_most(what: &str, count: impl Into<u128>, most: u128) -> Result<(), String> {
    let count = count.into();
    if count > most {
        Err(format!("it counts {count} {what}, but there can be {most} at the most"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::{Mix, Runner, built_in};
    use crate::policy::Norm;

    #[test]
    fn what_runs_come_to_is_possible_and_more_is_not() {
        let mut runner = Runner::new(built_in(), Mix::usual(), Norm::NIST);
        let mut tally = Tally::default();
        for seed in 0..200 {
            tally.add(seed, &runner.run(seed));
        }
        assert_eq!(tally.is_possible(200), Ok(()));
        let says = |change: &dyn Fn(&mut Tally)| {
            let mut tally = tally.clone();
            change(&mut tally);
            tally.is_possible(200).unwrap_err()
        };
        assert_eq!(says(&|tally| tally.runs = 201), "it counts 201 runs, but there can be 200 at the most");
        assert!(says(&|tally| tally.runs = 5).starts_with("it counts "));
        assert!(says(&|tally| tally.ends.recovered = u64::MAX).contains("owners of runs"));
        assert!(says(&|tally| tally.sometimes[0] = 201).contains("201 runs that reach a situation"));
        let found = Found { count: u64::MAX, ..Found::default() };
        assert!(
            says(&|tally| drop(tally.findings.insert("a/b".to_owned(), found.clone())))
                .contains("runs with `a/b`")
        );
        for figure in ["emails", "time_to_recover"] {
            let more = |tally: &mut Tally| {
                let mut value = serde_json::to_value(&*tally).unwrap();
                value["figures"][figure]["counts"]["1"] = u64::MAX.into();
                *tally = serde_json::from_value(value).unwrap();
            };
            assert!(says(&more).starts_with(&format!("it counts {}", u64::MAX).as_str()[..20]), "{figure}");
        }
        let more = |tally: &mut Tally| {
            let mut value = serde_json::to_value(&*tally).unwrap();
            value["events"][3] = u64::MAX.into();
            *tally = serde_json::from_value(value).unwrap();
        };
        assert!(says(&more).contains("runs with a number of events"));
    }
}
