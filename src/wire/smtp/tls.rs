//! TLS on an SMTP connection: from the start, or after STARTTLS (RFC 3207).
//!
//! After STARTTLS the session forgets everything that it was told in plaintext, and drops plaintext
//! that was sent along with the command. Otherwise a man in the middle could put commands in front of
//! those of the client (CVE-2011-0411).

use std::fmt;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::wire::smtp::talk::{converse, resume};
use crate::wire::smtp::{End, Session, SmtpHandler};

/// How a sink offers TLS.
#[derive(Clone)]
pub struct Tls {
    /// Does the handshakes.
    pub acceptor: TlsAcceptor,
    /// When the handshake takes place.
    pub start: TlsStart,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("start", &self.start).finish_non_exhaustive()
    }
}

/// When a TLS handshake takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsStart {
    /// Before the greeting, as on port 465 (RFC 8314 section 3.3).
    Implicit,
    /// After STARTTLS, which EHLO announces while the connection is in plaintext.
    Command,
}

/// Runs a session on `stream` with the TLS that the sink offers. A handshake that fails ends it.
pub(super) async fn converse_with<S, M>(
    tls: Option<Tls>,
    mut stream: S,
    mut session: Session<M>,
    idle: Duration,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    M: SmtpHandler,
{
    let Some(Tls { acceptor, start }) = tls else {
        let _end = converse(stream, session, idle).await;
        return;
    };
    let mut greeting = Vec::new();
    if start == TlsStart::Command {
        session.greet(&mut greeting);
        match resume(&mut stream, &mut session, greeting, idle).await {
            End::StartTls => greeting = Vec::new(),
            End::Closed | End::Left | End::Idle | End::Broken(_) => return,
        }
    }
    let Ok(Ok(mut stream)) = timeout(idle, acceptor.accept(stream)).await else { return };
    session.encrypt();
    if start == TlsStart::Implicit {
        session.greet(&mut greeting);
    }
    let _end = resume(&mut stream, &mut session, greeting, idle).await;
}
