//! A client that sends single requests, for webhooks.
//!
//! A verification call has six webhooks, so the cost of a request is most of what a call costs. This client
//! drives a connection in the task that sends the request, and does nothing else: no redirects, no cookies,
//! no proxy, no TLS, and no task for each connection.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderMap, Request, StatusCode};
use futures::future::{Either, select};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::wire::descriptors::TooFew;

/// Most idle connections that are kept, if any are.
const IDLE_MAX: usize = 256;

/// The server that gets a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// At an address.
    At(SocketAddr),
    /// At the address of this host name, and at this port.
    Named(Box<str>, u16),
}

/// An answer, as far as it was read.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAnswered {
    /// No connection could be made.
    NotConnected,
    /// No connection could be made, because this process may not open another socket.
    NoSocket(TooFew),
    /// The connection ended, or what came is not HTTP/1.1.
    Cut,
}

type Connection = http1::Connection<TokioIo<TcpStream>, Full<Bytes>>;

/// A connection, and the handle through which it takes requests.
#[derive(Debug)]
struct Line {
    sender: SendRequest<Full<Bytes>>,
    /// On the heap, because it is moved to the idle ones and back.
    connection: Box<Connection>,
}

/// Sends requests.
#[derive(Debug, Default)]
pub(crate) struct HttpExchange {
    keeps_connections: bool,
    /// The oldest first. Nothing drives an idle connection: whether the server has closed it shows when it is
    /// used again.
    idle: Mutex<VecDeque<(Peer, Line)>>,
}

/// Whether a connection has carried no request yet.
#[derive(Clone, Copy, Debug)]
struct IsNew(bool);

/// What one attempt on a connection led to.
enum Attempt {
    Answered(Answered, Option<Line>),
    /// The connection was closed before the request was sent.
    Unsent(Request<Full<Bytes>>),
    Cut,
}

impl HttpExchange {
    /// A client that closes each connection after its answer, or keeps them for the next request.
    pub(crate) fn new(keeps_connections: bool) -> Self {
        Self { keeps_connections, idle: Mutex::default() }
    }

    /// Sends a request, whose URI is a path and whose `Host` is set, and reads the answer until its body is
    /// longer than `body_max`.
    ///
    /// # Errors
    /// [`NotAnswered`] if no answer comes. There is no time limit.
    pub(crate) async fn send(
        &self,
        peer: &Peer,
        mut request: Request<Full<Bytes>>,
        body_max: usize,
    ) -> Result<Answered, NotAnswered> {
        if let Some(line) = self.take_idle(peer) {
            match line.attempt(request, body_max, IsNew(false)).await {
                Attempt::Answered(answered, line) => {
                    self.keep(peer, line);
                    return Ok(answered);
                }
                Attempt::Cut => return Err(NotAnswered::Cut),
                Attempt::Unsent(unsent) => {
                    // The server has closed one, and probably the others.
                    self.idle().retain(|(other, _)| other != peer);
                    request = unsent;
                }
            }
        }
        let stream = connect(peer)
            .await
            .map_err(|error| TooFew::of(&error).map_or(NotAnswered::NotConnected, NotAnswered::NoSocket))?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|_| NotAnswered::Cut)?;
        let line = Line { sender, connection: Box::new(connection) };
        match line.attempt(request, body_max, IsNew(true)).await {
            Attempt::Answered(answered, line) => {
                self.keep(peer, line);
                Ok(answered)
            }
            Attempt::Unsent(_) | Attempt::Cut => Err(NotAnswered::Cut),
        }
    }

    /// The connection to a server that was used last.
    fn take_idle(&self, peer: &Peer) -> Option<Line> {
        if !self.keeps_connections {
            return None;
        }
        let mut idle = self.idle();
        let at = idle.iter().rposition(|(other, _)| other == peer)?;
        idle.remove(at).map(|(_, line)| line)
    }

    fn keep(&self, peer: &Peer, line: Option<Line>) {
        let Some(line) = line.filter(|_| self.keeps_connections) else { return };
        let mut idle = self.idle();
        if idle.len() >= IDLE_MAX {
            idle.pop_front();
        }
        idle.push_back((peer.clone(), line));
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<(Peer, Line)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(peer: &Peer) -> io::Result<TcpStream> {
    let stream = match peer {
        Peer::At(address) => TcpStream::connect(address).await?,
        Peer::Named(host, port) => TcpStream::connect((&**host, *port)).await?,
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Line {
    async fn attempt(mut self, request: Request<Full<Bytes>>, body_max: usize, is_new: IsNew) -> Attempt {
        let (ended, is_open) = {
            let mut connection = pin!(&mut *self.connection);
            let exchange = pin!(exchange(&mut self.sender, request, body_max, is_new));
            match select(exchange, connection.as_mut()).await {
                Either::Left((ended, _)) => (ended, true),
                // What the connection has read before its end is still there.
                Either::Right((_, exchange)) => (exchange.await, false),
            }
        };
        match ended {
            Ended::Answered(answered, is_whole) => {
                Attempt::Answered(answered, (is_whole && is_open).then_some(self))
            }
            Ended::Unsent(request) => Attempt::Unsent(request),
            Ended::Cut => Attempt::Cut,
        }
    }
}

/// How an exchange ended.
enum Ended {
    /// With an answer, and whether its whole body was read.
    Answered(Answered, bool),
    Unsent(Request<Full<Bytes>>),
    Cut,
}

async fn exchange(
    sender: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    body_max: usize,
    IsNew(is_new): IsNew,
) -> Ended {
    // A new connection takes a request at once.
    if !is_new && sender.ready().await.is_err() {
        return Ended::Unsent(request);
    }
    let response = match sender.try_send_request(request).await {
        Ok(response) => response,
        Err(mut failed) => return failed.take_message().map_or(Ended::Cut, Ended::Unsent),
    };
    let (head, body) = response.into_parts();
    match read(body, body_max).await {
        Ok((body, is_whole)) => {
            Ended::Answered(Answered { status: head.status, headers: head.headers, body }, is_whole)
        }
        Err(_) => Ended::Cut,
    }
}

/// Reads a body until it is longer than `body_max`; returns also whether that was all.
async fn read(mut body: Incoming, body_max: usize) -> hyper::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    while bytes.len() <= body_max {
        let Some(frame) = body.frame().await else { return Ok((bytes, true)) };
        // Trailers hold no data.
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok((bytes, false))
}

#[cfg(test)]
mod tests;
