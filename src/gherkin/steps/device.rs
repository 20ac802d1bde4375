//! Steps about devices: codes, re-sync, deactivation and assignment.

use cucumber::{then, when};

use crate::event::{EventKind, Notice, PageName, Refusal};
use crate::gherkin::steps::account::{is_on_page, reads, sign_in};
use crate::gherkin::steps::pocket::device;
use crate::gherkin::{LostkeyWorld, StepResult, Who, Whose, not_so, step};
use crate::message::Shown;
use crate::people::{Act, CodeChoice, DeviceChoice, PairChoice, PasswordChoice};

step!("The last code was refused, for any reason.", "Then the code is refused");
#[then("the code is refused")]
async fn code_is_refused(world: &mut LostkeyWorld) -> StepResult {
    let since = world.since;
    let refused = world.look(|world| {
        world
            .trace()
            .iter()
            .any(|(id, event)| id >= since && matches!(event.kind, EventKind::MfaRefused { .. }))
    })?;
    if refused { Ok(()) } else { not_so("no code was refused") }
}

step!(
    "The last code was correct, but refused because it was already used.",
    "Then the code is refused as used already"
);
#[then("the code is refused as used already")]
async fn code_is_refused_as_used(world: &mut LostkeyWorld) -> StepResult {
    let since = world.since;
    let used = world.look(|world| {
        world.trace().iter().any(|(id, event)| {
            id >= since && matches!(event.kind, EventKind::MfaRefused { why: Refusal::Used, .. })
        })
    })?;
    if used { Ok(()) } else { not_so("no code was refused as used already") }
}

step!("Types the code that the device shows.", "When Ana enters a code");
#[when(expr = "{who} enter(s) a code")]
async fn enters_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::EnterCode(CodeChoice::Shown)).await
}

step!("Waits for the device's next code, and types it.", "When Ana enters the next code");
#[when(expr = "{who} enter(s) the next code")]
async fn enters_next_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::EnterCode(CodeChoice::Next)).await
}

step!("Types the code that was typed last.", "When Ana enters the same code");
#[when(expr = "{who} enter(s) the same code")]
async fn enters_same_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::EnterCode(CodeChoice::Same)).await
}

step!("Enters this many wrong codes.", "When Mallory enters a wrong code 3 times");
#[when(expr = "{who} enter(s) a wrong code {int} time(s)")]
async fn enters_wrong_codes(world: &mut LostkeyWorld, who: Who, times: u32) -> StepResult {
    let who = world.person(&who)?;
    for _ in 0..times.min(200) {
        world.act(who, Act::EnterCode(CodeChoice::Wrong)).await?;
    }
    Ok(())
}

step!("Types two codes in a row, and waits for both.", "When Ana enters two consecutive codes");
#[when(expr = "{who} enter(s) two consecutive codes")]
async fn enters_pair(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::EnterPair(PairChoice::Consecutive)).await
}

step!(
    "Enters two codes of the device, skipping one between them.",
    "When Ana enters two codes that are not consecutive"
);
#[when(expr = "{who} enter(s) two codes that are not consecutive")]
async fn enters_pair_apart(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::EnterPair(PairChoice::Apart)).await
}

step!("Types two codes in a row, the later one first.", "When Ana enters two consecutive codes in reverse");
#[when(expr = "{who} enter(s) two consecutive codes in reverse")]
async fn enters_pair_reversed(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::EnterPair(PairChoice::Reversed)).await
}

step!("Types one code into both fields.", "When Ana enters the same code twice");
#[when(expr = "{who} enter(s) the same code twice")]
async fn enters_same_twice(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::EnterPair(PairChoice::SameTwice)).await
}

step!("Types the two codes that were typed last.", "When Ana enters the same two codes again");
#[when(expr = "{who} enter(s) the same two codes again")]
async fn enters_pair_again(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::EnterPair(PairChoice::Again)).await
}

step!("The page says that the device is in sync.", "Then Ana's device is in sync");
#[then(expr = "{whose} device is in sync")]
async fn device_is_in_sync(world: &mut LostkeyWorld, whose: Whose) -> StepResult {
    let who = world.owner(&whose)?;
    reads(world, who, Notice::InSync)
}

step!("The page still asks for two codes.", "Then Ana's device is not in sync");
#[then(expr = "{whose} device is not in sync")]
async fn device_is_not_in_sync(world: &mut LostkeyWorld, whose: Whose) -> StepResult {
    let who = world.owner(&whose)?;
    is_on_page(world, who, PageName::Resync)
}

step!("Deactivates the device on file.", "When Ana deactivates the MFA device");
#[when(expr = "{who} deactivate(s) the MFA device")]
async fn deactivates(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::Deactivate(DeviceChoice::First)).await?;
    reads(world, who, Notice::DeviceDeactivated)
}

step!("Deactivates this device, by its name in the story.", r#"When Ana deactivates "token""#);
#[when(expr = "{who} deactivate(s) {string}")]
async fn deactivates_this(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    let who = world.person(&who)?;
    let device = device(world, who, &name)?;
    world.act(who, Act::Deactivate(DeviceChoice::This(device))).await?;
    reads(world, who, Notice::DeviceDeactivated)
}

step!("Assigns a new device, with two codes of it.", "When Ana assigns a new MFA device");
#[when(expr = "{who} assign(s) a new MFA device")]
async fn assigns(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::Assign).await?;
    reads(world, who, Notice::DeviceAssigned)
}

step!("Assigns this many new devices, one after the other.", "When Ana assigns 3 new MFA devices");
#[when(expr = "{who} assign(s) {int} new MFA devices")]
async fn assigns_some(world: &mut LostkeyWorld, who: Who, count: u8) -> StepResult {
    let who = world.person(&who)?;
    for _ in 0..count {
        world.act(who, Act::Assign).await?;
        reads(world, who, Notice::DeviceAssigned)?;
    }
    Ok(())
}

step!("Brings back a device that no longer counts, with two codes of it.", r#"When Ana reactivates "token""#);
#[when(expr = "{who} reactivate(s) {string}")]
async fn reactivates(world: &mut LostkeyWorld, who: Who, name: String) -> StepResult {
    let who = world.person(&who)?;
    let device = device(world, who, &name)?;
    world.act(who, Act::Take(device)).await?;
    world.act(who, Act::Reactivate).await?;
    reads(world, who, Notice::DeviceAssigned)
}

step!(
    "Page 9 lists this device among those that no longer count.",
    r#"Then Ana's device "token" no longer counts"#
);
#[then(expr = "{whose} device {string} no longer counts")]
async fn no_longer_counts(world: &mut LostkeyWorld, whose: Whose, name: String) -> StepResult {
    let who = world.owner(&whose)?;
    let device = device(world, who, &name)?;
    let page = world.page(who)?;
    let Shown::Devices(held) = page.shown else {
        return not_so(format!("\"{}\" lists no MFA devices", page.name));
    };
    let listed = held.stopped().any(|stopped| stopped == device);
    if listed { Ok(()) } else { not_so(format!("`{name}` is not among the devices that no longer count")) }
}

step!("Page 9 lists this many devices.", "Then Ana has 2 MFA devices on file");
#[then(expr = "{who} has/have {int} MFA device(s) on file")]
async fn has_devices(world: &mut LostkeyWorld, who: Who, count: usize) -> StepResult {
    let who = world.person(&who)?;
    let page = world.page(who)?;
    let Shown::Devices(held) = page.shown else {
        return not_so(format!("\"{}\" lists no MFA devices", page.name));
    };
    let listed = held.iter().count();
    if listed == count { Ok(()) } else { not_so(format!("{listed} MFA devices are on file, not {count}")) }
}

step!("A sign-in with a code of the removed device is refused.", "Then the old device's codes are refused");
#[then("the old device's codes are refused")]
async fn old_codes_are_refused(world: &mut LostkeyWorld) -> StepResult {
    let who = world.person(&Who(None))?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::Old)).await?;
    is_on_page(world, who, PageName::MfaCode)?;
    reads(world, who, Notice::WrongCode)
}
