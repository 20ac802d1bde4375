//! Checks that each rule is violated by some trace, of the other modules or of this one.

use super::*;
use crate::event::{Notice, PageName, Refusal, WebhookKind};

const CONSOLE: Actor = Actor::Console;
const MALLORY: Actor = Actor::Person(PersonId(1));

fn number() -> Number {
    Number::read("+34600000009").unwrap()
}

fn issued(code: u32) -> EventKind {
    EventKind::CodeIssued { code: CodeId(code), session: SESSION, account: ACCOUNT }
}

fn link() -> EventKind {
    EventKind::LinkIssued { link: LinkId(0), session: SESSION, account: ACCOUNT }
}

fn phone_changed(session: Option<SessionId>) -> EventKind {
    EventKind::PhoneChanged { account: ACCOUNT, number: number(), session }
}

fn signed_in() -> Told {
    let told = Told::new().with_password();
    let step = told.step();
    told.with_code(TOKEN, step).signed_in(Way::Mfa)
}

/// Another site makes Ana's browser send this request, and the service acts on it.
fn lured(action: Control, did: EventKind) -> Told {
    let lured = EventKind::Lured { browser: BROWSER };
    signed_in().then(ANA, lured).asks(action, Typed::Nothing).then(CONSOLE, did)
}

/// `count` wrong phone codes, five per call.
fn wrong_phone_codes(count: u32, apart: Span) -> Told {
    (0..count).fold(Told::new(), |told, nth| {
        let code = nth / 5;
        let told = if nth % 5 == 0 {
            told.asks(Control::CallMe, Typed::Nothing).then(CONSOLE, issued(code))
        } else {
            told
        };
        let wrong = EventKind::CodeRefused { code: Some(CodeId(code)), why: Refusal::Wrong };
        told.after(apart).then(CONSOLE, wrong)
    })
}

fn wrong_passwords(count: u32, apart: Span) -> Told {
    let wrong = EventKind::PasswordRefused { account: Some(ACCOUNT), why: Refusal::Wrong };
    (0..count).fold(Told::new(), |told, _| told.after(apart).then(CONSOLE, wrong))
}

/// Types wrong passwords for this user name, with these responses.
fn answered(told: Told, user: AddressId, notices: &[Notice]) -> Told {
    let saw = |notice| EventKind::Saw { browser: BROWSER, page: PageName::Password, notice };
    let told = told.asks(Control::SubmitUser, Typed::User(user)).then(ANA, saw(None));
    notices.iter().fold(told, |told, notice| {
        told.asks(Control::SubmitPassword, Typed::Password(None)).then(ANA, saw(Some(*notice)))
    })
}

fn forged(webhook: WebhookKind) -> Told {
    let heard = EventKind::StatusHeard { code: CodeId(0), status: CallStatus::Ringing };
    Told::new().with_password().then(MALLORY, EventKind::Forged { webhook }).then(CONSOLE, heard)
}

/// Traces for the rules that the other modules do not cover.
fn traces() -> Vec<(&'static str, Told)> {
    let device = DeviceId(1);
    let deactivated =
        EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    let assigned = EventKind::DeviceAssigned { session: SESSION, account: ACCOUNT, device };
    let offered = EventKind::DeviceOffered { session: SESSION, account: ACCOUNT, device };
    let reset = EventKind::FactorsReset { account: ACCOUNT, ticket: TicketId(0) };
    let password = EventKind::PasswordChanged { account: ACCOUNT, session: SESSION };
    let by_phone = EventKind::PhoneVerified { session: SESSION, account: ACCOUNT };
    let did = |kind| Told::new().then(CONSOLE, kind);
    let apart = Typed::Pair { device, first: 7, apart: 2 };
    let no_phone = || Told::of(&STORY.replace("    phone: +34 600 000 001\n", ""));
    let known = answered(Told::new(), AddressId(0), &[Notice::WrongPassword; 4]);
    vec![
        ("access/foreign-form-deactivates", lured(Control::Deactivate, deactivated)),
        ("access/foreign-form-begins-set-up", lured(Control::BeginAssign, offered)),
        ("access/foreign-form-sends-mail", lured(Control::SendEmail, link())),
        ("access/foreign-form-places-call", lured(Control::CallMe, issued(0))),
        (
            "access/assignment-without-pair",
            signed_in().asks(Control::FinishAssign, apart).then(CONSOLE, assigned),
        ),
        ("access/unproven-assignment", Told::new().with_password().assigned(device, 7)),
        (
            "access/unproven-phone-change",
            Told::new().with_password().then(CONSOLE, phone_changed(Some(SESSION))),
        ),
        ("support-proof/number-by-form", did(phone_changed(None))),
        ("support-proof/no-call", did(reset)),
        ("order/link-before-choice", Told::new().with_password().then(CONSOLE, link())),
        ("order/phone-before-call", Told::new().with_password().then(CONSOLE, by_phone)),
        ("budgets/phone-codes-per-hour", wrong_phone_codes(21, Span::MINUTE)),
        ("budgets/phone-codes-in-a-row", wrong_phone_codes(101, Span::from_mins(5))),
        ("budgets/passwords-in-a-row", wrong_passwords(101, Span::from_mins(5))),
        ("budgets/mails-per-hour", (0..11).fold(Told::new(), |told, _| told.mailed_link())),
        ("number-called/none-on-file", no_phone().called("+34600000001")),
        ("webhook/forged-fetch", forged(WebhookKind::Fetch)),
        ("webhook/forged-status", forged(WebhookKind::Status)),
        (
            "enumeration/only-unknown-throttled",
            answered(known, AddressId::UNKNOWN, &[Notice::WrongPassword, Notice::TryLater]),
        ),
        ("notices/recovery-untold", Told::new().signed_in(Way::Recovery)),
        ("notices/deactivation-untold", did(deactivated)),
        ("notices/assignment-untold", did(assigned)),
        ("notices/contact-change-untold", did(phone_changed(Some(SESSION)))),
        ("notices/password-change-untold", did(password)),
        ("notices/reset-untold", did(reset)),
    ]
}

#[test]
fn a_trace_raises_its_rule() {
    for (rule, told) in traces() {
        let (oracle, _) = rule.split_once('/').unwrap();
        let raised: Vec<&str> = told.findings(oracle).into_iter().map(|finding| finding.rule).collect();
        assert!(raised.contains(&rule), "{rule}: {raised:?}");
    }
}

#[test]
fn some_trace_raises_each_rule() {
    let modules = [
        codes::TESTS,
        conduct::TESTS,
        doors::TESTS,
        household::TESTS,
        old_sessions::TESTS,
        notes::TESTS,
        line::TESTS,
        promises::TESTS,
        reactions::TESTS,
        removal::TESTS,
        way_in::TESTS,
        way_out::TESTS,
    ];
    modules.into_iter().flatten().for_each(|test| test());
    a_trace_raises_its_rule();
    let never: Vec<&str> = RAISED.with_borrow(|raised| {
        let rules = ALL.iter().flat_map(|oracle| oracle.rules).map(|rule| rule.id);
        rules.filter(|rule| !raised.contains(rule)).collect()
    });
    assert_eq!(never, [] as [&str; 0]);
}

#[test]
fn a_rule_is_named_after_its_oracle_and_stands_once() {
    let mut seen = BTreeSet::new();
    for (oracle, rule) in ALL.iter().flat_map(|oracle| oracle.rules.iter().map(move |rule| (oracle, rule))) {
        let name = rule.id.strip_prefix(oracle.id).and_then(|rest| rest.strip_prefix('/'));
        let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(name.is_some_and(|name| name.len() > 3 && name.chars().all(kebab)), "{}", rule.id);
        assert_eq!(rule.oracle, oracle.id);
        assert!(!rule.sentence.is_empty() && seen.insert(rule.id), "{}", rule.id);
    }
    let needs = |evidence| ALL.iter().filter(|oracle| oracle.evidence == evidence).count();
    assert_eq!(Evidence::ALL.iter().map(|evidence| needs(*evidence)).collect::<Vec<_>>(), [4, 13, 3]);
}

#[test]
fn an_acceptance_can_name_each_rule() {
    let declared = ALL.iter().map(|oracle| {
        let rules = oracle.rules.iter().filter_map(|rule| rule.id.split_once('/')).map(|(_, rule)| rule);
        (oracle.id, rules.collect::<Vec<_>>())
    });
    let listed = crate::story::RULES.iter().map(|(oracle, rules)| (*oracle, rules.to_vec()));
    assert!(declared.eq(listed), "src/story/rules.rs lists the rules of all oracles, in order");
}

#[test]
fn causes_of_one_rule_are_told_apart_by_who_and_what_and_not_by_names_and_numbers() {
    let skips = |told: Told| told.with_password().signed_in(Way::Mfa).findings("access")[0].cause();
    let ana = skips(Told::new());
    assert_eq!(ana, "access/unproven-sign-in [outside the norm] by the owner: the password");
    assert_eq!(skips(Told::new().after(Span::HOUR).anew()), ana);
    let asked = EventKind::Requested {
        browser: BrowserId(3),
        action: Control::SubmitPassword,
        typed: Typed::Password(Some(ACCOUNT)),
    };
    let accepted = EventKind::PasswordAccepted { session: SESSION, account: ACCOUNT };
    let mallory = Told::new().then(MALLORY, asked).then(CONSOLE, accepted).signed_in(Way::Mfa);
    assert_ne!(mallory.findings("access")[0].cause(), ana);
    let late = |by| {
        let told = Told::new().mailed_link().after(Span::HOUR + by).confirmed_link();
        told.findings("lifetime")[0].cause()
    };
    assert_eq!(late(Span::SECOND), late(Span::MINUTE + Span::SECOND), "a unit is no cause");
}
