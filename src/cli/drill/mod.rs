//! `lostkey drill`: plays many drawn stories, in parallel threads.

mod against;
mod artifacts;
mod build;
mod demands;
mod expect;
mod journal;
mod known;
mod must_reach;
mod outcome;
mod print;
mod progress;
mod table;
mod weaknesses;
mod witnessed;
mod workers;

use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(super) use self::demands::Demands;
use self::demands::Measures;
pub(super) use self::must_reach::{Must, exit};
pub(super) use self::outcome::Outcome;
use self::outcome::{Setup, Shard};
pub(super) use self::print::{findings, summary};
use crate::base::secret::Digest;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::stdout;
use crate::cli::outputs::{FilesOf, output_file};
use crate::cli::parallel::processors;
use crate::cli::{NormName, story};
use crate::drill;
use crate::drill::Mix;
use crate::story::Story;
use crate::wire::files;

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
    /// Number of threads, at most 8 for each processor [default: number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Play only one shard of the runs: I of N, counted from 1
    #[arg(long, value_name = "I/N", value_parser = Shard::read)]
    shard: Option<Shard>,
    /// Norm that the oracles judge by
    #[arg(long, value_enum, default_value_t)]
    norm: NormName,
    /// Show each finding with its story and what led to it
    #[arg(long, conflicts_with = "weaknesses")]
    details: bool,
    /// Print statistics: lengths of runs, pages seen, situations reached
    #[arg(long, conflicts_with = "weaknesses")]
    stats: bool,
    /// Save each failure in this folder, as a story and a feature
    #[arg(long, value_name = "DIR", value_parser = output_file)]
    save: Option<PathBuf>,
    /// Write the result to this file; progress goes to FILE.lines
    #[arg(long, value_name = "FILE", value_parser = output_file)]
    json: Option<PathBuf>,
    /// Fail unless some run reaches these: ids of the `sometimes` list, or `all`
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = Must::read, conflicts_with = "weaknesses")]
    must_reach: Vec<Must>,
    /// Find the known weakness of each named story, or of each in scenarios/weaknesses
    #[arg(long, conflicts_with_all = ["known", "baseline", "write_baseline", "against", "expect"])]
    weaknesses: bool,
    /// Folder of saved failures to play before the drawn runs [default: the folder of --save]
    #[arg(long, value_name = "DIR")]
    known: Option<PathBuf>,
    #[command(flatten)]
    demands: Demands,
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

    /// What is read and written.
    fn files(&self) -> FilesOf {
        let journal = self.json.as_deref().map(journal::path);
        let files = FilesOf::default()
            .reads("a story", &self.stories)
            .reads_folder("a saved story", self.known.as_deref().or(self.save.as_deref()), "yaml")
            .writes("--save", self.save.as_deref())
            .writes("--json", self.json.as_deref())
            .writes("the journal of --json", journal.as_deref());
        let folder = self.weaknesses.then_some(Path::new(weaknesses::FOLDER));
        self.demands.of(files.reads_folder("a story", folder, "yaml"))
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
    args.files().check()?;
    can_keep(args)?;
    let norm = args.norm.norm();
    let measures = args.demands.read(norm)?;
    let saved = known::Saved::read(args.known.as_deref(), args.save.as_deref())?;
    let setup = Setup {
        format: outcome::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: build_of(args)?,
        mix: Mix::usual().version,
        norm: norm.name.to_owned(),
        seed: args.seed,
        runs: args.time.map_or(Some(args.runs()), |_| None),
        stories: format!("{:016x}", Digest::of(&bases.iter().map(|base| base.write()).collect::<String>()).0),
        shard: args.shard.unwrap_or_default(),
    };
    let stories: Vec<String> = args.stories.iter().map(|path| path.display().to_string()).collect();
    let work = workers::Work {
        bases,
        norm,
        first: args.seed * SEEDS_EACH,
        runs: setup.runs.unwrap_or(SEEDS_EACH),
        shard: setup.shard,
        time: args.time,
        jobs: args.jobs.map_or_else(processors, usize::from),
        twice: args.check_determinism,
        witness: args.witness,
        again: print::ReproCommand { stories, norm: norm.name },
        interrupt: Interrupt::listen()?,
    };
    let journal = journal::Journal::open(args.json.as_deref(), &setup)?;
    let known = saved.play(&mut stdout(), &work, &measures);
    let done = workers::work(&work, journal);
    Ok(tell(args, &measures, &work, setup, done).max(known))
}

/// Writes, prints and saves the results of a drill. A file that cannot be written does not stop the others; the
/// errors come last.
fn tell(
    args: &Args,
    measures: &Measures<'_>,
    work: &workers::Work,
    setup: Setup,
    done: workers::Done,
) -> Exit {
    let workers::Done { tally, witnessed, took, trouble } = done;
    let mut out = stdout();
    let mut outcome = Outcome::new(setup, tally, took);
    outcome.drew_from.clone_from(&work.again.stories);
    outcome.story_names = work.bases.iter().map(|base| base.name.clone()).collect();
    let fresh = measures.apply(&mut outcome);
    let mut exit = exit(&outcome, &args.must_reach);
    let mut troubles: Vec<(Exit, String)> = trouble.into_iter().collect();
    if work.interrupt.is_asked() {
        troubles.push(interrupted(args, &outcome));
    } else if outcome.runs == 0 {
        troubles.push(nothing_played(&outcome));
    }
    // First of all: telling takes time, and may be interrupted.
    let is_whole = !work.interrupt.is_asked() && troubles.iter().all(|(exit, _)| *exit < Exit::CouldNotRun);
    if let (Some(file), true) = (&args.json, is_whole) {
        match outcome.write(file) {
            Ok(()) => journal::remove(file),
            Err(trouble) => troubles.push(trouble),
        }
    }
    if is_whole {
        match measures.write_baseline(&outcome, &fresh, exit) {
            Ok(rest) => exit = rest,
            Err(trouble) => troubles.push(trouble),
        }
    }
    let told = artifacts::Told { findings: &fresh, bases: measures.in_force(&work.bases) };
    let not_saved = artifacts::tell_and_save(&mut out, &told, work, args.save.as_deref(), args.details);
    troubles.extend(not_saved.into_iter().map(|says| (Exit::CouldNotRun, says)));
    summary(&mut out, &outcome, args.stats);
    measures.tell(&mut out, &outcome, &work.again);
    if args.witness {
        witnessed::tell(&mut out, &witnessed);
        exit = exit.max(witnessed::exit(&witnessed));
    }
    for (trouble, says) in troubles {
        let _closed_pipe = writeln!(anstream::stderr(), "error: {says}");
        exit = exit.max(trouble);
    }
    exit
}

fn interrupted(args: &Args, outcome: &Outcome) -> (Exit, String) {
    let kept = match &args.json {
        Some(file) => format!("; the same command goes on from {}", journal::path(file).display()),
        None => String::new(),
    };
    let says = format!("interrupted after {} runs{kept}", outcome.runs);
    (if outcome.findings.is_empty() { Exit::CouldNotRun } else { Exit::Finding }, says)
}

fn nothing_played(outcome: &Outcome) -> (Exit, String) {
    let Shard { i, n } = outcome.setup.shard;
    let says = match outcome.setup.runs {
        Some(runs) if n > 1 => format!("no run was played: shard {i}/{n} of {runs} runs has none"),
        Some(_) | None => "no run was played: give the drill more time".to_owned(),
    };
    (Exit::BadInput, says)
}

/// The build of the program, if a result is kept: others must not go on from it.
fn build_of(args: &Args) -> Ended<String> {
    let failed = |error| (Exit::CouldNotRun, format!("cannot read the program itself: {error}"));
    args.json.as_ref().map_or_else(|| Ok(String::new()), |_| build::id().map_err(failed))
}

/// Checks before anything is played that results can be kept.
fn can_keep(args: &Args) -> Ended<()> {
    if let Some(folder) = &args.save {
        files::can_be_filled(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    args.json.as_deref().map_or(Ok(()), can_be_written)
}

/// Checks that a file can be written.
pub(super) fn can_be_written(file: &Path) -> Ended<()> {
    files::can_be_written(file).map_err(|error| cannot_write(file, &error))
}

fn cannot_read(path: &Path, error: &io::Error) -> (Exit, String) {
    (Exit::BadInput, format!("cannot read {}: {error}", path.display()))
}

fn cannot_write(path: &Path, error: &io::Error) -> (Exit, String) {
    (Exit::CouldNotRun, format!("cannot write {}: {error}", path.display()))
}

/// The given stories, or the built-in ones.
pub(super) fn bases(paths: &[PathBuf]) -> Ended<Vec<Arc<Story>>> {
    if paths.is_empty() {
        return Ok(drill::built_in());
    }
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Ended<Arc<Story>> {
    story(path).map(Arc::new)
}
