//! Steps for a story that plays by its people's habits and timed moves.
//!
//! The features that a drill saves use these steps. The moves are part of the story; the feature
//! repeats them for its readers and fails if they differ.

use std::str::FromStr;

use cucumber::{Parameter, then, when};

use crate::base::time::Time;
use crate::gherkin::words::BadWord;
use crate::gherkin::{LostkeyWorld, StepFailure, StepResult, Who, not_so, step};
use crate::people::Act;
use crate::story;

/// A time in a story: `00:10:00`, `1d 02:30:00.250`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Parameter)]
#[param(name = "moment", regex = r"(?:[0-9]+d )?[0-9][0-9]:[0-9][0-9]:[0-9][0-9](?:\.[0-9]{1,3})?")]
pub(super) struct Moment(pub(super) Time);

impl FromStr for Moment {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        story::moment(text).map(Self).map_err(|says| BadWord {
            says,
            help: "write hours, minutes and seconds since the story began: `00:10:00`".to_owned(),
        })
    }
}

/// An act, in the phrasing of timed moves: `signs in with the password`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Parameter)]
#[param(name = "doing", regex = r"\S.*")]
pub(super) struct Task(Act);

impl FromStr for Task {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        story::act(text).map(Self).map_err(|bad| {
            let help = match &bad {
                story::BadPhrase::Unknown { near: Some(near), .. } => format!("did you mean \"{near}\"?"),
                _ => "write it as in the moves of a story".to_owned(),
            };
            BadWord { says: bad.to_string(), help }
        })
    }
}

crate::gherkin::parameter!(Moment: "a time since the beginning of the story", "00:10:00");
crate::gherkin::parameter!(Task: "an action, in the words of timed moves", "signs in with the password");

step!("All people act by habit, from the times that the story sets.", "When everybody acts by habit");
#[when(expr = "everybody acts by habit")]
async fn everybody_acts(world: &mut LostkeyWorld) -> StepResult {
    world.all_by_habit().await
}

step!(
    "Time passes until then, and the person makes this move of the story.",
    "When at 00:10:00 Mallory signs in with the password"
);
#[when(expr = "at {moment} {who} {doing}")]
async fn at_moment(world: &mut LostkeyWorld, at: Moment, who: Who, doing: Task) -> StepResult {
    let person = world.person(&who)?;
    let story = std::sync::Arc::clone(world.story()?);
    if !story.moves.iter().any(|made| (made.at, made.who, made.does) == (at.0, person, doing.0)) {
        let said = story::phrase(doing.0);
        return Err(StepFailure::CannotBe(format!("the story has no such move at that time: {said}")));
    }
    let now = world.look(|world| world.now())?;
    if at.0 < now {
        return not_so(format!("it is {now} already"));
    }
    world.until(at.0).await
}

step!(
    "Runs the story to its end, when its patience after the last fault and the last move is over.",
    "Then the story comes to its end"
);
#[then(expr = "the story comes to its end")]
async fn comes_to_its_end(world: &mut LostkeyWorld) -> StepResult {
    world.to_the_end().await
}
