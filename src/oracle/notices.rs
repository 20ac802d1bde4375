//! *Notices*: every change to an account is notified to all its addresses on file.

use crate::base::id::{AccountId, AddressId, EventId};
use crate::base::time::{Span, Time};
use crate::event::{Control, Event, EventKind, MailKind, Way};
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Rule, Verdict, dispatch};
use crate::policy::Notify;

rules! {
    "notices";
    RECOVERY_UNTOLD = "recovery-untold", "an address on file got no notice of a recovery";
    DEACTIVATION_UNTOLD = "deactivation-untold", "an address on file got no notice of the deactivation of a device";
    STOPPED_UNTOLD = "earlier-devices-untold", "an address on file got no notice that earlier devices no longer count";
    ASSIGNMENT_UNTOLD = "assignment-untold", "an address on file got no notice of the assignment of a device";
    RESYNC_UNTOLD = "re-sync-untold", "an address on file got no notice of a re-sync";
    CONTACT_CHANGE_UNTOLD = "contact-change-untold", "an address on file got no notice of a change of the phone number";
    PASSWORD_CHANGE_UNTOLD = "password-change-untold", "an address on file got no notice of a change of the password";
    DISABLING_UNTOLD = "disabling-untold", "an address on file got no notice that a device was disabled";
    RESET_UNTOLD = "reset-untold", "an address on file got no notice of a reset by support";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "notices",
    sentence: "all addresses on file get a notice of each recovery, deactivation, disabling, assignment, re-sync, and change of the password or contact data",
    source: "NIST SP 800-63B-4 sections 4.2 and 4.6 (N1, N2); OWASP ASVS 6.3.7; rule 7",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut mails = None;
    for (id, event) in reading.events_for(dispatch::NOTICES) {
        let Some((account, kind, rule)) = to_be_told(reading, event) else { continue };
        let mails = mails.get_or_insert_with(|| handed_over(reading));
        let Some(file) = reading.story.accounts.get(account.index()) else { continue };
        for address in &file.emails {
            let put_off = match sending(reading, mails, event, *address, kind) {
                Sending::Done => continue,
                Sending::Never => None,
                Sending::PutOff(at) => Some(at),
            };
            if is_early(reading, event.at, put_off) {
                continue;
            }
            let to =
                reading.story.addresses.get(address.index()).map_or("an address on file", String::as_str);
            let owner = reading.account(account);
            let says = format!("\"{kind}\" was never sent to {to}, which is on file for {owner}");
            let promised = reading.story.policy.notify == Notify::AllAddresses;
            let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
            findings.push(reading.finding(rule.says(says), verdict, id));
        }
    }
}

/// How long the service must retry a deferred email.
const TRIES_LAST: Span = Span::DAY;

/// The notice that the event requires.
fn to_be_told(reading: &Reading<'_>, event: &Event) -> Option<(AccountId, MailKind, Rule)> {
    match event.kind {
        EventKind::SignedIn { account, way: Way::Recovery, .. } => {
            Some((account, MailKind::RecoveryNotice, RECOVERY_UNTOLD))
        }
        EventKind::DeviceDeactivated { account, session: Some(_), .. } => {
            let asked = event.cause.and_then(|cause| reading.trace.get(cause)).map(|asked| asked.kind);
            // "Assign MFA device" stops those from before a recovery.
            let stops = matches!(asked, Some(EventKind::Requested { action: Control::FinishAssign, .. }));
            let deactivated = (MailKind::DeactivationNotice, DEACTIVATION_UNTOLD);
            let (kind, rule) = if stops { (MailKind::StoppedNotice, STOPPED_UNTOLD) } else { deactivated };
            Some((account, kind, rule))
        }
        EventKind::DeviceAssigned { account, .. } => {
            Some((account, MailKind::AssignmentNotice, ASSIGNMENT_UNTOLD))
        }
        EventKind::Resynced { account, .. } => Some((account, MailKind::ResyncNotice, RESYNC_UNTOLD)),
        EventKind::PhoneChanged { account, .. } => {
            Some((account, MailKind::ContactNotice, CONTACT_CHANGE_UNTOLD))
        }
        EventKind::PasswordChanged { account, .. } => {
            Some((account, MailKind::PasswordNotice, PASSWORD_CHANGE_UNTOLD))
        }
        EventKind::DeviceDisabled { account, .. } => {
            Some((account, MailKind::DisabledNotice, DISABLING_UNTOLD))
        }
        EventKind::FactorsReset { account, .. } => Some((account, MailKind::ResetNotice, RESET_UNTOLD)),
        _ => None,
    }
}

/// The delivery state of a required email.
enum Sending {
    /// The provider accepted or permanently refused it; a failure of the provider is not the service's fault.
    Done,
    /// It was never handed to the provider.
    Never,
    /// It was deferred: refused with a transient reply code (RFC 5321 section 4.2.1, replies from 400 on), or
    /// the connection was closed. The service retries for at least a day (section 4.5.4.1).
    PutOff(Time),
}

/// The transfers of emails to the provider, in order.
fn handed_over<'a>(reading: &Reading<'a>) -> Vec<(EventId, &'a Event)> {
    let is_mail = |(_, event): &(EventId, &Event)| {
        matches!(
            event.kind,
            EventKind::MailTaken { .. } | EventKind::MailRefused { .. } | EventKind::MailCut { .. }
        )
    };
    reading.trace.iter().filter(is_mail).collect()
}

fn sending(
    reading: &Reading<'_>,
    mails: &[(EventId, &Event)],
    change: &Event,
    address: AddressId,
    kind: MailKind,
) -> Sending {
    let since = change.at;
    // A notice to an address that a family shares may be about another's account.
    let shared = reading.story.accounts_of_address(address).only().is_none();
    let mut so_far = Sending::Never;
    for (id, event) in mails.iter().filter(|(_, event)| event.at >= since) {
        if shared && !is_about(reading, *id, change) {
            continue;
        }
        let put_off = match event.kind {
            EventKind::MailTaken { to, kind: taken, .. } if to == address && taken == Some(kind) => false,
            EventKind::MailRefused { to, code } if to == address && is_of(reading, *id, kind) => code < 500,
            EventKind::MailCut { to, taken } if to == address && is_of(reading, *id, kind) => !taken,
            _ => continue,
        };
        if !put_off || event.at >= since + TRIES_LAST {
            return Sending::Done;
        }
        so_far = Sending::PutOff(event.at);
    }
    so_far
}

/// Whether an email was ordered for the request that caused `change`, as far as the service tells.
fn is_about(reading: &Reading<'_>, id: EventId, change: &Event) -> bool {
    let ordered = reading.trace.causes(id).find_map(|(_, event)| match event.kind {
        EventKind::MailOrdered { .. } => Some(event.cause),
        _ => None,
    });
    ordered.is_none_or(|cause| cause == change.cause)
}

fn is_of(reading: &Reading<'_>, id: EventId, kind: MailKind) -> bool {
    let ordered = reading.trace.causes(id).find_map(|(_, event)| match event.kind {
        EventKind::MailOrdered { kind, .. } => Some(kind),
        _ => None,
    });
    ordered == Some(kind)
}

/// Whether the notice may still follow: it was deferred or the service crashed, and the time limit has not
/// passed.
fn is_early(reading: &Reading<'_>, since: Time, put_off: Option<Time>) -> bool {
    let events = reading.trace.events().iter().rev();
    let crashed = events.clone().any(|event| matches!(event.kind, EventKind::AppCrashed));
    let back =
        events.clone().find(|event| matches!(event.kind, EventKind::AppRestarted)).map(|event| event.at);
    let from = put_off.into_iter().chain(back).fold(since, Time::max);
    (crashed || put_off.is_some()) && reading.trace.until() < from + reading.norm.notice_within
}
