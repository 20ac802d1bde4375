//! The account that a finding is about, for acceptances and baselines.

use crate::base::id::{AccountId, CodeId, EventId, LinkId, SessionId, TicketId};
use crate::event::{Actor, Event, EventKind, Trace};
use crate::story::Story;

/// The account that `event` is about, or else the event that caused it, and so on. `None` if nothing tells: a
/// shared address or number is of several accounts.
pub(super) fn account(trace: &Trace, story: &Story, event: EventId) -> Option<AccountId> {
    if story.accounts.len() == 1 {
        return Some(AccountId(0));
    }
    trace.causes(event).find_map(|(id, event)| of_event(trace, story, id, event))
}

fn of_event(trace: &Trace, story: &Story, id: EventId, event: &Event) -> Option<AccountId> {
    event
        .kind
        .account()
        .or_else(|| {
            // Its object got an account when it began.
            let before = trace.events().iter().take(id.index()).rev();
            let object = Object::of(&event.kind)?;
            before.filter(|earlier| object.is_of(&earlier.kind)).find_map(|earlier| earlier.kind.account())
        })
        .or_else(|| reached(story, &event.kind))
        .or_else(|| match event.by {
            Actor::Person(who) => story.people.get(who.index()).map(|person| person.account),
            Actor::Console
            | Actor::MailProvider
            | Actor::PhoneCompany
            | Actor::Desk
            | Actor::Story
            | Actor::Outsider => None,
        })
}

/// Something that belongs to an account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Object {
    Link(LinkId),
    Code(CodeId),
    Session(SessionId),
    Ticket(TicketId),
}

impl Object {
    /// The object of an event that does not name its account.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds have no such object")]
    const fn of(kind: &EventKind) -> Option<Self> {
        Some(match *kind {
            EventKind::LinkVoided { link, .. }
            | EventKind::LinkShown { link }
            | EventKind::LinkConfirmed { link, .. }
            | EventKind::LinkRefused { link: Some(link), .. }
            | EventKind::MailOrdered { link: Some(link), .. } => Self::Link(link),
            EventKind::CodeVoided { code, .. }
            | EventKind::CodeRefused { code: Some(code), .. }
            | EventKind::StatusHeard { code, .. }
            | EventKind::CallOrdered { code, .. } => Self::Code(code),
            EventKind::SessionEnded { session, .. } => Self::Session(session),
            EventKind::SessionOpened { from: Some(from), .. } => Self::Session(from),
            EventKind::ResetRefused { ticket, .. }
            | EventKind::TicketLost { ticket }
            | EventKind::TicketRead { ticket }
            | EventKind::CalledBack { ticket, .. }
            | EventKind::CallBackMissed { ticket }
            | EventKind::TookCallBack { ticket }
            | EventKind::Proved { ticket, .. }
            | EventKind::IdentityChecked { ticket, .. }
            | EventKind::ResetRequested { ticket }
            | EventKind::TicketClosed { ticket, .. } => Self::Ticket(ticket),
            _ => return None,
        })
    }

    /// Whether an event that names its account is about this.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds have no such object")]
    fn is_of(self, kind: &EventKind) -> bool {
        match *kind {
            EventKind::LinkIssued { link, .. } => self == Self::Link(link),
            EventKind::CodeIssued { code, .. } => self == Self::Code(code),
            EventKind::PasswordAccepted { session, .. }
            | EventKind::RecoveryChosen { session, .. }
            | EventKind::SignedIn { session, .. } => self == Self::Session(session),
            EventKind::TicketTaken { ticket, .. } => self == Self::Ticket(ticket),
            _ => false,
        }
    }
}

/// The account that an address or a number is on file for, if it is only one.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds go to nobody")]
fn reached(story: &Story, kind: &EventKind) -> Option<AccountId> {
    match *kind {
        EventKind::MailOrdered { to, .. }
        | EventKind::MailTaken { to, .. }
        | EventKind::MailRefused { to, .. }
        | EventKind::MailCut { to, .. }
        | EventKind::MailDelivered { to, .. } => story.accounts_of_address(to).only(),
        EventKind::CallTaken { number, .. }
        | EventKind::CallRefused { number, .. }
        | EventKind::CallUnclear { number, .. } => story.accounts_of_number(number).only(),
        _ => None,
    }
}
