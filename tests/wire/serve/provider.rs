//! The provider as a story declares it: account, keys, capacity.

use std::num::NonZeroU32;

use lostkey::story::Story;
use lostkey::wire::form::Form;
use lostkey::{ServeClock, Server};
use serde_json::{Value, json};

use super::{ACCOUNT, PHONE, Rig, TOKEN, order};

const STORY: &str = "about: An app with an account of its own.
accounts:
  ana: { user: ana@example.com, password: correct horse, number: 1234 5678 9012, phone: '+34 600 000 001' }
twilio:
  account: ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  token: the-app's-token
  keys: { SKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb: a-secret }
  cps: 1
  calls-at-once: 3
";

async fn rig() -> Rig {
    let story = Story::read(STORY, "app.yaml").unwrap();
    let server = Server::builder().clock(ServeClock::Manual).story(story).start().await.unwrap();
    Rig { server, client: reqwest::Client::builder().no_proxy().build().unwrap() }
}

fn inline() -> Form {
    order().with("Twiml", "<Response><Say>Hello.</Say></Response>")
}

#[tokio::test]
async fn only_the_declared_account_may_order_calls() {
    let rig = rig().await;
    let other = "ACcccccccccccccccccccccccccccccccc";
    for (account, user, secret, http) in [
        (ACCOUNT, ACCOUNT, TOKEN, 200),
        (ACCOUNT, "SKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "a-secret", 200),
        (ACCOUNT, ACCOUNT, "a-secret", 401),
        (ACCOUNT, "SKcccccccccccccccccccccccccccccccc", "a-secret", 401),
        (other, other, TOKEN, 401),
    ] {
        let url = format!("{}/2010-04-01/Accounts/{account}/Calls.json", rig.server.ports().twilio);
        let response = rig.client.get(url).basic_auth(user, Some(secret)).send().await.unwrap();
        assert_eq!(response.status(), http, "{user} at {account}");
    }
}

#[tokio::test]
async fn calls_wait_for_each_other_and_beyond_the_capacity_are_refused() {
    let rig = rig().await;
    let mut waited = Vec::new();
    for _ in 0..3 {
        let (status, call) = rig.rest("POST", "Calls.json", &inline()).await;
        assert_eq!(status, 201, "{call}");
        waited.push(call["queue_time"].clone());
    }
    assert_eq!(waited, [json!("0"), json!("1000"), json!("2000")]);
    let (status, refusal) = rig.rest("POST", "Calls.json", &inline()).await;
    assert_eq!((status, &refusal["code"]), (429, &json!(10004)));
    for (after, ringing) in [("5s", 1), ("1s", 2), ("1s", 3)] {
        rig.advance(after).await;
        let (_, list) = rig.rest("GET", "Calls.json?Status=ringing", &Form::new()).await;
        assert_eq!(list["calls"].as_array().unwrap().len(), ringing);
    }
    // A reset keeps the capacity.
    rig.post("/reset", Value::Null).await;
    for http in [201, 201, 201, 429] {
        assert_eq!(rig.rest("POST", "Calls.json", &inline()).await.0, http);
    }
}

#[tokio::test]
async fn the_builder_sets_the_capacity_too() {
    let two = NonZeroU32::new(2).unwrap();
    let builder = Server::builder().clock(ServeClock::Manual).calls_per_second(two).calls_at_once(two);
    let rig = Rig {
        server: builder.start().await.unwrap(),
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
    };
    for (http, waited) in [(201, json!("0")), (201, json!("500")), (429, Value::Null)] {
        let (status, call) = rig.rest("POST", "Calls.json", &inline()).await;
        assert_eq!((status, &call["queue_time"]), (http, &waited), "{PHONE}: {call}");
    }
}
