//! Step 2, phone side: webhooks for the TwiML document, the keyed digits and the call status.
//!
//! A completed call proves nothing, because voicemail completes calls too. Only the right digits, keyed
//! in the call that belongs to the code, verify the phone.

use crate::base::id::CodeId;
use crate::base::number::Number;
use crate::base::secret::Code;
use crate::base::time::{Span, Time};
use crate::event::{AnsweredBy, CallStatus, EventKind, Refusal, WebhookKind};
use crate::message::{
    Authenticity, Digits, Gather, HookReply, Speech, StatusReport, Twiml, Verb, Webhook, WebhookBody,
};
use crate::policy::{CallKnownBy, CallPrompt, Callbacks, PhoneDirection, PhoneProof, WebhookSignature};
use crate::service::reference::Recovery;
use crate::service::reference::call_ref::{CallRef, read_at};
use crate::service::reference::phone::TALK_MAX;
use crate::service::reference::store::{CallState, CodeState};

/// How long the call waits for a key: long enough to look at the screen and back.
const KEY_TIMEOUT: Span = Span::from_secs(15);

/// The pause before the call repeats a spoken code.
const REPEAT_PAUSE: Span = Span::from_secs(2);

impl Recovery {
    /// Answers a webhook of a call.
    pub(super) fn on_webhook(&mut self, now: Time, webhook: &Webhook) -> HookReply {
        let order = CallRef::read(webhook.hook);
        let body = order.map_or(webhook.body, |(_, kind)| read_at(kind, webhook.body));
        let kind = body.kind();
        let signed = webhook.signature == Authenticity::Valid;
        if !signed && self.policy.webhook_signature == WebhookSignature::Required {
            self.fact(EventKind::WebhookRefused { webhook: kind, why: Refusal::BadSignature });
            return HookReply::bare(403);
        }
        let order = order.map(|(order, _)| order);
        let known = self.code_by_number(webhook.to).or_else(|| {
            let at = self.durable.codes.iter().rposition(|code| Some(code.reference) == order)?;
            Some(CodeId(at as u32))
        });
        let Some(code) = known else {
            self.fact(EventKind::WebhookRefused { webhook: kind, why: Refusal::Unknown });
            return HookReply::bare(404);
        };
        match &body {
            WebhookBody::Fetch => HookReply::document(self.on_fetch(now, code, webhook.answered_by)),
            WebhookBody::Action(digits) => HookReply::document(self.on_digits(now, code, digits)),
            WebhookBody::Status(report) => {
                self.on_status(now, code, webhook.status, report);
                HookReply::HEARD
            }
            // The reference service orders neither.
            WebhookBody::Recorded(_) | WebhookBody::Detected(_) => HookReply::HEARD,
        }
    }

    fn on_fetch(&mut self, now: Time, code: CodeId, answered_by: Option<AnsweredBy>) -> Twiml {
        let record = self.durable.codes[code.index()];
        let over = record.state != CodeState::Live || now.since(record.issued) > self.policy.code_lifetime;
        if over || !self.is_wanted(now, record.session) {
            return says(Speech::CouldNot);
        }
        if matches!(answered_by, Some(AnsweredBy::MachineStart | AnsweredBy::Fax)) {
            self.call_failed(code);
            return Twiml { verbs: vec![Verb::Hangup] };
        }
        let record = &mut self.durable.codes[code.index()];
        if !std::mem::replace(&mut record.answered, true) {
            record.deadline = Some(now + TALK_MAX);
        }
        let record = *record;

        match self.policy.phone_direction {
            PhoneDirection::ScreenToPhone => {
                let prompt = match self.policy.call_prompt {
                    CallPrompt::SaysWhatFor => Speech::KeyInTheCode,
                    CallPrompt::AsksOnly => Speech::KeyInACode,
                };
                asks(record.reference, prompt)
            }
            PhoneDirection::PhoneToScreen => {
                let said = Verb::Say(Speech::TheCode(record.code));
                Twiml { verbs: vec![said.clone(), Verb::Pause(REPEAT_PAUSE), said] }
            }
        }
    }

    fn on_digits(&mut self, now: Time, code: CodeId, digits: &Digits) -> Twiml {
        let typed = Code::read(digits.reveal());
        let call = self.durable.codes[code.index()].reference;
        let code = self.code_meant(code, typed);
        match self.try_code(now, code, typed) {
            Ok(()) => {
                self.accept_code(code);
                says(Speech::Verified)
            }
            Err(why) => {
                self.fact(EventKind::CodeRefused { code: Some(code), why });
                let again =
                    why == Refusal::Wrong && self.durable.codes[code.index()].state == CodeState::Live;
                if again { asks(call, Speech::WrongCode) } else { says(Speech::CouldNot) }
            }
        }
    }

    /// The newest code of the first account with this number on file, if the policy knows a call by its number
    /// (P22). Accounts can share a number.
    fn code_by_number(&self, called: Number) -> Option<CodeId> {
        match self.policy.call_known_by {
            CallKnownBy::Order => None,
            CallKnownBy::Number => {
                let account = self.durable.account_by_phone(called)?;
                let at = self.durable.codes.iter().rposition(|code| code.account == account)?;
                Some(CodeId(at as u32))
            }
        }
    }

    /// The code to compare the digits with: the one of this call, or any live one if the policy accepts
    /// that (P07).
    fn code_meant(&self, own: CodeId, typed: Option<Code>) -> CodeId {
        if self.policy.phone_proof != PhoneProof::AnyLiveCode {
            return own;
        }
        let matches = |code: &&crate::service::reference::store::PhoneCode| {
            code.state == CodeState::Live && Some(code.code) == typed
        };
        let any = self.durable.codes.iter().enumerate().find(|(_, code)| matches(code));
        any.map_or(own, |(at, _)| CodeId(at as u32))
    }

    fn on_status(&mut self, now: Time, code: CodeId, status: CallStatus, report: &StatusReport) {
        let ring_deadline = now + self.policy.ring_timeout + Span::from_secs(10);
        let record = &mut self.durable.codes[code.index()];
        // Twilio delivers status callbacks at least once and in any order, so ignore all but newer ones.
        let old = record.heard.is_some_and(|newest| report.sequence <= newest);
        if old && self.policy.callbacks == Callbacks::NewestOnly {
            return;
        }
        record.heard = Some(report.sequence);
        self.fact(EventKind::StatusHeard { code, status });
        let record = &mut self.durable.codes[code.index()];
        if record.state != CodeState::Live {
            record.deadline = None;
            return;
        }
        if status == CallStatus::InProgress && self.policy.phone_proof == PhoneProof::AnsweredCall {
            self.accept_code(code);
            return;
        }
        if !status.is_terminal() {
            if record.call != CallState::Failed {
                record.call = CallState::Under(status);
                let talks = status == CallStatus::InProgress;
                if !(talks && std::mem::replace(&mut record.answered, true)) {
                    let deadline = if talks { now + TALK_MAX } else { ring_deadline };
                    record.deadline = record.deadline.map(|old| old.max(deadline));
                }
            }
            return;
        }
        let spoken = self.policy.phone_direction == PhoneDirection::PhoneToScreen;
        let completed = status == CallStatus::Completed;
        if completed && self.policy.phone_proof == PhoneProof::CompletedCall {
            self.accept_code(code);
        } else if completed && spoken {
            // The code was spoken, so the call deadline no longer applies: the code is typed or expires.
            self.durable.codes[code.index()].deadline = None;
        } else {
            self.call_failed(code);
        }
    }
}

/// A document that asks for the code on the screen, and says goodbye if no key is pressed.
fn asks(call: CallRef, prompt: Speech) -> Twiml {
    let gather = Gather {
        prompts: vec![Verb::Say(prompt)],
        timeout: KEY_TIMEOUT,
        num_digits: Some(6),
        action: Some(call.hook(WebhookKind::Action)),
        ..Gather::default()
    };
    Twiml { verbs: vec![Verb::Gather(gather), Verb::Say(Speech::NoInput)] }
}

/// A document that says one sentence and hangs up.
fn says(speech: Speech) -> Twiml {
    Twiml { verbs: vec![Verb::Say(speech), Verb::Hangup] }
}
