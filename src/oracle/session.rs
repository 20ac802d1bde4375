//! *Session*: a session gets a new id when it gains rights, ends with a factor change, and has a limited
//! lifetime.

use crate::base::id::{AccountId, BrowserId, EventId, SessionId};
use crate::base::time::{Span, Time};
use crate::event::{Control, Event, EventKind};
use crate::oracle::by_id::ById;
use crate::oracle::copies::Copies;
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch, reading};
use crate::policy::{OtherBrowser, OtherSessions, PasswordAndSessions, Rotation, SessionsAtReset};

rules! {
    "session";
    ENDED_FROM_ELSEWHERE = "ended-from-elsewhere", "a password entered in another browser ended a session";
    USED_TOO_LATE = "used-too-late", "a session was used after its maximum or idle time";
    USED_ELSEWHERE = "used-elsewhere", "a session was used in another browser than its own";
    NOT_RENAMED = "not-renamed", "a session was not renamed at sign-in";
    OUTLIVES_CHANGE = "outlives-change", "a session stayed alive after a factor was changed elsewhere";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "session",
    sentence: "a session is renamed at sign-in, ends when a factor changes elsewhere but not when a password is entered there, and is used only within its lifetime and in its browser",
    source: "OWASP ASVS 7.2.4, 7.4.3; NIST SP 800-63B-4 (N15: 24 h overall, 1 h idle); S05, S06, S07, S10, S12, S16",
    evidence: Evidence::Reported,
    rules: RULES,
    judge,
};

/// The state of one session.
#[derive(Clone, Copy, Debug)]
struct AuthState {
    opened: Time,
    seen: Time,
    /// Idle time before the last request of its browser.
    idle: Span,
    browser: Option<BrowserId>,
    live: bool,
    account: Option<AccountId>,
    /// The session existed before the password was accepted.
    before_password: bool,
}

/// A factor change, and the sessions that should end with it.
struct Change {
    id: EventId,
    at: Time,
    account: AccountId,
    others: Vec<SessionId>,
    /// Whether the policy promises that they end with it.
    promised: bool,
}

struct Judge<'a, 'b, 'c> {
    reading: &'a Reading<'b>,
    findings: &'c mut Vec<Finding>,
    sessions: ById<AuthState>,
    /// Sessions that have not ended.
    live: Vec<SessionId>,
    /// Factor changes at the current instant, at which other sessions may still end.
    pending: Vec<Change>,
    copies: Copies,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut judge = Judge {
        reading,
        findings,
        sessions: ById::default(),
        live: Vec::new(),
        pending: Vec::new(),
        copies: Copies::default(),
    };
    for (id, event) in reading.events_for(dispatch::SESSION) {
        judge.settle(event.at);
        judge.next(id, event);
    }
    judge.settle(Time::NEVER);
}

impl Judge<'_, '_, '_> {
    fn next(&mut self, id: EventId, event: &Event) {
        let at = event.at;
        match event.kind {
            EventKind::Requested { browser, .. } => self.requested(self.copies.own(browser), at),
            EventKind::PutInCookie { browser } => self.copies.put_in(self.reading, event, browser),
            EventKind::SessionOpened { session, from } => {
                let browser = self.reading.asked_directly(event).map(|asked| self.copies.own(asked.browser));
                let before = from.and_then(|from| self.sessions.get(from.index()).copied());
                let account = before.and_then(|before| before.account);
                let opened = before.map_or(at, |before| before.opened);
                let before_password = account.is_none();
                let standing = AuthState {
                    opened,
                    seen: at,
                    idle: Span::ZERO,
                    browser,
                    live: true,
                    account,
                    before_password,
                };
                self.sessions.insert(session.index(), standing);
                self.live.push(session);
            }
            EventKind::SessionEnded { session, .. } => {
                self.ended(id, event, session);
                if let Some(standing) = self.sessions.get_mut(session.index()) {
                    standing.live = false;
                }
                self.live.retain(|live| *live != session);
            }
            EventKind::PasswordAccepted { session, account } => {
                self.used(id, at, session);
                if let Some(standing) = self.sessions.get_mut(session.index()) {
                    standing.account = Some(account);
                }
            }
            EventKind::SignedIn { session, .. } => {
                self.used(id, at, session);
                self.signed_in(id, session);
            }
            EventKind::DeviceDeactivated { account, session, .. }
            | EventKind::PhoneChanged { account, session, .. } => self.changed(id, at, account, session),
            EventKind::DeviceAssigned { account, session, .. } => {
                self.used(id, at, session);
                self.changed(id, at, account, Some(session));
            }
            EventKind::FactorsReset { account, .. } => self.changed(id, at, account, None),
            EventKind::RecoveryChosen { session, .. }
            | EventKind::LinkIssued { session, .. }
            | EventKind::CodeIssued { session, .. }
            | EventKind::DeviceOffered { session, .. }
            | EventKind::MfaRefused { session, .. }
            | EventKind::ResyncRefused { session, .. } => self.used(id, at, session),
            _ => {}
        }
    }

    /// A request of a browser resets the idle time of the sessions that it holds.
    fn requested(&mut self, browser: BrowserId, at: Time) {
        for session in &self.live {
            let Some(standing) = self.sessions.get_mut(session.index()) else { continue };
            if standing.browser.is_some_and(|own| reading::same_cookies(own, browser)) {
                standing.idle = at.since(standing.seen);
                standing.seen = at;
            }
        }
    }

    /// A session must not end because a password was typed in another browser.
    fn ended(&mut self, id: EventId, event: &Event, session: SessionId) {
        let reading = self.reading;
        let cause = event.cause.and_then(|cause| reading.trace.get(cause)).map(|cause| cause.kind);
        let Some(EventKind::Requested { browser, action: Control::SubmitPassword, .. }) = cause else {
            return;
        };
        let own = self.sessions.get(session.index()).and_then(|standing| standing.browser);
        let browser = self.copies.own(browser);
        if own.is_some_and(|own| !reading::same_cookies(own, browser)) {
            let promised = reading.story.policy.password_and_sessions == PasswordAndSessions::Nothing;
            let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
            let says = format!(
                "{session} was ended from another browser by a person who had only entered a password"
            );
            self.findings.push(reading.finding(ENDED_FROM_ELSEWHERE.says(says), verdict, id));
        }
    }

    fn changed(&mut self, id: EventId, at: Time, account: AccountId, by: Option<SessionId>) {
        let root = by.map(|by| self.reading.root(by));
        let sessions = self.sessions.iter().map(|(at, standing)| (SessionId(at as u32), standing));
        let others = sessions.filter(|(session, standing)| {
            standing.live && standing.account == Some(account) && Some(self.reading.root(*session)) != root
        });
        let others = others.map(|(session, _)| session).collect();
        let policy = &self.reading.story.policy;
        let kind = self.reading.trace.get(id).map(|event| event.kind);
        let by_support = matches!(
            kind,
            Some(EventKind::FactorsReset { .. } | EventKind::DeviceDeactivated { session: None, .. })
        );
        let promised = policy.other_sessions == OtherSessions::End
            && (!by_support || policy.sessions_at_reset == SessionsAtReset::End);
        self.pending.push(Change { id, at, account, others, promised });
    }

    /// The service used this session for a request, which must be within its lifetime and in its own browser.
    fn used(&mut self, id: EventId, at: Time, session: SessionId) {
        let norm = self.reading.norm;
        let Some(standing) = self.sessions.get(session.index()) else { return };
        let (age, idle) = (at.since(standing.opened), standing.idle);
        if age > norm.session_max || idle > norm.session_idle {
            let says = format!("{session} was used {age} after it began, idle for {idle} before that");
            self.findings.push(self.reading.finding(USED_TOO_LATE.says(says), Verdict::OutsideNorm, id));
        }
        let event = self.reading.trace.get(id);
        let asked = event.and_then(|event| self.reading.asked_directly(event));
        let asked = asked.map(|asked| self.copies.own(asked.browser));
        if let (Some(own), Some(asked)) = (standing.browser, asked)
            && !reading::same_cookies(own, asked)
        {
            let promised = self.reading.story.policy.other_browser != OtherBrowser::GetsSession;
            let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
            let says = format!("{session} was used in another browser than the one that it began in");
            self.findings.push(self.reading.finding(USED_ELSEWHERE.says(says), verdict, id));
        }
    }

    fn signed_in(&mut self, id: EventId, session: SessionId) {
        let planted = self.sessions.get(session.index()).is_some_and(|standing| standing.before_password);
        if planted {
            let promised = self.reading.story.policy.rotation == Rotation::AtEachStep;
            let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
            let says = format!("{session} was not renamed at sign-in");
            self.findings.push(self.reading.finding(NOT_RENAMED.says(says), verdict, id));
        }
    }

    /// Checks past factor changes: all other sessions of the account must have ended.
    fn settle(&mut self, now: Time) {
        // Called for every event; usually no change is due.
        if self.pending.iter().all(|change| change.at >= now) {
            return;
        }
        let (over, open): (Vec<Change>, Vec<Change>) =
            self.pending.drain(..).partition(|change| change.at < now);
        self.pending = open;
        for change in over {
            let lives = |session: &&SessionId| {
                self.sessions.get(session.index()).is_some_and(|standing| standing.live)
            };
            let Some(session) = change.others.iter().find(lives) else { continue };
            let verdict = if change.promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
            let owner = self.reading.account(change.account);
            let says = format!("{session} of {owner} stays alive although a factor was changed elsewhere");
            self.findings.push(self.reading.finding(OUTLIVES_CHANGE.says(says), verdict, change.id));
        }
    }
}
