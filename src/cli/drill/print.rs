//! Output of a drill: each finding with its smallest story, then statistics.

use std::io;
use std::io::Write;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};

use crate::base::time::Span;
use crate::cli::counted;
use crate::cli::drill::artifacts::Case;
use crate::cli::drill::outcome::Outcome;
use crate::cli::drill::table;
use crate::cli::program::{program, quoted};
use crate::drill::{Mix, Sometimes};
use crate::oracle::oracle_of;
use crate::policy::Norm;
use crate::report::{State, Timeline};
use crate::stage::Play;

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Most events of a finding.
const EVENTS_MAX: usize = 24;

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
    case: &Case<'_>,
    feature: &str,
    again: &ReproCommand,
    norm: &Norm,
) -> io::Result<()> {
    let Case { found, shrunk, took, .. } = case;
    let runs = counted(usize::try_from(found.count).unwrap_or(usize::MAX), "run", "runs");
    writeln!(out, "\n{RED}{}{RED:#} [{}], in {}", found.rule, found.verdict, runs)?;
    if let Some(oracle) = oracle_of(&shrunk.finding) {
        writeln!(out, "  oracle  {}", oracle.sentence)?;
        writeln!(out, "          {DIM}{}{DIM:#}", oracle.source)?;
    }
    writeln!(out, "  found   {}", shrunk.finding.says)?;
    for note in &shrunk.finding.notes {
        writeln!(out, "          {note}")?;
    }
    writeln!(out)?;
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
    for line in Timeline::new(&trace, &story, &findings).around(&shrunk.finding, EVENTS_MAX) {
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
        "  shrunk  {} to {}, in {} plays and {} ms",
        size(faults, moves),
        size(shrunk.story.faults.len(), shrunk.story.moves.len()),
        shrunk.plays,
        took.as_millis()
    )
}

/// Prints how the runs ended; with `stats`, the statistics before that.
pub(in crate::cli) fn summary(out: &mut dyn Write, outcome: &Outcome, stats: bool) {
    let _closed_pipe = write_summary(out, outcome, stats);
}

/// Prints the findings of a result whose stories are not at hand.
pub(in crate::cli) fn findings(out: &mut dyn Write, outcome: &Outcome) {
    let _closed_pipe = table::list(out, outcome);
}

fn write_summary(out: &mut dyn Write, outcome: &Outcome, stats: bool) -> io::Result<()> {
    let tally = &outcome.tally;
    if stats {
        write_stats(out, outcome)?;
    } else {
        let never: Vec<&str> =
            outcome.sometimes.iter().filter(|one| !one.reached).map(|one| one.id.as_str()).collect();
        if !never.is_empty() {
            let says = format!("never reached: {} (--stats tells what they are)", never.join(", "));
            writeln!(out, "{DIM}{}{DIM:#}", table::wrapped(&says, 0))?;
        }
    }
    // Of all owners, each counted once a run.
    let owners = tally.ends.total().max(1) as f64;
    let share = |count: u64| count as f64 * 100.0 / owners;
    writeln!(
        out,
        "recovered {:.2} %, signed in {:.2} %, with support {:.2} %, locked out {:.2} %",
        share(tally.ends.recovered),
        share(tally.ends.signed_in),
        share(tally.ends.with_support),
        share(tally.ends.locked_out)
    )?;
    let virtual_time = Span::from_secs(tally.virtual_ms / 1000);
    writeln!(
        out,
        "{} in {:.1} s, {:.0} per second; {virtual_time} of virtual time; {}",
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

fn write_stats(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let tally = &outcome.tally;
    let runs = tally.runs.max(1) as f64;
    writeln!(out, "{BOLD}per run       p50     p95    mean{BOLD:#}")?;
    let each = [&tally.events, &tally.moves, &tally.faults, &tally.hmacs];
    for (name, of) in ["events", "moves", "faults", "HMACs"].into_iter().zip(each) {
        let mean = of.sum() as f64 / runs;
        writeln!(out, "  {name:<8} {:>6}  {:>6}  {mean:>6.1}", of.percentile(50), of.percentile(95))?;
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
    Ok(())
}
