//! *Support proof*: support resets MFA only for the owner of the ticket's account, reached on the number on
//! file for that account.
//!
//! Two people can share a phone, and an accomplice has one of his own: the number must be that of the ticket's
//! account at the time of the call, and the proof must be of its owner's identity.

use crate::base::id::AccountId;
use crate::base::number::Number;
use crate::base::time::Time;
use crate::event::{Event, EventKind};
use crate::oracle::by_id::ById;
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::policy::{CallBack, Kept, ResetGoesTo, SupportProof};

rules! {
    "support-proof";
    NUMBER_BY_FORM = "number-by-form", "a support form put a phone number on file";
    ANOTHER_NUMBER = "call-to-another-number", "support reset MFA after a call to a number that is not on file";
    NO_PROOF = "no-proof", "support reset MFA without proof of who answered the call";
    RESET_TWICE = "reset-twice", "support reset MFA twice for one ticket";
    PROOF_OF_ANOTHER = "proof-of-another", "support reset MFA after proof of another person's identity than the owner's";
    ANOTHER_ACCOUNT = "another-account", "support reset MFA of another account than the ticket's";
    NO_CALL = "no-call", "support reset MFA without a call to the number on file";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "support-proof",
    sentence: "support resets MFA of the ticket's account only, after a call to the number on file for it and proof that its owner answered, and a form never changes that number",
    source: "NIST SP 800-63B-4 section 4.2 (N6, N14); OWASP ASVS 6.4.4; CISA AA23-320A; U01, U02, U04, U06, U07, U08",
    evidence: Evidence::Reported,
    rules: RULES,
    judge,
};

/// The progress of an agent with a ticket.
#[derive(Clone, Copy, Debug, Default)]
struct Ticket {
    /// The account that it names.
    account: Option<AccountId>,
    number: Option<Number>,
    /// Whether it was the number on file for that account at the time of the call.
    on_file: bool,
    /// Whether somebody proved to be that account's owner.
    proved: bool,
    /// The account of another person who proved an identity.
    another: Option<AccountId>,
    checked: bool,
    /// When MFA was reset for it.
    reset: Option<Time>,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut tickets: ById<Ticket> = ById::default();
    for (id, event) in reading.events_for(dispatch::SUPPORT_PROOF) {
        match event.kind {
            EventKind::TicketTaken { ticket, account, .. } => {
                tickets.or_default(ticket.index()).account = account;
            }
            EventKind::CalledBack { ticket, number } => {
                let ticket = tickets.or_default(ticket.index());
                ticket.number = Some(number);
                let on_file = ticket.account.and_then(|account| reading.number_on_file(account, event.at));
                ticket.on_file = on_file == Some(number);
            }
            EventKind::Proved { ticket, identity: Some(identity) } => {
                let ticket = tickets.or_default(ticket.index());
                let owner = ticket.account == Some(identity);
                ticket.proved |= owner;
                ticket.another = Some(identity).filter(|_| !owner).or(ticket.another);
            }
            EventKind::IdentityChecked { ticket, passed } => {
                tickets.or_default(ticket.index()).checked |= passed
            }
            EventKind::PhoneChanged { account, number, session: None } => {
                let says =
                    format!("{number} went on file for {} by a support form", reading.account(account));
                findings.push(reading.finding(NUMBER_BY_FORM.says(says), Verdict::OutsideNorm, id));
            }
            EventKind::FactorsReset { account, ticket } => {
                let known = tickets.or_default(ticket.index());
                let ticket = *known;
                known.reset = known.reset.or(Some(event.at));
                if let Some(before) = ticket.reset {
                    let owner = reading.account(account);
                    let says = format!(
                        "support reset the MFA of {owner} at {before}, and again for the same ticket"
                    );
                    let promised = reading.story.policy.resets_kept == Kept::Durably;
                    let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
                    findings.push(reading.finding(RESET_TWICE.says(says), verdict, id));
                }
                if let Some(objection) = wrong(reading, event, account, ticket) {
                    findings.push(reading.finding(objection, verdict(reading), id));
                }
            }
            _ => {}
        }
    }
}

fn verdict(reading: &Reading<'_>) -> Verdict {
    let policy = &reading.story.policy;
    let promised = policy.support_proof == SupportProof::CallBackAndIdentity
        && policy.call_back == CallBack::NumberOnFile
        && policy.reset_goes_to == ResetGoesTo::TicketAccount;
    if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm }
}

/// The objection to an MFA reset, if any.
fn wrong(reading: &Reading<'_>, event: &Event, account: AccountId, ticket: Ticket) -> Option<Objection> {
    if let Some(named) = ticket.account.filter(|named| *named != account) {
        let (reset, named) = (reading.account(account), reading.account(named));
        let says = format!("support reset the MFA of {reset} for a ticket about {named}");
        return Some(ANOTHER_ACCOUNT.says(says));
    }
    let on_file = reading.number_on_file(account, event.at);
    // Without a number on file there is no one to call; documents are sufficient (N14).
    let called = on_file.is_none() || ticket.on_file;
    if called && ticket.proved && ticket.checked {
        return None;
    }
    let account = reading.account(account);
    let (rule, why) = match (ticket.number, ticket.another) {
        (Some(number), _) if !ticket.on_file => {
            (ANOTHER_NUMBER, format!("after a call to {number}, which is not on file for that account"))
        }
        (Some(_), Some(another)) if !ticket.proved => {
            let another = reading.account(another);
            (
                PROOF_OF_ANOTHER,
                format!("for the person who answered, who proved to be the owner of {another}"),
            )
        }
        (Some(_), _) => (NO_PROOF, "without any proof of who answered the call".to_owned()),
        (None, _) => (NO_CALL, "without calling the number on file".to_owned()),
    };
    let enough = match on_file {
        Some(number) => format!(
            "a call to {number}, which is on file, and proof that its owner answered would have been enough"
        ),
        None => {
            format!("proof that the owner of {account} asked would have been enough: no number is on file")
        }
    };
    Some(rule.says(format!("support reset the MFA of {account} {why}")).noting(vec![enough]))
}
