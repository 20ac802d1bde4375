//! A call up to its pick-up: queued, dialled, connected, ringing, and answered or not.
//!
//! The verdict decides the outcome. Twilio's debugger would show 32016 for a call that never rings;
//! callbacks do not carry debugger codes.

use crate::base::time::{Span, Time};
use crate::event::CallStatus;
use crate::fault::Connect;
use crate::providers::phone::Output;
use crate::providers::phone::call::{Call, Phase, Taken, Taker};
use crate::providers::phone::call_context::CallContext;

/// Ringing time until voicemail answers: four rings of five seconds, as with most carriers. Half of the
/// order's ring timeout if that is shorter.
const VOICEMAIL_AFTER: Span = Span::from_secs(4 * 5);

/// Unheard ringing time until a handset declines automatically. Shorter than a person needs to answer.
const DECLINED_AFTER: Span = Span::from_secs(3);

impl Call {
    pub(super) fn dial(&mut self, now: Time, board: &mut CallContext) {
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

    /// Finishes dialling: the call rings or fails.
    pub(super) fn connect(&mut self, now: Time, board: &mut CallContext) {
        match self.verdict.connect {
            // An order without a response whose call was placed is an ordinary call.
            Connect::Rings
            | Connect::Error(_)
            | Connect::TimesOut
            | Connect::Declined(_)
            | Connect::Voicemail(_) => self.ring(now, board),
            // Twilio's debugger shows 32016 here; the callback has no SIP code.
            Connect::NeverRings => self.end(now, CallStatus::Failed, None, board),
            Connect::Busy => self.end(now, CallStatus::Busy, Some(486), board),
            Connect::Rejected(sip) => self.end(now, status_of(sip), Some(sip), board),
            Connect::Refused(_) => unreachable!("an order that is refused becomes no call"),
            Connect::Stuck => unreachable!("a call that is stuck is never dialled"),
        }
    }

    fn ring(&mut self, now: Time, board: &mut CallContext) {
        self.becomes(now, CallStatus::Ringing, board);
        // The wire carries whole seconds. Twilio warns that some carriers add five seconds (TW-order); this
        // company does not.
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

    /// Ends the ringing: voicemail answers, the handset declines, or nobody answered.
    pub(super) fn rings_no_more(&mut self, now: Time, board: &mut CallContext) {
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

    /// A person picks up, if the handset rings.
    pub(super) fn pick_up(&mut self, now: Time, board: &mut CallContext) {
        if self.rings() {
            self.taken_by(Taker::Person, now, board);
        }
    }

    fn taken_by(&mut self, by: Taker, now: Time, board: &mut CallContext) {
        let habit = board.habits.time_limit;
        let limit = self.order.time_limit.map_or(habit, |limit| habit.min(Span::from_secs(limit.as_secs())));
        let lasts = self.verdict.drops.map_or(limit, |drops| drops.min(limit));
        self.taken = Some(Taken { at: now, by, line_until: now + lasts });
        self.becomes(now, CallStatus::InProgress, board);
        self.report(now, None, board);
        self.begin_talk(now, board);
    }
}

/// The status of a call that the far end or its carrier rejected before it rang. A person who declines by
/// hand hangs up instead.
///
/// Decision: SIP 486 and 600 mean busy, 408 and 487 mean no answer, and all other codes mean failed,
/// including 480 (switched off) and 603 (declined). Third parties report the same for 480 on Twilio
/// (TW-unreachable).
const fn status_of(sip: u16) -> CallStatus {
    match sip {
        486 | 600 => CallStatus::Busy,
        408 | 487 => CallStatus::NoAnswer,
        _ => CallStatus::Failed,
    }
}

/// The status of a call that a handset declined while it rang.
///
/// Decision: busy or no answer, depending on the code (TW-declined). Never failed, because the call was
/// connected.
const fn status_of_declined(sip: u16) -> CallStatus {
    match sip {
        486 | 600 => CallStatus::Busy,
        _ => CallStatus::NoAnswer,
    }
}

#[cfg(test)]
mod tests;
