//! Steps about support: tickets, call-backs and proof of identity.

use cucumber::{then, when};

use crate::base::id::PersonId;
use crate::event::{EventKind, Notice};
use crate::gherkin::steps::account::reads;
use crate::gherkin::{Duration, LostkeyWorld, StepFailure, StepResult, Who, Whose, not_so, step, words};
use crate::people::{Act, Claim};

step!(
    "Submits the support form with the data on file.",
    r#"When Ana asks support to reset MFA because "I did not receive the call", giving her email address, account number, phone number and full name"#
);
#[when(
    expr = "{who} ask(s) support to reset MFA because {problem}, giving her/his/their email address, account number, phone number and full name"
)]
async fn asks_support(world: &mut LostkeyWorld, who: Who, because: words::Problem) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::FileTicket(Claim { problem: because.0, phone: None })).await?;
    reads(world, who, Notice::TicketFiled)
}

step!(
    "Submits the support form with another phone number.",
    r#"When Mallory asks support to reset MFA because "Other", giving "+1 415 555 0100" as the phone number"#
);
#[when(expr = "{who} ask(s) support to reset MFA because {problem}, giving {phone} as the phone number")]
async fn asks_support_with_number(
    world: &mut LostkeyWorld,
    who: Who,
    because: words::Problem,
    number: words::PhoneNumber,
) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::FileTicket(Claim { problem: because.0, phone: Some(number.0) })).await?;
    reads(world, who, Notice::TicketFiled)
}

step!(
    "Support calls the number on file within this time.",
    "Then support calls the number on file within 1 day"
);
#[then(expr = "support calls the number on file within {duration}")]
async fn support_calls(world: &mut LostkeyWorld, within: Duration) -> StepResult {
    let story = std::sync::Arc::clone(world.story()?);
    let calls = |world: &crate::world::World| {
        world.trace().events().iter().rev().find_map(|event| match event.kind {
            EventKind::CalledBack { number, .. } => Some(number),
            _ => None,
        })
    };
    let before = world.look(|world| world.trace().events().len())?;
    world
        .within(&within, |world| {
            let new = &world.trace().events()[before..];
            new.iter().any(|event| matches!(event.kind, EventKind::CalledBack { .. }))
        })
        .await?;
    let who = world.person(&Who(None))?;
    let on_file = story.accounts[story.people[who.index()].account.index()].phone;
    match world.look(calls)? {
        None => not_so(format!("support calls nobody within {}", within.0)),
        called if called == on_file => Ok(()),
        Some(number) => not_so(format!("support calls {number}")),
    }
}

step!("Answers the call from support and all its questions.", "When Ana answers and proves who she is");
#[when(expr = "{who} answer(s) and prove(s) who she/he/they is/are")]
async fn answers_and_proves(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::TakeCallBack(true)).await
}

step!(
    "Answers the call from support, but not its questions.",
    "When Mallory answers and cannot prove who she is"
);
#[when(expr = "{who} answer(s) and cannot prove who she/he/they is/are")]
async fn answers_without_proof(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::TakeCallBack(false)).await
}

step!(
    "Support calls the number on file of this person's account within this time.",
    "Then support calls Ana's number within 1 day"
);
#[then(expr = "support calls {whose} number within {duration}")]
async fn support_calls_whose(world: &mut LostkeyWorld, whose: Whose, within: Duration) -> StepResult {
    world.owner(&whose)?;
    support_calls(world, within).await
}

step!("Support has reset MFA.", "Then support resets MFA");
#[then("support resets MFA")]
async fn support_resets(world: &mut LostkeyWorld) -> StepResult {
    if reset(world)? { Ok(()) } else { not_so("support has not reset MFA") }
}

step!("Support has not reset MFA.", "Then support does not reset MFA");
#[then("support does not reset MFA")]
async fn support_does_not_reset(world: &mut LostkeyWorld) -> StepResult {
    if reset(world)? { not_so("support has reset MFA") } else { Ok(()) }
}

fn reset(world: &mut LostkeyWorld) -> Result<bool, StepFailure> {
    let who: PersonId = world.person(&Who(None))?;
    let account = world.story()?.people[who.index()].account;
    world.look(|world| {
        world.trace().events().iter().any(|event| match event.kind {
            EventKind::FactorsReset { account: of, .. } => of == account,
            _ => false,
        })
    })
}
