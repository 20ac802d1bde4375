//! Pages 7 and 8, browser side: the code on the screen, the call, and the end of recovery.

use crate::base::id::{AccountId, CodeId, SessionId};
use crate::base::number::Number;
use crate::base::rng::{Rng, Stream};
use crate::base::secret::Code;
use crate::base::time::{Span, Time};
use crate::event::{CallStatus, Control, EventKind, MailKind, Notice, PageName, Refusal, Way, WebhookKind};
use crate::message::{CallCreate, Events, Opening};
use crate::policy::{
    CodeKept, NewCallVoids, PhoneDirection, PhoneNumber, RecoveryEnds, SilentCalls, StepOrder, TriesAcross,
    TriesUsedUp, Uses,
};
use crate::service::reference::Recovery;
use crate::service::reference::call_ref::CallRef;
use crate::service::reference::page::View;
use crate::service::reference::session::Visit;
use crate::service::reference::store::{AuthState, CallState, CodeState, OutboxItem, PhoneCode, Session};

/// The maximum number of times that a phone code is redrawn because it repeats an earlier one.
const REDRAWN_MAX: u8 = 4;

/// The service's caller ID.
pub const CALLER: Number = Number::international(15_005_550_006);

/// How many digits a phone code has (NIST SP 800-63B section 3.1.3: at least 6).
const CODE_DIGITS: u8 = 6;

/// How long, on top of the ring timeout, the service waits for a call to progress before it reports a
/// failure: time for queueing, dialling and delivery of callbacks.
const CALL_SLACK: Span = Span::from_secs(50);

/// How long the service waits for an answered call to finish.
pub(super) const TALK_MAX: Span = Span::from_mins(5);

impl Recovery {
    /// The number that step 2 calls: the one on file (rule 6), unless the policy trusts a typed one.
    pub(super) fn number_to_call(&self, account: AccountId) -> Option<Number> {
        let account = &self.durable.accounts[account.index()];
        let number = match self.policy.phone_number {
            PhoneNumber::OnFile => account.phone,
            PhoneNumber::LastTyped => account.typed_number.or(account.phone),
        };
        number.filter(|number| self.may_be_called(*number))
    }

    /// Handles "Call me now".
    pub(super) fn call_me(&mut self, now: Time, draw: &mut Rng, visit: &Visit) -> View {
        let session = *self.session(visit.session);
        let (email_left, phone_left) = self.steps_left(&session);
        let account = match (session.standing, self.policy.step_order) {
            (AuthState::Recovering(account), StepOrder::Enforced)
                if !email_left || self.takes_an_alternative(account) =>
            {
                account
            }
            (AuthState::Recovering(account) | AuthState::Password(account), StepOrder::Free) => account,
            (
                AuthState::Anonymous
                | AuthState::Named(_)
                | AuthState::Password(_)
                | AuthState::Recovering(_)
                | AuthState::SignedIn(..),
                StepOrder::Enforced | StepOrder::Free,
            ) => return self.too_early(visit, Control::CallMe),
        };
        let left = phone_left || (email_left && self.takes_an_alternative(account));
        if !left {
            return self.step(now, visit.session);
        }
        let Some(number) = self.number_to_call(account) else {
            return self.refuse_call(Refusal::NoPhone, Notice::NoPhone);
        };
        if self.phone_throttled(now, account) {
            return self.refuse_call(Refusal::UsedUp, Notice::TooManyTries);
        }
        let limits = [(self.policy.calls_per_hour, Span::HOUR), (self.policy.calls_per_day, Span::DAY)];
        if !self.durable.accounts[account.index()].calls.allow(now, &limits) {
            return self.refuse_call(Refusal::Throttled, Notice::TooManyCalls);
        }
        let voided = match self.policy.new_call_voids {
            NewCallVoids::OfItsAttempt => Some(visit.session),
            NewCallVoids::OfTheAccount => None,
        };
        self.void_codes(account, voided, Refusal::Replaced);
        let code = self.issue_code(now, draw, account, visit.session);
        self.order(now, OutboxItem::Call { code, number });
        (PageName::VerifyPhone, Some(Notice::Calling))
    }

    fn refuse_call(&mut self, why: Refusal, notice: Notice) -> View {
        self.fact(EventKind::RequestRefused { action: Control::CallMe, why });
        (PageName::VerifyPhone, Some(notice))
    }

    /// Issues a new phone code for `session`.
    pub(super) fn issue_code(
        &mut self,
        now: Time,
        draw: &mut Rng,
        account: AccountId,
        session: SessionId,
    ) -> CodeId {
        let code = CodeId(u32::try_from(self.durable.codes.len()).unwrap_or(u32::MAX));
        let fresh = self.fresh_code(draw);
        self.durable.codes.push(PhoneCode {
            code: fresh,
            reference: CallRef(draw.bits(Stream::Tokens)),
            session,
            account,
            issued: now,
            tries: 0,
            retries: 0,
            answered: false,
            state: CodeState::Live,
            call: CallState::Under(CallStatus::Queued),
            deadline: Some(now + self.policy.ring_timeout + CALL_SLACK),
            heard: None,
        });
        self.session_mut(session).code = Some(code);
        self.fact(EventKind::CodeIssued { code, session, account });
        code
    }

    /// Draws a code, and redraws it if it repeats an earlier one. Otherwise an old code would pass for
    /// the new one, once in a million times.
    fn fresh_code(&self, draw: &mut Rng) -> Code {
        let mut code = draw.code(CODE_DIGITS);
        for _ in 0..REDRAWN_MAX {
            if self.durable.codes.iter().all(|before| before.code != code) {
                break;
            }
            code = draw.code(CODE_DIGITS);
        }
        code
    }

    /// The call order for a code.
    pub(super) fn call_order(&self, code: CodeId, number: Number) -> CallCreate {
        let reference = self.durable.codes[code.index()].reference;
        CallCreate {
            to: number,
            from: CALLER,
            opening: Opening::Fetch(reference.hook(WebhookKind::Fetch)),
            fallback: None,
            status: Some((reference.hook(WebhookKind::Status), Events::ALL)),
            time_limit: None,
            ring_timeout: self.policy.ring_timeout,
            machine_detection: self.policy.machine_detection,
        }
    }

    /// Voids the live codes of `account`, or only those of one session if `session` is given.
    pub(super) fn void_codes(&mut self, account: AccountId, session: Option<SessionId>, why: Refusal) {
        for at in 0..self.durable.codes.len() {
            let code = &self.durable.codes[at];
            let meant = code.account == account && session.is_none_or(|session| code.session == session);
            if meant && code.state == CodeState::Live {
                self.void_code(CodeId(at as u32), why);
            }
        }
    }

    fn phone_throttled(&self, now: Time, account: AccountId) -> bool {
        let counts = &self.durable.accounts[account.index()].phone_codes;
        match self.policy.code_tries_across {
            TriesAcross::Account => {
                counts.throttled(now).is_some() || counts.failures >= self.policy.failures_max
            }
            TriesAcross::Code => false,
        }
    }

    /// Checks keyed or typed digits against one code, and counts a failure.
    pub(super) fn try_code(&mut self, now: Time, id: CodeId, typed: Option<Code>) -> Result<(), Refusal> {
        let record = self.durable.codes[id.index()];
        match record.state {
            CodeState::Void(why) => return Err(why),
            CodeState::Used if self.policy.code_uses == Uses::Once => return Err(Refusal::Used),
            CodeState::Used | CodeState::Live => {}
        }
        if !self.is_wanted(now, record.session) {
            return Err(Refusal::NoSession);
        }
        if now.since(record.issued) > self.policy.code_lifetime {
            self.void_code(id, Refusal::Expired);
            return Err(Refusal::Expired);
        }
        if self.phone_throttled(now, record.account) {
            return Err(Refusal::UsedUp);
        }
        if typed.is_some_and(|typed| self.is_same(record.code, typed)) {
            return Ok(());
        }
        let policy = self.policy;
        let tries = &mut self.durable.codes[id.index()].tries;
        *tries += 1;
        let code_used_up = *tries >= policy.code_tries;
        let counts = &mut self.durable.accounts[record.account.index()].phone_codes;
        // The account has no more free tries than one code, so both run out together.
        let until = counts.fail(&policy, policy.code_tries, now);
        if let (Some(until), TriesAcross::Account) = (until, policy.code_tries_across) {
            self.fact(EventKind::Throttled { account: record.account, until });
        }
        match (code_used_up, policy.tries_used_up) {
            (false, _) => {}
            (true, TriesUsedUp::CodeDies) => self.void_code(id, Refusal::UsedUp),
            (true, TriesUsedUp::CountStartsOver) => {
                self.durable.codes[id.index()].tries = 0;
                self.durable.accounts[record.account.index()].phone_codes.clear();
            }
        }
        Err(Refusal::Wrong)
    }

    /// Compares a typed code in the form in which the service stores codes.
    fn is_same(&self, code: Code, typed: Code) -> bool {
        match self.policy.code_kept {
            CodeKept::AsText => typed == code,
            CodeKept::AsNumber => typed.reveal_text() == code.reveal().to_string(),
        }
    }

    /// Whether a session is alive and its phone step can still count.
    pub(super) fn is_wanted(&mut self, now: Time, session: SessionId) -> bool {
        self.is_alive(now, session)
            && matches!(self.session(session).standing, AuthState::Recovering(_) | AuthState::Password(_))
    }

    fn void_code(&mut self, code: CodeId, why: Refusal) {
        let record = &mut self.durable.codes[code.index()];
        record.state = CodeState::Void(why);
        // The failure is already reported, so stop waiting for the call.
        record.deadline = None;
        self.fact(EventKind::CodeVoided { code, why });
    }

    /// Accepts a right code: the phone number counts as verified.
    pub(super) fn accept_code(&mut self, code: CodeId) {
        let record = &mut self.durable.codes[code.index()];
        record.state = CodeState::Used;
        record.deadline = None;
        let (session, account) = (record.session, record.account);
        self.durable.accounts[account.index()].phone_codes.clear();
        self.fact(EventKind::CodeAccepted { code, session, account });
        self.verify_phone(session, account);
    }

    pub(super) fn verify_phone(&mut self, session: SessionId, account: AccountId) {
        if !std::mem::replace(&mut self.session_mut(session).phone_verified, true) {
            self.fact(EventKind::PhoneVerified { session, account });
        }
    }

    /// Checks the code that the call spoke, as typed on page 7.
    pub(super) fn submit_spoken(&mut self, now: Time, visit: &Visit, typed: Option<Code>) -> View {
        let session = *self.session(visit.session);
        let expected = self.policy.phone_direction == PhoneDirection::PhoneToScreen
            && matches!(session.standing, AuthState::Recovering(_) | AuthState::Password(_));
        let Some(code) = session.code.filter(|_| expected) else {
            return self.too_early(visit, Control::SubmitSpoken);
        };
        match self.try_code(now, code, typed) {
            Ok(()) => {
                self.accept_code(code);
                self.step(now, visit.session)
            }
            Err(why) => {
                self.fact(EventKind::CodeRefused { code: Some(code), why });
                let notice = refused_notice(why);
                (PageName::VerifyPhone, Some(notice))
            }
        }
    }

    /// The notice on page 7 about the requested call.
    pub(super) fn call_notice(&self, now: Time, session: &Session) -> Option<Notice> {
        let code = &self.durable.codes[session.code?.index()];
        match (code.state, code.call) {
            (CodeState::Void(Refusal::UsedUp), _) => Some(Notice::TooManyTries),
            (CodeState::Void(Refusal::Expired), _) => Some(Notice::CodeExpired),
            (_, CallState::Failed) => Some(Notice::PhoneFailed),
            (CodeState::Live, CallState::Under(_)) if now.since(code.issued) > self.policy.code_lifetime => {
                Some(Notice::CodeExpired)
            }
            (CodeState::Live, CallState::Under(_)) => Some(Notice::Calling),
            (CodeState::Used | CodeState::Void(_), CallState::Under(_)) => None,
        }
    }

    /// Reports a failed call once; it does not count as a failed try (rule 9).
    pub(super) fn call_failed(&mut self, code: CodeId) {
        let record = &mut self.durable.codes[code.index()];
        record.deadline = None;
        if record.call != CallState::Failed && record.state != CodeState::Used {
            record.call = CallState::Failed;
            let (session, account) = (record.session, record.account);
            self.fact(EventKind::PhoneFailed { session, account });
        }
    }

    /// Fails the calls whose deadline has passed.
    pub(super) fn expire_calls(&mut self, now: Time) {
        for at in 0..self.durable.codes.len() {
            if self.durable.codes[at].deadline.is_some_and(|deadline| deadline <= now) {
                self.call_failed(CodeId(at as u32));
            }
        }
    }

    pub(super) fn next_call_deadline(&self) -> Option<Time> {
        match self.policy.silent_calls {
            SilentCalls::GivenUp => self.durable.codes.iter().filter_map(|code| code.deadline).min(),
            SilentCalls::Awaited => None,
        }
    }

    /// Handles "Sign in to the console", the end of recovery.
    pub(super) fn finish_sign_in(&mut self, now: Time, draw: &mut Rng, visit: &mut Visit) -> View {
        let session = *self.session(visit.session);
        let account = match (session.standing, self.policy.step_order) {
            (AuthState::Recovering(account), StepOrder::Enforced)
                if self.where_it_is(&session) == PageName::FinishSignIn =>
            {
                account
            }
            (AuthState::Recovering(account) | AuthState::Password(account), StepOrder::Free) => account,
            (AuthState::SignedIn(..), _) => return (PageName::SecurityCredentials, None),
            (
                AuthState::Anonymous
                | AuthState::Named(_)
                | AuthState::Password(_)
                | AuthState::Recovering(_),
                StepOrder::Enforced | StepOrder::Free,
            ) => return self.too_early(visit, Control::FinishSignIn),
        };
        self.volatile.half_written.retain(|(_, session)| *session != visit.session);
        if self.takes_an_alternative(account) {
            self.sign_in(now, draw, visit, account, Way::OneAlternative);
            return (PageName::SecurityCredentials, Some(Notice::MfaOff));
        }
        match self.policy.recovery_ends {
            RecoveryEnds::Session => {
                self.sign_in(now, draw, visit, account, Way::Recovery);
                self.notify(now, account, MailKind::RecoveryNotice);
                (PageName::SecurityCredentials, None)
            }
            RecoveryEnds::FreshSignIn => {
                if !self.durable.accounts[account.index()].devices.is_empty() {
                    self.remove_all_devices(now, account, Some(visit.session));
                    self.notify(now, account, MailKind::DeactivationNotice);
                }
                self.factor_changed(account, Some(visit.session));
                self.notify(now, account, MailKind::RecoveryNotice);
                self.remember_removal(visit.session, account);
                self.leave(now, draw, visit);
                (PageName::SignIn, Some(Notice::DeviceDeactivated))
            }
        }
    }
}

/// The notice when a typed code is refused.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other reasons share one notice")]
const fn refused_notice(why: Refusal) -> Notice {
    match why {
        Refusal::Expired => Notice::CodeExpired,
        Refusal::UsedUp => Notice::TooManyTries,
        _ => Notice::PhoneFailed,
    }
}
