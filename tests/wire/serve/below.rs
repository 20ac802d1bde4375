//! What answers name below a call, a text or a service: it answers too, or is documented as absent.

use lostkey::ServeClock;
use lostkey::wire::form::Form;
use serde_json::{Value, json};

use super::app::App;
use super::texts::text;
use super::{ACCOUNT, PHONE, Rig, TOKEN, order};

/// What `lostkey explain` says about this.
fn facts(id: &str) -> &'static str {
    &lostkey::docs::find(id)[0].text
}

impl Rig {
    async fn look(&self, path: &str) -> (u16, Value) {
        self.rest("GET", path, &Form::new()).await
    }

    /// A text with three media.
    async fn picture(&self) -> Value {
        let mut form = text("Look");
        for url in ["http://a.test/one.png", "http://a.test/two.JPG?x=1", "http://a.test/three"] {
            form = form.with("MediaUrl", url);
        }
        self.text(&form).await
    }
}

#[tokio::test]
async fn the_media_of_a_text_are_listed_fetched_and_deleted() {
    let rig = Rig::start(ServeClock::Manual).await;
    let sent = rig.picture().await;
    let (sid, media) = (sent["sid"].as_str().unwrap(), sent["subresource_uris"]["media"].as_str().unwrap());
    assert_eq!((&sent["num_media"], &sid[..2]), (&json!("3"), "MM"));
    let (status, page) = rig.look(media).await;
    let list = page["media_list"].as_array().unwrap();
    let kinds: Vec<_> = list.iter().map(|medium| medium["content_type"].as_str().unwrap()).collect();
    assert_eq!((status, kinds), (200, vec!["image/png", "image/jpeg", "application/octet-stream"]));
    for medium in list {
        assert_eq!((&medium["parent_sid"], &medium["account_sid"]), (&sent["sid"], &json!(ACCOUNT)));
        assert_eq!(medium["date_created"], sent["date_created"]);
        let uri = medium["uri"].as_str().unwrap();
        assert_eq!(rig.look(uri).await, (200, medium.clone()));
    }
    let own = list[1]["uri"].as_str().unwrap();
    assert_eq!(rig.rest("DELETE", own, &Form::new()).await, (204, Value::Null));
    for method in ["GET", "DELETE"] {
        assert_eq!(rig.rest(method, own, &Form::new()).await.0, 404, "{method}");
    }
    assert_eq!(rig.look(media).await.1["media_list"], json!([list[0], list[2]]));
    rig.post("/reset", Value::Null).await;
    assert_eq!(rig.look(media).await.0, 404);
}

#[tokio::test]
async fn media_have_pages_and_filters() {
    let rig = Rig::start(ServeClock::Manual).await;
    let path = format!("Messages/{}/Media.json", rig.picture().await["sid"].as_str().unwrap());
    let (mut next, mut seen) = (Some(format!("{path}?PageSize=1")), Vec::new());
    while let Some(at) = next {
        let (_, page) = rig.look(&at).await;
        seen.push(page["media_list"][0]["sid"].clone());
        // Deleting a medium that was seen hides no other.
        rig.rest("DELETE", page["media_list"][0]["uri"].as_str().unwrap(), &Form::new()).await;
        next = page["next_page_uri"].as_str().map(str::to_owned);
    }
    seen.dedup();
    assert_eq!(seen.len(), 3, "{seen:?}");
    let path = format!("Messages/{}/Media.json", rig.picture().await["sid"].as_str().unwrap());
    for (query, count) in [
        ("DateCreated=2026-03-02", 3),
        ("DateCreated%3C=2026-03-01", 0),
        ("DateCreated%3E=2026-03-02T00%3A00%3A00Z", 3),
        ("Page=1&PageSize=2", 1),
        ("PageToken=PAME00000000000000000000000000000001", 0),
    ] {
        let (_, page) = rig.look(&format!("{path}?{query}")).await;
        assert_eq!(page["media_list"].as_array().unwrap().len(), count, "{query}");
    }
    for (query, code) in [("DateCreated=soon", 20001), ("PageSize=0", 20006), ("PageToken=PASM1", 20007)] {
        let (status, refused) = rig.look(&format!("{path}?{query}")).await;
        assert_eq!((status, &refused["code"]), (400, &json!(code)), "{query}");
    }
}

#[tokio::test]
async fn media_belong_to_their_text_and_account() {
    let rig = Rig::start(ServeClock::Manual).await;
    let (sent, plain) = (rig.picture().await, rig.text(&text("Hi")).await);
    let media = sent["subresource_uris"]["media"].as_str().unwrap();
    let (_, page) = rig.look(media).await;
    let (own, medium) = (sent["sid"].as_str().unwrap(), page["media_list"][0]["sid"].as_str().unwrap());
    let other = plain["sid"].as_str().unwrap();
    let (status, none) = rig.look(&format!("Messages/{other}/Media.json")).await;
    assert_eq!((status, &none["media_list"], &plain["num_media"]), (200, &json!([]), &json!("0")));
    for path in [
        format!("Messages/{other}/Media/{medium}.json"),
        format!("Messages/{own}/Media/ME00000000000000000000000000000001.json"),
        format!("Messages/{own}/Media/x.json"),
        format!("Messages/{own}/Media/{medium}"),
        format!("Messages/{own}/Media/{medium}/x.json"),
        "Messages/MM00000000000000000000000000000001/Media.json".to_owned(),
    ] {
        let (status, refused) = rig.look(&path).await;
        assert_eq!((status, &refused["code"]), (404, &json!(20404)), "{path}");
    }
    let url = format!("{}{}", rig.server.ports().twilio, media.replace(ACCOUNT, "ACx"));
    let asked = rig.client.get(url).basic_auth("ACx", Some(TOKEN)).send().await.unwrap();
    assert_eq!(asked.status(), 404, "another account");
    let redacted = rig.rest("POST", &format!("Messages/{own}.json"), &Form::new().with("Body", "")).await.1;
    let left = rig.look(media).await.1["media_list"].as_array().unwrap().len();
    assert_eq!(redacted["num_media"], left.to_string(), "a list is as long as its text says");
}

#[tokio::test]
async fn feedback_on_a_text_is_taken() {
    let rig = Rig::start(ServeClock::Manual).await;
    let sent = rig.text(&text("Hi")).await;
    let path = format!("Messages/{}/Feedback.json", sent["sid"].as_str().unwrap());
    for (outcome, is) in
        [(Some("confirmed"), "confirmed"), (Some("unconfirmed"), "unconfirmed"), (None, "confirmed")]
    {
        let form = outcome.map_or(Form::new(), |outcome| Form::new().with("Outcome", outcome));
        let (status, given) = rig.rest("POST", &path, &form).await;
        assert_eq!(
            (status, &given["outcome"], &given["message_sid"]),
            (200, &json!(is), &sent["sid"]),
            "{given}"
        );
    }
    let (status, refused) = rig.rest("POST", &path, &Form::new().with("Outcome", "read")).await;
    assert_eq!((status, &refused["code"]), (400, &json!(20001)));
    assert_eq!(rig.rest("POST", "Messages/SM1/Feedback.json", &Form::new()).await.0, 404);
}

#[tokio::test]
async fn a_call_shows_the_notes_of_the_debugger() {
    let (rig, app) = (Rig::start(ServeClock::Manual).await, App::start());
    let script = json!({ "answer_after": "1s" });
    assert_eq!(rig.control("PUT", &format!("/phones/{PHONE}/script"), &script).await.0, 200);
    let call = order().with("Url", app.url("/unspaced")).with("StatusCallback", app.url("/broken"));
    let call = rig.rest("POST", "Calls.json", &call).await.1;
    let other = rig.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await.1;
    rig.advance("5m").await;
    let notes = call["subresource_uris"]["notifications"].as_str().unwrap();
    let (status, page) = rig.look(notes).await;
    let told = page["notifications"].as_array().unwrap().iter();
    let told: Vec<_> = told.map(|note| (&note["error_code"], &note["log"], &note["call_sid"])).collect();
    // Newest first; the lint about digits that are not spaced is lostkey's own.
    let is = [(json!("15003"), json!("1")), (json!("12200"), json!("1"))];
    let is: Vec<_> = is.iter().map(|(code, log)| (code, log, &call["sid"])).collect();
    assert_eq!((status, told), (200, is), "{page:#}");
    let uri = page["notifications"][0]["uri"].as_str().unwrap();
    let (status, note) = rig.look(uri).await;
    assert_eq!(
        (status, &note["message_text"], &note["response_body"]),
        (200, &page["notifications"][0]["message_text"], &Value::Null)
    );
    for (query, count) in [
        ("Log=1", 2),
        ("Log=0", 0),
        ("MessageDate=2026-03-02", 2),
        ("MessageDate%3E=2026-03-03", 0),
        ("PageSize=1", 1),
    ] {
        let page = rig.look(&format!("{notes}?{query}")).await.1;
        assert_eq!(page["notifications"].as_array().unwrap().len(), count, "{query}");
    }
    let next = rig.look(&format!("{notes}?PageSize=1")).await.1["next_page_uri"].clone();
    let second = rig.look(next.as_str().unwrap()).await.1;
    assert_eq!(second["notifications"], json!([page["notifications"][1]]));
    let none = rig.look(other["subresource_uris"]["notifications"].as_str().unwrap()).await.1;
    assert_eq!(none["notifications"], json!([]));
    let moved = uri.replace(call["sid"].as_str().unwrap(), other["sid"].as_str().unwrap());
    assert_eq!(rig.look(&moved).await.0, 404, "the note of another call");
    for (query, code) in [("MessageDate=soon", 20001), ("PageToken=PACA1", 20007)] {
        let (status, refused) = rig.look(&format!("{notes}?{query}")).await;
        assert_eq!((status, &refused["code"]), (400, &json!(code)), "{query}");
    }
}

#[tokio::test]
async fn each_address_below_a_call_answers_or_is_documented_as_absent() {
    let rig = Rig::start(ServeClock::Manual).await;
    let call = rig.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await.1;
    let below = call["subresource_uris"].as_object().unwrap();
    assert_eq!(below.len(), 9);
    for (name, uri) in below {
        let uri = uri.as_str().unwrap();
        let part = uri.rsplit('/').next().unwrap().trim_end_matches(".json");
        let (status, body) = rig.look(uri).await;
        let absent = facts("TW-below-call").split("404").next().unwrap().contains(&format!("`{part}`"));
        match name.as_str() {
            "notifications" | "recordings" => {
                assert_eq!((status, &body[name], absent), (200, &json!([]), false), "{uri}: {body}");
            }
            _ => assert_eq!((status, absent), (404, true), "{uri}"),
        }
    }
    let (_, refused) = rig.look("Calls/CA00000000000000000000000000000001/Recordings.json").await;
    assert_eq!(refused["code"], 20404);
}

#[tokio::test]
async fn each_link_of_a_service_answers_or_is_documented_as_absent() {
    let rig = Rig::start(ServeClock::Manual).await;
    let form = Form::new().with("FriendlyName", "App");
    let (_, _, service) = rig.ask_verify("POST", "/v2/Services", &form).await.unwrap();
    let links = service["links"].as_object().unwrap();
    assert_eq!(links.len(), 7);
    for (name, url) in links {
        let url = url.as_str().unwrap();
        let part = url.rsplit('/').next().unwrap();
        let (status, _, body) = rig.ask_verify("GET", url, &Form::new()).await.unwrap();
        match name.as_str() {
            // Twilio has no list of these either.
            "verifications" | "verification_checks" => assert_eq!(status, 404, "{url}"),
            "access_tokens" => {
                assert_eq!(status, 404, "{url}");
                assert!(facts("TW-below-service").contains(&format!("`{part}`")), "{part}");
            }
            _ => assert_eq!((status, &body[name]), (200, &json!([])), "{url}: {body}"),
        }
        let unknown = url.replace(service["sid"].as_str().unwrap(), "VA00000000000000000000000000000009");
        assert_eq!(rig.ask_verify("GET", &unknown, &Form::new()).await.unwrap().0, 404, "{unknown}");
    }
}
