//! A verification: one code for one recipient.

use std::sync::Arc;

use crate::base::id::VerificationId;
use crate::base::time::{Span, Time};
use crate::event::{VerificationStatus, VerifyChannel};
use crate::message::{Transaction, VerificationSid, VerifyCode, VerifyServiceSid, VerifyTo};
use crate::providers::verify::habit::LIFETIME;

/// A verification.
#[derive(Clone, Debug)]
pub struct Verification {
    pub(super) id: VerificationId,
    pub(super) sid: VerificationSid,
    pub(super) account: Arc<str>,
    pub(super) service: VerifyServiceSid,
    pub(super) to: VerifyTo,
    pub(super) channel: VerifyChannel,
    pub(super) code: VerifyCode,
    pub(super) transaction: Option<Transaction>,
    pub(super) status: VerificationStatus,
    pub(super) created: Time,
    pub(super) updated: Time,
    /// How often the code was sent, including sendings that were not confirmed.
    pub(super) sends: u8,
    pub(super) checks: u8,
    /// Indices of its attempts.
    pub(super) attempts: Vec<usize>,
}

impl Verification {
    /// Its id.
    pub const fn id(&self) -> VerificationId {
        self.id
    }

    /// Its SID.
    pub const fn sid(&self) -> VerificationSid {
        self.sid
    }

    /// The account of its service.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Its service.
    pub const fn service(&self) -> VerifyServiceSid {
        self.service
    }

    /// The recipient.
    pub const fn to(&self) -> &VerifyTo {
        &self.to
    }

    /// The channel of the last sending.
    pub const fn channel(&self) -> VerifyChannel {
        self.channel
    }

    /// The payment that it is about.
    pub const fn transaction(&self) -> Option<&Transaction> {
        self.transaction.as_ref()
    }

    /// When it began.
    pub const fn created(&self) -> Time {
        self.created
    }

    /// When it was sent, checked or closed last.
    pub const fn updated(&self) -> Time {
        self.updated
    }

    /// Its status at this time.
    pub fn status(&self, now: Time) -> VerificationStatus {
        let waits =
            matches!(self.status, VerificationStatus::Pending | VerificationStatus::MaxAttemptsReached);
        if waits && now.since(self.created) >= LIFETIME { VerificationStatus::Expired } else { self.status }
    }

    /// Whether it can be fetched, sent again and closed. Twilio forgets the others (TW-verify).
    pub fn is_open(&self, now: Time) -> bool {
        match self.status(now) {
            VerificationStatus::Pending | VerificationStatus::MaxAttemptsReached => true,
            VerificationStatus::Approved
            | VerificationStatus::Canceled
            | VerificationStatus::Expired
            | VerificationStatus::Failed => false,
        }
    }

    /// The time until it expires.
    pub(super) fn left(&self, now: Time) -> Span {
        Span::from_millis(LIFETIME.as_millis().saturating_sub(now.since(self.created).as_millis()))
    }
}
