//! Texts as an app sends them with an SDK, and as a test reads them at the handset.

use lostkey::ServeClock;
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::app::App;
use super::{PHONE, Rig};

const SENDER: &str = "+15005550006";
const SERVICE: &str = "MG00000000000000000000000000000007";

pub(super) fn text(body: &str) -> Form {
    Form::new().with("To", PHONE).with("From", SENDER).with("Body", body)
}

impl Rig {
    /// Creates a text; its resource.
    pub(super) async fn text(&self, form: &Form) -> Value {
        let (status, created) = self.rest("POST", "Messages.json", form).await;
        assert_eq!(status, 201, "{created}");
        created
    }

    pub(super) async fn fetch(&self, text: &Value) -> Value {
        let path = format!("Messages/{}.json", text["sid"].as_str().unwrap());
        let (status, shown) = self.rest("GET", &path, &Form::new()).await;
        assert_eq!(status, 200, "{shown}");
        shown
    }
}

#[tokio::test]
async fn a_text_goes_from_the_app_to_the_handset() {
    let rig = Rig::start(ServeClock::Manual).await;
    let app = App::start();
    let created = rig.text(&text("Code 012345").with("StatusCallback", app.url("/status"))).await;
    assert_eq!(
        [&created["status"], &created["num_segments"], &created["direction"], &created["error_code"]],
        [&json!("queued"), &json!("1"), &json!("outbound-api"), &Value::Null]
    );
    assert_eq!(created["date_sent"], Value::Null);
    rig.advance("10s").await;
    let arrived = rig.get("/phones/+34600000001/texts/wait?since=0&contains=code&from=%2B15005550006").await;
    assert_eq!((&arrived["body"], &arrived["at_ms"]), (&json!("Code 012345"), &json!(3_000)));
    assert_eq!(arrived["codes"][0]["code"], "012345");
    assert_eq!(app.asked(), ["/status sent", "/status delivered"]);
    let shown = rig.fetch(&created).await;
    assert_eq!((&shown["status"], shown["date_sent"].is_string()), (&json!("delivered"), true));
}

#[tokio::test]
async fn a_messaging_service_chooses_the_sender() {
    let rig = Rig::start(ServeClock::Manual).await;
    let form = Form::new().with("To", PHONE).with("MessagingServiceSid", SERVICE).with("Body", "Hi");
    let created = rig.text(&form).await;
    assert_eq!(
        [&created["status"], &created["from"], &created["num_segments"], &created["messaging_service_sid"]],
        [&json!("accepted"), &Value::Null, &json!("0"), &json!(SERVICE)]
    );
    rig.advance("10s").await;
    let shown = rig.fetch(&created).await;
    assert_eq!(
        [&shown["status"], &shown["from"], &shown["num_segments"]],
        [&json!("delivered"), &json!(SENDER), &json!("1")]
    );
}

#[tokio::test]
async fn texts_are_listed_in_pages_and_filtered() {
    let rig = Rig::start(ServeClock::Manual).await;
    let mut sids = Vec::new();
    for n in 0..7 {
        sids.push(rig.text(&text(&n.to_string())).await["sid"].clone());
    }
    sids.reverse();
    let (mut next, mut seen, mut pages) = (Some("Messages.json?PageSize=3".to_owned()), Vec::new(), 0);
    while let Some(path) = next {
        let (_, page) = rig.rest("GET", &path, &Form::new()).await;
        seen.extend(page["messages"].as_array().unwrap().iter().map(|text| text["sid"].clone()));
        next = page["next_page_uri"].as_str().map(str::to_owned);
        pages += 1;
    }
    assert_eq!((pages, seen), (3, sids));
    rig.advance("10s").await;
    rig.text(&Form::new().with("To", "+14155550100").with("From", "12345").with("Body", "x")).await;
    for (query, count) in [
        ("", 8),
        ("To=%2B34600000001", 7),
        ("From=12345", 1),
        ("From=nobody", 0),
        ("DateSent=2026-03-02", 7),
        ("DateSent%3E=2026-03-03T00%3A00%3A00Z", 0),
        ("DateSent%3C=2026-03-03T00%3A00%3A00Z", 7),
    ] {
        let (status, page) = rig.rest("GET", &format!("Messages.json?{query}"), &Form::new()).await;
        assert_eq!((status, page["messages"].as_array().unwrap().len()), (200, count), "{query}: {page}");
    }
    let (status, refused) = rig.rest("GET", "Messages.json?DateSent=soon", &Form::new()).await;
    assert_eq!((status, &refused["code"]), (400, &json!(20001)));
}

#[tokio::test]
async fn a_text_is_redacted_canceled_and_deleted() {
    let rig = Rig::start(ServeClock::Manual).await;
    let created = rig.text(&text("secret")).await;
    let path = format!("Messages/{}.json", created["sid"].as_str().unwrap());
    let update = async |form: Form| rig.rest("POST", &path, &form).await;
    let (status, refused) = update(Form::new().with("Status", "canceled")).await;
    assert_eq!((status, &refused["code"]), (409, &json!(30409)));
    let (status, refused) = update(Form::new().with("Body", "another")).await;
    assert_eq!((status, &refused["code"]), (400, &json!(30400)));
    let (status, refused) = rig.rest("DELETE", &path, &Form::new()).await;
    assert_eq!((status, &refused["code"]), (409, &json!(20009)));
    let (status, redacted) = update(Form::new().with("Body", "")).await;
    assert_eq!((status, &redacted["body"]), (200, &json!("")));
    rig.advance("10s").await;
    assert_eq!(rig.rest("DELETE", &path, &Form::new()).await, (204, Value::Null));
    assert_eq!(rig.rest("GET", &path, &Form::new()).await.0, 404);
    let at = (rig.get("/clock").await, "2026-03-02T18:00:00Z").1;
    let form = Form::new().with("To", PHONE).with("MessagingServiceSid", SERVICE).with("Body", "later");
    let scheduled = rig.text(&form.with("ScheduleType", "fixed").with("SendAt", at)).await;
    assert_eq!(scheduled["status"], "scheduled");
    let path = format!("Messages/{}.json", scheduled["sid"].as_str().unwrap());
    let (status, canceled) = rig.rest("POST", &path, &Form::new().with("Status", "canceled")).await;
    assert_eq!((status, &canceled["status"]), (200, &json!("canceled")));
}

#[tokio::test]
async fn a_schedule_is_read_as_sdks_write_it() {
    let rig = Rig::start(ServeClock::Manual).await;
    let form = Form::new().with("To", PHONE).with("MessagingServiceSid", SERVICE).with("Body", "later");
    let form = form.with("ScheduleType", "fixed");
    for (at, warnings) in [("2026-03-02T10:01:17Z", 0), ("2026-03-02T10:01:17", 1)] {
        assert_eq!(rig.text(&form.clone().with("SendAt", at)).await["status"], "scheduled", "{at}");
        let log = rig.get("/log").await;
        let notes = log["notes"].as_array().unwrap();
        assert_eq!(notes.len(), warnings, "{at}: {log}");
        let says = |note: &Value| note["code"] == 35115 && note["says"].as_str().unwrap().contains("UTC");
        assert!(notes.iter().all(says), "{log}");
    }
    rig.advance("1h 1m 16s").await;
    assert_eq!(rig.get("/phones/+34600000001/texts").await["texts"], json!([]));
    rig.advance("10s").await;
    assert_eq!(rig.get("/phones/+34600000001/texts").await["texts"].as_array().unwrap().len(), 2);
    for (at, code, says) in [
        (Some("2026-03-02 noon"), 35115, "YYYY-MM-DDTHH:MM:SSZ"),
        (Some("2026-03-02T10:01:17"), 35114, "300 seconds"),
        (None, 35111, "needs a 'SendAt'"),
    ] {
        let form = at.map_or(form.clone(), |at| form.clone().with("SendAt", at));
        let (status, refused) = rig.rest("POST", "Messages.json", &form).await;
        assert_eq!((status, &refused["code"]), (400, &json!(code)), "{at:?}");
        assert!(refused["message"].as_str().unwrap().contains(says), "{refused}");
    }
}

#[tokio::test]
async fn refusals_have_twilios_codes() {
    let rig = Rig::start(ServeClock::Manual).await;
    for (to, from, body, code) in [
        ("+15005550001", SENDER, "x", 21211),
        ("+15005550002", SENDER, "x", 21612),
        ("+15005550003", SENDER, "x", 21408),
        ("+15005550004", SENDER, "x", 21610),
        ("+15005550009", SENDER, "x", 21614),
        (PHONE, "+15005550001", "x", 21212),
        (PHONE, "+15005550007", "x", 21606),
        (PHONE, "+15005550008", "x", 21611),
        ("me", SENDER, "x", 21211),
        (PHONE, SENDER, "", 21602),
        (PHONE, "", "x", 21603),
        ("", SENDER, "x", 21604),
    ] {
        let form = Form::new().with("To", to).with("From", from).with("Body", body);
        let (status, refused) = rig.rest("POST", "Messages.json", &form).await;
        assert_eq!((status, &refused["code"]), (400, &json!(code)), "{to} {from} {body}");
        assert!(!refused["message"].as_str().unwrap().contains("call"), "{refused}");
    }
    assert_eq!(rig.get("/phones/+34600000001/texts").await["texts"], json!([]));
}

#[tokio::test]
async fn stop_reaches_the_app_and_blocks_the_sender() {
    let rig = Rig::start(ServeClock::Manual).await;
    let app = App::start();
    let account = super::ACCOUNT;
    let hook = json!({ "sms": app.url("/sms-log"), "account": account });
    rig.text(&text("hello")).await;
    let (status, _) = rig.control("PUT", "/senders/+15005550006", &hook).await;
    assert_eq!(status, 200);
    let stop = json!({ "to": SENDER, "body": "STOP" });
    let (status, sent) = rig.control("POST", "/phones/+34600000001/texts", &stop).await;
    assert_eq!(status, 201, "{sent}");
    rig.advance("10s").await;
    assert_eq!(app.asked(), ["/sms-log STOP"]);
    let (status, refused) = rig.rest("POST", "Messages.json", &text("again")).await;
    assert_eq!((status, &refused["code"]), (400, &json!(21610)));
    let inbound = rig.fetch(&sent).await;
    assert_eq!(
        [&inbound["direction"], &inbound["status"], &inbound["from"], &inbound["to"]],
        [&json!("inbound"), &json!("received"), &json!(PHONE), &json!(SENDER)]
    );
    let start = json!({ "to": SENDER, "body": "start" });
    rig.control("POST", "/phones/+34600000001/texts", &start).await;
    rig.text(&text("again")).await;
}

#[tokio::test]
async fn the_app_replies_with_messaging_twiml() {
    let rig = Rig::start(ServeClock::Manual).await;
    let app = App::start();
    let hook = json!({ "sms": app.url("/sms"), "account": super::ACCOUNT });
    rig.text(&text("hello")).await;
    rig.control("PUT", "/senders/+15005550006", &hook).await;
    rig.control("POST", "/phones/+34600000001/texts", &json!({ "to": SENDER, "body": "hi" })).await;
    rig.advance("10s").await;
    let arrived = rig.get("/phones/+34600000001/texts").await;
    let bodies: Vec<_> =
        arrived["texts"].as_array().unwrap().iter().map(|text| text["body"].clone()).collect();
    assert_eq!(bodies, ["hello", "You wrote: thanks", "Bye."]);
    let (_, page) = rig.rest("GET", "Messages.json", &Form::new()).await;
    assert_eq!(page["messages"][0]["direction"], "outbound-reply");
}

#[tokio::test]
async fn a_status_callback_can_overtake_the_answer_to_the_order() {
    let rig = Rig::start(ServeClock::Real(std::num::NonZeroU32::MIN)).await;
    let app = App::start();
    let (status, body) = rig.control("PUT", "/faults", &json!([{ "does": "text-answered-late" }])).await;
    assert_eq!(status, 200, "{body}");
    rig.text(&text("hello").with("StatusCallback", app.url("/status"))).await;
    assert_eq!(app.asked(), ["/status sent"], "before the answer to the order");
}

#[tokio::test]
async fn a_wait_without_a_text_says_what_there_was() {
    let rig = Rig::start(ServeClock::Manual).await;
    rig.text(&text("hello")).await;
    let path = "/phones/+34600000001/texts/wait?since=0&timeout=0";
    let (status, body) = rig.control("GET", path, &Value::Null).await;
    assert_eq!(status, 408);
    assert!(body["error"].as_str().unwrap().contains("/clock/advance"), "{body}");
    for (method, path, body, says) in [
        ("GET", "/phones/+34600000001/texts/wait?sinc=0", Value::Null, "sinc"),
        ("POST", "/phones/+34600000001/texts", json!({ "to": "LostKey", "body": "x" }), "alphanumeric"),
        ("POST", "/phones/+34600000001/texts", json!({ "to": SENDER, "body": "" }), "empty"),
        ("POST", "/phones/+34600000001/texts", json!({ "to": "!", "body": "x" }), "E.164"),
        ("PUT", "/senders/+15005550006", json!({}), "http://localhost"),
        ("PUT", "/senders/+15005550006", json!({ "sms": "nowhere" }), "absolute"),
        ("PUT", "/senders/+15005550006", json!({ "sms": "http://a.test/", "method": "PUT" }), "GET or POST"),
    ] {
        let (status, refused) = rig.control(method, path, &body).await;
        assert!((400..500).contains(&status), "{path} {status}");
        assert!(refused["error"].as_str().unwrap().contains(says), "{path}: {refused}");
    }
}
