//! Tests of the shapes that clients of Mailpit expect.

use axum::Router;
use axum::routing::get;

use super::*;

/// A message with an HTML part, a picture within it and an attachment.
const RICH: &str = "EHLO a.test\r\nMAIL FROM:<bounces@app.test>\r\nRCPT TO:<ana@a.test>\r\nDATA\r\n\
    From: App <app@app.test>\r\nTo: Ana <ana@a.test>\r\nMessage-ID: <1@app.test>\r\n\
    Subject: Rich\r\nDate: Sat, 1 Aug 2026 14:00:00 +0200\r\nX-Tags: news\r\nX-Long: a\r\n b\r\n\
    List-Unsubscribe: <https://app.test/u>,\r\n <mailto:u@app.test>\r\n\
    List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
    Content-Type: multipart/mixed; boundary=m\r\n\r\n\
    --m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n\
    --r\r\nContent-Type: text/html\r\n\r\n<script>x</script><img src=\"cid:logo\">\r\n\
    --r\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\n--r--\r\n\
    --m\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1;2\r\n--m--\r\n\
    .\r\nQUIT\r\n";

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn lists_and_messages_have_mailpits_shape() {
    run(async {
        let serving = Serving::open().await;
        serving.smtp(RICH.as_bytes()).await;
        let page = serving.json("/api/v1/messages?limit=1").await;
        let names = "count messages messages_count messages_unread start tags total unread";
        assert_eq!(keys(&page).join(" "), names);
        let item = &page["messages"][0];
        let names =
            "Attachments Bcc Cc Created From ID MessageID Read ReplyTo Size Snippet Subject Tags To Username";
        assert_eq!(keys(item).join(" "), names);
        assert_eq!((&item["Created"], &item["Attachments"]), (&"2026-08-01T12:00:00Z".into(), &1.into()));
        assert_eq!((&item["From"]["Name"], &item["Cc"]), (&"App".into(), &Value::Array(vec![])));
        let id = item["ID"].as_str().unwrap();
        assert_eq!(id.len(), 22);
        let whole = serving.json(&format!("/api/v1/message/{id}")).await;
        let names = "Attachments Bcc Cc Date From HTML ID Inline ListUnsubscribe MessageID ReplyTo ReturnPath \
                     Size Subject Tags Text To Username";
        assert_eq!(keys(&whole).join(" "), names);
        assert_eq!(whole["Date"], "2026-08-01T14:00:00+02:00");
        assert_eq!((&whole["ReturnPath"], &whole["Tags"][0]), (&"bounces@app.test".into(), &"news".into()));
        let unsubscribe = &whole["ListUnsubscribe"];
        assert_eq!(unsubscribe["Links"], serde_json::json!(["https://app.test/u", "mailto:u@app.test"]));
        assert_eq!(unsubscribe["HeaderPost"], "List-Unsubscribe=One-Click");
        let picture = &whole["Inline"][0];
        assert_eq!((&picture["PartID"], &picture["ContentID"]), (&"1.2".into(), &"logo".into()));
        assert_eq!(picture["Checksums"]["MD5"], "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(picture["Checksums"]["SHA1"], "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(serving.json("/api/v1/messages").await["messages"][0]["Read"].as_bool().unwrap());
        let headers = serving.json("/api/v1/message/latest/headers").await;
        assert_eq!(headers["Message-Id"], serde_json::json!(["<1@app.test>"]));
        assert_eq!(headers["X-Long"], serde_json::json!(["a b"]));
        let (_, html) = serving.text(Method::GET, "/view/latest.html", "").await;
        assert_eq!(html.trim(), format!("<script>x</script><img src=\"/api/v1/message/{id}/part/1.2\">"));
        assert_eq!(
            serving.text(Method::GET, "/api/v1/message/latest/part/1.2", "").await,
            (200, "abc".to_owned())
        );
    });
}

#[test]
fn searches_find_what_mailpit_finds() {
    run(async {
        let serving = Serving::open().await;
        serving.smtp(RICH.as_bytes()).await;
        serving.send("ben@b.test", "Plain", "Hello wide world").await;
        for (query, found) in [
            ("to:ana", vec!["Rich"]),
            ("from:app@app.test", vec!["Plain", "Rich"]),
            ("subject:plain", vec!["Plain"]),
            ("\"wide world\"", vec!["Plain"]),
            ("wide nothing", vec![]),
            ("-hello", vec!["Rich"]),
            ("has:attachment", vec!["Rich"]),
            ("has:inline", vec!["Rich"]),
            ("a.csv", vec!["Rich"]),
            ("tag:News", vec!["Rich"]),
            ("!is:tagged", vec!["Plain"]),
            ("is:unread", vec!["Plain", "Rich"]),
            ("is:read", vec![]),
            ("before:2026-08-01", vec![]),
            ("after:2026-08-01 before:2026-08-02", vec!["Plain", "Rich"]),
            ("larger:1k", vec![]),
            ("smaller:1k to:ben", vec!["Plain"]),
            ("message-id:1@app", vec!["Rich"]),
            ("addressed:ben@b", vec!["Plain"]),
        ] {
            let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
            assert_eq!(serving.subjects(&format!("/api/v1/search?query={query}")).await, found, "{query}");
        }
        let page = serving.json("/api/v1/search?query=app&start=1&limit=1").await;
        assert_eq!(
            (&page["messages_count"], &page["count"], &page["total"]),
            (&2.into(), &1.into(), &2.into())
        );
        let latest = serving.json("/api/v1/message/latest?query=to%3Aana").await;
        assert_eq!(latest["Subject"], "Rich");
    });
}

#[test]
fn messages_are_marked_tagged_and_deleted() {
    run(async {
        let serving = Serving::open().await;
        for subject in ["a", "b", "c", "d"] {
            serving.send("ana@a.test", subject, "").await;
        }
        let ok = (200, "ok".to_owned());
        let id = serving.mailbox.inbox().get("latest").unwrap().id().to_owned();
        let body = format!("{{\"IDs\":[\"{id}\"],\"Read\":true}}");
        assert_eq!(serving.text(Method::PUT, "/api/v1/messages", &body).await, ok);
        assert_eq!(serving.subjects("/api/v1/search?query=is:read").await, ["d"]);
        assert_eq!(
            serving.text(Method::PUT, "/api/v1/messages", "{\"Search\":\"subject:a\",\"Read\":true}").await,
            ok
        );
        assert_eq!(serving.json("/api/v1/messages").await["unread"], 2);
        let body = format!("{{\"IDs\":[\"{id}\"],\"Tags\":[\"two\",\"one\"]}}");
        assert_eq!(serving.text(Method::PUT, "/api/v1/tags", &body).await, ok);
        assert_eq!(serving.text(Method::PUT, "/api/v1/tags/two", "{\"Name\":\"six\"}").await, ok);
        assert_eq!(serving.json("/api/v1/tags").await, serde_json::json!(["one", "six"]));
        assert_eq!(serving.text(Method::DELETE, "/api/v1/tags/one", "").await, ok);
        assert_eq!(serving.json("/api/v1/info").await["Tags"], serde_json::json!({ "six": 1 }));
        assert_eq!(serving.text(Method::DELETE, "/api/v1/search?query=subject:b", "").await, ok);
        let body = format!("{{\"IDs\":[\"{id}\"]}}");
        assert_eq!(serving.text(Method::DELETE, "/api/v1/messages", &body).await, ok);
        assert_eq!(serving.subjects("/api/v1/messages").await, ["c", "a"]);
        assert_eq!(serving.text(Method::DELETE, "/api/v1/messages", "").await, ok);
        assert_eq!(serving.json("/api/v1/messages").await["total"], 0);
        for path in ["/livez", "/readyz"] {
            assert_eq!(serving.text(Method::GET, path, "").await, ok);
        }
    });
}

#[test]
fn bad_requests_have_mailpits_errors() {
    run(async {
        let serving = Serving::open().await;
        serving.send("ana@a.test", "a", "").await;
        let get = |path: &'static str| (Method::GET, path, "");
        for ((method, path, body), status, text) in [
            (get("/api/v1/search"), 400, "Error: no search query"),
            (get("/api/v1/search?query=%20"), 400, "Error: no search query"),
            (
                get("/api/v1/search?query=after:never"),
                400,
                "Error: cannot read the search term \"after:never\"",
            ),
            (get("/api/v1/search?query=%ff%00%22"), 400, "Error: no search query"),
            (get("/api/v1/messages?start=x"), 400, "Error: start must be a number"),
            (get("/api/v1/message/nothing"), 404, "404 page not found"),
            (get("/api/v1/message/nothing/raw"), 404, "404 page not found"),
            (get("/api/v1/message/latest/part/9"), 404, "404 page not found"),
            (get("/api/v1/message/latest?query=nothing"), 404, "Message not found"),
            (get("/view/latest"), 404, "404 page not found"),
            (get("/api/v1/chaos"), 400, "Chaos is not enabled"),
            ((Method::DELETE, "/api/v1/search", ""), 400, "Error: no search query"),
            ((Method::DELETE, "/api/v1/messages", "{"), 400, "Error: EOF while parsing an object"),
            ((Method::PUT, "/api/v1/messages", "[1]"), 400, "Error: invalid "),
            (
                (Method::PUT, "/api/v1/messages", "{\"IDs\":[\"a\"],\"Search\":\"b\"}"),
                400,
                "Error: give either",
            ),
            ((Method::PUT, "/api/v1/tags", "{\"Tags\":1}"), 400, "Error: invalid type"),
            ((Method::PUT, "/api/v1/tags/x", "{}"), 400, "Error: a tag needs a name"),
        ] {
            let (code, said) = serving.text(method, path, body).await;
            assert!(code == status && said.starts_with(text), "{path} {body}: {code} {said}");
        }
        assert_eq!(serving.mailbox.inbox().counts().messages, 1, "nothing was deleted");
    });
}

#[test]
fn the_router_can_be_merged_with_others() {
    run(async {
        let serving = Serving::open().await;
        let others =
            Router::new().nest("/control/v1", Router::new().route("/trace", get(|| async { "trace" })));
        let routes = router(Arc::clone(&serving.mailbox), &RouterSettings::default()).merge(others);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let merged = Serving { http: listener.local_addr().unwrap(), ..serving };
        let mut site = JoinSet::new();
        site.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        assert_eq!(merged.text(Method::GET, "/control/v1/trace", "").await, (200, "trace".to_owned()));
        assert_eq!(merged.json("/control/v1/messages/cursor").await["cursor"], 0);
    });
}

#[test]
fn a_message_is_sent_by_http() {
    run(async {
        let serving = Serving::open().await;
        let order = serde_json::json!({
            "From": { "Email": "app@app.test", "Name": "App" },
            "To": [{ "Email": "ana@a.test" }],
            "Bcc": ["ben@b.test"],
            "Subject": "¡Hola!",
            "Text": "Hi",
            "HTML": "<p>Hi</p>",
            "Attachments": [{ "Content": "MTsy", "Filename": "a.csv", "ContentType": "text/csv" }],
            "Tags": ["one", "two"],
            "Headers": { "X-Odd": "yes" },
        });
        let (status, text) = serving.text(Method::POST, "/api/v1/send", &order.to_string()).await;
        assert_eq!(status, 200, "{text}");
        let id = serde_json::from_str::<Value>(&text).unwrap()["ID"].as_str().unwrap().to_owned();
        let whole = serving.json(&format!("/api/v1/message/{id}")).await;
        assert_eq!(
            (&whole["Subject"], &whole["Text"], &whole["HTML"]),
            (&"¡Hola!".into(), &"Hi".into(), &"<p>Hi</p>".into())
        );
        assert_eq!((&whole["Bcc"][0]["Address"], &whole["Tags"][1]), (&"ben@b.test".into(), &"two".into()));
        assert_eq!(
            (&whole["Attachments"][0]["FileName"], &whole["Date"]),
            (&"a.csv".into(), &"2026-08-01T12:00:00Z".into())
        );
        assert_eq!(serving.json(&format!("/api/v1/message/{id}/headers")).await["X-Odd"][0], "yes");
        for bad in ["", "{}", "{\"From\":{\"Email\":\"x\"}}", "{\"From\":{\"Email\":\"a@b.test\"}}"] {
            let (status, text) = serving.text(Method::POST, "/api/v1/send", bad).await;
            assert_eq!((status, text.starts_with("{\"Error\":")), (400, true), "{bad}: {text}");
        }
    });
}
