//! Accepted findings: which ones an acceptance of the story still covers today.

use std::collections::BTreeMap;
use std::io::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::counted;
use crate::oracle::Finding;
use crate::report::{ScenarioOutcome, Tolerated, Why};
use crate::story;
use crate::story::{Acceptance, Story};

/// The day by which acceptances are judged.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct Today {
    /// Day on which accepted findings are judged, for example 2027-01-01 [default: today, in UTC]
    #[arg(long, value_name = "DATE", value_parser = story::date)]
    today: Option<Date>,
}

impl Today {
    /// The option as it was given, for a line to paste.
    pub(super) fn option(self) -> String {
        self.today.map_or_else(String::new, |today| format!(" --today {today}"))
    }

    /// The day.
    pub(super) fn date(self) -> Date {
        self.today.unwrap_or_else(|| TimeZone::UTC.to_datetime(Timestamp::now()).date())
    }
}

/// The findings of one play, and what became of the acceptances of its story.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// Those that are failures.
    pub(super) findings: Vec<Finding>,
    /// Those that are accepted.
    pub(super) tolerated: Vec<Tolerated>,
    /// The indices of the acceptances that nothing needed.
    pub(super) unneeded: Vec<usize>,
}

/// Sorts out the findings that the story accepts today. A finding whose acceptance has ended says so.
pub(super) fn sorted(found: Vec<Finding>, story: &Story, today: Date) -> Sorted {
    let mut sorted = Sorted::default();
    let mut needed = vec![false; story.accepts.len()];
    for mut finding in found {
        let at = story.acceptance(finding.rule, finding.account);
        let Some((at, acceptance)) = at.and_then(|at| Some((at, story.accepts.get(at)?))) else {
            sorted.findings.push(finding);
            continue;
        };
        needed[at] = true;
        let Acceptance { because, until, .. } = acceptance;
        if *until < today {
            finding.says.push_str(&ended(*until, because));
            sorted.findings.push(finding);
        } else {
            let what = story.accepted(acceptance);
            let why = Why::Accepted { what, because: because.clone(), until: *until };
            sorted.tolerated.push(Tolerated { finding, why });
        }
    }
    sorted.unneeded = needed.iter().enumerate().filter(|(_, needed)| !**needed).map(|(at, _)| at).collect();
    sorted
}

/// What a finding says besides, when its acceptance has ended.
pub(super) fn ended(until: Date, because: &str) -> String {
    format!("; its acceptance ended on {until} (because: {because})")
}

/// Sorts out the accepted findings of scenarios, and tells of acceptances that no scenario of their story needed.
pub(super) fn sort_out(outcomes: &mut [ScenarioOutcome], today: Date) -> Vec<String> {
    let mut plays: BTreeMap<String, (usize, Vec<usize>)> = BTreeMap::new();
    let mut told = BTreeMap::new();
    for played in outcomes.iter_mut().filter_map(|outcome| outcome.played.as_mut()) {
        if played.story.accepts.is_empty() {
            continue;
        }
        let found = std::mem::take(&mut played.findings);
        let Sorted { findings, tolerated, unneeded } = sorted(found, &played.story, today);
        (played.findings, played.tolerated) = (findings, tolerated);
        let (count, still) = plays.entry(played.story.name.clone()).or_insert_with(|| (0, unneeded.clone()));
        *count += 1;
        still.retain(|at| unneeded.contains(at));
        told.insert(played.story.name.clone(), std::sync::Arc::clone(&played.story));
    }
    let of = |(name, (count, unneeded)): (String, (usize, Vec<usize>))| {
        let plays = counted(count, "scenario", "scenarios");
        let story = told.get(&name);
        let lines = unneeded.into_iter().filter_map(move |at| Some(no_longer_needed(story?, at, &plays)));
        lines.collect::<Vec<_>>()
    };
    plays.into_iter().flat_map(of).collect()
}

/// The line of an acceptance that nothing needed.
pub(super) fn no_longer_needed(story: &Story, at: usize, plays: &str) -> String {
    let Some(acceptance) = story.accepts.get(at) else { return String::new() };
    unneeded(&story.accepted(acceptance), &story.name, &acceptance.until.to_string(), plays)
}

/// The same, from words.
pub(super) fn unneeded(what: &str, story: &str, until: &str, plays: &str) -> String {
    format!(
        "no longer needed  {what} in story {story}, accepted until {until}: nothing objected in {plays}; remove the acceptance"
    )
}

/// Prints one line for each acceptance, with the number of its findings.
pub(super) fn tell<'a>(out: &mut dyn Write, tolerated: impl Iterator<Item = (&'a Story, &'a Tolerated)>) {
    let mut counts: BTreeMap<(&str, &Why), usize> = BTreeMap::new();
    for (story, tolerated) in tolerated {
        *counts.entry((&story.name, &tolerated.why)).or_default() += 1;
    }
    for ((story, why), count) in counts {
        if let Why::Accepted { what, because, until } = why {
            let count = counted(count, "finding", "findings");
            let line = accepted(what, story, &count, &until.to_string(), because);
            let _closed_pipe = writeln!(out, "  {line}");
        }
    }
}

/// The line of an acceptance that is needed.
pub(super) fn accepted(what: &str, story: &str, count: &str, until: &str, because: &str) -> String {
    format!("accepted  {what} in story {story}, {count}, until {until}: {because}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::base::id::AccountId;
    use crate::base::time::Time;
    use crate::oracle::Verdict;

    const STORY: &str = "
about: Two accounts, and what the team accepts.
accepts:
  - { rule: single-use/link-twice, account: ben, because: old mails, until: 2027-01-01 }
  - { rule: single-use/link-twice, because: all of them, until: 2026-06-01 }
  - { rule: way-out/gave-up, account: ana, because: no phone, until: 2027-01-01 }
accounts:
  ana: { user: ana@a.test, password: x, number: 1234 5678 9012 }
  ben: { user: ben@a.test, password: y, number: 1234 5678 9013 }
";

    fn finding(rule: &'static str, account: Option<u16>) -> Finding {
        Finding {
            oracle: "single-use",
            rule,
            verdict: Verdict::OutsideNorm,
            account: account.map(AccountId),
            who: None,
            detail: None,
            at: Time::ZERO,
            event: None,
            says: "it did".to_owned(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_finding_is_accepted_by_rule_and_account_until_its_day_has_passed() {
        let story = Story::read(STORY, "two.yaml").unwrap();
        let twice = "single-use/link-twice";
        for (rule, account, today, accepted, says) in [
            // The acceptance that holds longest covers it, to its last day.
            (twice, Some(1), date(2027, 1, 1), true, ""),
            (
                twice,
                Some(1),
                date(2027, 1, 2),
                false,
                "it did; its acceptance ended on 2027-01-01 (because: old mails)",
            ),
            (twice, Some(0), date(2026, 6, 1), true, ""),
            (
                twice,
                Some(0),
                date(2026, 6, 2),
                false,
                "it did; its acceptance ended on 2026-06-01 (because: all of them)",
            ),
            // A finding about no known account is accepted for all accounts only.
            (twice, None, date(2026, 6, 1), true, ""),
            ("way-out/gave-up", None, date(2026, 6, 1), false, "it did"),
            ("way-out/gave-up", Some(1), date(2026, 6, 1), false, "it did"),
            ("way-out/still-trying", Some(0), date(2026, 6, 1), false, "it did"),
        ] {
            let Sorted { findings, tolerated, .. } = sorted(vec![finding(rule, account)], &story, today);
            assert_eq!(
                (findings.len(), tolerated.len()),
                if accepted { (0, 1) } else { (1, 0) },
                "{rule} {account:?} {today}"
            );
            if let [failed] = findings.as_slice() {
                assert_eq!(failed.says, says);
            }
        }
    }

    #[test]
    fn an_acceptance_that_matches_nothing_is_not_needed() {
        let story = Story::read(STORY, "two.yaml").unwrap();
        let found = vec![finding("single-use/link-twice", Some(1))];
        let Sorted { unneeded, .. } = sorted(found, &story, date(2030, 1, 1));
        assert_eq!(unneeded, [1, 2], "one that has ended was needed");
        assert_eq!(
            no_longer_needed(&story, 2, "1 play"),
            "no longer needed  way-out/gave-up of ana in story two, accepted until 2027-01-01: nothing objected in 1 play; remove the acceptance"
        );
    }
}
