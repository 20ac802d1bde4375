//! Steps about attacks: other browsers and tabs, cross-site request forgery, forged and replayed
//! webhooks.

use cucumber::then;
use cucumber::when;

use crate::crossing::Proof;
use crate::event::Actor;
use crate::event::EventKind;
use crate::event::PageName;
use crate::event::Refusal;
use crate::event::WebhookKind;
use crate::gherkin::Duration;
use crate::gherkin::LostkeyWorld;
use crate::gherkin::StepFailure;
use crate::gherkin::StepResult;
use crate::gherkin::Who;
use crate::gherkin::not_so;
use crate::gherkin::step;
use crate::gherkin::words;
use crate::person::Act;
use crate::person::BrowserChoice;
use crate::person::ForgedWords;
use crate::person::Forgery;
use crate::person::LinkChoice;
use crate::person::PasswordChoice;
use crate::person::UserChoice;
use crate::person::With;
use crate::time::Span;
use crate::world::World;

/// Limit for the service's answer to a request.
const ANSWER_MAX: Duration = Duration(Span::from_secs(5));

async fn act(world: &mut LostkeyWorld, who: &Who, act: Act) -> StepResult {
    let who = world.person(who)?;
    world.act(who, act).await
}

step!(
    "From now on uses a browser with cookies of its own, in which nothing is open.",
    "When Ana goes on in another browser"
);
#[when(expr = "{who} go(es) on in another browser")]
async fn uses_another_browser(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Use(BrowserChoice::Other)).await
}

step!(
    "From now on uses another tab of the first browser, with the same cookies.",
    "When Ana goes on in another tab"
);
#[when(expr = "{who} go(es) on in another tab")]
async fn uses_another_tab(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Use(BrowserChoice::Tab)).await
}

step!(
    "From now on uses the first browser again, on the page that was left open there.",
    "When Ana goes on in the first browser"
);
#[when(expr = "{who} go(es) on in the first browser")]
async fn uses_first_browser(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Use(BrowserChoice::Same)).await
}

step!(
    "Opens the link of the newest mail in another tab, and presses the button behind it.",
    "When Ana opens the link in another tab and confirms"
);
#[when(expr = "{who} open(s) the link in another tab and confirm(s)")]
async fn opens_link_in_tab(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::OpenLink(LinkChoice { nth: 0, browser: BrowserChoice::Tab })).await?;
    act(world, &who, Act::Confirm).await
}

step!(
    "Types a user name that nobody has, and a password if one is asked for.",
    "When Mallory signs in with a user name that nobody has"
);
#[when(expr = "{who} sign(s) in with a user name that nobody has")]
async fn signs_in_as_nobody(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let with = With { user: UserChoice::Nobody, password: PasswordChoice::Wrong, code: None };
    act(world, &who, Act::SignIn(with)).await
}

step!(
    "Signs in with a wrong password so many times, one after the other.",
    "When Mallory signs in with a wrong password 6 times"
);
#[when(expr = "{who} sign(s) in with a wrong password {count} time(s)")]
async fn guesses_passwords(world: &mut LostkeyWorld, who: Who, count: words::Count) -> StepResult {
    let with = With { user: UserChoice::Own, password: PasswordChoice::Wrong, code: None };
    for _ in 0..count.0 {
        act(world, &who, Act::SignIn(with)).await?;
    }
    Ok(())
}

step!(
    "Another site's page posts a form of the console's from the person's browser: with the cookie, without the form's token.",
    r#"When Ana is lured into posting "Deactivate" from another site"#
);
#[when(expr = "{who} is lured into posting {button} from another site")]
async fn posts_from_elsewhere(world: &mut LostkeyWorld, who: Who, button: words::Button) -> StepResult {
    act(world, &who, Act::CrossSite(button.0)).await
}

step!(
    "Posts, as if the call had, that the code on the person's own screen was keyed in.",
    "When Mallory forges the digits of a call without a signature"
);
#[when(expr = "{who} forge(s) the digits of a call without a signature")]
async fn forges_digits(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let forgery = Forgery { says: ForgedWords::RightDigits, signature: Proof::Missing };
    act(world, &who, Act::Forge(forgery)).await
}

step!(
    "The same, signed with something that is not the account's secret.",
    "When Mallory forges the digits of a call with a wrong signature"
);
#[when(expr = "{who} forge(s) the digits of a call with a wrong signature")]
async fn forges_signed_digits(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let forgery = Forgery { says: ForgedWords::RightDigits, signature: Proof::Wrong };
    act(world, &who, Act::Forge(forgery)).await
}

step!(
    "Posts, as if the phone company had, that the call was completed.",
    "When Mallory forges that the call was completed"
);
#[when(expr = "{who} forge(s) that the call was completed")]
async fn forges_completion(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let forgery = Forgery { says: ForgedWords::Completed, signature: Proof::Missing };
    act(world, &who, Act::Forge(forgery)).await
}

step!(
    "Posts the last request with digits of a call of this account once more, as it was, signature and all.",
    "When Mallory posts the digits of the last call once more"
);
#[when(expr = "{who} post(s) the digits of the last call once more")]
async fn replays_digits(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Replay(WebhookKind::Action)).await
}

step!(
    "Posts the last status callback of a call of this account once more, as it was.",
    "When Mallory posts the status of the last call once more"
);
#[when(expr = "{who} post(s) the status of the last call once more")]
async fn replays_status(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Replay(WebhookKind::Status)).await
}

step!("What was forged was refused for its signature.", "Then the forged request is refused");
#[then("the forged request is refused")]
async fn forgery_is_refused(world: &mut LostkeyWorld) -> StepResult {
    match after_forgery(world).await? {
        Some(EventKind::WebhookRefused { why: Refusal::BadSignature, .. }) => Ok(()),
        Some(kind) => not_so(format!("the console answered what was forged with {kind:?}")),
        None => not_so("the console did not answer what was forged"),
    }
}

step!(
    "What was posted once more changed nothing: no code was accepted because of it.",
    "Then the repeated request changes nothing"
);
#[then("the repeated request changes nothing")]
async fn replay_changes_nothing(world: &mut LostkeyWorld) -> StepResult {
    match after_forgery(world).await? {
        None | Some(EventKind::WebhookRefused { .. } | EventKind::CodeRefused { .. }) => Ok(()),
        Some(kind) => not_so(format!("the console answered what was posted once more with {kind:?}")),
    }
}

/// Waits for the service's first reaction to the last forged or replayed request.
async fn after_forgery(world: &mut LostkeyWorld) -> Result<Option<EventKind>, StepFailure> {
    let forged = world.look(|world| {
        let mut told = world.trace().iter();
        told.rfind(|(_, event)| matches!(event.kind, EventKind::Forged { .. } | EventKind::Replayed { .. }))
            .map(|(id, _)| id)
    })?;
    let Some(forged) = forged else {
        return Err(StepFailure::CannotBe("nobody has forged or repeated anything".to_owned()));
    };
    let answer = |world: &World| {
        let mut events = world.trace().events().iter();
        let answer = events.find(|event| event.by == Actor::Console && event.cause == Some(forged));
        answer.map(|event| event.kind)
    };
    world.within(&ANSWER_MAX, |world| answer(world).is_some()).await?;
    world.look(answer)
}

step!(
    "The session of the person's browser is over: the next page asks for the user name again.",
    "Then Mallory is asked to sign in again"
);
#[then(expr = "{who} is asked to sign in again")]
async fn is_asked_to_sign_in(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::GoTo(PageName::SecurityCredentials)).await?;
    super::account::is_on_page(world, who, PageName::SignIn)
}
