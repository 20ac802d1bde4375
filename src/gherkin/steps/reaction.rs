//! Steps about what an owner does against a stranger: a new password, signing out everywhere.

use cucumber::{then, when};

use crate::base::id::PersonId;
use crate::event::EventKind;
use crate::gherkin::{Duration, LostkeyWorld, StepResult, Who, Whose, not_so, step};
use crate::people::{Act, PasswordChoice};
use crate::world::World;

step!(
    "Types the current password and a new one on \"Your Security Credentials\".",
    "When Ana changes the password"
);
#[when(expr = "{who} change(s) the password")]
async fn changes_password(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::ChangePassword(PasswordChoice::Right)).await
}

step!(
    "Types a wrong current password and a new one on \"Your Security Credentials\".",
    "When Ana changes the password, giving a wrong current one"
);
#[when(expr = "{who} change(s) the password, giving a wrong current one")]
async fn changes_password_wrongly(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::ChangePassword(PasswordChoice::Wrong)).await
}

step!(
    "Types the current password on \"Your Security Credentials\" to end all sessions of the account.",
    "When Ana signs out everywhere"
);
#[when(expr = "{who} sign(s) out everywhere")]
async fn signs_out_everywhere(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::SignOutEverywhere).await
}

step!(
    "Acts on the newest email that tells of something that this person did not do: as the habit `on-notice` says, or else with a new password.",
    "When Ana reacts to the notice"
);
#[when(expr = "{who} react(s) to the notice")]
async fn reacts(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::React).await
}

step!(
    "The password of the account is changed within this time.",
    "Then Ana's password is changed within 1 hour"
);
#[then(expr = "{whose} password is changed within {duration}")]
async fn password_is_changed(world: &mut LostkeyWorld, whose: Whose, within: Duration) -> StepResult {
    let who = world.owner(&whose)?;
    let happened = |kind: &EventKind| matches!(kind, EventKind::PasswordChanged { .. });
    within_time(world, who, &within, happened, "the password is not changed").await
}

step!("The account is signed out everywhere within this time.", "Then Ana's sessions all end within 1 hour");
#[then(expr = "{whose} sessions all end within {duration}")]
async fn sessions_all_end(world: &mut LostkeyWorld, whose: Whose, within: Duration) -> StepResult {
    let who = world.owner(&whose)?;
    let happened = |kind: &EventKind| matches!(kind, EventKind::SignedOutEverywhere { .. });
    within_time(world, who, &within, happened, "the account is not signed out everywhere").await
}

async fn within_time(
    world: &mut LostkeyWorld,
    who: PersonId,
    within: &Duration,
    happened: impl Fn(&EventKind) -> bool,
    otherwise: &str,
) -> StepResult {
    let account = world.story()?.people[who.index()].account;
    let is_so = |world: &World| {
        let mut events = world.trace().events().iter();
        events.any(|event| happened(&event.kind) && event.kind.account() == Some(account))
    };
    if world.within(within, is_so).await? { Ok(()) } else { not_so(otherwise) }
}
