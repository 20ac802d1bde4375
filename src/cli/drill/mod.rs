//! `lostkey drill`: many drawn stories, in as many threads as are asked for.

mod crew;
mod told;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::NormName;
use crate::cli::exit::Exit;
use crate::drill;
use crate::drill::Tally;
use crate::story::Story;

/// How many seeds belong to one `--seed`: its runs are numbered from so many times it.
pub(super) const SEEDS_EACH: u64 = 1_000_000_000;

/// Draw stories from a seed, play them, judge them, and tell what fails
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The stories to draw from; built-in ones if none is named
    stories: Vec<PathBuf>,
    /// How many runs
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..SEEDS_EACH))]
    runs: u64,
    /// For how long instead, for example 10m
    #[arg(long = "for", value_name = "TIME", conflicts_with = "runs", value_parser = duration)]
    time: Option<Duration>,
    /// The seed of the drill
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..SEEDS_EACH))]
    seed: u64,
    /// In how many threads; as many as there are processors if nothing is said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// By what it is judged
    #[arg(long, value_enum, default_value_t)]
    norm: NormName,
}

fn duration(text: &str) -> Result<Duration, String> {
    let span: crate::time::Span = text.parse().map_err(|error| format!("{error}"))?;
    Ok(Duration::from_millis(span.as_millis()))
}

/// Drills.
pub(super) fn drill(args: &Args) -> Exit {
    match try_drill(args) {
        Ok(exit) => exit,
        Err((exit, says)) => {
            let _closed_pipe = writeln!(anstream::stderr(), "error: {says}");
            exit
        }
    }
}

fn try_drill(args: &Args) -> Result<Exit, (Exit, String)> {
    let bases = bases(&args.stories)?;
    let work = crew::Work {
        bases,
        norm: args.norm.norm(),
        first: args.seed * SEEDS_EACH,
        runs: args.time.map_or(args.runs, |_| SEEDS_EACH),
        time: args.time,
        jobs: args.jobs.map_or_else(crew::processors, usize::from),
    };
    let (tally, took) = crew::work(&work).map_err(|says| (Exit::CouldNotRun, says))?;
    told::summary(&mut anstream::stdout(), &tally, took);
    Ok(exit_of(&tally))
}

fn exit_of(tally: &Tally) -> Exit {
    if tally.findings.is_empty() { Exit::Well } else { Exit::Finding }
}

/// The stories that are named, or the built-in ones.
pub(super) fn bases(paths: &[PathBuf]) -> Result<Vec<Arc<Story>>, (Exit, String)> {
    if paths.is_empty() {
        return Ok(drill::built_in());
    }
    paths.iter().map(read).collect()
}

fn read(path: &PathBuf) -> Result<Arc<Story>, (Exit, String)> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path)
        .map_err(|error| (Exit::BadInput, format!("cannot read {shown}: {error}")))?;
    let story = Story::read(&text, &shown).map_err(|error| (Exit::BadInput, error.rendered()))?;
    Ok(Arc::new(story))
}
