//! Whether this machine can carry messages at all.
//!
//! A machine without sockets, ports or a loopback interface looks like a service that is down. So it is
//! asked whenever an answer is lost: the trouble of a machine is no finding.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::wire::{WireError, descriptors};

/// Descriptors that must be left, more than all connections and servers of a play take: with fewer, the one that
/// was missing may be free again when it is looked for.
const DESCRIPTORS_MIN: usize = 40;

/// Longest real time of the check.
const TIME_MAX: Duration = Duration::from_secs(5);

/// Sends a byte over a new connection, and looks at the clock.
///
/// # Errors
/// [`WireError::Machine`] if that is not possible, [`WireError::Descriptors`] or [`WireError::Clock`].
pub(crate) async fn check() -> Result<(), WireError> {
    check_clock()?;
    descriptors::check(DESCRIPTORS_MIN)?;
    let sent = timeout(TIME_MAX, send_a_byte()).await;
    sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(WireError::Machine)
}

/// Looks at the clock.
///
/// # Errors
/// [`WireError::Clock`] if it shows a time before Unix time begins.
#[expect(clippy::disallowed_methods, reason = "certificates and signatures need the date of today")]
pub(crate) fn check_clock() -> Result<(), WireError> {
    is_possible(SystemTime::now())
}

fn is_possible(now: SystemTime) -> Result<(), WireError> {
    if now < SystemTime::UNIX_EPOCH { Err(WireError::Clock) } else { Ok(()) }
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

    #[test]
    fn a_clock_before_unix_time_is_told() {
        is_possible(SystemTime::UNIX_EPOCH).unwrap();
        let error = is_possible(SystemTime::UNIX_EPOCH - Duration::from_nanos(1)).unwrap_err();
        assert_eq!(error.to_string(), "the clock of this machine is before 1970; set it");
    }
}
