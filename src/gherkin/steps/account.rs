//! Steps about the account: signing in and out, pages, notices and controls.

use cucumber::{then, when};

use crate::base::id::PersonId;
use crate::base::time::{Span, Time};
use crate::event::{Actor, Control, Event, EventKind, Notice, PageName};
use crate::gherkin::{Duration, LostkeyWorld, StepResult, Who, not_so, step, words};
use crate::people::{Act, CodeChoice, PasswordChoice, UserChoice, With};

/// Signs in, optionally with a code.
pub(super) async fn sign_in(
    world: &mut LostkeyWorld,
    who: PersonId,
    password: PasswordChoice,
    code: Option<CodeChoice>,
) -> StepResult {
    world.act(who, Act::SignIn(With { user: UserChoice::Own, password, code })).await
}

step!(
    "Signs in, but enters no code if one is asked for.",
    "When Ana signs in with her user name and password"
);
#[when(expr = "{who} sign(s) in with her/his/their user name and password")]
async fn signs_in(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    sign_in(world, who, PasswordChoice::Right, None).await
}

step!(
    "Types the password, and is not asked for an MFA code, because MFA is off.",
    "When Ana signs in with her user name and password and is not asked for an MFA code"
);
#[when(expr = "{who} sign(s) in with her/his/their user name and password and is not asked for an MFA code")]
#[then(expr = "{who} sign(s) in with her/his/their user name and password and is not asked for an MFA code")]
async fn signs_in_without_mfa(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    sign_in(world, who, PasswordChoice::Right, None).await?;
    without_mfa(world, who)
}

step!(
    "Signs in with the current code of the device, which was not used before.",
    "When Ana signs in with her user name, password and a code"
);
#[when(expr = "{who} sign(s) in with her/his/their user name, password and a code")]
async fn signs_in_with_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::Shown)).await
}

step!(
    "Waits for the next code of the device, and signs in with it.",
    "When Ana signs in with her user name, password and the next code"
);
#[when(expr = "{who} sign(s) in with her/his/their user name, password and the next code")]
async fn signs_in_with_next_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::Next)).await
}

step!(
    "Signs in with the code that was entered last.",
    "When Ana signs in with her user name, password and the same code"
);
#[when(expr = "{who} sign(s) in with her/his/their user name, password and the same code")]
async fn signs_in_with_same_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::Same)).await
}

step!(
    "Signs in with a code that no device shows.",
    "When Mallory signs in with the user name, password and a wrong code"
);
#[when(expr = "{who} sign(s) in with the user name, password and a wrong code")]
async fn signs_in_with_wrong_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::Wrong)).await
}

step!("Enters a wrong password.", "When Mallory signs in with a wrong password");
#[when(expr = "{who} sign(s) in with a wrong password")]
async fn signs_in_with_wrong_password(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    sign_in(world, who, PasswordChoice::Wrong, None).await
}

step!("Signs out.", "When Ana signs out");
#[when(expr = "{who} sign(s) out")]
async fn signs_out(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::SignOut).await
}

step!(
    "Signs out and in again, but enters no code if one is asked for.",
    "When Ana signs out and signs in again with her user name and password"
);
#[when(expr = "{who} sign(s) out and sign(s) in again with her/his/their user name and password")]
async fn signs_out_and_in(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::SignOut).await?;
    sign_in(world, who, PasswordChoice::Right, None).await
}

step!(
    "Signs out and in again, with a code of the device that was assigned last.",
    "When Ana signs out and signs in again with her user name, password and a code of the new device"
);
#[when(
    expr = "{who} sign(s) out and sign(s) in again with her/his/their user name, password and a code of the new device"
)]
async fn signs_out_and_in_with_new_device(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::SignOut).await?;
    sign_in(world, who, PasswordChoice::Right, Some(CodeChoice::Shown)).await
}

step!("Presses the button or follows the link with this text.", r#"When Ana chooses "Troubleshoot MFA""#);
#[when(expr = "{who} choose(s) {button}")]
async fn chooses(world: &mut LostkeyWorld, who: Who, button: words::Button) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::Choose(button.0)).await
}

step!("Presses the button with this text again.", r#"When Ana chooses "Call me now" again"#);
#[when(expr = "{who} choose(s) {button} again")]
async fn chooses_again(world: &mut LostkeyWorld, who: Who, button: words::Button) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::Choose(button.0)).await
}

step!(
    "Presses two buttons, the second on the page that the first leads to.",
    r#"When Ana chooses "Troubleshoot MFA" and "Re-sync MFA device""#
);
#[when(expr = "{who} choose(s) {button} and {button}")]
async fn chooses_both(
    world: &mut LostkeyWorld,
    who: Who,
    first: words::Button,
    second: words::Button,
) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::Choose(first.0)).await?;
    world.act(who, Act::Choose(second.0)).await
}

step!(
    "Opens a page directly by its address.",
    r#"When Mallory goes straight to "Your Security Credentials""#
);
#[when(expr = "{who} go(es) straight to {page}")]
async fn goes_to(world: &mut LostkeyWorld, who: Who, page: words::Page) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::GoTo(page.0)).await
}

/// Fails unless the page is open.
pub(super) fn is_on_page(world: &mut LostkeyWorld, who: PersonId, page: PageName) -> StepResult {
    let open = world.page(who)?;
    if open.name == page {
        return Ok(());
    }
    let notice = open.notice.map_or_else(String::new, |notice| format!(", which says \"{notice}\""));
    not_so(format!("{} is on \"{}\"{notice}, not on \"{page}\"", world.name(who)?, open.name))
}

/// Fails unless the page shows this notice.
pub(super) fn reads(world: &mut LostkeyWorld, who: PersonId, notice: Notice) -> StepResult {
    let page = world.page(who)?;
    if page.notice == Some(notice) {
        return Ok(());
    }
    let told = page.notice.map_or_else(|| "nothing".to_owned(), |told| format!("\"{told}\""));
    not_so(format!("\"{}\" shows {} {told}, not \"{notice}\"", page.name, world.name(who)?))
}

step!("The browser shows this page.", r#"Then Ana is on "Your Security Credentials""#);
#[then(expr = "{who} is on {page}")]
async fn is_on(world: &mut LostkeyWorld, who: Who, page: words::Page) -> StepResult {
    let who = world.person(&who)?;
    is_on_page(world, who, page.0)
}

step!(
    "The page shows a notice that begins with this text.",
    r#"Then Ana reads "This link has already been used""#
);
#[then(expr = "{who} read(s) {notice}")]
async fn reads_notice(world: &mut LostkeyWorld, who: Who, notice: words::Notice) -> StepResult {
    let who = world.person(&who)?;
    reads(world, who, notice.0)
}

step!(
    "The page shows this notice within this time.",
    r#"Then within 2 minutes Ana reads "Phone verification could not be completed""#
);
#[then(expr = "within {duration} {who} read(s) {notice}")]
async fn reads_within(
    world: &mut LostkeyWorld,
    within: Duration,
    who: Who,
    notice: words::Notice,
) -> StepResult {
    let who = world.person(&who)?;
    let notice = notice.0;
    let seen = world
        .within(&within, |world| {
            let page = world.person(who).and_then(|person| person.page());
            page.is_some_and(|page| page.notice == Some(notice))
        })
        .await?;
    if seen { Ok(()) } else { reads(world, who, notice) }
}

step!("The page asks for an MFA code.", "Then Ana is asked for an MFA code");
#[then(expr = "{who} is asked for an MFA code")]
async fn is_asked_for_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    is_on_page(world, who, PageName::MfaCode)
}

step!(
    "The password was accepted, and no MFA code is asked for: MFA is off.",
    "Then Ana is not asked for an MFA code"
);
#[then(expr = "{who} is not asked for an MFA code")]
async fn is_not_asked_for_code(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    without_mfa(world, who)
}

/// While MFA is off, the password leads into the account, or to a proof of the email address or the phone.
fn without_mfa(world: &mut LostkeyWorld, who: PersonId) -> StepResult {
    if world.page(who)?.notice == Some(Notice::MfaOffVerify) {
        return Ok(());
    }
    is_on_page(world, who, PageName::SecurityCredentials)
}

step!(
    "The browser is signed in. If others have done something since its page arrived, the page is opened anew.",
    "Then Ana is signed in"
);
#[then(expr = "{who} is signed in")]
async fn is_signed_in(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    look_again(world, who).await?;
    is_on_page(world, who, PageName::SecurityCredentials)
}

step!(
    "The browser is not signed in. If others have done something since its page arrived, the page is opened anew.",
    "Then Mallory is not signed in"
);
#[then(expr = "{who} is not signed in")]
async fn is_not_signed_in(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    // Whoever has opened no page has not signed in.
    if world.page_if_any(who)?.is_none() {
        return Ok(());
    }
    look_again(world, who).await?;
    if is_inside(world.page(who)?.name) {
        return not_so(format!("{} is signed in", world.name(who)?));
    }
    Ok(())
}

/// Opens the page of a signed-in person anew if others have done something since it arrived, or an hour has
/// passed: what an old page shows is no proof of a session.
async fn look_again(world: &mut LostkeyWorld, who: PersonId) -> StepResult {
    if !is_inside(world.page(who)?.name) {
        return Ok(());
    }
    let is_old = world.look(|world| {
        let events = world.trace().events().iter().rev();
        let own =
            |event: &&Event| event.by == Actor::Person(who) && matches!(event.kind, EventKind::Saw { .. });
        let arrived = events.clone().find(own).map_or(Time::ZERO, |event| event.at);
        let mut since = events.take_while(|event| !own(event));
        world.now().since(arrived) >= Span::HOUR
            || since.any(|event| match event.kind {
                EventKind::Requested { .. } => event.by != Actor::Person(who),
                EventKind::FactorsReset { .. } => true,
                _ => false,
            })
    })?;
    if is_old { world.act(who, Act::GoTo(PageName::SecurityCredentials)).await } else { Ok(()) }
}

step!(
    "The page offers both re-sync and alternative factors.",
    "Then Ana may re-sync her device or sign in using alternative factors"
);
#[then(expr = "{who} may re-sync her/his/their device or sign in using alternative factors")]
async fn may_resync_or_recover(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    offered(world, who, Control::ChooseResync)?;
    offered(world, who, Control::ChooseAlternative)
}

step!("The page has a button with this text.", r#"Then Ana is offered "Contact support""#);
#[then(expr = "{who} is offered {button}")]
async fn is_offered(world: &mut LostkeyWorld, who: Who, button: words::Button) -> StepResult {
    let who = world.person(&who)?;
    offered(world, who, button.0)
}

fn offered(world: &mut LostkeyWorld, who: PersonId, control: Control) -> StepResult {
    let page = world.page(who)?;
    if page.offers.has(control) {
        return Ok(());
    }
    let offers: Vec<String> = page.offers.iter().map(|control| format!("\"{}\"", control.label())).collect();
    not_so(format!("\"{}\" does not offer \"{}\", but {}", page.name, control.label(), offers.join(", ")))
}

step!("The person, acting by habit, is signed in with a working device.", "Then Ana is back in");
#[then(expr = "{who} is back in")]
async fn is_back_in(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    let back = world.look(|world| {
        let mut events = world.trace().events().iter();
        events.any(|event| event.by == Actor::Person(who) && event.kind == EventKind::GotIn)
    })?;
    let name = world.name(who)?;
    if back { Ok(()) } else { not_so(format!("{name} is not back in with a working device")) }
}

step!("The console crashed at least once and is running again.", "Then the console crashed and came back");
#[then("the console crashed and came back")]
async fn console_crashed(world: &mut LostkeyWorld) -> StepResult {
    let told = world.look(|world| {
        let has = |kind| world.trace().events().iter().any(|event| event.kind == kind);
        (has(EventKind::AppCrashed), has(EventKind::AppRestarted))
    })?;
    match told {
        (true, true) => Ok(()),
        (true, false) => not_so("the console crashed and is still down"),
        (false, _) => not_so("the console did not crash"),
    }
}

/// Whether only a signed-in user sees this page.
const fn is_inside(page: PageName) -> bool {
    matches!(page, PageName::SecurityCredentials | PageName::AssignDevice)
}

step!("No session of any other person was ever signed in.", "Then nobody but Ana has ever been signed in");
#[then(expr = "nobody but {who} has ever been signed in")]
async fn nobody_else_got_in(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    let other = world.look(|world| {
        let trace = world.trace();
        let signed_in = trace.iter().filter(|(_, event)| matches!(event.kind, EventKind::SignedIn { .. }));
        let mut by = signed_in.filter_map(|(id, _)| {
            trace.causes(id).find_map(|(_, event)| match (event.by, event.kind) {
                (Actor::Person(person), EventKind::Requested { .. }) => Some(person),
                _ => None,
            })
        });
        let others = by.find(|person| *person != who);
        // Somebody who uses a stolen session cookie is signed in without a sign-in.
        others.or_else(|| {
            trace.events().iter().find_map(|event| match (event.by, event.kind) {
                (Actor::Person(person), EventKind::Saw { page, .. }) if person != who && is_inside(page) => {
                    Some(person)
                }
                _ => None,
            })
        })
    })?;
    match other {
        None => Ok(()),
        Some(other) => not_so(format!("{} has been signed in", world.name(other)?)),
    }
}
