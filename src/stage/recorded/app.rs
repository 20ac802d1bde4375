//! A recorded app over HTTP: a server that gives the recorded answer to the next webhook.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::story::AppReply;
use crate::wire::http_server::{CloseConnection, HttpServer};
use crate::wire::twilio::answers;

/// The app.
#[derive(Debug)]
pub(super) struct App {
    server: HttpServer,
    next: Next,
}

#[derive(Clone, Default)]
struct Next(Arc<Mutex<Option<AppReply>>>);

impl std::fmt::Debug for Next {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

impl Next {
    fn lock(&self) -> MutexGuard<'_, Option<AppReply>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Starts the app on a free port.
    pub(super) fn start() -> io::Result<Self> {
        let next = Next::default();
        let router = Router::new().fallback(answer).with_state(next.clone());
        Ok(Self { server: HttpServer::open(router)?, next })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Gives this answer to the next request.
    pub(super) fn answers(&self, reply: &AppReply) {
        *self.next.lock() = Some(reply.clone());
    }
}

async fn answer(State(next): State<Next>, _drained: Bytes) -> Response {
    let reply = next.lock().take();
    let Some((status, headers, body)) = reply.as_ref().and_then(answers::parts) else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.extensions_mut().insert(CloseConnection);
        return response;
    };
    let mut response = Response::new(Body::from(body.to_vec()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
