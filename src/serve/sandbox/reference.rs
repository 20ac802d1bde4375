//! The servers of the reference service of one world, and the clients that carry what leaves it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tokio::sync::OnceCell;

use crate::stage::Courier;
use crate::story::Story;
use crate::wire::http_server::CloseConnection;
use crate::wire::reference::server::router;
use crate::wire::scanner::Scanner;
use crate::wire::servers::Servers;
use crate::wire::twilio::accounts::Accounts;
use crate::wire::{Door, WireError};

/// The servers of the reference service. They open when something leaves the world for the first time: most
/// sandboxes of foreign apps never need them.
#[derive(Debug)]
pub(in crate::serve) struct Reference {
    door: Arc<Door>,
    story: Arc<Story>,
    accounts: Arc<Accounts>,
    scanner: Arc<Scanner>,
    console: SocketAddr,
    keeps_connections: bool,
    opened: OnceCell<(Servers, Arc<Courier>)>,
}

impl Reference {
    pub(super) fn new(
        door: Arc<Door>,
        story: Arc<Story>,
        (accounts, scanner): (Arc<Accounts>, Arc<Scanner>),
        console: Option<SocketAddr>,
        keeps_connections: bool,
    ) -> Self {
        let console = console.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        Self { door, story, accounts, scanner, console, keeps_connections, opened: OnceCell::new() }
    }

    /// Opens the servers, unless they are open; returns the address of the service's pages.
    pub(in crate::serve) async fn open(&self) -> Result<SocketAddr, WireError> {
        Ok(self.opened().await?.0.addresses().console)
    }

    /// The service's pages, for another server. While the service is down, it closes connections too.
    pub(in crate::serve) async fn pages(&self) -> Result<Router, WireError> {
        let site = Arc::clone(self.opened().await?.0.console());
        let pages = router(Arc::clone(&self.door));
        let only_while_open = from_fn(move |request: Request, next: Next| {
            let site = Arc::clone(&site);
            async move { if site.lock().await.is_open() { next.run(request).await } else { closed() } }
        });
        Ok(pages.layer(only_while_open))
    }

    /// The clients.
    pub(super) async fn courier(&self) -> Result<Arc<Courier>, WireError> {
        Ok(Arc::clone(&self.opened().await?.1))
    }

    async fn opened(&self) -> Result<&(Servers, Arc<Courier>), WireError> {
        let open = || async {
            let accounts = Arc::clone(&self.accounts);
            let servers = Servers::open_with(&self.door, &self.story, self.console, accounts).await?;
            let courier = Courier::new(Arc::clone(&self.door), Arc::clone(&self.story), &servers)?;
            let courier = courier.with_scanner(Arc::clone(&self.scanner));
            let courier = if self.keeps_connections { courier.keeping_connections()? } else { courier };
            Ok((servers, Arc::new(courier)))
        };
        self.opened.get_or_try_init(open).await
    }
}

/// A response that closes the connection without an answer.
fn closed() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseConnection);
    response
}
