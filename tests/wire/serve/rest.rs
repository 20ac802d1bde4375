//! The REST API as SDKs use it.

use lostkey::ServeClock;
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::{ACCOUNT, PHONE, Rig, order};

fn inline() -> Form {
    order().with("Twiml", "<Response><Say>Hello.</Say></Response>")
}

#[tokio::test]
async fn calls_are_listed_in_pages_newest_first() {
    let rig = Rig::start(ServeClock::Manual).await;
    let mut sids = Vec::new();
    for _ in 0..7 {
        let (_, created) = rig.rest("POST", "Calls.json", &inline()).await;
        sids.push(created["sid"].clone());
    }
    sids.reverse();
    let (mut next, mut seen, mut pages) = (Some("Calls.json?PageSize=3".to_owned()), Vec::new(), 0);
    while let Some(path) = next {
        let (status, page) = rig.rest("GET", &path, &Form::new()).await;
        assert_eq!((status, &page["page_size"], &page["page"]), (200, &json!(3), &json!(pages)), "{page}");
        seen.extend(page["calls"].as_array().unwrap().iter().map(|call| call["sid"].clone()));
        next = page["next_page_uri"].as_str().map(str::to_owned);
        pages += 1;
        // A call that comes meanwhile moves nothing.
        rig.rest("POST", "Calls.json", &inline()).await;
    }
    assert_eq!((pages, seen), (3, sids));
}

#[tokio::test]
async fn a_list_is_filtered() {
    let rig = Rig::start(ServeClock::Manual).await;
    let other =
        Form::new().with("To", "+14155550100").with("From", "+15005550006").with("Twiml", "<Response/>");
    rig.rest("POST", "Calls.json", &inline()).await;
    rig.advance("10m").await;
    rig.rest("POST", "Calls.json", &other).await;
    for (query, count) in [
        ("", 2),
        ("To=%2B34600000001", 1),
        ("To=nobody", 0),
        ("From=%2B15005550006", 2),
        ("Status=no-answer", 1),
        ("Status=queued", 1),
        ("StartTime=2026-03-02", 1),
        ("StartTime%3E=2026-03-03", 0),
        ("EndTime%3C=2026-03-02T10%3A00%3A00Z", 1),
        ("ParentCallSid=CA00000000000000000000000000000001", 0),
    ] {
        let (status, page) = rig.rest("GET", &format!("Calls.json?{query}"), &Form::new()).await;
        assert_eq!((status, page["calls"].as_array().unwrap().len()), (200, count), "{query}: {page}");
    }
}

#[tokio::test]
async fn a_call_is_deleted_once_it_has_ended() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (_, created) = rig.rest("POST", "Calls.json", &inline()).await;
    let path = format!("Calls/{}.json", created["sid"].as_str().unwrap());
    let (status, refusal) = rig.rest("DELETE", &path, &Form::new()).await;
    assert_eq!((status, &refusal["code"]), (409, &json!(20009)));
    let (status, canceled) = rig.rest("POST", &path, &Form::new().with("Status", "canceled")).await;
    assert_eq!((status, &canceled["status"]), (200, &json!("canceled")));
    assert_eq!(rig.rest("DELETE", &path, &Form::new()).await, (204, Value::Null));
    for method in ["GET", "DELETE"] {
        assert_eq!(rig.rest(method, &path, &Form::new()).await.0, 404, "{method}");
    }
}

#[tokio::test]
async fn refusals_have_twilios_codes() {
    let rig = Rig::start(ServeClock::Manual).await;
    for (to, from, http, code) in [
        (PHONE, "+15005550001", 400, 21212),
        ("+15005550001", "+15005550006", 400, 21217),
        ("+15005550002", "+15005550006", 400, 21214),
        ("+15005550003", "+15005550006", 400, 21215),
        ("+15005550004", "+15005550006", 400, 21216),
        ("34600000001x", "+15005550006", 400, 21211),
    ] {
        let form = Form::new().with("To", to).with("From", from).with("Twiml", "<Response/>");
        let (status, body) = rig.rest("POST", "Calls.json", &form).await;
        assert_eq!(
            (status, &body["code"], &body["status"]),
            (http, &json!(code), &json!(http)),
            "{to} {from}"
        );
        assert_eq!(body["more_info"], format!("https://www.twilio.com/docs/errors/{code}"));
    }
    for path in ["Calls/CA1.json", "Calls/CA00000000000000000000000000000001.json", "Messages/x.json", "/x"] {
        let (status, body) = rig.rest("GET", path, &Form::new()).await;
        assert_eq!((status, &body["code"]), (404, &json!(20404)), "{path}");
    }
    let url = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", rig.server.ports().twilio);
    let response = rig.client.get(url).send().await.unwrap();
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn accounts_do_not_see_each_others_calls() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (_, created) = rig.rest("POST", "Calls.json", &inline()).await;
    let other = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    for resource in [format!("Calls/{}.json", created["sid"].as_str().unwrap()), "Calls.json".to_owned()] {
        let url = format!("{}/2010-04-01/Accounts/{other}/{resource}", rig.server.ports().twilio);
        let response = rig.client.get(url).basic_auth(other, Some("x")).send().await.unwrap();
        let (status, body) = (response.status().as_u16(), response.text().await.unwrap());
        let shown: Value = serde_json::from_str(&body).unwrap();
        assert!(status == 404 || shown["calls"] == json!([]), "{resource}: {body}");
    }
}

#[tokio::test]
async fn a_list_goes_on_after_a_call_that_was_deleted() {
    let rig = Rig::start(ServeClock::Manual).await;
    for _ in 0..10 {
        rig.rest("POST", "Calls.json", &inline()).await;
    }
    rig.advance("10m").await;
    let (mut next, mut deleted) = (Some("Calls.json?PageSize=3".to_owned()), 0);
    while let Some(path) = next {
        let (_, page) = rig.rest("GET", &path, &Form::new()).await;
        for call in page["calls"].as_array().unwrap() {
            let path = format!("Calls/{}.json", call["sid"].as_str().unwrap());
            assert_eq!(rig.rest("DELETE", &path, &Form::new()).await.0, 204);
            deleted += 1;
        }
        next = page["next_page_uri"].as_str().map(str::to_owned);
    }
    assert_eq!(deleted, 10);
    let (status, body) = rig.rest("GET", "Calls.json?Page=18446744073709551615", &Form::new()).await;
    assert_eq!((status, &body["code"]), (400, &json!(20007)));
}
