//! Steps about email: messages, links, and notices to all addresses.

use cucumber::{then, when};

use crate::base::id::{EventId, PersonId};
use crate::event::{Actor, Event, EventKind, Folder, MailKind, Notice, PageName};
use crate::gherkin::steps::account::{is_on_page, reads};
use crate::gherkin::{Duration, LostkeyWorld, StepResult, Who, Whose, not_so, step, words};
use crate::people::{Act, BrowserChoice, LinkChoice};
use crate::world::World;

/// The number of verification emails in a person's folder.
fn mails_in(world: &World, who: PersonId, folder: Folder) -> usize {
    let letters = world.person(who).map_or(&[][..], |person| person.letters());
    let here = letters.iter().filter(|letter| letter.folder == folder);
    here.filter(|letter| letter.body.kind() == Some(MailKind::Verification) && letter.links.token().is_some())
        .count()
}

/// The number of verification emails in a person's inbox.
fn verification_mails(world: &World, who: PersonId) -> usize {
    mails_in(world, who, Folder::Inbox)
}

step!(
    "A new email with a link arrives in the inbox within this time.",
    "Then an email with a verification link reaches Ana's inbox within 10 minutes"
);
#[then(expr = "an email with a verification link reaches {whose} inbox within {duration}")]
async fn mail_arrives(world: &mut LostkeyWorld, whose: Whose, within: Duration) -> StepResult {
    let who = world.owner(&whose)?;
    let before = world.look(|world| {
        // Do not count emails that the person read before.
        let is_read = |event: &&Event| {
            event.by == Actor::Person(who) && matches!(event.kind, EventKind::ReadMail { .. })
        };
        world.trace().events().iter().filter(is_read).count()
    })?;
    let arrived = world.within(&within, |world| verification_mails(world, who) > before).await?;
    let name = world.name(who)?;
    if arrived {
        Ok(())
    } else {
        not_so(format!("no new verification email reached {name}'s inbox within {}", within.0))
    }
}

step!(
    "An email with a link arrives in the spam folder within this time.",
    "Then an email with a verification link reaches Ana's spam folder within 10 minutes"
);
#[then(expr = "an email with a verification link reaches {whose} spam folder within {duration}")]
async fn mail_arrives_in_spam(world: &mut LostkeyWorld, whose: Whose, within: Duration) -> StepResult {
    let who = world.owner(&whose)?;
    let arrived = world.within(&within, |world| mails_in(world, who, Folder::Spam) > 0).await?;
    let name = world.name(who)?;
    if arrived { Ok(()) } else { not_so(format!("no verification email is in {name}'s spam folder")) }
}

step!("A scanner has fetched the link of an email.", "Then a scanner has fetched the link");
#[then("a scanner has fetched the link")]
async fn scanner_has_fetched(world: &mut LostkeyWorld) -> StepResult {
    let fetched = world.look(|world| {
        let mut events = world.trace().events().iter();
        events.any(|event| matches!(event.kind, EventKind::LinkScanned { .. }))
    })?;
    if fetched { Ok(()) } else { not_so("no scanner has fetched a link") }
}

step!(
    "No further email with a link arrives in the inbox within this time.",
    "Then no email reaches Ana's inbox within 1 hour"
);
#[then(expr = "no email reaches {whose} inbox within {duration}")]
async fn no_mail_arrives(world: &mut LostkeyWorld, whose: Whose, within: Duration) -> StepResult {
    let who = world.owner(&whose)?;
    let before = world.look(|world| verification_mails(world, who))?;
    let arrived = world.within(&within, |world| verification_mails(world, who) > before).await?;
    let name = world.name(who)?;
    if arrived { not_so(format!("a verification email has reached {name}'s inbox")) } else { Ok(()) }
}

step!(
    "After this time, the inbox contains this many emails with a link in total.",
    "Then 2 emails with a verification link reach Ana's inbox within 10 minutes"
);
#[then(expr = "{count} email(s) with a verification link reach(es) {whose} inbox within {duration}")]
async fn mails_arrive(
    world: &mut LostkeyWorld,
    count: words::Count,
    whose: Whose,
    within: Duration,
) -> StepResult {
    let who = world.owner(&whose)?;
    let count = count.0 as usize;
    world.within(&within, |world| verification_mails(world, who) > count).await?;
    let seen = world.look(|world| verification_mails(world, who))?;
    let name = world.name(who)?;
    if seen == count { Ok(()) } else { not_so(format!("{name}'s inbox contains {seen} verification emails")) }
}

async fn open_link(world: &mut LostkeyWorld, who: &Who, nth: u16, browser: BrowserChoice) -> StepResult {
    let who = world.person(who)?;
    world.act(who, Act::OpenLink(LinkChoice { nth, browser })).await
}

step!("Opens the link of the newest email in the browser that signs in.", "When Ana opens the link");
#[when(expr = "{who} open(s) the link")]
async fn opens_link(world: &mut LostkeyWorld, who: Who) -> StepResult {
    open_link(world, &who, 0, BrowserChoice::Same).await
}

step!(
    "Opens the link of the newest email and presses the button on its page.",
    "When Ana opens the link and confirms"
);
#[when(expr = "{who} open(s) the link and confirm(s)")]
async fn opens_link_and_confirms(world: &mut LostkeyWorld, who: Who) -> StepResult {
    open_link(world, &who, 0, BrowserChoice::Same).await?;
    let who = world.person(&who)?;
    world.act(who, Act::Confirm).await
}

step!("Opens the link of an email, counted from the first.", "When Ana opens the link of the 2nd email");
#[when(expr = "{who} open(s) the link of the {nth} email")]
async fn opens_nth_link(world: &mut LostkeyWorld, who: Who, nth: words::Nth) -> StepResult {
    open_link(world, &who, nth.0, BrowserChoice::Same).await
}

step!(
    "Opens the link in a browser without a session, and presses the button on its page.",
    "When Ana opens the link in another browser and confirms"
);
#[when(expr = "{who} open(s) the link in another browser and confirm(s)")]
async fn opens_link_elsewhere(world: &mut LostkeyWorld, who: Who) -> StepResult {
    open_link(world, &who, 0, BrowserChoice::Other).await?;
    let who = world.person(&who)?;
    world.act(who, Act::Confirm).await
}

step!("Presses the button on the page of the link.", "When Ana confirms");
#[when(expr = "{who} confirm(s)")]
async fn confirms(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::Confirm).await
}

step!("Returns to the browser that signs in.", "When Ana returns to the first browser");
#[when(expr = "{who} return(s) to the first browser")]
async fn returns(world: &mut LostkeyWorld, who: Who) -> StepResult {
    let who = world.person(&who)?;
    world.act(who, Act::GoTo(PageName::VerifyEmail)).await
}

step!(
    "The page in the other browser shows a notice that begins with this text.",
    r#"Then the other browser says "Your email address is verified: go back""#
);
#[then(expr = "the other browser says {notice}")]
async fn other_browser_says(world: &mut LostkeyWorld, notice: words::Notice) -> StepResult {
    let who = world.person(&Who(None))?;
    let page = world.look(|world| world.person(who).and_then(|person| person.other_page().copied()))?;
    let told = page.and_then(|page| page.notice);
    match told {
        Some(told) if told == notice.0 => Ok(()),
        Some(told) => not_so(format!("the other browser says \"{told}\"")),
        None => not_so("the other browser says nothing"),
    }
}

step!(
    "The other browser has not gone beyond the page of the link.",
    "Then the other browser is not signed in"
);
#[then("the other browser is not signed in")]
async fn other_browser_is_out(world: &mut LostkeyWorld) -> StepResult {
    let who = world.person(&Who(None))?;
    let page = world.look(|world| world.person(who).and_then(|person| person.other_page().copied()))?;
    let outside =
        page.is_none_or(|page| page.name == PageName::ConfirmEmail || page.name == PageName::SignIn);
    if outside { Ok(()) } else { not_so("the other browser has gone beyond the page of the link") }
}

step!("Signs in and completes step 1 by habit, up to step 2.", "When Ana has verified her email address");
#[when(expr = "{who} has verified her/his/their email address")]
async fn has_verified(world: &mut LostkeyWorld, who: Who) -> StepResult {
    by_habit_to(world, &who, PageName::VerifyPhone).await
}

step!(
    "Signs in and completes step 1 by habit, if no step 2 follows.",
    "When Ana has verified her email address as the only step"
);
#[when(expr = "{who} has verified her/his/their email address as the only step")]
async fn has_verified_only_step(world: &mut LostkeyWorld, who: Who) -> StepResult {
    by_habit_to(world, &who, PageName::FinishSignIn).await
}

/// Lets a person act by habit up to a page, for at most the story's patience.
async fn by_habit_to(world: &mut LostkeyWorld, who: &Who, page: PageName) -> StepResult {
    let who = world.person(who)?;
    let patience = Duration(world.story()?.patience);
    world.stage()?.with(|world| world.act_by_habit(who, Some(page)));
    let done = world
        .within(&patience, |world| world.person(who).is_some_and(|person| !person.acts_by_habit()))
        .await?;
    if !done {
        world.stage()?.with(|world| world.stop(who));
    }
    is_on_page(world, who, page)
}

step!("Step 1 is done, and the page says so.", "Then Ana's email address is verified");
#[then(expr = "{whose} email address is verified")]
async fn email_is_verified(world: &mut LostkeyWorld, whose: Whose) -> StepResult {
    let who = world.owner(&whose)?;
    is_on_page(world, who, PageName::VerifyPhone)?;
    reads(world, who, Notice::EmailVerified)
}

step!("A notice was sent to each address on file.", "Then every address on file was told");
#[then(expr = "every address on file was told")]
async fn every_address_was_told(world: &mut LostkeyWorld) -> StepResult {
    every_address(world, None, EventId::FIRST)
}

step!(
    "A notice with this subject was sent to each address on file.",
    r#"Then every address on file was told "An MFA device was deactivated""#
);
#[then(expr = "every address on file was told {mail}")]
async fn every_address_was_told_that(world: &mut LostkeyWorld, mail: words::Mail) -> StepResult {
    every_address(world, Some(mail.0), EventId::FIRST)
}

/// Fails unless a notice (of this kind, if given) was accepted for each address on file.
fn every_address(world: &mut LostkeyWorld, kind: Option<MailKind>, since: EventId) -> StepResult {
    let who = world.person(&Who(None))?;
    let story = std::sync::Arc::clone(world.story()?);
    let account = &story.accounts[story.people[who.index()].account.index()];
    for address in &account.emails {
        let told = world.look(|world| {
            world.trace().iter().any(|(id, event)| match event.kind {
                EventKind::MailTaken { to, kind: Some(taken), .. } => {
                    id >= since
                        && to == *address
                        && taken.is_notice()
                        && kind.is_none_or(|kind| kind == taken)
                }
                _ => false,
            })
        })?;
        if !told {
            let what = kind.map_or("anything", |kind| kind.label());
            return not_so(format!("{} was not told {what}", story.address_text(*address)));
        }
    }
    Ok(())
}
