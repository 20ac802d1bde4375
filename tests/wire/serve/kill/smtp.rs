//! Attacks on SMTP in plaintext: garbage, lines without an end, floods, clients that never send or never read.

use super::{MIB, Victim, clog, flood, mail, pour, rest};

/// 64 KiB without a line end.
static CHUNK: [u8; 65_536] = [b'A'; 65_536];

/// How many chunks make 100 MiB.
const CHUNKS: usize = 1_600;

#[tokio::test]
async fn commands_that_are_none_get_an_answer_each() {
    let mut victim = Victim::start();
    let long = format!("NOOP {}\r\n", "x".repeat(13_000));
    for (sent, answer) in [
        (&b"\0\0\0\0\r\n"[..], "500 5.5.2 a command must be printable UTF-8"),
        (b"\xff\xfe\r\n", "500 5.5.2 a command must be printable UTF-8"),
        (b"GET / HTTP/1.1\r\n", "500 5.5.1 unknown command"),
        (b"\r\n", "500 5.5.1 unknown command"),
        (b"NOOP\n", "500 5.5.2 a line must end in CRLF"),
        (b"DATA\r\n", "503 5.5.1 no recipient was accepted"),
        (b"RCPT TO:<a@b.test>\r\n", "503 5.5.1 send MAIL first"),
        (b"MAIL FROM:<a@b.test\r\n", "501"),
        (b"EHLO a.test\r\nMAIL FROM:<a@b.test> SIZE=99999999999999999999\r\n", "552 5.3.4"),
        (b"EHLO a.test\r\nMAIL FROM:<a@b.test> SIZE=99999999999\r\n", "552 5.3.4"),
        (b"AUTH PLAIN ====\r\n", "503 5.5.1 send EHLO first"),
        (b"EHLO a.test\r\nAUTH PLAIN ====\r\n", "501 5.5.2"),
        (b"EHLO a.test\r\nAUTH LOGIN\r\n\xff\xff\r\n", "500 5.5.6"),
        (long.as_bytes(), "500 5.5.2 line too long"),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n", "500 5.5.2 a command must be printable UTF-8"),
    ] {
        let heard = victim.says("smtp", &[sent, b"QUIT\r\n"].concat()).await;
        let (before_quit, quit) = heard.trim_end().rsplit_once("\r\n").unwrap();
        let last = before_quit.rsplit("\r\n").next().unwrap();
        assert!(last.starts_with(answer), "{:?}: {heard}", String::from_utf8_lossy(sent));
        assert_eq!(quit, "221 2.0.0 goodbye");
    }
    victim.lives().await;
}

#[tokio::test]
async fn a_line_of_100_mib_is_one_bad_line() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    let mut stream = victim.connect("smtp").await;
    assert_eq!(flood(&mut stream, &CHUNK, CHUNKS).await, CHUNKS);
    victim.is_ready().await;
    pour(&mut stream, b"\r\nQUIT\r\n").await;
    assert!(rest(stream).await.ends_with("500 5.5.2 line too long\r\n221 2.0.0 goodbye\r\n"));
    let mut stream = victim.connect("smtp").await;
    pour(&mut stream, b"HELO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\n").await;
    assert_eq!(flood(&mut stream, &CHUNK, CHUNKS).await, CHUNKS);
    pour(&mut stream, b"\r\n.\r\nQUIT\r\n").await;
    let heard = rest(stream).await;
    assert!(heard.contains("500 5.5.2 a line may have at most 262144 octets\r\n221"), "{heard}");
    victim.assert_grew_less(before, 16 * MIB);
    victim.lives().await;
}

#[tokio::test]
async fn a_message_without_an_end_is_dropped_at_the_limit() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    let line = [&[b'x'; 32_766][..], b"\r\n"].concat();
    let start = b"HELO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<zoe@b.test>\r\nDATA\r\n";
    for _ in 0..2 {
        let mut stream = victim.connect("smtp").await;
        pour(&mut stream, start).await;
        assert_eq!(flood(&mut stream, &line, 3_200).await, 3_200);
        victim.is_ready().await;
        pour(&mut stream, b".\r\nNOOP\r\nQUIT\r\n").await;
        let heard = rest(stream).await;
        assert!(heard.contains("552 5.3.4 a message may have at most 52428800 octets\r\n250"), "{heard}");
    }
    // Half a message of a client that leaves is nobody's, and its memory is free.
    for _ in 0..20 {
        let mut stream = victim.connect("smtp").await;
        pour(&mut stream, start).await;
        assert_eq!(flood(&mut stream, &line, 320).await, 320);
    }
    // The text of one message may be held twice while its buffer grows.
    victim.assert_grew_less(before, 170 * MIB);
    assert_eq!(victim.get("/control/v1/messages?to=zoe@b.test").await["count"], 0);
    victim.lives().await;
}

#[tokio::test]
async fn hundreds_of_connections_that_say_nothing_keep_nobody_waiting() {
    let mut victim = Victim::start();
    let mut open = Vec::new();
    for nth in 0..300 {
        let mut stream = victim.connect(if nth % 3 == 0 { "smtps" } else { "smtp" }).await;
        if nth % 3 == 1 {
            // Half a command, or half a TLS greeting.
            pour(&mut stream, b"MAIL FR").await;
        }
        open.push(stream);
    }
    victim.lives().await;
    drop(open);
    victim.lives().await;
}

#[tokio::test]
async fn clients_that_do_not_read_hold_little_and_keep_nobody_waiting() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    let mut open = Vec::new();
    for _ in 0..30 {
        let mut stream = victim.connect("smtp").await;
        pour(&mut stream, b"HELO a.test\r\n").await;
        open.push(stream);
    }
    let commands = b"MAIL FROM:<a@b.test>\r\nRSET\r\n".repeat(2_000);
    // The server reads on while there is room for its replies, and then no more.
    let mut before_them = usize::MAX;
    for _ in 0..50 {
        let sent: usize = open.iter().map(|stream| clog(stream, &commands)).sum();
        victim.is_ready().await;
        if std::mem::replace(&mut before_them, sent) == 0 && sent == 0 {
            break;
        }
    }
    victim.lives().await;
    victim.assert_grew_less(before, 48 * MIB);
}

#[tokio::test]
async fn floods_of_commands_end_and_floods_of_emails_are_taken() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    let mut stream = victim.connect("smtp").await;
    let (read, mut write) = stream.split();
    let many = b"NOOP\r\n".repeat(100_000);
    let (heard, ()) = tokio::join!(rest(read), pour(&mut write, &many));
    assert_eq!(heard.matches("250 2.0.0 nothing done\r\n").count(), 1_000);
    assert!(heard.len() < 40_000);
    let one = mail("zoe@b.test", "Subject: flood\r\n\r\nHi");
    let (hello, rest_of_it) = one.split_once("MAIL").unwrap();
    let (transaction, quit) = rest_of_it.rsplit_once("QUIT").unwrap();
    let all = format!("{hello}{}QUIT{quit}", format!("MAIL{transaction}").repeat(1_000));
    let mut stream = victim.connect("smtp").await;
    let (read, mut write) = stream.split();
    let (heard, ()) = tokio::join!(rest(read), pour(&mut write, all.as_bytes()));
    assert_eq!(heard.matches("250 2.0.0 taken\r\n").count(), 1_000);
    assert_eq!(victim.get("/control/v1/messages?to=zoe@b.test").await["count"], 1_000);
    victim.assert_grew_less(before, 64 * MIB);
    victim.lives().await;
}
