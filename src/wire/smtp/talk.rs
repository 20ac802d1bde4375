//! Runs a session on a stream: reads, processes all complete lines, writes their replies together.
//!
//! Generic over the stream, so that sockets and in-memory pipes share the code.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::wire::smtp::{Session, SmtpHandler, Then};

/// Bytes per read.
const READ_MAX: usize = 16 * 1_024;

/// Replies to pipelined commands are buffered up to this size, which bounds memory for a client
/// that sends without reading.
const WRITE_MAX: usize = 64 * 1_024;

/// How many lines are processed before other sessions get their turn: a client that pipelines must not hold
/// up the others.
const LINES_AT_ONCE: u32 = 64;

/// How a session ended.
#[derive(Debug)]
pub enum End {
    /// The server closed it: QUIT, 421, or a cut.
    Closed,
    /// The client left without QUIT; an incomplete message is dropped.
    Left,
    /// The client was silent for too long, or did not read.
    Idle,
    /// The client was told to begin TLS, and waits for the handshake.
    StartTls,
    /// The stream failed.
    Broken(io::Error),
}

/// Runs `session` on `stream`. The client may be silent for `idle` of real time; do not pause
/// tokio's clock, which would make that limit expire at once.
pub async fn converse<S, M>(mut stream: S, mut session: Session<M>, idle: Duration) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    M: SmtpHandler,
{
    let mut greeting = Vec::new();
    session.greet(&mut greeting);
    resume(&mut stream, &mut session, greeting, idle).await
}

/// Sends `out`, and runs a session from where it is.
pub(super) async fn resume<S, M>(
    stream: &mut S,
    session: &mut Session<M>,
    mut out: Vec<u8>,
    idle: Duration,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    M: SmtpHandler,
{
    match exchange(stream, session, &mut out, idle).await {
        Ok(end) => end,
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            out.clear();
            session.give_up(&mut out);
            // Try to send the final reply, but do not wait for it.
            match send(stream, &mut out, Duration::ZERO).await {
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
    M: SmtpHandler,
{
    let mut chunk = vec![0; READ_MAX];
    let mut lines = 0;
    loop {
        send(stream, out, idle).await?;
        let count = timeout(idle, stream.read(&mut chunk)).await??;
        if count == 0 {
            return Ok(End::Left);
        }
        session.receive(&chunk[..count]);
        while let Some(then) = session.poll_step(out) {
            match then {
                Then::GoOn => {}
                Then::StartTls => {
                    send(stream, out, idle).await?;
                    return Ok(End::StartTls);
                }
                Then::Close => {
                    send(stream, out, idle).await?;
                    timeout(idle, stream.shutdown()).await??;
                    return Ok(End::Closed);
                }
            }
            if out.len() >= WRITE_MAX {
                send(stream, out, idle).await?;
            }
            lines += 1;
            if lines >= LINES_AT_ONCE {
                lines = 0;
                yield_now().await;
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
