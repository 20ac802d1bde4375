//! Sends one crossing over its protocol and returns the answer.
//!
//! The courier owns the clients: browsers, the service's mailer and its voice provider client, the
//! webhook client, and the support desk client. Many requests may be in flight; each browser sends
//! one at a time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use crate::base::id::{BrowserId, CrossingId};
use crate::base::secret::Token;
use crate::event::NoReply;
use crate::message::{
    Action, Answer, Authenticity, Cookie, CookieTheft, Crossing, Hook, Mail, PageReply, Sid, jar_of,
};
use crate::story::Story;
use crate::wire::desk::DeskClient;
use crate::wire::door::Door;
use crate::wire::error::WireError;
use crate::wire::http_server::HttpServer;
use crate::wire::mail_log::MailLog;
use crate::wire::mailer::Mailer;
use crate::wire::mime;
use crate::wire::reference::browser::{Browser, Got};
use crate::wire::reference::paths;
use crate::wire::scanner::Scanner;
use crate::wire::servers::{Addresses, Servers};
use crate::wire::twilio::accounts::Accounts;
use crate::wire::twilio::client::VoiceClient;
use crate::wire::twilio::messages;
use crate::wire::twilio::webhook::{Webhooks, note_timeout};
use crate::world::NO_ANSWER;

/// Addresses of relays that a test puts between the parts of a wire stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointOverrides {
    /// Browsers, the desk and the phone company reach the service here.
    pub console: Option<SocketAddr>,
    /// The service sends its email here.
    pub smtp: Option<SocketAddr>,
    /// The service orders its calls here.
    pub voice: Option<SocketAddr>,
    /// Webhooks to foreign addresses go here.
    pub app: Option<SocketAddr>,
}

/// The clients, and the service's site, which opens and closes with the service's process.
#[derive(Debug)]
pub struct Courier {
    door: Arc<Door>,
    story: Arc<Story>,
    addresses: Addresses,
    console: Arc<AsyncMutex<HttpServer>>,
    clients: Clients,
    browsers: Mutex<Browsers>,
    scanner: Arc<Scanner>,
}

/// The clients, by the server they talk to.
#[derive(Debug)]
struct Clients {
    console: SocketAddr,
    mailer: Mailer,
    calls: VoiceClient,
    webhooks: Webhooks,
    desk: DeskClient,
    accounts: Arc<Accounts>,
}

/// Browsers and tabs of people; the number of people in the story bounds them.
#[derive(Debug, Default)]
struct Browsers {
    /// One browser per cookie jar, from which tabs are opened; it sends no requests itself.
    jars: BTreeMap<BrowserId, Browser>,
    tabs: BTreeMap<BrowserId, Arc<AsyncMutex<Browser>>>,
    /// The cookies that thieves have copied, by the browser that gets them later.
    stolen: BTreeMap<BrowserId, Option<Token>>,
}

impl Courier {
    /// Creates a courier with clients for these servers.
    ///
    /// # Errors
    /// [`WireError`] if a client cannot be set up.
    pub fn new(door: Arc<Door>, story: Arc<Story>, servers: &Servers) -> Result<Self, WireError> {
        let addresses = servers.addresses();
        let clients = Clients::new(&addresses, &EndpointOverrides::default(), &story, servers.accounts())?;
        let console = Arc::clone(servers.console());
        let (browsers, scanner) = (Mutex::default(), Arc::new(Scanner::new(MailLog::default())?));
        Ok(Self { door, story, addresses, console, clients, browsers, scanner })
    }

    /// Opens the links of foreign emails with this scanner.
    #[must_use]
    pub fn with_scanner(self, scanner: Arc<Scanner>) -> Self {
        Self { scanner, ..self }
    }

    /// Keeps the connections of webhooks open for the next webhook.
    ///
    /// # Errors
    /// [`WireError`] if the client cannot be set up.
    pub fn keeping_connections(mut self) -> Result<Self, WireError> {
        let accounts = Arc::clone(&self.clients.accounts);
        self.clients.webhooks = Webhooks::new(self.clients.console, accounts, true);
        Ok(self)
    }

    /// The entry to the world.
    pub(crate) const fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Notes in the provider's log that a webhook has not been answered in time.
    pub(crate) fn note_timeout(&self, hook: Hook, call: Option<Sid>) {
        note_timeout(&self.clients.accounts, &self.door, hook, call);
    }

    /// Routes all further requests through these relays.
    ///
    /// # Errors
    /// [`WireError`] if a client cannot be set up.
    pub fn detour(&mut self, detours: &EndpointOverrides) -> Result<(), WireError> {
        self.clients = Clients::new(&self.addresses, detours, &self.story, &self.clients.accounts)?;
        self.browsers = Mutex::default();
        Ok(())
    }

    /// Closes or reopens the service's listener when its process dies or boots.
    ///
    /// # Errors
    /// [`WireError`] if another process has taken the port in the meantime.
    pub async fn follow_console(&self) -> Result<(), WireError> {
        let mut console = self.console.lock().await;
        let up = self.door.world().is_console_up();
        match (up, console.is_open()) {
            (true, false) => console.reopen()?,
            (false, true) => console.close().await,
            (true, true) | (false, false) => {}
        }
        Ok(())
    }

    /// Sends a crossing over its protocol. A lost answer is an answer, not an error.
    ///
    /// # Errors
    /// [`WireError`] if the story cannot continue.
    pub async fn carry(&self, id: CrossingId, crossing: &Crossing) -> Result<Answer, WireError> {
        self.follow_console().await?;
        Ok(match crossing {
            Crossing::Webhook(webhook) => {
                let sent = self.clients.webhooks.send(&self.door, id, webhook);
                sent.await.map_or_else(Answer::Lost, Answer::Webhook)
            }
            Crossing::Text(webhook) => {
                let sent = messages::webhook::send(&self.clients.webhooks, &self.door, (id, webhook));
                sent.await.map_or_else(Answer::Lost, Answer::Text)
            }
            // On the heap, so that the future of a webhook does not have the size of a page's or an email's.
            Crossing::Page { browser, csrf, action } => {
                Box::pin(self.ask_for_page(*browser, *csrf, action)).await?
            }
            Crossing::Mail(mail) => Box::pin(self.send_mail(id, mail)).await?,
            Crossing::Scan { url, rung } => {
                let url = self.door.world().papers().url(*url);
                if let Some(url) = url {
                    Box::pin(self.scanner.scan(&url, *rung)).await;
                }
                Answer::Lost(NoReply::Down)
            }
            Crossing::Cookie(theft) => {
                self.steal(*theft)?;
                NO_ANSWER
            }
            Crossing::Call(order) => {
                Box::pin(self.clients.calls.order(order)).await?.map_or(NO_ANSWER, Answer::Call)
            }
            Crossing::Ticket(ticket) => {
                Box::pin(self.clients.desk.hand_in(ticket)).await?.map_or(NO_ANSWER, Answer::Ticket)
            }
            Crossing::Reset(request) => {
                Box::pin(self.clients.desk.reset(request)).await?.map_or(NO_ANSWER, Answer::Reset)
            }
        })
    }

    async fn ask_for_page(
        &self,
        browser: BrowserId,
        csrf: Authenticity,
        action: &Action,
    ) -> Result<Answer, WireError> {
        if action.leads_elsewhere() {
            // This stage runs no foreign service.
            return Ok(Answer::Lost(NoReply::Down));
        }
        let browser = self.browser(browser)?;
        let got = browser.lock().await.send(action, csrf).await?;
        Ok(match got {
            // The browser's cookie jar handles cookies.
            Got::Page(page) => Answer::Page(PageReply { page, cookie: Cookie::Keep }),
            Got::Headers | Got::Nothing => NO_ANSWER,
        })
    }

    /// Copies a cookie for a thief, or puts the copy into the jar of the thief's browser.
    fn steal(&self, theft: CookieTheft) -> Result<(), WireError> {
        let (CookieTheft::Copied { from: owner, by } | CookieTheft::PutIn { by: owner @ by }) = theft;
        self.browser(owner)?;
        let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        let Browsers { jars, stolen, .. } = &mut *browsers;
        let Some(jar) = jars.get(&jar_of(owner)) else { return Ok(()) };
        match theft {
            CookieTheft::Copied { .. } => {
                stolen.insert(by, jar.cookie());
            }
            CookieTheft::PutIn { .. } => {
                if let Some(cookie) = stolen.get(&by) {
                    jar.hold(*cookie);
                }
            }
        }
        Ok(())
    }

    async fn send_mail(&self, id: CrossingId, mail: &Mail) -> Result<Answer, WireError> {
        let to = self.story.address_text(mail.to).to_owned();
        let unix_secs = self.story.epoch.unix_secs(self.door.world().now());
        // The reference service sends no foreign emails.
        let Some(kind) = mail.body.kind() else { return Ok(NO_ANSWER) };
        let link = mail.links.token();
        let raw = mime::render(kind, link, &to, unix_secs, paths::ORIGIN, u64::from(id.0))?;
        Ok(self.clients.mailer.hand_over(&to, &raw).await?.map_or(NO_ANSWER, Answer::Mail))
    }

    /// The browser or tab with this id. A scanner keeps no state, so it gets a new browser each time.
    fn browser(&self, id: BrowserId) -> Result<Arc<AsyncMutex<Browser>>, WireError> {
        let from_before = self.door.world().cookie_from_before(id);
        let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        if id == crate::world::SCANNER {
            browsers.jars.remove(&id);
            browsers.tabs.remove(&id);
        }
        if let Some(tab) = browsers.tabs.get(&id) {
            return Ok(Arc::clone(tab));
        }
        let tab = match browsers.jars.get(&jar_of(id)) {
            Some(jar) => jar.tab(),
            None => {
                let jar = Browser::new(self.clients.console, Arc::clone(&self.story))?;
                if from_before.is_some() {
                    jar.hold(from_before);
                }
                let tab = jar.tab();
                browsers.jars.insert(jar_of(id), jar);
                tab
            }
        };
        let tab = Arc::new(AsyncMutex::new(tab));
        browsers.tabs.insert(id, Arc::clone(&tab));
        Ok(tab)
    }
}

impl Clients {
    fn new(
        at: &Addresses,
        detours: &EndpointOverrides,
        story: &Arc<Story>,
        accounts: &Arc<Accounts>,
    ) -> Result<Self, WireError> {
        let console = detours.console.unwrap_or(at.console);
        Ok(Self {
            console,
            mailer: Mailer::new(detours.smtp.unwrap_or(at.smtp)),
            calls: VoiceClient::new(detours.voice.unwrap_or(at.voice))?,
            webhooks: Webhooks::new(console, Arc::clone(accounts), false).to_app_at(detours.app),
            desk: DeskClient::new(at.desk, console, Arc::clone(story))?,
            accounts: Arc::clone(accounts),
        })
    }
}

/// Names a crossing in error messages.
pub(super) const fn name(crossing: &Crossing) -> &'static str {
    match crossing {
        Crossing::Page {
            csrf: Authenticity::Valid | Authenticity::Missing | Authenticity::Wrong, ..
        } => "a page request",
        Crossing::Mail(_) => "an email",
        Crossing::Call(_) => "an order to call",
        Crossing::Webhook(_) => "a request of a call",
        Crossing::Text(_) => "a request about a text message",
        Crossing::Ticket(_) => "a ticket",
        Crossing::Reset(_) => "the desk's reset",
        Crossing::Scan { .. } => "a scan of a link",
        Crossing::Cookie(_) => "the theft of a cookie",
    }
}
