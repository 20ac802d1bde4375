//! Between the pick-up and the document: tones, and machine detection before or beside the document.

use crate::base::time::{Span, Time};
use crate::event::{AnsweredBy, EventKind};
use crate::fault::Connect;
use crate::message::{Speech, WebhookBody};
use crate::providers::phone::Output;
use crate::providers::phone::call::{Call, Phase};
use crate::providers::phone::call_context::CallContext;

/// Time from the detection of voicemail to the beep after its greeting.
const GREETING: Span = Span::from_secs(8);

/// Twilio's `MachineDetectionTimeout`.
const TIMEOUT: Span = Span::from_secs(30);

impl Call {
    /// Goes on after the pick-up.
    pub(super) fn begin_talk(&mut self, now: Time, board: &mut CallContext) {
        if !self.wishes.tones.is_empty() {
            return self.send_tones(now, board);
        }
        if !self.order.machine_detection {
            return self.open(now, board);
        }
        let ends = now + self.detection_takes(board);
        if self.wishes.is_detection_async {
            self.detects_at = Some(ends);
            self.open(now, board);
        } else {
            // Blocking detection, Twilio's default: the document is requested after the result.
            self.phase = Phase::Detecting { until: ends };
        }
    }

    fn send_tones(&mut self, now: Time, board: &mut CallContext) {
        let tones = self.wishes.tones;
        self.phase = Phase::SendingTones { until: now + tones.lasts() };
        if self.is_heard() {
            let speech = Speech::Text(format!("(tones: {})", tones.reveal()).into());
            board.put(Output::Said { call: self.id, speech });
        }
    }

    fn detection_takes(&self, board: &CallContext) -> Span {
        let waits = self.wishes.until_message_end && is_machine(self.who_answered());
        let takes = board.habits.detects_after + if waits { GREETING } else { Span::ZERO };
        takes.min(self.wishes.detection_timeout.unwrap_or(TIMEOUT))
    }

    /// Who answers, as machine detection sees it, perhaps wrongly.
    fn who_answered(&self) -> AnsweredBy {
        match self.verdict.connect {
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
        }
    }

    /// The result in the words of the kind of detection that the order asks for. Detection that has not
    /// ended in time knows nothing.
    fn detection_result(&self, board: &CallContext) -> AnsweredBy {
        let ends = self.wishes.until_message_end;
        let whole = board.habits.detects_after + if ends { GREETING } else { Span::ZERO };
        let by = self.who_answered();
        if !is_machine(by) {
            by
        } else if whole > self.wishes.detection_timeout.unwrap_or(TIMEOUT) {
            AnsweredBy::Unknown
        } else if !ends {
            AnsweredBy::MachineStart
        } else if by == AnsweredBy::MachineStart {
            AnsweredBy::MachineEndBeep
        } else {
            by
        }
    }

    /// Blocking detection has ended.
    pub(super) fn detected(&mut self, now: Time, board: &mut CallContext) {
        self.note_detection(board);
        self.open(now, board);
    }

    /// Asynchronous detection has ended, while the call goes on.
    pub(super) fn detected_beside(&mut self, now: Time, board: &mut CallContext) {
        self.detects_at = None;
        self.note_detection(board);
        if let (Some(hook), Some(taken)) = (self.wishes.detection_callback, self.taken) {
            let millis = u32::try_from(now.since(taken.at).as_millis()).unwrap_or(u32::MAX);
            let webhook = self.webhook(hook, WebhookBody::Detected(millis));
            board.call_back(self.id, webhook, now);
        }
    }

    fn note_detection(&mut self, board: &mut CallContext) {
        let answered_by = self.detection_result(board);
        self.answered_by = Some(answered_by);
        board.tell(EventKind::MachineDetected { call: self.id, answered_by });
    }
}

const fn is_machine(answered_by: AnsweredBy) -> bool {
    match answered_by {
        AnsweredBy::MachineStart
        | AnsweredBy::MachineEndBeep
        | AnsweredBy::MachineEndSilence
        | AnsweredBy::MachineEndOther => true,
        AnsweredBy::Human | AnsweredBy::Fax | AnsweredBy::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::CallVerdict;
    use crate::message::{CallWishes, Events, Tones};
    use crate::providers::phone::harness::{Rehearsal, body, own, url};

    /// A call that voicemail answers after 20 s of ringing, at 25 s.
    fn to_voicemail(wishes: CallWishes, taken_for: AnsweredBy) -> Rehearsal {
        let mut rehearsal = Rehearsal::foreign(["<Pause length='60'/>".into()]);
        rehearsal.verdicts =
            vec![CallVerdict { connect: Connect::Voicemail(taken_for), ..CallVerdict::default() }];
        rehearsal.order.machine_detection = true;
        rehearsal.wishes = wishes;
        rehearsal
    }

    #[test]
    fn detection_of_the_message_end_waits_for_the_beep() {
        let until_message_end = CallWishes { until_message_end: true, ..CallWishes::NONE };
        let short = CallWishes { detection_timeout: Some(Span::from_secs(6)), ..until_message_end };
        for (wishes, taken_for, expected) in [
            (CallWishes::NONE, AnsweredBy::MachineStart, "29 detected: machine_start"),
            (CallWishes::NONE, AnsweredBy::MachineEndOther, "29 detected: machine_start"),
            (until_message_end, AnsweredBy::MachineStart, "37 detected: machine_end_beep"),
            (until_message_end, AnsweredBy::MachineEndSilence, "37 detected: machine_end_silence"),
            (until_message_end, AnsweredBy::Human, "29 detected: human"),
            (short, AnsweredBy::MachineStart, "31 detected: unknown"),
        ] {
            let (at, result) = expected.split_once(" detected: ").unwrap();
            let fetch = format!("{at} → fetch in-progress by {result} at GET 1\n{at} document of Fetch");
            to_voicemail(wishes, taken_for).check_talk("0 order", &format!("{expected}\n{fetch}"));
        }
    }

    #[test]
    fn asynchronous_detection_delays_no_document_and_is_reported() {
        let wishes =
            CallWishes { is_detection_async: true, detection_callback: Some(url(7)), ..CallWishes::NONE };
        to_voicemail(wishes, AnsweredBy::MachineStart).check_talk(
            "0 order",
            "25 → fetch in-progress at GET 1\n25 document of Fetch\n29 detected: machine_start",
        );
        let mut rehearsal = to_voicemail(wishes, AnsweredBy::Human);
        rehearsal.order.status = Some((own(crate::event::WebhookKind::Status), Events::COMPLETED));
        rehearsal.check_line(
            "0 order",
            "0 taken: +34600000001
             0 queued
             0 reply 201
             1 initiated
             5 ringing
             25 in-progress
             29 → detected by human in 4000 at POST 7
             85 completed
             85 → #0 completed by human after 60s @1085",
        );
        // A call that has ended before is not reported.
        let mut rehearsal = to_voicemail(wishes, AnsweredBy::MachineStart);
        rehearsal.fetch = vec!["<Hangup/>".into()];
        rehearsal.check_talk("0 order", "25 → fetch in-progress at GET 1\n25 document of Fetch");
    }

    #[test]
    fn tones_come_before_the_document_and_switch_detection_off() {
        let mut rehearsal = Rehearsal::inline(body("<Say>Hello.</Say>"));
        rehearsal.order.machine_detection = true;
        rehearsal.wishes = CallWishes { tones: Tones::read("W1w2#").unwrap(), ..CallWishes::NONE };
        rehearsal.check_talk("0 order\n8 pick up", "8 hears: (tones: 12#)\n10.25 hears: Hello.");
    }
}
