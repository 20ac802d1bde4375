//! *Number called*: step 2 calls the number on file, whatever anybody typed.

use crate::event::Event;
use crate::event::EventKind;
use crate::event::Refusal;
use crate::event::Said;
use crate::id::EventId;
use crate::oracle::Finding;
use crate::oracle::Oracle;
use crate::oracle::Reading;
use crate::oracle::Verdict;
use crate::oracle::dispatch;
use crate::policy::PhoneNumber;

pub(super) const ORACLE: Oracle = Oracle {
    id: "number-called",
    sentence: "the phone company is told to call the number on file, and no other; none there is of a premium rate, the call says what for, and nobody who has one is told that there is none",
    source: "NIST SP 800-63B-4 section 3.1.3.3 (N9); OWASP ASVS 6.6.1, 2.4.1; rule 6; H16, P11, P13, P20",
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    for (id, event) in reading.events_for(dispatch::NUMBER_CALLED) {
        if let Some(says) = costly_or_nameless(reading, &event.kind) {
            findings.push(reading.finding(ORACLE.id, Verdict::OutsideNorm, id, says));
        }
        if let Some(says) = denied(reading, id, event) {
            findings.push(reading.finding(ORACLE.id, Verdict::BrokePolicy, id, says));
        }
        let (EventKind::CallTaken { number, .. }
        | EventKind::CallRefused { number, .. }
        | EventKind::CallUnclear { number, .. }) = event.kind
        else {
            continue;
        };
        // The account is the one in whose sign-in the code went up on the screen.
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
            let on_file = on_file.map_or_else(|| "none".to_owned(), |number| number.to_string());
            let says = format!("{number} was called for {owner}; the number on file is {on_file}");
            let promised = reading.story.policy.phone_number == PhoneNumber::OnFile;
            let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
            findings.push(reading.finding(ORACLE.id, verdict, id, says));
        }
    }
}

/// Somebody was told that there is no number to call, and there is one.
fn denied(reading: &Reading<'_>, id: EventId, event: &Event) -> Option<String> {
    let EventKind::RequestRefused { why: Refusal::NoPhone, .. } = event.kind else { return None };
    let account = reading.story.people.get(reading.asked(id)?.person.index())?.account;
    let number = reading.number_on_file(account, event.at).filter(|number| !number.is_premium_rate())?;
    Some(format!(
        "there is said to be no number to call for {}; {number} is on file",
        reading.account(account)
    ))
}

/// A number that pays whoever owns it went on file, or a call asked for a code and said neither for
/// whom nor what for.
fn costly_or_nameless(reading: &Reading<'_>, kind: &EventKind) -> Option<String> {
    match *kind {
        EventKind::PhoneChanged { account, number, .. } if number.is_premium_rate() => {
            let owner = reading.account(account);
            Some(format!("{number} is a premium-rate number, and goes on file for {owner}"))
        }
        EventKind::Spoke { call, said: Said::KeyInACode } => {
            Some(format!("{call} asks for a code and does not say what for"))
        }
        _ => None,
    }
}
