//! Each fault of texts and of their status callbacks, as an app and a handset see it.
//!
//! `text-faults.txt` has a paragraph a row: the fault and `with a service` where the text has one, then the
//! answer to the order, the status callbacks, the resource after a day, and what the handset shows.

use lostkey::ServeClock;
use lostkey::fault::FaultKind;
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::app::App;
use super::texts::text;
use super::{PHONE, Rig, impatient};

const TABLE: &str = include_str!("text-faults.txt");

/// Two parts on the air.
fn body() -> String {
    format!("Your code is 012345. {}", "Do not share it. ".repeat(9))
}

/// What an app and a handset see of one text that meets this fault.
async fn row(fault: &Value, on: &Value, service: bool) -> String {
    let rig = Rig::start(ServeClock::Manual).await;
    let app = App::start();
    let (status, set) = rig.control("PUT", "/faults", &json!([{ "does": fault, "on": on }])).await;
    assert_eq!(status, 200, "{set}");
    let mut form = text(&body()).with("StatusCallback", app.url("/status"));
    if service {
        form = Form::new()
            .with("To", PHONE)
            .with("Body", body())
            .with("StatusCallback", app.url("/status"))
            .with("MessagingServiceSid", "MG00000000000000000000000000000007");
    }
    let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", rig.server.ports().twilio, super::ACCOUNT);
    let client = if fault["text-times-out"].is_null() { rig.client.clone() } else { impatient() };
    let order = client.post(url).basic_auth(super::ACCOUNT, Some(super::TOKEN)).body(form.body());
    let answer = match order.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
            let what = if status == 201 { &body["status"] } else { &body["code"] };
            format!("{status} {}", what.to_string().trim_matches('"'))
        }
        Err(error) if error.is_timeout() => "no answer".to_owned(),
        Err(error) => error.to_string(),
    };
    rig.advance("1d").await;
    let told = |list: Vec<String>| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let callbacks = app.asked().iter().map(|line| line.replace("/status ", "")).collect();
    let (_, page) = rig.rest("GET", "Messages.json", &Form::new()).await;
    let resource = page["messages"].as_array().unwrap().iter().map(|text| match &text["error_code"] {
        Value::Null => text["status"].as_str().unwrap().to_owned(),
        code => format!("{} {code}", text["status"].as_str().unwrap()),
    });
    let arrived = rig.get("/phones/+34600000001/texts").await;
    let handset = arrived["texts"].as_array().unwrap().iter().map(|text| {
        let (at, shown) = (text["at_ms"].as_u64().unwrap(), text["body"].as_str().unwrap());
        let whole = if shown == body() { "whole" } else { "truncated" };
        format!("{whole} at {} s", at / 1_000)
    });
    format!(
        "order: {answer}\ncallbacks: {}\nresource: {}\nhandset: {}\n",
        told(callbacks),
        told(resource.collect()),
        told(handset.collect())
    )
}

#[tokio::test]
async fn each_fault_of_texts_is_seen_as_the_table_says() {
    let kinds = FaultKind::ALL
        .iter()
        .filter(|kind| kind.name.starts_with("text-") || kind.name.starts_with("receipt-"));
    let mut seen = String::new();
    for kind in kinds {
        let fault = serde_json::to_value(kind.example).unwrap();
        seen += &format!(
            "{}\n{}\n",
            fault.to_string().replace('"', ""),
            row(&fault, &json!("every"), false).await
        );
    }
    let every = || json!("every");
    for (fault, on, service) in [
        (json!({ "text-refused": { "code": 21610 } }), every(), true),
        (json!({ "text-refused": { "code": 21408 } }), every(), true),
        (json!({ "text-failed": { "http": 500, "sent": true } }), every(), false),
        (json!({ "text-times-out": { "sent": false } }), every(), false),
        (json!({ "text-unsent": { "code": 30001, "arrives": false } }), every(), false),
        (json!("receipt-lost"), every(), true),
        (json!({ "receipt-late": { "by": "2m" } }), json!(1), false),
    ] {
        let with = if service { " with a service" } else { "" };
        let which = if on == 1 { " on the first" } else { "" };
        let name = fault.to_string().replace('"', "");
        seen += &format!("{name}{which}{with}\n{}\n", row(&fault, &on, service).await);
    }
    assert_eq!(seen.trim_end(), TABLE.trim_end(), "\n{seen}");
}
