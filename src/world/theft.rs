//! Stolen session cookies: whose they are, and whether the session has ended since by what the norm demands.

use crate::base::account_set::AccountSet;
use crate::base::id::{AccountId, BrowserId, EventId, PersonId};
use crate::base::secret::Token;
use crate::event::{Actor, Event, EventKind, Notice, PageName, Trace};
use crate::message::{BROWSERS_EACH, CookieTheft, Crossing, jar_of};
use crate::people::Person;
use crate::policy::CountedBrowsers;
use crate::story::{Character, Role};
use crate::world::World;
use crate::world::carrier::Sender;
use crate::world::hosts::Service;

/// The cookies in the hands of thieves: at most one for each.
#[derive(Debug, Default)]
pub(super) struct Thefts {
    held: Vec<Theft>,
    /// The browsers in which a copy is used, each with the browser that it was copied from. To the service they
    /// are one.
    used: Vec<(BrowserId, BrowserId)>,
}

/// A session cookie that a thief has copied.
#[derive(Clone, Copy, Debug)]
struct Theft {
    thief: PersonId,
    account: AccountId,
    /// The browser that it was copied from.
    from: BrowserId,
    /// Whether its session must have ended: its user has signed out, a factor was changed in another browser, or
    /// support has reset MFA.
    is_old: bool,
}

impl Thefts {
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.used.clear();
    }

    fn of(&self, thief: PersonId) -> Option<&Theft> {
        self.held.iter().find(|theft| theft.thief == thief)
    }

    /// Notes what ends the sessions of stolen cookies. Called for every event, and usually nothing is stolen.
    #[inline]
    pub(super) fn take_in(&mut self, trace: &Trace, event: EventId) {
        if !self.held.is_empty()
            && let Some(event) = trace.get(event)
        {
            let used = &self.used;
            for theft in &mut self.held {
                theft.is_old |= theft.is_ended_by(trace, event, used);
            }
        }
    }
}

impl Theft {
    #[expect(clippy::wildcard_enum_match_arm, reason = "other events end no session")]
    fn is_ended_by(&self, trace: &Trace, event: &Event, used: &[(BrowserId, BrowserId)]) -> bool {
        let is_its_own = |browser| {
            let copied = used.iter().find(|(own, _)| jar_of(*own) == jar_of(browser));
            jar_of(copied.map_or(browser, |(_, from)| *from)) == jar_of(self.from)
        };
        match event.kind {
            EventKind::Saw { browser, notice: Some(Notice::SignedOut), .. } => is_its_own(browser),
            EventKind::FactorsReset { account, .. } => account == self.account,
            EventKind::DeviceAssigned { account, .. }
            | EventKind::DeviceDeactivated { account, session: Some(_), .. }
            | EventKind::PhoneChanged { account, session: Some(_), .. }
                if account == self.account =>
            {
                let asked = event.cause.and_then(|cause| trace.get(cause));
                asked.is_some_and(|asked| match (asked.by, asked.kind) {
                    (Actor::Person(_), EventKind::Requested { browser, .. }) => !is_its_own(browser),
                    _ => false,
                })
            }
            _ => false,
        }
    }
}

impl World {
    /// The browser that the owner of a thief's target account uses now, of several owners one who is signed in.
    pub(super) fn browser_of_owner(&self, thief: PersonId) -> Option<BrowserId> {
        let people = &self.setup.story.people;
        let account = people.get(thief.index())?.account;
        let owns = |who: &Character| who.role == Role::Owner && who.account == account;
        let mut owners =
            people.iter().zip(&self.people.all).filter(|(who, _)| owns(who)).map(|(_, owner)| owner);
        owners.clone().find(|owner| is_signed_in(owner)).or_else(|| owners.next()).map(Person::browser)
    }

    pub(super) fn steal_cookie(&mut self, thief: PersonId, by: BrowserId, cause: Option<EventId>) {
        let Some(from) = self.browser_of_owner(thief) else { return };
        let account = self.setup.story.people[thief.index()].account;
        self.people.thefts.held.retain(|theft| theft.thief != thief);
        self.people.thefts.held.push(Theft { thief, account, from, is_old: false });
        let crossing = Crossing::Cookie(CookieTheft::Copied { from, by });
        self.enqueue(Sender::Nobody, &crossing, cause, AccountSet::NONE);
    }

    pub(super) fn put_in_cookie(&mut self, thief: PersonId, by: BrowserId, cause: Option<EventId>) {
        let thefts = &mut self.people.thefts;
        if let Some(at) = thefts.held.iter().position(|theft| theft.thief == thief) {
            let from = thefts.held.remove(at).from;
            thefts.used.retain(|(own, _)| *own != by);
            thefts.used.push((by, from));
        }
        let crossing = Crossing::Cookie(CookieTheft::PutIn { by });
        self.enqueue(Sender::Nobody, &crossing, cause, AccountSet::NONE);
    }

    /// Whether a thief holds no session cookie and could now copy that of a signed-in owner.
    pub fn can_steal(&self, thief: PersonId) -> bool {
        let people = &self.setup.story.people;
        self.people.thefts.of(thief).is_none()
            && people.get(thief.index()).is_some_and(|thief| {
                people.iter().zip(&self.people.all).any(|(who, owner)| {
                    who.role == Role::Owner && who.account == thief.account && is_signed_in(owner)
                })
            })
    }

    /// Whether a thief holds a session cookie whose session must have ended.
    pub fn has_old_cookie(&self, thief: PersonId) -> bool {
        self.people.thefts.of(thief).is_some_and(|theft| theft.is_old)
    }

    /// Whether a thief holds a session cookie whose session may still be alive.
    pub fn has_live_cookie(&self, thief: PersonId) -> bool {
        self.people.thefts.of(thief).is_some_and(|theft| !theft.is_old)
    }

    /// The cookies of the browsers that the service knows from before the story: the first one of each owner.
    pub(crate) fn cookies_from_before(&self) -> impl Iterator<Item = (BrowserId, Token)> {
        let story = &*self.setup.story;
        let known = matches!(self.service.service, Service::Reference(_))
            && story.policy.counted_browsers == CountedBrowsers::KnownApart;
        let owners = story.people.iter().enumerate().filter(move |(_, who)| known && who.role == Role::Owner);
        owners.map(|(at, _)| {
            let browser = BrowserId((at as u16).saturating_mul(BROWSERS_EACH));
            (browser, cookie_of(self.setup.seed, browser))
        })
    }

    /// The cookie of this browser from before the story.
    pub(crate) fn cookie_from_before(&self, browser: BrowserId) -> Option<Token> {
        self.cookies_from_before().find(|(known, _)| *known == jar_of(browser)).map(|(_, token)| token)
    }
}

/// The cookie that a browser has from before the story; no random token of the story is like it.
pub(super) fn cookie_of(seed: u64, browser: BrowserId) -> Token {
    const KNOWN: u128 = 0x6b6e_6f77_6e21_0000;
    Token::new(u128::from(seed) << 64 | KNOWN | u128::from(browser.0))
}

/// By the look of the page. The session may have ended since, and a copy of its cookie is then worthless.
fn is_signed_in(owner: &Person) -> bool {
    owner.page().is_some_and(|page| page.name == PageName::SecurityCredentials)
}
