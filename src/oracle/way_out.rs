//! *Way out*: after the last fault, an honest owner regains access or reaches support.

use crate::base::id::{AccountId, PersonId};
use crate::base::time::{Span, Time};
use crate::event::{Actor, Event, EventKind};
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict};
use crate::story::Role;

rules! {
    "way-out";
    GAVE_UP = "gave-up", "an honest owner gave up, neither signed in nor with support";
    STILL_TRYING = "still-trying", "an honest owner is still trying, neither signed in nor with support";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "way-out",
    sentence: "an honest owner who acts by habit is signed in, or with support, within the story's patience after the last fault",
    source: "OWASP Forgot Password Cheat Sheet (F1: \"a user always has a way to recover\"); NIST SP 800-63B-4 section 4.2; rules 8 and 9; H01 to H40",
    evidence: Evidence::Observed,
    rules: RULES,
    judge,
};

/// How long an owner may take to sign in after a reset.
const TO_SIGN_IN: Span = Span::HOUR;

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let trace = reading.trace;
    let last_fault = trace.events().iter().rev().find_map(|event| match event.kind {
        EventKind::FaultStruck { .. } => Some(event.at),
        _ => None,
    });
    for (at, character) in reading.story.people.iter().enumerate() {
        let who = PersonId(at as u16);
        let began = trace.events().iter().find_map(|event| match event.kind {
            EventKind::LeftAlone if event.by == Actor::Person(who) => Some(event.at),
            _ => None,
        });
        let (Some(began), Role::Owner) = (began, character.role) else { continue };
        let (account, patience) = (character.account, reading.story.patience);
        let from = last_fault.map_or(began, |last| last.max(began));
        if trace.until() < from + patience || is_in(reading, who, from + patience) {
            continue;
        }
        // Extend the deadline if a stranger answered support's call on the owner's phone.
        let due = crossed_at_the_telephone(reading, account).map_or(from, |last| last.max(from)) + patience;
        // After a reset shortly before the deadline, the owner needs the time for an email or a call.
        let due = last_reset(reading, account, due).map_or(due, |reset| due.max(reset + TO_SIGN_IN));
        let helped = is_in(reading, who, due) || is_with_support(reading, account, due);
        if trace.until() < due || helped || is_taken_over(reading, account, due) {
            continue;
        }
        let gave_up = trace
            .iter()
            .rev()
            .find(|(_, event)| event.by == Actor::Person(who) && matches!(event.kind, EventKind::GaveUp));
        let (rule, so) = match gave_up {
            Some(_) => (GAVE_UP, "and has given up"),
            None => (STILL_TRYING, "and is still trying"),
        };
        let objection = rule.says(format!(
            "{} is neither signed in nor with support {} after the last fault, {so}",
            character.name, reading.story.patience
        ));
        let gave_up = gave_up.map(|(id, _)| id);
        findings.push(Finding::new(objection, Verdict::OutsideNorm, due, gave_up, Some(account)));
    }
}

/// When support last reset the account's MFA before `due`.
fn last_reset(reading: &Reading<'_>, account: AccountId, due: Time) -> Option<Time> {
    reading.trace.events().iter().rev().find_map(|event| match event.kind {
        EventKind::FactorsReset { account: of, .. } if of == account && event.at <= due => Some(event.at),
        _ => None,
    })
}

/// Whether this person regained access by `due`, with a working device or at least with a session.
fn is_in(reading: &Reading<'_>, who: PersonId, due: Time) -> bool {
    reading.trace.iter().any(|(id, event)| {
        event.at <= due
            && match event.kind {
                EventKind::GotIn => event.by == Actor::Person(who),
                EventKind::SignedIn { .. } => reading.asked(id).is_some_and(|asked| asked.person == who),
                _ => false,
            }
    })
}

/// When a stranger last answered support's call about this account on the owner's own phone. Support cannot
/// prevent this, and an owner who shares a phone with a stranger still faces interference.
fn crossed_at_the_telephone(reading: &Reading<'_>, account: AccountId) -> Option<Time> {
    let own = reading.story.accounts.get(account.index())?.phone?;
    let called_own = |ticket| {
        let is_about = |event: &Event| {
            matches!(event.kind, EventKind::TicketTaken { ticket: of, account: Some(about), .. }
                if of == ticket && about == account)
        };
        reading.trace.events().iter().any(is_about)
            && reading.trace.events().iter().any(|event| match event.kind {
                EventKind::CalledBack { ticket: of, number } => of == ticket && number == own,
                _ => false,
            })
    };
    reading.trace.events().iter().rev().find_map(|event| match (event.kind, event.by) {
        (EventKind::TookCallBack { ticket }, Actor::Person(who)) => {
            let person = reading.story.people.get(who.index())?;
            (person.role == Role::Stranger && called_own(ticket)).then_some(event.at)
        }
        _ => None,
    })
}

/// Whether a stranger has put another number on file by `due`; support then takes the stranger for the owner.
/// The oracle *access* checks how the stranger was able to do so.
fn is_taken_over(reading: &Reading<'_>, account: AccountId, due: Time) -> bool {
    reading.trace.iter().any(|(id, event)| match event.kind {
        EventKind::PhoneChanged { account: of, .. } if of == account && event.at <= due => {
            let asked = reading.asked(id).and_then(|asked| reading.story.people.get(asked.person.index()));
            asked.is_some_and(|person| person.role == Role::Stranger)
        }
        _ => false,
    })
}

/// Whether a ticket about this account is open at `due`: neither lost nor closed.
fn is_with_support(reading: &Reading<'_>, account: AccountId, due: Time) -> bool {
    let events = reading.trace.events().iter().filter(|event| event.at <= due);
    let mut open = Vec::new();
    for event in events {
        match event.kind {
            EventKind::TicketTaken { ticket, account: about, .. } if about == Some(account) => {
                open.push(ticket);
            }
            EventKind::TicketLost { ticket } | EventKind::TicketClosed { ticket, .. } => {
                open.retain(|other| *other != ticket);
            }
            _ => {}
        }
    }
    !open.is_empty()
}
