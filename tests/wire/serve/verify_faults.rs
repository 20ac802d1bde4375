//! What an app sees if a code cannot be sent: refusals, opt-outs, and the faults of verifications and texts.

use lostkey::ServeClock;
use lostkey::wire::form::Form;
use serde_json::json;

use super::verify::to;
use super::{PHONE, Rig, impatient};

/// The answer to a start, in short: the status with Twilio's code, or that there is none.
async fn told(rig: &Rig, form: &Form) -> String {
    let path = "/v2/Services/VA00000000000000000000000000000007/Verifications";
    match rig.ask_verify("POST", path, form).await {
        Some((status, _, body)) if body["code"].is_null() => status.to_string(),
        Some((status, _, body)) => format!("{status} {}", body["code"]),
        None => "nothing".to_owned(),
    }
}

async fn arrived(rig: &Rig) -> usize {
    rig.get(&format!("/phones/{PHONE}/texts")).await["texts"].as_array().unwrap().len()
}

#[tokio::test]
async fn each_fault_has_its_face() {
    // The fault, the answer to the start, the texts that arrive, and whether their code is right.
    for (fault, answer, texts, approves) in [
        (json!({ "verify-refused": { "code": 60203 } }), "429 60203", 0, false),
        (json!({ "verify-refused": { "code": 60205 } }), "403 60205", 0, false),
        (json!({ "verify-refused": { "code": 60212 } }), "429 60212", 0, false),
        (json!({ "verify-refused": { "code": 60238 } }), "403 60238", 0, false),
        (json!({ "verify-refused": { "code": 60410 } }), "403 60410", 0, false),
        (json!({ "verify-refused": { "code": 60605 } }), "403 60605", 0, false),
        (json!({ "verify-refused": { "code": 20429 } }), "429 20429", 0, false),
        (json!({ "verify-times-out": { "sent": false } }), "nothing", 0, false),
        (json!({ "verify-times-out": { "sent": true } }), "nothing", 1, true),
        (json!({ "text-refused": { "code": 21614 } }), "400 21614", 0, false),
        (json!({ "text-failed": { "http": 503, "sent": false } }), "503 20503", 0, false),
        (json!({ "text-failed": { "http": 500, "sent": true } }), "500 20500", 1, true),
        (json!({ "text-times-out": { "sent": true } }), "nothing", 1, true),
        (json!("text-lost"), "201", 0, false),
        (json!({ "text-twice": { "after": "20s" } }), "201", 2, true),
        (json!({ "text-undelivered": { "code": 30007 } }), "201", 0, false),
        (json!({ "text-unsent": { "code": 30410, "arrives": true } }), "201", 1, true),
    ] {
        let mut rig = Rig::start(ServeClock::Manual).await;
        let (status, body) = rig.control("PUT", "/faults", &json!([{ "does": fault, "on": 1 }])).await;
        assert_eq!(status, 200, "{body}");
        let client = rig.client.clone();
        if answer == "nothing" {
            rig.client = impatient();
        }
        assert_eq!(told(&rig, &to(PHONE, "sms")).await, answer, "{fault}");
        rig.client = client;
        rig.advance("1m").await;
        assert_eq!(arrived(&rig).await, texts, "{fault}");
        if approves {
            let code = rig.texted(PHONE).await;
            assert_eq!(rig.check(PHONE, &code).await.1["valid"], true, "{fault}");
        }
        // The fault strikes once.
        let again = rig.start_verifying(&to(PHONE, "sms")).await;
        let code = rig.texted(PHONE).await;
        assert_eq!(rig.check(PHONE, &code).await.1["sid"], again["sid"], "{fault}");
    }
}

#[tokio::test]
async fn a_late_code_arrives_after_it_has_expired() {
    let rig = Rig::start(ServeClock::Manual).await;
    let late = json!([{ "does": { "text-late": { "by": "11m" } }, "on": 1 }]);
    assert_eq!(rig.control("PUT", "/faults", &late).await.0, 200);
    rig.start_verifying(&to(PHONE, "sms")).await;
    rig.advance("11m").await;
    let code = rig.texted(PHONE).await;
    assert_eq!(rig.check(PHONE, &code).await.0, 404);
}

#[tokio::test]
async fn a_recipient_who_has_opted_out_gets_no_code_by_text() {
    let rig = Rig::start(ServeClock::Manual).await;
    rig.start_verifying(&to(PHONE, "sms")).await;
    rig.advance("10s").await;
    let sender = rig.get(&format!("/phones/{PHONE}/texts")).await["texts"][0]["from"].clone();
    for (word, answer) in [("STOP", "400 21610"), ("START", "201")] {
        let text = json!({ "to": sender, "body": word });
        assert_eq!(rig.control("POST", &format!("/phones/{PHONE}/texts"), &text).await.0, 201);
        assert_eq!(told(&rig, &to(PHONE, "sms")).await, answer, "{word}");
    }
}

#[tokio::test]
async fn a_phone_that_is_unreachable_gets_neither_text_nor_call() {
    let rig = Rig::start(ServeClock::Manual).await;
    let script = json!({ "line": "unreachable" });
    assert_eq!(rig.control("PUT", &format!("/phones/{PHONE}/script"), &script).await.0, 200);
    for channel in ["sms", "call"] {
        rig.start_verifying(&to(PHONE, channel)).await;
        rig.advance("1m").await;
    }
    assert_eq!(arrived(&rig).await, 0);
    let (_, _, page) = rig.ask_verify("GET", "/v2/Attempts", &Form::new()).await.unwrap();
    let data = |place: usize| page["attempts"][place]["channel_data"].clone();
    assert_eq!(
        (&data(0)["call_status"], &data(1)["message_status"]),
        (&json!("failed"), &json!("undelivered"))
    );
}

#[tokio::test]
async fn bad_orders_have_twilios_codes() {
    let rig = Rig::start(ServeClock::Manual).await;
    let both = |to: &str, channel: &str| Form::new().with("To", to).with("Channel", channel);
    for (form, answer) in [
        (Form::new(), "400 60200"),
        (both("0600000001", "sms"), "400 60200"),
        (both(PHONE, ""), "400 60200"),
        (both(PHONE, "whatsapp"), "400 60223"),
        (both(PHONE, "sna"), "400 60223"),
        (both(PHONE, "email"), "400 60200"),
        (both("ana@example.com", "sms"), "400 60200"),
        (both(PHONE, "sms").with("CustomCode", "4711"), "403 60204"),
        (both(PHONE, "sms").with("CustomCode", "471"), "400 60200"),
        (both(PHONE, "auto").with("Locale", "es"), "201"),
    ] {
        assert_eq!(told(&rig, &form).await, answer, "{form:?}");
    }
    let form = |fields: &[(&str, &str)]| {
        fields.iter().fold(Form::new(), |form, (name, value)| form.with(name, *value))
    };
    for (fields, code) in [
        (&[("Code", "123456")][..], 60221),
        (&[("To", PHONE)], 60200),
        (&[("To", PHONE), ("Code", "123")], 60200),
        (&[("To", "me"), ("Code", "123456")], 60200),
    ] {
        let (status, body) = rig.verify("POST", "/VerificationCheck", &form(fields)).await;
        assert_eq!((status, &body["code"]), (400, &json!(code)), "{fields:?}");
    }
    for (method, path) in [
        ("GET", "/v2"),
        ("GET", "/v2/"),
        ("GET", "/v2/Services/VA1"),
        ("GET", "/v2/Services/VA00000000000000000000000000000009"),
        ("GET", "/v2/Services/VA00000000000000000000000000000007/Verifications/me"),
        ("PUT", "/v2/Services"),
        ("GET", "/v2/Attempts/VL1"),
    ] {
        let (status, body) = rig.rest(method, path, &Form::new()).await;
        assert_eq!((status, &body["code"]), (404, &json!(20404)), "{path}");
    }
    let faults = json!([{ "does": { "verify-refused": { "code": 7 } } }]);
    let (status, body) = rig.control("PUT", "/faults", &faults).await;
    assert_eq!((status, body["error"].is_string()), (400, true), "{body}");
}
