//! Starts verifications and sends their codes, once or again (TW-verify).

use std::sync::Arc;

use crate::base::id::VerificationId;
use crate::base::machine::Cx;
use crate::base::rng::{Rng, Stream};
use crate::base::time::{Span, Time};
use crate::event::{EventKind, NoReply, VerificationStatus, VerifyChannel};
use crate::fault::VerifyConnect;
use crate::message::{
    AttemptSid, ServiceSettings, VerificationOrder, VerificationSid, VerifyBy, VerifyCode, VerifyReply,
    VerifyTo,
};
use crate::providers::verify::Output;
use crate::providers::verify::attempt::{Attempt, Carried};
use crate::providers::verify::habit::{SENDS_MAX, UNKNOWN_SERVICES_BEGIN, USUAL_NAME, VERIFICATIONS_MAX};
use crate::providers::verify::provider::{Verify, drawn};
use crate::providers::verify::refuse::{
    FEATURE_OFF, INVALID_PARAMETER, NO_EMAIL, NO_TRANSACTION, NOT_FOUND, SENDS_SPENT, TOO_MANY,
};
use crate::providers::verify::verification::Verification;
use crate::providers::verify::words::CodeWords;

/// A code that is being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The verification.
    pub verification: VerificationId,
    /// How it is sent.
    pub channel: VerifyChannel,
    /// Whether this is the first sending.
    first: bool,
    /// Whether the order gets no response, by a fault.
    unanswered: bool,
}

/// What has become of a code that was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is on its way.
    Taken(Carried),
    /// The channel refuses it with this Twilio error code.
    Refused {
        /// HTTP status.
        http: u16,
        /// Twilio's code.
        code: u32,
    },
    /// The channel has failed with this 5xx status; the code may be on its way nevertheless.
    Failed {
        /// HTTP status.
        http: u16,
        /// What carries it.
        carried: Option<Carried>,
    },
    /// The channel does not respond; the code may be on its way nevertheless.
    Silent {
        /// What carries it.
        carried: Option<Carried>,
    },
}

impl Verify {
    pub(super) fn start(&mut self, order: &VerificationOrder, verdict: VerifyConnect, cx: &mut Cx<'_>) {
        let by = VerifyBy::To(order.to.clone());
        self.expire(order.service, &by, cx.now);
        let unanswered = match verdict {
            VerifyConnect::Taken => false,
            VerifyConnect::Refused(code) => {
                let retry_after = (code == TOO_MANY).then_some(Span::SECOND);
                return self.refuse(None, code, retry_after);
            }
            VerifyConnect::TimesOut { sent: false } => return self.leave_unclear(None),
            VerifyConnect::TimesOut { sent: true } => true,
        };
        let settings = match self.settings_for(order, cx.now) {
            Ok(settings) => settings,
            Err(code) => return self.refuse(None, code, None),
        };
        let open = self.any(order.service, &by).filter(|verification| verification.is_open(cx.now));
        let again = open.map(|open| (open.id, open.sends, open.left(cx.now)));
        let id = match again {
            Some((id, sends, left)) if sends >= SENDS_MAX => {
                return self.refuse(Some(id), SENDS_SPENT, Some(left));
            }
            Some((id, ..)) => id,
            None => match self.begin(order, &settings, cx) {
                Some(id) => id,
                None => return self.refuse(None, TOO_MANY, None),
            },
        };
        let Some(verification) = self.verifications.get_mut(id.index()) else { return };
        if let Some(code) = &order.custom_code {
            // The newest custom code counts, which Twilio does not say.
            verification.code = code.clone();
        }
        verification.channel = order.channel;
        verification.updated = cx.now;
        verification.sends += 1;
        let words = CodeWords::new(order, &settings, verification.code.clone());
        self.tell(EventKind::VerificationSent { verification: id, channel: order.channel });
        let dispatch =
            Dispatch { verification: id, channel: order.channel, first: again.is_none(), unanswered };
        self.outputs.push(Output::Send(dispatch, words));
    }

    /// Continues with the outcome of a sending.
    pub(super) fn dispatched(&mut self, dispatch: Dispatch, outcome: Outcome, cx: &mut Cx<'_>) {
        let id = dispatch.verification;
        match outcome {
            Outcome::Taken(carried) => {
                self.keep_attempt(dispatch, carried, cx);
                if dispatch.unanswered {
                    self.leave_unclear(Some(id));
                } else {
                    self.reply(VerifyReply::Verification(id));
                }
            }
            Outcome::Refused { http, code } => {
                self.take_back(dispatch, cx.now);
                self.tell(EventKind::VerificationRefused { verification: Some(id), code });
                self.reply(VerifyReply::Refused { http, code, retry_after: None });
            }
            Outcome::Failed { http, carried } => {
                match carried {
                    Some(carried) => self.keep_attempt(dispatch, carried, cx),
                    None => self.take_back(dispatch, cx.now),
                }
                self.reply(VerifyReply::Failed { http });
            }
            Outcome::Silent { carried } => {
                match carried {
                    Some(carried) => self.keep_attempt(dispatch, carried, cx),
                    None => self.take_back(dispatch, cx.now),
                }
                self.leave_unclear(carried.map(|_| id));
            }
        }
    }

    /// No response to the order, as if the connection were lost.
    fn leave_unclear(&mut self, started: Option<VerificationId>) {
        self.tell(EventKind::VerificationUnclear { started });
        self.outputs.push(Output::Reply(Err(NoReply::TimedOut)));
    }

    fn keep_attempt(&mut self, dispatch: Dispatch, carried: Carried, cx: &mut Cx<'_>) {
        let Dispatch { verification: id, channel, .. } = dispatch;
        let Some(verification) = self.verifications.get_mut(id.index()) else { return };
        let (place, sid) = (self.attempts.len(), AttemptSid(drawn(cx.rng)));
        verification.attempts.push(place);
        self.by_attempt.insert(sid, place);
        self.attempts.push(Attempt { sid, verification: id, at: cx.now, channel, carried });
    }

    /// Undoes a sending that has not happened: it does not count, and a new verification fails.
    fn take_back(&mut self, dispatch: Dispatch, now: Time) {
        let id = dispatch.verification;
        if let Some(verification) = self.verifications.get_mut(id.index()) {
            verification.sends = verification.sends.saturating_sub(1);
        }
        if dispatch.first {
            self.close(id, VerificationStatus::Failed, now);
        }
    }

    /// The settings of the service, unless the order does not agree with them.
    fn settings_for(&mut self, order: &VerificationOrder, now: Time) -> Result<ServiceSettings, u32> {
        let settings = self.settings_of(order, now)?;
        if order.custom_code.is_some() && !settings.custom_codes {
            return Err(FEATURE_OFF);
        }
        match (&order.transaction, settings.psd2) {
            (Some(_), false) => return Err(FEATURE_OFF),
            (None, true) => return Err(NO_TRANSACTION),
            (Some(_), true) | (None, false) => {}
        }
        match (order.channel, &order.to) {
            (VerifyChannel::Email, VerifyTo::Email(_)) if !order.sends_emails => Err(NO_EMAIL),
            (VerifyChannel::Email, VerifyTo::Email(_))
            | (VerifyChannel::Sms | VerifyChannel::Call, VerifyTo::Number(_)) => Ok(settings),
            (VerifyChannel::Email, VerifyTo::Number(_))
            | (VerifyChannel::Sms | VerifyChannel::Call, VerifyTo::Email(_)) => Err(INVALID_PARAMETER),
        }
    }

    fn settings_of(&mut self, order: &VerificationOrder, now: Time) -> Result<ServiceSettings, u32> {
        if self.by_sid.contains_key(&order.service) || !UNKNOWN_SERVICES_BEGIN {
            let service = self.service(&order.account, order.service);
            return service.map(|service| service.settings.clone()).ok_or(NOT_FOUND);
        }
        let settings = ServiceSettings::named(USUAL_NAME);
        let added = self.add_service(order.service, Arc::clone(&order.account), settings, now);
        added.map(|service| service.settings.clone()).ok_or(TOO_MANY)
    }

    /// Adds a verification; `None` if there are too many.
    fn begin(
        &mut self,
        order: &VerificationOrder,
        settings: &ServiceSettings,
        cx: &mut Cx<'_>,
    ) -> Option<VerificationId> {
        let count = self.verifications.len();
        let id = u32::try_from(count).ok().filter(|_| count < VERIFICATIONS_MAX).map(VerificationId)?;
        let sid = VerificationSid(drawn(cx.rng));
        // Drawn also if the order brings its own code, so that later draws do not depend on it.
        let drawn = code(cx.rng, settings.code_length)?;
        self.by_verification.insert(sid, id);
        self.latest.insert((order.service, order.to.clone()), id);
        self.verifications.push(Verification {
            id,
            sid,
            account: Arc::clone(&order.account),
            service: order.service,
            to: order.to.clone(),
            channel: order.channel,
            code: order.custom_code.clone().unwrap_or(drawn),
            transaction: order.transaction.clone(),
            status: VerificationStatus::Pending,
            created: cx.now,
            updated: cx.now,
            sends: 0,
            checks: 0,
            attempts: Vec::new(),
        });
        self.tell(EventKind::VerificationStarted { verification: id, number: order.to.number() });
        Some(id)
    }
}

/// A code of this many digits, including leading zeros. The bias is below 2⁻³⁰.
fn code(draw: &mut Rng, digits: u8) -> Option<VerifyCode> {
    let most = 10_u64.pow(u32::from(digits.min(VerifyCode::LEN_MAX as u8)));
    let value = draw.bits(Stream::Verify) % most;
    VerifyCode::read(&format!("{value:0width$}", width = usize::from(digits)))
}
