//! A socket that acknowledges received data at once.
//!
//! Many clients write a request in two parts with Nagle's algorithm on: lettre a message and its
//! final dot, urllib3 a head and its body. The second part then waits for the acknowledgement of the
//! first, which a kernel with delayed acknowledgements sends after some 40 ms. Linux suspends that
//! mode on request, which must be repeated (tcp(7), `TCP_QUICKACK`). It is made when nothing is left to
//! read and nothing has been answered, because an answer acknowledges what came before it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A socket that acknowledges received data at once, where the system can.
#[derive(Debug)]
pub(crate) struct QuickAck {
    stream: TcpStream,
    /// Whether something was read since the last write.
    is_unanswered: bool,
}

impl QuickAck {
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self { stream, is_unanswered: false }
    }
}

impl AsyncRead for QuickAck {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.is_unanswered = true;
        } else if std::mem::take(&mut self.is_unanswered) {
            #[cfg(target_os = "linux")]
            // Without it the connection is slower, but still correct.
            let _ = self.stream.set_quickack(true);
        }
        read
    }
}

impl AsyncWrite for QuickAck {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_unanswered = false;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.is_unanswered = false;
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
