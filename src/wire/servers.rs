//! The servers of a play, all on loopback: service, mail provider, voice provider, support desk.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::story::Story;
use crate::wire::door::Door;
use crate::wire::error::WireError;
use crate::wire::http_server::HttpServer;
use crate::wire::reference::server::router;
use crate::wire::smtp::SmtpSink;
use crate::wire::twilio::accounts::Accounts;
use crate::wire::twilio::api::VoiceApi;
use crate::wire::{desk, mailboxes};

/// Addresses of the servers of a wire stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The service.
    pub console: SocketAddr,
    /// The SMTP sink.
    pub smtp: SocketAddr,
    /// The voice provider.
    pub voice: SocketAddr,
    /// The support desk.
    pub desk: SocketAddr,
}

/// The servers of a play; dropping them stops them.
#[derive(Debug)]
pub struct Servers {
    addresses: Addresses,
    /// The courier closes and reopens it when the service's process dies and boots.
    console: Arc<Mutex<HttpServer>>,
    voice: VoiceApi,
    accounts: Arc<Accounts>,
    _desk: HttpServer,
    _smtp: SmtpSink,
}

impl Servers {
    /// Starts all servers, each on a free port.
    ///
    /// # Errors
    /// [`WireError`] if a port cannot be bound.
    pub async fn open(door: &Arc<Door>, story: &Arc<Story>) -> Result<Self, WireError> {
        let accounts = Arc::new(Accounts::of_reference());
        Self::open_with(door, story, (Ipv4Addr::LOCALHOST, 0).into(), accounts).await
    }

    /// Starts all servers: the service at `console`, the others on free ports.
    ///
    /// # Errors
    /// [`WireError`] if a port cannot be bound.
    pub async fn open_with(
        door: &Arc<Door>,
        story: &Arc<Story>,
        console: SocketAddr,
        accounts: Arc<Accounts>,
    ) -> Result<Self, WireError> {
        let console = HttpServer::open_at(console, router(Arc::clone(door))).map_err(|source| {
            WireError::Listen { what: "the reference service", address: console, source }
        })?;
        let desk = HttpServer::open(desk::router(Arc::clone(door)))?;
        let smtp = mailboxes::open(Arc::clone(door), Arc::clone(story)).await?;
        let voice = VoiceApi::start(Arc::clone(door), Arc::clone(&accounts)).await?;
        let addresses = Addresses {
            console: console.address(),
            smtp: smtp.local_addr(),
            voice: voice.address(),
            desk: desk.address(),
        };
        let console = Arc::new(Mutex::new(console));
        Ok(Self { addresses, console, voice, accounts, _desk: desk, _smtp: smtp })
    }

    /// Addresses of the servers.
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The service's site, which opens and closes with the service's process.
    pub const fn console(&self) -> &Arc<Mutex<HttpServer>> {
        &self.console
    }

    /// The accounts of the voice provider.
    pub const fn accounts(&self) -> &Arc<Accounts> {
        &self.accounts
    }

    /// The voice provider.
    pub const fn voice(&self) -> &VoiceApi {
        &self.voice
    }
}
