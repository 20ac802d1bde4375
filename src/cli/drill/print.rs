//! Output of a drill: each finding with its smallest story, then statistics.

use std::io;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use crate::base::time::Span;
use crate::cli::counted;
use crate::cli::drill::outcome::Outcome;
use crate::cli::program::{program, quoted};
use crate::drill::{Found, Mix, Shrunk, Sometimes};
use crate::policy::Norm;
use crate::report::{State, Timeline};
use crate::stage::Play;

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Data for the command line that repeats a run.
#[derive(Debug)]
pub(in crate::cli) struct ReproCommand {
    pub(super) stories: Vec<String>,
    pub(super) norm: &'static str,
}

impl ReproCommand {
    /// The command line that repeats the run with this seed.
    pub(super) fn line(&self, seed: u64) -> String {
        let mut line = format!("{} replay {seed}", program());
        for story in &self.stories {
            line.push(' ');
            line.push_str(&quoted(story));
        }
        if self.norm != Norm::NIST.name {
            line.push_str(" --norm ");
            line.push_str(self.norm);
        }
        line
    }
}

/// Prints one distinct finding: invariant, story, timeline, and how to repeat it.
pub(super) fn finding(
    out: &mut dyn Write,
    found: &Found,
    shrunk: &Shrunk,
    took: Duration,
    feature: &str,
    again: &ReproCommand,
    norm: &Norm,
) -> io::Result<()> {
    let sentence = crate::oracle::ALL.iter().find(|oracle| oracle.id == found.oracle);
    let runs = counted(usize::try_from(found.count).unwrap_or(usize::MAX), "run", "runs");
    writeln!(out, "{RED}{}{RED:#} [{}], in {}", found.rule, found.verdict, runs)?;
    if let Some(oracle) = sentence {
        writeln!(out, "  oracle  {}", oracle.sentence)?;
        writeln!(out, "          {DIM}{}{DIM:#}", oracle.source)?;
    }
    writeln!(out, "  found   {}\n", shrunk.finding.says)?;
    for line in feature.lines().skip(3) {
        writeln!(out, "  {line}")?;
    }
    writeln!(out)?;
    let story = Arc::new(shrunk.story.clone());
    let mut play = Play::new(Arc::clone(&story), story.seed);
    // The run completed before, so it cannot get stuck now.
    let _played = play.to_the_end();
    let trace = play.into_trace();
    let findings = crate::oracle::judge(&trace, &story, norm);
    for line in Timeline::new(&trace, &story, &findings).around(&shrunk.finding) {
        writeln!(out, "  {line}")?;
    }
    if let Some(decisive) = shrunk.finding.event
        && let Some((before, after)) = State::around(&trace, &story, decisive)
    {
        writeln!(out, "\n  before  {before}\n  after   {after}")?;
    }
    let (faults, moves) = shrunk.before;
    writeln!(out, "\n  again   {}", again.line(found.seed))?;
    writeln!(
        out,
        "  seed    {}, mix {}, lostkey {}",
        found.seed,
        Mix::usual().version,
        env!("CARGO_PKG_VERSION")
    )?;
    let size = |faults: usize, moves: usize| {
        format!("{} and {}", counted(faults, "fault", "faults"), counted(moves, "move", "moves"))
    };
    writeln!(
        out,
        "  shrunk  {} to {}, in {} plays and {} ms\n",
        size(faults, moves),
        size(shrunk.story.faults.len(), shrunk.story.moves.len()),
        shrunk.plays,
        took.as_millis()
    )
}

/// Prints the statistics.
pub(in crate::cli) fn summary(out: &mut dyn Write, outcome: &Outcome) {
    let _closed_pipe = write_summary(out, outcome);
}

fn write_summary(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let tally = &outcome.tally;
    let runs = tally.runs.max(1) as f64;
    writeln!(out, "{BOLD}per run       p50     p95    mean{BOLD:#}")?;
    let each = [&tally.events, &tally.moves, &tally.faults, &tally.hmacs];
    for (name, of) in ["events", "moves", "faults", "HMACs"].into_iter().zip(each) {
        let mean = of.sum() as f64 / runs;
        writeln!(out, "  {name:<8} {:>6}  {:>6}  {mean:>6.1}", of.percentile(50), of.percentile(95))?;
    }
    let ends = tally.ends;
    writeln!(out, "{BOLD}outcome{BOLD:#}")?;
    for (name, count) in [
        ("recovered", ends.recovered),
        ("signed in", ends.signed_in),
        ("with support", ends.with_support),
        ("locked out", ends.locked_out),
    ] {
        writeln!(out, "  {name:<14} {:>6.2} %", count as f64 * 100.0 / runs)?;
    }
    let (seen, all) = tally.coverage.share();
    writeln!(
        out,
        "{BOLD}pages seen{BOLD:#}: fault kinds that preceded each page, for owners and for strangers; {seen} of {all} combinations"
    )?;
    for (page, owner, stranger) in tally.coverage.pages() {
        writeln!(out, "  {:<36} {owner:>4} {stranger:>4}", page.label())?;
    }
    writeln!(out, "{BOLD}sometimes{BOLD:#}")?;
    for (reached, what) in outcome.sometimes.iter().zip(Sometimes::ALL) {
        let told = if reached.reached { reached.count.to_string() } else { "never reached".to_owned() };
        writeln!(out, "  {:<32} {told:>14}  {DIM}{}{DIM:#}", reached.id, what.sentence().trim())?;
    }
    let virtual_time = Span::from_secs(tally.virtual_ms / 1000);
    writeln!(
        out,
        "\n{} in {:.1} s, {:.0} per second; {virtual_time} of virtual time; {}",
        counted(usize::try_from(tally.runs).unwrap_or(usize::MAX), "run", "runs"),
        outcome.seconds,
        outcome.runs_per_second,
        match outcome.findings.len() {
            0 => "no findings".to_owned(),
            1 => "1 distinct finding".to_owned(),
            causes => format!("{causes} distinct findings"),
        }
    )
}
