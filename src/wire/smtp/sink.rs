//! The server: a listener, and a task for each session, all of which end with it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinError;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::wire::smtp::Mailroom;
use crate::wire::smtp::Session;
use crate::wire::smtp::Settings;
use crate::wire::smtp::talk::converse;

/// How long no connection is accepted after one could not be, in real time: what accept lacks is
/// nearly always a file descriptor, and asking again at once would only keep the machine busy.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A client, as far as it is known when it connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The number of its session, from 1, in the order of connecting.
    pub session: u64,
    /// Its address.
    pub peer: SocketAddr,
}

/// What a sink has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Sessions begun.
    pub sessions: u64,
    /// Sessions that ended in a panic of their mailroom.
    pub panicked: u64,
    /// Connections turned away because there were too many.
    pub turned_away: u64,
}

/// A running SMTP server. Dropping it ends it; [`SmtpSink::shutdown`] also waits until it has.
#[derive(Debug)]
pub struct SmtpSink {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    /// Holds the one task that accepts, which in turn holds the sessions.
    task: JoinSet<Served>,
}

impl SmtpSink {
    /// Serves whoever connects to `listener`, each session with a mailroom of its own.
    ///
    /// Must be called inside of a tokio runtime.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve<M, F>(listener: TcpListener, settings: Settings, mailroom: F) -> io::Result<Self>
    where
        M: Mailroom + 'static,
        F: Fn(Caller) -> M + Send + Sync + 'static,
    {
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let mut task = JoinSet::new();
        task.spawn(accept_until(listener, settings, Arc::new(mailroom), stopped));
        Ok(Self { address, stop, task })
    }

    /// Where it listens: the port that was found where 0 was asked for.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Closes the listener and all sessions; the port is free when this returns.
    pub async fn shutdown(mut self) -> Served {
        // A task that is gone already needs no word.
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
    M: Mailroom + 'static,
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
    M: Mailroom,
    F: Fn(Caller) -> M,
{
    // Replies are written whole, so there is nothing to gather; without it the session still works.
    let _ = stream.set_nodelay(true);
    let session = Session::new(caller.session, &settings, mailroom(caller));
    let _end = converse(Brisk(stream), session, settings.limits.idle).await;
}

/// The buffer of a fresh socket is empty, so these few bytes are never waited for.
async fn turn_away(mut stream: TcpStream) {
    let _ = stream.write_all(b"421 4.3.2 too many sessions, try again later\r\n").await;
}

/// A socket that acknowledges what it reads at once.
///
/// Many clients (lettre among them) write a message and its final dot apart, with Nagle's algorithm
/// on. The dot is then held back until the message is acknowledged, and a kernel that delays its
/// acknowledgements lets each mail wait for some 40 ms. Linux leaves that mode for a while when
/// asked to; it must be asked before each read (tcp(7), `TCP_QUICKACK`).
struct Brisk(TcpStream);

impl AsyncRead for Brisk {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        #[cfg(target_os = "linux")]
        // Without it the session is slower, and as right.
        let _ = self.0.set_quickack(true);
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Brisk {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
