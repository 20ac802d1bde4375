//! A running `Gather`: its prompts, its keys, its timeout.
//!
//! Rules (TW-gather): keys count from the first prompt, and the first key stops the prompts. The timeout
//! starts at the end of the prompts and restarts with each key. The last of `numDigits`, the finishing key,
//! or the timeout submits the digits. Without digits the document continues, unless `actionOnEmptyResult`
//! is set.

use std::vec::IntoIter;

use crate::base::time::Time;
use crate::message::{Digits, Gather, Hook, Key, KeysWanted, Verb};
use crate::providers::phone::document_run::{LineOut, whole};

#[derive(Clone, Debug)]
pub(super) struct Gathering {
    /// The attributes; the prompts are stored separately.
    gather: Gather,
    /// The prompts not yet started.
    prompts: IntoIter<Verb>,
    digits: Digits,
    /// When the prompt or the timeout ends.
    until: Time,
    is_prompting: bool,
}

pub(super) enum Gathered {
    /// Still collecting.
    NotYet,
    /// Submit these digits to this address, or to the document's own address if `None`.
    Digits(Digits, Option<Hook>),
    /// No digits, but `actionOnEmptyResult` is set: request this address, or the document's own.
    NothingToTell(Option<Hook>),
    /// No digits; the document continues.
    Nothing,
}

impl Gathering {
    /// Starts the first prompt, or the timeout.
    pub(super) fn begin(mut gather: Gather, now: Time, ear: &mut LineOut<'_>) -> Self {
        if gather.takes_keys {
            let prompted = gather.prompts.iter().any(|verb| matches!(verb, Verb::Say(_)));
            ear.listen(Some(KeysWanted { num_digits: gather.num_digits, prompted }));
        }
        let prompts = std::mem::take(&mut gather.prompts).into_iter();
        let mut gathering = Self { gather, prompts, digits: Digits::EMPTY, until: now, is_prompting: true };
        gathering.prompt(now, ear);
        gathering
    }

    /// Starts the next prompt, or the timeout after the last one.
    fn prompt(&mut self, now: Time, ear: &mut LineOut<'_>) {
        let takes = match self.prompts.next() {
            Some(Verb::Say(speech)) => {
                let said = speech.said();
                ear.say(speech, said)
            }
            Some(Verb::Pause(length)) => whole(length),
            Some(Verb::Gather(_) | Verb::Redirect(_) | Verb::Record(_) | Verb::Hangup) => {
                unreachable!("a document with that inside a Gather is not begun")
            }
            None => {
                self.is_prompting = false;
                whole(self.gather.timeout)
            }
        };
        self.until = now + takes;
    }

    /// Handles the end of a prompt or of the timeout.
    pub(super) fn go_on(&mut self, now: Time, ear: &mut LineOut<'_>) -> Gathered {
        if self.is_prompting {
            self.prompt(now, ear);
            Gathered::NotYet
        } else {
            self.finish()
        }
    }

    pub(super) const fn takes_keys(&self) -> bool {
        self.gather.takes_keys
    }

    /// Handles a key that arrived.
    pub(super) fn press(&mut self, key: Key, now: Time) -> Gathered {
        if !self.gather.takes_keys {
            return Gathered::NotYet;
        }
        self.is_prompting = false;
        self.until = now + whole(self.gather.timeout);
        if self.gather.finish_on_key == Some(key) {
            return self.finish();
        }
        // A key beyond the limit is lost but still restarts the timeout.
        self.digits.push(key);
        if self.gather.is_full(&self.digits) { self.finish() } else { Gathered::NotYet }
    }

    /// When the current prompt or timeout ends.
    pub(super) const fn until(&self) -> Time {
        self.until
    }

    fn finish(&self) -> Gathered {
        if self.digits.is_empty() {
            if self.gather.action_on_empty {
                Gathered::NothingToTell(self.gather.action)
            } else {
                Gathered::Nothing
            }
        } else {
            Gathered::Digits(self.digits, self.gather.action)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::base::time::Span;
    use crate::providers::phone::harness::{Answer, Rehearsal, document};

    /// The document runs from the pick-up at 8 s; sentences take 6 s.
    #[track_caller]
    fn check(verbs: &str, deeds: &str, expected: &str) {
        let script = format!("0 order\n8 pick up\n{deeds}");
        let expected = format!("8 → fetch in-progress\n8 document of Fetch\n{expected}");
        Rehearsal::fetching(verbs).check_talk(&script, &expected);
    }

    /// (1) Keys are accepted while the prompts play, and the first key stops them.
    #[test]
    fn the_first_key_stops_the_prompt() {
        check(
            "<Gather numDigits='2'><Say>One.</Say><Say>Two.</Say></Gather>",
            "15 press 1\n17 press 2",
            "8 hears: One.
             14 hears: Two.
             17 gathered: 2
             17 → action in-progress [12]
             17 document of Action
             17 hears: Thank you.",
        );
        check(
            "<Gather numDigits='2'><Say>One.</Say><Pause length='9'/><Say>Two.</Say></Gather>",
            "9 press 1",
            "8 hears: One.
             14 gathered: 1
             14 → action in-progress [1]
             14 document of Action
             14 hears: Thank you.",
        );
    }

    /// (2) The timeout starts when the prompts end, or at the first key, and restarts with each key.
    #[test]
    fn the_time_out_starts_after_the_prompts_and_again_with_each_key() {
        check(
            "<Gather timeout='3'><Say>One.</Say><Pause length='2'/></Gather><Say>Bye.</Say>",
            "",
            "8 hears: One.\n19 no digits\n19 hears: Bye.",
        );
        check(
            "<Gather timeout='3'><Say>One.</Say></Gather>",
            "9 press 1\n11.9 press 2\n14.8 press 3",
            "8 hears: One.
             17.8 gathered: 3
             17.8 → action in-progress [123]
             17.8 document of Action
             17.8 hears: Thank you.",
        );
    }

    /// (3) The last of `numDigits`, the finishing key, or the timeout after a digit submits.
    #[test]
    fn digits_are_sent_when_they_are_all_there() {
        let action = |at: &str, digits: &str| {
            let count = digits.len();
            format!(
                "{at} gathered: {count}\n{at} → action in-progress [{digits}]\n{at} document of Action\n\
                 {at} hears: Thank you."
            )
        };
        check("<Gather numDigits='3'/>", "9 press 123", &action("9", "123"));
        check("<Gather/>", "9 press 1234567#", &action("9", "1234567"));
        check("<Gather numDigits='6'/>", "9 press 12#", &action("9", "12"));
        check("<Gather finishOnKey='*' numDigits='6'/>", "9 press 1#2*", &action("9", "1#2"));
        check("<Gather numDigits='6'/>", "9 press 12", &action("14", "12"));
        check("<Gather/>", "9 press 000042", &action("14", "000042"));
    }

    /// (3) The next document replaces this one: verbs after the Gather do not run.
    #[test]
    fn the_next_document_takes_the_place_of_the_first() {
        check(
            "<Gather numDigits='1'/><Say>Never.</Say>",
            "9 press 1",
            "9 gathered: 1\n9 → action in-progress [1]\n9 document of Action\n9 hears: Thank you.",
        );
    }

    /// (4) Without digits, on a timeout or the finishing key, the document continues.
    #[test]
    fn without_digits_the_document_goes_on() {
        check("<Gather/><Say>Bye.</Say>", "", "13 no digits\n13 hears: Bye.");
        check("<Gather/><Say>Bye.</Say>", "9 press #", "9 no digits\n9 hears: Bye.");
        check(
            "<Gather><Say>One.</Say></Gather><Gather><Say>Two.</Say></Gather>",
            "9 press #",
            "8 hears: One.\n9 no digits\n9 hears: Two.\n20 no digits",
        );
    }

    /// (4) Unless `actionOnEmptyResult` is set.
    #[test]
    fn the_service_can_ask_to_be_told_of_nothing() {
        let told = "no digits\n@ → action in-progress []\n@ document of Action\n@ hears: Thank you.";
        let gather = "<Gather actionOnEmptyResult='true'/><Say>Never.</Say>";
        check(gather, "", &format!("13 {}", told.replace('@', "13")));
        check(gather, "9 press #", &format!("9 {}", told.replace('@', "9")));
    }

    /// (5) Without a finishing key, `#` and `*` are ordinary digits.
    #[test]
    fn without_a_finishing_key_all_keys_are_data() {
        check(
            "<Gather finishOnKey='' numDigits='4'/>",
            "9 press #*1#",
            "9 gathered: 4\n9 → action in-progress [#*1#]\n9 document of Action\n9 hears: Thank you.",
        );
        check(
            "<Gather finishOnKey=''/>",
            "9 press #",
            "14 gathered: 1\n14 → action in-progress [#]\n14 document of Action\n14 hears: Thank you.",
        );
    }

    /// (6) The default action is the document's own address, so a service that returns the same document
    /// loops. `Redirect` loops the same way without keys.
    #[test]
    fn a_document_that_comes_back_again_and_again_ends() {
        let mut rehearsal = Rehearsal::fetching("<Gather numDigits='1'/>");
        rehearsal.action = rehearsal.fetch.clone();
        let presses: Vec<String> = (9..60).map(|at| format!("{at} press 1")).collect();
        let last = "39 gathered: 1\n39 → action in-progress [1]\n39 document of Action\n40 gathered: 1";
        let mut expected = "8 → fetch in-progress\n8 document of Fetch\n".to_owned();
        for at in 9..39 {
            expected +=
                &format!("{at} gathered: 1\n{at} → action in-progress [1]\n{at} document of Action\n");
        }
        rehearsal.check_talk(&format!("0 order\n8 pick up\n{}", presses.join("\n")), &(expected + last));

        let expected = "8 → fetch in-progress\n8 document of Fetch\n".repeat(32);
        Rehearsal::fetching("<Redirect/>").check_talk("0 order\n8 pick up", &expected);
    }

    /// (7) Hanging up during a Gather submits no digits.
    #[test]
    fn who_hangs_up_in_the_middle_sends_nothing() {
        check(
            "<Gather numDigits='6'><Say>One.</Say></Gather><Say>Bye.</Say>",
            "9 press 12345\n10 hang up\n11 press 6",
            "8 hears: One.",
        );
    }

    #[test]
    fn keys_beyond_the_last_are_lost_while_the_action_is_on_its_way() {
        let gather = "<Gather numDigits='2'/>";
        let mut rehearsal = Rehearsal::fetching(gather);
        let late = Answer::Later(Span::from_secs(2), Ok(document(gather)));
        rehearsal.action = vec![late, "<Say>Thank you.</Say>".into()];
        rehearsal.check_talk(
            "0 order\n8 pick up\n9 press 1234\n10 press 5\n12 press 67",
            "8 → fetch in-progress
             8 document of Fetch
             9 gathered: 2
             9 → action in-progress [12]
             11 document of Action
             12 gathered: 2
             12 → action in-progress [67]
             12 document of Action
             12 hears: Thank you.",
        );
    }

    #[test]
    fn a_gather_keeps_thirty_two_keys() {
        let keys = "12345678".repeat(5);
        check(
            "<Gather/>",
            &format!("9 press {keys}"),
            &format!(
                "14 gathered: 32\n14 → action in-progress [{}]\n14 document of Action\n14 hears: Thank you.",
                &keys[..32]
            ),
        );
    }
}
