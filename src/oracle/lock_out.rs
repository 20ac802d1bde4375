//! *Lock-out by a stranger*: failed tries lock the owner out only temporarily.
//!
//! Waits may grow to an hour. A stranger who tries again after each wait could add one to the next, so what counts
//! besides the single wait is how long the owner is refused in all, in a browser that has signed in before.

use crate::base::id::{AccountId, BrowserId, DeviceId, EventId, PersonId};
use crate::base::time::{Span, Time};
use crate::event::{Control, Event, EventKind, Refusal, SessionEnd, Typed};
use crate::oracle::by_id::ById;
use crate::oracle::copies::Copies;
use crate::oracle::reading::{Asked, same_cookies};
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::story::Role;

rules! {
    "lock-out";
    RIGHT_PASSWORD_REFUSED = "right-password-refused", "the owner's right password was refused as wrong";
    REFUSED_UNSEEN = "refused-unseen", "the owner was refused without a check for longer than the norm allows";
    REFUSED_IN_ALL = "refused-in-all", "the owner's right password or code was refused unchecked for longer than the norm allows in all, after tries of others";
    ALTERNATIVE_CLOSED = "alternative-closed", "wrong codes blocked alternative factors for the owner";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "lock-out",
    sentence: "after failed sign-ins by anyone, the owner's correct password and codes are checked again within an hour, tries of others do not keep them out of their own browser time and again, and alternative factors stay available",
    source: "NIST SP 800-63B-4 section 3.2.2 (N11: waits up to 1 h, and measures against lock-out by others); OWASP Forgot Password Cheat Sheet (F1); A01, A02, A04, A05; rule 8",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

/// What the owner of one account has tried in vain.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    /// When the last wrong try was checked, and whether it was the owner's own.
    failed: Option<(Time, bool)>,
    /// How long right passwords and codes of the owner have been refused unchecked since the last success, as far
    /// as the refusals show, because of tries of others.
    refused: Span,
    last_refused: Time,
    told: bool,
}

struct Judge<'a, 'b, 'c> {
    reading: &'a Reading<'b>,
    findings: &'c mut Vec<Finding>,
    accounts: ById<Account>,
    /// Browsers that have signed in to an account in this trace.
    known: Vec<(BrowserId, AccountId)>,
    /// Accounts whose owners' browsers from before the story are not known any more.
    forgotten: Vec<AccountId>,
    copies: Copies,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut judge = Judge {
        reading,
        findings,
        accounts: ById::default(),
        known: Vec::new(),
        forgotten: Vec::new(),
        copies: Copies::default(),
    };
    for (id, event) in reading.events_for(dispatch::LOCK_OUT) {
        judge.next(id, event);
    }
}

impl Judge<'_, '_, '_> {
    fn next(&mut self, id: EventId, event: &Event) {
        match event.kind {
            EventKind::PasswordRefused { account: Some(account), why } => {
                self.refused(id, event, account, why);
                if why == Refusal::Wrong && !is_right_password(self.reading, id, account) {
                    self.failed(event, account);
                }
            }
            EventKind::PutInCookie { browser } => self.copies.put_in(self.reading, event, browser),
            EventKind::SessionEnded { why, .. } => self.ended(event, why),
            EventKind::MfaRefused { account, why: Refusal::Throttled, .. } => {
                self.refused(id, event, account, Refusal::Throttled);
            }
            EventKind::MfaRefused { account, why: Refusal::Wrong, .. }
            | EventKind::ResyncRefused { account, why: Refusal::Wrong | Refusal::NotConsecutive, .. } => {
                self.failed(event, account);
            }
            EventKind::PasswordAccepted { account, .. } | EventKind::MfaAccepted { account, .. } => {
                self.accepted(event, account);
            }
            EventKind::SignedIn { account, .. } => {
                if let Some(asked) = self.reading.asked(id) {
                    self.known.push((asked.browser, account));
                }
            }
            EventKind::RequestRefused {
                action: Control::ChooseAlternative,
                why: Refusal::Throttled | Refusal::UsedUp,
            } => {
                if let Some(says) = way_out_closed(self.reading, id) {
                    let objection = ALTERNATIVE_CLOSED.says(says);
                    self.findings.push(self.reading.finding(objection, Verdict::OutsideNorm, id));
                }
            }
            _ => {}
        }
    }

    /// A stranger has ended sessions of the owner, in a copied one or by a change of factors. A service that knows
    /// browsers by the cookies of their sessions does not know those of the owner any more, until the owner signs
    /// in again in them.
    fn ended(&mut self, event: &Event, why: SessionEnd) {
        let Some(asked) = self.reading.asked_directly(event) else { return };
        let stranger = self.reading.story.people.get(asked.person.index());
        let stranger = stranger.filter(|person| person.role == Role::Stranger);
        let of_owner = self.copies.own(asked.browser) != asked.browser
            || matches!(why, SessionEnd::FactorChanged | SessionEnd::SignedOutEverywhere);
        if let Some(stranger) = stranger.filter(|_| of_owner) {
            self.known.retain(|(_, of)| *of != stranger.account);
            self.forgotten.push(stranger.account);
        }
    }

    /// A wrong try was checked. One in a browser with a copy of the owner's cookie, or in which somebody has signed in
    /// to the account, passes for the owner's own: a service that knows browsers apart knows them by their cookies.
    fn failed(&mut self, event: &Event, account: AccountId) {
        let own = self.reading.asked_directly(event).is_some_and(|asked| {
            self.owns(asked.person, account)
                || self.copies.own(asked.browser) != asked.browser
                || self.has_signed_in(asked.browser, account)
        });
        self.accounts.or_default(account.index()).failed = Some((event.at, own));
    }

    /// Whether somebody has signed in to the account in this browser.
    fn has_signed_in(&self, browser: BrowserId, account: AccountId) -> bool {
        self.known.iter().any(|(known, of)| *of == account && same_cookies(*known, browser))
    }

    /// A success of the owner ends what others have caused.
    fn accepted(&mut self, event: &Event, account: AccountId) {
        let asked = self.reading.asked_directly(event);
        if asked.is_some_and(|asked| self.owns(asked.person, account)) {
            let state = self.accounts.or_default(account.index());
            (state.refused, state.told) = (Span::ZERO, false);
        }
    }

    /// A try was refused; objects if the owner had to be heard.
    fn refused(&mut self, id: EventId, event: &Event, account: AccountId, why: Refusal) {
        let Some(asked) = self.reading.asked(id).filter(|asked| self.owns(asked.person, account)) else {
            return;
        };
        let failed = self.accounts.or_default(account.index()).failed;
        let since = failed.map(|(at, _)| at);
        let objection = owner_refused(self.reading, (id, event.at), asked, account, why, since);
        let objection = objection.or_else(|| self.refused_again((id, event.at), asked, account, why));
        if let Some(objection) = objection {
            self.findings.push(self.reading.finding(objection, Verdict::OutsideNorm, id));
        }
    }

    /// Adds up how long the owner has been refused in all.
    fn refused_again(
        &mut self,
        (id, now): (EventId, Time),
        asked: Asked,
        account: AccountId,
        why: Refusal,
    ) -> Option<Objection> {
        let right = match asked.typed {
            Typed::Password(_) | Typed::LaterPassword { .. } => {
                self.reading.is_password_of(asked.typed, account, id)
            }
            Typed::Code { device, .. } => self.is_device_of(device, account),
            _ => false,
        };
        if why != Refusal::Throttled || !right || !self.is_own_browser(asked, account) {
            return None;
        }
        let state = self.accounts.or_default(account.index());
        let (failed, own) = state.failed?;
        let from = failed.max(state.last_refused);
        state.last_refused = now;
        if own {
            return None;
        }
        state.refused = state.refused + now.since(from);
        if state.told || state.refused <= self.reading.norm.throttle_max {
            return None;
        }
        state.told = true;
        let (name, refused) = (self.reading.name(asked.person), state.refused);
        let says =
            format!("{name} has been refused without a check for {refused} in all after tries of others");
        Some(REFUSED_IN_ALL.says(says))
    }

    /// Whether a device was on file for the account when the story began, or was assigned to it since.
    fn is_device_of(&self, device: DeviceId, account: AccountId) -> bool {
        let mut before = self.reading.story.devices.iter().enumerate();
        let mut later = self.reading.trace.events().iter();
        before.any(|(at, known)| at == device.index() && known.account == account)
            || later.any(|event| match event.kind {
                EventKind::DeviceAssigned { account: of, device: assigned, .. } => {
                    of == account && assigned == device
                }
                _ => false,
            })
    }

    /// Whether this is a browser in which its person has signed in before: the first one of each person is, from
    /// before the story.
    fn is_own_browser(&self, asked: Asked, account: AccountId) -> bool {
        let first = BrowserId(asked.person.0.saturating_mul(3));
        let from_before = same_cookies(asked.browser, first) && !self.forgotten.contains(&account);
        from_before || self.has_signed_in(asked.browser, account)
    }

    fn owns(&self, person: PersonId, account: AccountId) -> bool {
        let person = self.reading.story.people.get(person.index());
        person.is_some_and(|person| person.role == Role::Owner && person.account == account)
    }
}

fn is_right_password(reading: &Reading<'_>, id: EventId, account: AccountId) -> bool {
    let event = reading.trace.get(id);
    let asked = event.and_then(|event| reading.asked_directly(event));
    asked.is_some_and(|asked| reading.is_password_of(asked.typed, account, id))
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
    (id, now): (EventId, Time),
    asked: Asked,
    account: AccountId,
    why: Refusal,
    failed: Option<Time>,
) -> Option<Objection> {
    let name = reading.name(asked.person);
    if why == Refusal::Wrong && is_right_password(reading, id, account) {
        let says = format!("{name}'s right password is refused as wrong");
        return Some(RIGHT_PASSWORD_REFUSED.says(says));
    }
    let since = failed.unwrap_or(now);
    let waited = now.since(since);
    (why == Refusal::Throttled && waited > reading.norm.throttle_max).then(|| {
        REFUSED_UNSEEN
            .says(format!("{name} is still refused without a check {waited} after the last wrong try"))
    })
}
