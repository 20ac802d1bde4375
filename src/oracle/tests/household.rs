//! Two accounts with one phone and one address: whose a number, an address or a proof is.

use super::*;
use crate::event::{PageName, Refusal, WebhookKind};

const HOUSEHOLD: &str = "
about: Ana and Ben share a phone and an address, and Mallory wants Ana's account.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    emails: [home@example.com]
    phone: +34 600 000 001
    devices: { token: {} }
  ben:
    user: ben@example.com
    password: wooden spoon in the drawer
    number: 2345 6789 0123
    emails: [home@example.com]
    phone: +34 600 000 001
    devices: { app: {} }
  eve:
    user: eve@example.com
    password: two left shoes on the roof
    number: 3456 7890 1234
    emails: [eve@example.com]
    phone: +34 600 000 009
people:
  ana: { owns: ana }
  ben: { owns: ben }
  mallory: { wants: ana, has: [password, personal-data] }
";

const BEN: Actor = Actor::Person(PersonId(1));
const BENS: AccountId = AccountId(1);
const EVES: AccountId = AccountId(2);
const SHARED: &str = "+34600000001";

/// A ticket about Ana's account, a call to this number, proof of this identity, and a reset of this account.
fn reset(number: &str, identity: AccountId, account: AccountId) -> Told {
    let (ticket, number) = (TicketId(0), Number::read(number).unwrap());
    let problem = Problem::NoCall;
    Told::of(HOUSEHOLD)
        .then(Actor::Desk, EventKind::TicketTaken { ticket, problem, account: Some(ACCOUNT) })
        .then(Actor::Desk, EventKind::CalledBack { ticket, number })
        .then(BEN, EventKind::Proved { ticket, identity: Some(identity) })
        .then(Actor::Desk, EventKind::IdentityChecked { ticket, passed: true })
        .then(Actor::Console, EventKind::FactorsReset { account, ticket })
}

#[test]
fn a_finding_is_about_the_account_that_its_event_names_or_leads_back_to() {
    let number = Number::read("+34600000007").unwrap();
    let (link, code) = (LinkId(0), CodeId(0));
    let asked = |by| {
        Told::of(HOUSEHOLD).then(
            by,
            EventKind::Requested { browser: BROWSER, action: Control::CallMe, typed: Typed::Nothing },
        )
    };
    let of_ben = |told: Told| {
        told.then(Actor::Console, EventKind::LinkIssued { link, session: SESSION, account: BENS })
    };
    for (told, account) in [
        // Named by the event, and not by who asked.
        (
            asked(BEN).then(Actor::Console, EventKind::PhoneChanged { account: EVES, number, session: None }),
            Some(EVES),
        ),
        // Named where the link was issued.
        (
            of_ben(asked(ANA)).then(ANA, EventKind::LinkRefused { link: Some(link), why: Refusal::Used }),
            Some(BENS),
        ),
        // Nothing but the person tells.
        (
            asked(BEN).then(Actor::Console, EventKind::CodeRefused { code: Some(code), why: Refusal::Wrong }),
            Some(BENS),
        ),
        // A number of one account, and one of two.
        (
            Told::of(HOUSEHOLD).then(
                Actor::PhoneCompany,
                EventKind::CallRefused { number: Number::read("+34600000009").unwrap(), code: 1 },
            ),
            Some(EVES),
        ),
        (
            Told::of(HOUSEHOLD).then(
                Actor::PhoneCompany,
                EventKind::CallRefused { number: Number::read(SHARED).unwrap(), code: 1 },
            ),
            None,
        ),
    ] {
        let last = EventId::at(told.trace.events().len() - 1);
        assert_eq!(concerned::account(&told.trace, &told.story, last), account, "{:?}", told.trace.events());
    }
}

#[test]
fn support_proof_asks_whose_the_ticket_is() {
    reset(SHARED, ACCOUNT, ACCOUNT).accepted_by("support-proof");
    let rejected = |told: Told, says: &str| told.rejected_by("support-proof", Verdict::BrokePolicy, says);
    rejected(
        reset(SHARED, BENS, ACCOUNT),
        "support reset the MFA of ana for the person who answered, who proved to be the owner of ben",
    );
    rejected(
        reset("+34600000009", ACCOUNT, ACCOUNT),
        "support reset the MFA of ana after a call to +34600000009, which is not on file for that account",
    );
    rejected(
        reset("+34600000009", EVES, ACCOUNT),
        "support reset the MFA of ana after a call to +34600000009, which is not on file for that account",
    );
    rejected(reset(SHARED, ACCOUNT, BENS), "support reset the MFA of ben for a ticket about ana");
}

/// This many emails ordered for an account, each with a link.
fn mails(told: Told, account: AccountId, links: std::ops::Range<u32>) -> Told {
    let to = told.story.address("home@example.com");
    links.fold(told, |told, at| {
        let (link, outbox) = (LinkId(at), OutboxId(at));
        let ordered = EventKind::MailOrdered { outbox, kind: MailKind::Verification, to, link: Some(link) };
        told.then(Actor::Console, EventKind::LinkIssued { link, session: SESSION, account })
            .then(Actor::Console, ordered)
    })
}

#[test]
fn budgets_charge_a_mail_to_the_account_that_it_was_ordered_for() {
    let bens = || mails(Told::of(HOUSEHOLD), BENS, 0..10);
    mails(bens(), ACCOUNT, 10..20).accepted_by("budgets");
    let says = "11 emails with a link were sent for ben within an hour; the limit is 10";
    mails(mails(bens(), ACCOUNT, 10..20), BENS, 20..21).rejected_by("budgets", Verdict::OutsideNorm, says);
}

#[test]
fn access_looks_for_replayed_digits_in_the_call_that_was_replayed() {
    let accepted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
    let digits = Told::new().story.accounts[0].full_name_digest;
    let keys = |told: Told, who, call, typed| {
        told.then(who, EventKind::KeyedIn { call, typed })
            .then(Actor::PhoneCompany, EventKind::Gathered { call, digits, count: 6, shown_in: None })
    };
    let told = Told::of(HOUSEHOLD).with_password().mailed_link().confirmed_link().called(SHARED);
    let told = keys(told, ANA, CallId(0), Typed::Screen(BROWSER));
    // Ben keys in his own code, in his own call, before Ana's digits are replayed.
    let told = keys(told, BEN, CallId(1), Typed::Screen(BrowserId(3)));
    let replayed = |call| EventKind::Replayed { webhook: WebhookKind::Action, call };
    let replay = |told: Told, call| {
        told.then(ANA, replayed(call)).then(Actor::Console, accepted).signed_in(Way::Recovery)
    };
    replay(told, Some(CallId(0))).accepted_by("access");
}

#[test]
fn notices_to_a_shared_address_tell_about_one_account() {
    let assigned = |told: Told, session, account, device, first| {
        told.asks(Control::FinishAssign, Typed::Pair { device, first, apart: 1 })
            .then(Actor::Console, EventKind::DeviceAssigned { session, account, device })
    };
    let to = Told::of(HOUSEHOLD).story.address("home@example.com");
    let kind = MailKind::AssignmentNotice;
    // The notice has the cause of the change: the request before it.
    let notice = |told: Told, outbox| {
        told.because_of(2, Actor::Console, EventKind::MailOrdered { outbox, kind, to, link: None })
            .then(Actor::MailProvider, EventKind::MailTaken { mail: MailId(outbox.0), to, kind: Some(kind) })
    };
    let ana = || assigned(Told::of(HOUSEHOLD), SESSION, ACCOUNT, DeviceId(2), 5);
    let bens = |told| notice(assigned(told, SessionId(1), BENS, DeviceId(3), 7), OutboxId(1));
    bens(notice(ana(), OutboxId(0))).accepted_by("notices");
    let says = "\"An MFA device was assigned\" was never sent to home@example.com, which is on file for ana";
    bens(ana()).rejected_by("notices", Verdict::BrokePolicy, says);
}

#[test]
fn right_code_knows_whose_code_it_is() {
    let seen = EventKind::Saw { browser: BROWSER, page: PageName::VerifyPhone, notice: None };
    let asks = EventKind::Requested { browser: BrowserId(3), action: Control::CallMe, typed: Typed::Nothing };
    let bens = EventKind::CodeIssued { code: CodeId(1), session: SessionId(1), account: BENS };
    let call = CallId(0);
    let digits = Told::new().story.accounts[0].full_name_digest;
    let refused = |code| {
        let why = Refusal::Wrong;
        Told::of(HOUSEHOLD)
            .called(SHARED)
            .then(ANA, seen)
            // Ben asks for a call of his own meanwhile.
            .then(BEN, asks)
            .then(Actor::Console, bens)
            .then(ANA, EventKind::KeyedIn { call, typed: Typed::Screen(BROWSER) })
            .then(Actor::PhoneCompany, EventKind::Gathered { call, digits, count: 6, shown_in: None })
            .then(Actor::Console, EventKind::CodeRefused { code: Some(CodeId(code)), why })
    };
    let says = "phone code 1 is refused as wrong, as ana read it";
    refused(0).rejected_by("right-code", Verdict::BrokePolicy, says);
    let says = "phone code 1 is refused as wrong, as ana read it: it was compared with code 2";
    refused(1).rejected_by("right-code", Verdict::BrokePolicy, says);
    // Wrong keys in a later call are wrong, whatever led to them.
    let again = |told: Told| {
        let (keys, why) = (Typed::Guess(digits), Refusal::Wrong);
        told.then(ANA, EventKind::KeyedIn { call: CallId(1), typed: keys })
            .then(Actor::Console, EventKind::CodeRefused { code: Some(CodeId(1)), why })
    };
    assert_eq!(again(refused(0)).findings("right-code").len(), 1);
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    support_proof_asks_whose_the_ticket_is,
    budgets_charge_a_mail_to_the_account_that_it_was_ordered_for,
    access_looks_for_replayed_digits_in_the_call_that_was_replayed,
    notices_to_a_shared_address_tell_about_one_account,
    right_code_knows_whose_code_it_is,
];
