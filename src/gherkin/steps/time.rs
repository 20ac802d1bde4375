//! Steps about time.

use cucumber::when;

use crate::gherkin::{Duration, LostkeyWorld, StepResult, Who, step};

step!("Acts by habit for this long.", "When Ana is left alone for 3 days");
#[when(expr = "{who} is left alone for {duration}")]
async fn is_left_alone(world: &mut LostkeyWorld, who: Who, duration: Duration) -> StepResult {
    let who = world.person(&who)?;
    world.stage()?.with(|world| world.act_by_habit(who, None));
    world.within(&duration, |_| false).await?;
    Ok(())
}

step!("This much time passes.", "When 30 days pass");
#[when(expr = "{duration} pass(es)")]
async fn time_passes(world: &mut LostkeyWorld, duration: Duration) -> StepResult {
    world.within(&duration, |_| false).await?;
    Ok(())
}
