//! The requests of a scanner, as an app sees them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::*;
use crate::wire::http_server::HttpServer;
use crate::wire::smtp::testing::run;

type Asked = Arc<Mutex<Vec<String>>>;

/// An app whose links redirect to a page with one form.
fn app() -> (HttpServer, Asked) {
    let asked = Asked::default();
    let router = Router::new().fallback(answer).with_state(Arc::clone(&asked));
    (HttpServer::open(router).unwrap(), asked)
}

async fn answer(
    State(asked): State<Asked>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    assert!(!headers.contains_key("cookie"), "a scanner keeps no cookies");
    assert!(headers["user-agent"].to_str().unwrap().starts_with("lostkey-link-scanner/"));
    let body = String::from_utf8_lossy(&body);
    asked.lock().unwrap().push(format!("{method} {uri} {body}").trim_end().to_owned());
    let cookie = [("set-cookie", "a=b")];
    match uri.path() {
        "/link" => (cookie, Redirect::to("/page")).into_response(),
        "/page" => {
            let form = "<form method=post action=/confirm><input type=hidden name=t value=7><button>Go</button></form>";
            (cookie, Html(form)).into_response()
        }
        "/away" => Redirect::to("http://evil.test/secret").into_response(),
        "/round" => Redirect::to("/round").into_response(),
        "/large" => "x".repeat(10 * PAGE_MAX).into_response(),
        "/host" => headers["host"].to_str().unwrap().to_owned().into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

#[test]
fn each_rung_sends_more_than_the_one_before() {
    run(async {
        for (rung, path, sent, end) in [
            (None, "/link", vec!["HEAD /link", "GET /link"], ""),
            (Some(ScanRung::Head), "/link", vec!["HEAD /link"], ""),
            (Some(ScanRung::Get), "/link", vec!["GET /link"], ""),
            (Some(ScanRung::Redirects), "/link", vec!["GET /link", "GET /page"], ""),
            (Some(ScanRung::Form), "/link", vec!["GET /link", "GET /page", "POST /confirm t=7"], ""),
            (Some(ScanRung::Form), "/plain", vec!["GET /plain"], "has 0 forms"),
            (Some(ScanRung::Form), "/large", vec!["GET /large"], "has 0 forms"),
            (Some(ScanRung::Redirects), "/away", vec!["GET /away"], "skipped http://evil.test/…"),
            (Some(ScanRung::Redirects), "/round", vec!["GET /round"; REDIRECTS_MAX + 1], "redirects"),
        ] {
            let ((app, asked), log) = (app(), MailLog::default());
            let scanner = Scanner::new(log.clone()).unwrap();
            scanner.scan(&format!("http://{}{path}", app.address()), rung).await;
            assert_eq!(*asked.lock().unwrap(), sent, "{rung:?} {path}");
            let says = &log.after(0)[0].says;
            assert!(says.contains(end) && !says.contains(path) && !says.contains("secret"), "{says}");
        }
    });
}

#[test]
fn what_cannot_be_opened_is_said() {
    run(async {
        let log = MailLog::default();
        let scanner = Scanner::new(log.clone()).unwrap();
        let closed = {
            let (app, _) = app();
            format!("http://{}/5eCr3t", app.address())
        };
        for (link, says) in [
            ("http://evil.test/5eCr3t", "is not on this machine"),
            ("https://127.0.0.1:9/5eCr3t", "only plain HTTP is spoken"),
            ("http://", "is not a URL"),
            (closed.as_str(), "no answer"),
        ] {
            let before = log.after(0).len() as u64;
            scanner.scan(link, Some(ScanRung::Get)).await;
            let entries = log.after(before);
            assert!(entries[0].says.contains(says) && !entries[0].says.contains("5eCr3t"), "{entries:?}");
        }
    });
}

#[test]
fn a_host_with_an_address_is_asked_by_its_name() {
    run(async {
        let ((app, asked), log) = (app(), MailLog::default());
        let scanner = Scanner::new(log.clone()).unwrap();
        scanner.hosts().replace(BTreeMap::from([("app.test".to_owned(), app.address())])).unwrap();
        scanner.scan("https://app.test/host?t=1", Some(ScanRung::Get)).await;
        scanner.scan(&format!("http://localhost:{}/host", app.address().port()), Some(ScanRung::Get)).await;
        assert_eq!(*asked.lock().unwrap(), ["GET /host?t=1", "GET /host"]);
        let says: Vec<String> = log.after(0).into_iter().map(|entry| entry.says).collect();
        assert_eq!(says[0], "https://app.test/… (get): GET 200");
    });
}
