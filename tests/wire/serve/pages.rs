//! The pages of the reference service in a browser that follows redirects: POST, 303, GET.

use lostkey::ServeClock;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

use super::Rig;

const WRONG: &str = "The MFA code is not correct";

fn browser(redirects: Policy) -> Client {
    Client::builder().no_proxy().cookie_store(true).redirect(redirects).build().unwrap()
}

/// The CSRF token of the forms on a page.
fn csrf(page: &str) -> &str {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split('"').next().unwrap()
}

/// Sends a form, and returns the path where the browser ends up, and the page there.
async fn send(browser: &Client, url: String, form: &str, page: &str) -> (String, String) {
    let body = format!("{form}&csrf={}", csrf(page));
    let response = browser.post(url).body(body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    (response.url().path().to_owned(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_form_leads_to_a_page_that_can_be_reloaded() {
    let rig = Rig::start(ServeClock::Manual).await;
    let at = |path: &str| format!("{}{path}", rig.server.ports().console);
    let follows = browser(Policy::limited(2));
    let page = follows.get(at("/")).send().await.unwrap().text().await.unwrap();
    let (path, page) = send(&follows, at("/sign-in/user"), "user=ana%40example.com", &page).await;
    assert_eq!(path, "/sign-in/password");
    let password = "password=correct+horse+battery+staple";
    let (path, page) = send(&follows, at("/sign-in/password"), password, &page).await;
    assert_eq!(path, "/mfa", "{page}");
    let (path, page) = send(&follows, at("/mfa/code"), "code=000000", &page).await;
    assert!(path == "/mfa" && page.contains(WRONG), "{path}: {page}");
    let page = follows.get(at("/mfa")).send().await.unwrap().text().await.unwrap();
    assert!(!page.contains(WRONG), "{page}");
    let (path, page) = send(&follows, at("/mfa/choose/troubleshoot"), "", &page).await;
    assert!(path == "/mfa/troubleshoot" && page.contains("lost, damaged or not working"), "{page}");
    let (path, page) = send(&follows, at("/mfa/choose/alternative"), "", &page).await;
    assert!(path == "/recovery/email" && page.contains("a•••@example.com"), "{path}: {page}");
}

#[tokio::test]
async fn the_page_is_in_the_redirect_too_and_its_notice_is_for_one_session() {
    let rig = Rig::start(ServeClock::Manual).await;
    let at = |path: &str| format!("{}{path}", rig.server.ports().console);
    let stays = browser(Policy::none());
    let page = stays.get(at("/support")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("My MFA device is lost"), "{page}");
    let body = format!("problem=Other&csrf={}", csrf(&page));
    let response = stays.post(at("/support")).body(body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let target = response.headers()["location"].to_str().unwrap().to_owned();
    let says = "Fill in the email address";
    assert!(response.text().await.unwrap().contains(says));
    for (client, shown) in [(&stays, true), (&browser(Policy::none()), false)] {
        let response = client.get(at(&target)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let page = response.text().await.unwrap();
        assert_eq!(page.contains(says), shown, "{page}");
    }
    assert_eq!(rig.get("/trace").await.to_string().matches("ticket-ordered").count(), 0);
}
