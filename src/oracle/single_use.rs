//! *Single use*: a code, a link, a pair of codes opens something once.

use std::collections::BTreeMap;

use crate::event::Event;
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
use crate::oracle::dispatch;
use crate::policy::PairMemory;
use crate::policy::Replay;
use crate::policy::Uses;

pub(super) const ORACLE: Oracle = Oracle {
    id: "single-use",
    sentence: "an MFA code, a link, a phone code and a pair of codes are each accepted once, and counters and pairs only go forward",
    source: "RFC 6238 section 5.2 (T3); RFC 4226 section 7.2 (R6); NIST SP 800-63B-4 sections 3.1.3 and 3.1.4 (N8, N10); OWASP ASVS 6.5.1; rules 4 and 5",
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

/// What was accepted so far.
#[derive(Debug, Default)]
struct Accepted {
    all: BTreeMap<Once, EventId>,
    /// The newest moving factor of each device, where nothing older may follow it: that of its
    /// last pair, and for counters that of its codes too.
    newest: BTreeMap<DeviceId, (u64, EventId)>,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut accepted = Accepted::default();
    for (id, event) in reading.events_for(dispatch::SINGLE_USE) {
        let Some(once) = once(reading, event) else { continue };
        if let Some(says) = accepted.complaint(reading, once) {
            findings.push(reading.finding(ORACLE.id, verdict(reading, once), id, says));
        }
        accepted.add(reading, once, id);
    }
}

impl Accepted {
    fn complaint(&self, reading: &Reading<'_>, once: Once) -> Option<String> {
        let at = |id| reading.trace.get(id).map_or_else(String::new, |event| event.at.to_string());
        let told = || told(reading, once);
        if let Some(before) = self.all.get(&once) {
            return Some(format!("{} was accepted at {}, and again", told(), at(*before)));
        }
        let (device, oldest, _) = ordered(reading, once)?;
        let (newest, before) = self.newest.get(&device).filter(|(newest, _)| oldest <= *newest)?;
        Some(format!("{} was accepted, and {newest} was at {} already", told(), at(*before)))
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

/// The device, and the first and last moving factor, of what must go forward.
fn ordered(reading: &Reading<'_>, once: Once) -> Option<(DeviceId, u64, u64)> {
    match once {
        Once::Code(device, count) if reading.story.kind_of(device).is_counter() => {
            Some((device, count, count))
        }
        Once::Pair(device, first) => Some((device, first, first.saturating_add(1))),
        Once::Code(..) | Once::Link(_) | Once::PhoneCode(_) => None,
    }
}

/// What an event accepts, in truth.
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
            let forgets = matches!(policy.replay, Replay::Nothing | Replay::LastCode);
            // A pair that was forgotten takes a counter back, and old codes with it.
            forgets || (goes_back && reading.story.kind_of(device).is_counter())
        }
        Once::Pair(..) => goes_back,
        Once::Link(_) => policy.link_uses == Uses::Many,
        Once::PhoneCode(_) => policy.code_uses == Uses::Many,
    };
    if allowed { Verdict::OutsideNorm } else { Verdict::BrokePolicy }
}

fn told(reading: &Reading<'_>, once: Once) -> String {
    let unit = |device| if reading.story.kind_of(device).is_counter() { "count" } else { "time step" };
    match once {
        Once::Code(device, step) => format!("the MFA code of {device} for {} {step}", unit(device)),
        Once::Pair(device, first) => {
            format!("the pair of MFA codes of {device} from {} {first}", unit(device))
        }
        Once::Link(link) => link.to_string(),
        Once::PhoneCode(code) => format!("phone {code}"),
    }
}
