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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::time::Time;
    use crate::drill::built_in;
    use crate::stage::Play;

    fn traced(story: &Arc<Story>, seed: u64) -> Trace {
        let mut play = Play::new(Arc::clone(story), seed);
        play.to_the_end().unwrap();
        play.into_trace()
    }

    fn outcome(line: usize, stage: StageKind, trace: Option<Trace>, broken: bool) -> ScenarioOutcome {
        let story = built_in().swap_remove(0);
        let played = trace.map(|trace| Played {
            story,
            seed: 1,
            trace,
            until: Time::ZERO,
            findings: Vec::new(),
            tolerated: Vec::new(),
            page: None,
        });
        ScenarioOutcome {
            path: "a.feature".to_owned(),
            feature: String::new(),
            feature_line: 1,
            name: "One".to_owned(),
            line,
            feature_tags: Vec::new(),
            tags: Vec::new(),
            stage: stage.name(),
            steps: Vec::new(),
            played,
            broken,
            nanos: 0,
            again: String::new(),
        }
    }

    #[test]
    fn only_what_was_played_on_both_stages_is_compared() {
        let story = built_in().swap_remove(0);
        let (one, other) = (traced(&story, 1), traced(&story, 2));
        let at = first_difference(&one, &other).unwrap();
        assert_eq!(first_difference(&one, &one), None);
        let here = |line| outcome(line, StageKind::Virtual, Some(one.clone()), false);
        let there = |line, trace: &Trace| outcome(line, StageKind::Wire, Some(trace.clone()), false);
        let broken = |line| outcome(line, StageKind::Wire, Some(other.clone()), true);
        let none = |line| outcome(line, StageKind::Wire, None, true);
        let told = |outcomes: &[ScenarioOutcome]| {
            let mut out = Vec::new();
            let exit = scenarios(&mut out, outcomes);
            (exit, String::from_utf8(out).unwrap())
        };
        let equal = told(&[here(2), here(3), there(2, &one), there(3, &one)]);
        assert_eq!(equal, (Exit::Well, "The traces of both stages are equal in 2 scenarios.\n".to_owned()));
        let (exit, says) = told(&[here(2), here(3), none(2), broken(3)]);
        assert_eq!((exit, says.starts_with("No scenario was played to its end on both")), (Exit::Well, true));
        let (exit, says) = told(&[here(2), here(3), there(2, &one), broken(3)]);
        assert_eq!(exit, Exit::Well);
        assert!(says.contains("are equal in 1 scenario; 1 of 2 scenarios was not played"), "{says}");
        // After the first failure, the second stage may lack what the first one has.
        let (exit, says) = told(&[here(2), here(3), there(3, &other)]);
        assert_eq!(exit, Exit::Finding);
        assert!(says.contains("a.feature:3: One\n") && !says.contains("are equal"), "{says}");
        assert!(says.contains(&format!("  virtual event {at}: ")), "{says}");
        assert!(says.contains(&format!("  wire    event {at}: ")), "{says}");
        // A trace that ends earlier differs, too.
        assert_eq!(first_difference(&Trace::default(), &one), Some(0));
    }
}
