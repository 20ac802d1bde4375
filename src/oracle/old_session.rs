//! *Old session*: a session cookie opens nothing once its session must have ended.
//!
//! A thief who copied the cookie of a live session is signed in with it, and no service can tell. What counts is
//! that the copy is worthless after its owner has signed out, changed a factor in another browser, or had support
//! reset MFA.

use crate::base::id::{AccountId, BrowserId, EventId, PersonId};
use crate::event::{Actor, Event, EventKind, Notice, PageName};
use crate::oracle::copies::Copies;
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Rule, Verdict, reading};
use crate::policy::{OtherSessions, Policy, SessionsAtReset, SignOut};

rules! {
    "old-session";
    AFTER_SIGN_OUT = "after-sign-out", "a stolen session cookie opened the account after its owner had signed out";
    AFTER_CHANGE = "after-factor-change", "a stolen session cookie opened the account after a factor was changed in another browser";
    AFTER_RESET = "after-reset", "a stolen session cookie opened the account after support had reset MFA";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "old-session",
    sentence: "a copied session cookie opens nothing after its owner has signed out, after a factor was changed in another browser, or after support has reset MFA",
    source: "NIST SP 800-63B-4 section 5.1 (N15: session secrets are erased or invalidated at sign-out); OWASP ASVS 7.4.1, 7.4.3; S06, S15, S16",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

/// What should have ended a session.
#[derive(Clone, Copy, Debug)]
enum Ended {
    SignedOut,
    Changed,
    Reset,
}

impl Ended {
    const fn rule(self) -> (Rule, &'static str) {
        match self {
            Self::SignedOut => (AFTER_SIGN_OUT, "its owner had signed out"),
            Self::Changed => (AFTER_CHANGE, "a factor had been changed in another browser"),
            Self::Reset => (AFTER_RESET, "support had reset MFA"),
        }
    }

    /// Whether the policy promises that this ends the session.
    fn is_promised(self, policy: &Policy) -> bool {
        match self {
            Self::SignedOut => policy.sign_out == SignOut::EndsSession,
            Self::Changed => policy.other_sessions == OtherSessions::End,
            Self::Reset => {
                policy.other_sessions == OtherSessions::End
                    && policy.sessions_at_reset == SessionsAtReset::End
            }
        }
    }
}

/// A session cookie that was copied.
struct Theft {
    thief: PersonId,
    account: AccountId,
    from: BrowserId,
    ended: Option<Ended>,
    /// The browser in which the copy is used.
    used_in: Option<BrowserId>,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let (mut thefts, mut copies): (Vec<Theft>, Copies) = (Vec::new(), Copies::default());
    for (id, event) in reading.trace.iter() {
        match (event.by, event.kind) {
            (Actor::Person(thief), EventKind::StoleCookie { of: Some(from) }) => {
                let Some(person) = reading.story.people.get(thief.index()) else { continue };
                thefts.retain(|theft| theft.thief != thief);
                thefts.push(Theft { thief, account: person.account, from, ended: None, used_in: None });
            }
            (Actor::Person(thief), EventKind::PutInCookie { browser }) => {
                let stolen = thefts.iter_mut().find(|theft| theft.thief == thief);
                if let Some(theft) = stolen {
                    theft.used_in = Some(browser);
                    copies.use_copy(browser, theft.from);
                }
            }
            (Actor::Person(_), EventKind::Saw { browser, page, .. }) if is_signed_in(page) => {
                let used =
                    |theft: &Theft| theft.used_in.is_some_and(|own| reading::same_cookies(own, browser));
                let Some(at) = thefts.iter().position(used) else { continue };
                if let Some(objection) = objection(reading, &thefts[at]) {
                    findings.push(reading.finding(objection.0, objection.1, id));
                    // Each copy is told of once.
                    thefts.remove(at);
                }
            }
            _ => take_in(reading, &mut thefts, &mut copies, id, event),
        }
    }
}

/// Notes what ends sessions, and who signs in without the copy.
fn take_in(reading: &Reading<'_>, thefts: &mut Vec<Theft>, copies: &mut Copies, id: EventId, event: &Event) {
    match event.kind {
        EventKind::Saw { browser, notice: Some(Notice::SignedOut), .. } => {
            for theft in thefts.iter_mut().filter(|theft| reading::same_cookies(theft.from, browser)) {
                theft.ended.get_or_insert(Ended::SignedOut);
            }
        }
        EventKind::FactorsReset { account, .. } => {
            for theft in thefts.iter_mut().filter(|theft| theft.account == account) {
                theft.ended.get_or_insert(Ended::Reset);
            }
        }
        EventKind::DeviceAssigned { account, .. }
        | EventKind::DeviceDeactivated { account, .. }
        | EventKind::PhoneChanged { account, .. } => {
            let Some(asked) = reading.asked_directly(event) else { return };
            // A change in a copied session is one in the session itself, and ends the others only.
            let browser = copies.own(asked.browser);
            let elsewhere =
                |theft: &&mut Theft| theft.account == account && !reading::same_cookies(theft.from, browser);
            for theft in thefts.iter_mut().filter(elsewhere) {
                theft.ended.get_or_insert(Ended::Changed);
            }
        }
        EventKind::SignedIn { .. } => {
            let Some(asked) = reading.asked(id) else { return };
            thefts
                .retain(|theft| !theft.used_in.is_some_and(|own| reading::same_cookies(own, asked.browser)));
            copies.has_own(asked.browser);
        }
        _ => {}
    }
}

fn objection(reading: &Reading<'_>, theft: &Theft) -> Option<(Objection, Verdict)> {
    let ended = theft.ended?;
    let (rule, so) = ended.rule();
    let (thief, owner) = (reading.name(theft.thief), reading.account(theft.account));
    let says = format!("the session cookie that {thief} had stolen opened the account of {owner} after {so}");
    let promised = ended.is_promised(&reading.story.policy);
    let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
    Some((rule.says(says), verdict))
}

/// The pages that only a signed-in user sees.
const fn is_signed_in(page: PageName) -> bool {
    matches!(page, PageName::SecurityCredentials | PageName::AssignDevice)
}
