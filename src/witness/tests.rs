//! Hand-written traces: a positive and a negative one for each kind of claim, and one for each kind of miss.

use Control as A;
use Notice as N;
use PageName as P;

use super::comparison::{Comparison, Reason, compare};
use super::*;
use crate::base::id::{
    AccountId, AddressId, CodeId, DeviceId, LinkId, MailId, OutboxId, PersonId, SessionId, TicketId,
};
use crate::base::number::Number;
use crate::base::secret::Digest;
use crate::base::time::Time;
use crate::event::{
    CallStatus, Control, MailKind, NoReply, Notice, PageName, Refusal, Said, SessionEnd, Way, WebhookKind,
};

const STORY: &str = "
about: Ana has her token.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices:
      token: {}
";

const ANA: Actor = Actor::Person(PersonId(0));
const BROWSER: BrowserId = BrowserId(0);
const OWN: AccountId = AccountId(0);
const DEVICE: DeviceId = DeviceId(0);
const CALL: CallId = CallId(0);
const MAIL: MailId = MailId(0);
const CODE: Typed = Typed::Code { device: DEVICE, step: 7 };
const PAIR: Typed = Typed::Pair { device: DEVICE, first: 7, apart: 1 };
const GUESS: Typed = Typed::Guess(Digest(1));

/// A control, what is typed, and the resulting page with its notice.
type Asks = (Control, Typed, PageName, Option<Notice>);

const USER: Asks = (Control::SubmitUser, Typed::User(AddressId(0)), PageName::Password, None);
const TYPED: Typed = Typed::Password(Some(OWN));
const CHANGES: Typed = Typed::NewPassword { of: OWN, current: Some(0), new: 1 };
const PASSWORD: Asks = (Control::SubmitPassword, Typed::Password(Some(OWN)), PageName::MfaCode, None);
const WITH_CODE: Asks = (Control::SubmitCode, CODE, PageName::SecurityCredentials, None);

/// Builder of a trace.
struct Told {
    story: Story,
    trace: Trace,
}

impl Told {
    fn new() -> Self {
        Self { story: Story::read(STORY, "story.yaml").unwrap(), trace: Trace::new() }
    }

    fn because(&mut self, cause: Option<EventId>, by: Actor, kind: EventKind) -> EventId {
        let at = Time::from_millis(self.trace.events().len() as u64);
        self.trace.record(Event { at, by, cause, kind })
    }

    fn requested(&mut self, action: Control, typed: Typed) -> EventId {
        self.because(None, ANA, EventKind::Requested { browser: BROWSER, action, typed })
    }

    fn service(&mut self, request: EventId, kind: EventKind) -> EventId {
        self.because(Some(request), Actor::Console, kind)
    }

    fn saw(&mut self, request: EventId, page: PageName, notice: Option<Notice>) {
        self.because(Some(request), ANA, EventKind::Saw { browser: BROWSER, page, notice });
    }

    fn asks(&mut self, (action, typed, page, notice): Asks) -> EventId {
        let request = self.requested(action, typed);
        self.saw(request, page, notice);
        request
    }

    fn claims(&self) -> Vec<Claim> {
        claims(&self.trace, &self.story)
    }

    fn compared(&self) -> Comparison {
        compare(&self.trace, &self.story)
    }
}

/// The claims that the witness derives from the last of these pages.
fn claimed(pages: &[Asks]) -> Vec<ClaimKind> {
    let mut told = Told::new();
    let mut last = EventId::FIRST;
    for page in pages {
        last = told.asks(*page);
    }
    told.claims().iter().filter(|claim| claim.asked == Some(last)).map(|claim| claim.what).collect()
}

/// Preceding pages, the last page, the expected claims.
type Case = (&'static [Asks], Asks, Vec<ClaimKind>);

const OPENED: ClaimKind = ClaimKind::SessionOpened { browser: BROWSER };
const ENDED: ClaimKind = ClaimKind::SessionEnded { browser: BROWSER };
const LINK: Typed = Typed::Link(MAIL);
const NOTHING: Typed = Typed::Nothing;

const fn signed_in(way: Option<Way>) -> ClaimKind {
    ClaimKind::SignedIn { way }
}

fn sign_in_cases() -> Vec<Case> {
    vec![
        (&[USER], PASSWORD, vec![ClaimKind::PasswordAccepted, OPENED]),
        (&[USER], (A::SubmitPassword, Typed::Password(None), P::MfaCode, Some(N::NotYet)), vec![]),
        (
            &[USER],
            (A::SubmitPassword, Typed::Password(None), P::Password, Some(N::WrongPassword)),
            vec![ClaimKind::PasswordRefused { why: Refusal::Wrong }],
        ),
        (&[USER], (A::SubmitPassword, Typed::Password(None), P::Password, Some(N::NotYet)), vec![]),
        (
            &[USER],
            (A::SubmitPassword, Typed::Password(Some(OWN)), P::SecurityCredentials, Some(N::MfaOff)),
            vec![ClaimKind::PasswordAccepted, OPENED, signed_in(Some(Way::Password))],
        ),
        (
            &[USER, PASSWORD],
            WITH_CODE,
            vec![ClaimKind::MfaAccepted { code: Some((DEVICE, 7)) }, OPENED, signed_in(Some(Way::Mfa))],
        ),
        // Signed in before, so the code was not checked.
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::SubmitCode, CODE, P::SecurityCredentials, Some(N::NotYet)),
            vec![],
        ),
        (
            &[USER, PASSWORD],
            (A::SubmitCode, GUESS, P::MfaCode, Some(N::WrongCode)),
            vec![ClaimKind::MfaRefused { why: Refusal::Wrong }],
        ),
        (&[USER, PASSWORD], (A::SubmitCode, GUESS, P::Forbidden, Some(N::BadRequest)), vec![]),
    ]
}

fn recovery_cases() -> Vec<Case> {
    vec![
        (
            &[USER, PASSWORD],
            (A::FinishSignIn, NOTHING, P::SecurityCredentials, None),
            vec![OPENED, signed_in(Some(Way::Recovery))],
        ),
        (&[USER, PASSWORD], (A::FinishSignIn, NOTHING, P::MfaCode, Some(N::NotYet)), vec![]),
        (&[USER, PASSWORD], (A::Open, NOTHING, P::SecurityCredentials, None), vec![signed_in(None)]),
        (&[USER, PASSWORD, WITH_CODE], (A::Open, NOTHING, P::SecurityCredentials, None), vec![]),
        (
            &[USER, PASSWORD],
            (A::ConfirmLink, LINK, P::ConfirmEmail, Some(N::GoBack)),
            vec![ClaimKind::LinkConfirmed { mail: Some(MAIL) }],
        ),
        (
            &[USER, PASSWORD],
            (A::ConfirmLink, LINK, P::VerifyPhone, Some(N::EmailVerified)),
            vec![ClaimKind::LinkConfirmed { mail: Some(MAIL) }],
        ),
        (&[USER, PASSWORD], (A::FollowLink, LINK, P::ConfirmEmail, None), vec![]),
        (
            &[],
            (A::FollowLink, LINK, P::ConfirmEmail, Some(N::LinkUsed)),
            vec![ClaimKind::LinkRefused { mail: Some(MAIL), why: Some(Refusal::Used) }],
        ),
        (
            &[USER, PASSWORD],
            (A::ConfirmLink, LINK, P::ConfirmEmail, Some(N::SessionOver)),
            vec![ClaimKind::LinkRefused { mail: Some(MAIL), why: Some(Refusal::NoSession) }],
        ),
    ]
}

fn factor_cases() -> Vec<Case> {
    vec![
        (
            &[USER, PASSWORD],
            (A::SubmitPair, PAIR, P::MfaCode, Some(N::InSync)),
            vec![ClaimKind::Resynced { device: Some(DEVICE) }],
        ),
        (&[USER, PASSWORD], (A::SubmitPair, PAIR, P::MfaCode, Some(N::NotYet)), vec![]),
        (
            &[USER, PASSWORD],
            (A::SubmitPair, PAIR, P::Resync, Some(N::NotConsecutive)),
            vec![ClaimKind::ResyncRefused { why: Refusal::NotConsecutive }],
        ),
        (&[USER, PASSWORD], (A::ChooseResync, NOTHING, P::Resync, None), vec![]),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::Deactivate, NOTHING, P::SecurityCredentials, Some(N::DeviceDeactivated)),
            vec![ClaimKind::DeviceDeactivated],
        ),
        (&[USER, PASSWORD, WITH_CODE], (A::Deactivate, NOTHING, P::Forbidden, Some(N::BadRequest)), vec![]),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::FinishAssign, PAIR, P::SecurityCredentials, Some(N::DeviceAssigned)),
            vec![ClaimKind::DeviceAssigned { device: Some(DEVICE) }],
        ),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::FinishAssign, PAIR, P::AssignDevice, Some(N::PairUsed)),
            vec![ClaimKind::AssignRefused { why: Refusal::Used }],
        ),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::BeginAssign, NOTHING, P::SecurityCredentials, Some(N::TooManyDevices)),
            vec![ClaimKind::AssignRefused { why: Refusal::TooMany }],
        ),
        (&[USER, PASSWORD, WITH_CODE], (A::BeginAssign, NOTHING, P::AssignDevice, None), vec![]),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::ChangePhone, NOTHING, P::SecurityCredentials, Some(N::ContactChanged)),
            vec![ClaimKind::PhoneChanged],
        ),
        (&[USER, PASSWORD, WITH_CODE], (A::ChangePhone, NOTHING, P::SecurityCredentials, None), vec![]),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::ChangePassword, CHANGES, P::SecurityCredentials, Some(N::PasswordChanged)),
            vec![ClaimKind::PasswordChanged],
        ),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::ChangePassword, CHANGES, P::SecurityCredentials, Some(N::WrongCurrentPassword)),
            vec![ClaimKind::PasswordRefused { why: Refusal::Wrong }],
        ),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::ChangePassword, CHANGES, P::SecurityCredentials, Some(N::SamePassword)),
            vec![],
        ),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::SignOutEverywhere, TYPED, P::SecurityCredentials, Some(N::TryLater)),
            vec![ClaimKind::PasswordRefused { why: Refusal::Throttled }],
        ),
        (
            &[USER, PASSWORD, WITH_CODE],
            (A::SignOutEverywhere, TYPED, P::SignIn, Some(N::SignedOutEverywhere)),
            vec![ENDED],
        ),
    ]
}

fn session_cases() -> Vec<Case> {
    vec![
        (
            &[USER, PASSWORD],
            (A::SubmitSpoken, Typed::Spoken(CALL), P::FinishSignIn, Some(N::PhoneVerified)),
            vec![ClaimKind::CodeAccepted { call: None }],
        ),
        (
            &[USER, PASSWORD],
            (A::SubmitSpoken, GUESS, P::VerifyPhone, Some(N::TooManyTries)),
            vec![ClaimKind::CodeRefused { call: None, why: Some(Refusal::UsedUp) }],
        ),
        (&[USER, PASSWORD], (A::SubmitSpoken, GUESS, P::MfaCode, Some(N::NotYet)), vec![]),
        (&[USER, PASSWORD, WITH_CODE], (A::SignOut, NOTHING, P::SignIn, Some(N::SignedOut)), vec![ENDED]),
        (&[USER, PASSWORD], (A::Open, NOTHING, P::SignIn, Some(N::SessionOver)), vec![ENDED]),
        (&[USER, PASSWORD], (A::Open, NOTHING, P::SignIn, Some(N::NotYet)), vec![ENDED]),
        (&[USER, PASSWORD], USER, vec![ENDED]),
        // Without rights, a change of session is not observable.
        (&[USER], (A::Open, NOTHING, P::SignIn, Some(N::SessionOver)), vec![]),
        (&[USER, PASSWORD], (A::Open, NOTHING, P::SignIn, None), vec![]),
    ]
}

#[test]
fn each_kind_of_claim_has_a_page_that_yields_it_and_one_that_does_not() {
    let cases = [sign_in_cases(), recovery_cases(), factor_cases(), session_cases()];
    for (before, last, expected) in cases.into_iter().flatten() {
        let pages: Vec<Asks> = before.iter().copied().chain([last]).collect();
        assert_eq!(claimed(&pages), expected, "{last:?}");
    }
}

#[test]
fn a_page_that_never_came_shows_nothing() {
    let mut told = Told::new();
    told.asks(USER);
    let request = told.requested(PASSWORD.0, PASSWORD.1);
    told.because(Some(request), ANA, EventKind::SawNothing { browser: BROWSER, lost: NoReply::Cut });
    assert_eq!(told.claims(), []);
}

#[test]
fn a_page_that_nobody_asked_for_is_no_answer() {
    let mut told = Told::new();
    let request = told.requested(PASSWORD.0, PASSWORD.1);
    let saw = EventKind::Saw { browser: BrowserId(1), page: PageName::MfaCode, notice: None };
    told.because(Some(request), ANA, saw);
    told.because(None, ANA, EventKind::Saw { browser: BROWSER, page: PageName::MfaCode, notice: None });
    assert_eq!(told.claims(), []);
}

#[test]
fn two_tabs_share_one_session() {
    let mut told = Told::new();
    told.asks(USER);
    told.asks(PASSWORD);
    told.asks(WITH_CODE);
    let tab = BrowserId(2);
    let open = EventKind::Requested { browser: tab, action: Control::Open, typed: Typed::Nothing };
    let request = told.because(None, ANA, open);
    let saw = EventKind::Saw { browser: tab, page: PageName::SecurityCredentials, notice: None };
    told.because(Some(request), ANA, saw);
    assert!(told.claims().iter().all(|claim| claim.asked != Some(request)), "{:?}", told.claims());
}

fn number() -> Number {
    Number::read("+34600000001").unwrap()
}

/// The claims about a call that plays this sentence after digits were gathered.
fn called(webhook: WebhookKind, said: Said) -> Vec<ClaimKind> {
    let mut told = Told::new();
    let by = Actor::PhoneCompany;
    told.because(None, by, EventKind::CallTaken { call: CALL, number: number() });
    let gathered = told.because(
        None,
        by,
        EventKind::Gathered { call: CALL, digits: Digest(1), count: 6, shown_in: None },
    );
    told.because(Some(gathered), by, EventKind::DocumentFetched { call: CALL, webhook });
    told.because(Some(gathered), by, EventKind::Spoke { call: CALL, said });
    told.claims().iter().skip(1).map(|claim| claim.what).collect()
}

#[test]
fn a_call_says_whether_the_digits_were_right() {
    let call = Some(CALL);
    let cases = [
        (WebhookKind::Action, Said::Verified, vec![ClaimKind::CodeAccepted { call }]),
        (
            WebhookKind::Action,
            Said::WrongCode,
            vec![ClaimKind::CodeRefused { call, why: Some(Refusal::Wrong) }],
        ),
        (WebhookKind::Action, Said::CouldNot, vec![ClaimKind::CodeRefused { call, why: None }]),
        // An apology before any digits were posted, or a sentence that is not a verdict on digits.
        (WebhookKind::Fetch, Said::CouldNot, vec![]),
        (WebhookKind::Action, Said::NoInput, vec![]),
        (WebhookKind::Action, Said::SomethingElse, vec![]),
    ];
    for (webhook, said, expected) in cases {
        assert_eq!(called(webhook, said), expected, "{webhook:?}, {said:?}");
    }
}

#[test]
fn providers_and_the_desk_tell_what_they_were_handed() {
    let (to, kind) = (AddressId(0), MailKind::Verification);
    let ticket = TicketId(0);
    let cases: Vec<(Actor, EventKind, Option<ClaimKind>)> = vec![
        (
            Actor::MailProvider,
            EventKind::MailTaken { mail: MAIL, to, kind: Some(kind) },
            Some(ClaimKind::MailOrdered { to, kind: Some(kind) }),
        ),
        (
            Actor::MailProvider,
            EventKind::MailRefused { to, code: 451 },
            Some(ClaimKind::MailOrdered { to, kind: None }),
        ),
        (Actor::MailProvider, EventKind::MailBounced { mail: MAIL }, None),
        // The service may say so; the provider has to.
        (Actor::Console, EventKind::MailTaken { mail: MAIL, to, kind: Some(kind) }, None),
        (
            Actor::PhoneCompany,
            EventKind::CallTaken { call: CALL, number: number() },
            Some(ClaimKind::CallOrdered { number: number(), call: Some(CALL) }),
        ),
        (
            Actor::PhoneCompany,
            EventKind::CallRefused { number: number(), code: 21_211 },
            Some(ClaimKind::CallOrdered { number: number(), call: None }),
        ),
        (Actor::PhoneCompany, EventKind::StatusChanged { call: CALL, status: CallStatus::Ringing }, None),
        (
            Actor::Desk,
            EventKind::TicketClosed { ticket, reset: true },
            Some(ClaimKind::FactorsReset { ticket }),
        ),
        (Actor::Desk, EventKind::TicketClosed { ticket, reset: false }, None),
    ];
    for (by, kind, expected) in cases {
        let mut told = Told::new();
        told.because(None, by, kind);
        let claimed: Vec<ClaimKind> = told.claims().iter().map(|claim| claim.what).collect();
        assert_eq!(claimed, Vec::from_iter(expected), "{kind:?}");
    }
}

/// A password and a code, where `change` alters the service's report on the code.
fn reported(change: impl FnOnce(&mut EventKind)) -> Comparison {
    let mut told = Told::new();
    told.asks(USER);
    let request = told.requested(WITH_CODE.0, WITH_CODE.1);
    let mut kind = EventKind::MfaAccepted { session: SessionId(0), account: OWN, device: DEVICE, step: 7 };
    change(&mut kind);
    told.service(request, kind);
    told.saw(request, WITH_CODE.2, WITH_CODE.3);
    told.compared()
}

fn mfa_is_confirmed(compared: &Comparison) -> bool {
    let mut held = compared.claims.iter();
    held.find(|held| held.claim.what.fact() == Fact::MfaAccepted).unwrap().confirmed
}

#[test]
fn a_report_of_another_device_step_or_account_bears_out_nothing() {
    assert!(mfa_is_confirmed(&reported(|_| {})));
    let wrong: [fn(&mut EventKind); 3] = [
        |kind| {
            if let EventKind::MfaAccepted { device, .. } = kind {
                *device = DeviceId(1)
            }
        },
        |kind| {
            if let EventKind::MfaAccepted { step, .. } = kind {
                *step = 8
            }
        },
        |kind| {
            if let EventKind::MfaAccepted { account, .. } = kind {
                *account = AccountId(1)
            }
        },
    ];
    for change in wrong {
        let compared = reported(change);
        assert!(!mfa_is_confirmed(&compared));
        assert_eq!(compared.reports[0].missed, Some(Reason::Unexplained));
    }
}

#[test]
fn a_report_for_another_request_bears_out_nothing() {
    let mut told = Told::new();
    told.asks(USER);
    let other = told.requested(Control::Open, Typed::Nothing);
    let request = told.requested(PASSWORD.0, PASSWORD.1);
    told.service(other, EventKind::PasswordAccepted { session: SessionId(0), account: OWN });
    told.saw(request, PASSWORD.2, PASSWORD.3);
    let compared = told.compared();
    assert!(compared.claims.iter().all(|held| !held.confirmed), "{:?}", compared.claims);
}

/// Why the last report is missed.
fn missed(tell: impl FnOnce(&mut Told)) -> Reason {
    let mut told = Told::new();
    tell(&mut told);
    told.compared().reports.last().unwrap().missed.unwrap()
}

#[test]
fn a_request_is_missed_for_what_became_of_its_answer() {
    let accepted = EventKind::PasswordAccepted { session: SessionId(0), account: OWN };
    let ask = |told: &mut Told| told.requested(PASSWORD.0, PASSWORD.1);
    let reason = missed(|told| {
        let request = ask(told);
        told.service(request, accepted);
        told.because(Some(request), ANA, EventKind::SawNothing { browser: BROWSER, lost: NoReply::Cut });
    });
    assert_eq!(reason, Reason::AnswerLost);
    let reason = missed(|told| {
        let request = ask(told);
        told.service(request, accepted);
    });
    assert_eq!(reason, Reason::StoryEnded);
    let reason = missed(|told| {
        let request = ask(told);
        told.service(request, accepted);
        told.saw(request, PageName::ContactSupport, None);
    });
    assert_eq!(reason, Reason::Unexplained);
    let reason = missed(|told| {
        let request = told.requested(Control::Open, Typed::Nothing);
        told.service(request, accepted);
        told.saw(request, PageName::MfaCode, None);
    });
    assert_eq!(reason, Reason::NotSaid);
}

#[test]
fn what_others_led_to_has_a_reason_of_its_own() {
    let refused = EventKind::LinkRefused { link: Some(LinkId(0)), why: Refusal::Used };
    let code = EventKind::CodeRefused { code: Some(CodeId(0)), why: Refusal::Wrong };
    let phone = Actor::PhoneCompany;
    let gathered = EventKind::Gathered { call: CALL, digits: Digest(1), count: 6, shown_in: None };
    let terminal = EventKind::StatusChanged { call: CALL, status: CallStatus::Completed };
    let mail = EventKind::MailOrdered {
        outbox: OutboxId(0),
        kind: MailKind::Verification,
        to: AddressId(0),
        link: None,
    };
    let ask = |told: &mut Told| told.requested(PASSWORD.0, PASSWORD.1);

    let reason = missed(|told| {
        let scanned = told.because(None, Actor::MailProvider, EventKind::LinkScanned { mail: MAIL });
        told.service(scanned, refused);
    });
    assert_eq!(reason, Reason::Scanner);
    let reason = missed(|told| {
        let forged = told.because(None, ANA, EventKind::Forged { webhook: WebhookKind::Action });
        told.service(forged, code);
    });
    assert_eq!(reason, Reason::Forged);
    let reason = missed(|told| {
        let digits = told.because(None, phone, gathered);
        told.service(digits, code);
        told.because(None, phone, terminal);
    });
    assert_eq!(reason, Reason::CallOver);
    let reason = missed(|told| {
        let status = told.because(None, phone, terminal);
        told.service(status, code);
    });
    assert_eq!(reason, Reason::Callback);
    let reason = missed(|told| {
        let reset = told.because(None, Actor::Desk, EventKind::ResetRequested { ticket: TicketId(0) });
        told.service(reset, EventKind::DeviceDeactivated { account: OWN, device: DEVICE, session: None });
    });
    assert_eq!(reason, Reason::Support);
    let reason = missed(|told| {
        let request = ask(told);
        told.service(request, mail);
    });
    assert_eq!(reason, Reason::NeverSent);
    let reason = missed(|told| {
        let request = ask(told);
        told.service(request, mail);
        told.service(request, EventKind::Sent { outbox: OutboxId(0) });
    });
    assert_eq!(reason, Reason::Unexplained);
}

/// Why the end of a session with or without rights is missed.
fn end_missed(rights: bool, why: SessionEnd, told_of_it: bool) -> Reason {
    end_missed_after(rights, why, told_of_it, None)
}

/// The same, if this happened in between.
fn end_missed_after(rights: bool, why: SessionEnd, told_of_it: bool, before: Option<EventKind>) -> Reason {
    missed(|told| {
        let request = told.requested(Control::Open, Typed::Nothing);
        told.service(request, EventKind::SessionOpened { session: SessionId(0), from: None });
        if rights {
            told.service(request, EventKind::SignedIn { session: SessionId(0), account: OWN, way: Way::Mfa });
        }
        // The page shows no rights, so the witness has no later claim to make.
        told.saw(request, PageName::ContactSupport, None);
        told.because(None, Actor::Console, EventKind::SessionEnded { session: SessionId(0), why });
        if let Some(before) = before {
            told.because(None, ANA, before);
        }
        if told_of_it {
            told.asks((Control::Open, Typed::Nothing, PageName::SignIn, Some(Notice::SessionOver)));
        }
    })
}

#[test]
fn the_end_of_a_session_is_missed_where_nobody_could_see_it() {
    let cases = [
        (false, SessionEnd::Expired, true, Reason::NoRights),
        (true, SessionEnd::Rotated, false, Reason::NewName),
        (true, SessionEnd::FactorChanged, false, Reason::NobodyLooked),
        (true, SessionEnd::FactorChanged, true, Reason::Unexplained),
    ];
    for (rights, why, told_of_it, reason) in cases {
        assert_eq!(end_missed(rights, why, told_of_it), reason, "{rights} {why:?} {told_of_it}");
    }
    // The page is about the session whose stolen cookie was put in.
    let put_in = EventKind::PutInCookie { browser: BROWSER };
    let why = SessionEnd::FactorChanged;
    assert_eq!(end_missed_after(true, why, true, Some(put_in)), Reason::NobodyLooked);
}

#[test]
fn nothing_that_the_service_says_of_itself_changes_a_claim() {
    let mut runner = crate::drill::Runner::new(
        crate::drill::built_in(),
        crate::drill::Mix::usual(),
        crate::policy::Norm::NIST,
    );
    let mut all = 0;
    for seed in 0..100 {
        let ran = runner.run(seed);
        let mut silent = Trace::new();
        for event in ran.trace.events() {
            // The event keeps its index, so that causes stay valid.
            let kind = if event.by == Actor::Console { EventKind::AppRestarted } else { event.kind };
            silent.record(Event { kind, ..*event });
        }
        let heard = claims(ran.trace, ran.story);
        assert_eq!(claims(&silent, ran.story), heard, "run {seed}");
        all += heard.len();
    }
    assert!(all > 1_000, "{all} claims");
}
