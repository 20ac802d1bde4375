//! Compares the traces of the two stages.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::cli::counted;
use crate::cli::exit::Exit;
use crate::event::Trace;
use crate::report::{Played, ScenarioOutcome, Words};
use crate::stage::StageKind;
use crate::story::Story;

const RED: Style = AnsiColor::Red.on_default().bold();

/// The first event at which two traces differ.
pub(super) fn first_difference(here: &Trace, there: &Trace) -> Option<usize> {
    let (here, there) = (here.events(), there.events());
    let at = here.iter().zip(there).take_while(|(here, there)| here == there).count();
    (at < here.len().max(there.len())).then_some(at)
}

/// Prints the event with this number on each stage.
pub(super) fn tell_event(
    out: &mut dyn Write,
    at: usize,
    stages: [(&'static str, &Trace, &Story); 2],
) -> io::Result<()> {
    for (stage, trace, story) in stages {
        let words = Words::of(story);
        let told = trace.events().get(at).map_or_else(
            || "no further event".to_owned(),
            |event| format!("{} {} {}", event.at, words.actor(event.by), words.sentence(&event.kind)),
        );
        writeln!(out, "  {stage:<7} event {at}: {told}")?;
    }
    Ok(())
}

/// Compares the traces of scenarios that were played on both stages, and prints where they differ.
pub(super) fn scenarios(out: &mut dyn Write, outcomes: &[ScenarioOutcome]) -> Exit {
    let (here, there): (Vec<_>, Vec<_>) =
        outcomes.iter().partition(|outcome| outcome.stage == StageKind::Virtual.name());
    let key = |outcome: &ScenarioOutcome| (outcome.path.clone(), outcome.line);
    let there: BTreeMap<(String, usize), &ScenarioOutcome> =
        there.into_iter().map(|outcome| (key(outcome), outcome)).collect();
    let (mut compared, mut differ) = (0, 0);
    for one in &here {
        let other = there.get(&key(one)).and_then(|other| played(other));
        let Some((left, right)) = played(one).zip(other) else { continue };
        compared += 1;
        if let Some(at) = first_difference(&left.trace, &right.trace) {
            differ += 1;
            let _closed_pipe = writeln!(out, "{RED}DIFFER{RED:#} {}:{}: {}", one.path, one.line, one.name);
            let stages = [("virtual", &left.trace, &*left.story), ("wire", &right.trace, &*right.story)];
            let _closed_pipe = tell_event(out, at, stages);
        }
    }
    let all = |count| counted(count, "scenario", "scenarios");
    let _closed_pipe = match (compared, differ, here.len() - compared) {
        (0, ..) => {
            writeln!(out, "No scenario was played to its end on both stages, so no traces were compared.")
        }
        (compared, 0, 0) => writeln!(out, "The traces of both stages are equal in {}.", all(compared)),
        (compared, 0, others) => {
            let were = if others == 1 { "was" } else { "were" };
            writeln!(
                out,
                "The traces of both stages are equal in {}; {others} of {} {were} not played to the end on both \
                 stages, and not compared.",
                all(compared),
                all(here.len())
            )
        }
        _ => Ok(()),
    };
    if differ == 0 { Exit::Well } else { Exit::Finding }
}

/// What was played, unless the machine stopped it: the rest of its trace is missing.
fn played(outcome: &ScenarioOutcome) -> Option<&Played> {
    outcome.played.as_ref().filter(|_| !outcome.broken)
}
