//! `lostkey merge`: merges the results of all shards of a drill.

use std::io::Write;
use std::path::PathBuf;

use crate::cli::drill::Outcome;
use crate::cli::exit::Exit;
use crate::cli::output::stdout;
use crate::cli::outputs::{FilesOf, output_file};
use crate::cli::{NormName, drill};

/// Merge the results of all shards into one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Result files that the shards wrote with --json
    #[arg(required = true)]
    results: Vec<PathBuf>,
    /// Write the merged result to this file
    #[arg(long, value_name = "FILE", value_parser = output_file)]
    json: Option<PathBuf>,
    /// Print statistics: lengths of runs, pages seen, situations reached
    #[arg(long)]
    stats: bool,
    /// Fail unless some run reaches these: ids of the `sometimes` list, or `all`
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = drill::Must::read)]
    must_reach: Vec<drill::Must>,
    #[command(flatten)]
    demands: drill::Demands,
}

/// Merges results, and prints and writes the whole.
pub(super) fn merge(args: &Args) -> Exit {
    match try_merge(args) {
        Ok(exit) => exit,
        Err((exit, says)) => {
            let _closed_pipe = writeln!(anstream::stderr(), "error: {says}");
            exit
        }
    }
}

fn try_merge(args: &Args) -> drill::Ended<Exit> {
    let files = FilesOf::default().reads("a result to merge", &args.results);
    args.demands.of(files.writes("--json", args.json.as_deref())).check()?;
    if let Some(file) = &args.json {
        drill::can_be_written(file)?;
    }
    let results = args.results.iter().map(|path| Outcome::read(path)).collect::<drill::Ended<Vec<_>>>()?;
    let mut whole = Outcome::merged(results).map_err(|says| (Exit::BadInput, says))?;
    let norm = NormName::named(whole.norm()).ok_or_else(|| {
        (Exit::BadInput, format!("there is no norm `{}`, which the results were judged by", whole.norm()))
    })?;
    let measures = args.demands.read(norm)?;
    let fresh = measures.apply(&mut whole);
    let mut out = stdout();
    drill::findings(&mut out, &whole);
    drill::summary(&mut out, &whole, args.stats);
    measures.tell(&mut out, &whole, &whole.again(norm.name));
    if let Some(file) = &args.json {
        whole.write(file)?;
    }
    let exit = drill::exit(&whole, &args.must_reach);
    measures.write_baseline(&whole, &fresh, exit)
}
