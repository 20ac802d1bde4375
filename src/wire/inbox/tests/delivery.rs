//! Tests of delivery: bytes, envelopes, transcripts, refusals, and the part of a world.

use lettre::message::header::ContentType;
use lettre::message::{Attachment, MultiPart};

use super::*;
use crate::base::secret::Token;
use crate::base::time::Span;
use crate::event::MailKind;
use crate::wire::inbox::Wanted;
use crate::wire::testing::story;
use crate::wire::{Clock, Door, mime};
use crate::world::World;

#[test]
fn bytes_come_back_as_they_were_sent() {
    run(async {
        let serving = Serving::open().await;
        let raw = b"Subject: x\r\nX-Odd:  \t y \r\n\r\n..\r\n.a\r\n\xff\x00\xc3\xa9\r\n\r\n \r\n".to_vec();
        let stuffed =
            b"Subject: x\r\nX-Odd:  \t y \r\n\r\n...\r\n..a\r\n\xff\x00\xc3\xa9\r\n\r\n \r\n.\r\nQUIT\r\n";
        let start = b"EHLO a.test\r\nMAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<ana@a.test>\r\nRCPT TO:<ben@b.test>\r\nDATA\r\n";
        let heard = serving.smtp(&[&start[..], &stuffed[..]].concat()).await;
        assert_eq!(heard, [220, 250, 250, 250, 250, 354, 250, 221]);
        let (status, content_type, bytes) = serving.ask(Method::GET, "/api/v1/message/latest/raw", "").await;
        assert_eq!((status, content_type.as_str()), (StatusCode::OK, "text/plain; charset=utf-8"));
        assert_eq!(bytes, raw);
        let message = serving.mailbox.inbox().get("latest").unwrap();
        assert_eq!((message.from(), message.to().len(), message.received()), (None, 2, NOON));
    });
}

#[test]
fn lettre_sends_attachments_and_blind_copies() {
    run(async {
        let serving = Serving::open().await;
        let html = MultiPart::alternative_plain_html("Hi".to_owned(), "<p>Hi</p>".to_owned());
        let csv = Attachment::new("a.csv".to_owned()).body("1;2".to_owned(), ContentType::TEXT_PLAIN);
        let message = Message::builder()
            .from("App <app@app.test>".parse().unwrap())
            .to("Ana <ana@a.test>".parse().unwrap())
            .bcc("ben@b.test".parse().unwrap())
            .subject("¡Hola!")
            .multipart(MultiPart::mixed().multipart(html).singlepart(csv))
            .unwrap();
        // lettre ends each message that it sends with one more CRLF.
        let sent = [message.formatted(), b"\r\n".to_vec()].concat();
        serving.transport().send(message).await.unwrap();
        let stored = serving.mailbox.inbox().get("latest").unwrap();
        assert_eq!(stored.raw()[..], sent[..]);
        let json = serving.json("/api/v1/message/latest").await;
        assert_eq!(json["Bcc"][0]["Address"], "ben@b.test", "{json}");
        assert_eq!(json["Attachments"][0]["FileName"], "a.csv");
        assert_eq!(json["Attachments"][0]["Checksums"]["MD5"].as_str().unwrap().len(), 32);
        let part = json["Attachments"][0]["PartID"].as_str().unwrap();
        let path = format!("/api/v1/message/latest/part/{part}");
        assert_eq!(serving.text(Method::GET, &path, "").await, (200, "1;2".to_owned()));
    });
}

#[test]
fn the_transcript_of_a_message_hides_its_credentials() {
    run(async {
        let serving = Serving::open().await;
        serving
            .smtp(
                b"EHLO a.test\r\nAUTH PLAIN AGFuYQBzZWNyZXQ=\r\nMAIL FROM:<a@a.test>\r\n\
                  RCPT TO:<ana@a.test>\r\nDATA\r\nSubject: x\r\n\r\nsecret\r\n.\r\nQUIT\r\n",
            )
            .await;
        let json = serving.json("/control/v1/messages/latest/transcript").await;
        let text = json["transcript"].as_str().unwrap();
        let end = "C: DATA\nS: 354 send the message; a dot alone on a line ends it\n\
                   C: (22 octets of message)\nC: .\nS: 250 2.0.0 taken\n";
        assert!(text.starts_with("S: 220 mail.test ESMTP\nC: EHLO a.test\n"), "{text}");
        assert!(text.contains("C: AUTH ...\nS: 235 2.7.0 authenticated\n") && text.ends_with(end), "{text}");
        assert!(!text.contains("secret") && !text.contains("AGFu"), "{text}");
        assert_eq!((json["user"].as_str(), json["encrypted"].as_bool()), (Some("ana"), Some(false)));
    });
}

#[test]
fn a_list_of_recipients_refuses_all_others() {
    run(async {
        let accepts = Accepts::Only(vec!["ana@a.test".to_owned(), "b.test".to_owned()]);
        let inbox = Inbox::new(InboxLimits::default(), 1);
        let mailbox = Mailbox::new(inbox, accepts, Arc::new(|| NOON));
        let serving = Serving::of(mailbox, &RouterSettings::default()).await;
        let heard = serving
            .smtp(
                b"HELO a.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<ANA@a.test>\r\nRCPT TO:<eve@a.test>\r\n\
                  RCPT TO:<any@B.test>\r\nRCPT TO:<postmaster>\r\nDATA\r\n.\r\nQUIT\r\n",
            )
            .await;
        assert_eq!(heard, [220, 250, 250, 250, 550, 250, 550, 354, 250, 221]);
        let message = serving.mailbox.inbox().get("latest").unwrap();
        assert_eq!(message.to(), ["ANA@a.test", "any@B.test"]);
        assert_eq!(serving.json("/api/v1/info").await["RuntimeStats"]["SMTPRejected"], 2);
    });
}

/// A world of Ana and Ben, whose mail meets these faults.
fn door(faults: &str) -> Arc<Door> {
    Arc::new(Door::new(World::new(story(faults), 1), Clock::Staged).0)
}

/// Lets an hour pass; requests of people in that hour are not carried.
fn pass_an_hour(door: &Door) {
    door.enter(|world| {
        let end = world.now() + Span::HOUR;
        while let Some(due) = world.next_due().filter(|due| *due <= end) {
            world.advance(due);
        }
    });
}

#[test]
fn mail_of_the_reference_service_appears_too() {
    run(async {
        let door = door("");
        let inbox = Inbox::new(InboxLimits::default(), 1);
        let mailbox = Mailbox::of_world(inbox, Accepts::Anyone, Arc::clone(&door));
        let serving = Serving::of(mailbox, &RouterSettings::default()).await;
        let link = Some(Token::new(7));
        let origin = "http://console.test";
        let raw = mime::render(MailKind::Verification, link, "ana@example.com", 0, origin, 1).unwrap();
        let from = mime::SENDER;
        let start = format!("HELO c.test\r\nMAIL FROM:<{from}>\r\nRCPT TO:<ana@example.com>\r\nDATA\r\n");
        let heard = serving.smtp(&[start.as_bytes(), &raw, b".\r\nQUIT\r\n"].concat()).await;
        assert_eq!(heard, [220, 250, 250, 250, 354, 250, 221]);
        assert_eq!(serving.mailbox.inbox().cursor(), 0, "the world has not delivered it");
        pass_an_hour(&door);
        assert_eq!(serving.mailbox.current().cursor(), 1, "it is there as soon as the clock has moved");
        let wait = "/control/v1/messages/wait?to=ana@example.com&since=0&timeout=20";
        let found = serving.json(wait).await;
        assert_eq!(found["links"][0]["reason"], "action", "{found}");
        assert_eq!(serving.mailbox.inbox().get("latest").unwrap().raw()[..], raw[..]);
    });
}

#[test]
fn mail_to_people_of_a_story_appears_when_the_world_delivers_it() {
    for (faults, heard, copies) in [
        ("", vec![250, 250, 250, 354, 250], vec![vec!["ana@example.com", "ben@example.com"]]),
        ("{ does: mail-lost, of: ben }", vec![250, 250, 250, 354, 250], vec![vec!["ana@example.com"]]),
        (
            "{ does: { mail-twice: { after: 5m } }, of: ben }",
            vec![250, 250, 250, 354, 250],
            vec![vec!["ana@example.com", "ben@example.com"], vec!["ben@example.com"]],
        ),
        (
            "{ does: { mail-refused: { code: 450 } }, of: ana }",
            vec![450, 250, 250, 354, 250],
            vec![vec!["ben@example.com"]],
        ),
        (
            "{ does: { mail-cut: { taken: true } }, of: ana }",
            vec![250, 250, 250, 354],
            vec![vec!["ana@example.com", "ben@example.com"]],
        ),
        (
            "{ does: { mail-cut: { taken: false } }, of: ana }",
            vec![250, 250, 250, 354],
            vec![vec!["ben@example.com"]],
        ),
    ] {
        run(async {
            let door = door(faults);
            let inbox = Inbox::new(InboxLimits::default(), 1);
            let mailbox = Mailbox::of_world(inbox, Accepts::Anyone, Arc::clone(&door));
            let serving = Serving::of(mailbox, &RouterSettings::default()).await;
            let inbox = serving.mailbox.inbox().clone();
            let said = b"HELO a.test\r\nMAIL FROM:<a@app.test>\r\nRCPT TO:<ana@example.com>\r\n\
                         RCPT TO:<ben@example.com>\r\nRCPT TO:<else@where.test>\r\nDATA\r\n\
                         Subject: x\r\n\r\nHi\r\n.\r\nQUIT\r\n";
            let codes = serving.smtp(said).await;
            assert_eq!(codes[3..][..heard.len()], heard, "{faults}: {codes:?}");
            let at_once: Vec<_> = inbox.after(0);
            assert_eq!(at_once.len(), 1, "{faults}: only the recipient that the story does not know");
            assert_eq!(at_once[0].to(), ["else@where.test"]);
            pass_an_hour(&door);
            let last = Wanted { to: Some(copies.last().unwrap()[0].to_owned()), ..Wanted::default() };
            let cursor = copies.len() as u64;
            inbox.wait(&last, cursor, std::time::Duration::from_secs(20)).await.unwrap();
            let arrived: Vec<_> = inbox.after(1).iter().map(|message| message.to().to_vec()).collect();
            assert_eq!(arrived, copies, "{faults}");
            let first = &inbox.after(1)[0];
            assert!(first.received() > at_once[0].received(), "the world delivers after a delay");
            assert_eq!(first.raw()[..], b"Subject: x\r\n\r\nHi\r\n"[..]);
            assert!(first.transcript().contains("RCPT TO:<ana@example.com>"));
        });
    }
}
