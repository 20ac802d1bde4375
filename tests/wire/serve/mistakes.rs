//! What the control API says about faults and stories that cannot be read.

use lostkey::ServeClock;
use serde_json::{Value, json};

use super::{Rig, send};

/// The refusal of a list of faults as it was written.
async fn refused(rig: &Rig, body: &str) -> Value {
    let url = format!("{}/control/v1/faults", rig.server.ports().http);
    let (status, refusal) = send(rig.client.put(url).body(body.to_owned())).await;
    assert_eq!(status, 400, "{body}: {refusal}");
    refusal
}

/// Fails if the text is drawn for a terminal.
fn is_plain(refusal: &Value) {
    for (name, text) in refusal.as_object().unwrap() {
        let text = text.as_str().unwrap_or_default();
        let drawn = text.chars().any(|c| ('\u{2190}'..='\u{27bf}').contains(&c) || c.is_control());
        assert!(!drawn && !text.contains("lostkey::"), "{name}: {text}");
    }
}

#[tokio::test]
async fn a_bad_fault_is_told_with_its_place_in_the_body() {
    let rig = Rig::start(ServeClock::Manual).await;
    let pretty = "[\n\t{ \"does\": \"call-busy\" },\n  {\n    \"does\": {\n      \"call-refused\": { \"kode\": 21211 }\n    }\n  }\n]";
    for (body, says, line, column, help) in [
        (r#"[{"does":"call-bussy"}]"#, "there is no fault `call-bussy`", 1, 10, "`call-busy`"),
        (r#"[{"does":"call-busy"}, {"does":"x"}]"#, "there is no fault `x`", 1, 32, "the faults are"),
        (pretty, "there is no field `kode`", 5, 25, "`code`"),
        (r#"[ {"does": "call-busy", "of": "zoe"} ]"#, "there is no account `zoe`", 1, 31, "the story has"),
        // An escape is not the same in YAML; then the fault has a place.
        (
            "[{\"does\":\"call-busy\"},\n {\"does\":\"\\u0078\"}]",
            "there is no fault `x`",
            2,
            2,
            "the faults are",
        ),
    ] {
        let refusal = refused(&rig, body).await;
        is_plain(&refusal);
        assert!(refusal["error"].as_str().unwrap().contains(says), "{body}: {refusal}");
        assert_eq!(
            (&refusal["line"], &refusal["column"]),
            (&json!(line), &json!(column)),
            "{body}: {refusal}"
        );
        assert!(refusal["help"].as_str().unwrap().contains(help), "{body}: {refusal}");
    }
    for (body, says) in [("[{", "not understood"), ("{}", "send a list"), ("", "send a list"), ("[1]", "")] {
        let refusal = refused(&rig, body).await;
        is_plain(&refusal);
        assert!(refusal["error"].as_str().unwrap().contains(says), "{body}: {refusal}");
    }
    assert_eq!(rig.get("/faults").await["faults"], json!([]), "nothing has changed");
    let (status, body) =
        rig.control("PUT", "/faults", &json!([{ "does": "call-busy", "to": "ab" }, 7])).await;
    assert_eq!(status, 400, "{body}");
}

#[tokio::test]
async fn a_bad_story_of_a_sandbox_is_told_with_its_place_in_the_story() {
    let rig = Rig::start(ServeClock::Manual).await;
    let story = "about: A story.\naccounts:\n  ana: { user: ana, emial: a@b.test }\n";
    let (status, refusal) = rig.control("POST", "/sandboxes", &json!({ "name": "t1", "story": story })).await;
    assert_eq!(status, 400, "{refusal}");
    is_plain(&refusal);
    assert_eq!((&refusal["line"], &refusal["column"]), (&json!(3), &json!(21)), "{refusal}");
    assert!(refusal["error"].as_str().unwrap().contains("`emial`"), "{refusal}");
    assert!(refusal["help"].as_str().unwrap().contains("email"), "{refusal}");
}
