//! Renders the outputs of a run as transcript lines.

use crate::base::id::CallId;
use crate::base::time::Time;
use crate::event::EventKind;
use crate::message::{CallReply, Hook, Place, WebhookBody};
use crate::providers::phone::Output;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Orders, statuses, ringing, status callbacks.
    Line,
    /// Sentences, keys and requests.
    Talk,
    /// Lines that repeat another one: the fact beside a spoken sentence, the answer to a callback.
    Echo,
    /// Starts and stops of listening.
    Listening,
}

/// Renders one output as a transcript line.
pub(super) fn tell(now: Time, output: &Output) -> (Part, String) {
    let (part, call, text) = match output {
        Output::Fact(fact) => tell_fact(fact),
        Output::Reply(reply) => (
            Part::Line,
            None,
            match reply {
                Ok(CallReply::Created { .. }) => "reply 201".to_owned(),
                Ok(CallReply::Refused { http, code }) => format!("reply {http} {code}"),
                Ok(CallReply::Failed { http }) => format!("reply {http}"),
                Err(lost) => format!("no reply: {lost:?}"),
            },
        ),
        Output::Ring { call, number } => (Part::Line, Some(*call), format!("rings at {number}")),
        Output::Said { call, speech } => (Part::Talk, Some(*call), format!("hears: {}", speech.sentence())),
        Output::Listens { call, keys: None } => (Part::Listening, Some(*call), "listens no more".to_owned()),
        Output::Listens { call, keys: Some(keys) } => {
            let count = keys.num_digits.map(|count| format!(" for {count}")).unwrap_or_default();
            let silent = if keys.prompted { "" } else { " in silence" };
            (Part::Listening, Some(*call), format!("listens{count}{silent}"))
        }
        Output::Ended { call, status } => (Part::Line, Some(*call), format!("line ends: {status}")),
        Output::Webhook { webhook, .. } => {
            let by = webhook.answered_by.map(|by| format!(" by {by}")).unwrap_or_default();
            let status = webhook.status;
            let at = match webhook.hook {
                Hook { at: Place::Url(url), method, .. } => format!(" at {} {}", method.name(), url.0),
                Hook { at: Place::Console(..), .. } => String::new(),
            };
            match &webhook.body {
                WebhookBody::Fetch => (Part::Talk, None, format!("→ fetch {status}{by}{at}")),
                WebhookBody::Action(digits) => {
                    (Part::Talk, None, format!("→ action {status}{by} [{}]{at}", digits.reveal()))
                }
                WebhookBody::Recorded(recorded) => {
                    let (secs, by) = (recorded.secs, recorded.ended_by);
                    (Part::Talk, None, format!("→ recorded {status} {secs}s {by:?}{at}"))
                }
                WebhookBody::Detected(millis) => {
                    (Part::Line, None, format!("→ detected{by} in {millis}{at}"))
                }
                WebhookBody::Status(report) => {
                    let lasted = report.duration.map(|s| format!(" after {s}s")).unwrap_or_default();
                    let sip = report.sip.map(|sip| format!(" sip {sip}")).unwrap_or_default();
                    let (sequence, when) = (report.sequence, report.unix_secs);
                    (Part::Line, None, format!("→ #{sequence} {status}{by}{lasted}{sip} @{when}{at}"))
                }
            }
        }
    };
    let call = call.filter(|call| call.0 > 0).map(|call| format!("{call}: ")).unwrap_or_default();
    (part, format!("{} {call}{text}", now.as_millis() as f64 / 1_000.0))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a phone company reports no other facts")]
fn tell_fact(fact: &EventKind) -> (Part, Option<CallId>, String) {
    match *fact {
        EventKind::CallTaken { call, number } => (Part::Line, Some(call), format!("taken: {number}")),
        EventKind::CallRefused { number, code } => (Part::Line, None, format!("refused: {number} {code}")),
        EventKind::CallUnclear { placed, .. } => (Part::Line, None, format!("unclear: {placed:?}")),
        EventKind::StatusChanged { call, status } => (Part::Line, Some(call), status.to_string()),
        EventKind::MachineDetected { call, answered_by } => {
            (Part::Talk, Some(call), format!("detected: {answered_by}"))
        }
        EventKind::DocumentFetched { call, webhook } => {
            (Part::Talk, Some(call), format!("document of {webhook:?}"))
        }
        EventKind::DocumentFailed { call, webhook, error } => {
            (Part::Talk, Some(call), format!("no document of {webhook:?}: {error}"))
        }
        EventKind::Spoke { call, said } => (Part::Echo, Some(call), format!("spoke: {said:?}")),
        EventKind::Gathered { call, count, .. } => (Part::Talk, Some(call), format!("gathered: {count}")),
        EventKind::NoDigits { call } => (Part::Talk, Some(call), "no digits".to_owned()),
        EventKind::CallbackAnswered { call, status, http } => {
            (Part::Echo, Some(call), format!("callback {status}: {http}"))
        }
        EventKind::CallbackFailed { call, status } => {
            (Part::Line, Some(call), format!("callback {status}: failed"))
        }
        ref other => panic!("no fact of a phone company: {other:?}"),
    }
}
