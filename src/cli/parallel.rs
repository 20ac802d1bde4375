//! Plays scenarios on several threads. Scenarios share no state, because each has its own world. The outcomes are
//! reported in the order of the features.

use std::num::NonZero;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::{mem, panic, thread};

use ::gherkin::{Feature, Scenario};

use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::gherkin;
use crate::gherkin::Setting;
use crate::policy::Norm;
use crate::report::ScenarioOutcome;

/// The maximum number of scenarios of a part. A part is played in one go, by one thread.
const PART_MAX: usize = 64;

/// The number of parts per thread to aim at, so that no thread waits long for the last one.
const PARTS_PER_THREAD: usize = 4;

/// The number of processors.
pub(super) fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Formats the command line that replays a scenario, from its path and line.
type Again = dyn Fn(&str, usize) -> String + Send + Sync;

/// What all threads play by.
pub(super) struct Plays<'a> {
    pub(super) setting: &'a Setting,
    pub(super) norm: &'a Norm,
    pub(super) fail_fast: bool,
    pub(super) again: Arc<Again>,
}

/// The outcomes of a part, or why it could not be played.
type Played = Result<Vec<ScenarioOutcome>, (Exit, String)>;

impl Plays<'_> {
    /// Plays these features on up to `jobs` threads.
    ///
    /// With `fail_fast`, the outcomes end with the first failure.
    ///
    /// # Errors
    /// The exit code and the reason, if a thread or its runtime cannot be started.
    pub(super) fn all(&self, features: Vec<Feature>, jobs: usize) -> Played {
        let scenarios = features.iter().map(scenarios_of).sum::<usize>();
        let most = scenarios.div_ceil(jobs.max(1) * PARTS_PER_THREAD).clamp(1, PART_MAX);
        let parts: Vec<Mutex<Option<Feature>>> = features
            .into_iter()
            .flat_map(|feature| split(feature, most))
            .map(|part| Mutex::new(Some(part)))
            .collect();
        let played: Vec<Mutex<Option<Played>>> = parts.iter().map(|_| Mutex::new(None)).collect();
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let one = || {
            while !(self.fail_fast && failed.load(Ordering::Relaxed)) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some((part, place)) = parts.get(at).zip(played.get(at)) else { break };
                let Some(part) = part.lock().unwrap_or_else(PoisonError::into_inner).take() else { break };
                let outcomes = self.part(part);
                let well = outcomes.as_ref().is_ok_and(|all| all.iter().all(ScenarioOutcome::passed));
                failed.fetch_or(!well, Ordering::Relaxed);
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcomes);
            }
        };
        // A failed step panics, and cucumber mutes its message by a hook of the process. Two threads would
        // each restore the hook of the other, so all of them find a mute one.
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        thread::scope(|scope| {
            // Where there is no room for another thread, this one plays what is left.
            for _ in 1..jobs.min(parts.len()) {
                let _no_room = thread::Builder::new().spawn_scoped(scope, one);
            }
            one();
        });
        panic::set_hook(hook);
        self.in_order(played)
    }

    /// The outcomes of all parts, or up to the first failure.
    fn in_order(&self, played: Vec<Mutex<Option<Played>>>) -> Played {
        let mut outcomes = Vec::new();
        for part in played {
            let Some(part) = part.into_inner().unwrap_or_else(PoisonError::into_inner) else { break };
            for outcome in part? {
                let passed = outcome.passed();
                outcomes.push(outcome);
                if self.fail_fast && !passed {
                    return Ok(outcomes);
                }
            }
        }
        Ok(outcomes)
    }

    fn part(&self, part: Feature) -> Played {
        let runtime = signals::runtime()?;
        let features = vec![part];
        let again = Arc::clone(&self.again);
        let again = move |path: &str, line| again(path, line);
        let playing =
            gherkin::play(features, self.setting, self.norm, self.fail_fast, again, Rc::new(|_| {}));
        Ok(runtime.block_on(playing))
    }
}

fn scenarios_of(feature: &Feature) -> usize {
    feature.scenarios.len() + feature.rules.iter().map(|rule| rule.scenarios.len()).sum::<usize>()
}

/// Splits a feature into parts of at most `most` scenarios, in order. A part has the background, the tags and
/// the rules of its scenarios.
fn split(mut feature: Feature, most: usize) -> Vec<Feature> {
    let mut groups: Vec<(Option<usize>, Vec<Scenario>)> = Vec::new();
    groups.push((None, mem::take(&mut feature.scenarios)));
    for (place, rule) in feature.rules.iter_mut().enumerate() {
        groups.push((Some(place), mem::take(&mut rule.scenarios)));
    }
    let rules = mem::take(&mut feature.rules);
    let mut parts = Vec::new();
    for (place, scenarios) in groups {
        let mut scenarios = scenarios.into_iter().peekable();
        while scenarios.peek().is_some() {
            let some: Vec<Scenario> = scenarios.by_ref().take(most).collect();
            let mut part = feature.clone();
            match place.and_then(|place| rules.get(place)) {
                Some(rule) => part.rules = vec![::gherkin::Rule { scenarios: some, ..rule.clone() }],
                None => part.scenarios = some,
            }
            parts.push(part);
        }
    }
    parts
}
