//! The events that matter for one finding.
//!
//! Faults come first: what a fault did is easily crowded out by the pages that follow it. Then the decisive
//! event, its causes, and what people and providers did before it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::base::id::{BrowserId, EventId};
use crate::event::{CallStatus, Control, Event, EventKind, Notice, PageName, Trace};
use crate::oracle::Finding;

/// Number of events before the decisive one that are shown whatever they are, if there is room.
const NEAR: usize = 6;

/// The same if nothing is decisive: the end of the story.
const TAIL: usize = 12;

/// How much an event matters, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// The decisive event, and the faults before it.
    Decisive,
    /// A cause of the decisive event.
    Cause,
    /// A fact about an account, or a call that rings.
    Fact,
    /// What a person did.
    Deed,
    /// An event shortly before the decisive one.
    Near,
}

/// At most `most` events in order, each with the number of polls left out before it.
pub(super) fn of(trace: &Trace, finding: &Finding, most: usize) -> Vec<(EventId, usize)> {
    let causes: BTreeSet<EventId> =
        finding.event.map(|event| trace.causes(event).map(|(id, _)| id).collect()).unwrap_or_default();
    let polls = polls(trace);
    let end = finding.event.map_or(trace.events().len(), |decisive| decisive.index() + 1);
    let near = end.saturating_sub(if finding.event.is_some() { NEAR } else { TAIL });
    let weight = |id: EventId, event: &Event| match event.kind {
        EventKind::FaultStruck { .. } | EventKind::AppCrashed => Some(Weight::Decisive),
        _ if finding.event == Some(id) => Some(Weight::Decisive),
        _ if causes.contains(&id) => Some(Weight::Cause),
        _ if polls.contains(&id) => None,
        _ if is_fact(&event.kind) => Some(Weight::Fact),
        _ if is_deed(&event.kind) => Some(Weight::Deed),
        _ => (id.index() >= near).then_some(Weight::Near),
    };
    let events = trace.iter().take(end);
    let mut kept: Vec<(Weight, Reverse<EventId>)> =
        events.filter_map(|(id, event)| Some((weight(id, event)?, Reverse(id)))).collect();
    // Of what matters equally, the latest.
    kept.sort_unstable();
    kept.truncate(most);
    let mut kept: Vec<EventId> = kept.into_iter().map(|(_, Reverse(id))| id).collect();
    kept.sort_unstable();
    let mut told = Vec::new();
    let mut before = None;
    for id in kept {
        let between = |poll: &&EventId| before.is_some_and(|before| **poll > before) && **poll < id;
        // A poll is a request and its page.
        told.push((id, polls.iter().filter(between).count() / 2));
        before = Some(id);
    }
    told
}

/// The requests that loaded a page again and found it as it was, and those pages.
fn polls(trace: &Trace) -> BTreeSet<EventId> {
    let mut seen: BTreeMap<BrowserId, (PageName, Option<Notice>)> = BTreeMap::new();
    let mut polls = BTreeSet::new();
    for (id, event) in trace.iter() {
        let EventKind::Saw { browser, page, notice } = event.kind else { continue };
        let same = seen.insert(browser, (page, notice)) == Some((page, notice));
        let Some(cause) = event.cause.filter(|_| same) else { continue };
        let asked = trace.get(cause).map(|asked| asked.kind);
        if matches!(asked, Some(EventKind::Requested { action: Control::Open, .. })) {
            polls.extend([cause, id]);
        }
    }
    polls
}

/// Facts about an account, and the stages of a call that its owner hears.
const fn is_fact(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::PasswordAccepted { .. }
            | EventKind::MfaAccepted { .. }
            | EventKind::SignedIn { .. }
            | EventKind::EmailVerified { .. }
            | EventKind::PhoneVerified { .. }
            | EventKind::PhoneFailed { .. }
            | EventKind::LinkConfirmed { .. }
            | EventKind::CodeIssued { .. }
            | EventKind::CodeAccepted { .. }
            | EventKind::DeviceAssigned { .. }
            | EventKind::DeviceDeactivated { .. }
            | EventKind::PhoneChanged { .. }
            | EventKind::PasswordChanged { .. }
            | EventKind::OneTimePasswordSet { .. }
            | EventKind::SignedOutEverywhere { .. }
            | EventKind::FactorsReset { .. }
            | EventKind::CallUnclear { .. }
            | EventKind::CallRefused { .. }
            | EventKind::StatusChanged { status: CallStatus::Ringing, .. }
            | EventKind::LinkScanned { .. }
    )
}

/// What a person did.
const fn is_deed(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Requested { .. }
            | EventKind::KeyedIn { .. }
            | EventKind::PickedUp { .. }
            | EventKind::ReadMail { .. }
            | EventKind::Replayed { .. }
            | EventKind::Forged { .. }
            | EventKind::Lured { .. }
            | EventKind::TookCallBack { .. }
            | EventKind::Proved { .. }
            | EventKind::CalledBack { .. }
            | EventKind::GaveUp
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::{AccountId, PersonId, SessionId};
    use crate::base::time::{Span, Time};
    use crate::event::{Actor, Typed, Way};
    use crate::oracle::Verdict;
    use crate::report::Timeline;
    use crate::story::Story;

    const BROWSER: BrowserId = BrowserId(0);

    fn story() -> Story {
        let story = include_str!("../../scenarios/mail-lost.yaml");
        Story::read(story, "scenarios/mail-lost.yaml").unwrap()
    }

    /// A fault, forty polls of a page in a minute each, and a sign-in.
    fn trace() -> (Trace, EventId) {
        let mut trace = Trace::new();
        let mut now = Time::ZERO;
        let mut tell = |now: Time, by, cause, kind| {
            trace.record(Event { at: now, by, cause, kind });
            EventId::at(trace.events().len() - 1)
        };
        let ana = Actor::Person(PersonId(0));
        let asks = |action| EventKind::Requested { browser: BROWSER, action, typed: Typed::Nothing };
        let saw =
            EventKind::Saw { browser: BROWSER, page: PageName::VerifyPhone, notice: Some(Notice::Calling) };
        tell(now, Actor::Story, None, EventKind::FaultStruck { fault: 0 });
        let asked = tell(now, ana, None, asks(Control::CallMe));
        tell(now, ana, Some(asked), saw);
        for _ in 0..40 {
            now += Span::MINUTE;
            let asked = tell(now, ana, None, asks(Control::Open));
            tell(now, ana, Some(asked), saw);
        }
        let asked = tell(now, ana, None, asks(Control::FinishSignIn));
        let signed_in =
            EventKind::SignedIn { session: SessionId(0), account: AccountId(0), way: Way::Recovery };
        let decisive = tell(now, Actor::Console, Some(asked), signed_in);
        tell(now + Span::HOUR, Actor::Story, None, EventKind::FaultStruck { fault: 0 });
        (trace, decisive)
    }

    fn finding(event: Option<EventId>) -> Finding {
        Finding {
            oracle: "access",
            rule: "access/unproven-sign-in",
            verdict: Verdict::OutsideNorm,
            who: None,
            detail: None,
            at: Time::ZERO,
            event,
            says: String::new(),
            notes: Vec::new(),
            account: None,
        }
    }

    #[test]
    fn faults_and_deeds_are_shown_and_polls_are_counted() {
        let (story, (trace, decisive)) = (story(), trace());
        let findings = [finding(Some(decisive))];
        let told = Timeline::new(&trace, &story, &findings).around(&findings[0], 24);
        assert_eq!(
            told,
            [
                "! +00:00:00.000    story    fault: mail-lost",
                "  +00:00:00.000    ana      chooses \"Call me now\"",
                "  … 40 polls",
                "  +00:40:00.000    ana      chooses \"Sign in to the console\"",
                "> +00:40:00.000    console  signs ana in by alternative factors, session 1",
            ]
        );
    }

    #[test]
    fn however_few_lines_there_are_the_decisive_event_and_the_fault_are_among_them() {
        let (trace, decisive) = trace();
        for most in 2..6 {
            let kept: Vec<EventId> =
                of(&trace, &finding(Some(decisive)), most).into_iter().map(|(id, _)| id).collect();
            assert!(kept.len() <= most && kept.contains(&decisive), "{most}: {kept:?}");
            assert!(kept.contains(&EventId::FIRST), "{most}: {kept:?}");
        }
        // Without a decisive event, the end of the story is shown.
        let kept = of(&trace, &finding(None), 30);
        assert_eq!(kept.last().map(|(id, _)| id.index()), Some(trace.events().len() - 1));
    }
}
