//! One call: whom it is for, how far it has come, and what it waits for.
//!
//! How it moves on stands beside: [`dial`](super::dial) up to the pick-up, [`talk`](super::talk)
//! from there on, and the end here.

use crate::crossing::Body;
use crate::crossing::CallCreate;
use crate::crossing::Hook;
use crate::crossing::Proof;
use crate::crossing::Sid;
use crate::crossing::StatusReport;
use crate::crossing::Webhook;
use crate::crossing::WebhookBody;
use crate::event::AnsweredBy;
use crate::event::CallStatus;
use crate::event::EventKind;
use crate::fault::CallVerdict;
use crate::fault::Connect;
use crate::id::CallId;
use crate::number::Number;
use crate::time::Time;
use crate::voice::Output;
use crate::voice::keypad::Keypad;
use crate::voice::script::Script;
use crate::voice::switchboard::Switchboard;
use crate::voice::talk::Asking;

/// One call that the company has taken.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) id: CallId,
    pub(super) order: CallCreate,
    pub(super) verdict: CallVerdict,
    pub(super) phase: Phase,
    pub(super) taken: Option<Taken>,
    /// When it is canceled, unless it was picked up by then.
    canceled_at: Option<Time>,
    pub(super) answered_by: Option<AnsweredBy>,
    pub(super) keypad: Keypad,
    /// How many documents it has asked for.
    pub(super) documents: u8,
    /// What came with the order in place of an address, until it is run.
    pub(super) document: Option<Body>,
    /// Where the document that is run was fetched; `None` if it came with the order.
    pub(super) fetched_from: Option<Hook>,
    /// Whether the fallback was asked: that happens once.
    pub(super) fell_back: bool,
    sid: Sid,
    log: Log,
    /// How many status callbacks it has fired: the next `SequenceNumber`.
    callbacks: u8,
}

/// What a call waits for.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// To leave the queue; `None` is for ever.
    Queued { until: Option<Time> },
    /// To be put through, or not.
    Dialled { until: Time },
    /// To be picked up; `until` voicemail does it, or nobody.
    Ringing { until: Time },
    /// For machine detection.
    Detecting { until: Time },
    /// For a document.
    Asking(Asking),
    /// For what its document says.
    Running(Script),
    /// For nothing any more.
    Over,
}

/// That a call was picked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) at: Time,
    pub(super) by: Taker,
    /// When the line is cut, whatever goes on.
    pub(super) line_until: Time,
}

/// Who picks up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taker {
    Person,
    Voicemail,
}

impl Call {
    /// Takes an order; it is queued.
    pub(super) fn take(
        now: Time,
        id: CallId,
        sid: Sid,
        (order, document): (CallCreate, Option<Body>),
        verdict: CallVerdict,
        board: &mut Switchboard,
    ) -> Self {
        let until = match verdict.connect {
            Connect::Stuck => None,
            Connect::Rings
            | Connect::Refused(_)
            | Connect::Error(_)
            | Connect::TimesOut
            | Connect::NeverRings
            | Connect::Busy
            | Connect::Rejected(_)
            | Connect::Declined(_)
            | Connect::Voicemail(_) => Some(now + board.habits.queue + verdict.queued),
        };
        let mut call = Self {
            id,
            order,
            verdict,
            phase: Phase::Queued { until },
            taken: None,
            canceled_at: verdict.canceled.map(|after| now + after),
            answered_by: None,
            keypad: Keypad::new(verdict.keys),
            documents: 0,
            document,
            fetched_from: None,
            fell_back: false,
            sid,
            log: Log::EMPTY,
            callbacks: 0,
        };
        board.tell(EventKind::CallTaken { call: id, number: order.to });
        call.becomes(now, CallStatus::Queued, board);
        call
    }

    /// Its moment has come: goes on from where it waits.
    pub(super) fn go_on(&mut self, now: Time, board: &mut Switchboard) {
        match self.phase {
            Phase::Queued { .. } => self.dial(now, board),
            Phase::Dialled { .. } => self.connect(now, board),
            Phase::Ringing { .. } => self.rings_no_more(now, board),
            Phase::Detecting { .. } => self.detected(now, board),
            Phase::Asking(_) => self.ask_again(board),
            Phase::Running(_) => self.read_on(now, board),
            Phase::Over => {}
        }
    }

    /// The line is cut.
    pub(super) fn drop_line(&mut self, now: Time, board: &mut Switchboard) {
        self.end(now, CallStatus::Completed, None, board);
    }

    /// It is canceled at the company: `Status=canceled` of its REST API, which takes that of calls
    /// that are queued or ring (TW-call).
    ///
    /// Decision: the far end answers a canceled INVITE with 487 (RFC 3261 section 9.2); where
    /// nothing was dialled nobody has answered anything.
    pub(super) fn cancel(&mut self, now: Time, board: &mut Switchboard) {
        let sip = (!matches!(self.phase, Phase::Queued { .. })).then_some(487);
        self.end(now, CallStatus::Canceled, sip, board);
    }

    /// The handset is put down: while it rings that turns the call away.
    ///
    /// Decision: networks report that as busy or as no answer, with 486 or 603 (TW-declined);
    /// here it is busy, with 486.
    pub(super) fn hang_up(&mut self, now: Time, board: &mut Switchboard) {
        if self.rings() {
            self.end(now, CallStatus::Busy, Some(486), board);
        } else if self.is_heard() {
            self.end(now, CallStatus::Completed, None, board);
        }
    }

    /// It is over; `sip` is what the far end answered with, where that is known.
    pub(super) fn end(&mut self, now: Time, status: CallStatus, sip: Option<u16>, board: &mut Switchboard) {
        self.enter(Phase::Over, board);
        let rang = self.log().iter().any(|(_, status)| *status == CallStatus::Ringing) && !self.is_diverted();
        self.becomes(now, status, board);
        if rang {
            board.put(Output::Ended { call: self.id, status });
        }
        self.report(now, sip, board);
    }

    /// Leaves what it waited for: a Gather that is left listens no more.
    pub(super) fn enter(&mut self, phase: Phase, board: &mut Switchboard) {
        let listened = matches!(&self.phase, Phase::Running(script) if script.listens());
        self.phase = phase;
        if listened && self.is_heard() {
            board.put(Output::Listens { call: self.id, keys: None });
        }
    }

    /// From now on it has this status.
    pub(super) fn becomes(&mut self, now: Time, status: CallStatus, board: &mut Switchboard) {
        self.log.push(now, status);
        board.tell(EventKind::StatusChanged { call: self.id, status });
    }

    /// Tells the service of the status that it has now, if it wants to hear of that.
    pub(super) fn report(&mut self, now: Time, sip: Option<u16>, board: &mut Switchboard) {
        let Some((hook, _)) = self.order.status.filter(|(_, events)| events.has(self.status())) else {
            return;
        };
        let report = StatusReport {
            sequence: self.callbacks,
            unix_secs: board.epoch.unix_secs(now),
            duration: self.duration(),
            sip,
        };
        self.callbacks = self.callbacks.saturating_add(1);
        board.call_back(self.id, self.webhook(hook, WebhookBody::Status(report)));
    }

    /// A request to the service about this call as it stands.
    pub(super) fn webhook(&self, hook: Hook, body: WebhookBody) -> Webhook {
        Webhook {
            hook,
            from: self.order.from,
            sid: self.sid,
            to: self.order.to,
            signature: Proof::Valid,
            status: self.status(),
            answered_by: self.answered_by,
            body,
        }
    }

    /// When it goes on by itself.
    pub(super) fn due(&self) -> Option<Time> {
        match &self.phase {
            Phase::Queued { until } => *until,
            Phase::Dialled { until } | Phase::Ringing { until } | Phase::Detecting { until } => Some(*until),
            Phase::Asking(asking) => asking.again(),
            Phase::Running(script) => Some(script.until()),
            Phase::Over => None,
        }
    }

    /// When it is canceled: never once it was picked up.
    pub(super) fn canceled_at(&self) -> Option<Time> {
        self.canceled_at.filter(|_| self.taken.is_none())
    }

    /// When its line is cut, whatever goes on.
    pub(super) fn line_until(&self) -> Option<Time> {
        self.taken.map(|taken| taken.line_until)
    }

    /// Whether its handset rings.
    pub(super) fn rings(&self) -> bool {
        matches!(self.phase, Phase::Ringing { .. }) && !self.is_diverted()
    }

    /// Whether nobody hears it ring: voicemail answers for the handset, or it declines by itself.
    pub(super) const fn is_diverted(&self) -> bool {
        matches!(self.verdict.connect, Connect::Voicemail(_) | Connect::Declined(_))
    }

    /// Whether a person has picked it up.
    pub(super) fn is_heard(&self) -> bool {
        self.taken.is_some_and(|taken| taken.by == Taker::Person)
    }

    /// Its name.
    pub const fn id(&self) -> CallId {
        self.id
    }

    /// Its name on the wire.
    pub const fn sid(&self) -> Sid {
        self.sid
    }

    /// The number that is called.
    pub const fn number(&self) -> Number {
        self.order.to
    }

    /// The number that calls.
    pub const fn from(&self) -> Number {
        self.order.from
    }

    /// Its status, as callbacks know it.
    pub fn status(&self) -> CallStatus {
        self.log().last().map_or(CallStatus::Queued, |(_, status)| *status)
    }

    /// Its status, as the REST API knows it, where a call that is dialled counts as queued until
    /// it rings: `initiated` is a word of the callbacks alone (TW-call).
    pub fn rest_status(&self) -> CallStatus {
        match self.status() {
            CallStatus::Initiated => CallStatus::Queued,
            other @ (CallStatus::Queued
            | CallStatus::Ringing
            | CallStatus::InProgress
            | CallStatus::Completed
            | CallStatus::Busy
            | CallStatus::Failed
            | CallStatus::NoAnswer
            | CallStatus::Canceled) => other,
        }
    }

    /// Each status that it has had, and since when, the present one last.
    pub fn log(&self) -> &[(Time, CallStatus)] {
        self.log.entries()
    }

    /// What machine detection makes of whoever has picked up, once it knows.
    pub const fn answered_by(&self) -> Option<AnsweredBy> {
        self.answered_by
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.status().is_terminal()
    }

    /// `CallDuration`: from the pick-up to the end in seconds, once it is over; 0 if nobody picked
    /// up. A second that has begun counts, so that a call that was taken never reads as one that
    /// was not; how Twilio rounds is not known.
    pub fn duration(&self) -> Option<u32> {
        let (end, status) = self.log().last()?;
        let lasted = self.taken.map_or(0, |taken| end.since(taken.at).as_millis());
        status.is_terminal().then(|| u32::try_from(lasted.div_ceil(1_000)).unwrap_or(u32::MAX))
    }
}

/// The statuses of a call in order: at most queued, initiated, ringing, in progress and the end.
#[derive(Clone, Copy, Debug)]
struct Log {
    entries: [(Time, CallStatus); Self::MAX],
    len: usize,
}

impl Log {
    const MAX: usize = 5;
    const EMPTY: Self = Self { entries: [(Time::ZERO, CallStatus::Queued); Self::MAX], len: 0 };

    fn push(&mut self, at: Time, status: CallStatus) {
        assert!(!self.entries().last().is_some_and(|(_, last)| last.is_terminal()), "a call ends once");
        self.entries[self.len] = (at, status);
        self.len += 1;
    }

    fn entries(&self) -> &[(Time, CallStatus)] {
        &self.entries[..self.len]
    }
}
