//! *Old secret dead*: what was removed or replaced opens nothing any more.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::event::Event;
use crate::event::EventKind;
use crate::event::Typed;
use crate::id::AccountId;
use crate::id::CodeId;
use crate::id::DeviceId;
use crate::id::LinkId;
use crate::oracle::Finding;
use crate::oracle::Oracle;
use crate::oracle::Reading;
use crate::oracle::Verdict;
use crate::time::Time;

pub(super) const ORACLE: Oracle = Oracle {
    id: "old-secret",
    sentence: "a removed device's codes, and links and phone codes from before a change of factors or contact data, open nothing",
    source: "NIST SP 800-63B-4 section 4.3 (N13); WSTG-ATHN-11; OWASP MFA Cheat Sheet (F2); norms.md L11, T21",
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut removed: BTreeSet<DeviceId> = BTreeSet::new();
    let mut changed: BTreeMap<AccountId, Time> = BTreeMap::new();
    let mut links: BTreeMap<LinkId, (AccountId, Time)> = BTreeMap::new();
    let mut codes: BTreeMap<CodeId, (AccountId, Time)> = BTreeMap::new();
    for (id, event) in reading.trace.iter() {
        let says = match event.kind {
            EventKind::DeviceDeactivated { account, device, .. } => {
                removed.insert(device);
                changed.insert(account, event.at);
                None
            }
            EventKind::DeviceAssigned { account, device, .. } => {
                removed.remove(&device);
                changed.insert(account, event.at);
                None
            }
            EventKind::PhoneChanged { account, .. } | EventKind::FactorsReset { account, .. } => {
                changed.insert(account, event.at);
                None
            }
            EventKind::LinkIssued { link, account, .. } => {
                links.insert(link, (account, event.at));
                None
            }
            EventKind::CodeIssued { code, account, .. } => {
                codes.insert(code, (account, event.at));
                None
            }
            EventKind::MfaAccepted { .. } => removed_device(reading, event, &removed),
            EventKind::LinkConfirmed { link, .. } => {
                before_change(links.get(&link), &changed).map(|()| format!("{link} was issued before a change of factors or contact data, and was accepted after it"))
            }
            EventKind::CodeAccepted { code, .. } => {
                before_change(codes.get(&code), &changed).map(|()| format!("phone {code} was issued before a change of factors or contact data, and was accepted after it"))
            }
            _ => None,
        };
        if let Some(says) = says {
            findings.push(reading.finding(ORACLE.id, Verdict::OutsideNorm, id, says));
        }
    }
}

fn removed_device(reading: &Reading<'_>, event: &Event, removed: &BTreeSet<DeviceId>) -> Option<String> {
    match reading.asked_directly(event)?.typed {
        Typed::Code { device, .. } if removed.contains(&device) => {
            Some(format!("a code of {device} was accepted after it was removed"))
        }
        _ => None,
    }
}

/// Whether something was issued before a change, and that change is over.
fn before_change(issued: Option<&(AccountId, Time)>, changed: &BTreeMap<AccountId, Time>) -> Option<()> {
    let (account, at) = issued?;
    (changed.get(account)? > at).then_some(())
}
