//! Steps about support: tickets, call-backs and proof of identity.

use cucumber::{then, when};

use crate::base::id::{AccountId, TicketId};
use crate::base::number::Number;
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
    "Support calls the number on file for the ticket's account within this time.",
    "Then support calls the number on file within 1 day"
);
#[then(expr = "support calls the number on file within {duration}")]
async fn support_calls(world: &mut LostkeyWorld, within: Duration) -> StepResult {
    let called = next_call_back(world, &within).await?;
    let Some((ticket, number)) = called else {
        return not_so(format!("support calls nobody within {}", within.0));
    };
    match account_of(world, ticket)? {
        Some(account) => is_on_file(world, account, number),
        None => not_so(format!("support calls {number} about a ticket that names no account")),
    }
}

/// The next call of an agent within this time, or else the last one before.
async fn next_call_back(
    world: &mut LostkeyWorld,
    within: &Duration,
) -> Result<Option<(TicketId, Number)>, StepFailure> {
    let before = world.look(|world| world.trace().events().len())?;
    world
        .within(within, |world| {
            let new = &world.trace().events()[before..];
            new.iter().any(|event| matches!(event.kind, EventKind::CalledBack { .. }))
        })
        .await?;
    world.look(|world| {
        world.trace().events().iter().rev().find_map(|event| match event.kind {
            EventKind::CalledBack { ticket, number } => Some((ticket, number)),
            _ => None,
        })
    })
}

/// Fails unless this number is on file for the account now.
fn is_on_file(world: &mut LostkeyWorld, account: AccountId, number: Number) -> StepResult {
    let changed = world.look(|world| {
        world.trace().events().iter().rev().find_map(|event| match event.kind {
            EventKind::PhoneChanged { account: of, number, .. } if of == account => Some(number),
            _ => None,
        })
    })?;
    let on_file = changed.or(world.story()?.accounts[account.index()].phone);
    if on_file == Some(number) { Ok(()) } else { not_so(format!("support calls {number}")) }
}

/// The account that a ticket names.
fn account_of(world: &mut LostkeyWorld, ticket: TicketId) -> Result<Option<AccountId>, StepFailure> {
    world.look(|world| {
        world.trace().events().iter().find_map(|event| match event.kind {
            EventKind::TicketTaken { ticket: taken, account, .. } if taken == ticket => account,
            _ => None,
        })
    })
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
    let who = world.owner(&whose)?;
    let account = world.story()?.people[who.index()].account;
    match next_call_back(world, &within).await? {
        Some((_, number)) => is_on_file(world, account, number),
        None => not_so(format!("support calls nobody within {}", within.0)),
    }
}

step!("Support has reset MFA of the account that the last ticket names.", "Then support resets MFA");
#[then("support resets MFA")]
async fn support_resets(world: &mut LostkeyWorld) -> StepResult {
    if reset(world)?.0 { Ok(()) } else { not_so("support has not reset MFA") }
}

step!(
    "Support has not reset MFA of the account that the last ticket names, nor of any other for that ticket.",
    "Then support does not reset MFA"
);
#[then("support does not reset MFA")]
async fn support_does_not_reset(world: &mut LostkeyWorld) -> StepResult {
    match reset(world)? {
        (false, false) => Ok(()),
        (true, _) => not_so("support has reset MFA"),
        (false, true) => not_so("support has reset MFA of another account than the ticket's"),
    }
}

/// Whether the last ticket led to a reset of the account that it names, and whether it led to a reset of another
/// account.
fn reset(world: &mut LostkeyWorld) -> Result<(bool, bool), StepFailure> {
    world.look(|world| {
        let events = world.trace().events();
        let last = events.iter().rev().find_map(|event| match event.kind {
            EventKind::TicketTaken { ticket, account, .. } => Some((ticket, account)),
            _ => None,
        });
        let Some((ticket, named)) = last else { return (false, false) };
        events.iter().fold((false, false), |(own, other), event| match event.kind {
            EventKind::FactorsReset { account, .. } if Some(account) == named => (true, other),
            EventKind::FactorsReset { ticket: of, .. } if of == ticket => (own, true),
            _ => (own, other),
        })
    })
}
