//! *Enumeration*: responses reveal neither the existence of an account nor, before sign-in, its phone number.

use std::collections::BTreeMap;

use crate::base::id::{AddressId, BrowserId, EventId};
use crate::base::time::{Span, Time};
use crate::event::{Control, EventKind, Notice, PageName, Typed};
use crate::oracle::copies::Copies;
use crate::oracle::reading::same_cookies;
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::policy::NumberShown;

rules! {
    "enumeration";
    USER_NAME_ANSWER = "user-name-answer", "an unknown user name gets another answer than a known one";
    PASSWORD_ANSWER = "password-answer", "a wrong password for an unknown user name gets another answer than for a known one";
    KNOWN_THROTTLED = "only-known-throttled", "passwords are throttled only for known user names";
    UNKNOWN_THROTTLED = "only-unknown-throttled", "passwords are throttled only for unknown user names";
    NUMBER_SHOWN = "number-shown", "the full phone number was shown before sign-in was complete";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "enumeration",
    sentence: "an unknown user name gets the same pages and notices as a known one, and a phone number is masked until sign-in is complete",
    source: "OWASP ASVS 6.3.8; WSTG-IDNT-04; Forgot Password Cheat Sheet (F1); E01, E03, E04",
    evidence: Evidence::Observed,
    rules: RULES,
    judge,
};

/// A page and its notice.
type Answer = (PageName, Option<Notice>);

/// A request without the right password: a user name, or the n-th wrong password for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    User,
    Password(u16),
}

/// Responses to wrong passwords for existing or for unknown user names.
#[derive(Clone, Copy, Debug, Default)]
struct Throttling {
    /// Number of passwords that were checked.
    looked: u16,
    /// Length of the current burst of tries for one name.
    row: u16,
    of: Option<(AddressId, BrowserId)>,
    last: Time,
    longest: u16,
    /// Number of passwords checked before the first one was throttled, and that event.
    throttled_after: Option<(u16, EventId)>,
}

/// Tries within this time of each other are subject to the same throttling.
const BURST: Span = Span::from_secs(20);

/// Tolerated difference between both kinds in the number of checked tries of a burst.
const SLACK: u16 = 2;

impl Throttling {
    fn answered(&mut self, id: EventId, at: Time, of: (AddressId, BrowserId), throttled: bool) {
        // A throttle that is kept per cookie hits known and unknown names alike; the oracle *budgets* objects
        // to it. So the tries of a burst come from one browser.
        let same = |was: (AddressId, BrowserId)| was.0 == of.0 && same_cookies(was.1, of.1);
        let goes_on = at.since(self.last) <= BURST && self.of.is_some_and(same);
        if throttled {
            self.throttled_after = self.throttled_after.or(Some((self.looked, id)));
            return;
        }
        self.looked += 1;
        self.row = if goes_on { self.row + 1 } else { 1 };
        (self.last, self.of) = (at, Some(of));
        self.longest = self.longest.max(self.row);
    }

    /// A correct password ends the burst, because it clears earlier failures.
    const fn begins_again(&mut self) {
        self.of = None;
    }
}

/// Unknown user names must be throttled like existing ones (E03).
fn compare_throttling(reading: &Reading<'_>, kinds: &[Throttling; 2], findings: &mut Vec<Finding>) {
    for (one, other, rule, of, not) in
        [(1, 0, KNOWN_THROTTLED, "a known", "an unknown"), (0, 1, UNKNOWN_THROTTLED, "an unknown", "a known")]
    {
        let Some((after, id)) = kinds[one].throttled_after else { continue };
        let looked = kinds[other].longest;
        if kinds[other].throttled_after.is_none() && looked > after + SLACK {
            let says = format!(
                "passwords for {of} user name are throttled after {after}; for {not} one, {looked} were checked"
            );
            findings.push(reading.finding(rule.says(says), Verdict::OutsideNorm, id));
        }
    }
}

/// The full phone number was shown before sign-in (E04), when the proofs so far could also be a stranger's.
fn judge_numbers(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    if !reading.trace.events().iter().any(|event| matches!(event.kind, EventKind::ReadNumber { .. })) {
        return;
    }
    let (mut signed_in, mut copies): (Vec<BrowserId>, Copies) = Default::default();
    for (id, event) in reading.trace.iter() {
        match event.kind {
            EventKind::SignedIn { .. } => {
                signed_in.extend(reading.asked_directly(event).map(|asked| asked.browser));
            }
            EventKind::PutInCookie { browser } => copies.put_in(reading, event, browser),
            EventKind::ReadNumber { browser } => {
                let browser = copies.own(browser);
                if signed_in.iter().any(|other| same_cookies(*other, browser)) {
                    continue;
                }
                let promised = reading.story.policy.number_shown == NumberShown::Masked;
                let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
                let says =
                    "the full phone number on file was shown to a person who has not proven it".to_owned();
                findings.push(reading.finding(NUMBER_SHOWN.says(says), verdict, id));
                return;
            }
            _ => {}
        }
    }
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    judge_numbers(reading, findings);
    // Without an unknown user name there is nothing to compare; this is true of most runs.
    if !reading.trace.events().iter().any(|event| dispatch::probes(reading.story, &event.kind)) {
        return;
    }
    let mut throttling = [Throttling::default(); 2];
    let mut typed: BTreeMap<BrowserId, AddressId> = BTreeMap::new();
    let mut tries: BTreeMap<AddressId, u16> = BTreeMap::new();
    let mut known: BTreeMap<Question, Answer> = BTreeMap::new();
    let mut unknown: BTreeMap<Question, (Answer, EventId)> = BTreeMap::new();
    for (id, event) in reading.trace.iter() {
        let EventKind::Saw { browser, page, notice } = event.kind else { continue };
        let Some(cause) = event.cause.and_then(|cause| reading.trace.get(cause)) else { continue };
        let EventKind::Requested { action, typed: what, .. } = cause.kind else { continue };
        let question = match (action, what) {
            (Control::SubmitUser, Typed::User(address)) => {
                typed.insert(browser, address);
                Question::User
            }
            (Control::SubmitPassword, Typed::Password(Some(_))) => {
                throttling[1].begins_again();
                continue;
            }
            // Only wrong passwords can probe for the existence of an account.
            (Control::SubmitPassword, Typed::Password(None)) => {
                let Some(address) = typed.get(&browser).copied() else { continue };
                let tries = tries.entry(address).or_default();
                *tries += 1;
                Question::Password(*tries)
            }
            _ => continue,
        };
        let address = typed.get(&browser).copied().unwrap_or(AddressId::UNKNOWN);
        let exists = is_user(reading, address);
        if matches!(question, Question::Password(_)) {
            throttling[usize::from(exists)].answered(
                id,
                event.at,
                (address, browser),
                notice == Some(Notice::TryLater),
            );
            // Throttling depends on the timing of tries; `compare_throttling` checks it.
            if notice == Some(Notice::TryLater) {
                continue;
            }
        }
        if exists {
            known.entry(question).or_insert((page, notice));
        } else {
            unknown.entry(question).or_insert(((page, notice), id));
        }
    }
    compare_throttling(reading, &throttling, findings);
    for (question, (answer, id)) in unknown {
        let Some(other) = known.get(&question).filter(|other| **other != answer) else { continue };
        let told = |(page, notice): Answer| {
            notice.map_or_else(|| format!("\"{page}\""), |notice| format!("\"{page}\": {notice}"))
        };
        let says = format!(
            "an unknown user name is answered with {}, a known one with {}",
            told(answer),
            told(*other)
        );
        let rule = match question {
            Question::User => USER_NAME_ANSWER,
            Question::Password(_) => PASSWORD_ANSWER,
        };
        let objection = rule.says(says).with(format!("{} / {}", told(answer), told(*other)));
        findings.push(reading.finding(objection, Verdict::OutsideNorm, id));
    }
}

fn is_user(reading: &Reading<'_>, address: AddressId) -> bool {
    reading.story.accounts.iter().any(|account| account.user == address)
}
