//! Steps about several devices, identified by name.

use cucumber::{then, when};

use crate::base::id::{DeviceId, PersonId};
use crate::event::{Actor, EventKind, Notice, PageName};
use crate::gherkin::steps::account::{is_on_page, reads, sign_in};
use crate::gherkin::{LostkeyWorld, StepFailure, StepResult, Who, not_so, step};
use crate::people::{Act, CodeChoice, Outcome, PairChoice, PasswordChoice};

/// Finds a device by name, first among those of the person's account. Devices assigned later are
/// called `new device`, `new device 2` and so on.
pub(super) fn device(world: &LostkeyWorld, who: PersonId, name: &str) -> Result<DeviceId, StepFailure> {
    let story = world.story()?;
    if let Some(nth) = name.strip_prefix("new device") {
        let nth = if nth.is_empty() { Some(1) } else { nth.trim().parse::<u16>().ok() };
        let first = u16::try_from(story.devices.len()).unwrap_or(u16::MAX);
        if let Some(after) = nth.and_then(|nth| nth.checked_sub(1)) {
            return Ok(DeviceId(first.saturating_add(after)));
        }
    }
    let account = story.people.get(who.index()).map(|person| person.account);
    let named = |own: bool| {
        let mut devices = story.devices.iter();
        devices.position(|device| {
            device.name.eq_ignore_ascii_case(name) && (!own || Some(device.account) == account)
        })
    };
    let found = named(true).or_else(|| named(false)).and_then(|at| u16::try_from(at).ok());
    found.map(DeviceId).ok_or_else(|| {
        let names: Vec<&str> = story.devices.iter().map(|device| device.name.as_str()).collect();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        StepFailure::CannotBe(format!("the story has no device `{name}`; it has {known}"))
    })
}

/// Makes a device the one that the person uses.
async fn take(world: &mut LostkeyWorld, who: PersonId, name: &str) -> StepResult {
    let device = device(world, who, name)?;
    world.act(who, Act::Take(device)).await
}

step!("Uses this device from now on, by its name in the story.", r#"When Ana takes "token" in hand"#);
#[when(expr = "{who} take(s) {string} in hand")]
async fn takes(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    let who = world.person(&who)?;
    take(world, who, &name).await
}

step!("Enters the current code of this device.", r#"When Ana enters a code of "token""#);
#[when(expr = "{who} enter(s) a code of {string}")]
async fn enters_code_of(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    let who = world.person(&who)?;
    take(world, who, &name).await?;
    world.act(who, Act::EnterCode(CodeChoice::Shown)).await
}

step!("Enters two consecutive codes of this device.", r#"When Ana enters two consecutive codes of "token""#);
#[when(expr = "{who} enter(s) two consecutive codes of {string}")]
async fn enters_pair_of(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    let who = world.person(&who)?;
    take(world, who, &name).await?;
    world.act(who, Act::EnterPair(PairChoice::Consecutive)).await
}

step!(
    "Signs in with a code of this device.",
    r#"When Ana signs in with her user name, password and a code of "token""#
);
#[when(expr = "{who} sign(s) in with her/his/their/the user name, password and a code of {string}")]
async fn signs_in_with_code_of(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    let who = world.person(&who)?;
    take(world, who, &name).await?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::Shown)).await
}

step!(
    "Signs in with the code of another account in the same app.",
    "When Ana signs in with her user name, password and the code of the wrong entry"
);
#[when(expr = "{who} sign(s) in with her/his/their user name, password and the code of the wrong entry")]
async fn signs_in_with_wrong_entry(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::WrongEntry)).await
}

step!("Enters the code of another account in the same app.", "When Ana enters the code of the wrong entry");
#[when(expr = "{who} enter(s) the code of the wrong entry")]
async fn enters_wrong_entry(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::EnterCode(CodeChoice::WrongEntry)).await
}

step!(
    "Presses the button of a counter device without entering a code.",
    r#"When Ana presses the button of "token" 3 times"#
);
#[when(expr = "{who} press(es) the button of {string} {int} time(s)")]
async fn presses(world: &mut LostkeyWorld, who: Who, name: String, times: u16) -> StepResult {
    let who = world.person(&who)?;
    take(world, who, &name).await?;
    world.act(who, Act::Press(times)).await
}

step!("A sign-in with a code of this device is refused.", r#"Then the codes of "token" are refused"#);
#[then(expr = "the codes of {string} are refused")]
async fn codes_are_refused(world: &mut LostkeyWorld, name: String) -> StepResult {
    let who = world.person(&Who(None))?;
    take(world, who, &name).await?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::Shown)).await?;
    is_on_page(world, who, PageName::MfaCode)?;
    reads(world, who, Notice::WrongCode)
}

step!("A sign-in with a code of this device succeeds.", r#"Then the codes of "token" are accepted"#);
#[then(expr = "the codes of {string} are accepted")]
async fn codes_are_accepted(world: &mut LostkeyWorld, name: String) -> StepResult {
    let who = world.person(&Who(None))?;
    take(world, who, &name).await?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::Shown)).await?;
    is_on_page(world, who, PageName::SecurityCredentials)
}

step!("No device of the person shows a code.", "Then Ana has no code to enter");
#[then(expr = "{who} has/have no code to enter")]
async fn has_no_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    match world.try_to(who, Act::EnterCode(CodeChoice::Shown)).await? {
        Some(Outcome::DeviceShowsNothing) => Ok(()),
        Some(_) | None => not_so(format!("{} has entered a code", world.name(who)?)),
    }
}

step!(
    "The person, acting by habit, is signed in with a code of this device.",
    r#"Then Ana got back in with "token""#
);
#[then(expr = "{who} got back in with {string}")]
async fn got_back_in(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    let who = world.person(&who)?;
    let device = device(world, who, &name)?;
    let own = world.story()?.people[who.index()].account;
    let with = world.look(|world| {
        let events = world.trace().events();
        let in_at = events
            .iter()
            .rposition(|event| event.by == Actor::Person(who) && matches!(event.kind, EventKind::GotIn))?;
        events[..in_at].iter().rev().find_map(|event| match event.kind {
            EventKind::MfaAccepted { device, account, .. } if account == own => Some(device),
            _ => None,
        })
    })?;
    match with {
        Some(with) if with == device => Ok(()),
        Some(with) => not_so(format!("{} got back in with {with}", world.name(who)?)),
        None => not_so(format!("{} has not got back in", world.name(who)?)),
    }
}

step!(
    "The device was re-synced and had been this far ahead.",
    r#"Then "token" is in sync: it was 20 codes ahead"#
);
#[then(expr = "{string} is in sync: it was {int} code(s)/step(s) ahead")]
async fn was_ahead(world: &mut LostkeyWorld, name: String, ahead: i32) -> StepResult {
    was_off(world, &name, ahead)
}

step!(
    "The device was re-synced and had been this far behind.",
    r#"Then "token" is in sync: it was 40 steps behind"#
);
#[then(expr = "{string} is in sync: it was {int} step(s) behind")]
async fn was_behind(world: &mut LostkeyWorld, name: String, behind: i32) -> StepResult {
    was_off(world, &name, -behind)
}

fn was_off(world: &mut LostkeyWorld, name: &str, off: i32) -> StepResult {
    let who = world.person(&Who(None))?;
    let (device, since) = (device(world, who, name)?, world.since);
    let found = world.look(|world| {
        world.trace().iter().filter(|(id, _)| *id >= since).find_map(|(_, event)| match event.kind {
            EventKind::Resynced { device, drift, .. } => Some((device, drift)),
            _ => None,
        })
    })?;
    match found {
        Some(found) if found == (device, off) => Ok(()),
        Some((found, drift)) => not_so(format!("{found} was re-synced, but it was off by {drift:+}")),
        None => not_so("no device was re-synced"),
    }
}
