//! Retries, time-outs and idempotency tokens of webhooks, as the fragment of a URL asks for them.

use std::net::TcpListener;

use lostkey::ServeClock;
use serde_json::{Value, json};

use super::app::App;
use super::{PHONE, Rig, order};

/// Orders a call that the phone answers at 8 s, and lets it end; the call as the test sees it.
async fn call(rig: &Rig, app: &App, url: String) -> Value {
    let form = order().with("Url", url).with("FallbackUrl", app.url("/sorry"));
    let script = json!({ "answer_after": "3s" });
    assert_eq!(rig.control("PUT", &format!("/phones/{PHONE}/script"), &script).await.0, 200);
    assert_eq!(rig.rest("POST", "Calls.json", &form).await.0, 201);
    rig.advance("1m").await;
    rig.get(&format!("/phones/{PHONE}")).await["call"].clone()
}

/// When the call spoke first, in milliseconds, and its words.
fn first_words(call: &Value) -> (u64, &str) {
    let heard = &call["heard"][0];
    (heard["at_ms"].as_u64().unwrap(), heard["text"].as_str().unwrap())
}

#[tokio::test]
async fn attempts_of_one_request_have_one_token() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let heard = call(&rig, &app, app.url("/flaky#rc=2&rp=5xx")).await;
    assert_eq!(first_words(&heard), (10_000, "Here I am."));
    let tokens = app.tokens("/flaky");
    assert!(tokens.len() == 3 && tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
}

#[tokio::test]
async fn a_redirected_request_has_a_new_token() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let heard = call(&rig, &app, app.url("/moved")).await;
    assert_eq!(first_words(&heard), (8_000, "Thank you."));
    assert_ne!(app.tokens("/moved"), app.tokens("/digits"));
}

#[tokio::test]
async fn an_app_that_hangs_is_waited_for_as_long_as_its_url_says() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let heard = call(&rig, &app, app.url("/hangs#rt=300")).await;
    assert_eq!(first_words(&heard), (8_300, "Sorry."));
    assert_eq!(app.asked(), ["/hangs in-progress", "/sorry in-progress"]);
}

#[tokio::test]
async fn an_app_that_is_down_is_asked_once_more() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let down = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (fragment, at) in [("", 9_000), ("#rc=3", 11_000), ("#rc=0", 8_000)] {
        let before = rig.get("/clock").await["now_ms"].as_u64().unwrap();
        let heard = call(&rig, &app, format!("http://{down}/{fragment}")).await;
        assert_eq!(first_words(&heard), (before + at, "Sorry."), "{fragment}");
    }
    let trace = rig.get("/trace").await.to_string();
    assert_eq!(trace.matches("\"error\":11205").count(), 3, "{trace}");
}
