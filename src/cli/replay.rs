//! `lostkey replay`: repeats one run of a drill, from its seed or from its saved story.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::accepts::Today;
use crate::cli::exit::Exit;
use crate::cli::output::stdout;
use crate::cli::play::Show;
use crate::cli::program::{program, quoted};
use crate::cli::{NormName, Stages, drill, play, story};
use crate::drill::{Mix, Runner};

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
    #[command(flatten)]
    today: Today,
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
        if let Some(other) = args.stories.first() {
            let (story, other) = (&args.what, other.display());
            let says = format!(
                "`replay {story}` plays this story alone: leave out {other}, or name the seed of a run before the \
                 stories that its drill drew from"
            );
            return Err((Exit::BadInput, says));
        }
        if args.story {
            let _closed_pipe = stdout().write_all(story(Path::new(&args.what))?.write().as_bytes());
            return Ok(Exit::Well);
        }
        return Ok(play::play(&play::Args::of(&args.what, args.stage, args.norm, args.today)));
    };
    let mut runner = Runner::new(drill::bases(&args.stories)?, Mix::usual(), args.norm.norm());
    let drawn = Arc::clone(runner.run(seed).story);
    if args.story {
        let _closed_pipe = stdout().write_all(drawn.write().as_bytes());
        return Ok(Exit::Well);
    }
    let mut again = format!("{} replay {seed}", program());
    for path in &args.stories {
        again.push_str(&format!(" {}", quoted(path.display())));
    }
    if args.stories.is_empty() {
        let says = "drawn from the built-in stories; name the stories of another drill after the seed";
        let _closed_pipe = writeln!(anstream::stderr(), "run {seed}, {says}");
    }
    again.push_str(&format!(" --stage {}", args.stage.name()));
    if args.norm != NormName::Nist {
        again.push_str(&format!(" --norm {}", args.norm.norm().name));
    }
    again.push_str(&args.today.option());
    Show { stage: args.stage, norm: args.norm, json: false, today: args.today, seed, again }.play(&drawn)
}
