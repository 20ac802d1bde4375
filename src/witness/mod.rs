//! What a service must have done, told from what people did and saw and what providers carried.
//!
//! A service that is not ours reports nothing about itself. People type a code and see a page; the
//! mail provider takes a mail; a call speaks. [`claims`] reads these events alone, never one by the
//! service, and states what the service must have done. The reports of the reference service serve
//! to test the witness itself: [`comparison`] holds its claims against them.
//!
//! A claim says what was shown, and no more: that a code was typed and that its sender was let in
//! does not prove that the service checked it. Only a request with a wrong code can tell.

mod browser;
mod claim;
pub mod comparison;
mod deed;
mod notice;
mod providers;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::browser::Answer;
use self::browser::Jar;
use self::browser::jar_of;
pub use self::claim::Claim;
pub use self::claim::ClaimKind;
pub use self::claim::Fact;
use self::deed::Deed;
use self::providers::Call;
use crate::event::Actor;
use crate::event::Event;
use crate::event::EventKind;
use crate::event::Trace;
use crate::event::Typed;
use crate::id::BrowserId;
use crate::id::CallId;
use crate::id::EventId;
use crate::story::Story;

/// What the service must have done, in the order in which it was seen.
pub fn claims(trace: &Trace, story: &Story) -> Vec<Claim> {
    let mut witness =
        Witness { trace, story, jars: BTreeMap::new(), calls: BTreeMap::new(), claims: Vec::new() };
    for (id, event) in trace.iter() {
        match event.by {
            Actor::Person(_) => witness.person(id, event),
            Actor::MailProvider => witness.mail(id, event),
            Actor::PhoneCompany => witness.phone(id, event),
            Actor::Desk => witness.desk(id, event),
            // The service's own reports are no evidence, and nobody sees the story's events.
            Actor::Console | Actor::Story | Actor::Outsider => {}
        }
    }
    witness.claims
}

/// What is known after the events so far.
struct Witness<'a> {
    trace: &'a Trace,
    story: &'a Story,
    /// For each cookie jar, what its pages have shown.
    jars: BTreeMap<BrowserId, Jar>,
    calls: BTreeMap<CallId, Call>,
    claims: Vec<Claim>,
}

impl Witness<'_> {
    /// A person sees the page that answers a request.
    fn person(&mut self, seen: EventId, event: &Event) {
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
