//! `lostkey drill --weaknesses`: checks that the oracle that each story names finds its weakness.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cli::drill::outcome::{FORMAT, Outcome, Setup, Shard, Weakness};
use crate::cli::drill::{Args, Ended, SEEDS_EACH, build_of, can_keep, read};
use crate::cli::exit::Exit;
use crate::cli::output::stdout;
use crate::drill::{Mix, Runner, Tally};
use crate::oracle;
use crate::story::Story;

/// Folder of the stories with weaknesses.
pub(super) const FOLDER: &str = "scenarios/weaknesses";

pub(super) fn drill(args: &Args) -> Ended<Exit> {
    let paths = if args.stories.is_empty() { all()? } else { args.stories.clone() };
    args.files().check()?;
    can_keep(args)?;
    let mut out = stdout();
    let mut weaknesses = Vec::new();
    let mut total = Duration::ZERO;
    for path in &paths {
        let story = read(path)?;
        let (weakness, took) = find(args, path, &story)?;
        total += took;
        let told = if weakness.found { "found" } else { "MISSED" };
        let Weakness { id, oracle, runs, seconds, .. } = &weakness;
        let _closed_pipe = writeln!(out, "  {told:<6} {id:<5} {oracle:<16} {runs:>7} runs  {seconds:>7.3} s");
        weaknesses.push(weakness);
    }
    let mut runs: Vec<u64> = weaknesses.iter().filter(|one| one.found).map(|one| one.runs).collect();
    runs.sort_unstable();
    let found = runs.len();
    let median = runs.get(found / 2).copied().unwrap_or(0);
    let _closed_pipe = writeln!(
        out,
        "{found} of {} weaknesses found, in a median of {median} runs, in {:.1} s",
        weaknesses.len(),
        total.as_secs_f64()
    );
    let setup = Setup {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: build_of(args)?,
        mix: Mix::usual().version,
        norm: args.norm.norm().name.to_owned(),
        seed: args.seed,
        runs: Some(args.runs()),
        stories: FOLDER.to_owned(),
        shard: Shard::default(),
    };
    let tally = Tally { runs: weaknesses.iter().map(|one| one.runs).sum(), ..Tally::default() };
    let mut outcome = Outcome::new(setup, tally, total);
    outcome.weaknesses = weaknesses;
    if let Some(file) = &args.json {
        outcome.write(file)?;
    }
    Ok(outcome.exit())
}

/// The stories of the folder, by name.
fn all() -> Ended<Vec<PathBuf>> {
    let failed = |error: std::io::Error| (Exit::BadInput, format!("cannot read {FOLDER}: {error}"));
    let mut paths = Vec::new();
    for entry in fs::read_dir(FOLDER).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err((Exit::BadInput, format!("no story in {FOLDER}")));
    }
    Ok(paths)
}

/// Draws runs from the story until its oracle objects.
#[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
fn find(args: &Args, path: &Path, story: &Arc<Story>) -> Ended<(Weakness, Duration)> {
    let shown = path.display();
    let Some(weakness) = &story.weakness else {
        return Err((
            Exit::BadInput,
            format!("{shown} has no `weakness` field: add `weakness: {{ id: …, found-by: … }}`"),
        ));
    };
    if !oracle::ALL.iter().any(|oracle| oracle.id == weakness.found_by) {
        let known: Vec<&str> = oracle::ALL.iter().map(|oracle| oracle.id).collect();
        let near = crate::story::nearest(&weakness.found_by, known).unwrap_or("access");
        let says = format!("{shown}: there is no oracle `{}`; did you mean `{near}`?", weakness.found_by);
        return Err((Exit::BadInput, says));
    }
    let began = Instant::now();
    let mut runner = Runner::new(vec![Arc::clone(story)], Mix::usual(), args.norm.norm());
    let mut runs = 0;
    let mut found = false;
    while runs < args.runs() && !found {
        let ran = runner.run(args.seed * SEEDS_EACH + runs);
        runs += 1;
        found = ran.findings.iter().any(|finding| finding.oracle == weakness.found_by);
    }
    let took = began.elapsed();
    let weakness = Weakness {
        id: weakness.id.clone(),
        oracle: weakness.found_by.clone(),
        found,
        runs,
        seconds: took.as_secs_f64(),
    };
    Ok((weakness, took))
}
