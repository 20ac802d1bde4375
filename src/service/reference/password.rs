//! Page 9: a new password, and signing out everywhere. Both take the current password, from a signed-in session.

use crate::base::id::{AccountId, SessionId};
use crate::base::rng::Rng;
use crate::base::secret::Password;
use crate::base::time::Time;
use crate::event::{Control, EventKind, MailKind, Notice, PageName, Refusal, SessionEnd};
use crate::policy::{OldPassword, PasswordChange, SignOutEverywhere};
use crate::service::reference::Recovery;
use crate::service::reference::page::View;
use crate::service::reference::session::Visit;
use crate::service::reference::store::{Account, AuthState};

/// The maximum number of old passwords that a policy still accepts.
const OLD_MAX: usize = 8;

impl Recovery {
    /// Handles "Change password" (OWASP ASVS 6.2.3: it takes the current password and a new one). Other sessions,
    /// links and phone codes end as with any change of a factor.
    pub(super) fn change_password(
        &mut self,
        now: Time,
        visit: &Visit,
        (current, new): (Password, Option<Password>),
    ) -> View {
        let Some(account) = self.signed_in_to(visit.session) else {
            return self.too_early(visit, Control::ChangePassword);
        };
        let asks = self.policy.password_change == PasswordChange::AsksForCurrent;
        if let (true, Some(refused)) = (asks, self.refuses_password(now, visit.session, account, current)) {
            return refused;
        }
        let record = &mut self.durable.accounts[account.index()];
        let Some(new) = new.filter(|new| !record.takes_password(*new)) else {
            self.fact(EventKind::RequestRefused { action: Control::ChangePassword, why: Refusal::Wrong });
            return (PageName::SecurityCredentials, Some(Notice::SamePassword));
        };
        record.needs_new_password = false;
        self.replace_password(account, new);
        self.fact(EventKind::PasswordChanged { account, session: visit.session });
        self.factor_changed(account, Some(visit.session));
        self.notify(now, account, MailKind::PasswordNotice);
        (PageName::SecurityCredentials, Some(Notice::PasswordChanged))
    }

    /// Handles "Sign out everywhere" (OWASP ASVS 7.5.2: a user ends any or all sessions after authenticating again
    /// with at least one factor). Sign-ins and recoveries under way end as well.
    pub(super) fn sign_out_everywhere(
        &mut self,
        now: Time,
        draw: &mut Rng,
        visit: &mut Visit,
        password: Password,
    ) -> View {
        let Some(account) = self.signed_in_to(visit.session) else {
            return self.too_early(visit, Control::SignOutEverywhere);
        };
        if let Some(refused) = self.refuses_password(now, visit.session, account, password) {
            return refused;
        }
        self.fact(EventKind::SignedOutEverywhere { account, session: visit.session });
        match self.policy.sign_out_everywhere {
            SignOutEverywhere::EndsSessions => {
                self.end_sessions_of(account, Some(visit.session), SessionEnd::SignedOutEverywhere);
            }
            SignOutEverywhere::EndsOwnSession => {}
        }
        self.leave(now, draw, visit);
        (PageName::SignIn, Some(Notice::SignedOutEverywhere))
    }

    pub(super) fn replace_password(&mut self, account: AccountId, new: Password) {
        let record = &mut self.durable.accounts[account.index()];
        let old = std::mem::replace(&mut record.password, new);
        if self.policy.old_password == OldPassword::StillTaken && record.old_passwords.len() < OLD_MAX {
            record.old_passwords.push(old);
        }
    }

    /// Whether support was told of an intrusion, and the password has not changed since (NIST SP 800-63B-4 section
    /// 3.1.1.2: evidence that a password is compromised forces a change).
    pub(super) fn needs_new_password(&self, account: AccountId) -> bool {
        self.durable.accounts[account.index()].needs_new_password
    }

    /// The account that this session is signed in to. Unlike a change of factors, a new password is not offered to
    /// sessions that only typed the password under any policy.
    fn signed_in_to(&self, session: SessionId) -> Option<AccountId> {
        match self.session(session).standing {
            AuthState::SignedIn(account, _) => Some(account),
            AuthState::Anonymous
            | AuthState::Named(_)
            | AuthState::Password(_)
            | AuthState::Recovering(_) => None,
        }
    }

    /// Refuses a wrong current password. It counts as one typed at sign-in: otherwise, whoever sits at an open
    /// session could guess without limit.
    fn refuses_password(
        &mut self,
        now: Time,
        session: SessionId,
        account: AccountId,
        password: Password,
    ) -> Option<View> {
        let user = self.durable.accounts[account.index()].user;
        let is_known = self.is_known_browser(session, account);
        if self.password_limit(now, user, is_known).is_some() {
            self.fact(EventKind::PasswordRefused { account: Some(account), why: Refusal::Throttled });
            return Some((PageName::SecurityCredentials, Some(Notice::TryLater)));
        }
        if self.durable.accounts[account.index()].takes_password(password) {
            return None;
        }
        let (policy, free) = (self.policy, self.policy.sign_in_tries);
        self.password_counts(user).of(is_known).fail(&policy, free, now);
        self.fact(EventKind::PasswordRefused { account: Some(account), why: Refusal::Wrong });
        Some((PageName::SecurityCredentials, Some(Notice::WrongCurrentPassword)))
    }
}

impl Account {
    /// Whether this is the password of the account, or an old one that still counts.
    pub(super) fn takes_password(&self, password: Password) -> bool {
        self.password == password || self.old_passwords.contains(&password)
    }
}
