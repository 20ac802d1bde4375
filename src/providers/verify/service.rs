//! A Verify service: the name, length and kinds of its codes.

use std::sync::Arc;

use crate::base::time::Time;
use crate::message::{ServiceSettings, VerifyServiceSid};

/// A service.
#[derive(Clone, Debug)]
pub struct VerifyService {
    sid: VerifyServiceSid,
    account: Arc<str>,
    pub(super) settings: ServiceSettings,
    created: Time,
    pub(super) updated: Time,
    pub(super) is_deleted: bool,
}

impl VerifyService {
    pub(super) const fn new(
        sid: VerifyServiceSid,
        account: Arc<str>,
        settings: ServiceSettings,
        now: Time,
    ) -> Self {
        Self { sid, account, settings, created: now, updated: now, is_deleted: false }
    }

    /// Its SID.
    pub const fn sid(&self) -> VerifyServiceSid {
        self.sid
    }

    /// Its settings.
    pub const fn settings(&self) -> &ServiceSettings {
        &self.settings
    }

    /// When it was created.
    pub const fn created(&self) -> Time {
        self.created
    }

    /// When it was changed last.
    pub const fn updated(&self) -> Time {
        self.updated
    }

    /// Whether it is of this account, and has not been deleted.
    pub fn is_of(&self, account: &str) -> bool {
        !self.is_deleted && &*self.account == account
    }
}
