//! Tests of the wire stage: traffic seen and altered by relays, and requests of strangers.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "wire/call_faults.rs"]
mod call_faults;
#[path = "wire/foreign.rs"]
mod foreign;
#[path = "wire/relay.rs"]
mod relay;
#[path = "wire/serve.rs"]
mod serve;

use std::fs;
use std::sync::Arc;

use lostkey::event::{EventKind, Refusal, Trace, WebhookKind};
use lostkey::stage::{EndpointOverrides, LivePlay, Play, WirePlay};
use lostkey::story::Story;
use lostkey::wire::Clock;
use wiremock::{Mock, ResponseTemplate, matchers};

use self::relay::Relay;

fn story(name: &str) -> Arc<Story> {
    story_with(name, |text| text)
}

/// A story of the scenarios folder, with its text changed.
fn story_with(name: &str, change: impl Fn(String) -> String) -> Arc<Story> {
    let path = format!("{}/scenarios/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = change(fs::read_to_string(&path).unwrap());
    Arc::new(Story::read(&text, &path).unwrap())
}

fn virtually(story: &Arc<Story>) -> Trace {
    let mut play = Play::new(Arc::clone(story), story.seed);
    play.to_the_end().unwrap();
    play.into_trace()
}

async fn on_the_wire(story: &Arc<Story>) -> Trace {
    let mut play = WirePlay::start(Arc::clone(story), story.seed).await.unwrap();
    play.to_the_end().await.unwrap();
    play.trace()
}

async fn through_the_door(story: &Arc<Story>) -> Trace {
    let mut play = LivePlay::start(Arc::clone(story), story.seed, Clock::Manual).await.unwrap();
    play.to_the_end().await.unwrap();
    play.trace()
}

/// Fails at the first event that differs, and shows only that one.
#[track_caller]
fn assert_same(one: &Trace, other: &Trace, what: &str) {
    for (at, (one, other)) in one.events().iter().zip(other.events()).enumerate() {
        assert_eq!(one, other, "{what}: event {at}");
    }
    assert_eq!(one.events().len(), other.events().len(), "{what}: how many events");
    assert_eq!(one.until(), other.until(), "{what}: until when");
}

fn has(trace: &Trace, test: impl Fn(&EventKind) -> bool) -> bool {
    trace.events().iter().any(|event| test(&event.kind))
}

/// Plays a story with a relay in front of the service that changes the requests to it.
async fn with_console_relay(
    story: &Arc<Story>,
    change: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + 'static,
) -> Trace {
    let mut play = WirePlay::start(Arc::clone(story), story.seed).await.unwrap();
    let relay = Relay::start(play.addresses().console, change).await;
    play.detour(&EndpointOverrides { console: Some(relay.address()), ..EndpointOverrides::default() })
        .unwrap();
    play.to_the_end().await.unwrap();
    play.trace()
}

#[tokio::test]
async fn relays_see_the_mail_and_the_order_to_call_and_change_nothing() {
    let story = story("lost-device");
    let mut play = WirePlay::start(Arc::clone(&story), story.seed).await.unwrap();
    let at = play.addresses();
    let smtp = Relay::start(at.smtp, |bytes| Some(bytes.to_vec())).await;
    let voice = Relay::start(at.voice, |bytes| Some(bytes.to_vec())).await;
    let console = Relay::start(at.console, |bytes| Some(bytes.to_vec())).await;
    play.detour(&EndpointOverrides {
        console: Some(console.address()),
        smtp: Some(smtp.address()),
        voice: Some(voice.address()),
        ..EndpointOverrides::default()
    })
    .unwrap();
    play.to_the_end().await.unwrap();
    assert_same(&play.trace(), &virtually(&story), "through relays");

    let mails = smtp.seen();
    for said in [
        "EHLO console.test\r\n",
        "MAIL FROM:<no-reply@console.test>",
        "RCPT TO:<ana@example.com>",
        "DATA\r\n",
        "Subject: Verify your email address\r\n",
        "http://console.test/verify/",
        "An MFA device was deactivated",
    ] {
        assert!(mails.contains(said), "{said:?} was not sent over SMTP:\n{mails}");
    }
    let orders = voice.seen();
    for said in [
        "POST /2010-04-01/Accounts/AC00000000000000000000000000000001/Calls.json HTTP/1.1\r\n",
        "To=%2B34600000001",
        "StatusCallbackEvent=initiated&StatusCallbackEvent=ringing",
    ] {
        assert!(orders.contains(said), "{said:?} was not sent to the voice provider:\n{orders}");
    }
    let pages = console.seen();
    for said in ["x-twilio-signature: ", "POST /sign-in/password", "csrf=", "cookie: session="] {
        assert!(pages.contains(said), "{said:?} was not sent to the console:\n{pages}");
    }
}

/// Changes the last of the digits that a call posts, if these bytes contain them.
fn change_a_digit(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let Some(at) = text.find("&Digits=") else { return bytes.to_vec() };
    let last = at + "&Digits=".len() + 5;
    let mut bytes = bytes.to_vec();
    bytes[last] = b'0' + (bytes[last] - b'0' + 1) % 10;
    bytes
}

#[tokio::test]
async fn a_digit_altered_on_the_way_breaks_the_signature() {
    let trace = with_console_relay(&story("lost-device"), |bytes| Some(change_a_digit(bytes))).await;
    let refused = EventKind::WebhookRefused { webhook: WebhookKind::Action, why: Refusal::BadSignature };
    assert!(has(&trace, |kind| *kind == refused));
    assert!(!has(&trace, |kind| matches!(kind, EventKind::PhoneVerified { .. })));
}

#[tokio::test]
async fn a_digit_altered_on_the_way_is_a_wrong_code_where_nobody_checks_signatures() {
    let unsigned = |text: String| text + "policy: { webhook-signature: ignored }\n";
    let trace =
        with_console_relay(&story_with("lost-device", unsigned), |bytes| Some(change_a_digit(bytes))).await;
    assert!(has(&trace, |kind| matches!(kind, EventKind::CodeRefused { why: Refusal::Wrong, .. })));
    assert!(!has(&trace, |kind| matches!(kind, EventKind::CodeAccepted { .. })));
}

#[tokio::test]
async fn a_link_altered_on_the_way_opens_nothing() {
    let story = story("lost-device");
    let mut play = WirePlay::start(Arc::clone(&story), story.seed).await.unwrap();
    let alter = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let parts: Vec<&str> = text.split("/verify/").collect();
        let altered: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(at, part)| {
                let other = if part.starts_with('0') { "1" } else { "0" };
                if at == 0 { (*part).to_owned() } else { format!("{other}{}", &part[1..]) }
            })
            .collect();
        Some(altered.join("/verify/").into_bytes())
    };
    let relay = Relay::start(play.addresses().smtp, alter).await;
    play.detour(&EndpointOverrides { smtp: Some(relay.address()), ..EndpointOverrides::default() }).unwrap();
    play.to_the_end().await.unwrap();
    let trace = play.trace();
    let unknown = EventKind::LinkRefused { link: None, why: Refusal::Unknown };
    assert!(has(&trace, |kind| *kind == unknown));
    assert!(!has(&trace, |kind| matches!(kind, EventKind::EmailVerified { .. })));
}

#[tokio::test]
async fn a_callback_that_a_relay_drops_is_not_heard() {
    let drop = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let dropped = text.contains("/status HTTP/1.1") && text.contains("CallStatus=ringing");
        (!dropped).then(|| bytes.to_vec())
    };
    let trace = with_console_relay(&story("lost-device"), drop).await;
    let ringing = |status| status == lostkey::event::CallStatus::Ringing;
    assert!(has(&trace, |kind| matches!(kind, EventKind::CallbackFailed { status, .. } if ringing(*status))));
    assert!(!has(&trace, |kind| matches!(kind, EventKind::StatusHeard { status, .. } if ringing(*status))));
    assert!(has(&trace, |kind| matches!(kind, EventKind::PhoneVerified { .. })));
}

#[tokio::test]
async fn a_webhook_without_a_right_signature_gets_403_and_changes_nothing() {
    let story = story("lost-device");
    let mut play = WirePlay::start(Arc::clone(&story), story.seed).await.unwrap();
    let ana = story.person("ana").unwrap();
    play.world().act_by_habit(ana, Some(lostkey::event::PageName::VerifyPhone));
    play.until(lostkey::base::time::Time::ZERO + lostkey::base::time::Span::HOUR, |world| {
        world.person(ana).is_some_and(|person| !person.acts_by_habit())
    })
    .await
    .unwrap();
    let call_me = lostkey::people::Act::Choose(lostkey::event::Control::CallMe);
    play.world().order(ana, call_me);
    play.settle().await.unwrap();
    let page = |play: &WirePlay| *play.world().person(ana).unwrap().page().unwrap();
    let (before, events) = (page(&play), play.trace().events().len());

    let console = play.addresses().console;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for signature in [None, Some("bm90IHRoZSBzaWduYXR1cmU="), Some("")] {
        for which in ["document", "digits", "status"] {
            let url = format!("http://{console}/voice/0123456789abcdef/{which}");
            let mut post = client.post(url).body("CallSid=CA00&CallStatus=completed&Digits=123456");
            if let Some(signature) = signature {
                post = post.header("X-Twilio-Signature", signature);
            }
            assert_eq!(post.send().await.unwrap().status(), 403, "{which} {signature:?}");
        }
    }
    assert_eq!(page(&play), before);
    let after = play.trace();
    let told =
        |kind: &EventKind| matches!(kind, EventKind::WebhookRefused { why: Refusal::BadSignature, .. });
    assert!(
        after.events()[events..].iter().all(|event| told(&event.kind)),
        "{:?}",
        &after.events()[events..]
    );
}

#[tokio::test]
async fn the_desk_needs_its_credential() {
    let story = story("lost-device");
    let play = WirePlay::start(Arc::clone(&story), story.seed).await.unwrap();
    let url = format!("http://{}/admin/reset-mfa", play.addresses().console);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let form = "ticket=0&account-number=123456789012";
    for credential in [None, Some("Bearer "), Some("Bearer something"), Some("Basic x")] {
        let mut post = client.post(&url).body(form);
        if let Some(credential) = credential {
            post = post.header("Authorization", credential);
        }
        assert_eq!(post.send().await.unwrap().status(), 403, "{credential:?}");
    }
    assert!(!has(&play.trace(), |kind| matches!(kind, EventKind::FactorsReset { .. })));
}

#[tokio::test]
async fn a_users_own_mock_comes_before_ours() {
    let story = story("lost-device");
    let mut play = WirePlay::start(Arc::clone(&story), story.seed).await.unwrap();
    Mock::given(matchers::path_regex("Calls.json$"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .mount(play.voice().server())
        .await;
    play.to_the_end().await.unwrap();
    let trace = play.trace();
    let not_sent =
        trace.events().iter().filter(|event| matches!(event.kind, EventKind::NotSent { .. })).count();
    let taken =
        trace.events().iter().filter(|event| matches!(event.kind, EventKind::CallTaken { .. })).count();
    assert_eq!((not_sent, taken), (1, 1));
}

#[tokio::test]
async fn the_same_seed_tells_the_same_bytes_twenty_times_on_either_stage() {
    for name in ["lost-device", "call-never-arrives", "crash-after-mail"] {
        let story = story(name);
        let told = |trace: &Trace| serde_json::to_string(trace).unwrap();
        let first = told(&virtually(&story));
        for _ in 0..20 {
            assert!(told(&virtually(&story)) == first, "{name} differs on the virtual stage");
            assert!(told(&on_the_wire(&story).await) == first, "{name} differs on the wire stage");
        }
    }
}

#[tokio::test]
async fn the_stages_and_the_door_tell_the_same_trace_of_every_story() {
    let folder = format!("{}/scenarios", env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let story = story(&name);
            let here = virtually(&story);
            assert_same(&on_the_wire(&story).await, &here, &name);
            assert_same(&through_the_door(&story).await, &here, &format!("{name}, through the door"));
        }
    }
}
