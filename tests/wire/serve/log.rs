//! The provider's log.

use lostkey::ServeClock;
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::app::App;
use super::{PHONE, Rig, order};

/// Orders a call that is answered, lets it end, and returns the log.
async fn log_of(rig: &Rig, form: &Form) -> Value {
    let script = json!({ "answer_after": "1s" });
    assert_eq!(rig.control("PUT", &format!("/phones/{PHONE}/script"), &script).await.0, 200);
    let (status, body) = rig.rest("POST", "Calls.json", form).await;
    assert_eq!(status, 201, "{body}");
    rig.advance("5m").await;
    rig.get("/log").await
}

#[tokio::test]
async fn what_is_doubtful_is_in_the_log() {
    let app = App::start();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (form, found) in [
        (order().with("Url", app.url("/speaks")), vec![]),
        (order().with("Url", app.url("/broken?token=abc")), vec!["warning -", "error 11200"]),
        (order().with("Url", app.url("/unspaced")), vec!["warning 12200", "warning -"]),
        (order().with("Url", app.url("/html")), vec!["error 12102"]),
        (order().with("Url", app.url("/hangs#rt=200")), vec!["error 11200"]),
        (order().with("Url", format!("http://{closed}/")), vec!["error 11205", "error 11205"]),
        (
            order().with("Url", app.url("/speaks")).with("StatusCallback", app.url("/broken")),
            vec!["warning 15003"],
        ),
        (order().with("Twiml", "<Response><Gather action='/next'/></Response>"), vec!["warning -"]),
    ] {
        let rig = Rig::start(ServeClock::Manual).await;
        let log = log_of(&rig, &form).await;
        let notes = log["notes"].as_array().unwrap();
        let told: Vec<String> = notes
            .iter()
            .map(|note| {
                let code = note["code"].as_u64().map_or("-".to_owned(), |code| code.to_string());
                format!("{} {code}", note["level"].as_str().unwrap())
            })
            .collect();
        assert_eq!(told, found, "{form:?}: {log:#}");
        assert!(!log.to_string().contains("abc"), "{log:#}");
        assert_eq!((&log["cursor"], &log["lost"]), (&json!(found.len()), &json!(0)), "{log:#}");
        assert!(notes.iter().all(|note| note["call"].as_str().unwrap().starts_with("CA")), "{log:#}");
        let later = rig.get(&format!("/log?since={}", found.len())).await;
        assert_eq!(later["notes"], json!([]));
        rig.post("/reset", Value::Null).await;
        assert_eq!(rig.get("/log").await["cursor"], 0);
    }
    let rig = Rig::start(ServeClock::Manual).await;
    assert_eq!(rig.control("GET", "/log?since=x", &Value::Null).await.0, 400);
}
