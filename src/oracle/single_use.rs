//! *Single use*: a code, a link and a pair of codes are each accepted only once.

use std::collections::BTreeMap;

use crate::base::id::{CodeId, DeviceId, EventId, LinkId};
use crate::event::{Event, EventKind, Typed};
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::policy::{Kept, PairMemory, Policy, Replay, Uses};

rules! {
    "single-use";
    CODE_TWICE = "mfa-code-twice", "an MFA code was accepted twice";
    PAIR_TWICE = "pair-twice", "a pair of MFA codes was accepted twice";
    LINK_TWICE = "link-twice", "a link was accepted twice";
    PHONE_CODE_TWICE = "phone-code-twice", "a phone code was accepted twice";
    COUNTER_BACK = "counter-goes-back", "a code of a counter was accepted after a newer one";
    PAIR_BACK = "pair-goes-back", "a pair of MFA codes was accepted after a newer one";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "single-use",
    sentence: "an MFA code, a link, a phone code and a pair of codes are each accepted once, and counters and pairs never go back",
    source: "RFC 6238 section 5.2 (T3); RFC 4226 section 7.2 (R6); NIST SP 800-63B-4 sections 3.1.3 and 3.1.4 (N8, N10); OWASP ASVS 6.5.1; rules 4 and 5",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

/// A secret that works once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Once {
    Code(DeviceId, u64),
    Pair(DeviceId, u64),
    Link(LinkId),
    PhoneCode(CodeId),
}

/// The secrets accepted so far.
#[derive(Debug, Default)]
struct Accepted {
    all: BTreeMap<Once, EventId>,
    /// The newest moving factor of each device that must increase: that of its last pair, and for HOTP
    /// devices also that of its codes.
    newest: BTreeMap<DeviceId, (u64, EventId)>,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut accepted = Accepted::default();
    for (id, event) in reading.events_for(dispatch::SINGLE_USE) {
        let Some(once) = once(reading, event) else { continue };
        if let Some(objection) = accepted.complaint(reading, once, id) {
            findings.push(reading.finding(objection, verdict(reading, once), id));
        }
        accepted.add(reading, once, id);
    }
}

impl Accepted {
    fn complaint(&self, reading: &Reading<'_>, once: Once, now: EventId) -> Option<Objection> {
        let at = |id| reading.trace.get(id).map_or_else(String::new, |event| event.at.to_string());
        let told = || told(reading, once);
        if let Some(before) = self.all.get(&once) {
            let says = format!("{} was accepted at {}, and again at {}", told(), at(*before), at(now));
            return Some(match once {
                Once::Code(device, _) => CODE_TWICE.says(says).with(shows(reading, device)),
                Once::Pair(device, _) => PAIR_TWICE.says(says).with(shows(reading, device)),
                Once::Link(_) => LINK_TWICE.says(says),
                Once::PhoneCode(_) => PHONE_CODE_TWICE.says(says),
            });
        }
        let (device, oldest, _) = ordered(reading, once)?;
        let (newest, before) = self.newest.get(&device).filter(|(newest, _)| oldest <= *newest)?;
        let newer = if reading.story.kind_of(device).is_counter() {
            format!("count {newest}")
        } else {
            "a newer one".to_owned()
        };
        let says = format!("{} was accepted although {newer} had been accepted at {}", told(), at(*before));
        let rule = if matches!(once, Once::Pair(..)) { PAIR_BACK } else { COUNTER_BACK };
        Some(rule.says(says).with(shows(reading, device)))
    }

    fn add(&mut self, reading: &Reading<'_>, once: Once, id: EventId) {
        self.all.insert(once, id);
        if let Some((device, _, newest)) = ordered(reading, once) {
            let place = self.newest.entry(device).or_insert((newest, id));
            if newest > place.0 {
                *place = (newest, id);
            }
        }
    }
}

/// The device and the first and last moving factor, for secrets whose moving factor must increase.
fn ordered(reading: &Reading<'_>, once: Once) -> Option<(DeviceId, u64, u64)> {
    match once {
        Once::Code(device, count) if reading.story.kind_of(device).is_counter() => {
            Some((device, count, count))
        }
        Once::Pair(device, first) => Some((device, first, first.saturating_add(1))),
        Once::Code(..) | Once::Link(_) | Once::PhoneCode(_) => None,
    }
}

/// The secret that an event accepts, as actually typed.
fn once(reading: &Reading<'_>, event: &Event) -> Option<Once> {
    let typed = || reading.asked_directly(event).map(|asked| asked.typed);
    match event.kind {
        EventKind::MfaAccepted { .. } => match typed()? {
            Typed::Code { device, step } => Some(Once::Code(device, step)),
            _ => None,
        },
        EventKind::Resynced { .. } | EventKind::DeviceAssigned { .. } => match typed()? {
            Typed::Pair { device, first, .. } => Some(Once::Pair(device, first)),
            _ => None,
        },
        EventKind::LinkConfirmed { link, .. } => Some(Once::Link(link)),
        EventKind::CodeAccepted { code, .. } => Some(Once::PhoneCode(code)),
        _ => None,
    }
}

fn verdict(reading: &Reading<'_>, once: Once) -> Verdict {
    let policy = &reading.story.policy;
    let goes_back = policy.pair_memory == PairMemory::Forgotten;
    let allowed = match once {
        Once::Code(device, _) => {
            let forgets = matches!(policy.replay, Replay::Nothing | Replay::LastCode)
                || policy.used_codes_kept == Kept::InMemory
                || policy.used_codes_of != Policy::NORM.used_codes_of;
            // An old pair, once accepted, sets the counter back, so old codes are accepted again.
            forgets || (goes_back && reading.story.kind_of(device).is_counter())
        }
        Once::Pair(..) => goes_back,
        Once::Link(_) => policy.link_uses == Uses::Many,
        Once::PhoneCode(_) => policy.code_uses == Uses::Many,
    };
    if allowed { Verdict::OutsideNorm } else { Verdict::BrokePolicy }
}

/// The kind of moving factor of a device.
fn shows(reading: &Reading<'_>, device: DeviceId) -> &'static str {
    if reading.story.kind_of(device).is_counter() { "a counter" } else { "a clock" }
}

/// The secret in words. A step of a clock is not told: nobody can read it off a device, and the time of the
/// first use says which code it was.
fn told(reading: &Reading<'_>, once: Once) -> String {
    let counter = |device| reading.story.kind_of(device).is_counter();
    match once {
        Once::Code(device, count) if counter(device) => {
            format!("the MFA code of {} for count {count}", reading.device(device))
        }
        Once::Code(device, _) => format!("an MFA code of {}", reading.device(device)),
        Once::Pair(device, first) if counter(device) => {
            format!("the pair of MFA codes of {} from count {first}", reading.device(device))
        }
        Once::Pair(device, _) => format!("a pair of MFA codes of {}", reading.device(device)),
        Once::Link(link) => link.to_string(),
        Once::PhoneCode(code) => format!("phone {code}"),
    }
}
