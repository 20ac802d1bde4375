//! Foreign emails on the wire stage: the replies that clients get, and the resulting mailboxes.

use lettre::message::MultiPart;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::*;
use crate::base::id::{EventId, MailId, PersonId};
use crate::base::secret::Token;
use crate::base::time::Span;
use crate::event::{Event, EventKind, Folder, NoReply, PageName};
use crate::message::{Crossing, Letter, Link, PageRequest};
use crate::people::{Act, Outcome};
use crate::stage::WirePlay;
use crate::wire::Clock;
use crate::wire::smtp::Session;
use crate::wire::smtp::testing::{codes, run};
use crate::wire::testing::story;
use crate::world::{Carry, Origin};

const ANA: PersonId = PersonId(0);
const BEN: PersonId = PersonId(1);
const LINK: &str = "https://app.test/verify/9f86d081884c7d659a2feaa0";

fn world(faults: &str) -> Arc<Door> {
    Arc::new(Door::new(World::new(story(faults), 1), Clock::Staged).0)
}

/// The reply codes that a client gets if it sends all of this at once.
fn say(world: &Arc<Door>, said: &str) -> Vec<u16> {
    let story = Arc::clone(world.world().story());
    let (door, verdicts) = (Arc::clone(world), Vec::new());
    let mailboxes = Mailboxes { door, story, is_foreign: false, from: Digest(0), verdicts };
    let mut session = Session::new(1, &Settings::default(), mailboxes);
    session.receive(said.replace('\n', "\r\n").as_bytes());
    let mut replies = Vec::new();
    while session.poll_step(&mut replies).is_some() {}
    codes(&String::from_utf8(replies).unwrap())
}

/// An email of `from` to these recipients, from HELO to the final dot.
fn mail(from: &str, to: &[&str]) -> String {
    let to: String = to.iter().map(|to| format!("RCPT TO:<{to}>\n")).collect();
    format!("HELO app.test\nMAIL FROM:<{from}>\n{to}DATA\nSubject: Hi\n\nVerify: {LINK}\n.\n")
}

/// Advances time by an hour; requests of people in that hour are not carried.
fn wait(world: &Arc<Door>) {
    let mut world = world.world();
    let end = world.now() + Span::HOUR;
    while let Some(due) = world.next_due().filter(|due| *due <= end) {
        world.advance(due);
    }
}

fn letters(world: &Arc<Door>, who: PersonId) -> Vec<Letter> {
    world.world().person(who).unwrap().letters().to_vec()
}

/// The foreign email of this letter.
fn kept(world: &Arc<Door>, letter: &Letter) -> Arc<KeptMail> {
    let MailBody::Raw(raw) = letter.body else { panic!("{letter:?} is the reference service's") };
    world.world().papers().mail(raw).unwrap()
}

fn events(world: &Arc<Door>) -> Vec<Event> {
    world.world().trace().events().to_vec()
}

#[test]
fn each_recipient_fares_by_a_verdict_of_its_own() {
    let both = ["ana@example.com", "ben@example.com"];
    for (faults, to, heard, arrived) in [
        ("", &both[..], vec![250, 250, 354, 250], [1, 1]),
        ("", &["ANA@example.com", "ana@example.com"], vec![250, 250, 354, 250], [1, 0]),
        ("", &["nobody@example.com", both[1]], vec![550, 250, 354, 250], [0, 1]),
        ("", &["nobody@example.com"], vec![550, 503], [0, 0]),
        ("{ does: { mail-refused: { code: 450 } }, of: ana }", &both, vec![450, 250, 354, 250], [0, 1]),
        ("{ does: { mail-refused: { code: 552 } }, of: ben }", &both, vec![250, 552, 354, 250], [1, 0]),
        ("{ does: mail-lost, of: ben }", &both, vec![250, 250, 354, 250], [1, 0]),
        ("{ does: { mail-twice: { after: 5m } }, of: ben }", &both, vec![250, 250, 354, 250], [1, 2]),
        ("{ does: { mail-cut: { taken: true } }, of: ana }", &both, vec![250, 250, 354], [1, 1]),
        ("{ does: { mail-cut: { taken: false } }, of: ana }", &both, vec![250, 250, 354], [0, 1]),
    ] {
        let world = world(faults);
        let codes = say(&world, &mail("app@app.test", to));
        // The lines after a refused DATA are not commands.
        assert_eq!(codes[2..2 + heard.len()], heard, "{faults} {to:?}: {codes:?}");
        wait(&world);
        assert_eq!([ANA, BEN].map(|who| letters(&world, who).len()), arrived, "{faults} {to:?}");
    }
}

#[test]
fn a_verdict_waits_for_the_message_that_it_is_for() {
    let world = world("{ does: mail-to-spam, of: ana, on: 1 }");
    let begun = "HELO app.test\nMAIL FROM:<a@app.test>\nRCPT TO:<ana@example.com>\nRSET\n";
    let next = mail("a@app.test", &["ana@example.com"]).replace("HELO app.test\n", "");
    say(&world, &format!("{begun}{next}{next}"));
    wait(&world);
    let folders: Vec<Folder> = letters(&world, ANA).iter().map(|letter| letter.folder).collect();
    assert_eq!(folders, [Folder::Spam, Folder::Inbox]);
}

#[test]
fn the_reference_service_is_answered_at_the_dot_as_ever() {
    let world = world("{ does: { mail-refused: { code: 450 } }, of: ana, on: 1 }");
    let raw =
        mime::render(crate::event::MailKind::Verification, None, "ana@example.com", 0, paths::ORIGIN, 1);
    let raw = String::from_utf8(raw.unwrap()).unwrap().replace('\r', "");
    let ours = |to: &str| format!("MAIL FROM:<{}>\nRCPT TO:<{to}>\nDATA\n{raw}\n.\n", mime::SENDER);
    let said = format!("HELO c.test\n{}{}", ours("ana@example.com"), ours("ana@example.com"));
    let heard = say(&world, &said);
    assert_eq!(heard, [250, 250, 250, 354, 450, 250, 250, 354, 250]);
    let heard = say(&world, &mail(mime::SENDER, &["ana@example.com"]));
    assert_eq!(heard, [250, 250, 250, 354, 554], "its address is nobody else's to send from");
}

#[test]
fn a_copy_of_the_services_email_reaches_every_mailbox_that_somebody_has() {
    let world = world("");
    let kind = crate::event::MailKind::Verification;
    let raw = mime::render(kind, Some(Token::new(1)), "ana@example.com", 0, paths::ORIGIN, 1).unwrap();
    let raw = String::from_utf8(raw).unwrap().replace('\r', "");
    let to = ["ana@example.com", "nobody@example.com", "BEN@example.com", "Ana@example.com"];
    let to: String = to.iter().map(|to| format!("RCPT TO:<{to}>\n")).collect();
    let heard = say(&world, &format!("HELO c.test\nMAIL FROM:<{}>\n{to}DATA\n{raw}\n.\n", mime::SENDER));
    assert_eq!(heard, [250, 250, 250, 550, 250, 250, 354, 250]);
    wait(&world);
    assert_eq!([ANA, BEN].map(|who| letters(&world, who).len()), [1, 1]);
}

/// Sends one email with a text and an HTML part, as a foreign app would.
async fn send_with_lettre(sink: SocketAddr, to: &[&str]) {
    let mut message = Message::builder().from("App <app@app.test>".parse().unwrap()).subject("Tu código");
    for to in to {
        message = message.to(to.parse().unwrap());
    }
    let html = format!("<p>Your code is <b>123456</b>.</p><a href='{LINK}'>Verify your address</a>");
    let parts = MultiPart::alternative_plain_html("Your code is 123456".to_owned(), html);
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(sink.port());
    transport.build().send(message.multipart(parts).unwrap()).await.unwrap();
}

#[test]
fn a_foreign_mail_reaches_every_mailbox_over_a_real_socket() {
    let world = world("");
    run(async {
        let story = Arc::clone(world.world().story());
        let sink = open(Arc::clone(&world), story).await.unwrap();
        let to = ["ana@example.com", "Ben@Example.com"];
        send_with_lettre(sink.local_addr(), &to).await;
    });
    wait(&world);
    let told: Vec<EventKind> = events(&world).into_iter().map(|event| event.kind).collect();
    for (at, to) in [AddressId(0), AddressId(1)].into_iter().enumerate() {
        let taken = EventKind::MailTaken { mail: MailId(at as u32), to, kind: None };
        assert!(told.contains(&taken), "{taken:?} is not among {told:?}");
    }
    for who in [ANA, BEN] {
        let letters = letters(&world, who);
        let [letter] = letters.as_slice() else { panic!("{who} has {letters:?}") };
        let Some(Link::Url(url)) = letter.links.iter().next() else { panic!("{letter:?}") };
        assert_eq!(world.world().papers().url(url).as_deref(), Some(LINK));
        let kept = kept(&world, letter);
        assert_eq!(kept.to, ["ana@example.com", "Ben@Example.com"]);
        assert_eq!(
            (kept.text.as_str(), &kept.codes[..]),
            ("Your code is 123456.\nVerify your address", &["123456".to_owned()][..])
        );
        assert!(String::from_utf8_lossy(&kept.raw).contains("From: App <app@app.test>\r\n"));
    }
}

#[test]
fn sender_and_subject_are_kept() {
    for (from, subject) in [("", None), ("a@app.test", Some("Hi"))] {
        let world = world("");
        let head = subject.map_or("X: y".to_owned(), |subject| format!("Subject: {subject}"));
        let said = mail(from, &["ana@example.com"]).replace("Subject: Hi", &head);
        say(&world, &said);
        wait(&world);
        let kept = kept(&world, &letters(&world, ANA)[0]);
        let from = Some(from).filter(|from| !from.is_empty());
        assert_eq!((kept.from.as_deref(), kept.subject.as_deref()), (from, subject));
    }
}

#[test]
fn a_truncated_foreign_link_is_half_a_url() {
    let world = world("{ does: link-truncated }");
    say(&world, &mail("a@app.test", &["ana@example.com"]));
    wait(&world);
    let letter = letters(&world, ANA)[0];
    let Some(Link::Url(url)) = letter.links.iter().next() else { panic!("{letter:?}") };
    let url = world.world().papers().url(url);
    assert_eq!(url.as_deref(), Some(&LINK[..LINK.len() / 2]));
}

#[test]
fn mail_from_outside_has_an_account_and_a_cause_of_its_own() {
    // A foreign email for somebody arrives while a page request of Ana is under way.
    for (faults, to, who, folder) in [
        ("{ does: mail-to-spam, of: ben, on: 1 }", "ben@example.com", BEN, Folder::Spam),
        ("{ does: mail-to-spam, of: ana, on: 1 }", "ben@example.com", BEN, Folder::Inbox),
        ("{ does: mail-to-spam, of: ana, on: 1 }", "ana@example.com", ANA, Folder::Spam),
    ] {
        let world = world(faults);
        let carry = {
            let mut world = world.world();
            world.order(ANA, Act::GoTo(PageName::SignIn));
            world.poll_crossing().unwrap()
        };
        say(&world, &mail("a@app.test", &[to]));
        let told = events(&world);
        let asked = told.iter().position(|event| matches!(event.kind, EventKind::Requested { .. })).unwrap();
        let about_mail = |event: &&Event| {
            matches!(event.kind, EventKind::FaultStruck { .. } | EventKind::MailTaken { .. })
        };
        let mails: Vec<&Event> = told.iter().filter(about_mail).collect();
        assert_eq!(mails.len(), if folder == Folder::Spam { 2 } else { 1 }, "{faults}");
        let cause = (who == ANA).then(|| EventId::at(asked));
        assert!(mails.iter().all(|event| event.cause == cause), "{faults} {to}: {mails:?}");
        {
            let mut world = world.world();
            let Crossing::Page { csrf, action, .. } = carry.crossing else { panic!("{carry:?}") };
            let request = PageRequest { cookie: None, csrf, action };
            let answer = world.deliver(Origin::Carried(carry.id), &Delivery::Page(request)).unwrap();
            world.answer(carry.id, answer);
            assert_eq!(world.outcome(ANA), Some(Outcome::Done));
        }
        wait(&world);
        assert_eq!(letters(&world, who).iter().map(|letter| letter.folder).collect::<Vec<_>>(), [folder]);
    }
}

#[test]
fn a_scanner_of_foreign_mail_does_not_crash_the_reference_service() {
    let crash = "{ app-crashes: { around: page, when: before, down: 1m } }";
    let world = world(&format!("{{ does: mail-scanned }}, {{ does: {crash} }}"));
    say(&world, &mail("a@app.test", &["ana@example.com"]));
    wait(&world);
    let mut world = world.world();
    let mut scans = 0;
    while let Some(Carry { id, crossing }) = world.poll_crossing() {
        assert!(matches!(crossing, Crossing::Scan { rung: None, .. }), "{crossing:?}");
        assert!(world.person(ANA).unwrap().letters().is_empty(), "the letter waits for its scanner");
        world.answer(id, Answer::Lost(NoReply::Down));
        scans += 1;
    }
    assert_eq!((scans, world.person(ANA).unwrap().letters().len()), (1, 1));
    let struck = |event: &&Event| matches!(event.kind, EventKind::FaultStruck { .. });
    assert_eq!(world.trace().events().iter().filter(struck).count(), 1, "the scan alone");
}

#[test]
fn foreign_mail_changes_nothing_for_people_of_the_reference_service() {
    run(async {
        let text = include_str!("../../../scenarios/lost-device.yaml");
        for faults in ["", "\n  - { does: mail-scanned }"] {
            let text = format!("{}{}", text.trim_end(), if faults.is_empty() { "" } else { "\nfaults:" });
            let story = Arc::new(Story::read(&format!("{text}{faults}\n"), "lost-device.yaml").unwrap());
            let mut play = WirePlay::start(Arc::clone(&story), story.seed).await.unwrap();
            send_with_lettre(play.addresses().smtp, &["ana@example.com"]).await;
            play.to_the_end().await.unwrap();
            let trace = play.trace();
            let has = |test: fn(&EventKind) -> bool| trace.events().iter().any(|event| test(&event.kind));
            assert!(has(|kind| matches!(kind, EventKind::MailTaken { kind: None, .. })));
            assert!(has(|kind| matches!(kind, EventKind::GotIn)));
            assert_eq!(has(|kind| *kind == EventKind::LinkScanned { mail: MailId(0) }), !faults.is_empty());
            let read = |kind: &EventKind| *kind == EventKind::ReadMail { mail: MailId(0) };
            assert!(!has(read), "nobody opens a link of a service that is not on this stage");
        }
    });
}
