//! Page 4: two consecutive codes re-sync a drifting device.

use crate::base::secret::Code;
use crate::base::time::Time;
use crate::event::{Control, EventKind, MailKind, Notice, PageName, Refusal};
use crate::policy::WrongPairs;
use crate::service::reference::Recovery;
use crate::service::reference::authenticator::PairCheck;
use crate::service::reference::page::View;
use crate::service::reference::session::Visit;
use crate::service::reference::store::AuthState;

impl Recovery {
    /// Handles "Re-sync"; success leads back to page 2 for a normal sign-in.
    pub(super) fn submit_pair(
        &mut self,
        now: Time,
        visit: &Visit,
        first: Option<Code>,
        second: Option<Code>,
    ) -> View {
        let session = visit.session;
        let (AuthState::Password(account) | AuthState::Recovering(account)) = self.session(session).standing
        else {
            return self.too_early(visit, Control::SubmitPair);
        };
        if self.code_counts(session, account).throttled(now).is_some() {
            self.fact(EventKind::ResyncRefused { session, account, why: Refusal::Throttled });
            return (PageName::Resync, Some(Notice::TryLater));
        }
        if self.has_no_device_left(account) {
            self.fact(EventKind::ResyncRefused { session, account, why: Refusal::UsedUp });
            return (PageName::MfaCode, Some(Notice::DeviceDisabled));
        }
        let (policy, unix_secs) = (self.policy, self.unix_secs(now));
        let mut best = PairCheck::Wrong;
        if let (Some(first), Some(second)) = (first, second) {
            for device in self.durable.accounts[account.index()].devices.iter_mut().filter(|d| !d.disabled) {
                match device.check_pair(&policy, unix_secs, first, second) {
                    PairCheck::InSync(drift) => {
                        let device = device.device;
                        self.fact(EventKind::Resynced { session, account, device, drift });
                        self.notify(now, account, MailKind::ResyncNotice);
                        return (PageName::MfaCode, Some(Notice::InSync));
                    }
                    PairCheck::Used => best = PairCheck::Used,
                    PairCheck::NotConsecutive => best = PairCheck::NotConsecutive,
                    PairCheck::Wrong => {}
                }
            }
        }
        let (why, notice) = match best {
            PairCheck::Used => (Refusal::Used, Notice::PairUsed),
            PairCheck::NotConsecutive => (Refusal::NotConsecutive, Notice::NotConsecutive),
            PairCheck::Wrong | PairCheck::InSync(_) => (Refusal::Wrong, Notice::NotInWindow),
        };
        self.fact(EventKind::ResyncRefused { session, account, why });
        if why != Refusal::Used && self.policy.wrong_pairs == WrongPairs::Counted {
            self.count_wrong_code(now, session, account);
        }
        (PageName::Resync, Some(notice))
    }
}
