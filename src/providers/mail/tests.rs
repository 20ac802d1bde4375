//! Tests of the mail provider: each verdict, and what becomes of an email.

use super::*;
use crate::base::rng::Rng;
use crate::base::secret::Token;
use crate::event::MailKind;
use crate::message::{Links, MailBody, RawId, UrlId, Urls};

const TO: AddressId = AddressId(3);
const BEFORE: Option<Scan> = Some(Scan { rung: None, when: ScanTime::Before });

fn mail() -> Mail {
    Mail::of_service(TO, MailKind::Verification, Some(Token::new(7)))
}

/// A foreign email with this number of links.
fn foreign(links: u32) -> Mail {
    let links = Links::Urls(Urls::of((0..links).map(UrlId)));
    Mail { to: TO, body: MailBody::Raw(RawId(5)), links }
}

const fn refusal(code: u16) -> Refusal {
    Refusal { code, like: None, taken_after: None, taken: false }
}

/// All outputs for one email with this verdict, with their times.
fn play(verdict: MailVerdict) -> Vec<(Time, Output)> {
    play_input(Input::Mail { mail: mail(), verdict })
}

fn play_input(input: Input) -> Vec<(Time, Output)> {
    let mut provider = MailProvider::new(Habits::default());
    let mut told = Vec::new();
    let (mut now, mut draw, mut outputs) = (Time::ZERO, Rng::new(1), Vec::new());
    provider.handle_input(&mut Cx::new(now, &mut draw), input);
    loop {
        provider.take_outputs(&mut outputs);
        let scans = outputs.iter().filter(|output| matches!(output, Output::Scan(..))).count();
        told.extend(outputs.drain(..).map(|output| (now, output)));
        for _ in 0..scans {
            // The scanner of a link needs no time.
            provider.handle_input(&mut Cx::new(now, &mut draw), Input::Scanned(MailId(0)));
            provider.take_outputs(&mut outputs);
            told.extend(outputs.drain(..).map(|output| (now, output)));
        }
        let Some((next, _)) = provider.poll_timeout() else { return told };
        now = next;
        provider.handle_input(&mut Cx::new(now, &mut draw), Input::Timeout);
    }
}

fn deliveries(told: &[(Time, Output)]) -> Vec<(u64, Folder)> {
    let delivered = told.iter().filter_map(|(at, output)| {
        let Output::Deliver(TO, letter) = output else { return None };
        Some((at.as_millis() / 1_000, letter.folder))
    });
    delivered.collect()
}

#[test]
fn a_mail_is_taken_and_delivered_after_the_delay() {
    let told = play(MailVerdict::default());
    assert_eq!(told[1].1, Output::Reply(Ok(MailReply::Taken)));
    assert_eq!(deliveries(&told), [(20, Folder::Inbox)]);
}

#[test]
fn each_verdict_is_acted_out() {
    let hour = Span::HOUR;
    for (verdict, arrives) in [
        (MailVerdict { late: hour, ..Default::default() }, vec![(3_620, Folder::Inbox)]),
        (MailVerdict { lost: true, ..Default::default() }, vec![]),
        (MailVerdict { bounced: true, ..Default::default() }, vec![]),
        (MailVerdict { spam: true, ..Default::default() }, vec![(20, Folder::Spam)]),
        (
            MailVerdict { again: Some(hour), ..Default::default() },
            vec![(20, Folder::Inbox), (3_620, Folder::Inbox)],
        ),
        (MailVerdict { transfer: Transfer::CutBefore, ..Default::default() }, vec![]),
        (MailVerdict { transfer: Transfer::CutAfter, ..Default::default() }, vec![(20, Folder::Inbox)]),
        (MailVerdict { transfer: Transfer::Refused(refusal(450)), ..Default::default() }, vec![]),
    ] {
        assert_eq!(deliveries(&play(verdict)), arrives, "{verdict:?}");
    }
}

#[test]
fn a_cut_connection_answers_nothing() {
    for transfer in [Transfer::CutBefore, Transfer::CutAfter] {
        let told = play(MailVerdict { transfer, ..Default::default() });
        assert!(told.iter().any(|(_, output)| *output == Output::Reply(Err(NoReply::Cut))));
    }
}

#[test]
fn a_recipient_can_be_refused_before_the_message_came() {
    let told = play_input(Input::Refuse { to: TO, code: 450 });
    let outputs: Vec<Output> = told.into_iter().map(|(_, output)| output).collect();
    let refused = EventKind::MailRefused { to: TO, code: 450 };
    assert_eq!(outputs, [Output::Fact(refused), Output::Reply(Ok(MailReply::Refused { code: 450 }))]);
}

#[test]
fn a_foreign_mail_fares_as_any_other() {
    for (links, scanned, scans) in
        [(0, None, 0), (0, BEFORE, 0), (2, None, 0), (2, BEFORE, 2), (9, BEFORE, 4)]
    {
        let verdict = MailVerdict { scanned, ..Default::default() };
        let told = play_input(Input::Mail { mail: foreign(links), verdict });
        let taken = EventKind::MailTaken { mail: MailId(0), to: TO, kind: None };
        assert_eq!(told[0].1, Output::Fact(taken));
        assert_eq!(told.iter().filter(|(_, output)| matches!(output, Output::Scan(..))).count(), scans);
        let scanned = EventKind::LinkScanned { mail: MailId(0) };
        let facts = told.iter().filter(|(_, output)| *output == Output::Fact(scanned)).count();
        assert_eq!(facts, usize::from(scans > 0), "{links} links");
        let Some((_, Output::Deliver(TO, letter))) = told.last() else { panic!("{told:?}") };
        assert_eq!((letter.body, letter.links), (MailBody::Raw(RawId(5)), foreign(links).links));
    }
}

#[test]
fn a_scanner_comes_before_the_letter() {
    let told = play(MailVerdict { scanned: BEFORE, ..Default::default() });
    let scan = told.iter().position(|(_, output)| matches!(output, Output::Scan(..))).unwrap();
    let letter = told.iter().position(|(_, output)| matches!(output, Output::Deliver(..))).unwrap();
    assert!(scan < letter);
}

#[test]
fn a_scanner_of_foreign_mail_comes_when_its_fault_says() {
    for (when, order) in [
        (ScanTime::Before, "scan scan deliver"),
        (ScanTime::With, "scan scan deliver"),
        (ScanTime::After, "deliver scan scan"),
    ] {
        let verdict =
            MailVerdict { scanned: Some(Scan { rung: Some(ScanRung::Head), when }), ..Default::default() };
        let told = play_input(Input::Mail { mail: foreign(2), verdict });
        let steps = told.iter().filter_map(|(_, output)| {
            if let Output::Scan(_, _, rung) = output {
                assert_eq!(*rung, Some(ScanRung::Head));
                return Some("scan");
            }
            matches!(output, Output::Deliver(..)).then_some("deliver")
        });
        assert_eq!(steps.collect::<Vec<_>>().join(" "), order, "{when}");
    }
}

#[test]
fn a_foreign_letter_waits_for_the_last_of_its_scanners() {
    let mut provider = MailProvider::new(Habits::default());
    let (mut draw, mut outputs) = (Rng::new(1), Vec::new());
    let verdict = MailVerdict { scanned: BEFORE, ..Default::default() };
    let arrives = Time::ZERO + Habits::default().delay;
    let mut tell = |at, input| {
        provider.handle_input(&mut Cx::new(at, &mut draw), input);
        provider.take_outputs(&mut outputs);
        outputs.drain(..).filter(|output| matches!(output, Output::Deliver(..))).count()
    };
    for (at, input, delivered) in [
        (Time::ZERO, Input::Mail { mail: foreign(2), verdict }, 0),
        (arrives, Input::Timeout, 0),
        (arrives, Input::Scanned(MailId(7)), 0),
        (arrives, Input::Scanned(MailId(0)), 0),
        (arrives, Input::Scanned(MailId(0)), 1),
        (arrives, Input::Scanned(MailId(0)), 0),
    ] {
        assert_eq!(tell(at, input), delivered, "{input:?}");
    }
}

#[test]
fn an_email_can_be_taken_although_its_sender_hears_an_error() {
    let transfer = Transfer::Refused(Refusal { taken: true, ..refusal(451) });
    let told = play(MailVerdict { transfer, ..Default::default() });
    assert!(told.iter().any(|(_, output)| *output == Output::Reply(Ok(MailReply::Refused { code: 451 }))));
    assert_eq!(deliveries(&told), [(20, Folder::Inbox)]);
}

#[test]
fn greylisting_remembers_pairs_of_sender_and_recipient() {
    let mut provider = MailProvider::new(Habits::default());
    let (app, other) = (Digest::of("app@a.test"), Digest::of("other@a.test"));
    let at = |secs| Time::ZERO + Span::from_secs(secs);
    for (secs, to, from, waited) in [
        (0, TO, app, false),
        (299, TO, app, false),
        (299, TO, other, false),
        (300, AddressId(4), app, false),
        (300, TO, app, true),
        (301, TO, app, true),
        (598, TO, other, false),
    ] {
        assert_eq!(provider.has_waited(at(secs), to, from, Span::from_mins(5)), waited, "{secs} {to:?}");
    }
    for n in 0..GREYLIST_MAX {
        provider.has_waited(at(600), AddressId(n as u16), Digest(n as u64), Span::SECOND);
    }
    assert!(!provider.has_waited(at(900), TO, app, Span::from_mins(5)), "the oldest pair is forgotten");
}
