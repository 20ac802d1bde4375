//! The SMTP server: a listener, and a task per session; all end with it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use crate::wire::quick_ack::QuickAck;
use crate::wire::smtp::tls::converse_with;
use crate::wire::smtp::{Session, Settings, SmtpHandler};

/// Real time to pause after a failed accept. The usual cause is a lack of file descriptors, and
/// retrying at once would only waste CPU.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A client that has connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The number of its session, from 1, in the order of connecting.
    pub session: u64,
    /// Its address.
    pub peer: SocketAddr,
}

/// Counts of a sink.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Sessions begun.
    pub sessions: u64,
    /// Sessions that ended in a panic of their mailroom.
    pub panicked: u64,
    /// Connections refused because of the session limit.
    pub turned_away: u64,
}

/// A running SMTP server. Dropping it stops it; [`SmtpSink::shutdown`] also waits for the end.
#[derive(Debug)]
pub struct SmtpSink {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    /// The accepting task, which owns the sessions.
    task: JoinSet<Served>,
}

impl SmtpSink {
    /// Serves `listener`, with a separate mailroom for each session.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn serve<M, F>(listener: TcpListener, settings: Settings, mailroom: F) -> io::Result<Self>
    where
        M: SmtpHandler + 'static,
        F: Fn(Caller) -> M + Send + Sync + 'static,
    {
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let mut task = JoinSet::new();
        task.spawn(accept_until(listener, settings, Arc::new(mailroom), stopped));
        Ok(Self { address, stop, task })
    }

    /// The address, with the port that was assigned if 0 was requested.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Closes the listener and all sessions; the port is free on return.
    pub async fn shutdown(mut self) -> Served {
        // Sending fails only if the task has already ended.
        let _ = self.stop.send(());
        match self.task.join_next().await {
            Some(Ok(served)) => served,
            Some(Err(_)) | None => Served::default(),
        }
    }
}

async fn accept_until<M, F>(
    listener: TcpListener,
    settings: Settings,
    mailroom: Arc<F>,
    mut stopped: oneshot::Receiver<()>,
) -> Served
where
    M: SmtpHandler + 'static,
    F: Fn(Caller) -> M + Send + Sync + 'static,
{
    let mut sessions = JoinSet::new();
    let mut served = Served::default();
    loop {
        tokio::select! {
            biased;
            _ = &mut stopped => break,
            Some(ended) = sessions.join_next() => count(&mut served, &ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if sessions.len() >= settings.limits.sessions => {
                    served.turned_away += 1;
                    turn_away(stream).await;
                }
                Ok((stream, peer)) => {
                    served.sessions += 1;
                    let caller = Caller { session: served.sessions, peer };
                    sessions.spawn(hold(stream, settings.clone(), Arc::clone(&mailroom), caller));
                }
                Err(_) => {
                    if timeout(ACCEPT_PAUSE, &mut stopped).await.is_ok() {
                        break;
                    }
                }
            },
        }
    }
    drop(listener);
    sessions.abort_all();
    while let Some(ended) = sessions.join_next().await {
        count(&mut served, &ended);
    }
    served
}

fn count(served: &mut Served, ended: &Result<(), JoinError>) {
    if ended.as_ref().is_err_and(JoinError::is_panic) {
        served.panicked += 1;
    }
}

async fn hold<M, F>(stream: TcpStream, settings: Settings, mailroom: Arc<F>, caller: Caller)
where
    M: SmtpHandler,
    F: Fn(Caller) -> M,
{
    // Replies are written whole, so Nagle's algorithm gains nothing; the session also works with it.
    let _ = stream.set_nodelay(true);
    let session = Session::new(caller.session, &settings, mailroom(caller));
    converse_with(settings.tls, QuickAck::new(stream), session, settings.limits.idle).await;
}

/// The send buffer of a new socket is empty, so this write does not block.
async fn turn_away(mut stream: TcpStream) {
    let _ = stream.write_all(b"421 4.3.2 too many sessions, try again later\r\n").await;
}
