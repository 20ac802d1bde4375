//! *Old secret dead*: removed or replaced secrets are refused.

use crate::base::id::{AccountId, DeviceId, SessionId};
use crate::base::time::Time;
use crate::event::{Control, Event, EventKind, Typed, Way};
use crate::oracle::by_id::ById;
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};

rules! {
    "old-secret";
    REMOVED_DEVICE = "removed-device", "a code of a device was accepted after the device was removed";
    SECRET_AGAIN = "removed-device-again", "a removed device was assigned again, with the secret that it had before";
    EARLIER_DEVICE = "device-from-before-recovery", "a code was accepted of a device from before a recovery that assigned a new one";
    LINK_BEFORE_CHANGE = "link-from-before-change", "a link from before a change of factors or contact data was accepted after it";
    PHONE_CODE_BEFORE_CHANGE = "phone-code-from-before-change", "a phone code from before a change of factors or contact data was accepted after it";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "old-secret",
    sentence: "the codes and the secret of a removed device, the codes of one from before a recovery that assigned a new one, and links and phone codes from before a change of factors or contact data, are not accepted",
    source: "NIST SP 800-63B-4 section 4.3 (N13); WSTG-ATHN-11; OWASP MFA Cheat Sheet (F2); L11, T21",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut removed: ById<Removed> = ById::default();
    let mut earlier = Earlier::default();
    let mut changed: ById<Time> = ById::default();
    let mut links: ById<(AccountId, Time)> = ById::default();
    let mut codes: ById<(AccountId, Time)> = ById::default();
    for (id, event) in reading.events_for(dispatch::OLD_SECRET) {
        let objection = match event.kind {
            EventKind::DeviceDeactivated { account, device, .. } => {
                let by_assignment = asked_for(reading, event).is_some_and(|asked| asked != Control::Deactivate);
                removed.insert(device.index(), if by_assignment { Removed::Stopped } else { Removed::Finally });
                earlier.assigned.retain(|(_, assigned)| *assigned != device);
                changed.insert(account.index(), event.at);
                None
            }
            EventKind::SignedIn { session, way: Way::Recovery, .. } => {
                earlier.recovered.insert(reading.root(session).index(), ());
                None
            }
            EventKind::DeviceAssigned { account, device, session } => {
                changed.insert(account.index(), event.at);
                earlier.assigned(reading, (account, device), session);
                let before = removed.remove(device.index());
                let may_come_back = before == Some(Removed::Stopped)
                    && asked_for(reading, event) == Some(Control::Reactivate);
                before.filter(|_| !may_come_back).map(|_| {
                    let device = reading.device(device);
                    SECRET_AGAIN.says(format!(
                        "{device} was removed, and then assigned again with the secret that it had before"
                    ))
                })
            }
            EventKind::PhoneChanged { account, .. }
            | EventKind::PasswordChanged { account, .. }
            | EventKind::FactorsReset { account, .. } => {
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
            EventKind::MfaAccepted { .. } => {
                removed_device(reading, event, &removed).or_else(|| earlier.objects(reading, event))
            }
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

/// The devices from before a recovery that assigned a new one. The person who recovered had none of them, and
/// the norm assumes that a lost device is in somebody else's hands.
#[derive(Debug, Default)]
struct Earlier {
    /// The sign-ins by alternative factors that have assigned nothing yet.
    recovered: ById<()>,
    /// The devices assigned since the story began, and not removed.
    assigned: Vec<(AccountId, DeviceId)>,
    devices: ById<()>,
}

impl Earlier {
    /// Takes in that a device was assigned, or brought back by two of its codes.
    fn assigned(&mut self, reading: &Reading<'_>, new: (AccountId, DeviceId), session: SessionId) {
        if self.recovered.remove(reading.root(session).index()).is_some() {
            let story = reading.story.devices.iter().enumerate();
            let from_the_start = story.map(|(at, device)| (device.account, DeviceId(at as u16)));
            for (account, device) in from_the_start.chain(self.assigned.iter().copied()) {
                if account == new.0 {
                    self.devices.insert(device.index(), ());
                }
            }
        }
        self.devices.remove(new.1.index());
        if !self.assigned.contains(&new) {
            self.assigned.push(new);
        }
    }

    fn objects(&self, reading: &Reading<'_>, event: &Event) -> Option<Objection> {
        let asked = reading.asked_directly(event)?;
        let Typed::Code { device, .. } = asked.typed else { return None };
        self.devices.get(device.index())?;
        let device = reading.device(device);
        let says = format!(
            "a code of {device} was accepted, although its account was recovered without it and a new device was assigned"
        );
        Some(EARLIER_DEVICE.says(says).of(reading.role(asked.person)))
    }
}

/// How a device stopped counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Removed {
    /// By "Deactivate" or a reset: its secret must never count again.
    Finally,
    /// By the assignment of another one after a recovery: its owner may bring it back, with two of its codes.
    Stopped,
}

/// What the request that directly caused this event asks for.
fn asked_for(reading: &Reading<'_>, event: &Event) -> Option<Control> {
    match reading.trace.get(event.cause?)?.kind {
        EventKind::Requested { action, .. } => Some(action),
        _ => None,
    }
}

fn removed_device(reading: &Reading<'_>, event: &Event, removed: &ById<Removed>) -> Option<Objection> {
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
