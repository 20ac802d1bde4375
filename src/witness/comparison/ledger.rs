//! Indexes a trace for the comparison: responses, cookies, links, codes.

use std::collections::BTreeMap;

use crate::base::id::{BrowserId, CallId, CodeId, EventId, LinkId, MailId, SessionId};
use crate::event::{Actor, Event, EventKind, PageName, Trace};
use crate::witness::browser::jar_of;

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// This page was seen.
    Page(PageName),
    /// No page was returned.
    Nothing,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    /// The request for which it was opened.
    pub(super) opened_for: Option<EventId>,
    /// The event since which at least a password counts as proven in the session.
    pub(super) rights_since: Option<EventId>,
}

#[derive(Debug)]
pub(super) struct Ledger<'a> {
    pub(super) trace: &'a Trace,
    /// Outcome of each request that was answered or whose response was lost.
    pub(super) outcomes: BTreeMap<EventId, Outcome>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    /// Cookies in order of arrival: the event that showed the page, the jar, the session.
    cookies: Vec<(EventId, BrowserId, SessionId)>,
    /// The sessions of stolen cookies: each with its thief, and the jar that it was put into.
    copies: Vec<(Actor, Option<BrowserId>, SessionId)>,
    pub(super) links: BTreeMap<MailId, LinkId>,
    pub(super) codes: BTreeMap<CallId, CodeId>,
    /// The provider's event for each email or call ordered in the outbox.
    pub(super) orders: BTreeMap<EventId, EventId>,
}

impl<'a> Ledger<'a> {
    pub(super) fn of(trace: &'a Trace) -> Self {
        let mut ledger = Self {
            trace,
            outcomes: BTreeMap::new(),
            sessions: BTreeMap::new(),
            cookies: Vec::new(),
            copies: Vec::new(),
            links: BTreeMap::new(),
            codes: BTreeMap::new(),
            orders: BTreeMap::new(),
        };
        // A page sets the cookie of the session that was opened last for its request.
        let mut opened: BTreeMap<EventId, SessionId> = BTreeMap::new();
        for (id, event) in trace.iter() {
            match event.by {
                Actor::Person(_) => ledger.person(id, event, &opened),
                Actor::Console => ledger.service(id, event, &mut opened),
                Actor::MailProvider | Actor::PhoneCompany => ledger.provider(id, event),
                Actor::Desk | Actor::Story | Actor::Outsider => {}
            }
        }
        ledger
    }

    fn person(&mut self, id: EventId, event: &Event, opened: &BTreeMap<EventId, SessionId>) {
        self.copied(id, event);
        let Some(request) = event.cause else { return };
        match event.kind {
            EventKind::Saw { browser, page, .. } => {
                self.outcomes.insert(request, Outcome::Page(page));
                if let Some(session) = opened.get(&request) {
                    self.cookies.push((id, jar_of(browser), *session));
                }
            }
            EventKind::SawNothing { .. } => {
                self.outcomes.insert(request, Outcome::Nothing);
            }
            _ => {}
        }
    }

    /// A stolen cookie arrives with the first page that it opens: before, it may be worthless.
    fn copied(&mut self, id: EventId, event: &Event) {
        match event.kind {
            EventKind::StoleCookie { of: Some(from) } => {
                self.copies.retain(|(thief, jar, _)| *thief != event.by || jar.is_some());
                let session = self.held(from, |_, _| true);
                self.copies.extend(session.map(|session| (event.by, None, session)));
            }
            EventKind::PutInCookie { browser } => {
                let own = |(thief, jar, _): &&mut (Actor, Option<BrowserId>, SessionId)| {
                    *thief == event.by && jar.is_none()
                };
                if let Some((_, jar, _)) = self.copies.iter_mut().find(own) {
                    *jar = Some(jar_of(browser));
                }
            }
            EventKind::Saw {
                browser, page: PageName::SecurityCredentials | PageName::AssignDevice, ..
            } => {
                let put_in =
                    |(_, jar, _): &(Actor, Option<BrowserId>, SessionId)| *jar == Some(jar_of(browser));
                if let Some(at) = self.copies.iter().rposition(put_in) {
                    let (_, _, session) = self.copies.swap_remove(at);
                    self.copies.retain(|copy| !put_in(copy));
                    self.cookies.push((id, jar_of(browser), session));
                }
            }
            _ => {}
        }
    }

    fn service(&mut self, id: EventId, event: &Event, opened: &mut BTreeMap<EventId, SessionId>) {
        match event.kind {
            EventKind::SessionOpened { session, from } => {
                let new = Session { opened_for: event.cause, rights_since: from.map(|_| id) };
                self.sessions.insert(session, new);
                if let Some(request) = event.cause {
                    opened.insert(request, session);
                }
            }
            EventKind::PasswordAccepted { session, .. } | EventKind::SignedIn { session, .. } => {
                if let Some(session) = self.sessions.get_mut(&session) {
                    session.rights_since.get_or_insert(id);
                }
            }
            _ => {}
        }
    }

    fn provider(&mut self, id: EventId, event: &Event) {
        let ordered = self.order_behind(id);
        if let Some((order, kind)) = ordered
            && is_handed_over(&event.kind)
        {
            self.orders.insert(order, id);
            match (event.kind, kind) {
                (EventKind::MailTaken { mail, .. }, EventKind::MailOrdered { link: Some(link), .. }) => {
                    self.links.insert(mail, link);
                }
                (
                    EventKind::CallTaken { call, .. } | EventKind::CallUnclear { placed: Some(call), .. },
                    EventKind::CallOrdered { code, .. },
                ) => {
                    self.codes.insert(call, code);
                }
                _ => {}
            }
        }
    }

    /// The nearest outbox order among the causes of an event.
    pub(super) fn order_behind(&self, event: EventId) -> Option<(EventId, EventKind)> {
        self.trace.causes(event).find_map(|(id, event)| match event.kind {
            EventKind::MailOrdered { .. } | EventKind::CallOrdered { .. } => Some((id, event.kind)),
            _ => None,
        })
    }

    /// The browser that sent the request.
    pub(super) fn browser_of(&self, request: EventId) -> Option<BrowserId> {
        match self.trace.get(request)?.kind {
            EventKind::Requested { browser, .. } => Some(browser),
            _ => None,
        }
    }

    /// The last session with rights whose cookie the browser had before this page. A public page may have
    /// replaced that cookie in the meantime, after the session ended. A thief who put in a stolen cookie has
    /// replaced it, too, and the page is then about the stolen session.
    pub(super) fn had_before(&self, browser: BrowserId, page: EventId) -> Option<SessionId> {
        let stolen = self.trace.iter().take_while(|(id, _)| *id < page).filter(|(_, event)| {
            matches!(event.kind, EventKind::PutInCookie { browser: own } if jar_of(own) == jar_of(browser))
        });
        let stolen = stolen.map(|(id, _)| id).last();
        self.held(browser, |arrived, session| {
            let since = self.sessions.get(&session).and_then(|session| session.rights_since);
            arrived < page
                && since.is_some_and(|since| since < page)
                && stolen.is_none_or(|stolen| stolen < arrived)
        })
    }

    /// The session whose cookie the browser holds after this page.
    pub(super) fn held_after(&self, browser: BrowserId, page: EventId) -> Option<SessionId> {
        self.held(browser, |arrived, _| arrived <= page)
    }

    fn held(&self, browser: BrowserId, fits: impl Fn(EventId, SessionId) -> bool) -> Option<SessionId> {
        let jar = jar_of(browser);
        let mut cookies = self.cookies.iter().rev();
        let held = cookies.find(|(arrived, own, session)| *own == jar && fits(*arrived, *session));
        held.map(|(_, _, session)| *session)
    }

    /// The trigger of a report: a person's request, gathered digits, or else its direct cause.
    pub(super) fn made_for(&self, report: EventId) -> Option<EventId> {
        let cause = self.trace.get(report)?.cause?;
        match self.trace.get(cause)?.kind {
            // A retried fetch concerns the same digits.
            EventKind::DocumentFailed { .. } | EventKind::DocumentFetched { .. } => self
                .trace
                .causes(cause)
                .find(|(_, event)| matches!(event.kind, EventKind::Gathered { .. }))
                .map(|(id, _)| id),
            _ => Some(cause),
        }
    }
}

/// Whether a provider's event shows that an email or a call was handed over.
const fn is_handed_over(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::MailTaken { .. }
            | EventKind::MailRefused { .. }
            | EventKind::MailCut { .. }
            | EventKind::CallTaken { .. }
            | EventKind::CallUnclear { .. }
            | EventKind::CallRefused { .. }
    )
}
