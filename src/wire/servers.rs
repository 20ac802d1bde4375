//! The servers of a play, all on loopback: console, mail provider, voice provider, support desk.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::story::Story;
use crate::wire::console::server::router;
use crate::wire::desk;
use crate::wire::door::Door;
use crate::wire::error::WireError;
use crate::wire::mailboxes;
use crate::wire::site::Site;
use crate::wire::smtp::SmtpSink;
use crate::wire::voice::api::VoiceApi;

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

/// The servers of a play; they end with it.
#[derive(Debug)]
pub struct Servers {
    addresses: Addresses,
    /// The courier closes and opens it as the console's process dies and boots.
    console: Arc<Mutex<Site>>,
    voice: VoiceApi,
    _desk: Site,
    _smtp: SmtpSink,
}

impl Servers {
    /// All servers, each on a free port.
    ///
    /// # Errors
    /// [`WireError`] if a port cannot be bound.
    pub async fn open(door: &Arc<Door>, story: &Arc<Story>) -> Result<Self, WireError> {
        let console = Site::open(router(Arc::clone(door)))?;
        let desk = Site::open(desk::router(Arc::clone(door)))?;
        let smtp = mailboxes::open(Arc::clone(door), Arc::clone(story)).await?;
        let voice = VoiceApi::start(Arc::clone(door)).await?;
        let addresses = Addresses {
            console: console.address(),
            smtp: smtp.local_addr(),
            voice: voice.address(),
            desk: desk.address(),
        };
        Ok(Self { addresses, console: Arc::new(Mutex::new(console)), voice, _desk: desk, _smtp: smtp })
    }

    /// Where they listen.
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The console's site, for following its process.
    pub const fn console(&self) -> &Arc<Mutex<Site>> {
        &self.console
    }

    /// The voice provider.
    pub const fn voice(&self) -> &VoiceApi {
        &self.voice
    }
}
