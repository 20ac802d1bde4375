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

#[tokio::test]
async fn tests_side_by_side_see_their_own_emails() {
    let rig = Rig::start(ServeClock::Manual).await;
    for (to, code) in [("zoe+t1@example.com", "111111"), ("zoe+t2@example.com", "222222")] {
        send(&rig, code_for(to, code)).await;
    }
    let mut message = code_for("yan@example.com", "333333");
    message.headers_mut().insert_raw(lettre::message::header::HeaderValue::new(
        lettre::message::header::HeaderName::new_from_ascii_str("X-Lostkey-Tag"),
        "T1".to_owned(),
    ));
    send(&rig, message).await;
    for (tag, codes) in [("t1", &["111111", "333333"][..]), ("T2", &["222222"]), ("t3", &[])] {
        let mut cursor = 0;
        for code in codes {
            let wait = format!("/messages/wait?tag={tag}&since={cursor}&timeout=0");
            let found = rig.get(&wait).await;
            assert_eq!(found["codes"][0]["code"], *code, "{tag}");
            cursor = found["cursor"].as_u64().unwrap();
        }
        let wait = format!("/messages/wait?tag={tag}&since={cursor}&timeout=0");
        assert_eq!(rig.control("GET", &wait, &serde_json::Value::Null).await.0, 408);
        let listed = rig.get(&format!("/messages?tag={tag}")).await;
        assert_eq!(listed["count"], codes.len(), "{listed}");
        for path in [
            format!("messages?tag={tag}"),
            format!("search?query=code&tag={tag}"),
            format!("search?query=tag:{tag}"),
        ] {
            let url = format!("{}/api/v1/{path}", rig.server.ports().http);
            let text = rig.client.get(url).send().await.unwrap().text().await.unwrap();
            let page: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(page["messages_count"], codes.len(), "{path}: {page}");
        }
    }
    // A client that sets tags cannot move a message to another test.
    let url = format!("{}/api/v1/tags", rig.server.ports().http);
    let id = rig.get("/messages?tag=t2").await["messages"][0]["ID"].clone();
    let body = serde_json::json!({ "IDs": [id], "Tags": ["t1"] });
    rig.client.put(url).body(body.to_string()).send().await.unwrap();
    assert_eq!(rig.get("/messages?tag=t2").await["count"], 1);
    let (status, body) = rig.control("DELETE", "/messages?tag=t2", &serde_json::Value::Null).await;
    assert_eq!((status, body["deleted"].as_u64()), (200, Some(1)));
    assert_eq!(rig.get("/messages").await["count"], 2);
}
