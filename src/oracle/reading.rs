//! Queries on a trace that several oracles share: requests, sign-in attempts, data on file.

use crate::base::id::{
    AccountId, BrowserId, CallId, CodeId, DeviceId, EventId, LinkId, MailId, PersonId, SessionId,
};
use crate::base::later_password::LaterPassword;
use crate::base::number::Number;
use crate::base::time::Time;
use crate::event::{Actor, Event, EventKind, Trace, Typed};
use crate::oracle::dispatch::Oracles;
use crate::oracle::rule::Objection;
use crate::oracle::{Finding, Verdict, concerned, dispatch};
use crate::policy::Norm;
use crate::story::{Role, Story};

/// A trace with the context that oracles need.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The trace.
    pub trace: &'a Trace,
    /// The story of the trace.
    pub story: &'a Story,
    /// The norm to apply.
    pub norm: &'a Norm,
    notes: &'a Notes,
}

/// An index of a trace for the oracles. A drill reuses its memory from run to run.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// For each session, the first session of its sign-in attempt.
    roots: Vec<SessionId>,
    /// The events that any oracle reads, with the set of those oracles.
    read: Vec<(EventId, Oracles)>,
    /// The oracles that could object to an event of the trace.
    objectors: Oracles,
}

/// A person's request at the start of a chain of causes.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The person who sent it.
    pub person: PersonId,
    /// The browser that sent it.
    pub browser: BrowserId,
    /// What was actually typed.
    pub typed: Typed,
    /// The time of the request.
    pub at: Time,
}

impl<'a> Reading<'a> {
    /// Indexes `trace`, overwriting `notes`.
    pub fn new(trace: &'a Trace, story: &'a Story, norm: &'a Norm, notes: &'a mut Notes) -> Self {
        notes.take(trace, story, dispatch::readers);
        Self { trace, story, norm, notes }
    }

    /// Indexes `trace` so that each oracle reads all events.
    #[cfg(test)]
    pub(crate) fn of_everything(
        trace: &'a Trace,
        story: &'a Story,
        norm: &'a Norm,
        notes: &'a mut Notes,
    ) -> Self {
        notes.take(trace, story, |_| Oracles::MAX);
        Self { trace, story, norm, notes }
    }
}

impl Notes {
    fn take(&mut self, trace: &Trace, story: &Story, readers: impl Fn(&EventKind) -> Oracles) {
        let Self { roots, read, objectors } = self;
        roots.clear();
        read.clear();
        *objectors = 0;
        for (id, event) in trace.iter() {
            *objectors |= dispatch::objectors(&event.kind);
            if dispatch::probes(story, &event.kind) {
                *objectors |= dispatch::ENUMERATION;
            }
            let readers = readers(&event.kind);
            if readers != 0 {
                read.push((id, readers));
            }
            if let EventKind::SessionOpened { session, from } = event.kind {
                let root = from.and_then(|from| roots.get(from.index()).copied()).unwrap_or(session);
                if roots.len() <= session.index() {
                    roots.resize(session.index() + 1, session);
                }
                roots[session.index()] = root;
            }
        }
    }
}

impl<'a> Reading<'a> {
    /// Whether the oracle at this index of [`super::ALL`] could object to any event.
    pub(super) const fn may_object(&self, at: usize) -> bool {
        self.notes.objectors >> at & 1 != 0
    }

    /// The events that an oracle reads, in order.
    pub(super) fn events_for(&self, oracle: Oracles) -> impl Iterator<Item = (EventId, &'a Event)> {
        let events = self.trace.events();
        self.notes
            .read
            .iter()
            .filter(move |(_, readers)| readers & oracle != 0)
            .filter_map(move |(id, _)| Some((*id, events.get(id.index())?)))
    }

    /// The first session of the sign-in attempt of `session`.
    pub fn root(&self, session: SessionId) -> SessionId {
        self.notes.roots.get(session.index()).copied().unwrap_or(session)
    }

    /// Whether two sessions belong to one sign-in attempt.
    pub fn same_attempt(&self, one: SessionId, other: SessionId) -> bool {
        self.root(one) == self.root(other)
    }

    /// The person's request that led to `event`, if any.
    pub fn asked(&self, event: EventId) -> Option<Asked> {
        self.trace.causes(event).find_map(|(_, event)| asked(event))
    }

    /// The request that directly caused `event`.
    pub fn asked_directly(&self, event: &Event) -> Option<Asked> {
        asked(self.trace.get(event.cause?)?)
    }

    /// The number on file for `account` at `time`.
    pub fn number_on_file(&self, account: AccountId, time: Time) -> Option<Number> {
        let changed = self.trace.events().iter().rev().find_map(|event| match event.kind {
            EventKind::PhoneChanged { account: of, number, .. } if of == account && event.at <= time => {
                Some(number)
            }
            _ => None,
        });
        changed.or(self.story.accounts.get(account.index())?.phone)
    }

    /// Whether this was the password of `account` at the event `before`.
    pub fn is_password_of(&self, typed: Typed, account: AccountId, before: EventId) -> bool {
        password_number(typed, account).is_some_and(|nth| nth == self.password(account, before))
    }

    /// The number of the password that `account` had at the event `before`: 0 is the one from before the story.
    fn password(&self, account: AccountId, before: EventId) -> u16 {
        // Passwords change in few runs.
        if self.notes.objectors & dispatch::REACTIONS == 0 {
            return 0;
        }
        let earlier = self.trace.events().iter().take(before.index()).rev();
        let mut set = earlier.filter_map(|event| match event.kind {
            EventKind::OneTimePasswordSet { account: of, ticket } if of == account => {
                Some(LaterPassword::of_ticket(ticket).0)
            }
            EventKind::PasswordChanged { account: of, .. } if of == account => {
                match self.asked_directly(event)?.typed {
                    Typed::NewPassword { new, .. } => Some(new),
                    _ => None,
                }
            }
            _ => None,
        });
        set.next().unwrap_or(0)
    }

    /// The number that `call` went to.
    pub fn number_of_call(&self, call: CallId) -> Option<Number> {
        self.trace.events().iter().find_map(|event| match event.kind {
            EventKind::CallTaken { call: taken, number } if taken == call => Some(number),
            _ => None,
        })
    }

    /// The phone code that `call` was placed for.
    pub fn code_of_call(&self, call: CallId) -> Option<CodeId> {
        let (placed, _) = self.trace.iter().find(|(_, event)| match event.kind {
            EventKind::CallTaken { call: taken, .. } | EventKind::CallUnclear { placed: Some(taken), .. } => {
                taken == call
            }
            _ => false,
        })?;
        self.code_ordered(placed)
    }

    /// The phone code of the call order that led to `event`.
    pub fn code_ordered(&self, event: EventId) -> Option<CodeId> {
        self.trace.causes(event).find_map(|(_, event)| match event.kind {
            EventKind::CallOrdered { code, .. } => Some(code),
            _ => None,
        })
    }

    /// The link in `mail`, from the order that caused it.
    pub fn link_in(&self, mail: MailId) -> Option<LinkId> {
        let (id, _) = self.trace.iter().find(|(_, event)| match event.kind {
            EventKind::MailTaken { mail: taken, .. } => taken == mail,
            _ => false,
        })?;
        self.trace.causes(id).find_map(|(_, event)| match event.kind {
            EventKind::MailOrdered { link, .. } => Some(link),
            _ => None,
        })?
    }

    /// The time when a link was issued, and the session that requested it.
    pub fn issued(&self, link: LinkId) -> Option<(Time, SessionId)> {
        self.trace.events().iter().find_map(|event| match event.kind {
            EventKind::LinkIssued { link: issued, session, .. } if issued == link => {
                Some((event.at, session))
            }
            _ => None,
        })
    }

    /// The name of a person.
    pub fn name(&self, person: PersonId) -> &str {
        self.story.people.get(person.index()).map_or("an unknown person", |person| &person.name)
    }

    /// The name of an account.
    pub fn account(&self, account: AccountId) -> &str {
        self.story.accounts.get(account.index()).map_or("an unknown account", |account| &account.name)
    }

    /// The name of a device.
    pub fn device(&self, device: DeviceId) -> String {
        self.story.device_name(device)
    }

    /// The role of a person.
    pub fn role(&self, person: PersonId) -> Option<Role> {
        self.story.people.get(person.index()).map(|person| person.role)
    }

    /// A finding at `event`.
    pub(super) fn finding(&self, objection: Objection, verdict: Verdict, event: EventId) -> Finding {
        let at = self.trace.get(event).map_or(Time::ZERO, |event| event.at);
        let account = concerned::account(self.trace, self.story, event);
        Finding::new(objection, verdict, at, Some(event), account)
    }
}

/// The number of the password that was typed as that of `account`.
pub(super) const fn password_number(typed: Typed, account: AccountId) -> Option<u16> {
    match typed {
        Typed::Password(Some(of)) if of.0 == account.0 => Some(0),
        Typed::LaterPassword { of, nth } if of.0 == account.0 => Some(nth),
        Typed::NewPassword { of, current, .. } if of.0 == account.0 => current,
        _ => None,
    }
}

/// Whether two browsers share cookies. Each person has three; the third is a second tab of the first.
pub(super) const fn same_cookies(one: BrowserId, other: BrowserId) -> bool {
    const fn jar(browser: BrowserId) -> u16 {
        if browser.0 % 3 == 2 { browser.0 - 2 } else { browser.0 }
    }
    jar(one) == jar(other)
}

fn asked(event: &Event) -> Option<Asked> {
    match (event.by, event.kind) {
        (Actor::Person(person), EventKind::Requested { browser, typed, .. }) => {
            Some(Asked { person, browser, typed, at: event.at })
        }
        _ => None,
    }
}
