//! The world of a scenario: a stage, who was named last, and what steps need to say what is wrong.

use std::any::Any;
use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::crossing::Page;
use crate::gherkin::Duration;
use crate::gherkin::Stage;
use crate::gherkin::StageError;
use crate::gherkin::StageKind;
use crate::gherkin::Who;
use crate::gherkin::Whose;
use crate::id::EventId;
use crate::id::PersonId;
use crate::person::Act;
use crate::person::Outcome;
use crate::story::Story;
use crate::time::Span;
use crate::time::Time;
use crate::world::World;

/// How long one act may take in virtual time: two codes of a device take up to a minute.
const ACT_MAX: Span = Span::from_mins(10);

/// How scenarios are played.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Where stories are found.
    pub scenarios: Arc<std::path::Path>,
    /// On which stage.
    pub stage: StageKind,
    /// With which seed; the story's own if none is given.
    pub seed: Option<u64>,
}

impl Default for Setting {
    fn default() -> Self {
        Self { scenarios: std::path::Path::new("scenarios").into(), stage: StageKind::Virtual, seed: None }
    }
}

/// The world of one scenario. Other crates can add steps to it, and keep what these need in it.
#[derive(cucumber::World)]
#[world(init = Self::new)]
pub struct LostkeyWorld {
    setting: Setting,
    story: Option<Arc<Story>>,
    stage: Option<Stage>,
    named_last: Option<PersonId>,
    pub(super) expected_findings: Vec<String>,
    /// The event after which "then" steps look: where the last "when" began.
    pub(super) since: EventId,
    broken: bool,
    extensions: BTreeMap<TypeId, Box<dyn Any + Send>>,
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum StepFailure {
    /// What the step says is not so.
    #[error("{0}")]
    NotSo(String),
    /// The step cannot be carried out in this story.
    #[error("{0}")]
    CannotBe(String),
    /// The run itself is broken.
    #[error("the story could not continue: {0}")]
    Stage(#[from] StageError),
}

/// What a step comes to.
pub type StepResult = Result<(), StepFailure>;

/// The step fails: what it says is not so.
pub fn not_so<T>(says: impl Into<String>) -> Result<T, StepFailure> {
    Err(StepFailure::NotSo(says.into()))
}

impl LostkeyWorld {
    fn new() -> Self {
        Self {
            setting: Setting::default(),
            story: None,
            stage: None,
            named_last: None,
            expected_findings: Vec::new(),
            since: EventId::FIRST,
            broken: false,
            extensions: BTreeMap::new(),
        }
    }

    /// How this scenario is played: set before its first step.
    pub fn set(&mut self, setting: Setting) {
        self.setting = setting;
    }

    /// Opens a story of the scenarios folder and begins to play it.
    ///
    /// # Errors
    /// [`StepFailure`] if there is no such story, or it has mistakes, or it cannot be played.
    pub async fn open(&mut self, name: &str) -> StepResult {
        let story = super::stories::open(&self.setting.scenarios, name)
            .map_err(|error| StepFailure::CannotBe(error.to_string()))?;
        let seed = self.setting.seed.unwrap_or(story.seed);
        let story = Arc::new(story);
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
    /// [`StepFailure`] if none was opened.
    pub fn story(&self) -> Result<&Arc<Story>, StepFailure> {
        let missing =
            || StepFailure::CannotBe("no story is open: begin with `Given the story \"…\"`".to_owned());
        self.story.as_ref().ok_or_else(missing)
    }

    /// The stage, if a story was opened: for those who tell what happened.
    pub const fn played(&self) -> Option<(&Stage, &Arc<Story>)> {
        match (&self.stage, &self.story) {
            (Some(stage), Some(story)) => Some((stage, story)),
            _ => None,
        }
    }

    /// The person meant.
    ///
    /// # Errors
    /// [`StepFailure`] if the story has nobody of that name, or a pronoun comes before any name.
    pub fn person(&mut self, who: &Who) -> Result<PersonId, StepFailure> {
        self.named(who.0.as_deref())
    }

    /// The person meant by a possessive.
    ///
    /// # Errors
    /// As [`LostkeyWorld::person`].
    pub fn owner(&mut self, whose: &Whose) -> Result<PersonId, StepFailure> {
        self.named(whose.0.as_deref())
    }

    fn named(&mut self, name: Option<&str>) -> Result<PersonId, StepFailure> {
        let story = self.story()?;
        let Some(name) = name else {
            // Where the story has one person only, there is no doubt who is meant.
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

    /// Looks at the world.
    ///
    /// # Errors
    /// [`StepFailure`] if no story was opened.
    pub fn look<T>(&mut self, look: impl FnOnce(&World) -> T) -> Result<T, StepFailure> {
        Ok(self.stage()?.with(|world| look(world)))
    }

    /// Tells somebody to do something, and plays until it is done.
    ///
    /// # Errors
    /// [`StepFailure`] if it cannot be done.
    pub async fn act(&mut self, who: PersonId, act: Act) -> StepResult {
        match self.try_to(who, act).await? {
            Some(Outcome::Done) => Ok(()),
            Some(outcome) => Err(StepFailure::NotSo(self.why_not(who, outcome)?)),
            None => not_so(format!("{} has not finished after {ACT_MAX}", self.name(who)?)),
        }
    }

    /// Tells somebody to do something, and plays until it is done or cannot be; what it came to.
    /// `None` if it takes too long.
    ///
    /// # Errors
    /// [`StepFailure`] if the story cannot be played on.
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

    /// Plays until `done` holds, for `within` at the most.
    ///
    /// # Errors
    /// [`StepFailure`] if the story cannot be played on.
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

    /// Everybody begins to act by habit, at the moments that the story gives.
    ///
    /// # Errors
    /// [`StepFailure`] if the story cannot be played on.
    pub async fn all_by_habit(&mut self) -> StepResult {
        let stage = self.stage()?;
        stage.with(World::begin_by_habit);
        let settled = stage.settle().await;
        self.broken |= settled.is_err();
        Ok(settled?)
    }

    /// Plays until `moment`, and all that happens then.
    ///
    /// # Errors
    /// [`StepFailure`] if the story cannot be played on.
    pub async fn until(&mut self, moment: Time) -> StepResult {
        let held = self.stage()?.until(moment, |_| false).await;
        self.broken |= held.is_err();
        held?;
        Ok(())
    }

    /// Plays on to the story's end.
    ///
    /// # Errors
    /// [`StepFailure`] if the story cannot be played on.
    pub async fn to_the_end(&mut self) -> StepResult {
        let done = self.stage()?.go_on().await;
        self.broken |= done.is_err();
        Ok(done?)
    }

    /// The page that somebody's browser shows.
    ///
    /// # Errors
    /// [`StepFailure`] if it shows none.
    pub fn page(&mut self, who: PersonId) -> Result<Page, StepFailure> {
        let page = self.look(|world| world.person(who).and_then(|person| person.page().copied()))?;
        let name = self.name(who)?;
        page.ok_or_else(|| StepFailure::NotSo(format!("{name} has no page open")))
    }

    /// The name of a person.
    ///
    /// # Errors
    /// [`StepFailure`] if no story was opened.
    pub fn name(&self, who: PersonId) -> Result<String, StepFailure> {
        let story = self.story()?;
        let name = story.people.get(who.index()).map_or("somebody", |person| person.name.as_str());
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
            Outcome::NoButton => format!("{name} has no device that works and has a button"),
            Outcome::NoPage => format!("{name} received no page"),
        })
    }

    /// The page that the person who was named last is on, for reports.
    pub fn where_she_is(&mut self) -> Option<String> {
        let who =
            self.named_last.or_else(|| (self.story.as_ref()?.people.len() == 1).then_some(PersonId(0)))?;
        let page = self.page(who).ok()?;
        let name = self.name(who).ok()?;
        let notice = page.notice.map_or_else(String::new, |notice| format!(", which says \"{notice}\""));
        Some(format!("{name} is on \"{}\"{notice}", page.name))
    }

    /// The seed that the story is played with.
    pub fn seed(&mut self) -> u64 {
        self.look(World::seed).unwrap_or(0)
    }

    /// Whether the run itself is broken: no expectation was, but the stage.
    pub const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Something that another crate's steps keep in this world; made when first asked for.
    pub fn extension<T: Any + Send + Default>(&mut self) -> &mut T {
        let slot = self.extensions.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        match slot.downcast_mut() {
            Some(extension) => extension,
            None => unreachable!("an extension is kept under its own type"),
        }
    }

    /// The findings that the scenario says are to be expected.
    pub fn expected_findings(&self) -> &[String] {
        &self.expected_findings
    }

    /// The moment, by the virtual clock; the beginning if no story was opened.
    pub fn now(&mut self) -> Time {
        self.look(World::now).unwrap_or(Time::ZERO)
    }
}

impl fmt::Debug for LostkeyWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LostkeyWorld").field("setting", &self.setting).finish_non_exhaustive()
    }
}
