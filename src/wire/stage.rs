//! The wire stage: every crossing that has a wire goes over it; the order is the virtual stage's.
//!
//! One crossing is carried at a time, with its answer. The clock stays virtual: it moves when
//! nothing is under way, so a wait of thirty minutes costs nothing over real SMTP and HTTP.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::crossing::Answer;
use crate::crossing::Cookie;
use crate::crossing::Crossing;
use crate::crossing::PageReply;
use crate::crossing::Proof;
use crate::crossing::jar_of;
use crate::event::Lost;
use crate::event::Trace;
use crate::id::BrowserId;
use crate::id::CrossingId;
use crate::story::Story;
use crate::time::Time;
use crate::wire::console::browser::Browser;
use crate::wire::console::browser::BrowserError;
use crate::wire::console::browser::Got;
use crate::wire::console::paths;
use crate::wire::console::server::SharedWorld;
use crate::wire::console::server::router;
use crate::wire::desk;
use crate::wire::desk::DeskClient;
use crate::wire::mailboxes;
use crate::wire::mailer::Mailer;
use crate::wire::mailer::MailerError;
use crate::wire::mime;
use crate::wire::site::Site;
use crate::wire::smtp::SmtpSink;
use crate::wire::voice::api::VoiceApi;
use crate::wire::voice::client::VoiceClient;
use crate::wire::voice::webhook::Webhooks;
use crate::world::Carry;
use crate::world::Stuck;
use crate::world::World;

/// How long one carry may take in real time.
const WATCHDOG: Duration = Duration::from_secs(10);

/// Why the wire stage could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// A socket could not be set up.
    #[error("the wire stage could not be set up: {0}")]
    SetUp(#[from] io::Error),
    /// An HTTP client could not be set up.
    #[error("the wire stage could not be set up: {0}")]
    Client(#[from] reqwest::Error),
    /// The console answered with what is no page.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// A mail could not be written.
    #[error("a mail could not be written: {0}")]
    Mail(#[from] mime::BadAddress),
    /// A mail could not be handed over.
    #[error(transparent)]
    Mailer(#[from] MailerError),
    /// A carry took too long in real time.
    #[error("carrying {0} took longer than {WATCHDOG:?} of real time")]
    Watchdog(&'static str),
    /// A machine panicked while it was handed something.
    #[error("a machine panicked while {0} was carried; that is a mistake of lostkey's own")]
    Panicked(&'static str),
    /// The story is stuck.
    #[error(transparent)]
    Stuck(#[from] Stuck),
}

/// Where the parts of a wire stage find each other, for those who put a relay between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detours {
    /// Browsers, the desk and the phone company reach the console here.
    pub console: Option<SocketAddr>,
    /// The console hands its mails over here.
    pub smtp: Option<SocketAddr>,
    /// The console orders its calls here.
    pub voice: Option<SocketAddr>,
}

/// Where the servers of a wire stage listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The console.
    pub console: SocketAddr,
    /// The SMTP sink.
    pub smtp: SocketAddr,
    /// The voice provider.
    pub voice: SocketAddr,
    /// The support desk.
    pub desk: SocketAddr,
}

/// A story on the wire stage.
pub struct WirePlay {
    world: SharedWorld,
    story: Arc<Story>,
    console: Site,
    desk: Site,
    smtp: SmtpSink,
    voice: VoiceApi,
    clients: Clients,
    browsers: BTreeMap<BrowserId, Browser>,
}

/// Those who send.
struct Clients {
    console: SocketAddr,
    mailer: Mailer,
    calls: VoiceClient,
    webhooks: Webhooks,
    desk: DeskClient,
}

impl WirePlay {
    /// The story at its beginning, with this seed; all servers listen on loopback.
    ///
    /// # Errors
    /// [`WireError`] if a socket or a client cannot be set up.
    pub async fn start(story: Arc<Story>, seed: u64) -> Result<Self, WireError> {
        let world: SharedWorld = Arc::new(Mutex::new(World::new(Arc::clone(&story), seed)));
        let console = Site::open(router(Arc::clone(&world)))?;
        let desk = Site::open(desk::router(Arc::clone(&world)))?;
        let smtp = mailboxes::open(Arc::clone(&world), Arc::clone(&story)).await?;
        let voice = VoiceApi::start(Arc::clone(&world)).await?;
        let addresses = Addresses {
            console: console.address(),
            smtp: smtp.local_addr(),
            voice: voice.address(),
            desk: desk.address(),
        };
        let clients = Clients::new(&addresses, &Detours::default(), &story)?;
        Ok(Self { world, story, console, desk, smtp, voice, clients, browsers: BTreeMap::new() })
    }

    /// Where the servers listen.
    pub fn addresses(&self) -> Addresses {
        Addresses {
            console: self.console.address(),
            smtp: self.smtp.local_addr(),
            voice: self.voice.address(),
            desk: self.desk.address(),
        }
    }

    /// From now on the parts find each other by these detours.
    ///
    /// # Errors
    /// [`WireError`] if a client cannot be set up.
    pub fn detour(&mut self, detours: &Detours) -> Result<(), WireError> {
        self.clients = Clients::new(&self.addresses(), detours, &self.story)?;
        self.browsers.clear();
        Ok(())
    }

    /// The voice provider, for mounting mocks in front of it.
    pub const fn voice(&self) -> &VoiceApi {
        &self.voice
    }

    /// The world, for looking at it and for telling people what to do. Never hold it across an
    /// await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries everything that is queued, until nothing is left at this instant.
    ///
    /// # Errors
    /// [`WireError`] if something cannot be carried, or it never ends.
    pub async fn settle(&mut self) -> Result<(), WireError> {
        loop {
            self.follow_console().await?;
            let next = self.world().poll_crossing();
            let Some(Carry { id, crossing }) = next else { return Ok(()) };
            let name = name(&crossing);
            let carried = tokio::time::timeout(WATCHDOG, self.carry(id, &crossing)).await;
            let answer = carried.map_err(|_| WireError::Watchdog(name))??;
            if self.world.is_poisoned() {
                return Err(WireError::Panicked(name));
            }
            let mut world = self.world();
            world.answer(id, answer);
            world.check()?;
        }
    }

    /// Plays until `done` holds at some quiet moment, or until `deadline`; says whether it held.
    ///
    /// # Errors
    /// [`WireError`] if something cannot be carried, or an instant never ends.
    pub async fn until(
        &mut self,
        deadline: Time,
        mut done: impl FnMut(&World) -> bool,
    ) -> Result<bool, WireError> {
        loop {
            self.settle().await?;
            if done(&self.world()) {
                return Ok(true);
            }
            if !self.advance(deadline)? {
                self.settle().await?;
                return Ok(done(&self.world()));
            }
        }
    }

    /// Moves time to what is due next, or to `deadline` if nothing is due by then; says whether
    /// something was.
    fn advance(&self, deadline: Time) -> Result<bool, WireError> {
        let mut world = self.world();
        let due = world.next_due().filter(|due| *due <= deadline);
        if let Some(to) = due.or_else(|| (deadline != Time::NEVER).then_some(deadline)) {
            world.advance(to);
        }
        world.check()?;
        Ok(due.is_some())
    }

    /// Plays the whole story by its people's habits and its timed moves.
    ///
    /// # Errors
    /// [`WireError`] if something cannot be carried, or an instant never ends.
    pub async fn to_the_end(&mut self) -> Result<(), WireError> {
        self.world().begin_by_habit();
        self.go_on().await
    }

    /// Plays on to the story's end; nobody begins to act by habit who has not by then.
    ///
    /// # Errors
    /// [`WireError`] if something cannot be carried, or an instant never ends.
    pub async fn go_on(&mut self) -> Result<(), WireError> {
        loop {
            self.settle().await?;
            let end = self.world().end();
            if !self.advance(end)? {
                return Ok(());
            }
        }
    }

    /// What has happened so far.
    pub fn trace(&self) -> Trace {
        self.world().trace().clone()
    }

    /// Closes or opens the console's listener as its process dies or boots.
    async fn follow_console(&mut self) -> Result<(), WireError> {
        let up = self.world().is_console_up();
        match (up, self.console.is_open()) {
            (true, false) => self.console.reopen()?,
            (false, true) => self.console.close().await,
            (true, true) | (false, false) => {}
        }
        Ok(())
    }

    async fn carry(&mut self, id: CrossingId, crossing: &Crossing) -> Result<Answer, WireError> {
        let lost = Answer::Lost(Lost::Cut);
        Ok(match crossing {
            // A scanner opens the link of a foreign mail: nothing but the reference service is on this stage.
            Crossing::Page { action, .. } if action.leads_elsewhere() => Answer::Lost(Lost::Down),
            Crossing::Page { browser, csrf, action } => {
                let browser = self.browser(*browser)?;
                match browser.send(action, *csrf).await? {
                    // What becomes of the cookie is the browser's own affair.
                    Got::Page(page) => Answer::Page(PageReply { page, cookie: Cookie::Keep }),
                    Got::Headers | Got::Nothing => lost,
                }
            }
            Crossing::Mail(mail) => {
                let to = self.story.address_text(mail.to).to_owned();
                let unix_secs = self.story.epoch.unix_secs(self.world().now());
                // The reference service sends no foreign mail.
                let Some(kind) = mail.body.kind() else { return Ok(lost) };
                let link = mail.links.token();
                let raw = mime::render(kind, link, &to, unix_secs, paths::ORIGIN, u64::from(id.0))?;
                self.clients.mailer.hand_over(&to, &raw).await?.map_or(lost, Answer::Mail)
            }
            Crossing::Call(order) => self.clients.calls.order(order).await.map_or(lost, Answer::Call),
            Crossing::Webhook(webhook) => {
                self.clients.webhooks.send(&self.world, webhook).await.map_or(lost, Answer::Webhook)
            }
            Crossing::Ticket(ticket) => self.clients.desk.hand_in(ticket).await.map_or(lost, Answer::Ticket),
            Crossing::Reset(request) => self.clients.desk.reset(request).await.map_or(lost, Answer::Reset),
        })
    }

    /// The browser or tab with this id; a scanner's is a new one each time, since it keeps nothing.
    fn browser(&mut self, id: BrowserId) -> Result<&mut Browser, WireError> {
        if id == crate::world::SCANNER {
            self.browsers.remove(&id);
        }
        let jar = jar_of(id);
        for wanted in [jar, id] {
            if !self.browsers.contains_key(&wanted) {
                let browser = match self.browsers.get(&jar) {
                    Some(same_cookies) => same_cookies.tab(),
                    None => Browser::new(self.clients.console, Arc::clone(&self.story))?,
                };
                self.browsers.insert(wanted, browser);
            }
        }
        match self.browsers.get_mut(&id) {
            Some(browser) => Ok(browser),
            None => unreachable!("it was opened above"),
        }
    }
}

impl Clients {
    fn new(at: &Addresses, detours: &Detours, story: &Arc<Story>) -> Result<Self, WireError> {
        let console = detours.console.unwrap_or(at.console);
        Ok(Self {
            console,
            mailer: Mailer::new(detours.smtp.unwrap_or(at.smtp)),
            calls: VoiceClient::new(detours.voice.unwrap_or(at.voice))?,
            webhooks: Webhooks::new(console)?,
            desk: DeskClient::new(at.desk, console, Arc::clone(story))?,
        })
    }
}

/// What is carried, for the message that says it took too long.
const fn name(crossing: &Crossing) -> &'static str {
    match crossing {
        Crossing::Page { csrf: Proof::Valid | Proof::Missing | Proof::Wrong, .. } => "a page request",
        Crossing::Mail(_) => "a mail",
        Crossing::Call(_) => "an order to call",
        Crossing::Webhook(_) => "a request of a call",
        Crossing::Ticket(_) => "a ticket",
        Crossing::Reset(_) => "the desk's reset",
    }
}

impl std::fmt::Debug for WirePlay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WirePlay")
            .field("story", &self.story.name)
            .field("addresses", &self.addresses())
            .finish()
    }
}
