//! What a drill is measured against besides the oracles: acceptances, a baseline, an earlier drill, expectations.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;

use crate::cli::accepts::Today;
use crate::cli::baseline::{Baseline, Files};
use crate::cli::drill::expect::Expectation;
use crate::cli::drill::outcome::{AcceptedListed, Expected, Outcome, known_of, listed};
use crate::cli::drill::print::ReproCommand;
use crate::cli::drill::{Ended, against};
use crate::cli::exit::Exit;
use crate::cli::outputs::FilesOf;
use crate::cli::{accepts, baseline, counted};
use crate::drill::Found;
use crate::policy::Norm;
use crate::story::Story;
use crate::{drill, story};

/// Options of a drill and of a merge.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::cli) struct Demands {
    #[command(flatten)]
    today: Today,
    #[command(flatten)]
    baseline: Files,
    /// Compare with the result of an earlier drill: what is new, gone, rarer or more frequent
    #[arg(long, value_name = "LAST.json")]
    against: Option<PathBuf>,
    /// Fail unless a figure is in its bound, for example "recovered >= 95%", "time to recover p95 < 1h" or
    /// "tickets < 20%"; repeatable. --help lists the figures
    #[arg(long, value_name = "EXPECTATION", value_parser = Expectation::read, long_help = super::expect::long_help())]
    expect: Vec<Expectation>,
}

/// The same, with the files read.
#[derive(Debug)]
pub(in crate::cli) struct Measures<'a> {
    args: &'a Demands,
    norm: Norm,
    today: Date,
    baseline: Baseline,
    last: Option<Outcome>,
}

/// Findings that are failures.
type Fresh = BTreeMap<String, Found>;

impl Demands {
    /// Adds what is read and written. A baseline may be written anew: what was in it stays.
    pub(in crate::cli) fn of(&self, files: FilesOf) -> FilesOf {
        let Files { baseline, write_baseline } = &self.baseline;
        files
            .reads("the result that --against names", &self.against)
            .updates("the baseline", baseline.as_deref(), "--write-baseline")
            .writes("--write-baseline", write_baseline.as_deref())
    }

    /// Reads the files before anything is played.
    pub(in crate::cli) fn read(&self, norm: Norm) -> Ended<Measures<'_>> {
        let baseline = self.baseline.read(&norm)?;
        let last = self.against.as_deref().map(Outcome::read).transpose()?;
        if let (Some(last), Some(file)) = (&last, &self.against)
            && last.is_of_weaknesses()
        {
            let says = format!("{} is the result of --weaknesses, which lists no findings", file.display());
            return Err((Exit::BadInput, says));
        }
        if let (Some(last), Some(file)) = (&last, &self.against)
            && last.norm() != norm.name
        {
            let (file, then) = (file.display(), last.norm());
            let says = format!(
                "{file} is judged by the norm `{then}`, and this drill by `{}`: they cannot be compared; add `--norm {then}`",
                norm.name
            );
            return Err((Exit::BadInput, says));
        }
        Ok(Measures { args: self, norm, today: self.today.date(), baseline, last })
    }
}

impl Measures<'_> {
    /// The bases without acceptances that have ended.
    pub(super) fn in_force(&self, bases: &[Arc<Story>]) -> Vec<Arc<Story>> {
        let current = |base: &Arc<Story>| {
            let mut base = Arc::clone(base);
            if base.accepts.iter().any(|one| one.until < self.today) {
                Arc::make_mut(&mut base).accepts.retain(|one| one.until >= self.today);
            }
            base
        };
        bases.iter().map(current).collect()
    }

    /// Sorts the findings of an outcome: those that are failures, those that are known, those that are accepted.
    /// Measures the figures.
    pub(in crate::cli) fn apply(&self, outcome: &mut Outcome) -> Fresh {
        let mut failures = outcome.tally.findings.clone();
        outcome.accepted.clear();
        for accepted in outcome.tally.accepted.values() {
            let until = story::date(&accepted.until);
            // A date that cannot be read, of an edited file, accepts nothing.
            let ended = until.as_ref().map_or(true, |until| *until < self.today);
            if ended {
                for (cause, found) in &accepted.findings {
                    let mut found = found.clone();
                    found
                        .says
                        .push_str(&accepts::ended(until.clone().unwrap_or(self.today), &accepted.because));
                    drill::merge(&mut failures, cause, found);
                }
            }
            outcome.accepted.push(AcceptedListed {
                story: accepted.story.clone(),
                what: accepted.what.clone(),
                because: accepted.because.clone(),
                until: accepted.until.clone(),
                ended,
                runs: accepted.runs,
            });
        }
        let (mut fresh, mut known) = (Fresh::new(), Fresh::new());
        for (cause, found) in failures {
            let (of_known, of_fresh) = self.split(found);
            known.extend(of_known.map(|found| (cause.clone(), found)));
            fresh.extend(of_fresh.map(|found| (cause, found)));
        }
        (outcome.findings, outcome.known) = (listed(&fresh), listed(&known));
        outcome.expected = self.args.expect.iter().map(|expected| expected.of(&outcome.tally)).collect();
        fresh
    }

    /// The part of a finding that the baseline knows, and the rest.
    fn split(&self, found: Found) -> (Option<Found>, Option<Found>) {
        let is_known = |origin: &str| self.baseline.has(&found.rule, &found.verdict, origin);
        if !found.origins.keys().any(|origin| is_known(origin)) {
            return (None, Some(found));
        }
        let part = |known: bool| {
            let mut origins = found.origins.clone();
            origins.retain(|origin, _| is_known(origin) == known);
            let first = origins.values().min_by_key(|origin| origin.seed)?.clone();
            let count = origins.values().fold(0_u64, |sum, origin| sum.saturating_add(origin.count));
            let count = count.min(found.count);
            // Other seeds of the cause may be those of the other part.
            let seeds = vec![first.seed];
            Some(Found { seed: first.seed, says: first.says, count, origins, seeds, ..found.clone() })
        };
        (part(true), part(false))
    }

    /// Prints what became of acceptances, baseline, comparison and expectations.
    pub(in crate::cli) fn tell(&self, out: &mut dyn Write, outcome: &Outcome, again: &ReproCommand) {
        let runs = runs(outcome.runs);
        for AcceptedListed { story, what, because, until, ended, runs: covered } in &outcome.accepted {
            let line = match (covered, ended) {
                (0, _) => accepts::unneeded(what, story, until, &runs),
                (covered, true) => format!(
                    "accepted until {until}, which has passed: {what} in story {story}, in {}: {because}",
                    self::runs(*covered)
                ),
                (covered, false) => {
                    accepts::accepted(what, story, &format!("in {}", self::runs(*covered)), until, because)
                }
            };
            let _closed_pipe = writeln!(out, "  {line}");
        }
        let of_known = outcome.known.iter().fold(0_u64, |sum, one| sum.saturating_add(one.found.count));
        let missing = self.baseline.known.difference(&outcome.known()).count();
        let of = match of_known {
            0 => String::new(),
            1 => ", once".to_owned(),
            times => format!(", {times} times"),
        };
        self.args.baseline.tell(out, outcome.known.len(), &of, missing);
        if let (Some(last), Some(file)) = (&self.last, &self.args.against) {
            against::tell(out, &file.display().to_string(), last, outcome);
        }
        self.tell_expected(out, outcome, again);
    }

    fn tell_expected(&self, out: &mut dyn Write, outcome: &Outcome, again: &ReproCommand) {
        for (Expected { expected, is, met }, asked) in outcome.expected.iter().zip(&self.args.expect) {
            let told = if *met { "met    " } else { "NOT MET" };
            let _closed_pipe = write!(out, "  {told}   {expected}: it is {is}");
            let example = asked.example(&outcome.tally).filter(|_| !met);
            let line = example.map_or_else(String::new, |seed| format!("; {}", again.line(seed)));
            let _closed_pipe = writeln!(out, "{line}");
        }
        let unmet = outcome.expected.iter().filter(|expected| !expected.met);
        let unmet: Vec<String> =
            unmet.map(|Expected { expected, is, .. }| format!("{expected}, but it is {is}")).collect();
        if !unmet.is_empty() {
            let _closed_pipe = writeln!(anstream::stderr(), "error: expected {}", unmet.join("; "));
        }
    }

    /// Writes the baseline, if asked to; the findings in it are no failures any more.
    pub(in crate::cli) fn write_baseline(&self, outcome: &Outcome, fresh: &Fresh, exit: Exit) -> Ended<Exit> {
        if self.args.baseline.write_baseline.is_none() {
            return Ok(exit);
        }
        let found: BTreeSet<baseline::Known> = outcome.known().into_iter().chain(known_of(fresh)).collect();
        self.args.baseline.write(&self.norm, &self.baseline, found)?;
        let others = Outcome { findings: Vec::new(), ..outcome.clone() };
        Ok(if outcome.exit() == exit { others.exit() } else { exit })
    }

    /// Whether the baseline has this finding, whatever its story: a saved failure is a story with a new name.
    pub(super) fn knows_elsewhere(&self, rule: &str, verdict: &str, origin: &str) -> bool {
        let rest = |origin: &str| origin.split_once(": ").map_or(String::new(), |(_, rest)| rest.to_owned());
        let mut known = self.baseline.known.iter();
        known.any(|one| one.rule == rule && one.verdict == verdict && rest(&one.origin) == rest(origin))
    }
}

/// A number of runs, with its noun.
pub(super) fn runs(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "run", "runs")
}
