//! Infers the actions of a service from its observable behaviour.
//!
//! A service other than the reference service reports nothing about itself. People type a code and see a
//! page; the mail provider accepts an email; a call plays a sentence. [`claims`] reads only these events,
//! never the service's own, and concludes what the service must have done. The reports of the reference
//! service are used to test the witness itself: [`comparison`] checks the claims against them.
//!
//! A claim covers only what was observed. If a code was typed and the session was signed in, this does not
//! prove that the service checked the code. Only a request with a wrong code can show that.

mod browser;
mod claim;
pub mod comparison;
mod deed;
mod notice;
mod providers;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::browser::{Answer, Jar, jar_of};
pub use self::claim::{Claim, ClaimKind, Fact};
use self::deed::Deed;
use self::providers::Call;
use crate::base::id::{BrowserId, CallId, EventId};
use crate::event::{Actor, Event, EventKind, Trace, Typed};
use crate::story::Story;

/// The actions that the service must have taken, in order of observation.
pub fn claims(trace: &Trace, story: &Story) -> Vec<Claim> {
    let mut witness =
        Witness { trace, story, jars: BTreeMap::new(), calls: BTreeMap::new(), claims: Vec::new() };
    for (id, event) in trace.iter() {
        match event.by {
            Actor::Person(_) => witness.person(id, event),
            Actor::MailProvider => witness.mail(id, event),
            Actor::PhoneCompany => witness.phone(id, event),
            Actor::Desk => witness.desk(id, event),
            // The service's own reports are not evidence, and the story's events are not observable.
            Actor::Console | Actor::Story | Actor::Outsider => {}
        }
    }
    witness.claims
}

/// The state after the events so far.
struct Witness<'a> {
    trace: &'a Trace,
    story: &'a Story,
    /// The state that the pages have shown, per cookie jar.
    jars: BTreeMap<BrowserId, Jar>,
    calls: BTreeMap<CallId, Call>,
    claims: Vec<Claim>,
}

impl Witness<'_> {
    /// A person sees the page that answers a request.
    fn person(&mut self, seen: EventId, event: &Event) {
        if let (Actor::Person(thief), EventKind::PutInCookie { browser }) = (event.by, event.kind) {
            let account = self.story.people.get(thief.index()).map(|thief| thief.account);
            self.jars.insert(jar_of(browser), Jar::copied(account));
        }
        let EventKind::Saw { browser, page, notice } = event.kind else { return };
        let Some((asked, action, typed)) = event.cause.and_then(|asked| self.request(asked, browser)) else {
            return;
        };
        let jar = self.jars.entry(jar_of(browser)).or_default();
        let claims = &mut self.claims;
        let answer = Answer { at: event.at, seen, asked, browser, typed, page, notice, jar, claims };
        answer.read(action, self.story);
    }

    /// The request that a page in this browser answers.
    fn request(&self, asked: EventId, shown: BrowserId) -> Option<(EventId, Deed, Typed)> {
        let event = self.trace.get(asked)?;
        match (event.by, event.kind) {
            (Actor::Person(_), EventKind::Requested { browser, action, typed }) if browser == shown => {
                Some((asked, Deed::of(action), typed))
            }
            _ => None,
        }
    }
}
