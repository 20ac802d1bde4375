//! Checks which faults strike which deliveries.

use super::*;
use crate::base::id::AccountId;
use crate::base::time::Span;
use crate::fault::CrashWhen;

const TO: &str = "ana@a.test";
const ANA: AccountSet = AccountSet::one(AccountId(0));
const BEN: AccountSet = AccountSet::one(AccountId(1));

fn fault(kind: FaultKind, of: Option<AccountId>, which: Which) -> Fault {
    Fault { kind, of, to: None, which }
}

/// The verdict on the first delivery at this point, formatted with `Debug`.
fn verdict(book: &mut FaultPlan, point: Point) -> String {
    let draw = &mut Rng::new(1);
    match point {
        Point::Mail => format!("{:?}", book.mail(ANA, TO, draw)),
        Point::Call => format!("{:?}", book.call(ANA, draw)),
        Point::Webhook(webhook) => format!("{:?}", book.webhook(webhook, ANA, draw)),
        Point::Text => format!("{:?}", book.text(ANA, draw)),
        Point::Receipt => format!("{:?}", book.receipt(ANA, draw)),
        Point::Verify => format!("{:?}", book.verification(ANA, draw)),
        Point::Ticket => format!("{:?}", book.ticket(ANA, draw)),
        Point::Crash(around) => format!("{:?}", book.crash(around, ANA, draw)),
    }
}

#[test]
fn each_kind_changes_the_verdict_at_its_point() {
    for kind in FaultKind::ALL.iter().map(|declared| declared.example) {
        let point = kind.point();
        let as_usual = verdict(&mut FaultPlan::default(), point);
        let mut book = FaultPlan::new(&[fault(kind, None, Which::Every)]);
        assert_ne!(verdict(&mut book, point), as_usual, "{kind:?}");
        assert_eq!(book.take_struck()[0], Some(0), "{kind:?}");
    }
}

#[test]
fn a_fault_strikes_its_occurrence_for_its_account_only() {
    let mut book = FaultPlan::new(&[fault(FaultKind::MailLost, ANA.only(), Which::Nth(2))]);
    let mut draw = Rng::new(1);
    let lost: Vec<bool> =
        [ANA, BEN, ANA, ANA].into_iter().map(|account| book.mail(account, TO, &mut draw).lost).collect();
    assert_eq!(lost, [false, false, true, false]);
}

#[test]
fn what_may_be_about_several_accounts_is_struck_for_each() {
    let mut book = FaultPlan::new(&[fault(FaultKind::MailLost, BEN.only(), Which::Every)]);
    let mut draw = Rng::new(1);
    let both: AccountSet = [ANA.only(), BEN.only()].into_iter().flatten().collect();
    let lost = [ANA, BEN, both, AccountSet::NONE].map(|about| book.mail(about, TO, &mut draw).lost);
    assert_eq!(lost, [false, true, true, false]);
}

#[test]
fn a_fault_of_an_address_strikes_its_emails_only() {
    let to = |pattern: &str| Fault {
        to: Some(pattern.parse().unwrap()),
        ..fault(FaultKind::MailLost, None, Which::Every)
    };
    let mut book = FaultPlan::new(&[to("*@b.test")]);
    let mut draw = Rng::new(1);
    for (address, lost) in [("zoe@b.test", true), ("ZOE@B.TEST", true), ("zoe@c.test", false)] {
        assert_eq!(book.mail(AccountSet::NONE, address, &mut draw).lost, lost, "{address}");
        assert_eq!(book.may_strike_outside(address), lost, "{address}");
    }
    for (kind, of, strikes) in [
        (FaultKind::MailLost, None, true),
        (FaultKind::MailLost, ANA.only(), false),
        (FaultKind::CallBusy, None, false),
    ] {
        let book = FaultPlan::new(&[fault(kind, of, Which::Every)]);
        assert_eq!(book.may_strike_outside("zoe@b.test"), strikes, "{kind:?}");
    }
}

#[test]
fn replaced_faults_strike_no_more_and_keep_their_indices() {
    let mut book = FaultPlan::new(&[fault(FaultKind::MailLost, None, Which::Every)]);
    assert!(book.mail(ANA, TO, &mut Rng::new(1)).lost);
    book.take_struck();
    book.replace(&[fault(FaultKind::MailToSpam, None, Which::First(1))]);
    let verdict = book.mail(ANA, TO, &mut Rng::new(1));
    assert_eq!((verdict.lost, verdict.spam, book.take_struck()[0]), (false, true, Some(1)));
    assert_eq!(book.in_force().len(), 1);
    book.replace(&[]);
    assert_eq!(book.mail(ANA, TO, &mut Rng::new(1)), MailVerdict::default());
}

#[test]
fn faults_on_one_delivery_fold_into_one_verdict() {
    let late = FaultKind::MailLate { by: Span::MINUTE };
    let mut book = FaultPlan::new(&[
        fault(late, None, Which::Every),
        fault(FaultKind::MailToSpam, None, Which::First(1)),
        fault(late, None, Which::From(1)),
        fault(FaultKind::CallBusy, None, Which::Every),
    ]);
    let verdict = book.mail(ANA, TO, &mut Rng::new(1));
    assert_eq!((verdict.late, verdict.spam, verdict.lost), (Span::from_mins(2), true, false));
    assert_eq!(book.take_struck(), [Some(0), Some(1), Some(2), None]);
    assert_eq!(book.take_struck(), [None; 4]);
}

#[test]
fn a_crash_strikes_around_its_crossing_only() {
    let kind = FaultKind::AppCrashes { around: Around::Mail, when: CrashWhen::After, down: Span::MINUTE };
    let mut book = FaultPlan::new(&[fault(kind, None, Which::Nth(1))]);
    let mut draw = Rng::new(1);
    assert_eq!(book.crash(Around::Page, ANA, &mut draw), None);
    assert_eq!(
        book.crash(Around::Mail, ANA, &mut draw),
        Some(Crash { when: CrashWhen::After, down: Span::MINUTE })
    );
    assert_eq!(book.crash(Around::Mail, ANA, &mut draw), None);
}

#[test]
fn a_webhook_fault_strikes_its_request_only() {
    let kind = FaultKind::WebhookFails { webhook: WebhookKind::Fetch, http: 500 };
    let mut book = FaultPlan::new(&[fault(kind, None, Which::Every)]);
    let mut draw = Rng::new(1);
    assert_eq!(book.webhook(WebhookKind::Action, ANA, &mut draw), WebhookVerdict::Pass);
    assert_eq!(book.webhook(WebhookKind::Fetch, ANA, &mut draw), WebhookVerdict::Fails(500));
}

#[test]
fn a_chance_is_drawn_from_the_seed() {
    let count = |seed| {
        let mut book = FaultPlan::new(&[fault(FaultKind::MailLost, None, Which::Percent(30))]);
        let mut draw = Rng::new(seed);
        (0..1_000).filter(|_| book.mail(ANA, TO, &mut draw).lost).count()
    };
    assert!((250..350).contains(&count(1)), "{}", count(1));
    assert_eq!(count(1), count(1));
}
