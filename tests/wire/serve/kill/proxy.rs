//! Attacks on the proxy: other hosts, broken lines, garbage in the tunnel, clients that never go on.

use tokio::io::AsyncWriteExt;

use super::{MIB, Victim, flood, pour, rest};

/// A request that gets a tunnel.
const GOOD: &[u8] = b"CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com:443\r\n\r\n";

#[tokio::test]
async fn only_the_providers_hosts_get_a_tunnel() {
    let mut victim = Victim::start();
    for (sent, answer) in [
        ("CONNECT example.com:443 HTTP/1.1\r\n\r\n", "403"),
        ("CONNECT 169.254.169.254:80 HTTP/1.1\r\n\r\n", "403"),
        ("CONNECT localhost:22 HTTP/1.1\r\n\r\n", "403"),
        ("CONNECT [::1]:443 HTTP/1.1\r\n\r\n", "403"),
        ("CONNECT api.twilio.com.evil.test:443 HTTP/1.1\r\n\r\n", "403"),
        ("CONNECT evil.test#api.twilio.com:443 HTTP/1.1\r\n\r\n", "4"),
        ("CONNECT api.twilio.com@evil.test:443 HTTP/1.1\r\n\r\n", "4"),
        ("CONNECT api.twilio.com:22 HTTP/1.1\r\n\r\n", "403"),
        ("CONNECT api.twilio.com:99999 HTTP/1.1\r\n\r\n", "4"),
        ("CONNECT api.twilio.com HTTP/1.1\r\n\r\n", "4"),
        ("CONNECT  HTTP/1.1\r\n\r\n", "400"),
        ("CONNECT api.twilio.com:443\r\n\r\n", "400"),
        ("CONNECT api.twilio.com:443 HTTP/1.1\r\nNo colon\r\n\r\n", "400"),
        ("CONNECT api.twilio.com:443 HTTP/1.1\r\n folded: x\r\n\r\n", "400"),
        ("GET http://169.254.169.254/ HTTP/1.1\r\n\r\n", "403"),
        ("\u{0}\u{0}\u{0}\r\n\r\n", "400"),
        ("\u{16}\u{3}\u{1}\u{0}\r\n\r\n", "400"),
    ] {
        let heard = victim.says("proxy", sent.as_bytes()).await;
        assert!(heard.starts_with(&format!("HTTP/1.1 {answer}")), "{sent}: {heard}");
    }
    victim.lives().await;
}

#[tokio::test]
async fn heads_without_an_end_and_garbage_in_the_tunnel_end_alone() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    for start in [&b""[..], b"CONNECT ", b"CONNECT api.twilio.com:443 HTTP/1.1\r\nA: "] {
        let mut stream = victim.connect("proxy").await;
        pour(&mut stream, start).await;
        assert!(flood(&mut stream, &[b'A'; 65_536], 1_600).await < 1_600, "it reads on");
    }
    let many = [&GOOD[..GOOD.len() - 2], &b"A: b\r\n".repeat(100_000)].concat();
    let heard = victim.says("proxy", &many).await;
    assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 431"), "{heard}");
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 40_000], &[0xff; 40_000]] {
        let mut stream = victim.connect("proxy").await;
        pour(&mut stream, &[GOOD, garbage].concat()).await;
        let heard = rest(stream).await;
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 200"), "{heard}");
    }
    victim.assert_grew_less(before, 48 * MIB);
    victim.lives().await;
}

#[tokio::test]
async fn clients_that_never_go_on_leave_room_or_are_told() {
    let mut victim = Victim::start();
    let mut open = Vec::new();
    for nth in 0..256 {
        let mut stream = victim.connect("proxy").await;
        pour(&mut stream, if nth % 2 == 0 { &GOOD[..20] } else { b"" }).await;
        open.push(stream);
    }
    let heard = victim.says("proxy", GOOD).await;
    assert!(heard.starts_with("HTTP/1.1 503"), "{heard}");
    // The other ports know nothing of it.
    victim.lives().await;
    drop(open);
    // The proxy has room again once it has noticed that they left.
    loop {
        let mut stream = victim.connect("proxy").await;
        pour(&mut stream, GOOD).await;
        stream.shutdown().await.unwrap();
        let heard = rest(stream).await;
        if !heard.starts_with("HTTP/1.1 503") {
            assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
            break;
        }
    }
    victim.lives().await;
}
