//! Tests of the webhook of a mailbox.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::wire::http_server::HttpServer;
use crate::wire::inbox::Receipt;
use crate::wire::inbox::webhook::{QUEUE_MAX, Webhook};
use crate::wire::mail_log::MailLog;

async fn told(State(told): State<mpsc::UnboundedSender<String>>, body: String) {
    let summary: Value = serde_json::from_str(&body).unwrap();
    told.send(summary["Subject"].as_str().unwrap().to_owned()).unwrap();
}

#[test]
fn only_so_many_messages_wait_for_a_webhook() {
    run(async {
        let (sender, mut subjects) = mpsc::unbounded_channel();
        let app = HttpServer::open(Router::new().route("/", post(told)).with_state(sender)).unwrap();
        let (inbox, log) = (Inbox::new(InboxLimits::default(), 1), MailLog::default());
        let webhook = Webhook::default();
        webhook.call(&format!("http://{}/", app.address()), &inbox, &log).unwrap();
        // The task runs once this one waits.
        for n in 1..=QUEUE_MAX + 2 {
            inbox.add(Receipt { raw: format!("Subject: {n}\r\n\r\n").into(), ..Receipt::default() });
        }
        let next = timeout(std::time::Duration::from_secs(30), subjects.recv());
        assert_eq!(next.await.unwrap().as_deref(), Some("3"), "the oldest two are skipped");
        assert_eq!(webhook.told().2, 2);
        assert!(log.after(0)[0].says.contains("skipped 2 messages, more than 1000 waited"));
    });
}
