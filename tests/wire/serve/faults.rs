//! Plays each row of the table `call-faults.txt` for a foreign app.

use lostkey::ServeClock;
use lostkey::fault::FaultKind;
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::app::App;
use super::{ACCOUNT, PHONE, Rig, TOKEN, impatient, order};

const TABLE: &str = include_str!("call-faults.txt");

/// The families of faults that strike calls and their webhooks.
const FAMILIES: [&str; 5] = ["call-", "key-", "keys-", "webhook-", "callback-"];

/// When all has ended, in milliseconds.
const END: u64 = 900_000;

/// The cells of each row.
fn rows() -> Vec<Vec<&'static str>> {
    let lines = TABLE.lines().filter(|line| line.contains('|') && !line.starts_with('#'));
    lines.skip(1).map(|line| line.split('|').map(str::trim).collect()).collect()
}

/// The name of the fault of a row.
fn name(cell: &str) -> &str {
    cell.split([':', ' ']).next().unwrap()
}

async fn set_fault(rig: &Rig, cell: &str) {
    if cell == "-" {
        return;
    }
    let (fault, on) = cell.split_once(" #").unwrap_or((cell, ""));
    let does: Value = serde_yaml::from_str(fault).unwrap();
    let on = match on {
        "" if fault.starts_with("callback") => "every",
        "" => "1",
        nth => nth,
    };
    let (status, body) = rig.control("PUT", "/faults", &json!([{ "does": does, "on": on }])).await;
    assert_eq!(status, 200, "{cell}: {body}");
}

async fn set_phone(rig: &Rig, does: &str) {
    let script = match does {
        "keys" => {
            json!({ "answer_after": "3s", "then": [{ "hears": "code", "after": "1s", "press": "123456" }] })
        }
        "answers" => json!({ "answer_after": "3s" }),
        "rejects" => json!({ "reject_after": "3s" }),
        "lies there" => return,
        other => panic!("no such deed: {other}"),
    };
    let (status, body) = rig.control("PUT", &format!("/phones/{PHONE}/script"), &script).await;
    assert_eq!(status, 200, "{body}");
}

/// Orders the call; HTTP status and error code, or `none`.
async fn ordered(rig: &Rig, app: &App, client: &reqwest::Client, with: &str) -> String {
    let mut form = order().with("Url", app.url("/asks")).with("StatusCallback", app.url("/status"));
    for event in ["initiated", "ringing", "answered", "completed"] {
        form = form.with("StatusCallbackEvent", event);
    }
    if let Some((name, value)) = with.split_once('=') {
        let value = if name.ends_with("Url") { app.url(value) } else { value.to_owned() };
        form = form.with(name, value);
    }
    let url = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", rig.server.ports().twilio);
    let sent = client.post(url).basic_auth(ACCOUNT, Some(TOKEN)).body(form.body()).send().await;
    let response = match sent {
        Ok(response) => response,
        Err(error) => return if error.is_timeout() { "none".to_owned() } else { error.to_string() },
    };
    let status = response.status().as_u16();
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    body["code"].as_u64().map_or_else(|| status.to_string(), |code| format!("{status} {code}"))
}

/// Lets time pass, from one event to the next; whether the phone was seen to ring.
async fn pass_time(rig: &Rig) -> bool {
    let mut rings = false;
    loop {
        rings |= rig.get(&format!("/phones/{PHONE}")).await["call"]["ringing"] == true;
        let clock = rig.get("/clock").await;
        if clock["next_due_ms"].as_u64().is_none_or(|next| next > END) {
            return rings;
        }
        rig.post("/clock/advance", json!({ "to": "next" })).await;
    }
}

/// The callbacks as they arrived.
fn callbacks(app: &App) -> String {
    let told = app.forms("/status").into_iter().map(|form| {
        let field = |name: &str, before: &str| {
            form.get(name).map(|value| format!(" {before}{value}")).unwrap_or_default()
        };
        let sequence = form.get("SequenceNumber").unwrap();
        assert_eq!(form.get("CallbackSource"), Some("call-progress-events"));
        format!(
            "{sequence}{}{}{}{}",
            field("CallStatus", ""),
            field("CallDuration", "after "),
            field("SipResponseCode", "sip "),
            field("AnsweredBy", "by ")
        )
    });
    listed(told, ", ")
}

fn listed(parts: impl Iterator<Item = String>, between: &str) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(between) }
}

/// Plays a row; its cells as they turn out.
async fn play(row: &[&str]) -> Vec<String> {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    set_fault(&rig, row[0]).await;
    set_phone(&rig, row[2]).await;
    let client = if name(row[0]) == "call-times-out" { impatient() } else { rig.client.clone() };
    let reply = ordered(&rig, &app, &client, row[1]).await;
    let rings = if pass_time(&rig).await { "rings" } else { "silent" };
    let requests = app.asked().into_iter().filter(|line| !line.starts_with("/status"));
    let requests = requests.map(|line| line.replace(" in-progress", ""));
    let (_, list) = rig.rest("GET", "Calls.json", &Form::new()).await;
    let shown = list["calls"].as_array().unwrap().iter().map(|call| {
        let parts = ["status", "duration", "answered_by"].map(|field| call[field].as_str());
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    let call = rig.get(&format!("/phones/{PHONE}")).await["call"].clone();
    let heard = call["heard"].as_array().cloned().unwrap_or_default();
    let heard =
        heard.iter().map(|heard| format!(" \"{}\"", heard["text"].as_str().unwrap())).collect::<String>();
    let mut told: Vec<String> = row[..3].iter().map(|cell| (*cell).to_owned()).collect();
    told.push(reply);
    told.push(callbacks(&app));
    told.push(listed(requests, ", "));
    told.push(format!("{rings}{heard}"));
    told.push(listed(shown, ", "));
    told
}

#[tokio::test]
async fn each_fault_of_a_call_reaches_a_foreign_app_as_the_table_says() {
    let rows = rows();
    assert!(rows.len() >= 50, "{} rows", rows.len());
    let mut wrong = String::new();
    for row in &rows {
        let told = play(row).await;
        if told != *row {
            wrong += &format!("told:  {}\ntable: {}\n", told.join(" | "), row.join(" | "));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn no_fault_of_calls_is_absent_from_the_table() {
    let rows = rows();
    let played: Vec<&str> = rows.iter().map(|row| name(row[0])).collect();
    let family = |name: &str| FAMILIES.iter().any(|family| name.starts_with(family));
    let all: Vec<&str> = FaultKind::ALL.iter().map(|kind| kind.name).filter(|name| family(name)).collect();
    assert!(all.len() >= 20, "{all:?}");
    let absent: Vec<&&str> = all.iter().filter(|name| !played.contains(name)).collect();
    assert!(absent.is_empty(), "{absent:?}");
}
