//! Steps about time.

use cucumber::when;

use crate::gherkin::Duration;
use crate::gherkin::LostkeyWorld;
use crate::gherkin::StepResult;

#[when(expr = "{duration} pass(es)")]
async fn time_passes(world: &mut LostkeyWorld, duration: Duration) -> StepResult {
    world.within(&duration, |_| false).await?;
    Ok(())
}
