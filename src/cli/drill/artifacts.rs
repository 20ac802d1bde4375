//! Shrinks each distinct finding, prints it, and saves it as a story and a feature.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use crate::cli::drill::workers::Work;
use crate::cli::drill::{Ended, print};
use crate::cli::exit::Exit;
use crate::cli::program::program;
use crate::drill::{Found, Mix, Runner, Shrunk, Tally};
use crate::policy::Norm;
use crate::{drill, report};

/// Prints each distinct finding once, with its smallest story, and saves it if a folder is given.
#[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
pub(super) fn tell_and_save(
    out: &mut dyn Write,
    tally: &Tally,
    work: &Work,
    again: &print::ReproCommand,
    folder: Option<&Path>,
) -> Ended<()> {
    let mut runner = Runner::new(work.bases.clone(), Mix::usual(), work.norm);
    for (cause, found) in &tally.findings {
        let began = Instant::now();
        let Some(shrunk) = shrink(&mut runner, cause, found, &work.norm) else { continue };
        let took = began.elapsed();
        let name = format!("{}-{}", found.oracle, found.seed);
        let mut story = shrunk.story.clone();
        story.name.clone_from(&name);
        story.about = format!("Found by a drill: {}.", shrunk.finding.says);
        let feature = report::feature(&story, &name, &shrunk.finding);
        let _closed_pipe = print::finding(out, found, &shrunk, took, &feature, again, &work.norm);
        if let Some(folder) = folder {
            save(folder, &name, &story.write(), &feature)?;
            let shown = folder.display();
            let _closed_pipe = writeln!(
                out,
                "  saved   {} run {shown}/{name}.feature --scenarios {shown} --stage both\n",
                program()
            );
        }
    }
    Ok(())
}

/// Shrinks the story of the run with the lowest seed.
pub(super) fn shrink(runner: &mut Runner, cause: &str, found: &Found, norm: &Norm) -> Option<Shrunk> {
    let ran = runner.run(found.seed);
    let finding = ran.findings.iter().find(|finding| finding.cause() == cause)?;
    Some(drill::shrink(ran.story, finding, norm))
}

fn save(folder: &Path, name: &str, story: &str, feature: &str) -> Ended<()> {
    let failed = |error: std::io::Error| {
        (Exit::CouldNotRun, format!("cannot save {name} in {}: {error}", folder.display()))
    };
    fs::create_dir_all(folder).map_err(failed)?;
    fs::write(folder.join(format!("{name}.yaml")), story).map_err(failed)?;
    fs::write(folder.join(format!("{name}.feature")), feature).map_err(failed)
}
