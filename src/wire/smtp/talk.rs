//! A session on a stream: reads, lets the session act, writes once for all that came together.
//!
//! Generic over the stream, so that sockets and in-memory pipes are served by the same code.

use std::io;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::wire::smtp::Mailroom;
use crate::wire::smtp::Session;
use crate::wire::smtp::Then;

/// How many bytes are read at a time.
const READ_MAX: usize = 16 * 1_024;

/// How many bytes of replies are kept back before they are written, while pipelined commands are
/// still at hand; a client that sends many and reads nothing cannot make us hold more.
const WRITE_MAX: usize = 64 * 1_024;

/// How a session ended.
#[derive(Debug)]
pub enum End {
    /// Replied or decided to close: QUIT, 421, a cut.
    Closed,
    /// The client left without QUIT; what it had not finished is dropped.
    Left,
    /// The client was silent for too long, or did not read.
    Idle,
    /// The stream broke.
    Broken(io::Error),
}

/// Holds `session` with the client at the other end of `stream`, which may be silent for `idle` of
/// real time (and which should not stand still: under tokio's paused clock it would run out).
pub async fn converse<S, M>(mut stream: S, mut session: Session<M>, idle: Duration) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    M: Mailroom,
{
    let mut out = Vec::new();
    session.greet(&mut out);
    match exchange(&mut stream, &mut session, &mut out, idle).await {
        Ok(end) => end,
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            out.clear();
            session.give_up(&mut out);
            // One last word, if it can be said at all.
            match send(&mut stream, &mut out, Duration::ZERO).await {
                Ok(()) | Err(_) => End::Idle,
            }
        }
        Err(error) => End::Broken(error),
    }
}

async fn exchange<S, M>(
    stream: &mut S,
    session: &mut Session<M>,
    out: &mut Vec<u8>,
    idle: Duration,
) -> io::Result<End>
where
    S: AsyncRead + AsyncWrite + Unpin,
    M: Mailroom,
{
    let mut chunk = vec![0; READ_MAX];
    loop {
        send(stream, out, idle).await?;
        let count = timeout(idle, stream.read(&mut chunk)).await??;
        if count == 0 {
            return Ok(End::Left);
        }
        session.receive(&chunk[..count]);
        while let Some(then) = session.poll_step(out) {
            if then == Then::Close {
                send(stream, out, idle).await?;
                timeout(idle, stream.shutdown()).await??;
                return Ok(End::Closed);
            }
            if out.len() >= WRITE_MAX {
                send(stream, out, idle).await?;
            }
        }
    }
}

/// Writes all of `out` and empties it.
async fn send<S: AsyncWrite + Unpin>(stream: &mut S, out: &mut Vec<u8>, idle: Duration) -> io::Result<()> {
    if out.is_empty() {
        return Ok(());
    }
    let writing = async {
        stream.write_all(out).await?;
        stream.flush().await
    };
    timeout(idle, writing).await??;
    out.clear();
    Ok(())
}
