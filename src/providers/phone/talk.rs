//! A call from its pick-up: requests documents, runs them, takes keys, and apologises on failure.

use crate::base::time::{Span, Time};
use crate::event::{CallStatus, EventKind, NoReply, WebhookKind};
use crate::message::{
    Body, Digits, Hook, HookReply, Key, Method, Opening, Recorded, RecordingEnd, Sid, Twiml, WebhookBody,
};
use crate::providers::phone::answer::ForDocument;
use crate::providers::phone::call::{Call, Phase};
use crate::providers::phone::call_context::CallContext;
use crate::providers::phone::document_run::{LineOut, Script, Turn};
use crate::providers::phone::{WebhookId, answer};

/// Maximum number of documents per call; beyond it the call hangs up. This ends the loops of a Gather
/// without an action and of redirects, which request the same document again.
pub(super) const DOCUMENTS_MAX: u8 = 32;

#[derive(Clone, Copy, Debug)]
pub(super) struct PendingFetch {
    id: WebhookId,
    hook: Hook,
    body: WebhookBody,
    retries: u8,
    redirects: u8,
    /// When the first attempt was sent.
    sent: Time,
    again: Option<Time>,
}

impl PendingFetch {
    /// When the request is retried; `None` while a response is pending.
    pub(super) const fn again(&self) -> Option<Time> {
        self.again
    }

    pub(super) fn waits_for(&self, id: WebhookId) -> bool {
        self.id == id && self.again.is_none()
    }
}

impl Call {
    /// Starts the call after the pick-up: requests its document, or runs the inline one.
    pub(super) fn open(&mut self, now: Time, board: &mut CallContext) {
        match self.order.opening {
            Opening::Fetch(hook) => self.ask(hook, WebhookBody::Fetch, now, board),
            Opening::Document(_) => {
                let body = self.document.take().unwrap_or(Body::Empty);
                self.run_body(body, now, board);
            }
        }
    }

    /// Continues with the document at `hook`, whatever the current phase.
    pub(super) fn go_to(&mut self, hook: Hook, now: Time, board: &mut CallContext) {
        self.ask(hook, WebhookBody::Fetch, now, board);
    }

    /// Continues with an inline document.
    pub(super) fn run_body(&mut self, body: Body, now: Time, board: &mut CallContext) {
        self.fetched_from = None;
        match answer::document(body) {
            Ok(document) => {
                self.enter(Phase::Running(Script::begin(now, document)), board);
                self.read_on(now, board);
            }
            Err(error) => self.fail(WebhookKind::Fetch, error, now, board),
        }
    }

    fn ask(&mut self, hook: Hook, body: WebhookBody, now: Time, board: &mut CallContext) {
        if self.documents >= DOCUMENTS_MAX {
            return self.end(now, CallStatus::Completed, None, board);
        }
        self.documents += 1;
        self.send(hook, body, 0, now, board);
    }

    fn send(&mut self, hook: Hook, body: WebhookBody, redirects: u8, now: Time, board: &mut CallContext) {
        let id = board.name();
        let asking = PendingFetch { id, hook, body, retries: 0, redirects, sent: now, again: None };
        self.enter(Phase::Asking(asking), board);
        board.ask_again(id, self.webhook(hook, body));
    }

    /// Retries a request after a failed connection.
    pub(super) fn ask_again(&mut self, board: &mut CallContext) {
        let Phase::Asking(asking) = &mut self.phase else { return };
        asking.again = None;
        let (id, hook, body) = (asking.id, asking.hook, asking.body);
        board.ask_again(id, self.webhook(hook, body));
    }

    pub(super) fn hear(&mut self, reply: Result<HookReply, NoReply>, now: Time, board: &mut CallContext) {
        let Phase::Asking(asking) = &mut self.phase else { return };
        let (webhook, hook, redirects) = (asking.body.kind(), asking.hook, asking.redirects);
        if let Some(again) = board.habits.again(hook.retries, &reply, asking.retries, asking.sent, now) {
            asking.retries += 1;
            asking.again = Some(again);
            return;
        }
        match answer::for_document(reply) {
            ForDocument::Document(document) => {
                board.tell(EventKind::DocumentFetched { call: self.id, webhook });
                self.fetched_from = Some(hook);
                self.enter(Phase::Running(Script::begin(now, document)), board);
                self.read_on(now, board);
            }
            // The redirected request is a fetch, because the digits are not sent again.
            ForDocument::Redirected(hook) if redirects < answer::REDIRECTS_MAX => {
                self.send(hook, WebhookBody::Fetch, redirects + 1, now, board);
            }
            ForDocument::Redirected(_) => self.fail(webhook, answer::TOO_MANY_REDIRECTS, now, board),
            ForDocument::Nobody => self.fail(webhook, answer::CONNECTION, now, board),
            ForDocument::Failed(error) => self.fail(webhook, error, now, board),
        }
    }

    /// Handles a missing document: requests the order's fallback, or apologises and hangs up. The call
    /// still ends as completed, so a broken service looks like a successful call.
    ///
    /// Decision: the fallback is requested once per call, so that a broken fallback leads to the apology.
    fn fail(&mut self, webhook: WebhookKind, error: u32, now: Time, board: &mut CallContext) {
        board.tell(EventKind::DocumentFailed { call: self.id, webhook, error });
        if let Some(fallback) = self.order.fallback.filter(|_| !self.fell_back) {
            self.fell_back = true;
            return self.ask(fallback, WebhookBody::Fetch, now, board);
        }
        self.enter(Phase::Running(Script::begin(now, Twiml::default())), board);
        let mut ear = self.ear(board);
        let Phase::Running(script) = &mut self.phase else { return };
        script.apologise(now, &mut ear);
    }

    pub(super) fn read_on(&mut self, now: Time, board: &mut CallContext) {
        let mut ear = self.ear(board);
        let Phase::Running(script) = &mut self.phase else { return };
        let turn = script.go_on(now, &mut ear);
        self.take_turn(turn, now, board);
    }

    /// Handles a key press.
    ///
    /// Decision: keys are lost while no Gather listens: before the first document, during a plain Say or
    /// Pause, and while an action is in flight. Twilio does not document whether it keeps such keys for the
    /// next Gather (TW-keys-ahead).
    pub(super) fn press(&mut self, key: Key, now: Time, board: &mut CallContext) {
        if !self.is_heard() {
            return;
        }
        for _ in 0..self.keypad.press() {
            let mut ear = self.ear(board);
            let Phase::Running(script) = &mut self.phase else { return };
            let turn = script.press(key, now, &mut ear);
            self.take_turn(turn, now, board);
        }
    }

    fn take_turn(&mut self, turn: Turn, now: Time, board: &mut CallContext) {
        match turn {
            Turn::Waits => {}
            Turn::Submits(digits, action) => self.submit(digits, action, now, board),
            Turn::Records(lasted, ended_by, action) => {
                let recorded = self.recorded(lasted, ended_by);
                self.ask_or_fail(action, WebhookBody::Recorded(recorded), now, board);
            }
            Turn::Redirects(hook) => self.ask_or_fail(hook, WebhookBody::Fetch, now, board),
            Turn::HangsUp => self.end(now, CallStatus::Completed, None, board),
        }
    }

    /// What the recording that goes on has recorded, and where that is submitted, when the person hangs up.
    pub(super) fn cut_recording(&self, now: Time) -> Option<(Recorded, Option<Hook>)> {
        let Phase::Running(script) = &self.phase else { return None };
        let (lasted, action) = script.recording(now)?;
        Some((self.recorded(lasted, RecordingEnd::HangUp), action.or_else(|| self.own_address())))
    }

    fn recorded(&self, lasted: Span, ended_by: RecordingEnd) -> Recorded {
        let secs = u32::try_from(lasted.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
        // Each document records once at the most, because the action replaces it.
        let sid = Sid({ self.sid().0 } ^ ((u128::from(self.documents) + 1) << 64));
        Recorded { sid, secs, ended_by }
    }

    /// The document's own address with POST, whatever method fetched it.
    fn own_address(&self) -> Option<Hook> {
        self.fetched_from.map(|own| Hook { method: Method::Post, ..own })
    }

    fn submit(&mut self, digits: Digits, action: Option<Hook>, now: Time, board: &mut CallContext) {
        if !digits.is_empty() {
            let (digits, count) = (digits.digest(), digits.len());
            board.tell(EventKind::Gathered { call: self.id, digits, count, shown_in: None });
        }
        self.ask_or_fail(action, WebhookBody::Action(digits), now, board);
    }

    /// Requests the hook, or the document's own address with POST, whatever method fetched it. An inline
    /// document has no address (TW-twiml).
    fn ask_or_fail(&mut self, hook: Option<Hook>, body: WebhookBody, now: Time, board: &mut CallContext) {
        match hook.or_else(|| self.own_address()) {
            Some(hook) => self.ask(hook, body, now, board),
            None => self.fail(body.kind(), answer::NO_ADDRESS, now, board),
        }
    }

    fn ear<'a>(&self, board: &'a mut CallContext) -> LineOut<'a> {
        LineOut { call: self.id, listens: self.is_heard(), is_foreign: self.order.is_foreign(), board }
    }
}

#[cfg(test)]
mod tests;
