//! Why the witness has no claim for a report.

use serde::{Deserialize, Serialize};

use crate::base::id::{CallId, EventId, OutboxId, SessionId};
use crate::event::{Actor, EventKind, Notice, PageName, SessionEnd};
use crate::witness::comparison::ledger::{Ledger, Outcome};
use crate::witness::deed::Deed;

/// Why a reported action was not observable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The response was lost in a crash, a closed connection or a timeout.
    AnswerLost,
    /// The story ended before the response.
    StoryEnded,
    /// A link scanner sent the request; its pages have no reader.
    Scanner,
    /// The request was forged or replayed; the response is not observed.
    Forged,
    /// The caller hung up before the call could announce the result.
    CallOver,
    /// A status callback caused it; the response to a callback has no content.
    Callback,
    /// The support desk caused it, without a page.
    Support,
    /// The session had no rights; such sessions cannot be told apart.
    NoRights,
    /// The session continues under a new id.
    NewName,
    /// The session ended without a request, and its browser was not informed later.
    NobodyLooked,
    /// The email or call was ordered but never reached the provider.
    NeverSent,
    /// The returned page lists it, but a trace has only the notice of a page.
    Listed,
    /// The returned page does not show facts of this kind.
    NotSaid,
    /// The page showed it, so the witness should have a claim.
    Unexplained,
}

impl Reason {
    /// All reasons, in the order of the table columns.
    pub const ALL: [Self; 14] = [
        Self::AnswerLost,
        Self::StoryEnded,
        Self::Scanner,
        Self::Forged,
        Self::CallOver,
        Self::Callback,
        Self::Support,
        Self::NoRights,
        Self::NewName,
        Self::NobodyLooked,
        Self::NeverSent,
        Self::Listed,
        Self::NotSaid,
        Self::Unexplained,
    ];

    /// The label in tables.
    pub const fn label(self) -> &'static str {
        match self {
            Self::AnswerLost => "answer lost",
            Self::StoryEnded => "story ended",
            Self::Scanner => "scanner's request",
            Self::Forged => "forged request",
            Self::CallOver => "call over",
            Self::Callback => "status callback",
            Self::Support => "done by support",
            Self::NoRights => "session without rights",
            Self::NewName => "session renamed",
            Self::NobodyLooked => "nobody looked",
            Self::NeverSent => "never sent",
            Self::Listed => "listed on the page",
            Self::NotSaid => "not said by the page",
            Self::Unexplained => "unexplained",
        }
    }
}

impl Ledger<'_> {
    /// Why no claim states the report.
    pub(super) fn reason(&self, report: EventId) -> Reason {
        let Some(event) = self.trace.get(report) else { return Reason::Unexplained };
        match event.kind {
            EventKind::MailOrdered { outbox, .. } | EventKind::CallOrdered { outbox, .. } => {
                self.why_not_handed_over(report, outbox)
            }
            EventKind::SessionOpened { from: None, .. } => Reason::NoRights,
            EventKind::SessionEnded { session, why } => self.why_end_not_seen(report, session, why),
            EventKind::FactorsReset { .. } => self.why_reset_not_told(report),
            _ => self.why_not_answered(report, &event.kind),
        }
    }

    /// The provider has no event for an ordered email or call.
    fn why_not_handed_over(&self, order: EventId, outbox: OutboxId) -> Reason {
        let sent = |kind: EventKind| matches!(kind, EventKind::Sent { outbox: of } if of == outbox);
        let sent = self.trace.events().iter().any(|event| sent(event.kind));
        if sent || self.orders.contains_key(&order) { Reason::Unexplained } else { Reason::NeverSent }
    }

    fn why_end_not_seen(&self, report: EventId, session: SessionId, why: SessionEnd) -> Reason {
        let Some(known) = self.sessions.get(&session) else { return Reason::Unexplained };
        if known.rights_since.is_none() {
            return Reason::NoRights;
        }
        let Some(request) = known.opened_for else { return Reason::Unexplained };
        match self.outcomes.get(&request) {
            Some(Outcome::Page(_)) => {}
            Some(Outcome::Nothing) => return Reason::AnswerLost,
            None => return Reason::StoryEnded,
        }
        if why == SessionEnd::Rotated {
            return Reason::NewName;
        }
        if self.is_told_later(report, session) { Reason::Unexplained } else { Reason::NobodyLooked }
    }

    /// Whether a browser that held the session's cookie was later informed that the session had ended.
    fn is_told_later(&self, end: EventId, session: SessionId) -> bool {
        let told = |page, notice| {
            let nobody_yet = matches!(page, PageName::SignIn | PageName::Password);
            let says = matches!(
                notice,
                Some(Notice::SessionOver | Notice::NotYet | Notice::SignedOut | Notice::SignInAgain)
            );
            nobody_yet && says
        };
        self.trace.iter().skip(end.index()).any(|(id, event)| match (event.by, event.kind) {
            (Actor::Person(_), EventKind::Saw { browser, page, notice }) => {
                told(page, notice) && self.had_before(browser, id) == Some(session)
            }
            _ => false,
        })
    }

    /// The ticket of an MFA reset was not closed as done.
    fn why_reset_not_told(&self, report: EventId) -> Reason {
        let EventKind::FactorsReset { ticket, .. } = self.kind(report) else { return Reason::Unexplained };
        let closed =
            |kind: EventKind| matches!(kind, EventKind::TicketClosed { ticket: of, .. } if of == ticket);
        let mut later = self.trace.iter().skip(report.index());
        match later.find(|(_, event)| closed(event.kind)).map(|(_, event)| event.kind) {
            Some(EventKind::TicketClosed { reset: true, .. }) => Reason::Unexplained,
            Some(_) => Reason::AnswerLost,
            None => Reason::StoryEnded,
        }
    }

    fn kind(&self, event: EventId) -> EventKind {
        self.trace.get(event).map_or(EventKind::AppCrashed, |event| event.kind)
    }

    /// The response to a request should have shown the fact.
    fn why_not_answered(&self, report: EventId, kind: &EventKind) -> Reason {
        let Some(request) = self.made_for(report) else { return Reason::Unexplained };
        let Some(asked) = self.trace.get(request) else { return Reason::Unexplained };
        match (asked.by, asked.kind) {
            (Actor::Person(_), EventKind::Requested { action, .. }) => match self.outcomes.get(&request) {
                Some(Outcome::Page(page)) if is_said(Deed::of(action), *page, kind) => Reason::Unexplained,
                Some(Outcome::Page(_)) if is_listed(Deed::of(action), kind) => Reason::Listed,
                Some(Outcome::Page(_)) => Reason::NotSaid,
                Some(Outcome::Nothing) => Reason::AnswerLost,
                None => Reason::StoryEnded,
            },
            (Actor::Person(_), EventKind::Forged { .. } | EventKind::Replayed { .. }) => Reason::Forged,
            (Actor::MailProvider, EventKind::LinkScanned { .. }) => Reason::Scanner,
            (Actor::Desk, _) => Reason::Support,
            (Actor::PhoneCompany, EventKind::StatusChanged { .. }) => Reason::Callback,
            (Actor::PhoneCompany, EventKind::Gathered { call, .. }) => {
                self.why_verdict_not_heard(request, call)
            }
            _ => Reason::Unexplained,
        }
    }

    /// The call did not announce the verdict on the digits.
    fn why_verdict_not_heard(&self, gathered: EventId, call: CallId) -> Reason {
        let mut fetched = false;
        for (_, event) in self.trace.iter().skip(gathered.index() + 1) {
            match event.kind {
                EventKind::DocumentFailed { call: of, .. } if of == call => return Reason::AnswerLost,
                EventKind::DocumentFetched { call: of, .. } if of == call => fetched = true,
                EventKind::Gathered { call: of, .. } if of == call => return Reason::Unexplained,
                EventKind::Spoke { call: of, .. } if of == call && fetched => return Reason::Unexplained,
                EventKind::StatusChanged { call: of, status } if of == call && status.is_terminal() => {
                    return Reason::CallOver;
                }
                _ => {}
            }
        }
        Reason::StoryEnded
    }
}

/// Whether page 9 lists such a fact after such a request: devices from before a recovery that stopped counting.
const fn is_listed(deed: Deed, kind: &EventKind) -> bool {
    matches!((deed, kind), (Deed::FinishAssign, EventKind::DeviceDeactivated { .. }))
}

/// Whether the page for such a request shows such a fact, so that the witness should claim it.
const fn is_said(deed: Deed, page: PageName, kind: &EventKind) -> bool {
    match kind {
        // The session is signed in by the password alone, but the page still asks for a code.
        EventKind::SignedIn { .. } if matches!((deed, page), (Deed::Password, PageName::MfaCode)) => false,
        EventKind::PasswordAccepted { .. } | EventKind::PasswordRefused { .. } => {
            matches!(deed, Deed::Password)
        }
        EventKind::MfaAccepted { .. } | EventKind::MfaRefused { .. } => matches!(deed, Deed::Code),
        EventKind::SignedIn { .. } | EventKind::SessionOpened { .. } => {
            matches!(deed, Deed::Password | Deed::Code | Deed::FinishSignIn)
        }
        EventKind::LinkConfirmed { .. } | EventKind::LinkRefused { .. } => matches!(deed, Deed::Link),
        EventKind::Resynced { .. } | EventKind::ResyncRefused { .. } => matches!(deed, Deed::Pair),
        EventKind::DeviceDeactivated { .. } => matches!(deed, Deed::Deactivate | Deed::FinishSignIn),
        EventKind::DeviceAssigned { .. } => matches!(deed, Deed::FinishAssign),
        EventKind::AssignRefused { .. } => matches!(deed, Deed::FinishAssign | Deed::BeginAssign),
        EventKind::PhoneChanged { .. } => matches!(deed, Deed::ChangePhone),
        EventKind::CodeAccepted { .. } | EventKind::CodeRefused { .. } => matches!(deed, Deed::SpokenCode),
        _ => true,
    }
}
