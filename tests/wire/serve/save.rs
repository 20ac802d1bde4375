//! `POST /save`: what was served comes back as a story and a feature that both stages play alike.

#[path = "save/files.rs"]
mod files;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lostkey::ServeClock;
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::app::App;
use super::mail::{code_for, send};
use super::{PHONE, Rig, order};

/// A folder of a test, which is removed at its end.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lostkey-save-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the command in a folder.
fn lostkey(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lostkey")).args(args).current_dir(folder).output().unwrap()
}

/// Writes what was saved, checks it, and plays it on both stages; returns what the runs print.
fn plays(saved: &Value, folder: &Path) -> String {
    let name = saved["name"].as_str().unwrap();
    for (ending, text) in [("yaml", &saved["story"]), ("feature", &saved["feature"])] {
        std::fs::write(folder.join(format!("{name}.{ending}")), text.as_str().unwrap()).unwrap();
    }
    let feature = format!("{name}.feature");
    let mut told = String::new();
    for args in [
        &["check", &feature, "--scenarios", "."][..],
        &["run", &feature, "--scenarios", ".", "--stage", "both"],
        &["play", &format!("{name}.yaml"), "--stage", "both"],
    ] {
        let output = lostkey(folder, args);
        let says =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{args:?}\n{says}\n{}\n{}", saved["story"], saved["feature"]);
        told.push_str(&says);
    }
    told
}

/// Saves; the story must tell what was served.
async fn save(rig: &Rig, path: &str, name: &str) -> Value {
    let saved = rig.post(path, json!({ "name": name })).await;
    assert_eq!(
        (saved["same_trace"].as_bool(), saved["differs_at"].as_u64()),
        (Some(true), None),
        "{}",
        saved["story"].as_str().unwrap()
    );
    saved
}

fn text(to: &str, body: &str) -> Form {
    Form::new().with("To", to).with("From", "+15005550006").with("Body", body)
}

#[tokio::test]
async fn a_call_a_text_and_an_email_happen_again_on_both_stages() {
    let (rig, app, folder) = (Rig::start(ServeClock::Manual).await, App::start(), Folder::new("first"));
    let form = order().with("Url", app.url("/asks")).with("StatusCallback", app.url("/status"));
    assert_eq!(rig.rest("POST", "Calls.json", &form).await.0, 201);
    rig.advance("8s").await;
    rig.post(&format!("/phones/{PHONE}/answer"), json!({})).await;
    rig.advance("4s").await;
    rig.post(&format!("/phones/{PHONE}/press"), json!({ "keys": "123456", "gap": "200ms" })).await;
    rig.advance("30s").await;
    let form = text(PHONE, "Your code is \"042137\".\nBye.").with("StatusCallback", app.url("/sms/status"));
    assert_eq!(rig.rest("POST", "Messages.json", &form).await.0, 201);
    send(&rig, code_for("zoe@example.com", "111111")).await;
    send(&rig, code_for("ana@example.com", "042137")).await;
    rig.advance("30m").await;
    let saved = save(&rig, "/save", "first").await;
    assert_eq!(saved["left_out"], json!([]));
    let (story, feature) = (saved["story"].as_str().unwrap(), saved["feature"].as_str().unwrap());
    for says in ["order: POST /Calls.json", "presses: '123456'", "POST http://127.0.0.1:", "until: 00:30:42"]
    {
        assert!(story.contains(says), "{says}\n{story}");
    }
    assert!(!story.contains(super::TOKEN) && !feature.contains(super::TOKEN));
    for says in [
        "the 1st call, to \"+34600000001\", is \"completed\"",
        r#"the 1st text at "+34600000001" says "Your code is \"042137\".\nBye.""#,
        r#""zoe@example.com" has an email with the subject "Your code""#,
        r#""ana@example.com" has an email with the subject "Your code""#,
        "1 call was placed",
    ] {
        assert!(feature.contains(says), "{says}\n{feature}");
    }
    plays(&saved, folder.path());
}

/// A text from a handset, and what else is done by the control API.
async fn put(rig: &Rig, path: &str, body: Value) {
    let (status, told) = rig.control("PUT", path, &body).await;
    assert_eq!(status, 200, "{path}: {told}");
}

/// Parts of the story of what hands, scripts, updates and faults did.
const SAVED_OF_HANDS: [&str; 9] = [
    "order: POST /Calls/call-2.json",
    "answers-after: 4s",
    "script: {}",
    "faults: []",
    "does: hangs-up",
    "phone-is: lost",
    "code-of: any",
    "StatusCallbackEvent:",
    "texts: STOP",
];

#[tokio::test]
async fn hands_scripts_updates_and_faults_happen_again() {
    let (rig, app, folder) = (Rig::start(ServeClock::Manual).await, App::start(), Folder::new("hands"));
    let url = |path: &str| app.url(path);
    // A call that its script answers, and one that the app ends.
    let script = json!({ "answer_after": "4s", "then": [
        { "hears": "code", "press": "12", "after": "1s", "gap": "300ms" }, { "after": "2s", "hang_up": true },
    ] });
    put(&rig, &format!("/phones/{PHONE}/script"), script).await;
    rig.rest("POST", "Calls.json", &order().with("Url", url("/asks")).with("FallbackUrl", url("/sorry")))
        .await;
    rig.advance("1m").await;
    assert_eq!(rig.control("DELETE", &format!("/phones/{PHONE}/script"), &Value::Null).await.0, 200);
    let (_, call) = rig.rest("POST", "Calls.json", &order().with("Url", url("/moved"))).await;
    rig.advance("10s").await;
    rig.post(&format!("/phones/{PHONE}/answer"), json!({})).await;
    let path = format!("Calls/{}.json", call["sid"].as_str().unwrap());
    let update = Form::new().with("Twiml", "<Response><Say>Moved.</Say><Pause length='30'/></Response>");
    assert_eq!(rig.rest("POST", &path, &update).await.0, 200);
    rig.advance("5s").await;
    assert_eq!(rig.rest("POST", &path, &Form::new().with("Status", "completed")).await.0, 200);
    // A declined call, with several values of one field.
    let events = ["initiated", "ringing", "answered", "completed"];
    let form = order().with("Url", url("/asks")).with("StatusCallback", url("/status"));
    let form = events.iter().fold(form, |form, event| form.with("StatusCallbackEvent", *event));
    rig.rest("POST", "Calls.json", &form).await;
    rig.advance("10s").await;
    rig.post(&format!("/phones/{PHONE}/reject"), json!({})).await;
    // Faults come and go.
    put(
        &rig,
        "/faults",
        json!([{ "does": "call-busy", "on": 1 }, { "does": { "text-late": { "by": "1m" } } }]),
    )
    .await;
    rig.rest("POST", "Calls.json", &order().with("Url", url("/asks"))).await;
    rig.rest("POST", "Messages.json", &text(PHONE, "late")).await;
    rig.advance("2m").await;
    assert_eq!(rig.control("DELETE", "/faults", &Value::Null).await.0, 200);
    // Texts in both directions.
    put(
        &rig,
        "/senders/+15005550006",
        json!({ "sms": url("/sms"), "method": "GET", "fallback": url("/sorry") }),
    )
    .await;
    let sent = json!({ "to": "+15005550006", "body": "Hello\nthere" });
    assert_eq!(rig.control("POST", &format!("/phones/{PHONE}/texts"), &sent).await.0, 201);
    rig.advance("30s").await;
    let stop = json!({ "to": "+15005550006", "body": "STOP" });
    assert_eq!(rig.control("POST", &format!("/phones/{PHONE}/texts"), &stop).await.0, 201);
    rig.rest("POST", "Messages.json", &text(PHONE, "after STOP")).await;
    assert_eq!(rig.control("DELETE", "/senders/+15005550006", &Value::Null).await.0, 200);
    // A lost phone, and a code that was given.
    put(&rig, "/people/ana/phone", json!({ "state": "lost" })).await;
    rig.rest("POST", "Calls.json", &order().with("Url", url("/asks"))).await;
    rig.advance("1m").await;
    put(&rig, "/people/ana/phone", json!({ "state": "works" })).await;
    rig.post("/people/ana/code", json!({ "device": "phone-app" })).await;
    rig.post("/people/ben/code", json!({})).await;
    put(&rig, "/people/ana/devices/app", json!({ "secret": "JBSWY3DPEHPK3PXP" })).await;
    let saved = save(&rig, "/save", "hands").await;
    let story = saved["story"].as_str().unwrap();
    for says in SAVED_OF_HANDS {
        assert!(story.contains(says), "{says}\n{story}");
    }
    assert_eq!(saved["left_out"].as_array().unwrap().len(), 1, "{}", saved["left_out"]);
    assert!(!story.contains("JBSWY3DPEHPK3PXP"));
    let told = plays(&saved, folder.path());
    assert!(told.contains("The traces of both stages are equal in 1 scenario"), "{told}");
}

#[tokio::test]
async fn requests_from_inside_a_webhook_and_answers_that_never_come_happen_again() {
    let (rig, app, folder) = (Rig::start(ServeClock::Manual).await, App::start(), Folder::new("inside"));
    app.orders_at(&rig.server.ports().twilio);
    rig.rest("POST", "Calls.json", &order().with("Url", app.url("/orders"))).await;
    rig.advance("8s").await;
    rig.post(&format!("/phones/{PHONE}/answer"), json!({})).await;
    rig.advance("1s").await;
    // An app that is down, one that fails, and one that answers with what is no document.
    for url in
        ["http://127.0.0.1:9/down".to_owned(), app.url("/broken"), app.url("/html"), app.url("/unspaced")]
    {
        rig.rest("POST", "Calls.json", &order().with("Url", url).with("FallbackUrl", app.url("/sorry")))
            .await;
        rig.advance("6s").await;
        rig.post(&format!("/phones/{PHONE}/answer"), json!({})).await;
        rig.advance("1m").await;
    }
    // The app has not answered yet.
    rig.rest("POST", "Calls.json", &order().with("Url", app.url("/hangs"))).await;
    rig.advance("6s").await;
    rig.post(&format!("/phones/{PHONE}/answer"), json!({})).await;
    app.hangs().await;
    let saved = save(&rig, "/save", "inside").await;
    let story = saved["story"].as_str().unwrap();
    for says in ["lost: down", "lost: not-yet", "status: 500"] {
        assert!(story.contains(says), "{says}\n{story}");
    }
    plays(&saved, folder.path());
}

#[tokio::test]
async fn verifications_gateways_and_emails_with_faults_happen_again() {
    let story = format!(
        "{}\nfaults:\n- {{ does: {{ mail-refused: {{ code: 451, taken-after: 5m }} }}, to: \"*@app.test\" }}\n",
        super::gateway::STORY
    );
    let story = lostkey::story::Story::read(&story, "gateways.yaml").unwrap();
    let server = lostkey::Server::builder().story(story).clock(ServeClock::Manual).start().await.unwrap();
    let rig = Rig { server, client: reqwest::Client::builder().no_proxy().build().unwrap() };
    let folder = Folder::new("verify");
    rig.start_verifying(&super::verify::to(PHONE, "sms")).await;
    let code = rig.texted(PHONE).await;
    assert_eq!(rig.check(PHONE, "000000").await.0, 201);
    assert_eq!(rig.check(PHONE, &code).await.1["status"], "approved");
    rig.start_verifying(&super::verify::to("zoe@example.com", "email")).await;
    rig.start_verifying(&super::verify::to(PHONE, "call")).await;
    let body = json!({ "sender": "MyApp", "messages": [{ "to": PHONE, "content": "by JSON" }] }).to_string();
    super::gateway::post(&rig, "/json/messages", "application/json", body).await;
    let form = "recipient=0034600000001&body=by+form".to_owned();
    super::gateway::post(&rig, "/form", "application/x-www-form-urlencoded", form).await;
    rig.advance("1m").await;
    let refused = super::mail::try_send(&rig, code_for("yan@app.test", "222222")).await;
    assert!(refused.is_err());
    rig.advance("6m").await;
    send(&rig, code_for("yan@app.test", "222222")).await;
    rig.advance("1m").await;
    let saved = save(&rig, "/save", "verify").await;
    let (story, feature) = (saved["story"].as_str().unwrap(), saved["feature"].as_str().unwrap());
    for says in ["/VerificationCheck", "order: POST /json/messages", "ends-at: recipient"] {
        assert!(story.contains(says), "{says}\n{story}");
    }
    for says in [
        "the verification of \"+34600000001\" is \"pending\"",
        "\"zoe@example.com\" has an email",
        "\"yan@app.test\" has an email",
    ] {
        assert!(feature.contains(says), "{says}\n{feature}");
    }
    plays(&saved, folder.path());
}

#[tokio::test]
async fn a_saved_feature_fails_if_something_else_happens() {
    let (rig, app, folder) = (Rig::start(ServeClock::Manual).await, App::start(), Folder::new("fails"));
    rig.rest("POST", "Calls.json", &order().with("Url", app.url("/asks"))).await;
    rig.advance("8s").await;
    rig.post(&format!("/phones/{PHONE}/answer"), json!({})).await;
    rig.advance("1m").await;
    rig.rest("POST", "Messages.json", &text(PHONE, "Code 042137")).await;
    send(&rig, code_for("zoe@example.com", "111111")).await;
    rig.advance("1m").await;
    let saved = save(&rig, "/save", "fails").await;
    plays(&saved, folder.path());
    let story = saved["story"].as_str().unwrap();
    for (from, to, says) in [
        ("does: answers", "does: hangs-up", "it is \"busy\""),
        ("Code 042137", "Code 042138", "it says \"Code 042138\""),
        ("zoe@example.com", "yan@example.com", "no email has arrived there"),
        ("Subject: Your code", "Subject: My code", "it has \"My code\""),
    ] {
        assert!(story.contains(from), "{from}\n{story}");
        std::fs::write(folder.path().join("fails.yaml"), story.replace(from, to)).unwrap();
        let output = lostkey(folder.path(), &["run", "fails.feature", "--scenarios", ".", "--stage", "both"]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!output.status.success() && told.contains(says), "{from}: {told}");
    }
}

#[tokio::test]
async fn sandboxes_are_saved_each_with_its_own_name_and_tag() {
    let (rig, folder) = (Rig::start(ServeClock::Manual).await, Folder::new("sandboxes"));
    for nth in [1, 2] {
        let name = format!("t{nth}");
        let account = format!("ACf{nth:031}");
        let made = json!({ "name": name, "account": account, "tag": name, "seed": nth });
        assert_eq!(rig.control("POST", "/sandboxes", &made).await.0, 201);
        let url = format!("{}/2010-04-01/Accounts/{account}/Messages.json", rig.server.ports().twilio);
        let body = text(PHONE, &format!("to {name}")).body();
        let sent = rig.client.post(url).basic_auth(&account, Some("token")).body(body).send().await.unwrap();
        assert_eq!(sent.status(), 201);
        send(&rig, code_for(&format!("ana+{name}@example.com"), "111111")).await;
        rig.post(&format!("/sandboxes/{name}/clock/advance"), json!({ "by": "1m" })).await;
    }
    for (path, name, other) in [("/sandboxes/t1/save", "t1", "t2"), ("/sandboxes/t2/save", "t2", "t1")] {
        let saved = rig.post(path, json!({})).await;
        assert_eq!((&saved["name"], &saved["same_trace"]), (&json!(name), &json!(true)));
        let story = saved["story"].as_str().unwrap();
        assert!(story.contains(&format!("tag: {name}")) && story.contains(&format!("to {name}")), "{story}");
        assert!(!story.contains(&format!("to {other}")), "{story}");
        let feature = saved["feature"].as_str().unwrap();
        assert!(feature.contains(&format!("\"ana+{name}@example.com\" has an email")), "{feature}");
        plays(&saved, folder.path());
    }
    // The header chooses one as well.
    let url = format!("{}/control/v1/save", rig.server.ports().http);
    let request = rig.client.post(url).header("X-Lostkey-Sandbox", "t2");
    let (status, saved) = super::send(request).await;
    assert_eq!((status, &saved["name"]), (200, &json!("t2")));
}

#[tokio::test]
async fn a_browser_at_the_reference_service_comes_again() {
    let (rig, folder) = (Rig::start(ServeClock::Manual).await, Folder::new("pages"));
    let no_redirects = reqwest::redirect::Policy::none();
    let browser = reqwest::Client::builder().no_proxy().redirect(no_redirects).build().unwrap();
    let at = |path: &str| format!("{}{path}", rig.server.ports().console);
    let mut cookie = None;
    let mut csrf = String::new();
    for (method, path, form) in [
        ("GET", "/", ""),
        ("POST", "/sign-in/user", "user=ana%40example.com"),
        ("POST", "/sign-in/password", "password=correct+horse+battery+staple"),
        ("GET", "/mfa", ""),
        ("POST", "/mfa/code", "code=000000"),
    ] {
        let mut request = browser.request(method.parse().unwrap(), at(path));
        if let Some(cookie) = &cookie {
            request = request.header("cookie", cookie);
        }
        let body = if form.is_empty() { String::new() } else { format!("{form}&csrf={csrf}") };
        let response = request.body(body).send().await.unwrap();
        if let Some(set) = response.headers().get("set-cookie") {
            cookie = Some(set.to_str().unwrap().split(';').next().unwrap().to_owned());
        }
        let page = response.text().await.unwrap();
        if let Some((_, rest)) = page.split_once("name=\"csrf\" value=\"") {
            csrf = rest.split('"').next().unwrap().to_owned();
        }
    }
    let saved = save(&rig, "/save", "pages").await;
    let story = saved["story"].as_str().unwrap();
    assert!(story.contains("page: POST /sign-in") && story.contains("csrf: valid"), "{story}");
    let trace = rig.get("/trace").await.to_string();
    assert!(trace.contains("password-accepted"), "{trace}");
    plays(&saved, folder.path());
}

#[tokio::test]
async fn a_real_clock_is_saved_with_its_times() {
    let clock = ServeClock::named("x100").unwrap();
    let (rig, app, folder) = (Rig::start(clock).await, App::start(), Folder::new("real"));
    rig.rest("POST", "Calls.json", &order().with("Url", app.url("/asks"))).await;
    rig.get(&format!("/phones/{PHONE}/wait?timeout=30")).await;
    rig.post(&format!("/phones/{PHONE}/answer"), json!({})).await;
    rig.get(&format!("/phones/{PHONE}/wait?state=ended&timeout=30")).await;
    rig.rest("POST", "Messages.json", &text(PHONE, "Hi").with("StatusCallback", app.url("/status"))).await;
    rig.get(&format!("/phones/{PHONE}/texts/wait?since=0&timeout=30")).await;
    let saved = rig.post("/save", json!({ "name": "real" })).await;
    assert!(saved["story"].as_str().unwrap().contains("webhooks: at-once"), "{saved}");
    plays(&saved, folder.path());
}
