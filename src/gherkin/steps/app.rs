//! Steps about apps outside: a recording of `lostkey serve`, and what came of it.
//!
//! The features that `POST /save` writes use these steps.

use std::str::FromStr;

use cucumber::{Parameter, then, when};

use crate::base::number::Number;
use crate::event::VerificationStatus;
use crate::gherkin::steps::moves::Moment;
use crate::gherkin::words::{BadWord, Count, Nth, PhoneNumber};
use crate::gherkin::{LostkeyWorld, StepFailure, StepResult, not_so, step};
use crate::report::unquoted;
use crate::wire::inbox::StoredMessage;

/// Any text in quotes, in which `\n` is a new line.
#[derive(Clone, Debug, PartialEq, Eq, Parameter)]
#[param(name = "words", regex = r#"(?:words){0}"[^"\\]*(?:\\.[^"\\]*)*""#)]
pub(super) struct Words(String);

impl FromStr for Words {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        unquoted(text).map(Self).ok_or_else(|| BadWord {
            says: format!("{text} has a backslash that means nothing"),
            help: r#"write `\"`, `\\`, `\n`, `\r`, `\t` or, for example, `\u{7}`"#.to_owned(),
        })
    }
}

crate::gherkin::parameter!(Words: "any text in quotes, with `\\n` for a new line", "\"Your code is 123456\"");

/// Whether the story has a recording.
fn has_recording(world: &LostkeyWorld) -> StepResult {
    let story = world.story()?;
    if story.recorded.is_some() {
        return Ok(());
    }
    Err(StepFailure::CannotBe(format!("the story `{}` has no recording of `lostkey serve`", story.name)))
}

step!(
    "Replays a recording of `lostkey serve` up to this time.",
    "When the recording is played until 00:00:10"
);
#[when(expr = "the recording is played until {moment}")]
async fn played_until(world: &mut LostkeyWorld, at: Moment) -> StepResult {
    has_recording(world)?;
    let now = world.look(|world| world.now())?;
    if at.0 < now {
        return not_so(format!("it is {now} already"));
    }
    world.until(at.0).await
}

step!("Replays a recording of `lostkey serve` to its end.", "When the recording is played to its end");
#[when("the recording is played to its end")]
async fn played_to_its_end(world: &mut LostkeyWorld) -> StepResult {
    has_recording(world)?;
    world.to_the_end().await
}

step!(
    "The call with this ordinal goes to this number and has this status.",
    "Then the 1st call, to \"+34600000001\", is \"completed\""
);
#[then(expr = "the {nth} call, to {phone}, is {string}")]
async fn call_is(world: &mut LostkeyWorld, nth: Nth, to: PhoneNumber, status: String) -> StepResult {
    let seen = world.look(|world| {
        let call = world.calls().get(usize::from(nth.0).checked_sub(1)?)?;
        Some((call.number(), call.status()))
    })?;
    match seen {
        None => not_so("there is no such call"),
        Some((number, _)) if number != to.0 => not_so(format!("it goes to {number}")),
        Some((_, is)) if is.label() != status => not_so(format!("it is \"{is}\"")),
        Some(_) => Ok(()),
    }
}

step!(
    "The text with this ordinal at a handset has these words.",
    "Then the 1st text at \"+34600000001\" says \"Your code is 123456\""
);
#[then(expr = "the {nth} text at {phone} says {words}")]
async fn text_says(world: &mut LostkeyWorld, nth: Nth, at: PhoneNumber, words: Words) -> StepResult {
    let texts = texts_at(world, at.0)?;
    match usize::from(nth.0).checked_sub(1).and_then(|place| texts.get(place)) {
        None => not_so(format!("{} texts have reached {}", texts.len(), at.0)),
        Some(body) if *body != words.0 => not_so(format!("it says \"{body}\"")),
        Some(_) => Ok(()),
    }
}

step!("This many texts have arrived at a handset.", "Then 2 texts have reached \"+34600000001\"");
#[then(expr = "{count} text(s) has/have reached {phone}")]
async fn texts_have_reached(world: &mut LostkeyWorld, count: Count, at: PhoneNumber) -> StepResult {
    let texts = texts_at(world, at.0)?;
    if texts.len() == count.0 as usize {
        return Ok(());
    }
    not_so(format!("{} texts have reached {}", texts.len(), at.0))
}

/// The texts that have arrived at a handset.
fn texts_at(world: &mut LostkeyWorld, number: Number) -> Result<Vec<String>, StepFailure> {
    world.look(|world| {
        let arrived = world.arrivals().iter().filter(|arrival| arrival.number == number);
        arrived.map(|arrival| arrival.body.to_string()).collect()
    })
}

step!(
    "An email of an app with this subject has arrived at this address.",
    "Then \"ana@example.com\" has an email with the subject \"Your code\""
);
#[then(expr = "{words} has an email with the subject {words}")]
async fn has_email(world: &mut LostkeyWorld, address: Words, subject: Words) -> StepResult {
    let Some(inbox) = world.stage()?.inbox() else {
        return Err(StepFailure::CannotBe("the story has no recording, so no app sends emails".to_owned()));
    };
    let all = inbox.newest_first();
    let is_to = |message: &&std::sync::Arc<StoredMessage>| {
        message.to().iter().any(|to| to.eq_ignore_ascii_case(&address.0))
    };
    let subjects: Vec<&str> =
        all.iter().filter(is_to).map(|message| message.summary().subject.as_str()).collect();
    if subjects.contains(&subject.0.as_str()) {
        return Ok(());
    }
    let seen = subjects.iter().map(|subject| format!("\"{subject}\"")).collect::<Vec<_>>().join(", ");
    not_so(if seen.is_empty() { "no email has arrived there".to_owned() } else { format!("it has {seen}") })
}

step!(
    "The last verification of this number or address has this status.",
    "Then the verification of \"+34600000001\" is \"approved\""
);
#[then(expr = "the verification of {words} is {string}")]
async fn verification_is(world: &mut LostkeyWorld, to: Words, status: String) -> StepResult {
    let seen: Option<VerificationStatus> = world.look(|world| {
        let mut newest_first = world.verify().verifications().iter().rev();
        let found = newest_first.find(|verification| verification.to().to_string() == to.0)?;
        Some(found.status(world.now()))
    })?;
    match seen {
        None => not_so(format!("{} has no verification", to.0)),
        Some(is) if is.label() != status => not_so(format!("it is \"{}\"", is.label())),
        Some(_) => Ok(()),
    }
}
