//! *Enumeration*: whoever asks about an account learns nothing of whether there is one.

use std::collections::BTreeMap;

use crate::event::ActionName;
use crate::event::EventKind;
use crate::event::Notice;
use crate::event::PageName;
use crate::event::Typed;
use crate::id::AddressId;
use crate::id::BrowserId;
use crate::id::EventId;
use crate::oracle::Finding;
use crate::oracle::Oracle;
use crate::oracle::Reading;
use crate::oracle::Verdict;

pub(super) const ORACLE: Oracle = Oracle {
    id: "enumeration",
    sentence: "a user name that nobody has is answered as one that somebody has, page for page and notice for notice",
    source: "OWASP ASVS 6.3.8; WSTG-IDNT-04; Forgot Password Cheat Sheet (F1); norms.md E01, E03",
    judge,
};

/// A page and its notice.
type Answer = (PageName, Option<Notice>);

/// What was asked, without the password being right: a user name, or the n-th password for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    User,
    Password(u16),
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut typed: BTreeMap<BrowserId, AddressId> = BTreeMap::new();
    let mut tries: BTreeMap<AddressId, u16> = BTreeMap::new();
    let mut known: BTreeMap<Question, Answer> = BTreeMap::new();
    let mut unknown: BTreeMap<Question, (Answer, EventId)> = BTreeMap::new();
    for (id, event) in reading.trace.iter() {
        let EventKind::Saw { browser, page, notice } = event.kind else { continue };
        let Some(cause) = event.cause.and_then(|cause| reading.trace.get(cause)) else { continue };
        let EventKind::Requested { action, typed: what, .. } = cause.kind else { continue };
        let question = match (action, what) {
            (ActionName::SubmitUser, Typed::User(address)) => {
                typed.insert(browser, address);
                Question::User
            }
            // A right password is no question about whether there is an account.
            (ActionName::SubmitPassword, Typed::Password(None)) => {
                let address = typed.get(&browser).copied().unwrap_or(AddressId::UNKNOWN);
                let tries = tries.entry(address).or_default();
                *tries += 1;
                Question::Password(*tries)
            }
            _ => continue,
        };
        let address = typed.get(&browser).copied().unwrap_or(AddressId::UNKNOWN);
        let exists = reading.story.accounts.iter().any(|account| account.user == address);
        if exists {
            known.entry(question).or_insert((page, notice));
        } else {
            unknown.entry(question).or_insert(((page, notice), id));
        }
    }
    for (question, (answer, id)) in unknown {
        let Some(other) = known.get(&question).filter(|other| **other != answer) else { continue };
        let told = |(page, notice): Answer| {
            notice.map_or_else(|| format!("\"{page}\""), |notice| format!("\"{page}\": {notice}"))
        };
        let says = format!(
            "a user name that nobody has is answered with {}, one that somebody has with {}",
            told(answer),
            told(*other)
        );
        findings.push(reading.finding(ORACLE.id, Verdict::OutsideNorm, id, says));
    }
}
