//! Steps about the phone: ringing, key presses, verified numbers.

use cucumber::{then, when};

use crate::event::{EventKind, PageName};
use crate::gherkin::steps::account::is_on_page;
use crate::gherkin::{Duration, LostkeyWorld, StepResult, Who, Whose, not_so, step, words};
use crate::message::Shown;
use crate::people::{Act, Keys, SpokenChoice};

step!("The phone rings within this time.", "Then Ana's phone rings within 1 minute");
#[then(expr = "{whose} phone rings within {duration}")]
async fn phone_rings(world: &mut LostkeyWorld, whose: Whose, within: Duration) -> StepResult {
    let who = world.owner(&whose)?;
    let rings = world
        .within(&within, |world| world.person(who).is_some_and(|person| person.ringing().is_some()))
        .await?;
    let name = world.name(who)?;
    if rings { Ok(()) } else { not_so(format!("{name}'s phone does not ring within {}", within.0)) }
}

step!("The phone does not ring within this time.", "Then Ana's phone does not ring within 10 minutes");
#[then(expr = "{whose} phone does not ring within {duration}")]
async fn phone_does_not_ring(world: &mut LostkeyWorld, whose: Whose, within: Duration) -> StepResult {
    let who = world.owner(&whose)?;
    let rings = world
        .within(&within, |world| world.person(who).is_some_and(|person| person.ringing().is_some()))
        .await?;
    let name = world.name(who)?;
    if rings { not_so(format!("{name}'s phone rings")) } else { Ok(()) }
}

async fn keys(world: &mut LostkeyWorld, who: &Who, keys: Keys) -> StepResult {
    let who = world.person(who)?;
    world.act(who, Act::KeyIn(keys)).await
}

step!("Picks up and keys in the code on the screen.", "When Ana keys in the code displayed on her screen");
#[when(expr = "{who} key(s) in the code displayed on her/his/their screen")]
async fn keys_in_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    keys(world, &who, Keys::Code).await
}

step!("Picks up and keys in a wrong code.", "When Ana keys in a wrong code");
#[when(expr = "{who} key(s) in a wrong code")]
async fn keys_in_wrong_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    keys(world, &who, Keys::Wrong).await
}

step!(
    "Picks up if the phone rings, and keys in six wrong digits this many times in a row.",
    "When Ana keys in a wrong code 5 times"
);
#[when(expr = "{who} key(s) in a wrong code {int} time(s)")]
async fn keys_in_wrong_codes(world: &mut LostkeyWorld, who: Who, times: u32) -> StepResult {
    for _ in 0..times.min(100) {
        keys(world, &who, Keys::Wrong).await?;
    }
    Ok(())
}

step!(
    "Keys in the code that the screen showed before the current one.",
    "When Ana keys in the code displayed before"
);
#[when(expr = "{who} key(s) in the code displayed before")]
async fn keys_in_old_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    keys(world, &who, Keys::OldCode).await
}

step!("Enters the code spoken in the call on the page of step 2.", "When Ana types the code that she hears");
#[when(expr = "{who} type(s) the code that she/he/they hear(s)")]
async fn types_spoken_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::TypeSpoken(SpokenChoice::Heard)).await
}

step!("The last completed call ended with this status.", "Then the call ended \"no-answer\"");
#[then(expr = "the call ended {string}")]
async fn call_ended(world: &mut LostkeyWorld, status: String) -> StepResult {
    let last = world.look(|world| {
        let events = world.trace().events().iter().rev();
        let mut statuses = events.filter_map(|event| match event.kind {
            EventKind::StatusChanged { status, .. } if status.is_terminal() => Some(status),
            _ => None,
        });
        statuses.next()
    })?;
    match last {
        Some(last) if last.label() == status => Ok(()),
        Some(last) => not_so(format!("the call ended \"{last}\"")),
        None => not_so("no call has ended"),
    }
}

step!(
    "The last result of machine detection was this.",
    "Then the phone company took who answered for \"machine_start\""
);
#[then(expr = "the phone company took who answered for {string}")]
async fn took_who_answered_for(world: &mut LostkeyWorld, what: String) -> StepResult {
    let seen = world.look(|world| {
        world.trace().events().iter().rev().find_map(|event| match event.kind {
            EventKind::MachineDetected { answered_by, .. } => Some(answered_by),
            _ => None,
        })
    })?;
    match seen {
        Some(seen) if seen.label() == what => Ok(()),
        Some(seen) => not_so(format!("machine detection reported \"{seen}\"")),
        None => not_so("machine detection reported no result"),
    }
}

step!(
    "The last refused order was refused with this Twilio error code.",
    "Then the phone company refused the order with error 21211"
);
#[then(expr = "the phone company refused the order with error {int}")]
async fn order_was_refused(world: &mut LostkeyWorld, error: u32) -> StepResult {
    let seen = world.look(|world| {
        world.trace().events().iter().rev().find_map(|event| match event.kind {
            EventKind::CallRefused { code, .. } => Some(code),
            _ => None,
        })
    })?;
    match seen {
        Some(seen) if seen == error => Ok(()),
        Some(seen) => not_so(format!("the phone company refused the order with error {seen}")),
        None => not_so("the phone company has refused no order"),
    }
}

step!("Keyed-in digits were refused at least once.", "Then a phone code was refused");
#[then("a phone code was refused")]
async fn phone_code_was_refused(world: &mut LostkeyWorld) -> StepResult {
    let refused = world.look(|world| {
        let mut events = world.trace().events().iter();
        events.any(|event| matches!(event.kind, EventKind::CodeRefused { .. }))
    })?;
    if refused { Ok(()) } else { not_so("no phone code was refused") }
}

step!("Picks up and presses no key.", "When Ana picks up");
#[when(expr = "{who} pick(s) up")]
async fn picks_up(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::PickUp).await
}

step!("Ends the call.", "When Ana hangs up");
#[when(expr = "{who} hang(s) up")]
async fn hangs_up(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::HangUp).await
}

step!("Step 2 is done.", "Then Ana's phone number is verified");
#[then(expr = "{whose} phone number is verified")]
async fn number_is_verified(world: &mut LostkeyWorld, whose: Whose) -> StepResult {
    let who = world.owner(&whose)?;
    is_on_page(world, who, PageName::FinishSignIn)
}

step!("Step 2 is not done.", "Then Ana's phone number is not verified");
#[then(expr = "{whose} phone number is not verified")]
async fn number_is_not_verified(world: &mut LostkeyWorld, whose: Whose) -> StepResult {
    let who = world.owner(&whose)?;
    is_on_page(world, who, PageName::VerifyPhone)
}

step!("The page shows the number on file, masked.", "Then the number shown is hers");
#[then(expr = "the number shown is hers/his/theirs")]
async fn number_shown_is_hers(world: &mut LostkeyWorld) -> StepResult {
    let who = world.person(&Who(None))?;
    let story = std::sync::Arc::clone(world.story()?);
    let on_file = story.accounts[story.people[who.index()].account.index()].phone;
    let page = world.page(who)?;
    match page.shown {
        Shown::Phone { number, .. } if on_file.map(|number| number.masked()) == Some(number) => Ok(()),
        Shown::Phone { number, .. } => not_so(format!("the number shown is {number}")),
        Shown::Nothing | Shown::Address(_) | Shown::Devices(_) | Shown::Enrolment { .. } | Shown::Link(_) => {
            not_so(format!("\"{}\" shows no number", page.name))
        }
    }
}

step!("The phone company has accepted this many calls.", "Then 2 calls were placed");
#[then(expr = "{count} call(s) was/were placed")]
async fn calls_were_placed(world: &mut LostkeyWorld, count: words::Count) -> StepResult {
    let placed = world.look(|world| {
        let taken = world.trace().events().iter();
        taken.filter(|event| matches!(event.kind, EventKind::CallTaken { .. })).count()
    })?;
    if placed == count.0 as usize { Ok(()) } else { not_so(format!("{placed} calls were placed")) }
}
