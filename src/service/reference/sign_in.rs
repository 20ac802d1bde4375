//! Pages 1 and 2: user name, password and MFA code.

use crate::base::id::{AccountId, AddressId, DeviceId, SessionId};
use crate::base::rng::Rng;
use crate::base::secret::{Code, Password};
use crate::base::time::Time;
use crate::event::{Control, EventKind, MailKind, Notice, PageName, Refusal, SessionEnd, Way};
use crate::policy::{
    CountedBrowsers, CountedFactors, CountedNames, FailuresCleared, Lockout, MfaOff, MissingCode, NewSignIn,
    PartialSession, PasswordAndCount, PasswordAndSessions, UnknownUser,
};
use crate::service::reference::authenticator::Check;
use crate::service::reference::budget::{ByBrowser, Counts};
use crate::service::reference::page::View;
use crate::service::reference::session::Visit;
use crate::service::reference::store::AuthState;
use crate::service::reference::{Authenticator, Recovery};

impl Recovery {
    /// Handles the user name on page 1. Does not reveal whether it exists, unless the policy is weak.
    pub(super) fn submit_user(
        &mut self,
        now: Time,
        draw: &mut Rng,
        visit: &mut Visit,
        user: AddressId,
    ) -> View {
        if self.policy.new_sign_in == NewSignIn::KeepsAll
            && let Some(view) = self.go_on_as(visit, user)
        {
            return view;
        }
        self.begin_anew(now, draw, visit);
        if self.policy.unknown_user == UnknownUser::Said && self.durable.account_by_user(user).is_none() {
            return (PageName::SignIn, Some(Notice::UnknownUser));
        }
        self.session_mut(visit.session).standing = AuthState::Named(user);
        (PageName::Password, None)
    }

    /// Switches the session to the account of the typed user name and keeps its progress, for weak
    /// policies that store both in one variable (S13).
    fn go_on_as(&mut self, visit: &Visit, user: AddressId) -> Option<View> {
        let account = self.durable.account_by_user(user)?;
        let before = self.session(visit.session).standing;
        let standing = match before {
            AuthState::Anonymous | AuthState::Named(_) => return None,
            AuthState::Password(_) => AuthState::Password(account),
            AuthState::Recovering(_) => AuthState::Recovering(account),
            AuthState::SignedIn(_, way) => AuthState::SignedIn(account, way),
        };
        self.session_mut(visit.session).standing = standing;
        if let (AuthState::SignedIn(_, way), true) = (standing, standing != before) {
            self.fact(EventKind::SignedIn { session: visit.session, account, way });
        }
        Some((self.where_it_is(self.session(visit.session)), None))
    }

    /// Handles the password on page 1.
    pub(super) fn submit_password(
        &mut self,
        now: Time,
        draw: &mut Rng,
        visit: &mut Visit,
        password: Password,
    ) -> View {
        let AuthState::Named(user) = self.session(visit.session).standing else {
            return self.too_early(visit, Control::SubmitPassword);
        };
        let known = self.durable.account_by_user(user);
        let counted = known.is_some() || self.policy.counted_names == CountedNames::All;
        let is_known = known.is_some_and(|account| self.is_known_browser(visit.session, account));
        if let Some(why) = self.password_limit(now, user, is_known).filter(|_| counted) {
            self.fact(EventKind::PasswordRefused { account: known, why });
            return (PageName::Password, Some(Notice::TryLater));
        }
        // Unknown names take the same path as wrong passwords, including the failure count (ASVS 6.3.8).
        let right = known.filter(|account| {
            let account = &self.durable.accounts[account.index()];
            !account.shut && account.password == password
        });
        let Some(account) = right else {
            let (policy, free) = (self.policy, self.policy.sign_in_tries);
            if counted {
                self.password_counts(user).of(is_known).fail(&policy, free, now);
            }
            self.fact(EventKind::PasswordRefused { account: known, why: Refusal::Wrong });
            return (PageName::Password, Some(Notice::WrongPassword));
        };
        self.password_counts(user).clear();
        if self.policy.password_and_count == PasswordAndCount::Resets {
            self.durable.accounts[account.index()].codes.clear();
        }
        self.session_mut(visit.session).standing = AuthState::Password(account);
        self.rotate(now, draw, visit);
        self.fact(EventKind::PasswordAccepted { session: visit.session, account });
        if self.policy.password_and_sessions == PasswordAndSessions::EndsOthers {
            self.end_sessions_of(account, Some(visit.session), SessionEnd::Replaced);
        }
        if !self.asks_for_a_code(now, account) {
            let had = self.durable.accounts[account.index()].had_devices;
            let is_known = self.session(visit.session).removed_mfa_of == Some((account, had));
            if self.takes_an_alternative(account) && !is_known {
                self.session_mut(visit.session).standing = AuthState::Recovering(account);
                self.fact(EventKind::RecoveryChosen { session: visit.session, account });
                return (PageName::VerifyEmail, Some(Notice::MfaOffVerify));
            }
            self.sign_in(now, draw, visit, account, Way::Password);
            return (PageName::SecurityCredentials, Some(Notice::MfaOff));
        }
        if self.policy.partial_session == PartialSession::Full {
            self.sign_in(now, draw, visit, account, Way::Password);
        }
        (PageName::MfaCode, None)
    }

    /// Whether the account has a second factor that the policy counts.
    fn asks_for_a_code(&self, now: Time, account: AccountId) -> bool {
        let record = &self.durable.accounts[account.index()];
        let lagging = record.lagging.iter().filter(|(off, _)| now.since(*off) <= self.policy.removal_lag);
        let mut devices = record.devices.iter().chain(lagging.map(|(_, device)| device));
        match self.policy.counted_factors {
            CountedFactors::All => devices.next().is_some(),
            CountedFactors::TimeBasedOnly => devices.any(Authenticator::goes_by_time),
        }
    }

    /// Whether MFA was removed from the account, so that a sign-in takes one of the alternative factors until
    /// a new device is assigned (NIST SP 800-63B-4 section 4.2.2.2).
    pub(super) fn takes_an_alternative(&self, account: AccountId) -> bool {
        let record = &self.durable.accounts[account.index()];
        self.policy.mfa_off == MfaOff::OneAlternative && record.had_devices > 0 && record.devices.is_empty()
    }

    /// Why a password from such a browser is not checked now, if so.
    fn password_limit(&mut self, now: Time, user: AddressId, is_known: bool) -> Option<Refusal> {
        let apart = self.policy.counted_browsers == CountedBrowsers::KnownApart;
        let counts = self.password_counts(user);
        if apart && counts.is_used_up(is_known) {
            return Some(Refusal::UsedUp);
        }
        counts.of(is_known).throttled(now).map(|_| Refusal::Throttled)
    }

    pub(super) fn password_counts(&mut self, user: AddressId) -> &mut ByBrowser {
        let known = self.durable.passwords.iter().position(|(of, _)| *of == user);
        let at = known.unwrap_or_else(|| {
            self.durable.passwords.push((user, ByBrowser::default()));
            self.durable.passwords.len() - 1
        });
        &mut self.durable.passwords[at].1
    }

    /// Handles the code on page 2; a code of any device of the account is accepted.
    pub(super) fn submit_code(
        &mut self,
        now: Time,
        draw: &mut Rng,
        visit: &mut Visit,
        code: Option<Code>,
    ) -> View {
        let (AuthState::Password(account) | AuthState::Recovering(account)) =
            self.session(visit.session).standing
        else {
            return self.too_early(visit, Control::SubmitCode);
        };
        let refused = |why| EventKind::MfaRefused { session: visit.session, account, why };
        if self.code_counts(visit.session, account).throttled(now).is_some() {
            self.fact(refused(Refusal::Throttled));
            return (PageName::MfaCode, Some(Notice::TryLater));
        }
        let record = &mut self.durable.accounts[account.index()];
        record.lagging.retain(|(off, _)| now.since(*off) <= self.policy.removal_lag);
        if record.lagging.is_empty() && self.has_no_device_left(account) {
            self.fact(refused(Refusal::UsedUp));
            return (PageName::MfaCode, Some(Notice::DeviceDisabled));
        }
        if code.is_none() && self.policy.missing_code == MissingCode::Passes {
            self.sign_in(now, draw, visit, account, Way::Mfa);
            return (PageName::SecurityCredentials, None);
        }
        let (policy, unix_secs) = (self.policy, self.unix_secs(now));
        let record = &mut self.durable.accounts[account.index()];
        let lagging = record.lagging.iter_mut().map(|(_, device)| device);
        let mut best = Check::Wrong;
        // Removed devices are present only if the policy keeps them.
        let on_file = record.devices.iter_mut().chain(&mut record.removed).chain(lagging);
        for device in on_file.filter(|device| !device.disabled) {
            match code.map_or(Check::Wrong, |code| device.check(&policy, unix_secs, code)) {
                Check::Right(step) => {
                    let (session, device) = (visit.session, device.device);
                    self.clear_failures(account, device);
                    self.fact(EventKind::MfaAccepted { session, account, device, step });
                    self.sign_in(now, draw, visit, account, Way::Mfa);
                    return (PageName::SecurityCredentials, None);
                }
                Check::Used => best = Check::Used,
                Check::Wrong => {}
            }
        }
        match best {
            // Probably a double click: refuse the code, but do not count a failure.
            Check::Used => {
                self.fact(refused(Refusal::Used));
                (PageName::MfaCode, Some(Notice::UsedCode))
            }
            Check::Wrong | Check::Right(_) => {
                self.fact(refused(Refusal::Wrong));
                self.count_wrong_code(now, visit.session, account);
                (PageName::MfaCode, Some(Notice::WrongCode))
            }
        }
    }

    /// Whether the account has no device left that can sign in.
    pub(super) fn has_no_device_left(&self, account: AccountId) -> bool {
        self.durable.accounts[account.index()].devices.iter().all(|device| device.disabled)
    }

    /// Counts a wrong code, or a wrong pair on the re-sync page, against one shared budget (T10).
    pub(super) fn count_wrong_code(&mut self, now: Time, session: SessionId, account: AccountId) {
        let policy = self.policy;
        let counts = self.code_counts(session, account);
        let until = counts.fail(&policy, policy.sign_in_tries, now);
        let begins = counts.failures == policy.sign_in_tries;
        if let Some(until) = until {
            self.fact(EventKind::Throttled { account, until });
        }
        for at in 0..self.durable.accounts[account.index()].devices.len() {
            self.count_failure(now, account, at);
        }
        if begins {
            self.notify(now, account, MailKind::ThrottleNotice);
        }
    }

    /// The wrong MFA codes and pairs that the browser of this session waits for.
    pub(super) fn code_counts(&mut self, session: SessionId, account: AccountId) -> &mut Counts {
        let is_known = self.is_known_browser(session, account);
        self.durable.accounts[account.index()].codes.of(is_known)
    }

    /// Disregards earlier wrong codes after a correct one (NIST SP 800-63B-4 section 3.2.2).
    fn clear_failures(&mut self, account: AccountId, used: DeviceId) {
        let cleared = self.policy.failures_cleared;
        let record = &mut self.durable.accounts[account.index()];
        record.codes.clear();
        for device in record.devices.iter_mut().chain(&mut record.removed) {
            if cleared == FailuresCleared::OfAll || device.device == used {
                device.failures = 0;
            }
        }
    }

    /// Counts a failure against one device. A wrong code does not show which device it was meant for, so
    /// each device on file counts it.
    fn count_failure(&mut self, now: Time, account: AccountId, at: usize) {
        let (lockout, most) = (self.policy.lockout, self.policy.failures_max);
        let record = &mut self.durable.accounts[account.index()];
        let device = &mut record.devices[at];
        if device.disabled {
            return;
        }
        device.failures = device.failures.saturating_add(1);
        if device.failures < most {
            return;
        }
        match lockout {
            Lockout::Device => {
                device.disabled = true;
                let device = device.device;
                self.fact(EventKind::DeviceDisabled { account, device });
                self.notify(now, account, MailKind::DisabledNotice);
            }
            Lockout::AccountForGood => record.shut = true,
            Lockout::None => {}
        }
    }

    pub(super) fn sign_in(
        &mut self,
        now: Time,
        draw: &mut Rng,
        visit: &mut Visit,
        account: AccountId,
        way: Way,
    ) {
        let session = self.session_mut(visit.session);
        session.standing = AuthState::SignedIn(account, way);
        session.knows = session.knows.with(account);
        session.signed_in = now;
        self.rotate(now, draw, visit);
        self.fact(EventKind::SignedIn { session: visit.session, account, way });
    }

    /// Handles "Sign out".
    pub(super) fn sign_out(&mut self, now: Time, draw: &mut Rng, visit: &mut Visit) -> View {
        self.leave(now, draw, visit);
        (PageName::SignIn, Some(Notice::SignedOut))
    }
}
