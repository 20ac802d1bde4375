//! What a drill prints at its end.

use std::io::Write;
use std::time::Duration;

use crate::drill::Sometimes;
use crate::drill::Tally;
use crate::time::Span;

/// The figures.
pub(super) fn summary(out: &mut dyn Write, tally: &Tally, took: Duration) {
    let _closed_pipe = write_summary(out, tally, took);
}

fn write_summary(out: &mut dyn Write, tally: &Tally, took: Duration) -> std::io::Result<()> {
    for (cause, found) in &tally.findings {
        writeln!(out, "{:>8} x {cause}\n           {} [seed {}]", found.count, found.says, found.seed)?;
    }
    let runs = tally.runs.max(1) as f64;
    writeln!(out, "a run         p50     p95    mean")?;
    for (name, of) in [
        ("events", &tally.events),
        ("moves", &tally.moves),
        ("faults", &tally.faults),
        ("codes", &tally.hmacs),
    ] {
        let mean = of.sum() as f64 / runs;
        writeln!(out, "  {name:<8} {:>6}  {:>6}  {mean:>6.1}", of.percentile(50), of.percentile(95))?;
    }
    let ends = tally.ends;
    for (name, count) in [
        ("recovered", ends.recovered),
        ("signed in", ends.signed_in),
        ("with support", ends.with_support),
        ("locked out", ends.locked_out),
    ] {
        writeln!(out, "  {name:<14} {:>6.2} %", count as f64 * 100.0 / runs)?;
    }
    let (seen, all) = tally.coverage.share();
    writeln!(out, "coverage: {seen} of {all} pages x faults x roles")?;
    for (place, what) in Sometimes::ALL.iter().enumerate() {
        let count = tally.sometimes.get(place).copied().unwrap_or(0);
        let told = if count == 0 { "never reached".to_owned() } else { count.to_string() };
        writeln!(out, "  {:<32} {told:>14}", what.id())?;
    }
    let per_second = runs / took.as_secs_f64().max(1e-9);
    let virtual_time = Span::from_secs(tally.virtual_ms / 1000);
    writeln!(
        out,
        "{} runs in {:.1} s, {per_second:.0} a second; {virtual_time} of virtual time; {} causes of findings",
        tally.runs,
        took.as_secs_f64(),
        tally.findings.len()
    )
}
