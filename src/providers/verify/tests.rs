//! Tests of the verification provider: each rule of TW-verify and TW-verify-limits, kept and broken.

use std::sync::Arc;

use super::*;
use crate::base::id::{TextId, VerificationId};
use crate::base::machine::Cx;
use crate::base::number::Number;
use crate::base::rng::Rng;
use crate::base::time::{Span, Time};
use crate::event::{VerificationStatus, VerifyChannel};
use crate::message::{Transaction, VerificationSid, VerifyCode, VerifyTo};
use crate::providers::verify::habit::LIFETIME;

const ANA: &str = "+34600000001";
const BEN: &str = "+34600000002";
const TAKEN: Outcome = Outcome::Taken(Carried::Text(TextId(0)));

/// A provider with one service, and the codes that it has sent.
struct Rehearsal {
    verify: Verify,
    rng: Rng,
    now: Time,
    service: VerifyServiceSid,
    sent: Vec<(VerificationId, String)>,
    facts: Vec<EventKind>,
}

/// What a request leads to, in short.
#[derive(Debug, PartialEq)]
enum Told {
    Code(VerificationId),
    Right,
    Wrong,
    Refused(u16, u32),
    Failed(u16),
    Nothing,
}

impl Rehearsal {
    fn new(settings: ServiceSettings) -> Self {
        let (verify, rng, now) = (Verify::default(), Rng::new(1), Time::ZERO);
        let service = VerifyServiceSid(0);
        let mut it = Self { verify, rng, now, service, sent: Vec::new(), facts: Vec::new() };
        let reply = it.ask(Input::CreateService { account: account(), settings }, TAKEN);
        let Ok(VerifyReply::Service(sid)) = reply else { panic!("{reply:?}") };
        it.service = sid;
        it
    }

    fn usual() -> Self {
        Self::new(ServiceSettings::named("App"))
    }

    /// Passes an input; a code that is sent has this outcome.
    fn ask(&mut self, input: Input, outcome: Outcome) -> Result<VerifyReply, NoReply> {
        let mut next = Some(input);
        let mut reply = None;
        while let Some(input) = next.take() {
            self.verify.handle_input(&mut Cx::new(self.now, &mut self.rng), input);
            let mut outputs = Vec::new();
            self.verify.take_outputs(&mut outputs);
            for output in outputs {
                match output {
                    Output::Fact(kind) => self.facts.push(kind),
                    Output::Reply(is) => assert_eq!(reply.replace(is), None, "one reply"),
                    Output::Send(dispatch, words) => {
                        self.sent.push((dispatch.verification, words.text()));
                        next = Some(Input::Dispatched { dispatch, outcome });
                    }
                }
            }
        }
        reply.unwrap()
    }

    fn told(&mut self, input: Input, outcome: Outcome) -> Told {
        match self.ask(input, outcome) {
            Ok(VerifyReply::Verification(id)) => Told::Code(id),
            Ok(VerifyReply::Checked { right: true, .. }) => Told::Right,
            Ok(VerifyReply::Checked { right: false, .. }) => Told::Wrong,
            Ok(VerifyReply::Refused { http, code, .. }) => Told::Refused(http, code),
            Ok(VerifyReply::Failed { http }) => Told::Failed(http),
            Ok(VerifyReply::Service(_) | VerifyReply::Deleted) => panic!("about a service"),
            Err(_) => Told::Nothing,
        }
    }

    fn order(&self, to: &str) -> VerificationOrder {
        let to = VerifyTo::read(to).unwrap();
        let channel = if to.number().is_some() { VerifyChannel::Sms } else { VerifyChannel::Email };
        VerificationOrder {
            account: account(),
            service: self.service,
            to,
            channel,
            name: None,
            custom_code: None,
            transaction: None,
            app_hash: None,
            sends_emails: true,
        }
    }

    fn start(&mut self, order: VerificationOrder) -> Told {
        self.told(Input::Start { order, verdict: VerifyConnect::Taken }, TAKEN)
    }

    fn send(&mut self, to: &str) -> Told {
        let order = self.order(to);
        self.start(order)
    }

    /// The code that was sent last.
    fn code(&self) -> String {
        let (_, text) = self.sent.last().unwrap();
        text.rsplit(": ").next().unwrap().split(['.', '\n']).next().unwrap().to_owned()
    }

    fn check(&mut self, to: &str, code: &str) -> Told {
        let by = VerifyBy::To(VerifyTo::read(to).unwrap());
        self.check_by(by, code)
    }

    fn check_by(&mut self, by: VerifyBy, code: &str) -> Told {
        let code = VerifyCode::read(code).unwrap();
        let check = CodeCheck { account: account(), service: self.service, by, code, transaction: None };
        self.told(Input::Check(check), TAKEN)
    }

    fn close(&mut self, to: &str, approved: bool) -> Told {
        let by = VerifyBy::To(VerifyTo::read(to).unwrap());
        let (account, service) = (account(), self.service);
        self.told(Input::Close { account, service, by, approved }, TAKEN)
    }

    fn status(&self, id: VerificationId) -> VerificationStatus {
        self.verify.verification(id).unwrap().status(self.now)
    }

    fn sid(&self, id: VerificationId) -> VerificationSid {
        self.verify.verification(id).unwrap().sid()
    }
}

fn account() -> Arc<str> {
    "AC1".into()
}

/// A code of the same length that is wrong.
fn wrong(code: &str) -> String {
    let (first, rest) = code.split_at(1);
    format!("{}{rest}", if first == "0" { "1" } else { "0" })
}

const ONE: VerificationId = VerificationId(0);
const TWO: VerificationId = VerificationId(1);
const NOT_FOUND: Told = Told::Refused(404, 20_404);

#[test]
fn a_reset_forgets_everything() {
    let mut it = Rehearsal::usual();
    assert!(!it.verify.services().is_empty());
    it.verify.reset();
    assert_eq!(format!("{:?}", it.verify), format!("{:?}", Verify::default()));
}

#[test]
fn a_right_code_approves_once_and_a_wrong_one_is_no_refusal() {
    let mut it = Rehearsal::usual();
    assert_eq!(it.send(ANA), Told::Code(ONE));
    let code = it.code();
    assert_eq!(
        (code.len(), it.sent[0].1.as_str()),
        (6, format!("Your App verification code is: {code}").as_str())
    );
    assert_eq!(it.check(ANA, &wrong(&code)), Told::Wrong);
    assert_eq!(it.status(ONE), VerificationStatus::Pending);
    assert_eq!(it.check(BEN, &code), NOT_FOUND, "another number");
    assert_eq!(it.check(ANA, &code), Told::Right);
    assert_eq!(it.status(ONE), VerificationStatus::Approved);
    // Twilio forgets an approved verification.
    assert_eq!(it.check(ANA, &code), NOT_FOUND);
    assert_eq!(it.check_by(VerifyBy::Sid(it.sid(ONE)), &code), NOT_FOUND);
    assert_eq!(it.close(ANA, false), NOT_FOUND);
    let closed = EventKind::VerificationClosed { verification: ONE, status: VerificationStatus::Approved };
    assert_eq!(it.facts.iter().filter(|fact| **fact == closed).count(), 1);
}

#[test]
fn a_resend_keeps_code_verification_and_expiry() {
    let mut it = Rehearsal::usual();
    it.send(ANA);
    let code = it.code();
    it.now += Span::from_mins(9);
    let call = VerificationOrder { channel: VerifyChannel::Call, ..it.order(ANA) };
    assert_eq!(it.start(call), Told::Code(ONE));
    assert_eq!(it.code(), code);
    let verification = it.verify.verification(ONE).unwrap();
    let channels: Vec<_> = it.verify.attempts_of(verification).map(|attempt| attempt.channel).collect();
    assert_eq!(
        (verification.channel(), channels),
        (VerifyChannel::Call, vec![VerifyChannel::Sms, VerifyChannel::Call])
    );
    it.now += Span::from_secs(59);
    assert_eq!(it.status(ONE), VerificationStatus::Pending);
    it.now += Span::SECOND;
    assert_eq!(it.status(ONE), VerificationStatus::Expired);
    assert_eq!(it.check(ANA, &code), NOT_FOUND);
    let expired = EventKind::VerificationClosed { verification: ONE, status: VerificationStatus::Expired };
    assert_eq!(it.check(ANA, &code), NOT_FOUND);
    assert_eq!(it.facts.iter().filter(|fact| **fact == expired).count(), 1, "told once");
    assert_eq!(it.send(ANA), Told::Code(TWO));
    assert_ne!(it.code(), code, "a new verification has a new code");
}

#[test]
fn a_code_is_valid_to_its_last_moment() {
    for (wait, told) in [(LIFETIME, NOT_FOUND), (Span::from_millis(LIFETIME.as_millis() - 1), Told::Right)] {
        let mut it = Rehearsal::usual();
        it.send(ANA);
        it.now += wait;
        let code = it.code();
        assert_eq!(it.check(ANA, &code), told, "{wait}");
    }
}

#[test]
fn the_sixth_sending_is_refused_until_the_verification_ends() {
    let spent = Told::Refused(429, 60_203);
    for end in 0..4 {
        let mut it = Rehearsal::usual();
        for _ in 0..5 {
            assert_eq!(it.send(ANA), Told::Code(ONE));
        }
        assert_eq!(it.send(ANA), spent);
        assert_eq!(it.send(BEN), Told::Code(TWO), "the limit is that of a recipient");
        it.sent.pop();
        let code = it.code();
        match end {
            0 => assert_eq!(it.check(ANA, &code), Told::Right),
            1 => assert_eq!(it.close(ANA, false), Told::Code(ONE)),
            2 => assert_eq!(it.close(ANA, true), Told::Code(ONE)),
            _ => {
                it.now += Span::from_mins(9);
                assert_eq!(it.send(ANA), spent);
                it.now += Span::MINUTE;
            }
        }
        assert_eq!(it.send(ANA), Told::Code(VerificationId(2)), "{end}");
    }
}

#[test]
fn a_limit_says_when_it_ends() {
    let mut it = Rehearsal::usual();
    for _ in 0..5 {
        it.send(ANA);
    }
    it.now += Span::from_mins(4);
    let (order, code) = (it.order(ANA), it.code());
    let reply = it.ask(Input::Start { order, verdict: VerifyConnect::Taken }, TAKEN);
    let left = Some(Span::from_mins(6));
    assert_eq!(reply, Ok(VerifyReply::Refused { http: 429, code: 60_203, retry_after: left }));
    (0..5).for_each(|_| assert_eq!(it.check(ANA, &wrong(&code)), Told::Wrong));
    let check = CodeCheck {
        account: account(),
        service: it.service,
        by: VerifyBy::To(VerifyTo::read(ANA).unwrap()),
        code: VerifyCode::read(&code).unwrap(),
        transaction: None,
    };
    let reply = it.ask(Input::Check(check), TAKEN);
    assert_eq!(reply, Ok(VerifyReply::Refused { http: 429, code: 60_202, retry_after: None }));
}

#[test]
fn the_fifth_check_counts_and_the_sixth_is_refused_until_the_expiry() {
    let mut it = Rehearsal::usual();
    it.send(ANA);
    let code = it.code();
    (0..4).for_each(|_| assert_eq!(it.check(ANA, &wrong(&code)), Told::Wrong));
    assert_eq!(it.check(ANA, &code), Told::Right, "the last valid try");

    it.send(ANA);
    let code = it.code();
    (0..5).for_each(|_| assert_eq!(it.check(ANA, &wrong(&code)), Told::Wrong));
    assert_eq!(it.status(TWO), VerificationStatus::MaxAttemptsReached);
    assert_eq!(it.check(ANA, &code), Told::Refused(429, 60_202), "the right code, too late");
    // Another sending changes nothing.
    assert_eq!(it.send(ANA), Told::Code(TWO));
    assert_eq!(it.check(ANA, &code), Told::Refused(429, 60_202));
    it.now += LIFETIME;
    assert_eq!(it.check(ANA, &code), NOT_FOUND);
    assert_eq!(it.send(ANA), Told::Code(VerificationId(2)));
}

#[test]
fn a_service_closes_a_verification_once() {
    for (approved, status) in [(true, VerificationStatus::Approved), (false, VerificationStatus::Canceled)] {
        let mut it = Rehearsal::usual();
        assert_eq!(it.close(ANA, approved), NOT_FOUND, "there is none");
        it.send(ANA);
        let code = it.code();
        assert_eq!(it.close(ANA, approved), Told::Code(ONE));
        assert_eq!(it.status(ONE), status);
        assert_eq!(it.close(ANA, approved), NOT_FOUND);
        assert_eq!(it.check(ANA, &code), NOT_FOUND);
    }
}

#[test]
fn orders_are_refused_that_their_service_does_not_allow() {
    let plain = ServiceSettings::named("App");
    let custom = ServiceSettings { custom_codes: true, ..plain.clone() };
    let psd2 = ServiceSettings { psd2: true, ..plain.clone() };
    let code = || VerifyCode::read("4711");
    let payment = || Some(Transaction { amount: "1".into(), payee: "Me".into() });
    type Change = fn(VerificationOrder) -> VerificationOrder;
    let same: Change = |order| order;
    let other_account: Change = |order| VerificationOrder { account: "AC2".into(), ..order };
    let no_mail: Change = |order| VerificationOrder { sends_emails: false, ..order };
    let by_email: Change = |order| VerificationOrder { channel: VerifyChannel::Email, ..order };
    let by_text: Change = |order| VerificationOrder { channel: VerifyChannel::Sms, ..order };
    let by_call: Change = |order| VerificationOrder { channel: VerifyChannel::Call, ..order };
    for (settings, to, custom_code, transaction, change, told) in [
        (&plain, ANA, None, None, same, Told::Code(ONE)),
        (&plain, ANA, code(), None, same, Told::Refused(403, 60_204)),
        (&custom, ANA, code(), None, same, Told::Code(ONE)),
        (&plain, ANA, None, payment(), same, Told::Refused(403, 60_204)),
        (&psd2, ANA, None, None, same, Told::Refused(400, 60_206)),
        (&psd2, ANA, None, payment(), same, Told::Code(ONE)),
        (&plain, ANA, None, None, other_account, NOT_FOUND),
        (&plain, "ana@example.com", None, None, same, Told::Code(ONE)),
        (&plain, "ana@example.com", None, None, no_mail, Told::Refused(400, 60_217)),
        (&plain, ANA, None, None, by_email, Told::Refused(400, 60_200)),
        (&plain, "ana@example.com", None, None, by_text, Told::Refused(400, 60_200)),
        (&plain, "ana@example.com", None, None, by_call, Told::Refused(400, 60_200)),
    ] {
        let mut it = Rehearsal::new(settings.clone());
        let order = change(VerificationOrder { custom_code, transaction, ..it.order(to) });
        let shown = format!("{order:?}");
        assert_eq!(it.start(order), told, "{shown}");
        assert_eq!(it.sent.is_empty(), told != Told::Code(ONE), "{shown}");
    }
}

#[test]
fn a_custom_code_replaces_the_drawn_one_and_keeps_its_zeros() {
    let mut it = Rehearsal::new(ServiceSettings { custom_codes: true, ..ServiceSettings::named("App") });
    let with = |it: &Rehearsal, code: &str| VerificationOrder {
        custom_code: VerifyCode::read(code),
        ..it.order(ANA)
    };
    it.start(with(&it, "0042"));
    assert_eq!(it.code(), "0042");
    assert_eq!(it.start(with(&it, "aB42")), Told::Code(ONE));
    assert_eq!(it.check(ANA, "0042"), Told::Wrong);
    assert_eq!(it.check(ANA, "aB42"), Told::Right);
}

#[test]
fn a_payment_is_checked_with_its_code() {
    let mut it = Rehearsal::new(ServiceSettings { psd2: true, ..ServiceSettings::named("App") });
    let payment = |amount: &str| Some(Transaction { amount: amount.into(), payee: "Me".into() });
    let order = VerificationOrder { transaction: payment("10"), ..it.order(ANA) };
    it.start(order);
    for (transaction, told) in
        [(None, Told::Wrong), (payment("1000"), Told::Wrong), (payment("10"), Told::Right)]
    {
        let (by, code) = (VerifyBy::To(VerifyTo::read(ANA).unwrap()), VerifyCode::read(&it.code()).unwrap());
        let check = CodeCheck { account: account(), service: it.service, by, code, transaction };
        assert_eq!(it.told(Input::Check(check), TAKEN), told);
    }
}

#[test]
fn codes_have_the_length_of_their_service_and_can_begin_with_zero() {
    for length in [4, 6, 10] {
        let settings = ServiceSettings { code_length: length, ..ServiceSettings::named("App") };
        let mut it = Rehearsal::new(settings);
        let mut zeros = 0;
        for n in 0..100 {
            it.send(&format!("+346000001{n:02}"));
            let code = it.code();
            assert!(code.len() == usize::from(length) && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
            zeros += u32::from(code.starts_with('0'));
        }
        assert!((1..40).contains(&zeros), "{zeros} of 100 begin with zero");
    }
}

#[test]
fn faults_and_channels_that_fail_leave_what_they_say() {
    let carried = Some(Carried::Text(TextId(0)));
    let usual = VerifyConnect::Taken;
    // The verdict, the outcome of the sending, the answer, the sendings, the attempts, whether a code works.
    for (verdict, outcome, told, sends, attempts, works) in [
        (VerifyConnect::Refused(60_410), TAKEN, Told::Refused(403, 60_410), 0, 0, false),
        (VerifyConnect::Refused(60_605), TAKEN, Told::Refused(403, 60_605), 0, 0, false),
        (VerifyConnect::Refused(20_429), TAKEN, Told::Refused(429, 20_429), 0, 0, false),
        (VerifyConnect::TimesOut { sent: false }, TAKEN, Told::Nothing, 0, 0, false),
        (VerifyConnect::TimesOut { sent: true }, TAKEN, Told::Nothing, 1, 1, true),
        (usual, Outcome::Refused { http: 400, code: 21_610 }, Told::Refused(400, 21_610), 1, 0, false),
        (usual, Outcome::Failed { http: 503, carried: None }, Told::Failed(503), 1, 0, false),
        (usual, Outcome::Failed { http: 503, carried }, Told::Failed(503), 1, 1, true),
        (usual, Outcome::Silent { carried: None }, Told::Nothing, 1, 0, false),
        (usual, Outcome::Silent { carried }, Told::Nothing, 1, 1, true),
    ] {
        let mut it = Rehearsal::usual();
        let order = it.order(ANA);
        assert_eq!(it.told(Input::Start { order, verdict }, outcome), told, "{verdict:?} {outcome:?}");
        assert_eq!((it.sent.len(), it.verify.attempts().len()), (sends, attempts), "{verdict:?} {outcome:?}");
        let code = if sends == 0 { "123456".to_owned() } else { it.code() };
        let expected = if works { Told::Right } else { NOT_FOUND };
        assert_eq!(it.check(ANA, &code), expected, "{verdict:?} {outcome:?}");
    }
}

#[test]
fn a_resend_that_is_refused_neither_counts_nor_ends_the_verification() {
    let mut it = Rehearsal::usual();
    it.send(ANA);
    let refused = Outcome::Refused { http: 400, code: 21_610 };
    for _ in 0..9 {
        let order = it.order(ANA);
        let told = it.told(Input::Start { order, verdict: VerifyConnect::Taken }, refused);
        assert_eq!(told, Told::Refused(400, 21_610));
    }
    assert_eq!(it.send(ANA), Told::Code(ONE));
    let code = it.code();
    assert_eq!(it.check(ANA, &code), Told::Right);
}

#[test]
fn services_are_changed_and_deleted_by_their_account_only() {
    let mut it = Rehearsal::usual();
    let (service, settings) = (it.service, ServiceSettings::named("Other"));
    let refused = Ok(VerifyReply::Refused { http: 404, code: 20_404, retry_after: None });
    let change =
        |account: &str| Input::ChangeService { account: account.into(), service, settings: settings.clone() };
    let delete = |account: &str| Input::DeleteService { account: account.into(), service };
    assert_eq!(it.ask(change("AC2"), TAKEN), refused);
    assert_eq!(it.ask(change("AC1"), TAKEN), Ok(VerifyReply::Service(service)));
    it.send(ANA);
    assert!(it.sent[0].1.starts_with("Your Other verification code"), "{}", it.sent[0].1);
    assert_eq!(it.ask(delete("AC2"), TAKEN), refused);
    assert_eq!(it.ask(delete("AC1"), TAKEN), Ok(VerifyReply::Deleted));
    assert_eq!(it.ask(delete("AC1"), TAKEN), refused);
    // Its verifications are gone, and it does not come back.
    let code = it.code();
    assert_eq!(it.check(ANA, &code), NOT_FOUND);
    assert_eq!(it.send(ANA), NOT_FOUND);
}

#[test]
fn a_service_that_nobody_has_created_begins_with_its_first_verification() {
    let mut it = Rehearsal::usual();
    it.service = VerifyServiceSid(7);
    assert_eq!(it.check(ANA, "123456"), NOT_FOUND);
    assert_eq!(it.send(ANA), Told::Code(ONE));
    let service = it.verify.service("AC1", it.service).unwrap();
    assert_eq!((service.settings().code_length, &*service.settings().name), (6, "lostkey"));
    assert!(it.verify.service("AC2", it.service).is_none());
}

#[test]
fn services_and_verifications_have_a_limit() {
    let mut it = Rehearsal::usual();
    let create = || Input::CreateService { account: account(), settings: ServiceSettings::named("App") };
    for _ in 1..SERVICES_MAX {
        assert!(matches!(it.ask(create(), TAKEN), Ok(VerifyReply::Service(_))));
    }
    let full = Ok(VerifyReply::Refused { http: 429, code: 20_429, retry_after: None });
    assert_eq!(it.ask(create(), TAKEN), full);
    let place = it.service;
    it.service = VerifyServiceSid(7);
    assert_eq!(it.send(ANA), Told::Refused(429, 20_429), "an unknown service");
    it.service = place;
    let order = it.order(ANA);
    for n in 0..VERIFICATIONS_MAX {
        let to = VerifyTo::Number(Number::international(34_700_000_000 + n as u64));
        let order = VerificationOrder { to, ..order.clone() };
        assert!(matches!(it.start(order), Told::Code(_)));
        it.sent.clear();
        it.facts.clear();
    }
    assert_eq!(it.send(ANA), Told::Refused(429, 20_429));
}

#[test]
fn words_name_the_app_and_end_with_the_hash() {
    let mut it = Rehearsal::new(ServiceSettings { warns: true, ..ServiceSettings::named("App") });
    let order = VerificationOrder {
        name: Some("Bank".into()),
        app_hash: Some("FA+9qCX9VSu".into()),
        ..it.order(ANA)
    };
    it.start(order);
    let (code, text) = (it.code(), &it.sent[0].1);
    assert!(text.starts_with(&format!("Your Bank verification code is: {code}. ")), "{text}");
    assert_eq!(text.lines().last(), Some("FA+9qCX9VSu"));
}

#[test]
fn codes_are_not_printed() {
    let mut it = Rehearsal::usual();
    let order = it.order(ANA);
    let mut outputs = Vec::new();
    let input = Input::Start { order, verdict: VerifyConnect::Taken };
    it.verify.handle_input(&mut Cx::new(it.now, &mut it.rng), input);
    it.verify.take_outputs(&mut outputs);
    let Some(Output::Send(_, words)) = outputs.last() else { panic!("{outputs:?}") };
    let code = words.text().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(words.speech().replace(' ', "").trim_end_matches('.').rsplit(':').next(), Some(code.as_str()));
    assert!(words.letter().contains(&code));
    let check = CodeCheck {
        account: account(),
        service: it.service,
        by: VerifyBy::To(VerifyTo::read(ANA).unwrap()),
        code: VerifyCode::read(&code).unwrap(),
        transaction: None,
    };
    let printed = format!("{outputs:?} {:?} {:?}", it.verify, Input::Check(check));
    assert!(!printed.contains(&code), "{printed}");
}
