//! Checks codes, and closes verifications for the service (TW-verify-limits).

use crate::base::time::Time;
use crate::event::{EventKind, VerificationStatus};
use crate::message::{CodeCheck, VerifyBy, VerifyReply, VerifyServiceSid};
use crate::providers::verify::habit::{CHECKS_MAX, SPENT_IS_NOT_FOUND};
use crate::providers::verify::provider::Verify;
use crate::providers::verify::refuse::{CHECKS_SPENT, NOT_FOUND};

impl Verify {
    /// Checks a code. A wrong one is no refusal: the reply says that it is not valid.
    pub(super) fn check(&mut self, check: &CodeCheck, now: Time) {
        self.expire(check.service, &check.by, now);
        let Some(open) = self.open(&check.account, check.service, &check.by, now) else {
            let about = self.any(check.service, &check.by).map(|verification| verification.id);
            return self.refuse(about, NOT_FOUND, None);
        };
        let id = open.id;
        if open.status == VerificationStatus::MaxAttemptsReached {
            // Twilio's specification declares `Retry-After` for starts alone.
            return self.refuse(Some(id), if SPENT_IS_NOT_FOUND { NOT_FOUND } else { CHECKS_SPENT }, None);
        }
        let same_payment = open.transaction.is_none() || open.transaction == check.transaction;
        // The code is compared in any case, so that the time tells nothing about it.
        let right = (open.code == check.code) & same_payment;
        let Some(verification) = self.verifications.get_mut(id.index()) else { return };
        verification.checks += 1;
        verification.updated = now;
        let spent = verification.checks >= CHECKS_MAX;
        self.tell(EventKind::VerificationChecked { verification: id, right });
        if right {
            self.close(id, VerificationStatus::Approved, now);
        } else if spent {
            self.close(id, VerificationStatus::MaxAttemptsReached, now);
        }
        self.reply(VerifyReply::Checked { verification: id, right });
    }

    /// Approves or cancels a verification, as the service asks.
    pub(super) fn close_by_service(
        &mut self,
        (account, service): (&str, VerifyServiceSid),
        by: &VerifyBy,
        approved: bool,
        now: Time,
    ) {
        self.expire(service, by, now);
        match self.open(account, service, by, now).map(|verification| verification.id) {
            Some(id) => {
                let status =
                    if approved { VerificationStatus::Approved } else { VerificationStatus::Canceled };
                self.close(id, status, now);
                self.reply(VerifyReply::Verification(id));
            }
            None => {
                let about = self.any(service, by).map(|verification| verification.id);
                self.refuse(about, NOT_FOUND, None);
            }
        }
    }
}
