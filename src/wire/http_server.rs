//! An HTTP site that can crash: closing it really closes its listener and its connections.
//!
//! A crashing app drops its connections and leaves its port free until it boots. Server libraries
//! do not offer that on demand, so this module has its own accept loop: one task accepts, and owns
//! the set of connections.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

/// The maximum number of connections waiting to be accepted.
const BACKLOG: u32 = 1_024;

/// Most connections served at once. A play uses one; the clients of an app under test may keep hundreds
/// open.
const CONNECTIONS_MAX: usize = 4_096;

/// Response extension: close the connection instead of sending the response.
#[derive(Clone, Copy, Debug)]
pub struct CloseConnection;

/// The connection is closed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection is closed without an answer")]
struct Closed;

/// A site on loopback.
#[derive(Debug)]
pub struct HttpServer {
    address: SocketAddr,
    router: Router,
    tasks: JoinSet<()>,
}

impl HttpServer {
    /// Opens a site on a free loopback port.
    ///
    /// # Errors
    /// If no port can be bound.
    pub fn open(router: Router) -> io::Result<Self> {
        Self::open_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), router)
    }

    /// Opens a site at this address; port 0 is a free port.
    ///
    /// # Errors
    /// If the port cannot be bound.
    pub fn open_at(address: SocketAddr, router: Router) -> io::Result<Self> {
        let listener = listen(address)?;
        let mut site = Self { address: listener.local_addr()?, router, tasks: JoinSet::new() };
        site.accept(listener);
        Ok(site)
    }

    /// The address, also while the site is closed.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it listens.
    pub fn is_open(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Closes the listener and all connections, and waits for them to end.
    pub async fn close(&mut self) {
        self.tasks.shutdown().await;
    }

    /// Listens again on the same port.
    ///
    /// # Errors
    /// If another process has taken the port in the meantime.
    pub fn reopen(&mut self) -> io::Result<()> {
        let listener = listen(self.address)?;
        self.accept(listener);
        Ok(())
    }

    fn accept(&mut self, listener: TcpListener) {
        let router = self.router.clone();
        self.tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                // An accept error concerns one client, so the site keeps running.
                if let Ok((stream, _)) = listener.accept().await {
                    connections.spawn(serve(stream, router.clone()));
                }
                while connections.try_join_next().is_some() {}
                if connections.len() >= CONNECTIONS_MAX {
                    connections.join_next().await;
                }
            }
        });
    }
}

/// Sets SO_REUSEADDR from the first bind on, so that a rebooted app gets its port back while old
/// connections are in TIME-WAIT.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn serve(stream: TcpStream, router: Router) {
    // Without this, small answers wait for the client's delayed acknowledgement.
    let _best_effort = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let router = router.clone();
        async move {
            let answered: Result<Response, Infallible> = router.oneshot(request.map(Body::new)).await;
            match answered {
                Ok(response) if response.extensions().get::<CloseConnection>().is_some() => Err(Closed),
                Ok(response) => Ok(response),
                Err(never) => match never {},
            }
        }
    });
    // An error means that the client left, or that the connection was closed on purpose.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;

    fn hello() -> Router {
        let hang_up = || async {
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(CloseConnection);
            response
        };
        Router::new().route("/", get(|| async { "hello" })).route("/closed", get(hang_up))
    }

    async fn ask(site: &HttpServer, path: &str) -> reqwest::Result<String> {
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        client.get(format!("http://{}{path}", site.address())).send().await?.text().await
    }

    #[tokio::test]
    async fn a_site_dies_and_comes_back_on_its_port() {
        let mut site = HttpServer::open(hello()).unwrap();
        assert_eq!(ask(&site, "/").await.unwrap(), "hello");
        site.close().await;
        assert!(!site.is_open());
        assert!(ask(&site, "/").await.unwrap_err().is_connect());
        site.reopen().unwrap();
        assert_eq!(ask(&site, "/").await.unwrap(), "hello");
    }

    #[tokio::test]
    async fn a_connection_can_be_closed_without_an_answer() {
        let site = HttpServer::open(hello()).unwrap();
        assert!(!ask(&site, "/closed").await.unwrap_err().is_connect());
        assert_eq!(ask(&site, "/").await.unwrap(), "hello");
    }
}
