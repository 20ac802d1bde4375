//! *Notices*: whatever was done to an account, all its addresses on file were told.

use crate::event::Event;
use crate::event::EventKind;
use crate::event::MailKind;
use crate::event::Way;
use crate::id::AccountId;
use crate::id::AddressId;
use crate::oracle::Finding;
use crate::oracle::Oracle;
use crate::oracle::Reading;
use crate::oracle::Verdict;
use crate::oracle::dispatch;
use crate::policy::Notify;
use crate::time::Time;

pub(super) const ORACLE: Oracle = Oracle {
    id: "notices",
    sentence: "each recovery, deactivation, assignment, re-sync and contact change is told to all addresses on file",
    source: "NIST SP 800-63B-4 sections 4.2 and 4.6 (N1, N2); OWASP ASVS 6.3.7; rule 7",
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    for (id, event) in reading.events_for(dispatch::NOTICES) {
        let Some((account, kind)) = to_be_told(event) else { continue };
        let Some(file) = reading.story.accounts.get(account.index()) else { continue };
        for address in &file.emails {
            if was_told(reading, event.at, *address, kind) || is_early(reading, event.at) {
                continue;
            }
            let to =
                reading.story.addresses.get(address.index()).map_or("an address on file", String::as_str);
            let owner = reading.account(account);
            let says = format!("\"{kind}\" was never sent to {to}, which is on file for {owner}");
            let promised = reading.story.policy.notify == Notify::AllAddresses;
            let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
            findings.push(reading.finding(ORACLE.id, verdict, id, says));
        }
    }
}

/// What has to be told, and to whom.
const fn to_be_told(event: &Event) -> Option<(AccountId, MailKind)> {
    match event.kind {
        EventKind::SignedIn { account, way: Way::Recovery, .. } => Some((account, MailKind::RecoveryNotice)),
        EventKind::DeviceDeactivated { account, session: Some(_), .. } => {
            Some((account, MailKind::DeactivationNotice))
        }
        EventKind::DeviceAssigned { account, .. } => Some((account, MailKind::AssignmentNotice)),
        EventKind::Resynced { account, .. } => Some((account, MailKind::ResyncNotice)),
        EventKind::PhoneChanged { account, .. } => Some((account, MailKind::ContactNotice)),
        EventKind::FactorsReset { account, .. } => Some((account, MailKind::ResetNotice)),
        _ => None,
    }
}

/// Whether such a mail was handed to the provider, or the provider would not have it: a failure
/// of the provider's is not the service's.
fn was_told(reading: &Reading<'_>, since: Time, address: AddressId, kind: MailKind) -> bool {
    reading.trace.events().iter().any(|event| {
        event.at >= since
            && match event.kind {
                EventKind::MailTaken { to, kind: taken, .. } => to == address && taken == kind,
                EventKind::MailRefused { to, .. } | EventKind::MailCut { to, .. } => to == address,
                _ => false,
            }
    })
}

/// Whether the service may still be about to tell: it crashed, and its time is not over.
fn is_early(reading: &Reading<'_>, since: Time) -> bool {
    let crashed = reading.trace.events().iter().any(|event| matches!(event.kind, EventKind::AppCrashed));
    crashed && reading.trace.until() < since + reading.norm.notice_within
}
