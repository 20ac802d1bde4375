//! *Old secret dead*: removed or replaced secrets are refused.

use crate::base::id::AccountId;
use crate::base::time::Time;
use crate::event::{Event, EventKind, Typed};
use crate::oracle::by_id::ById;
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};

rules! {
    "old-secret";
    REMOVED_DEVICE = "removed-device", "a code of a device was accepted after the device was removed";
    SECRET_AGAIN = "removed-device-again", "a removed device was assigned again, with the secret that it had before";
    LINK_BEFORE_CHANGE = "link-from-before-change", "a link from before a change of factors or contact data was accepted after it";
    PHONE_CODE_BEFORE_CHANGE = "phone-code-from-before-change", "a phone code from before a change of factors or contact data was accepted after it";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "old-secret",
    sentence: "the codes and the secret of a removed device, and links and phone codes from before a change of factors or contact data, are not accepted",
    source: "NIST SP 800-63B-4 section 4.3 (N13); WSTG-ATHN-11; OWASP MFA Cheat Sheet (F2); L11, T21",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut removed: ById<()> = ById::default();
    let mut changed: ById<Time> = ById::default();
    let mut links: ById<(AccountId, Time)> = ById::default();
    let mut codes: ById<(AccountId, Time)> = ById::default();
    for (id, event) in reading.events_for(dispatch::OLD_SECRET) {
        let objection = match event.kind {
            EventKind::DeviceDeactivated { account, device, .. } => {
                removed.insert(device.index(), ());
                changed.insert(account.index(), event.at);
                None
            }
            EventKind::DeviceAssigned { account, device, .. } => {
                changed.insert(account.index(), event.at);
                removed.remove(device.index()).map(|()| {
                    let device = reading.device(device);
                    SECRET_AGAIN.says(format!(
                        "{device} was removed, and then assigned again with the secret that it had before"
                    ))
                })
            }
            EventKind::PhoneChanged { account, .. } | EventKind::FactorsReset { account, .. } => {
                changed.insert(account.index(), event.at);
                None
            }
            EventKind::LinkIssued { link, account, .. } => {
                links.insert(link.index(), (account, event.at));
                None
            }
            EventKind::CodeIssued { code, account, .. } => {
                codes.insert(code.index(), (account, event.at));
                None
            }
            EventKind::MfaAccepted { .. } => removed_device(reading, event, &removed),
            EventKind::LinkConfirmed { link, .. } => {
                before_change(links.get(link.index()), &changed).map(|()| LINK_BEFORE_CHANGE.says(format!("{link} was issued before a change of factors or contact data, and was accepted after it")))
            }
            EventKind::CodeAccepted { code, .. } => {
                before_change(codes.get(code.index()), &changed).map(|()| PHONE_CODE_BEFORE_CHANGE.says(format!("phone {code} was issued before a change of factors or contact data, and was accepted after it")))
            }
            _ => None,
        };
        if let Some(objection) = objection {
            findings.push(reading.finding(objection, Verdict::OutsideNorm, id));
        }
    }
}

fn removed_device(reading: &Reading<'_>, event: &Event, removed: &ById<()>) -> Option<Objection> {
    match reading.asked_directly(event)?.typed {
        Typed::Code { device, .. } if removed.get(device.index()).is_some() => {
            let device = reading.device(device);
            Some(REMOVED_DEVICE.says(format!("a code of {device} was accepted after it was removed")))
        }
        _ => None,
    }
}

/// Whether a secret was issued before a change that has been completed.
fn before_change(issued: Option<&(AccountId, Time)>, changed: &ById<Time>) -> Option<()> {
    let (account, at) = issued?;
    (changed.get(account.index())? > at).then_some(())
}
