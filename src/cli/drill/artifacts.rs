//! Shrinks each distinct finding, prints it, and saves it as a story and a feature.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::cli::drill::print;
use crate::cli::drill::workers::Work;
use crate::cli::program::{program, quoted};
use crate::drill::{Found, Mix, Runner, Shrunk};
use crate::oracle::Finding;
use crate::policy::Norm;
use crate::story::{Story, limit};
use crate::wire::files::write_story_and_feature;
use crate::{drill, report};

/// Longest name of a saved failure without its seed, in characters.
const NAME_MAX: usize = 80;

/// What is told.
#[derive(Debug)]
pub(super) struct Told<'a> {
    /// The findings that are failures, by cause.
    pub(super) findings: &'a BTreeMap<String, Found>,
    /// The bases without acceptances that have ended.
    pub(super) bases: Vec<Arc<Story>>,
}

/// Prints each distinct finding once, with its smallest story, and saves it if a folder is given. Returns
/// an error for each file that could not be saved; the output is complete nevertheless.
#[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
pub(super) fn tell_and_save(
    out: &mut dyn Write,
    told: Told<'_>,
    work: &Work,
    folder: Option<&Path>,
) -> Vec<String> {
    let mut runner = Runner::new(told.bases, Mix::usual(), work.norm);
    let mut not_saved = Vec::new();
    for (cause, found) in told.findings {
        let began = Instant::now();
        let Some(shrunk) = shrink(&mut runner, cause, found, &work.norm) else { continue };
        let took = began.elapsed();
        let name = name(&shrunk, found);
        let mut story = shrunk.story.clone();
        story.name.clone_from(&name);
        let about = format!("Found by a drill: {}.", shrunk.finding.says);
        // A longer one could not be read back.
        story.about = about.chars().take(limit::TEXT_MAX).collect();
        let feature = |name: &str| report::feature(&story, name, &shrunk.finding);
        let _closed_pipe =
            print::finding(out, found, &shrunk, took, &feature(&name), &work.again, &work.norm);
        let Some(folder) = folder else { continue };
        let shown = folder.display();
        let pasted = quoted(&shown);
        match write_story_and_feature(folder, &name, &story.write(), feature) {
            Ok((name, _)) => {
                let _closed_pipe = writeln!(
                    out,
                    "  saved   {} run {} --scenarios {pasted} --stage both\n",
                    program(),
                    quoted(format_args!("{shown}/{name}.feature"))
                );
            }
            Err(error) => not_saved.push(format!("cannot save {name} in {shown}: {error}")),
        }
    }
    not_saved
}

/// The name of a saved failure: the rule, the people of the story, and the seed.
fn name(shrunk: &Shrunk, found: &Found) -> String {
    let people = shrunk.story.people.iter().map(|person| person.name.as_str());
    let words = [found.rule.as_str()].into_iter().chain(people).collect::<Vec<_>>().join("-");
    let plain: String = words
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .take(NAME_MAX)
        .collect();
    format!("{plain}-{}", found.seed)
}

/// Shrinks the story of the run with the lowest seed.
pub(super) fn shrink(runner: &mut Runner, cause: &str, found: &Found, norm: &Norm) -> Option<Shrunk> {
    let ran = runner.run(found.seed);
    let is_it = |finding: &&Finding| {
        finding.cause() == cause && ran.story.acceptance(finding.rule, finding.account).is_none()
    };
    let finding = ran.findings.iter().find(is_it)?;
    Some(drill::shrink(ran.story, finding, norm))
}
