//! The verification provider: its services and verifications.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::id::VerificationId;
use crate::base::machine::Cx;
use crate::base::rng::{Rng, Stream};
use crate::base::time::{Span, Time};
use crate::event::{EventKind, VerificationStatus};
use crate::message::{
    AttemptSid, ServiceSettings, VerificationSid, VerifyBy, VerifyReply, VerifyServiceSid, VerifyTo,
};
use crate::providers::verify::attempt::Attempt;
use crate::providers::verify::habit::SERVICES_MAX;
use crate::providers::verify::refuse::{NOT_FOUND, TOO_MANY, http_of};
use crate::providers::verify::service::VerifyService;
use crate::providers::verify::verification::Verification;
use crate::providers::verify::{Input, Output};

/// The verification provider.
#[derive(Debug, Default)]
pub struct Verify {
    pub(super) services: Vec<VerifyService>,
    pub(super) by_sid: BTreeMap<VerifyServiceSid, usize>,
    pub(super) verifications: Vec<Verification>,
    pub(super) by_verification: BTreeMap<VerificationSid, VerificationId>,
    /// The latest verification of a recipient at a service.
    pub(super) latest: BTreeMap<(VerifyServiceSid, VerifyTo), VerificationId>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) by_attempt: BTreeMap<AttemptSid, usize>,
    pub(super) outputs: Vec<Output>,
    /// Whether there was an input. Most runs of a drill have none, and then a reset costs nothing.
    used: bool,
}

impl Verify {
    /// Forgets everything.
    pub fn reset(&mut self) {
        if self.used {
            *self = Self::default();
        }
    }

    /// Handles one input. It never fails: a refusal is an output.
    pub fn handle_input(&mut self, cx: &mut Cx<'_>, input: Input) {
        debug_assert!(self.outputs.is_empty(), "take_outputs before the next input");
        self.used = true;
        match input {
            Input::CreateService { account, settings } => self.create_service(account, settings, cx),
            Input::ChangeService { account, service, settings } => {
                self.change_service(&account, service, settings, cx.now);
            }
            Input::DeleteService { account, service } => self.delete_service(&account, service, cx.now),
            Input::Start { order, verdict } => self.start(&order, verdict, cx),
            Input::Dispatched { dispatch, outcome } => self.dispatched(dispatch, outcome, cx),
            Input::Check(check) => self.check(&check, cx.now),
            Input::Close { account, service, by, approved } => {
                self.close_by_service((&account, service), &by, approved, cx.now);
            }
        }
    }

    /// Swaps the outputs of the last input into `into`, which must be empty.
    pub const fn take_outputs(&mut self, into: &mut Vec<Output>) {
        std::mem::swap(&mut self.outputs, into);
    }

    /// The service with this SID, if the account has it.
    pub fn service(&self, account: &str, sid: VerifyServiceSid) -> Option<&VerifyService> {
        self.services.get(*self.by_sid.get(&sid)?).filter(|service| service.is_of(account))
    }

    /// All services in the order of their creation, deleted ones included.
    pub fn services(&self) -> &[VerifyService] {
        &self.services
    }

    /// The verification with this id.
    pub fn verification(&self, id: VerificationId) -> Option<&Verification> {
        self.verifications.get(id.index())
    }

    /// All verifications, in the order of their creation.
    pub fn verifications(&self) -> &[Verification] {
        &self.verifications
    }

    /// The open verification that a request of an account is about.
    pub fn open(
        &self,
        account: &str,
        service: VerifyServiceSid,
        by: &VerifyBy,
        now: Time,
    ) -> Option<&Verification> {
        self.service(account, service)?;
        self.any(service, by).filter(|verification| verification.is_open(now))
    }

    /// All attempts, in the order of their sending.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The attempts of a verification, in order.
    pub fn attempts_of(&self, verification: &Verification) -> impl Iterator<Item = &Attempt> {
        verification.attempts.iter().filter_map(|place| self.attempts.get(*place))
    }

    /// The index of the attempt with this SID.
    pub fn attempt(&self, sid: AttemptSid) -> Option<usize> {
        self.by_attempt.get(&sid).copied()
    }

    /// The latest verification of a recipient, or the one with a SID, in any status.
    pub(super) fn any(&self, service: VerifyServiceSid, by: &VerifyBy) -> Option<&Verification> {
        let id = match by {
            VerifyBy::To(to) => self.latest.get(&(service, to.clone())),
            VerifyBy::Sid(sid) => self.by_verification.get(sid),
        };
        self.verification(*id?).filter(|verification| verification.service == service)
    }

    pub(super) fn tell(&mut self, kind: EventKind) {
        self.outputs.push(Output::Fact(kind));
    }

    pub(super) fn reply(&mut self, reply: VerifyReply) {
        self.outputs.push(Output::Reply(Ok(reply)));
    }

    /// Refuses a request about verifications, and tells so.
    pub(super) fn refuse(&mut self, about: Option<VerificationId>, code: u32, retry_after: Option<Span>) {
        self.tell(EventKind::VerificationRefused { verification: about, code });
        self.reply(VerifyReply::Refused { http: http_of(code), code, retry_after });
    }

    /// Refuses a request about services.
    fn refuse_quietly(&mut self, code: u32) {
        self.reply(VerifyReply::Refused { http: http_of(code), code, retry_after: None });
    }

    /// Closes a verification that has expired, so that the trace tells it once.
    pub(super) fn expire(&mut self, service: VerifyServiceSid, by: &VerifyBy, now: Time) {
        let Some(verification) = self.any(service, by) else { return };
        let status = verification.status(now);
        if status == VerificationStatus::Expired && verification.status != status {
            let id = verification.id;
            self.close(id, status, now);
        }
    }

    pub(super) fn close(&mut self, id: VerificationId, status: VerificationStatus, now: Time) {
        let Some(verification) = self.verifications.get_mut(id.index()) else { return };
        verification.status = status;
        verification.updated = now;
        self.tell(EventKind::VerificationClosed { verification: id, status });
    }

    /// Adds a service; `None` if there are too many.
    pub(super) fn add_service(
        &mut self,
        sid: VerifyServiceSid,
        account: Arc<str>,
        settings: ServiceSettings,
        now: Time,
    ) -> Option<&VerifyService> {
        let place = self.services.len();
        if place >= SERVICES_MAX {
            return None;
        }
        self.by_sid.insert(sid, place);
        self.services.push(VerifyService::new(sid, account, settings, now));
        self.services.last()
    }

    fn create_service(&mut self, account: Arc<str>, settings: ServiceSettings, cx: &mut Cx<'_>) {
        let sid = VerifyServiceSid(drawn(cx.rng));
        match self.add_service(sid, account, settings, cx.now) {
            Some(_) => self.reply(VerifyReply::Service(sid)),
            None => self.refuse_quietly(TOO_MANY),
        }
    }

    fn change_service(&mut self, account: &str, sid: VerifyServiceSid, settings: ServiceSettings, now: Time) {
        match self.service_mut(account, sid) {
            Some(service) => {
                service.settings = settings;
                service.updated = now;
                self.reply(VerifyReply::Service(sid));
            }
            None => self.refuse_quietly(NOT_FOUND),
        }
    }

    fn delete_service(&mut self, account: &str, sid: VerifyServiceSid, now: Time) {
        match self.service_mut(account, sid) {
            Some(service) => {
                service.is_deleted = true;
                service.updated = now;
                self.reply(VerifyReply::Deleted);
            }
            None => self.refuse_quietly(NOT_FOUND),
        }
    }

    fn service_mut(&mut self, account: &str, sid: VerifyServiceSid) -> Option<&mut VerifyService> {
        self.services.get_mut(*self.by_sid.get(&sid)?).filter(|service| service.is_of(account))
    }
}

/// The digits of a new SID.
pub(super) fn drawn(draw: &mut Rng) -> u128 {
    draw.wide(Stream::Verify)
}
