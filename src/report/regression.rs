//! Writes a failing story as a feature to read and commit.

use std::fmt::Write;

use crate::oracle::Finding;
use crate::story;
use crate::story::Story;

/// The feature of a story that was saved as `name`: one step per move, to the end. It fails as long
/// as the oracles object.
///
/// Run it with `lostkey run` and the folder of the story as `--scenarios`.
pub fn feature(story: &Story, name: &str, finding: &Finding) -> String {
    let mut out = String::new();
    let says = capitalised(&finding.says);
    // Writing to a string cannot fail.
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

/// The text with a capital first letter.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
