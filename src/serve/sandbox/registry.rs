//! All sandboxes of a server: creates, finds and ends them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::base::subaddress::tag_of;
use crate::base::time::{Epoch, Time};
use crate::serve::ServeClock;
use crate::serve::control::save::Saves;
use crate::serve::metrics::Meters;
use crate::serve::observer::Observers;
use crate::serve::sandbox::limits::SandboxLimits;
use crate::serve::sandbox::one::{Known, Sandbox};
use crate::serve::sandbox::served::{Plan, Served};
use crate::serve::sandbox::settings::{DEFAULT, Ended, SandboxError, SandboxSettings};
use crate::story::Story;
use crate::wire::Clock;
use crate::wire::inbox::InboxLimits;
use crate::wire::twilio::accounts::Credentials;

/// Maximum number of ended sandboxes whose names are kept, so that a request to one can be answered with the
/// reason why it ended.
const ENDED_MAX: usize = 1_000;

/// What a sandbox gets unless it says otherwise.
#[derive(Debug)]
pub(in crate::serve) struct Usual {
    pub(in crate::serve) story: Story,
    /// Whether the caller gave the story. If not, the story begins at the current time.
    pub(in crate::serve) has_own_story: bool,
    pub(in crate::serve) seed: u64,
    pub(in crate::serve) clock: ServeClock,
    pub(in crate::serve) limits: SandboxLimits,
    pub(in crate::serve) keeps_connections: bool,
    pub(in crate::serve) observers: Observers,
    pub(in crate::serve) saves: Saves,
}

/// The sandboxes of a server.
#[derive(Debug)]
pub(in crate::serve) struct Sandboxes {
    default: Arc<Sandbox>,
    usual: Usual,
    open: Mutex<Open>,
    /// Tells that one was created or has ended.
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Open {
    by_name: BTreeMap<String, Arc<Sandbox>>,
    by_account: BTreeMap<String, Arc<Sandbox>>,
    /// In lower case.
    by_tag: BTreeMap<String, Arc<Sandbox>>,
    by_user: BTreeMap<String, Arc<Sandbox>>,
    ended: VecDeque<(String, Ended)>,
}

impl Usual {
    /// The story and the clock of a world that starts now.
    pub(in crate::serve) fn timed(
        mut story: Story,
        has_own_story: bool,
        clock: ServeClock,
    ) -> (Arc<Story>, Clock) {
        let clock = match clock {
            ServeClock::Manual => Clock::Manual,
            ServeClock::Real(speed) => {
                if !has_own_story {
                    // The times of callbacks are those of the app's machine.
                    story.epoch = Epoch::from_unix_millis(Clock::unix_millis());
                }
                Clock::real(speed)
            }
        };
        (Arc::new(story), clock)
    }
}

impl Sandboxes {
    /// The sandboxes of a server whose default world is `served`.
    pub(in crate::serve) fn new(served: Served, usual: Usual) -> Self {
        let clock = usual.clock;
        let known = Known { name: DEFAULT.to_owned(), account: None, tag: None, user: None, clock };
        let default = Arc::new(Sandbox::new(known, served, None));
        let (changed, _) = watch::channel(());
        Self { default, usual, open: Mutex::default(), changed }
    }

    /// The world of everything that belongs to no sandbox.
    pub(in crate::serve) const fn default(&self) -> &Arc<Sandbox> {
        &self.default
    }

    /// The counters.
    pub(in crate::serve) const fn meters(&self) -> &Arc<Meters> {
        &self.usual.observers.meters
    }

    /// The limits.
    pub(super) const fn limits(&self) -> SandboxLimits {
        self.usual.limits
    }

    /// Creates a sandbox. Call it within a tokio runtime.
    pub(in crate::serve) fn create(&self, settings: SandboxSettings) -> Result<Arc<Sandbox>, SandboxError> {
        settings.check()?;
        let SandboxSettings { name, account, tag, user, story, seed, clock } = settings;
        let tag = tag.map(|tag| tag.to_ascii_lowercase());
        let limits = self.usual.limits;
        let mut open = self.open();
        open.ensure_free(&name, account.as_ref(), tag.as_ref(), user.as_ref())?;
        if open.by_name.len() >= limits.count {
            return Err(SandboxError::TooMany { most: limits.count, age: limits.age });
        }
        let has_own_story = story.is_some() || self.usual.has_own_story;
        let base = story.as_ref().map_or(self.usual.seed, |story| story.seed);
        let seed = seed.unwrap_or_else(|| seed_of(base, &name));
        let mut story = story.unwrap_or_else(|| self.usual.story.clone());
        story.tag.clone_from(&tag);
        let runs = clock.unwrap_or(self.usual.clock);
        let (story, clock) = Usual::timed(story, has_own_story, runs);
        // Half of what it may hold, so that its emails alone never make it full.
        let inbox = InboxLimits { bytes: limits.bytes / 2, ..InboxLimits::default() };
        let credentials = Credentials::Any;
        let saves = self.usual.saves.named(&name);
        let plan = Plan {
            story,
            seed,
            clock,
            credentials,
            inbox,
            console: None,
            keeps_connections: self.usual.keeps_connections,
            observer: self.usual.observers.of(&name),
            saves,
        };
        let served = Served::start(plan)
            .map_err(|error| SandboxError::NotStarted { name: name.clone(), why: error.to_string() })?;
        let known = Known { name, account, tag, user, clock: runs };
        let sandbox = Arc::new(Sandbox::new(known, served, Some(limits.bytes)));
        open.insert(&sandbox);
        drop(open);
        self.changed.send_replace(());
        Ok(sandbox)
    }

    /// Ends a sandbox: its calls, emails and webhooks under way are gone.
    pub(in crate::serve) fn end(&self, name: &str) -> Result<(), SandboxError> {
        if name == DEFAULT {
            return Err(SandboxError::Default);
        }
        let sandbox = self.named(name)?;
        self.open().remove(&sandbox, Ended::Deleted);
        sandbox.end();
        self.changed.send_replace(());
        Ok(())
    }

    /// Stops all worlds, the default one as well.
    pub(in crate::serve) fn stop(&self) {
        let open = std::mem::take(&mut *self.open());
        for sandbox in open.by_name.values().chain([&self.default]) {
            sandbox.end();
        }
    }

    /// Ends each sandbox that reaches the highest age. Runs until it is cancelled.
    pub(in crate::serve) async fn end_the_oldest(&self) {
        let mut changed = self.changed.subscribe();
        loop {
            changed.borrow_and_update();
            match self.end_too_old() {
                Some(wait) => {
                    let _either_way = timeout(wait, changed.changed()).await;
                }
                None => {
                    if changed.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Ends the sandboxes that are too old; returns how long until the next one is.
    fn end_too_old(&self) -> Option<Duration> {
        let age = self.usual.limits.age;
        let most = Time::from_millis(u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        let mut next: Option<Duration> = None;
        for sandbox in self.all() {
            match sandbox.age().wait(most) {
                Some(Duration::ZERO) => {
                    self.open().remove(&sandbox, Ended::TooOld(age));
                    sandbox.end();
                }
                Some(wait) => next = Some(next.map_or(wait, |next| next.min(wait))),
                None => {}
            }
        }
        next
    }

    /// All sandboxes besides the default one, by name.
    pub(in crate::serve) fn all(&self) -> Vec<Arc<Sandbox>> {
        self.open().by_name.values().map(Arc::clone).collect()
    }

    /// The sandbox of this name.
    pub(in crate::serve) fn named(&self, name: &str) -> Result<Arc<Sandbox>, SandboxError> {
        if name == DEFAULT {
            return Ok(Arc::clone(&self.default));
        }
        let open = self.open();
        if let Some(sandbox) = open.by_name.get(name) {
            return Ok(Arc::clone(sandbox));
        }
        let name = name.to_owned();
        match open.ended.iter().find(|(ended, _)| *ended == name) {
            Some((_, why)) => Err(SandboxError::Ended { name, why: *why }),
            None => Err(SandboxError::Unknown { name, known: open.by_name.keys().cloned().collect() }),
        }
    }

    /// The sandbox that gets the requests of this account.
    pub(super) fn of_account(&self, account: Option<&str>) -> Arc<Sandbox> {
        let open = self.open();
        Arc::clone(account.and_then(|account| open.by_account.get(account)).unwrap_or(&self.default))
    }

    /// The sandbox that gets the emails of this AUTH user to addresses without a tag of a sandbox.
    pub(super) fn of_user(&self, user: Option<&str>) -> Arc<Sandbox> {
        let open = self.open();
        Arc::clone(user.and_then(|user| open.by_user.get(user)).unwrap_or(&self.default))
    }

    /// The sandbox that gets the emails of this AUTH user to this address.
    pub(super) fn of_recipient(&self, to: &str, user: Option<&str>) -> Arc<Sandbox> {
        let tagged =
            tag_of(to).and_then(|tag| self.open().by_tag.get(&tag.to_ascii_lowercase()).map(Arc::clone));
        tagged.unwrap_or_else(|| self.of_user(user))
    }

    /// Whether a recipient can decide to which sandbox an email belongs.
    pub(super) fn has_tags(&self) -> bool {
        !self.open().by_tag.is_empty()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn ensure_free(
        &self,
        name: &String,
        account: Option<&String>,
        tag: Option<&String>,
        user: Option<&String>,
    ) -> Result<(), SandboxError> {
        for (field, value, all) in [
            ("name", Some(name), &self.by_name),
            ("account", account, &self.by_account),
            ("tag", tag, &self.by_tag),
            ("user", user, &self.by_user),
        ] {
            let Some(value) = value else { continue };
            if let Some(of) = all.get(value) {
                let (value, of) = (value.clone(), of.known.name.clone());
                return Err(SandboxError::Taken { field, value, of });
            }
        }
        Ok(())
    }

    fn insert(&mut self, sandbox: &Arc<Sandbox>) {
        let known = &sandbox.known;
        self.ended.retain(|(name, _)| *name != known.name);
        self.by_name.insert(known.name.clone(), Arc::clone(sandbox));
        for (all, key) in [
            (&mut self.by_account, &known.account),
            (&mut self.by_tag, &known.tag),
            (&mut self.by_user, &known.user),
        ] {
            if let Some(key) = key {
                all.insert(key.clone(), Arc::clone(sandbox));
            }
        }
    }

    /// Forgets a sandbox, unless it is gone already.
    fn remove(&mut self, sandbox: &Arc<Sandbox>, why: Ended) {
        let before = self.by_name.len();
        for all in [&mut self.by_name, &mut self.by_account, &mut self.by_tag, &mut self.by_user] {
            all.retain(|_, other| !Arc::ptr_eq(other, sandbox));
        }
        if self.by_name.len() == before {
            return;
        }
        self.ended.push_back((sandbox.known.name.clone(), why));
        if self.ended.len() > ENDED_MAX {
            self.ended.pop_front();
        }
    }
}

/// The seed of a sandbox that names none: its own, so that SIDs differ, and always the same for a name.
fn seed_of(base: u64, name: &str) -> u64 {
    let hash = Sha256::digest(format!("{base}/{name}").as_bytes());
    // Small enough for the numbers of JavaScript.
    hash.iter().take(4).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}
