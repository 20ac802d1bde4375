//! *Lifetime*: expired secrets are refused.

use crate::base::id::EventId;
use crate::base::otp::Kind;
use crate::base::time::{Span, Time};
use crate::event::{Event, EventKind, Typed};
use crate::oracle::by_id::ById;
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Rule, Verdict, dispatch};

rules! {
    "lifetime";
    PHONE_CODE_TOO_OLD = "phone-code-too-old", "a phone code was accepted after its lifetime";
    LINK_TOO_OLD = "link-too-old", "a link was accepted after its lifetime";
    SHOWN_TOO_LONG = "shown-too-long", "a device shows each code for longer than the norm allows";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "lifetime",
    sentence: "links and phone codes are accepted only within their lifetime, and a device shows no code for longer than the norm allows",
    source: "NIST SP 800-63B-4 sections 4.2.1.2 (N4: 24 h by e-mail, 10 min by voice) and 3.1.4 (N10: a code that goes by time changes every 2 min); OWASP ASVS 6.5.5; WSTG-ATHN-09",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let (policy, norm) = (&reading.story.policy, reading.norm);
    let mut codes: ById<Time> = ById::default();
    for (id, event) in reading.events_for(dispatch::LIFETIME) {
        match event.kind {
            EventKind::CodeIssued { code, .. } => {
                codes.insert(code.index(), event.at);
            }
            EventKind::CodeAccepted { code, .. } => {
                let Some(issued) = codes.get(code.index()) else { continue };
                let age = event.at.since(*issued);
                let what = || format!("phone {code}");
                let limits = (policy.code_lifetime, norm.code_lifetime);
                findings.extend(too_old(reading, id, PHONE_CODE_TOO_OLD, what, age, limits));
            }
            EventKind::LinkConfirmed { link, .. } => {
                let Some((issued, _)) = reading.issued(link) else { continue };
                let age = event.at.since(issued);
                let what = || link.to_string();
                let limits = (policy.link_lifetime, norm.link_lifetime);
                findings.extend(too_old(reading, id, LINK_TOO_OLD, what, age, limits));
            }
            EventKind::MfaAccepted { .. } => findings.extend(shown_too_long(reading, id, event)),
            _ => {}
        }
    }
}

/// A TOTP device shows each code for so long that an onlooker has time to type it.
fn shown_too_long(reading: &Reading<'_>, id: EventId, event: &Event) -> Option<Finding> {
    let Typed::Code { device, .. } = reading.asked_directly(event)?.typed else { return None };
    let Kind::Totp { step, .. } = reading.story.kind_of(device) else { return None };
    let (shown, most) = (Span::from_secs(step.as_secs()), reading.norm.time_step);
    (shown > most).then(|| {
        let device = reading.device(device);
        let says = format!("{device} shows an MFA code for {shown}; the maximum is {most}");
        reading.finding(SHOWN_TOO_LONG.says(says), Verdict::OutsideNorm, id)
    })
}

fn too_old(
    reading: &Reading<'_>,
    id: EventId,
    rule: Rule,
    what: impl FnOnce() -> String,
    age: Span,
    (promised, allowed): (Span, Span),
) -> Option<Finding> {
    let (verdict, limit) = if age > promised {
        (Verdict::BrokePolicy, promised)
    } else if age > allowed {
        (Verdict::OutsideNorm, allowed)
    } else {
        return None;
    };
    let says = format!("{} was accepted {age} after it was issued; it may live for {limit}", what());
    Some(reading.finding(rule.says(says), verdict, id))
}
