//! Attacks on the verification provider: garbage, forms without an end, thousands of services and verifications,
//! checks in parallel, floods of one handset and one mailbox.

use std::collections::BTreeMap;

use futures::future::join_all;
use futures::{StreamExt, stream};
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::{ACCOUNT, MIB, PHONE, TOKEN, Victim, flood, pour, rest};

/// How many requests run side by side.
const AT_ONCE: usize = 16;

/// The account and its token as an app shows them.
const SHOWN: &str = "Authorization: Basic QUNhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE6eA==";

/// The path of a service that begins with its first verification.
fn service(nth: usize) -> String {
    format!("/v2/Services/VA{nth:032}")
}

fn to(address: &str, channel: &str) -> Form {
    Form::new().with("To", address).with("Channel", channel)
}

fn check_of(address: &str, code: &str) -> Form {
    Form::new().with("To", address).with("Code", code)
}

/// How many answers there were of each status and code of Twilio's.
fn counted(answers: &[(u16, Value)]) -> BTreeMap<(u16, u64), usize> {
    let mut counts = BTreeMap::new();
    for (status, body) in answers {
        *counts.entry((*status, body["code"].as_u64().unwrap_or(0))).or_default() += 1;
    }
    counts
}

impl Victim {
    /// A request of an account: HTTP status and body.
    async fn verify_as(&self, user: &str, method: &str, path: &str, body: Vec<u8>) -> (u16, Value) {
        let url = format!("http://{}{path}", self.at("twilio"));
        let request = self.client.request(method.parse().unwrap(), url).basic_auth(user, Some(TOKEN));
        let response = request.body(body).send().await.unwrap();
        let (status, text) = (response.status().as_u16(), response.text().await.unwrap());
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn verify(&self, method: &str, path: &str, form: &Form) -> (u16, Value) {
        self.verify_as(ACCOUNT, method, path, form.body().into_bytes()).await
    }

    /// The same form again and again, side by side.
    async fn verify_all(&self, path: &str, forms: Vec<Form>) -> Vec<(u16, Value)> {
        let answers = forms.iter().map(|form| self.verify("POST", path, form));
        join_all(answers).await
    }

    /// The code in the text that arrived last at a handset.
    async fn texted(&self, number: &str) -> String {
        self.advance("10s").await;
        let found = self.get(&format!("/control/v1/phones/{number}/texts?contains=verification")).await;
        let last = found["texts"].as_array().unwrap().last().unwrap();
        last["codes"][0]["code"].as_str().unwrap().to_owned()
    }

    /// Fails unless the server verifies a number, and does what it does besides.
    async fn verifies(&mut self, number: &str) {
        let path = service(999_999);
        let (status, started) =
            self.verify("POST", &format!("{path}/Verifications"), &to(number, "sms")).await;
        assert_eq!(status, 201, "{started}");
        let code = self.texted(number).await;
        let form = check_of(number, &code);
        let (status, checked) = self.verify("POST", &format!("{path}/VerificationCheck"), &form).await;
        assert_eq!((status, &checked["status"]), (201, &json!("approved")), "{checked}");
        self.lives().await;
    }
}

#[tokio::test]
async fn garbage_is_refused_with_a_code_of_twilios() {
    let mut victim = Victim::start();
    victim.verifies("+34699999991").await;
    let sid = "VE00000000000000000000000000000007";
    let mut paths: Vec<String> =
        ["", "/", "//", "?", "/%00", "/..%2f..", "/Services/", "/Services/VA1", "/Attempts/x"]
            .iter()
            .map(|rest| format!("/v2{rest}"))
            .collect();
    for below in
        ["Verifications", "Verifications/", "VerificationCheck", "Entities/x/Factors", "%FF%FE", "a/b/c/d"]
    {
        paths.push(format!("{}/{below}", service(1)));
    }
    paths.push(format!("{}/Verifications/{sid}", service(1)));
    paths.push(format!("{}/Verifications/{}", service(1), "%2B".repeat(2_000)));
    let bodies = [
        Vec::new(),
        vec![0; 1_000],
        (0..=255).collect(),
        b"&&&===%%%zz%2".to_vec(),
        b"To=%FF%FE&Channel=sms".to_vec(),
        b"To=%2B3460000000199999999999&Channel=sms".to_vec(),
        format!("To={}&Channel=email", "a".repeat(60_000)).into_bytes(),
        format!("To=%2B34600000001&Channel=sms&CustomFriendlyName={}", "%00".repeat(9_000)).into_bytes(),
        "To=%2B34600000001&".repeat(3_000).into_bytes(),
        b"To=ana%0D%0ABcc:x@a.test&Channel=email".to_vec(),
        b"Code=\xff&VerificationSid=VE".to_vec(),
        b"Status=approved&Status=canceled".to_vec(),
    ];
    for path in &paths {
        for method in ["GET", "POST", "DELETE", "PUT"] {
            for body in &bodies {
                let (status, answer) = victim.verify_as(ACCOUNT, method, path, body.clone()).await;
                let what = format!("{method} {path} {}: {status} {answer}", String::from_utf8_lossy(body));
                assert!((400..430).contains(&status), "{what}");
                assert!(answer["code"].is_u64() && answer["status"] == status, "{what}");
            }
        }
    }
    victim.verifies("+34699999992").await;
}

#[tokio::test]
async fn forms_without_an_end_are_refused_and_slow_ones_keep_nobody_waiting() {
    let mut victim = Victim::start();
    victim.verifies("+34699999991").await;
    let before = victim.peak();
    let path = format!("{}/Verifications", service(1));
    let head = |length: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{SHOWN}\r\nConnection: close\r\n{length}\r\n\r\n")
    };
    for length in ["Content-Length: 104857600", "Transfer-Encoding: chunked"] {
        let mut stream = victim.connect("twilio").await;
        pour(&mut stream, head(length).as_bytes()).await;
        let chunk = [b"10000\r\n".as_slice(), &[b'a'; 65_536], b"\r\n"].concat();
        let sent = flood(&mut stream, &chunk, 1_600).await;
        assert!(sent < 400, "it reads on: {sent}");
        let heard = rest(stream).await;
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 413"), "{heard}");
    }
    let mut open = Vec::new();
    for nth in 0..200 {
        let mut stream = victim.connect("twilio").await;
        let sent = if nth % 2 == 0 { head("Content-Length: 29") } else { head("Transfer-Encoding: chunked") };
        let begun: &[u8] = if nth % 2 == 0 { b"To=%2B3" } else { b"7\r\nTo=%2B3\r\n" };
        pour(&mut stream, &[sent.as_bytes(), begun].concat()).await;
        open.push(stream);
    }
    victim.verifies("+34699999992").await;
    // One who goes on after all is answered, here the first with a length.
    let mut last = open.swap_remove(0);
    pour(&mut last, b"4600000001&Channel=sms").await;
    let heard = rest(last).await;
    assert!(heard.starts_with("HTTP/1.1 201"), "{heard}");
    drop(open);
    victim.assert_grew_less(before, 48 * MIB);
    victim.verifies("+34699999993").await;
}

#[tokio::test]
async fn accounts_of_any_length_are_not_kept() {
    let mut victim = Victim::start();
    victim.verifies("+34699999991").await;
    let before = victim.peak();
    let path = format!("{}/Verifications", service(1));
    for nth in 0..1_000 {
        let account = format!("AC{nth:060000}");
        // A key, whose account is in the path.
        let calls = format!("/2010-04-01/Accounts/{account}/Calls.json");
        let order = super::order().with("Twiml", "<Response/>").body();
        let (status, body) =
            victim.verify_as(&format!("SK{nth:032}"), "POST", &calls, order.into_bytes()).await;
        assert_eq!((status, &body["code"]), (401, &json!(20_003)));
        let (status, body) = victim.verify_as(&account, "POST", &path, b"To=x".to_vec()).await;
        assert_eq!((status, &body["code"]), (401, &json!(20_003)));
    }
    victim.assert_grew_less(before, 24 * MIB);
    victim.verifies("+34699999992").await;
}

#[tokio::test]
async fn services_and_verifications_by_the_thousand_are_kept_within_limits() {
    let mut victim = Victim::start();
    victim.verifies("+34699999991").await;
    let before = victim.peak();
    let create = |nth: usize| Form::new().with("FriendlyName", format!("App {nth}"));
    // One began above.
    let created = victim.verify_all("/v2/Services", (1..1_000).map(create).collect()).await;
    assert_eq!(counted(&created), BTreeMap::from([((201, 0), 999)]));
    let more = victim.verify_all("/v2/Services", (0..50).map(create).collect()).await;
    assert_eq!(counted(&more), BTreeMap::from([((429, 20_429), 50)]));
    let begins = victim.verify("POST", &format!("{}/Verifications", service(7)), &to(PHONE, "sms")).await;
    assert_eq!((begins.0, &begins.1["code"]), (429, &json!(20_429)));
    let (_, page) = victim.verify("GET", "/v2/Services?PageSize=1000", &Form::new()).await;
    assert_eq!(page["services"].as_array().unwrap().len(), 1_000);
    let sid = created[0].1["sid"].as_str().unwrap();
    let path = format!("/v2/Services/{sid}/Verifications");
    let started = stream::iter(0..4_000).map(|nth: u32| {
        let (victim, path) = (&victim, &path);
        async move { victim.verify("POST", path, &to(&format!("+3468{nth:07}"), "sms")).await }
    });
    let started: Vec<_> = started.buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(counted(&started), BTreeMap::from([((201, 0), 4_000)]));
    let (status, page) = victim.verify("GET", "/v2/Attempts?PageSize=1000&Page=3", &Form::new()).await;
    assert_eq!((status, page["attempts"].as_array().unwrap().len()), (200, 1_000));
    victim.advance("10m").await;
    let (status, _) = victim.verify("GET", &format!("{path}/+34680000000"), &Form::new()).await;
    assert_eq!(status, 404, "it has expired");
    victim.assert_grew_less(before, 64 * MIB);
    victim.verifies("+34699999992").await;
}

#[tokio::test]
async fn checks_side_by_side_count_each_once() {
    let mut victim = Victim::start();
    let (start, check) =
        (format!("{}/Verifications", service(1)), format!("{}/VerificationCheck", service(1)));
    victim.verify("POST", &start, &to(PHONE, "sms")).await;
    let code = victim.texted(PHONE).await;
    let wrong = if code.starts_with('0') { "1" } else { "0" }.to_owned() + &code[1..];
    let guesses = victim.verify_all(&check, vec![check_of(PHONE, &wrong); 200]).await;
    assert_eq!(counted(&guesses), BTreeMap::from([((201, 0), 5), ((429, 60_202), 195)]));
    let late = victim.verify("POST", &check, &check_of(PHONE, &code)).await;
    assert_eq!((late.0, &late.1["code"]), (429, &json!(60_202)), "the right code comes too late");
    let other = "+34600000077";
    let started = victim.verify_all(&start, vec![to(other, "sms"); 50]).await;
    assert_eq!(counted(&started), BTreeMap::from([((201, 0), 5), ((429, 60_203), 45)]));
    let code = victim.texted(other).await;
    let checks = victim.verify_all(&check, vec![check_of(other, &code); 100]).await;
    let approved = checks.iter().filter(|(_, body)| body["status"] == "approved").count();
    assert_eq!(approved, 1, "a code is good once");
    assert_eq!(counted(&checks), BTreeMap::from([((201, 0), 1), ((404, 20_404), 99)]));
    victim.verifies("+34699999992").await;
}

#[tokio::test]
async fn floods_of_one_handset_and_one_mailbox_are_bounded() {
    let mut victim = Victim::start();
    victim.verifies("+34699999991").await;
    let before = victim.peak();
    let mut codes: BTreeMap<(u16, u64), usize> = BTreeMap::new();
    // Each of these services sends to the same handset, the same mailbox and the same telephone.
    for round in 0..5 {
        let sent = stream::iter(0..600).map(|nth: usize| {
            let victim = &victim;
            let (address, channel) =
                [(PHONE, "sms"), ("zoe@a.test", "email"), ("+34600000055", "call")][(nth + round) % 3];
            async move {
                let path = format!("{}/Verifications", service(nth));
                victim.verify("POST", &path, &to(address, channel)).await
            }
        });
        let sent: Vec<_> = sent.buffer_unordered(AT_ONCE).collect().await;
        for (answer, count) in counted(&sent) {
            *codes.entry(answer).or_default() += count;
        }
        victim.is_ready().await;
        // The calls of this round end.
        victim.advance("2m").await;
    }
    assert_eq!(codes, BTreeMap::from([((201, 0), 3_000)]));
    let texts = victim.get(&format!("/control/v1/phones/{PHONE}/texts?contains=verification")).await;
    assert_eq!(texts["texts"].as_array().unwrap().len(), 1_000, "a list has a limit");
    let mails = victim.get("/control/v1/messages?to=zoe@a.test").await["count"].clone();
    assert_eq!(mails, 1_000);
    victim.assert_grew_less(before, 64 * MIB);
    victim.verifies("+34699999992").await;
}
