//! Tests of waiting for a message.

use std::time::Duration;

use super::*;
use crate::wire::inbox::Wanted;

#[test]
fn parallel_waits_never_get_each_others_message() {
    run(async {
        let serving = Serving::open().await;
        let wait = |to: &'static str| {
            let path = format!("/control/v1/messages/wait?to={to}&since=0&timeout=20");
            let serving = &serving;
            async move { serving.json(&path).await }
        };
        let sends = async {
            serving.send("ben@b.test", "For Ben", "Your code is 222222").await;
            serving.send("ana@a.test", "For Ana", "Your code is 111111").await;
        };
        let (ana, ben, ()) = tokio::join!(wait("ANA@a.test"), wait("ben@b.test"), sends);
        for (found, subject, code, cursor) in [(&ana, "For Ana", "111111", 2), (&ben, "For Ben", "222222", 1)]
        {
            assert_eq!(found["message"]["Subject"], subject, "{found}");
            assert_eq!(found["codes"][0]["code"], code);
            assert_eq!(found["codes"][0]["reason"], "named");
            assert_eq!(found["cursor"], cursor);
        }
    });
}

#[test]
fn a_wait_never_returns_an_old_message() {
    run(async {
        let serving = Serving::open().await;
        serving.send("ana@a.test", "First", "Verify: https://a.test/v/9f86d081884c7d659a2feaa0").await;
        let url = "/control/v1/messages/wait?to=ana@a.test&timeout=0";
        assert_eq!(serving.text(Method::GET, url, "").await.0, 408, "without a cursor only news count");
        let found = serving.json(&format!("{url}&since=0")).await;
        assert_eq!(found["message"]["Subject"], "First");
        assert_eq!(found["links"][0]["url"], "https://a.test/v/9f86d081884c7d659a2feaa0");
        assert_eq!(found["links"][0]["reason"], "action-with-secret");
        let cursor = found["cursor"].as_u64().unwrap();
        assert_eq!(serving.json("/control/v1/messages/cursor").await["cursor"], cursor);
        serving.send("ben@b.test", "Second", "").await;
        let (status, text) = serving.text(Method::GET, &format!("{url}&since={cursor}"), "").await;
        assert_eq!(status, 408);
        let missed: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(missed["error"], "no message matched within 0 s");
        assert_eq!(
            (&missed["arrived"][0]["to"][0], &missed["arrived"][0]["subject"]),
            (&"ben@b.test".into(), &"Second".into())
        );
        assert_eq!(
            (missed["arrived_count"].as_u64(), missed["some_were_dropped"].as_bool()),
            (Some(1), Some(false))
        );
    });
}

#[test]
fn a_wait_can_ask_for_subject_and_text() {
    run(async {
        let serving = Serving::open().await;
        for (subject, text) in
            [("Welcome", "Hello"), ("Your code", "It is 111111"), ("Your code", "It is 222222")]
        {
            serving.send("ana@a.test", subject, text).await;
        }
        serving.send("ana+1@a.test", "Tagged", "").await;
        for (query, cursor) in [
            ("to=ana+1@a.test", 4),
            ("to=ana%2B1@a.test", 4),
            ("subject=your%20CODE", 2),
            ("subject=code&contains=222222", 3),
            ("contains=HELLO", 1),
            ("to=ana@a.test&since=1", 2),
            ("tag=1", 4),
            ("tag=1&to=ana%2B1@a.test", 4),
        ] {
            let since = if query.contains("since") { "" } else { "&since=0" };
            let found = serving.json(&format!("/control/v1/messages/wait?{query}{since}&timeout=5")).await;
            assert_eq!(found["cursor"], cursor, "{query}");
        }
    });
}

#[test]
fn waits_are_limited_in_number() {
    run(async {
        let inbox = Inbox::new(InboxLimits::default(), 1);
        let mailbox = Mailbox::new(inbox, Accepts::Anyone, Arc::new(|| NOON));
        let settings = RouterSettings { waits: 0, ..RouterSettings::default() };
        let serving = Serving::of(mailbox, &settings).await;
        let (status, text) = serving.text(Method::GET, "/control/v1/messages/wait?since=0", "").await;
        assert_eq!((status, text.contains("too many concurrent waits")), (503, true), "{text}");
    });
}

#[test]
fn a_wait_is_told_that_messages_were_dropped() {
    run(async {
        let inbox = Inbox::new(InboxLimits { messages: 1, ..InboxLimits::default() }, 1);
        let mailbox = Mailbox::new(inbox, Accepts::Anyone, Arc::new(|| NOON));
        let serving = Serving::of(mailbox, &RouterSettings::default()).await;
        for subject in ["a", "b"] {
            serving.send("ana@a.test", subject, "").await;
        }
        let wanted = Wanted { subject: Some("a".to_owned()), ..Wanted::default() };
        let inbox = serving.mailbox.inbox();
        let missed = inbox.wait(&wanted, 0, Duration::ZERO).await.unwrap_err();
        assert!(missed.some_were_dropped && missed.arrived.len() == 1);
        assert!(!inbox.wait(&wanted, 1, Duration::ZERO).await.unwrap_err().some_were_dropped);
    });
}

#[test]
fn idle_sessions_and_long_polls_keep_nobody_waiting() {
    const MANY: usize = 200;
    run(async {
        let serving = Arc::new(Serving::open().await);
        let mut idle = Vec::new();
        for _ in 0..MANY {
            idle.push(TcpStream::connect(serving.smtp.local_addr()).await.unwrap());
        }
        let mut polls = JoinSet::new();
        for n in 0..MANY {
            let serving = Arc::clone(&serving);
            polls.spawn(async move {
                let path = format!("/control/v1/messages/wait?to=u{n}@a.test&since=0&timeout=25");
                (n, serving.json(&path).await["message"]["Subject"].clone())
            });
        }
        serving.send("nobody@a.test", "none", "").await;
        assert_eq!(serving.subjects("/api/v1/messages").await, ["none"]);
        for n in 0..MANY {
            serving.send(&format!("u{n}@a.test"), &format!("Mail {n}"), "").await;
        }
        while let Some(done) = polls.join_next().await {
            let (n, subject) = done.unwrap();
            assert_eq!(subject, format!("Mail {n}"));
        }
        assert_eq!(idle.len(), MANY);
    });
}

#[test]
fn what_is_no_wait_is_an_error() {
    run(async {
        let serving = Serving::open().await;
        for query in ["since=x", "since=-1", "timeout=61", "timeout=-1", "timeout=NaN", "timeout=x", "of=ana"]
        {
            let (status, text) =
                serving.text(Method::GET, &format!("/control/v1/messages/wait?{query}"), "").await;
            assert_eq!((status, text.starts_with("{\"error\":")), (400, true), "{query}: {text}");
        }
        for path in ["links", "codes", "transcript"] {
            let path = format!("/control/v1/messages/nothing/{path}");
            assert_eq!(serving.text(Method::GET, &path, "").await.0, 404);
        }
    });
}
