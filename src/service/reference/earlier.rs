//! Page 9: devices from before a recovery, which no longer count until their owner brings them back.
//!
//! Somebody who signs in with alternative factors has proven none of the devices on file, and the norm assumes
//! that a lost authenticator is in somebody else's hands (N13). When such a session assigns a device, the
//! earlier ones stop counting. An owner who still has one types two consecutive codes of it while signed in;
//! a finder has only the device, which does not sign in any more.

use crate::base::id::{AccountId, DeviceId, SessionId};
use crate::base::secret::Code;
use crate::base::time::Time;
use crate::event::{Control, EventKind, MailKind, Notice, PageName, Refusal, Way};
use crate::message::Held;
use crate::policy::EarlierDevices;
use crate::service::reference::Recovery;
use crate::service::reference::authenticator::PairCheck;
use crate::service::reference::page::View;
use crate::service::reference::session::Visit;
use crate::service::reference::store::AuthState;

impl Recovery {
    /// Stops all devices but `new`, if the session began with alternative factors. A later device of the same
    /// session leaves those alone that were assigned or brought back in it.
    pub(super) fn stop_earlier(&mut self, now: Time, session: SessionId, account: AccountId, new: DeviceId) {
        let recovered = matches!(self.session(session).standing, AuthState::SignedIn(_, Way::Recovery));
        if !recovered || self.policy.earlier_devices == EarlierDevices::Keep {
            return;
        }
        if std::mem::replace(&mut self.session_mut(session).earlier_stopped, true) {
            return;
        }
        let devices = &mut self.durable.accounts[account.index()].devices;
        let mut stopped = Vec::new();
        while let Some(at) = devices.iter().position(|device| device.device != new) {
            stopped.push(devices.remove(at));
        }
        if stopped.is_empty() {
            return;
        }
        for device in stopped {
            self.fact(EventKind::DeviceDeactivated {
                account,
                device: device.device,
                session: Some(session),
            });
            self.keep_removed(account, &device);
            self.lags_behind(now, account, device.clone());
            self.durable.accounts[account.index()].stopped.push(device);
        }
        self.make_room(account);
        self.notify(now, account, MailKind::StoppedNotice);
    }

    /// Forgets devices that no longer count beyond the number that page 9 lists, oldest first, or before one
    /// more device is added.
    pub(super) fn make_room(&mut self, account: AccountId) {
        let record = &mut self.durable.accounts[account.index()];
        let most = Held::MAX.saturating_sub(record.devices.len());
        while record.stopped.len() > most {
            self.durable.computed += record.stopped.remove(0).computed();
        }
    }

    /// Forgets this device that no longer counts, or all of them.
    pub(super) fn forget_stopped(&mut self, account: AccountId, device: Option<DeviceId>) {
        let (record, computed) = (&mut self.durable.accounts[account.index()], &mut self.durable.computed);
        record.stopped.retain(|stopped| {
            let stays = device.is_some_and(|device| stopped.device != device);
            *computed += if stays { 0 } else { stopped.computed() };
            stays
        });
    }

    /// Handles "Reactivate": two consecutive codes bring back the device that shows them.
    pub(super) fn reactivate(
        &mut self,
        now: Time,
        visit: &Visit,
        first: Option<Code>,
        second: Option<Code>,
    ) -> View {
        let session = visit.session;
        let Some(account) = self.may_change(session) else {
            return self.too_early(visit, Control::Reactivate);
        };
        if self.holds_all(account) {
            return self.refuse_one_more(session, account);
        }
        let (policy, unix_secs) = (self.policy, self.unix_secs(now));
        let stopped = &mut self.durable.accounts[account.index()].stopped;
        let (mut found, mut best) = (None, PairCheck::Wrong);
        if let (Some(first), Some(second)) = (first, second) {
            for (at, device) in stopped.iter_mut().enumerate() {
                match device.check_pair(&policy, unix_secs, first, second) {
                    PairCheck::InSync(_) => {
                        found = Some(at);
                        break;
                    }
                    other @ (PairCheck::NotConsecutive | PairCheck::Used) => best = other,
                    PairCheck::Wrong => {}
                }
            }
        }
        if let Some(at) = found {
            let mut device = stopped.remove(at);
            (device.failures, device.disabled) = (0, false);
            self.enrol(now, session, account, device);
            return (PageName::SecurityCredentials, Some(Notice::DeviceAssigned));
        }
        let (why, notice) = match best {
            PairCheck::NotConsecutive => (Refusal::NotConsecutive, Notice::NotConsecutive),
            PairCheck::Used => (Refusal::Used, Notice::PairUsed),
            PairCheck::Wrong | PairCheck::InSync(_) => (Refusal::Wrong, Notice::NotInWindow),
        };
        self.fact(EventKind::AssignRefused { session, account, why });
        (PageName::SecurityCredentials, Some(notice))
    }
}
