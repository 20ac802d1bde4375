//! Garbage where TLS is expected: SMTPS, STARTTLS, and what a man in the middle could put in front.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{MIB, PATIENCE, Victim, flood, pour, rest};

/// What is no TLS record, or one that is not complete or too long.
const GARBAGE: [&[u8]; 7] = [
    b"EHLO a.test\r\nMAIL FROM:<>\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    &[0; 4_096],
    &[0xff; 40_000],
    // A handshake record whose client hello is longer than the record, one that is empty, and an alert.
    b"\x16\x03\x01\x00\x05\x01\xff\xff\xff\x03",
    b"\x16\x03\x01\x00\x00",
    b"\x15\x03\x01\x00\x02\x02\x28",
];

#[tokio::test]
async fn garbage_instead_of_tls_ends_its_connection_alone() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    for garbage in GARBAGE {
        let mut stream = victim.connect("smtps").await;
        pour(&mut stream, garbage).await;
        ends(stream).await;
        let mut stream = victim.connect("smtp").await;
        pour(&mut stream, b"EHLO a.test\r\nSTARTTLS\r\n").await;
        let greeting = read_to(&mut stream, "220 2.0.0 begin the TLS handshake\r\n").await;
        assert!(greeting.contains("250-STARTTLS\r\n"), "{greeting}");
        pour(&mut stream, garbage).await;
        ends(stream).await;
    }
    // A record that never ends.
    for (port, start) in [("smtps", &b""[..]), ("smtp", b"STARTTLS\r\n")] {
        let mut stream = victim.connect(port).await;
        pour(&mut stream, &[start, b"\x16\x03\x01\x3f\xff"].concat()).await;
        assert!(flood(&mut stream, &[1; 65_536], 1_600).await < 1_600, "it reads for ever");
    }
    victim.assert_grew_less(before, 32 * MIB);
    victim.lives().await;
}

#[tokio::test]
async fn commands_behind_starttls_are_never_obeyed() {
    let mut victim = Victim::start();
    let injected =
        b"EHLO a.test\r\nSTARTTLS\r\nMAIL FROM:<eve@b.test>\r\nRCPT TO:<zoe@b.test>\r\nDATA\r\nHi\r\n.\r\n";
    let mut stream = victim.connect("smtp").await;
    pour(&mut stream, injected).await;
    read_to(&mut stream, "220 2.0.0 begin the TLS handshake\r\n").await;
    pour(&mut stream, b"QUIT\r\n").await;
    ends(stream).await;
    assert_eq!(victim.get("/control/v1/messages?to=zoe@b.test").await["count"], 0);
    victim.lives().await;
}

/// What the server says up to this text.
async fn read_to(stream: &mut TcpStream, end: &str) -> String {
    let mut heard = String::new();
    while !heard.ends_with(end) {
        let byte = timeout(PATIENCE, stream.read_u8()).await.unwrap();
        heard.push(char::from(byte.unwrap()));
    }
    heard
}

/// Fails unless the server closes without an answer, besides an alert of TLS.
async fn ends(mut stream: TcpStream) {
    let _closed_already = stream.shutdown().await;
    let heard = rest(stream).await;
    assert!(heard.len() <= 16 && !heard.contains("250"), "{heard:?}");
}
