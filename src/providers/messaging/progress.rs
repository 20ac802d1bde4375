//! The way of a text: queued, sent, arrived, confirmed, or failed on the way.
//!
//! Without a messaging service a text starts as `queued`, with one as `accepted`, and with a `SendAt` as
//! `scheduled`. The first status is never reported by a callback (TW-message).

use crate::base::id::TextId;
use crate::base::number::Number;
use crate::base::time::{Span, Time};
use crate::event::{EventKind, TextStatus};
use crate::message::{TextReply, TextSender};
use crate::providers::messaging::Output;
use crate::providers::messaging::habit::{ACCEPTED, CARRIED, CONFIRMED, QUEUED};
use crate::providers::messaging::provider::{Arrival, Due, Messaging};
use crate::providers::messaging::text::Direction;

/// The sender that messaging services choose, unless the order names one.
const POOL_SENDER: Number = Number::international(15_005_550_006);

/// The text waited in the queue for longer than its validity period.
const VALIDITY_RAN_OUT: u32 = 30_036;

/// A text that is not scheduled cannot be canceled. Its HTTP status is not public.
const NOT_CANCELABLE: u32 = 30_409;

impl Messaging {
    /// Starts the way of a new text.
    pub(super) fn begin(&mut self, now: Time, id: TextId) {
        let Some(text) = self.text(id) else { return };
        let verdict = text.verdict;
        let (status, next) = match (text.order.send_at.filter(|at| *at > now), text.service()) {
            (Some(at), _) => (TextStatus::Scheduled, at),
            (None, Some(_)) => (TextStatus::Accepted, now + ACCEPTED),
            (None, None) => (TextStatus::Queued, now + QUEUED + verdict.queued),
        };
        self.set(now, id, status);
        if verdict.answered_late && status != TextStatus::Scheduled {
            // It is sent at once, so that its callback can overtake the response to the order.
            self.progress(now, id);
        } else {
            self.plan(next, Due::Progress(id));
        }
    }

    /// Starts the way of a text that fails with this code once its messaging service takes it up.
    pub(super) fn fail_later(&mut self, now: Time, id: TextId, code: u32) {
        if let Some(text) = self.text_mut(id) {
            text.verdict.failed = Some((code, false));
        }
        self.begin(now, id);
    }

    /// The next step of a text.
    pub(super) fn progress(&mut self, now: Time, id: TextId) {
        let Some(text) = self.text(id) else { return };
        match text.status() {
            TextStatus::Scheduled | TextStatus::Accepted => self.queue(now, id),
            TextStatus::Queued => self.send(now, id),
            TextStatus::Sent => self.confirm_delivery(now, id),
            TextStatus::Delivered
            | TextStatus::Undelivered
            | TextStatus::Failed
            | TextStatus::Canceled
            | TextStatus::Received => {}
        }
    }

    fn queue(&mut self, now: Time, id: TextId) {
        let Some(text) = self.text_mut(id) else { return };
        let verdict = text.verdict;
        if text.sender().is_none() {
            text.send_from(TextSender::of_number(POOL_SENDER));
        }
        if let (Some(from), Some(service)) = (text.sender().cloned(), text.service()) {
            self.pools.insert(from, service);
        }
        self.change(now, id, TextStatus::Queued, None);
        if verdict.answered_late {
            self.send(now, id);
        } else {
            self.plan(now + QUEUED + verdict.queued, Due::Progress(id));
        }
    }

    fn send(&mut self, now: Time, id: TextId) {
        let Some(text) = self.text(id) else { return };
        let verdict = text.verdict;
        let queued_at = text.log().iter().rev().find(|(_, status)| *status == TextStatus::Queued);
        let waited = queued_at.map_or(Span::ZERO, |(at, _)| now.since(*at));
        if waited > text.order.validity {
            return self.change(now, id, TextStatus::Failed, Some(VALIDITY_RAN_OUT));
        }
        if let Some((code, arrives)) = verdict.failed {
            if arrives {
                self.plan(now + CARRIED, Due::Arrives(id));
            }
            return self.change(now, id, TextStatus::Failed, Some(code));
        }
        self.change(now, id, TextStatus::Sent, None);
        if verdict.lost {
            return;
        }
        let arrives = now + CARRIED + verdict.late;
        if verdict.undelivered.is_none() {
            self.plan(arrives, Due::Arrives(id));
            if let Some(after) = verdict.again {
                self.plan(arrives + after, Due::Arrives(id));
            }
        }
        self.plan(arrives + CONFIRMED, Due::Progress(id));
    }

    pub(super) fn arrive(&mut self, now: Time, id: TextId) {
        let Some(text) = self.text(id) else { return };
        self.keep_arrival(Arrival { at: now, text: id, number: text.handset(), body: text.arriving() });
    }

    fn confirm_delivery(&mut self, now: Time, id: TextId) {
        match self.text(id).and_then(|text| text.verdict.undelivered) {
            Some(code) => self.change(now, id, TextStatus::Undelivered, Some(code)),
            None => self.change(now, id, TextStatus::Delivered, None),
        }
    }

    /// Cancels a scheduled text.
    pub(super) fn cancel(&mut self, id: TextId, now: Time) {
        if self.text(id).is_none_or(|text| text.status() != TextStatus::Scheduled) {
            let reply = TextReply::Refused { http: 409, code: NOT_CANCELABLE };
            return self.outputs.push(Output::Reply(Ok(reply)));
        }
        self.unplan(id);
        self.change(now, id, TextStatus::Canceled, None);
        self.outputs.push(Output::Reply(Ok(TextReply::Created(id))));
    }

    /// Sets a status without a callback.
    pub(super) fn set(&mut self, now: Time, id: TextId, status: TextStatus) {
        let Some(text) = self.text_mut(id) else { return };
        text.status = status;
        text.log.push((now, status));
        if text.direction() != Direction::Inbound {
            self.tell(EventKind::TextStatusChanged { text: id, status });
        }
    }

    fn change(&mut self, now: Time, id: TextId, status: TextStatus, error: Option<u32>) {
        self.set(now, id, status);
        if let Some(text) = self.text_mut(id) {
            text.error = error;
        }
        let is_receipt = matches!(status, TextStatus::Delivered | TextStatus::Undelivered);
        let done = is_receipt.then_some(now);
        self.call_back(id, done);
    }
}
