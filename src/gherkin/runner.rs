//! Plays features: cucumber runs the steps, and the outcomes are collected for reports.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Instant;

use cucumber::codegen::{Regex, StepConstructor, WorldInventory, inventory};
use cucumber::event::Source;
use cucumber::step::{Collection, Location};
use cucumber::{Cucumber, Event, Parser, Writer, WriterExt, event, parser};
use futures::{FutureExt, stream};
use gherkin::{Feature, Rule, Scenario, Step, StepType};

use crate::gherkin::check::Undefined;
use crate::gherkin::stories::Library;
use crate::gherkin::{LostkeyWorld, Setting, catalogue, shape};
use crate::oracle;
use crate::policy::Norm;
use crate::report::{Played, ScenarioOutcome, StepOutcome, StepResult};

/// Called at the end of each scenario, to show progress.
pub type Progress = Rc<dyn Fn(&ScenarioOutcome)>;

/// Plays `features` in `setting`, one scenario after the other; with `fail_fast`, stops after the
/// first failure. The oracles judge by `norm`. `again` formats the command line that replays a
/// scenario, from its path and line.
pub async fn play(
    features: Vec<Feature>,
    setting: &Setting,
    norm: &Norm,
    fail_fast: bool,
    again: impl Fn(&str, usize) -> String + 'static,
    progress: Progress,
) -> Vec<ScenarioOutcome> {
    let played: Rc<RefCell<Looked>> = Rc::default();
    let outcomes: Rc<RefCell<Vec<ScenarioOutcome>>> = Rc::default();
    let writer = Collector {
        stage: setting.stage.name(),
        open: None,
        played: Rc::clone(&played),
        outcomes: Rc::clone(&outcomes),
        again: Box::new(again),
        progress,
    };
    let (setting, norm, library) = (setting.clone(), *norm, Library::default());
    let cucumber = Cucumber::<LostkeyWorld, _, Vec<Feature>, _, _, cucumber::cli::Empty>::custom(
        Parsed,
        cucumber::runner::Basic::default().steps(steps_of(&features)),
        writer.fail_on_skipped().normalized(),
    );
    let cucumber = if fail_fast { cucumber.fail_fast() } else { cucumber };
    cucumber
        .max_concurrent_scenarios(1)
        .before(move |_, _, _, world| {
            world.set(setting.clone());
            world.share(&library);
            async {}.boxed_local()
        })
        .after(move |_, _, _, _, world| {
            let looked = world.map(|world| (world.is_broken(), look_back(world, &norm)));
            let (broken, played_now) = looked.unwrap_or_default();
            *played.borrow_mut() = Looked { played: played_now, broken };
            async {}.boxed_local()
        })
        .with_default_cli()
        .run(features)
        .await;
    outcomes.take()
}

/// The steps that match a step of these features: cucumber tries all that it has on each step, and a feature
/// uses only a few of them.
fn steps_of(features: &[Feature]) -> Collection<LostkeyWorld> {
    let (mut given, mut when, mut then) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for feature in features {
        let of_rules = feature.rules.iter().map(|rule| &rule.background);
        let backgrounds = of_rules.chain([&feature.background]).flatten().flat_map(|before| &before.steps);
        let scenarios = shape::scenarios(feature).flat_map(|scenario| &scenario.steps);
        for step in backgrounds.chain(scenarios) {
            let texts = match step.ty {
                StepType::Given => &mut given,
                StepType::When => &mut when,
                StepType::Then => &mut then,
            };
            texts.insert(step.value.as_str());
        }
    }
    let steps = used::<<LostkeyWorld as WorldInventory>::Given>(&given)
        .fold(Collection::new(), |steps, (at, regex, function)| steps.given(Some(at), regex, function));
    let steps = used::<<LostkeyWorld as WorldInventory>::When>(&when)
        .fold(steps, |steps, (at, regex, function)| steps.when(Some(at), regex, function));
    used::<<LostkeyWorld as WorldInventory>::Then>(&then)
        .fold(steps, |steps, (at, regex, function)| steps.then(Some(at), regex, function))
}

/// The linked steps of one keyword that match any of these texts.
fn used<T: StepConstructor<LostkeyWorld> + inventory::Collect>(
    texts: &BTreeSet<&str>,
) -> impl Iterator<Item = (Location, Regex, cucumber::Step<LostkeyWorld>)> {
    inventory::iter::<T>.into_iter().filter_map(|step| {
        let (location, regex, function) = step.inner();
        let regex = regex();
        texts.iter().any(|text| regex.is_match(text)).then_some((location, regex, function))
    })
}

/// What is known of a scenario at its end.
#[derive(Default)]
struct Looked {
    played: Option<Played>,
    broken: bool,
}

/// The story that was played, with the oracles' findings.
fn look_back(world: &mut LostkeyWorld, norm: &Norm) -> Option<Played> {
    let page = world.where_she_is();
    let until = world.now();
    let expected: BTreeSet<String> = world.expected_findings().iter().cloned().collect();
    let (stage, story) = world.played()?;
    let (trace, story) = (stage.trace(), std::sync::Arc::clone(story));
    let mut findings = oracle::judge(&trace, &story, norm);
    findings.retain(|finding| !expected.contains(finding.oracle));
    let seed = world.seed();
    Some(Played { story, seed, trace, until, findings, tolerated: Vec::new(), page })
}

/// A parser for features that are parsed and expanded already.
struct Parsed;

impl Parser<Vec<Feature>> for Parsed {
    type Cli = cucumber::cli::Empty;
    type Output = stream::Iter<std::vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, features: Vec<Feature>, _: Self::Cli) -> Self::Output {
        let parsed: Vec<_> = features.into_iter().map(Ok).collect();
        stream::iter(parsed)
    }
}

/// Formats the command line that replays a scenario, from its path and line.
type Again = dyn Fn(&str, usize) -> String;

/// Collects the outcomes from cucumber's events.
struct Collector {
    stage: &'static str,
    open: Option<Open>,
    played: Rc<RefCell<Looked>>,
    outcomes: Rc<RefCell<Vec<ScenarioOutcome>>>,
    again: Box<Again>,
    progress: Progress,
}

/// The scenario being played.
struct Open {
    began: Instant,
    step_began: Instant,
    steps: Vec<StepOutcome>,
}

impl Writer<LostkeyWorld> for Collector {
    type Cli = cucumber::cli::Empty;

    async fn handle_event(
        &mut self,
        event: parser::Result<Event<event::Cucumber<LostkeyWorld>>>,
        _: &Self::Cli,
    ) {
        let Ok(event) = event else { return };
        let event::Cucumber::Feature(feature, event) = event.into_inner() else { return };
        match event {
            event::Feature::Scenario(scenario, told) => self.scenario(&feature, None, &scenario, told.event),
            event::Feature::Rule(rule, event::Rule::Scenario(scenario, told)) => {
                self.scenario(&feature, Some(&rule), &scenario, told.event);
            }
            event::Feature::Started | event::Feature::Finished | event::Feature::Rule(..) => {}
        }
    }
}

impl cucumber::writer::NonTransforming for Collector {}

impl Collector {
    #[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
    fn scenario(
        &mut self,
        feature: &Source<Feature>,
        rule: Option<&Rule>,
        scenario: &Source<Scenario>,
        told: event::Scenario<LostkeyWorld>,
    ) {
        match told {
            event::Scenario::Started => {
                let now = Instant::now();
                self.open = Some(Open { began: now, step_began: now, steps: Vec::new() });
            }
            event::Scenario::Background(step, told) | event::Scenario::Step(step, told) => {
                if let Some(open) = &mut self.open {
                    open.step(&step, &told);
                }
            }
            event::Scenario::Finished => self.finish(feature, rule, scenario),
            event::Scenario::Hook(..) | event::Scenario::Log(_) => {}
        }
    }

    fn finish(&mut self, feature: &Feature, rule: Option<&Rule>, scenario: &Scenario) {
        let Some(mut open) = self.open.take() else { return };
        let backgrounds = [feature.background.as_ref(), rule.and_then(|rule| rule.background.as_ref())];
        let before = backgrounds.into_iter().flatten().flat_map(|background| &background.steps);
        // Cucumber emits no events for the steps after a failure.
        for step in before.chain(&scenario.steps).skip(open.steps.len()) {
            open.steps.push(outcome(step, StepResult::Skipped, 0));
        }
        let Looked { played, broken } = self.played.take();
        let path = feature.path.as_ref().map_or_else(String::new, |path| path.display().to_string());
        let line = scenario.position.line;
        let outcome = ScenarioOutcome {
            again: (self.again)(&path, line),
            path,
            feature: feature.name.clone(),
            feature_line: feature.position.line,
            name: scenario.name.clone(),
            line,
            feature_tags: feature.tags.clone(),
            tags: tags(feature, rule, scenario),
            stage: self.stage,
            steps: open.steps,
            played,
            broken,
            nanos: nanos(open.began),
        };
        (self.progress)(&outcome);
        self.outcomes.borrow_mut().push(outcome);
    }
}

impl Open {
    #[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
    fn step(&mut self, step: &Step, told: &event::Step<LostkeyWorld>) {
        let result = match told {
            event::Step::Started => {
                self.step_began = Instant::now();
                return;
            }
            event::Step::Passed(..) => StepResult::Passed,
            event::Step::Skipped => undefined(step),
            event::Step::Failed(_, _, _, error) => failed(step, error),
        };
        self.steps.push(outcome(step, result, nanos(self.step_began)));
    }
}

/// In the words of `lostkey check`: what was meant, and the code of a new step.
fn undefined(step: &Step) -> StepResult {
    let Undefined { says, help, .. } = Undefined::of(step, catalogue());
    StepResult::Undefined(format!("{says}\n{help}"))
}

fn failed(step: &Step, error: &event::StepError) -> StepResult {
    match error {
        event::StepError::NotFound => undefined(step),
        event::StepError::AmbiguousMatch(which) => {
            let which: Vec<String> =
                which.possible_matches.iter().map(|(regex, _)| regex.to_string()).collect();
            StepResult::Ambiguous(which.join(" and "))
        }
        event::StepError::Panic(info) => {
            let text = info.downcast_ref::<String>().cloned();
            let text = text.or_else(|| info.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let text = text.unwrap_or_else(|| "the step panicked".to_owned());
            StepResult::Failed(without_types(text))
        }
    }
}

/// Removes cucumber's prefix `within can not be parsed to Duration: ` from the message of an invalid
/// argument, as it exposes Rust type names.
fn without_types(text: String) -> String {
    let says = text.split_once(" can not be parsed to ").and_then(|(_, rest)| rest.split_once(": "));
    says.map(|(_, says)| says.to_owned()).unwrap_or(text)
}

/// The tags of a scenario and of its examples, its rule and its feature, each once.
fn tags(feature: &Feature, rule: Option<&Rule>, scenario: &Scenario) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    let of_rule = rule.into_iter().flat_map(|rule| &rule.tags);
    for tag in feature.tags.iter().chain(of_rule).chain(&scenario.tags) {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags
}

fn outcome(step: &Step, result: StepResult, nanos: u64) -> StepOutcome {
    StepOutcome {
        keyword: step.keyword.trim().to_owned(),
        text: step.value.clone(),
        line: step.position.line,
        result,
        nanos,
    }
}

#[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
fn nanos(since: Instant) -> u64 {
    u64::try_from(Instant::now().duration_since(since).as_nanos()).unwrap_or(u64::MAX)
}
