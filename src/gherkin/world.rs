//! The world of a scenario: the stage, the person named last, and the context of failures.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::base::id::{EventId, PersonId};
use crate::base::time::{Span, Time};
use crate::event::DeviceChange;
use crate::gherkin::stories::Library;
use crate::gherkin::{Duration, Who, Whose};
use crate::message::Page;
use crate::people::{Act, Outcome};
use crate::stage::{Stage, StageError, StageKind};
use crate::story::Story;
use crate::world::World;

/// Limit for one act in simulated time. Waiting for two codes of a device takes up to a minute.
const ACT_MAX: Span = Span::from_mins(10);

/// How scenarios are played.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The folder that contains the stories.
    pub scenarios: Arc<std::path::Path>,
    /// The stage.
    pub stage: StageKind,
    /// The seed; `None` for the story's seed.
    pub seed: Option<u64>,
}

impl Default for Setting {
    fn default() -> Self {
        Self { scenarios: std::path::Path::new("scenarios").into(), stage: StageKind::Virtual, seed: None }
    }
}

/// The world of one scenario. Other crates can define steps on it and keep state in its extensions.
#[derive(cucumber::World)]
#[world(init = Self::new)]
pub struct LostkeyWorld {
    setting: Setting,
    library: Library,
    story: Option<Arc<Story>>,
    stage: Option<Stage>,
    named_last: Option<PersonId>,
    pub(super) expected_findings: Vec<String>,
    /// Where the last "When" step began, for "Then" steps that concern only its effects.
    pub(super) since: EventId,
    broken: bool,
    extensions: BTreeMap<TypeId, Box<dyn Any + Send>>,
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum StepFailure {
    /// The expectation does not hold.
    #[error("{0}")]
    NotSo(String),
    /// The step cannot be carried out in this story.
    #[error("{0}")]
    CannotBe(String),
    /// The stage failed.
    #[error("the story could not continue: {0}")]
    Stage(#[from] StageError),
}

/// The result of a step.
pub type StepResult = Result<(), StepFailure>;

/// Fails a step whose expectation does not hold.
pub fn not_so<T>(says: impl Into<String>) -> Result<T, StepFailure> {
    Err(StepFailure::NotSo(says.into()))
}

impl LostkeyWorld {
    fn new() -> Self {
        Self {
            setting: Setting::default(),
            library: Library::default(),
            story: None,
            stage: None,
            named_last: None,
            expected_findings: Vec::new(),
            since: EventId::FIRST,
            broken: false,
            extensions: BTreeMap::new(),
        }
    }

    /// Sets how this scenario is played. Called before its first step.
    pub fn set(&mut self, setting: Setting) {
        self.setting = setting;
    }

    /// Sets where the stories come from that other scenarios of the same play have opened.
    pub(super) fn share(&mut self, library: &Library) {
        self.library = library.clone();
    }

    /// Opens a story from the scenarios folder and starts to play it.
    ///
    /// # Errors
    /// [`StepFailure`] if the story does not exist, has mistakes, or cannot be started.
    pub async fn open(&mut self, name: &str) -> StepResult {
        let story = self.library.open(&self.setting.scenarios, name);
        let story = story.map_err(|error| StepFailure::CannotBe(error.to_string()))?;
        let seed = self.setting.seed.unwrap_or(story.seed);
        let stage = Stage::start(self.setting.stage, Arc::clone(&story), seed).await;
        self.broken = stage.is_err();
        self.stage = Some(stage?);
        self.story = Some(story);
        Ok(())
    }

    /// The stage.
    ///
    /// # Errors
    /// [`StepFailure`] if no story was opened.
    pub fn stage(&mut self) -> Result<&mut Stage, StepFailure> {
        let missing =
            || StepFailure::CannotBe("no story is open: begin with `Given the story \"…\"`".to_owned());
        self.stage.as_mut().ok_or_else(missing)
    }

    /// The story.
    ///
    /// # Errors
    /// [`StepFailure`] if no story was opened.
    pub fn story(&self) -> Result<&Arc<Story>, StepFailure> {
        let missing =
            || StepFailure::CannotBe("no story is open: begin with `Given the story \"…\"`".to_owned());
        self.story.as_ref().ok_or_else(missing)
    }

    /// The stage and the story, if one was opened, for reports.
    pub const fn played(&self) -> Option<(&Stage, &Arc<Story>)> {
        match (&self.stage, &self.story) {
            (Some(stage), Some(story)) => Some((stage, story)),
            _ => None,
        }
    }

    /// Resolves a name or pronoun to a person.
    ///
    /// # Errors
    /// [`StepFailure`] if the story does not have this person, or a pronoun comes before any name.
    pub fn person(&mut self, who: &Who) -> Result<PersonId, StepFailure> {
        self.named(who.0.as_deref())
    }

    /// Resolves a possessive to a person.
    ///
    /// # Errors
    /// As [`LostkeyWorld::person`].
    pub fn owner(&mut self, whose: &Whose) -> Result<PersonId, StepFailure> {
        self.named(whose.0.as_deref())
    }

    fn named(&mut self, name: Option<&str>) -> Result<PersonId, StepFailure> {
        let story = self.story()?;
        let Some(name) = name else {
            // With only one person in the story, a pronoun is unambiguous.
            let only = (story.people.len() == 1).then_some(PersonId(0));
            let who = self.named_last.or(only);
            return who.ok_or_else(|| StepFailure::CannotBe("no person was named before".to_owned()));
        };
        let Some(person) = story.person(name) else {
            let names: Vec<&str> = story.people.iter().map(|person| person.name.as_str()).collect();
            return Err(StepFailure::CannotBe(format!(
                "the story `{}` has no person named `{name}`; it has {}",
                story.name,
                names.join(", ")
            )));
        };
        self.named_last = Some(person);
        Ok(person)
    }

    /// Inspects the world.
    ///
    /// # Errors
    /// [`StepFailure`] if no story was opened.
    pub fn look<T>(&mut self, look: impl FnOnce(&World) -> T) -> Result<T, StepFailure> {
        Ok(self.stage()?.with(|world| look(world)))
    }

    /// Orders an act and plays until it is done.
    ///
    /// # Errors
    /// [`StepFailure`] if the act fails or takes too long.
    pub async fn act(&mut self, who: PersonId, act: Act) -> StepResult {
        match self.try_to(who, act).await? {
            Some(Outcome::Done) => Ok(()),
            Some(outcome) => Err(StepFailure::NotSo(self.why_not(who, outcome)?)),
            None => not_so(format!("{} has not finished after {ACT_MAX}", self.name(who)?)),
        }
    }

    /// Orders an act and plays until it succeeds or fails; returns the outcome, or `None` if it takes too
    /// long.
    ///
    /// # Errors
    /// [`StepFailure`] if the stage cannot continue.
    pub async fn try_to(&mut self, who: PersonId, act: Act) -> Result<Option<Outcome>, StepFailure> {
        let stage = self.stage()?;
        let (now, since) = stage.with(|world| {
            let since = EventId::at(world.trace().events().len());
            world.order(who, act);
            (world.now(), since)
        });
        let done = stage.until(now + ACT_MAX, |world| world.outcome(who).is_some()).await;
        self.broken |= done.is_err();
        let done = done?;
        let stage = self.stage()?;
        let outcome = stage.with(|world| world.outcome(who)).filter(|_| done);
        self.since = since;
        Ok(outcome)
    }

    /// Plays until `done` holds, for at most `within`; returns whether it held.
    ///
    /// # Errors
    /// [`StepFailure`] if the stage cannot continue.
    pub async fn within(
        &mut self,
        within: &Duration,
        done: impl FnMut(&World) -> bool,
    ) -> Result<bool, StepFailure> {
        let stage = self.stage()?;
        let deadline = stage.with(|world| world.now()) + within.0;
        let held = stage.until(deadline, done).await;
        self.broken |= held.is_err();
        Ok(held?)
    }

    /// Lets all people act by habit, from the times that the story gives.
    ///
    /// # Errors
    /// [`StepFailure`] if the stage cannot continue.
    pub async fn all_by_habit(&mut self) -> StepResult {
        let stage = self.stage()?;
        stage.with(World::begin_by_habit);
        let settled = stage.settle().await;
        self.broken |= settled.is_err();
        Ok(settled?)
    }

    /// Plays until `moment`, including everything at that instant.
    ///
    /// # Errors
    /// [`StepFailure`] if the stage cannot continue.
    pub async fn until(&mut self, moment: Time) -> StepResult {
        let held = self.stage()?.until(moment, |_| false).await;
        self.broken |= held.is_err();
        held?;
        Ok(())
    }

    /// Plays to the end of the story.
    ///
    /// # Errors
    /// [`StepFailure`] if the stage cannot continue.
    pub async fn to_the_end(&mut self) -> StepResult {
        let done = self.stage()?.go_on().await;
        self.broken |= done.is_err();
        Ok(done?)
    }

    /// The page in a person's browser.
    ///
    /// # Errors
    /// [`StepFailure`] if no page is open.
    pub fn page(&mut self, who: PersonId) -> Result<Page, StepFailure> {
        let page = self.page_if_any(who)?;
        let name = self.name(who)?;
        page.ok_or_else(|| StepFailure::NotSo(format!("{name} has no page open")))
    }

    /// The page in a person's browser; `None` if no page is open.
    ///
    /// # Errors
    /// [`StepFailure`] if no story was opened.
    pub fn page_if_any(&mut self, who: PersonId) -> Result<Option<Page>, StepFailure> {
        self.look(|world| world.person(who).and_then(|person| person.page().copied()))
    }

    /// The name of a person, capitalized.
    ///
    /// # Errors
    /// [`StepFailure`] if no story was opened.
    pub fn name(&self, who: PersonId) -> Result<String, StepFailure> {
        let story = self.story()?;
        let name = story.people.get(who.index()).map_or("an unknown person", |person| person.name.as_str());
        let mut letters = name.chars();
        Ok(letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect()))
    }

    fn why_not(&mut self, who: PersonId, outcome: Outcome) -> Result<String, StepFailure> {
        let name = self.name(who)?;
        let page = self.page(who).ok();
        let on = page.map_or_else(|| "no page".to_owned(), |page| format!("\"{}\"", page.name));
        Ok(match outcome {
            Outcome::Done => format!("{name} has done it"),
            Outcome::NotOffered(control) => {
                let offers: Vec<String> = page
                    .into_iter()
                    .flat_map(|page| page.offers.iter())
                    .map(|control| format!("\"{}\"", control.label()))
                    .collect();
                let offers = if offers.is_empty() { "nothing".to_owned() } else { offers.join(", ") };
                format!("\"{}\" is not offered to {name} on {on}, which offers {offers}", control.label())
            }
            Outcome::NotKnown => format!("{name} does not know what to type"),
            Outcome::NoMail => format!("no such email has reached {name}"),
            Outcome::NothingToConfirm => format!("{name} has no page open with a button to confirm"),
            Outcome::NoCall => format!("{name}'s phone does not ring"),
            Outcome::CallEnded => format!("the call ended before it asked {name} for anything"),
            Outcome::NoCodeOnScreen => format!("{name}'s screen shows no code; it shows {on}"),
            Outcome::NoCodeHeard => format!("{name} has heard no code"),
            Outcome::DeviceShowsNothing => {
                format!("{name}'s device shows no code: it is lost, broken or dead, or does not exist")
            }
            Outcome::NoSuchDevice => format!("{name} never had that device"),
            Outcome::DeviceCannot(change) => {
                let what = match change {
                    DeviceChange::Lost => "be lost: it is lost already",
                    DeviceChange::Found => "be found: it is not lost",
                    DeviceChange::ClockSet => "have its clock set: it has none, or is lost",
                    DeviceChange::BatteryReplaced => "get a new battery: it is lost",
                    DeviceChange::Restored { .. } => {
                        "be restored: the backup is of the future, or from before the account was added to it"
                    }
                };
                format!("{name}'s device cannot {what}")
            }
            Outcome::NoButton => format!("{name} has no device that works and has a button"),
            Outcome::NoCookie => format!(
                "{name} has no stolen session cookie; the story must say `has: [session]`, and {name} must steal it first"
            ),
            Outcome::NoPage => format!("{name} received no page"),
        })
    }

    /// The current page of the person named last, for reports.
    pub fn where_she_is(&mut self) -> Option<String> {
        let who =
            self.named_last.or_else(|| (self.story.as_ref()?.people.len() == 1).then_some(PersonId(0)))?;
        let page = self.page(who).ok()?;
        let name = self.name(who).ok()?;
        let notice = page.notice.map_or_else(String::new, |notice| format!(", which says \"{notice}\""));
        Some(format!("{name} is on \"{}\"{notice}", page.name))
    }

    /// The seed of the run.
    pub fn seed(&mut self) -> u64 {
        self.look(World::seed).unwrap_or(0)
    }

    /// Whether the stage failed, as opposed to an expectation.
    pub const fn is_broken(&self) -> bool {
        self.broken
    }

    /// State of another crate's steps, created on first access.
    pub fn extension<T: Any + Send + Default>(&mut self) -> &mut T {
        let slot = self.extensions.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        match slot.downcast_mut() {
            Some(extension) => extension,
            None => unreachable!("an extension is kept under its own type"),
        }
    }

    /// The oracles whose findings the scenario expects.
    pub fn expected_findings(&self) -> &[String] {
        &self.expected_findings
    }

    /// The current simulated time; zero if no story was opened.
    pub fn now(&mut self) -> Time {
        self.look(World::now).unwrap_or(Time::ZERO)
    }
}

impl fmt::Debug for LostkeyWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LostkeyWorld").field("setting", &self.setting).finish_non_exhaustive()
    }
}
