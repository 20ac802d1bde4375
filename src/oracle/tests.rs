//! Hand-written traces: for each oracle one that it accepts and one that it rejects.
//!
//! No machine made them, so they hold what a service that is not ours could do.

use super::*;
use crate::event::ActionName;
use crate::event::Actor;
use crate::event::CallStatus;
use crate::event::Event;
use crate::event::EventKind;
use crate::event::MailKind;
use crate::event::Problem;
use crate::event::Typed;
use crate::event::Way;
use crate::id::AccountId;
use crate::id::AddressId;
use crate::id::BrowserId;
use crate::id::CallId;
use crate::id::CodeId;
use crate::id::DeviceId;
use crate::id::LinkId;
use crate::id::MailId;
use crate::id::OutboxId;
use crate::id::PersonId;
use crate::id::SessionId;
use crate::id::TicketId;
use crate::number::Number;
use crate::otp;
use crate::time::Span;

const STORY: &str = "
about: Ana, who may have lost her device, and Mallory, who wants her account.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    emails: [ana@example.com, ana@home.example]
    phone: +34 600 000 001
    devices:
      token: {}
people:
  ana: { owns: ana }
  mallory: { wants: ana, has: [password] }
";

const ANA: Actor = Actor::Person(PersonId(0));
const BROWSER: BrowserId = BrowserId(0);
const ACCOUNT: AccountId = AccountId(0);
const SESSION: SessionId = SessionId(0);
const TOKEN: DeviceId = DeviceId(0);

/// A trace being told: each line is caused by the one before, unless it says otherwise.
struct Told {
    story: Story,
    trace: Trace,
    now: Time,
}

impl Told {
    fn new() -> Self {
        Self { story: Story::read(STORY, "traces.yaml").unwrap(), trace: Trace::new(), now: Time::ZERO }
    }

    /// Something happens because of what happened before.
    fn then(mut self, by: Actor, kind: EventKind) -> Self {
        let last = self.trace.events().len().checked_sub(1);
        let cause = last.map(|at| EventId(at as u32));
        self.trace.record(Event { at: self.now, by, cause, kind });
        self
    }

    /// Something happens because of the event so many lines back (1 is the last).
    fn because_of(mut self, back: usize, by: Actor, kind: EventKind) -> Self {
        let cause = Some(EventId((self.trace.events().len() - back) as u32));
        self.trace.record(Event { at: self.now, by, cause, kind });
        self
    }

    fn after(mut self, span: Span) -> Self {
        self.now += span;
        self.trace.wait_until(self.now);
        self
    }

    fn asks(self, action: ActionName, typed: Typed) -> Self {
        self.then(ANA, EventKind::Requested { browser: BROWSER, action, typed })
    }

    /// The time step that a right clock shows now.
    fn step(&self) -> u64 {
        otp::step_at(self.story.epoch.unix_secs(self.now))
    }

    fn with_password(self) -> Self {
        self.asks(ActionName::SubmitPassword, Typed::Password(Some(ACCOUNT)))
            .then(Actor::Console, EventKind::PasswordAccepted { session: SESSION, account: ACCOUNT })
    }

    fn with_code(self, device: DeviceId, step: u64) -> Self {
        let accepted = EventKind::MfaAccepted { session: SESSION, account: ACCOUNT, device, step };
        self.asks(ActionName::SubmitCode, Typed::Code { device, step }).then(Actor::Console, accepted)
    }

    fn signed_in(self, way: Way) -> Self {
        self.then(Actor::Console, EventKind::SignedIn { session: SESSION, account: ACCOUNT, way })
    }

    fn mailed_link(self) -> Self {
        let ordered = EventKind::MailOrdered {
            outbox: OutboxId(0),
            kind: MailKind::Verification,
            to: AddressId(0),
            link: Some(LinkId(0)),
        };
        let taken = EventKind::MailTaken { mail: MailId(0), to: AddressId(0), kind: MailKind::Verification };
        self.asks(ActionName::SendEmail, Typed::Nothing)
            .then(
                Actor::Console,
                EventKind::LinkIssued { link: LinkId(0), session: SESSION, account: ACCOUNT },
            )
            .then(Actor::Console, ordered)
            .then(Actor::MailProvider, taken)
    }

    fn confirmed_link(self) -> Self {
        self.asks(ActionName::ConfirmLink, Typed::Link(MailId(0)))
            .then(Actor::Console, EventKind::LinkConfirmed { link: LinkId(0), session: SESSION })
    }

    fn called(self, number: &str) -> Self {
        let number = Number::read(number).unwrap();
        self.asks(ActionName::CallMe, Typed::Nothing)
            .then(
                Actor::Console,
                EventKind::CodeIssued { code: CodeId(0), session: SESSION, account: ACCOUNT },
            )
            .then(Actor::Console, EventKind::CallOrdered { outbox: OutboxId(1), number, code: CodeId(0) })
            .then(Actor::PhoneCompany, EventKind::CallTaken { call: CallId(0), number })
    }

    fn keyed_in(self, typed: Typed) -> Self {
        let accepted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
        self.then(ANA, EventKind::KeyedIn { call: CallId(0), typed }).then(Actor::Console, accepted)
    }

    fn told_everybody(mut self, kind: MailKind) -> Self {
        for address in [AddressId(0), AddressId(1)] {
            self =
                self.then(Actor::MailProvider, EventKind::MailTaken { mail: MailId(9), to: address, kind });
        }
        self
    }

    /// The findings of one oracle.
    fn findings(&self, oracle: &str) -> Vec<Finding> {
        assert!(ALL.iter().any(|known| known.id == oracle), "there is no oracle `{oracle}`");
        let all = judge(&self.trace, &self.story, &Norm::NIST);
        all.into_iter().filter(|finding| finding.oracle == oracle).collect()
    }

    #[track_caller]
    fn accepted_by(&self, oracle: &str) {
        assert_eq!(self.findings(oracle), [], "{oracle}");
    }

    #[track_caller]
    fn rejected_by(&self, oracle: &str, verdict: Verdict, says: &str) {
        let findings = self.findings(oracle);
        let [finding] = findings.as_slice() else { panic!("{oracle}: {findings:#?}") };
        assert_eq!((finding.verdict, finding.says.as_str()), (verdict, says));
    }
}

#[test]
fn access_takes_a_password_and_a_code() {
    let told = Told::new().with_password();
    let step = told.step();
    told.with_code(TOKEN, step).signed_in(Way::Mfa).accepted_by("access");
}

#[test]
fn access_takes_a_password_a_link_and_a_call_to_the_number_on_file() {
    let told = Told::new().with_password().mailed_link().confirmed_link().called("+34600000001");
    told.keyed_in(Typed::Screen(BROWSER)).signed_in(Way::Recovery).accepted_by("access");
}

#[test]
fn access_rejects_less_than_that() {
    use Verdict::OutsideNorm;
    let told = Told::new().with_password().signed_in(Way::Mfa);
    let says = "ana got into the account of ana having proven only the password";
    told.rejected_by("access", OutsideNorm, says);

    let told = Told::new().with_password().mailed_link().confirmed_link().signed_in(Way::Recovery);
    let says = "ana got into the account of ana having proven only the password and the e-mail address";
    told.rejected_by("access", OutsideNorm, says);

    let told = Told::new().with_password().mailed_link().confirmed_link().called("+14155550100");
    told.keyed_in(Typed::Screen(BROWSER)).signed_in(Way::Recovery).rejected_by("access", OutsideNorm, says);
}

#[test]
fn access_rejects_codes_of_other_devices_and_other_times() {
    let says = "ana got into the account of ana having proven only the password";
    let told = Told::new().with_password();
    let step = told.step();
    let other = told.with_code(DeviceId(7), step).signed_in(Way::Mfa);
    other.rejected_by("access", Verdict::OutsideNorm, says);
    for off in [-2, 2] {
        let told = Told::new().with_password();
        let step = told.step().saturating_add_signed(off);
        told.with_code(TOKEN, step).signed_in(Way::Mfa).rejected_by("access", Verdict::OutsideNorm, says);
    }
}

#[test]
fn access_rejects_a_link_confirmed_by_a_scanner() {
    let told = Told::new().with_password().mailed_link();
    let confirmed = EventKind::LinkConfirmed { link: LinkId(0), session: SESSION };
    let told = told.then(Actor::Console, confirmed).called("+34600000001").keyed_in(Typed::Screen(BROWSER));
    let says = "ana got into the account of ana having proven only the password and the phone number";
    told.signed_in(Way::Recovery).rejected_by("access", Verdict::OutsideNorm, says);
}

#[test]
fn access_rejects_changes_of_factors_before_the_second_factor() {
    let deactivated =
        EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    let told = Told::new().with_password().then(Actor::Console, deactivated);
    let says = "ana deactivated an MFA device of ana having proven only the password";
    told.rejected_by("access", Verdict::OutsideNorm, says);
}

fn ticket(number: &str, proof: bool) -> Told {
    let (ticket, number) = (TicketId(0), Number::read(number).unwrap());
    Told::new()
        .asks(ActionName::SubmitTicket, Typed::Nothing)
        .then(Actor::Desk, EventKind::TicketTaken { ticket, problem: Problem::NoCall })
        .then(Actor::Desk, EventKind::CalledBack { ticket, number })
        .then(ANA, EventKind::Proved { ticket, proof })
        .then(Actor::Desk, EventKind::IdentityChecked { ticket, passed: true })
        .then(Actor::Console, EventKind::FactorsReset { account: ACCOUNT, ticket })
}

#[test]
fn support_proof_takes_a_reset_after_a_call_to_the_number_on_file_and_proof() {
    ticket("+34600000001", true).accepted_by("support-proof");
}

#[test]
fn support_proof_rejects_resets_without_call_or_proof() {
    let says = "support reset the MFA of ana after a call to +14155550100, which is not on file";
    ticket("+14155550100", true).rejected_by("support-proof", Verdict::BrokePolicy, says);
    let says = "support reset the MFA of ana without any proof of who answered the call";
    ticket("+34600000001", false).rejected_by("support-proof", Verdict::BrokePolicy, says);
}

#[test]
fn single_use_takes_different_codes_and_rejects_the_same_twice() {
    let told = Told::new();
    let step = told.step();
    let told = told.with_code(TOKEN, step).with_code(TOKEN, step + 1);
    told.accepted_by("single-use");
    let says =
        format!("the MFA code of device 1 for time step {step} was accepted at +00:00:00.000, and again");
    told.with_code(TOKEN, step).rejected_by("single-use", Verdict::BrokePolicy, &says);
}

#[test]
fn single_use_rejects_a_link_and_a_phone_code_that_work_twice() {
    let told = Told::new().mailed_link().confirmed_link();
    told.accepted_by("single-use");
    let says = "link 1 was accepted at +00:00:00.000, and again";
    told.confirmed_link().rejected_by("single-use", Verdict::BrokePolicy, says);
    let told = Told::new().called("+34600000001").keyed_in(Typed::Screen(BROWSER));
    told.accepted_by("single-use");
    let says = "phone code 1 was accepted at +00:00:00.000, and again";
    told.keyed_in(Typed::Screen(BROWSER)).rejected_by("single-use", Verdict::BrokePolicy, says);
}

#[test]
fn lifetime_counts_to_the_limit_and_no_further() {
    Told::new().mailed_link().after(Span::HOUR).confirmed_link().accepted_by("lifetime");
    let late = Told::new().mailed_link().after(Span::from_secs(3_601)).confirmed_link();
    let says = "link 1 was accepted 1h 1s after it was issued; it may live for 1h";
    late.rejected_by("lifetime", Verdict::BrokePolicy, says);

    let mut lax = Told::new();
    lax.story.policy.link_lifetime = Span::from_days(30);
    let lax = lax.mailed_link().after(Span::from_hours(25)).confirmed_link();
    let says = "link 1 was accepted 1d 1h after it was issued; it may live for 1d";
    lax.rejected_by("lifetime", Verdict::OutsideNorm, says);

    let call = || Told::new().called("+34600000001");
    call().after(Span::from_mins(10)).keyed_in(Typed::Screen(BROWSER)).accepted_by("lifetime");
    let says = "phone code 1 was accepted 10m 1s after it was issued; it may live for 10m";
    let late = call().after(Span::from_secs(601)).keyed_in(Typed::Screen(BROWSER));
    late.rejected_by("lifetime", Verdict::BrokePolicy, says);
}

#[test]
fn number_called_is_the_one_on_file_even_after_it_changed() {
    Told::new().called("+34600000001").accepted_by("number-called");
    let says = "+14155550100 was called for ana; the number on file is +34600000001";
    Told::new().called("+14155550100").rejected_by("number-called", Verdict::BrokePolicy, says);
    let number = Number::read("+34600000002").unwrap();
    let changed = EventKind::PhoneChanged { account: ACCOUNT, number, session: None };
    Told::new().then(Actor::Console, changed).called("+34600000002").accepted_by("number-called");
}

#[test]
fn notices_go_to_all_addresses() {
    let resynced = EventKind::Resynced { session: SESSION, account: ACCOUNT, device: TOKEN, drift: 3 };
    let told = || Told::new().then(Actor::Console, resynced);
    told().told_everybody(MailKind::ResyncNotice).accepted_by("notices");
    let one = EventKind::MailTaken { mail: MailId(1), to: AddressId(0), kind: MailKind::ResyncNotice };
    let says = "\"An MFA device was re-synced\" was never sent to ana@home.example, which is on file for ana";
    told().then(Actor::MailProvider, one).rejected_by("notices", Verdict::BrokePolicy, says);
}

#[test]
fn notices_that_the_provider_refused_are_not_the_services_fault() {
    let resynced = EventKind::Resynced { session: SESSION, account: ACCOUNT, device: TOKEN, drift: 3 };
    let mut told = Told::new().then(Actor::Console, resynced);
    for to in [AddressId(0), AddressId(1)] {
        told = told.then(Actor::MailProvider, EventKind::MailRefused { to, code: 550 });
    }
    told.accepted_by("notices");
}

#[test]
fn way_out_is_judged_once_patience_is_over() {
    let alone = || Told::new().then(ANA, EventKind::LeftAlone);
    alone().after(Span::from_hours(47)).accepted_by("way-out");
    let says = "ana is neither in nor with support 2d after the last fault, and is still trying";
    alone().after(Span::from_days(2)).rejected_by("way-out", Verdict::OutsideNorm, says);
    alone().then(ANA, EventKind::GotIn).after(Span::from_days(2)).accepted_by("way-out");
    let says = "ana is neither in nor with support 2d after the last fault, and has given up";
    let gave_up = alone().then(ANA, EventKind::GaveUp).after(Span::from_days(2));
    gave_up.rejected_by("way-out", Verdict::OutsideNorm, says);
}

#[test]
fn way_out_takes_an_open_ticket_and_rejects_a_closed_one() {
    let ticket = TicketId(0);
    let asked = || {
        Told::new()
            .then(ANA, EventKind::LeftAlone)
            .asks(ActionName::SubmitTicket, Typed::Nothing)
            .then(Actor::Desk, EventKind::TicketTaken { ticket, problem: Problem::NoCall })
    };
    asked().after(Span::from_days(2)).accepted_by("way-out");
    let closed = asked().then(Actor::Desk, EventKind::TicketClosed { ticket, reset: false });
    let says = "ana is neither in nor with support 2d after the last fault, and is still trying";
    closed.after(Span::from_days(2)).rejected_by("way-out", Verdict::OutsideNorm, says);
}

#[test]
fn way_out_waits_from_the_last_fault_on() {
    let told = Told::new().then(ANA, EventKind::LeftAlone).after(Span::from_days(1));
    let told =
        told.because_of(1, Actor::Story, EventKind::FaultStruck { fault: 0 }).after(Span::from_days(1));
    told.accepted_by("way-out");
    let told = told.after(Span::from_days(1));
    assert_eq!(told.findings("way-out").len(), 1);
}

#[test]
fn a_call_that_completed_proves_nothing() {
    let completed = EventKind::StatusChanged { call: CallId(0), status: CallStatus::Completed };
    let accepted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
    let told = Told::new().with_password().mailed_link().confirmed_link().called("+34600000001");
    let told = told.then(Actor::PhoneCompany, completed).then(Actor::Console, accepted);
    let says = "ana got into the account of ana having proven only the password and the e-mail address";
    told.signed_in(Way::Recovery).rejected_by("access", Verdict::OutsideNorm, says);
}
