//! Verifications as an app starts and checks them with an SDK, and as a test reads the codes.

use lostkey::ServeClock;
use lostkey::wire::form::Form;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::{ACCOUNT, PHONE, Rig, TOKEN, openapi};

const BEN: &str = "+14155550100";

/// A service that nobody has created.
const SERVICE: &str = "VA00000000000000000000000000000007";

/// A verification with its number of sendings, its status and whether it is valid.
fn state(verification: &Value) -> (usize, &str, bool) {
    let sent = verification["send_code_attempts"].as_array().map_or(0, Vec::len);
    (sent, verification["status"].as_str().unwrap(), verification["valid"].as_bool().unwrap())
}

pub(super) fn to(number: &str, channel: &str) -> Form {
    Form::new().with("To", number).with("Channel", channel)
}

/// A code of the same length that is wrong.
fn wrong(code: &str) -> String {
    let first = if code.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &code[1..])
}

impl Rig {
    /// A request of the app to Verify: status, headers and body; `None` if the connection was closed.
    pub(super) async fn ask_verify(
        &self,
        method: &str,
        path: &str,
        form: &Form,
    ) -> Option<(u16, HeaderMap, Value)> {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.server.ports().twilio)
        };
        let request = self.client.request(method.parse().unwrap(), &url).basic_auth(ACCOUNT, Some(TOKEN));
        let response = request.body(form.body()).send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        let path = url.strip_prefix(&self.server.ports().twilio).unwrap();
        openapi::check_verify(method, path, status, &body);
        Some((status, headers, body))
    }

    /// A request about the service: status and body.
    pub(super) async fn verify(&self, method: &str, below: &str, form: &Form) -> (u16, Value) {
        let path = format!("/v2/Services/{SERVICE}{below}");
        let (status, _, body) = self.ask_verify(method, &path, form).await.unwrap();
        (status, body)
    }

    /// Starts a verification; its resource.
    pub(super) async fn start_verifying(&self, form: &Form) -> Value {
        let (status, body) = self.verify("POST", "/Verifications", form).await;
        assert_eq!(status, 201, "{body}");
        body
    }

    /// Checks a code: status and body.
    pub(super) async fn check(&self, number: &str, code: &str) -> (u16, Value) {
        let form = Form::new().with("To", number).with("Code", code);
        self.verify("POST", "/VerificationCheck", &form).await
    }

    /// The code in the text that arrived last.
    pub(super) async fn texted(&self, number: &str) -> String {
        self.advance("10s").await;
        let texts = self.get(&format!("/phones/{number}/texts?contains=verification")).await;
        let last = texts["texts"].as_array().unwrap().last().unwrap();
        last["codes"][0]["code"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_texted_code_approves_and_is_then_spent() {
    let rig = Rig::start(ServeClock::Manual).await;
    let started = rig.start_verifying(&to(PHONE, "sms")).await;
    assert_eq!(state(&started), (1, "pending", false));
    assert_eq!(started["date_created"], "2026-03-02T09:00:00Z");
    assert_eq!(started["send_code_attempts"][0]["channel"], "SMS");
    let code = rig.texted(PHONE).await;
    let (status, checked) = rig.check(PHONE, &wrong(&code)).await;
    assert_eq!((status, state(&checked)), (201, (0, "pending", false)));
    let (status, checked) = rig.check(PHONE, &code).await;
    assert_eq!((status, state(&checked)), (201, (0, "approved", true)));
    assert_eq!(
        (&checked["sid"], &checked["date_updated"]),
        (&started["sid"], &json!("2026-03-02T09:00:10Z"))
    );
    let (status, refused) = rig.check(PHONE, &code).await;
    let says = format!("The requested resource /v2/Services/{SERVICE}/VerificationCheck was not found");
    assert_eq!((status, &refused["code"], &refused["message"]), (404, &json!(20404), &json!(says)));
    let by_sid = Form::new().with("VerificationSid", started["sid"].as_str().unwrap()).with("Code", code);
    assert_eq!(rig.verify("POST", "/VerificationCheck", &by_sid).await.0, 404);
    // Each event follows from one of the verification's.
    let trace = rig.get("/trace").await.to_string();
    for event in ["verification-started", "verification-sent", "text-taken", "verification-checked"] {
        assert!(trace.contains(event), "{event}: {trace}");
    }
}

#[tokio::test]
async fn a_text_is_caused_by_its_verification_and_five_runs_are_the_same() {
    let mut first = None;
    for _ in 0..5 {
        let rig = Rig::start(ServeClock::Manual).await;
        rig.start_verifying(&to(PHONE, "sms")).await;
        let code = rig.texted(PHONE).await;
        rig.check(PHONE, &code).await;
        let trace = rig.get("/trace").await;
        let events = trace["events"].as_array().unwrap();
        let place = |kind: &str| events.iter().position(|event| event["kind"].get(kind).is_some()).unwrap();
        let (sent, taken) = (place("verification-sent"), place("text-taken"));
        assert_eq!(events[taken]["cause"], sent, "{trace:#}");
        assert!(!trace.to_string().contains(&code), "a code is a secret");
        assert_eq!(first.get_or_insert_with(|| trace.clone()), &trace);
    }
}

#[tokio::test]
async fn a_resend_keeps_the_code_and_the_sixth_sending_is_refused() {
    let rig = Rig::start(ServeClock::Manual).await;
    let first = rig.start_verifying(&to(PHONE, "sms")).await;
    let code = rig.texted(PHONE).await;
    for sent in 2..=5 {
        let again = rig.start_verifying(&to(PHONE, "sms")).await;
        assert_eq!((&again["sid"], state(&again)), (&first["sid"], (sent, "pending", false)));
        assert_eq!(rig.texted(PHONE).await, code);
    }
    let path = format!("/v2/Services/{SERVICE}/Verifications");
    let (status, headers, body) = rig.ask_verify("POST", &path, &to(PHONE, "sms")).await.unwrap();
    assert_eq!((status, &body["code"], &body["status"]), (429, &json!(60203), &json!(429)));
    // No waiting in real time moves a manual clock.
    assert_eq!(headers["retry-after"], "0");
    assert!(headers.contains_key("twilio-reached-rate-limit"), "{headers:?}");
    rig.start_verifying(&to(BEN, "sms")).await;
    rig.advance("550s").await;
    let new = rig.start_verifying(&to(PHONE, "sms")).await;
    assert_ne!(new["sid"], first["sid"]);
    assert_eq!(state(&new), (1, "pending", false));
}

#[tokio::test]
async fn a_client_is_told_to_wait_in_real_time() {
    for (speed, longest) in [(1, 600), (10, 60)] {
        let rig = Rig::start(ServeClock::Real(std::num::NonZeroU32::new(speed).unwrap())).await;
        let path = format!("/v2/Services/{SERVICE}/Verifications");
        let mut told = None;
        for _ in 0..=5 {
            let (status, headers, _) = rig.ask_verify("POST", &path, &to(PHONE, "sms")).await.unwrap();
            told = headers.get("retry-after").map(|wait| (status, wait.to_str().unwrap().to_owned()));
        }
        let (status, wait) = told.unwrap();
        let wait: u64 = wait.parse().unwrap();
        assert_eq!(status, 429, "{speed}");
        // The first start was some real seconds ago on a slow machine, but not half of the lifetime.
        assert!((longest / 2..=longest).contains(&wait), "{speed}: {wait}");
    }
}

#[tokio::test]
async fn the_sixth_check_is_refused_until_the_code_expires() {
    let rig = Rig::start(ServeClock::Manual).await;
    rig.start_verifying(&to(PHONE, "sms")).await;
    let code = rig.texted(PHONE).await;
    for _ in 0..5 {
        let (status, checked) = rig.check(PHONE, &wrong(&code)).await;
        assert_eq!((status, state(&checked)), (201, (0, "pending", false)));
    }
    let form = Form::new().with("To", PHONE).with("Code", code.as_str());
    let path = format!("/v2/Services/{SERVICE}/VerificationCheck");
    let (status, headers, body) = rig.ask_verify("POST", &path, &form).await.unwrap();
    assert_eq!((status, &body["code"]), (429, &json!(60202)));
    for header in ["retry-after", "twilio-reached-rate-limit"] {
        assert!(!headers.contains_key(header), "{header} is declared for starts alone: {headers:?}");
    }
    let (_, shown) = rig.verify("GET", &format!("/Verifications/{PHONE}"), &Form::new()).await;
    assert_eq!(shown["status"], "max_attempts_reached");
    rig.advance("590s").await;
    assert_eq!(rig.check(PHONE, &code).await.0, 404);
}

#[tokio::test]
async fn a_code_expires_after_ten_minutes() {
    for (wait, status) in [("589s", 201), ("590s", 404)] {
        let rig = Rig::start(ServeClock::Manual).await;
        let started = rig.start_verifying(&to(PHONE, "sms")).await;
        let code = rig.texted(PHONE).await;
        rig.advance(wait).await;
        let below = format!("/Verifications/{}", started["sid"].as_str().unwrap());
        let fetched = rig.verify("GET", &below, &Form::new()).await.0;
        assert_eq!(fetched, if status == 404 { 404 } else { 200 }, "{wait}");
        assert_eq!(rig.check(PHONE, &code).await.0, status, "{wait}");
    }
}

#[tokio::test]
async fn a_call_speaks_the_code_twice() {
    let rig = Rig::start(ServeClock::Manual).await;
    let started = rig.start_verifying(&to(PHONE, "call")).await;
    assert_eq!((&started["channel"], state(&started)), (&json!("call"), (1, "pending", false)));
    rig.advance("10s").await;
    rig.post(&format!("/phones/{PHONE}/answer"), Value::Null).await;
    rig.advance("1m").await;
    let heard = rig.get(&format!("/phones/{PHONE}")).await["call"].clone();
    assert_eq!((&heard["status"], heard["heard"].as_array().unwrap().len()), (&json!("completed"), 2));
    let code = heard["code"].as_str().unwrap();
    assert_eq!(code.len(), 6, "{heard}");
    assert_eq!(rig.check(PHONE, code).await.1["status"], "approved");
    // The call is the provider's own.
    let (_, calls) = rig.rest("GET", "Calls.json", &Form::new()).await;
    assert_eq!(calls["calls"], json!([]));
}

#[tokio::test]
async fn an_email_brings_the_code_to_anybody() {
    for address in ["zoe@example.com", "ana@example.com"] {
        let rig = Rig::start(ServeClock::Manual).await;
        let started = rig.start_verifying(&to(address, "email")).await;
        assert_eq!((&started["to"], &started["channel"]), (&json!(address), &json!("email")));
        rig.advance("1m").await;
        let found = rig.get(&format!("/messages/wait?to={address}&since=0&timeout=30")).await;
        let code = found["codes"][0]["code"].as_str().unwrap();
        let (status, checked) = rig.check(address, code).await;
        assert_eq!((status, state(&checked)), (201, (0, "approved", true)), "{found}");
    }
}

#[tokio::test]
async fn a_verification_is_fetched_and_closed_by_sid_or_number() {
    for (status, is) in [("approved", true), ("canceled", false)] {
        for by_number in [true, false] {
            let rig = Rig::start(ServeClock::Manual).await;
            let started = rig.start_verifying(&to(PHONE, "sms")).await;
            let by = if by_number { PHONE } else { started["sid"].as_str().unwrap() };
            let below = format!("/Verifications/{by}");
            assert_eq!(rig.verify("GET", &below, &Form::new()).await, (200, started.clone()));
            let (bad, body) = rig.verify("POST", &below, &Form::new().with("Status", "pending")).await;
            assert_eq!((bad, &body["code"]), (400, &json!(60200)));
            let closes = Form::new().with("Status", status);
            let (http, closed) = rig.verify("POST", &below, &closes).await;
            assert_eq!((http, state(&closed)), (200, (1, status, is)));
            assert_eq!(rig.verify("GET", &below, &Form::new()).await.0, 404);
            assert_eq!(rig.verify("POST", &below, &closes).await.0, 404);
        }
    }
}

#[tokio::test]
async fn services_are_created_listed_changed_and_deleted() {
    let rig = Rig::start(ServeClock::Manual).await;
    let mut sids = Vec::new();
    for n in 0..7 {
        let form = Form::new().with("FriendlyName", format!("App {n}")).with("CodeLength", "4");
        let (status, _, body) = rig.ask_verify("POST", "/v2/Services", &form).await.unwrap();
        assert_eq!((status, &body["code_length"]), (201, &json!(4)), "{body}");
        sids.push(body["sid"].as_str().unwrap().to_owned());
    }
    sids.reverse();
    let (mut next, mut seen, mut pages) = (Some("/v2/Services?PageSize=3".to_owned()), Vec::new(), 0);
    while let Some(path) = next {
        let (_, _, page) = rig.ask_verify("GET", &path, &Form::new()).await.unwrap();
        seen.extend(
            page["services"].as_array().unwrap().iter().map(|it| it["sid"].as_str().unwrap().to_owned()),
        );
        next = page["meta"]["next_page_url"].as_str().map(str::to_owned);
        assert_eq!((&page["meta"]["key"], &page["meta"]["page"]), (&json!("services"), &json!(pages)));
        pages += 1;
    }
    assert_eq!((pages, &seen), (3, &sids));
    let path = format!("/v2/Services/{}", sids[0]);
    let form = Form::new().with("FriendlyName", "Bank").with("CustomCodeEnabled", "true");
    let (_, _, changed) = rig.ask_verify("POST", &path, &form).await.unwrap();
    assert_eq!((&changed["friendly_name"], &changed["code_length"]), (&json!("Bank"), &json!(4)));
    let below = |rest: &str| format!("{path}{rest}");
    let form = to(PHONE, "sms").with("CustomCode", "0042").with("CustomFriendlyName", "Shop");
    assert_eq!(rig.ask_verify("POST", &below("/Verifications"), &form).await.unwrap().0, 201);
    rig.advance("10s").await;
    let texts = rig.get(&format!("/phones/{PHONE}/texts")).await;
    assert_eq!(texts["texts"][0]["body"], "Your Shop verification code is: 0042");
    assert_eq!(rig.ask_verify("DELETE", &path, &Form::new()).await.unwrap().0, 204);
    for (method, rest) in [("GET", ""), ("DELETE", ""), ("GET", "/Verifications/+34600000001")] {
        let (status, _, body) = rig.ask_verify(method, &below(rest), &Form::new()).await.unwrap();
        assert_eq!((status, &body["code"]), (404, &json!(20404)), "{method} {rest}");
    }
}

#[tokio::test]
async fn attempts_tell_what_has_become_of_each_code() {
    let rig = Rig::start(ServeClock::Manual).await;
    let undelivered = json!([{ "does": { "text-undelivered": { "code": 30003 } }, "of": "ana", "on": 1 }]);
    let (status, body) = rig.control("PUT", "/faults", &undelivered).await;
    assert_eq!(status, 200, "{body}");
    for _ in 0..3 {
        rig.start_verifying(&to(PHONE, "sms")).await;
        rig.advance("1m").await;
    }
    let code = rig.texted(PHONE).await;
    rig.check(PHONE, &code).await;
    for n in 0..4 {
        rig.start_verifying(&to(&format!("+3460000010{n}"), "call")).await;
        rig.advance("3m").await;
    }
    let (mut next, mut seen, mut pages) = (Some("/v2/Attempts?PageSize=3".to_owned()), Vec::new(), 0);
    while let Some(path) = next {
        let (_, _, page) = rig.ask_verify("GET", &path, &Form::new()).await.unwrap();
        seen.extend(page["attempts"].as_array().unwrap().iter().map(|attempt| {
            let data = &attempt["channel_data"];
            let status = data["message_status"].as_str().or(data["call_status"].as_str()).unwrap();
            let error = data["error_code"].as_str().unwrap_or_default();
            format!("{} {status}{error} {}", attempt["channel"], attempt["conversion_status"])
                .replace('"', "")
        }));
        next = page["meta"]["next_page_url"].as_str().map(str::to_owned);
        pages += 1;
    }
    let calls = ["call no-answer unconverted"; 4];
    let texts = ["sms delivered converted", "sms delivered unconverted", "sms undelivered30003 unconverted"];
    assert_eq!((pages, seen), (3, [&calls[..], &texts].concat().into_iter().map(str::to_owned).collect()));
    for (query, count) in [
        ("Channel=call", 4),
        ("Channel=sms", 3),
        ("Status=CONVERTED", 1),
        ("ChannelData.To=%2B34600000001", 3),
        ("ChannelData.To=%2B34600000101&Channel=sms", 0),
        ("VerifyServiceSid=VA00000000000000000000000000000008", 0),
        ("DateCreatedAfter=2026-03-02T09:02:00Z", 5),
        ("DateCreatedBefore=2026-03-02T09:02:00Z", 3),
    ] {
        let path = format!("/v2/Attempts?{query}");
        let (_, _, page) = rig.ask_verify("GET", &path, &Form::new()).await.unwrap();
        let attempts = page["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), count, "{query}: {page}");
        for attempt in attempts.iter().take(1) {
            let path = attempt["url"].as_str().unwrap();
            assert_eq!(&rig.ask_verify("GET", path, &Form::new()).await.unwrap().2, attempt);
        }
    }
    let (status, _, body) = rig.ask_verify("GET", "/v2/Attempts?Status=perhaps", &Form::new()).await.unwrap();
    assert_eq!((status, &body["code"]), (400, &json!(60200)));
}

#[tokio::test]
async fn accounts_are_those_of_the_credentials() {
    let rig = Rig::start(ServeClock::Manual).await;
    let started = rig.start_verifying(&to(PHONE, "sms")).await;
    let below = format!("/v2/Services/{SERVICE}/Verifications/{}", started["sid"].as_str().unwrap());
    let url = format!("{}{below}", rig.server.ports().twilio);
    for (user, status) in [
        (Some(ACCOUNT), 200),
        (Some("ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"), 404),
        (Some("SK00000000000000000000000000000001"), 404),
        (Some("ana"), 401),
        (None, 401),
    ] {
        let request = rig.client.get(&url);
        let request = if let Some(user) = user { request.basic_auth(user, Some(TOKEN)) } else { request };
        assert_eq!(request.send().await.unwrap().status(), status, "{user:?}");
    }
    // An API key that the account has used is the account's.
    let calls = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", rig.server.ports().twilio);
    let key = Some("the secret of a key");
    for url in [&calls, &url] {
        let request = rig.client.get(url).basic_auth("SK00000000000000000000000000000001", key);
        assert_eq!(request.send().await.unwrap().status(), 200, "{url}");
    }
}

#[tokio::test]
async fn addresses_repeat_the_host_that_was_asked() {
    let rig = Rig::start(ServeClock::Manual).await;
    let url = format!("{}/v2/Services/{SERVICE}/Verifications", rig.server.ports().twilio);
    for (host, origin) in
        [("verify.twilio.com", "https://verify.twilio.com"), ("localhost:8026", "http://localhost:8026")]
    {
        let request = rig.client.post(&url).header("host", host).basic_auth(ACCOUNT, Some(TOKEN));
        let text = request.body(to(PHONE, "sms").body()).send().await.unwrap().text().await.unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        let shown = body["url"].as_str().unwrap();
        assert!(shown.starts_with(&format!("{origin}/v2/Services/{SERVICE}/Verifications/VE")), "{shown}");
    }
}
