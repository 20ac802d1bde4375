//! Phones in the hand of a test.

use std::num::NonZeroU32;

use lostkey::ServeClock;
use lostkey::wire::WireError;
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::app::App;
use super::{PHONE, Rig, order};

/// An order whose document and callbacks are the app's.
fn order_of(app: &App, document: &str) -> Form {
    let form = order().with("Url", app.url(document)).with("StatusCallback", app.url("/status"));
    ["initiated", "ringing", "answered", "completed"]
        .into_iter()
        .fold(form, |form, event| form.with("StatusCallbackEvent", event))
}

async fn call(rig: &Rig, form: &Form) -> Value {
    let (status, body) = rig.rest("POST", "Calls.json", form).await;
    assert_eq!((status, &body["status"]), (201, &json!("queued")), "{body}");
    body
}

/// A verification with half an hour of waiting before; returns the trace and what the app was asked.
async fn verified() -> (Value, Vec<String>) {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    rig.advance("30m").await;
    call(&rig, &order_of(&app, "/asks")).await;
    rig.advance("10s").await;
    let ringing = rig.get(&format!("/phones/{PHONE}/wait?state=ringing")).await;
    assert_eq!(ringing["ringing"], true);
    rig.post(&format!("/phones/{PHONE}/answer"), Value::Null).await;
    let heard = rig.get(&format!("/phones/{PHONE}/wait?state=answered&contains=KEY%20IN&timeout=30")).await;
    assert_eq!(heard["heard"][0]["text"], "Please key in your code.");
    assert_eq!(heard["listens"]["digits"], 6);
    rig.post(&format!("/phones/{PHONE}/press"), json!({ "keys": "123456" })).await;
    rig.advance("1m").await;
    let ended = rig.get(&format!("/phones/{PHONE}")).await;
    assert_eq!(ended["call"]["status"], "completed");
    assert_eq!(ended["call"]["heard"][1]["text"], "Thank you.");
    (rig.get("/trace").await, app.asked())
}

#[tokio::test]
async fn a_code_on_the_screen_is_keyed_in_and_five_runs_are_the_same() {
    let (trace, asked) = verified().await;
    assert_eq!(
        asked,
        [
            "/status initiated",
            "/status ringing",
            "/status in-progress",
            "/asks in-progress",
            "/digits [123456] in-progress",
            "/status completed",
        ]
    );
    for _ in 0..4 {
        let (again, _) = verified().await;
        assert_eq!(trace, again);
    }
}

#[tokio::test]
async fn a_spoken_code_is_heard_with_its_leading_zero() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    call(&rig, &order_of(&app, "/speaks")).await;
    rig.advance("10s").await;
    rig.post(&format!("/phones/{PHONE}/answer"), Value::Null).await;
    let heard = rig.get(&format!("/phones/{PHONE}/wait?state=answered&contains=code&timeout=30")).await;
    assert_eq!(heard["code"], "042137");
    rig.post(&format!("/phones/{PHONE}/hangup"), Value::Null).await;
    rig.advance("1s").await;
    assert_eq!(rig.get(&format!("/phones/{PHONE}")).await["call"]["status"], "completed");
}

#[tokio::test]
async fn a_script_answers_listens_and_presses_by_a_real_clock() {
    let speed = NonZeroU32::new(50).unwrap();
    let (rig, app) = (Rig::start(ServeClock::Real(speed)).await, App::start());
    let script = json!({
        "answer_after": "4s",
        "then": [{ "hears": "Code", "after": "2s", "press": "123456", "gap": "300ms" }],
    });
    let (status, body) = rig.control("PUT", &format!("/phones/{PHONE}/script"), &script).await;
    assert_eq!(status, 200, "{body}");
    call(&rig, &order_of(&app, "/asks")).await;
    let ended = rig.get(&format!("/phones/{PHONE}/wait?since=0&state=ended&timeout=60")).await;
    assert_eq!(ended["status"], "completed");
    assert!(app.asked().contains(&"/digits [123456] in-progress".to_owned()), "{:?}", app.asked());
}

#[tokio::test]
async fn a_line_is_busy_declined_unreachable_or_voicemail() {
    for (script, status, answered) in [
        (json!({ "line": "busy" }), "busy", false),
        (json!({ "reject_after": "2s" }), "busy", false),
        (json!({ "line": "unreachable" }), "failed", false),
        (json!({ "line": "voicemail" }), "completed", true),
        (json!({ "line": "ring" }), "no-answer", false),
        (json!({ "answer_after": "1s", "then": [{ "after": "2s", "hang_up": true }] }), "completed", true),
    ] {
        let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
        let (set, body) = rig.control("PUT", &format!("/phones/{PHONE}/script"), &script).await;
        assert_eq!(set, 200, "{body}");
        call(&rig, &order_of(&app, "/speaks")).await;
        rig.advance("10m").await;
        let ended = rig.get(&format!("/phones/{PHONE}")).await;
        assert_eq!(ended["call"]["status"], status, "{script}");
        assert_eq!(app.asked().contains(&"/status in-progress".to_owned()), answered, "{script}");
        assert_eq!(app.asked().last().unwrap(), &format!("/status {status}"), "{script}");
    }
}

#[tokio::test]
async fn what_a_phone_cannot_do_is_refused_with_a_reason() {
    let rig = Rig::start(ServeClock::Manual).await;
    let phone = |rest: &str| format!("/phones/{PHONE}{rest}");
    for (method, path, body, status) in [
        ("POST", phone("/answer"), Value::Null, 404),
        ("POST", phone("/press"), json!({ "keys": "1" }), 404),
        ("POST", phone("/press"), json!({ "keys": "x" }), 400),
        ("POST", phone("/press"), json!({ "keys": "" }), 400),
        ("POST", phone("/press"), json!({ "kyes": "1" }), 400),
        ("POST", phone("/press"), json!({ "keys": "1", "after": "soon" }), 400),
        ("POST", phone("/press"), json!([1]), 400),
        ("GET", "/phones/none".to_owned(), Value::Null, 400),
        ("GET", phone("/wait?state=sleeping"), Value::Null, 400),
        ("GET", phone("/wait?timeout=0"), Value::Null, 408),
        ("GET", phone("/wait?timeout=never"), Value::Null, 400),
        ("PUT", phone("/script"), json!({ "line": "engaged" }), 400),
        ("PUT", phone("/script"), json!({ "answer_after": "1s", "line": "busy" }), 400),
        ("PUT", phone("/script"), json!({ "then": [{ "press": "1", "hang_up": true }] }), 400),
        ("POST", "/clock/advance".to_owned(), json!({}), 400),
        ("POST", "/clock/advance".to_owned(), json!({ "by": "ages" }), 400),
        ("POST", "/people/zoe/code".to_owned(), Value::Null, 404),
        ("POST", "/people/ana/code".to_owned(), json!({ "device": "watch" }), 409),
        ("GET", "/nothing".to_owned(), Value::Null, 404),
    ] {
        let (answered, refusal) = rig.control(method, &path, &body).await;
        assert_eq!(answered, status, "{method} {path} {body}: {refusal}");
        assert!(refusal["error"].is_string(), "{path}: {refusal}");
    }
    rig.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await;
    let (status, refusal) = rig.control("POST", &phone("/answer"), &Value::Null).await;
    assert_eq!((status, refusal["error"].as_str().unwrap()), (409, "the call does not ring"));
}

#[tokio::test]
async fn faults_are_set_and_removed_while_it_runs() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    assert_eq!(rig.get("/faults").await, json!({ "faults": [] }));
    let faults = json!([{ "does": "call-busy", "on": 2 }, { "does": "callback-lost" }]);
    let (status, set) = rig.control("PUT", "/faults", &faults).await;
    assert_eq!((status, set["faults"].as_array().unwrap().len()), (200, 2), "{set}");
    for (nth, status) in ["no-answer", "busy", "no-answer"].into_iter().enumerate() {
        if nth == 2 {
            rig.control("DELETE", "/faults", &Value::Null).await;
        }
        call(&rig, &order_of(&app, "/asks")).await;
        rig.advance("5m").await;
        assert_eq!(rig.get(&format!("/phones/{PHONE}")).await["call"]["status"], status, "call {nth}");
    }
    assert_eq!(app.asked(), ["/status initiated", "/status ringing", "/status no-answer"]);
    let (status, refusal) = rig.control("PUT", "/faults", &json!([{ "does": "call-bussy" }])).await;
    assert_eq!(status, 400);
    assert!(refusal["help"].as_str().unwrap().contains("call-busy"), "it suggests the nearest: {refusal}");
    let (status, _) = rig.control("PUT", "/faults", &json!({ "does": "call-busy" })).await;
    assert_eq!(status, 400);
    // After a reset, the faults of the story count again: it has none.
    rig.control("PUT", "/faults", &faults).await;
    rig.post("/reset", Value::Null).await;
    assert_eq!(rig.get("/faults").await, json!({ "faults": [] }));
}

#[tokio::test]
async fn a_code_of_a_device_is_never_given_twice() {
    let rig = Rig::start(ServeClock::Manual).await;
    let mut given = Vec::new();
    for _ in 0..5 {
        let code = rig.post("/people/ana/code", Value::Null).await;
        assert!(!given.contains(&code["code"]), "{code}");
        given.push(code["code"].clone());
        rig.advance(&format!("{}ms", code["wait_ms"])).await;
    }
    let now = rig.get("/clock").await["now_ms"].as_u64().unwrap();
    assert!((90_000..=120_000).contains(&now), "four more codes take four steps of 30 s: {now}");
}

#[tokio::test]
async fn after_a_reset_everything_begins_again() {
    let rig = Rig::start(ServeClock::Manual).await;
    let first = call(&rig, &order().with("Twiml", "<Response/>")).await;
    rig.advance("5m").await;
    rig.post("/reset", Value::Null).await;
    assert_eq!(rig.get("/clock").await["now_ms"], 0);
    assert_eq!(rig.get("/trace").await["events"], json!([]));
    let (status, _) =
        rig.rest("GET", &format!("Calls/{}.json", first["sid"].as_str().unwrap()), &Form::new()).await;
    assert_eq!(status, 404);
    assert_eq!(call(&rig, &order().with("Twiml", "<Response/>")).await["sid"], first["sid"], "the same seed");
    rig.post("/reset", json!({ "seed": 2 })).await;
    assert_ne!(call(&rig, &order().with("Twiml", "<Response/>")).await["sid"], first["sid"]);
}

#[tokio::test]
async fn many_keys_at_one_instant_stop_nothing() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let script = json!({
        "answer_after": "1s",
        "then": vec![json!({ "press": "1".repeat(32) }); 32],
    });
    let numbers: Vec<String> = (0..20).map(|nth| format!("+346000010{nth:02}")).collect();
    for number in &numbers {
        assert_eq!(rig.control("PUT", &format!("/phones/{number}/script"), &script).await.0, 200);
        let order = Form::new().with("To", number).with("From", "+15005550006").with("Url", app.url("/asks"));
        assert_eq!(rig.rest("POST", "Calls.json", &order).await.0, 201);
    }
    rig.advance("1m").await;
    assert_eq!(rig.get("/clock").await["now_ms"], 60_000);
    let keyed = json!({ "keys": "1".repeat(33) });
    assert_eq!(rig.control("POST", &format!("/phones/{PHONE}/press"), &keyed).await.0, 400);
}

#[tokio::test]
async fn a_reset_drops_webhooks_that_hang() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    call(&rig, &order_of(&app, "/asks").with("StatusCallback", app.url("/hangs"))).await;
    call(
        &rig,
        &order()
            .with("Url", app.url("/asks"))
            .with("StatusCallback", app.url("/hangs"))
            .with("StatusCallbackEvent", "initiated"),
    )
    .await;
    let advance = json!({ "by": "1000s" });
    let advanced = rig.control("POST", "/clock/advance", &advance);
    let reset = async {
        app.hangs().await;
        rig.control("POST", "/reset", &Value::Null).await
    };
    let ((advanced, says), (reset, _)) = tokio::join!(advanced, reset);
    assert_eq!((advanced, reset), (409, 200), "{says}");
    assert_eq!(rig.get("/clock").await["now_ms"], 0);
    call(&rig, &order_of(&app, "/asks")).await;
    rig.advance("10s").await;
    assert_eq!(rig.get(&format!("/phones/{PHONE}")).await["call"]["status"], "ringing");
}

#[tokio::test]
async fn the_next_due_time_is_that_after_the_webhook_under_way() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    call(&rig, &order().with("Url", app.url("/asks"))).await;
    rig.advance("10s").await;
    // The document is being fetched, and nothing but the time limit of the call is due before it comes.
    rig.post(&format!("/phones/{PHONE}/answer"), Value::Null).await;
    rig.post("/clock/advance", json!({ "to": "next" })).await;
    let now = rig.get("/clock").await["now_ms"].as_u64().unwrap();
    assert!(now < 60_000, "{now}");
}

#[tokio::test]
async fn an_app_orders_calls_from_inside_its_handlers() {
    for clock in [ServeClock::Manual, ServeClock::Real(NonZeroU32::new(50).unwrap())] {
        let (rig, app) = (Rig::start(clock).await, App::start());
        app.orders_at(&rig.server.ports().twilio);
        let numbers: Vec<String> = (0..50).map(|nth| format!("+346000020{nth:02}")).collect();
        for number in &numbers {
            let script = json!({ "answer_after": "1s" });
            assert_eq!(rig.control("PUT", &format!("/phones/{number}/script"), &script).await.0, 200);
        }
        for number in &numbers {
            let order =
                Form::new().with("To", number).with("From", "+15005550006").with("Url", app.url("/orders"));
            assert_eq!(rig.rest("POST", "Calls.json", &order).await.0, 201);
        }
        if clock == ServeClock::Manual {
            rig.advance("1m").await;
        }
        for number in &numbers {
            let ended = rig.get(&format!("/phones/{number}/wait?since=0&state=ended&timeout=60")).await;
            assert_eq!(ended["status"], "completed");
        }
        assert_eq!(app.asked().len(), 50);
        let (_, page) = rig.rest("GET", "Calls.json?PageSize=1000", &Form::new()).await;
        assert_eq!(page["calls"].as_array().unwrap().len(), 100);
    }
}

#[tokio::test]
async fn all_listed_requests_exist() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (_, listed) = rig.control("GET", "", &Value::Null).await;
    let listed = listed["requests"].as_array().unwrap();
    assert!(listed.len() >= 20, "{listed:?}");
    for request in listed {
        let mut words = request.as_str().unwrap().split_whitespace();
        let (method, path) = (words.next().unwrap(), words.next().unwrap().trim_end_matches(','));
        let path = path.replace("{number}", PHONE).replace("{who}", "ana").replace("{id}", "latest");
        let path = path.split('?').next().unwrap();
        let path = if path.ends_with("/wait") { format!("{path}?timeout=0") } else { path.to_owned() };
        // A stream would not end.
        let path = if path.ends_with("/events") { format!("{path}?since=x") } else { path };
        let (status, answer) = rig.control(method, &path, &Value::Null).await;
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status != 405 && !error.contains("there is nothing here"), "{request}: {status} {answer}");
    }
}

#[tokio::test]
async fn an_error_that_ends_the_play_is_reported_and_a_reset_recovers() {
    let rig = Rig::start(ServeClock::Manual).await;
    rig.server.door().fail(WireError::NobodyCarries);
    rig.server.failed().await;
    let ready = format!("{}/ready", rig.server.ports().http);
    assert_eq!(rig.client.get(&ready).send().await.unwrap().status(), 503);
    let (status, refusal) = rig.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await;
    assert_eq!((status, &refusal["code"]), (503, &json!(20503)));
    assert_eq!(rig.control("POST", "/clock/advance", &json!({ "by": "1s" })).await.0, 503);
    rig.post("/reset", Value::Null).await;
    rig.server.recovered().await;
    assert_eq!(rig.client.get(&ready).send().await.unwrap().status(), 200);
    call(&rig, &order().with("Twiml", "<Response/>")).await;
    rig.advance("10s").await;
    assert_eq!(rig.get(&format!("/phones/{PHONE}")).await["call"]["status"], "ringing");
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let rig = Rig::start(ServeClock::Manual).await;
    let http = &rig.server.ports().http;
    for path in ["/control/v1/reset", "/api/v1/messages"] {
        for (header, value) in [("origin", "https://evil.test"), ("host", "evil.test")] {
            let request = rig.client.post(format!("{http}{path}")).header(header, value);
            assert_eq!(request.send().await.unwrap().status(), 403, "{path} with {header} {value}");
        }
    }
}
