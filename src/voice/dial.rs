//! A call up to its pick-up: it is queued, dialled, put through, rings, and is taken or not.
//!
//! What becomes of it is its verdict's. Twilio's debugger would show 32016 for a call that never
//! rings; callbacks do not carry debugger codes.

use crate::crossing::WebhookBody;
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

/// How long a call may last: Twilio's `TimeLimit`, four hours unless an order says otherwise.
const LASTS_MAX: Span = Span::from_hours(4);

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
            | Connect::Voicemail(_) => board.habits.dial,
        };
        self.phase = Phase::Dialled { until: now + takes };
        self.report(now, None, board);
    }

    /// Is put through, or not.
    pub(super) fn connect(&mut self, now: Time, board: &mut Switchboard) {
        match self.verdict.connect {
            // An order that went unanswered, and was placed all the same, is a call like any other.
            Connect::Rings | Connect::Error(_) | Connect::TimesOut | Connect::Voicemail(_) => {
                self.ring(now, board);
            }
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
        // (voice.md 1.1); here the order's word is taken.
        let patience = Span::from_secs(self.order.ring_timeout.as_secs());
        let rings = if self.is_diverted() {
            VOICEMAIL_AFTER.min(Span::from_millis(patience.as_millis() / 2))
        } else {
            board.put(Output::Ring { call: self.id, number: self.order.to });
            patience
        };
        self.phase = Phase::Ringing { until: now + rings };
        self.report(now, None, board);
    }

    /// It has rung long enough: voicemail picks up, or nobody has.
    pub(super) fn rings_no_more(&mut self, now: Time, board: &mut Switchboard) {
        if self.is_diverted() {
            self.taken_by(Taker::Voicemail, now, board);
        } else {
            self.end(now, CallStatus::NoAnswer, Some(487), board);
        }
    }

    /// A person picks up, if it rings.
    pub(super) fn pick_up(&mut self, now: Time, board: &mut Switchboard) {
        if self.rings() {
            self.taken_by(Taker::Person, now, board);
        }
    }

    fn taken_by(&mut self, by: Taker, now: Time, board: &mut Switchboard) {
        let lasts = self.verdict.drops.map_or(LASTS_MAX, |drops| drops.min(LASTS_MAX));
        self.taken = Some(Taken { at: now, by, line_until: now + lasts });
        self.becomes(now, CallStatus::InProgress, board);
        self.report(now, None, board);
        if self.order.machine_detection {
            // Until the verdict the document is not asked for: Twilio's default, which blocks.
            self.phase = Phase::Detecting { until: now + board.habits.detects_after };
        } else {
            self.ask(WebhookBody::Fetch, now, board);
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
            | Connect::Rejected(_) => AnsweredBy::Human,
        };
        self.answered_by = Some(answered_by);
        board.tell(EventKind::MachineDetected { call: self.id, answered_by });
        self.ask(WebhookBody::Fetch, now, board);
    }
}

/// The status of a call that the far end or its carrier turned away, which happens before it rings.
/// A person who turns it away by hand puts the handset down instead.
///
/// Decision: 486 and 600 are SIP's two ways to be busy, 408 and 487 its ways to say that nobody
/// came; all else has failed, 480 (switched off) and 603 (declined) as well. That is what Twilio
/// reports for 480 as far as others have read it (voice.md 6.10, 6.11).
const fn status_of(sip: u16) -> CallStatus {
    match sip {
        486 | 600 => CallStatus::Busy,
        408 | 487 => CallStatus::NoAnswer,
        _ => CallStatus::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::CallVerdict;
    use crate::voice::rehearsal::Rehearsal;

    const TAKEN: &str = "0 taken: +34600000001\n0 queued\n0 reply 201\n";
    const DIALLED: &str = "1 initiated\n1 → #0 initiated @1001\n";
    const RINGS: &str = "5 ringing\n5 rings at +34600000001\n5 → #1 ringing @1005\n";

    /// Nobody does anything after the order; `rest` is what follows on the dialling.
    #[track_caller]
    fn check_verdict(verdict: CallVerdict, rest: &str) {
        Rehearsal::with(verdict).check_line("0 order", &format!("{TAKEN}{DIALLED}{rest}"));
    }

    fn connect(connect: Connect) -> CallVerdict {
        CallVerdict { connect, ..CallVerdict::default() }
    }

    #[test]
    fn nobody_picks_up_in_time() {
        let rest = "45 no-answer\n45 line ends: no-answer\n45 → #2 no-answer after 0s sip 487 @1045";
        check_verdict(CallVerdict::default(), &format!("{RINGS}{rest}"));
    }

    #[test]
    fn the_order_says_how_long_it_rings_in_whole_seconds() {
        let mut rehearsal = Rehearsal::default();
        rehearsal.order.ring_timeout = Span::from_millis(10_900);
        let rest = "15 no-answer\n15 line ends: no-answer\n15 → #2 no-answer after 0s sip 487 @1015";
        rehearsal.check_line("0 order", &format!("{TAKEN}{DIALLED}{RINGS}{rest}"));
    }

    #[test]
    fn the_call_is_turned_away_while_it_rings() {
        let rest = "9 busy\n9 line ends: busy\n9 → #2 busy after 0s sip 486 @1009";
        Rehearsal::default()
            .check_line("0 order\n9 hang up\n10 pick up", &format!("{TAKEN}{DIALLED}{RINGS}{rest}"));
    }

    #[test]
    fn nobody_can_act_on_a_call_that_does_not_ring_yet() {
        let early = "0 order\n0 pick up\n0.5 hang up\n2 pick up\n3 hang up\n4 press 1\n4 2 pick up";
        let rest = "45 no-answer\n45 line ends: no-answer\n45 → #2 no-answer after 0s sip 487 @1045";
        Rehearsal::default().check_line(early, &format!("{TAKEN}{DIALLED}{RINGS}{rest}"));
    }

    #[test]
    fn a_call_can_stay_in_the_queue_for_long_or_for_ever() {
        let late = CallVerdict { queued: Span::from_secs(300), ..CallVerdict::default() };
        let rest = "301 initiated\n301 → #0 initiated @1301\n305 busy\n305 → #1 busy after 0s sip 486 @1305";
        Rehearsal::with(CallVerdict { connect: Connect::Busy, ..late })
            .check_line("0 order", &format!("{TAKEN}{rest}"));
        Rehearsal::with(connect(Connect::Stuck)).check("0 order\n60 pick up\n90 hang up", TAKEN);
    }

    #[test]
    fn a_call_that_never_rings_fails_in_the_end() {
        check_verdict(connect(Connect::NeverRings), "31 failed\n31 → #1 failed after 0s @1031");
    }

    #[test]
    fn the_far_end_is_busy() {
        check_verdict(connect(Connect::Busy), "5 busy\n5 → #1 busy after 0s sip 486 @1005");
    }

    #[test]
    fn the_far_end_or_its_carrier_turns_the_call_away() {
        for (sip, status) in [
            (404, "failed"),
            (480, "failed"),
            (503, "failed"),
            (603, "failed"),
            (607, "failed"),
            (608, "failed"),
            (486, "busy"),
            (600, "busy"),
            (408, "no-answer"),
            (487, "no-answer"),
        ] {
            let rest = format!("5 {status}\n5 → #1 {status} after 0s sip {sip} @1005");
            check_verdict(connect(Connect::Rejected(sip)), &rest);
        }
    }

    #[test]
    fn voicemail_answers_for_a_handset_that_stays_silent() {
        let verdict = connect(Connect::Voicemail(AnsweredBy::MachineStart));
        Rehearsal::with(verdict).check(
            "0 order\n10 pick up\n26 press 123456\n28 hang up",
            "0 taken: +34600000001
             0 queued
             0 reply 201
             1 initiated
             1 → #0 initiated @1001
             1 callback initiated: 204
             5 ringing
             5 → #1 ringing @1005
             5 callback ringing: 204
             25 in-progress
             25 → #2 in-progress @1025
             25 → fetch in-progress
             25 callback in-progress: 204
             25 document of Fetch
             25 spoke: SomethingElse
             36 no digits
             36 spoke: SomethingElse
             42 completed
             42 → #3 completed after 17s @1042
             42 callback completed: 204",
        );
    }

    #[test]
    fn voicemail_is_quicker_than_a_short_patience() {
        let mut rehearsal = Rehearsal::with(connect(Connect::Voicemail(AnsweredBy::Human)));
        rehearsal.order.ring_timeout = Span::from_secs(12);
        rehearsal.fetch = vec!["<Hangup/>".into()];
        let rest = "5 ringing\n5 → #1 ringing @1005\n11 in-progress\n11 → #2 in-progress @1011\n\
                    11 completed\n11 → #3 completed after 0s @1011";
        rehearsal.check_line("0 order", &format!("{TAKEN}{DIALLED}{rest}"));
    }

    #[test]
    fn machine_detection_delays_the_document_and_can_be_wrong() {
        for (taken_for, word) in [
            (AnsweredBy::MachineStart, "machine_start"),
            (AnsweredBy::Human, "human"),
            (AnsweredBy::Unknown, "unknown"),
            (AnsweredBy::Fax, "fax"),
        ] {
            let mut rehearsal = Rehearsal::with(connect(Connect::Voicemail(taken_for)));
            rehearsal.order.machine_detection = true;
            rehearsal.fetch = vec!["<Say>Hello.</Say>".into()];
            let mut expected = format!("{TAKEN}{DIALLED}5 ringing\n5 → #1 ringing @1005\n25 in-progress\n");
            expected += "25 → #2 in-progress @1025\n35 completed\n";
            expected += &format!("35 → #3 completed by {word} after 10s @1035");
            rehearsal.clone().check_line("0 order", &expected);
            rehearsal.check_talk(
                "0 order",
                &format!("29 detected: {word}\n29 → fetch in-progress by {word}\n29 document of Fetch"),
            );
        }
    }

    #[test]
    fn machine_detection_takes_a_person_for_one() {
        let mut rehearsal = Rehearsal::default();
        rehearsal.order.machine_detection = true;
        rehearsal.check_talk(
            "0 order\n8 pick up\n9 press 1\n13 press 123456",
            "12 detected: human
             12 → fetch in-progress by human
             12 document of Fetch
             12 hears: Key in the code.
             13 gathered: 6
             13 → action in-progress by human [123456]
             13 document of Action
             13 hears: Thank you.",
        );
    }

    #[test]
    fn who_hangs_up_on_machine_detection_hears_nothing() {
        let mut rehearsal = Rehearsal::default();
        rehearsal.order.machine_detection = true;
        rehearsal.check_talk("0 order\n8 pick up\n10 hang up", "");
    }

    #[test]
    fn no_call_lasts_longer_than_four_hours() {
        let rest = "8 in-progress\n8 → #2 in-progress @1008\n14408 completed\n\
                    14408 line ends: completed\n14408 → #3 completed after 14400s @15408";
        for drops in [None, Some(Span::from_hours(5))] {
            let mut rehearsal = Rehearsal::with(CallVerdict { drops, ..CallVerdict::default() });
            rehearsal.fetch = vec!["<Pause length='14000'/><Pause length='14000'/>".into()];
            rehearsal.check_line("0 order\n8 pick up", &format!("{TAKEN}{DIALLED}{RINGS}{rest}"));
        }
    }
}
