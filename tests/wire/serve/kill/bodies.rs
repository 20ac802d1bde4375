//! Attacks on the bodies of HTTP requests, and requests that wait: slow, endless, broken, and very many.

use std::sync::Arc;

use futures::future::join_all;
use serde_json::Value;

use super::http::PORTS;
use super::{MIB, Victim, end_of_sending, flood, pour, rest};

#[tokio::test]
async fn bodies_that_never_come_keep_nobody_waiting() {
    let mut victim = Victim::start();
    let mut open = Vec::new();
    for nth in 0..300 {
        let mut stream = victim.connect(PORTS[nth % 3]).await;
        let sent: &[u8] = match nth / 3 % 4 {
            0 => b"",
            1 => b"POST /control/v1/clock/advance HTTP/1.1\r\nHost: localhost\r\nContent-Le",
            2 => {
                b"POST /control/v1/clock/advance HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
            }
            _ => b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        };
        pour(&mut stream, sent).await;
        open.push(stream);
    }
    victim.lives().await;
    // One more byte each.
    for stream in &mut open {
        pour(stream, b" ").await;
    }
    victim.lives().await;
}

#[tokio::test]
async fn broken_chunks_are_refused() {
    let mut victim = Victim::start();
    let head = "POST /control/v1/faults HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    for chunks in [
        "zz\r\n[]\r\n0\r\n\r\n",
        "-1\r\n[]\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n[]",
        "2\r\n[]garbage\r\n0\r\n\r\n",
        "2;ext=\0\r\n[]\r\n",
        "\r\n\r\n\r\n",
    ] {
        for port in PORTS {
            let mut stream = victim.connect(port).await;
            pour(&mut stream, format!("{head}{chunks}").as_bytes()).await;
            end_of_sending(&mut stream).await;
            let heard = rest(stream).await;
            assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 4"), "{port}: {chunks:?}: {heard}");
        }
    }
    victim.lives().await;
}

#[tokio::test]
async fn bodies_without_an_end_are_refused_at_the_limit() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    let calls = format!("/2010-04-01/Accounts/{}/Calls.json", super::ACCOUNT);
    for (port, path) in [
        ("http", "/control/v1/clock/advance"),
        ("http", "/api/v1/messages"),
        ("http", "/control/v1/sandboxes"),
        ("twilio", calls.as_str()),
        ("console", "/sign-in/password"),
    ] {
        for length in ["Content-Length: 104857600", "Transfer-Encoding: chunked"] {
            let method = if path == "/api/v1/messages" { "PUT" } else { "POST" };
            let mut stream = victim.connect(port).await;
            let user = "Authorization: Basic QUNhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE6eA==";
            let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{user}\r\n{length}\r\n\r\n");
            pour(&mut stream, head.as_bytes()).await;
            let chunk = [b"10000\r\n".as_slice(), &[b' '; 65_536], b"\r\n"].concat();
            let sent = flood(&mut stream, &chunk, 1_600).await;
            assert!(sent < 400, "{path} reads on: {sent}");
            let heard = rest(stream).await;
            // The answer may be lost with the bytes that nobody reads.
            assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 413"), "{port} {path}: {heard}");
        }
    }
    victim.assert_grew_less(before, 48 * MIB);
    victim.lives().await;
}

#[tokio::test]
async fn two_hundred_waits_keep_nobody_waiting() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    let asked = |nth: u32| match nth % 3 {
        0 => format!("/control/v1/phones/34699{nth:06}/wait?timeout=60"),
        1 => format!("/control/v1/phones/34699{nth:06}/texts/wait?timeout=60"),
        _ => format!("/control/v1/messages/wait?to=w{nth}@a.test&since=0&timeout=60"),
    };
    let client = Arc::new(victim.client.clone());
    let base = format!("http://{}", victim.at("http"));
    let waits = (0..200).map(|nth| {
        let (client, url) = (Arc::clone(&client), format!("{base}{}", asked(nth)));
        async move { client.get(url).send().await.unwrap().status().as_u16() }
    });
    let mut waits = std::pin::pin!(join_all(waits));
    tokio::select! {
        done = &mut waits => panic!("a wait has ended: {done:?}"),
        () = victim.lives() => {}
    }
    victim.assert_grew_less(before, 48 * MIB);
    let count = victim.get("/control/v1/messages?to=w2@a.test").await["count"].clone();
    assert_eq!(count, Value::from(0));
    victim.lives().await;
}
