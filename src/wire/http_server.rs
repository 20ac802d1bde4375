//! An HTTP site that can crash: closing it really closes its listener and its connections.
//!
//! A crashing app drops its connections and leaves its port free until it boots. Server libraries
//! do not offer that on demand, so this module has its own accept loop: one task accepts, and owns
//! the set of connections.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use axum::response::Response;
use futures::stream;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::ServiceExt;

/// The maximum number of connections waiting to be accepted.
const BACKLOG: u32 = 1_024;

/// Most connections served at once. A play uses one; the clients of an app under test may keep hundreds
/// open.
const CONNECTIONS_MAX: usize = 4_096;

/// Real time to pause after a failed accept. The usual cause is a lack of file descriptors, and
/// retrying at once would only waste CPU.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a client may take, in real time. Otherwise clients that never finish a request hold all
/// connections that there may be.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// Until the head of a request is complete, counted from the end of the request before: it is also
    /// how long a client can keep an idle connection, and the pools of the usual clients keep one for 90 s.
    head: Duration,
    /// Between two parts of a body.
    body: Duration,
}

impl Patience {
    const USUAL: Self = Self { head: Duration::from_secs(120), body: Duration::from_secs(60) };
}

/// Response extension: close the connection instead of sending the response.
#[derive(Clone, Copy, Debug)]
pub struct CloseConnection;

/// The connection is closed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection is closed without an answer")]
struct Closed;

/// The rest of a body has not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rest of the body has not come in time")]
struct BodyLate;

/// A site on loopback.
#[derive(Debug)]
pub struct HttpServer {
    address: SocketAddr,
    router: Router,
    patience: Patience,
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
        Self::open_for(address, router, Patience::USUAL)
    }

    fn open_for(address: SocketAddr, router: Router, patience: Patience) -> io::Result<Self> {
        let listener = listen(address)?;
        let address = listener.local_addr()?;
        let mut site = Self { address, router, patience, tasks: JoinSet::new() };
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
        let (router, patience) = (self.router.clone(), self.patience);
        self.tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                // An accept error concerns one client, so the site keeps running.
                match listener.accept().await {
                    Ok((stream, _)) => drop(connections.spawn(serve(stream, router.clone(), patience))),
                    Err(_) => {
                        let _always_elapses = timeout(ACCEPT_PAUSE, std::future::pending::<()>()).await;
                    }
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

async fn serve(stream: TcpStream, router: Router, patience: Patience) {
    // Without this, small answers wait for the client's delayed acknowledgement.
    let _best_effort = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let answered: Result<Response, Infallible> =
                router.oneshot(request.map(|body| limited(body, patience))).await;
            match answered {
                Ok(response) if response.extensions().get::<CloseConnection>().is_some() => Err(Closed),
                Ok(response) => Ok(response),
                Err(never) => match never {},
            }
        }
    });
    // An error means that the client left, or that the connection was closed on purpose.
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let _ended = server.serve_connection(TokioIo::new(stream), service).await;
}

/// A body that fails once its next part takes too long.
fn limited(body: Incoming, patience: Patience) -> Body {
    if body.is_end_stream() {
        return Body::empty();
    }
    let next = move |mut body: Incoming| async move {
        match timeout(patience.body, body.frame()).await {
            // Trailers hold no data, and no handler reads them.
            Ok(Some(Ok(frame))) => Some((Ok(frame.into_data().unwrap_or_else(|_| Bytes::new())), body)),
            Ok(Some(Err(error))) => Some((Err(axum::Error::new(error)), body)),
            Ok(None) => None,
            Err(_) => Some((Err(axum::Error::new(BodyLate)), body)),
        }
    };
    Body::from_stream(stream::unfold(body, next))
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

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

    #[tokio::test]
    async fn requests_that_are_never_complete_end() {
        let short = Patience { head: Duration::from_millis(100), body: Duration::from_millis(100) };
        let echo = Router::new().fallback(|body: Bytes| async move { body });
        let site = HttpServer::open_for((Ipv4Addr::LOCALHOST, 0).into(), echo, short).unwrap();
        let post = "POST / HTTP/1.1\r\nHost: a\r\n";
        for (sent, answer) in [
            (String::new(), ""),
            ("GET / HTTP/1.1\r\nHo".to_owned(), ""),
            (format!("{post}Content-Length: 9\r\n\r\nhalf"), "HTTP/1.1 400 "),
            (format!("{post}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), "HTTP/1.1 400 "),
            (format!("{post}Content-Length: 2\r\n\r\nhi"), "HTTP/1.1 200 "),
        ] {
            let mut client = TcpStream::connect(site.address()).await.unwrap();
            client.write_all(sent.as_bytes()).await.unwrap();
            let mut heard = String::new();
            timeout(Duration::from_secs(30), client.read_to_string(&mut heard)).await.unwrap().unwrap();
            assert!(heard.starts_with(answer) && heard.is_empty() == answer.is_empty(), "{sent}: {heard}");
        }
    }
}
