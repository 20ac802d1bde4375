//! Sessions: cookies, progress through the flow, rotation and expiry.

use crate::base::account_set::AccountSet;
use crate::base::id::{AccountId, SessionId};
use crate::base::rng::Rng;
use crate::base::secret::Token;
use crate::base::time::Time;
use crate::event::{EventKind, SessionEnd};
use crate::message::Cookie;
use crate::policy::{CountedBrowsers, NewSignIn, OlderSecrets, OtherSessions, Rotation, SignOut};
use crate::service::reference::Recovery;
use crate::service::reference::store::{AuthState, Session};

/// The maximum number of signed-out browsers that are known. The one that was known first is forgotten.
const KNOWN_MAX: usize = 1_024;

/// The session of one request: found by its cookie, or opened for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    pub(super) session: SessionId,
    /// What the reply does to the cookie.
    pub(super) cookie: Cookie,
    /// Whether the request's cookie no longer opens a session.
    pub(super) stale: bool,
}

impl Recovery {
    /// The session of the request with this cookie; opens a new one if none is alive.
    pub(super) fn visit(&mut self, now: Time, draw: &mut Rng, cookie: Option<Token>) -> Visit {
        if let Some(session) = cookie.and_then(|token| self.session_by_token(now, token)) {
            self.session_mut(session).seen = now;
            return Visit { session, cookie: Cookie::Keep, stale: false };
        }
        let from_before = cookie.and_then(|token| self.known_by(token));
        let (session, token) = self.open_session(now, draw, None);
        let stale = cookie.is_some() && from_before.is_none_or(|(_, ended)| ended);
        self.session_mut(session).knows = from_before.map_or(AccountSet::NONE, |(knows, _)| knows);
        Visit { session, cookie: Cookie::Set(token), stale }
    }

    /// The accounts that the browser with this cookie has signed in to, and whether the cookie is that of a
    /// session that has ended.
    fn known_by(&self, token: Token) -> Option<(AccountSet, bool)> {
        let kept = self.durable.known.iter().rev().find(|(known, _)| *known == token);
        let ended = || self.durable.sessions.iter().rev().find(|session| session.token == token);
        kept.map(|(_, knows)| (*knows, false)).or_else(|| ended().map(|session| (session.knows, true)))
    }

    /// Keeps the cookie of a browser that has signed in to an account before.
    pub fn remember_browser(&mut self, token: Token, account: AccountId) {
        self.keep_known(token, AccountSet::one(account));
    }

    fn keep_known(&mut self, token: Token, knows: AccountSet) {
        if self.durable.known.len() >= KNOWN_MAX {
            self.durable.known.remove(0);
        }
        self.durable.known.push((token, knows));
    }

    /// Whether tries from the browser of this session are counted apart from those of unknown browsers.
    pub(super) fn is_known_browser(&self, session: SessionId, account: AccountId) -> bool {
        self.policy.counted_browsers == CountedBrowsers::KnownApart
            && self.session(session).knows.has(account)
    }

    /// The live session that `token` opens.
    pub(super) fn session_by_token(&mut self, now: Time, token: Token) -> Option<SessionId> {
        // Newest first: a browser usually returns with its latest cookie.
        let at = self.durable.sessions.iter().rposition(|session| session.token == token)?;
        let id = SessionId(u32::try_from(at).ok()?);
        self.is_alive(now, id).then_some(id)
    }

    /// Whether a session is alive; ends it first if it is idle or too old. Links and calls also check
    /// sessions whose browser has been silent for long.
    pub(super) fn is_alive(&mut self, now: Time, id: SessionId) -> bool {
        let session = *self.session(id);
        let idle = now.since(session.seen) > self.policy.session_idle;
        if idle || now.since(session.opened) > self.policy.session_max {
            self.end_session(id, SessionEnd::Expired);
        }
        self.session(id).live
    }

    pub(super) fn session(&self, id: SessionId) -> &Session {
        &self.durable.sessions[id.index()]
    }

    pub(super) fn session_mut(&mut self, id: SessionId) -> &mut Session {
        &mut self.durable.sessions[id.index()]
    }

    /// Opens an empty session, or one that continues `from`.
    fn open_session(&mut self, now: Time, draw: &mut Rng, from: Option<SessionId>) -> (SessionId, Token) {
        let token = draw.token();
        let id = SessionId(u32::try_from(self.durable.sessions.len()).unwrap_or(u32::MAX));
        let fresh = Session {
            token,
            standing: AuthState::Anonymous,
            opened: now,
            seen: now,
            signed_in: now,
            live: true,
            email_verified: false,
            phone_verified: false,
            code: None,
            mail_failed: false,
            mail_asked: false,
            removed_mfa_of: None,
            knows: AccountSet::NONE,
            earlier_stopped: false,
            offered: None,
        };
        let session = from.map_or(fresh, |from| Session { token, ..*self.session(from) });
        self.durable.sessions.push(session);
        self.fact(EventKind::SessionOpened { session: id, from });
        (id, token)
    }

    /// Ends a session; does nothing if it has ended already.
    pub(super) fn end_session(&mut self, id: SessionId, why: SessionEnd) {
        let session = self.session_mut(id);
        if std::mem::replace(&mut session.live, false) {
            if matches!(why, SessionEnd::SignedOut | SessionEnd::FactorChanged) {
                // Whoever holds a copy of this cookie is not known by it any more.
                session.knows = AccountSet::NONE;
            }
            self.fact(EventKind::SessionEnded { session: id, why });
        }
    }

    /// Moves the session to a new token after its rights grow, which defeats session fixation
    /// (ASVS 7.2.4).
    pub(super) fn rotate(&mut self, now: Time, draw: &mut Rng, visit: &mut Visit) {
        match self.policy.rotation {
            Rotation::AtEachStep => {
                let old = visit.session;
                let (session, token) = self.open_session(now, draw, Some(old));
                self.end_session(old, SessionEnd::Rotated);
                *visit = Visit { session, cookie: Cookie::Set(token), stale: visit.stale };
            }
            Rotation::Never => {}
        }
    }

    /// Ends the session and replaces its cookie by one that only shows that the browser is known. The browser in
    /// which MFA was removed gets an empty session instead, so that its user can sign in again and assign a device.
    pub(super) fn leave(&mut self, now: Time, draw: &mut Rng, visit: &mut Visit) {
        let Session { removed_mfa_of: removed, knows, .. } = *self.session(visit.session);
        match self.policy.sign_out {
            SignOut::EndsSession => self.end_session(visit.session, SessionEnd::SignedOut),
            SignOut::DropsCookie => {}
        }
        visit.cookie = Cookie::Clear;
        if let Some((account, had)) = removed.filter(|(account, _)| self.takes_an_alternative(*account)) {
            let (session, token) = self.open_session(now, draw, None);
            self.session_mut(session).removed_mfa_of = Some((account, had));
            self.session_mut(session).knows = knows;
            *visit = Visit { session, cookie: Cookie::Set(token), stale: visit.stale };
        } else if knows != AccountSet::NONE && self.policy.counted_browsers == CountedBrowsers::KnownApart {
            let token = draw.token();
            self.keep_known(token, knows);
            visit.cookie = Cookie::Set(token);
        }
    }

    /// Begins a new sign-in in this browser: ends the previous session, and keeps its verified steps only
    /// under a weak policy.
    pub(super) fn begin_anew(&mut self, now: Time, draw: &mut Rng, visit: &mut Visit) {
        let fresh = match self.session(visit.session).standing {
            AuthState::Anonymous | AuthState::Named(_) => return,
            AuthState::Password(_) | AuthState::Recovering(_) | AuthState::SignedIn(..) => visit.session,
        };
        self.end_session(fresh, SessionEnd::Replaced);
        let (session, token) = self.open_session(now, draw, None);
        let Session { removed_mfa_of, knows, .. } = *self.session(fresh);
        let new = self.session_mut(session);
        (new.removed_mfa_of, new.knows) = (removed_mfa_of, knows);
        if self.policy.new_sign_in == NewSignIn::KeepsSteps {
            let Session { email_verified, phone_verified, .. } = *self.session(fresh);
            let new = self.session_mut(session);
            (new.email_verified, new.phone_verified) = (email_verified, phone_verified);
        }
        *visit = Visit { session, cookie: Cookie::Set(token), stale: visit.stale };
    }

    /// Ends all sessions of `account` but `except` after a factor change, if the policy requires it.
    pub(super) fn end_other_sessions(&mut self, account: AccountId, except: Option<SessionId>) {
        if self.policy.other_sessions == OtherSessions::End {
            self.end_sessions_of(account, except, SessionEnd::FactorChanged);
        }
    }

    /// Ends all sessions of `account` but `except`; a weak policy also spares recoveries.
    pub(super) fn end_sessions_of(&mut self, account: AccountId, except: Option<SessionId>, why: SessionEnd) {
        for at in 0..self.durable.sessions.len() {
            let id = SessionId(at as u32);
            let session = self.session(id);
            let goes_on = self.policy.older_secrets == OlderSecrets::LiveOn
                && matches!(session.standing, AuthState::Recovering(_));
            let other = Some(id) != except && session.standing.account() == Some(account);
            if session.live && other && !goes_on {
                self.end_session(id, why);
            }
        }
    }
}
