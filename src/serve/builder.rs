//! Starts the servers around one world.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::{fmt, io};

use tokio::task::JoinSet;

use crate::serve::certificate::CertificateFile;
use crate::serve::control::save::Saves;
use crate::serve::observer::{Follower, News, Observers};
use crate::serve::ports::Ports;
use crate::serve::running::{Running, check_loopback};
use crate::serve::sandbox::{
    DEFAULT as DEFAULT_SANDBOX, Plan, Sandbox, SandboxError, SandboxLimits, SandboxSettings, Sandboxes,
    Served, Usual,
};
use crate::story::{DeclaredAccount, Story};
use crate::wire::inbox::InboxLimits;
use crate::wire::proxy::environment_with;
use crate::wire::tls::Authority;
use crate::wire::token::Token;
use crate::wire::twilio::accounts::{Account, Credentials};
use crate::wire::{Door, WireError, loopback};

/// The story of a server that is given none.
const DEFAULT: &str = include_str!("default.yaml");

/// How time passes for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServeClock {
    /// Only on request, in leaps.
    Manual,
    /// With the system clock, or this many times as fast.
    Real(NonZeroU32),
}

impl ServeClock {
    /// Reads `real`, `manual`, or `x10` for ten times as fast.
    pub fn named(text: &str) -> Option<Self> {
        match text {
            "real" => Some(Self::Real(NonZeroU32::MIN)),
            "manual" => Some(Self::Manual),
            other => other.strip_prefix('x').and_then(|times| times.parse().ok()).map(Self::Real),
        }
    }
}

impl fmt::Display for ServeClock {
    /// The word that [`ServeClock::named`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manual => f.write_str("manual"),
            Self::Real(NonZeroU32::MIN) => f.write_str("real"),
            Self::Real(speed) => write!(f, "x{speed}"),
        }
    }
}

/// Where the servers listen; port 0 is a free port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// SMTP with STARTTLS.
    pub smtp: SocketAddr,
    /// SMTP with implicit TLS.
    pub smtps: SocketAddr,
    /// The control API and Mailpit's API.
    pub http: SocketAddr,
    /// The voice provider's REST API.
    pub twilio: SocketAddr,
    /// The HTTPS proxy that answers for Twilio's hosts.
    pub proxy: SocketAddr,
    /// The pages of the reference service.
    pub console: SocketAddr,
}

impl Default for Listen {
    /// Free ports on loopback.
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { smtp: any, smtps: any, http: any, twilio: any, proxy: any, console: any }
    }
}

/// The settings of a [`Server`].
#[derive(Debug)]
#[must_use]
pub struct Builder {
    story: Option<Story>,
    seed: u64,
    clock: ServeClock,
    listen: Listen,
    credentials: Option<Credentials>,
    calls_per_second: Option<NonZeroU32>,
    calls_at_once: Option<NonZeroU32>,
    sandboxes: SandboxLimits,
    inbox: InboxLimits,
    keeps_connections: bool,
    observers: Observers,
    token: Option<Token>,
    saves: Saves,
}

impl Builder {
    /// Plays this story; without one, two people are at two numbers.
    pub fn story(self, story: Story) -> Self {
        Self { story: Some(story), ..self }
    }

    /// The seed of all that is drawn; 1 by default.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How time passes; with the system clock by default.
    pub fn clock(self, clock: ServeClock) -> Self {
        Self { clock, ..self }
    }

    /// What all clients must show, so that the servers may listen at addresses beyond loopback.
    pub fn token(self, token: Token) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Where the servers listen; on free ports by default.
    pub fn listen(self, listen: Listen) -> Self {
        Self { listen, ..self }
    }

    /// Whose requests the voice provider accepts; by default those of the story's account, and without one
    /// anybody's.
    pub fn credentials(self, credentials: Credentials) -> Self {
        Self { credentials: Some(credentials), ..self }
    }

    /// How many calls leave the provider's queue in a second; by default the story's limit, or none.
    pub fn calls_per_second(self, most: NonZeroU32) -> Self {
        Self { calls_per_second: Some(most), ..self }
    }

    /// How many calls may be under way at once; by default the story's number, or 1,000.
    pub fn calls_at_once(self, most: NonZeroU32) -> Self {
        Self { calls_at_once: Some(most), ..self }
    }

    /// How many sandboxes there may be, for how long, and how large.
    pub fn sandbox_limits(self, limits: SandboxLimits) -> Self {
        Self { sandboxes: limits, ..self }
    }

    /// How many emails are kept; by default [`MESSAGES_MAX`](crate::wire::inbox::MESSAGES_MAX) and
    /// [`BYTES_MAX`](crate::wire::inbox::BYTES_MAX). The oldest ones are dropped first.
    pub fn inbox(self, inbox: InboxLimits) -> Self {
        Self { inbox, ..self }
    }

    /// Keeps connections to the app open between webhooks, which is about three times as fast. By default each
    /// is closed at once: an app with a single worker serves an idle one, and lets the next webhook wait.
    pub fn keeps_connections(self, keeps_connections: bool) -> Self {
        Self { keeps_connections, ..self }
    }

    /// Calls `follower` with each event of each sandbox, and each reset. It is called while a world is locked:
    /// it must not wait, nor use the server.
    pub fn follower(self, follower: impl Fn(&News<'_>) + Send + Sync + 'static) -> Self {
        let follower: Arc<Follower> = Arc::new(follower);
        Self { observers: Observers { follower: Some(follower), ..self.observers }, ..self }
    }

    /// Where `POST /save` writes its stories and features, besides its answer. It is created when the first
    /// one is written.
    pub fn save_dir(self, folder: impl Into<PathBuf>) -> Self {
        Self { saves: self.saves.in_folder(folder.into()), ..self }
    }

    /// Starts the servers. Call it within a tokio runtime.
    ///
    /// # Errors
    /// [`WireError`] if a port cannot be bound, if an address is beyond loopback and there is no token, or if
    /// a client cannot be set up.
    pub async fn start(self) -> Result<Server, WireError> {
        if self.token.is_none() {
            check_loopback(self.listen)?;
        }
        loopback::check_clock()?;
        let has_own_story = self.story.is_some();
        let mut story = match self.story {
            Some(story) => story,
            None => match Story::read(DEFAULT, "default.yaml") {
                Ok(story) => story,
                Err(error) => unreachable!("the default story is valid: {}", error.rendered()),
            },
        };
        story.twilio.calls_per_second = self.calls_per_second.or(story.twilio.calls_per_second);
        story.twilio.calls_at_once = self.calls_at_once.or(story.twilio.calls_at_once);
        let declared = story.twilio.account.as_ref().map(declared);
        let (begun, clock) = Usual::timed(story.clone(), has_own_story, self.clock);
        let served = Served::start(Plan {
            story: begun,
            seed: self.seed,
            clock,
            credentials: self.credentials.or(declared).unwrap_or_default(),
            inbox: self.inbox,
            // Where clients must show the token, the pages are behind another server.
            console: self.token.is_none().then_some(self.listen.console),
            keeps_connections: self.keeps_connections,
            observer: self.observers.of(DEFAULT_SANDBOX),
            saves: self.saves.clone(),
        })?;
        let reference = served.reference.open().await?;
        let usual = Usual {
            story,
            has_own_story,
            seed: self.seed,
            clock: self.clock,
            limits: self.sandboxes,
            keeps_connections: self.keeps_connections,
            observers: self.observers,
            saves: self.saves,
        };
        let sandboxes = Arc::new(Sandboxes::new(served, usual));
        let authority = Authority::new().map_err(io::Error::other)?;
        let running = Running::open(&sandboxes, &authority, (self.listen, self.token.as_ref())).await?;
        let ca = CertificateFile::write(authority.pem())?;
        let ports = running.ports(ca.path().display().to_string(), reference);
        let tasks = keep_young(&sandboxes);
        Ok(Server { sandboxes, ports, ca, running, token: self.token, _tasks: tasks })
    }
}

/// The account of a story as the provider checks it.
fn declared(account: &DeclaredAccount) -> Credentials {
    let DeclaredAccount { sid, token, keys } = account.clone();
    Credentials::Declared(Account { sid, token, keys })
}

/// Ends the sandboxes that are too old.
fn keep_young(sandboxes: &Arc<Sandboxes>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let sandboxes = Arc::clone(sandboxes);
    tasks.spawn(async move { sandboxes.end_the_oldest().await });
    tasks
}

/// Running servers around one world, and a world for each sandbox. They end when it is dropped.
#[derive(Debug)]
pub struct Server {
    sandboxes: Arc<Sandboxes>,
    ports: Ports,
    ca: CertificateFile,
    running: Running,
    token: Option<Token>,
    /// Ends the sandboxes that are too old.
    _tasks: JoinSet<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.sandboxes.stop();
    }
}

impl Server {
    /// Settings with their defaults.
    pub fn builder() -> Builder {
        Builder {
            story: None,
            seed: 1,
            clock: ServeClock::Real(NonZeroU32::MIN),
            listen: Listen::default(),
            credentials: None,
            calls_per_second: None,
            calls_at_once: None,
            sandboxes: SandboxLimits::default(),
            inbox: InboxLimits::default(),
            keeps_connections: false,
            observers: Observers::default(),
            token: None,
            saves: Saves::default(),
        }
    }

    /// Where the servers listen.
    pub const fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The shell lines that send an unchanged app through the proxy, by language.
    pub fn environment(&self) -> String {
        let shown = self.token.as_ref().map(Token::in_shell);
        environment_with(self.running.proxy(), self.ca.path(), shown.as_deref())
    }

    /// The entry to the world of everything that belongs to no sandbox.
    pub fn door(&self) -> &Arc<Door> {
        &self.sandboxes.default().served.door
    }

    /// Creates a sandbox; returns the entry to its world. Call it within a tokio runtime.
    ///
    /// # Errors
    /// [`SandboxError`] if a setting is invalid or taken, or if there are as many as there may be.
    pub fn create_sandbox(&self, settings: SandboxSettings) -> Result<Arc<Door>, SandboxError> {
        self.sandboxes.create(settings).map(|sandbox| door_of(&sandbox))
    }

    /// The entry to the world of a sandbox.
    ///
    /// # Errors
    /// [`SandboxError`] if there is no sandbox of this name.
    pub fn sandbox(&self, name: &str) -> Result<Arc<Door>, SandboxError> {
        self.sandboxes.named(name).map(|sandbox| door_of(&sandbox))
    }

    /// Ends a sandbox. What is under way in it is dropped.
    ///
    /// # Errors
    /// [`SandboxError`] if there is no sandbox of this name, or if it is the default one.
    pub fn end_sandbox(&self, name: &str) -> Result<(), SandboxError> {
        self.sandboxes.end(name)
    }

    /// Waits until an error ends the play. Servers go on, and a reset begins a new play.
    pub async fn failed(&self) {
        let mut changes = self.door().changes();
        while !self.door().is_over() && changes.changed().await.is_ok() {}
    }

    /// Waits until a reset has begun a new play.
    pub async fn recovered(&self) {
        let mut changes = self.door().changes();
        while self.door().is_over() && changes.changed().await.is_ok() {}
    }

    /// The number of webhooks under way, of all sandboxes.
    pub fn under_way(&self) -> usize {
        let of = |door: &Arc<Door>| door.world().under_way();
        of(self.door()) + self.sandboxes.all().iter().map(|sandbox| of(&sandbox.served.door)).sum::<usize>()
    }
}

fn door_of(sandbox: &Sandbox) -> Arc<Door> {
    Arc::clone(&sandbox.served.door)
}
