//! Steps about attacks: other browsers and tabs, cross-site request forgery, forged and replayed
//! webhooks.

use cucumber::{then, when};

use crate::base::time::Span;
use crate::event::{Actor, EventKind, PageName, Refusal, WebhookKind};
use crate::gherkin::{Duration, LostkeyWorld, StepFailure, StepResult, Who, not_so, step, words};
use crate::message::Authenticity;
use crate::people::{
    Act, BrowserChoice, CodeChoice, ForgedWords, Forgery, LinkChoice, PasswordChoice, UserChoice, With,
};
use crate::world::World;

/// Limit for the service's answer to a request.
const ANSWER_MAX: Duration = Duration(Span::from_secs(5));

async fn act(world: &mut LostkeyWorld, who: &Who, act: Act) -> StepResult {
    let who = world.person(who)?;
    world.act(who, act).await
}

step!(
    "Uses another browser from now on, with no cookies and no open page.",
    "When Ana goes on in another browser"
);
#[when(expr = "{who} go(es) on in another browser")]
async fn uses_another_browser(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Use(BrowserChoice::Other)).await
}

step!(
    "Uses another tab of the first browser from now on, with the same cookies.",
    "When Ana goes on in another tab"
);
#[when(expr = "{who} go(es) on in another tab")]
async fn uses_another_tab(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Use(BrowserChoice::Tab)).await
}

step!(
    "Uses the first browser again from now on, on the page that it shows.",
    "When Ana goes on in the first browser"
);
#[when(expr = "{who} go(es) on in the first browser")]
async fn uses_first_browser(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Use(BrowserChoice::Same)).await
}

step!(
    "Opens the link of the newest email in another tab, and presses the button on its page.",
    "When Ana opens the link in another tab and confirms"
);
#[when(expr = "{who} open(s) the link in another tab and confirm(s)")]
async fn opens_link_in_tab(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::OpenLink(LinkChoice { nth: 0, browser: BrowserChoice::Tab })).await?;
    act(world, &who, Act::Confirm).await
}

step!(
    "Enters an unknown user name, and a password if one is asked for.",
    "When Mallory signs in with a user name that nobody has"
);
#[when(expr = "{who} sign(s) in with a user name that nobody has")]
async fn signs_in_as_nobody(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let with = With { user: UserChoice::Nobody, password: PasswordChoice::Wrong, code: None };
    act(world, &who, Act::SignIn(with)).await
}

step!(
    "Signs in with a wrong password this many times in a row.",
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
    "Signs in with a wrong password at once and after each of these intervals, for this long.",
    "When Mallory signs in with a wrong password every 10 minutes for 20 hours"
);
#[when(expr = "{who} sign(s) in with a wrong password every {duration} for {duration}")]
async fn trickles_passwords(
    world: &mut LostkeyWorld,
    who: Who,
    every: Duration,
    during: Duration,
) -> StepResult {
    let with = With { user: UserChoice::Own, password: PasswordChoice::Wrong, code: None };
    trickle(world, &who, Act::SignIn(with), every, during).await
}

step!(
    "Enters a wrong MFA code at once and after each of these intervals, for this long. The page must ask for one.",
    "When Mallory enters a wrong code every 10 minutes for 3 hours"
);
#[when(expr = "{who} enter(s) a wrong code every {duration} for {duration}")]
async fn trickles_codes(world: &mut LostkeyWorld, who: Who, every: Duration, during: Duration) -> StepResult {
    trickle(world, &who, Act::EnterCode(CodeChoice::Wrong), every, during).await
}

/// Repeats an act at this interval until the time is over.
async fn trickle(
    world: &mut LostkeyWorld,
    who: &Who,
    again: Act,
    every: Duration,
    during: Duration,
) -> StepResult {
    if every.0 == Span::ZERO {
        return Err(StepFailure::CannotBe("the interval is 0; write the time between two tries".to_owned()));
    }
    let end = world.look(|world| world.now())? + during.0;
    loop {
        act(world, who, again).await?;
        let next = world.look(|world| world.now())? + every.0;
        if next > end {
            return world.until(end).await;
        }
        world.until(next).await?;
    }
}

step!(
    "Another site posts a form of the console from the person's browser: with the cookie, without the CSRF token.",
    r#"When Ana is lured into posting "Deactivate" from another site"#
);
#[when(expr = "{who} is lured into posting {button} from another site")]
async fn posts_from_elsewhere(world: &mut LostkeyWorld, who: Who, button: words::Button) -> StepResult {
    act(world, &who, Act::CrossSite(button.0)).await
}

step!(
    "Forges the digits webhook of a call, with the code on the person's screen and no signature.",
    "When Mallory forges the digits of a call without a signature"
);
#[when(expr = "{who} forge(s) the digits of a call without a signature")]
async fn forges_digits(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let forgery = Forgery { says: ForgedWords::RightDigits, signature: Authenticity::Missing };
    act(world, &who, Act::Forge(forgery)).await
}

step!(
    "Forges the digits webhook of a call, signed with a wrong secret.",
    "When Mallory forges the digits of a call with a wrong signature"
);
#[when(expr = "{who} forge(s) the digits of a call with a wrong signature")]
async fn forges_signed_digits(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let forgery = Forgery { says: ForgedWords::RightDigits, signature: Authenticity::Wrong };
    act(world, &who, Act::Forge(forgery)).await
}

step!("Forges a status callback: the call is completed.", "When Mallory forges that the call was completed");
#[when(expr = "{who} forge(s) that the call was completed")]
async fn forges_completion(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let forgery = Forgery { says: ForgedWords::Completed, signature: Authenticity::Missing };
    act(world, &who, Act::Forge(forgery)).await
}

step!(
    "Replays the last digits webhook of this account's call, signature included.",
    "When Mallory posts the digits of the last call once more"
);
#[when(expr = "{who} post(s) the digits of the last call once more")]
async fn replays_digits(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Replay(WebhookKind::Action)).await
}

step!(
    "Replays the last status callback of this account's call, signature included.",
    "When Mallory posts the status of the last call once more"
);
#[when(expr = "{who} post(s) the status of the last call once more")]
async fn replays_status(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::Replay(WebhookKind::Status)).await
}

step!("The forged request was refused because of its signature.", "Then the forged request is refused");
#[then("the forged request is refused")]
async fn forgery_is_refused(world: &mut LostkeyWorld) -> StepResult {
    match after_forgery(world).await? {
        Some(EventKind::WebhookRefused { why: Refusal::BadSignature, .. }) => Ok(()),
        Some(kind) => not_so(format!("the console answered the forged request with {kind:?}")),
        None => not_so("the console did not answer the forged request"),
    }
}

step!(
    "The replayed request changed nothing: no code was accepted because of it.",
    "Then the repeated request changes nothing"
);
#[then("the repeated request changes nothing")]
async fn replay_changes_nothing(world: &mut LostkeyWorld) -> StepResult {
    match after_forgery(world).await? {
        None | Some(EventKind::WebhookRefused { .. } | EventKind::CodeRefused { .. }) => Ok(()),
        Some(kind) => not_so(format!("the console answered the replayed request with {kind:?}")),
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
        return Err(StepFailure::CannotBe("no request was forged or replayed".to_owned()));
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
    "Copies the session cookie out of the browser that the owner uses now. The story must say `has: [session]`.",
    "When Mallory steals the session cookie"
);
#[when(expr = "{who} steal(s) the session cookie")]
async fn steals_cookie(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::StealCookie).await
}

step!(
    "Puts the stolen session cookie into another browser, goes on there, and opens \"Your Security Credentials\".",
    "When Mallory comes back with the stolen session cookie"
);
#[when(expr = "{who} come(s) back with the stolen session cookie")]
async fn comes_back(world: &mut LostkeyWorld, who: Who) -> StepResult {
    act(world, &who, Act::ComeBack).await
}

step!(
    "The session of the browser has ended: the next page asks for the user name.",
    "Then Mallory is asked to sign in again"
);
#[then(expr = "{who} is asked to sign in again")]
async fn is_asked_to_sign_in(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::GoTo(PageName::SecurityCredentials)).await?;
    super::account::is_on_page(world, who, PageName::SignIn)
}
