//! Hand-written traces: accepted and rejected examples for each oracle.
//!
//! No machine produced them, so they also cover what other services could do.

mod codes;
mod conduct;
mod doors;
mod household;
mod line;
mod notes;
mod old_sessions;
mod promises;
mod reactions;
mod removal;
mod rules;
mod way_in;
mod way_out;

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::*;
use crate::base::id::{
    AccountId, AddressId, BrowserId, CallId, CodeId, DeviceId, LinkId, MailId, OutboxId, PersonId, SessionId,
    TicketId,
};
use crate::base::number::Number;
use crate::base::otp;
use crate::base::time::Span;
use crate::event::{Actor, CallStatus, Control, Event, EventKind, MailKind, Problem, Typed, Way};

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

thread_local! {
    /// The rules that traces of this thread have violated.
    static RAISED: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// Builder of a trace: each event is caused by the previous one unless stated otherwise.
struct Told {
    story: Story,
    trace: Trace,
    now: Time,
    /// The session of sign-ins.
    session: SessionId,
}

impl Told {
    fn new() -> Self {
        Self::of(STORY)
    }

    /// With another kind of device, written as in a story.
    fn with_token(token: &str) -> Self {
        Self::of(&STORY.replace("token: {}", &format!("token: {token}")))
    }

    fn of(story: &str) -> Self {
        let story = Story::read(story, "traces.yaml").unwrap();
        Self { story, trace: Trace::new(), now: Time::ZERO, session: SESSION }
    }

    /// Continues in another session.
    fn anew(self) -> Self {
        Self { session: SessionId(self.session.0 + 1), ..self }
    }

    /// Adds an event caused by the previous one.
    fn then(mut self, by: Actor, kind: EventKind) -> Self {
        let last = self.trace.events().len().checked_sub(1);
        let cause = last.map(EventId::at);
        self.trace.record(Event { at: self.now, by, cause, kind });
        self
    }

    /// Adds an event caused by the event `back` places before (1 is the last).
    fn because_of(mut self, back: usize, by: Actor, kind: EventKind) -> Self {
        let cause = Some(EventId::at(self.trace.events().len() - back));
        self.trace.record(Event { at: self.now, by, cause, kind });
        self
    }

    fn after(mut self, span: Span) -> Self {
        self.now += span;
        self.trace.wait_until(self.now);
        self
    }

    fn asks(self, action: Control, typed: Typed) -> Self {
        self.then(ANA, EventKind::Requested { browser: BROWSER, action, typed })
    }

    /// The time step that a correct clock shows now.
    fn step(&self) -> u64 {
        otp::step_at(self.story.epoch.unix_secs(self.now))
    }

    fn with_password(self) -> Self {
        let session = self.session;
        self.asks(Control::SubmitPassword, Typed::Password(Some(ACCOUNT)))
            .then(Actor::Console, EventKind::PasswordAccepted { session, account: ACCOUNT })
    }

    fn with_code(self, device: DeviceId, step: u64) -> Self {
        let session = self.session;
        let accepted = EventKind::MfaAccepted { session, account: ACCOUNT, device, step };
        self.asks(Control::SubmitCode, Typed::Code { device, step }).then(Actor::Console, accepted)
    }

    /// Types two codes on the re-sync page; the service reports `drift`.
    fn with_pair(self, first: u64, apart: i16, drift: i32) -> Self {
        let session = self.session;
        let resynced = EventKind::Resynced { session, account: ACCOUNT, device: TOKEN, drift };
        self.asks(Control::SubmitPair, Typed::Pair { device: TOKEN, first, apart })
            .then(Actor::Console, resynced)
    }

    /// Assigns a new device.
    fn assigned(self, device: DeviceId, first: u64) -> Self {
        let session = self.session;
        let assigned = EventKind::DeviceAssigned { session, account: ACCOUNT, device };
        self.asks(Control::FinishAssign, Typed::Pair { device, first, apart: 1 })
            .then(Actor::Console, assigned)
    }

    fn signed_in(self, way: Way) -> Self {
        let session = self.session;
        self.then(Actor::Console, EventKind::SignedIn { session, account: ACCOUNT, way })
    }

    fn mailed_link(self) -> Self {
        let ordered = EventKind::MailOrdered {
            outbox: OutboxId(0),
            kind: MailKind::Verification,
            to: AddressId(0),
            link: Some(LinkId(0)),
        };
        let kind = Some(MailKind::Verification);
        let taken = EventKind::MailTaken { mail: MailId(0), to: AddressId(0), kind };
        self.asks(Control::SendEmail, Typed::Nothing)
            .then(
                Actor::Console,
                EventKind::LinkIssued { link: LinkId(0), session: SESSION, account: ACCOUNT },
            )
            .then(Actor::Console, ordered)
            .then(Actor::MailProvider, taken)
    }

    fn confirmed_link(self) -> Self {
        self.asks(Control::ConfirmLink, Typed::Link(MailId(0)))
            .then(Actor::Console, EventKind::LinkConfirmed { link: LinkId(0), session: SESSION })
    }

    fn called(self, number: &str) -> Self {
        let number = Number::read(number).unwrap();
        self.asks(Control::CallMe, Typed::Nothing)
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
            let kind = Some(kind);
            self =
                self.then(Actor::MailProvider, EventKind::MailTaken { mail: MailId(9), to: address, kind });
        }
        self
    }

    /// The findings of one oracle.
    fn findings(&self, oracle: &str) -> Vec<Finding> {
        let rules = ALL.iter().find(|known| known.id == oracle).map(|known| known.rules);
        let rules = rules.unwrap_or_else(|| panic!("there is no oracle `{oracle}`"));
        let all = judge(&self.trace, &self.story, &Norm::NIST);
        assert_eq!(
            all,
            judge_everything(&self.trace, &self.story, &Norm::NIST),
            "dispatch.rs leaves something out"
        );
        let findings: Vec<Finding> = all.into_iter().filter(|finding| finding.oracle == oracle).collect();
        for finding in &findings {
            assert!(rules.iter().any(|rule| rule.id == finding.rule), "{} is not listed", finding.rule);
            RAISED.with_borrow_mut(|raised| raised.insert(finding.rule));
        }
        findings
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
