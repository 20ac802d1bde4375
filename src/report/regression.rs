//! A story that fails, as a feature that a person can read and commit.

use std::fmt::Write;

use crate::oracle::Finding;
use crate::story;
use crate::story::Story;

/// The feature of a story that was saved as `name`: its moves, one step each, to the end, where the
/// oracles object as long as the flow is as it is.
///
/// It plays under `lostkey run` with the folder of the story as `--scenarios`.
pub fn feature(story: &Story, name: &str, finding: &Finding) -> String {
    let mut out = String::new();
    let says = capitalised(&finding.says);
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "Feature: {name}\n  Found by a drill; the oracle \"{}\" objects ({}, {}).\n\n  Scenario: {says}\n    Given the story \"{name}\"\n    When everybody acts by habit\n",
        finding.oracle,
        finding.rule,
        finding.verdict.label(),
    );
    for made in &story.moves {
        let who = story.people.get(made.who.index()).map_or("Nobody", |person| person.name.as_str());
        let (at, who) = (story::write_time(made.at), capitalised(who));
        let _ = writeln!(out, "    And at {at} {who} {}", story::phrase(made.does));
    }
    out.push_str("    Then the story comes to its end\n");
    out
}

/// With a capital letter in front.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
