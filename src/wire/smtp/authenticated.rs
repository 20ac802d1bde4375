//! Tests of AUTH as transcripts.

use std::sync::{Arc, Mutex};

use crate::wire::smtp::testing::{Shelf, dialogue, pour};
use crate::wire::smtp::{Account, Admits, Auth, Settings, WireLine};

fn settings(auth: Auth) -> Settings {
    Settings { auth: Some(auth), ..Settings::default() }
}

/// Admits `ana` with the password `secret`.
fn declared() -> Auth {
    let ana = Account { user: "ana".to_owned(), password: "secret".to_owned() };
    Auth { admits: Admits::Only(vec![ana]), is_required: true }
}

#[test]
fn declared_users_authenticate_before_mail() {
    let mails = dialogue(
        &settings(declared()),
        "
        S: 220 mail.test ESMTP
        C: AUTH PLAIN AGFuYQBzZWNyZXQ=
        S: 503 5.5.1 send EHLO first
        C: EHLO client.test
        S: 250-mail.test
        S: 250-PIPELINING
        S: 250-SIZE 1048576
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250 AUTH PLAIN LOGIN
        C: MAIL FROM:<ana@a.test>
        S: 530 5.7.0 authenticate first
        C: AUTH PLAIN AGFuYQB3cm9uZw==
        S: 535 5.7.8 wrong user or password
        C: AUTH CRAM-MD5
        S: 504 5.5.4 only PLAIN and LOGIN are offered
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: *
        S: 501 5.5.4 authentication cancelled
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: YW5h
        S: 334 UGFzc3dvcmQ6
        C: c2VjcmV0
        S: 235 2.7.0 authenticated
        C: AUTH PLAIN AGFuYQBzZWNyZXQ=
        S: 503 5.5.1 you have authenticated already
        C: RSET
        S: 250 2.0.0 reset
        C: MAIL FROM:<ana@a.test> AUTH=<>
        S: 250 2.0.0 ok
        C: RCPT TO:<ben@b.test>
        S: 250 2.0.0 ok
        C: DATA
        S: 354 send the message; a dot alone on a line ends it
        C: .
        S: 250 2.0.0 ok
        ",
    );
    assert_eq!(mails[0].envelope.user.as_deref(), Some("ana"));
}

#[test]
fn anyone_may_authenticate_and_nobody_must() {
    let mails = dialogue(
        &settings(Auth::default()),
        "
        S: 220 mail.test ESMTP
        C: HELO client.test
        S: 250 mail.test
        C: MAIL FROM:<ana@a.test>
        S: 250 2.0.0 ok
        C: EHLO client.test
        S: 250-mail.test
        S: 250-PIPELINING
        S: 250-SIZE 1048576
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250 AUTH PLAIN LOGIN
        C: AUTH PLAIN
        S: 334 
        C: not base64
        S: 501 5.5.2 the response is not base64 of UTF-8
        C: AUTH PLAIN AGV2ZQA=
        S: 235 2.7.0 authenticated
        C: MAIL FROM:<ana@a.test>
        S: 250 2.0.0 ok
        C: AUTH PLAIN AGV2ZQA=
        S: 503 5.5.1 you have authenticated already
        C: RCPT TO:<ben@b.test>
        S: 250 2.0.0 ok
        C: DATA
        S: 354 send the message; a dot alone on a line ends it
        C: .
        S: 250 2.0.0 ok
        ",
    );
    assert_eq!(mails[0].envelope.user.as_deref(), Some("eve"));
}

#[test]
fn nobody_is_shown_the_credentials() {
    let heard = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&heard);
    let hear = move |line: &WireLine<'_>| *log.lock().unwrap() += &String::from_utf8_lossy(line.line);
    let settings = Settings { log: Some(Arc::new(hear)), ..settings(declared()) };
    let said = b"EHLO a.test\r\nAUTH PLAIN AGFuYQB3cm9uZw==\r\n auth plain AGFuYQB3cm9uZw==\r\n\
                 AUTH LOGIN\r\nYW5h\r\nc2VjcmV0\r\nQUIT\r\n";
    pour(&settings, &Shelf::default(), said);
    let heard = heard.lock().unwrap().clone();
    assert!(heard.contains("AUTH ...\r\n") && heard.contains("235 2.7.0"), "{heard}");
    for secret in ["AGFuYQB3cm9uZw", "YW5h", "c2VjcmV0"] {
        assert!(!heard.contains(secret), "{heard}");
    }
}

#[test]
fn a_line_too_long_ends_the_exchange() {
    let said = format!("EHLO a.test\r\nAUTH LOGIN\r\n{}\r\nNOOP\r\nQUIT\r\n", "A".repeat(100_000));
    let (replies, _) = pour(&settings(Auth::default()), &Shelf::default(), said.as_bytes());
    assert!(replies.contains("500 5.5.6 ") && replies.contains("250 2.0.0 nothing done"), "{replies}");
}
