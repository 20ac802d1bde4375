//! Whether this machine can carry messages at all.
//!
//! A machine without sockets, ports or a loopback interface looks like a service that is down. So it is
//! asked whenever an answer is lost: the trouble of a machine is no finding.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::wire::WireError;

/// Longest real time of the check.
const TIME_MAX: Duration = Duration::from_secs(5);

/// Sends a byte over a new connection.
///
/// # Errors
/// [`WireError::Machine`] if that is not possible.
pub(crate) async fn check() -> Result<(), WireError> {
    let sent = timeout(TIME_MAX, send_a_byte()).await;
    sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(WireError::Machine)
}

async fn send_a_byte() -> io::Result<()> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let (connected, accepted) = tokio::join!(TcpStream::connect(listener.local_addr()?), listener.accept());
    let (mut client, (mut server, _)) = (connected?, accepted?);
    client.write_all(b".").await?;
    server.read_u8().await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn this_machine_can_carry_messages() {
        check().await.unwrap();
    }
}
