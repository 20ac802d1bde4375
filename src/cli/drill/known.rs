//! Known failures: saved stories that are played before anything is drawn.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use crate::cli::drill::demands::Measures;
use crate::cli::drill::workers::Work;
use crate::cli::drill::{Ended, cannot_read};
use crate::cli::exit::Exit;
use crate::cli::program::{program, quoted};
use crate::cli::{counted, story};
use crate::oracle::Finding;
use crate::policy::{Norm, Policy};
use crate::stage::Play;
use crate::story::Story;
use crate::{drill, oracle, report};

/// Most stories of a folder that are played.
const STORIES_MAX: usize = 10_000;

/// What became of a saved failure.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// It fails, by these rules.
    StillFails(BTreeSet<String>),
    /// It fails, and the baseline has it.
    Known,
    /// It fails with its own policy, and with none of this drill.
    FixedByPolicy,
    Fixed,
    /// Why it could not be played.
    NotPlayed(String),
}

/// The saved stories of a folder.
#[derive(Debug, Default)]
pub(super) struct Saved {
    folder: PathBuf,
    stories: Vec<PathBuf>,
    /// Whether each of them must be a story.
    strict: bool,
}

impl Saved {
    /// The stories in `known`, or else those that earlier drills saved in `save`.
    pub(super) fn read(known: Option<&Path>, save: Option<&Path>) -> Ended<Self> {
        let (folder, strict) = match (known, save) {
            (Some(folder), _) => (folder, true),
            (None, Some(folder)) => (folder, false),
            (None, None) => return Ok(Self::default()),
        };
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !strict => return Ok(Self::default()),
            entries => entries.map_err(|error| cannot_read(folder, &error))?,
        };
        let mut stories = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| cannot_read(folder, &error))?.path();
            if path.extension().is_some_and(|ending| ending == "yaml") {
                stories.push(path);
            }
            if stories.len() > STORIES_MAX {
                let says = format!("{} has more than {STORIES_MAX} stories", folder.display());
                return Err((Exit::BadInput, says));
            }
        }
        stories.sort();
        if strict && stories.is_empty() {
            return Err((Exit::BadInput, format!("no story in {}", folder.display())));
        }
        Ok(Self { folder: folder.to_owned(), stories, strict })
    }

    /// Plays all of them, and prints what became of each.
    pub(super) fn play(&self, out: &mut dyn Write, work: &Work, measures: &Measures<'_>) -> Exit {
        let mut states = Vec::new();
        for path in &self.stories {
            if work.interrupt.is_asked() {
                break;
            }
            let state = match story(path) {
                Ok(story) => state(story, work, measures),
                Err((_, says)) => State::NotPlayed(says.lines().next().unwrap_or_default().to_owned()),
            };
            states.push((path, state));
        }
        if !states.is_empty() {
            let _closed_pipe = self.tell(out, &states, &work.norm);
        }
        let exit = |state: &State| match state {
            State::StillFails(_) => Exit::Finding,
            State::NotPlayed(_) if self.strict => Exit::BadInput,
            State::NotPlayed(_) | State::Known | State::FixedByPolicy | State::Fixed => Exit::Well,
        };
        states.iter().map(|(_, state)| exit(state)).max().unwrap_or(Exit::Well)
    }

    fn tell(&self, out: &mut dyn Write, states: &[(&PathBuf, State)], norm: &Norm) -> io::Result<()> {
        let failing = states.iter().filter(|(_, state)| matches!(state, State::StillFails(_))).count();
        let fixed =
            states.iter().filter(|(_, state)| matches!(state, State::Fixed | State::FixedByPolicy)).count();
        writeln!(
            out,
            "{} of {} played first: {}, {fixed} fixed",
            counted(states.len(), "known failure", "known failures"),
            self.folder.display(),
            counted(failing, "still fails", "still fail")
        )?;
        let with_norm =
            if norm.name == Norm::NIST.name { String::new() } else { format!(" --norm {}", norm.name) };
        for (path, state) in states {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let play = || format!("{} play {}{with_norm}", program(), quoted(path.display()));
            match state {
                State::StillFails(rules) => {
                    let rules = rules.iter().cloned().collect::<Vec<_>>().join(", ");
                    writeln!(out, "  still fails  {name}: {rules}; {}", play())?;
                }
                State::Known => writeln!(out, "  still fails  {name}, as the baseline knows")?,
                State::FixedByPolicy => {
                    writeln!(
                        out,
                        "  fixed        {name}, by the policy of this drill; with its own, it fails"
                    )?;
                }
                State::Fixed => writeln!(out, "  fixed        {name}")?,
                State::NotPlayed(why) => writeln!(out, "  not played   {name}: {why}")?,
            }
        }
        writeln!(out)
    }
}

/// Plays a saved failure as it was saved, and if it fails, with the policies of this drill.
fn state(story: Story, work: &Work, measures: &Measures<'_>) -> State {
    let Some(story) = measures.in_force(&[Arc::new(story)]).pop() else { return State::Fixed };
    let findings = match findings(&story, &work.norm) {
        Ok(findings) if findings.is_empty() => return State::Fixed,
        Ok(findings) => findings,
        Err(why) => return State::NotPlayed(why),
    };
    // The rules that fail under this policy; `None` if it cannot be played.
    let failing = |policy: &Policy| -> Option<BTreeSet<&'static str>> {
        if *policy == story.policy {
            return Some(findings.iter().map(|finding| finding.rule).collect());
        }
        let story = Arc::new(Story { policy: *policy, ..Story::clone(&story) });
        let findings = self::findings(&story, &work.norm).ok()?;
        Some(findings.iter().map(|finding| finding.rule).collect())
    };
    let under: Vec<_> = policies(&story.policy, &work.bases).iter().map(failing).collect();
    let still =
        |rule: &str| under.iter().any(|rules| rules.as_ref().is_none_or(|rules| rules.contains(rule)));
    let named = findings.iter().find(|finding| story.name.starts_with(&report::file_words(finding.rule)));
    let is_fixed = match named {
        Some(named) => !still(named.rule),
        None => !findings.iter().any(|finding| still(finding.rule)),
    };
    if is_fixed {
        return State::FixedByPolicy;
    }
    let is_known = |finding: &Finding| {
        let origin = drill::origin(finding, &story);
        measures.knows_elsewhere(finding.rule, finding.verdict.label(), &origin)
    };
    if findings.iter().all(is_known) {
        return State::Known;
    }
    let rules = findings.iter().filter(|finding| still(finding.rule));
    let rules = rules.map(|finding| format!("{} [{}]", finding.rule, finding.verdict.label()));
    State::StillFails(rules.collect())
}

/// The policies of the bases, with what a drill draws as it is in the saved story.
fn policies(saved: &Policy, bases: &[Arc<Story>]) -> Vec<Policy> {
    let mut policies: Vec<Policy> = Vec::new();
    for base in bases {
        let mut policy = base.policy;
        if policy.resync_window == Policy::NORM.resync_window {
            policy.resync_window = saved.resync_window;
        }
        if !policies.contains(&policy) {
            policies.push(policy);
        }
    }
    policies
}

/// What the oracles object to and the story does not accept.
fn findings(story: &Arc<Story>, norm: &Norm) -> Result<Vec<Finding>, String> {
    let mut play = Play::new(Arc::clone(story), story.seed);
    play.to_the_end().map_err(|stuck| stuck.to_string())?;
    let mut findings = oracle::judge(play.world().trace(), story, norm);
    findings.retain(|finding| story.acceptance(finding.rule, finding.account).is_none());
    Ok(findings)
}
