//! A call up to its pick-up: it is queued, dialled, put through, rings, and is taken or not.
//!
//! What becomes of it is its verdict's. Twilio's debugger would show 32016 for a call that never
//! rings; callbacks do not carry debugger codes.

use crate::event::AnsweredBy;
use crate::event::CallStatus;
use crate::event::EventKind;
use crate::fault::Connect;
use crate::time::Span;
use crate::time::Time;
use crate::voice::Output;
use crate::voice::call::Call;
use crate::voice::call::Phase;
use crate::voice::call::Taken;
use crate::voice::call::Taker;
use crate::voice::switchboard::Switchboard;

/// How long it rings until voicemail picks up: four rings of five seconds, as most carriers have
/// it; less where the order's own patience is shorter than twice that.
const VOICEMAIL_AFTER: Span = Span::from_secs(4 * 5);

/// How long a handset that declines by itself lets it ring, unheard: less than a person needs.
const DECLINED_AFTER: Span = Span::from_secs(3);

impl Call {
    /// Leaves the queue.
    pub(super) fn dial(&mut self, now: Time, board: &mut Switchboard) {
        self.becomes(now, CallStatus::Initiated, board);
        let takes = match self.verdict.connect {
            Connect::NeverRings => board.habits.post_dial_delay,
            Connect::Rings
            | Connect::Refused(_)
            | Connect::Error(_)
            | Connect::TimesOut
            | Connect::Stuck
            | Connect::Busy
            | Connect::Rejected(_)
            | Connect::Declined(_)
            | Connect::Voicemail(_) => board.habits.dial,
        };
        self.phase = Phase::Dialled { until: now + takes };
        self.report(now, None, board);
    }

    /// Is put through, or not.
    pub(super) fn connect(&mut self, now: Time, board: &mut Switchboard) {
        match self.verdict.connect {
            // An order that went unanswered, and was placed all the same, is a call like any other.
            Connect::Rings
            | Connect::Error(_)
            | Connect::TimesOut
            | Connect::Declined(_)
            | Connect::Voicemail(_) => self.ring(now, board),
            // Twilio's debugger says 32016 to this; the callback has no SIP code.
            Connect::NeverRings => self.end(now, CallStatus::Failed, None, board),
            Connect::Busy => self.end(now, CallStatus::Busy, Some(486), board),
            Connect::Rejected(sip) => self.end(now, status_of(sip), Some(sip), board),
            Connect::Refused(_) => unreachable!("an order that is refused becomes no call"),
            Connect::Stuck => unreachable!("a call that is stuck is never dialled"),
        }
    }

    fn ring(&mut self, now: Time, board: &mut Switchboard) {
        self.becomes(now, CallStatus::Ringing, board);
        // Seconds are whole on the wire. Twilio warns that some carriers take five more
        // (TW-order); here the order's word is taken.
        let patience = Span::from_secs(self.order.ring_timeout.as_secs());
        let half = Span::from_millis(patience.as_millis() / 2);
        let rings = match self.verdict.connect {
            Connect::Voicemail(_) => VOICEMAIL_AFTER.min(half),
            Connect::Declined(_) => DECLINED_AFTER.min(half),
            Connect::Rings
            | Connect::Refused(_)
            | Connect::Error(_)
            | Connect::TimesOut
            | Connect::Stuck
            | Connect::NeverRings
            | Connect::Busy
            | Connect::Rejected(_) => {
                board.put(Output::Ring { call: self.id, number: self.order.to });
                patience
            }
        };
        self.phase = Phase::Ringing { until: now + rings };
        self.report(now, None, board);
    }

    /// It has rung long enough: voicemail picks up, the handset declines, or nobody has come.
    pub(super) fn rings_no_more(&mut self, now: Time, board: &mut Switchboard) {
        match self.verdict.connect {
            Connect::Voicemail(_) => self.taken_by(Taker::Voicemail, now, board),
            Connect::Declined(sip) => self.end(now, status_of_declined(sip), Some(sip), board),
            Connect::Rings
            | Connect::Refused(_)
            | Connect::Error(_)
            | Connect::TimesOut
            | Connect::Stuck
            | Connect::NeverRings
            | Connect::Busy
            | Connect::Rejected(_) => self.end(now, CallStatus::NoAnswer, Some(487), board),
        }
    }

    /// A person picks up, if it rings.
    pub(super) fn pick_up(&mut self, now: Time, board: &mut Switchboard) {
        if self.rings() {
            self.taken_by(Taker::Person, now, board);
        }
    }

    fn taken_by(&mut self, by: Taker, now: Time, board: &mut Switchboard) {
        let habit = board.habits.time_limit;
        let limit = self.order.time_limit.map_or(habit, |limit| habit.min(Span::from_secs(limit.as_secs())));
        let lasts = self.verdict.drops.map_or(limit, |drops| drops.min(limit));
        self.taken = Some(Taken { at: now, by, line_until: now + lasts });
        self.becomes(now, CallStatus::InProgress, board);
        self.report(now, None, board);
        if self.order.machine_detection {
            // Until the verdict the document is not asked for: Twilio's default, which blocks.
            self.phase = Phase::Detecting { until: now + board.habits.detects_after };
        } else {
            self.open(now, board);
        }
    }

    /// Machine detection knows who has picked up, or takes its guess for that.
    pub(super) fn detected(&mut self, now: Time, board: &mut Switchboard) {
        let answered_by = match self.verdict.connect {
            Connect::Voicemail(taken_for) => taken_for,
            Connect::Rings
            | Connect::Refused(_)
            | Connect::Error(_)
            | Connect::TimesOut
            | Connect::Stuck
            | Connect::NeverRings
            | Connect::Busy
            | Connect::Rejected(_)
            | Connect::Declined(_) => AnsweredBy::Human,
        };
        self.answered_by = Some(answered_by);
        board.tell(EventKind::MachineDetected { call: self.id, answered_by });
        self.open(now, board);
    }
}

/// The status of a call that the far end or its carrier turned away, which happens before it rings.
/// A person who turns it away by hand puts the handset down instead.
///
/// Decision: 486 and 600 are SIP's two ways to be busy, 408 and 487 its ways to say that nobody
/// came; all else has failed, 480 (switched off) and 603 (declined) as well. That is what Twilio
/// reports for 480 as far as others have read it (TW-unreachable).
const fn status_of(sip: u16) -> CallStatus {
    match sip {
        486 | 600 => CallStatus::Busy,
        408 | 487 => CallStatus::NoAnswer,
        _ => CallStatus::Failed,
    }
}

/// The status of a call that a handset turned away while it rang.
///
/// Decision: busy or no answer, as the code says (TW-declined); never failed, for it was put
/// through.
const fn status_of_declined(sip: u16) -> CallStatus {
    match sip {
        486 | 600 => CallStatus::Busy,
        _ => CallStatus::NoAnswer,
    }
}

#[cfg(test)]
mod tests;
