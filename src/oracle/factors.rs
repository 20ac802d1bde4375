//! *Factors*: a device is active from its first codes until a user removes it.

use crate::base::id::DeviceId;
use crate::event::{Control, Event, EventKind, Typed, Way};
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::policy::{EarlierDevices, RecoveryEnds, SetUp};

rules! {
    "factors";
    TAKEN_OFF_UNASKED = "taken-off-unasked", "a device was removed by a request that does not ask for it";
    COUNTS_UNCONFIRMED = "counts-unconfirmed", "a device is active although none of its codes was entered";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "factors",
    sentence: "a device is active once its codes were entered, until a request removes it",
    source: "NIST SP 800-63B-4 sections 4.1.2.1 and 4.3 (N12, N13); C04, C05",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    for (id, event) in reading.events_for(dispatch::FACTORS) {
        let objection = match event.kind {
            EventKind::DeviceDeactivated { device, session: Some(_), .. }
                if !was_taken_off(reading, event) =>
            {
                let device = reading.device(device);
                TAKEN_OFF_UNASKED.says(format!("{device} was removed by a request that does not ask for it"))
            }
            EventKind::DeviceAssigned { device, .. } if !was_confirmed(reading, event, device) => {
                let device = reading.device(device);
                COUNTS_UNCONFIRMED.says(format!("{device} is active although none of its codes was entered"))
            }
            _ => continue,
        };
        let promised = reading.story.policy.set_up == SetUp::ShowsSecret;
        let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
        findings.push(reading.finding(objection, verdict, id));
    }
}

/// Whether a user chose "Deactivate", or completed a recovery that removes all devices.
fn was_taken_off(reading: &Reading<'_>, event: &Event) -> bool {
    match event.cause.and_then(|cause| reading.trace.get(cause)).map(|cause| cause.kind) {
        Some(EventKind::Requested { action: Control::Deactivate, .. }) => true,
        Some(EventKind::Requested { action: Control::FinishSignIn, .. }) => {
            reading.story.policy.recovery_ends == RecoveryEnds::FreshSignIn
        }
        // Devices from before a recovery stop counting once it assigns a new one.
        Some(EventKind::Requested { action: Control::FinishAssign, .. }) => {
            reading.story.policy.earlier_devices == EarlierDevices::Stop && is_of_recovery(reading, event)
        }
        _ => false,
    }
}

/// Whether the session that removed a device began with alternative factors.
fn is_of_recovery(reading: &Reading<'_>, event: &Event) -> bool {
    let EventKind::DeviceDeactivated { session: Some(own), .. } = event.kind else { return false };
    let root = reading.root(own);
    reading.trace.events().iter().any(|event| match event.kind {
        EventKind::SignedIn { session, way: Way::Recovery, .. } => reading.root(session) == root,
        _ => false,
    })
}

/// Whether codes of this device were typed.
fn was_confirmed(reading: &Reading<'_>, event: &Event, device: DeviceId) -> bool {
    let typed = reading.asked_directly(event).map(|asked| asked.typed);
    matches!(typed, Some(Typed::Pair { device: shown, .. }) if shown == device)
}
