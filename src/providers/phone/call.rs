//! One call: its number, its progress, and the event it waits for.
//!
//! [`dial`](super::dial) covers the call up to the pick-up, [`talk`](super::talk) covers it from there, and
//! this file covers its end.

use crate::base::id::CallId;
use crate::base::number::Number;
use crate::base::time::{Span, Time};
use crate::event::{AnsweredBy, CallStatus, EventKind};
use crate::fault::{CallVerdict, Connect};
use crate::message::{
    Authenticity, Body, CallCreate, CallWishes, Hook, Sid, StatusReport, Webhook, WebhookBody,
};
use crate::providers::phone::Output;
use crate::providers::phone::call_context::CallContext;
use crate::providers::phone::company::Order;
use crate::providers::phone::document_run::Script;
use crate::providers::phone::keypad::Keypad;
use crate::providers::phone::talk::PendingFetch;

/// One call accepted by the phone company.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) id: CallId,
    pub(super) order: CallCreate,
    pub(super) wishes: CallWishes,
    pub(super) verdict: CallVerdict,
    pub(super) phase: Phase,
    pub(super) taken: Option<Taken>,
    /// Deadline for cancelling the call if nobody has picked up.
    canceled_at: Option<Time>,
    pub(super) answered_by: Option<AnsweredBy>,
    /// When machine detection beside the call ends.
    pub(super) detects_at: Option<Time>,
    pub(super) keypad: Keypad,
    pub(super) documents: u8,
    /// The time in the queue behind other calls.
    waited: Span,
    /// Document sent inline with the order, until it runs.
    pub(super) document: Option<Body>,
    /// Address of the running document; `None` if it came with the order.
    pub(super) fetched_from: Option<Hook>,
    /// Whether the fallback was requested. It is requested at most once.
    pub(super) fell_back: bool,
    sid: Sid,
    log: Log,
    /// Number of status callbacks sent: the next `SequenceNumber`.
    callbacks: u8,
}

/// The event that a call waits for.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// Leaving the queue; `None` means never.
    Queued { until: Option<Time> },
    /// The end of dialling.
    Dialled { until: Time },
    /// A pick-up. At `until`, voicemail answers or the call ends.
    Ringing { until: Time },
    /// The result of machine detection.
    Detecting { until: Time },
    /// The end of the tones.
    SendingTones { until: Time },
    /// A document from the service.
    Asking(PendingFetch),
    /// The next step of its document.
    Running(Script),
    /// Nothing: the call has ended.
    Over,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) at: Time,
    pub(super) by: Taker,
    /// When the line is cut, whatever the call is doing.
    pub(super) line_until: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taker {
    Person,
    Voicemail,
}

impl Call {
    pub(super) fn take(
        now: Time,
        id: CallId,
        sid: Sid,
        (order, document, wishes): Order,
        verdict: CallVerdict,
        board: &mut CallContext,
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
            | Connect::Voicemail(_) => {
                let usual = now + board.habits.queue + verdict.queued;
                Some((usual, board.queue.leaves(usual)))
            }
        };
        let mut call = Self {
            id,
            order,
            wishes,
            verdict,
            phase: Phase::Queued { until: until.map(|(_, leaves)| leaves) },
            waited: until.map_or(Span::ZERO, |(usual, leaves)| leaves.since(usual)),
            taken: None,
            canceled_at: verdict.canceled.map(|after| now + after),
            answered_by: None,
            detects_at: None,
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

    /// Handles the timer of the current phase.
    pub(super) fn go_on(&mut self, now: Time, board: &mut CallContext) {
        match self.phase {
            Phase::Queued { .. } => self.dial(now, board),
            Phase::Dialled { .. } => self.connect(now, board),
            Phase::Ringing { .. } => self.rings_no_more(now, board),
            Phase::Detecting { .. } => self.detected(now, board),
            Phase::SendingTones { .. } => self.open(now, board),
            Phase::Asking(_) => self.ask_again(board),
            Phase::Running(_) => self.read_on(now, board),
            Phase::Over => {}
        }
    }

    pub(super) fn drop_line(&mut self, now: Time, board: &mut CallContext) {
        self.end(now, CallStatus::Completed, None, board);
    }

    /// Cancels the call: `Status=canceled` of Twilio's REST API, allowed while a call is queued or ringing
    /// (TW-call).
    ///
    /// Decision: the far end answers a canceled INVITE with 487 (RFC 3261 section 9.2). A call that was
    /// never dialled has no SIP code.
    pub(super) fn cancel(&mut self, now: Time, board: &mut CallContext) {
        let sip = (!matches!(self.phase, Phase::Queued { .. })).then_some(487);
        self.end(now, CallStatus::Canceled, sip, board);
    }

    /// Hangs up; while the handset rings, this declines the call.
    ///
    /// Decision: carriers report a declined call as busy or as no answer, with 486 or 603 (TW-declined);
    /// here it is busy, with 486.
    pub(super) fn hang_up(&mut self, now: Time, board: &mut CallContext) {
        if self.rings() {
            self.end(now, CallStatus::Busy, Some(486), board);
        } else if self.is_heard() {
            let recorded = self.cut_recording(now);
            self.end(now, CallStatus::Completed, None, board);
            // The response is ignored, because the call has ended.
            if let Some((recorded, Some(hook))) = recorded {
                board.ask(self.webhook(hook, WebhookBody::Recorded(recorded)));
            }
        }
    }

    /// Ends the call. `sip` is the far end's response code, if known.
    pub(super) fn end(&mut self, now: Time, status: CallStatus, sip: Option<u16>, board: &mut CallContext) {
        self.enter(Phase::Over, board);
        self.document = None;
        let rang = self.log().iter().any(|(_, status)| *status == CallStatus::Ringing) && !self.is_diverted();
        self.becomes(now, status, board);
        if rang {
            board.put(Output::Ended { call: self.id, status });
        }
        self.report(now, sip, board);
    }

    /// Switches to `phase`. Leaving a Gather stops listening for keys.
    pub(super) fn enter(&mut self, phase: Phase, board: &mut CallContext) {
        let listened = matches!(&self.phase, Phase::Running(script) if script.listens());
        self.phase = phase;
        if listened && self.is_heard() {
            board.put(Output::Listens { call: self.id, keys: None });
        }
    }

    pub(super) fn becomes(&mut self, now: Time, status: CallStatus, board: &mut CallContext) {
        self.log.push(now, status);
        board.tell(EventKind::StatusChanged { call: self.id, status });
    }

    /// Sends a status callback if the order subscribes to the current status.
    pub(super) fn report(&mut self, now: Time, sip: Option<u16>, board: &mut CallContext) {
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
        let webhook = self.webhook(hook, WebhookBody::Status(report));
        board.call_back(self.id, webhook, now);
    }

    pub(super) fn webhook(&self, hook: Hook, body: WebhookBody) -> Webhook {
        Webhook {
            hook,
            from: self.order.from,
            sid: self.sid,
            to: self.order.to,
            signature: Authenticity::Valid,
            status: self.status(),
            answered_by: self.answered_by,
            body,
        }
    }

    /// When the timer of the current phase fires.
    pub(super) fn due(&self) -> Option<Time> {
        match &self.phase {
            Phase::Queued { until } => *until,
            Phase::Dialled { until }
            | Phase::Ringing { until }
            | Phase::Detecting { until }
            | Phase::SendingTones { until } => Some(*until),
            Phase::Asking(asking) => asking.again(),
            Phase::Running(script) => Some(script.until()),
            Phase::Over => None,
        }
    }

    /// The cancellation deadline; `None` once the call was picked up.
    pub(super) fn canceled_at(&self) -> Option<Time> {
        self.canceled_at.filter(|_| self.taken.is_none())
    }

    /// When the line is cut, whatever the call is doing.
    pub(super) fn line_until(&self) -> Option<Time> {
        self.taken.map(|taken| taken.line_until)
    }

    /// Whether the handset rings.
    pub fn rings(&self) -> bool {
        matches!(self.phase, Phase::Ringing { .. }) && !self.is_diverted()
    }

    /// Whether the handset stays silent because voicemail answers or it declines automatically.
    pub(super) const fn is_diverted(&self) -> bool {
        matches!(self.verdict.connect, Connect::Voicemail(_) | Connect::Declined(_))
    }

    /// Whether a person has picked up.
    pub(super) fn is_heard(&self) -> bool {
        self.taken.is_some_and(|taken| taken.by == Taker::Person)
    }

    /// The id of the call.
    pub const fn id(&self) -> CallId {
        self.id
    }

    /// The call SID.
    pub const fn sid(&self) -> Sid {
        self.sid
    }

    /// The called number.
    pub const fn number(&self) -> Number {
        self.order.to
    }

    /// The calling number.
    pub const fn from(&self) -> Number {
        self.order.from
    }

    /// The status as reported in callbacks.
    pub fn status(&self) -> CallStatus {
        self.log().last().map_or(CallStatus::Queued, |(_, status)| *status)
    }

    /// The status as reported by the REST API. A dialled call is `queued` until it rings, because only
    /// callbacks report `initiated` (TW-call).
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

    /// All statuses with their start times, the current one last.
    pub fn log(&self) -> &[(Time, CallStatus)] {
        self.log.entries()
    }

    /// `queue_time`: the time in the queue behind other calls.
    pub const fn waited(&self) -> Span {
        self.waited
    }

    /// The result of machine detection, once known.
    pub const fn answered_by(&self) -> Option<AnsweredBy> {
        self.answered_by
    }

    /// Whether the call has ended.
    pub fn is_over(&self) -> bool {
        self.status().is_terminal()
    }

    /// `CallDuration`: seconds from the pick-up to the end, once the call has ended; 0 if nobody picked up.
    /// Partial seconds round up so that an answered call never reports 0. Twilio does not document its
    /// rounding.
    pub fn duration(&self) -> Option<u32> {
        let (end, status) = self.log().last()?;
        let lasted = self.taken.map_or(0, |taken| end.since(taken.at).as_millis());
        status.is_terminal().then(|| u32::try_from(lasted.div_ceil(1_000)).unwrap_or(u32::MAX))
    }
}

/// The statuses of a call in order: at most queued, initiated, ringing, in progress and the final one.
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
