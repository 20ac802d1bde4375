//! Steps about changes that ask for a new sign-in.

use cucumber::then;

use crate::event::{Notice, PageName};
use crate::gherkin::steps::account::{is_on_page, reads};
use crate::gherkin::{LostkeyWorld, StepResult, Who, step, words};
use crate::people::{Act, DeviceChoice};

step!(
    "Tries to deactivate the device on file; the service asks for a new sign-in, and the device stays.",
    "Then Mallory has to sign in again to deactivate the MFA device"
);
#[then(expr = "{who} has/have to sign in again to deactivate the MFA device")]
async fn to_deactivate(world: &mut LostkeyWorld, who: Who) -> StepResult {
    has_to_sign_in(world, who, Act::Deactivate(DeviceChoice::First)).await
}

step!(
    "Tries to assign a device; the service asks for a new sign-in instead.",
    "Then Mallory has to sign in again to assign an MFA device"
);
#[then(expr = "{who} has/have to sign in again to assign an MFA device")]
async fn to_assign(world: &mut LostkeyWorld, who: Who) -> StepResult {
    has_to_sign_in(world, who, Act::Assign).await
}

step!(
    "Tries to put another phone number on file; the service asks for a new sign-in instead.",
    r#"Then Mallory has to sign in again to change the phone number to "+1 415 555 0100""#
);
#[then(expr = "{who} has/have to sign in again to change the phone number to {phone}")]
async fn to_change_phone(world: &mut LostkeyWorld, who: Who, number: words::PhoneNumber) -> StepResult {
    has_to_sign_in(world, who, Act::ChangePhone(number.0)).await
}

async fn has_to_sign_in(world: &mut LostkeyWorld, who: Who, change: Act) -> StepResult {
    let who = world.person(&who)?;
    // What became of the act is on the page: an act that expects another page ends as not offered.
    world.try_to(who, change).await?;
    reads(world, who, Notice::SignInAgain)?;
    is_on_page(world, who, PageName::Password)
}
