//! `lostkey run`: plays the scenarios of features, and reports their outcomes.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::gherkin::Feature;
use ::gherkin::tagexpr::TagOperation;
use anstyle::{AnsiColor, Style};

use crate::base::time::{Span, Time};
use crate::cli::accepts::Today;
use crate::cli::exit::Exit;
use crate::cli::output::stdout;
use crate::cli::outputs::{FilesOf, output_file};
use crate::cli::parallel::{Plays, processors};
use crate::cli::program::{program, quoted};
use crate::cli::{NormName, Stages, accepts, baseline, check, compare, counted};
use crate::gherkin::{Filter, Flaw, Place, Read, Setting};
use crate::report::{Failure, ScenarioOutcome, Why};
use crate::stage::StageKind;
use crate::wire::files::{can_be_written, write_whole};
use crate::{gherkin, report};

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Play features.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Feature files or folders; `FILE:LINE` selects a scenario, its examples, or one row of them
    #[arg(default_value = "features")]
    paths: Vec<String>,
    /// Folder of the stories
    #[arg(long, value_name = "DIR", default_value = "scenarios")]
    scenarios: PathBuf,
    /// Stage to play on
    #[arg(long, value_enum, default_value_t)]
    stage: Stages,
    /// Run only scenarios whose tags match, for example "@W01 and not @slow"
    #[arg(long, value_name = "EXPRESSION")]
    tags: Option<String>,
    /// Run only scenarios whose name matches
    #[arg(long, value_name = "REGEX")]
    name: Option<String>,
    /// Seed [default: each story's own]
    #[arg(long)]
    seed: Option<u64>,
    /// Norm that the oracles judge by
    #[arg(long, value_enum, default_value_t)]
    norm: NormName,
    /// Number of threads [default: the number of processors]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Stop after the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Write a report: junit=FILE, or json=FILE for Cucumber JSON; repeatable
    #[arg(long, value_name = "KIND=FILE", value_parser = report_file)]
    report: Vec<ReportFile>,
    #[command(flatten)]
    today: Today,
    #[command(flatten)]
    baseline: baseline::Files,
}

#[derive(Clone, Debug)]
struct ReportFile {
    kind: ReportKind,
    file: PathBuf,
}

#[derive(Clone, Copy, Debug)]
enum ReportKind {
    Junit,
    Json,
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let (kind, file) = text.split_once('=').ok_or("write `junit=FILE` or `json=FILE`")?;
    let kind = match kind {
        "junit" => ReportKind::Junit,
        "json" => ReportKind::Json,
        other => return Err(format!("there is no report `{other}`; the reports are `junit` and `json`")),
    };
    if file.is_empty() {
        return Err("the file is missing: write `junit=FILE` or `json=FILE`".to_owned());
    }
    Ok(ReportFile { kind, file: output_file(file)? })
}

/// Plays the selected scenarios.
pub(super) fn run(args: &Args) -> Exit {
    let mut out = stdout();
    match try_run(args, &mut out) {
        Ok(exit) => exit,
        Err(Stop::Says(exit, says)) => {
            let _closed_pipe = writeln!(anstream::stderr(), "{RED}error{RED:#}: {says}");
            exit
        }
        Err(Stop::Flaws(flaws)) => {
            check::tell(&mut anstream::stderr(), &flaws);
            Exit::BadInput
        }
    }
}

/// Why the command stops early.
enum Stop {
    /// An error message, with its exit code.
    Says(Exit, String),
    /// Features or stories with mistakes.
    Flaws(Vec<Flaw>),
}

impl From<(Exit, String)> for Stop {
    fn from((exit, says): (Exit, String)) -> Self {
        Self::Says(exit, says)
    }
}

fn try_run(args: &Args, out: &mut dyn Write) -> Result<Exit, Stop> {
    let read = features(args)?;
    files(args, &read).check()?;
    for ReportFile { file, .. } in &args.report {
        let failed = |error| (Exit::CouldNotRun, format!("cannot write {}: {error}", file.display()));
        can_be_written(file).map_err(failed)?;
    }
    let norm = args.norm.norm();
    let baseline = args.baseline.read(&norm)?;
    // Report all mistakes before anything is played.
    let flaws = gherkin::refused(&read, &args.scenarios);
    if !flaws.is_empty() {
        return Err(Stop::Flaws(flaws));
    }
    let features: Vec<Feature> = read.into_iter().map(|read| read.feature).collect();
    let mut all = Vec::new();
    let mut exit = Exit::Well;
    let mut found = BTreeSet::new();
    for kind in args.stage.kinds() {
        let (mut outcomes, took) = on_stage(args, *kind, features.clone())?;
        let unneeded = accepts::sort_out(&mut outcomes, args.today.date());
        found.extend(baseline.sort_out(&mut outcomes));
        exit = exit.max(tell(out, *kind, &outcomes, &unneeded, took));
        let known = outcomes.iter().filter_map(|outcome| outcome.played.as_ref());
        let known = known.flat_map(|played| &played.tolerated).filter(|one| one.why == Why::Known).count();
        args.baseline.tell(out, known, "", baseline.known.difference(&found).count());
        all.extend(outcomes);
    }
    if args.baseline.write_baseline.is_some() {
        args.baseline.write(&norm, &baseline, found)?;
        // What is left are steps that do not hold, and plays that broke.
        exit = all.iter().map(without_findings).max().unwrap_or(Exit::Well);
    }
    if args.stage == Stages::Both {
        exit = exit.max(compare::scenarios(out, &all));
    }
    for report in &args.report {
        // The other reports are written all the same.
        if let Err((failed, says)) = write_report(report, &all) {
            let _closed_pipe = writeln!(anstream::stderr(), "{RED}error{RED:#}: {says}");
            exit = exit.max(failed);
        }
    }
    Ok(exit)
}

/// The exit code of a scenario whose findings are in the baseline.
fn without_findings(outcome: &ScenarioOutcome) -> Exit {
    match outcome.failed_step() {
        _ if outcome.broken => Exit::CouldNotRun,
        Some(_) => Exit::Finding,
        None => Exit::Well,
    }
}

/// What is read and written.
fn files(args: &Args, read: &[Read]) -> FilesOf {
    let mut files = FilesOf::default()
        .reads("a feature", read.iter().map(Read::path))
        .reads_folder("a story", Some(&args.scenarios), "yaml")
        .updates("the baseline", args.baseline.baseline.as_deref(), "--write-baseline")
        .writes("--write-baseline", args.baseline.write_baseline.as_deref());
    for ReportFile { kind, file } in &args.report {
        let option = match kind {
            ReportKind::Junit => "--report junit",
            ReportKind::Json => "--report json",
        };
        files = files.writes(option, Some(file));
    }
    files
}

/// The selected scenarios; selecting none is an error.
fn features(args: &Args) -> Result<Vec<Read>, Stop> {
    let bad = |says: String| Stop::Says(Exit::BadInput, says);
    let places: Vec<Place> = args.paths.iter().map(|path| Place::read(path)).collect();
    let read = gherkin::read(&places)
        .map_err(|wrong| Stop::Flaws(wrong.into_iter().map(Flaw::Feature).collect()))?;
    let tags = args.tags.as_deref().map(str::parse::<TagOperation>).transpose();
    let tags = tags.map_err(|error| bad(format!("`--tags` is not a valid tag expression: {error}")))?;
    let name = args.name.as_deref().map(regex::Regex::new).transpose();
    let name = name.map_err(|error| bad(format!("`--name` is not a valid regular expression: {error}")))?;
    let filter = Filter { tags, name };
    let mut kept = 0;
    let mut features = Vec::new();
    for mut read in read {
        let scenarios = filter.keep(&mut read.feature);
        kept += scenarios;
        if scenarios > 0 {
            features.push(read);
        }
    }
    if kept == 0 {
        let places = args.paths.join(", ");
        return Err(bad(format!("nothing to run: no scenario in {places} matches")));
    }
    Ok(features)
}

#[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
fn on_stage(
    args: &Args,
    kind: StageKind,
    features: Vec<Feature>,
) -> Result<(Vec<ScenarioOutcome>, Duration), (Exit, String)> {
    let setting = Setting { scenarios: args.scenarios.as_path().into(), stage: kind, seed: args.seed };
    let (norm, again) = (args.norm.norm(), Arc::new(again(args, kind)));
    let plays = Plays { setting: &setting, norm: &norm, fail_fast: args.fail_fast, again };
    let began = Instant::now();
    let outcomes = plays.all(features, args.jobs.map_or_else(processors, usize::from))?;
    Ok((outcomes, began.elapsed()))
}

/// Builds the command line that repeats a scenario in the same way.
fn again(args: &Args, kind: StageKind) -> impl Fn(&str, usize) -> String + 'static {
    let mut rest = format!(" --stage {}", kind.name());
    if args.scenarios.as_os_str() != "scenarios" {
        rest.push_str(&format!(" --scenarios {}", quoted(args.scenarios.display())));
    }
    if let Some(seed) = args.seed {
        rest.push_str(&format!(" --seed {seed}"));
    }
    if args.norm != NormName::Nist {
        rest.push_str(&format!(" --norm {}", args.norm.norm().name));
    }
    rest.push_str(&args.today.option());
    let program = program();
    move |path, line| format!("{program} run {}{rest}", quoted(format_args!("{path}:{line}")))
}

/// Prints the outcomes of a stage's scenarios.
fn tell(
    out: &mut dyn Write,
    kind: StageKind,
    outcomes: &[ScenarioOutcome],
    notes: &[String],
    took: Duration,
) -> Exit {
    let mut exit = Exit::Well;
    let width = outcomes.iter().map(|outcome| outcome.name.chars().count()).max().unwrap_or(0);
    let _closed_pipe = writeln!(out, "{DIM}{} stage{DIM:#}", kind.name());
    for outcome in outcomes {
        let (style, mark) = if outcome.passed() { (GREEN, "ok  ") } else { (RED, "FAIL") };
        let (name, until) = (&outcome.name, outcome.until());
        let _closed_pipe = writeln!(out, "  {style}{mark}{style:#} {name:<width$}  {DIM}{until}{DIM:#}");
        if outcome.broken {
            exit = Exit::CouldNotRun;
        } else if !outcome.passed() {
            exit = exit.max(Exit::Finding);
        }
    }
    for outcome in outcomes.iter().filter(|outcome| !outcome.passed()) {
        let _closed_pipe = write!(out, "\n{RED}FAIL{RED:#} {}", Failure(outcome));
    }
    let played = outcomes.iter().filter_map(|outcome| outcome.played.as_ref());
    accepts::tell(
        out,
        played.flat_map(|played| played.tolerated.iter().map(|one| (played.story.as_ref(), one))),
    );
    for note in notes {
        let _closed_pipe = writeln!(out, "  {note}");
    }
    let passed = outcomes.iter().filter(|outcome| outcome.passed()).count();
    let total = outcomes.iter().fold(Span::ZERO, |sum, outcome| sum + outcome.until().since(Time::ZERO));
    let _closed_pipe = writeln!(
        out,
        "  {passed} of {} passed; {} of virtual time in {:.3} s\n",
        counted(outcomes.len(), "scenario", "scenarios"),
        shortened(total),
        took.as_secs_f64()
    );
    exit
}

/// A span without its milliseconds, if it is at least a second.
fn shortened(span: Span) -> Span {
    if span < Span::SECOND { span } else { Span::from_secs(span.as_secs()) }
}

fn write_report(report: &ReportFile, outcomes: &[ScenarioOutcome]) -> Result<(), (Exit, String)> {
    let failed = |error: &dyn std::fmt::Display| {
        (Exit::CouldNotRun, format!("cannot write {}: {error}", report.file.display()))
    };
    let text = match report.kind {
        ReportKind::Junit => report::junit(outcomes).map_err(|error| failed(&error))?,
        ReportKind::Json => report::cucumber_json(outcomes).map_err(|error| failed(&error))?,
    };
    write_whole(&report.file, text.as_bytes()).map_err(|error| failed(&error))
}
