//! Emails that are hard to read: deep nesting, endless headers, broken encodings. Everything that the server can be
//! asked about them is answered, and while it reads, it answers others.

use super::{MIB, Victim, mail};

/// The head of a hostile email.
fn head(more: &str) -> String {
    format!("From: app@app.test\r\nSubject: hostile\r\n{more}")
}

/// Parts within parts, or messages within messages.
fn nested(kind: &str, depth: usize) -> String {
    let opened = |nth: usize| format!("Content-Type: {kind}; boundary=b{nth}\r\n\r\n--b{nth}\r\n");
    head(&(0..depth).map(opened).collect::<String>()) + "\r\nYour code is 123456\r\n"
}

/// One hostile email of each kind.
fn hostile() -> Vec<(&'static str, String)> {
    let mixed =
        |part: &str| head(&format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{part}--b--\r\n"));
    let html = |body: String| head(&format!("Content-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n"));
    let lines = |line: &str, times: usize| format!("{line}\r\n").repeat(times);
    let base64 = "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    vec![
        ("10,000 parts deep", nested("multipart/mixed", 10_000)),
        ("10,000 messages deep", nested("message/rfc822", 10_000)),
        ("10,000 digests deep", nested("multipart/digest", 10_000)),
        (
            "10,000 parts deep with one boundary",
            head(&lines("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b", 10_000)),
        ),
        ("100,000 headers", head(&lines("X-Header: value", 100_000)) + "\r\nHi"),
        (
            "100,000 recipients in a header",
            head(&format!("To: {}\r\n\r\nHi", lines("zoe@a.test,", 100_000).replace('\n', "\n "))),
        ),
        (
            "a header of 4 MiB",
            head(&format!("X-Long: {}end\r\n\r\nHi", lines("x y z", 600_000).replace('\n', "\n "))),
        ),
        ("a header without an end", head("X-Open")),
        ("bad base64", head(&format!("{base64}{}", lines("====!!é=AAAA=A", 50_000)))),
        (
            "bad quoted-printable",
            head(&format!(
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
                lines("=ZZ=0=\u{0}==", 50_000)
            )),
        ),
        (
            "an unknown charset",
            head("Content-Type: text/plain; charset=\"klingon-8\u{0}\"\r\n\r\n\u{e9}\u{ff}\r\n"),
        ),
        (
            "a charset of another width",
            head(&format!("Content-Type: text/plain; charset=utf-16\r\n\r\n{}", lines("\u{d7}ab", 50_000))),
        ),
        (
            "a stateful charset",
            head(&format!(
                "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n{}",
                lines("\u{1b}$B\u{1b}(", 50_000)
            )),
        ),
        (
            "words of bad charsets",
            head(&format!(
                "To: {}\r\n\r\nHi",
                lines("=?utf-7?B?+AAA=?= =?x?Q?=GG?=,", 20_000).replace('\n', "\n ")
            )),
        ),
        (
            "10,000 attachments",
            mixed(&lines("--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx", 10_000)),
        ),
        ("100,000 boundaries", mixed(&lines("--b", 100_000))),
        ("open elements", html(lines("<div><b><a href=http://a.test><table><tr>", 20_000))),
        ("crossed elements", html(lines("<a><b><i></a><p></b>", 20_000))),
        ("links", html(lines("<a href=http://a.test/123456>http://b.test</a>", 20_000))),
        (
            "codes",
            head(&format!("\r\n{}", lines("Your code is 123456 or 654-321, http://a.test/?code=1", 50_000))),
        ),
        ("digits", head(&format!("\r\n{}", lines(&"1 2 ".repeat(100), 2_000)))),
        ("zeros", head(&format!("\r\n{}", lines(&"\u{0}".repeat(500), 1_000)))),
        ("nothing", String::new()),
        ("only dots", lines("..", 100_000)),
    ]
}

#[tokio::test]
async fn emails_that_are_hard_to_read_are_read_or_shown_as_they_are() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    for (what, raw) in hostile() {
        // To anybody, and to a person of the story, whose mail goes through the world.
        for to in ["zoe@a.test", "ana@example.com"] {
            let heard = victim.says("smtp", mail(to, &raw).as_bytes()).await;
            assert!(heard.ends_with("250 2.0.0 taken\r\n221 2.0.0 goodbye\r\n"), "{what}: {heard}");
            victim.advance("1m").await;
            read_all(&victim, what, to).await;
        }
        victim.ask("DELETE", "/api/v1/messages", &serde_json::Value::Null).await;
        assert!(victim.child.try_wait().unwrap().is_none(), "{what}: the process has ended");
    }
    victim.assert_grew_less(before, 200 * MIB);
    victim.lives().await;
}

/// Asks everything that can be asked about the newest email, while others are served.
async fn read_all(victim: &Victim, what: &str, to: &str) {
    let wait = format!("/control/v1/messages/wait?to={to}&since=0&timeout=0");
    let (found, ()) = tokio::join!(victim.get(&wait), victim.is_ready());
    let id = found["message"]["ID"].as_str().unwrap().to_owned();
    for path in [
        "/control/v1/messages?contains=code".to_owned(),
        format!("/control/v1/messages/{id}/links"),
        format!("/control/v1/messages/{id}/codes"),
        format!("/control/v1/messages/{id}/transcript"),
        format!("/api/v1/message/{id}"),
        format!("/api/v1/message/{id}/headers"),
        "/api/v1/messages".to_owned(),
        "/api/v1/search?query=code%20has:attachment".to_owned(),
    ] {
        let (answer, ()) =
            tokio::join!(victim.ask("GET", &path, &serde_json::Value::Null), victim.is_ready());
        assert_eq!(answer.0, 200, "{what}: {path}: {}", answer.1);
    }
    for path in [
        format!("/api/v1/message/{id}/raw"),
        format!("/api/v1/message/{id}/part/1"),
        format!("/api/v1/message/{id}/part/9.9.9.9"),
        format!("/view/{id}.html"),
        format!("/view/{id}.txt"),
    ] {
        let url = format!("http://{}{path}", victim.at("http"));
        let status = victim.client.get(url).send().await.unwrap().status();
        assert!(status == 200 || status == 404, "{what}: {path}: {status}");
    }
}
