//! Sandboxes that come and go by the hundred while requests to them run.

use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::{MIB, PHONE, TOKEN, Victim, mail, order, send};

/// How many sandboxes come and go.
const COUNT: usize = 300;

fn account(nth: usize) -> String {
    format!("ACf{nth:031}")
}

/// Orders a call as an account; the HTTP status.
async fn order_as(victim: &Victim, account: &str) -> u16 {
    let url = format!("http://{}/2010-04-01/Accounts/{account}/Calls.json", victim.at("twilio"));
    let form: Form = order().with("Twiml", "<Response><Say>Hello.</Say></Response>");
    send(victim.client.post(url).basic_auth(account, Some(TOKEN)).body(form.body())).await.0
}

/// Creates and ends one sandbox after another.
async fn come_and_go(victim: &Victim) {
    for nth in 0..COUNT {
        let name = format!("s{nth}");
        let settings = json!({ "name": name, "account": account(nth), "tag": name, "user": name });
        victim.post("/control/v1/sandboxes", settings).await;
        assert_eq!(order_as(victim, &account(nth)).await, 201);
        let path = format!("/control/v1/sandboxes/{name}");
        // A wait that its end interrupts.
        let wait = format!("{path}/phones/{PHONE}/texts/wait?timeout=60");
        let waits = victim.ask("GET", &wait, &Value::Null);
        let ends = async {
            victim.get(&format!("{path}/clock")).await;
            victim.ask("DELETE", &path, &Value::Null).await
        };
        let (waited, ended) = tokio::join!(waits, ends);
        assert_eq!((waited.0, ended.0), (404, 200), "{} {}", waited.1, ended.1);
        assert!(waited.1["error"].as_str().unwrap().contains(&name), "{}", waited.1);
    }
}

/// Sends requests and emails to sandboxes that may or may not be there, until it is dropped.
async fn meddle(victim: &Victim) {
    for nth in (0..COUNT).cycle().step_by(7) {
        let status = order_as(victim, &account(nth)).await;
        assert!([201, 503].contains(&status), "{status}");
        let to = format!("zoe+s{nth}@a.test");
        let heard = victim.says("smtp", mail(&to, "Subject: x\r\n\r\nHi").as_bytes()).await;
        assert!(heard.ends_with("221 2.0.0 goodbye\r\n"), "{heard}");
        let path = format!("/control/v1/sandboxes/s{nth}/reset");
        let (status, body) = victim.ask("POST", &path, &Value::Null).await;
        assert!([200, 404].contains(&status), "{status} {body}");
    }
}

#[tokio::test]
async fn three_hundred_sandboxes_come_and_go_while_requests_run() {
    let mut victim = Victim::start();
    victim.lives().await;
    let before = victim.peak();
    tokio::select! {
        () = come_and_go(&victim) => {}
        () = async { tokio::join!(meddle(&victim), meddle(&victim)); } => unreachable!("it never ends"),
    }
    assert_eq!(victim.get("/control/v1/sandboxes").await["sandboxes"], json!([]));
    victim.assert_grew_less(before, 96 * MIB);
    victim.post("/control/v1/reset", Value::Null).await;
    victim.lives().await;
}
