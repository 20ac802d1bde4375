//! *Single use*: a code, a link, a pair of codes opens something once.

use std::collections::BTreeMap;

use crate::event::EventKind;
use crate::event::Typed;
use crate::id::CodeId;
use crate::id::DeviceId;
use crate::id::EventId;
use crate::id::LinkId;
use crate::oracle::Finding;
use crate::oracle::Oracle;
use crate::oracle::Reading;
use crate::oracle::Verdict;
use crate::policy::PairMemory;
use crate::policy::Replay;
use crate::policy::Uses;

pub(super) const ORACLE: Oracle = Oracle {
    id: "single-use",
    sentence: "an MFA code, a link, a phone code and a pair of codes are each accepted once",
    source: "RFC 6238 section 5.2 (T3); NIST SP 800-63B-4 sections 3.1.3 and 3.1.4 (N8, N10); OWASP ASVS 6.5.1; rule 5",
    judge,
};

/// Something that works once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Once {
    Code(DeviceId, u64),
    Pair(DeviceId, u64),
    Link(LinkId),
    PhoneCode(CodeId),
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut accepted: BTreeMap<Once, EventId> = BTreeMap::new();
    for (id, event) in reading.trace.iter() {
        let typed = || reading.asked_directly(event).map(|asked| asked.typed);
        let once = match event.kind {
            EventKind::MfaAccepted { .. } => match typed() {
                Some(Typed::Code { device, step }) => Once::Code(device, step),
                _ => continue,
            },
            EventKind::Resynced { .. } => match typed() {
                Some(Typed::Pair { device, first, .. }) => Once::Pair(device, first),
                _ => continue,
            },
            EventKind::LinkConfirmed { link, .. } => Once::Link(link),
            EventKind::CodeAccepted { code, .. } => Once::PhoneCode(code),
            _ => continue,
        };
        if let Some(before) = accepted.insert(once, id) {
            let at = reading.trace.get(before).map_or_else(String::new, |event| event.at.to_string());
            let says = format!("{} was accepted at {at}, and again", told(once));
            findings.push(reading.finding(ORACLE.id, verdict(reading, once), id, says));
        }
    }
}

fn verdict(reading: &Reading<'_>, once: Once) -> Verdict {
    let policy = &reading.story.policy;
    let allowed = match once {
        Once::Code(..) => matches!(policy.replay, Replay::Nothing | Replay::LastCode),
        Once::Pair(..) => policy.pair_memory == PairMemory::Forgotten,
        Once::Link(_) => policy.link_uses == Uses::Many,
        Once::PhoneCode(_) => policy.code_uses == Uses::Many,
    };
    if allowed { Verdict::OutsideNorm } else { Verdict::BrokePolicy }
}

fn told(once: Once) -> String {
    match once {
        Once::Code(device, step) => format!("the MFA code of {device} for time step {step}"),
        Once::Pair(device, first) => format!("the pair of MFA codes of {device} from time step {first}"),
        Once::Link(link) => link.to_string(),
        Once::PhoneCode(code) => format!("phone {code}"),
    }
}
