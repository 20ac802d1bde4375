//! Faults of emails to any address.

use lostkey::ServeClock;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Rig;

/// Sends an email in one SMTP session, commands and text at once; returns the replies after EHLO's.
async fn talk(rig: &Rig, to: &str, subject: &str) -> Vec<String> {
    let mut stream = TcpStream::connect(&rig.server.ports().smtp).await.unwrap();
    let said = format!(
        "EHLO app.test\r\nMAIL FROM:<app@app.test>\r\nRCPT TO:<{to}>\r\nDATA\r\nSubject: {subject}\r\n\r\nHi\r\n.\r\nQUIT\r\n"
    );
    stream.write_all(said.as_bytes()).await.unwrap();
    let mut replies = Vec::new();
    // A connection that is closed with unread bytes ends with an error.
    let _ended = stream.read_to_end(&mut replies).await;
    let replies = String::from_utf8(replies).unwrap();
    let after_hello = replies.split("\r\n").skip_while(|line| !line.starts_with("250 ")).skip(1);
    after_hello.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The subjects of the emails to an address, in the order of arrival.
async fn arrived(rig: &Rig, to: &str) -> Vec<String> {
    let url = format!("{}/api/v1/search?query=addressed:{to}", rig.server.ports().http);
    let text = rig.client.get(url).send().await.unwrap().text().await.unwrap();
    let found: Value = serde_json::from_str(&text).unwrap();
    let messages = found["messages"].as_array().unwrap();
    messages.iter().rev().map(|message| message["Subject"].as_str().unwrap().to_owned()).collect()
}

async fn rig_with(faults: Value) -> Rig {
    let rig = Rig::start(ServeClock::Manual).await;
    let (status, body) = rig.control("PUT", "/faults", &faults).await;
    assert_eq!((status, &body["faults"]), (200, &faults), "{body}");
    rig
}

#[tokio::test]
async fn an_email_to_any_address_is_delayed_lost_doubled_and_overtaken() {
    for (does, on, after_a_minute, in_the_end) in [
        (json!({ "mail-late": { "by": "20m" } }), None, &[][..], &["one", "two"][..]),
        (json!("mail-lost"), None, &[], &[]),
        (json!("mail-lost"), Some("2"), &["one"], &["one"]),
        (json!({ "mail-twice": { "after": "5m" } }), None, &["one", "two"], &["one", "two", "one", "two"]),
        (json!({ "mail-late": { "by": "20m" } }), Some("1"), &["two"], &["two", "one"]),
    ] {
        let mut fault = json!({ "does": does, "to": "*@shop.test" });
        if let Some(on) = on {
            fault["on"] = on.parse::<u16>().unwrap().into();
        }
        let rig = rig_with(json!([fault])).await;
        for subject in ["one", "two"] {
            assert_eq!(talk(&rig, "zoe@shop.test", subject).await[3], "250 2.0.0 taken");
        }
        // Nothing goes wrong with the emails to others.
        talk(&rig, "zoe@else.test", "three").await;
        assert_eq!(arrived(&rig, "zoe@else.test").await, ["three"]);
        rig.advance("1m").await;
        assert_eq!(arrived(&rig, "zoe@shop.test").await, after_a_minute, "{fault}");
        rig.advance("1h").await;
        assert_eq!(arrived(&rig, "zoe@shop.test").await, in_the_end, "{fault}");
    }
}

#[tokio::test]
async fn a_bounced_email_comes_back_as_a_report_to_its_sender() {
    let rig = rig_with(json!([{ "does": "mail-bounced", "to": "zoe@shop.test" }])).await;
    assert_eq!(talk(&rig, "zoe@shop.test", "Code").await[3], "250 2.0.0 taken");
    rig.advance("10m").await;
    let report = rig.get("/messages/wait?to=app@app.test&since=0&timeout=0").await;
    assert_eq!(report["message"]["Subject"], "Undelivered mail returned to sender");
    let id = report["message"]["ID"].as_str().unwrap();
    let url = format!("{}/api/v1/message/{id}", rig.server.ports().http);
    let text = rig.client.get(&url).send().await.unwrap().text().await.unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole["ReturnPath"], "", "a report has the null return path");
    let raw = rig.client.get(format!("{url}/raw")).send().await.unwrap().text().await.unwrap();
    assert!(raw.contains("Final-Recipient: rfc822; zoe@shop.test\r\nAction: failed\r\n"), "{raw}");
    assert!(raw.contains("Subject: Code\r\n"), "the header of the original comes back: {raw}");
    assert_eq!(arrived(&rig, "zoe@shop.test").await, [""; 0]);
}

#[tokio::test]
async fn greylisting_remembers_who_has_waited() {
    let greylist = json!({ "mail-refused": { "code": 450, "taken-after": "5m" } });
    let rig = rig_with(json!([{ "does": greylist }])).await;
    for (wait, to, reply) in [
        ("1s", "zoe@shop.test", "450 4.7.1 greylisted, try again later"),
        ("4m", "zoe@shop.test", "450 4.7.1 greylisted, try again later"),
        ("1m", "yan@shop.test", "450 4.7.1 greylisted, try again later"),
        ("1s", "zoe@shop.test", "250 2.1.5 recipient noted"),
        ("5m", "yan@shop.test", "250 2.1.5 recipient noted"),
        // A person of the story is greylisted like anybody else.
        ("1s", "ana@example.com", "450 4.7.1 greylisted, try again later"),
        ("5m", "ana@example.com", "250 2.1.5 recipient noted"),
    ] {
        rig.advance(wait).await;
        assert_eq!(talk(&rig, to, "Code").await[1], reply, "{to} after {wait}");
    }
    rig.advance("1m").await;
    for to in ["zoe@shop.test", "yan@shop.test", "ana@example.com"] {
        assert_eq!(arrived(&rig, to).await, ["Code"], "{to}");
    }
}

#[tokio::test]
async fn a_connection_is_closed_where_the_fault_says() {
    let (mail, rcpt, data) = ("250 2.1.0", "250 2.1.5", "354 send");
    for (fields, heard, arrives) in [
        (json!({ "taken": false, "at": "recipient" }), &[mail][..], 0),
        (json!({ "taken": false, "at": "data" }), &[mail, rcpt], 0),
        (json!({ "taken": false, "at": "text" }), &[mail, rcpt, data], 0),
        (json!({ "taken": false }), &[mail, rcpt, data], 0),
        (json!({ "taken": true }), &[mail, rcpt, data], 1),
    ] {
        for to in ["zoe@shop.test", "ana@example.com"] {
            let rig = rig_with(json!([{ "does": { "mail-cut": fields }, "to": to, "on": 1 }])).await;
            let replies = talk(&rig, to, "one").await;
            let same = replies.iter().zip(heard).all(|(reply, begins)| reply.starts_with(begins));
            assert!(same && replies.len() == heard.len(), "{fields}: {replies:?}");
            // The sender tries again.
            assert_eq!(talk(&rig, to, "one").await[3], "250 2.0.0 taken");
            rig.advance("1m").await;
            assert_eq!(arrived(&rig, to).await.len(), arrives + 1, "{fields} {to}");
            let trace = rig.get("/trace").await.to_string();
            assert_eq!(trace.matches("mail-cut").count(), 1, "{fields}: {trace}");
        }
    }
}

#[tokio::test]
async fn an_email_can_arrive_although_its_sender_hears_an_error() {
    let does = json!({ "mail-refused": { "code": 451, "taken": true } });
    for to in ["zoe@shop.test", "ana@example.com"] {
        let rig = rig_with(json!([{ "does": does, "to": to, "on": 1 }])).await;
        assert_eq!(talk(&rig, to, "one").await[3], "451 4.3.0 local error in processing, try again later");
        assert_eq!(talk(&rig, to, "one").await[3], "250 2.0.0 taken");
        rig.advance("1m").await;
        assert_eq!(arrived(&rig, to).await, ["one", "one"], "the sender's retry gives a second email");
    }
}

#[tokio::test]
async fn a_refusal_has_the_words_of_a_large_provider() {
    for (host, code, reply) in [
        ("google", 452, "452 4.2.2 This inbox is out of storage space; try again later - gsmtp"),
        ("microsoft", 550, "550 5.4.1 The recipient address is rejected: access denied [protection.test]"),
        ("yahoo", 421, "421 4.7.0 [TSS04] Mail from this address is deferred because of complaints"),
        ("yahoo", 450, "450 4.2.1 mailbox busy or greylisted, try again later"),
    ] {
        let does = json!({ "mail-refused": { "code": code, "like": host } });
        let rig = rig_with(json!([{ "does": does, "to": "zoe@shop.test" }])).await;
        assert_eq!(talk(&rig, "zoe@shop.test", "Code").await[1], reply, "{host} {code}");
    }
}

#[tokio::test]
async fn what_is_no_fault_of_an_address_is_refused() {
    let rig = Rig::start(ServeClock::Manual).await;
    for (fault, says) in [
        (json!({ "does": "call-busy", "to": "zoe@shop.test" }), "`to` is an address of emails"),
        (json!({ "does": "mail-lost", "to": "zoe" }), "is not an address"),
        (json!({ "does": "mail-lost", "to": "zoe @shop.test" }), "is not an address"),
        (json!({ "does": { "mail-cut": { "taken": true, "at": "data" } } }), "cannot be taken before"),
        (
            json!({ "does": { "mail-refused": { "code": 450, "taken": true, "taken-after": "5m" } } }),
            "is not taken after a wait",
        ),
        (json!({ "does": { "mail-refused": { "code": 450, "like": "aol" } } }), "aol"),
    ] {
        let (status, body) = rig.control("PUT", "/faults", &json!([fault])).await;
        let error = body["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(says), "{fault}: {status} {error}");
    }
}
