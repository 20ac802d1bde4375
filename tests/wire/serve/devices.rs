//! Authenticators of the app's accounts, and a person who loses the phone.

use lostkey::ServeClock;
use serde_json::{Value, json};

use super::texts::text;
use super::{PHONE, Rig, order};

impl Rig {
    async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.control("PUT", path, &body).await
    }

    async fn code(&self, device: &str) -> Value {
        self.post("/people/ana/code", json!({ "device": device })).await
    }
}

#[tokio::test]
async fn an_enrolled_device_gives_the_codes_of_the_rfcs() {
    let rig = Rig::start(ServeClock::Manual).await;
    // RFC 4226 appendix D.
    let uri = "otpauth://hotp/App:ana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=App&counter=1";
    let (status, body) = rig.put("/people/ana/devices/app", json!({ "otpauth": uri })).await;
    assert_eq!((status, &body["kind"]), (200, &json!("hotp")), "{body}");
    assert_eq!(rig.code("app").await["code"], "287082");
    assert_eq!(rig.code("app").await["code"], "359152");
    // A secret of 80 bits, which many apps use, in lower case and in groups.
    let (status, body) = rig.put("/people/ana/devices/app", json!({ "secret": "jbsw y3dp ehpk 3pxp" })).await;
    assert_eq!((status, &body["kind"]), (200, &json!("totp")), "{body}");
    let (first, second) = (rig.code("app").await, rig.code("app").await);
    assert_ne!(first["code"], second["code"], "a code is never given twice");
    assert_eq!((first["wait_ms"].as_u64(), second["wait_ms"].as_u64().unwrap() > 0), (Some(0), true));
}

#[tokio::test]
async fn a_clock_that_is_off_shows_another_code() {
    let rig = Rig::start(ServeClock::Manual).await;
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (name, off) in [("right", "0s"), ("fast", "30s"), ("slow", "-30s")] {
        let body =
            json!({ "secret": secret, "digits": 8, "algorithm": "sha1", "period": 30, "clock_off": off });
        assert_eq!(rig.put(&format!("/people/ana/devices/{name}"), body).await.0, 200);
    }
    let fast = rig.code("fast").await["code"].clone();
    let (now, next) = (rig.code("right").await["code"].clone(), rig.code("right").await["code"].clone());
    let slow = (rig.code("slow").await, rig.code("slow").await["code"].clone()).1;
    assert_eq!((fast, slow), (next, now));
}

#[tokio::test]
async fn a_lost_phone_loses_calls_texts_and_apps_at_once() {
    let rig = Rig::start(ServeClock::Manual).await;
    let secret = json!({ "secret": "GEZDGNBVGY3TQOJQ" });
    rig.put("/people/ana/devices/app", secret).await;
    let token = json!({ "secret": "GEZDGNBVGY3TQOJQ", "on": "token" });
    rig.put("/people/ana/devices/token", token).await;
    assert_eq!(rig.put("/people/ana/phone", json!({ "state": "lost" })).await.0, 200);
    let sent = rig.text(&text("Code 012345")).await;
    let (_, call) = rig.rest("POST", "Calls.json", &order().with("Twiml", "<Response/>")).await;
    let (status, refused) = rig.control("POST", "/people/ana/code", &json!({ "device": "app" })).await;
    assert_eq!(status, 409, "{refused}");
    assert!(rig.code("token").await["code"].is_string());
    rig.advance("1m").await;
    let sent = rig.fetch(&sent).await;
    assert_eq!((&sent["status"], &sent["error_code"]), (&json!("undelivered"), &json!(30003)));
    let path = format!("Calls/{}.json", call["sid"].as_str().unwrap());
    let (_, call) = rig.rest("GET", &path, &lostkey::wire::form::Form::new()).await;
    assert_eq!(call["status"], "failed");
    rig.put("/people/ana/phone", json!({ "state": "works" })).await;
    assert!(rig.code("app").await["code"].is_string());
    rig.text(&text("again")).await;
    rig.advance("1m").await;
    let arrived = rig.get(&format!("/phones/{PHONE}/texts")).await;
    assert_eq!(arrived["texts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_enrolled_is_said() {
    let rig = Rig::start(ServeClock::Manual).await;
    for (path, body, says) in [
        ("/people/ana/devices/x", json!({}), "QR code"),
        ("/people/ana/devices/x", json!({ "otpauth": "https://app.test/" }), "not an otpauth URI"),
        ("/people/ana/devices/x", json!({ "otpauth": "otpauth://totp/x?issuer=y" }), "QR code"),
        (
            "/people/ana/devices/x",
            json!({ "otpauth": "otpauth://totp/x?secret=GEZDGNBV&digits=99999999999" }),
            "digits",
        ),
        (
            "/people/ana/devices/x",
            json!({ "otpauth": "otpauth://steam/x?secret=GEZDGNBV" }),
            "`totp` or `hotp`",
        ),
        ("/people/ana/devices/x", json!({ "secret": "!" }), "Base32"),
        ("/people/ana/devices/x", json!({ "secret": "" }), "Base32"),
        ("/people/ana/devices/x", json!({ "secret": "GEZDGNBV", "digits": 5 }), "6, 7 or 8"),
        ("/people/ana/devices/x", json!({ "secret": "GEZDGNBV", "period": 0 }), "1 to 3600"),
        ("/people/ana/devices/x", json!({ "secret": "GEZDGNBV", "algorithm": "MD5" }), "SHA512"),
        (
            "/people/ana/devices/x",
            json!({ "secret": "GEZDGNBV", "kind": "hotp", "algorithm": "SHA256" }),
            "RFC 4226",
        ),
        ("/people/ana/devices/x", json!({ "secret": "GEZDGNBV", "clock_off": "soon" }), "duration"),
        ("/people/ana/devices/x", json!({ "secret": "GEZDGNBV", "on": "paper" }), "`phone` or a `token`"),
        ("/people/nobody/devices/x", json!({ "secret": "GEZDGNBV" }), "nobody is called"),
        ("/people/ana/phone", json!({ "state": "gone" }), "`lost` or `works`"),
    ] {
        let (status, refused) = rig.put(path, body).await;
        assert!((400..500).contains(&status), "{path} {status}");
        assert!(refused["error"].as_str().unwrap().contains(says), "{refused}");
    }
}
