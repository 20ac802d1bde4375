//! Attacks on the heads of HTTP requests: garbage, lines and headers without an end, clients that leave.

use super::{MIB, Victim, end_of_sending, flood, pour, rest};

/// The ports that speak HTTP, without the proxy.
pub(super) const PORTS: [&str; 3] = ["http", "twilio", "console"];

#[tokio::test]
async fn garbage_gets_400_or_the_end_of_the_connection() {
    let mut victim = Victim::start();
    let long = [b"GET /".repeat(10), vec![0; 1_000]].concat();
    for (sent, status) in [
        (&b"\0\0\0\0\r\n\r\n"[..], "400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400"),
        (b"EHLO a.test\r\n\r\n", "400"),
        (b"GET / HTTP/9.9\r\n\r\n", "400"),
        (b"GET /\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nNo colon\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nA: \0\r\n\r\n", "400"),
        (b"GET /\xff\xfe HTTP/1.1\r\n\r\n", "400"),
        (b"GET http://[::1 HTTP/1.1\r\n\r\n", "400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", "400"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "400"),
        (&long, "400"),
    ] {
        for port in PORTS {
            let mut stream = victim.connect(port).await;
            pour(&mut stream, sent).await;
            end_of_sending(&mut stream).await;
            let heard = rest(stream).await;
            let told = heard.strip_prefix("HTTP/1.1 ").unwrap_or_default();
            let what = String::from_utf8_lossy(sent);
            assert!(heard.is_empty() || told.starts_with(status), "{port}: {what}: {heard}");
        }
    }
    victim.lives().await;
}

#[tokio::test]
async fn heads_without_an_end_are_refused() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    let lines = b"X-Header: value\r\n".repeat(4_096);
    for port in PORTS {
        for (start, chunk) in [
            (&b"GET /"[..], &[b'a'; 65_536][..]),
            (b"GET / HTTP/1.1\r\nA: ", &[b'a'; 65_536]),
            (b"", &[b'A'; 65_536]),
            (b"GET / HTTP/1.1\r\n", &lines),
        ] {
            let mut stream = victim.connect(port).await;
            pour(&mut stream, start).await;
            // 10 MiB, or 600,000 headers.
            let sent = flood(&mut stream, chunk, 160).await;
            assert!(sent < 160, "{port} reads on: {}", String::from_utf8_lossy(start));
            let heard = rest(stream).await;
            let refused = ["", "HTTP/1.1 414", "HTTP/1.1 431", "HTTP/1.1 400"];
            assert!(refused.contains(&heard.get(..12).unwrap_or_default()), "{port}: {heard}");
        }
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(100_000));
        let heard = victim.says(port, many.as_bytes()).await;
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 431"), "{port}: {heard}");
    }
    victim.assert_grew_less(before, 48 * MIB);
    victim.lives().await;
}

#[tokio::test]
async fn clients_that_leave_in_the_middle_are_forgotten() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    for nth in 0..300 {
        for port in PORTS {
            let mut stream = victim.connect(port).await;
            let sent: &[u8] = match nth % 4 {
                0 => b"GE",
                1 => b"GET /ready HTTP/1.1\r\nHost: localhost\r\n",
                2 => b"POST /control/v1/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
                // Whole requests, whose answers nobody reads.
                _ => b"GET /control/v1/trace HTTP/1.1\r\nHost: localhost\r\n\r\nGET /control/v1/phones/34600000001/wait HTTP/1.1\r\nHost: localhost\r\n\r\n",
            };
            pour(&mut stream, sent).await;
        }
    }
    victim.assert_grew_less(before, 48 * MIB);
    victim.lives().await;
}
