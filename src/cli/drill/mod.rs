//! `lostkey drill`: plays many drawn stories, in parallel threads.

mod artifacts;
mod journal;
mod must_reach;
mod outcome;
mod print;
mod progress;
mod weaknesses;
mod witnessed;
mod workers;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(super) use self::must_reach::{Must, exit};
pub(super) use self::outcome::Outcome;
use self::outcome::Setup;
pub(super) use self::print::summary;
use crate::base::secret::Digest;
use crate::cli::NormName;
use crate::cli::exit::Exit;
use crate::drill;
use crate::drill::Mix;
use crate::story::Story;

/// Number of run seeds per `--seed`; the first run has the seed `--seed` times this.
const SEEDS_EACH: u64 = 1_000_000_000;

/// A result, or the exit code and the message of an error.
pub(super) type Ended<T> = Result<T, (Exit, String)>;

/// Draw stories from a seed, play them, judge them, and report what fails.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Stories to draw from [default: built-in stories]
    stories: Vec<PathBuf>,
    /// Number of runs [default: 10000; with --weaknesses, at most 100000 for each]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..SEEDS_EACH))]
    runs: Option<u64>,
    /// Run for this long instead, for example 10m
    #[arg(long = "for", value_name = "TIME", conflicts_with = "runs", value_parser = duration)]
    time: Option<Duration>,
    /// Seed of the drill
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..SEEDS_EACH))]
    seed: u64,
    /// Number of threads [default: number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Play only one shard of the runs: I of N, counted from 1
    #[arg(long, value_name = "I/N", value_parser = outcome::Shard::read)]
    shard: Option<outcome::Shard>,
    /// Norm that the oracles judge by
    #[arg(long, value_enum, default_value_t)]
    norm: NormName,
    /// Save each failure in this folder, as a story and a feature
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// Write the result to this file; progress goes to FILE.lines
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Fail unless some run reaches these: ids of the `sometimes` list, or `all`
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = Must::read, conflicts_with = "weaknesses")]
    must_reach: Vec<Must>,
    /// Find the known weakness of each named story, or of each in scenarios/weaknesses
    #[arg(long)]
    weaknesses: bool,
    /// Compare what was observed with what the service reports, in every run
    #[arg(long, conflicts_with_all = ["json", "weaknesses"])]
    witness: bool,
    /// Play this percentage of runs twice and compare
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "0%")]
    check_determinism: u64,
}

impl Args {
    fn runs(&self) -> u64 {
        self.runs.unwrap_or(if self.weaknesses { RUNS_FOR_A_WEAKNESS } else { RUNS })
    }
}

/// Default number of runs.
const RUNS: u64 = 10_000;
const RUNS_FOR_A_WEAKNESS: u64 = 100_000;

fn duration(text: &str) -> Result<Duration, String> {
    let span: crate::base::time::Span = text.parse().map_err(|error| format!("{error}"))?;
    Ok(Duration::from_millis(span.as_millis()))
}

fn percent(text: &str) -> Result<u64, String> {
    let digits = text.strip_suffix('%').unwrap_or(text);
    let percent = digits.parse().ok().filter(|percent| *percent <= 100);
    percent.ok_or_else(|| format!("`{text}` is not a percentage; write for example `1%`"))
}

/// Runs a drill.
pub(super) fn drill(args: &Args) -> Exit {
    let done = if args.weaknesses { weaknesses::drill(args) } else { try_drill(args) };
    match done {
        Ok(exit) => exit,
        Err((exit, says)) => {
            let _closed_pipe = writeln!(anstream::stderr(), "error: {says}");
            exit
        }
    }
}

fn try_drill(args: &Args) -> Ended<Exit> {
    let bases = bases(&args.stories)?;
    let norm = args.norm.norm();
    let setup = Setup {
        format: outcome::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mix: Mix::usual().version,
        norm: norm.name.to_owned(),
        seed: args.seed,
        runs: args.time.map_or(Some(args.runs()), |_| None),
        stories: format!("{:016x}", Digest::of(&bases.iter().map(|base| base.write()).collect::<String>()).0),
        shard: args.shard.unwrap_or_default(),
    };
    let work = workers::Work {
        bases: bases.clone(),
        norm,
        first: args.seed * SEEDS_EACH,
        runs: setup.runs.unwrap_or(SEEDS_EACH),
        shard: setup.shard,
        time: args.time,
        jobs: args.jobs.map_or_else(workers::processors, usize::from),
        twice: args.check_determinism,
        witness: args.witness,
    };
    let journal = journal::Journal::open(args.json.as_deref(), &setup)?;
    let done = workers::work(&work, journal)?;
    let mut out = anstream::stdout();
    let stories: Vec<String> = args.stories.iter().map(|path| path.display().to_string()).collect();
    let again = print::ReproCommand { stories, norm: norm.name };
    artifacts::tell_and_save(&mut out, &done.tally, &work, &again, args.save.as_deref())?;
    let outcome = Outcome::new(setup, done.tally, done.took);
    summary(&mut out, &outcome);
    if args.witness {
        witnessed::tell(&mut out, &done.witnessed);
    }
    if let Some(file) = &args.json {
        outcome.write(file)?;
        journal::remove(file);
    }
    let exit = exit(&outcome, &args.must_reach);
    Ok(if exit == Exit::Well { witnessed::exit(&done.witnessed) } else { exit })
}

/// The given stories, or the built-in ones.
pub(super) fn bases(paths: &[PathBuf]) -> Ended<Vec<Arc<Story>>> {
    if paths.is_empty() {
        return Ok(drill::built_in());
    }
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Ended<Arc<Story>> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path)
        .map_err(|error| (Exit::BadInput, format!("cannot read {shown}: {error}")))?;
    let story = Story::read(&text, &shown).map_err(|error| (Exit::BadInput, error.rendered()))?;
    Ok(Arc::new(story))
}
