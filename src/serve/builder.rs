//! Starts the servers around one world.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::middleware::from_fn;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::base::time::Epoch;
use crate::serve::carry::{WATCHDOG, carry};
use crate::serve::certificate::CertificateFile;
use crate::serve::control;
use crate::serve::local_only::local_only;
use crate::serve::ports::Ports;
use crate::stage::Courier;
use crate::stage::live::carrier::Carrier;
use crate::story::Story;
use crate::wire::http_server::HttpServer;
use crate::wire::inbox::{Accepts, Inbox, InboxLimits, Mailbox, RouterSettings};
use crate::wire::proxy::{Proxy, ProxySettings, environment};
use crate::wire::servers::Servers;
use crate::wire::smtp::{Auth, Budget, Limits, Settings, SmtpSink, Tls, TlsStart};
use crate::wire::tls::Authority;
use crate::wire::twilio::accounts::{Accounts, Credentials};
use crate::wire::twilio::{server, verify};
use crate::wire::{Clock, Door, WireError, inbox};
use crate::world::World;

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
    credentials: Credentials,
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

    /// Where the servers listen; on free ports by default.
    pub fn listen(self, listen: Listen) -> Self {
        Self { listen, ..self }
    }

    /// Whose requests the voice provider accepts; anybody's by default.
    pub fn credentials(self, credentials: Credentials) -> Self {
        Self { credentials, ..self }
    }

    /// Starts the servers. Call it within a tokio runtime.
    ///
    /// # Errors
    /// [`WireError`] if a port cannot be bound or a client cannot be set up.
    pub async fn start(self) -> Result<Server, WireError> {
        let is_own = self.story.is_some();
        let mut story = match self.story {
            Some(story) => story,
            None => match Story::read(DEFAULT, "default.yaml") {
                Ok(story) => story,
                Err(error) => unreachable!("the default story is valid: {}", error.rendered()),
            },
        };
        let clock = match self.clock {
            ServeClock::Manual => Clock::Manual,
            ServeClock::Real(speed) => {
                if !is_own {
                    // The times of callbacks are those of the app's machine.
                    story.epoch = Epoch::from_unix_millis(Clock::unix_millis());
                }
                Clock::real(speed)
            }
        };
        let story = Arc::new(story);
        let (door, carries) = Door::for_guests(World::new(Arc::clone(&story), self.seed), clock);
        let door = Arc::new(door);
        let accounts = Accounts::new(self.credentials);
        let servers = Servers::open_with(&door, &story, self.listen.console, accounts).await?;
        let accounts = servers.accounts();
        let authority = Authority::new().map_err(io::Error::other)?;
        let mail = Mail::start(&door, &authority, self.listen, self.seed).await?;
        let router = server::router(Arc::clone(&door), Arc::clone(accounts));
        let mailbox = Some(Arc::clone(&mail.mailbox));
        let router = router.merge(verify::router(Arc::clone(&door), Arc::clone(accounts), mailbox));
        let twilio = HttpServer::open_at(self.listen.twilio, router)
            .map_err(at("the voice API", self.listen.twilio))?;
        let listener =
            TcpListener::bind(self.listen.proxy).await.map_err(at("the proxy", self.listen.proxy))?;
        let proxy = Proxy::serve(listener, &authority, twilio.address(), ProxySettings::default())
            .map_err(io::Error::other)?;
        let control = control::router(
            Arc::clone(&door),
            Arc::clone(accounts),
            Arc::clone(&story),
            mail.mailbox.inbox().clone(),
        );
        let inbox = inbox::router(Arc::clone(&mail.mailbox), &RouterSettings::default());
        let http = HttpServer::open_at(self.listen.http, control.merge(inbox).layer(from_fn(local_only)))
            .map_err(at("the control API", self.listen.http))?;
        let ca = CertificateFile::write(authority.pem())?;
        let courier = Arc::new(Courier::new(Arc::clone(&door), story, &servers)?);
        let carrier =
            Carrier::new(Arc::clone(&door), move |id, crossing| carry(Arc::clone(&courier), id, crossing));
        let mut tasks = JoinSet::new();
        tasks.spawn(carrier.with_watchdog(WATCHDOG).run(carries));
        if clock.is_real() {
            let door = Arc::clone(&door);
            tasks.spawn(async move { door.keep_time().await });
        }
        let url = |address: SocketAddr| format!("http://{address}");
        let ports = Ports {
            smtp: mail.smtp.local_addr().to_string(),
            smtps: mail.smtps.local_addr().to_string(),
            http: url(http.address()),
            twilio: url(twilio.address()),
            proxy: url(proxy.local_addr()),
            ca: ca.path().display().to_string(),
            console: url(servers.addresses().console),
        };
        let running = Running { _http: [http, twilio], _mail: mail, proxy, _reference: servers };
        Ok(Server { door, ports, ca, running, _tasks: tasks })
    }
}

/// Says which server cannot listen.
fn at(what: &'static str, address: SocketAddr) -> impl FnOnce(io::Error) -> WireError {
    move |source| WireError::Listen { what, address, source }
}

/// The mailbox and its SMTP servers.
#[derive(Debug)]
struct Mail {
    mailbox: Arc<Mailbox>,
    smtp: SmtpSink,
    smtps: SmtpSink,
}

impl Mail {
    async fn start(
        door: &Arc<Door>,
        authority: &Authority,
        listen: Listen,
        seed: u64,
    ) -> Result<Self, WireError> {
        let store = Inbox::new(InboxLimits::default(), seed);
        let mailbox = Arc::new(Mailbox::of_world(store, Accepts::Anyone, Arc::clone(door)));
        let acceptor = authority.acceptor(&[]).map_err(io::Error::other)?;
        let budget = Budget::default();
        let settings = |start: TlsStart| Settings {
            limits: Limits::MAILBOX,
            // Both servers share it.
            budget: budget.clone(),
            auth: Some(Auth::default()),
            tls: Some(Tls { acceptor: acceptor.clone(), start }),
            ..Settings::default()
        };
        let smtp = TcpListener::bind(listen.smtp).await.map_err(at("SMTP", listen.smtp))?;
        let smtp = mailbox.serve(smtp, settings(TlsStart::Command))?;
        let smtps = TcpListener::bind(listen.smtps).await.map_err(at("SMTPS", listen.smtps))?;
        let smtps = mailbox.serve(smtps, settings(TlsStart::Implicit))?;
        Ok(Self { mailbox, smtp, smtps })
    }
}

/// The servers, which end when they are dropped.
#[derive(Debug)]
struct Running {
    _http: [HttpServer; 2],
    _mail: Mail,
    proxy: Proxy,
    _reference: Servers,
}

/// Running servers around one world. They end when it is dropped.
#[derive(Debug)]
pub struct Server {
    door: Arc<Door>,
    ports: Ports,
    ca: CertificateFile,
    running: Running,
    /// The carrier, and the timer of a real clock.
    _tasks: JoinSet<()>,
}

impl Server {
    /// Settings with their defaults.
    pub fn builder() -> Builder {
        Builder {
            story: None,
            seed: 1,
            clock: ServeClock::Real(NonZeroU32::MIN),
            listen: Listen::default(),
            credentials: Credentials::default(),
        }
    }

    /// Where the servers listen.
    pub const fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The shell lines that send an unchanged app through the proxy, by language.
    pub fn environment(&self) -> String {
        environment(self.running.proxy.local_addr(), self.ca.path())
    }

    /// The entry to the world.
    pub const fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Waits until an error ends the play. Servers go on, and a reset begins a new play.
    pub async fn failed(&self) {
        let mut changes = self.door.changes();
        while !self.door.is_over() && changes.changed().await.is_ok() {}
    }

    /// Waits until a reset has begun a new play.
    pub async fn recovered(&self) {
        let mut changes = self.door.changes();
        while self.door.is_over() && changes.changed().await.is_ok() {}
    }

    /// The number of webhooks under way.
    pub fn under_way(&self) -> usize {
        self.door.world().under_way()
    }
}
