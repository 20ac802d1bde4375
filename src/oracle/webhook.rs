//! *Webhook authenticity*: only the phone company can report on a call.

use std::collections::BTreeMap;

use crate::base::id::CodeId;
use crate::event::{Actor, CallStatus, EventKind};
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::policy::{Callbacks, WebhookSignature};

rules! {
    "webhook";
    STATUS_OUT_OF_ORDER = "status-out-of-order", "the service acted on an outdated status of a call";
    FORGED_FETCH = "forged-fetch", "the service acted on a forged request for the document";
    FORGED_DIGITS = "forged-digits", "the service acted on forged digits";
    FORGED_STATUS = "forged-status", "the service acted on a forged status";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "webhook",
    sentence: "a webhook that the phone company did not send, or sent before, changes nothing",
    source: "Twilio's webhook security (TW-signature); OWASP ASVS 6.6.2; P17, P18",
    evidence: Evidence::Reported,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut heard: BTreeMap<CodeId, u8> = BTreeMap::new();
    for (id, event) in reading.events_for(dispatch::WEBHOOK) {
        if let EventKind::StatusHeard { code, status } = event.kind {
            let newest = heard.entry(code).or_insert(0);
            if place(status) <= *newest {
                let says =
                    format!("the console acted on \"{status}\" of the call for {code}, which was outdated");
                findings.push(reading.finding(STATUS_OUT_OF_ORDER.says(says), verdict_on_order(reading), id));
            }
            *newest = (*newest).max(place(status));
        }
        let acted = matches!(
            event.kind,
            EventKind::CodeAccepted { .. }
                | EventKind::PhoneVerified { .. }
                | EventKind::PhoneFailed { .. }
                | EventKind::StatusHeard { .. }
        );
        if event.by != Actor::Console || !acted {
            continue;
        }
        let cause = event.cause.and_then(|cause| reading.trace.get(cause));
        let Some((Actor::Person(person), EventKind::Forged { webhook })) =
            cause.map(|event| (event.by, event.kind))
        else {
            continue;
        };
        let promised = reading.story.policy.webhook_signature == WebhookSignature::Required;
        let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
        let (rule, what) = match webhook {
            crate::event::WebhookKind::Fetch => (FORGED_FETCH, "a request for the document"),
            crate::event::WebhookKind::Action => (FORGED_DIGITS, "digits"),
            crate::event::WebhookKind::Status => (FORGED_STATUS, "a status"),
        };
        let says = format!("the console acted on {what} that {} forged", reading.name(person));
        findings.push(reading.finding(rule.says(says).of(reading.role(person)), verdict, id));
    }
}

fn verdict_on_order(reading: &Reading<'_>) -> Verdict {
    let promised = reading.story.policy.callbacks == Callbacks::NewestOnly;
    if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm }
}

/// The rank of a status in the course of a call; terminal statuses share a rank because they exclude each
/// other.
const fn place(status: CallStatus) -> u8 {
    match status {
        CallStatus::Queued => 1,
        CallStatus::Initiated => 2,
        CallStatus::Ringing => 3,
        CallStatus::InProgress => 4,
        CallStatus::Completed
        | CallStatus::Busy
        | CallStatus::NoAnswer
        | CallStatus::Failed
        | CallStatus::Canceled => 5,
    }
}
