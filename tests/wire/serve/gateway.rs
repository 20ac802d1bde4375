//! Apps that send texts by another provider than Twilio.

use lostkey::story::Story;
use lostkey::{ServeClock, Server};
use serde_json::{Value, json};

use super::Rig;

pub(super) const STORY: &str = r#"
about: Two apps text Ana, one by JSON and one by a form.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
gateways:
  - path: /json/messages
    to: messages.0.to
    text: messages.0.content
    from: sender
    answer: { status: 202, body: '{"messages": [{"id": "{sid}"}]}' }
  - path: /form
    to: recipient
    text: body
    answer: { body: OK, content-type: text/plain }
"#;

pub(super) async fn post(rig: &Rig, path: &str, kind: &str, body: String) -> (u16, String) {
    let url = format!("{}{path}", rig.server.ports().twilio);
    let sent = rig.client.post(url).header("content-type", kind).body(body).send().await.unwrap();
    (sent.status().as_u16(), sent.text().await.unwrap())
}

#[tokio::test]
async fn texts_of_other_providers_reach_the_same_handset() {
    let story = Story::read(STORY, "gateways.yaml").unwrap();
    assert_eq!(Story::read(&story.write(), "gateways.yaml").unwrap(), story);
    let server = Server::builder().story(story).clock(ServeClock::Manual).start().await.unwrap();
    let rig = Rig { server, client: reqwest::Client::builder().no_proxy().build().unwrap() };
    let text = |to: &str| json!({ "sender": "MyApp", "messages": [{ "to": to, "content": "Code 042137" }] });
    let (status, body) =
        post(&rig, "/json/messages", "application/json", text("+34600000001").to_string()).await;
    let id: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 202);
    assert!(id["messages"][0]["id"].as_str().unwrap().starts_with("SM"), "{body}");
    let form = "recipient=0034600000001&body=Second";
    let sent = post(&rig, "/form", "application/x-www-form-urlencoded", form.to_owned()).await;
    assert_eq!(sent, (200, "OK".to_owned()));
    rig.advance("10s").await;
    let arrived = rig.get("/phones/+34600000001/texts").await;
    let told: Vec<_> =
        arrived["texts"].as_array().unwrap().iter().map(|text| (&text["from"], &text["body"])).collect();
    assert_eq!(told, [(&json!("MyApp"), &json!("Code 042137")), (&json!("10000"), &json!("Second"))]);
    let (status, body) = post(&rig, "/json/messages", "application/json", text("ana").to_string()).await;
    assert!(status == 400 && body.contains("messages.0.to"), "{status} {body}");
    rig.control("PUT", "/faults", &json!([{ "does": { "text-failed": { "http": 503, "sent": true } } }]))
        .await;
    let (status, _) = post(&rig, "/form", "application/x-www-form-urlencoded", form.to_owned()).await;
    assert_eq!(status, 503);
}

#[test]
fn mistakes_in_gateways_are_shown_where_they_are() {
    for (from, to, says) in [
        ("path: /form", "path: form", "is not the path of a URL"),
        ("path: /form", "path: /v2/x", "a path of Twilio's API"),
        ("path: /form", "path: /json/messages", "another gateway has the path"),
        ("path: /form", "pat: /form", "pat"),
        ("to: recipient", "to: a..b", "is not a path to a field"),
        ("    text: body\n", "", "text"),
        ("{ body: OK", "{ status: 99, body: OK", "200 to 599"),
    ] {
        let broken = STORY.replace(from, to);
        assert_ne!(broken, STORY);
        let error = Story::read(&broken, "gateways.yaml").unwrap_err().rendered();
        assert!(error.contains(says), "{error}");
    }
}
