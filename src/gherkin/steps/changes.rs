//! Steps about devices that change in mid-story: lost, found, repaired, restored.

use cucumber::when;

use crate::base::time::Time;
use crate::event::DeviceChange;
use crate::gherkin::steps::pocket::device;
use crate::gherkin::{Duration, LostkeyWorld, StepFailure, StepResult, Who, step};
use crate::people::Act;

async fn changes(world: &mut LostkeyWorld, who: &Who, name: &str, change: DeviceChange) -> StepResult {
    let who = world.person(who)?;
    let device = device(world, who, name)?;
    world.act(who, Act::Change(device, change)).await
}

step!("The device is gone from now on, and its owner knows.", r#"When Ana loses "phone-app""#);
#[when(expr = "{who} lose(s) {string}")]
async fn loses(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    changes(world, &who, &name, DeviceChange::Lost).await
}

step!("A lost device is back, in the state in which it was lost.", r#"When Ana finds "phone-app" again"#);
#[when(expr = "{who} find(s) {string} again")]
async fn finds(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    changes(world, &who, &name, DeviceChange::Found).await
}

step!(
    "The clock of a TOTP device shows the right time, and drifts on as before.",
    r#"When Ana sets the clock of "token" right"#
);
#[when(expr = "{who} set(s) the clock of {string} right")]
async fn sets_clock(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    changes(world, &who, &name, DeviceChange::ClockSet).await
}

step!("A device with an empty battery works again.", r#"When Ana replaces the battery of "token""#);
#[when(expr = "{who} replace(s) the battery of {string}")]
async fn replaces_battery(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    changes(world, &who, &name, DeviceChange::BatteryReplaced).await
}

step!(
    "Restores a device from a backup: it works, and a counter is back at its value of then.",
    r#"When Ana restores "token" from a backup that is 1 day old"#
);
#[when(expr = "{who} restore(s) {string} from a backup that is {duration} old")]
async fn restores(world: &mut LostkeyWorld, who: Who, name: String, age: Duration) -> StepResult {
    let now = world.look(|world| world.now())?;
    let began = now.since(Time::ZERO);
    if age.0 > began {
        let says = format!("no backup is {} old: the story began {began} ago", age.0);
        return Err(StepFailure::CannotBe(says));
    }
    let backup = now - age.0;
    changes(world, &who, &name, DeviceChange::Restored { backup }).await
}
