//! One connection to the proxy: head, answer, TLS, and the bytes of its requests.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::{self, AlertDescription};

use crate::wire::proxy::certificates::Certificates;
use crate::wire::proxy::splice::{Spliced, splice};
use crate::wire::proxy::{Head, ProxyEnd, ProxyLimits, Refusal};
use crate::wire::quick_ack::QuickAck;
use crate::wire::token::Token;

/// The answer that begins a tunnel.
const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// Real time for a connection to the server; it is on this machine.
const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(5);

/// Real time that a refused client has to read its answer and close.
const FAREWELL: Duration = Duration::from_secs(1);

/// The maximum number of bytes of a refused client that are read and discarded.
const DISCARDED_MAX: u64 = 1_024 * 1_024;

/// Why a handshake failed that did not fail otherwise.
pub(super) const TOO_LONG: &str = "the handshake took too long";

/// The same, if the client closed the connection. Node does so when it does not trust a certificate,
/// but so does any client that ends.
const HUNG_UP: &str = "it hung up during the handshake; it may not trust lostkey's certificate authority";

/// What all connections of a proxy share.
pub(super) struct Tunnels {
    pub(super) certificates: Certificates,
    pub(super) upstream: SocketAddr,
    pub(super) limits: ProxyLimits,
    pub(super) token: Option<Token>,
}

impl Tunnels {
    /// Serves a connection until it ends.
    pub(super) async fn serve(&self, stream: TcpStream) -> ProxyEnd {
        // Answers are written whole, so Nagle's algorithm gains nothing; it also works with it.
        let _ = stream.set_nodelay(true);
        // What a client sends after its head stays in the buffer, and is read as the beginning of TLS.
        let mut client = BufReader::new(QuickAck::new(stream));
        let host = match timeout(self.limits.head, read_head(&mut client, self.token.clone())).await {
            Ok(Ok(Some(Ok(host)))) => host,
            Ok(Ok(Some(Err(refusal)))) => return refuse(client, refusal).await,
            Ok(Ok(None) | Err(_)) => return ProxyEnd::Left,
            Err(_) => return refuse(client, Refusal::Slow).await,
        };
        let connected = timeout(UPSTREAM_TIMEOUT, TcpStream::connect(self.upstream)).await;
        let Ok(Ok(mut upstream)) = connected else {
            return refuse(client, Refusal::Unavailable).await;
        };
        // Requests are forwarded as they arrive, often in several parts.
        let _ = upstream.set_nodelay(true);
        self.carry(client, &mut upstream, host).await
    }

    /// Ends TLS, and carries bytes to and from the server.
    async fn carry(
        &self,
        mut client: BufReader<QuickAck>,
        upstream: &mut TcpStream,
        host: String,
    ) -> ProxyEnd {
        let begin = async {
            let acceptor = self.certificates.acceptor(&host).map_err(io::Error::other)?;
            client.write_all(ESTABLISHED).await?;
            acceptor.accept(client).await
        };
        match timeout(self.limits.handshake, begin).await {
            Ok(Ok(stream)) => match splice(stream, upstream, self.limits.idle).await {
                Spliced::Closed => ProxyEnd::Served(host),
                Spliced::Idle => ProxyEnd::Idle(host),
            },
            Ok(Err(error)) if is_distrust(&error) => ProxyEnd::Untrusted(host),
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                ProxyEnd::NoTls { host, why: HUNG_UP.to_owned() }
            }
            Ok(Err(error)) => ProxyEnd::NoTls { host, why: error.to_string() },
            Err(_) => ProxyEnd::NoTls { host, why: TOO_LONG.to_owned() },
        }
    }
}

/// Reads the head of a request; `None` if the client leaves before.
async fn read_head<S>(
    client: &mut BufReader<S>,
    token: Option<Token>,
) -> io::Result<Option<Result<String, Refusal>>>
where
    S: AsyncRead + Unpin,
{
    let mut head = Head::guarded(token);
    loop {
        let bytes = client.fill_buf().await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let (taken, verdict) = head.receive(bytes);
        client.consume(taken);
        if verdict.is_some() {
            return Ok(verdict);
        }
    }
}

/// Answers, and waits briefly for the client to close: a socket that is closed with unread bytes
/// resets the connection, and the client may lose the answer.
pub(super) async fn refuse<S>(mut client: S, refusal: Refusal) -> ProxyEnd
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let farewell = async {
        client.write_all(refusal.response().as_bytes()).await?;
        client.shutdown().await?;
        tokio::io::copy(&mut client.take(DISCARDED_MAX), &mut tokio::io::sink()).await
    };
    // The refusal stands, whether the client hears it or not.
    let _ = timeout(FAREWELL, farewell).await;
    ProxyEnd::Refused(refusal)
}

/// Whether the client ended the handshake because of the certificate.
fn is_distrust(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(
        inner,
        Some(rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
        ))
    )
}
