//! Plays each row of the table `call-faults.txt` on both stages.
//!
//! What the phone company reports (statuses, codes, callbacks with all parameters, the REST API)
//! must equal the row, byte for byte.

use std::sync::Arc;

use lostkey::base::id::CallId;
use lostkey::base::time::Time;
use lostkey::event::{CallStatus, Event, EventKind, Notice, Refusal, Trace};
use lostkey::stage::{EndpointOverrides, WirePlay};
use lostkey::story::Story;
use serde_json::Value;

use super::relay::Relay;
use super::{assert_same, virtually};

const TABLE: &str = include_str!("call-faults.txt");

/// When the call is ordered: the phone number is verified last, some minutes into the story.
const ORDERED_AT: u64 = 300;

/// When the owner looks at the page again.
const LOOKS_AT: u64 = ORDERED_AT + 840;

const ACCOUNT: &str = "AC00000000000000000000000000000001";

/// One row of the table.
struct Row {
    line: usize,
    fault: &'static str,
    with: &'static str,
    does: &'static str,
    reply: &'static str,
    statuses: &'static str,
    sip: &'static str,
    lasts: &'static str,
    by: &'static str,
    callbacks: &'static str,
    codes: &'static str,
    get: &'static str,
    ends: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().enumerate().filter(|(_, line)| line.contains('|') && !line.starts_with('#'));
    let rows = lines.skip(1).map(|(at, line)| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, fault, with, does, reply, statuses, sip, lasts, by, callbacks, codes, get, ends] = cells[..]
        else {
            panic!("line {}: thirteen cells, please: {line}", at + 1)
        };
        Row { line: at + 1, fault, with, does, reply, statuses, sip, lasts, by, callbacks, codes, get, ends }
    });
    rows.collect()
}

impl Row {
    /// The story of the row: Ana proceeds to the call, acts as the row says, and looks at the page.
    fn story(&self) -> Arc<Story> {
        let mut text = "about: One call, and what becomes of it.
clock: 2026-03-02T09:30:00Z
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices:
      phone-app: { state: lost }
people:
  ana: { owns: ana, begins: never }
"
        .to_owned();
        if let Some((part, setting)) = self.with.split_once(": ") {
            text += &format!(
                "{part}: {{ {} }}\n",
                setting.replace("machine-detection", "machine-detection: true")
            );
        }
        if self.fault != "-" {
            let (fault, on) = self.fault.split_once(" #").unwrap_or((self.fault, ""));
            let fault = if fault.contains(": ") { format!("{{ {fault} }}") } else { fault.to_owned() };
            // By default a fault strikes the first call, or every callback.
            let on = match on {
                "" if fault.contains("callback") => "every",
                "" => "1",
                nth => nth,
            };
            text += &format!("faults:\n  - {{ does: {fault}, on: {on} }}\n");
        }
        text += "moves:\n";
        for (at, does) in [
            (0, "signs in with the password"),
            (10, "chooses \"Troubleshoot MFA\""),
            (20, "chooses \"Sign in using alternative factors\""),
            (30, "chooses \"Send verification email\""),
            (120, "opens the newest link"),
            (130, "confirms"),
            (ORDERED_AT, "chooses \"Call me now\""),
        ] {
            text += &a_move(at, does);
        }
        for deed in self.does.split("; ").filter(|deed| *deed != "-") {
            let (after, does) = deed.split_once(' ').unwrap();
            text += &a_move(ORDERED_AT + after.parse::<u64>().unwrap(), does);
        }
        text += &a_move(LOOKS_AT, "goes to \"Step 2: phone number verification\"");
        match Story::read(&text, "one-call.yaml") {
            Ok(story) => Arc::new(story),
            Err(error) => panic!("line {}: {}", self.line, error.rendered()),
        }
    }

    /// The statuses of the row, each with its time after the order in milliseconds.
    fn changes(&self) -> Vec<(CallStatus, u64)> {
        let changes = self.statuses.split(", ").filter(|change| *change != "-").map(|change| {
            let (status, second) = change.split_once(' ').unwrap();
            let millis = second.parse::<f64>().unwrap() * 1_000.0;
            (CallStatus::from_label(status).unwrap(), millis.round() as u64)
        });
        changes.collect()
    }

    /// The body of the callback with this sequence number.
    fn callback(&self, sequence: usize, sid: &str, epoch_secs: u64) -> String {
        let (status, millis) = self.changes()[sequence];
        let mut body = format!(
            "CallSid={sid}&AccountSid={ACCOUNT}&From=%2B15005550006&To=%2B34600000001&Caller=%2B15005550006\
             &Called=%2B34600000001&CallStatus={status}&ApiVersion=2010-04-01&Direction=outbound-api"
        );
        // Machine detection finishes after the answered call was reported.
        if self.by != "-" && status.is_terminal() {
            body += &format!("&AnsweredBy={}", self.by);
        }
        let stamp = jiff::Timestamp::from_second((epoch_secs + ORDERED_AT + millis / 1_000) as i64).unwrap();
        let stamp = stamp.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
        let stamp = stamp.replace(',', "%2C").replace(':', "%3A").replace('+', "%2B").replace(' ', "+");
        body += &format!("&Timestamp={stamp}&CallbackSource=call-progress-events&SequenceNumber={sequence}");
        if status.is_terminal() {
            let lasted: u32 = self.lasts.parse().unwrap();
            body += &format!("&CallDuration={lasted}&Duration={}", lasted.div_ceil(60));
            if self.sip != "-" {
                body += &format!("&SipResponseCode={}", self.sip);
            }
        }
        body
    }
}

fn a_move(at: u64, does: &str) -> String {
    format!("  - '00:{:02}:{:02} ana {does}'\n", at / 60, at % 60).replace("call's", "call''s")
}

/// Statuses, codes and end of the first call, from the trace, in the words of the table.
fn told(trace: &Trace) -> [String; 3] {
    let first = CallId(0);
    let (mut statuses, mut codes, mut verified) = (Vec::new(), Vec::new(), false);
    for Event { at, kind, .. } in trace.events() {
        match *kind {
            EventKind::StatusChanged { call, status } if call == first && status != CallStatus::Queued => {
                let after = at.since(Time::from_millis(ORDERED_AT * 1_000)).as_millis() as f64 / 1_000.0;
                statuses.push(format!("{status} {after}"));
            }
            EventKind::DocumentFailed { call, error, .. } if call == first => codes.push(error.to_string()),
            EventKind::WebhookRefused { why: Refusal::BadSignature, .. } => codes.push("403".to_owned()),
            EventKind::PhoneVerified { .. } => verified = true,
            _ => {}
        }
    }
    let or_dash = |words: Vec<String>, between| {
        if words.is_empty() { "-".to_owned() } else { words.join(between) }
    };
    let ends = if verified { "verified" } else { "failed" };
    [or_dash(statuses, ", "), or_dash(codes, " "), ends.to_owned()]
}

/// The bodies of the signed status callbacks of the call with this sid, as sent.
fn callbacks(seen: &str, sid: &str) -> Vec<String> {
    let requests = seen
        .split("POST /voice/")
        .filter(|request| request.contains("/status HTTP/1.1") && request.contains("x-twilio-signature: "));
    let bodies = requests.filter_map(|request| request.split_once("\r\n\r\n")).map(|(_, body)| body);
    // The next request of another connection may follow without a separator.
    let bodies = bodies.map(|body| {
        body.split("GET /").next().unwrap_or_default().split("POST /").next().unwrap_or_default().to_owned()
    });
    bodies.filter(|body| body.starts_with(&format!("CallSid={sid}&"))).collect()
}

fn sequence(body: &str) -> &str {
    body.split("&SequenceNumber=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or("?")
}

/// The status and the error code of the first answer to an order.
fn reply(answers: &str) -> String {
    let Some(status) = answers.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)) else {
        return "none".to_owned();
    };
    let code =
        answers.split("\"code\":").nth(1).map(|rest| rest.split([',', '}']).next().unwrap_or_default());
    code.filter(|_| status != "201").map_or_else(|| status.to_owned(), |code| format!("{status} {code}"))
}

async fn get(play: &WirePlay, sid: &str) -> Option<Value> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/2010-04-01/Accounts/{ACCOUNT}/Calls/{sid}.json", play.addresses().voice);
    let response = client.get(url).basic_auth(ACCOUNT, Some("auth-token-of-this-play")).send().await.unwrap();
    if response.status() != 200 {
        return None;
    }
    serde_json::from_slice(&response.bytes().await.unwrap()).ok()
}

async fn check(row: &Row) {
    let story = row.story();
    let mut play = WirePlay::start(Arc::clone(&story), story.seed).await.unwrap();
    let voice = Relay::start(play.addresses().voice, |bytes| Some(bytes.to_vec())).await;
    let console = Relay::start(play.addresses().console, |bytes| Some(bytes.to_vec())).await;
    let (console_at, voice_at) = (Some(console.address()), Some(voice.address()));
    play.detour(&EndpointOverrides { console: console_at, voice: voice_at, ..EndpointOverrides::default() })
        .unwrap();
    play.to_the_end().await.unwrap();
    let what = format!("line {}: {} {}", row.line, row.fault, row.does);
    assert_same(&virtually(&story), &play.trace(), &what);

    let [statuses, codes, ends] = told(&play.trace());
    assert_eq!((statuses.as_str(), codes.as_str()), (row.statuses, row.codes), "{what}");
    assert_eq!((reply(&voice.answers()).as_str(), ends.as_str()), (row.reply, row.ends), "{what}");
    let page = play.world().person(story.person("ana").unwrap()).and_then(|ana| ana.page().copied()).unwrap();
    let failed = page.notice == Some(Notice::PhoneFailed);
    assert_eq!(failed, row.ends == "failed", "{what}: the page says {:?}", page.notice);

    let (sid, call) = {
        let world = play.world();
        let call = world.call(CallId(0));
        (call.map(|call| call.sid().to_string()), call.and_then(|call| call.duration()))
    };
    let Some(sid) = sid else { return assert_eq!((row.get, row.callbacks), ("-", "-"), "{what}") };
    let sent = callbacks(&console.seen(), &sid);
    let epoch_secs = story.epoch.unix_secs(Time::ZERO);
    for body in &sent {
        let at: usize = sequence(body).parse().unwrap_or_else(|_| panic!("{what}: {body}"));
        assert_eq!(*body, row.callback(at, &sid, epoch_secs), "{what}");
    }
    let order: Vec<&str> = sent.iter().map(|body| sequence(body)).collect();
    let order = if order.is_empty() { "-".to_owned() } else { order.join(" ") };
    assert_eq!(order, row.callbacks, "{what}");

    let fetched = get(&play, &sid).await.unwrap();
    assert_eq!(fetched["status"], row.get, "{what}");
    let text = |field: &str| fetched[field].as_str().map(str::to_owned);
    assert_eq!(text("duration"), call.map(|seconds| seconds.to_string()), "{what}");
    assert_eq!(text("answered_by"), (row.by != "-").then(|| row.by.to_owned()), "{what}");
    assert_eq!((text("sid"), text("to")), (Some(sid), Some("+34600000001".to_owned())), "{what}");
}

#[tokio::test]
async fn each_fault_of_a_call_is_told_as_the_table_says() {
    let rows = rows();
    assert!(rows.len() >= 60, "{} rows", rows.len());
    for row in &rows {
        check(row).await;
    }
}

/// No fault may verify a number: a verified row must contain the right digits, keyed in by the owner.
#[test]
fn only_the_right_digits_verify_a_number() {
    for row in rows().iter().filter(|row| row.ends == "verified") {
        let keyed_in = row.does.split("; ").any(|deed| deed.ends_with(" keys in the code"));
        assert!(keyed_in, "line {}: {}", row.line, row.does);
    }
}
