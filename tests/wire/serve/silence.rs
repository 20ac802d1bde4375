//! Orders that get no answer, by a fault: the app's own time-out decides, or a limit in story time.

use std::num::NonZeroU32;
use std::pin::pin;
use std::time::Duration;

use lostkey::ServeClock;
use lostkey::wire::form::Form;
use reqwest::{Client, Error, RequestBuilder, Response};
use serde_json::{Value, json};

use super::texts::text;
use super::verify::to;
use super::{ACCOUNT, PHONE, Rig, TOKEN, impatient, order};

/// Longest real time until an order that is held no longer ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// The orders that a fault can leave without an answer: the fault, the path, and the form.
fn orders() -> [(Value, String, Form); 3] {
    let below = |resource: &str| format!("/2010-04-01/Accounts/{ACCOUNT}/{resource}.json");
    let service = "/v2/Services/VA00000000000000000000000000000007/Verifications".to_owned();
    [
        (
            json!({ "call-times-out": { "placed": false } }),
            below("Calls"),
            order().with("Twiml", "<Response/>"),
        ),
        (json!({ "text-times-out": { "sent": false } }), below("Messages"), text("Hi")),
        (json!({ "verify-times-out": { "sent": false } }), service, to(PHONE, "sms")),
    ]
}

impl Rig {
    fn order_by(&self, client: &Client, path: &str, form: &Form) -> RequestBuilder {
        let url = format!("{}{path}", self.server.ports().twilio);
        client.post(url).basic_auth(ACCOUNT, Some(TOKEN)).body(form.body())
    }

    async fn breaks(&self, fault: &Value) {
        let (status, body) = self.control("PUT", "/faults", &json!([{ "does": fault, "on": 1 }])).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Waits until the fault has struck.
    async fn struck(&self) {
        while !self.get("/trace").await.to_string().contains("fault-struck") {}
    }

    /// Sends an order that gets no answer, and does something once it waits.
    async fn while_it_waits(
        &self,
        (fault, path, form): &(Value, String, Form),
        act: impl AsyncFnOnce(),
    ) -> Result<Response, Error> {
        self.breaks(fault).await;
        let mut order = pin!(self.order_by(&self.client, path, form).timeout(PATIENCE).send());
        let struck = async {
            self.struck().await;
            self.get("/clock").await;
        };
        tokio::select! {
            biased;
            () = struck => {}
            early = &mut order => panic!("{fault} does not hold the order: {early:?}"),
        }
        tokio::join!(order, act()).0
    }
}

#[tokio::test]
async fn the_app_gives_up_by_its_own_time_out() {
    for clock in [ServeClock::Manual, ServeClock::Real(NonZeroU32::MIN)] {
        let rig = Rig::start(clock).await;
        for (fault, path, form) in orders() {
            rig.breaks(&fault).await;
            let lost = rig.order_by(&impatient(), &path, &form).send().await.unwrap_err();
            assert!(lost.is_timeout(), "{fault}: {lost:?}");
            // The fault strikes once, and the server goes on.
            let again = rig.order_by(&rig.client, &path, &form).send().await.unwrap();
            assert_eq!(again.status(), 201, "{fault}");
        }
    }
}

#[tokio::test]
async fn the_connection_is_closed_after_two_minutes_of_story_time() {
    for order in orders() {
        let rig = Rig::start(ServeClock::Manual).await;
        let lost = rig.while_it_waits(&order, async || rig.advance("2m").await).await.unwrap_err();
        assert!(!lost.is_timeout() && !lost.is_connect(), "{}: {lost:?}", order.0);
        assert_eq!(rig.get("/clock").await["now_ms"], 120_000, "{}", order.0);
    }
    // 2 minutes are a fifth of a second.
    let rig = Rig::start(ServeClock::Real(NonZeroU32::new(600).unwrap())).await;
    for (fault, path, form) in orders() {
        rig.breaks(&fault).await;
        let lost = rig.order_by(&rig.client, &path, &form).timeout(PATIENCE).send().await.unwrap_err();
        assert!(!lost.is_timeout() && !lost.is_connect(), "{fault}: {lost:?}");
    }
}

#[tokio::test]
async fn nobody_waits_for_a_world_that_is_gone() {
    let rig = Rig::start(ServeClock::Manual).await;
    for order in orders() {
        let reset = async || drop(rig.post("/reset", Value::Null).await);
        let lost = rig.while_it_waits(&order, reset).await.unwrap_err();
        assert!(!lost.is_timeout() && !lost.is_connect(), "{}: {lost:?}", order.0);
    }
    let sandbox = json!({ "name": "t1", "account": ACCOUNT, "clock": "manual" });
    assert_eq!(rig.control("POST", "/sandboxes", &sandbox).await.0, 201);
    let (fault, path, form) = &orders()[0];
    let faults = json!([{ "does": fault }]);
    assert_eq!(rig.control("PUT", "/sandboxes/t1/faults", &faults).await.0, 200);
    let ends = async {
        while !rig.get("/sandboxes/t1/trace").await.to_string().contains("fault-struck") {}
        assert_eq!(rig.control("DELETE", "/sandboxes/t1", &Value::Null).await.0, 200);
    };
    let order = rig.order_by(&rig.client, path, form).timeout(PATIENCE).send();
    let lost = tokio::join!(order, ends).0.unwrap_err();
    assert!(!lost.is_timeout() && !lost.is_connect(), "{lost:?}");
}
