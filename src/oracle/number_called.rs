//! *Number called*: step 2 calls the number on file, regardless of user input.

use crate::base::id::EventId;
use crate::event::{Event, EventKind, Refusal, Said};
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::policy::PhoneNumber;

rules! {
    "number-called";
    ANOTHER_NUMBER = "another-number", "a number was called that is not the one on file";
    NONE_ON_FILE = "none-on-file", "a number was called although none is on file";
    PREMIUM_RATE = "premium-rate", "a premium-rate number went on file";
    NAMELESS_CALL = "nameless-call", "a call asked for a code without naming its purpose";
    NUMBER_DENIED = "number-denied", "a person with a number on file was told that there is none";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "number-called",
    sentence: "only the number on file is called, it is not a premium-rate number, the call names its purpose, and a person with a number on file is not told that there is none",
    source: "NIST SP 800-63B-4 section 3.1.3.3 (N9); OWASP ASVS 6.6.1, 2.4.1; rule 6; H16, P11, P13, P20",
    evidence: Evidence::Observed,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    for (id, event) in reading.events_for(dispatch::NUMBER_CALLED) {
        if let Some(objection) = costly_or_nameless(reading, &event.kind) {
            findings.push(reading.finding(objection, Verdict::OutsideNorm, id));
        }
        if let Some(says) = denied(reading, id, event) {
            findings.push(reading.finding(NUMBER_DENIED.says(says), Verdict::BrokePolicy, id));
        }
        let (EventKind::CallTaken { number, .. }
        | EventKind::CallRefused { number, .. }
        | EventKind::CallUnclear { number, .. }) = event.kind
        else {
            continue;
        };
        // The account is that of the sign-in for which the code was issued.
        let code = reading.code_ordered(id);
        let account = code.and_then(|code| {
            reading.trace.events().iter().find_map(|event| match event.kind {
                EventKind::CodeIssued { code: issued, account, .. } if issued == code => Some(account),
                _ => None,
            })
        });
        let Some(account) = account else { continue };
        let on_file = reading.number_on_file(account, event.at);
        if on_file != Some(number) {
            let owner = reading.account(account);
            let rule = if on_file.is_some() { ANOTHER_NUMBER } else { NONE_ON_FILE };
            let on_file = on_file.map_or_else(|| "none".to_owned(), |number| number.to_string());
            let says = format!("{number} was called for {owner}; the number on file is {on_file}");
            let promised = reading.story.policy.phone_number == PhoneNumber::OnFile;
            let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
            findings.push(reading.finding(rule.says(says), verdict, id));
        }
    }
}

/// A user with a number on file was told that there is no number to call.
fn denied(reading: &Reading<'_>, id: EventId, event: &Event) -> Option<String> {
    let EventKind::RequestRefused { why: Refusal::NoPhone, .. } = event.kind else { return None };
    let account = reading.story.people.get(reading.asked(id)?.person.index())?.account;
    let number = reading.number_on_file(account, event.at).filter(|number| !number.is_premium_rate())?;
    Some(format!(
        "the service claims that there is no number on file for {}; {number} is on file",
        reading.account(account)
    ))
}

/// A premium-rate number was put on file, or a call asked for a code without naming the caller and the
/// purpose.
fn costly_or_nameless(reading: &Reading<'_>, kind: &EventKind) -> Option<Objection> {
    match *kind {
        EventKind::PhoneChanged { account, number, .. } if number.is_premium_rate() => {
            let owner = reading.account(account);
            let says = format!("{number} is a premium-rate number, but goes on file for {owner}");
            Some(PREMIUM_RATE.says(says))
        }
        EventKind::Spoke { call, said: Said::KeyInACode } => {
            Some(NAMELESS_CALL.says(format!("{call} asks for a code without naming its purpose")))
        }
        _ => None,
    }
}
