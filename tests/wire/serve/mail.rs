//! The mailbox of `lostkey serve`.

use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use lostkey::ServeClock;

use super::Rig;

fn code_for(to: &str, code: &str) -> Message {
    Message::builder()
        .from("App <app@example.com>".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("Your code")
        .header(ContentType::TEXT_PLAIN)
        .body(format!("Your verification code is {code}.\r\nhttp://app.test/verify?token={code}\r\n"))
        .unwrap()
}

/// An email with this link.
pub(super) fn with_link(to: &str, link: &str) -> Message {
    Message::builder()
        .from("App <app@example.com>".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("Verify your address")
        .header(ContentType::TEXT_PLAIN)
        .body(format!("Verify: {link}\r\n"))
        .unwrap()
}

pub(super) async fn send(rig: &Rig, message: Message) {
    let (host, port) = rig.server.ports().smtp.rsplit_once(':').unwrap();
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host);
    transport.port(port.parse().unwrap()).build().send(message).await.unwrap();
}

#[tokio::test]
async fn an_email_is_waited_for_and_its_code_and_link_are_found() {
    let rig = Rig::start(ServeClock::Manual).await;
    // An old email is not what the test waits for.
    send(&rig, code_for("zoe@example.com", "111111")).await;
    let cursor = rig.get("/messages/cursor").await["cursor"].as_u64().unwrap();
    let wait = format!("/messages/wait?to=zoe@example.com&since={cursor}&timeout=30");
    let (found, ()) = tokio::join!(rig.get(&wait), send(&rig, code_for("zoe@example.com", "042137")));
    assert_eq!(found["codes"][0]["code"], "042137", "{found}");
    assert_eq!(found["links"][0]["url"], "http://app.test/verify?token=042137", "{found}");
    let url = format!("{}/api/v1/search?query=to:zoe@example.com", rig.server.ports().http);
    let listed = rig.client.get(url).send().await.unwrap().text().await.unwrap();
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["messages_count"], 2, "{listed}");
}

#[tokio::test]
async fn an_email_to_a_person_of_the_story_meets_the_faults_of_the_story() {
    let rig = Rig::start(ServeClock::Manual).await;
    let faults = serde_json::json!([{ "does": { "mail-late": { "by": "20m" } } }]);
    let (status, body) = rig.control("PUT", "/faults", &faults).await;
    assert_eq!(status, 200, "{body}");
    send(&rig, code_for("ana@example.com", "042137")).await;
    let (status, _) = rig
        .control("GET", "/messages/wait?to=ana@example.com&since=0&timeout=0", &serde_json::Value::Null)
        .await;
    assert_eq!(status, 408, "it has not arrived yet");
    rig.advance("30m").await;
    let found = rig.get("/messages/wait?to=ana@example.com&since=0&timeout=30").await;
    assert_eq!(found["codes"][0]["code"], "042137");
}
