//! Sessions as transcripts: the client's lines, and the expected replies.

use std::time::Duration;

use crate::wire::smtp::testing::{Shelf, codes, dialogue, pour};
use crate::wire::smtp::{Addresses, Body, End, Limits, Settings};

/// Greeting, HELO, MAIL, one accepted recipient, and DATA.
const UP_TO_DATA: &str = "HELO a.test\r\nMAIL FROM:<ana@a.test>\r\nRCPT TO:<ben@b.test>\r\nDATA\r\n";

fn settings() -> Settings {
    Settings::default()
}

fn limited(limits: impl FnOnce(&mut Limits)) -> Settings {
    let mut settings = settings();
    limits(&mut settings.limits);
    settings
}

#[test]
fn a_mail_is_taken() {
    let mails = dialogue(
        &settings(),
        "
        S: 220 mail.test ESMTP
        C: EHLO client.test
        S: 250-mail.test
        S: 250-PIPELINING
        S: 250-SIZE 1048576
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250 ENHANCEDSTATUSCODES
        C: MAIL FROM:<ana@a.test> SIZE=40 BODY=8BITMIME SMTPUTF8
        S: 250 2.0.0 ok
        C: RCPT TO:<ben@b.test>
        S: 250 2.0.0 ok
        C: RCPT TO:<ñandú@b.test>
        S: 250 2.0.0 ok
        C: DATA
        S: 354 send the message; a dot alone on a line ends it
        C: Subject: Hi
        C: 
        C: ..a dot
        C: ...
        C: .x
        C: ¡Adiós!
        C: .
        S: 250 2.0.0 ok
        C: QUIT
        S: 221 2.0.0 goodbye
        S: <end>
        ",
    );
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(mail.envelope.hello, "client.test");
    assert_eq!(mail.envelope.from.as_deref(), Some("ana@a.test"));
    assert_eq!(mail.envelope.to, ["ben@b.test", "ñandú@b.test"]);
    assert_eq!(mail.envelope.declared_size, Some(40));
    assert_eq!((mail.envelope.body, mail.envelope.addresses), (Body::EightBitMime, Addresses::Utf8));
    assert_eq!(mail.raw, "Subject: Hi\r\n\r\n.a dot\r\n..\r\nx\r\n¡Adiós!\r\n".as_bytes());
}

#[test]
fn the_null_sender_of_bounces_is_taken() {
    let mails = dialogue(
        &settings(),
        "
        S: 220 mail.test ESMTP
        C: HELO client.test
        S: 250 mail.test
        C: MAIL FROM:<>
        S: 250 2.0.0 ok
        C: RCPT TO:<Postmaster>
        S: 250 2.0.0 ok
        C: DATA
        S: 354 send the message; a dot alone on a line ends it
        C: .
        S: 250 2.0.0 ok
        ",
    );
    assert_eq!((mails[0].envelope.from.as_deref(), &mails[0].raw[..]), (None, &b""[..]));
}

#[test]
fn commands_that_need_no_mail_are_answered_at_any_time() {
    dialogue(
        &settings(),
        "
        S: 220 mail.test ESMTP
        C: NOOP
        S: 250 2.0.0 nothing done
        C: NOOP x y
        S: 250 2.0.0 nothing done
        C: HELP DATA
        S: 214-2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT
        S: 214 2.0.0 MAIL takes SIZE=, BODY= and SMTPUTF8
        C: VRFY ben
        S: 252 2.5.2 cannot verify the user, but will accept the message
        C: RSET
        S: 250 2.0.0 reset
        C: XYZZY
        S: 500 5.5.1 unknown command
        C: starttls
        S: 502 5.5.1 this command is not implemented
        C: HELO client.test
        S: 250 mail.test
        C: MAIL FROM:<ana@a.test>
        S: 250 2.0.0 ok
        C: vrfy ben
        S: 252 2.5.2 cannot verify the user, but will accept the message
        C: quit
        S: 221 2.0.0 goodbye
        S: <end>
        ",
    );
}

#[test]
fn commands_out_of_turn_are_refused() {
    dialogue(
        &settings(),
        "
        S: 220 mail.test ESMTP
        C: MAIL FROM:<ana@a.test>
        S: 503 5.5.1 send EHLO first, and only one MAIL at a time
        C: EHLO
        S: 501 5.5.4 expected your host name as the only argument (RFC 5321 section 4.1.1.1)
        C: HELO client.test
        S: 250 mail.test
        C: DATA
        S: 503 5.5.1 no recipient was accepted: send MAIL and RCPT first
        C: RCPT TO:<ben@b.test>
        S: 503 5.5.1 send MAIL first
        C: MAIL FROM:<ana@a.test>
        S: 250 2.0.0 ok
        C: MAIL FROM:<eve@a.test>
        S: 503 5.5.1 send EHLO first, and only one MAIL at a time
        C: DATA
        S: 503 5.5.1 no recipient was accepted: send MAIL and RCPT first
        C: RCPT TO:<550@rcpt.test>
        S: 550 5.1.1 no such mailbox here
        C: DATA
        S: 503 5.5.1 no recipient was accepted: send MAIL and RCPT first
        C: HELO again.test
        S: 250 mail.test
        C: RCPT TO:<ben@b.test>
        S: 503 5.5.1 send MAIL first
        ",
    );
}

#[test]
fn parameters_are_read_and_unknown_ones_refused() {
    dialogue(
        &settings(),
        "
        S: 220 mail.test ESMTP
        C: HELO client.test
        S: 250 mail.test
        C: MAIL FROM:<ana@a.test> SIZE=10
        S: 555 5.5.4 parameters are allowed only after EHLO (RFC 5321 section 2.2.1)
        C: EHLO client.test
        S: 250-mail.test
        S: 250-PIPELINING
        S: 250-SIZE 1048576
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250 ENHANCEDSTATUSCODES
        C: MAIL FROM:<ana@a.test> SIZE=1048577
        S: 552 5.3.4 a message may have at most 1048576 octets
        C: MAIL FROM:<ána@a.test>
        S: 553 5.6.7 this address needs SMTPUTF8
        C: MAIL FROM:<ana@a.test> RET=FULL
        S: 555 5.5.4 unknown parameter RET
        C: MAIL FROM: <ana@a.test>
        S: 501 5.5.4 no space is allowed after the colon (RFC 5321 section 3.3)
        C: MAIL FROM:<ana>
        S: 501 5.1.7 this is not a valid address
        C: MAIL FROM:<ana@a.test> SIZE=1048576
        S: 250 2.0.0 ok
        C: RCPT TO:<ñandú@b.test>
        S: 553 5.6.7 this address needs SMTPUTF8
        C: RCPT TO:<ben@b.test> NOTIFY=NEVER
        S: 555 5.5.4 unknown parameter NOTIFY
        C: RCPT TO:<ben@b.test>
        S: 250 2.0.0 ok
        ",
    );
}

#[test]
fn one_recipient_refused_leaves_the_others() {
    let mails = dialogue(
        &settings(),
        "
        S: 220 mail.test ESMTP
        C: HELO client.test
        S: 250 mail.test
        C: MAIL FROM:<452@mail.test>
        S: 452 4.2.2 mailbox full or insufficient storage, try again later
        C: MAIL FROM:<ana@a.test>
        S: 250 2.0.0 ok
        C: RCPT TO:<550@rcpt.test>
        S: 550 5.1.1 no such mailbox here
        C: RCPT TO:<ben@b.test>
        S: 250 2.0.0 ok
        C: DATA
        S: 354 send the message; a dot alone on a line ends it
        C: .
        S: 250 2.0.0 ok
        ",
    );
    assert_eq!(mails[0].envelope.to, ["ben@b.test"]);
}

#[test]
fn a_message_refused_at_the_dot_leaves_the_session_in_step() {
    let mails = dialogue(
        &settings(),
        "
        S: 220 mail.test ESMTP
        C: HELO client.test
        S: 250 mail.test
        C: MAIL FROM:<ana@a.test>
        S: 250 2.0.0 ok
        C: RCPT TO:<451@b.test>
        S: 250 2.0.0 ok
        C: DATA
        S: 354 send the message; a dot alone on a line ends it
        C: first
        C: .
        S: 451 4.3.0 local error in processing, try again later
        C: RCPT TO:<ben@b.test>
        S: 503 5.5.1 send MAIL first
        C: MAIL FROM:<ana@a.test>
        S: 250 2.0.0 ok
        C: RCPT TO:<ben@b.test>
        S: 250 2.0.0 ok
        C: DATA
        S: 354 send the message; a dot alone on a line ends it
        C: second
        C: .
        S: 250 2.0.0 ok
        ",
    );
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].raw, b"second\r\n");
}

#[test]
fn a_session_can_be_cut_at_each_stage() {
    for (from, to, then) in [
        ("cut@mail.test", "ben@b.test", ""),
        ("ana@a.test", "cut@rcpt.test", "C: RCPT"),
        ("ana@a.test", "cut@b.test", "C: DATA"),
    ] {
        let shelf = Shelf::default();
        let input =
            format!("HELO a.test\r\nMAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nDATA\r\nHi\r\n.\r\nNOOP\r\n");
        let (replies, end) = pour(&settings(), &shelf, input.as_bytes());
        let wanted: &[u16] = match then {
            "" => &[220, 250],
            "C: RCPT" => &[220, 250, 250],
            _ => &[220, 250, 250, 250, 354],
        };
        assert_eq!(codes(&replies), wanted, "{replies}");
        assert!(matches!(end, End::Closed), "{end:?}");
        assert_eq!(shelf.mails().len(), usize::from(then == "C: DATA"), "taken, and the 250 lost");
    }
    let input = UP_TO_DATA.replace("ben@", "cut-after@") + "Hi\r\n.\r\nNOOP\r\n";
    let (replies, _) = pour(&settings(), &Shelf::default(), input.as_bytes());
    assert_eq!(codes(&replies), [220, 250, 250, 250, 354, 250]);
}

#[test]
fn a_mailroom_that_says_421_ends_the_session() {
    for input in [
        "HELO a.test\r\nMAIL FROM:<421@mail.test>\r\nNOOP\r\n".to_owned(),
        UP_TO_DATA.replace("ben@", "421@") + "Hi\r\n.\r\nNOOP\r\n",
    ] {
        let (replies, _) = pour(&settings(), &Shelf::default(), input.as_bytes());
        assert_eq!(codes(&replies).last(), Some(&421), "{replies}");
    }
}

#[test]
fn no_mail_is_smuggled_in_behind_a_bare_line_feed() {
    for trick in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r", "\r.\r"] {
        let shelf = Shelf::default();
        let inner = "MAIL FROM:<eve@a.test>\r\nRCPT TO:<ben@b.test>\r\nDATA\r\nsmuggled\r\n.\r\n";
        let input = format!("{UP_TO_DATA}first{trick}{inner}QUIT\r\n");
        let (replies, _) = pour(&settings(), &shelf, input.as_bytes());
        assert_eq!(codes(&replies), [220, 250, 250, 250, 354, 554, 221], "{trick:?}: {replies}");
        assert!(shelf.mails().is_empty(), "{trick:?}");
    }
    let (replies, _) = pour(&settings(), &Shelf::default(), b"NOOP\nNOOP\rX\r\nNOOP\r\n");
    assert_eq!(codes(&replies), [220, 500, 500, 250]);
}

#[test]
fn lines_too_long_are_refused_and_the_session_goes_on() {
    let settings = limited(|limits| (limits.command_line, limits.text_line) = (50, 60));
    let shelf = Shelf::default();
    let long = "x".repeat(200);
    let input = format!("NOOP {long}\r\n{UP_TO_DATA}{long}\r\n.\r\nRSET\r\n{UP_TO_DATA}short\r\n.\r\n");
    let (replies, _) = pour(&settings, &shelf, input.as_bytes());
    let mut wanted = vec![220, 500, 250, 250, 250, 354, 500, 250];
    wanted.extend([250, 250, 250, 354, 250]);
    assert_eq!(codes(&replies), wanted, "{replies}");
    assert_eq!(shelf.mails().len(), 1);
}

#[test]
fn a_message_too_large_is_refused_at_the_dot_and_the_session_goes_on() {
    let settings = limited(|limits| limits.message = 100);
    let shelf = Shelf::default();
    let line = "x".repeat(30) + "\r\n";
    let input = format!("{UP_TO_DATA}{}.\r\n{UP_TO_DATA}{}\r\n.\r\n", line.repeat(4), line.repeat(3));
    let (replies, _) = pour(&settings, &shelf, input.as_bytes());
    assert_eq!(codes(&replies), [220, 250, 250, 250, 354, 552, 250, 250, 250, 354, 250], "{replies}");
    assert!(replies.contains("552 5.3.4 a message may have at most 100 octets\r\n"), "{replies}");
    assert_eq!(shelf.mails()[0].raw.len(), 98);
}

#[test]
fn counts_have_limits() {
    let settings = limited(|limits| {
        (limits.recipients, limits.transactions, limits.idle_commands) = (2, 3, 10);
    });
    let three = "RCPT TO:<a@b.test>\r\nRCPT TO:<b@b.test>\r\nRCPT TO:<c@b.test>\r\n";
    let mail = format!("MAIL FROM:<ana@a.test>\r\n{three}DATA\r\n.\r\n");
    let input = format!("HELO a.test\r\n{mail}{mail}{mail}{mail}NOOP\r\n");
    let (replies, _) = pour(&settings, &Shelf::default(), input.as_bytes());
    let mut wanted = vec![220, 250];
    wanted.extend([250, 250, 250, 452, 354, 250].repeat(3));
    wanted.push(421);
    assert_eq!(codes(&replies), wanted, "{replies}");

    for idle in ["NOOP\r\n", "RSET\r\n", "XYZZY\r\n", "HELO a.test\r\n"] {
        let (replies, end) = pour(&settings, &Shelf::default(), idle.repeat(20).as_bytes());
        let codes = codes(&replies);
        assert_eq!((codes.len(), codes.last()), (12, Some(&421)), "{replies}");
        assert!(matches!(end, End::Closed), "{end:?}");
    }
}

#[test]
fn a_line_without_an_end_is_dropped() {
    let shelf = Shelf::default();
    let (replies, end) = pour(&settings(), &shelf, b"HELO a.test\r\nQUI");
    assert_eq!(codes(&replies), [220, 250]);
    assert!(matches!(end, End::Left), "{end:?}");
    let (replies, _) = pour(&settings(), &shelf, format!("{UP_TO_DATA}Hi\r\n.").as_bytes());
    assert_eq!(codes(&replies), [220, 250, 250, 250, 354]);
    assert!(shelf.mails().is_empty());
}

#[test]
fn a_silent_client_is_told_so_and_left() {
    let settings = limited(|limits| limits.idle = Duration::from_millis(1));
    dialogue(
        &settings,
        "
        S: 220 mail.test ESMTP
        S: 421 4.4.2 no command received in time
        S: <end>
        ",
    );
}
