//! A running document: its sentences, its waits, and the keys that count.
//!
//! Verbs run from top to bottom; at the end the call hangs up. [`Gather`](super::gather) has its own file.

use std::vec::IntoIter;

use crate::base::id::CallId;
use crate::base::time::{Span, Time};
use crate::event::{EventKind, Said};
use crate::message::{Digits, Hook, Key, KeysWanted, Record, RecordingEnd, Speech, Twiml, Verb};
use crate::providers::phone::Output;
use crate::providers::phone::call_context::CallContext;
use crate::providers::phone::gather::{Gathered, Gathering};

/// Duration of a spoken text: before the first word, and per word.
const SPEECH: (Span, Span) = (Span::from_millis(300), Span::from_millis(250));

fn by_words(speech: &Speech) -> Span {
    let (before, each) = SPEECH;
    before + each * speech.sentence().split_whitespace().count() as u64
}

/// Twilio's sentence in place of an unavailable document.
const APOLOGY: &str = "We are sorry, an application error has occurred. Goodbye.";

/// A document and its current position.
#[derive(Clone, Debug)]
pub(super) struct Script {
    verbs: IntoIter<Verb>,
    step: Step,
}

#[derive(Clone, Debug)]
enum Step {
    /// Speaking or pausing; keys are lost.
    Resting { until: Time },
    /// Collecting keys.
    Gathering(Gathering),
    /// Recording silence, because nobody speaks.
    Recording { record: Record, since: Time, until: Time },
}

/// The consequence of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing until [`Script::until`].
    Waits,
    /// Submit the digits to this address, or to the document's own address if `None`. The response replaces
    /// this document.
    Submits(Digits, Option<Hook>),
    /// Submit a recording of this length to this address, or to the document's own address if `None`.
    Records(Span, RecordingEnd, Option<Hook>),
    /// Replace this document with the one at this address, or at the document's own address if `None`.
    Redirects(Option<Hook>),
    /// Hang up.
    HangsUp,
}

/// The far end of the line, as seen by a document.
#[derive(Debug)]
pub(super) struct LineOut<'a> {
    pub(super) call: CallId,
    /// Whether a person is on the line.
    pub(super) listens: bool,
    /// Whether a foreign service ordered the call.
    pub(super) is_foreign: bool,
    pub(super) board: &'a mut CallContext,
}

impl LineOut<'_> {
    /// Speaks a sentence and returns its duration.
    pub(super) fn say(&mut self, speech: Speech, said: Said) -> Span {
        self.board.tell(EventKind::Spoke { call: self.call, said });
        // The reference service's sentences have similar lengths; a foreign document may speak a word or a
        // page.
        let takes = if self.is_foreign { by_words(&speech) } else { self.board.habits.sentence };
        if self.listens {
            self.board.put(Output::Said { call: self.call, speech });
        }
        takes
    }

    /// Lets the person on the line hear the beep before a recording.
    pub(super) fn beep(&mut self) {
        if self.listens {
            self.board.put(Output::Said { call: self.call, speech: Speech::Text("(beep)".into()) });
        }
    }

    /// Starts or stops listening for keys.
    pub(super) fn listen(&mut self, keys: Option<KeysWanted>) {
        if self.listens {
            self.board.put(Output::Listens { call: self.call, keys });
        }
    }
}

impl Script {
    /// Starts a document that has passed [`check`](crate::providers::phone::twiml::check).
    pub(super) fn begin(now: Time, document: Twiml) -> Self {
        Self { verbs: document.verbs.into_iter(), step: Step::Resting { until: now } }
    }

    /// Speaks the apology; afterwards the call hangs up, as at the end of any document.
    pub(super) fn apologise(&mut self, now: Time, ear: &mut LineOut<'_>) {
        let takes = ear.say(Speech::Text(APOLOGY.into()), Said::ApplicationError);
        self.step = Step::Resting { until: now + takes };
    }

    /// When the current step ends.
    pub(super) const fn until(&self) -> Time {
        match &self.step {
            Step::Resting { until } => *until,
            Step::Gathering(gathering) => gathering.until(),
            Step::Recording { until, .. } => *until,
        }
    }

    pub(super) const fn listens(&self) -> bool {
        matches!(&self.step, Step::Gathering(gathering) if gathering.takes_keys())
    }

    /// The length and the address of the recording that goes on.
    pub(super) fn recording(&self, now: Time) -> Option<(Span, Option<Hook>)> {
        match &self.step {
            Step::Recording { record, since, .. } => Some((now.since(*since), record.action)),
            Step::Resting { .. } | Step::Gathering(_) => None,
        }
    }

    /// Handles the end of the current step.
    pub(super) fn go_on(&mut self, now: Time, ear: &mut LineOut<'_>) -> Turn {
        match &mut self.step {
            Step::Resting { .. } => self.next(now, ear),
            Step::Gathering(gathering) => {
                let gathered = gathering.go_on(now, ear);
                self.after(gathered, now, ear)
            }
            Step::Recording { record, since, .. } => {
                Turn::Records(now.since(*since), RecordingEnd::Time, record.action)
            }
        }
    }

    /// Handles a key that arrived.
    pub(super) fn press(&mut self, key: Key, now: Time, ear: &mut LineOut<'_>) -> Turn {
        match &mut self.step {
            Step::Resting { .. } => Turn::Waits,
            Step::Gathering(gathering) => {
                let gathered = gathering.press(key, now);
                self.after(gathered, now, ear)
            }
            Step::Recording { record, since, .. } if record.ends_on(key) => {
                Turn::Records(now.since(*since), RecordingEnd::Key(key), record.action)
            }
            Step::Recording { .. } => Turn::Waits,
        }
    }

    fn after(&mut self, gathered: Gathered, now: Time, ear: &mut LineOut<'_>) -> Turn {
        match gathered {
            Gathered::NotYet => Turn::Waits,
            Gathered::Digits(digits, action) => Turn::Submits(digits, action),
            Gathered::NothingToTell(action) => {
                ear.board.tell(EventKind::NoDigits { call: ear.call });
                Turn::Submits(Digits::EMPTY, action)
            }
            Gathered::Nothing => {
                ear.board.tell(EventKind::NoDigits { call: ear.call });
                if self.listens() {
                    ear.listen(None);
                }
                self.step = Step::Resting { until: now };
                self.next(now, ear)
            }
        }
    }

    fn next(&mut self, now: Time, ear: &mut LineOut<'_>) -> Turn {
        let takes = match self.verbs.next() {
            Some(Verb::Say(speech)) => {
                let said = speech.said();
                ear.say(speech, said)
            }
            Some(Verb::Pause(length)) => whole(length),
            Some(Verb::Gather(gather)) => {
                self.step = Step::Gathering(Gathering::begin(gather, now, ear));
                return Turn::Waits;
            }
            Some(Verb::Record(record)) => {
                if record.beeps {
                    ear.beep();
                }
                let until = now + whole(record.timeout).min(whole(record.max_length));
                self.step = Step::Recording { record, since: now, until };
                return Turn::Waits;
            }
            Some(Verb::Redirect(hook)) => return Turn::Redirects(hook),
            Some(Verb::Hangup) | None => return Turn::HangsUp,
        };
        self.step = Step::Resting { until: now + takes };
        Turn::Waits
    }
}

/// Truncates to whole seconds, because TwiML cannot carry fractions on the wire.
pub(super) const fn whole(span: Span) -> Span {
    Span::from_secs(span.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Gather, HookReply};
    use crate::providers::phone::harness::{Answer, Rehearsal, document};

    #[test]
    fn verbs_are_run_from_top_to_bottom() {
        Rehearsal::fetching("<Say>One.</Say><Pause length='3'/><Say>Two.</Say><Hangup/><Say>Three.</Say>")
            .check_line(
                "0 order\n8 pick up",
                "0 taken: +34600000001
                 0 queued
                 0 reply 201
                 1 initiated
                 1 → #0 initiated @1001
                 5 ringing
                 5 rings at +34600000001
                 5 → #1 ringing @1005
                 8 in-progress
                 8 → #2 in-progress @1008
                 23 completed
                 23 line ends: completed
                 23 → #3 completed after 15s @1023",
            );
        Rehearsal::fetching("<Say>One.</Say><Pause length='3'/><Say>Two.</Say><Hangup/><Say>Three.</Say>")
            .check_talk(
                "0 order\n8 pick up",
                "8 → fetch in-progress\n8 document of Fetch\n8 hears: One.\n17 hears: Two.",
            );
    }

    #[test]
    fn how_long_a_sentence_takes_is_a_habit() {
        let mut rehearsal = Rehearsal::fetching("<Say>One.</Say><Say>Two.</Say>");
        rehearsal.habits.sentence = Span::from_millis(2_500);
        rehearsal.check_talk(
            "0 order\n8 pick up",
            "8 → fetch in-progress\n8 document of Fetch\n8 hears: One.\n10.5 hears: Two.",
        );
    }

    #[test]
    fn a_recording_ends_on_a_key_in_silence_at_its_length_or_when_the_person_hangs_up() {
        for (record, deeds, ends) in [
            ("<Record action='/2'/>", "10 press 5", "10 → recorded in-progress 2s Key(Key(53)) at POST 2"),
            ("<Record action='/2'/>", "", "13 → recorded in-progress 5s Time at POST 2"),
            ("<Record timeout='9' maxLength='7'/>", "", "15 → recorded in-progress 7s Time at POST 1"),
            (
                "<Record finishOnKey='#'/>",
                "9 press 5\n10.5 press #",
                "10.5 → recorded in-progress 3s Key(Key(35)) at POST 1",
            ),
            ("<Record/>", "10 hang up", "10 → recorded completed 2s HangUp at POST 1"),
        ] {
            let mut rehearsal = Rehearsal::foreign([record.into()]);
            rehearsal.action = vec!["<Hangup/>".into()];
            let answered =
                format!("8 → fetch in-progress at GET 1\n8 document of Fetch\n8 hears: (beep)\n{ends}");
            let at = ends.split(' ').next().unwrap();
            let after =
                if deeds.ends_with("hang up") { String::new() } else { format!("\n{at} document of Action") };
            rehearsal.check_talk(&format!("0 order\n8 pick up\n{deeds}"), &(answered + &after));
        }
        Rehearsal::inline(crate::providers::phone::harness::body("<Record playBeep='false' action='/2'/>"))
            .check_talk("0 order\n8 pick up\n9 complete", "");
    }

    #[test]
    fn a_redirect_fetches_the_document_again() {
        Rehearsal::answering(["<Pause/><Redirect/><Say>Never.</Say>".into(), "<Say>Two.</Say>".into()])
            .check_talk(
                "0 order\n8 pick up",
                "8 → fetch in-progress
                 8 document of Fetch
                 9 → fetch in-progress
                 9 document of Fetch
                 9 hears: Two.",
            );
    }

    /// Before the first document, during a Say, during a Pause.
    #[test]
    fn keys_that_no_gather_listens_for_are_lost() {
        let late = document("<Say>One.</Say><Pause/><Gather numDigits='2'/>");
        Rehearsal::answering([Answer::Later(Span::SECOND, Ok(late))]).check_talk(
            "0 order\n8 pick up\n8.5 press 1\n10 press 2\n15.5 press 3\n17 press 45",
            "8 → fetch in-progress
             9 document of Fetch
             9 hears: One.
             17 gathered: 2
             17 → action in-progress [45]
             17 document of Action
             17 hears: Thank you.",
        );
    }

    #[test]
    fn fractions_of_seconds_are_lost_as_on_the_wire() {
        let gather = Gather { timeout: Span::from_millis(2_900), ..Gather::default() };
        let verbs = vec![Verb::Pause(Span::from_millis(1_999)), Verb::Gather(gather)];
        Rehearsal::answering([HookReply::document(Twiml { verbs }).into()])
            .check_talk("0 order\n8 pick up", "8 → fetch in-progress\n8 document of Fetch\n11 no digits");
    }
}
