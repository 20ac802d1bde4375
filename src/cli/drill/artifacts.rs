//! Shrinks each distinct finding, finds what opens it, and saves it as a story and a feature.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cli::drill::table::order;
use crate::cli::drill::workers::Work;
use crate::cli::drill::{print, table};
use crate::cli::program::{program, quoted};
use crate::drill::{Deviation, Found, Mix, OpenedBy, Runner, Shrunk, deviations};
use crate::oracle::Finding;
use crate::policy::Norm;
use crate::story::{Story, limit};
use crate::wire::files::write_story_and_feature;
use crate::{drill, report};

/// Longest name of a saved failure without its seed, in characters.
const NAME_MAX: usize = 80;

/// A distinct finding with its smallest story.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) found: &'a Found,
    pub(super) shrunk: Shrunk,
    /// What opens it: usually one root, but another run may fail for another reason.
    pub(super) roots: Vec<OpenedBy>,
    /// How long shrinking took.
    pub(super) took: Duration,
}

impl Case<'_> {
    /// The name of the saved failure: the rule, the people of the story, and the seed.
    fn name(&self) -> String {
        let people = self.shrunk.story.people.iter().map(|person| person.name.as_str());
        let words = [self.found.rule.as_str()].into_iter().chain(people).collect::<Vec<_>>().join("-");
        let plain: String = report::file_words(&words).chars().take(NAME_MAX).collect();
        format!("{plain}-{}", self.found.seed)
    }

    /// The story under that name.
    fn story(&self, name: &str) -> Story {
        let about = format!("Found by a drill: {}.", self.shrunk.finding.says);
        // A longer one could not be read back.
        let about = about.chars().take(limit::TEXT_MAX).collect();
        Story { name: name.to_owned(), about, ..self.shrunk.story.clone() }
    }
}

/// The findings to print and save, and the stories to replay them with.
#[derive(Debug)]
pub(super) struct Told<'a> {
    /// The findings that are failures, by cause.
    pub(super) findings: &'a BTreeMap<String, Found>,
    /// The bases without acceptances that have ended.
    pub(super) bases: Vec<Arc<Story>>,
}

/// Prints a table of what opens the findings, with `details` each of them, and saves them if a folder is given.
/// Returns an error for each file that could not be saved; the output is complete nevertheless.
pub(super) fn tell_and_save(
    out: &mut dyn Write,
    told: &Told<'_>,
    work: &Work,
    folder: Option<&Path>,
    details: bool,
) -> Vec<String> {
    let cases = cases(told.findings, &told.bases, &work.norm);
    let _closed_pipe = table::tell(out, &cases, &told.bases, &work.again);
    // A run that does not fail again has no story, but no finding may be lost.
    for found in told.findings.values().filter(|found| !cases.iter().any(|case| case.found == *found)) {
        let _closed_pipe = table::line(out, found);
    }
    let mut not_saved = Vec::new();
    for case in &cases {
        let name = case.name();
        let story = case.story(&name);
        let feature = |name: &str| report::feature(&story, name, &case.shrunk.finding);
        if details {
            let _closed_pipe = print::finding(out, case, &feature(&name), &work.again, &work.norm);
        }
        let Some(folder) = folder else { continue };
        let shown = folder.display();
        let pasted = quoted(&shown);
        match write_story_and_feature(folder, &name, &story.write(), feature) {
            Ok((name, _)) => {
                let _closed_pipe = writeln!(
                    out,
                    "  saved   {} run {} --scenarios {pasted} --stage both",
                    program(),
                    quoted(format_args!("{shown}/{name}.feature"))
                );
            }
            Err(error) => not_saved.push(format!("cannot save {name} in {shown}: {error}")),
        }
    }
    not_saved
}

/// The findings with their smallest stories, the most frequent first.
#[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
fn cases<'a>(findings: &'a BTreeMap<String, Found>, bases: &[Arc<Story>], norm: &Norm) -> Vec<Case<'a>> {
    let mut runner = Runner::new(bases.to_vec(), Mix::usual(), *norm);
    let mut cases = Vec::new();
    for (cause, found) in findings {
        let began = Instant::now();
        let Some(shrunk) = shrink(&mut runner, cause, found.seed, norm) else { continue };
        let took = began.elapsed();
        let root =
            |shrunk: &Shrunk, seed| drill::opened_by(&shrunk.story, &shrunk.finding, seed, bases, norm);
        let mut roots = vec![root(&shrunk, found.seed)];
        // With one deviation at most there is no other root.
        if deviations(&shrunk.story.policy).len() > 1 {
            let others = found.seeds.iter().filter(|seed| **seed != found.seed);
            let others = others.filter_map(|seed| Some((shrink(&mut runner, cause, *seed, norm)?, *seed)));
            roots.extend(others.map(|(shrunk, seed)| root(&shrunk, seed)));
        }
        let known: Vec<Deviation> = roots
            .iter()
            .filter_map(|root| if let OpenedBy::Key(key) = root { Some(key.clone()) } else { None })
            .collect();
        // Where one run could have come from any of several keys, another run tells from which.
        roots.retain(
            |root| !matches!(root, OpenedBy::AnyOf(keys) if keys.iter().any(|key| known.contains(key))),
        );
        roots.sort();
        roots.dedup();
        cases.push(Case { found, shrunk, roots, took });
    }
    cases.sort_by_key(|case| order(case.found));
    cases
}

/// Shrinks the story of the run with this seed.
pub(super) fn shrink(runner: &mut Runner, cause: &str, seed: u64, norm: &Norm) -> Option<Shrunk> {
    let ran = runner.run(seed);
    let is_it = |finding: &&Finding| {
        finding.cause() == cause && ran.story.acceptance(finding.rule, finding.account).is_none()
    };
    let finding = ran.findings.iter().find(is_it)?;
    Some(drill::shrink(ran.story, finding, norm))
}
