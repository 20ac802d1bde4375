//! *Webhook authenticity*: only the phone company speaks for a call.

use crate::event::Actor;
use crate::event::EventKind;
use crate::oracle::Finding;
use crate::oracle::Oracle;
use crate::oracle::Reading;
use crate::oracle::Verdict;
use crate::oracle::dispatch;
use crate::policy::WebhookSignature;

pub(super) const ORACLE: Oracle = Oracle {
    id: "webhook",
    sentence: "a request of a call that the phone company did not make changes nothing",
    source: "Twilio's webhook security (voice.md section 1.5); OWASP ASVS 6.6.2; norms.md P17",
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    for (id, event) in reading.events_for(dispatch::WEBHOOK) {
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
        let what = match webhook {
            crate::event::WebhookKind::Fetch => "a request for the document",
            crate::event::WebhookKind::Action => "digits",
            crate::event::WebhookKind::Status => "a status",
        };
        let says = format!("the console acted on {what} that {} forged", reading.name(person));
        findings.push(reading.finding(ORACLE.id, verdict, id, says));
    }
}
