//! The app: it answers webhooks with constant documents, and tells each worker of the callbacks of its orders.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::{Failed, Measured, Order};

const PROMPT: &str = "<Response><Gather numDigits=\"6\" action=\"/digits\"><Say>Please key in your code.</Say></Gather>\
                      </Response>";
// A sentence would take its time.
const THANKS: &str = "<Response><Hangup/></Response>";

/// An app on a free port. Each worker's status callbacks go to a separate path, so that they are not mixed up.
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    desk: Arc<Desk>,
    _server: JoinSet<()>,
}

struct Desk {
    /// What the first and the last status callback of an order say.
    marks: [&'static str; 2],
    seats: Vec<Seat>,
    /// What has been asked, while somebody records it.
    recorded: Mutex<Option<Vec<Asked>>>,
}

/// What the app knows of one worker.
#[derive(Default)]
struct Seat {
    begun: Mutex<Option<Instant>>,
    first: Mutex<Vec<Duration>>,
    done: Notify,
}

/// A request to the app.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl App {
    pub(crate) async fn start(order: Order, workers: usize) -> io::Result<Self> {
        let marks = match order {
            Order::Call => ["CallStatus=initiated", "CallStatus=completed"],
            Order::Text => ["MessageStatus=sent", "MessageStatus=delivered"],
        };
        let seats = (0..workers).map(|_| Seat::default()).collect();
        let desk = Arc::new(Desk { marks, seats, recorded: Mutex::default() });
        let (address, server) = serve(Router::new().fallback(answer).with_state(Arc::clone(&desk))).await?;
        Ok(Self { address, desk, _server: server })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where the status callbacks of a worker go.
    pub(crate) fn status_path(worker: usize) -> String {
        format!("/status/{worker}")
    }

    /// Records all requests until [`App::recorded`].
    pub(crate) fn record(&self) {
        *lock(&self.desk.recorded) = Some(Vec::new());
    }

    pub(crate) fn recorded(&self) -> Vec<Asked> {
        lock(&self.desk.recorded).take().unwrap_or_default()
    }

    /// The order of a worker begins now.
    pub(crate) fn begins(&self, worker: usize) {
        *lock(&self.desk.seats[worker].begun) = Some(Instant::now());
    }

    /// Waits for the last callback of the order; returns how long it took from its begin.
    pub(crate) async fn ends(&self, worker: usize) -> Result<Duration, Failed> {
        let seat = &self.desk.seats[worker];
        seat.done.notified().await;
        Ok(lock(&seat.begun).ok_or("a callback came before its order")?.elapsed())
    }

    /// What the workers have measured since the last call.
    pub(crate) fn measured(&self, elapsed: Duration, mut whole: Vec<Duration>) -> Measured {
        let mut first: Vec<Duration> =
            self.desk.seats.iter().flat_map(|seat| std::mem::take(&mut *lock(&seat.first))).collect();
        first.sort_unstable();
        whole.sort_unstable();
        Measured { rate: whole.len() as f64 / elapsed.as_secs_f64(), first, whole }
    }
}

async fn answer(State(desk): State<Arc<Desk>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(asked) = lock(&desk.recorded).as_mut() {
        asked.push(Asked { path: uri.path().to_owned(), headers, body: body.clone() });
    }
    match uri.path() {
        "/voice" => ([(header::CONTENT_TYPE, "text/xml")], PROMPT).into_response(),
        "/digits" => ([(header::CONTENT_TYPE, "text/xml")], THANKS).into_response(),
        path => {
            let seat = path.strip_prefix("/status/").and_then(|worker| worker.parse::<usize>().ok());
            if let Some(seat) = seat.and_then(|worker| desk.seats.get(worker)) {
                seat.hears(desk.marks, &String::from_utf8_lossy(&body));
            }
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

impl Seat {
    fn hears(&self, [first, last]: [&str; 2], form: &str) {
        if form.contains(first) {
            lock(&self.first).extend(lock(&self.begun).map(|begun| begun.elapsed()));
        } else if form.contains(last) {
            self.done.notify_one();
        }
    }
}

/// Serves a router on a free port.
pub(crate) async fn serve(router: Router) -> io::Result<(SocketAddr, JoinSet<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let mut server = JoinSet::new();
    server.spawn(async move { drop(axum::serve(listener, router).await) });
    Ok((address, server))
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
