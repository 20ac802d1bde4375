//! Parameters and verbs beyond the usual verification call: recordings, tones, asynchronous detection.

use lostkey::ServeClock;
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::app::App;
use super::{PHONE, Rig, order};

/// Orders a call to a phone with this script, and lets it end; the call as the test sees it.
async fn call(rig: &Rig, form: &Form, script: Value) -> Value {
    assert_eq!(rig.control("PUT", &format!("/phones/{PHONE}/script"), &script).await.0, 200);
    let (status, body) = rig.rest("POST", "Calls.json", form).await;
    assert_eq!(status, 201, "{body}");
    rig.advance("5m").await;
    rig.get(&format!("/phones/{PHONE}")).await["call"].clone()
}

#[tokio::test]
async fn a_recording_is_submitted_with_its_length_and_its_end() {
    for (then, lasts, digits) in [
        (json!([{ "hears": "beep", "after": "3s", "press": "1#" }]), "3", Some("#")),
        (json!([{ "hears": "beep", "after": "2s", "hang_up": true }]), "2", Some("hangup")),
        (json!([]), "5", None),
    ] {
        let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
        let form = order().with("Url", app.url("/records"));
        call(&rig, &form, json!({ "answer_after": "3s", "then": then })).await;
        let recorded = app.forms("/recorded");
        assert_eq!(recorded.len(), 1, "{:?}", app.asked());
        let (sid, url) = (recorded[0].get("RecordingSid").unwrap(), recorded[0].get("RecordingUrl").unwrap());
        assert!(sid.starts_with("RE") && sid.len() == 34 && url.ends_with(sid), "{sid} {url}");
        assert_eq!((recorded[0].get("RecordingDuration"), recorded[0].get("Digits")), (Some(lasts), digits));
    }
}

#[tokio::test]
async fn asynchronous_detection_is_reported_beside_the_document() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let form = order()
        .with("Url", app.url("/speaks"))
        .with("MachineDetection", "DetectMessageEnd")
        .with("AsyncAmd", "true")
        .with("AsyncAmdStatusCallback", app.url("/amd"));
    call(&rig, &form, json!({ "line": "voicemail" })).await;
    assert_eq!(app.asked(), ["/speaks in-progress", "/amd -"]);
    let detected = app.forms("/amd");
    let names: Vec<&str> = detected[0].fields().iter().map(|(name, _)| name.as_ref()).collect();
    assert_eq!(names, ["CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"]);
    assert_eq!(detected[0].get("AnsweredBy"), Some("machine_end_beep"));
    assert_eq!(detected[0].get("MachineDetectionDuration"), Some("12000"));
    let (_, list) = rig.rest("GET", "Calls.json", &Form::new()).await;
    assert_eq!(list["calls"][0]["answered_by"], "machine_end_beep");
}

#[tokio::test]
async fn tones_are_heard_before_the_document() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let form = order().with("Url", app.url("/digits")).with("SendDigits", "ww12#");
    let heard = call(&rig, &form, json!({ "answer_after": "3s" })).await["heard"].clone();
    assert_eq!((&heard[0]["text"], &heard[0]["at_ms"]), (&json!("(tones: 12#)"), &json!(8_000)));
    assert_eq!((&heard[1]["text"], &heard[1]["at_ms"]), (&json!("Thank you."), &json!(9_750)));
    let (status, refusal) = rig.rest("POST", "Calls.json", &form.with("SendDigits", "x")).await;
    assert_eq!(status, 201, "the first of two counts: {refusal}");
    let bad = order().with("Url", app.url("/digits")).with("SendDigits", "one");
    let (status, refusal) = rig.rest("POST", "Calls.json", &bad).await;
    assert_eq!((status, &refusal["code"]), (400, &json!(21206)));
}

#[tokio::test]
async fn documents_of_ended_calls_take_no_place() {
    let rig = Rig::start(ServeClock::Manual).await;
    let form = order().with("Twiml", "<Response><Say loop='1000'>Hello.</Say></Response>");
    let hears = call(&rig, &form, json!({ "answer_after": "1s" })).await;
    assert_eq!(hears["heard"].as_array().unwrap().len(), 128);
    let long = order().with("Twiml", format!("<Response>{}</Response>", "<Pause/>".repeat(600)));
    let (status, refusal) = rig.rest("POST", "Calls.json", &long).await;
    assert_eq!((status, &refusal["code"]), (400, &json!(20001)));
    let kept = rig.server.door().world().papers_mut().keep(lostkey::message::Body::Empty);
    assert_eq!(kept, Some(lostkey::message::DocId(0)), "all places are free again");
}
