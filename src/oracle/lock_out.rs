//! *Lock-out by a stranger*: failed tries lock the owner out only temporarily.

use crate::base::id::{AccountId, EventId};
use crate::base::time::Time;
use crate::event::{Control, EventKind, Refusal, Typed};
use crate::oracle::by_id::ById;
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::story::Role;

rules! {
    "lock-out";
    RIGHT_PASSWORD_REFUSED = "right-password-refused", "the owner's right password was refused as wrong";
    REFUSED_UNSEEN = "refused-unseen", "the owner was refused without a check for longer than the norm allows";
    ALTERNATIVE_CLOSED = "alternative-closed", "wrong codes blocked alternative factors for the owner";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "lock-out",
    sentence: "after failed sign-ins by anyone, the owner's correct password and codes are checked again within an hour, and alternative factors stay available",
    source: "NIST SP 800-63B-4 section 3.2.2 (N11: waits up to 1 h); OWASP Forgot Password Cheat Sheet (F1); A01, A02, A04; rule 8",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    // Time of the last wrong try that was checked, per account.
    let mut failed: ById<Time> = ById::default();
    for (id, event) in reading.events_for(dispatch::LOCK_OUT) {
        match event.kind {
            EventKind::PasswordRefused { account: Some(account), why } => {
                if let Some(objection) =
                    owner_refused(reading, id, account, why, failed.get(account.index()), event.at)
                {
                    findings.push(reading.finding(objection, Verdict::OutsideNorm, id));
                }
                if why == Refusal::Wrong && !is_right_password(reading, id, account) {
                    failed.insert(account.index(), event.at);
                }
            }
            EventKind::MfaRefused { account, why, .. } => {
                if why == Refusal::Throttled {
                    if let Some(objection) =
                        owner_refused(reading, id, account, why, failed.get(account.index()), event.at)
                    {
                        findings.push(reading.finding(objection, Verdict::OutsideNorm, id));
                    }
                } else if why == Refusal::Wrong {
                    failed.insert(account.index(), event.at);
                }
            }
            EventKind::RequestRefused {
                action: Control::ChooseAlternative,
                why: Refusal::Throttled | Refusal::UsedUp,
            } => {
                if let Some(says) = way_out_closed(reading, id) {
                    let objection = ALTERNATIVE_CLOSED.says(says);
                    findings.push(reading.finding(objection, Verdict::OutsideNorm, id));
                }
            }
            EventKind::ResyncRefused { account, why: Refusal::Wrong | Refusal::NotConsecutive, .. } => {
                failed.insert(account.index(), event.at);
            }
            _ => {}
        }
    }
}

fn is_right_password(reading: &Reading<'_>, id: EventId, account: AccountId) -> bool {
    let event = reading.trace.get(id);
    let asked = event.and_then(|event| reading.asked_directly(event));
    asked.is_some_and(|asked| asked.typed == Typed::Password(Some(account)))
}

/// Alternative factors exist for users whose codes do not work, so wrong codes must not block them.
fn way_out_closed(reading: &Reading<'_>, id: EventId) -> Option<String> {
    let asked = reading.asked(id)?;
    let owner = reading.story.people.get(asked.person.index())?.role == Role::Owner;
    let says = format!("wrong codes have blocked alternative factors for {}", reading.name(asked.person));
    owner.then_some(says)
}

/// The objection to refusing the owner because of another person's failures, if any.
fn owner_refused(
    reading: &Reading<'_>,
    id: EventId,
    account: AccountId,
    why: Refusal,
    failed: Option<&Time>,
    now: Time,
) -> Option<Objection> {
    let asked = reading.asked(id)?;
    let owner = reading
        .story
        .people
        .get(asked.person.index())
        .is_some_and(|person| person.role == Role::Owner && person.account == account);
    if !owner {
        return None;
    }
    let name = reading.name(asked.person);
    if why == Refusal::Wrong && is_right_password(reading, id, account) {
        let says = format!("{name}'s right password is refused as wrong");
        return Some(RIGHT_PASSWORD_REFUSED.says(says));
    }
    let since = failed.map_or(now, |failed| *failed);
    let waited = now.since(since);
    (why == Refusal::Throttled && waited > reading.norm.throttle_max).then(|| {
        REFUSED_UNSEEN
            .says(format!("{name} is still refused without a check {waited} after the last wrong try"))
    })
}
