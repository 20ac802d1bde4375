//! Page 9: deactivates and assigns devices, and changes the phone number.

use crate::base::id::{AccountId, DeviceId, SessionId};
use crate::base::number::Number;
use crate::base::rng::Rng;
use crate::base::secret::Code;
use crate::base::time::{Span, Time};
use crate::event::{Control, EventKind, MailKind, Notice, PageName, Refusal};
use crate::message::Held;
use crate::policy::{
    ContactChanges, FactorChanges, NumbersCalled, OlderSecrets, RemovedDevices, SetUp, UsedCodesOf,
};
use crate::service::reference::authenticator::PairCheck;
use crate::service::reference::page::View;
use crate::service::reference::session::Visit;
use crate::service::reference::store::AuthState;
use crate::service::reference::{Authenticator, Enrolled, Recovery};

impl Recovery {
    /// The account whose factors this session may change.
    pub(super) fn may_change(&self, session: SessionId) -> Option<AccountId> {
        let account = self.session(session).standing.account()?;
        if self.durable.accounts[account.index()].needs_new_password {
            return None;
        }
        match (self.session(session).standing, self.policy.factor_changes) {
            (AuthState::SignedIn(account, _), _) => Some(account),
            (
                AuthState::Password(account) | AuthState::Recovering(account),
                FactorChanges::PasswordIsEnough,
            ) => Some(account),
            (
                AuthState::Anonymous
                | AuthState::Named(_)
                | AuthState::Password(_)
                | AuthState::Recovering(_),
                FactorChanges::SignedInOnly | FactorChanges::PasswordIsEnough,
            ) => None,
        }
    }

    /// Handles "Deactivate".
    pub(super) fn deactivate(&mut self, now: Time, visit: &Visit, device: DeviceId) -> View {
        let Some(account) = self.may_change(visit.session) else {
            return self.too_early(visit, Control::Deactivate);
        };
        let devices = &mut self.durable.accounts[account.index()].devices;
        let Some(at) = devices.iter().position(|held| held.device == device) else {
            self.forget_stopped(account, Some(device));
            // Already removed, by a double click or in another tab.
            return (PageName::SecurityCredentials, Some(Notice::DeviceDeactivated));
        };
        let off = devices.remove(at);
        self.pass_memory_on(account, at, &off);
        self.durable.computed += off.computed();
        self.keep_removed(account, &off);
        self.lags_behind(now, account, off);
        if self.durable.accounts[account.index()].devices.is_empty() {
            self.remember_removal(visit.session, account);
        }
        self.fact(EventKind::DeviceDeactivated { account, device, session: Some(visit.session) });
        self.forget_guesses_at_none(account);
        self.factor_changed(account, Some(visit.session));
        self.notify(now, account, MailKind::DeactivationNotice);
        (PageName::SecurityCredentials, Some(Notice::DeviceDeactivated))
    }

    /// Remembers the browser in which MFA is removed.
    pub(super) fn remember_removal(&mut self, session: SessionId, account: AccountId) {
        let had = self.durable.accounts[account.index()].had_devices;
        self.session_mut(session).removed_mfa_of = Some((account, had));
    }

    /// Removes all devices of an account.
    pub(super) fn remove_all_devices(&mut self, now: Time, account: AccountId, session: Option<SessionId>) {
        for device in std::mem::take(&mut self.durable.accounts[account.index()].devices) {
            self.durable.computed += device.computed();
            self.fact(EventKind::DeviceDeactivated { account, device: device.device, session });
            self.keep_removed(account, &device);
            self.lags_behind(now, account, device);
        }
        self.forget_stopped(account, None);
        self.forget_guesses_at_none(account);
    }

    /// Keeps the most recently removed devices, if the policy fails to drop them.
    pub(super) fn keep_removed(&mut self, account: AccountId, device: &Authenticator) {
        let removed = &mut self.durable.accounts[account.index()].removed;
        match self.policy.removed_devices {
            RemovedDevices::Die => {}
            RemovedDevices::StillTaken => {
                if removed.len() == Held::MAX {
                    removed.remove(0);
                }
                removed.push(device.clone());
            }
        }
    }

    /// Gives the device that moves up to the place of a removed one the used codes of that place, if the
    /// policy stores them by place.
    fn pass_memory_on(&mut self, account: AccountId, at: usize, off: &Authenticator) {
        if self.policy.used_codes_of == UsedCodesOf::Device {
            return;
        }
        let mut memory = off.clone();
        for device in &mut self.durable.accounts[account.index()].devices[at..] {
            device.swap_used(&mut memory);
        }
    }

    /// Keeps a removed device on the lagging replica, if the policy has one.
    pub(super) fn lags_behind(&mut self, now: Time, account: AccountId, device: Authenticator) {
        if self.policy.removal_lag > Span::ZERO {
            self.durable.accounts[account.index()].lagging.push((now, device));
        }
    }

    /// Clears the failure count when no authenticator is left, so that a stranger's guesses do not
    /// throttle the owner's new device.
    fn forget_guesses_at_none(&mut self, account: AccountId) {
        let record = &mut self.durable.accounts[account.index()];
        if record.devices.is_empty() {
            record.codes.clear();
        }
    }

    /// Ends everything that was begun with the old factors (L11, S06).
    pub(super) fn factor_changed(&mut self, account: AccountId, by: Option<SessionId>) {
        self.void_older(account);
        self.end_other_sessions(account, by);
    }

    /// Voids the links and phone codes that were issued for the old factors.
    pub(super) fn void_older(&mut self, account: AccountId) {
        if self.policy.older_secrets == OlderSecrets::Die {
            self.void_links(account, None, Refusal::Replaced);
            self.void_codes(account, None, Refusal::Replaced);
        }
    }

    /// Handles "Assign MFA device": shows the secret. Unless the policy is weak, the device does not
    /// count until its codes are confirmed.
    pub(super) fn begin_assign(&mut self, now: Time, draw: &mut Rng, visit: &Visit) -> View {
        let session = visit.session;
        let Some(account) = self.may_change(session) else {
            return self.too_early(visit, Control::BeginAssign);
        };
        if self.holds_all(account) {
            return self.refuse_one_more(session, account);
        }
        let device = DeviceId(self.durable.next_device);
        self.durable.next_device = self.durable.next_device.saturating_add(1);
        let kind = self.policy.new_device;
        let offered = Enrolled { device, kind, seed: draw.authenticator_seed(kind.seed_len()), counter: 0 };
        self.session_mut(session).offered = Some(offered);
        self.fact(EventKind::DeviceOffered { session, account, device });
        match self.policy.set_up {
            SetUp::ShowsSecret => {}
            SetUp::DropsOld => {
                self.remove_all_devices(now, account, Some(session));
                self.factor_changed(account, Some(session));
                self.notify(now, account, MailKind::DeactivationNotice);
            }
            SetUp::CountsAtOnce => self.enrol(now, session, account, Authenticator::new(offered)),
        }
        (PageName::AssignDevice, None)
    }

    /// Puts the device on file.
    pub(super) fn enrol(&mut self, now: Time, session: SessionId, account: AccountId, device: Authenticator) {
        let name = device.device;
        self.make_room(account);
        let record = &mut self.durable.accounts[account.index()];
        record.devices.push(device);
        record.had_devices = record.had_devices.saturating_add(1);
        // Guesses at the old devices must not throttle the new one, whether those are removed before or
        // after it is assigned.
        record.codes.clear();
        self.fact(EventKind::DeviceAssigned { session, account, device: name });
        self.factor_changed(account, Some(session));
        self.notify(now, account, MailKind::AssignmentNotice);
    }

    pub(super) fn holds_all(&self, account: AccountId) -> bool {
        self.durable.accounts[account.index()].devices.len() >= Held::MAX
    }

    pub(super) fn refuse_one_more(&mut self, session: SessionId, account: AccountId) -> View {
        self.fact(EventKind::AssignRefused { session, account, why: Refusal::TooMany });
        (PageName::SecurityCredentials, Some(Notice::TooManyDevices))
    }

    /// Handles "Add MFA": checks two consecutive codes of the new device.
    pub(super) fn finish_assign(
        &mut self,
        now: Time,
        visit: &Visit,
        first: Option<Code>,
        second: Option<Code>,
    ) -> View {
        let session = visit.session;
        let offered = self.session(session).offered;
        let (Some(account), Some(offered)) = (self.may_change(session), offered) else {
            return self.too_early(visit, Control::FinishAssign);
        };
        // Where sessions outlive a factor change, another session may have filled the last slot.
        if self.holds_all(account) {
            return self.refuse_one_more(session, account);
        }
        let (policy, unix_secs) = (self.policy, self.unix_secs(now));
        let mut device = Authenticator::new(offered);
        let check = match (first, second) {
            (Some(first), Some(second)) => device.check_pair(&policy, unix_secs, first, second),
            (Some(_) | None, Some(_) | None) => PairCheck::Wrong,
        };
        let (why, notice) = match check {
            PairCheck::InSync(_) => {
                self.session_mut(session).offered = None;
                // Under `SetUp::CountsAtOnce` the device is on file already, so replace its entry.
                self.durable.accounts[account.index()].devices.retain(|old| old.device != device.device);
                self.enrol(now, session, account, device);
                self.stop_earlier(now, session, account, offered.device);
                return (PageName::SecurityCredentials, Some(Notice::DeviceAssigned));
            }
            PairCheck::NotConsecutive => (Refusal::NotConsecutive, Notice::NotConsecutive),
            PairCheck::Used => (Refusal::Used, Notice::PairUsed),
            PairCheck::Wrong => (Refusal::Wrong, Notice::NotInWindow),
        };
        self.durable.computed += device.computed();
        self.fact(EventKind::AssignRefused { session, account, why });
        (PageName::AssignDevice, Some(notice))
    }

    /// The account whose phone number this session may change.
    fn may_change_phone(&self, session: SessionId) -> Option<AccountId> {
        match self.policy.contact_changes {
            ContactChanges::SignedInOnly => self.may_change(session),
            ContactChanges::PasswordIsEnough => self.session(session).standing.account(),
        }
    }

    /// Whether the policy permits calls to this number, which may be premium-rate.
    pub(super) fn may_be_called(&self, number: Number) -> bool {
        match self.policy.numbers_called {
            NumbersCalled::Ordinary => !number.is_premium_rate(),
            NumbersCalled::PremiumToo => true,
        }
    }

    /// Changes the phone number, which ends the codes and links of the old one.
    pub(super) fn change_phone(&mut self, now: Time, visit: &Visit, number: Option<Number>) -> View {
        let Some(account) = self.may_change_phone(visit.session) else {
            return self.too_early(visit, Control::ChangePhone);
        };
        let Some(number) = number.filter(|number| number.is_e164() && self.may_be_called(*number)) else {
            self.fact(EventKind::RequestRefused { action: Control::ChangePhone, why: Refusal::Wrong });
            return (PageName::SecurityCredentials, None);
        };
        self.durable.accounts[account.index()].phone = Some(number);
        self.fact(EventKind::PhoneChanged { account, number, session: Some(visit.session) });
        self.factor_changed(account, Some(visit.session));
        self.notify(now, account, MailKind::ContactNotice);
        (PageName::SecurityCredentials, Some(Notice::ContactChanged))
    }
}
