//! Explains why "Phone verification could not be completed" appeared.
//!
//! A diagnosis contains what happened, what the phone company reported, what the app could not
//! know, and what the flow should have offered.

use std::fmt;

use crate::base::id::{AccountId, CallId, CodeId, EventId};
use crate::base::number::Number;
use crate::base::time::Time;
use crate::event::{AnsweredBy, CallStatus, Event, EventKind, Refusal, Trace};
use crate::fault::FaultKind;
use crate::report::Words;
use crate::story::Story;

/// Why one phone verification failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// When the app gave up.
    pub at: Time,
    /// The account's owner, and the called number.
    pub whose: String,
    /// What really happened.
    pub happened: String,
    /// The fault of the story that struck, if any.
    pub fault: Option<String>,
    /// What the phone company reported to the app.
    pub told: String,
    /// What the app could not know from that.
    pub unknown: &'static str,
    /// What the flow should offer then.
    pub offer: &'static str,
}

/// Facts about a phone verification.
#[derive(Clone, Debug, Default)]
struct Step {
    number: Option<Number>,
    /// The call that was placed for the code.
    call: Option<CallId>,
    /// The calls that were placed for the request of that code: more than one, if the order was repeated
    /// although the first call had been placed without an answer.
    rang: Vec<CallId>,
    refused: Option<u32>,
    unclear: bool,
    statuses: Vec<CallStatus>,
    told: Vec<CallStatus>,
    answered_by: Option<AnsweredBy>,
    document_failed: Option<u32>,
    silent: bool,
    wrong: bool,
    expired: bool,
    fault: Option<FaultKind>,
    declined: bool,
}

/// A diagnosis for each failed phone verification, in order.
pub fn diagnose(trace: &Trace, story: &Story) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    for (id, event) in trace.iter() {
        if let EventKind::PhoneFailed { account, .. } = event.kind
            && let Some((code, ordered)) = order_before(trace, id, account)
        {
            let step = read(trace, story, code, ordered, id);
            found.push(tell(story, event, account, &step));
        }
    }
    found
}

/// The order of the failed call: the last one before the failure for a code of this account.
fn order_before(trace: &Trace, failed: EventId, account: AccountId) -> Option<(CodeId, EventId)> {
    let before = trace.iter().rev().filter(|(id, _)| *id < failed);
    let mut orders = before.filter_map(|(id, event)| match event.kind {
        EventKind::CallOrdered { code, .. } => Some((code, id)),
        _ => None,
    });
    orders.find(|(code, _)| {
        trace.events().iter().any(|event| match event.kind {
            EventKind::CodeIssued { code: issued, account: of, .. } => issued == *code && of == account,
            _ => false,
        })
    })
}

/// Collects the facts between the order and the failure.
fn read(trace: &Trace, story: &Story, code: CodeId, ordered: EventId, failed: EventId) -> Step {
    let mut step = Step { rang: calls_of_request(trace, ordered, failed), ..Step::default() };
    let is_for = |id: EventId| trace.causes(id).any(|(cause, _)| cause == ordered);
    for (id, event) in trace.iter().skip(ordered.index()) {
        if id > failed {
            break;
        }
        let ours = |call: CallId| step.call == Some(call);
        match event.kind {
            EventKind::CallOrdered { number, code: of, .. } if of == code => step.number = Some(number),
            EventKind::CallTaken { call, .. } if step.call.is_none() && is_for(id) => step.call = Some(call),
            EventKind::CallRefused { code, .. } if is_for(id) => step.refused = Some(code),
            EventKind::CallUnclear { placed, .. } if is_for(id) => {
                step.unclear = true;
                step.call = step.call.or(placed);
            }
            EventKind::StatusChanged { call, status } if ours(call) => step.statuses.push(status),
            EventKind::StatusHeard { code: of, status } if of == code => step.told.push(status),
            EventKind::MachineDetected { call, answered_by } if ours(call) => {
                step.answered_by = Some(answered_by)
            }
            EventKind::DocumentFailed { call, error, .. } if ours(call) => step.document_failed = Some(error),
            EventKind::NoDigits { call } if ours(call) => step.silent = true,
            EventKind::CodeRefused { code: Some(of), why } if of == code => match why {
                Refusal::Expired => step.expired = true,
                _ => step.wrong = true,
            },
            EventKind::FaultStruck { fault } => {
                step.fault = story.faults.get(usize::from(fault)).map(|fault| fault.kind).or(step.fault);
                step.declined |= matches!(step.fault, Some(FaultKind::CallDeclined { .. }));
            }
            _ => {}
        }
    }
    step
}

/// The calls that were placed for the request behind an order.
fn calls_of_request(trace: &Trace, ordered: EventId, failed: EventId) -> Vec<CallId> {
    let asked = trace.causes(ordered).find(|(_, event)| matches!(event.kind, EventKind::Requested { .. }));
    let Some((asked, _)) = asked else { return Vec::new() };
    let mut calls = Vec::new();
    for (id, event) in trace.iter().take(failed.index()) {
        let (EventKind::CallTaken { call, .. } | EventKind::CallUnclear { placed: Some(call), .. }) =
            event.kind
        else {
            continue;
        };
        if !calls.contains(&call) && trace.causes(id).any(|(cause, _)| cause == asked) {
            calls.push(call);
        }
    }
    calls
}

fn tell(story: &Story, event: &Event, account: AccountId, step: &Step) -> Diagnosis {
    let owner = story.accounts.get(account.index()).map_or("an unknown account", |account| &account.name);
    let number = step.number.map_or_else(String::new, |number| format!(", call to {number}"));
    let (mut happened, unknown, offer) = judged(step);
    if let [_, .., last] = step.rang.as_slice() {
        let calls = step.rang.len();
        happened = format!(
            "the phone company placed {calls} calls for one request; of the last, {last}: {happened}"
        );
    }
    Diagnosis {
        at: event.at,
        whose: format!("{owner}{number}"),
        happened,
        fault: step.fault.map(|fault| Words::fault_kind(&fault)),
        told: told(step),
        unknown,
        offer,
    }
}

/// What the phone company reported to the app.
fn told(step: &Step) -> String {
    if let Some(code) = step.refused {
        return format!("the order was refused with error {code}");
    }
    let mut statuses: Vec<String> = step.told.iter().map(ToString::to_string).collect();
    statuses.extend(step.answered_by.map(|who| format!("answered by {who}")));

    match (step.unclear, statuses.is_empty()) {
        (true, true) => "the order was never answered; no status callback came".to_owned(),
        (true, false) => format!("the order was never answered; then {}", statuses.join(", ")),
        (false, true) => "the order was accepted; no status callback came".to_owned(),
        (false, false) => statuses.join(", "),
    }
}

/// What happened, what the app could not know, and what it should offer.
fn judged(step: &Step) -> (String, &'static str, &'static str) {
    const RETRY: &str = "\"Call me now\" again, then support";
    if let Some(code) = step.refused {
        let offer = match code {
            20_429 | 10_004 => "\"Call me now\" again later, then support",
            _ => "support at once: the same number will be refused again",
        };
        return (
            "the phone company refused the call".to_owned(),
            "nothing: the error code is the reason",
            offer,
        );
    }
    let last = step.statuses.last().copied();
    let answered = step.statuses.contains(&CallStatus::InProgress);
    let (happened, unknown, offer) = match (answered, last) {
        (true, _) => return in_the_call(step),
        (false, Some(CallStatus::Busy | CallStatus::NoAnswer)) if step.declined => (
            "the phone rang, and the call was declined",
            "whether somebody declined it, was on the phone or was away",
            RETRY,
        ),
        (false, Some(CallStatus::Busy)) => {
            ("the phone was busy", "whether the owner was on the phone", RETRY)
        }
        (false, Some(CallStatus::NoAnswer)) => {
            ("the phone rang, but nobody picked up", "whether the owner was near the phone", RETRY)
        }
        (false, Some(CallStatus::Canceled)) => {
            ("the call was canceled before anyone picked up", "who canceled it, and why", RETRY)
        }
        (false, Some(CallStatus::Failed)) => {
            ("the call was not connected", "whether the number or the carrier is out of service", RETRY)
        }
        (false, Some(CallStatus::Queued)) => {
            ("the call never left the queue", "whether it will still ring", RETRY)
        }
        (false, Some(CallStatus::Initiated | CallStatus::Ringing)) => {
            ("the call had not been picked up yet", "whether it will be", RETRY)
        }
        (false, Some(CallStatus::InProgress | CallStatus::Completed) | None) => {
            ("no call was placed", "whether one was placed: the order was not answered", RETRY)
        }
    };
    (happened.to_owned(), unknown, offer)
}

/// The same for a call that was picked up by a person or a machine.
fn in_the_call(step: &Step) -> (String, &'static str, &'static str) {
    const RETRY: &str = "\"Call me now\" again, then support";
    let voicemail = matches!(step.fault, Some(FaultKind::CallToVoicemail { .. }));
    let (happened, unknown) = if let Some(error) = step.document_failed {
        let happened = format!("the app returned no usable document for the call (error {error})");
        let unknown = "that the call failed: the phone company reports it as completed";
        return (happened, unknown, "\"Call me now\" again; the app's log has the cause");
    } else if matches!(step.answered_by, Some(AnsweredBy::MachineStart | AnsweredBy::Fax)) {
        ("a machine picked up", "nothing: machine detection reported it")
    } else if voicemail {
        (
            "voicemail picked up",
            "that it was a machine: the call is reported as completed, as if a person had answered",
        )
    } else if step.expired {
        ("the code had expired before it was keyed in", "how long the call had been queued")
    } else if step.wrong {
        ("the digits that arrived were not the code", "whether a wrong code was keyed in or a digit was lost")
    } else if step.silent {
        ("someone picked up, but no digits arrived", "whether keys were pressed")
    } else {
        ("the line was cut before a code was keyed in", "whether the owner hung up or the line dropped")
    };
    (happened.to_owned(), unknown, RETRY)
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Phone verification could not be completed at {} ({})", self.at, self.whose)?;
        writeln!(f, "  what happened          {}", self.happened)?;
        if let Some(fault) = &self.fault {
            writeln!(f, "  fault of the story     {fault}")?;
        }
        writeln!(f, "  the provider reported  {}", self.told)?;
        writeln!(f, "  the app cannot know    {}", self.unknown)?;
        writeln!(f, "  the flow should offer  {}", self.offer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::stage::Play;

    /// What happened, by the first diagnosis of Ana's recovery with these faults and this policy.
    fn happened(more: &str) -> Option<String> {
        let story = include_str!("../../scenarios/lost-device.yaml");
        let story = Arc::new(Story::read(&format!("{story}{more}"), "story.yaml").unwrap());
        let mut play = Play::new(Arc::clone(&story), 1);
        play.to_the_end().unwrap();
        diagnose(&play.into_trace(), &story).into_iter().next().map(|diagnosis| diagnosis.happened)
    }

    #[test]
    fn what_happened_is_told_as_it_was() {
        let placed = "call-failed: { http: 503, placed: true }";
        for (faults, says) in [
            (
                "{ does: { call-declined: { sip: 603 } }, of: ana, on: 1 }",
                Some("the phone rang, and the call was declined"),
            ),
            (
                "{ does: { call-declined: { sip: 486 } }, of: ana, on: 1 }",
                Some("the phone rang, and the call was declined"),
            ),
            ("{ does: call-busy, of: ana, on: 1 }", Some("the phone was busy")),
            // One call, although the order for it was not answered.
            (&*format!("{{ does: {{ {placed} }}, of: ana, on: 1 }}"), None),
        ] {
            assert_eq!(happened(&format!("faults: [{faults}]\n")).as_deref(), says, "{faults}");
        }
        let twice = format!(
            "policy: {{ call-retry: with-new-code }}\nfaults:\n  - {{ does: {{ {placed} }}, of: ana, on: 1 }}\n  - {{ does: {{ call-declined: {{ sip: 603 }} }}, of: ana, on: 2 }}\n"
        );
        let says = "the phone company placed 2 calls for one request; of the last, call 2: the phone rang, and the call was declined";
        assert_eq!(happened(&twice).as_deref(), Some(says));
    }
}
