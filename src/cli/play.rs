//! `lostkey play`: plays a story by habits and timed moves, and prints its timeline.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::cli::accepts::{Sorted, Today};
use crate::cli::exit::Exit;
use crate::cli::output::stdout;
use crate::cli::program::{program, quoted};
use crate::cli::{NormName, Stages, accepts, compare, signals, story};
use crate::event::Trace;
use crate::oracle;
use crate::report::Timeline;
use crate::stage::{Stage, StageKind};
use crate::story::Story;

/// Play a story.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Story file
    story: PathBuf,
    /// Stage to play on
    #[arg(long, value_enum, default_value_t)]
    stage: Stages,
    /// Seed [default: the story's own]
    #[arg(long)]
    seed: Option<u64>,
    /// Norm that the oracles judge by
    #[arg(long, value_enum, default_value_t)]
    norm: NormName,
    /// Print the trace as JSON instead of the timeline
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    today: Today,
}

impl Args {
    /// Arguments for the story in this file, with its own seed and a timeline as output.
    pub(super) fn of(story: &str, stage: Stages, norm: NormName, today: Today) -> Self {
        Self { story: story.into(), stage, seed: None, norm, json: false, today }
    }
}

/// Plays a story and prints its timeline or trace.
pub(super) fn play(args: &Args) -> Exit {
    match try_play(args) {
        Ok(exit) => exit,
        Err((exit, says)) => {
            let _closed_pipe = writeln!(anstream::stderr(), "error: {says}");
            exit
        }
    }
}

fn try_play(args: &Args) -> Result<Exit, (Exit, String)> {
    let story = Arc::new(story(&args.story)?);
    let seed = args.seed.unwrap_or(story.seed);
    let shown = quoted(args.story.display());
    let mut again = format!("{} play {shown} --stage {} --seed {seed}", program(), args.stage.name());
    if args.norm != NormName::Nist {
        again.push_str(&format!(" --norm {}", args.norm.norm().name));
    }
    again.push_str(&args.today.option());
    Show { stage: args.stage, norm: args.norm, json: args.json, today: args.today, seed, again }.play(&story)
}

/// How a story is played and shown.
#[derive(Debug)]
pub(super) struct Show {
    pub(super) stage: Stages,
    pub(super) norm: NormName,
    pub(super) json: bool,
    pub(super) today: Today,
    pub(super) seed: u64,
    /// The command line that shows it again.
    pub(super) again: String,
}

impl Show {
    /// Plays a story on each stage, and prints its timeline or trace.
    pub(super) fn play(&self, story: &Arc<Story>) -> Result<Exit, (Exit, String)> {
        let mut traces = Vec::new();
        for kind in self.stage.kinds() {
            traces.push(on_stage(*kind, story, self.seed)?);
        }
        let Some(trace) = traces.first() else { return Ok(Exit::BadInput) };
        let found = oracle::judge(trace, story, &self.norm.norm());
        let Sorted { findings, tolerated, unneeded } = accepts::sorted(found, story, self.today.date());
        let told = if self.json {
            serde_json::to_string(trace).map_err(|error| (Exit::CouldNotRun, error.to_string()))? + "\n"
        } else {
            Timeline::new(trace, story, &findings).to_string()
        };
        let mut out = stdout();
        let _closed_pipe = out.write_all(told.as_bytes());
        // Only the trace is JSON.
        let notes: &mut dyn Write = if self.json { &mut anstream::stderr() } else { &mut out };
        let mut exit = if findings.is_empty() { Exit::Well } else { Exit::Finding };
        if let [here, there] = traces.as_slice()
            && let Some(at) = compare::first_difference(here, there)
        {
            let _closed_pipe = writeln!(notes, "The stages differ at event {at}:");
            let stages = [("virtual", here, story.as_ref()), ("wire", there, story.as_ref())];
            let _closed_pipe = compare::tell_event(notes, at, stages);
            exit = Exit::Finding;
        }
        accepts::tell(notes, tolerated.iter().map(|one| (story.as_ref(), one)));
        for at in unneeded {
            let _closed_pipe = writeln!(notes, "  {}", accepts::no_longer_needed(story, at, "this play"));
        }
        if !findings.is_empty() {
            let _closed_pipe = writeln!(notes, "\n{}", self.again);
        }
        Ok(exit)
    }
}

#[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
fn on_stage(kind: StageKind, story: &Arc<Story>, seed: u64) -> Result<Trace, (Exit, String)> {
    let failed = |error: &dyn std::fmt::Display| (Exit::CouldNotRun, error.to_string());
    let runtime = signals::runtime()?;
    let began = Instant::now();
    let trace = runtime.block_on(async {
        let mut stage = Stage::start(kind, Arc::clone(story), seed).await?;
        stage.to_the_end().await?;
        Ok::<_, crate::stage::StageError>(stage.trace())
    });
    let trace = trace.map_err(|error| failed(&error))?;
    let took = began.elapsed();
    let _closed_pipe =
        writeln!(anstream::stderr(), "{} stage: {} events in {took:.1?}", kind.name(), trace.events().len());
    Ok(trace)
}
