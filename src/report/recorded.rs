//! Writes what came of a recording of `lostkey serve` as a feature.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::base::number::Number;
use crate::base::time::Time;
use crate::event::{CallStatus, Trace, VerificationStatus};
use crate::policy::Norm;
use crate::report::quoted::quoted;
use crate::story::Story;
use crate::{oracle, story};

/// Something that was seen in a served world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When it was so.
    pub at: Time,
    /// What it was.
    pub what: Seen,
}

/// What was seen.
#[derive(Clone, PartialEq, Eq)]
pub enum Seen {
    /// The call with this ordinal, from 1, to this number has this status.
    Call(usize, Number, CallStatus),
    /// The text with this ordinal at this handset, from 1, has these words.
    Text(usize, Number, String),
    /// An email with this subject has arrived at this address.
    Email(String, String),
    /// The last verification of this number or address has this status.
    Verification(String, VerificationStatus),
    /// So many calls have been accepted.
    Calls(usize),
    /// So many texts have arrived at this handset.
    Texts(usize, Number),
}

impl std::fmt::Debug for Seen {
    /// Shows no texts, because they hold codes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

/// The feature of a story with a recording: plays it, and expects what was seen. What was seen at the end of the
/// recording has its time, or a later one. The findings of the oracles on `trace` are expected, too.
pub fn recorded_feature(story: &Story, name: &str, outcomes: &[Outcome], trace: &Trace) -> String {
    let mut out = String::new();
    let until = story.recorded.as_ref().map_or(Time::ZERO, |recording| recording.until);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "Feature: {name}\n  What `lostkey serve` saw until {}.\n\n  Scenario: {name} happens again\n    Given the story \"{name}\"\n",
        story::write_time(until),
    );
    let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
    sorted.sort_by_key(|outcome| outcome.at);
    let mut played = None;
    for outcome in sorted.iter().filter(|outcome| outcome.at < until) {
        if played == Some(outcome.at) {
            let _ = writeln!(out, "    And {}", sentence(&outcome.what));
        } else {
            let at = story::write_time(outcome.at);
            let says = sentence(&outcome.what);
            let _ = write!(out, "    When the recording is played until {at}\n    Then {says}\n");
            played = Some(outcome.at);
        }
    }
    out.push_str("    When the recording is played to its end\n");
    let mut last: Vec<String> =
        sorted.iter().filter(|outcome| outcome.at >= until).map(|outcome| sentence(&outcome.what)).collect();
    let found: BTreeSet<&str> =
        oracle::judge(trace, story, &Norm::NIST).iter().map(|finding| finding.oracle).collect();
    last.extend(found.iter().map(|oracle| format!("the oracle \"{oracle}\" objects")));
    for (place, says) in last.iter().enumerate() {
        let _ = writeln!(out, "    {} {says}", if place == 0 { "Then" } else { "And" });
    }
    out
}

fn sentence(seen: &Seen) -> String {
    match seen {
        Seen::Call(nth, to, status) => {
            format!("the {} call, to \"{to}\", is \"{}\"", ordinal(*nth), status.label())
        }
        Seen::Text(nth, at, body) => format!("the {} text at \"{at}\" says {}", ordinal(*nth), quoted(body)),
        Seen::Email(to, subject) => {
            format!("{} has an email with the subject {}", quoted(to), quoted(subject))
        }
        Seen::Verification(to, status) => {
            format!("the verification of {} is \"{}\"", quoted(to), status.label())
        }
        Seen::Calls(1) => "1 call was placed".to_owned(),
        Seen::Calls(count) => format!("{count} calls were placed"),
        Seen::Texts(1, at) => format!("1 text has reached \"{at}\""),
        Seen::Texts(count, at) => format!("{count} texts have reached \"{at}\""),
    }
}

/// `1st`, `22nd`, `13th`.
fn ordinal(nth: usize) -> String {
    let ending = match (nth % 10, nth % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{nth}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_end_as_in_english() {
        for (nth, is) in
            [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")]
        {
            assert_eq!(ordinal(nth), is);
        }
    }
}
