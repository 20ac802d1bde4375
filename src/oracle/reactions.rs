//! *Reactions*: what an owner does about a notice has its effect.
//!
//! "That was not me" leads to a new password or to signing out everywhere. Neither is worth anything if the old
//! password still opens the account, or if a session from before is still served.

use crate::base::id::{AccountId, BrowserId, EventId, PersonId, SessionId};
use crate::event::{Actor, Event, EventKind, PageName, Problem, SessionEnd};
use crate::oracle::by_id::ById;
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, reading};
use crate::policy::{OldPassword, OlderSecrets, PasswordChange, ReportedIntrusion, SignOutEverywhere};

rules! {
    "reactions";
    OLD_PASSWORD = "old-password", "the password from before a change of the password was accepted";
    WITHOUT_CURRENT = "changed-without-current", "the password was changed by somebody who did not type the current one";
    BEFORE_NEW_PASSWORD = "changed-before-new-password", "a factor or the phone number was changed before the password, after support had been told of an intrusion";
    SESSION_GOES_ON = "session-goes-on", "a session stayed alive after its user had signed out everywhere";
    SERVED = "served-after-sign-out", "a session cookie from before signing out everywhere opened the account";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "reactions",
    sentence: "the password changes only for whoever types the current one, the old one opens nothing afterwards, an intrusion told to support makes a new one come first, and no session from before \"Sign out everywhere\" is served",
    source: "OWASP ASVS 6.2.3, 7.4.3, 7.5.2; NIST SP 800-63B-4 sections 3.1.1.2, 4.3 and 5.1 (N13, N15, N17); S21, S22, S23, S24",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

/// What a browser's cookies open.
#[derive(Clone, Copy, Debug)]
struct Jar {
    browser: BrowserId,
    account: AccountId,
    /// When its user signed out everywhere, if that was since.
    ended: Option<EventId>,
}

#[derive(Default)]
struct State {
    jars: Vec<Jar>,
    /// The cookies that thieves have copied.
    stolen: Vec<(PersonId, Jar)>,
    /// The accounts of live sessions.
    sessions: ById<AccountId>,
    /// The tickets that tell of an intrusion.
    told: ById<()>,
    /// The accounts whose password has to change next.
    compromised: ById<()>,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut state = State::default();
    for (id, event) in reading.trace.iter() {
        match event.kind {
            EventKind::PasswordAccepted { account, .. } => {
                findings.extend(old_password(reading, id, event, account));
            }
            EventKind::PasswordChanged { account, .. } => {
                findings.extend(without_current(reading, id, event, account));
            }
            EventKind::DeviceAssigned { account, .. }
            | EventKind::DeviceDeactivated { account, session: Some(_), .. }
            | EventKind::PhoneChanged { account, session: Some(_), .. } => {
                findings.extend(state.too_early(reading, id, account));
            }
            EventKind::SignedOutEverywhere { account, session } => {
                findings.extend(state.goes_on(reading, id, account, session));
            }
            EventKind::Saw { browser, page, .. } if is_inside(page) => {
                findings.extend(state.served(reading, id, event, browser));
            }
            _ => {}
        }
        state.take_in(reading, id, event);
    }
}

impl State {
    fn take_in(&mut self, reading: &Reading<'_>, id: EventId, event: &Event) {
        match event.kind {
            EventKind::SessionOpened { session, from: Some(from) } => {
                if let Some(account) = self.sessions.get(from.index()).copied() {
                    self.sessions.insert(session.index(), account);
                }
            }
            EventKind::PasswordAccepted { session, account } => {
                self.sessions.insert(session.index(), account);
            }
            EventKind::SessionEnded { session, .. } => {
                self.sessions.remove(session.index());
            }
            EventKind::SignedIn { account, .. } => {
                if let Some(asked) = reading.asked(id) {
                    self.put(Jar { browser: asked.browser, account, ended: None });
                }
            }
            EventKind::SignedOutEverywhere { account, .. } => {
                let held = self.jars.iter_mut().chain(self.stolen.iter_mut().map(|(_, jar)| jar));
                for jar in held.filter(|jar| jar.account == account) {
                    jar.ended = Some(id);
                }
            }
            EventKind::TicketTaken { ticket, problem: Problem::NotMe, .. } => {
                self.told.insert(ticket.index(), ());
            }
            EventKind::FactorsReset { account, ticket } if self.told.get(ticket.index()).is_some() => {
                self.compromised.insert(account.index(), ());
            }
            EventKind::PasswordChanged { account, .. } => {
                self.compromised.remove(account.index());
            }
            EventKind::StoleCookie { of: Some(from) } => {
                if let (Actor::Person(thief), Some(jar)) = (event.by, self.jar(from)) {
                    self.stolen.retain(|(other, _)| *other != thief);
                    self.stolen.push((thief, jar));
                }
            }
            EventKind::PutInCookie { browser } => {
                let stolen = self.stolen.iter().find(|(thief, _)| event.by == Actor::Person(*thief));
                if let Some(jar) = stolen.map(|(_, jar)| Jar { browser, ..*jar }) {
                    self.put(jar);
                }
            }
            _ => {}
        }
    }

    fn jar(&self, browser: BrowserId) -> Option<Jar> {
        self.jars.iter().find(|jar| reading::same_cookies(jar.browser, browser)).copied()
    }

    fn put(&mut self, jar: Jar) {
        self.jars.retain(|other| !reading::same_cookies(other.browser, jar.browser));
        self.jars.push(jar);
    }

    /// Somebody changes the account with the password that an intruder may know.
    fn too_early(&mut self, reading: &Reading<'_>, id: EventId, account: AccountId) -> Option<Finding> {
        self.compromised.remove(account.index())?;
        let (owner, asked) = (reading.account(account), reading.asked(id));
        let who = asked.map_or("somebody", |asked| reading.name(asked.person));
        let says = format!(
            "{who} changed factors or the phone number of {owner} before the password, although support had been told of an intrusion"
        );
        let objection = BEFORE_NEW_PASSWORD.says(says).of(asked.and_then(|asked| reading.role(asked.person)));
        let promised = reading.story.policy.reported_intrusion == ReportedIntrusion::NeedsNewPassword;
        Some(reading.finding(objection, verdict(promised), id))
    }

    /// Another session of the account does not end with "Sign out everywhere", as far as the service tells.
    fn goes_on(
        &self,
        reading: &Reading<'_>,
        id: EventId,
        account: AccountId,
        by: SessionId,
    ) -> Option<Finding> {
        let at = reading.trace.get(id)?.at;
        let ends = |session: SessionId| {
            let later = reading.trace.events().iter().skip(id.index()).take_while(|event| event.at == at);
            later.into_iter().any(|event| match event.kind {
                EventKind::SessionEnded { session: ended, why } => {
                    ended == session && why != SessionEnd::Rotated
                }
                _ => false,
            })
        };
        let others = self.sessions.iter().filter(|(_, of)| **of == account);
        let mut others = others.map(|(at, _)| SessionId(at as u32)).filter(|other| *other != by);
        let alive = others.find(|other| !ends(*other))?;
        let says = format!(
            "{alive} of {} stays alive although its user has signed out everywhere",
            reading.account(account)
        );
        Some(reading.finding(SESSION_GOES_ON.says(says), everywhere(reading), id))
    }

    /// A page for signed-in users was served to a request with a cookie from before signing out everywhere.
    fn served(
        &mut self,
        reading: &Reading<'_>,
        id: EventId,
        event: &Event,
        browser: BrowserId,
    ) -> Option<Finding> {
        let jar = self.jar(browser)?;
        // A page that was requested before may arrive later.
        let ended = jar.ended.filter(|ended| event.cause.is_some_and(|asked| asked > *ended))?;
        let who = reading.asked(id).map_or("somebody", |asked| reading.name(asked.person));
        let owner = reading.account(jar.account);
        let at = reading.trace.get(ended).map_or(event.at, |ended| ended.at);
        let says = format!(
            "{who} was served a page of the account of {owner} with a session from before {owner} had signed out everywhere at {at}"
        );
        // Each cookie is told of once.
        self.put(Jar { ended: None, ..jar });
        Some(reading.finding(SERVED.says(says), everywhere(reading), id))
    }
}

/// Whether the policy promises that signing out everywhere ends all sessions.
fn everywhere(reading: &Reading<'_>) -> Verdict {
    let policy = &reading.story.policy;
    let promised = policy.sign_out_everywhere == SignOutEverywhere::EndsSessions
        && policy.older_secrets == OlderSecrets::Die;
    verdict(promised)
}

fn old_password(reading: &Reading<'_>, id: EventId, event: &Event, account: AccountId) -> Option<Finding> {
    let asked = reading.asked_directly(event)?;
    // A wrong password that is accepted is a matter of the oracle *access*.
    reading::password_number(asked.typed, account)?;
    if reading.is_password_of(asked.typed, account, id) {
        return None;
    }
    let (who, owner) = (reading.name(asked.person), reading.account(account));
    let says =
        format!("{who} got past the password page of {owner} with a password from before it was changed");
    let objection = OLD_PASSWORD.says(says).of(reading.role(asked.person));
    Some(reading.finding(objection, verdict(reading.story.policy.old_password == OldPassword::Refused), id))
}

fn without_current(reading: &Reading<'_>, id: EventId, event: &Event, account: AccountId) -> Option<Finding> {
    let asked = reading.asked_directly(event)?;
    if reading.is_password_of(asked.typed, account, id) {
        return None;
    }
    let (who, owner) = (reading.name(asked.person), reading.account(account));
    let says = format!("{who} changed the password of {owner} without the current one");
    let objection = WITHOUT_CURRENT.says(says).of(reading.role(asked.person));
    let policy = &reading.story.policy;
    let promised = policy.password_change == PasswordChange::AsksForCurrent
        && policy.old_password == OldPassword::Refused;
    Some(reading.finding(objection, verdict(promised), id))
}

const fn verdict(promised: bool) -> Verdict {
    if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm }
}

/// The pages that only a signed-in user sees.
const fn is_inside(page: PageName) -> bool {
    matches!(page, PageName::SecurityCredentials | PageName::AssignDevice)
}
