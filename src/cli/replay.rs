//! `lostkey replay`: repeats one run of a drill, from its seed or from its saved story.

use std::io::Write;
use std::path::PathBuf;

use crate::cli::exit::Exit;
use crate::cli::{NormName, Stages, drill, play};
use crate::drill::{Mix, Runner};
use crate::report::Timeline;

/// Play one run of a drill once more
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Seed of a run, or a story file
    what: String,
    /// Stories that the drill drew from, if it named any
    stories: Vec<PathBuf>,
    /// Stage to play on
    #[arg(long, value_enum, default_value_t)]
    stage: Stages,
    /// Norm that the oracles judge by
    #[arg(long, value_enum, default_value_t)]
    norm: NormName,
    /// Print the story instead of playing it
    #[arg(long)]
    story: bool,
}

/// Repeats a run and prints its timeline.
pub(super) fn replay(args: &Args) -> Exit {
    match try_replay(args) {
        Ok(exit) => exit,
        Err((exit, says)) => {
            let _closed_pipe = writeln!(anstream::stderr(), "error: {says}");
            exit
        }
    }
}

fn try_replay(args: &Args) -> Result<Exit, (Exit, String)> {
    let Ok(seed) = args.what.parse::<u64>() else {
        return Ok(play::play(&play::Args::of(&args.what, args.stage, args.norm)));
    };
    let mut runner = Runner::new(drill::bases(&args.stories)?, Mix::usual(), args.norm.norm());
    let ran = runner.run(seed);
    let mut out = anstream::stdout();
    if args.story {
        let _closed_pipe = out.write_all(ran.story.write().as_bytes());
        return Ok(Exit::Well);
    }
    let told = Timeline::new(ran.trace, ran.story, &ran.findings).to_string();
    let _closed_pipe = out.write_all(told.as_bytes());
    if let Some(stuck) = ran.stuck {
        return Err((Exit::CouldNotRun, stuck.to_string()));
    }
    Ok(if ran.findings.is_empty() { Exit::Well } else { Exit::Finding })
}
